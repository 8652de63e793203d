"""Inside the model: its pictures are the network's own activations, its link says all, and odd networks have a page."""

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import helper, numpy_helper
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest

from core.architecture import Layer
from core.explain.atlas import key_of, write_tsne
from core.explain.features import LayerMaps, feature_maps
from core.explain.projection import among, nearest
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.inference import Classifier
from core.look import Palette
from core.my_digits import MyDigits, Seen, owner_of
from core.runs import RunStore
from tests import shipped
from tests.atlases import made_up, surveying_waits, write_made_up
from tests.digits import digits
from tests.pages.drawn import alts, open_why
from tests.pages.screen import CANVAS, DRAW, MISCLASSIFICATIONS, drawing, finished_run, link_of, text_of
from ui import inside_charts, inside_points

INSIDE = "pages/6_Inside_the_Model.py"
OTHER = "20260101-000000-classic-abcd"
TOKEN = "a" * 32
PALETTE = Palette("#1D1B18", "#FCFBF8", "#274C8E", "#B23A24", "#6E675C", "#DDD7CA")
Look = Callable[..., AppTest]


@pytest.fixture
def look(home: StudioHome, visit) -> Look:
    """Opens the page by a link; what the network sees in all test images is known."""
    write_made_up(home)
    return lambda **link: visit(INSIDE, **{"run": "classic", **link})


def cells(app: AppTest) -> pd.DataFrame:
    """What the picture of the whole way is drawn from."""
    chart = next(each for each in app.get("vega_lite_chart") if each.proto.alt.startswith("The digit, the strongest"))
    return dataframe_util.convert_arrow_bytes_to_pandas_df(chart.proto.data.data)


def cloud(app: AppTest) -> dict:
    return json.loads(app.get("plotly_chart")[0].proto.spec)


def maps_of(home: StudioHome, image: np.ndarray) -> dict[str, LayerMaps]:
    run = RunStore(home).get("classic")
    return {maps.name: maps for maps in feature_maps(Classifier.load(run).network, run.layers, image)}


def button(app: AppTest, label: str):
    return next(each for each in app.button if each.label == label)


def test_a_digit_goes_through_every_layer_to_its_answer(home: StudioHome, look: Look):
    app = look(digit="7")
    image, label = digits()[0][7], int(digits()[1][7])
    found = cells(app)
    assert found[found["name"] != ""]["name"].tolist() == ["the digit", *maps_of(home, image), "answer"]
    for name, maps in maps_of(home, image).items():
        shown = found[(found["layer"] == name) & (found["size"] > 0)]["map"].tolist()
        assert shown == maps.strongest(8 if maps.values.ndim == 3 else 32)
    outputs = found[found["layer"] == "probabilities"]
    probabilities = Classifier.load(RunStore(home).get("classic")).probabilities(image[np.newaxis])[0]
    assert outputs["tip"].str.startswith(f"{probabilities.argmax()}:").sum() == 1
    assert f"Read as **{probabilities.argmax()}**" in text_of(app)
    assert ("right" if probabilities.argmax() == label else f"labelled {label}") in text_of(app)
    assert link_of(app) == {"run": "classic", "digit": "7"}
    first = maps_of(home, image)["act1"]
    assert f"**Map {first.strongest(1)[0]} of act1**" in text_of(app)
    assert all(alts(app))


def test_a_link_opens_one_map_with_what_drives_it_and_what_it_looks_for(home: StudioHome, look: Look):
    app = look(digit="7", layer="act2", map="5")
    values = maps_of(home, digits()[0][7])["act2"].values[..., 5]
    said = f"The map. 14×14 places, from {values.min():.2g} to {values.max():.2g};"
    assert any(alt.startswith(said) for alt in alts(app))
    assert "The digit coloured by what drives the map (blue) and what holds it back (red)." in alts(app)
    assert "weights" not in text_of(app)  # it reads other maps, not pixels
    assert [alt for alt in alts(app) if alt.startswith("Test image 5")][:8] == [
        f"Test image {place}, a {shipped.truth()[place]}." for place in range(50, 58)
    ]
    found = cells(app)
    assert found[found["chosen"]][["layer", "map"]].to_numpy().tolist() == [["act2", 5]]
    app.number_input(key="inside_map_act2").set_value(60).run()
    assert link_of(app)["map"] == "60"
    app.selectbox(key="inside_layer").set_value("pool1").run()
    assert not app.exception
    assert link_of(app) == {"run": "classic", "digit": "7", "layer": "pool1"}
    assert "Its 3×3 weights" in text_of(app)
    app.selectbox(key="inside_layer").set_value("probabilities").run()
    assert "The answer 9" in text_of(app)
    turn = cells(app)["turn"].iloc[0]
    app.number_input(key="inside_map_probabilities").set_value(4).run()
    assert "The answer 4" in text_of(app)
    assert cells(app)["turn"].iloc[0] == turn + 1


def test_another_digit_keeps_the_map_and_a_class_can_be_asked_for(look: Look):
    app = look(digit="7", layer="act2", map="5")
    app.selectbox(key="inside_take").set_value("a 3").run()
    button(app, "Another").click().run()
    assert shipped.truth()[int(link_of(app)["digit"])] == 3
    assert link_of(app)["map"] == "5"
    app.selectbox(key="inside_take").set_value("misread one").run()
    button(app, "Another").click().run()
    assert int(link_of(app)["digit"]) in shipped.misread()
    assert ":red[wrong, it is labelled" in text_of(app)
    next(each for each in app.button if each.key == "inside_strong_53").click().run()
    assert link_of(app)["digit"] == "53"


def test_a_drawing_comes_along_from_the_other_page_and_lies_where_the_plane_puts_it(home: StudioHome, look: Look):
    app = look()
    assert link_of(app).get("digit") is None
    app.switch_page(DRAW).run()
    app.session_state[CANVAS] = drawing(digits()[0][0])
    app.run()
    app.switch_page(INSIDE).run()
    assert not app.exception
    assert any(alt.startswith("Your drawing, 28 x 28") for alt in alts(app))
    ring = cloud(app)["data"][-1]
    assert len(ring["x"]) == 1
    assert "exactly where it belongs" in text_of(app)
    app.session_state[CANVAS] = drawing(None)
    app.button_group(key="inside_kind").set_value("Test split").run()
    assert link_of(app)["digit"] == "0"
    app.button_group(key="inside_kind").set_value("Drawing").run()
    assert link_of(app)["digit"] == "drawing"


def test_without_a_drawing_the_rooms_are_kept_and_it_says_what_to_do(look: Look):
    app = look(digit="drawing")
    assert "Draw a digit, or take one" in text_of(app)
    assert not cells(app)["chosen"].any()
    assert len(cloud(app)["data"]) == 1
    app.session_state[CANVAS] = drawing(None)
    app.run()
    assert not app.exception
    assert "Draw a digit, or take one" in text_of(app)


def test_my_digits_stand_ready_and_an_unknown_one_is_told(home: StudioHome, look: Look):
    app = look(digit="mine:")
    assert "You have kept no digits yet" in text_of(app)
    app.session_state["my_visit"] = TOKEN
    store = MyDigits(home, owner_of(TOKEN) or "")
    image = digits()[0][2]
    older = store.keep(Seen(255 - image.repeat(10, 0).repeat(10, 1), image), 1)
    store.keep(Seen(255 - digits()[0][4].repeat(10, 0).repeat(10, 1), digits()[0][4]), 6)
    app.run()
    assert any(alt == "A 6 of yours" for alt in alts(app))
    next(each for each in app.button if each.key == f"inside_{older}").click().run()
    assert link_of(app)["digit"] == f"mine:{older}"
    answer = Classifier.load(RunStore(home).get("classic")).probabilities(image[np.newaxis])[0].argmax()
    assert f"Read as **{answer}**" in text_of(app)
    app.query_params["digit"] = "mine:20260101-000000-00000000"
    app.run()
    assert "not among yours" in app.info[0].value


def test_what_is_circled_is_shown_and_nothing_else(look: Look):
    app = look(digit="0")
    rows, _ = nearest(made_up().vectors, made_up().vectors[0].astype(np.float32), 1)
    assert rows.tolist() == [0]
    assert "Nearest to this image" in text_of(app)
    places = [3, 247, 9_999]
    app.session_state["inside_circled"] = np.array(places, np.int32).tobytes()
    app.run()
    assert "3 images" in text_of(app)
    shown = [each.key.removeprefix("inside_point_") for each in app.button if each.key.startswith("inside_point_")]
    assert shown == ["3", "247", "9999"]
    app.button(key="inside_clear").click().run()
    assert "Nearest to this image" in text_of(app)


def test_tsne_puts_a_drawing_in_the_middle_of_its_neighbours(home: StudioHome, look: Look):
    points = np.random.default_rng(3).normal(size=(10_000, 2)).astype(np.float32)
    write_tsne(home, "classic", key_of(RunStore(home).get("classic")), points)
    app = look(digit="12", way="tsne", by="right")
    right, wrong, ring = cloud(app)["data"]
    assert (ring["x"], ring["y"]) == ([pytest.approx(points[12, 0])], [pytest.approx(points[12, 1])])
    assert wrong["marker"]["color"] != right["marker"]["color"]
    rows, distances = nearest(made_up().vectors, made_up().vectors[12].astype(np.float32), 5)
    assert np.allclose(among(points, rows, distances), points[12], atol=0.01)
    assert "The distances between the groups" in text_of(app)


def test_tsne_is_offered_and_followed_while_it_is_made(home: StudioHome, look: Look):
    with surveying_waits(home, "tsne"):
        app = look(way="tsne")
        assert "t-SNE has not been worked out" in text_of(app)
        app.button(key="inside_tsne").click().run()
        assert not app.exception
        assert "once for this run; it goes on when you leave: starting" in text_of(app)
        assert not app.get("plotly_chart")


def test_before_all_images_are_seen_the_layers_are_there_all_the_same(home: StudioHome, visit):
    with surveying_waits(home):
        app = visit(INSIDE, run="classic", digit="7")
        assert "The 10,000 test images go through the network, once for this run: starting" in text_of(app)
        assert "Map" in text_of(app)
        assert set(cells(app)["layer"]) >= {*made_up().strongest, "probabilities"}


@pytest.mark.parametrize(
    "link",
    [
        {"digit": "10000", "layer": "gone", "map": "-1", "way": "umap", "by": "size"},
        {"digit": "1e400", "layer": "act1", "map": "99999999", "way": "", "by": "*"},
        {"digit": "../0", "layer": "<b>", "map": "٣"},
    ],
)
def test_what_a_link_asks_for_in_vain_is_left_out(look: Look, link: dict[str, str]):
    app = look(**link)
    assert "There is no such test image" in app.info[0].value
    assert "of act1**" in text_of(app)
    assert len(cloud(app)["data"]) == 2


def test_a_run_that_is_deleted_meanwhile_gives_way_to_another(home: StudioHome, look: Look):
    finished_run(home, OTHER)
    write_made_up(home, OTHER)
    app = look(run=OTHER)
    shutil.rmtree(home.runs / OTHER)
    app.run()
    assert not app.exception
    assert "is not here (any more)" in app.warning[0].value
    assert link_of(app)["run"] == "classic"


def test_a_damaged_model_is_one_sentence(home: StudioHome, look: Look):
    folder = finished_run(home, OTHER).path
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:1000])
    app = look(run=OTHER)
    assert "cannot be loaded" in app.info[0].value
    assert app.selectbox


def test_without_a_model_it_says_what_to_do(no_models: StudioHome, visit):
    assert "No model yet" in text_of(visit(INSIDE))


def odd_network(home: StudioHome, hidden: str | None) -> None:
    """A run of dense layers alone: ten outputs from the pixels, or from one layer of a name from outside."""
    folder = finished_run(home, OTHER).path
    rng = np.random.default_rng(5)
    nodes = [helper.make_node("Flatten", ["image"], ["flat"], axis=1)]
    sizes, source, outputs, layers = [784], "flat", ["probabilities"], []
    if hidden is not None:
        nodes += [helper.make_node("MatMul", ["flat", "w0"], [hidden])]
        sizes, source, outputs = [784, 300], hidden, ["probabilities", hidden]
        layers.append(Layer(hidden, "Dense", (300,), 784 * 300, 784 * 300))
    sizes.append(10)
    nodes += [helper.make_node("MatMul", [source, f"w{len(sizes) - 2}"], ["logits"])]
    nodes += [helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1)]
    values = [
        numpy_helper.from_array(rng.normal(size=pair).astype(np.float32) / 20, f"w{number}")
        for number, pair in enumerate(itertools.pairwise(sizes))
    ]
    image = helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["n", 28, 28, 1])
    infos = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 10 if name == "probabilities" else 300])
        for name in outputs
    ]
    graph = helper.make_graph(nodes, "odd", [image], infos, values)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx"
    )
    layers.append(Layer("probabilities", "Dense", (10,), 10 * sizes[-2], 10 * sizes[-2]))
    config = read_json_object(folder / "config.json")
    write_json(folder / "config.json", config | {"imported": True, "network": [asdict(layer) for layer in layers]})


def test_a_network_of_one_layer_has_its_outputs_and_its_pixels(home: StudioHome, look: Look):
    odd_network(home, None)
    with surveying_waits(home, run_id=OTHER):
        app = look(run=OTHER, digit="7")
    found = cells(app)
    assert found[found["name"] != ""]["name"].tolist() == ["the digit", "answer"]
    assert "The answer" in text_of(app)
    assert not app.exception


def test_a_name_from_outside_is_shown_as_it_is_written(home: StudioHome, look: Look):
    name = "*wide* :smile: <b>"
    odd_network(home, name)
    with surveying_waits(home, run_id=OTHER):
        app = look(run=OTHER, digit="7", layer=name)
    assert any("\\*wide\\*" in each.value for each in app.markdown)
    assert (cells(app)["layer"] == name).sum() == 32
    assert name in app.selectbox(key="inside_layer").options


def test_of_hundreds_of_maps_the_strongest_are_drawn_and_the_chosen_one():
    rng = np.random.default_rng(6)
    maps = LayerMaps("wide", "ReLU", rng.random((7, 7, 900), np.float32), 0.0, 1.0)
    found = inside_charts.shown(maps, ("wide", 899))
    assert len(found) == 8
    assert found[:7] == maps.strongest(7)
    assert found[7] == 899 or 899 in maps.strongest(8)
    assert inside_charts.shown(maps, ("another", 899)) == maps.strongest(8)


def test_clicks_say_which_map_and_which_images():
    assert inside_charts.clicked([{"layer": "act1", "map": 4, "turn": 1}]) == ("act1", 4)
    assert inside_charts.clicked([{"layer": "the digit", "map": -1, "turn": 1}]) is None
    assert inside_charts.clicked([]) is None
    points = [{"customdata": [7, 1, 1]}, {"customdata": {"0": 3, "1": 2}}, {"x": 0.5}, {"customdata": [7, 1, 1]}]
    assert inside_points.circled(points) == (3, 7)
    assert inside_points.circled([]) == ()


def test_other_pages_lead_here_with_their_digit(visit, test_digits):
    place = shipped.misread()[0]
    app = visit(MISCLASSIFICATIONS, run="classic", split="test", image=str(place))
    link = next(each for each in app.page_link if each.label == "Its way through the network")
    assert link.proto.query_string == f"run=classic&digit={place}"
    app = visit(DRAW)
    app.session_state[CANVAS] = drawing(test_digits[7])
    link = next(each for each in open_why(app, "Layers").page_link if each.label == "Its way through the network")
    assert link.proto.query_string == "run=classic&digit=drawing"
