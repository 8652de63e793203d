"""Who may see the pages, where the studio asks: sign-in through an OpenID Connect provider, by Streamlit's own means.

Owns the gate before every page and the way out in the sidebar. It is there when Streamlit's secrets have a section
`[auth]`; without one nothing is asked. Who has an account is the provider's business, and the REST interface has its
token instead.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st
from streamlit.errors import StreamlitAuthError

from ui import words

DEFAULT: Final = ""  # the provider that is described in [auth] itself


def require() -> None:
    """Lets only those past who have signed in, where that is asked for: the others see how to, and nothing else."""
    if _unreadable():
        _closed(
            "The studio's secrets cannot be read, so nobody can sign in. Whoever runs it finds the reason in its log."
        )
    section = _section()
    if section is None or st.user.get("is_logged_in", False):
        return
    providers = _providers(section)
    if not providers:
        _closed("Sign-in is asked for, and no provider is described under [auth] in the studio's secrets.")
    st.title("Digit Studio", anchor=False)
    st.markdown("Sign in to go on.")
    for provider in providers:
        label = f"Sign in with {words.plain(provider)}" if provider else "Sign in"
        if st.button(label, type="primary", icon=":material/login:", key=f"sign_in_{provider}"):
            _begin(provider)
    st.stop()


def way_out() -> None:
    """Who is signed in, and the button that ends it; nothing where nobody is asked."""
    if _section() is None:
        return
    said = next((str(st.user[key]) for key in ("name", "email") if st.user.get(key)), "")
    if said:
        st.caption("Signed in as")
        st.text(said)
    st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=st.logout, key="sign_out")


def _begin(provider: str) -> None:
    try:
        st.login(provider or None)
    except StreamlitAuthError as error:  # Authlib is missing, or the section is incomplete
        st.error(words.plain(f"Nobody can sign in yet: {error}"), icon=":material/error:")


def _closed(sentence: str) -> None:
    st.title("Digit Studio", anchor=False)
    st.error(sentence, icon=":material/lock:")
    st.stop()


def _unreadable() -> bool:
    """Whether there are secrets that cannot be read: perhaps they ask for a sign-in."""
    return not st.secrets.load_if_toml_exists() and any(map(os.path.isfile, st.get_option("secrets.files")))


def _section() -> Mapping[str, Any] | None:
    if not st.secrets.load_if_toml_exists() or "auth" not in st.secrets:
        return None
    section = st.secrets["auth"]
    return section if isinstance(section, Mapping) else {}


def _providers(section: Mapping[str, Any]) -> list[str]:
    """The names that can be signed in with; the nameless one first."""
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return ([DEFAULT] if "client_id" in section else []) + named
