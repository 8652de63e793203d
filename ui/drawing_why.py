"""Why a drawing is read as it is: the steps on its way, what speaks for each answer, its layers, what it looks like.

Each part stands behind a tab and is worked out only while that is open.
"""

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import pictures
from core.explain.occlusion import saliency
from core.explain.why_not import Spot, why_not
from core.inference import Prediction
from core.run import Run
from ui import components, inside_link, reasons, resources, state, words
from ui.state import inside as looked

STAGES: Final = (
    "The picture as it came.",
    "Brightness only.",
    "The ink over its paper.",
    "The digit's own ink, cut out.",
    "28 x 28, its centre of mass in the middle.",
)
INK_STAGES: Final = ("evened", "ink", "placed")  # where high values are ink: drawn as such
TABS: Final = ("Steps", "For and against", "Why not", "Layers", "Look-alikes")
HELPS: Final = (
    "Left, red ink speaks against the digit and for its strongest rival; right, ink put where it is blue would speak "
    "for it. In nats of log-probability, on one scale. The frames are the one piece of each that would help most."
)


def show(run: Run, prediction: Prediction | None) -> None:
    """The tabs; all of them have their room while there is no digit."""
    st.subheader("What the network sees", anchor=False)
    steps, parts, wanting, layers, alike = st.tabs(list(TABS), key=state.WHY, on_change="rerun")
    read = prediction if prediction is not None and prediction.digit is not None else None
    if steps.open:
        with steps:
            filmstrip(prediction)
    if parts.open:
        with parts:
            reasons.guarded(lambda: _for_and_against(run, read))
    if wanting.open:
        with wanting:
            reasons.guarded(lambda: _why_not(run, read))
    if layers.open:
        with layers:
            reasons.guarded(lambda: _layers(run, read))
    if alike.open:
        with alike:
            reasons.guarded(lambda: _look_alikes(run, read))


def filmstrip(prediction: Prediction | None) -> None:
    """How the picture became the 28 x 28 image that the network sees."""
    with st.grid(len(STAGES), min_column_width=100, gap="small"):
        if prediction is None:
            for caption in STAGES:
                components.empty_frame(caption)
            return
        for stage in prediction.preprocessed.stages:
            shown = pictures.digit_png if stage.name in INK_STAGES else pictures.picture_png
            st.image(shown(stage.image), width=pictures.WIDTH, caption=stage.caption, alt=f"Step {stage.name}")


def _for_and_against(run: Run, prediction: Prediction | None) -> None:
    """What each part of the ink says for the answer and for the runner-up."""
    if prediction is None or prediction.digit is None or prediction.runner_up is None:
        reasons.frames("Nothing drawn yet")
        return
    image, (other, _) = _image(prediction), prediction.runner_up
    covered, _ = resources.trials(run, image)
    digits = (prediction.digit, other)
    reasons.maps(
        image,
        [saliency(covered, digit) for digit in digits],
        [
            f"For or against {digit}, {role}"
            for digit, role in zip(digits, ("which it is read as", "the runner-up"), strict=True)
        ],
        [f"The digit coloured by what speaks for {digit} (blue) and against it (red)." for digit in digits],
    )


def _why_not(run: Run, prediction: Prediction | None) -> None:
    """What stands between the drawing and a digit that the visitor names; at first the runner-up."""
    asked = st.pills(
        "Why is it not a", range(10), key=state.ASKED, persist_state=state.KEEP, help="At first the runner-up."
    )
    if prediction is None or prediction.runner_up is None:
        reasons.frames("Nothing drawn yet")
        return
    asked = prediction.runner_up[0] if asked is None else asked
    image = _image(prediction)
    found = why_not(*resources.trials(run, image), asked)
    reasons.maps(
        image,
        [-found.against, found.help],
        [f"The ink: against {asked} and for {found.rival} (red)", f"Where more ink would help {asked} (blue)"],
        [
            f"The digit coloured by what speaks for {asked} (blue) and for {found.rival} instead (red).",
            f"The digit with the places where ink would speak for {asked} (blue) or against it (red).",
        ],
        note=HELPS,
        marks=[_mark(found.removal), _mark(found.addition)],
    )
    st.markdown(_sentence(asked, prediction, found.removal, found.addition))


def _mark(spot: Spot | None) -> tuple[float, float] | None:
    return None if spot is None else (spot.row, spot.column)


def _sentence(asked: int, prediction: Prediction, removal: Spot | None, addition: Spot | None) -> str:
    """The two changes in words."""
    assert prediction.probabilities is not None
    has = words.small_percent(float(prediction.probabilities[asked]))
    parts = [f"It is read as {asked}, with {has}." if asked == prediction.digit else f"**{asked}** has {has}."]
    for spot, change in ((removal, "Without the ink"), (addition, "With more ink")):
        if spot is not None:
            verdict = "it would be the answer" if spot.digit == asked else f"the answer would be {spot.digit}"
            if asked != prediction.digit and spot.digit == prediction.digit:
                verdict = f"the answer would still be {spot.digit}"
            where = words.whereabouts(spot.row, spot.column)
            parts.append(f"{change} {where} it would have {words.small_percent(spot.after)}: {verdict}.")
    if removal is None and addition is None:
        parts.append("No single small change would help it.")
    return " ".join(parts)


def _layers(run: Run, prediction: Prediction | None) -> None:
    """The strongest maps of every layer, from the picture's side to the answer's."""
    if prediction is None:
        st.markdown("The maps of every layer stand here once something is drawn.")
        return
    with st.grid(2, min_column_width=300, gap="medium"):
        for sheet in resources.feature_sheets(run, _image(prediction)):
            what = "units" if len(sheet.shape) == 1 else "maps"
            shown = f"the {sheet.shown} strongest of {sheet.shape[-1]} {what}"
            parts = (words.plain(sheet.name), words.plain(sheet.kind), words.shape(sheet.shape))
            st.image(
                sheet.png,
                width="stretch",
                caption=f"{' · '.join(part for part in parts if part)}, {shown}",
                alt=f"Layer {words.plain(sheet.name)}: {shown}, darker where they answer more.",
            )
    st.caption("Each layer on a scale of its own, from its smallest value (paper) to its largest (ink).")
    if st.session_state.get(state.INPUT, "Draw") == "Draw":  # what other tabs give is on no other page
        inside_link.show(run, looked.DRAWN)


def _look_alikes(run: Run, prediction: Prediction | None) -> None:
    if prediction is None:
        reasons.nearest_frames("–")
        return
    reasons.neighbours(run, _image(prediction))


def _image(prediction: Prediction) -> NDArray[np.float32]:
    return prediction.preprocessed.image
