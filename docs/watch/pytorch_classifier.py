"""A small CNN that learns to tell drawn shapes apart, as in a first PyTorch tutorial."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


def draw(count, size=28):
    """Images of vertical, horizontal and diagonal bars with noise, and which of them each is."""
    labels = torch.arange(count) % 3
    at = torch.randint(6, size - 6, (count,))
    images = torch.rand(count, 1, size, size) * 0.3
    for index, (label, place) in enumerate(zip(labels.tolist(), at.tolist())):
        if label == 0:
            images[index, 0, :, place - 1 : place + 2] += 0.7
        elif label == 1:
            images[index, 0, place - 1 : place + 2, :] += 0.7
        else:
            images[index, 0] += torch.eye(size).roll(place, 1) * 0.9
    return images, labels


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32 * 5 * 5, 64), nn.ReLU(), nn.Linear(64, 3))

    def forward(self, images):
        return self.head(self.features(images))


device = "cuda" if torch.cuda.is_available() else "cpu"
if hasattr(torch.backends, "mps") and torch.backends.mps.is_available():
    device = "mps"

train = DataLoader(TensorDataset(*draw(3000)), batch_size=32, shuffle=True)
test = DataLoader(TensorDataset(*draw(600)), batch_size=100)
model = Classifier().to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()

for epoch in range(3):
    model.train()
    running = 0.0
    for images, labels in train:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = loss_of(model(images), labels)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        right = sum(
            (model(images.to(device)).argmax(1).cpu() == labels).sum().item()
            for images, labels in test
        )
    print(f"epoch {epoch + 1}: loss {running / len(train):.3f}, {right} of 600 right")
