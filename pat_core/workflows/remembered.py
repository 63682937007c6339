"""Remembered meanings of columns, by name: which of them the files of an import have, for those who import without the app."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError
from pat_core.recordings.mapping import Mapping, fits, sources_in
from pat_core.recordings.source import Source
from pat_core.workflows import mapping as workflow
from pat_core.workflows.mapping import Remembered, summary

NO_MAPPING = "none"
"""In place of a name: read the files by their formats, whatever is remembered."""
SHORT = 8
"""So much of a key is shown, and at least half of it is needed to name one."""
SHOWN = 3


@dataclass(frozen=True)
class Used:
    """A remembered mapping and the files that have its columns."""

    entry: Remembered
    files: tuple[str, ...]

    @property
    def mapping(self) -> Mapping:
        """What its columns mean."""
        if self.entry.mapping is None:
            raise RecordingError(self.entry.why)
        return self.entry.mapping

    @property
    def words(self) -> str:
        """Which files are read how, in a sentence."""
        names = ", ".join(self.files[:SHOWN]) + (f" and {len(self.files) - SHOWN:,} more" if len(self.files) > SHOWN else "")
        origin = "" if self.files == (self.entry.file,) else f" from {self.entry.file}"
        return f"{names}: read by the columns remembered{origin}. {summary(self.mapping)}"


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
    files: dict[str, list[str]] = {}
    seen: list[str] = []
    with ExitStack() as opened:
        for path in paths:
            for source in sources_in(Path(path), opened) if Path(path).exists() else []:
                seen.append(source.filename)
                if (entry := _fitting(workspace, source, entries)) is not None:
                    files.setdefault(entry.key, []).append(source.filename)
    used = tuple(Used(entry, tuple(files[entry.key])) for entry in entries if entry.key in files)
    if name is not None and not used and seen:
        raise _fits_none(entries[0], seen)
    return used


def _fitting(workspace: Workspace, source: Source, entries: Sequence[Remembered]) -> Remembered | None:
    found = next((entry for entry in entries if entry.mapping is not None and fits(source, entry.mapping)), None)
    if found is None and any(entry.mapping is None for entry in entries):
        damaged = workflow.recall(workspace, source)
        if damaged is not None and damaged.mapping is None:
            raise RecordingError(f"{source.filename}: {damaged.why} `mappings forget {damaged.key[:SHORT]}` forgets it.")
    return found


def _fits_none(entry: Remembered, seen: Sequence[str]) -> RecordingError:
    columns = ", ".join(entry.mapping.columns[:8]) if entry.mapping else ""
    shown = ", ".join(seen[:SHOWN]) + (f" and {len(seen) - SHOWN:,} more" if len(seen) > SHOWN else "")
    return RecordingError(
        f"A table with the columns {columns} was expected, as remembered from {entry.file}; none of the files has them, or other values "
        f"stand in them ({shown}). Name another, or leave the name out."
    )


def forget(workspace: Workspace, name: str) -> Remembered:
    """Forget one by its name, also a damaged one. Raises RecordingError where there is none, or several."""
    known = workflow.remembered(workspace)
    damaged = [entry for entry in known if entry.mapping is None and (name == entry.file or entry.key.startswith(name.lower()))]
    entry = damaged[0] if len(damaged) == 1 and len(name) >= SHORT // 2 else named(workspace, name)
    workflow.forget(workspace, entry.key)
    return entry
