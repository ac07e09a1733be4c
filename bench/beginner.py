"""The script that most people meet first: PyTorch's MNIST example, in our words, on Fashion-MNIST.

Its network (two convolutions, 1.2 million parameters), its optimiser (Adadelta at 1, times 0.7 an epoch), its batch of
64, its pictures one by one through torchvision's transforms. It is the baseline for the time to a first result, and was
committed before anything was chosen to beat it.

    python bench/beginner.py SEED [EPOCHS]      prints the test accuracy and the seconds, from the import on
"""

import time

BEGAN = time.perf_counter()

import json  # noqa: E402
import sys  # noqa: E402

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from PIL import Image  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, Dataset  # noqa: E402
from torchvision import transforms  # noqa: E402

from striate.data.samples import Arrays  # noqa: E402  for reading the files only
from striate.data.sets import open_set  # noqa: E402


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    def __init__(self, samples: Arrays) -> None:
        self.samples = samples
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self.samples.images[self.samples.places[index]])
        return self.transform(image), self.samples.label(index)


def network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    )  # fmt: skip


def main() -> None:
    torch.manual_seed(int(sys.argv[1]))
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    parts = open_set("fashion-mnist").parts
    train, test = (Pictures(part) for part in (parts["train"], parts["test"]) if isinstance(part, Arrays))
    model = network()
    optimiser = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=1, gamma=0.7)
    right = 0
    for _ in range(epochs):
        model.train()
        for x, y in DataLoader(train, batch_size=64, shuffle=True):
            optimiser.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimiser.step()
        model.eval()
        with torch.no_grad():
            right = sum(int((model(x).argmax(1) == y).sum()) for x, y in DataLoader(test, batch_size=1000))
        schedule.step()
    print(json.dumps({"top1": right / len(test), "seconds": time.perf_counter() - BEGAN}))


if __name__ == "__main__":
    main()
