"""The description of a network from outside, read into our own terms.

Owns the walk over `config.json` of a `.keras` file: which layers follow which, what each costs, and the limits on the
whole. Which layers are allowed is `layers`', what Keras then gets `network`'s. Needs no Keras.
"""

import math
import re
from typing import Any, Final

from core.architecture import CLASSES, INPUT_SHAPE, Layer
from core.errors import ModelFileError
from core.importing.layers import KINDS, Options, Shape
from core.importing.network import INPUT, MAX_PARAMETERS, Network, Node
from core.importing.options import REQUIRED, shown
from core.network import OUTPUT

MAX_LAYERS: Final = 200
MAX_VALUES: Final = 200_000  # that one layer may answer for one image
MAX_MULTIPLY_ADDS: Final = 300_000_000  # for one image; `strong` needs a third of that
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_WITHOUT_EFFECT: Final = ("name", "trainable", "dtype", "seed", "synchronized", "renorm_clipping", "renorm_momentum")
_ONLY_FOR_TRAINING: Final = ("_initializer", "_regularizer", "_constraint")


def read_network(description: dict[str, Any]) -> Network:
    """The network that a `.keras` file's `config.json` describes.

    Raises:
        ModelFileError: it is no chain or graph of allowed layers from (28, 28, 1) to 10 answers, or too large.
    """
    try:
        kind, config = description["class_name"], description["config"]
        if kind not in ("Sequential", "Functional"):
            raise ModelFileError(f"The network is of the class {shown(kind)}; only Sequential and Functional are read.")
        return _Reader(sequential=kind == "Sequential").read(config)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ModelFileError("The file's description of its network is not as Keras writes it.") from error


class _Reader:
    """One walk over the layers. KeyError and its like mean that the description is not of Keras' form."""

    def __init__(self, *, sequential: bool) -> None:
        self._sequential = sequential
        self._nodes: list[Node] = []
        self._names: dict[str, str] = {}  # in the file: ours
        self._shapes: dict[str, Shape] = {INPUT: INPUT_SHAPE}

    def read(self, config: dict[str, Any]) -> Network:
        layers = list(config["layers"])
        if len(layers) > MAX_LAYERS:
            raise ModelFileError(f"The network has {len(layers):,} layers; at most {MAX_LAYERS} are read.")
        if self._sequential and layers[0]["class_name"] != "InputLayer":
            _check_input(config.get("build_input_shape"))
        else:
            self._read_input(layers.pop(0))
        for layer in layers:
            self._read_layer(layer)
        if not self._sequential:
            self._check_ends(config["output_layers"])
        return self._finish()

    def _read_input(self, layer: dict[str, Any]) -> None:
        if layer["class_name"] != "InputLayer":
            raise ModelFileError("The first layer of the network is not its input.")
        _check_input(layer["config"].get("batch_shape"))
        self._names[layer["config"]["name"]] = INPUT

    def _read_layer(self, layer: dict[str, Any]) -> None:
        kind, config = layer["class_name"], layer["config"]
        where = f"The layer {shown(config.get('name'))} ({shown(kind)})"
        if kind == "InputLayer":
            raise ModelFileError("The network has several inputs; one of (28, 28, 1) is read.")
        if not isinstance(kind, str) or kind not in KINDS or not _is_kerasown(layer):
            raise ModelFileError(f"{where} is not allowed; allowed are {', '.join(KINDS)}.")
        inputs = self._previous() if self._sequential else self._inputs(layer, where)
        try:
            options = _options(kind, config)
            shape, parameters, multiply_adds = KINDS[kind].measure(options, self._joined(kind, inputs))
        except ValueError as error:
            raise ModelFileError(f"{where} {error}.") from error
        if math.prod(shape) > MAX_VALUES:
            raise ModelFileError(f"{where} answers {math.prod(shape):,} values; at most {MAX_VALUES:,} are allowed.")
        name = self._name(config["name"], kind)
        self._shapes[name] = shape
        self._nodes.append(Node(Layer(name, kind, shape, parameters, multiply_adds, options), inputs))

    def _previous(self) -> tuple[str, ...]:
        return (self._nodes[-1].layer.name if self._nodes else INPUT,)

    def _inputs(self, layer: dict[str, Any], where: str) -> tuple[str, ...]:
        """The layers whose answers this one takes, by our names."""
        if len(layer["inbound_nodes"]) != 1:
            raise ModelFileError(f"{where} is used in several places; each layer may be used once.")
        call = layer["inbound_nodes"][0]
        if any(value is not None and value is not False for value in call["kwargs"].values()):
            raise ModelFileError(f"{where} is called with further arguments, which is not allowed.")
        if len(call["args"]) != 1:
            raise ModelFileError(f"{where} is called with further arguments, which is not allowed.")
        argument = call["args"][0]
        tensors = argument if isinstance(argument, list) else [argument]
        sources = [tensor["config"]["keras_history"] for tensor in tensors]
        if any(source[1:] != [0, 0] or source[0] not in self._names for source in sources):
            raise ModelFileError(f"{where} takes the answer of a layer that does not come before it.")
        return tuple(self._names[source[0]] for source in sources)

    def _joined(self, kind: str, inputs: tuple[str, ...]) -> Shape:
        """The shape of what the layer takes: that of its input, or of its inputs together."""
        shapes = [self._shapes[name] for name in inputs]
        if not KINDS[kind].merges:
            if len(shapes) != 1:
                raise ValueError(f"takes one input, not {len(shapes)}")
            return shapes[0]
        alike = {shape[:-1] if kind == "Concatenate" else shape for shape in shapes}
        if len(shapes) < 2 or len(alike) != 1:
            raise ValueError("must join two or more inputs of one shape")
        channels = sum(shape[-1] for shape in shapes) if kind == "Concatenate" else shapes[0][-1]
        return (*shapes[0][:-1], channels)

    def _name(self, given: str, kind: str) -> str:
        """The layer's own name where it is a plain and free one: outputs of `model.onnx` go by it."""
        plain = isinstance(given, str) and _NAME.fullmatch(given)
        taken = given in self._names or given in self._shapes or given == OUTPUT
        name = given if plain and not taken else f"{kind.lower()}__{len(self._nodes) + 1}"
        if given in self._names:
            raise ModelFileError(f"Two layers are called {shown(given)}.")
        self._names[given] = name
        return name

    def _check_ends(self, outputs: Any) -> None:
        """One output, and it is what the last layer answers."""
        outputs = outputs[0] if isinstance(outputs[0], list) and len(outputs) == 1 else outputs
        if len(outputs) != 3 or outputs[1:] != [0, 0] or self._names.get(outputs[0]) != self._nodes[-1].layer.name:
            raise ModelFileError("The network must have one output, which its last layer answers.")

    def _finish(self) -> Network:
        """The whole, its last layer renamed to `probabilities`, or followed by a softmax of that name."""
        last = self._nodes[-1]
        if last.layer.output_shape != (CLASSES,):
            raise ModelFileError(f"The network answers {last.layer.output_shape}; it must give (10,) probabilities.")
        activation = "softmax" if last.layer.kind == "Softmax" else last.layer.options.get("activation", "linear")
        if activation == "softmax":
            self._nodes[-1] = Node(_renamed(last.layer), last.inputs)
        elif activation == "linear":
            self._nodes.append(Node(Layer(OUTPUT, "Softmax", (CLASSES,), 0, 0, {}), (last.layer.name,)))
        else:
            raise ModelFileError(f"The network ends in {activation}; it must end in a softmax, or in logits.")
        network = Network(self._sequential, tuple(self._nodes), activation == "linear")
        _check_size(network)
        return network


def _renamed(layer: Layer) -> Layer:
    return Layer(OUTPUT, layer.kind, layer.output_shape, layer.parameters, layer.multiply_adds, layer.options)


def _check_input(shape: Any) -> None:
    if not isinstance(shape, list) or len(shape) < 2 or tuple(shape[1:]) != INPUT_SHAPE:
        given = f"({', '.join(map(shown, shape[1:]))})" if isinstance(shape, list) else "of no stated shape"
        raise ModelFileError(f"The network takes images {given}; it must take (28, 28, 1).")


def _check_size(network: Network) -> None:
    if network.parameters > MAX_PARAMETERS:
        raise ModelFileError(f"The network has {network.parameters:,} parameters; at most {MAX_PARAMETERS:,} are read.")
    work = sum(node.layer.multiply_adds for node in network.nodes)
    if work > MAX_MULTIPLY_ADDS:
        raise ModelFileError(
            f"The network needs {work:,} multiply-adds an image; at most {MAX_MULTIPLY_ADDS:,} may be."
        )


def _is_kerasown(layer: dict[str, Any]) -> bool:
    """Whether a layer's class is Keras' own, rather than one of the same name from somewhere else."""
    module, registered = layer.get("module"), layer.get("registered_name")
    own = isinstance(module, str) and (module == "keras.layers" or module.startswith("keras.src.layers."))
    return own and registered in (None, layer["class_name"])


def _options(kind: str, config: dict[str, Any]) -> Options:
    """A layer's options, checked, with defaults for those not named. ValueError says which is not allowed."""
    allowed = KINDS[kind].options
    for name, value in config.items():
        harmless = name in _WITHOUT_EFFECT or name.endswith(_ONLY_FOR_TRAINING) or value is None or value is False
        if name not in allowed and not harmless and (name, value) != ("data_format", "channels_last"):
            raise ValueError(f"has the option {shown(name)}, which is not allowed")
    options: Options = {}
    for name, (check, default) in allowed.items():
        if name not in config and default is REQUIRED:
            raise ValueError(f"lacks its {name}")
        try:
            options[name] = check(config[name]) if name in config else default
        except ValueError as error:
            raise ValueError(f"has an impossible {name}: it {error}") from error
    return options
