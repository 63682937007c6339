"""The form for a new place, or for changing one: fields by its kind."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.cached_calls import workspace
from pages.components.shared.place_looks import forget_look
from pages.components.shared.plain_text import literal
from pages.components.shared.session import next_turn, turn_of
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.jobs.launchers.launcher_kinds import KINDS, Kind, checked
from pat_core.jobs.launchers.place_book import FOLDER, Place, keep_place
from pat_core.reports.place_words import option_title

SEVERAL = ("modules",)
"""Options that hold several words."""


def show() -> None:
    """A place of the name of one that is there takes its place."""
    turn = turn_of(Key.PLACES_TURN)
    kind = st.selectbox(_("Kind of place"), list(KINDS), format_func=lambda key: literal(KINDS[key].title), key=Key.PLACES_KIND)
    with st.form(f"places.form.{kind}.{turn}", enter_to_submit=False):  # Enter in one box leaves the others to be filled
        place = _fields(kind, KINDS[kind], f"{kind}.{turn}")
        if not st.form_submit_button(_("Add the place"), type="primary"):
            return
    if not place["name"]:
        st.error(_("Give the place a name, by which you choose it later."))
        return
    try:
        keep_place(workspace(), checked(Place(kind=kind, **place)))
    except PatError as error:
        st.error(literal(error))
        return
    forget_look(place["name"])
    next_turn(Key.PLACES_TURN)
    st.session_state[Key.PLACES_MESSAGE] = _("{place} was added. Test it before you start something there.").format(place=place["name"])
    st.rerun()


def _fields(key: str, kind: Kind, turn: str) -> dict:
    left, right = st.columns(2)
    name = left.text_input(_("Name"), key=f"places.name.{turn}", max_chars=60)
    address = "" if kind.address == "none" else _address(right, key, kind, f"places.address.{turn}")
    folder = left.text_input(_("Folder there"), FOLDER, key=f"places.folder.{turn}", help=_("For the data of the work, and its results."))
    python = right.text_input(
        _("Python there"), "python3", key=f"places.python.{turn}", help=_("One with PAT Explorer and PyTorch, of the versions of here.")
    )
    options = {}
    with st.expander(_("Options")):
        sides = st.columns(2)
        for number, (option, words) in enumerate(kind.options.items()):
            text = sides[number % 2].text_input(option_title(option), key=f"places.option.{option}.{turn}", help=literal(words))
            if words_given := text.split():
                options[option] = words_given if option in SEVERAL else text.strip()
    return {"name": name.strip(), "address": address.strip(), "folder": folder.strip(), "python": python.strip(), "options": options}


def _address(side: DeltaGenerator, key: str, kind: Kind, box: str) -> str:
    if key == "ray":
        tunnel = _("Of its dashboard, best at this computer's end of an SSH tunnel: Ray encrypts nothing itself.")
        return side.text_input(_("Address (http://host:8265)"), key=box, help=tunnel)
    own = _("Also a name of your own SSH configuration.")
    if kind.address == "needed":
        return side.text_input(_("Address (user@host)"), key=box, help=own)
    return side.text_input(_("Address (user@host; empty: this computer itself)"), key=box, help=own)
