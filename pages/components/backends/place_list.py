"""The places there are, each with what it has as of its last test, and taking it away."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.place_looks import forget_look, kept_look, look_at, look_now
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.sentences import facts
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.jobs.launchers.launcher_kinds import KINDS
from pat_core.jobs.launchers.place_book import HERE, Place, places, remove_place
from pat_core.reports.place_words import look_lines, option_title


def show() -> None:
    """This computer first, which is always there."""
    with st.container(border=True):
        st.subheader(_("This computer"))
        if (seen := look_at(HERE)).look:
            st.markdown(facts(look_lines(seen.look)))
    try:
        known = places(workspace())
    except PatError as error:
        st.error(literal(error))
        return
    for place in known:
        with st.container(border=True):
            _one(place)


def _one(place: Place) -> None:
    st.subheader(literal(place.name, LONGEST))
    kind = KINDS[place.kind].title if place.kind in KINDS else place.kind
    lines = [
        (_("Kind"), kind),
        (_("Address"), place.address),
        (_("Folder there"), place.folder),
        (_("Python there"), place.python),
        *((option_title(name), _words(value)) for name, value in place.options.items()),
    ]
    st.markdown(facts(lines))
    with st.container(horizontal=True):
        if st.button(_("Test"), key=f"places.test.{place.name}", help=_("Connects, and looks at what is there. Nothing is sent.")):
            with st.spinner(_("Looking at {place}").format(place=literal(place.name))):
                look_now(place.name)
        _remove(place)
    if seen := kept_look(place.name):
        if seen.trouble:
            st.error(literal(seen.trouble))
        else:
            st.success(_("It can be reached, and can take work."))
        if seen.look:
            st.markdown(facts(look_lines(seen.look)))


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _remove(place: Place) -> None:
    with st.popover(_("Remove")):
        st.write(_("Remove {place} from this list? What lies there stays there.").format(place=literal(place.name)))
        if st.button(_("Remove {place}").format(place=literal(place.name, LONGEST)), key=f"places.remove.{place.name}"):
            try:
                remove_place(workspace(), place.name)
            except PatError as error:
                st.error(literal(error))
                return
            forget_look(place.name)
            st.session_state[Key.PLACES_MESSAGE] = _("{place} was removed.").format(place=place.name)
            st.rerun()
