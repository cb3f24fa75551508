"""The programs of the article in TensorFlow: in Keras, as people write them, and `tf.function`."""

from . import article
from .article import Phases, finishing


def programs(driver):
    """(name, form) -> a function that runs the program and returns the reply."""
    tf, numpy = driver.tf, driver.numpy
    finished = finishing(driver.synchronize())
    return {
        ("add", "function"): lambda: _add(tf, finished),
        ("linear", "keras"): lambda: _linear_keras(tf, numpy, finished),
        ("linear", "function"): lambda: _linear_function(tf, finished),
        ("cnn", "keras"): lambda: _cnn_keras(tf, finished),
        ("cnn", "function"): lambda: _cnn_function(tf, finished),
    }


def _add(tf, finished):
    phases = Phases()
    a, b = tf.constant(article.ADD_A), tf.constant(article.ADD_B)
    call = finished(lambda: tf.add(a, b))
    total = phases.time("first call", call)
    phases.steady("call", call)
    return phases.reply({"c": total.numpy().tolist()}, "call", "first call")


def _linear_keras(tf, numpy, finished):
    keras = tf.keras
    phases = Phases()
    x, y = tf.constant(article.LINEAR_X), tf.constant(article.LINEAR_Y)

    def build():
        model = keras.Sequential([keras.layers.Dense(1)])
        optimizer = keras.optimizers.SGD(learning_rate=article.LEARNING_RATE)
        model.compile(optimizer=optimizer, loss="mse")
        return model

    def fit(epochs=article.EPOCHS):
        return model.fit(x, y, epochs=epochs, verbose=0)

    model = phases.time("build", finished(build))
    history = phases.time("fit", finished(fit))
    notes = []

    def predict():
        try:
            return model.predict(article.LINEAR_ASKED, verbose=0)
        except ValueError:
            notes.append("this Keras refuses a plain list in predict: np.array([[5.0]]) was used")
            return model.predict(numpy.array(article.LINEAR_ASKED, "float32"), verbose=0)

    predicted = phases.time("predict", finished(predict))
    # The function that fit compiled is there now: what is left is its work for each epoch.
    phases.mean("epoch", finished(lambda: fit(article.MORE_EPOCHS)), article.MORE_EPOCHS)
    outputs = {
        "predictions": numpy.asarray(predicted).tolist(),
        "loss": [float(history.history["loss"][-1])],
    }
    return phases.reply(outputs, "fit", notes=notes)


def _linear_function(tf, finished):
    phases = Phases()
    x, y = tf.constant(article.LINEAR_X), tf.constant(article.LINEAR_Y)
    rate = article.LEARNING_RATE

    def build():
        # As Keras starts a layer: Glorot's uniform weights, no bias.
        initial = tf.keras.initializers.GlorotUniform(seed=1)((1, 1))
        return tf.Variable(initial), tf.Variable(tf.zeros([1]))

    weights, bias = phases.time("build", finished(build))

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(x, weights) + bias - y))
        weights_gradient, bias_gradient = tape.gradient(loss, [weights, bias])
        weights.assign_sub(rate * weights_gradient)
        bias.assign_sub(rate * bias_gradient)
        return loss

    step = tf.function(step, autograph=False)

    def train(epochs=article.EPOCHS):
        for _ in range(epochs):
            loss = step(x, y)
        return loss

    loss = phases.time("fit", finished(train))
    asked = tf.constant(article.LINEAR_ASKED)
    predicted = phases.time("predict", finished(lambda: tf.matmul(asked, weights) + bias))
    phases.mean("epoch", finished(lambda: train(article.MORE_EPOCHS)), article.MORE_EPOCHS)
    outputs = {"predictions": predicted.numpy().tolist(), "loss": [float(loss.numpy())]}
    return phases.reply(outputs, "fit")


def _cnn_keras(tf, finished):
    layers = tf.keras.layers
    phases = Phases()
    image = tf.random.stateless_normal([1, article.IMAGE, article.IMAGE, 1], seed=(1, 2))

    def build():
        return tf.keras.Sequential(
            [
                layers.Conv2D(article.FILTERS, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dense(article.CLASSES, activation="softmax"),
            ]
        )

    model = phases.time("build", finished(build))
    call = finished(lambda: model(image))
    probabilities = phases.time("first call", call)
    phases.steady("call", call)
    return phases.reply(_cnn_outputs(tf, probabilities), "call", "first call")


def _cnn_function(tf, finished):
    phases = Phases()
    image = tf.random.stateless_normal([1, article.IMAGE, article.IMAGE, 1], seed=(1, 2))
    features = ((article.IMAGE - 2) // 2) ** 2 * article.FILTERS

    def build():
        glorot = tf.keras.initializers.GlorotUniform(seed=1)
        return (
            tf.Variable(glorot((3, 3, 1, article.FILTERS))),
            tf.Variable(tf.zeros([article.FILTERS])),
            tf.Variable(glorot((features, article.CLASSES))),
            tf.Variable(tf.zeros([article.CLASSES])),
        )

    filters, conv_bias, weights, bias = phases.time("build", finished(build))

    def forward(image):
        active = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(image, filters, 1, "VALID"), conv_bias))
        flat = tf.reshape(tf.nn.max_pool2d(active, 2, 2, "VALID"), [1, features])
        return tf.nn.softmax(tf.nn.bias_add(tf.matmul(flat, weights), bias))

    forward = tf.function(forward, autograph=False)
    call = finished(lambda: forward(image))
    probabilities = phases.time("first call", call)
    phases.steady("call", call)
    return phases.reply(_cnn_outputs(tf, probabilities), "call", "first call")


def _cnn_outputs(tf, probabilities):
    return {
        "probabilities": probabilities.numpy().tolist(),
        "shape": [int(extent) for extent in probabilities.shape],
        "rowSums": tf.reduce_sum(probabilities, 1).numpy().tolist(),
    }
