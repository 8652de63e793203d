"""A peer of the time to 99 %: the settings of PyTorch's MNIST example, with the test split looked at after each epoch.

    python -m benchmarks.pytorch_example [--seed 1] [--target 0.99] [--subset N]

The settings as the example has them (https://github.com/pytorch/examples, folder mnist): two convolutions of 32 and 64
filters, pooled once, dropout, a dense layer of 128, 1.2 M parameters in all; Adadelta from a learning rate of 1 that is
multiplied by 0.7 after each epoch, batches of 64, at most 14 epochs, all 60,000 images normalised by the training
split's mean and deviation. It is given an advantage: images lie in memory as tensors, where the example reads and
converts them one by one. Here it stops at the target, which the example does not. Prints the line of JSON that
`benchmarks.keras_example` prints. Needs requirements-bench.txt.
"""

import argparse
import json
import time
from typing import TYPE_CHECKING, Final

import numpy as np
import psutil

from benchmarks.plain_fit import PRIORITY
from core import data
from core.home import SHIPPED

if TYPE_CHECKING:
    import torch

BATCH: Final = 64
EPOCHS: Final = 14
LEARNING_RATE: Final = 1.0
LEFT_AFTER_EPOCH: Final = 0.7  # of the learning rate
MEAN, DEVIATION = 0.1307, 0.3081


def network() -> "torch.nn.Module":
    """The example's network, its output log probabilities."""
    from torch import nn

    convolutions = (nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25))
    dense = (nn.Flatten(), nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))
    return nn.Sequential(*convolutions, *dense, nn.LogSoftmax(dim=1))


def tensors(name: data.SplitName, count: int | None = None) -> "tuple[torch.Tensor, torch.Tensor]":
    """The first images of a split as the network takes them, (n, 1, 28, 28) float32, and (n,) labels."""
    import torch

    split = data.load_split(SHIPPED / "mnist.npz", name)
    x = (split.images[:count].astype(np.float32)[:, None] / 255 - MEAN) / DEVIATION
    return torch.from_numpy(x.astype(np.float32)), torch.from_numpy(split.labels[:count].astype(np.int64))


def epoch(model: "torch.nn.Module", optimizer: "torch.optim.Optimizer", x: "torch.Tensor", y: "torch.Tensor") -> float:
    """Trains on all images once, in an order drawn anew, and gives the seconds that it took."""
    import torch

    model.train()
    began = time.perf_counter()
    for chosen in torch.randperm(len(x)).split(BATCH):
        optimizer.zero_grad()
        torch.nn.functional.nll_loss(model(x[chosen]), y[chosen]).backward()
        optimizer.step()
    return time.perf_counter() - began


def accuracy(model: "torch.nn.Module", x: "torch.Tensor", y: "torch.Tensor") -> float:
    """The share of images that is read rightly."""
    import torch

    model.eval()
    with torch.no_grad():
        right = sum(int((model(x[rows]).argmax(1) == y[rows]).sum()) for rows in torch.arange(len(x)).split(1_000))
    return right / len(x)


def train(seed: int, target: float, subset: int | None) -> list[dict[str, float]]:
    """`seconds` and `test_accuracy` of each epoch, up to the first that reaches the target."""
    import torch

    (x, y), test = tensors("train", subset), tensors("test")
    epoch(warm := network(), torch.optim.Adadelta(warm.parameters()), x[: 2 * BATCH], y[: 2 * BATCH])
    torch.manual_seed(seed)
    model = network()
    optimizer = torch.optim.Adadelta(model.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=LEFT_AFTER_EPOCH)
    found: list[dict[str, float]] = []
    while len(found) < EPOCHS and not (found and found[-1]["test_accuracy"] >= target):
        seconds = epoch(model, optimizer, x, y)
        found.append({"seconds": seconds, "test_accuracy": accuracy(model, *test)})
        schedule.step()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", type=float, default=0.99, help="test accuracy at which it stops")
    parser.add_argument("--subset", type=int, help="only so many training images, for a try")
    arguments = parser.parse_args()
    psutil.Process().nice(PRIORITY)
    print(json.dumps(train(arguments.seed, arguments.target, arguments.subset)))


if __name__ == "__main__":
    main()
