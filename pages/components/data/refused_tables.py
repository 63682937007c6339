"""After an import: tables that it refused, whose columns can be told, with a button that opens the boxes for one of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.components.data import upload_transfer
from pages.components.shared.cached_calls import workspace
from pages.components.shared.phrases import some
from pages.components.shared.plain_text import literal
from pages.components.shared.session import remember, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.cohorts import JobInfo
from pat_core.errors import PatError
from pat_core.recordings.source import Source
from pat_core.workflows.read import column_mapping, uploaded_files

MOST = 5
TABLES = (".csv", ".txt", ".tsv", ".csv.gz", ".parquet")


def offer(job: JobInfo, refused: list[str]) -> None:
    """A button for each table that was refused and is still at hand; else how to bring it again. refused: as "ward.csv: A", or with why."""
    tables = _at_hand(str(job.id), job.state, tuple(refused), job)
    if not tables:
        gone = list(dict.fromkeys(part for what in refused for part in what.split(": ") if part.lower().endswith(TABLES)))
        if gone and _place(job) is None:
            st.caption(
                _(
                    "Some of these are tables ({files}). The copies here were removed after the import: choose such a file "
                    "again, and you are asked what its columns mean."
                ).format(files=literal(some(gone, 3)))
            )
            st.session_state[Key.MAPPING_ASKED] = tuple(gone)
        return
    st.write(_("If you know what the columns of a refused table mean, say so and import again:"))
    with st.container(horizontal=True):
        for number, source in enumerate(tables[:MOST]):
            st.button(
                _("Say what the columns of {file} mean").format(file=literal(source.filename, 40)),
                key=f"refused.say.{number}",
                on_click=_open,
                args=(job, source),
            )


@st.cache_resource(show_spinner=_("Looking at what was refused"), max_entries=16)
def _at_hand(identity: str, state: str, names: tuple[str, ...], _job: JobInfo) -> list[Source]:
    brought = [source for path in _job.spec.get("paths", ()) for source in column_mapping.lying_at(Path(str(path)))]
    return column_mapping.refused_tables(brought, names)


def _open(job: JobInfo, source: Source) -> None:
    """Back to the form with this file, or with all uploads of the import, and the boxes of this file open."""
    place = _place(job)
    if place is None:
        try:
            again = uploaded_files.bring_again(workspace(), job)
        except PatError as error:
            st.session_state[Key.DATA_MESSAGE] = str(error)
            return
        upload_transfer.take(again)
        table = next((copy for copy in column_mapping.uploaded(again) if copy.filename == source.filename), None)
        st.session_state[Key.BRING_SOURCE] = upload_transfer.UPLOAD
    else:
        st.session_state[Key.BRING_SOURCE] = upload_transfer.PLACE
        st.session_state[Key.BRING_PLACE.of(turn_of(Key.BRING_TURN))] = str(place)
        table = source
    st.session_state[Key.MAPPING_ASKED] = (source.filename,)
    st.session_state[Key.MAPPING_OPEN] = None if table is None else column_mapping.content_key(table)
    remember(Param.JOB, None)


def _place(job: JobInfo) -> str | None:
    """The place on this machine that an import read; None where it read uploads."""
    incoming = job.spec.get("incoming")
    return next(
        (str(path) for path in job.spec.get("paths", ()) if not incoming or Path(str(incoming)) not in Path(str(path)).parents), None
    )
