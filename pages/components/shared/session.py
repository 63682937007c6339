"""Every key that pages keep in the session or in the address, in one place.

The address holds what a colleague needs to see the same page; a reloaded tab is a new session, so jobs are named there too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.plain_text import apart, joined, literal
from pages.components.shared.words import _

Value = TypeVar("Value")
Number = TypeVar("Number", int, float)
Option = TypeVar("Option", bound=str)


class Param(StrEnum):
    """Names in the address. The first ones are shared by all pages, the rest belong to one page each."""

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
    FIND = "find"
    QUALITY = "quality"
    BETWEEN = "between"
    DAYS = "days"
    SHOWN = "shown"
    ONLY = "only"
    SORT = "sort"
    PART = "part"

    # Participant: what is drawn under the activity, and with which settings
    METHODS = "methods"
    TOLERANCE = "tolerance"
    REPLACEMENT = "replacement"
    BASELINE = "baseline"
    BASELINE_PERSON = "baseline-person"
    MAP_BLOCK = "map-block"
    MAP_HEAD = "map-head"
    FUSION = "fusion"
    DISCARD = "discard"
    REST = "rest"
    PLANTED = "planted"
    STRONGEST = "strongest"

    # Explain
    COMPARED = "compare"
    AGAINST = "against"
    OVER = "over"
    TARGET = "target"
    FIGURE = "figure"

    # What-if
    EDIT = "edit"
    DOSE = "dose"
    DAY = "day"
    FROM = "from"
    UNTIL = "until"

    # Fine-tune
    TRAIN_LABEL = "train-label"
    TRAIN_GROUP = "train-group"
    TRAIN_AGAINST = "train-against"
    TRAIN_WEEKS = "train-weeks"
    TRAIN_SIZE = "train-size"
    TRAIN_FROM = "train-from"
    RECIPE = "recipe"
    RATE = "rate"
    EPOCHS = "epochs"
    PATIENCE = "patience"
    FOLDS = "folds"
    DEVICE = "device"
    SEED = "seed"


LIST = (Param.FIND, Param.QUALITY, Param.BETWEEN, Param.DAYS, Param.SHOWN, Param.ONLY, Param.SORT, Param.PART)
"""What makes a list of people out of a cohort: filters, order, and which part of it is on the screen."""

SHEET = (
    Param.SCORE, Param.METHODS, Param.TOLERANCE, Param.REPLACEMENT, Param.BASELINE, Param.BASELINE_PERSON, Param.MAP_BLOCK, Param.MAP_HEAD,
    Param.FUSION, Param.DISCARD, Param.REST, Param.PLANTED, Param.STRONGEST,
)  # fmt: skip
"""What is chosen on the page of one person and holds for the next person too."""

FOLLOWERS = {
    Param.COHORT: (
        Param.PERSON, Param.WEEK, Param.STANDARDIZER, Param.OTHER, Param.LABEL, Param.GROUP, Param.AGAINST, Param.BASELINE_PERSON,
        Param.TRAIN_LABEL, Param.TRAIN_GROUP, Param.TRAIN_AGAINST, Param.FOLDS, *LIST,
    ),
    Param.PERSON: (Param.WEEK, Param.STANDARDIZER),
    Param.MODEL: (Param.STANDARDIZER, Param.BLOCK, Param.HEAD, Param.MAP_BLOCK, Param.MAP_HEAD),
    Param.LABEL: (Param.GROUP, Param.AGAINST),
    Param.GROUP: (Param.AGAINST,),
    Param.EDIT: (Param.DOSE,),
    Param.TRAIN_LABEL: (Param.TRAIN_GROUP, Param.TRAIN_AGAINST, Param.FOLDS),
    Param.TRAIN_GROUP: (Param.TRAIN_AGAINST, Param.FOLDS),
    Param.TRAIN_AGAINST: (Param.FOLDS,),
    Param.TRAIN_SIZE: (Param.TRAIN_FROM, Param.RATE),
    Param.RECIPE: (Param.RATE, Param.EPOCHS, Param.PATIENCE),
    Param.SHOWN: (Param.ONLY, Param.PART),
    **dict.fromkeys((Param.FIND, Param.QUALITY, Param.BETWEEN, Param.DAYS, Param.ONLY, Param.SORT), (Param.PART,)),
}  # fmt: skip
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
    if _WAITING in st.session_state:  # a part of a larger whole
        yield
        return
    st.session_state[_WAITING] = {}
    try:
        yield
    finally:
        now = st.query_params.to_dict()
        wanted = {name: value for name, value in (now | st.session_state.pop(_WAITING, {})).items() if value is not None}
        if wanted != now:
            st.query_params.from_dict(wanted)


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
    value: Option = draw(label, options, key=f"box.{param}", format_func=words, **box)
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
        asked = apart(text)
        there = [one for one in asked if one in options]
        return there if there or not asked else None

    begin = [one for one in default if one in options]
    opened = _settle(param, read, [joined(begin)], joined)
    value = st.multiselect(literal(label), options, key=f"box.{param}", format_func=words, **box)
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
    value: Number = draw(label, key=f"box.{param}", **box)
    _note(param, str(value), opened, str(default))
    return value


def switch(param: Param, label: str, default: bool) -> bool:
    """A toggle, bound to the address as `choose` binds a box. `default` leaves no word there."""
    words = {"yes": True, "no": False}

    def write(value: bool) -> str:
        return "yes" if value else "no"

    opened = _settle(param, words.get, [write(default)], write)
    value = st.toggle(literal(label), key=f"box.{param}")
    _note(param, write(value), opened, write(default))
    return value


def _settle(param: Param, read: Callable[[str], Value | None], begin: Sequence[str | None], write: Callable[[Value], str] = str) -> bool:
    """Before a box is drawn: what it holds, in the order of precedence of `choose`. Whether somebody opened an address that asks for it.

    read: the value of a text, None where it cannot be one. begin: texts to begin with where nothing else was asked for.
    """
    key = f"box.{param}"
    opened = address_opened(param, lambda value: read(write(value)) is not None, write)
    kept = None if opened or key not in st.session_state else read(write(st.session_state[key]))
    if kept is None:
        wanted = [_address(param) if opened else None, remembered(param), *begin]
        kept = next(value for text in wanted if text is not None and (value := read(text)) is not None)
        st.session_state[f"began.{param}"] = True
    # Said anew each time: a box of another page with this key leaves its value here, but a new page's box would begin at its first option.
    st.session_state[key] = kept
    return opened


def _asked_for(param: Param, options: Sequence[str], opened: bool, absent: Callable[[str], str | None] | None) -> None:
    """Where a box has just begun: the notice of what was asked for and is not among its options."""
    if not st.session_state.pop(f"began.{param}", False):
        return
    asked = next((text for text in (_address(param) if opened else None, remembered(param)) if text is not None), None)
    st.session_state.pop(f"notice.{param}", None)
    if asked is not None and asked not in options:
        said = (absent(asked) if absent else None) or _absent(param, asked, opened)
        st.session_state[f"notice.{param}"] = (said, st.session_state[f"box.{param}"], st.context.url)


def _note(param: Param, text: str, opened: bool, unsaid: str | None) -> None:
    """After a box was drawn: its value is kept for the next page and put into the address; `unsaid` leaves no word there."""
    st.session_state[f"written.{param}"] = text
    remember(param, None if text == unsaid else text, of_address=opened)


def asked(param: Param, options: Collection[str]) -> str | None:
    """What the box of `choose` will hold, for a page that needs it before it draws the box; None where that is left to its default."""
    opened = address_opened(param, options.__contains__)
    wanted = [_address(param) if opened else None, st.session_state.get(f"box.{param}"), remembered(param)]
    return next((value for value in wanted if value in options), None)


def address_opened(param: Param, possible: Callable[[Value], bool], write: Callable[[Value], str] = str) -> bool:
    """Whether somebody opened an address that asks for something here: it is not the one that this page wrote last.

    Where the box holds a new choice of the reader too, that one holds: a click reaches the server with the address as it was then,
    and a second quick one with an address that the first has already left behind. possible: whether a value can be that of the box.
    """
    address, written = _address(param), st.session_state.get(f"written.{param}")
    chosen = st.session_state.get(f"box.{param}")
    clicked = written is not None and chosen is not None and write(chosen) != written and possible(chosen)
    return address is not None and address != written and not clicked


def filled(param: Param, draw: Callable[[str], Any], default: Value, read: Callable[[str], Value], write: Callable[[Value], str]) -> Value:
    """A box of any kind (text, several choices, a range) that is bound to the address both ways. draw: makes the box of this key.

    read, write: its value out of the address's text, and as such; read raises ValueError for what cannot be meant, which counts as
    `default`. The default leaves no word in the address. An address without the word that this page wrote last is one that Back returned
    to, where nothing was chosen just now.
    """
    key, written = f"box.{param}", f"written.{param}"
    address, seen = _address(param), st.session_state.get(f"seen.{param}", default)
    clicked = key in st.session_state and st.session_state[key] != seen
    opened = address != st.session_state.get(written) and not clicked and (address is not None or _returned())
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
    st.session_state[written], st.session_state[f"seen.{param}"] = text, value
    remember(param, text, of_address=opened)
    return value


def _returned() -> bool:
    """Whether the page was come back to in the browser: its address is complete, and no box was changed since it was drawn."""
    boxes = [param for param in LIST if f"seen.{param}" in st.session_state]
    same = all(st.session_state.get(f"box.{param}") == st.session_state[f"seen.{param}"] for param in boxes)
    return same and _address(Param.COHORT) is not None and bool(boxes)


def carry(param: Param, options: Collection[str] | None = None) -> str | None:
    """A choice that another page has the box for, and that this page goes by too: out of an address that somebody opened, else the one made
    there. It stands in this page's address as well; None where nothing was chosen. options: None where any word can be one."""
    address, opened = _address(param), address_opened(param, (options or ()).__contains__)
    value = address if opened and (options is None or address in options) else remembered(param)
    st.session_state[f"written.{param}"] = value
    remember(param, value, of_address=opened)
    return value


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
        return _("The address asks for the {name} “{asked}”, which is not here.").format(name=param, asked=asked)
    return _("The {name} “{asked}” is not here any more.").format(name=param, asked=asked)


def _notice(param: Param, value: str, words: Callable[[Any], Any], place: DeltaGenerator | None) -> None:
    """Stays until the reader chooses or leaves the page."""
    said, instead, page = st.session_state.get(f"notice.{param}", (None, None, None))
    if said and instead == value and page == st.context.url:
        (place or st).warning(literal(_("{notice} Showing {value}.").format(notice=said, value=words(value))))
    else:
        st.session_state.pop(f"notice.{param}", None)
