"""One cycle from its files to a folder: weeks, their standardized form, people with labels, who was refused, and counts.

    weeks.npy           (people, 10080) float32 in the cycle's unit, NaN where missing
    worn.npy            (people, 10080) bool, False where the CDC takes the monitor for not worn; absent in 2003-06, where it does not say
    standardized.npy    the same by the cycle's own standardizer, a missing minute 0 (the mean)
    standardizer.npz    mean and scale (10080,), fitted on these people
    people.csv          a row a row of the arrays: participant, start, labels, quality
    refused.csv         who has no week, and why
    summary.json        settings, counts beside the paper's, notes

The folder gets its name when everything in it is whole.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from pat_core.csv_text import as_meant, csv_text
from pat_core.errors import WorkspaceError
from pat_core.files import write_text
from pat_core.nhanes.cycles import Cycle
from pat_core.nhanes.minute_collector import collect
from pat_core.nhanes.minute_rows import FLAGS, Rows, map_rows
from pat_core.nhanes.nhanes_labels import LABELS, NO, YES, Derived, Label, derive
from pat_core.nhanes.nhanes_weeks import WEEKS, WORN, Cut, NhanesWeek, cut_weeks
from pat_core.nhanes.tapes import Tapes
from pat_core.nhanes.transport_files import TransportFile
from pat_core.plurals import counted
from pat_core.progress import Progress, Share
from pat_core.recordings.tables.nhanes_days import WIDTHS
from pat_core.records import Alignment, Refusal
from pat_core.weeks import apply, fit

VERSION = 2
"""Of the folder's layout and of what is in it."""
STRIPS = ".tapes"
FLAGGED_MINUTES = "minutes with quality flags"
"""Name of the count, in cycles whose minutes can have them."""


@dataclass(frozen=True)
class Settings:
    """alignment: "midnight" (the seven whole days after the first, partial one) or "start" (from the first minute). flagged: minutes to
    which the CDC's review gave quality flags stay ("keep", as in the paper) or are missing ("drop"). short: whether recordings of less
    than the week come in, too."""

    alignment: Alignment = "midnight"
    flagged: str = "keep"
    short: bool = False

    @property
    def words(self) -> str:
        """The settings in a reader's words."""
        start = "first midnight" if self.alignment == "midnight" else "first minute"
        flagged = "flagged minutes missing" if self.flagged == "drop" else "flagged minutes kept"
        return f"weeks from the {start}, {flagged}, short recordings {'kept' if self.short else 'refused'}"


@dataclass(frozen=True)
class CycleFiles:
    """The minute file, and the tables that are there: "DEMO" -> file. notes: sentences on tables that are not."""

    minutes: TransportFile
    tables: Mapping[str, TransportFile]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """A finished folder. counts: name -> how many; paper: name -> what PAT's authors report. files: names of the CDC's files it was made
    of, the minutes first."""

    folder: Path
    cycle: str
    unit: str
    device: str
    placement: str
    settings: Settings
    counts: Mapping[str, int]
    paper: Mapping[str, int]
    notes: tuple[str, ...]
    files: tuple[str, ...]
    refused: tuple[Refusal, ...] = field(default=())

    def weeks(self) -> Rows:
        """(people, 10080) float32, NaN where missing."""
        return Rows(self.folder / WEEKS)

    def worn(self) -> Rows | None:
        """(people, 10080) bool, False where the CDC takes the monitor for not worn; None where it does not say."""
        path = self.folder / WORN
        return Rows(path, FLAGS) if path.exists() else None

    def people(self) -> list[dict[str, Label]]:
        """A row a row of the arrays: participant and start as text ("" where the clock is not known), numbers as numbers, None where
        nothing is known."""
        as_text = ("participant", "start")
        with (self.folder / "people.csv").open(newline="", encoding="utf-8") as file:
            rows = [{name: as_meant(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
        return [{name: cell if name in as_text else _cell(cell) for name, cell in row.items()} for row in rows]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One run a folder. Raises WorkspaceError where another is at work in it; the lock goes with its process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as lock:
        try:
            _take(lock.fileno())
        except OSError as error:
            raise WorkspaceError(f"Another run is using {folder}. Wait for it, or choose another folder with --out.") from error
        yield


def _take(lock: int) -> None:
    """Lock an open file for this process. Raises OSError where another one has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # of Windows alone
    else:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def open_prepared(out: Path, cycle: Cycle, settings: Settings) -> Prepared | None:
    """The finished folder of a cycle in `out`; None where there is none. Raises WorkspaceError where it was made with other settings."""
    folder = out / f"nhanes-{cycle.year}"
    if not folder.exists():
        return None
    again = "Choose another folder with --out, or delete this one and run the command again."
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        if summary["version"] != VERSION:
            raise WorkspaceError(f"{folder} was made by another version of PAT Explorer. {again}")
        stored = Settings(**summary["settings"])
        with (folder / "refused.csv").open(newline="", encoding="utf-8") as file:
            refused = tuple(Refusal(as_meant(row["what"]), as_meant(row["reason"])) for row in csv.DictReader(file))
        prepared = Prepared(
            folder,
            summary["cycle"],
            summary["unit"],
            summary["device"],
            summary["placement"],
            stored,
            summary["counts"],
            summary["paper"],
            tuple(summary["notes"]),
            (summary["minute_file"], *summary["tables"].values()),
            refused,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{folder} should hold a prepared cycle but cannot be read ({error}). {again}") from error
    if stored != settings:
        raise WorkspaceError(f"{folder} was made with {stored.words}; {settings.words} is requested now. {again}")
    return prepared


def prepare(cycle: Cycle, files: CycleFiles, out: Path, settings: Settings, progress: Progress) -> Prepared:
    """Read a cycle and write its folder under `out`; a finished one of the same settings is kept.

    Raises RecordingError for damaged files, WeekError where too few people have a week, WorkspaceError for a folder of other settings;
    nothing half-written is seen then. To be called under `locked(out)`.
    """
    if existing := open_prepared(out, cycle, settings):
        return existing
    part = out / f".nhanes-{cycle.year}.part"
    shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
    part.mkdir(parents=True)
    try:
        with Tapes(part / STRIPS, WIDTHS[cycle.kind]) as tapes:
            collected = collect(files.minutes, cycle.kind, tapes, Share(progress, 0.0, 0.8), settings.flagged)
            cut = cut_weeks(collected, tapes, part, Share(progress, 0.8, 0.08), settings.alignment, settings.short)
        (part / STRIPS).unlink()
        progress.at(0.88, "Standardizing the cycle by itself")
        _standardize(part, cycle)
        progress.at(0.97, "Deriving the labels")
        derived = derive(files.tables)
        if repeated := sum(week.repeated for week in cut.weeks):
            derived.notes.append(f"{counted(repeated, 'minute')} of {files.minutes.shown} came twice; the first value of each was used.")
        if collected.unnumbered:
            derived.notes.append(f"{counted(collected.unnumbered, 'row')} of {files.minutes.shown} left out: no person number.")
        _write(part, cycle, files, settings, cut, derived)
        _sync(part)
        os.rename(part, out / f"nhanes-{cycle.year}")
        _sync_folder(out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    progress.at(1.0, f"NHANES {cycle.name} is prepared")
    prepared = open_prepared(out, cycle, settings)
    if prepared is None:
        raise WorkspaceError(f"The folder of NHANES {cycle.name} in {out} is gone. Run the command again.")
    return prepared


def _standardize(part: Path, cycle: Cycle) -> None:
    weeks = Rows(part / WEEKS)
    standardizer = fit(weeks, f"NHANES {cycle.name}, {len(weeks)} people", cycle.unit)
    np.savez(
        part / "standardizer.npz",
        mean=standardizer.mean,
        scale=standardizer.scale,
        people=standardizer.people,
        source=standardizer.source,
        unit=standardizer.unit,
    )
    map_rows(weeks, part / "standardized.npy", lambda rows: apply(standardizer, rows))


def _write(part: Path, cycle: Cycle, files: CycleFiles, settings: Settings, cut: Cut, derived: Derived) -> None:
    known = derived.people
    columns = list(dict.fromkeys(name for labels in known.values() for name in labels))
    people = [
        {
            "participant": str(week.number),
            "start": "" if week.start is None else week.start.isoformat(),
            **_quality(week, cycle),
            **{name: known.get(week.number, {}).get(name) for name in columns},
        }
        for week in cut.weeks
    ]
    _write_csv(part / "people.csv", people)
    refused = [asdict(refusal) for refusal in cut.refused]
    _write_csv(part / "refused.csv", refused, ("what", "reason"))
    counts = {"people in the minute file": cut.in_file, "people with any minute of the week": cut.in_week, "people": len(people)}
    if cycle.kind == "PAXMIN":
        counts[FLAGGED_MINUTES] = sum(week.flagged for week in cut.weeks)
    for label in LABELS:
        counts[label] = sum(1 for person in people if person.get(label) in (YES, NO))
        counts[f"{label}, yes"] = sum(1 for person in people if person.get(label) == YES)
    summary = {
        "version": VERSION,
        "cycle": cycle.name,
        "unit": cycle.unit,
        "device": cycle.monitor[0],
        "placement": cycle.monitor[1],
        "settings": asdict(settings),
        "counts": counts,
        "paper": dict(cycle.paper),
        "notes": [*files.notes, *derived.notes],
        "minute_file": files.minutes.shown,
        "tables": {name: file.shown for name, file in files.tables.items()},
    }
    (part / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")


def _quality(week: NhanesWeek, cycle: Cycle) -> dict[str, Label]:
    quality: dict[str, Label] = {"minutes missing": week.missing}
    if cycle.kind == "PAXMIN":
        return quality | {FLAGGED_MINUTES: week.flagged, "minutes not worn (CDC)": week.not_worn}
    words = {True: YES, False: NO, None: None}
    return quality | {"reliable": words[week.reliable], "calibrated": words[week.calibrated]}


def _write_csv(path: Path, rows: list[dict[str, Label]], columns: tuple[str, ...] = ()) -> None:
    write_text(path, csv_text(pd.DataFrame(rows, columns=list(columns) or list(rows[0]), dtype=object)))


def _cell(cell: str) -> Label:
    if cell == "":
        return None
    try:
        return float(cell)
    except ValueError:
        return cell


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
