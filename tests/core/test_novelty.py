"""What looks like no digit is told from digits, and the shipped file is what the code makes of MNIST."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from benchmarks.novelty import ALIKE, called_no_digit, drawings, letters, scribbles
from core import novelty
from core.data import load_split
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.novelty import Novelty
from core.preprocessing import preprocess
from core.runs import RunStore


@pytest.fixture(scope="module")
def shipped() -> Novelty:
    found = novelty.shipped()
    assert found is not None
    return found


def test_the_shipped_file_is_what_the_training_images_give(shipped: Novelty):
    fitted = Novelty.fit(load_split(SHIPPED / "mnist.npz", "train").images)
    test = load_split(SHIPPED / "mnist.npz", "test").images[:200]
    np.testing.assert_allclose(shipped.distances(test), fitted.distances(test), rtol=0.01, atol=1e-4)
    assert shipped.limit == pytest.approx(fitted.limit, rel=1e-3)


def test_most_of_what_is_no_digit_is_called_so():
    for pictures in (
        [picture for letter, picture in letters() if letter not in ALIKE],
        scribbles(200, seed=7),
        drawings(),
    ):
        assert called_no_digit(pictures).mean() > 0.6


def test_few_digits_are(shipped: Novelty):
    images = load_split(SHIPPED / "mnist.npz", "test").images
    assert shipped.unlike_digits(images[5_000:7_000]).mean() < 0.02
    assert shipped.unlike_digits(images[:10] / 255).tolist() == shipped.unlike_digits(images[:10]).tolist()


def test_asking_some_references_first_changes_no_answer(shipped: Novelty):
    digits = load_split(SHIPPED / "mnist.npz", "test").images[:300]
    scrawls = np.stack([preprocess(picture).image for picture in scribbles(60, seed=3)])
    for images in (digits, scrawls):
        expected = (shipped.distances(images) > shipped.limit) | (novelty.stroke_widths(images) > novelty.WIDEST)
        assert shipped.unlike_digits(images).tolist() == expected.tolist()


def test_a_training_image_is_near_to_itself_and_noise_to_nothing(shipped: Novelty):
    images = load_split(SHIPPED / "mnist.npz", "train").images[:50]
    noise = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
    assert shipped.distances(images).max() < shipped.distances(noise).min()
    assert shipped.unlike_digits(noise).all()
    assert shipped.unlike_digits(np.zeros((0, 28, 28))).shape == (0,)


def test_the_answer_carries_the_warning_and_keeps_its_digit():
    classifier = Classifier.load(RunStore(StudioHome(SHIPPED)).get("classic"))
    letter = next(picture for letter, picture in letters() if letter == "W")
    answer = classifier.classify(letter)
    assert "not_a_digit" in answer.warnings
    assert answer.digit is not None
    assert classifier.classify(np.full((280, 280), 255, np.uint8)).warnings == ("blank",)
    digit = np.pad(255 - load_split(SHIPPED / "mnist.npz", "test").images[0], 40, constant_values=255)
    assert "not_a_digit" not in classifier.classify(digit).warnings


def test_filled_shapes_are_no_digits_and_a_broad_marker_writes_some():
    classifier = Classifier.load(RunStore(StudioHome(SHIPPED)).get("classic"))

    def warned(draw: Callable[[np.ndarray], object]) -> bool:
        picture = np.full((280, 280), 255, np.uint8)
        draw(picture)
        return "not_a_digit" in classifier.classify(picture).warnings

    for begin in range(0, 360, 30):
        assert warned(lambda picture, begin=begin: cv2.ellipse(picture, (140, 140), (90, 90), begin, 0, 280, 0, -1))
    assert warned(lambda picture: cv2.rectangle(picture, (70, 60), (200, 220), 0, -1))
    assert not warned(lambda picture: cv2.line(picture, (150, 40), (130, 240), 0, 48))
    seven = np.array([(70, 60), (210, 60), (120, 235)])
    assert not warned(lambda picture: cv2.polylines(picture, [seven], False, 0, 44))


def test_without_the_file_there_is_no_such_warning(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(novelty, "NOVELTY", tmp_path / "novelty.npz")
    for content in (None, b"", b"no file of numbers"):
        if content is not None:
            (tmp_path / "novelty.npz").write_bytes(content)
        assert novelty.shipped.__wrapped__() is None
        assert "novelty.npz" in caplog.text
