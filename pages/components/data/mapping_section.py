"""What the columns of unknown tables mean: which of the files that are brought need it said, and how the others will be read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.typing import UploadedFile

from pages.components.data.mapping_form import Chosen, boxes
from pages.components.data.mapping_words import summary
from pages.components.shared.cached_calls import workspace
from pages.components.shared.phrases import some
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Key
from pages.components.shared.words import _, plural
from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.recordings.mapping.text_table import fits
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.source import Source
from pat_core.workflows.read import column_mapping
from pat_core.workflows.read.uploaded_files import KeptUpload

SAY = _("Say what its columns mean")
REFUSED = _("it was refused when it was last imported.")
MOST_LOOKED = 60
"""So many files are looked at before an import; it reads all."""
AGAIN_S = 60
"""After so long a folder is looked at again."""


@dataclass(frozen=True)
class ColumnMeanings:
    """What columns mean, for an import. chosen: what the open boxes say; wrong: they are open and do not hold."""

    mappings: tuple[Mapping, ...] = ()
    chosen: Chosen | None = None
    wrong: bool = False


def ask(files: Sequence[UploadedFile | KeptUpload], place: str) -> ColumnMeanings:
    """Mappings for the import of these files: what the open boxes say, and everything remembered, which is used where it fits.

    Draws, under the uploader, a line for each kind of table: how it will be read, or that its columns are not known.
    """
    entries = column_mapping.remembered(workspace())
    looked = _looked(tuple(files), place.strip().strip("\"'"), entries)
    drawn = [_remembered(used) for used in looked.used]
    drawn += [_unknown(looked.unknown)] if looked.unknown else []
    if looked.left:
        st.caption(
            plural(
                "{number} file was not looked at here, only the first {most}. The import reads every file: by its remembered "
                "columns, or otherwise as its format says.",
                "{number} files were not looked at here, only the first {most}. The import reads every file: by its remembered "
                "columns, or otherwise as its format says.",
                looked.left,
                most=MOST_LOOKED,
            )
        )
    chosen = next((answer for answer in drawn if isinstance(answer, Chosen)), None)
    known = [entry.mapping for entry in entries if entry.mapping is not None]
    return ColumnMeanings(tuple(([chosen.mapping] if chosen else []) + known), chosen, False in drawn)


def remember(chosen: Chosen | None) -> None:
    """Keep what the boxes say for the next file with these columns, and close them. Of the files nothing is kept."""
    if chosen is not None:
        column_mapping.remember(workspace(), chosen.mapping, chosen.file)
    st.session_state.pop(Key.MAPPING_LOOK, None)
    st.session_state.pop(Key.MAPPING_ASKED, None)
    _open(None)


def _looked(
    files: tuple[UploadedFile | KeptUpload, ...], place: str, entries: tuple[column_mapping.Remembered, ...]
) -> column_mapping.Looked:
    """The look at these files, kept until other files are brought or something else is remembered."""
    refused = st.session_state.get(Key.MAPPING_ASKED, ())
    key, now = (files, place, entries, refused), time.monotonic()
    look = st.session_state.get(Key.MAPPING_LOOK)
    if look is None or look[0] != key or (place and now - look[1] > AGAIN_S):
        with st.spinner(_("Looking at the columns")):
            brought = column_mapping.uploaded(files) + (column_mapping.lying_at(Path(place).expanduser()) if place else [])
            why = partial(_why_or_refused, refused)
            look = st.session_state[Key.MAPPING_LOOK] = (key, now, column_mapping.look(brought, entries, MOST_LOOKED, why))
    return look[2]


def _why_or_refused(refused: Sequence[str], key: str, source: Source) -> str | None:
    """As `_why`; tables that were refused before are asked about though their format knows their columns."""
    return _why(key, source) or (REFUSED if source.filename in refused and _is_table(key, source) else None)


@st.cache_data(show_spinner=False, max_entries=64)
def _is_table(key: str, _source: Source) -> bool:
    return column_mapping.is_table(_source)


@st.cache_data(show_spinner=False, max_entries=512)
def _why(key: str, _source: Source) -> str | None:
    return why_unknown(_source)


def _remembered(used: column_mapping.Used) -> Chosen | Literal[False] | None:
    """How files with remembered columns will be read, and ways to change or forget it; as `boxes` where they are open."""
    entry, names = used.entry, literal(some(used.files, 3))
    if entry.mapping is None:
        st.warning(f"{names}: {literal(entry.why)}")
    else:
        origin = "" if names == literal(entry.file) else _(" from {file}").format(file=literal(entry.file))
        st.info(
            _("What the columns of {files} mean is remembered{origin}. {meaning}").format(
                files=names, origin=origin, meaning=literal(summary(entry.mapping))
            )
        )
    changing = st.session_state.get(Key.MAPPING_OPEN) == entry.key
    with st.container(horizontal=True):
        if entry.mapping is not None and not changing:
            st.button(_("Look or change"), key=f"mapping.change.{entry.key}", on_click=_open, args=(entry.key,))
        st.button(_("Forget these columns"), key=f"mapping.forget.{entry.key}", on_click=_forget, args=(entry.key,))
    if not changing or entry.mapping is None:
        return None
    return boxes(used.first, entry.mapping, remember, _open)


def _unknown(unknown: Sequence[column_mapping.Unknown]) -> Chosen | Literal[False] | None:
    """The first table whose columns are not known, how many there are, and its boxes once they are asked for."""
    opened = next((table for table in unknown if table.key == st.session_state.get(Key.MAPPING_OPEN)), unknown[0])
    first, others = opened, [table for table in unknown if table is not opened]
    if st.session_state.get(Key.MAPPING_OPEN) != first.key:
        more = plural(" {number} other file needs it as well.", " {number} other files need it as well.", len(others)) if others else ""
        st.warning(
            _("{reason}{others} Unless you say what is meant, it is refused.").format(
                reason=literal(f"{first.source.filename}: {first.why}"), others=more
            )
        )
        st.button(SAY, key=f"mapping.open.{first.key}", on_click=_open, args=(first.key,))
        return None
    chosen = boxes(first.source, None, remember, _open)
    if chosen and (alike := _alike(tuple(table.key for table in others), chosen.mapping, [table.source for table in others])):
        st.write(
            plural(
                "{number} other file has the same columns and will be read the same way.",
                "{number} other files have the same columns and will be read the same way.",
                alike,
            )
        )
    return chosen


@st.cache_data(show_spinner=False, max_entries=32)
def _alike(keys: tuple[str, ...], mapping: Mapping, _sources: list[Source]) -> int:
    return sum(fits(source, mapping) for source in _sources)


def _open(key: str | None = None) -> None:
    st.session_state[Key.MAPPING_OPEN] = key


def _forget(key: str) -> None:
    column_mapping.forget(workspace(), key)
    _open(None)
