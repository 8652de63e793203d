"""The answer on *Draw and predict*: the digit in large type with how sure it is, or several of them one by one."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core import pictures
from core.inference import Prediction
from core.look import Palette
from core.reading import SEVERAL, Reading
from ui import boxes, charts, state, words
from ui.drawing_given import Given

LARGE_DIGITS: Final = 6  # as many fit into a phone in the largest type
MOST: Final = 40  # digits of one picture that are shown
CROP: Final = 56  # page pixels: 28 x 2
WIDE: Final = 2.0  # times as wide as high, a picture has the whole width, and its digits stand below it
JOINER: Final = "\N{WORD JOINER}"  # has no width
MIGHT: Final = 0.001  # below this probability a runner-up is not worth a word


def answer(given: Given, *, threshold: float | None, palette: Palette) -> Prediction | None:
    """What was read and how surely; the same room when there is nothing. Returns the digit to look at closely.

    Args:
        threshold: below which confidence the answer is *I don't know*; None is never.
    """
    reading = given.reading
    if reading is not None and reading.digits and _each_wanted(reading):
        return _several(reading, threshold)
    digit_side, bars_side = st.columns([2, 3], gap="medium")
    prediction = given.prediction
    with digit_side:
        st.metric("Digit", _digit(prediction))
        st.markdown(_verdict(prediction, given))
        _threshold(threshold)
        if prediction is not None and prediction.digit is not None:
            _warnings(prediction.warnings)
        if reading is not None and reading.digits:
            _switch(reading)
    with bars_side:
        st.vega_lite_chart(
            charts.probability_bars(prediction.probabilities if prediction else None, palette=palette),
            theme=None,
            key="bars",
            alt="Probabilities of the ten digits as bars.",  # another text would have the chart drawn anew
        )
    return prediction


def _digit(prediction: Prediction | None) -> str:
    if prediction is None or prediction.digit is None:
        return "–"
    return "?" if prediction.abstained else str(prediction.digit)


def _verdict(prediction: Prediction | None, given: Given) -> str:
    if given.problem:
        return f":red[{words.plain(given.problem)}]"
    if prediction is None:
        return given.nothing
    if prediction.digit is None or prediction.confidence is None:
        return "Nothing drawn." if given.source == "drawing" else words.warnings(["blank"])
    runner_up = prediction.runner_up
    sure = f"**{words.percent(prediction.confidence, 1)}** confidence"
    if prediction.abstained:
        sure = f"**I don't know.** Best guess: {prediction.digit}, {words.percent(prediction.confidence)}"
    if runner_up is None or runner_up[1] < MIGHT:
        return f"{sure}  \nNo other digit above 0.1 %"
    return f"{sure}  \nRunner-up: {runner_up[0]}, {words.percent(runner_up[1], 1)}"


def _threshold(threshold: float | None) -> None:
    if threshold:
        st.caption(f"It says *I don't know* below {words.confidence(threshold)}, the threshold kept for this run.")


def _warnings(names: tuple[str, ...]) -> None:
    """Each on a line of its own, the gravest first."""
    graver_first = sorted(names, key=lambda name: name != "not_a_digit")
    if graver_first:
        st.markdown("  \n".join(f":orange[:material/warning:] {words.warnings([name])}" for name in graver_first))


def _each_wanted(reading: Reading) -> bool:
    surely = reading.surely_several
    return bool(st.session_state.get(state.each_key(surely), surely))


def _switch(reading: Reading) -> None:
    surely = reading.surely_several
    st.toggle(
        "Read each digit",
        surely,
        key=state.each_key(surely),
        persist_state=state.KEEP,
        help="Several digits stand in the picture." if surely else "It is wide: it may be two digits that touch.",
    )


def _several(reading: Reading, threshold: float | None) -> Prediction:
    """All digits in large type, boxed in the picture, and one by one."""
    shown = reading.digits[:MOST]
    _in_large_type(reading)
    st.markdown(_verdict_on_each(reading))
    if len(shown) < len(reading.digits):
        st.caption(f"The first {MOST} of them are shown.")
    _threshold(threshold)
    _switch(reading)
    wide = reading.picture.shape[1] > WIDE * reading.picture.shape[0]
    picture_side, digits_side = (st.container(), st.container()) if wide else st.columns([3, 2], gap="medium")
    with picture_side:
        st.image(
            boxes.boxed_png(reading, shown),
            width="stretch",
            alt=f"The picture with a box around each digit, which are read as {_said(reading)}.",
        )
    with digits_side, st.grid(8 if wide else 4, min_column_width=CROP, gap="small"):
        for number, digit in enumerate(shown, start=1):
            _one(number, digit)
    return _focus(shown)


def _in_large_type(reading: Reading) -> None:
    lines = ["".join(map(_digit, line)) for line in reading.lines()]
    if len(lines) == 1 and len(lines[0]) <= LARGE_DIGITS:
        st.metric("Digits", lines[0])
        return
    st.caption("Digits")
    with st.container(gap=None):
        for line in lines[:MOST]:
            st.header(line, anchor=False)


def _said(reading: Reading) -> str:
    return ", then below ".join(" ".join(map(_digit, line)) for line in reading.lines())


def _verdict_on_each(reading: Reading) -> str:
    digits = reading.digits
    sure = [digit for digit in digits if digit.confidence is not None]
    least = min(sure, key=lambda digit: digit.confidence or 0.0, default=None)
    parts = [words.count(len(digits), "digit")]
    if least is not None and least.confidence is not None and len(digits) > 1:
        parts.append(f"the least certain is a {least.digit} with **{words.percent(least.confidence, 1)}**")
    lines = [", ".join(parts) + "."]
    unsure = sum(digit.abstained for digit in digits)
    if unsure:
        lines.append(f"**I don't know** {unsure} of them, shown as ?.")
    together = sum(SEVERAL in digit.warnings for digit in digits)
    if together:
        where = "One box" if together == 1 else f"{together} boxes"
        lines.append(f":orange[:material/warning:] {where} may hold more than one digit; they could not be parted.")
    others = sum("not_a_digit" in digit.warnings for digit in digits)
    if others:
        lines.append(f":orange[:material/warning:] {others} of them may not be a digit at all.")
    return "  \n".join(lines)


def _one(number: int, digit: Prediction) -> None:
    sure = "–" if digit.confidence is None else words.percent(digit.confidence, 1)
    guess = f"? ({digit.digit})" if digit.abstained else str(digit.digit)
    doubt = "   \nparted badly" if SEVERAL in digit.warnings else "   \nno digit?" if _no_digit(digit) else ""
    st.image(
        pictures.digit_png(digit.preprocessed.image, width=CROP),
        width=CROP,
        caption=f"**{guess}**   \n{sure}{doubt}",
        alt=f"Number {number}, read as {guess} with {sure}.",
    )


def _no_digit(digit: Prediction) -> bool:
    return "not_a_digit" in digit.warnings


def _focus(digits: tuple[Prediction, ...]) -> Prediction:
    """The digit that is looked at closely below."""
    if len(digits) == 1:
        return digits[0]
    names = told_apart([_digit(digit) for digit in digits])
    number = st.pills(
        "Look closely at",
        range(len(digits)),
        required=True,
        default=0,
        format_func=names.__getitem__,
        key=state.focus_key(len(digits)),
    )
    return digits[number if number is not None else 0]


def told_apart(names: Sequence[str]) -> list[str]:
    """The names, those that came before made different by characters without width.

    Streamlit knows an option by its text: of two pressed 8s the last would always be chosen.
    """
    return [name + JOINER * names[:place].count(name) for place, name in enumerate(names)]
