"""What places had when they were last looked at, kept for a short while: a look over SSH takes a second or more."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.session_names import Key
from pat_core.errors import PatError
from pat_core.jobs.launchers.fitness import unfit
from pat_core.jobs.launchers.launcher_contract import Look
from pat_core.jobs.launchers.launcher_kinds import launcher_of
from pat_core.jobs.launchers.machine import machine_facts
from pat_core.jobs.launchers.place_book import HERE, place_named

FRESH_SECONDS = 60.0


@dataclass(frozen=True)
class Seen:
    """look: None where the place could not be reached. trouble: why it cannot be used, "" where it can. moment: of `time.monotonic`."""

    look: Look | None
    trouble: str
    moment: float


def kept_look(name: str) -> Seen | None:
    """What was last seen of a place in this tab."""
    return st.session_state.get(Key.PLACE_SEEN.of(name))


def look_at(name: str) -> Seen:
    """What a place has, looked at anew where that is a minute ago."""
    seen = kept_look(name)
    return seen if seen and time.monotonic() - seen.moment < FRESH_SECONDS else look_now(name)


def look_now(name: str) -> Seen:
    """What a place has at this moment."""
    look, trouble = None, ""
    try:
        if name == HERE:
            look = Look(**machine_facts(workspace().folder))
        else:
            launcher = launcher_of(place_named(workspace(), name))
            try:
                look = launcher.look()
            finally:
                launcher.close()
            trouble = unfit(look, name)
    except PatError as error:
        trouble = str(error)
    seen = Seen(look, trouble, time.monotonic())
    st.session_state[Key.PLACE_SEEN.of(name)] = seen
    return seen


def forget_look(name: str) -> None:
    """It is another place now."""
    st.session_state.pop(Key.PLACE_SEEN.of(name), None)
