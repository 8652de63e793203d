"""Reads pictures of digits with the model in this folder: `python predict.py picture.png ...`.

Any picture of one digit: dark on light or light on dark, any size, PNG, JPEG, WebP or BMP. Prints one line of JSON for
each, as Digit Studio does. Needs what `selftest.py` needs, OpenCV and Pillow; `requirements.txt` names them.
"""

import json
import sys
from pathlib import Path
from typing import Any

from preprocessing import preprocess, read_picture
from preprocessing.errors import PictureError
from selftest import Network, apply_temperature, describe, load_network


def answer(network: Network, description: dict[str, Any], data: bytes) -> dict[str, Any]:
    """What the model says about the bytes of a picture file."""
    digit = preprocess(read_picture(data))
    if digit.blank:
        return {"digit": None, "confidence": None, "probabilities": None, "warnings": list(digit.warnings)}
    probabilities = apply_temperature(network(digit.image[None, ..., None]), description["temperature"])[0]
    confidence = float(probabilities.max())
    values = {
        "digit": int(probabilities.argmax()),
        "confidence": round(confidence, 7),
        "probabilities": [round(float(probability), 7) for probability in probabilities],
        "warnings": list(digit.warnings),
    }
    threshold = description["threshold"]
    return values | ({"abstained": True} if threshold is not None and confidence < threshold else {})


def main(paths: list[str]) -> int:
    if not paths:
        sys.stderr.write("usage: python predict.py picture.png ...\n")
        return 2
    description = describe()
    network = load_network()
    failed = 0
    for path in paths:
        try:
            values = answer(network, description, Path(path).read_bytes())
        except (PictureError, OSError) as error:
            values = {"digit": None, "confidence": None, "probabilities": None, "warnings": [], "error": str(error)}
            failed = 1
        sys.stdout.write(json.dumps({"path": path, **values}) + "\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
