"""Recordings into a cohort: read, cut, checked, stored; at once, or as a background job."""

from __future__ import annotations

import collections.abc
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from pat_core import __version__
from pat_core.cohorts import CohortInfo, Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.errors import RecordingError, WeekError, WorkspaceError
from pat_core.jobs import Spec, Task
from pat_core.jobs.launcher import FILES
from pat_core.progress import Progress, Share, Silent
from pat_core.recordings.duplicate_minutes import Alike, alike
from pat_core.recordings.joined_parts import gathered
from pat_core.recordings.mapping.mapped_table import MappedReader
from pat_core.recordings.mapping.mapping_record import Mapping, from_json, to_json
from pat_core.recordings.mapping.mapping_record import Mapping as ColumnMapping
from pat_core.recordings.person_names import match
from pat_core.recordings.reading import read_apart
from pat_core.recordings.tables.people_table import read_labels
from pat_core.records import Alignment, Days, Note, Reading, Recording, Refusal, Week
from pat_core.settings import USUAL_DAYS
from pat_core.weeks import check_days
from pat_core.workflows.read.clock_changes import AS_RECORDED, Clocks, Taken, WeekOverChange, how_taken, weeks_of
from pat_core.workflows.read.clock_changes import summary as clock_words
from pat_core.workflows.read.duplicates import elsewhere
from pat_core.workflows.read.worn_days import keep_wear


@dataclass(frozen=True)
class ImportReport:
    """What came in (people and weeks), everything that did not, each with its reason, and what was found or corrected in what came in.

    over: weeks over a change of the clock, with what was done to them; clock: the same in words, "" where there is nothing to say.
    alike: sentences on people whose recordings hold the same minutes, which the reader has to settle.
    """

    cohort: CohortInfo
    people: int
    weeks: int
    refused: tuple[Refusal, ...]
    notes: tuple[Note, ...] = ()
    over: tuple[WeekOverChange, ...] = ()
    clock: str = ""
    alike: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportSettings:
    """How recordings are read.

    alignment: weeks from the recording's start or from its first midnight. mappings: what columns mean; files with the columns of one are
    read by it, whatever a format would make of them. clocks: time zone and changes of the clock. device, placement: with what, and where on
    the body, recordings were made whose files do not say it; "" where that is not known. days: how many full days each window has, or
    "all" (see `weeks.cut`).
    """

    alignment: Alignment = "start"
    mappings: Sequence[ColumnMapping] = ()
    clocks: Clocks = AS_RECORDED
    device: str = ""
    placement: str = ""
    days: Days = USUAL_DAYS


USUAL = ImportSettings()


def import_recordings(
    workspace: Workspace,
    paths: Sequence[Path],
    name: str,
    settings: ImportSettings = USUAL,
    *,
    labels: Path | None = None,
    note: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Read files, folders or zips into a new cohort. Every person found is either in it or refused with the reason.

    labels: a CSV with a participant column; its other columns become labels. note: kept with the cohort. All these choices, of the mappings
    those that were used, are kept with the cohort (`Workspace.import_record`). Raises RecordingError, with the reasons, where nothing at
    all comes in, and WorkspaceError, before anything is read, where the name is taken.
    """
    progress = progress or Silent()
    check_days(settings.days)
    if any(cohort.name == name for cohort in workspace.cohorts()):
        raise WorkspaceError(f"A cohort is already called {name!r}. Choose another name.")
    given = read_labels(labels) if labels else {}
    reader = MappedReader(settings.mappings)
    recordings, refused = _read_all(paths, reader, progress)
    device, placement, clocks = settings.device.strip(), settings.placement.strip(), settings.clocks
    recordings = [_worn_with(recording, device, placement) for recording in recordings]
    same = alike(recordings)
    recordings = _noted(recordings, same)
    parts = _cut_all(recordings, reader, settings, progress)
    named = match(given, [recording.participant for recording in recordings])
    refused += parts.refused + [Refusal(name, named.why(name)) for name in given if name not in named.pairs]
    if not parts.weeks:
        raise RecordingError("Nothing was imported.\n" + reasons(refused))
    progress.at(0.95, "Writing the cohort")
    source = ", ".join(Path(path).name for path in paths)
    clock = clock_words(parts.over, clocks, sum(taken.zone is None for taken in parts.taken.values()))
    theirs = {there: given[name] for name, there in named.pairs.items()}
    people = {
        recording.participant: {**recording.labels, **theirs.get(recording.participant, {})}
        for recording in recordings
        if recording.participant in parts.taken
    }
    request: dict[str, object] = {
        "paths": [str(path) for path in paths],
        "labels": labels and str(labels),
        "alignment": settings.alignment,
        "clocks": clocks.as_spec(),
    }
    request |= {"device": device, "placement": placement, "days": settings.days}
    words = _alike_words(same, set(parts.taken))
    imported = request | _record(parts) | {"clock": clock, "alike": words, "names": list(named.notes()), "version": __version__}
    cohort = workspace.create_cohort(name, parts.weeks, people, refused, origin=Origin(source=source, note=note, imported=imported))
    keep_wear(workspace, cohort.name)
    return _report(workspace, cohort, tuple(parts.over))


@dataclass
class _Cut:
    """The weeks of one unit that come in, those over a change of the clock, and everything left out.

    taken: how the times of each participant who comes in were taken; columns: the mapping by which they were read, None where by a format.
    """

    weeks: list[Week] = field(default_factory=list)
    over: list[WeekOverChange] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    taken: dict[str, Taken] = field(default_factory=dict)
    columns: dict[str, ColumnMapping | None] = field(default_factory=dict)


def _cut_all(recordings: Sequence[Recording], reader: MappedReader, settings: ImportSettings, progress: Progress) -> _Cut:
    result, clocks = _Cut(), settings.clocks
    for number, recording in enumerate(recordings):
        progress.at(0.6 + 0.35 * number / len(recordings), f"Cutting weeks: {number + 1} of {len(recordings)} recordings")
        columns = reader.mapping_of(recording)
        try:
            weeks, left_out, over = weeks_of(recording, settings.alignment, clocks, columns, settings.days)
        except (WeekError, RecordingError) as error:
            result.refused.append(Refusal(recording.participant, str(error)))
            continue
        result.weeks += weeks
        result.refused += left_out
        result.over += over
        if weeks:
            result.taken[recording.participant] = how_taken(recording, clocks, columns)
            result.columns[recording.participant] = columns
    result.weeks, mixed = _one_unit(result.weeks)
    result.refused += mixed
    for refusal in mixed:
        del result.taken[refusal.what], result.columns[refusal.what]
    result.over = [week for week in result.over if week.participant not in {refusal.what for refusal in mixed}]
    return result


def _record(result: _Cut) -> dict[str, object]:
    """What the files' columns meant, and what was done to times: plain values, to be kept."""
    used = [mapping for mapping in dict.fromkeys(result.columns.values()) if mapping is not None]
    times = Counter(result.taken.values()).most_common()
    return {
        "mappings": [to_json(mapping) for mapping in used],
        "times": [taken.as_spec() | {"people": people} for taken, people in times],
        "over": [week.as_spec() for week in result.over],
    }


def imported_with(workspace: Workspace, note: str) -> ImportReport | None:
    """What an earlier import with this note wrote; None where there is no such cohort, or no note.

    A cohort and its note are written in one step, so an import that was killed after it can be told from one that wrote nothing.
    """
    cohort = next((cohort for cohort in workspace.cohorts() if note and cohort.note == note), None)
    if cohort is None:
        return None
    over = tuple(WeekOverChange.from_spec(week) for week in workspace.import_record(cohort.name).get("over", ()))
    return _report(workspace, cohort, over)


def _report(workspace: Workspace, cohort: CohortInfo, over: tuple[WeekOverChange, ...]) -> ImportReport:
    """What was kept of an import, as its report."""
    record = workspace.import_record(cohort.name)
    notes = (*(Note("Labels", sentence) for sentence in record.get("names", ())), *workspace.notes(cohort.name))
    return ImportReport(
        cohort,
        cohort.people,
        cohort.weeks,
        workspace.refusals(cohort.name),
        notes,
        over,
        str(record.get("clock", "")),
        (*record.get("alike", ()), *elsewhere(workspace, cohort.name)),
    )


def _worn_with(recording: Recording, device: str, placement: str) -> Recording:
    """The recording with the device and the place on the body that were given, where its file names none."""
    return replace(recording, device=recording.device or device or None, placement=recording.placement or placement or None)


HARM = "Keep one of them. Training counts their names as one person and keeps them on one side of every split; other tables count them all."


def _alike_words(same: Sequence[Alike], came: set[str]) -> list[str]:
    """A sentence for each group of people who came in with the same minutes."""
    groups = [replace(group, people=tuple(person for person in group.people if person in came)) for group in same]
    return [f"{group.words} {HARM}" for group in groups if len(group.people) > 1]


def _noted(recordings: Sequence[Recording], same: Sequence[Alike]) -> list[Recording]:
    """The recordings, with a note on those that hold the same minutes as others."""
    words = {person: group.words for group in same for person in group.people}
    return [
        replace(recording, notes=(*recording.notes, words[recording.participant])) if recording.participant in words else recording
        for recording in recordings
    ]


def _one_unit(weeks: list[Week]) -> tuple[list[Week], list[Refusal]]:
    """A cohort holds one unit: that of most weeks. People in another are refused by name."""
    if not weeks:
        return weeks, []
    unit = Counter(week.unit for week in weeks).most_common(1)[0][0]
    others = {week.participant: week.unit for week in weeks if week.unit != unit}
    remaining = [week for week in weeks if week.participant not in others]
    sentence = "This cohort is in {unit}, this person in {other}, and units are not interchangeable. Import them as another cohort."
    return remaining, [Refusal(person, sentence.format(unit=unit, other=other)) for person, other in others.items()]


def reasons(refused: Sequence[Refusal], most: int = 20) -> str:
    """The refusals as one text, the first `most` of them."""
    if not refused:
        return "No recording was found there: the README and the page Data list the formats that PAT Explorer reads."
    lines = [f"{refusal.what}: {refusal.reason}" for refusal in refused[:most]]
    return "\n".join(lines + ([f"... and {len(refused) - most} more."] if len(refused) > most else []))


def _read_all(paths: Sequence[Path], reader: MappedReader, progress: Progress) -> tuple[list[Recording], list[Refusal]]:
    recordings: list[Recording] = []
    refused: list[Refusal] = []
    for number, path in enumerate(paths):
        part = Share(progress, 0.6 * number / len(paths), 0.6 / len(paths))
        reading = read_apart(Path(path), part, reader)
        refused += reading.refused
        recordings += reading.recordings
    whole = gathered(Reading(tuple(recordings), tuple(refused)))
    return list(whole.recordings), list(whole.refused)


@dataclass(frozen=True)
class ImportRequest(Spec):
    """What to read into a new cohort, as for `import_recordings`. incoming: a folder of uploads that is removed once the cohort is there.
    note: by which the cohort of this import is known again."""

    paths: tuple[str, ...]
    cohort: str
    labels: str | None = None
    alignment: Alignment = "start"
    incoming: str | None = None
    note: str = ""
    mappings: tuple[Mapping, ...] = ()
    clocks: Clocks = AS_RECORDED
    device: str = ""
    placement: str = ""
    days: Days = USUAL_DAYS

    def as_spec(self) -> dict[str, Any]:
        """As `Spec.as_spec`, the same before and after JSON."""
        mappings = [to_json(mapping) for mapping in self.mappings]
        return super().as_spec() | {"paths": list(self.paths), "mappings": mappings, "clocks": self.clocks.as_spec()}

    @classmethod
    def from_spec(cls, spec: collections.abc.Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`. RecordingError where what columns mean is damaged."""
        mappings = tuple(from_json(mapping) for mapping in spec.get("mappings", ()))
        clocks = Clocks.from_spec(spec.get("clocks", {}))
        return super().from_spec({**spec, "paths": tuple(spec["paths"]), "mappings": mappings, "clocks": clocks})


def run_import(workspace: Workspace, request: ImportRequest, progress: Progress) -> ImportReport:
    """Whole or not at all, and once: where a killed worker had written the cohort already, only its report is left to give."""
    done = imported_with(workspace, request.note) or import_recordings(
        workspace,
        [Path(path) for path in request.paths],
        request.cohort,
        ImportSettings(request.alignment, request.mappings, request.clocks, request.device, request.placement, request.days),
        labels=Path(request.labels) if request.labels else None,
        note=request.note,
        progress=progress,
    )
    if request.incoming:
        shutil.rmtree(request.incoming, ignore_errors=True)
    return done


def _result(done: ImportReport) -> dict[str, object]:
    refused, notes = ([asdict(entry) for entry in entries] for entries in (done.refused, done.notes))
    over = [week.as_spec() for week in done.over]
    report = {"refused": refused, "notes": notes, "over": over, "clock": done.clock, "alike": list(done.alike)}
    return {"people": done.people, "weeks": done.weeks, **report}


IMPORT = Task("import", ImportRequest, run_import, _result, FILES)
