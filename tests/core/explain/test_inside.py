"""What maps answer to, what drives them, the first filters, and where vectors lie: checked against plain arithmetic."""

import itertools
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.architecture import Layer
from core.explain.atlas import atlas_stamp, key_of, path_of, read_seen, read_tsne, tidy, write_tsne
from core.explain.driving import cover_for, driving
from core.explain.embedding import Embedder
from core.explain.features import feature_maps
from core.explain.filters import first_filters, reads_pixels
from core.explain.projection import among, nearest, principal
from core.explain.strongest import COUNT, Strongest, means, peaks
from core.explain.surveying import see, tsne
from core.explain.surveys import Making, Surveys
from core.home import StudioHome
from core.inference import Classifier
from core.run import ONNX_MODEL, Run
from core.runs import RunStore
from tests.digits import copy_of_classic, digits


def test_a_map_has_its_peak_and_its_mean_and_a_unit_is_its_own_map() -> None:
    maps = np.arange(2 * 3 * 3 * 4, dtype=np.float32).reshape(2, 3, 3, 4)
    assert_array_equal(peaks(maps), maps.max(axis=(1, 2)))
    assert_allclose(means(maps), maps.mean(axis=(1, 2)))
    units = maps.reshape(2, -1)
    assert_array_equal(peaks(units), units)
    assert_array_equal(means(units), units)


def test_the_ranking_is_that_of_all_images_at_once_and_of_equals_the_first_stays_first() -> None:
    answers = np.random.default_rng(1).integers(0, 12, (100, 5)).astype(np.float32)
    ranking = Strongest.nothing(5)
    for first in range(0, 100, 32):
        ranking = ranking.with_more(first, answers[first : first + 32])
    best = np.argsort(-answers, axis=0, kind="stable")[:COUNT].T
    assert_array_equal(ranking.places, best)
    assert_array_equal(ranking.answers, np.take_along_axis(answers.T, best, axis=1))


def test_a_network_sees_each_image_as_when_it_is_asked_alone(classic_run: Run, classic: Classifier) -> None:
    images, told = digits()[0], []
    seen = see(classic_run, images, told.append)
    assert_allclose(seen.vectors, Embedder(classic.network, classic_run.layers).vectors(images), atol=1e-3)
    probabilities = classic.probabilities(images)
    assert_array_equal(seen.read, probabilities.argmax(axis=1))
    assert_allclose(seen.confidence, probabilities.max(axis=1), atol=1e-5)
    assert set(seen.strongest) == set(classic.network.layer_names)
    ranking, channel = seen.strongest["act2"], 5
    strongest = ranking.places[channel, 0]
    answers = classic.network.activations(images, ["act2"])["act2"][..., channel].max(axis=(1, 2))
    assert strongest == answers.argmax()
    assert ranking.answers[channel, 0] == pytest.approx(answers.max(), rel=1e-5)
    assert told == sorted(told)


def test_what_drives_a_map_is_what_covering_takes_from_it(classic: Classifier) -> None:
    image = digits()[0][0]
    trials = cover_for(classic.network, "act1", image)
    maps = classic.network.activations(image[np.newaxis], ["act1"])["act1"][0]
    assert_allclose(trials.before, maps.mean(axis=(0, 1)), rtol=1e-4)
    covered = np.where(trials.weights[7] > 0, 0, trials.image)
    after = classic.network.activations(covered[np.newaxis], ["act1"])["act1"][0]
    assert_allclose(trials.after[7], after.mean(axis=(0, 1)), rtol=1e-4, atol=1e-7)
    found = driving(trials, 3)
    assert found.shape == (28, 28)
    assert found[0, 0] == 0  # far from any ink
    assert np.abs(found[digits()[0][0] > 128]).max() > 0


def test_the_first_filters_make_the_first_layers_maps(classic_run: Run, classic: Classifier) -> None:
    filters = first_filters(classic_run.path / ONNX_MODEL)
    assert filters is not None
    assert filters.shape == (32, 3, 3)
    image = np.pad(digits()[0][0] / 255, 1)
    maps = classic.network.activations(digits()[0][:1], ["act1"])["act1"][0]
    row, column = 10, 14
    sums = (filters * image[row : row + 3, column : column + 3]).sum(axis=(1, 2))
    background = maps[0, 0]  # where there is no ink, only the bias is left
    alive = (maps[row, column] > 0) & (background > 0)
    assert alive.any()
    assert_allclose(maps[row, column][alive], (sums + background)[alive], atol=1e-4)
    reading = [layer.name for layer in classic_run.layers if reads_pixels(classic_run.layers, layer.name, filters)]
    assert reading == ["conv1", "act1", "pool1"]


def test_without_a_convolution_that_reads_pixels_there_are_no_filters(tmp_path) -> None:
    (tmp_path / "cut.onnx").write_bytes(b"no model")
    assert first_filters(tmp_path / "cut.onnx") is None
    assert first_filters(tmp_path / "gone.onnx") is None
    dense = Layer("dense", "Dense", (10,), 10, 10)
    assert not reads_pixels([dense], "dense", np.zeros((10, 3, 3), np.float32))
    assert not reads_pixels([], "dense", None)


def test_the_plane_is_where_vectors_lie_furthest_apart() -> None:
    rng = np.random.default_rng(2)
    vectors = (rng.normal(size=(400, 6)) * [1, 9, 2, 5, 1, 0]).astype(np.float32)
    plane = principal(vectors)
    assert_allclose(np.abs(plane.axes[[1, 3], [0, 1]]), 1, atol=0.02)
    points = plane.points(vectors)
    singular = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)
    assert_allclose(np.linalg.norm(points, axis=0), singular[:2], rtol=1e-3)
    assert_allclose(plane.shares, singular[:2] ** 2 / (singular**2).sum(), rtol=1e-3)


@pytest.mark.parametrize("vectors", [np.zeros((5, 3)), np.ones((5, 1))])
def test_images_that_all_look_alike_lie_on_one_point(vectors) -> None:
    points = principal(vectors).points(vectors)
    assert_allclose(points, np.zeros((5, 2)), atol=1e-6)


def test_the_nearest_are_found_and_a_new_vector_lies_among_them() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(3_000, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows, distances = nearest(vectors.astype(np.float16), vectors[7], 4)
    assert rows[0] == 7
    assert_allclose(distances, np.sort(1 - vectors @ vectors[7])[:4], atol=2e-3)
    points = rng.normal(size=(3_000, 2))
    assert_allclose(among(points, np.array([7, 9]), np.array([0.0, 0.5])), points[7], atol=1e-4)
    assert_allclose(among(points, np.array([7, 9]), np.array([0.1, 0.1])), points[[7, 9]].mean(axis=0))


def test_tsne_keeps_neighbours_together_and_tells_how_far_it_is() -> None:
    rng = np.random.default_rng(4)
    centres = np.eye(3, 20)
    vectors = np.repeat(centres, 20, axis=0) + rng.normal(scale=0.02, size=(60, 20))
    told: list[float] = []
    points = tsne(vectors, told.append, steps=250)
    groups = points.reshape(3, 20, 2)
    middles = groups.mean(axis=1)
    within = np.linalg.norm(groups - middles[:, np.newaxis], axis=2).mean()
    between = min(np.linalg.norm(a - b) for a, b in itertools.combinations(middles, 2))
    assert between > 3 * within
    assert len(told) > 3
    assert told == sorted(told)


def test_an_atlas_is_made_once_however_many_ask_and_over_what_kills_left(home: StudioHome) -> None:
    copy_of_classic(home, "mine")
    run, surveys = RunStore(home).get("mine"), Surveys(home)
    home.inside.mkdir(parents=True)
    half, left = path_of(home, "mine", "seen"), home.inside / ".mine-seen-abcd.npz"
    half.write_bytes(b"PK\x03\x04 and no more")
    left.write_bytes(b"half")
    gone = path_of(home, "gone", "tsne")
    gone.write_bytes(b"of a run that was deleted")
    assert read_seen(home, run) is None
    assert surveys.state(run, "seen") == Making()
    askers = [threading.Thread(target=surveys.start, args=(run, "seen")) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    other = Surveys(home)  # as another server on the same home
    assert other.start(run, "seen").running
    assert surveys.wait(run, "seen", 120) == Making()
    made = half.stat().st_mtime_ns
    assert other.wait(run, "seen", 120) == Making()
    assert half.stat().st_mtime_ns == made
    assert not left.exists()
    assert not gone.exists()
    seen = read_seen(home, run)
    assert seen is not None
    assert seen.vectors.shape == (10_000, 128)
    first = see(run, digits()[0], lambda fraction: None)
    assert_array_equal(seen.vectors[:200], first.vectors)
    assert_array_equal(seen.read[:200], first.read)
    (run.path / "config.json").touch()
    assert read_seen(home, run) is None  # it may be another network now


def test_points_of_a_map_are_believed_only_when_whole_and_of_this_run(home: StudioHome) -> None:
    folder = copy_of_classic(home, "mine")
    run = RunStore(home).get("mine")
    home.inside.mkdir(parents=True)
    points = np.random.default_rng(5).normal(size=(10_000, 2)).astype(np.float32)
    before = atlas_stamp(home, run, "tsne")
    write_tsne(home, "mine", key_of(run), points)
    assert atlas_stamp(home, run, "tsne") != before
    assert_array_equal(read_tsne(home, run), points)
    whole = path_of(home, "mine", "tsne").read_bytes()
    path_of(home, "mine", "tsne").write_bytes(whole[: len(whole) // 2])
    assert read_tsne(home, run) is None
    write_tsne(home, "mine", "of another network", points)
    assert read_tsne(home, run) is None
    write_tsne(home, "mine", key_of(run), np.full((3, 2), np.nan, np.float32))
    assert read_tsne(home, run) is None
    (home.inside / "gone-seen.npz").symlink_to("nowhere")  # as a file that another process just removed
    tidy(home, keep=1)
    assert path_of(home, "mine", "tsne").exists()
    folder.rename(folder.with_name("other"))
    tidy(home, keep=1)
    assert not path_of(home, "mine", "tsne").exists()


def test_what_cannot_be_made_says_why_and_is_tried_again_only_when_asked(home: StudioHome) -> None:
    copy_of_classic(home, "mine")
    run, surveys = RunStore(home).get("mine"), Surveys(home)
    home.inside.parent.mkdir(parents=True)
    home.inside.write_text("a file where the folder should be")
    surveys.start(run, "tsne")
    problem = surveys.wait(run, "tsne", 60).problem
    assert "cannot be written" in problem
    assert surveys.start(run, "tsne").problem == problem
    home.inside.unlink()
    assert surveys.start(run, "tsne", again=True).running
    assert "how the network sees the images is not known" in surveys.wait(run, "tsne", 120).problem


def test_a_silent_layer_keeps_its_shape(classic_run: Run, classic: Classifier) -> None:
    maps = feature_maps(classic.network, classic_run.layers, digits()[0][0])[0]
    silent = maps.silent()
    assert silent.values.shape == maps.values.shape
    assert not silent.shares.any()
    assert maps.shares.min() == 0
    assert maps.shares.max() == 1
