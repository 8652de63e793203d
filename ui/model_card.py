"""The cards of the shipped models and of the active one: what each is for, how good on what, and how it was made."""

import streamlit as st

from core.config import PRESETS
from core.errors import StudioError
from core.model_card import ModelCard, SetFigures, read_card
from core.run import Run
from ui import resources, state, words


def show(active: Run) -> None:
    """A choice of models, and the card of the one chosen; the active one at first."""
    shipped = {run.run_id: run for run in resources.store().runs() if run.shipped}
    by_id = {active.run_id: active} | {name: shipped[name] for name in PRESETS if name in shipped}
    titles = words.titles(by_id.values())
    st.subheader("Model cards", anchor=False)
    chosen = st.segmented_control(
        "Model",
        list(by_id),
        default=active.run_id,
        format_func=titles.__getitem__,
        required=True,
        key=state.CARD,
        label_visibility="collapsed",
    )
    try:
        card = read_card(by_id[chosen])
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    if card is None:
        st.markdown("Its evaluation is missing.")
        return
    _card(card)


def _card(card: ModelCard) -> None:
    st.markdown(f"{card.purpose} {card.parameters:,} parameters.")
    sets_side, made_side = st.columns([6, 5], gap="large")
    with sets_side:
        _sets(card)
    with made_side:
        _made(card)


def _sets(card: ModelCard) -> None:
    """Accuracy by set, and where it is weakest."""
    rows = card.sets
    st.table(
        {
            "Read": [each.name for each in rows],
            "Right": [f"**{each.share.text}**" for each in rows],
            "95 % interval": [f"{100 * each.share.low:.2f}–{100 * each.share.high:.2f}" for each in rows],
            "Digits": [f"{each.share.n:,}" for each in rows],
            "Confused most": [_confused(each) for each in rows],
        },
        border="horizontal",
        hide_index=True,
        alt=f"Accuracy of {card.name} on {words.count(len(rows), 'set')} of digits.",
    )
    if card.measured is None:
        st.caption("Measured on MNIST alone. *Draw and predict* shows how it reads your own writing.")
    else:
        weakest = "; ".join(f"{each.name}, {each.share.text}" for each in card.weakest)
        st.caption(f"Weakest: {weakest}. Nothing of these sets was trained on. Measured {card.measured.date}.")


def _made(card: ModelCard) -> None:
    """How it was made, and what other seeds gave."""
    rows = [*card.made]
    mean = card.mean_of_seeds
    if card.measured and mean is not None:
        each = ", ".join(f"{seed.test.text} (seed {seed.seed})" for seed in card.measured.seeds)
        rows.append(("Seeds", f"{each}; mean {mean.text} on the test split"))
    st.table(
        {"": [f"**{what}**" for what, _ in rows], "How it was made": [how for _, how in rows]},
        border="horizontal",
        hide_index=True,
        alt=f"How {card.name} was made.",
    )


def _confused(figures: SetFigures) -> str:
    """The confusions of a set in words: 4 read as 9 (5 times)."""
    return ", ".join(f"{true} as {read} ({count})" for true, read, count in figures.confused) or "–"
