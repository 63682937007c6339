"""Times as files write them, read as wall clock: a zone or offset at the end is dropped, the clock kept as it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..records import Recording

NEVER_SET = 1970
"""The year that a clock shows which was never set: it counts from 1970-01-01."""

_CLOCK = r"\d:\d\d(?:[.,]\d+)?"
_ZONE = r"Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?"
_OFFSET = rf"({_CLOCK})\s*(?:{_ZONE})(?:\s*\[[^\]]*\])?$"
_OFFSET_ALONE = rf"{_CLOCK}\s*({_ZONE})(?:\s*\[[^\]]*\])?$"
_ENDS_IN_OFFSET = rf"{_CLOCK}\s*(?:{_ZONE})(?:\s*\[[^\]]*\])?$"
_HALF_DAY = r"\s*([AaPp])\.?\s?[Mm]\.?$"
_YEAR_FIRST = re.compile(r"^\d{4}([-/])\d{1,2}[-/]\d{1,2}")
_NUMBERED = re.compile(r"^(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})(?:[ T,]+(\d.*))?$")
_TIMES = (
    (r"^\d{1,2}:\d{2}$", "%H:%M"),
    (r"^\d{1,2}:\d{2}:\d{2}$", "%H:%M:%S"),
    (r"^\d{1,2}:\d{2}:\d{2}\.\d+$", "%H:%M:%S.%f"),
    (r"^\d{1,2}:\d{2} [AaPp]M$", "%I:%M %p"),
    (r"^\d{1,2}:\d{2}:\d{2} [AaPp]M$", "%I:%M:%S %p"),
    (r"^\d{1,2}:\d{2}:\d{2}\.\d+ [AaPp]M$", "%I:%M:%S.%f %p"),
)


def parse_times(texts: pd.Series, lines: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
    """(n,) datetime64 of (n,) texts; NaT where a text is no time. ISO forms, d/m/y and m/d/y (told apart by the whole column), month names;
    24 hours or AM and PM.

    lines: where each text stands in its file, for sentences. Raises RecordingError where day and month cannot be told apart, and where
    some of the times name an offset from UTC and others do not.
    """
    texts = texts.astype("str").str.strip()
    present = texts[texts.notna() & (texts != "")]
    if present.empty:
        return np.full(len(texts), np.datetime64("NaT"), "datetime64[s]")
    first = str(present.iloc[0])
    if re.search(_OFFSET, first) or re.search(_OFFSET, str(present.iloc[-1])):
        texts = _without_offsets(texts, lines)
        first = re.sub(_OFFSET, r"\1", first)
    if half_days := re.search(_HALF_DAY, first):
        texts, first = texts.str.replace(_HALF_DAY, r" \1M", regex=True), re.sub(_HALF_DAY, r" \1M", first)
    year = _YEAR_FIRST.match(first)
    if year and year[1] == "/":
        texts = texts.str.replace("/", "-", regex=False)
    if year:
        time = first[year.end() :].lstrip(" T,")
        return read_as(texts, f"%Y-%m-%d {_form_of(time)}" if half_days else "ISO8601", lines)
    numbered = _NUMBERED.match(first)
    if numbered:
        return _day_and_month(texts, numbered)
    return read_as(texts, "mixed", lines)


def _without_offsets(texts: pd.Series, lines: Sequence[int] | np.ndarray | None) -> pd.Series:
    """(n,) texts without the offsets from UTC that they end in. Raises RecordingError where some clock times have none."""
    bare = texts.str.contains(_CLOCK + r"(?:\s*[AaPp]\.?\s?[Mm]\.?)?$", regex=True) & ~texts.str.contains(_ENDS_IN_OFFSET, regex=True)
    if bare.any():
        raise _mixed(texts, bare, lines)
    return texts.str.replace(_OFFSET, r"\1", regex=True)


def read_as(texts: pd.Series, form: str, lines: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
    """(n,) datetime64[ms] of (n,) texts without offsets, NaT where one is not of this form (of strptime, or pandas' "ISO8601", "mixed").

    Raises RecordingError where offsets, differing from row to row, were left in the texts.
    """
    try:
        stamps = pd.to_datetime(texts, format=form, errors="coerce")
    except (ValueError, TypeError, OverflowError) as error:  # so pandas says that the clocks of a column differ
        raise _mixed(texts, texts.str.contains(_ENDS_IN_OFFSET, regex=True), lines) from error
    if isinstance(stamps.dtype, pd.DatetimeTZDtype):
        stamps = stamps.dt.tz_localize(None)
    return stamps.to_numpy().astype("datetime64[ms]")


def _mixed(texts: pd.Series, odd: pd.Series, lines: Sequence[int] | np.ndarray | None) -> RecordingError:
    """The sentence on times of which some, (n,) bool, are not written like the others."""
    at = int(odd.to_numpy(bool, na_value=False).argmax())
    where = f"“{str(texts.iloc[at])[:40]}”" + ("" if lines is None else f" in line {lines[at]}")
    return RecordingError(
        f"Times of one clock were expected in the column; some name a time zone or an offset from UTC, others do not or in another way, as "
        f"{where}. Write all of them alike, as YYYY-MM-DD HH:MM:SS on the clock of the place."
    )


def _form_of(time: str) -> str:
    """The form of a clock time in the words of strptime."""
    return next((form for pattern, form in _TIMES if re.match(pattern, time)), "%H:%M:%S")


def refuse_unread_times(times: np.ndarray, lines: Sequence[int] | np.ndarray) -> None:
    """Raise RecordingError, naming the first line, where one of (n,) datetime64 is no time."""
    unread = np.isnat(times)
    if unread.any():
        raise RecordingError(
            f"{int(unread.sum())} rows have no readable time, first in line {lines[int(unread.argmax())]}. Write dates and clock times as "
            "YYYY-MM-DD HH:MM:SS, or export the recording again."
        )


def offsets_of(texts: pd.Series) -> tuple[str, ...]:
    """The offsets from UTC that (n,) texts of times end in, as +HH:MM, each once, in their order; none where they have none."""
    texts = texts.dropna().astype("str").str.strip()
    if texts.empty or not (re.search(_OFFSET_ALONE, str(texts.iloc[0])) or re.search(_OFFSET_ALONE, str(texts.iloc[-1]))):
        return ()
    found = texts.str.extract(_OFFSET_ALONE, expand=False).dropna().unique()
    zero = ("Z", "UTC", "GMT", "-00:00", "-0000", "-00")
    plain = ("+00:00" if text in zero else f"{text[:3]}:{text[3:].strip(':') or '00'}" for text in found)
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
    suffix = f" {_form_of(time)}" if time else ""
    plain = texts.str.replace(r"[ T,]+(?=\d)", " ", n=1, regex=True) if time else texts
    day_first, month_first = (read_as(plain, separator.join(order) + suffix) for order in (("%d", "%m", year), ("%m", "%d", year)))
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
