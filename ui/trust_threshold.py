"""The *I don't know* threshold of a run: chosen by what it is to bring about, looked at, kept and taken away.

It is chosen on the run's validation images; the figures beside say what it then does to test images. What is kept
applies wherever the run answers: in the drawing, on the command line, over REST and in exports.
"""

from typing import Final, Literal

import streamlit as st

from core.errors import RunError, StudioError
from core.evaluation import (
    Choice,
    Effect,
    Share,
    effect_of,
    percent,
    risk_coverage,
    threshold_for_accuracy,
    threshold_for_coverage,
)
from core.look import Palette
from core.pairing import Answers, Judged
from core.run import Run
from core.thresholds import Threshold, keep_threshold, read_threshold, threshold_of
from ui import modes, resources, state, trust_charts, words
from ui.source import Source

Rule = Literal["accuracy", "coverage"]

RULES: Final[dict[Rule, str]] = {"accuracy": "Accuracy", "coverage": "Coverage"}
TARGETS: Final[dict[Rule, float]] = {"accuracy": 99.9, "coverage": 99.0}  # percent
HELP: Final = (
    "**Accuracy**: the share of what is answered that is right; as much is answered as that allows.  \n"
    "**Coverage**: the share of the images that is answered; the least sure ones are not."
)
WHERE: Final = "on *Draw and predict*, on the command line, over REST and in exports"
APPLIES: Final = f"It applies wherever this run answers: {WHERE}."


def show(source: Source, palette: Palette) -> None:
    """The risk-coverage curve of the source's answers, and for MNIST's splits the choice of a threshold."""
    st.subheader("When should it say *I don't know*?", anchor=False)
    st.markdown(
        "Answers below a threshold of confidence are withheld: fewer images are answered, more of them rightly."
    )
    choice = None
    try:
        kept, holds = read_threshold(resources.store().home, source.run), _holds(source.run)
    except RunError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    if source.own is not None:
        st.info("A threshold is chosen on validation images only: for that, look at one of MNIST's splits.")
    elif not validated(source.run):
        st.info(_not_validated(source.run))
    else:
        choice = _choice(source.run, kept)
    _deeds(source.run, choice, kept)
    st.markdown(_held(kept, holds))
    _curve(source, holds if choice is None else choice.threshold, palette)
    if choice is not None:
        st.markdown(_chosen(choice))
        _effects(source.run, choice)


def validated(run: Run) -> bool:
    """Whether the run has answers to validation images."""
    return _answers(run, "validation") is not None


def _choice(run: Run, kept: Threshold | None) -> Choice | None:
    """The threshold that does what the two fields ask for, on the run's validation images."""
    first: Rule = "coverage" if kept is not None and kept.rule == "coverage" else "accuracy"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rule = st.segmented_control(
            "Aim at",
            list(RULES),
            default=first,
            required=True,
            format_func=lambda name: RULES[name],
            help=HELP,
            key=state.TRUST_RULE,
            persist_state=state.KEEP,
        )
        aimed = kept.target if kept is not None and kept.rule == rule else None
        target = st.number_input(
            "of at least, in %",
            0.01,
            100.0,
            TARGETS[rule] if aimed is None else min(100.0, max(0.01, 100 * aimed)),
            step=0.1,
            format="%.2f",
            key=state.trust_target(rule),
            persist_state=state.KEEP,
            width=150,
        )
    answers = resources.answers(run, "validation")
    choose = threshold_for_accuracy if rule == "accuracy" else threshold_for_coverage
    return choose(answers.probabilities, answers.labels, round(target / 100, 6))


def _deeds(run: Run, choice: Choice | None, kept: Threshold | None) -> None:
    """Keep and remove."""
    wanted = None if choice is None or not choice.reached else _as_kept(choice)
    with st.container(horizontal=True):
        if choice is not None:
            st.button(
                "Keep for this run",
                icon=":material/check:",
                type="primary",
                disabled=wanted is None or wanted == kept or modes.read_only(),
                key="trust_keep",
                on_click=_keep,
                args=(run, wanted),
                help=APPLIES if wanted is not None else "No threshold reaches this; aim lower.",
            )
        if choice is not None or kept is not None:
            st.button(
                "Remove",
                icon=":material/close:",
                disabled=kept is None or modes.read_only(),
                key="trust_remove",
                on_click=_keep,
                args=(run, None),
                help="The run gives every answer again, however unsure.",
            )
    modes.note()
    if problem := state.trust_problem():
        st.error(words.plain(problem), icon=":material/error:")


def _keep(run: Run, threshold: Threshold | None) -> None:
    """Keeps a threshold for the run, or takes it away (a callback)."""
    try:
        keep_threshold(resources.store().home, run, threshold)
    except StudioError as error:
        state.trust_problem(str(error))
    else:
        state.trust_problem("")


def _as_kept(choice: Choice) -> Threshold:
    # Where everything can be answered, 0 says so, also over a threshold that the run brings along.
    return Threshold(choice.threshold or 0.0, choice.rule, choice.target)


def _held(kept: Threshold | None, holds: float | None) -> str:
    """What holds now, where it comes from, and where it applies."""
    if holds is None:
        return f"None is kept for this run: it gives every answer, however unsure. One that is kept applies {WHERE}."
    if kept is None:
        return f"The run brings a threshold of **{words.confidence(holds)}** along. {APPLIES}"
    images = "validation" if kept.source == "validation" else f"the validation images of {words.plain(kept.source)}"
    origin = "set by hand"
    if kept.target is not None:
        origin = f"for {kept.rule} of at least {100 * kept.target:.10g}\N{NO-BREAK SPACE}% on {images}"
    held = f"**{words.confidence(kept.value)}**" if kept.value else "every answer is given"
    return f"Kept for this run: {held}, {origin}. {APPLIES}"


def _curve(source: Source, threshold: float | None, palette: Palette) -> None:
    probabilities, labels = source.answers.probabilities, source.answers.labels
    curve, effect = risk_coverage(probabilities, labels), effect_of(probabilities, labels, threshold)
    st.vega_lite_chart(
        trust_charts.risk_coverage_curve(curve, effect, palette=palette),
        theme=None,
        key="trust_curve",
        alt=f"Risk and coverage on {source.title}. At the threshold, {_in_words(effect)}.",
    )
    st.caption(f"On {words.plain(source.title)}; at the point, {_in_words(effect)}.")


def _chosen(choice: Choice) -> str:
    """What was found on validation: the figures stand in the table below."""
    if not choice.reached or choice.threshold is None:
        return f"On the validation images: {words.plain(choice.words)}"
    return (
        f"Chosen on validation: below **{words.confidence(choice.threshold)}** confidence the answer is *I don't know*."
    )


def _in_words(effect: Effect) -> str:
    answered = effect.coverage
    wrong = f"{effect.wrong_left:,} wrong of {answered.count:,} answers"
    return f"{answered.text} of the {words.images(answered.n)} are answered, with {wrong}"


def _effects(run: Run, choice: Choice) -> None:
    """What the threshold does to the images it was chosen on, and to the test images."""
    effects = {"Validation": choice.effect}
    if (test := _answers(run, "test")) is not None:
        effects["Test"] = effect_of(test.probabilities, test.labels, choice.threshold)
    table = {"": ["Answered", "Right of these", "Wrong left", "Right lost"]}
    for split, effect in effects.items():
        wrong = effect.wrong_left + effect.wrong_avoided
        right = effect.accuracy.count + effect.right_lost
        table[split] = [
            _share(effect.coverage),
            _share(effect.accuracy),
            f"{effect.wrong_left:,} of {wrong:,}",
            f"{effect.right_lost:,} of {right:,}",
        ]
    st.table(table, border="horizontal", hide_index=True, alt="What the threshold does on validation and on test.")
    outside = ""
    if run.imported is not None:
        outside = (
            " This network comes from outside: it may have been trained on these validation images, and then promises "
            "more here than it holds."
        )
    st.caption(f"In brackets: 95\N{NO-BREAK SPACE}% Wilson intervals.{outside}")


def _share(share: Share) -> str:
    if not share.n:
        return share.text
    return f"**{share.text}** ({100 * share.low:.2f} to {percent(share.high)}), {share.count:,} of {share.n:,}"


def _not_validated(run: Run) -> str:
    return words.plain(
        f"{words.title(run)} learned from all images and has no validation images to choose a threshold on. A twin, "
        f"trained with the same settings and with validation, can lend its own: python -m core threshold "
        f"{run.run_id} --accuracy 0.999 --twin TWIN"
    )


def _holds(run: Run) -> float | None:
    return threshold_of(resources.store().home, run)


def _answers(run: Run, split: Judged) -> Answers | None:
    try:
        return resources.answers(run, split)
    except RunError:
        return None
