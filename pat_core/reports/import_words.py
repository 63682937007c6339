"""How a cohort was imported, in sentences, out of the record that is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pat_core.errors import RecordingError
from pat_core.recordings.mapping.mapping_record import from_json, summary
from pat_core.settings import USUAL_DAYS
from pat_core.workflows.read.clock_changes import Clocks, Taken

_BY = {"file": "as the file says", "columns": "as set for the columns", "import": "as chosen at the import"}
_FROM = {"utc": "UTC", "steady": "the device's clock, which was never changed,"}
_DONE = {"cut": "cut to wall-clock time", "refuse": "refused"}


def import_words(record: Mapping[str, Any]) -> tuple[str, ...]:
    """What columns meant, where labels came from, who came in twice, what the times were and became, and which version read all that.

    record: see `Workspace.import_record`. Empty where nothing was noted; what an older version did not note is left out.
    """
    sentences = [_columns(mapping) for mapping in record.get("mappings", ())]
    sentences += [f"Labels came from {Path(str(record['labels'])).name}."] if record.get("labels") else []
    sentences += [*record.get("names", ()), *record.get("alike", ())]
    sentences += [f"Files that name no {what} were taken as {given}." for what, given in _given(record)]
    times = list(record.get("times", ()))
    for spec in times:
        prefix = f"{_people(spec.get('people', 0))}: " if len(times) > 1 else ""
        sentences.append(prefix + _taken(Taken.from_spec(spec)))
    if record.get("clocks"):
        windows = "Weeks" if record.get("days", USUAL_DAYS) == USUAL_DAYS else "Windows"
        sentences += [f"{windows} over a clock change are {_DONE[Clocks.from_spec(record['clocks']).over_change]}."]
    sentences += [f"Read by PAT Explorer {record['version']}."] if record.get("version") else []
    return tuple(sentences)


def _given(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = {"device": "device", "placement": "place on the body"}
    return [(words, str(record[what])) for what, words in names.items() if record.get(what)]


def _taken(taken: Taken) -> str:
    if taken.zone is None or taken.by is None:
        return f"Times are kept as recorded{', in UTC' if taken.ran == 'utc' else ''}; the time zone or the date is not known."
    if taken.ran == "wall" or taken.by == "file":
        return f"Times are those of {taken.zone}, {_BY[taken.by]}."
    return f"Times were converted from {_FROM[taken.ran]} to wall-clock time in {taken.zone}, {_BY[taken.by]}."


def _columns(mapping: object) -> str:
    try:
        return f"Columns: {summary(from_json(mapping))}"
    except RecordingError:
        return "Columns: as set at the import, stored by another version."


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"
