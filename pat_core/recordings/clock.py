"""Times as files write them, read as wall clock: a zone or offset at the end is dropped, the clock kept as it stands."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..records import Recording

NEVER_SET = 1970
"""The year that a clock shows which was never set: it counts from 1970-01-01."""

_OFFSET = r"(\d:\d\d(?:[.,]\d+)?)\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})(?:\s*\[[^\]]*\])?$"
_OFFSET_ALONE = r"\d:\d\d(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})(?:\s*\[[^\]]*\])?$"
_NUMBERED = re.compile(r"^(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})(?:[ T,]+(\d.*))?$")
_TIMES = (
    (r"^\d{1,2}:\d{2}$", "%H:%M"),
    (r"^\d{1,2}:\d{2}:\d{2}$", "%H:%M:%S"),
    (r"^\d{1,2}:\d{2}:\d{2}\.\d+$", "%H:%M:%S.%f"),
    (r"^\d{1,2}:\d{2} ?[AaPp][Mm]$", "%I:%M %p"),
    (r"^\d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]$", "%I:%M:%S %p"),
)


def parse_times(texts: pd.Series) -> np.ndarray:
    """(n,) datetime64 of (n,) texts; NaT where a text is no time. ISO forms, d/m/y and m/d/y (told apart by the whole column), month names.

    Raises RecordingError where day and month cannot be told apart.
    """
    texts = texts.astype("str").str.strip()
    present = texts[texts.notna() & (texts != "")]
    if present.empty:
        return np.full(len(texts), np.datetime64("NaT"), "datetime64[s]")
    first = str(present.iloc[0])
    if re.search(_OFFSET, first) or re.search(_OFFSET, str(present.iloc[-1])):
        texts = texts.str.replace(_OFFSET, r"\1", regex=True)
        first = re.sub(_OFFSET, r"\1", first)
    if re.match(r"^\d{4}-\d{2}-\d{2}", first):
        return _values(pd.to_datetime(texts, format="ISO8601", errors="coerce"))
    if re.match(r"^\d{4}/\d{1,2}/\d{1,2}", first):
        return _values(pd.to_datetime(texts.str.replace("/", "-", regex=False), format="ISO8601", errors="coerce"))
    numbered = _NUMBERED.match(first)
    if numbered:
        return _day_and_month(texts, numbered)
    return _values(pd.to_datetime(texts, format="mixed", errors="coerce"))


def offsets_of(texts: pd.Series) -> tuple[str, ...]:
    """The offsets from UTC that (n,) texts of times end in, as +HH:MM, each once, in their order; none where they have none."""
    texts = texts.dropna().astype("str").str.strip()
    if texts.empty or not (re.search(_OFFSET_ALONE, str(texts.iloc[0])) or re.search(_OFFSET_ALONE, str(texts.iloc[-1]))):
        return ()
    found = texts.str.extract(_OFFSET_ALONE, expand=False).dropna().unique()
    plain = ("+00:00" if text in ("Z", "UTC", "GMT", "-00:00", "-0000") else f"{text[:3]}:{text[-2:]}" for text in found)
    return tuple(dict.fromkeys(plain))


def offset_notes(offsets: tuple[str, ...], zone: str | None) -> tuple[str, ...]:
    """What the reader must know of times with these offsets (see `offsets_of`) in a file that names this zone."""
    if offsets == ("+00:00",) and zone is None:
        return (
            "The times are in UTC and the file names no time zone, so they stay in UTC: its midnights and clock times may not be those of "
            "the place. Name the zone to convert them.",
        )
    if len(offsets) > 1:
        shown = ", ".join(offsets[:6]) + (f" and {len(offsets) - 6} more" if len(offsets) > 6 else "")
        return (f"The offset from UTC changes within the file ({shown}); the wall clock was kept as it was written.",)
    return ()


def with_known_date(recording: Recording) -> Recording:
    """The recording, its date not known and a note where its year is NEVER_SET: the clock of its device was never set."""
    if recording.start is None or recording.start.year != NEVER_SET or not recording.date_known:
        return recording
    return replace(recording, date_known=False, notes=(
        *recording.notes,
        f"The recording begins on {recording.start:%Y-%m-%d %H:%M}, as it does when the device's clock was never set. "
        "Its date is treated as not known; weekdays and clock times may be wrong too.",
    ))  # fmt: skip


def _day_and_month(texts: pd.Series, match: re.Match[str]) -> np.ndarray:
    """Times of the forms 31/12/2024 and 12/31/2024: the order that reads the whole column; else the one with the shorter span."""
    separator, year, time = match.group(2), "%Y" if len(match.group(4)) == 4 else "%y", match.group(5)
    suffix = ""
    if time:
        forms = [form for pattern, form in _TIMES if re.match(pattern, time)]
        suffix = " " + forms[0] if forms else " %H:%M:%S"
    plain = texts.str.replace(r"[ T,]+(?=\d)", " ", n=1, regex=True) if time else texts
    day_first, month_first = (
        _values(pd.to_datetime(plain, format=separator.join(order) + suffix, errors="coerce"))
        for order in (("%d", "%m", year), ("%m", "%d", year))
    )
    wrong = [int(np.isnat(times).sum()) for times in (day_first, month_first)]
    if separator == "." or wrong[0] < wrong[1]:
        return day_first
    if wrong[1] < wrong[0]:
        return month_first
    spans = [np.ptp(times[~np.isnat(times)].astype(np.int64)) if (~np.isnat(times)).any() else 0 for times in (day_first, month_first)]
    if spans[0] == spans[1] and not np.array_equal(day_first, month_first, equal_nan=True):
        raise RecordingError(
            f"Times such as “{match.group(0)}” can be day/month or month/day, and nothing in the column decides it. "
            "Write them as YYYY-MM-DD HH:MM:SS."
        )
    return day_first if spans[0] <= spans[1] else month_first


def _values(times: pd.Series) -> np.ndarray:
    return times.to_numpy().astype("datetime64[ms]")
