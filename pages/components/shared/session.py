"""How a choice stands in the address and in the session, under the names of `session_names.py`.

The address holds what a colleague needs to see the same page; a reloaded tab is a new session, so jobs are named there too. The boxes
themselves are in `choices.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import FOLLOWERS, Key, Param

Value = TypeVar("Value")


def turn_of(key: Key) -> int:
    """How often the boxes whose keys hold this number were emptied."""
    return st.session_state.get(key, 0)


def next_turn(key: Key) -> None:
    """Empty them: they get other keys, and begin anew."""
    st.session_state[key] = turn_of(key) + 1


def show_message(key: Key) -> None:
    """What the last action did, once."""
    message = st.session_state.pop(key, None)
    if message:
        st.success(literal(message))


def remembered(param: Param) -> str | None:
    """What was last chosen for this name, on whichever page."""
    return st.session_state.get(Key.CHOSEN.of(param))


def remember(param: Param, value: str | None, of_address: bool = False) -> None:
    """Keep a choice for the next page that asks for it, and put it into the address of this one.

    Another choice than before lets its FOLLOWERS start anew. of_address: it was read from the address, so what else stands there holds.
    """
    _keep(param, value, of_address)
    _write(param, value)


@contextmanager
def together() -> Iterator[None]:
    """Choices made inside reach the address at once, so that the browser's Back leaves them in one step and not one by one.

    Where a click breaks the run off, none does: the next run makes them again.
    """
    if Key.WAITING in st.session_state:  # a part of a larger whole
        yield
        return
    st.session_state[Key.WAITING] = {}
    try:
        yield
    except RerunException:
        st.session_state[Key.BROKEN_OFF] = True
        st.session_state.pop(Key.WAITING, None)
        raise
    finally:
        _deliver(st.session_state.pop(Key.WAITING, {}))


def begin_run() -> None:
    """At the beginning of every run of a page: whether a click brought it about, and nothing waits for the address yet.

    Streamlit may break a run off at any look into the session. What then still waits would keep every later choice of this tab out of the
    address.
    """
    boxes = [param for param in Param if Key.BOX.of(param) in st.session_state]
    broken_off = st.session_state.get(Key.BROKEN_OFF, False) or Key.WAITING in st.session_state
    st.session_state[Key.CLICKED] = broken_off or any(map(_clicked, boxes))
    st.session_state.pop(Key.WAITING, None)
    st.session_state.pop(Key.BROKEN_OFF, None)
    for param in boxes:
        hold(param)


def hold(param: Param) -> None:
    """What stands in this box is no click any more."""
    st.session_state[Key.HELD.of(param)] = st.session_state[Key.BOX.of(param)]


def _clicked(param: Param) -> bool:
    held = Key.HELD.of(param)
    return held in st.session_state and bool(st.session_state[Key.BOX.of(param)] != st.session_state[held])


def so_far() -> None:
    """Inside `together`, before work that takes long or may draw the page again: what was chosen until now reaches the address at once.

    Else a click during that work, or `st.rerun`, comes with the address of before, which then looks like one that somebody opened.
    """
    if Key.WAITING in st.session_state:
        _deliver(st.session_state[Key.WAITING])
        st.session_state[Key.WAITING] = {}


def _deliver(waiting: dict[str, str | None]) -> None:
    now = st.query_params.to_dict()
    wanted = {name: value for name, value in (now | waiting).items() if value is not None}
    if wanted != now:
        st.query_params.from_dict(wanted)


def address_opened(param: Param, possible: Callable[[Value], bool], write: Callable[[Value], str] = str) -> bool:
    """Whether somebody opened an address that asks for something here: it is not the one that this page wrote last.

    Where the box holds a new choice of the reader too, that one holds: a click reaches the server with the address as it was then,
    and a second quick one, also in another box, with an address that the first has already left behind. possible: whether a value can be
    that of the box.
    """
    address, written = in_address(param), st.session_state.get(Key.WRITTEN.of(param))
    chosen = st.session_state.get(Key.BOX.of(param))
    clicked = written is not None and chosen is not None and write(chosen) != written and possible(chosen)
    return address is not None and address != written and not clicked and not left_behind(param)


def left_behind(param: Param) -> bool:
    """Whether a click has brought the word that this page last replaced in the address: it was made before the browser heard of the new
    one."""
    replaced, clicked = Key.REPLACED.of(param), st.session_state.get(Key.CLICKED, False)
    return clicked and replaced in st.session_state and in_address(param) == st.session_state[replaced]


def carry(param: Param, options: Collection[str] | None = None) -> str | None:
    """A choice that another page has the box for, and that this page goes by too: out of an address that somebody opened, else the one made
    there. It stands in this page's address as well; None where nothing was chosen. options: None where any word can be one."""
    address, opened = in_address(param), address_opened(param, (options or ()).__contains__)
    value = address if opened and (options is None or address in options) else remembered(param)
    st.session_state[Key.WRITTEN.of(param)] = value
    remember(param, value, of_address=opened)
    return value


def set_choice(param: Param, value: str) -> None:
    """For a button's callback: choose this value in the box that `choose` draws, which also puts it into the address."""
    st.session_state[Key.BOX.of(param)] = value
    st.session_state[Key.WRITTEN.of(param)] = in_address(param)
    _keep(param, value)


def begin_with(param: Param, value: str) -> None:
    """As `set_choice` for the next page; its FOLLOWERS start anew even where it was chosen before."""
    st.session_state.pop(Key.CHOSEN.of(param), None)
    set_choice(param, value)


def begin_anew(param: Param) -> None:
    """Forget a choice, as FOLLOWERS do; what an address that somebody opened just now asks for holds."""
    _forget(param, keep_address=False)


def _keep(param: Param, value: str | None, of_address: bool = False) -> None:
    before = remembered(param)
    st.session_state[Key.CHOSEN.of(param)] = value
    if before != value:
        for follower in FOLLOWERS.get(param, ()):
            _forget(follower, keep_address=of_address)


def in_address(param: Param) -> str | None:
    """What the address says, with what is on its way there."""
    waiting = st.session_state.get(Key.WAITING, {})
    return waiting[param] if param in waiting else st.query_params.get(param)


def _write(param: Param, value: str | None) -> None:
    before = in_address(param)
    if value != before and not left_behind(param):
        st.session_state[Key.REPLACED.of(param)] = before
    if Key.WAITING in st.session_state:
        st.session_state[Key.WAITING][str(param)] = value
    elif value is None:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = value


def _forget(param: Param, keep_address: bool) -> None:
    """keep_address: what the address says of it holds, as it does where somebody opened it; else it counts as read."""
    address, written = in_address(param), Key.WRITTEN.of(param)
    opened = keep_address or (address != st.session_state.get(written) and not left_behind(param))
    st.session_state.pop(Key.CHOSEN.of(param), None)
    st.session_state.pop(Key.BOX.of(param), None)
    st.session_state[written] = None if opened else address
    if not opened and Key.WAITING in st.session_state:  # at once, so that `so_far` and the end of `together` are one step for Back
        st.session_state[Key.WAITING][str(param)] = None
