"""Recordings in: files to weeks to a cohort, all of it accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pat_core import __version__
from pat_core.cohorts import CohortInfo, Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.errors import RecordingError, WeekError, WorkspaceError
from pat_core.progress import Progress, Share, Silent
from pat_core.recordings.duplicate_minutes import Alike, alike
from pat_core.recordings.joined_parts import gathered
from pat_core.recordings.mapping.mapped_files import MappedReader
from pat_core.recordings.mapping.mapping_record import Mapping as ColumnMapping
from pat_core.recordings.mapping.mapping_record import to_json
from pat_core.recordings.person_names import match
from pat_core.recordings.reading import read_apart
from pat_core.recordings.tables.people_table import read_labels
from pat_core.records import Alignment, Note, Reading, Recording, Refusal, Week
from pat_core.workflows.read.clock_changes import how_taken, weeks_of
from pat_core.workflows.read.clock_changes import summary as clock_words
from pat_core.workflows.read.clock_choice import AS_RECORDED, Clocks, Taken, WeekOverChange
from pat_core.workflows.read.duplicates import elsewhere
from pat_core.workflows.read.worn_days import keep_wear


@dataclass(frozen=True)
class ImportReport:
    """What came in (people and weeks), everything that did not, each with its reason, and what was found or mended in what came in.

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
    the body, recordings were made whose files do not say it; "" where that is not known.
    """

    alignment: Alignment = "start"
    mappings: Sequence[ColumnMapping] = ()
    clocks: Clocks = AS_RECORDED
    device: str = ""
    placement: str = ""


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
    if any(cohort.name == name for cohort in workspace.cohorts()):
        raise WorkspaceError(f"A cohort is already called {name!r}. Choose another name.")
    given = read_labels(labels) if labels else {}
    reader = MappedReader(settings.mappings)
    recordings, refused = _read_all(paths, reader, progress)
    device, placement, clocks = settings.device.strip(), settings.placement.strip(), settings.clocks
    recordings = [_worn_with(recording, device, placement) for recording in recordings]
    same = alike(recordings)
    recordings = _noted(recordings, same)
    made = _cut_all(recordings, reader, settings.alignment, clocks, progress)
    named = match(given, [recording.participant for recording in recordings])
    refused += made.refused + [Refusal(name, named.why(name)) for name in given if name not in named.found]
    if not made.weeks:
        raise RecordingError("Nothing was imported.\n" + reasons(refused))
    progress.at(0.95, "Writing the cohort")
    source = ", ".join(Path(path).name for path in paths)
    clock = clock_words(made.over, clocks, sum(taken.zone is None for taken in made.taken.values()))
    theirs = {there: given[name] for name, there in named.found.items()}
    people = {one.participant: {**one.labels, **theirs.get(one.participant, {})} for one in recordings if one.participant in made.taken}
    asked = {
        "paths": [str(path) for path in paths],
        "labels": labels and str(labels),
        "alignment": settings.alignment,
        "clocks": clocks.as_spec(),
    }
    asked |= {"device": device, "placement": placement}
    words = _alike_words(same, set(made.taken))
    imported = asked | _record(made) | {"clock": clock, "alike": words, "names": list(named.notes()), "version": __version__}
    cohort = workspace.create_cohort(name, made.weeks, people, refused, origin=Origin(source=source, note=note, imported=imported))
    keep_wear(workspace, cohort.name)
    return _report(workspace, cohort, tuple(made.over))


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


def _cut_all(recordings: Sequence[Recording], reader: MappedReader, alignment: Alignment, clocks: Clocks, progress: Progress) -> _Cut:
    made = _Cut()
    for number, recording in enumerate(recordings):
        progress.at(0.6 + 0.35 * number / len(recordings), f"Cutting weeks: {number + 1} of {len(recordings)} recordings")
        columns = reader.mapping_of(recording)
        try:
            weeks, left_out, over = weeks_of(recording, alignment, clocks, columns)
        except (WeekError, RecordingError) as error:
            made.refused.append(Refusal(recording.participant, str(error)))
            continue
        made.weeks += weeks
        made.refused += left_out
        made.over += over
        if weeks:
            made.taken[recording.participant] = how_taken(recording, clocks, columns)
            made.columns[recording.participant] = columns
    made.weeks, mixed = _one_unit(made.weeks)
    made.refused += mixed
    for refusal in mixed:
        del made.taken[refusal.what], made.columns[refusal.what]
    made.over = [week for week in made.over if week.participant not in {refusal.what for refusal in mixed}]
    return made


def _record(made: _Cut) -> dict[str, object]:
    """What the files' columns meant, and what was done to times: plain values, to be kept."""
    used = [mapping for mapping in dict.fromkeys(made.columns.values()) if mapping is not None]
    times = Counter(made.taken.values()).most_common()
    return {
        "mappings": [to_json(mapping) for mapping in used],
        "times": [taken.as_spec() | {"people": people} for taken, people in times],
        "over": [week.as_spec() for week in made.over],
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
    left = [replace(one, people=tuple(person for person in one.people if person in came)) for one in same]
    return [f"{one.words} {HARM}" for one in left if len(one.people) > 1]


def _noted(recordings: Sequence[Recording], same: Sequence[Alike]) -> list[Recording]:
    """The recordings, with a note on those that hold the same minutes as others."""
    words = {person: one.words for one in same for person in one.people}
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
    kept = [week for week in weeks if week.participant not in others]
    sentence = "This cohort is in {unit}, this person in {other}, and units are not interchangeable. Import them as another cohort."
    return kept, [Refusal(person, sentence.format(unit=unit, other=other)) for person, other in others.items()]


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
