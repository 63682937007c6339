"""What the columns of an unknown table may mean: by their names first, by their cells where no name tells. Every guess has its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.recordings.clock import serials, zones
from pat_core.recordings.clock.times import offsets_of
from pat_core.recordings.mapping.mapping_record import COUNTED, DateOrder, Mapping
from pat_core.recordings.mapping.text_table import CLOCK, DATE, NUMBER, Sample, Shape, plain, sample, shape_in
from pat_core.recordings.source import Source
from pat_core.recordings.tables import columns, people_column
from pat_core.recordings.tables.csv_table import rows_in_shape
from pat_core.recordings.tables.long_table import UTC_OFFSET, ZONE
from pat_core.recordings.tables.long_times import IDLE_MIDNIGHT, NO_DAY
from pat_core.recordings.tables.numbers import Evidence, Sign, parse_cells, settle
from pat_core.recordings.tables.text_shape import TextShape, encoding_of
from pat_core.records import UNKNOWN_UNIT
from pat_core.settings import MINUTES_PER_DAY

_WORDS = {
    "time": r"time|stamp|zeit|heure|horo|hora$|fecha|datum|date|data$|tijd|tid$|tidspunkt|moment|when|recorded",
    "participant": r"partic|subj|pers(on)?id|patient|proband|sujet|teiln|respond|deelnem|delta?gare|^vp|^pid|studyid|caseid|^case$|^who$",
    "activity": r"activ|aktiv|attiv|aktiwit|beweg|movim|mouve|moveme|counts?$|mims|enmo|axis1|steps|schritt|^pim|^zcm|^vm|magnitude|intens",
    "worn": r"worn|wear|offwrist|onwrist|tragez|getragen",
}
"""Field -> words in a column's name that tell it, in some of the languages that devices write."""
_UNWORN = r"non?wear|notworn|offwrist|unworn"
_NUMBERED = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(\D|$)")
_COUNTERS = ("epoch", "epochs", "epochno", "epochnr", "epochnumber", "index", "line", "sample", "minute", "row")
"""Names of columns that number the epochs: others that count up may number the people."""
MOSTLY = 0.9
"""This share of a column's cells being numbers makes it one of numbers: a few words stand for damage or for missing minutes."""
_LONGEST_LOOK = 2_000_000
"""Rows that are looked through for a day that can be no month, and for what a comma or point means."""
_AT_ONCE = 50_000


@dataclass(frozen=True)
class Guess:
    """A mapping to begin with. reasons: field -> why, in a sentence; unsure: fields to look at, as nothing in the file decides them."""

    mapping: Mapping
    reasons: dict[str, str] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()


def guess(source: Source, shape: Shape | None = None) -> Guess:
    """A mapping of a text table (gzipped or not). shape: how it is written, where the reader has said so.

    Fields for which no column fits are empty, to be chosen. Raises RecordingError where the file is no table of text.
    """
    source = plain(source)
    shape = shape or shape_in(source)
    shown = sample(source, shape)
    minutes = _first_minute(shown)
    guessed, reasons = _columns(shown if minutes is None else shown.without(minutes, MINUTES_PER_DAY))
    if minutes is not None:
        guessed = {name: column for name, column in guessed.items() if name in ("time", "participant")} | {"activity": minutes}
        reasons["rows"] = "There are 1,440 columns of numbers side by side."
        reasons["activity"] = "The first of these columns."
    elif "participant" not in guessed and (blocks := _in_blocks(source, shape, shown, list(guessed.values()))):
        guessed["participant"], reasons["participant"] = blocks, "Its cells stay the same over long stretches of rows."
    if when := guessed.get("time", ""):
        order, reasons["order"], sure = _order(source, shape, shown, when)
    else:
        order, sure = "year", False
    decimal, reasons["decimal"], clear = _decimal(source, shape, shown, guessed.get("activity"))
    unit, reasons["unit"] = _unit(shown, guessed.get("activity"), decimal)
    zone, runs, reasons["zone"] = _zone(shown, when, order)
    worn = guessed.get("worn")
    mapping = Mapping(
        shown.columns,
        when,
        guessed.get("activity", ""),
        guessed.get("clock"),
        guessed.get("participant"),
        unit,
        order,
        zone,
        runs,
        worn,
        "not worn" if worn and re.search(_UNWORN, columns.key(worn)) else "worn",
        shape.separator,
        decimal,
        shape.skip,
        shape.header,
        "epoch" if minutes is None else "day",
    )
    unsure = [name for name, doubtful in (("order", not sure), ("unit", unit == UNKNOWN_UNIT), ("decimal", not clear)) if doubtful]
    unsure += [name for name in ("time", "activity") if name not in guessed]
    return Guess(mapping, reasons, tuple(unsure))


def _columns(shown: Sample) -> tuple[dict[str, str], dict[str, str]]:
    """Field -> column, and field -> reason."""
    guessed: dict[str, str] = {}
    reasons: dict[str, str] = {}
    kinds = {name: _kind(shown.column(name)) for name in dict.fromkeys(shown.columns)}
    kinds |= _counted_days(shown, kinds)

    def take(name: str, column: str | None, why: str) -> None:
        if column is not None and column not in guessed.values():
            guessed[name], reasons[name] = column, why

    when = [name for name, kind in kinds.items() if kind in ("moment", *COUNTED)]
    dates = [name for name, kind in kinds.items() if kind == "date"]
    clocks = [name for name, kind in kinds.items() if kind == "clock"]
    if when:
        best = _named(when, "time", columns.TIME) or when[0]
        shown_as = {"moment": "dates and clock times"}.get(kinds[best], f"{kinds[best]} since 1970")
        take("time", best, f"Its cells are {shown_as}.")
    elif dates:
        take("time", _named(dates, "time", columns.DATE) or dates[0], "Its cells are dates.")
        if clocks:
            take("clock", _named(clocks, "time", columns.TIME) or clocks[0], "Its cells are clock times.")
    elif not clocks and (counters := [name for name, kind in kinds.items() if kind == "counter" and columns.key(name) in _COUNTERS]):
        take("time", counters[0], "Its cells count the epochs.")
    else:
        take("time", _named(shown.columns, "time", columns.TIME), "By its name; its cells do not read as times.")
    reasons.setdefault("time", "No column's cells read as dates.")
    numbers = [name for name, kind in kinds.items() if kind in ("amounts", "marks", "counter") and name not in guessed.values()]
    participant = _named(
        [name for name in kinds if name not in guessed.values() and kinds[name] != "empty"], "participant", columns.PARTICIPANT
    )
    codes = [name for name, kind in kinds.items() if kind == "codes" and name not in guessed.values()]
    take("participant", participant, "By its name.")
    take(
        "participant",
        codes[0] if participant is None and len(codes) == 1 else None,
        "Its cells are codes that stay the same over many rows.",
    )
    reasons.setdefault("participant", "No column says who each row is about: the file's name is the participant.")
    take("worn", _named([name for name in kinds if kinds[name] in ("marks", "flags")], "worn", ()), "By its name.")
    free = [name for name in numbers if name not in guessed.values()]
    by_name = _named(free, "activity", columns.ACTIVITY)
    take("activity", by_name, "By its name.")
    if by_name is None and (amounts := [name for name in free if kinds[name] == "amounts"]):
        most = max(amounts, key=lambda name: _variety(shown.column(name)))
        alone = "the only numbers that rise and fall" if len(amounts) == 1 else "the most varied numbers"
        take("activity", most, f"By its cells: {alone}, none below 0.")
    reasons.setdefault("activity", "No column holds numbers that could be activity.")
    return guessed, reasons


def _first_minute(shown: Sample) -> str | None:
    """Where 1,440 columns of numbers or more stand together, the first of the last 1,440 of them: the minutes of a day."""
    if len(shown.columns) < MINUTES_PER_DAY:
        return None
    filled = (_kind(shown.column(name)) in ("amounts", "marks", "counter", "below zero", "empty") for name in shown.columns)
    runs = [(good, list(places)) for good, places in groupby(zip(filled, range(len(shown.columns)), strict=True), lambda pair: pair[0])]
    last = next((places[-1][1] for good, places in reversed(runs) if good and len(places) >= MINUTES_PER_DAY), None)
    return None if last is None else shown.columns[last - MINUTES_PER_DAY + 1]


def _in_blocks(source: Source, shape: Shape, shown: Sample, taken: list[str]) -> str | None:
    """The first free column that says one thing in the first rows and others further on, each of them in one stretch of rows."""
    for name in shown.columns:
        cells = shown.column(name)
        if name in taken or people_column.follows_time(name) or not cells or not cells[0] or len(set(cells)) > 1:
            continue
        stretches = [code for code, _ in groupby(code for _, code in _cells(source, shape, shown.columns.index(name)))]
        if 1 < len(stretches) == len(set(stretches)):
            return name
    return None


def _named(among: Sequence[str], field_name: str, known: Sequence[str]) -> str | None:
    """The column with a known name, else the first that a word tells."""
    at = columns.find(among, known) if known else None
    if at is not None:
        return among[at]
    return next((name for name in among if re.search(_WORDS[field_name], columns.key(_folded(name)))), None)


def _folded(name: str) -> str:
    """A name without accents."""
    return name.lower().translate(str.maketrans("äàáâåéèêëíìîóòôöúùûüñç", "aaaaaeeeeiiioooouuuunc"))


def _counted_days(shown: Sample, kinds: dict[str, str]) -> dict[str, str]:
    """Columns that are other than they look: a spreadsheet's days, dates with an idle midnight, clock times with dots or an idle day."""
    counts: dict[str, str] = {}
    for name, kind in kinds.items():
        cells = pd.Series([cell for cell in shown.column(name) if cell], dtype="str")
        timely = re.search(_WORDS["time"], columns.key(_folded(name))) is not None
        if kind == "moment" and cells.str.contains(NO_DAY, regex=True).all():
            counts[name] = "clock"
        elif kind == "moment" and "clock" in kinds.values() and cells.str.contains(IDLE_MIDNIGHT, regex=True).all():
            counts[name] = "date"
        elif kind not in ("amounts", "counter", "marks"):
            continue
        elif serials.moments(cells) is not None:
            counts[name] = "moment"
        elif timely and serials.dates(cells) is not None:
            counts[name] = "date"
        elif timely and (serials.clocks(cells) is not None or cells.str.fullmatch(r"(?:[01]?\d|2[0-3])(?:\.[0-5]\d){1,2}").all()):
            counts[name] = "clock"
    return counts


def _kind(cells: Sequence[str]) -> str:
    """What the cells of a column are: moment, seconds, milliseconds, date, clock, amounts, marks, flags, codes, counter, text or empty."""
    full = [cell for cell in cells if cell]
    if not full:
        return "empty"
    dated = sum(bool(DATE.match(cell)) for cell in full) * 2 > len(full)
    timed = sum(bool(CLOCK.search(cell)) for cell in full) * 2 > len(full)
    if dated or (timed and not all(CLOCK.fullmatch(cell) for cell in full)):
        return "moment" if timed and dated or not dated else "date"
    if timed:
        return "clock"
    numbers = [cell for cell in full if NUMBER.fullmatch(cell)]
    if len(numbers) >= MOSTLY * len(full):
        return _kind_of_numbers(numbers)
    different = len(set(full))
    if different <= 2 and all(cell.lower() in ("true", "false", "yes", "no", "y", "n", "on", "off") for cell in full):
        return "flags"
    coded = all(re.fullmatch(r"(?=.*[A-Za-z])(?=.*\d)[\w.-]{2,24}", cell) for cell in full)
    return "codes" if coded and different * 20 <= len(full) else "text"


def _kind_of_numbers(full: Sequence[str]) -> str:
    values = parse_cells(full)["value"]
    values = values[np.isfinite(values)]
    if not values.size:
        return "text"
    steps = np.diff(values)
    if values.min() > 1e8 and values.size > 1 and (steps >= 0).mean() > 0.9:
        for kind, scale in (("seconds", 1.0), ("milliseconds", 1000.0)):
            if 6e8 * scale < np.median(values) < 4e9 * scale:
                return kind
    if values.size > 3 and np.all(steps > 0) and np.ptp(steps) == 0:
        return "counter"
    if set(values.tolist()) <= {0.0, 1.0}:
        return "marks"
    return "amounts" if values.min() >= 0 else "below zero"


def _variety(cells: Sequence[str]) -> int:
    return len(set(cells))


def _order(source: Source, shape: Shape, shown: Sample, when: str) -> tuple[DateOrder, str, bool]:
    """How dates are written, why, and whether anything in the file decides it."""
    full = [cell for cell in shown.column(when) if cell]
    kind = _kind(full)
    if kind in COUNTED:
        return kind, f"Numbers of this size count {kind} since 1970; they are in UTC.", True
    if sentence := serials.note(pd.Series(full[:1], dtype="str")):
        return "named", sentence[0].split(";")[0].rstrip(".") + ".", True
    if kind == "counter":
        return "epochs", "Say how long each epoch is, and when the first began.", False
    if full and re.match(r"^\d{4}", full[0]):
        return "year", f"The first time is {full[0][:30]}.", True
    if not full or not _NUMBERED.match(full[0]):
        return "named", f"The first time is {full[0][:30]}." if full else "", bool(full)
    first, second = set(), set()
    for _, cell in _cells(source, shape, shown.columns.index(when)):
        match = _NUMBERED.match(cell)
        if not match:
            continue
        first_number, second_number = int(match[1]), int(match[2])
        if first_number > 12 or second_number > 12:
            order: DateOrder = "day" if first_number > 12 else "month"
            return order, f"{match[0].strip()} can only have the {order} first.", True
        first.add(first_number)
        second.add(second_number)
    return _by_change(full[0], first, second)


def _by_change(sample_text: str, first: set[int], second: set[int]) -> tuple[DateOrder, str, bool]:
    """The order where no number is above 12: what changes from day to day is the day."""
    if len(second) == 1 and len(first) > 1:
        return "day", f"In times such as {sample_text[:30]} the first number changes and the second does not.", True
    if len(first) == 1 and len(second) > 1:
        return "month", f"In times such as {sample_text[:30]} the second number changes and the first does not.", True
    return "day", f"Nothing shows whether {sample_text[:30]} has the day or the month first. Look at the dates below.", False


def _decimal(source: Source, shape: Shape, shown: Sample, activity: str | None) -> tuple[Sign, str, bool]:
    """The decimal sign, why, and whether nothing else can be meant, which every cell of the column decides."""
    if activity is None:
        return ".", "", True
    evidence = Evidence(activity[:60])
    cells = _cells(source, shape, shown.columns.index(activity))
    while block := list(islice(cells, _AT_ONCE)):
        lines, texts = zip(*block, strict=True)
        evidence.add(parse_cells(texts), np.array(lines))
    try:
        decimal = evidence.decimal
    except RecordingError as error:
        return ".", str(error).split(". ")[0] + ".", False
    if decimal is None:
        return ".", "", True
    name = {".": "point", ",": "comma"}[decimal.sign]
    return decimal.sign, f"Line {decimal.line} holds {decimal.cell}: decimals have a {name}.", True


def _cells(source: Source, shape: Shape, at: int) -> Iterator[tuple[int, str]]:
    """The cells of a column below the header with their lines, as far as is looked."""
    encoding = encoding_of(source.head())  # digits are the same in the others, and Latin-1 takes any bytes
    rows = rows_in_shape(source, TextShape(encoding if encoding == "utf-16" else "latin-1", shape.separator))
    for line, cells in islice((row for row in rows if row[0] > shape.skip + shape.header), _LONGEST_LOOK):
        if at < len(cells):
            yield line, cells[at].strip()


def _unit(shown: Sample, activity: str | None, decimal: Sign) -> tuple[str, str]:
    at = columns.find(shown.columns, columns.UNIT)
    if at is not None and len(words := {row[at] for row in shown.rows if row[at]}) == 1:
        word = words.pop()
        if (unit := columns.unit_named(word)) != UNKNOWN_UNIT:
            return unit, f"The column {shown.columns[at]} says {word[:30]}."
    if activity is None:
        return UNKNOWN_UNIT, ""
    parsed = parse_cells(shown.column(activity))
    evidence = Evidence(activity, decimal)
    evidence.add(parsed, np.arange(parsed.size))
    try:
        values = settle(parsed["value"], parsed["kind"], evidence)
    except RecordingError:
        values = np.full(parsed.size, 0.5)  # for all that is known, no whole numbers
    unit = columns.unit_of(activity, values)
    if unit == UNKNOWN_UNIT:
        return unit, f"The name {activity[:60]} gives no unit. Choose what the device measures, if you know it."
    return unit, f"By the column's name, {activity[:60]}."


def _zone(shown: Sample, when: str, order: DateOrder) -> tuple[str | None, zones.Clock, str]:
    """The zone, what the times are, and why."""
    zone, reason = None, "The file names no time zone."
    at = columns.find(shown.columns, ZONE)
    if at is not None and len(names := {row[at] for row in shown.rows if row[at]}) == 1:
        try:
            zone = str(zones.zone_named(names.pop()))
        except RecordingError:
            zone = None
        else:
            reason = f"The column {shown.columns[at]} says {zone}."
    if order in COUNTED:
        return zone, "utc", reason
    texts = pd.Series(shown.column(when) if when else (), dtype="str")
    if offsets_of(texts) == UTC_OFFSET or re.search(r"utc|gmt", columns.key(when)):
        return zone, "utc", f"{reason} The times are in UTC."
    return zone, "wall", reason
