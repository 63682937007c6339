"""Boxes that are bound to the address both ways: what is chosen in them stands there, and an address that somebody opens is chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.plain_text import apart, joined, literal
from pages.components.shared.session import address_opened, hold, in_address, left_behind, remember, remembered
from pages.components.shared.session_names import LIST, Key, Param
from pages.components.shared.words import _

Value = TypeVar("Value")
Number = TypeVar("Number", int, float)
Option = TypeVar("Option", bound=str)


@dataclass(frozen=True)
class Missing:
    """What is said of an option that was asked for and is not there. words: a sentence about it, None for the usual one; place: where it
    stands, None for over the box."""

    words: Callable[[str], str | None] | None = None
    place: DeltaGenerator | None = None


USUAL = Missing()


def choose(
    param: Param,
    label: str,
    options: Sequence[Option],
    default: str | None = None,
    words: Callable[[Any], Any] = str,
    missing: Missing = USUAL,
    draw: Callable[..., Any] = st.selectbox,
    unsaid: str | None = None,
    **box: object,
) -> Option:
    """A select box (or what else `draw` makes of it) that is bound to the address both ways. options must not be empty.

    Order of precedence: a new choice in the box, an address that someone opened, what stood in the box, what was chosen on another page,
    `default`, which may be None for the first.
    What was asked for and is not among the options is said, never swapped in silence.
    unsaid: the option that counts as no choice, and leaves no word in the address. box: passed on to `draw`.
    """
    opened = _settle(param, lambda text: text if text in options else None, [default, options[0]])
    _asked_for(param, options, opened, missing.words)
    value: Option = draw(label, options, key=Key.BOX.of(param), format_func=words, **box)
    _notice(param, value, words, missing.place)
    _note(param, value, opened, unsaid)
    return value


def choose_several(
    param: Param, label: str, options: Sequence[str], default: Sequence[str], words: Callable[[Any], Any] = str, **box: Any
) -> list[str]:
    """A box of several choices, bound to the address as `choose` binds one; in the order of the reader's. `default` leaves no word there.

    What is not among the options any more is dropped. box: passed on to `st.multiselect`.
    """

    def read(text: str) -> list[str] | None:
        names = apart(text)
        there = [name for name in names if name in options]
        return there if there or not names else None

    begin = [name for name in default if name in options]
    opened = _settle(param, read, [joined(begin)], joined)
    value = st.multiselect(literal(label), options, key=Key.BOX.of(param), format_func=words, **box)
    _note(param, joined(value), opened, joined(begin))
    return value


def choose_number(param: Param, draw: Callable[..., Any], label: str, default: Number, **box: Any) -> Number:
    """A box for a number (`st.number_input`, `st.slider`), bound to the address as `choose` binds one. `default` leaves no word there.

    box: passed on to it; min_value and max_value bound what an address may ask for.
    """

    def read(text: str) -> Number | None:
        try:
            number = type(default)(text)
        except ValueError:
            return None
        return number if box["min_value"] <= number <= box["max_value"] else None

    opened = _settle(param, read, [str(default)], str)
    value: Number = draw(label, key=Key.BOX.of(param), **box)
    _note(param, str(value), opened, str(default))
    return value


def switch(param: Param, label: str, default: bool) -> bool:
    """A toggle, bound to the address as `choose` binds a box. `default` leaves no word there."""
    words = {"yes": True, "no": False}

    def write(value: bool) -> str:
        return "yes" if value else "no"

    opened = _settle(param, words.get, [write(default)], write)
    value = st.toggle(literal(label), key=Key.BOX.of(param))
    _note(param, write(value), opened, write(default))
    return value


def filled(param: Param, draw: Callable[[str], Any], default: Value, read: Callable[[str], Value], write: Callable[[Value], str]) -> Value:
    """A box of any kind (text, several choices, a range) that is bound to the address both ways. draw: makes the box of this key.

    read, write: its value out of the address's text, and as such; read raises ValueError for what cannot be meant, which counts as
    `default`. The default leaves no word in the address. An address without the word that this page wrote last is one that Back returned
    to, where nothing was chosen just now.
    """
    key, written = Key.BOX.of(param), Key.WRITTEN.of(param)
    address, drawn = in_address(param), st.session_state.get(Key.DRAWN.of(param), default)
    clicked = key in st.session_state and st.session_state[key] != drawn
    stale = clicked or left_behind(param)
    opened = address != st.session_state.get(written) and not stale and (address is not None or _returned())
    if opened or key not in st.session_state:
        text = address if opened else remembered(param)
        try:
            st.session_state[key] = default if text is None else read(text)
        except ValueError:
            st.session_state[key] = default
    # Said anew each time: a box of another page with this key leaves its value here, but a new page's box would begin at its default.
    st.session_state[key] = st.session_state[key]
    value: Value = draw(key)
    text = None if value == default else write(value)
    st.session_state[written], st.session_state[Key.DRAWN.of(param)] = text, value
    hold(param)
    remember(param, text, of_address=opened)
    return value


def choice_ahead(param: Param, options: Collection[str]) -> str | None:
    """What the box of `choose` will hold, for a page that needs it before it draws the box; None where that is left to its default."""
    opened = address_opened(param, options.__contains__)
    wanted = [in_address(param) if opened else None, st.session_state.get(Key.BOX.of(param)), remembered(param)]
    return next((value for value in wanted if value in options), None)


def _settle(param: Param, read: Callable[[str], Value | None], begin: Sequence[str | None], write: Callable[[Value], str] = str) -> bool:
    """Before a box is drawn: what it holds, in the order of precedence of `choose`. Whether somebody opened an address that asks for it.

    read: the value of a text, None where it cannot be one. begin: texts to begin with where nothing else was asked for.
    """
    key = Key.BOX.of(param)
    opened = address_opened(param, lambda value: read(write(value)) is not None, write)
    held = None if opened or key not in st.session_state else read(write(st.session_state[key]))
    if held is None:
        wanted = [in_address(param) if opened else None, remembered(param), *begin]
        held = next(value for text in wanted if text is not None and (value := read(text)) is not None)
        st.session_state[Key.BEGAN.of(param)] = True
    # Said anew each time: a box of another page with this key leaves its value here, but a new page's box would begin at its first option.
    st.session_state[key] = held
    return opened


def _asked_for(param: Param, options: Sequence[str], opened: bool, absent: Callable[[str], str | None] | None) -> None:
    """Where a box has just begun: the notice of what was asked for and is not among its options."""
    if not st.session_state.pop(Key.BEGAN.of(param), False):
        return
    requested = next((text for text in (in_address(param) if opened else None, remembered(param)) if text is not None), None)
    st.session_state.pop(Key.NOTICE.of(param), None)
    if requested is not None and requested not in options:
        sentence = (absent(requested) if absent else None) or _absent(param, requested, opened)
        st.session_state[Key.NOTICE.of(param)] = (sentence, st.session_state[Key.BOX.of(param)], st.context.url)


def _note(param: Param, text: str, opened: bool, unsaid: str | None) -> None:
    """After a box was drawn: its value is kept for the next page and put into the address; `unsaid` leaves no word there."""
    st.session_state[Key.WRITTEN.of(param)] = text
    hold(param)
    remember(param, None if text == unsaid else text, of_address=opened)


def _returned() -> bool:
    """Whether the page was come back to in the browser: its address is complete, and no box was changed since it was drawn."""
    boxes = [param for param in LIST if Key.DRAWN.of(param) in st.session_state]
    same = all(st.session_state.get(Key.BOX.of(param)) == st.session_state[Key.DRAWN.of(param)] for param in boxes)
    return same and in_address(Param.COHORT) is not None and bool(boxes)


def _absent(param: Param, requested: str, opened: bool) -> str:
    if opened:
        return _("The address asks for the {name} “{asked}”, which is not here.").format(name=param, asked=requested)
    return _("The {name} “{asked}” is not here any more.").format(name=param, asked=requested)


def _notice(param: Param, value: str, words: Callable[[Any], Any], place: DeltaGenerator | None) -> None:
    """Stays until the reader chooses or leaves the page."""
    sentence, instead, page = st.session_state.get(Key.NOTICE.of(param), (None, None, None))
    if sentence and instead == value and page == st.context.url:
        (place or st).warning(literal(_("{notice} Showing {value}.").format(notice=sentence, value=words(value))))
    else:
        st.session_state.pop(Key.NOTICE.of(param), None)
