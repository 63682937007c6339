"""Tables whose columns the reader has to name: what a mapping makes of a file, and mappings remembered for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import available_timezones

from pat_core.cohorts import Workspace
from pat_core.errors import PatError, RecordingError
from pat_core.recordings.mapping.mapped_table import first_rows, in_minutes, read_epochs
from pat_core.recordings.mapping.mapping_record import Mapping, MappingError, fingerprint, from_json, problems, to_json
from pat_core.recordings.source import Source
from pat_core.records import UNKNOWN_UNIT, Recording

KEY = "mappings"
MOST_REMEMBERED = 200
MOST_ODD = 6
WEEK_DAYS = 7


@dataclass(frozen=True)
class Row:
    """A row as understood. time: as in the file, None where not read; activity: NaN where missing; worn: None where not said."""

    participant: str
    time: datetime | None
    activity: float
    worn: bool | None


@dataclass(frozen=True)
class Preview:
    """What a mapping makes of a file. wrong: field of the mapping ("" for the file) -> what is wrong with it; the rest is empty then.

    epoch_seconds: of the file's rows. first, last: wall clock over all people, None where nobody came in. days: whole days of the longest
    recording. short: people with less than a week. odd: sentences on what was refused or mended, each with how many people it is about.
    """

    rows: tuple[Row, ...] = ()
    people: int = 0
    epoch_seconds: int | None = None
    unit: str = UNKNOWN_UNIT
    first: datetime | None = None
    days: float = 0.0
    short: int = 0
    odd: tuple[str, ...] = ()
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Remembered:
    """A mapping kept in the workspace. mapping: None where it is damaged, with why; file: the one that it was first made for."""

    key: str
    mapping: Mapping | None
    file: str
    why: str = ""


def preview(source: Source, mapping: Mapping, rows: int = 6) -> Preview:
    """What the mapping makes of the whole file: the first rows, who and how long, and what is odd. Raises nothing that is PatError."""
    if wrong := problems(mapping):
        return Preview(wrong=wrong)
    try:
        shown = tuple(Row(*row) for row in first_rows(source, mapping, rows))
        raw = read_epochs(source, mapping)
        epochs = {recording.epoch_seconds for recording in raw.recordings}
        if mapping.unit == UNKNOWN_UNIT and epochs and min(epochs) < 60:
            said = f"Rows of {min(epochs)} seconds are summed or averaged to minutes by their unit. Choose the unit."
            return Preview(shown, epoch_seconds=min(epochs), wrong={"unit": said})
        reading = in_minutes(raw)
    except MappingError as error:
        return Preview(wrong={error.field: str(error)})
    except PatError as error:
        return Preview(wrong={"": str(error)})
    lengths = [_days(recording) for recording in reading.recordings]
    return Preview(
        shown,
        len(reading.recordings),
        min(epochs, default=None),
        mapping.unit,
        min((recording.start for recording in reading.recordings if recording.start), default=None),
        max(lengths, default=0.0),
        sum(days < WEEK_DAYS for days in lengths),
        _odd([f"{refusal.what}: {refusal.reason}" for refusal in reading.refused], reading.recordings),
    )


def _days(recording: Recording) -> float:
    return recording.values.size * recording.epoch_seconds / 86400


def _odd(refused: Sequence[str], recordings: Sequence[Recording]) -> tuple[str, ...]:
    """Refusals, then each note once with whom it is about; what exceeds MOST_ODD is counted."""
    about: dict[str, list[str]] = {}
    for recording in recordings:
        for note in recording.notes:
            about.setdefault(note, []).append(recording.participant)
    said = [*refused]
    for note, who in about.items():
        said.append(note if len(recordings) == 1 else f"{who[0]}: {note}" if len(who) == 1 else f"{len(who):,} people: {note}")
    return tuple(said[:MOST_ODD]) + ((f"And {len(said) - MOST_ODD:,} more such lines.",) if len(said) > MOST_ODD else ())


def remember(workspace: Workspace, mapping: Mapping, file: str) -> None:
    """Keep a mapping for files with the same columns; a second one for them replaces it, the oldest go beyond MOST_REMEMBERED."""
    kept = _kept(workspace)
    kept.pop(fingerprint(mapping.columns), None)
    kept[fingerprint(mapping.columns)] = {"mapping": to_json(mapping), "file": file}
    workspace.keep_setting(KEY, dict(list(kept.items())[-MOST_REMEMBERED:]))


def remembered(workspace: Workspace) -> tuple[Remembered, ...]:
    """Everything remembered, the newest first; a damaged one says why."""
    return tuple(_remembered(key, value) for key, value in reversed(_kept(workspace).items()))


def forget(workspace: Workspace, key: str) -> None:
    """Drop what is remembered under this key."""
    kept = _kept(workspace)
    if kept.pop(key, None) is not None:
        workspace.keep_setting(KEY, kept)


def zone_names() -> tuple[str, ...]:
    """Time zones by their places, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))))


def _kept(workspace: Workspace) -> dict[str, object]:
    kept = workspace.setting(KEY, {})
    return kept if isinstance(kept, dict) else {}


def _remembered(key: str, value: object) -> Remembered:
    value = value if isinstance(value, dict) else {}
    file = str(value.get("file", ""))[:200]
    try:
        return Remembered(key, from_json(value.get("mapping")), file)
    except RecordingError as error:
        return Remembered(key, None, file, str(error))
