"""Ways in which programs and languages write times, brought to the few that are parsed, by how the first time of a column is written."""

from __future__ import annotations

import re

import pandas as pd

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
