"""Clock times as people write them by hand: 23:40, 11:40 PM, 23.40, 2340, 23h40, 11 pm, midnight, a spreadsheet's fraction of a day."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pat_core.recordings.tables.text_shape import MISSING
from pat_core.settings import MINUTES_PER_DAY

_CLOCK = re.compile(r"(\d{1,2})\s*(?:[:.h]\s*(\d{2})(?:[:.m]\s*\d{2}(?:[.,]\d+)?s?)?|h)?\s*(?:([ap])\.?\s?m\.?)?", re.IGNORECASE)
_DIGITS = re.compile(r"(\d{1,2})(\d{2})(?:\s*([ap])\.?m\.?)?", re.IGNORECASE)
_DAYLESS = re.compile(r"^(?:1899-12-3[01]|1900-01-0[01])[ T]+")
"""The day that spreadsheets write before a clock time without one."""
_FRACTION = re.compile(r"0?[.,](?:\d|\d{3,})")
"""A part of a day. With two digits it is a clock time, 0.30, unless its column says otherwise (`fractions`)."""
_WORDS = {"midnight": 0, "mitternacht": 0, "noon": 720, "midday": 720, "mittag": 720}


def clock_minutes(text: str) -> int | None:
    """Minutes after midnight of a clock time without a date, 0 to 1439, to the nearest minute below; None where the text is none. 24:00 is
    midnight, 7 is 07:00. An hour above 12 with AM or PM is none."""
    plain = _DAYLESS.sub("", " ".join(text.split())).lower().removesuffix("uhr").removesuffix("o'clock").strip()
    if plain in _WORDS:
        return _WORDS[plain]
    if _FRACTION.fullmatch(plain):
        return round(float(plain.replace(",", ".")) * MINUTES_PER_DAY) % MINUTES_PER_DAY
    match = _DIGITS.fullmatch(plain) or _CLOCK.fullmatch(plain)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    return (hour * 60 + minute) % MINUTES_PER_DAY


def fractions(texts: Sequence[str]) -> bool:
    """Whether a column of cells holds parts of a day: all are from 0 to 1, and one has more digits than a clock time."""
    filled = [text.strip() for text in texts if not is_empty(text)]
    whole = all(re.fullmatch(r"[01]|0?[.,]\d+", text) for text in filled)
    return whole and any(re.fullmatch(r"0?[.,]\d{3,}", text) for text in filled)


def of_fraction(text: str) -> str:
    """A part of a day as HH:MM."""
    minutes = round(float(text.strip().replace(",", ".")) * MINUTES_PER_DAY) % MINUTES_PER_DAY
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def is_empty(text: str) -> bool:
    """Whether a cell says that nothing was filled in."""
    return text.strip().lower() in MISSING


_LENGTH = re.compile(
    r"(?:(\d+(?:[.,]\d+)?)\s*(?:h|hrs?|hours?|std\.?|stunden?))?\s*(?:(\d+(?:[.,]\d+)?)\s*(?:m|mins?\.?|minutes?|minuten)?)?", re.IGNORECASE
)
_RANGE = re.compile(r"^(.+?)\s*(?:-|\u2013|\u2014|to|bis|until)\s*(.+)$", re.IGNORECASE)


def length_minutes(text: str) -> int | None:
    """Minutes of a length: 20, 20 min, 1 h 10, 0:20 as hours:minutes; 0 of "no" and "none"; None where the text is none."""
    plain = " ".join(text.split()).lower()
    if plain in ("no", "none", "nein", "keine", "kein", "0"):
        return 0
    if match := re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", plain):
        return int(match[1]) * 60 + int(match[2])
    match = _LENGTH.fullmatch(plain)
    if match is None or not (match[1] or match[2]):
        return None
    return round(sum(float((part or "0").replace(",", ".")) * unit for part, unit in ((match[1], 60), (match[2], 1))))


def nap_minutes(text: str) -> int | None:
    """Minutes of naps, of a length or of ranges as 14:00-14:30; 16:00-16:20; None where the text is neither."""
    total = 0
    for part in re.split(r"[;,+&/]| and | und ", text.strip()):
        between = _RANGE.match(part.strip())
        begin, until = (clock_minutes(between[1]), clock_minutes(between[2])) if between else (None, None)
        if begin is not None and until is not None:
            total += (until - begin) % MINUTES_PER_DAY
        elif (length := length_minutes(part)) is not None:
            total += length
        else:
            return None
    return total
