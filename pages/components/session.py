"""Every key that pages keep in the session or in the address, in one place.

The address holds what a colleague needs to see the same page; a reloaded tab is a new session, so jobs are named there too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import streamlit as st


class Param(StrEnum):
    """Names in the address, shared by all pages."""

    COHORT = "cohort"
    PERSON = "person"
    WEEK = "week"
    MODEL = "model"
    STANDARDIZER = "standardizer"
    RUN = "run"
    JOB = "job"


def remembered(param: Param) -> str | None:
    """What was last chosen for this name, on whichever page."""
    return st.session_state.get(f"chosen.{param}")


def remember(param: Param, value: str | None) -> None:
    """Keep a choice for the next page that asks for it, and put it into the address of this one."""
    st.session_state[f"chosen.{param}"] = value
    if value is None:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = value


def choose(
    param: Param,
    label: str,
    options: Sequence[str],
    default: str | None = None,
    words: Callable[[str], str] = str,
    help: str | None = None,
) -> str:
    """A select box that is bound to the address both ways. options must not be empty.

    Order of precedence: an address that someone opened, what stands in the box, what was chosen on another page, `default`.
    """
    key, written = f"box.{param}", f"written.{param}"
    address = st.query_params.get(param)
    opened = address is not None and address != st.session_state.get(written)
    if opened or st.session_state.get(key) not in options:
        wanted = [address if opened else None, remembered(param), default, options[0]]
        st.session_state[key] = next(value for value in wanted if value in options)
    if opened and address not in options:
        st.session_state[f"missing.{param}"] = address
    value = st.selectbox(label, options, key=key, format_func=words, help=help)
    gone = st.session_state.pop(f"missing.{param}", None)
    if gone is not None:
        st.warning(f"The address asks for {label.lower()} “{gone}”, which is not here. This is {words(value)}.")
    st.session_state[written] = value
    remember(param, value)
    return value


def set_choice(param: Param, value: str) -> None:
    """For a button's callback: choose this value in the box that `choose` draws."""
    st.session_state[f"box.{param}"] = value
    st.session_state[f"written.{param}"] = value
    remember(param, value)
