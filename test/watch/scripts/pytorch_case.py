"""A small convolutional network that trains for some seconds, with one habit of real scripts.

python pytorch_case.py trains|forgot|stalls|item [seconds]

trains: all on the GPU. forgot: never moved there. stalls: each batch takes longer than its step.
item: reads the loss in every step.
"""

import sys
import time

import torch
from torch import nn

habit = sys.argv[1]
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 6.0
has_mps = hasattr(torch.backends, "mps") and torch.backends.mps.is_available()
found = "cuda" if torch.cuda.is_available() else "mps" if has_mps else "cpu"
device = torch.device("cpu" if habit == "forgot" else found)
torch.manual_seed(0)


class Images(torch.utils.data.Dataset):
    def __len__(self):
        return 1_000_000

    def __getitem__(self, index):
        if habit == "stalls":
            time.sleep(0.001)
        return torch.full((1, 28, 28), index % 10 / 10), index % 10


model = nn.Sequential(
    nn.Conv2d(1, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Linear(128, 10),
)  # fmt: skip
model.to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
batch_size = 64 if habit in ("forgot", "stalls") else 512
if habit == "stalls":
    batches = iter(torch.utils.data.DataLoader(Images(), batch_size=batch_size))
else:
    images = torch.rand(batch_size, 1, 28, 28).to(device)
    labels = (torch.arange(batch_size) % 10).to(device)
    batches = iter(lambda: (images, labels), None)

steps, total, end = 0, torch.zeros((), device=device), time.monotonic() + seconds
while time.monotonic() < end:
    x, y = next(batches)
    x, y = x.to(device), y.to(device)
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    if habit == "item":
        total += loss.item()
    else:
        total += loss.detach()
    steps += 1
    if habit == "trains" and steps % 100 == 0:
        torch.cuda.synchronize() if device.type == "cuda" else None
print("%s on %s: %d steps, mean loss %.3f" % (habit, device, steps, float(total) / steps))
