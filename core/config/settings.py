"""The settings of one training: `TrainingConfig` and its rules."""

import difflib
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from core import architecture
from core.errors import ConfigError

IMAGE_SIZE: Final = 28
TRAINING_IMAGES: Final = 60_000
DISTORTIONS: Final = ("rotation", "shift", "scale", "shear", "thickness", "elastic", "blemishes")  # of an image
AUGMENTATION: Final = (*DISTORTIONS, "pen_styles")  # the settings that change what is trained on
DEFAULT_VALIDATION_SIZE: Final = 5_000
MAX_PARAMETERS: Final = 20_000_000
MAX_TRAINING_BYTES: Final = 6 * 2**30


def setting(
    default: Any, help: str, *, low: float | None = None, high: float | None = None, choices: tuple = ()
) -> Any:
    """A field of `TrainingConfig` with its range (both ends allowed) or choices, and one sentence of help."""
    return field(default=default, metadata={"help": help, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """Everything that decides how a network is built and trained; valid as soon as it exists.

    Each field's metadata holds `help`, `low`, `high` and `choices`, which the form, the CLI and the check all read.

    Raises:
        ConfigError: a value is of the wrong type, out of its range, or impossible together with another.
    """

    # The network.
    blocks: int = setting(2, "Convolution blocks; each ends by halving the image.", low=1, high=4)
    convs_per_block: int = setting(1, "Convolutions in each block.", low=1, high=3)
    filters: int = setting(32, "Filters of the first block's convolutions.", low=1, high=256)
    filter_growth: float = setting(2.0, "How many times as many filters each next block has.", low=1, high=4)
    kernel_size: int = setting(3, "Width and height of each filter in pixels.", low=1, high=11)
    pool_first: bool = setting(False, "Pool before the activation instead of after it: same result, less work.")
    batch_norm: bool = setting(False, "Normalise each convolution's output over the batch.")
    activation: str = setting("relu", "The non-linearity after each layer.", choices=("relu", "gelu", "silu", "tanh"))
    head: str = setting(
        "flatten",
        "How the last feature maps become one vector: all values, or each map's mean.",
        choices=("flatten", "global_average"),
    )
    dense_units: int = setting(128, "Units of the dense layer before the output; 0 leaves it out.", low=0, high=2_048)
    dropout: float = setting(0.5, "Share of values dropped before the output while training.", low=0, high=0.9)

    # The optimisation.
    optimizer: str = setting("adam", "The update rule.", choices=("adam", "adamw", "sgd", "rmsprop"))
    learning_rate: float = setting(1e-3, "Size of each step; the schedule's highest value.", low=1e-7, high=10)
    schedule: str = setting(
        "constant", "How the learning rate changes over the training.", choices=("constant", "cosine", "one_cycle")
    )
    weight_decay: float = setting(0.0, "How strongly AdamW and SGD shrink the weights.", low=0, high=1)
    label_smoothing: float = setting(0.0, "Share of certainty moved from the label to all classes.", low=0, high=0.5)
    weight_averaging: float = setting(0.0, "Decay of the running mean of the weights; 0 is off.", low=0, high=0.9999)
    batch_size: int = setting(128, "Images per step.", low=1, high=8_192)
    epochs: int = setting(5, "Passes over the training images.", low=1, high=1_000)
    early_stopping: int = setting(0, "Stop after this many epochs without a lower val_loss; 0 is off.", low=0, high=100)
    time_budget: float = setting(0.0, "Stop after this many minutes of training; 0 is no limit.", low=0, high=1_440)
    mixed_precision: str = setting(
        "auto", "bfloat16 arithmetic: quicker where the processor has it.", choices=("auto", "on", "off")
    )
    seed: int = setting(1, "Decides initial weights, order and augmentation.", low=0, high=2**31 - 1)

    # The data.
    subset: int = setting(0, "Train on this many images only; 0 is all.", low=0, high=TRAINING_IMAGES)
    validation_size: int = setting(
        DEFAULT_VALIDATION_SIZE, "Training images held back for validation.", low=0, high=30_000
    )
    stratified: bool = setting(False, "Hold back the same share of every digit instead of the last images.")

    # Augmentation, drawn anew for every image: largest changes, then shares of the images.
    rotation: float = setting(0.0, "Largest rotation in degrees.", low=0, high=45)
    shift: float = setting(0.0, "Largest shift in pixels.", low=0, high=8)
    scale: float = setting(0.0, "Largest change of size as a share.", low=0, high=0.5)
    shear: float = setting(0.0, "Largest shear in degrees.", low=0, high=45)
    thickness: float = setting(0.0, "Largest change of stroke width in pixels.", low=0, high=2)
    elastic: float = setting(0.0, "Largest elastic displacement in pixels.", low=0, high=4)
    blemishes: float = setting(
        0.0,
        "Share of the images with a blemish: noise, blur, low contrast, ruled lines or a covered patch.",
        low=0,
        high=0.5,
    )
    pen_styles: float = setting(
        0.0,
        "Share of each batch drawn by code as people write and MNIST does not, such as a crossed 7.",
        low=0,
        high=0.5,
    )

    def __post_init__(self) -> None:
        for rule in fields(self):
            value = getattr(self, rule.name)
            _check_setting(rule.name, value, rule.type, rule.metadata)
            if rule.type is float:  # JSON and people write 1 for 1.0, which Keras takes for something else
                object.__setattr__(self, rule.name, float(value))
        self._check_together()

    def _check_together(self) -> None:
        size = IMAGE_SIZE // 2 ** (self.blocks - 1)
        if self.kernel_size > size:
            raise ConfigError(
                f"kernel_size {self.kernel_size} is larger than the {size} x {size} image that reaches block "
                f"{self.blocks}; use at most {size}, or fewer blocks."
            )
        training_images = TRAINING_IMAGES - self.validation_size
        if self.subset > training_images:
            raise ConfigError(
                f"subset {self.subset} is more than the {training_images} images left for training after "
                f"validation_size {self.validation_size}; use at most {training_images}, or 0 for all."
            )
        parameters = architecture.count_parameters(self)
        if parameters > MAX_PARAMETERS:
            raise ConfigError(
                f"this network has {parameters:,} parameters, more than the {MAX_PARAMETERS:,} allowed; "
                "use fewer filters, blocks or dense units."
            )
        needed = architecture.training_bytes(self)
        if needed > MAX_TRAINING_BYTES:
            raise ConfigError(
                f"one step needs about {needed / 2**30:.1f} GiB of memory, more than the "
                f"{MAX_TRAINING_BYTES / 2**30:.0f} GiB allowed; use a smaller batch_size or fewer filters."
            )
        if self.early_stopping and not self.validation_size:
            raise ConfigError(
                "early_stopping watches the validation loss, but validation_size is 0; "
                "hold back some images or set early_stopping to 0."
            )

    @property
    def training_images(self) -> int:
        """How many images one epoch sees."""
        return self.subset or TRAINING_IMAGES - self.validation_size

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches in one epoch; at least one. Batches are always full, so that one shape is compiled."""
        return max(1, self.training_images // self.batch_size)

    @property
    def augments(self) -> bool:
        """Whether images are changed."""
        return any(getattr(self, name) for name in DISTORTIONS)

    def to_dict(self) -> dict[str, Any]:
        """All settings as plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TrainingConfig":
        """The configuration of these settings; what is not named keeps its default.

        Raises:
            ConfigError: as for the class, or for a name that is no setting.
        """
        for name in values:
            _require_known(name)
        return cls(**values)

    def with_text(self, assignments: dict[str, str]) -> "TrainingConfig":
        """A copy with settings given as text, as `--set` gives them.

        Raises:
            ConfigError: a name is no setting, a text is no value of its type, or a value is not allowed.
        """
        types = {rule.name: rule.type for rule in fields(self)}
        values = {}
        for name, text in assignments.items():
            _require_known(name)
            values[name] = _parse(name, text, types[name])
        return replace(self, **values)


def _require_known(name: str) -> None:
    known = [rule.name for rule in fields(TrainingConfig)]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the settings are {', '.join(known)}."
        raise ConfigError(f"{name!r} is not a setting; {hint}")


def _parse(name: str, text: str, kind: Any) -> Any:
    """`text` as a value of type `kind`; ConfigError says what was expected."""
    if kind is bool:
        if text.strip().lower() in ("true", "yes", "on", "1"):
            return True
        if text.strip().lower() in ("false", "no", "off", "0"):
            return False
        raise ConfigError(f"{name} must be true or false, not {text!r}.")
    if kind is str:
        return text.strip()
    try:
        return kind(text)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{name} must be {wanted}, not {text!r}.") from None


def _check_setting(name: str, value: Any, kind: Any, rule: Any) -> None:
    if kind is bool:
        if not isinstance(value, bool):
            raise ConfigError(f"{name} must be true or false, not {value!r}.")
        return
    if rule["choices"]:
        if value not in rule["choices"]:
            raise ConfigError(f"{name} must be one of {', '.join(rule['choices'])}, not {value!r}.")
        return
    numbers = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, numbers):
        wanted = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{name} must be {wanted}, not {value!r}.")
    if not rule["low"] <= value <= rule["high"]:  # false for NaN as well
        raise ConfigError(f"{name} must be from {rule['low']:,} to {rule['high']:,}, not {value!r}.")
