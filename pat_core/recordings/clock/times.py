"""Times as texts or numbers, read as moments: how programs and languages write them, whether day or month comes first, offsets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.recordings.clock import serials
from pat_core.recordings.source import quoted
from pat_core.records import Recording

MONTHS = (
    ("jan", "ene", "gen"), ("feb", "fév", "fev"), ("mar", "mär", "mrz", "mrt"), ("apr", "avr", "abr"), ("may", "mai", "mag", "mei"),
    ("jun", "juin", "giu"), ("jul", "juil", "lug"), ("aug", "aoû", "aou", "ago"), ("sep", "set"), ("oct", "okt", "ott", "out"),
    ("nov",), ("dec", "dez", "déc", "dic"),
)  # fmt: skip
"""How month names begin in the languages these devices are sold in."""
_NAMED = re.compile(
    r"^(\d{1,2})\.?[ -]?([^\W\d_]{3,10})\.?[ -]?(\d{4})(?!\d)[:T ,-]*(?=\d|$)|^(\d{1,2})([A-Za-z]{3})(\d{2})(?!\d)[:T ,]*(?=\d|$)"
)
"""A day, a month's name and a year: 04MAR2024:00:00:00 and 04MAR24 as SAS has them, 4 März 2024 10:00, 04-Mrz-2024."""
_DATE = r"(?:[^\W\d_]+[.,]*\s+)?(?:\d{4}|\d{1,2})\s*[./-]\s*\d{1,2}\s*[./-]\s*(?:\d{4}|\d{1,2})(?!\d)"
_DOTTED = rf"^({_DATE}\.?(?:[\sT,]+|\s+-\s+))(\d{{1,2}})\.(\d{{2}})(?:\.(\d{{2}}))?(?=[.,\s]|$)(?![.,]?\d{{4}})"
_THOUSANDTHS = r"(\d:\d\d:\d\d)[:,](\d{1,9})(?!\d)"
_MORNING, _EVENING = r"오전|上午|午前|π\.?μ\.?|πμ", r"오후|下午|午後|μ\.?μ\.?|μμ"
_WORDED = rf"(?:({_MORNING})|({_EVENING}))"
_CLOCKED = r"\d:\d\d"
_DIGITS = r"^((?:19|20)\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$"
"""A date and a clock time of 12 or 14 digits."""
_DASHED = r"^(\d{4}-\d\d-\d\d)-(\d{1,2}:)"
_CLOCK_FIRST = rf"^(\d{{1,2}}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?),?\s+({_DATE})$"
_ABBREVIATED = r"(:\d\d(?:\.\d+)?)\s+(?!UTC$|GMT$)[A-Z]{3,4}$"
"""A zone by its letters, as R writes it: what it means differs from land to land, so it is dropped and the clock kept."""
_ALONE = r"^(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))\.?$"


def tidied(texts: pd.Series) -> pd.Series:
    """(n,) texts of times: months by their names as numbers (YYYY-MM-DD), dots and thousandths of the clock as 10:00:00.000, halves of the
    day as AM and PM, the date before the clock, letters of a zone left out."""
    first = next((text for text in texts.dropna() if re.search(r"\d[:.]\d\d", text)), first_with_clock(texts))
    if (match := _NAMED.match(first)) and month_of(match[2] or match[5]):
        texts = texts.str.replace(_NAMED, _in_numbers, regex=True).str.strip()
        first = _NAMED.sub(_in_numbers, first).strip()
    if re.search(_DOTTED, first):
        texts = texts.str.replace(_DOTTED, _with_colons, regex=True)
    if re.search(_THOUSANDTHS, first):
        texts = texts.str.replace(_THOUSANDTHS, r"\1.\2", regex=True)
    if re.search(_DIGITS, first):
        texts = texts.str.replace(_DIGITS, _apart, regex=True)
    if re.search(_DASHED, first):
        texts = texts.str.replace(_DASHED, r"\1 \2", regex=True)
    if re.search(_CLOCK_FIRST, first):
        texts = texts.str.replace(_CLOCK_FIRST, r"\2 \1", regex=True)
    if re.search(_ABBREVIATED, first):
        texts = texts.str.replace(_ABBREVIATED, r"\1", regex=True)
    if re.search(_WORDED, first):
        texts = texts.str.replace(rf"{_WORDED}\s*(\d{{1,2}}:[\d:.]+)|(\d{{1,2}}:[\d:.]+)\s*{_WORDED}", _with_half, regex=True)
    return texts


def month_of(name: str) -> int:
    """1 to 12 of a month's name or its beginning, 0 where it is none."""
    return next((i for i, names in enumerate(MONTHS, 1) if name.lower().startswith(names)), 0)


def with_midnights(texts: pd.Series, first: str) -> pd.Series:
    """(n,) texts, midnight added to dates alone where the first time, without an offset, has a clock: some programs leave it out."""
    clock = re.search(r"\d{1,2}(:\d\d)(:\d\d)?(\.\d+)?( [AaPp]M)?$", first)
    if clock is None:
        return texts
    alone = texts.str.contains(_ALONE, regex=True).fillna(False).astype(bool)
    if not alone.any():
        return texts
    hour = "12" if clock[4] else "00"
    midnight = f" {hour}:00{':00' if clock[2] else ''}{'.0' if clock[3] else ''}{' AM' if clock[4] else ''}"
    return texts.where(~alone, texts.str.rstrip(".") + midnight)


def first_with_clock(texts: pd.Series) -> str:
    """The first of (n,) texts that has a clock time, else the first that says anything; "" where none does."""
    suffix = ""
    for text in texts.dropna():
        if re.search(_CLOCKED, text):
            return text
        suffix = suffix or text
    return suffix


def _in_numbers(match: re.Match[str]) -> str:
    day, name, year = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
    month = month_of(name)
    if not month:
        return match[0]
    full = int(year) + (0 if len(year) == 4 else 1900 if int(year) >= 70 else 2000)
    return f"{full:04}-{month:02}-{int(day):02} "


def _apart(match: re.Match[str]) -> str:
    return f"{match[1]}-{match[2]}-{match[3]} {match[4]}:{match[5]}:{match[6] or '00'}"


def _with_colons(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}:{match[3]}" + (f":{match[4]}" if match[4] else "")


def _with_half(match: re.Match[str]) -> str:
    return f"{match[3] or match[4]} {'AM' if match[1] or match[5] else 'PM'}"


NEVER_SET = 1970
"""The year that a clock shows which was never set: it counts from 1970-01-01."""
_CLOCK = r"\d:\d\d(?:[.,]\d+)?"
_ZONE = r"Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?"
_OFFSET = rf"({_CLOCK})\s*(?:{_ZONE})(?:\s*\[[^\]]*\])?$"
_OFFSET_ALONE = rf"{_CLOCK}\s*({_ZONE})(?:\s*\[[^\]]*\])?$"
_ENDS_IN_OFFSET = rf"{_CLOCK}\s*(?:{_ZONE})(?:\s*\[[^\]]*\])?$"
_HALF_DAY = r"\s*([AaPp])\.?\s?[Mm]\.?$"
_ISO = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}")
_NUMBERED = re.compile(
    r"^(?:[^\W\d_]{2,12}[.,]*\s+)?(\d{4}|\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{1,2})(?!\d)(?:\.?(?:[\sT,]+|\s+-\s+)(?=\d))?"
)
"""A date in numbers, perhaps after a weekday, blanks allowed between its parts; then what stands before the clock time."""
_PLAIN = r"[\d./-]+(?: [\d:.]+(?: [AP]M)?)?"
"""What such a text looks like without weekdays and needless blanks."""
_TOLD = re.compile(
    r"(?<![^\W\d_])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.I
)
"""What tells day from month by itself: a month's name, or a year, month and day of eight digits."""
Order = Literal["day", "month", "year"]
_ORDERS: dict[Order, tuple[str, str, str]] = {"day": ("%d", "%m", "%y"), "month": ("%m", "%d", "%y"), "year": ("%y", "%m", "%d")}
_TIMES = (
    (r"^\d{1,2}:\d{2}$", "%H:%M"),
    (r"^\d{1,2}:\d{2}:\d{2}$", "%H:%M:%S"),
    (r"^\d{1,2}:\d{2}:\d{2}\.\d+$", "%H:%M:%S.%f"),
    (r"^\d{1,2}:\d{2} [AaPp]M$", "%I:%M %p"),
    (r"^\d{1,2}:\d{2}:\d{2} [AaPp]M$", "%I:%M:%S %p"),
    (r"^\d{1,2}:\d{2}:\d{2}\.\d+ [AaPp]M$", "%I:%M:%S.%f %p"),
)


def parse_times(texts: pd.Series, lines: Sequence[int] | np.ndarray | None = None, usual: Order | None = None) -> np.ndarray:
    """(n,) datetime64 of (n,) texts; NaT where a text is no time. ISO forms; dates in numbers, whose order the whole column tells; month
    names; weekdays before a date; 24 hours or AM and PM; what `time_forms` and `serials` know. A date alone among times is its midnight.

    lines: where each text stands in its file, for sentences. usual: what the device writes first, where the column does not tell.
    Raises RecordingError where the order of day, month and a year of two digits cannot be told or is not the usual one, and where some of
    the times name an offset from UTC and others do not.
    """
    texts = texts.astype("str").str.strip()
    present = texts[texts.notna() & (texts != "")]
    if present.empty:
        return _none(len(texts))
    if re.fullmatch(r"\d{5,6}([.,]\d*)?", str(present.iloc[0])):
        counted = serials.moments(texts)
        return _none(len(texts)) if counted is None else counted
    texts = tidied(texts)
    first = first_with_clock(texts)
    if re.search(_OFFSET, first) or re.search(_OFFSET, str(present.iloc[-1])):
        texts = without_offsets(texts, lines)
        first = re.sub(_OFFSET, r"\1", first)
    if half_days := re.search(_HALF_DAY, first):
        texts, first = texts.str.replace(_HALF_DAY, r" \1M", regex=True), re.sub(_HALF_DAY, r" \1M", first)
    texts = with_midnights(texts, first)
    if not _ISO.match(first):
        date = _NUMBERED.match(first)
        if date is None:
            return _told(texts, lines)
        plain = r"\1-\3-\4 " if len(date[1]) == 4 else r"\1\2\3\2\4 "
        written, first = first, _NUMBERED.sub(plain, first).strip()
        if first != written or not texts.str.fullmatch(_PLAIN).all():
            texts = texts.str.replace(_NUMBERED, plain, regex=True).str.strip()
        if len(date[1]) != 4:
            return _numbered(texts, first, date, usual)
    time = _ISO.sub("", first).lstrip(" T,")
    return read_as(texts, f"%Y-%m-%d {_form_of(time)}" if half_days else "ISO8601", lines)


def _none(count: int) -> np.ndarray:
    return np.full(count, np.datetime64("NaT"), "datetime64[ms]")


def _told(texts: pd.Series, lines: Sequence[int] | np.ndarray | None) -> np.ndarray:
    """Times of (n,) texts that tell day from month by themselves, NaT for the others: of those the parser would guess it, row by row."""
    has_zone = texts.str.contains(_TOLD)
    return read_as(texts.where(has_zone.fillna(False).astype(bool)), "mixed", lines) if has_zone.any() else _none(len(texts))


def without_offsets(texts: pd.Series, lines: Sequence[int] | np.ndarray | None) -> pd.Series:
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


def _mixed(texts: pd.Series, differs: pd.Series, lines: Sequence[int] | np.ndarray | None) -> RecordingError:
    """The sentence on times of which some, (n,) bool, are not written like the others."""
    at = int(differs.to_numpy(bool, na_value=False).argmax())
    where = quoted(texts.iloc[at]) + ("" if lines is None else f" in line {lines[at]}")
    return RecordingError(
        "All times in the column were expected on one clock; some give a time zone or an offset from UTC, others none or a different "
        f"one, such as {where}. Write them all as YYYY-MM-DD HH:MM:SS in local time."
    )


def _form_of(time: str) -> str:
    """The form of a clock time in the words of strptime."""
    return next((form for pattern, form in _TIMES if re.match(pattern, time)), "%H:%M:%S")


def offsets_of(texts: pd.Series) -> tuple[str, ...]:
    """The offsets from UTC that (n,) texts of times end in, as +HH:MM, each once, in their order; none where they have none."""
    texts = texts.dropna().astype("str").str.strip()
    if texts.empty or not (re.search(_OFFSET_ALONE, str(texts.iloc[0])) or re.search(_OFFSET_ALONE, str(texts.iloc[-1]))):
        return ()
    offsets = texts.str.extract(_OFFSET_ALONE, expand=False).dropna().unique()
    zero = ("Z", "UTC", "GMT", "-00:00", "-0000", "-00")
    plain = ("+00:00" if text in zero else f"{text[:3]}:{text[3:].strip(':') or '00'}" for text in offsets)
    return tuple(dict.fromkeys(plain))


def with_known_date(recording: Recording) -> Recording:
    """The recording, its date not known and a note where its year is NEVER_SET: the clock of its device was never set."""
    if recording.start is None or recording.start.year != NEVER_SET or not recording.date_known:
        return recording
    return replace(
        recording,
        date_known=False,
        notes=(
            *recording.notes,
            f"The recording begins on {recording.start:%Y-%m-%d %H:%M}, as happens when a device's clock was never set. Its date is "
            "treated as unknown; weekdays and clock times may be wrong too.",
        ),
    )


def _numbered(texts: pd.Series, first: str, date: re.Match[str], usual: Order | None) -> np.ndarray:
    """Times of which day, month and year are numbers, as 31/12/2024 or 24-12-31; first: the first text, whose date this is."""
    sign, full = date[2], len(date[4]) == 4
    # Dots stand between day, month and year, or year, month and day; a year of four digits stands last here.
    orders = [order for order in _ORDERS if not (order == "month" and sign == ".") and not (order == "year" and full)]
    forms = {order: sign.join(_ORDERS[order]).replace("%y", "%Y" if full else "%y") for order in orders}
    order = _order(texts.str.split(n=1).str[0].drop_duplicates(), forms, first, usual)
    time = first.partition(" ")[2]
    return read_as(texts, forms[order] + (f" {_form_of(time)}" if time else ""))


def _order(dates: pd.Series, forms: dict[Order, str], first: str, usual: Order | None) -> Order:
    """The order that reads the most of the different dates of a column; of several such the one in which they lie closest together."""
    read = {order: read_as(dates, form) for order, form in forms.items()}
    unread = {order: int(np.isnat(times).sum()) for order, times in read.items()}
    orders = [order for order in read if unread[order] == min(unread.values())]
    spans = {order: int(np.ptp(times.astype(np.int64))) if (times := read[order][~np.isnat(read[order])]).size else 0 for order in orders}
    orders = [order for order in orders if spans[order] == min(spans.values())]
    if usual in orders or all(np.array_equal(read[orders[0]], read[order], equal_nan=True) for order in orders):
        orders = [usual if usual in orders else orders[0]]
    words = {"day": "day/month/year", "month": "month/day/year", "year": "year/month/day"}
    if len(orders) > 1:
        raise RecordingError(
            f"Times such as {quoted(first)} can be {' or '.join(words[order] for order in orders)}, and nothing in the column shows "
            "which. Write them as YYYY-MM-DD HH:MM:SS."
        )
    if usual not in (None, orders[0]):
        raise RecordingError(
            f"Dates as {words[usual]} were expected from this device; those here, such as {quoted(first)}, make sense only as "
            f"{words[orders[0]]}. Export them with a four-digit year first, as YYYY-MM-DD HH:MM:SS."
        )
    return orders[0]
