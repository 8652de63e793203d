"""The committed models: each is what its preset makes, as good as is said of it, and the same in both its files."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.config import PRESETS, TrainingConfig
from core.data import load_split
from core.home import SHIPPED
from core.model_card import read_card
from core.network import OnnxNetwork
from core.run import Run, read_run

# (least accuracy on test, most parameters)
PROMISES = {
    "classic": (0.992, 1_000_000),
    "quick": (0.990, 1_000_000),
    "compact": (0.994, 8_000),
    "strong": (0.9965, 1_000_000),
}


@pytest.fixture(params=list(PRESETS))
def run(request: pytest.FixtureRequest) -> Run:
    return read_run(SHIPPED / "pretrained" / request.param, shipped=True)


def test_it_is_what_its_preset_makes_with_the_first_seed(run: Run) -> None:
    assert run.preset == run.run_id
    assert run.config == replace(PRESETS[run.run_id], seed=1)
    assert run.status.epoch == run.config.epochs, "the last epoch, not the best"


def test_it_is_small_enough_to_be_committed(run: Run) -> None:
    assert sum(path.stat().st_size for path in run.path.rglob("*")) < 12 * 2**20


def test_it_keeps_its_promise(run: Run) -> None:
    least, most = PROMISES[run.run_id]
    test = load_split(SHIPPED / "mnist.npz", "test")
    read = OnnxNetwork(run.path / "model.onnx").probabilities(test.images).argmax(axis=1)
    evaluation = run.evaluation()
    assert evaluation is not None
    assert int((read == test.labels).sum()) == evaluation["test"]["correct"]
    assert np.mean(read == test.labels) >= least
    assert evaluation["parameters"] <= most


def test_its_card_is_its_own_and_names_other_seeds(run: Run) -> None:
    card = read_card(run)
    assert card is not None
    assert card.measured is not None
    seeds = {each.seed: each for each in card.measured.seeds}
    assert seeds[1].test == card.test
    for folder in sorted((run.path / "seeds").glob("*/")):
        settings = json.loads((folder / "config.json").read_text())["settings"]
        assert TrainingConfig.from_dict(settings) == replace(run.config, seed=settings["seed"])
        evaluation = json.loads((folder / "evaluation.json").read_text())
        assert seeds[settings["seed"]].test.count == evaluation["test"]["correct"]


@pytest.mark.keras
def test_both_files_give_the_same_answers(run: Run) -> None:
    import keras

    images = load_split(SHIPPED / "mnist.npz", "test").images[:500].astype(np.float32)[..., None] / 255
    network = keras.saving.load_model(run.path / "model.keras", compile=False)
    ours = OnnxNetwork(run.path / "model.onnx").probabilities(images)
    np.testing.assert_allclose(network.predict(images, batch_size=500, verbose=0), ours, atol=1e-4)
