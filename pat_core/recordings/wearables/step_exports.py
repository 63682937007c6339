"""Step records that people download of themselves as CSV: Google Health (Fitbit in Google Takeout), Samsung Health, Withings.

Google: timestamp, steps, data source; a row a minute with steps, in UTC. Samsung: a line with the name of the table, then columns such as
com.samsung.health.step_count.start_time, .end_time, .time_offset, .count, .deviceuuid; times in UTC beside their offset. Withings: start,
duration, value; both last ones lists, in seconds and steps.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.csv_table import rows_in_shape
from pat_core.recordings.tables.numbers import certain
from pat_core.recordings.tables.text_shape import TextShape, encoding_of, is_text
from pat_core.recordings.wearables.step_records import Record, Steps, moment, person_around
from pat_core.records import Reading

MOST_ROWS = 20_000_000
_BLOCK = 50_000
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d\d):?(\d\d)")
_OWN_NAMES = re.compile(
    r"takeout([-_].*)?|fitbit|physical activity(_googledata)?|global export data|user-site-export|(raw_tracker_)?steps([-_]\d{4}.*)?"
    r"|samsung ?health|com\.samsung\..*|withings|data_[A-Z]{3}_\d+",
    re.IGNORECASE,
)
"""Names that these makers give to files and folders themselves: of no person."""
_SAMSUNG_TIMES = "Samsung writes times in UTC with their offset beside them; the offset was added. Check that nights fall at night."

_OF_DOWNLOAD = re.compile(
    r"(?:.*/)?(?:takeout[^/]*/|user-site-export/|global export data/|com\.samsung\.[^/]*$|raw_[a-z-]+_[^/]*$|aggregates_[^/]*$).*", re.I
)
_HOLDS_STEPS = re.compile(r"(?:.*/)?(?:steps[-_]\d{4}[^/]*|com\.samsung\.[^/]*step_count[^/]*\.csv|raw_tracker_steps[^/]*)", re.I)
"""Paths of files in these makers' downloads, and of those among them that may hold minutes of steps."""

Rows = Iterable[tuple[int, Sequence[str]]]
"""(line, cells) of a table below its header."""


def is_makers(name: str) -> bool:
    """Whether a file or folder has a name that Google, Fitbit, Samsung or Withings give by themselves."""
    return bool(_OWN_NAMES.fullmatch(name))


def beside_steps(path: str) -> bool:
    """Whether a file of this path belongs to one of these downloads, hundreds of files each, and holds no minutes of steps."""
    return bool(_OF_DOWNLOAD.fullmatch(path)) and not _HOLDS_STEPS.fullmatch(path)


def _read(source: Source, progress: Progress, again: str, records: Callable[[Rows, list[str]], Iterator[Record]], skip: int = 0) -> Steps:
    """The records of a table. Raises RecordingError where there are too many rows."""
    steps = Steps(again)
    rows = rows_in_shape(source, TextShape(encoding_of(source.head()), ","))
    for _ in range(skip):
        next(rows, None)
    names = [name.strip() for name in next(rows, (0, []))[1]]
    for number, record in enumerate(records(rows, names), 1):
        refuse_unless(number <= MOST_ROWS, f"At most {MOST_ROWS:,} records were expected; the file holds more. Split it by months.")
        steps.seen = number
        steps.add(record)
        if number % _BLOCK == 0:
            progress.at(min(0.95, 40 * number / max(source.size, 1)), f"Reading {source.filename}")
    return steps


def _first_lines(head: bytes) -> list[str]:
    return head[:4096].decode(encoding_of(head), errors="ignore").splitlines()[:2] if is_text(head) else []


def _keys(line: str) -> list[str]:
    return [columns.key(name) for name in line.split(",")]


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def _count(text: str) -> float | None:
    value = certain(text)
    return value if value is not None and 0 <= value <= 1e6 else None


# Google Health -------------------------------------------------------------------------------------------------------------------------


def _is_google(head: bytes, filename: str) -> bool:
    lines = _first_lines(head)
    return bool(lines) and {"timestamp", "steps", "datasource"} <= set(_keys(lines[0]))


def _read_google(source: Source, progress: Progress) -> Reading:
    """One person's steps from Google Takeout. Raises RecordingError where rows are not minutes, or none can be read."""
    again = "Take the files steps_YYYY-MM-DD.csv out of Google Takeout again."
    zones: set[bool] = set()
    gaps: Counter[int] = Counter()
    last: dict[str, int] = {}

    def records(rows: Rows, names: list[str]) -> Iterator[Record]:
        keys = [columns.key(name) for name in names]
        when, steps_column, device = keys.index("timestamp"), keys.index("steps"), keys.index("datasource")
        for _, row in rows:
            name, time, count = _cell(row, device)[:200], moment(_cell(row, when)), _count(_cell(row, steps_column))
            if time is None or count is None:
                yield Record(name, 0, 0, 0, None)
                continue
            zones.add(_cell(row, when)[-1:] == "Z")
            if name in last:
                gaps[time[0] - last[name]] += 1
            last[name] = time[0]
            yield Record(name, time[0], 60, time[1], count)

    steps = _read(source, progress, again, records)
    step = math.gcd(*gaps)
    if step > 60 and sum(gaps.values()) > 20:
        raise RecordingError(
            f"Minute-by-minute steps were expected; all rows here are {step / 60:g} minutes apart or a multiple of it, and finer values "
            "cannot be made from coarser ones. Take the files steps_YYYY-MM-DD.csv with a row a minute."
        )
    return Reading((steps.recording(person_around(source, is_makers), source.name, _google_device, in_utc=zones == {True}),))


def _google_device(name: str, hardware: str) -> str:
    return name[:60] or "unnamed source"


# Samsung Health ------------------------------------------------------------------------------------------------------------------------


def _samsung_key(name: str) -> str:
    return columns.key(name.rsplit(".", 1)[-1])


def _is_samsung(head: bytes, filename: str) -> bool:
    lines = _first_lines(head)
    return bool(lines) and lines[0].startswith("com.samsung") and "step" in lines[0].split(",")[0].lower()


def _read_samsung(source: Source, progress: Progress) -> Reading:
    """One person's steps from Samsung Health. Raises RecordingError for tables of days, and where no record can be read."""
    again = "Download the personal data from Samsung Health again."
    lines = _first_lines(source.head())
    names = [_samsung_key(name) for name in lines[1].split(",")] if len(lines) > 1 else []
    refuse_unless(
        {"starttime", "endtime", "count"} <= set(names),
        "Records with start_time, end_time and count were expected, as com.samsung.shealth.tracker.pedometer_step_count has them; this "
        "Samsung Health table has others, usually of whole days. Import the file pedometer_step_count of the same download.",
    )

    def records(rows: Rows, header: list[str]) -> Iterator[Record]:
        start, end, offset, count, device = (
            names.index(name) if name in names else None for name in ("starttime", "endtime", "timeoffset", "count", "deviceuuid")
        )
        for _, row in rows:
            name = _cell(row, device)[:200]
            begin, until, zone = moment(_cell(row, start)), moment(_cell(row, end)), _OFFSET.fullmatch(_cell(row, offset))
            value = _count(_cell(row, count))
            if begin is None or until is None or value is None or until[0] < begin[0] or (zone is None and offset is not None):
                yield Record(name, 0, 0, 0, None)
                continue
            away = (int(zone[2]) * 3600 + int(zone[3]) * 60) * (-1 if zone[1] == "-" else 1) if zone else 0
            # A minute ends one second, or a thousandth, before the next.
            seconds = until[0] - begin[0]
            yield Record(name, begin[0] + away, seconds + (seconds % 60 == 59), away, value)

    steps = _read(source, progress, again, records, skip=1)
    return Reading(
        (
            steps.recording(
                person_around(source, is_makers),
                source.name,
                lambda name, hardware: f"Samsung device {name[:6]}" if name else "Samsung device",
                (_SAMSUNG_TIMES,) if "timeoffset" in names else (),
                in_utc="timeoffset" not in names,
            ),
        )
    )


# Withings ------------------------------------------------------------------------------------------------------------------------------


def _is_withings(head: bytes, filename: str) -> bool:
    lines = _first_lines(head)
    return bool(lines) and _keys(lines[0])[:3] == ["start", "duration", "value"]


def _read_withings(source: Source, progress: Progress) -> Reading:
    """One person's steps from Withings. Raises RecordingError for other measures of the same layout, and where no record can be read."""
    refuse_unless(
        "step" in source.filename.lower(),
        "Steps were expected (raw_tracker_steps.csv); Withings writes heart rate, distance, calories and sleep in the same columns, and "
        "only the file's name tells them apart. Import raw_tracker_steps.csv under its original name.",
    )
    again = "Download the data from Withings again and import raw_tracker_steps.csv."

    def records(rows: Rows, header: list[str]) -> Iterator[Record]:
        for _, row in rows:
            begin, seconds, counts = moment(_cell(row, 0)), _list(_cell(row, 1)), _list(_cell(row, 2))
            if begin is None or not seconds or len(seconds) != len(counts):
                yield Record("", 0, 0, 0, None)
                continue
            at = begin[0]
            for length, count in zip(seconds, counts, strict=True):
                yield Record("", at, int(length), begin[1], count if 0 <= count <= 1e6 and 0 <= length <= 86400 else None)
                at += int(length)

    steps = _read(source, progress, again, records)
    return Reading((steps.recording(person_around(source, is_makers), source.name, lambda name, hardware: "Withings"),))


def _list(text: str) -> list[float]:
    """The numbers of "[60,60]"; none where it is no such list."""
    try:
        values = json.loads(text) if len(text) <= 100_000 else None
    except (ValueError, RecursionError):
        return []
    values = values if isinstance(values, list) else [values]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9]
    return [float(value) for value in numbers] if len(numbers) == len(values) else []


GOOGLE = Format("Google Health steps (Takeout CSV)", _is_google, _read_google)
SAMSUNG = Format("Samsung Health steps (CSV)", _is_samsung, _read_samsung)
WITHINGS = Format("Withings steps (CSV)", _is_withings, _read_withings)
