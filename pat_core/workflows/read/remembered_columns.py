"""Remembered meanings of columns, by name: which of them the files of an import have, for those who import without the app."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError
from pat_core.workflows.read import column_mapping as workflow
from pat_core.workflows.read.column_mapping import Remembered
from pat_core.workflows.read.known_columns import Used, look, lying_at, some_names

NO_MAPPING = "none"
"""In place of a name: read the files by their formats, whatever is remembered."""
SHORT = 8
"""So much of a key is shown, and at least half of it is needed to name one."""


def named(workspace: Workspace, name: str) -> Remembered:
    """What is remembered under a name: of the file that it was first made for (with or without its ending), or the beginning of its key.

    Raises RecordingError in a sentence where nothing is, where several are, and where it is damaged.
    """
    known = workflow.remembered(workspace)
    if not known:
        raise RecordingError(
            f"The columns of “{name[:60]}” were asked for, but this workspace remembers none. Import one such table in the app (Data, "
            "Bring recordings) and say there what its columns mean."
        )
    found = [entry for entry in known if name in (entry.file, PurePosixPath(entry.file).stem)]
    found = found or [entry for entry in known if len(name) >= SHORT // 2 and entry.key.startswith(name.lower())]
    if len(found) == 1:
        if found[0].mapping is None:
            raise RecordingError(found[0].why)
        return found[0]
    listed = ", ".join(f"{entry.file} ({entry.key[:SHORT]})" for entry in (found or known)[:6])
    if found:
        raise RecordingError(
            f"Several remembered tables are called “{name[:60]}”: {listed}. Give the letters and digits in brackets instead."
        )
    raise RecordingError(f"No columns are remembered under “{name[:60]}”. Remembered are: {listed}. Choose one of them, or {NO_MAPPING}.")


def for_paths(workspace: Workspace, paths: Sequence[Path], name: str | None = None) -> tuple[Used, ...]:
    """The remembered mappings that files, folders and zips are to be read by, with the files that have their columns.

    name: the one to use alone (see `named`), or NO_MAPPING. Raises RecordingError where no file has the columns of the one that was named,
    and where what is remembered of a file's columns is damaged.
    """
    if name == NO_MAPPING:
        return ()
    entries = (named(workspace, name),) if name is not None else workflow.remembered(workspace)
    if not entries:
        return ()
    looked = look([source for path in paths for source in lying_at(Path(path))], entries)
    for one in looked.used:
        if one.entry.mapping is None:
            raise RecordingError(f"{one.files[0]}: {one.entry.why} `mappings forget {one.entry.key[:SHORT]}` forgets it.")
    if name is not None and not looked.used and looked.files:
        raise _fits_none(entries[0], looked.files)
    return looked.used


def _fits_none(entry: Remembered, seen: Sequence[str]) -> RecordingError:
    columns = ", ".join(entry.mapping.columns[:8]) if entry.mapping else ""
    return RecordingError(
        f"A table with the columns {columns} was expected, as remembered from {entry.file}; none of the files has them, or they hold "
        f"other values ({some_names(seen)}). Name another, or leave the name out."
    )


def forget(workspace: Workspace, name: str) -> Remembered:
    """Forget one by its name, also a damaged one. Raises RecordingError where there is none, or several."""
    known = workflow.remembered(workspace)
    damaged = [entry for entry in known if entry.mapping is None and (name == entry.file or entry.key.startswith(name.lower()))]
    entry = damaged[0] if len(damaged) == 1 and len(name) >= SHORT // 2 else named(workspace, name)
    workflow.forget(workspace, entry.key)
    return entry
