"""NHANES in: each cycle from the CDC's files to a folder of arrays and to a cohort, with counts to hold against the paper's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import overload

from pat_core import __version__
from pat_core.cohorts import CohortInfo, Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.errors import RecordingError, WorkspaceError
from pat_core.nhanes import (
    CDC,
    CYCLES,
    FLAGGED_MINUTES,
    LABELS,
    Cycle,
    CycleFiles,
    Prepared,
    Settings,
    TransportFile,
    download,
    locked,
    open_prepared,
    prepare,
    transport_file,
    transport_files,
)
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Week
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks import report
from pat_core.workflows.read.worn_days import keep_wear

DOWNLOADS = "downloads"


@dataclass(frozen=True)
class NhanesRequest:
    """cycles: first years (2003, 2005, 2011, 2013). out: where folders and downloads go. files: a folder that holds the CDC's files
    already, None to download them. cohort: the name that the cohorts' names begin with, None for folders alone. site: another place laid
    out as the CDC's."""

    cycles: tuple[int, ...]
    out: Path
    files: Path | None = None
    cohort: str | None = None
    settings: Settings = Settings()
    site: str = CDC


@dataclass(frozen=True)
class NhanesReport:
    """The prepared cycles, and the cohort of each (none where none was asked for)."""

    prepared: tuple[Prepared, ...]
    cohorts: tuple[CohortInfo, ...]


def prepare_nhanes(workspace: Workspace | None, request: NhanesRequest, progress: Progress | None = None) -> NhanesReport:
    """Bring every cycle in. What an earlier run finished is kept, and a download goes on where it broke.

    Raises RecordingError for files that are missing, damaged or cannot be downloaded, WorkspaceError for a name that is taken or a folder
    of other settings; cycles that were finished before stay.
    """
    progress = progress or Silent()
    cycles = [_cycle(year) for year in dict.fromkeys(request.cycles)]
    with locked(request.out):
        there = transport_files(request.files) if request.files else None
        for cycle in cycles:
            _refuse_early(workspace, request, cycle, there)
        done: list[Prepared] = []
        cohorts: list[CohortInfo] = []
        for number, cycle in enumerate(cycles):
            share = Share(progress, number / len(cycles), 1 / len(cycles))
            prepared = open_prepared(request.out, cycle, request.settings)
            if prepared is None:
                files = _downloaded(request, cycle, Share(share, 0.0, 0.5)) if there is None else _of_folder(cycle, there)
                prepared = prepare(cycle, files, request.out, request.settings, Share(share, 0.5, 0.4))
            done.append(prepared)
            if workspace is not None and request.cohort:
                share.at(0.9, f"Writing the cohort of NHANES {cycle.name}")
                cohorts.append(_store(workspace, _name(request, cycle), prepared))
    progress.at(1.0, "NHANES is here")
    return NhanesReport(tuple(done), tuple(cohorts))


def counts_text(prepared: Prepared) -> str:
    """The counts of a cycle as lines, those of the paper beside them."""
    counts, paper = prepared.counts, prepared.paper
    lines = [f"NHANES {prepared.cycle}, {prepared.unit}, {prepared.settings.words}: {prepared.folder}"]
    for name in ("people in the minute file", "people with any minute of the week", "people"):
        lines.append(f"  {name:<36}{counts[name]:>7,}" + (f"   the paper: {paper[name]:,}" if name in paper else ""))
    if FLAGGED_MINUTES in counts:
        what = "kept" if prepared.settings.flagged == "keep" else "missing"
        lines.append(f"  {f'{FLAGGED_MINUTES}, {what}':<36}{counts[FLAGGED_MINUTES]:>7,} of {counts['people'] * MINUTES_PER_WEEK:,}")
    for label in LABELS:
        answered = (
            f"{counts[label]:>7,}, of whom yes {counts[f'{label}, yes']:,}"
            if counts[label]
            else "   none: not asked, or the table is not here"
        )
        lines.append(f"  {f'with an answer on {label}':<36}{answered}" + (f"   the paper: {paper[label]:,}" if label in paper else ""))
    return "\n".join(lines)


def _cycle(year: int) -> Cycle:
    if year not in CYCLES:
        raise RecordingError(f"The cycle of NHANES that began in {year} has no minutes; {', '.join(map(str, CYCLES))} have.")
    return CYCLES[year]


def _refuse_early(workspace: Workspace | None, request: NhanesRequest, cycle: Cycle, there: dict[str, TransportFile] | None) -> None:
    """What can be known before hours of work: a file that is not there, a name that another cohort has."""
    prepared = open_prepared(request.out, cycle, request.settings)
    if prepared is None and there is not None:
        _minutes_of(cycle, there)
    name = _name(request, cycle)
    known = next((cohort for cohort in workspace.cohorts() if cohort.name == name), None) if workspace and request.cohort else None
    if known and (prepared is None or known.note != _note(prepared)):
        raise WorkspaceError(f"A cohort is already called {name!r}. Choose other names with --cohort, or leave cohorts out (--no-cohort).")


def _name(request: NhanesRequest, cycle: Cycle) -> str:
    return f"{request.cohort} {cycle.name}"


def _downloaded(request: NhanesRequest, cycle: Cycle, progress: Progress) -> CycleFiles:
    folder = request.out / DOWNLOADS
    tables = dict(zip(cycle.tables, cycle.table_files(request.site), strict=True))
    got = {table: transport_file(download(file, folder, progress), file.name) for table, file in tables.items()}
    minutes = cycle.minutes_file(request.site)
    return CycleFiles(transport_file(download(minutes, folder, progress), minutes.name), got)


def _of_folder(cycle: Cycle, there: dict[str, TransportFile]) -> CycleFiles:
    tables = {table: there[cycle.table_name(table)] for table in cycle.tables if cycle.table_name(table) in there}
    notes = [
        f"{cycle.table_name(table)} is not among the files, so {labels} of NHANES {cycle.name} are not known."
        for table, labels in _LABELS_OF.items()
        if table in cycle.tables and table not in tables
    ]
    return CycleFiles(_minutes_of(cycle, there), tables, tuple(notes))


_LABELS_OF = {
    "DEMO": "age and sex", "RXQ_RX": "benzodiazepines and SSRIs", "DPQ": "PHQ-9 and depression",
    "SLQ": "sleep disorder and sleep abnormality",
}  # fmt: skip


def _minutes_of(cycle: Cycle, there: dict[str, TransportFile]) -> TransportFile:
    name = cycle.table_name(cycle.kind)
    if name not in there:
        names = ", ".join(sorted(there)[:12]) or "no transport file at all"
        raise RecordingError(
            f"{name}.xpt, or a zip with it, was expected among the files for NHANES {cycle.name}; there: {names}. Download it from "
            f"{cycle.minutes_file().addresses[-1]}, or leave --files out."
        )
    return there[name]


def _note(prepared: Prepared) -> str:
    """What is kept with the cohort; it also tells the cohort of these people from another under its name."""
    people, there = prepared.counts["people"], prepared.counts["people in the minute file"]
    return (
        f"NHANES {prepared.cycle}, a survey of the CDC in the US public domain: {people:,} of {there:,} people with minutes, "
        f"{prepared.settings.words}. Weekdays and clock are real, dates are not known."
    )


def _store(workspace: Workspace, name: str, prepared: Prepared) -> CohortInfo:
    """The cohort of a prepared cycle; the one that an earlier run wrote is kept."""
    if known := next((cohort for cohort in workspace.cohorts() if cohort.name == name), None):
        return known
    people = prepared.people()
    labels = {
        str(person["participant"]): {column: value for column, value in person.items() if column not in ("participant", "start")}
        for person in people
    }
    imported = {
        "paths": list(prepared.files),
        "alignment": prepared.settings.alignment,
        "nhanes": asdict(prepared.settings),
        "notes": list(prepared.notes),
        "version": __version__,
    }
    cohort = workspace.create_cohort(
        name,
        _Weeks(prepared, people),
        labels,
        prepared.refused,
        origin=Origin(source=f"NHANES {prepared.cycle}", note=_note(prepared), imported=imported),
    )
    keep_wear(workspace, cohort.name)
    return cohort


class _Weeks(Sequence[Week]):
    """The weeks of a prepared cycle, read one by one."""

    def __init__(self, prepared: Prepared, people: list[dict[str, str | float | None]]) -> None:
        self.prepared, self.people, self.rows, self.worn = prepared, people, prepared.weeks(), prepared.worn()

    def __len__(self) -> int:
        return len(self.people)

    @overload
    def __getitem__(self, row: int) -> Week: ...

    @overload
    def __getitem__(self, row: slice) -> list[Week]: ...

    def __getitem__(self, row: int | slice) -> Week | list[Week]:
        if isinstance(row, slice):
            return [self._week(number) for number in range(*row.indices(len(self)))]
        return self._week(row)

    def _week(self, row: int) -> Week:
        person, unit = self.people[row], self.prepared.unit
        start = datetime.fromisoformat(str(person["start"])) if person["start"] else None
        values, worn = self.rows[row], None if self.worn is None else self.worn[row]
        return Week(
            str(person["participant"]),
            0,
            values,
            start,
            False,
            unit,
            self.prepared.device,
            self.prepared.settings.alignment,
            report(values, unit, worn),
            worn,
            placement=self.prepared.placement,
        )
