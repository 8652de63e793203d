"""Descriptions of networks from outside: what is allowed is measured as Keras would, everything else is refused."""

from typing import Any

import pytest

from core import architecture
from core.errors import ModelFileError
from core.home import SHIPPED, StudioHome
from core.importing.archive import read_archive
from core.importing.config import MAX_LAYERS, read_network
from core.importing.network import MAX_PARAMETERS
from core.runs import RunStore
from tests.model_files import DENSE, FLATTEN, IMAGE, graph, layer, sequential

LOGITS = layer("Dense", "logits", units=10, activation=None)
CONV = layer("Conv2D", "conv", filters=4, kernel_size=[3, 3])


def test_our_own_file_is_understood_as_the_layer_table(home: StudioHome) -> None:
    archive = read_archive((SHIPPED / "pretrained" / "classic" / "model.keras").read_bytes())
    network, table = read_network(archive.config), architecture.layers(RunStore(home).get("classic").config)
    found = [node.layer for node in network.nodes]
    for ours, theirs in zip(table, found, strict=True):
        assert (ours.name, ours.kind, ours.output_shape) == (theirs.name, theirs.kind, theirs.output_shape)
        assert (ours.parameters, ours.multiply_adds) == (theirs.parameters, theirs.multiply_adds)
    assert network.parameters == 421_642
    assert not network.softmax_added
    assert not network.sequential


def test_a_sequential_network_without_an_input_layer() -> None:
    network = read_network(sequential(FLATTEN, DENSE, build_input_shape=[None, 28, 28, 1]))
    assert [node.layer.name for node in network.nodes] == ["flatten", "probabilities"]
    assert [node.inputs for node in network.nodes] == [("image",), ("flatten",)]
    assert network.parameters == 7_850


def test_logits_get_a_softmax() -> None:
    network = read_network(sequential(IMAGE, FLATTEN, LOGITS))
    assert [(node.layer.kind, node.layer.name) for node in network.nodes][-2:] == [
        ("Dense", "logits"),
        ("Softmax", "probabilities"),
    ]
    assert network.softmax_added


def test_what_is_written_names_allowed_classes_and_values_alone() -> None:
    hostile = {
        **layer("Dense", "dense", units=10, activation="softmax"),
        "build_config": {"input_shape": [None, 10**12]},
    }
    hostile["config"]["dtype"] = {"module": "os", "class_name": "system", "config": {"command": "true"}}
    hostile["config"]["kernel_initializer"] = {"module": "evil", "class_name": "Lambda", "config": {}}
    written = read_network(sequential(IMAGE, FLATTEN, hostile) | {"compile_config": {"loss": "evil"}}).to_keras()
    assert written["config"]["layers"][-1] == {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"name": "probabilities", "units": 10, "activation": "softmax", "use_bias": True},
        "registered_name": None,
        "name": "probabilities",
        "inbound_nodes": written["config"]["layers"][-1]["inbound_nodes"],
    }
    assert all(word not in str(written) for word in ("evil", "system", "build_config", "compile_config"))


@pytest.mark.parametrize("name", ["probabilities", "image", "a b", "<b>", "x" * 100, "../../x", "é", ""])
def test_names_that_outputs_cannot_have_are_replaced(name: str) -> None:
    network = read_network(sequential(IMAGE, layer("Flatten", name), DENSE))
    assert [node.layer.name for node in network.nodes] == ["flatten__1", "probabilities"]


def ending(kind: str, **options: Any) -> dict[str, Any]:
    """A network with such a layer in it."""
    return sequential(IMAGE, layer(kind, "hostile", **options), FLATTEN, DENSE)


CUSTOM = {**layer("Dense", "dense", units=10), "module": "my_package.layers", "registered_name": "Custom>Dense"}
CALLED = graph((IMAGE, ()), (FLATTEN, ("input_layer",)), (DENSE, ("flatten",)), output="dense")
CALLED["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {"training": True}
SHARED = graph((IMAGE, ()), (FLATTEN, ("input_layer",)), (DENSE, ("flatten",)), output="dense")
SHARED["config"]["layers"][1]["inbound_nodes"] *= 2
HOSTILE = {
    "a Lambda layer": (ending("Lambda", function="eval"), r"The layer hostile \(Lambda\) is not allowed"),
    "TFSMLayer": (ending("TFSMLayer", filepath="/etc"), r"\(TFSMLayer\) is not allowed"),
    "a layer with a file": (ending("StringLookup", vocabulary="/etc/passwd"), r"\(StringLookup\) is not allowed"),
    "a network within": (ending("Sequential", layers=[]), r"\(Sequential\) is not allowed"),
    "a class that is no text": (sequential(IMAGE, {**DENSE, "class_name": ["Dense"]}), "not allowed"),
    "somebody's own Dense": (sequential(IMAGE, FLATTEN, CUSTOM), "is not allowed"),
    "a class of its own": (sequential(IMAGE) | {"class_name": "MyModel"}, "of the class MyModel; only Sequential"),
    "a huge Dense": (
        sequential(IMAGE, FLATTEN, layer("Dense", "a", units=99_999), layer("Dense", "b", units=10)),
        "at most 5,000,000 are read",
    ),
    "a Dense beyond everything": (ending("Dense", units=10**12), "must be a whole number from 1 to 100,000"),
    "a Dense of no whole size": (ending("Dense", units=1e3), "impossible units"),
    "units that are true": (ending("Dense", units=True), "impossible units"),
    "many large layers": (
        sequential(IMAGE, FLATTEN, *(layer("Dense", f"d{n}", units=1_500) for n in range(9)), DENSE),
        "parameters; at most 5,000,000 are read",
    ),
    "too much to answer": (ending("Conv2D", filters=5_000, kernel_size=1), "answers 3,920,000 values"),
    "too much to compute": (
        sequential(
            IMAGE,
            *(layer("Conv2D", f"c{n}", filters=200, kernel_size=5, padding="same") for n in range(3)),
            FLATTEN,
            DENSE,
        ),
        "multiply-adds an image",
    ),
    "too many layers": (sequential(IMAGE, *[FLATTEN] * (MAX_LAYERS + 1)), "at most 200 are read"),
    "padding without end": (ending("ZeroPadding2D", padding=[[0, 10**9], [0, 0]]), "impossible padding"),
    "an option that is not one": (
        ending("MaxPooling2D", pool_size=28, dilation=0),
        "the option dilation, which is not",
    ),
    "a kernel that leaves nothing": (
        ending("Conv2D", filters=1, kernel_size=28, dilation_rate=2),
        "has a window of 55",
    ),
    "groups": (ending("Conv2D", filters=4, kernel_size=3, groups=2), "impossible groups"),
    "an activation from outside": (ending("Activation", activation="my>thing"), "impossible activation"),
    "an activation that is an object": (
        ending("Activation", activation={"class_name": "function", "config": "eval"}),
        "impossible activation",
    ),
    "NaN": (ending("Rescaling", scale=float("nan")), "impossible scale"),
    "an option of later": (ending("Dense", units=10, file="/etc/passwd"), "option file, which is not allowed"),
    "channels first": (ending("Conv2D", filters=1, kernel_size=3, data_format="channels_first"), "option data_format"),
    "normalising along the rows": (ending("BatchNormalization", axis=1), "along the last axis only"),
    "a shape that does not fit": (ending("Reshape", target_shape=[28, 29]), r"cannot make \(28, 29\) of"),
    "no kernel size": (ending("Conv2D", filters=1), "lacks its kernel_size"),
    "a convolution of a vector": (sequential(IMAGE, FLATTEN, CONV), "needs an input of height, width and channels"),
    "another input": (
        sequential(layer("InputLayer", "i", batch_shape=[None, 32, 32, 3]), FLATTEN, DENSE),
        r"takes images \(32, 32, 3\); it must take \(28, 28, 1\)",
    ),
    "no channel": (sequential(layer("InputLayer", "i", batch_shape=[None, 28, 28]), FLATTEN, DENSE), r"\(28, 28\)"),
    "an input never stated": (sequential(FLATTEN, DENSE), "of no stated shape"),
    "another output": (sequential(IMAGE, FLATTEN, layer("Dense", "d", units=11)), r"answers \(11,\)"),
    "an image as output": (sequential(IMAGE, CONV), r"answers \(26, 26, 4\)"),
    "sigmoids": (sequential(IMAGE, FLATTEN, layer("Dense", "d", units=10, activation="sigmoid")), "ends in sigmoid"),
    "no layers": (sequential(IMAGE), "not as Keras writes it"),
    "nothing at all": ({}, "not as Keras writes it"),
    "layers that are text": (sequential(*"abc"), "not as Keras writes it"),
    "a name twice": (sequential(IMAGE, FLATTEN, FLATTEN, DENSE), "Two layers are called flatten"),
    "two inputs": (sequential(IMAGE, layer("InputLayer", "two", batch_shape=[None, 28, 28, 1])), "several inputs"),
    "a loop": (
        graph((IMAGE, ()), (layer("Add", "add"), ("input_layer", "add")), (DENSE, ("add",)), output="dense"),
        "a layer that does not come before it",
    ),
    "sums of unequal shapes": (
        graph((IMAGE, ()), (CONV, ("input_layer",)), (layer("Add", "add"), ("input_layer", "conv")), output="add"),
        "must join two or more inputs of one shape",
    ),
    "another end": (graph((IMAGE, ()), (FLATTEN, ("input_layer",)), output="input_layer"), "must have one output"),
    "called as in training": (CALLED, "called with further arguments"),
    "used twice": (SHARED, "used in several places"),
}


@pytest.mark.parametrize(("config", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_networks_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as raised:
        read_network(config)
    assert len(str(raised.value)) < 600
    assert str(raised.value).isprintable()


def test_the_cap_is_reached_before_anything_is_built() -> None:
    units = (MAX_PARAMETERS - 10) // (784 + 10 + 1) - 1
    layers = (IMAGE, FLATTEN, layer("Dense", "wide", units=units), LOGITS)
    assert read_network(sequential(*layers)).parameters <= MAX_PARAMETERS
    layers[2]["config"]["units"] = units + 2
    with pytest.raises(ModelFileError, match="at most 5,000,000 are read"):
        read_network(sequential(*layers))
