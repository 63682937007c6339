"""Whose rows stand in a long table: the column of people, their codes as written, and tables that hold several people and do not say so.

Rows of two people at the same times would be taken for one person with repeated times, of which the second half is lost; those of people
measured one after another for one long recording with pauses. Neither is ever done in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.recordings.clock.grid import MixedRows, contradicting
from pat_core.recordings.source import refuse_unless
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.coded_text import coded
from pat_core.recordings.tables.numbers import is_number

FEWEST_ROWS = 60
"""Rows from which a code that is another in every row is taken for a counter of rows, and not for people."""
_SHORTEST_H = 12
"""Hours that two blocks at least of one code each last, if they are recordings."""
_TURN_H = 36
"""Hours: who goes back by so much, to before where the stretch began, begins another recording."""
_MOST_TURNS = 100
_OF_TIME = (
    r"day|date|week|month|year|hour|visit|session|phase|wave|night|season|cycle|timepoint|dst|offset|zone|utc|gmt|batter|volt|temperat"
    r"|firmware|version|^(wk|tz|dow|wd|tag|woche|jour|semaine|dia|semana|dag|uke)$"
)
"""Words in the names of columns that split one person's time, or follow it."""
_OF_STATE = (
    r"condition|state|status|mode|flag|valid|event|marker|sleep|wake|rest|light|lux|treat|intervention|block|segment"
    r"|worn(?!by)|wear(?!er)|wrist"
)
"""Words in the names of columns that change once and for all while a person wears the device."""
_OF_PEOPLE = r"patient|subj|partic|person(?!al)|proband|nurse|volunt|respond|wearer|wornby|pseudonym|teilnehm|client|infant|child"
"""Words in the names of columns that name people, whatever else stands there: day_patient, visit_subject."""
_SHORTENED = re.compile(r"[+-]?\d([.,]\d+)?[eE]\+\d{2,}")
_IS_TIME = re.compile(r"\d[-./]\d+[-./]\d|\d:\d\d|\d[- ][A-Za-z]{3,9}[- ]\d")
_SHOWN = 3


def who_column(frame: pd.DataFrame, names: Sequence[str]) -> int | None:
    """Index of the column that says whose rows these are; one that is another in every row counts rows and is passed over."""
    keys = [columns.key(name) for name in names]
    for name in columns.PARTICIPANT:
        at = keys.index(name) if name in keys else None
        if at is not None and (len(frame) < FEWEST_ROWS or frame.iloc[:, at].nunique() < frame.iloc[:, at].count()):
            return at
    return None


def codes_of(column: pd.Series) -> pd.Series:
    """(rows,) people's codes as text: whole numbers that became fractions (100234.0) without their point."""
    if pd.api.types.is_float_dtype(column):
        values = column.dropna().to_numpy(np.float64)
        if np.isfinite(values).all() and (values == np.rint(values)).all() and (np.abs(values) < 2**53).all():
            return column.astype("Int64").astype("str").where(column.notna())
        return column
    if pd.api.types.is_numeric_dtype(column):
        return column
    cells = coded(column)
    named = cells.texts[cells.texts != ""]
    if not named.empty and named.str.fullmatch(r"[0-9]+\.0+").all():
        return pd.Series(cells.spread(cells.texts.str.replace(r"\.0+$", "", regex=True).to_numpy(object), None))
    return column


def code_of(cell: object) -> str:
    """One person's code as text: a whole number that became a fraction without its point."""
    if cell is None or (isinstance(cell, float | np.floating) and np.isnan(cell)):
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer() and abs(float(cell)) < 2**53:
        return str(int(cell))
    return str(cell).strip()


def refuse_shortened(person: str, name: str) -> None:
    """Refuse a code that a spreadsheet shortened: the last digits are lost, and other people may have become the same."""
    refuse_unless(
        not _SHORTENED.fullmatch(person),
        f"The code {person} in the column {name} was shortened by a spreadsheet: its last digits are lost, and other people's codes may "
        "now be the same. Format the column as text, enter the codes again, and save the table anew.",
    )


@dataclass(frozen=True, eq=False)
class _Column:
    """An unused column. codes: (rows,) which of its texts each row has, -1 for none."""

    name: str
    codes: np.ndarray
    texts: pd.Series


def refuse_unnamed(
    frame: pd.DataFrame, unused: Sequence[int], stamps: np.ndarray, values: np.ndarray, lines: np.ndarray, who: str | None, stated: bool
) -> None:
    """Refuse rows taken for one person's where an unused column or the times show that they are several people's.

    unused: indices of the columns that are used for nothing; stamps, values, lines: of the rows. who: the column that names one person
    alone, if any. stated: the reader has said what the columns mean, so a column that only splits the rows is not one of people.
    Raises columns.Unclear or MixedRows.
    """
    timed = ~np.isnat(stamps)
    times = stamps[timed].astype("datetime64[ms]").astype(np.int64)
    if times.size < 2:
        return
    mixed = contradicting(times, values[timed])
    if stated and not mixed:
        _refuse_restarts(times, lines[timed])
        return
    candidates = [candidate for i in unused if (candidate := _candidate(frame.iloc[:, i], timed))]
    if not mixed:
        for column in candidates:
            if _splits(column, times):
                raise _several(column, lines[timed], times.size, who)
        _refuse_restarts(times, lines[timed])
        return
    parting = [column for column in candidates if not _repeats(column.codes, times)]
    if parting:
        raise _several(min(parting, key=lambda column: column.texts.size), lines[timed], times.size, who)


def named_apart(
    frame: pd.DataFrame, unused: Sequence[int], rows: slice | np.ndarray, stamps: np.ndarray, person: str
) -> RecordingError | None:
    """Why the rows of a named person are several people's, where an unused column tells repeated times apart; None where none does."""
    stamps = stamps[rows]
    timed = ~np.isnat(stamps)
    times = stamps[timed].astype("datetime64[ms]").astype(np.int64)
    for i in unused:
        column = _candidate(frame.iloc[rows, i], timed)
        if column is not None and not _repeats(column.codes, times):
            return columns.Unclear(
                f"The rows of {person} have different values at the same times, and the column {column.name} tells them apart: "
                f"{_named(column)}. Give each its own participant, or keep the rows of one."
            )
    return None


def refuse_unnamed_rows(facts: Sequence[Mapping[str, object]], days: bool) -> None:
    """Refuse rows of a wide table, none of whose columns is known to name people, where one of them seems to (columns.Unclear).

    facts: of each row, column -> cell, the columns in the table's order. days: rows are days, of which a person has several.
    """
    if len(facts) < 2:
        return
    for at, name in enumerate(facts[0]):
        texts = [code_of(row[name]) for row in facts]
        if not all(texts) or follows_time(name) or _follows_state(name):
            continue
        measured = any(is_number(text) for text in texts)
        if _names_days(texts, measured) if days else _names_rows(texts, measured, at == 0):
            different = list(dict.fromkeys(text[:40] for text in texts))
            shown = ", ".join(different[:_SHOWN]) + (f" and {len(different) - _SHOWN:,} more" if len(different) > _SHOWN else "")
            raise columns.Unclear(
                f"No known column names the people of these {len(texts):,} rows, but {name} seems to: {shown}. Call that column "
                "participant and import the table again; if it is something else, add a column participant."
            )


def _names_rows(texts: Sequence[str], measured: bool, first: bool) -> bool:
    """Whether a column has another code in every row: codes with letters and digits, or whatever the first column of a table holds."""
    if len(set(texts)) < len(texts) or any(_IS_TIME.search(text) for text in texts):
        return False
    if measured:
        return first and all(re.fullmatch(r"\d+", text) for text in texts)
    return first or all(re.search(r"\d", text) and re.search(r"[^\W\d]", text) for text in texts)


def _names_days(texts: Sequence[str], measured: bool) -> bool:
    """Whether a column has a few codes, each in one block of rows, of two and more on the average."""
    count = len(set(texts))
    fits = 1 < count == sum(1 for _ in groupby(texts)) and count * 2 <= len(texts)
    return fits and (not measured or all(re.fullmatch(r"\d+", text) for text in texts))


def _candidate(column: pd.Series, timed: np.ndarray) -> _Column | None:
    """An unused column as one that may name people: two codes and more, each in many rows, hardly any row without."""
    rows = int(timed.sum())
    if pd.api.types.is_float_dtype(column) and not (column.dropna() % 1 == 0).all():
        return None
    if column.nunique() * FEWEST_ROWS // 2 > rows or column[timed].nunique() < 2:
        return None
    cells = coded(codes_of(column.reset_index(drop=True)).where(column.notna().to_numpy()))
    codes = cells.codes[timed]
    blank = (cells.texts == "").to_numpy()
    if blank.any():
        codes = np.where(np.append(blank, False)[codes], -1, codes)
    return _Column(str(column.name), codes, cells.texts) if (codes >= 0).sum() >= 0.9 * rows else None


def _splits(column: _Column, times: np.ndarray) -> bool:
    """Whether each code has one block of rows, as long as recordings are, and nothing shows that one person's time is split."""
    codes, times = column.codes[column.codes >= 0], times[column.codes >= 0]
    changes = np.flatnonzero(np.diff(codes))
    if changes.size != np.unique(codes).size - 1 or changes.size == 0:
        return False
    steps = np.diff(times)
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 60_000.0
    bounds = np.concatenate(([0], changes + 1, [codes.size]))
    if (np.diff(bounds) * usual >= _SHORTEST_H * 3_600_000).sum() < 2:
        return False
    across, key = steps[changes], columns.key(column.name)
    if (across <= 0).any():
        return True
    if follows_time(key) or _counts_days(column, times, changes):
        return False
    flags = set(column.texts.str.lower()) <= {"0", "1", "true", "false", "yes", "no", "y", "n", "on", "off"}
    return not ((across <= 2 * usual).all() and (flags or _follows_state(key)))


def follows_time(name: str) -> bool:
    """Whether a column's name says that it splits one person's time, or follows it."""
    return bool(re.search(_OF_TIME, columns.key(name)) and not re.search(_OF_PEOPLE, columns.key(name)))


def _follows_state(name: str) -> bool:
    """Whether a column's name says that it tells of a state, which changes once and for all while one person goes on."""
    return bool(re.search(_OF_STATE, columns.key(name)) and not re.search(_OF_PEOPLE, columns.key(name)))


def _counts_days(column: _Column, times: np.ndarray, changes: np.ndarray) -> bool:
    """Whether the codes are numbers that count days up: blocks of a day at most, one after another."""
    numbers = pd.to_numeric(column.texts, errors="coerce").to_numpy(np.float64)
    bounds = np.concatenate(([0], changes + 1, [times.size]))
    spans = times[bounds[1:] - 1] - times[bounds[:-1]]
    return bool(np.isfinite(numbers).all() and (spans <= 86_400_000).all() and np.ptp(np.sign(np.diff(numbers))) == 0)


def _repeats(codes: np.ndarray, times: np.ndarray) -> bool:
    """Whether more than one row in ten has another with its code at its time."""
    order = np.lexsort((codes, times))
    same = (np.diff(times[order]) == 0) & (np.diff(codes[order]) == 0)
    return bool(same.sum() > 0.1 * times.size)


def _refuse_restarts(times: np.ndarray, lines: np.ndarray) -> None:
    """Refuse (n,) times that go back by a whole recording: stretches of days, each of which ends after the next begins."""
    turns = np.flatnonzero(np.diff(times) < 0)
    if not 0 < turns.size <= _MOST_TURNS or np.unique(times).size < 0.9 * times.size:  # of rows that come twice, the same values
        return
    begins, ends = np.concatenate(([0], turns + 1)), np.append(turns, times.size - 1)
    back = times[ends[:-1]] - times[begins[1:]]
    longest = _TURN_H * 3_600_000
    whole = (times[begins[1:]] <= times[begins[:-1]]) & (back >= longest) & (np.diff(times)[turns] < 0)
    whole &= (times[ends] - times[begins])[1:] >= longest
    if whole.any():
        at = int(turns[whole.argmax()])
        first, then = (str(np.datetime64(int(time), "ms"))[:16].replace("T", " ") for time in (times[at], times[at + 1]))
        raise MixedRows(
            f"The times go back by a whole recording in line {lines[at + 1]}, from {first} to {then}: the rows of several people may "
            "follow one another. Add a column participant that says who each row is; or, if all are one person's, sort the rows by time."
        )


def _several(column: _Column, lines: np.ndarray, rows: int, who: str | None) -> RecordingError:
    known = "no known column names people" if who is None else f"the column {who} names only one person"
    return columns.Unclear(
        f"The column {column.name} splits the {rows:,} rows among {_named(column, lines)}, and {known}. Call it participant if these are "
        "people; if all rows are one person's, remove the column. Or say what the columns mean."
    )


def _named(column: _Column, lines: np.ndarray | None = None) -> str:
    """The first codes of a column, and the lines in which they first stand."""
    codes = [int(code) for code in dict.fromkeys(column.codes.tolist()) if code >= 0]
    shown = []
    for code in codes[:_SHOWN]:
        line = "" if lines is None else f" (from line {lines[int((column.codes == code).argmax())]})"
        shown.append(f"{str(column.texts.iloc[code])[:40]}{line}")
    more = len(codes) - len(shown)
    return f"{', '.join(shown)} and {more:,} more" if more else " and ".join([", ".join(shown[:-1]), shown[-1]])
