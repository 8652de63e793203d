"""The formats that a run can be exported in: what each is called, and what runs it. Cheap to import."""

import enum
from dataclasses import dataclass
from typing import Final

from core.run import KERAS_MODEL, ONNX_MODEL


class ExportFormat(enum.StrEnum):
    """What `export --format` may name."""

    KERAS = "keras"
    ONNX = "onnx"
    LITERT = "litert"
    SAVEDMODEL = "savedmodel"


@dataclass(frozen=True, slots=True)
class Form:
    """What one format is called, and what it needs.

    Attributes:
        label: for people.
        file: the model's name in the zip; a folder for SavedModel.
        packages: what runs it, as pip knows them.
        call: how it is asked, as Markdown.
    """

    label: str
    file: str
    packages: tuple[str, ...]
    call: str


FORMS: Final = {
    ExportFormat.KERAS: Form(
        "Keras 3 file",
        KERAS_MODEL,
        ("keras>=3.15.1", "tensorflow"),
        "`keras.saving.load_model(file, compile=False).predict(images)`",
    ),
    ExportFormat.ONNX: Form(
        "ONNX file",
        ONNX_MODEL,
        ("onnxruntime",),
        "`onnxruntime.InferenceSession(file).run(['probabilities'], {'image': images})`; the further outputs are what "
        "each layer answers, by its name",
    ),
    ExportFormat.LITERT: Form(
        "LiteRT (TensorFlow Lite) file",
        "model.tflite",
        ("ai-edge-litert",),
        "`ai_edge_litert.interpreter.Interpreter(file)`, as in `selftest.py`",
    ),
    ExportFormat.SAVEDMODEL: Form(
        "TensorFlow SavedModel", "saved_model", ("tensorflow",), "`tensorflow.saved_model.load(folder).serve(images)`"
    ),
}
