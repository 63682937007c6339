"""Fitbit minutes as research platforms export them (Fitabase), several people in a file.

Narrow: Id, ActivityMinute and one of Steps, Intensity, Calories, METs. Wide: Id, ActivityHour and sixty columns Steps00 to Steps59 (or
Intensity, Calories, METs). Times are wall clock, month/day/year with AM or PM. None of these are activity counts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.grid import order_notes, to_grid
from pat_core.recordings.clock.row_times import settled
from pat_core.recordings.clock.times import parse_times, with_known_date
from pat_core.recordings.source import Format, Source, quoted, refuse_unless, required
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.missing_and_worn import NEGATIVE
from pat_core.recordings.tables.numbers import TEXT, Evidence, parse_cells, settle
from pat_core.recordings.tables.text_shape import TextShape, is_text, shape_of
from pat_core.records import STEPS, UNKNOWN_UNIT, Reading, Recording, Refusal

MEASURES = {
    "steps": ("Steps", STEPS, "These are steps a minute, not activity counts: standing and quiet movement are zeros."),
    "intensity": ("Intensity", UNKNOWN_UNIT, "These are Fitbit's intensity levels (0 sedentary to 3 very active), not activity counts."),
    "calories": ("Calories", UNKNOWN_UNIT, "These are estimated kilocalories a minute, never zero at rest; not activity counts."),
    "mets": ("METs", UNKNOWN_UNIT, "These are estimated METs a minute as exported (Fitabase writes them times 10), not activity counts."),
}  # fmt: skip
"""Column -> its name, unit, and what the reader must know of it."""
_OLD_INTENSITY = "intensities"
MOST_ROWS = 10_000_000
"""Minutes in one file: 200 people for five weeks."""
MOST_PEOPLE = 20_000
LONGEST_LINE = 1_000_000
_BLOCK = 200_000
_MONTH_FIRST = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")
_WHO = ("id", *columns.PARTICIPANT)


@dataclass(frozen=True)
class _Layout:
    """names: all columns. who: that of the people, or None. when: that of the times. what: of the values, in the order of the minutes."""

    names: list[str]
    who: int | None
    when: int
    what: tuple[int, ...]
    measure: str


@dataclass(frozen=True)
class _Rows:
    """Minutes of all people, each (minutes,): codes into `people`, lines of the file, datetime64[s] stamps, NaT where they cannot be read,
    float32 values. notes: on how they are written."""

    people: list[str]
    codes: np.ndarray
    lines: np.ndarray
    stamps: np.ndarray
    values: np.ndarray
    nameless: int
    notes: tuple[str, ...]


class _Lines:
    """A text that refuses endless lines, before they fill memory."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text, self._since = text, 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._text)

    def read(self, size: int = -1) -> str:
        piece = self._text.read(size)
        end = piece.rfind("\n")
        self._since = self._since + len(piece) if end < 0 else len(piece) - end
        refuse_unless(
            self._since <= LONGEST_LINE, f"A line has more than {LONGEST_LINE:,} characters, which no row has. Export the file again."
        )
        return piece


def recognises(head: bytes, filename: str) -> bool:
    """A header with ActivityMinute or ActivityHour, or the one of minute sleep (Id, date, value, logId)."""
    if not is_text(head):
        return False
    names = _header(head, shape_of(head))
    keys = [columns.key(name) for name in names]
    return "activityminute" in keys or ("activityhour" in keys and len(keys) > 20) or _is_sleep(keys)


def read(source: Source, progress: Progress) -> Reading:
    """Everybody in the file; without an Id column the one person is named by the file.

    Raises RecordingError for minute sleep, for hours and days, and where columns or rows cannot be read, naming the line.
    """
    head = source.head()
    shape = shape_of(head)
    layout = _layout(_header(head, shape))
    try:
        rows = _gather(source, shape, layout, progress)
    except UnicodeDecodeError:
        rows = _gather(source, TextShape("latin-1", shape.separator), layout, progress)
    _, unit, note = MEASURES[layout.measure]
    recordings, refused, minutes = [], [], 0
    for code, at in _people(rows):
        person = code or source.stem
        try:
            stamps, corrections = _settled(rows.stamps[at], rows.lines[at], len(layout.what))
            grid = to_grid(stamps, rows.values[at])
            refuse_unless(
                grid.epoch_seconds == 60, f"Minutes were expected; {person} has rows every {grid.epoch_seconds} s. Export minutes again."
            )
        except RecordingError as error:
            refused.append(Refusal(f"{source.name}: {person}", str(error)))
            continue
        minutes += grid.values.size
        refuse_unless(
            minutes <= 2 * MOST_ROWS, "The minutes of these people are mostly gaps. Split the file by people, or correct its dates."
        )
        empty = int(np.isnan(rows.values[at]).sum())
        labels: dict[str, str | float | None] = {"repeated_minutes": float(grid.repeated)} if grid.repeated else {}
        notes = (note, *rows.notes, *corrections, *order_notes(grid))
        recordings.append(
            with_known_date(
                Recording(
                    participant=person,
                    values=grid.values,
                    start=grid.start,
                    unit=unit,
                    device="Fitbit",
                    labels=labels,
                    source=source.name,
                    notes=(
                        *notes,
                        *((f"{counted(empty, 'minute has', 'minutes have')} a time but no value: counted as missing.",) if empty else ()),
                    ),
                )
            )
        )
    if rows.nameless:
        refused.append(
            Refusal(f"{source.name}: {counted(rows.nameless, 'row')}", "Their Id is empty, so they belong to nobody. Fill it in.")
        )
    return Reading(tuple(recordings), tuple(refused))


def _header(head: bytes, shape: TextShape) -> list[str]:
    text = head.decode(shape.encoding, errors="ignore").lstrip("\ufeff")
    line = text.splitlines()[0] if text.splitlines() else ""
    return [name.strip().strip('"').strip() for name in line.split(shape.separator)]


def _is_sleep(keys: Sequence[str]) -> bool:
    return {"date", "value", "logid"} <= set(keys)


def _layout(names: list[str]) -> _Layout:
    keys = [columns.key(name) for name in names]
    refuse_unless(
        not _is_sleep(keys),
        "Minutes of activity were expected; this is Fitbit's minute-by-minute sleep (asleep, restless, awake), which cannot be turned "
        "into activity. Import the minute steps or intensities of these people.",
    )
    who = columns.find(names, _WHO)
    if "activityminute" in keys:
        old = "intensity" if _OLD_INTENSITY in keys else None
        column = required(
            next((measure for measure in MEASURES if measure in keys), old),
            f"A column Steps, Intensity, Calories or METs was expected beside ActivityMinute; the columns are {', '.join(names[:12])}. "
            "Export the minutes again.",
        )
        at = keys.index(column if column in keys else _OLD_INTENSITY)
        return _Layout(names, who, keys.index("activityminute"), (at,), column)
    for measure in MEASURES:
        numbered = {int(match[1]): i for i, key in enumerate(keys) if (match := re.fullmatch(rf"{measure}(\d\d?)", key))}
        if not numbered:
            continue
        absent = [f"{MEASURES[measure][0]}{minute:02d}" for minute in range(60) if minute not in numbered]
        refuse_unless(
            not absent and len(numbered) == 60,
            f"Sixty columns {MEASURES[measure][0]}00 to {MEASURES[measure][0]}59 were expected; there are {len(numbered)}, without "
            f"{', '.join(absent[:6]) or 'a gap'}. Export the minutes again.",
        )
        return _Layout(names, who, keys.index("activityhour"), tuple(numbered[minute] for minute in range(60)), measure)
    raise RecordingError(
        "Sixty columns Steps00 to Steps59 (or Intensity, Calories, METs) were expected beside ActivityHour; the columns are "
        f"{', '.join(names[:6])}. One value an hour is too coarse for PAT: export the minutes."
    )


def _gather(source: Source, shape: TextShape, layout: _Layout, progress: Progress) -> _Rows:
    """All minutes of the file, read in blocks, so that the memory taken follows the minutes and not the text."""
    people: dict[str, int] = {}
    parts: list[tuple[np.ndarray, ...]] = []
    nameless = taken = 0
    evidence = Evidence(MEASURES[layout.measure][0], "whole" if layout.measure in ("steps", "intensity") else "fractions")
    for frame in _blocks(source, shape, layout):
        stamps = _stamps(frame, layout)
        values, kinds = _values(frame, layout, evidence)
        codes = _codes(frame, layout, people)
        named = codes >= 0
        nameless += int((~named).sum())
        minutes = len(layout.what)
        spread = (stamps[named, None] + np.arange(minutes) * np.timedelta64(60, "s")).ravel()
        lines = np.repeat(frame.index.to_numpy(np.int32)[named], minutes)
        parts.append((np.repeat(codes[named], minutes), lines, spread, values[named].ravel(), kinds[named].ravel()))
        taken += len(frame)
        refuse_unless(
            taken * minutes <= MOST_ROWS and len(people) <= MOST_PEOPLE,
            f"At most {MOST_ROWS:,} minutes of {MOST_PEOPLE:,} people were expected; the file holds more. Split it by people.",
        )
        progress.at(min(0.95, taken * 30 * minutes / max(source.size, 1)), f"Reading {source.filename}")
    refuse_unless(bool(parts), "The table has columns but no rows. Export the minutes again.")
    codes, lines, stamps, values, kinds = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return _Rows(list(people), codes, lines, stamps, settle(values, kinds, evidence), nameless, evidence.notes())


def _blocks(source: Source, shape: TextShape, layout: _Layout) -> Iterator[pd.DataFrame]:
    """Frames of all columns as text, by their places; the index is the line in the file. Empty lines are left out."""
    beyond = len(layout.names)
    rows = max(1, _BLOCK // len(layout.what))
    with source.open() as raw, io.TextIOWrapper(raw, encoding=shape.encoding, newline="") as text:
        text.readline(LONGEST_LINE)
        try:
            blocks = pd.read_csv(
                _Lines(text),
                sep=shape.separator,
                header=None,
                names=list(range(beyond + 1)),
                dtype="str",
                index_col=False,
                skip_blank_lines=False,
                skipinitialspace=True,
                chunksize=rows,
            )
            for frame in blocks:
                frame.index += 2
                if (more := frame.pop(beyond).notna()).any():
                    raise RecordingError(
                        f"Line {more.idxmax()} has more columns than the {beyond} of the header. Correct or remove it and import again."
                    )
                frame = frame[~frame.isna().all(axis=1)]
                if len(frame):
                    yield frame
        except pd.errors.EmptyDataError:
            return
        except pd.errors.ParserError as error:
            if wide := re.search(r"line (\d+), saw (\d+)", str(error)):
                # The header was taken off before, so lines are counted one short.
                raise RecordingError(
                    f"Line {int(wide[1]) + 1} has {wide[2]} columns where {beyond} were expected. Correct or remove it and import again."
                ) from error
            message = str(error).strip().rstrip(".")[:160]
            raise RecordingError(f"The table is incomplete or damaged ({message}). Export it again.") from error


def _stamps(frame: pd.DataFrame, layout: _Layout) -> np.ndarray:
    """(rows,) datetime64[s]: year first, else month first as the platform writes it; NaT where a cell is no such time."""
    cells = frame[layout.when].astype("str").str.strip()
    if cells.str.match(r"\d{4}-").sum() * 2 > len(cells):
        stamps = parse_times(cells).astype("datetime64[s]")
    else:
        tries = (pd.to_datetime(cells, format=form, errors="coerce").to_numpy().astype("datetime64[s]") for form in _MONTH_FIRST)
        stamps = max(tries, key=lambda stamps: int((~np.isnat(stamps)).sum()))
    if (unread := np.isnat(stamps)).all():
        raise RecordingError(
            f"A time such as 4/12/2016 1:05:00 PM was expected in the column {layout.names[layout.when]}; line {frame.index[0]} says "
            f"{quoted(cells.iloc[0])} ({counted(int(unread.sum()), 'such row')} near it). Correct the rows or export again."
        )
    return stamps


def _settled(stamps: np.ndarray, lines: np.ndarray, minutes: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) times of one person's minutes and the corrections, as `row_times.settled` by the rows of the file, of so many minutes each."""
    times, corrections = settled(stamps[::minutes], lines[::minutes])
    return (times[:, None] + np.arange(minutes) * np.timedelta64(60, "s")).ravel(), corrections


def _values(frame: pd.DataFrame, layout: _Layout, evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """(rows, minutes) float32 >= 0, empty cells NaN, and the kinds of their cells (see `numbers.py`), of which `evidence` takes note."""
    values = np.empty((len(frame), len(layout.what)), np.float32)
    kinds = np.empty(values.shape, np.uint8)
    lines = frame.index.to_numpy()
    for to, place in enumerate(layout.what):
        cells = frame[place]
        parsed = parse_cells(cells.fillna("").tolist())
        bad = (parsed["kind"] == TEXT) | ((parsed["value"] < 0) & ~np.isin(parsed["value"], NEGATIVE)) | (parsed["value"] > 1e6)
        if bad.any():
            first = int(bad.argmax())
            raise RecordingError(
                f"Numbers of 0 or more were expected in the column {layout.names[place]}; line {lines[first]} says "
                f"{quoted(cells.iloc[first])} ({counted(int(bad.sum()), 'such row')} near it). Correct them, or leave missing cells empty."
            )
        evidence.add(parsed, lines)
        values[:, to], kinds[:, to] = parsed["value"], parsed["kind"]
    return values, kinds


def _codes(frame: pd.DataFrame, layout: _Layout, people: dict[str, int]) -> np.ndarray:
    """(rows,) int32 into `people`, which grows; -1 where the Id is empty."""
    if layout.who is None:
        people.setdefault("", 0)
        return np.zeros(len(frame), np.int32)
    codes, names = pd.factorize(frame[layout.who].astype("str").str.strip().replace("", np.nan))
    known = np.array([people.setdefault(str(name), len(people)) for name in names] + [-1], np.int32)
    return known[codes]


def _people(rows: _Rows) -> Iterator[tuple[str, np.ndarray]]:
    """Each person with the places of their minutes, in the file's order."""
    order = np.argsort(rows.codes, kind="stable")
    bounds = np.searchsorted(rows.codes[order], np.arange(len(rows.people) + 1))
    for i, person in enumerate(rows.people):
        yield person, order[bounds[i] : bounds[i + 1]]


FORMAT = Format("Fitbit minutes (Fitabase CSV)", recognises, read)
