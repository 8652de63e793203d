"""The answer for one picture file as plain values: the one shape that the CLI, the API and the pages' tables give.

Owns the keys and the rounding of that shape. What is asked is `inference`'s, what a file may be is `preprocessing`'s.
"""

from collections.abc import Iterable
from typing import Any, Final

from core.inference import Classifier, Prediction
from core.memory import give_back
from core.preprocessing import read_picture

LARGE: Final = 16_000_000  # bytes of a picture whose memory is worth the milliseconds to give it back at once


def answer(classifier: Classifier, data: bytes, *, multi: bool = False) -> dict[str, Any]:
    """What the classifier says about the bytes of a picture file.

    Args:
        multi: also split the picture and give every digit in `digits`; the other keys stay as they are without it.

    Raises:
        PictureError: the bytes cannot be read as a picture.
    """
    picture = read_picture(data)
    large = picture.nbytes > LARGE
    values = record(classifier.classify(picture), classifier.classify_each(picture) if multi else None)
    del picture
    if large:
        give_back()
    return values


def record(prediction: Prediction, digits: Iterable[Prediction] | None = None) -> dict[str, Any]:
    """The answer for a picture that was asked about already.

    Args:
        digits: every digit of the picture, where it was read as several; None leaves them out.
    """
    values = {**_values(prediction), "warnings": list(prediction.warnings), **_verdict(prediction)}
    if digits is not None:
        values["digits"] = [{**_values(digit), "box": _box(digit), **_verdict(digit)} for digit in digits]
    return values


def failure(message: str) -> dict[str, Any]:
    """The answer for a file that could not be read."""
    return {"digit": None, "confidence": None, "probabilities": None, "warnings": [], "error": message}


def _values(prediction: Prediction) -> dict[str, Any]:
    confidence, probabilities = prediction.confidence, prediction.probabilities
    return {
        "digit": prediction.digit,
        "confidence": None if confidence is None else _rounded(confidence),
        "probabilities": None if probabilities is None else [_rounded(p) for p in probabilities],
    }


def _verdict(prediction: Prediction) -> dict[str, bool]:
    return {"abstained": True} if prediction.abstained else {}


def _box(prediction: Prediction) -> list[int] | None:
    return None if prediction.box is None else [int(value) for value in prediction.box]


def _rounded(probability: float) -> float:
    """Seven decimals: as exact as float32, without its tail of noise."""
    return round(float(probability), 7)
