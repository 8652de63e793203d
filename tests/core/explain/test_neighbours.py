"""The nearest training images: found once however many ask, exact, and found again when something was damaged."""

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.data import divide, load_split
from core.errors import RunStateError
from core.explain.embedding import Embedder
from core.explain.index import card
from core.explain.neighbours import IndexState, Neighbours
from core.explain.worker import clear_progress, make_index, read_progress, write_progress
from core.home import StudioHome
from core.inference import Classifier
from core.run import Run
from core.runs import RunStore
from tests.core.explain.conftest import SMALL, small_run
from tests.digits import copy_of_classic, digits

READY = IndexState(ready=True, fraction=1.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Neighbours]:
    """A small run whose index has been made, by a process of its own. To be looked at only."""
    home = StudioHome(root=tmp_path_factory.mktemp("home") / "home")
    home.runs.mkdir(parents=True)
    run, neighbours = small_run(home), Neighbours(home)
    assert neighbours.state(run) == IndexState()
    assert neighbours.nearest(run, Classifier.load(run).network, digits()[0][0]) is None
    assert neighbours.start(run).running
    assert neighbours.wait(run, 120) == READY
    return run, neighbours


@pytest.fixture
def indexed(home: StudioHome) -> Run:
    """A small run with its index in this test's own home."""
    run = small_run(home)
    home.neighbours.mkdir(parents=True)
    assert make_index(home, "small") == {"images": SMALL}
    assert Neighbours(home).state(run) == READY
    return run


def token(run: Run) -> list[str]:
    """The vectors' file names, which are new whenever an index was made."""
    return sorted(path.name for path in (run.path.parent.parent / "caches" / "neighbours").glob("*.vectors"))


def test_agrees_with_comparing_every_image(made: tuple[Run, Neighbours]) -> None:
    run, neighbours = made
    network = Classifier.load(run).network
    training = load_split(StudioHome(Path()).mnist, "train")
    places, _ = divide(training.labels, run.config)
    assert len(places) == SMALL
    embedder = Embedder(network, run.layers)
    known = embedder.vectors(training.images[places]).astype(np.float64)
    for image in digits()[0][:10]:
        found = neighbours.nearest(run, network, image, count=5)
        assert found is not None
        exact = 1 - known @ embedder.vectors(image[np.newaxis])[0]
        assert_allclose(found.distances, np.sort(exact)[:5], atol=2e-4)
        assert_allclose(exact[np.searchsorted(places, found.places)], found.distances, atol=2e-4)
        assert_array_equal(found.labels, training.labels[found.places])
        assert (found.layer, found.among) == ("dense", SMALL)


def test_they_show_the_digit_that_it_is(made: tuple[Run, Neighbours]) -> None:
    run, neighbours = made
    network = Classifier.load(run).network
    for image, label in zip(digits()[0][:20], digits()[1], strict=False):
        found = neighbours.nearest(run, network, image / 255, count=3)
        assert found is not None
        assert label in found.labels


def test_a_training_image_is_nearest_to_itself_unless_it_is_left_out(made: tuple[Run, Neighbours]) -> None:
    run, neighbours = made
    network = Classifier.load(run).network
    training = load_split(StudioHome(Path()).mnist, "train")
    place = int(divide(training.labels, run.config)[0][17])
    itself = neighbours.nearest(run, network, training.images[place], count=3)
    others = neighbours.nearest(run, network, training.images[place], count=2, exclude=place)
    assert itself is not None
    assert others is not None
    assert itself.places[0] == place
    assert itself.distances[0] < 1e-3
    assert_array_equal(others.places, itself.places[1:])


@pytest.mark.parametrize(("count", "found"), [(1, 1), (SMALL, SMALL - 1), (SMALL + 50, SMALL - 1)])
def test_gives_as_many_as_there_are(made: tuple[Run, Neighbours], count: int, found: int) -> None:
    run, neighbours = made
    place = int(divide(load_split(StudioHome(Path()).mnist, "train").labels, run.config)[0][0])
    nearest = neighbours.nearest(run, Classifier.load(run).network, digits()[0][0], count=count, exclude=place)
    assert nearest is not None
    assert len(nearest.places) == len(nearest.labels) == len(nearest.distances) == found
    assert (np.diff(nearest.distances) >= 0).all()
    assert place not in nearest.places


def test_is_made_once_however_many_ask(home: StudioHome) -> None:
    run = small_run(home)
    one, other = Neighbours(home), Neighbours(home)  # as two servers on one home have them
    barrier = threading.Barrier(4)

    def ask(neighbours: Neighbours) -> None:
        barrier.wait(30)
        assert neighbours.start(run).running

    threads = [threading.Thread(target=ask, args=(neighbours,)) for neighbours in (one, one, other, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one.wait(run, 120) == READY
    first = token(run)
    assert other.wait(run, 120) == READY
    assert token(run) == first
    assert len(first) == 1
    assert not list(home.neighbours.glob("*.progress"))


def test_what_is_ready_is_not_made_again(made: tuple[Run, Neighbours]) -> None:
    run, neighbours = made
    before = token(run)
    assert neighbours.start(run) == READY
    assert Neighbours(neighbours._home).start(run) == READY
    assert token(run) == before


def test_damage_is_repaired_even_while_it_is_open(home: StudioHome, indexed: Run) -> None:
    neighbours = Neighbours(home)
    assert neighbours.state(indexed) == READY
    (vectors,) = home.neighbours.glob("*.vectors")
    vectors.write_bytes(vectors.read_bytes()[:-1000])
    assert neighbours.state(indexed) == IndexState()
    assert neighbours.nearest(indexed, Classifier.load(indexed).network, digits()[0][0]) is None
    (home.neighbours / "long-gone.npz").write_bytes(b"of a run that was deleted")
    assert neighbours.start(indexed).running
    assert neighbours.wait(indexed, 120) == READY
    assert {path.suffix for path in home.neighbours.iterdir()} <= {".npz", ".vectors", ".lock", ""}
    assert [path.name for path in home.neighbours.glob("*.npz")] == ["small.npz"]


def test_another_model_needs_another_index(home: StudioHome, indexed: Run) -> None:
    neighbours = Neighbours(home)
    assert neighbours.state(indexed) == READY
    model = indexed.path / "model.onnx"
    os.utime(model, (time.time() + 5, time.time() + 5))
    assert neighbours.state(indexed) == IndexState()
    assert Neighbours(home).state(indexed) == IndexState()


def test_a_failure_is_told_and_not_repeated_unasked(home: StudioHome) -> None:
    run, neighbours = small_run(home), Neighbours(home)
    model = run.path / "model.onnx"
    whole = model.read_bytes()
    model.write_bytes(whole[:1000])
    assert neighbours.start(run).running
    failed = neighbours.wait(run, 120)
    assert "small" in failed.problem
    assert "model.onnx" in failed.problem
    assert not failed.running
    assert neighbours.start(run) == failed
    assert neighbours.start(run, again=True).running
    assert neighbours.wait(run, 120) == failed
    assert str(home.root) not in failed.problem


def test_a_home_that_cannot_be_written_says_so(home: StudioHome) -> None:
    run, neighbours = small_run(home), Neighbours(home)
    (home.root / "caches").write_text("not a folder")
    neighbours.start(run)
    assert "cannot be written" in neighbours.wait(run, 60).problem


def test_a_run_without_a_model_is_refused(home: StudioHome) -> None:
    (copy_of_classic(home) / "model.onnx").unlink()
    with pytest.raises(RunStateError, match="copy-of-classic"):
        Neighbours(home).start(RunStore(home).get("copy-of-classic"))


def test_progress_is_a_share_whatever_the_file_says(tmp_path: Path) -> None:
    assert read_progress(tmp_path, "run") == 0
    for fraction in (0.0, 0.421, 1.0):
        write_progress(tmp_path, "run", fraction)
        assert read_progress(tmp_path, "run") == fraction
    for content, expected in (("", 0), ("nan", 0), ("seven", 0), ("7", 1), ("-1", 0)):
        (tmp_path / "run.progress").write_text(content)
        assert read_progress(tmp_path, "run") == expected
    clear_progress(tmp_path, "run")
    assert read_progress(tmp_path, "run") == 0


def test_only_the_newest_are_kept(home: StudioHome, indexed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.explain.neighbours.KEPT", 1)
    assert card(home.neighbours, "small").exists()
    other = small_run(home, "other")
    neighbours = Neighbours(home)
    neighbours.start(other)
    assert neighbours.wait(other, 120) == READY
    assert neighbours.state(indexed) == IndexState()
    assert [path.stem for path in home.neighbours.glob("*.npz")] == ["other"]
