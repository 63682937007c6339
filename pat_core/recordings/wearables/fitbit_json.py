"""Fitbit steps as JSON: the files steps-YYYY-MM-DD.json of a Google Takeout or an old account archive, and a day of the Web API.

Takeout: [{"dateTime": "03/04/24 00:00:00", "value": "0"}, ...], month first as a rule, in UTC. Web API: "activities-steps-intraday" with
a data set of local clock times and values, "activities-steps" with the date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables.text_shape import is_text
from pat_core.recordings.wearables.step_exports import is_makers
from pat_core.recordings.wearables.step_records import Record, Steps, moment, person_around
from pat_core.records import Reading

MOST_BYTES = 256 * 1024**2
"""A month of minutes takes 3 MB."""
AGAIN = "Take the files steps-YYYY-MM-DD.json out of Google Takeout again."
_DATE, _CLOCK = rb"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}", rb"\d\d?:\d\d(:\d\d)?[^\"]{0,12}"
_MINUTES = re.compile(rb'^\s*\[\s*\{\s*"dateTime"\s*:\s*"' + _DATE + rb"[ T,]+" + _CLOCK + rb'"\s*,\s*"value"\s*:\s*["\d]')
_NAMED = re.compile(r"(\d{4}-\d\d-\d\d)")
_DAY = 86_400


def recognises(head: bytes, filename: str) -> bool:
    """JSON with Fitbit's times and values, of whatever they are, or an intraday answer of its Web API."""
    body = head.removeprefix(b"\xef\xbb\xbf")
    return is_text(head) and (bool(_MINUTES.match(body)) or (body.lstrip()[:1] == b"{" and b'"activities-steps-intraday"' in head))


def read(source: Source, progress: Progress) -> Reading:
    """One person's steps. Raises RecordingError where the file is damaged, holds another measure, or has no steps."""
    refuse_unless(
        source.size <= MOST_BYTES, f"A file of at most {MOST_BYTES // 1024**2} MB was expected; Fitbit writes one a month. {AGAIN}"
    )
    progress.at(0.0, f"Reading {source.filename}")
    try:
        with source.open() as stream:
            content = json.loads(stream.read().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"The JSON is incomplete or damaged. {AGAIN}") from error
    steps, local = Steps(AGAIN), isinstance(content, dict)
    if not local:
        # Heart rate, calories and distance look alike; the file's name alone tells them apart.
        refuse_unless(
            source.filename.lower().startswith("step"),
            "Steps were expected (steps-YYYY-MM-DD.json); Fitbit writes calories, distance and altitude in the same form, and only the "
            "file's name tells them apart. Import the step files under their original names.",
        )
    for number, record in enumerate(_of_api(content) if local else _of_takeout(content, source.stem), 1):
        steps.seen = number
        steps.add(record)
    return Reading((steps.recording(person_around(source, is_makers), source.name, _device, in_utc=not local),))


def _device(name: str, hardware: str) -> str:
    return "Fitbit"


def _of_takeout(content: list[Any], name: str) -> Iterator[Record]:
    rows: list[dict[str, Any]] = [row if isinstance(row, dict) else {} for row in content]
    for time, row in zip(_moments(pd.Series([str(row.get("dateTime")) for row in rows], dtype="str"), name), rows, strict=True):
        yield _minute(time, row.get("value"))


def _moments(texts: pd.Series, name: str) -> list[tuple[int, int] | None]:
    """Seconds since 1970 and from UTC of (n,) texts of times, None where one is none. The month comes first, unless the days follow each
    other only in the other order, or a file of one day bears that day's date in its name."""
    try:
        stamps = parse_times(texts)
    except RecordingError:
        stamps, *others = _in_each_order(texts)
        named = _NAMED.search(name)
        near = [other for other in others if named and _days_off(other, named[1]) <= 1 < _days_off(stamps, named[1])]
        stamps = near[0] if near else stamps
    seconds = stamps.astype("datetime64[s]")
    return [None if np.isnat(second) else (int(second.astype(np.int64)), 0) for second in seconds]


def _in_each_order(texts: pd.Series) -> list[np.ndarray]:
    """The times by each order of their dates that is possible, month first before day first. Raises RecordingError where none is."""
    read = []
    for usual in ("month", "day"):
        try:
            read.append(parse_times(texts, usual=usual))
        except RecordingError as error:
            wrong = error
    if not read:
        raise wrong
    return read


def _days_off(stamps: np.ndarray, date: str) -> float:
    """How many days the first of (n,) times lies from a date."""
    valid = stamps[~np.isnat(stamps)]
    return abs((valid.min() - np.datetime64(date)) / np.timedelta64(_DAY, "s")) if valid.size else np.inf


def _of_api(content: dict[str, Any]) -> Iterator[Record]:
    days, inner = content.get("activities-steps"), content.get("activities-steps-intraday")
    day = days[0].get("dateTime") if isinstance(days, list) and days and isinstance(days[0], dict) else None
    rows = inner.get("dataset") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(rows, list) or moment(f"{day} 00:00:00") is None:
        raise RecordingError(
            "A day with its date (activities-steps) and its minutes (activities-steps-intraday, dataset) was expected. Ask the Web API for "
            "steps with the detail 1min again."
        )
    interval = inner.get("datasetInterval", 1)
    refuse_unless(
        interval == 1 and inner.get("datasetType", "minute") == "minute",
        f"Minute-by-minute steps were expected; this answer has one value every {interval} {inner.get('datasetType', 'minute')}s. Ask for "
        "the detail 1min.",
    )
    for row in rows:
        row = row if isinstance(row, dict) else {}
        yield _minute(moment(f"{day} {row.get('time')}"), row.get("value"))


def _minute(time: tuple[int, int] | None, value: object) -> Record:
    try:
        count = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        count = -1.0
    if time is None or not 0 <= count <= 1e6:
        return Record("", 0, 60, 0, None)
    return Record("", time[0], 60, 0, count)


FORMAT = Format("Fitbit steps (JSON)", recognises, read)
