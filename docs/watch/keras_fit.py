"""A convolutional network in Keras on made-up images, with `fit` and `evaluate`."""

import keras
import numpy as np

keras.utils.set_random_seed(0)


def make(count):
    """Images with a bright square in one of the four corners, and which corner it is."""
    labels = np.arange(count) % 4
    images = np.random.rand(count, 28, 28, 1).astype("float32") * 0.5
    for index, corner in enumerate(labels):
        row, column = 16 * (corner // 2), 16 * (corner % 2)
        images[index, row : row + 12, column : column + 12] += 0.3
    return images, labels


x_train, y_train = make(4000)
x_test, y_test = make(800)

model = keras.Sequential(
    [
        keras.layers.Input((28, 28, 1)),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(4, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=3, verbose=2)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test accuracy {accuracy:.3f}")
