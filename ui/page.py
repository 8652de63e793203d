"""What every page begins with: its title, its one sentence, the sidebar's footer, and the palette of its charts."""

from typing import Final

import streamlit as st

from core import pictures
from core.look import Palette
from ui import modes, resources, sign_in, state, words

STUDIO: Final = "Digit Studio"


def begin_page(title: str, sentence: str) -> Palette:
    """Sets the page up, lets only those past who may see it, and returns the colours for its charts.

    Args:
        title: the page's name.
        sentence: what a visitor learns or does here.
    """
    st.set_page_config(
        page_title=title if title == STUDIO else f"{title} · {STUDIO}",
        page_icon=pictures.icon_png(),
        layout="wide",
        initial_sidebar_state="auto",  # open again after a stage
    )
    sign_in.require()
    resources.spare_the_collector()
    st.title(title, anchor=False)
    st.markdown(sentence)
    _footer()
    if message := state.told():
        st.toast(words.plain(message))
    return palette()


def begin_stage(title: str) -> Palette:
    """Sets a page up that shows nothing but one screen, the sidebar closed, and returns the colours for its charts.

    Args:
        title: what the browser calls it; text from outside.
    """
    sign_in.require()  # first: not even the title is for everybody
    st.set_page_config(
        page_title=f"{title} · {STUDIO}",
        page_icon=pictures.icon_png(),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    resources.spare_the_collector()
    if message := state.told():
        st.toast(words.plain(message))
    return palette()


def palette() -> Palette:
    """The theme's colours as this visitor sees them: light or dark."""
    appearance = st.context.theme.type or "light"

    def colour(option: str) -> str:
        return st.get_option(f"theme.{appearance}.{option}") or "#777777"

    return Palette(
        ink=colour("textColor"),
        paper=colour("backgroundColor"),
        accent=colour("linkColor"),
        wrong=colour("redColor"),
        quiet=colour("grayColor"),
        line=colour("borderColor"),
    )


def _footer() -> None:
    """Which model answers, at the foot of the sidebar."""
    with st.sidebar:
        modes.note()
        sign_in.way_out()
    with st.sidebar, st.container(gap="xxsmall"):
        run = resources.active_run()
        st.caption("Active model")
        if run is None:
            st.text("None yet")
            return
        st.text(words.title(run))
        found = resources.summary(run)
        if found is not None:
            test = found["test"]
            share = f"{words.percent(test['accuracy'])} on the test split"
            st.caption(f"{share}  \n{words.wrong_of(test)}  \n{words.interval(test)}")
