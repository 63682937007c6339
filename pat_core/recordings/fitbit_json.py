"""Fitbit steps as JSON: the files steps-YYYY-MM-DD.json of a Google Takeout or an old account archive, and a day of the Web API.

Takeout: [{"dateTime": "03/04/24 00:00:00", "value": "0"}, ...], month first, in UTC. Web API: "activities-steps-intraday" with a data set
of local clock times and values, "activities-steps" with the date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..errors import RecordingError
from ..progress import Progress
from ..records import Reading
from .source import Format, Source, refuse_unless
from .step_exports import is_makers
from .step_records import Record, Steps, moment, person_around
from .text import is_text

MOST_BYTES = 256 * 1024**2
"""A month of minutes takes 3 MB."""
AGAIN = "Take the files steps-YYYY-MM-DD.json out of Google Takeout again."
_MINUTES = re.compile(rb'^\s*\[\s*\{\s*"dateTime"\s*:\s*"\d\d/\d\d/\d\d \d\d:\d\d:\d\d"\s*,\s*"value"')
_TIME = re.compile(r"(\d\d)/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)")


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
        raise RecordingError(f"The JSON breaks off or is damaged. {AGAIN}") from error
    found, local = Steps(AGAIN), isinstance(content, dict)
    if not local:
        # Heart rate, calories and distance look alike; the file's name alone tells them apart.
        refuse_unless(
            source.filename.lower().startswith("step"),
            "Steps were expected (steps-YYYY-MM-DD.json); Fitbit writes calories, distance and altitude in the same form, and nothing but "
            "the file's name tells them apart. Import the files of steps under their own names.",
        )
    for number, record in enumerate(_of_api(content) if local else _of_takeout(content), 1):
        found.seen = number
        found.add(record)
    return Reading((found.recording(person_around(source, is_makers), source.name, _device, in_utc=not local),))


def _device(name: str, hardware: str) -> str:
    return "Fitbit"


def _of_takeout(rows: list[object]) -> Iterator[Record]:
    for row in rows:
        row = row if isinstance(row, dict) else {}
        written = _TIME.fullmatch(str(row.get("dateTime")))
        time = moment(f"20{written[3]}-{written[1]}-{written[2]} {written[4]}") if written else None
        yield _minute(time, row.get("value"))


def _of_api(content: dict[str, object]) -> Iterator[Record]:
    days, inner = content.get("activities-steps"), content.get("activities-steps-intraday")
    day = days[0].get("dateTime") if isinstance(days, list) and days and isinstance(days[0], dict) else None
    rows = inner.get("dataset") if isinstance(inner, dict) else None
    if not isinstance(rows, list) or moment(f"{day} 00:00:00") is None:
        raise RecordingError(
            "A day with its date (activities-steps) and its minutes (activities-steps-intraday, dataset) was expected. Ask the Web API for "
            "steps with the detail 1min again."
        )
    interval = inner.get("datasetInterval", 1)
    refuse_unless(
        interval == 1 and inner.get("datasetType", "minute") == "minute",
        f"Steps of single minutes were expected; this answer has one value every {interval} {inner.get('datasetType', 'minute')}s. Ask for "
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
    readable = time is not None and 0 <= count <= 1e6
    return Record("", time[0] if readable else 0, 60, 0, count if readable else None)


FORMAT = Format("Fitbit steps (JSON)", recognises, read)
