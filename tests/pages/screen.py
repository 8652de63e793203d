"""What a page says, and what a visitor does to it, in words that tests can use."""

import base64
import io
import shutil

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.home import SHIPPED, StudioHome
from core.run import Run
from core.runs import RunStore
from core.status import RunState

HOME = "Home.py"
TRAIN = "pages/1_Train.py"
RUNS = "pages/2_Runs.py"
CONFUSION = "pages/3_Confusion_Matrix.py"
MISCLASSIFICATIONS = "pages/4_Misclassifications.py"
DRAW = "pages/5_Draw_and_Predict.py"
CANVAS = "canvas-1"
CANVAS_SIDE = 280
WORDS = ("title", "subheader", "markdown", "caption", "text", "error")


def text_of(app: AppTest) -> str:
    """Everything a visitor reads on the page, with ordinary spaces and without Markdown's backslashes."""
    parts = [element.value for kind in WORDS for element in app.get(kind)]
    parts += [f"{metric.label} {metric.value}" for metric in app.metric]
    parts += [bar.text for bar in app.progress]
    return "\n".join(map(str, parts)).replace("\N{NO-BREAK SPACE}", " ").replace("\\", "").replace("\u2060", "")


def link_of(app: AppTest) -> dict[str, str]:
    """What the page's address asks for."""
    return {name: said if isinstance(said, str) else said[0] for name, said in app.query_params.items()}


def drawing(image: np.ndarray | None) -> dict:
    """What the canvas sends: `image`, (28, 28) uint8 with the ink high, in black at tenfold size; None is blank."""
    ink = np.zeros((CANVAS_SIDE, CANVAS_SIDE), np.uint8) if image is None else image.repeat(10, 0).repeat(10, 1)
    pixels = np.dstack([255 - ink, 255 - ink, 255 - ink, np.full_like(ink, 255)])
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    data = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return {"drawing": {"raw": {"objects": [{}]}, "data": data}}


def labels(elements) -> list[str]:
    return [element.label for element in elements]


def own_run(store: RunStore, state: RunState, *, name: str = "My run", **status) -> Run:
    """A run of this home in some state, answered for by this process."""
    run = store.create(store.get("classic").config, name=name, preset="classic")
    run.status.write(run.path, state=state, **status)
    return store.get(run.run_id)


def finished_run(home: StudioHome, run_id: str = "20260101-000000-classic-abcd") -> Run:
    """An own run that has ended well: the shipped one under another id."""
    shutil.copytree(SHIPPED / "pretrained" / "classic", home.runs / run_id)
    return RunStore(home).get(run_id)


def answer_otherwise(home: StudioHome, run_id: str, digits: np.ndarray) -> None:
    """Makes a run answer these digits on the test split, surely."""
    path = home.runs / run_id / "predictions.npz"
    with np.load(path) as found:
        arrays = dict(found)
    arrays["test"] = np.eye(10, dtype=np.float32)[digits]
    np.savez(path, **arrays)
