"""Rows of PAXRAW and PAXMIN, a row a minute, onto tapes: in blocks, whoever's rows come in whatever order.

PAXRAW_C/D number the minutes (PAXN from 1) and give weekday and clock of each. PAXMIN_G/H number the samples of 80 Hz (PAXSSNMP, 4,800 a
minute) and give the day of wear and its weekday, but no clock: midnight is where the day changes. Codebooks: wwwn.cdc.gov/nchs/nhanes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from pat_core.errors import RecordingError
from pat_core.nhanes.files import BREAKS, TransportFile
from pat_core.nhanes.tapes import FLAGGED, NOT_WORN, SEEN, Tapes
from pat_core.progress import Progress
from pat_core.recordings import xpt
from pat_core.recordings.nhanes_days import DAYS_OF_WEAR, Days, digits, within
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK

WIDTHS = {"PAXRAW": MINUTES_PER_WEEK, "PAXMIN": DAYS_OF_WEAR * MINUTES_PER_DAY}
"""Minutes that one recording can have: seven days exactly; a part of the first day, seven days, a part of the ninth."""
NEEDED = {
    "PAXRAW": ("SEQN", "PAXN", "PAXDAY", "PAXHOUR", "PAXMINUT", "PAXINTEN"),
    "PAXMIN": ("SEQN", "PAXSSNMP", "PAXDAYM", "PAXDAYWM", "PAXMTSM"),
}
OPTIONAL = {"PAXRAW": ("PAXSTAT", "PAXCAL"), "PAXMIN": ("PAXPREDM", "PAXQFM")}
Block = dict[str, np.ndarray]


@dataclass
class Person:
    """What the rows of one person say beside the values.

    trouble: a sentence where they contradict one another. offset: PAXRAW's minute of the week (0 is Sunday, midnight) at minute 1.
    days: of PAXMIN's wear.
    reliable, calibrated: False where PAXSTAT or PAXCAL say so, None where that is not known.
    """

    trouble: str = ""
    offset: int | None = None
    days: Days = field(default_factory=Days)
    reliable: bool | None = None
    calibrated: bool | None = None


@dataclass
class Collected:
    """Everybody of a minute file. unnumbered: rows without a person."""

    people: dict[int, Person] = field(default_factory=dict)
    rows: int = 0
    unnumbered: int = 0


def collect(file: TransportFile, kind: str, tapes: Tapes, progress: Progress, flagged: str = "drop") -> Collected:
    """Read all rows of a minute file onto the tapes, one block in memory at a time.

    kind: "PAXRAW" or "PAXMIN". flagged: whether PAXMIN's minutes that the CDC's review marked invalid are missing ("drop") or as they stand
    ("keep"); a value that could not be computed (-0.01) is missing either way. Raises RecordingError where the file is damaged, breaks off
    or has another layout: nothing of it is used then.
    """
    found, lay = Collected(), {"PAXRAW": _lay_raw, "PAXMIN": _lay_min}[kind]
    for block, done in _blocks(file, kind):
        _lay_block(block, found, tapes, lay, flagged)
        progress.at(done, f"Reading {file.shown}: {found.rows / 1e6:.1f} million minutes of {len(found.people)} people")
    if not found.people:
        raise RecordingError(f"{file.shown} has the columns of {kind} and not one row. Download it again.")
    return found


def _blocks(file: TransportFile, kind: str) -> Iterator[tuple[Block, float]]:
    """(block, share of the file that is read); what goes wrong in here is the file's fault, never that of who takes the blocks."""
    rows = 0
    try:
        with file.open() as stream:
            layout = xpt.read_layout(stream)
            if missing := [name for name in NEEDED[kind] if name not in layout.names]:
                raise RecordingError(f"As {kind} it needs the columns {', '.join(missing)}; it has {', '.join(layout.names[:12])}.")
            names = [*NEEDED[kind], *(name for name in OPTIONAL[kind] if name in layout.names)]
            for block in xpt.read_blocks(stream, layout, names):
                rows += block["SEQN"].size
                yield _numbers(block), min(1.0, rows * layout.row_bytes / max(file.size, 1))
    except RecordingError as error:
        raise RecordingError(f"{file.shown} cannot be read. {error}") from error
    except BREAKS as error:
        raise RecordingError(f"{file.shown} is damaged ({error}). Download it again.") from error


def _lay_block(block: Block, found: Collected, tapes: Tapes, lay: Callable[..., None], flagged: str) -> None:
    found.rows += block["SEQN"].size
    known = np.isfinite(block["SEQN"])
    if not known.all():
        found.unnumbered += int((~known).sum())
        block = {name: column[known] for name, column in block.items()}
    for number, rows in _people(block):
        person = found.people.setdefault(number, Person())
        if not person.trouble:
            lay(number, person, rows, tapes, flagged)


def _people(block: Block) -> Iterator[tuple[int, Block]]:
    """(person, their rows) of a block; rows of a person keep their order."""
    numbers = block["SEQN"]
    cuts = np.flatnonzero(np.diff(numbers)) + 1
    if cuts.size and np.unique(numbers).size <= cuts.size:  # somebody comes back after another
        order = np.argsort(numbers, kind="stable")
        block = {name: column[order] for name, column in block.items()}
        numbers = block["SEQN"]
        cuts = np.flatnonzero(np.diff(numbers)) + 1
    for begin, end in zip([0, *cuts], [*cuts, numbers.size], strict=True):
        if end > begin:
            yield int(numbers[begin]), {name: column[begin:end] for name, column in block.items()}


def _lay_raw(number: int, person: Person, rows: Block, tapes: Tapes, flagged: str) -> None:
    clock = (rows["PAXDAY"] - 1) * MINUTES_PER_DAY + rows["PAXHOUR"] * 60 + rows["PAXMINUT"]
    place = rows["PAXN"] - 1
    if not within(place, WIDTHS["PAXRAW"]) or not within(clock, MINUTES_PER_WEEK):
        person.trouble = "PAXN (1 to 10080), PAXDAY (1 to 7), PAXHOUR and PAXMINUT were expected; some are missing or out of range."
        return
    offsets = (clock - place) % MINUTES_PER_WEEK
    person.offset = int(offsets[0]) if person.offset is None else person.offset
    if np.any(offsets != person.offset):
        person.trouble = "The minutes' numbers (PAXN) and their weekday and clock (PAXDAY, PAXHOUR, PAXMINUT) contradict one another."
        return
    if "PAXSTAT" in rows:
        person.reliable = person.reliable is not False and bool(np.all(rows["PAXSTAT"] == 1))
    if "PAXCAL" in rows:
        state = rows["PAXCAL"]  # 2 is out of calibration, 9 not known
        person.calibrated = False if person.calibrated is False or np.any(state == 2) else True if np.all(state == 1) else None
    values = rows["PAXINTEN"].astype(np.float32)
    values[~(values >= 0)] = np.nan
    tapes.add(number, place.astype(np.int64), values, np.full(values.size, SEEN, np.uint8))


def _lay_min(number: int, person: Person, rows: Block, tapes: Tapes, flagged: str) -> None:
    place = person.days.add(rows["PAXSSNMP"], rows["PAXDAYM"], rows["PAXDAYWM"])
    if place is None:
        person.trouble = "PAXSSNMP, PAXDAYM (1 to 9) and PAXDAYWM (1 to 7) were expected; some are missing or out of range."
        return
    states = np.full(place.size, SEEN, np.uint8)
    if "PAXPREDM" in rows:
        states |= np.where(rows["PAXPREDM"] == 3, NOT_WORN, 0).astype(np.uint8)
    values = rows["PAXMTSM"].astype(np.float32)
    values[~(values >= 0)] = np.nan  # -0.01 is what the CDC writes where MIMS could not be computed
    if "PAXQFM" in rows:
        bad = ~(rows["PAXQFM"] == 0)
        states |= np.where(bad, FLAGGED, 0).astype(np.uint8)
        if flagged == "drop":
            values[bad] = np.nan
    tapes.add(number, place, values, states)


def _numbers(block: Block) -> Block:
    """The block with digits in text (PAXDAYM, PAXDAYWM, PAXPREDM are text in the CDC's files) as numbers, NaN where there is no digit."""
    return {name: digits(column) if column.dtype.kind == "S" else column for name, column in block.items()}
