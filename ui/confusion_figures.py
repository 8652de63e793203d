"""A confusion matrix in figures: the accuracy, each digit's precision, recall and F1, and the most confused pairs."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.evaluation import (
    ConfusedPair,
    PerImage,
    Share,
    confused_pairs,
    confusion_matrix,
    per_class,
    per_image,
    percent,
)
from ui import charts, confusion_view, state, words
from ui.source import Source

FIRST: Final = 6  # pairs in sight
ALL_HEIGHT: Final = 360  # page pixels
STEP: Final = 5  # percent: the bars begin at a multiple of it
FIGURES: Final = {
    "precision": "Of all that was read as this digit, the share that is one.",
    "recall": "Of all images of this digit, the share that was read as one.",
    "f1": "The harmonic mean of precision and recall: high only when both are.",
}
SUPPORT: Final = "How many images of this digit there are."
WILSON: Final = (
    "What chance leaves open (Wilson's interval): of many such sets of images, 95 in 100 would give an interval that "
    "holds the accuracy on all images of this kind."
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run makes of its images, worked out once for all that the page shows of it.

    Attributes:
        counts: the confusion matrix, (10, 10), rows true.
    """

    source: Source
    images: PerImage
    counts: NDArray[np.int64]

    @property
    def accuracy(self) -> Share:
        """The images that are right, of all."""
        return Share(int(self.counts.trace()), int(self.counts.sum()))

    @property
    def wrong(self) -> str:
        """The count behind the accuracy: 34 wrong of 10,000."""
        return f"{self.accuracy.n - self.accuracy.count:,} wrong of {self.accuracy.n:,}"


def counted(source: Source) -> Counted:
    """Looks at each image of the source, and counts."""
    images = per_image(source.answers.probabilities, source.answers.labels)
    return Counted(source, images, confusion_matrix(images.labels, images.predicted))


def headline(seen: Counted) -> None:
    """The accuracy with the count behind it and its interval."""
    share = seen.accuracy
    with st.container(gap="xxsmall"):
        st.subheader(f"{share.text} right", anchor=False, help=WILSON)
        st.markdown(
            f"**{seen.wrong}** on {words.plain(seen.source.title)} · "
            f"95\N{NO-BREAK SPACE}% interval {100 * share.low:.2f} to {percent(share.high)}"
        )


def classes(seen: Counted) -> None:
    """Precision, recall, F1 and support of every digit, with bars, and what these are."""
    table = pd.DataFrame({"Digit": charts.DIGITS, **_percents(seen), "Support": seen.counts.sum(axis=1)})
    start = STEP * max(0, math.ceil(table[[name.capitalize() for name in FIGURES]].min(axis=None) / STEP) - 1)
    bars = {
        name.capitalize(): st.column_config.ProgressColumn(
            help=text, format="%.2f %%", min_value=start, max_value=100, width=120
        )
        for name, text in FIGURES.items()
    }
    counts = st.column_config.NumberColumn(help=SUPPORT, format="%,d", width=80)
    st.subheader("Digit by digit", anchor=False)
    table_side, words_side = st.columns([3, 2], gap="large")
    with table_side:
        st.dataframe(
            table,
            hide_index=True,
            height="content",
            column_config={"Digit": st.column_config.Column(width=50), **bars, "Support": counts},
            placeholder="–",
            key=state.CONFUSION_CLASSES,
            alt=f"Precision, recall, F1 and support of every digit on {seen.source.title}.",
        )
    with words_side:
        for name, text in {**FIGURES, "support": SUPPORT}.items():
            st.caption(f"**{name.capitalize()}**: {text}")
        st.caption(f"The bars go from {start} to 100\N{NO-BREAK SPACE}%.")


def _percents(seen: Counted) -> dict[str, list[float]]:
    """Each figure of the ten digits in percent; NaN where there is nothing to take a share of."""
    rows, support, read = per_class(seen.counts), seen.counts.sum(axis=1), seen.counts.sum(axis=0)
    wholes = {"precision": read, "recall": support, "f1": read + support}
    return {
        name.capitalize(): [100 * getattr(row, name) if whole[row.digit] else math.nan for row in rows]
        for name, whole in wholes.items()
    }


def pairs(seen: Counted) -> None:
    """Which digits are taken for which, the most frequent first, each the way to its images."""
    found = confused_pairs(seen.counts)
    if not found:
        st.text("No pair is confused: every image is read right.")
        return
    st.caption("Most confused")
    with st.container(horizontal=True, gap="small"):
        for pair in found[:FIRST]:
            _link(pair, f"{pair.true} read as {pair.pred}: {pair.count:,}", key="confusion_first")
        every = st.popover(f"All {len(found)}", type="tertiary", key="confusion_pairs", on_change="rerun")
        with every, st.container(gap="xxsmall", height=ALL_HEIGHT, border=False):
            for pair in found if every.open else ():  # ninety buttons would cost every click something
                of = f"{words.images(pair.count)}, {percent(pair.share)} of the {pair.true}s"
                _link(pair, f"{pair.true} read as {pair.pred}: {of}", key="confusion_all")


def _link(pair: ConfusedPair, label: str, *, key: str) -> None:
    """The way to a pair's images."""
    st.button(
        label,
        type="tertiary",
        key=f"{key}_{pair.true}_{pair.pred}",
        on_click=confusion_view.select,
        args=(pair.true, pair.pred),
    )
