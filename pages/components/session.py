"""Every key that pages keep in the session or in the address, in one place.

The address holds what a colleague needs to see the same page; a reloaded tab is a new session, so jobs are named there too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.text import literal


class Param(StrEnum):
    """Names in the address, shared by all pages."""

    COHORT = "cohort"
    PERSON = "person"
    WEEK = "week"
    MODEL = "model"
    STANDARDIZER = "standardizer"
    VIEW = "view"
    ASPECT = "show"
    BLOCK = "block"
    HEAD = "head"
    OTHER = "other"
    LABEL = "label"
    GROUP = "group"
    SCORE = "score"
    RUN = "run"
    JOB = "job"


FOLLOWERS = {
    Param.COHORT: (Param.PERSON, Param.WEEK, Param.STANDARDIZER, Param.OTHER, Param.LABEL, Param.GROUP),
    Param.PERSON: (Param.WEEK, Param.STANDARDIZER),
    Param.MODEL: (Param.STANDARDIZER, Param.BLOCK, Param.HEAD),
    Param.LABEL: (Param.GROUP,),
}
"""What starts anew when another one is chosen: another person begins at their first week, read as the model asks for."""

_WAITING = "address.waiting"


def remembered(param: Param) -> str | None:
    """What was last chosen for this name, on whichever page."""
    return st.session_state.get(f"chosen.{param}")


def remember(param: Param, value: str | None, of_address: bool = False) -> None:
    """Keep a choice for the next page that asks for it, and put it into the address of this one.

    Another choice than before lets its FOLLOWERS start anew. of_address: it was read from the address, so what else stands there holds.
    """
    _keep(param, value, of_address)
    _write(param, value)


@contextmanager
def together() -> Iterator[None]:
    """Choices made inside reach the address at once, so that the browser's Back leaves them in one step and not one by one."""
    st.session_state[_WAITING] = {}
    try:
        yield
    finally:
        now = st.query_params.to_dict()
        wanted = {name: value for name, value in (now | st.session_state.pop(_WAITING, {})).items() if value is not None}
        if wanted != now:
            st.query_params.from_dict(wanted)


def choose(
    param: Param,
    label: str,
    options: Sequence[str],
    default: str | None = None,
    words: Callable[[str], str] = str,
    help: str | None = None,
    absent: Callable[[str], str | None] | None = None,
    place: DeltaGenerator | None = None,
    draw: Callable[..., str] = st.selectbox,
    unsaid: str | None = None,
) -> str:
    """A select box (or what else `draw` makes of it) that is bound to the address both ways. options must not be empty.

    Order of precedence: a new choice in the box, an address that someone opened, what stood in the box, what was chosen on another page,
    `default`.
    What was asked for and is not among the options is said, never swapped in silence: in the words of `absent` where it has some,
    in `place` where one is given. unsaid: the option that counts as no choice, and leaves no word in the address.
    """
    key, written = f"box.{param}", f"written.{param}"
    address = _address(param)
    opened = address_opened(param, options)
    if opened or st.session_state.get(key) not in options:
        wanted = [address if opened else None, remembered(param), default, options[0]]
        st.session_state[key] = next(value for value in wanted if value in options)
        asked = next((value for value in wanted[:2] if value is not None), None)
        st.session_state.pop(f"notice.{param}", None)
        if asked is not None and asked not in options:
            said = (absent(asked) if absent else None) or _absent(param, asked, opened)
            st.session_state[f"notice.{param}"] = (said, st.session_state[key], st.context.url)
    # Said anew each time: a box of another page with this key leaves its value here, but a new page's box would begin at its first option.
    st.session_state[key] = st.session_state[key]
    value = draw(label, options, key=key, format_func=words, help=help)
    _notice(param, value, words, place)
    st.session_state[written] = value
    remember(param, None if value == unsaid else value, of_address=opened)
    return value


def address_opened(param: Param, options: Collection[str]) -> bool:
    """Whether somebody opened an address that asks for something here: it is not the one that this page wrote last.

    Where the box holds a new choice of the reader too, that one holds: a click reaches the server with the address as it was then,
    and a second quick one with an address that the first has already left behind.
    """
    address, written = _address(param), st.session_state.get(f"written.{param}")
    chosen = st.session_state.get(f"box.{param}")
    clicked = written is not None and chosen in options and chosen != written
    return address is not None and address != written and not clicked


def set_choice(param: Param, value: str) -> None:
    """For a button's callback: choose this value in the box that `choose` draws, which also puts it into the address."""
    st.session_state[f"box.{param}"] = value
    st.session_state[f"written.{param}"] = _address(param)
    _keep(param, value)


def begin_with(param: Param, value: str) -> None:
    """As `set_choice` for the next page; its FOLLOWERS start anew even where it was chosen before."""
    st.session_state.pop(f"chosen.{param}", None)
    set_choice(param, value)


def begin_anew(param: Param) -> None:
    """Forget a choice, as FOLLOWERS do; what an address that somebody opened just now asks for holds."""
    _forget(param, keep_address=False)


def _keep(param: Param, value: str | None, of_address: bool = False) -> None:
    before = remembered(param)
    st.session_state[f"chosen.{param}"] = value
    if before != value:
        for follower in FOLLOWERS.get(param, ()):
            _forget(follower, keep_address=of_address)


def _address(param: Param) -> str | None:
    waiting = st.session_state.get(_WAITING, {})
    return waiting[param] if param in waiting else st.query_params.get(param)


def _write(param: Param, value: str | None) -> None:
    if _WAITING in st.session_state:
        st.session_state[_WAITING][str(param)] = value
    elif value is None:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = value


def _forget(param: Param, keep_address: bool) -> None:
    """keep_address: what the address says of it holds, as it does where somebody opened it; else it counts as read."""
    address, written = _address(param), f"written.{param}"
    opened = keep_address or address != st.session_state.get(written)
    st.session_state.pop(f"chosen.{param}", None)
    st.session_state.pop(f"box.{param}", None)
    st.session_state[written] = None if opened else address


def _absent(param: Param, asked: str, opened: bool) -> str:
    if opened:
        return f"The address asks for the {param} “{asked}”, which is not here."
    return f"The {param} “{asked}” is not here any more."


def _notice(param: Param, value: str, words: Callable[[str], str], place: DeltaGenerator | None) -> None:
    """Stays until the reader chooses or leaves the page."""
    said, instead, page = st.session_state.get(f"notice.{param}", (None, None, None))
    if said and instead == value and page == st.context.url:
        (place or st).warning(literal(f"{said} This is {words(value)}."))
    else:
        st.session_state.pop(f"notice.{param}", None)
