"""Makes `artifacts/wholeness.onnx` from MNIST's training images: `python tools/fit_wholeness.py`. Takes half an hour.

The last 5,000 training images, the validation split, are left out. Prints what it tells right on parts it did not see.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.architecture import CLASSES, INPUT_SHAPE
from core.augmentation import augment
from core.config import PRESETS
from core.data import load_split
from core.home import WHOLENESS, StudioHome
from core.onnx_export import export_onnx
from tools.touching import parts

if TYPE_CHECKING:
    import keras

ROWS: Final = 16_000
WHOLE: Final = 55_000  # digits beside the parts, moved and bent
VALIDATION: Final = 5_000
EPOCHS: Final = 8
BATCH: Final = 256
SEED: Final = 1


def network() -> "keras.Model":
    """Images (n, 28, 28, 1) to the probabilities (n, 11) of the ten digits and of none; 127,000 parameters."""
    import keras

    image = keras.Input(INPUT_SHAPE, name="image")
    values = keras.layers.Conv2D(16, 5, padding="same", activation="relu")(image)
    values = keras.layers.MaxPooling2D()(values)
    values = keras.layers.Conv2D(32, 3, padding="same", activation="relu")(values)
    values = keras.layers.MaxPooling2D()(values)
    values = keras.layers.Conv2D(64, 3, activation="relu")(values)
    values = keras.layers.Dropout(0.3)(keras.layers.Flatten()(values))
    values = keras.layers.Dense(64, activation="relu")(values)
    return keras.Model(image, keras.layers.Dense(CLASSES + 1, activation="softmax", name="probabilities")(values))


def fitted(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> "keras.Model":
    """The network trained on these (n, 28, 28) and (n,)."""
    import keras

    keras.utils.set_random_seed(SEED)
    model = network()
    steps = EPOCHS * -(-len(labels) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(images[..., None] / np.float32(255), labels, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


def main() -> None:
    rng = np.random.default_rng(SEED)
    split = load_split(StudioHome.from_environment().mnist, "train")
    images, labels = split.images[:-VALIDATION], split.labels[:-VALIDATION]
    cut, known = parts(images, labels, ROWS, rng)
    chosen = rng.permutation(len(labels))[:WHOLE]
    bent = augment(images[chosen], replace(PRESETS["classic"], rotation=10.0, shear=10.0, shift=1.0), rng)
    model = fitted(np.concatenate([cut, bent]), np.concatenate([known, labels[chosen]]))
    export_onnx(model, WHOLENESS)
    cut, known = parts(split.images[-VALIDATION:], split.labels[-VALIDATION:], ROWS // 20, rng)
    none = model.predict(cut[..., None] / np.float32(255), verbose=0)[:, CLASSES] > 0.5
    is_none = known == CLASSES
    told = f"{(~none[~is_none]).mean():.1%} of digits and {none[is_none].mean():.1%} of other parts told right"
    sys.stdout.write(f"{WHOLENESS.name}: {len(known):,} parts of validation digits, {told}\n")


if __name__ == "__main__":
    main()
