"""What an exported zip says about its model: `model.json`, and the words in the gaps of its README.

Owns the names in `model.json`, on which `kit` and programs of other people rely. What else is in the zip is `bundle`'s.
"""

from typing import Any, Final

from core import __version__
from core.exporting.forms import FORMS, ExportFormat
from core.files import read_json_object
from core.inference import Classifier
from core.run import ENVIRONMENT, Run

# Between processors and versions of a runtime, single sums are rounded differently; a wrong model is off by far more.
TOLERANCE: Final = 1e-3


def describe(run: Run, classifier: Classifier, form: ExportFormat, selftest: tuple[str, int]) -> dict[str, Any]:
    """`model.json`: everything about the model as data.

    Args:
        selftest: the split that the images of the self-test are from, and their number.
    """
    evaluation = run.evaluation() or {}
    test = evaluation.get("test") or {}
    try:
        versions = read_json_object(run.path / ENVIRONMENT).get("packages")
    except (OSError, ValueError):  # nice to know, not needed
        versions = None
    return {
        "made_by": f"Digit Studio {__version__}",
        "format": str(form),
        "file": FORMS[form].file,
        "run": {"run_id": run.run_id, "name": run.name, "preset": run.preset, "parameters": classifier.parameters}
        | {key: test.get(key) for key in ("n", "correct", "accuracy", "accuracy_low", "accuracy_high")},
        "input": {
            "shape": [None, 28, 28, 1],
            "dtype": "float32",
            "layout": "image, row, column, channel",
            "range": [0, 1],
            "ink": 1,
            "paper": 0,
        },
        "preprocessing": _preprocessing(),
        "output": {"name": "probabilities", "shape": [None, 10], "dtype": "float32", "digits": list(range(10))},
        "temperature": classifier.temperature,
        "threshold": classifier.threshold,
        "selftest": {
            "file": "selftest.npz",
            "split": selftest[0],
            "images": selftest[1],
            "tolerance": TOLERANCE,
        },
        "trained_with": versions,
    }


def _preprocessing() -> dict[str, Any]:
    """What the code in `preprocessing` makes of a picture, as data, for whoever writes that anew."""
    from core.preprocessing import enlarged, grey, placing  # brings OpenCV

    return {
        "package": "preprocessing",
        "working_size": grey.WORKING_SIZE,
        "longer_side": enlarged.CELLS,
        "size": placing.SIZE,
        "centre_of_mass": [placing.CENTRE - 0.5] * 2,  # as pixel numbers: row, column
        "thinnest_stroke": placing.THINNEST,
        "fattest_stroke": placing.FATTEST,
        "antialiased": True,
        "polarity": "found",
        "background": "removed",
        "transparent": "dark ink on white, light ink on black",
        "upright": "EXIF",
    }


def readme_words(form: ExportFormat, description: dict[str, Any]) -> dict[str, str]:
    """What stands in the README's gaps. The run's name is text from outside and stays in `model.json`."""
    run, threshold = description["run"], description["threshold"]
    accuracy = "not evaluated on MNIST's test split"
    if run["accuracy"] is not None:
        accuracy = (
            f"{run['accuracy']:.2%} on MNIST's test split ({run['n'] - run['correct']} wrong of {run['n']:,}; 95 % "
            f"interval {run['accuracy_low']:.2%} to {run['accuracy_high']:.2%})"
        )
    return {
        "format_name": FORMS[form].label,
        "file": FORMS[form].file,
        "call": FORMS[form].call,
        "run_id": run["run_id"],
        "parameters": f"{run['parameters']:,}",
        "accuracy": accuracy,
        "count": str(description["selftest"]["images"]),
        "split": description["selftest"]["split"],
        "tolerance": f"{TOLERANCE:g}",
        "temperature": f"{description['temperature']:g}",
        "threshold": "none" if threshold is None else f"{threshold:.12g}",
        "threshold_meaning": "none is set, so every answer counts."
        if threshold is None
        else f"a confidence under {threshold:.12g} means *I don't know*.",
    }
