"""Dates as spreadsheets count them: days, with the clock time as their fraction, since the end of 1899 (Excel) or the year 0 (MATLAB)."""

from __future__ import annotations

import numpy as np
import pandas as pd

_SYSTEMS = {"Excel": (20_000, 80_000, 25_569), "MATLAB": (700_000, 770_000, 719_529)}
"""Name -> the least and the first too large number of days (1954 to 2119, or 1916 to 2108), and that of 1970-01-01."""
_MOSTLY = 0.9
_DAY = 86_400
_EVEN = (60, 30, 15, 10, 5, 1)
"""Seconds to which times are rounded: the longest that all of them fit, as far as their digits tell."""
_NUMBER = r"[+]?\d*[.,]?\d*(?:[eE]-?\d+)?"


def moments(texts: pd.Series) -> np.ndarray | None:
    """(n,) datetime64[ms] of (n,) texts such as 45355.00069, NaT where one is none; None unless most are, and some have a clock time."""
    numbers = _numbers(texts)
    system = _system(numbers)
    if system is None or not (numbers % 1 > 0).any():
        return None
    least, most, zero = _SYSTEMS[system]
    fits = (numbers >= least) & (numbers < most)
    return _rounded(np.where(fits, numbers - zero, np.nan), _digits(texts))


def dates(texts: pd.Series) -> pd.Series | None:
    """(n,) dates as YYYY-MM-DD of (n,) texts such as 45355; None unless all are whole days of one system."""
    numbers = _numbers(texts)
    system = _system(numbers)
    if system is None or np.isnan(numbers).any() or (numbers % 1 > 0).any():
        return None
    days = (numbers - _SYSTEMS[system][2]).astype(np.int64).astype("datetime64[D]")
    return pd.Series(days.astype(str), index=texts.index, dtype="str")


def clocks(texts: pd.Series) -> pd.Series | None:
    """(n,) clock times as HH:MM:SS of (n,) texts such as 0.5, fractions of a day; None unless all are, and some are no whole number."""
    numbers = _numbers(texts)
    if np.isnan(numbers).any() or not numbers.size or numbers.min() < 0 or numbers.max() >= 1 or not (numbers > 0).any():
        return None
    stamps = _rounded(numbers, _digits(texts))
    return pd.Series([str(stamp)[11:19] for stamp in stamps], index=texts.index, dtype="str")


def note(texts: pd.Series) -> tuple[str, ...]:
    """What a reader must know of times that are such numbers; nothing where they are none."""
    system = _system(_numbers(texts.str.split(n=1).str[0]))
    if system is None:
        return ()
    first = next(text for text in texts if text)
    day = np.datetime64(int(float(first.split()[0].replace(",", "."))) - _SYSTEMS[system][2], "D")
    other = (
        "; if the workbook counts from 1904, as some Mac workbooks do, all dates are 4 years and 1 day later" if system == "Excel" else ""
    )
    return (f"The times are days as {system} counts them ({first[:20]} is {day}){other}.",)


def _numbers(texts: pd.Series) -> np.ndarray:
    """(n,) float64 of (n,) texts, NaN where one is no plain number."""
    plain = texts.where(texts.str.fullmatch(_NUMBER).fillna(False).astype(bool), "").str.replace(",", ".", regex=False)
    return pd.to_numeric(plain, errors="coerce").to_numpy(np.float64, na_value=np.nan)


def _system(numbers: np.ndarray) -> str | None:
    """The system in whose range most of (n,) numbers lie."""
    for name, (least, most, _) in _SYSTEMS.items():
        if numbers.size and ((numbers >= least) & (numbers < most)).mean() >= _MOSTLY:
            return name
    return None


def _digits(texts: pd.Series) -> int:
    """The most digits that stand behind the point."""
    digits = texts.str.extract(r"[.,](\d+)", expand=False).str.len().max()
    return 9 if texts.str.contains("[eE]").any() else 0 if pd.isna(digits) else int(digits)


def _rounded(days: np.ndarray, digits: int) -> np.ndarray:
    """(n,) datetime64[ms] of (n,) days since 1970, NaT where NaN, rounded to what is even as far as so many digits tell."""
    seconds = days * _DAY
    known = seconds[np.isfinite(seconds)]
    least = 0.51 * _DAY * 10.0 ** -min(digits, 6) if digits else 0.5
    even = next((step for step in _EVEN if np.all(np.abs(known - np.rint(known / step) * step) <= min(least, step / 4))), 1)
    whole = np.where(np.isfinite(seconds), np.rint(np.nan_to_num(seconds) / even) * even * 1000, 0).astype(np.int64)
    stamps = whole.astype("datetime64[ms]")
    stamps[~np.isfinite(seconds)] = np.datetime64("NaT")
    return stamps
