"""Networks whose reasons are known, and a small run with its index."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.files import read_json_object, write_json
from core.home import StudioHome
from core.inference import Classifier
from core.run import Run
from core.runs import RunStore
from tests.digits import copy_of_classic

SMALL = 600  # images that the small run was trained on


class Templates:
    """A network that adds up the ink under ten templates (10, 28, 28) and puts a softmax on it."""

    def __init__(self, templates: dict[int, tuple[slice, slice, float]]) -> None:
        self.weights = np.zeros((10, 28, 28))
        for digit, (rows, columns, weight) in templates.items():
            self.weights[digit, rows, columns] = weight
        self.calls: list[int] = []

    def __call__(self, images: NDArray[np.float32]) -> NDArray[np.float64]:
        self.calls.append(len(images))
        logits = np.tensordot(images.astype(np.float64), self.weights, axes=((1, 2), (1, 2)))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        answer: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return answer


def small_run(home: StudioHome, run_id: str = "small") -> Run:
    """The shipped classic as a run of its own that says it was trained on few images, so that its index is quick."""
    folder = copy_of_classic(home, run_id)
    config = read_json_object(folder / "config.json")
    config["settings"]["subset"] = SMALL
    write_json(folder / "config.json", config)
    return RunStore(home).get(run_id)


@pytest.fixture(scope="session")
def classic_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return RunStore(StudioHome(root=tmp_path_factory.mktemp("home"))).get("classic")


@pytest.fixture(scope="session")
def classic(classic_run: Run) -> Classifier:
    return Classifier.load(classic_run)
