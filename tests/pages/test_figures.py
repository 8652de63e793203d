"""Every figure on the pages of results is scikit-learn's on the same arrays, and every interval SciPy's."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, log_loss
from streamlit.testing.v1 import AppTest

from core.data import load_split
from core.home import SHIPPED, StudioHome
from core.marks import MNIST_TEST, Verdict, put_mark
from core.pairing import Answers, read_answers
from core.runs import RunStore
from tests import shipped
from tests.indexes import write_small_index
from tests.pages.screen import MISCLASSIFICATIONS, text_of
from tests.pages.test_trust import look as trust

Open = Callable[..., AppTest]
SPLITS = ("test", "validation")


@pytest.fixture
def page(home: StudioHome, visit: Open) -> Open:
    """Opens Misclassifications by a link, with a small index of training images so that none is made."""
    write_small_index(home)
    return partial(visit, MISCLASSIFICATIONS)


def answered(home: StudioHome, split: str, *, calibrated: bool = True) -> Answers:
    labels = load_split(SHIPPED / "mnist.npz", "test" if split == "test" else "train").labels
    return read_answers(RunStore(home).get("classic"), split, labels, calibrated=calibrated)


def ece(probabilities: NDArray, labels: NDArray) -> float:
    """Over 15 equal-width bins: scikit-learn's curve, weighted by how many answers each of its points stands for."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    accuracy, mean = calibration_curve(right, confidence, n_bins=15)
    counts = np.histogram(confidence, np.linspace(0, 1, 16))[0]
    return float(np.average(np.abs(accuracy - mean), weights=counts[counts > 0]))


def loss_of(probabilities: NDArray, labels: NDArray) -> float:
    return float(log_loss(labels, probabilities, labels=range(10)))


def wilson(count: int, n: int) -> str:
    found = binomtest(count, n).proportion_ci(method="wilson")
    return f"{100 * found.low:.2f} to {100 * found.high:.2f}"


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{EN DASH}", "to")


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("link", [{}, {"true": "4"}, {"pred": "9"}], ids=str)
def test_how_many_are_wrong(page: Open, home: StudioHome, split: str, link: dict[str, str]):
    answers = answered(home, split)
    read = answers.probabilities.argmax(axis=1)
    met = np.ones(len(read), bool)
    for name, digits in (("true", answers.labels), ("pred", read)):
        if name in link:
            met &= digits == int(link[name])
    n = int(met.sum())
    wrong = n - int(accuracy_score(answers.labels[met], read[met], normalize=False))
    app = page(split=split, **link)
    assert f"{wrong:,} wrong of {n:,}" in [each.value for each in app.subheader]
    share = next(plain(each.value) for each in app.markdown if "interval" in each.value)
    assert share.startswith(f"{100 * wrong / n:.2f} %")
    assert wilson(wrong, n) in share


@pytest.mark.parametrize("place", [*shipped.misread()[:3], 0])
def test_one_image(page: Open, home: StudioHome, place: int):
    answers = answered(home, "test")
    probabilities, label = answers.probabilities[place], int(answers.labels[place])
    ranked = np.sort(probabilities)[::-1]
    seen = plain(text_of(page(show="all", image=str(place))))
    assert f"with {100 * ranked[0]:.1f} %" in seen or ranked[0] > 0.999
    said = re.search(r"(\S+) % ahead of (\d) · loss (\S+)", seen)
    assert said is not None
    if ranked[0] < 0.999:
        assert float(said.group(1)) == pytest.approx(100 * (ranked[0] - ranked[1]), abs=0.0501)
    assert int(said.group(2)) == int(np.argsort(probabilities)[-2])
    loss = loss_of(probabilities[None], np.array([label]))
    assert float(said.group(3)) == pytest.approx(loss, rel=0.006, abs=1e-6)


@pytest.mark.parametrize("places", [shipped.misread()[:1], [*shipped.misread()[:3], 0]], ids=str)
def test_the_figures_without_what_is_marked_wrong(page: Open, home: StudioHome, places: list[int]):
    for place in places:
        put_mark(home, MNIST_TEST, place, Verdict.WRONG, "")
    answers = answered(home, "test")
    weights = np.ones(10_000)
    weights[places] = 0
    table = page(show="suspects").table[0].value
    for name, kept in (
        ("All images", np.ones(10_000, bool)),
        (f"Without the {len(places)} marked wrong", weights > 0),
    ):
        labels, probabilities = answers.labels[kept], answers.probabilities[kept]
        right = int(accuracy_score(labels, probabilities.argmax(axis=1), normalize=False))
        accuracy, interval, wrong, loss, calibration = (plain(each) for each in table[name])
        assert accuracy == f"{100 * right / len(labels):.2f} %"
        assert interval == f"{wilson(right, len(labels))} %"
        assert wrong == f"{len(labels) - right} wrong of {len(labels):,}"
        assert float(loss) == pytest.approx(loss_of(probabilities, labels), abs=5.1e-5)
        assert float(calibration) == pytest.approx(ece(probabilities, labels), abs=5.1e-5)


@pytest.mark.parametrize("split", SPLITS)
def test_trust(home: StudioHome, split: str):
    before, after = answered(home, split, calibrated=False), answered(home, split)
    seen = plain(text_of(trust(split=split)))
    found = ece(after.probabilities, after.labels)
    assert f"differ by **{100 * found:.2f} percentage points** on average (ECE {found:.4f})" in seen
    losses = [loss_of(each.probabilities, each.labels) for each in (before, after)]
    assert f"the loss goes from {losses[0]:.4f} to {losses[1]:.4f}" in seen
    eces = [ece(each.probabilities, each.labels) for each in (before, after)]
    assert f"from {eces[0]:.4f} to {eces[1]:.4f}" in seen or f"stays at {eces[0]:.4f}" in seen


def test_what_a_threshold_does(home: StudioHome):
    app = trust()
    said = re.search(r"below \*\*(\S+) %\*\* confidence the answer is", plain(text_of(app)))
    assert said is not None
    for split, column in (("validation", "Validation"), ("test", "Test")):
        answers = answered(home, split)
        kept = answers.probabilities.max(axis=1) >= float(said.group(1)) / 100
        right = int(accuracy_score(answers.labels[kept], answers.probabilities[kept].argmax(axis=1), normalize=False))
        coverage, accuracy = (plain(each) for each in app.table[0].value[column][:2])
        n, answering = len(kept), int(kept.sum())
        assert coverage == f"**{100 * answering / n:.2f} %** ({wilson(answering, n)} %), {answering:,} of {n:,}"
        assert (
            accuracy
            == f"**{100 * right / answering:.2f} %** ({wilson(right, answering)} %), {right:,} of {answering:,}"
        )
