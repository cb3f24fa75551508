"""The programs of the article in PyTorch, as people write them: nn.Module and optim.SGD."""

from . import article
from .article import Phases, finishing


def programs(driver):
    """(name, form) -> a function that runs the program and returns the reply."""
    torch, device = driver.torch, driver.device
    finished = finishing(driver.synchronize())
    return {
        ("add", "function"): lambda: _add(torch, device, finished),
        ("linear", "module"): lambda: _linear(torch, device, finished),
        ("cnn", "module"): lambda: _cnn(torch, device, finished),
    }


def _add(torch, device, finished):
    phases = Phases()
    a = torch.tensor(article.ADD_A, device=device)
    b = torch.tensor(article.ADD_B, device=device)
    call = finished(lambda: torch.add(a, b))
    total = phases.time("first call", call)
    phases.steady("call", call)
    return phases.reply({"c": total.cpu().tolist()}, "call", "first call")


def _linear(torch, device, finished):
    phases = Phases()
    x = torch.tensor(article.LINEAR_X, device=device)
    y = torch.tensor(article.LINEAR_Y, device=device)
    torch.manual_seed(1)

    def build():
        model = torch.nn.Linear(1, 1).to(device)
        optimizer = torch.optim.SGD(model.parameters(), lr=article.LEARNING_RATE)
        return model, optimizer, torch.nn.MSELoss()

    model, optimizer, criterion = phases.time("build", finished(build))

    def train(epochs=article.EPOCHS):
        for _ in range(epochs):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        return loss

    # The driver works without gradients otherwise.
    with torch.enable_grad():
        loss = phases.time("fit", finished(train))
        asked = torch.tensor(article.LINEAR_ASKED, device=device)
        with torch.no_grad():
            predicted = phases.time("predict", finished(lambda: model(asked)))
        phases.mean("epoch", finished(lambda: train(article.MORE_EPOCHS)), article.MORE_EPOCHS)
    outputs = {"predictions": predicted.cpu().tolist(), "loss": [float(loss.detach().cpu())]}
    return phases.reply(outputs, "fit")


def _cnn(torch, device, finished):
    phases = Phases()
    torch.manual_seed(1)
    image = torch.randn(1, 1, article.IMAGE, article.IMAGE).to(device)
    features = ((article.IMAGE - 2) // 2) ** 2 * article.FILTERS

    def build():
        return torch.nn.Sequential(
            torch.nn.Conv2d(1, article.FILTERS, 3),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(features, article.CLASSES),
            torch.nn.Softmax(dim=1),
        ).to(device)

    model = phases.time("build", finished(build)).eval()
    with torch.no_grad():
        call = finished(lambda: model(image))
        probabilities = phases.time("first call", call)
        phases.steady("call", call)
    outputs = {
        "probabilities": probabilities.cpu().tolist(),
        "shape": list(probabilities.shape),
        "rowSums": probabilities.sum(1).cpu().tolist(),
    }
    return phases.reply(outputs, "call", "first call")
