"""The sleep diary in a report: what it says night by night, how the estimates differ, and that neither is the truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from pat_core.reports.paper.paper_parts import Cell, Heading, Part, Table, Text, Together
from pat_core.reports.paper.paper_words import NOTHING, Words
from pat_core.rhythms.sleep_diary import FEWEST, FIGURES, Agreement, PairedNight
from pat_core.workflows.people.report_record import ReportRecord
from pat_core.workflows.week.week_diary import WeekDiary

LENGTHS = ("TIB", "TST")


def diary(record: ReportRecord, words: Words) -> Iterator[Part]:
    """A row a night of the diary, then the mean difference with its spread and limits; nothing without a diary."""
    held = record.view.beside_diary
    if held is None:
        return
    aside = words.say("in brackets: estimate less diary, in minutes")
    yield Together([Heading(words.say("Sleep diary"), aside), _table(held, words), Text(" ".join(_below(held, words)), "small")])


def _table(held: WeekDiary, words: Words) -> Part:
    titles = {
        "in bed": words.say("In bed"), "asleep": words.say("Asleep"), "awake": words.say("Awake"), "got up": words.say("Out of bed"),
        "TIB": words.say("TIB (h)"), "TST": words.say("TST (h)"), "SOL": words.say("SOL (min)"), "WASO": words.say("WASO (min)"),
    }  # fmt: skip
    figures = [figure for figure in titles if any(getattr(one.diary, FIGURES[figure][1]) is not None for one in held.pairs)]
    rows: list[list[Cell]] = [[_name(one, words), *(_cell(one, figure, words) for figure in figures)] for one in held.pairs]
    ruled = {len(rows)}
    rows.append([words.say("Mean difference"), *(words.number(held.agreement[figure].mean, 0, signed=True) for figure in figures)])
    rows.append([words.say("SD"), *(words.number(held.agreement[figure].sd, 0) for figure in figures)])
    if any(np.isfinite(held.agreement[figure].low) for figure in figures):
        rows.append([words.say("95 % limits"), *(_limits(held.agreement[figure], words) for figure in figures)])
    header = [words.say("Night of"), *(titles[figure] for figure in figures)]
    return Table(header, rows, [1.25, *([1.0] * len(figures))], ruled=frozenset(ruled), strong=frozenset({len(held.pairs)}))


def _name(one: PairedNight, words: Words) -> str:
    return words.day(one.diary.evening, short=True) + ("" if one.counted else " *")


def _cell(one: PairedNight, figure: str, words: Words) -> str:
    value = getattr(one.diary, FIGURES[figure][1])
    if value is None:
        return NOTHING
    shown = f"{value:%H:%M}" if isinstance(value, datetime) else words.length(value) if figure in LENGTHS else words.number(value, 0)
    return shown if one.night is None else f"{shown} ({words.number(one.difference(figure), 0, signed=True)})"


def _limits(agreement: Agreement, words: Words) -> str:
    if not np.isfinite(agreement.low):
        return NOTHING
    low, high = (words.number(value, 0, signed=True) for value in (agreement.low, agreement.high))
    return words.say("{begin} to {end}").format(begin=low, end=high)


def _below(held: WeekDiary, words: Words) -> Iterator[str]:
    number = max((agreement.n for agreement in held.agreement.values()), default=0)
    yield words.many(
        "Differences over {number} night that is whole, plausible and in both.",
        "Differences over up to {number} nights that are whole, plausible and in both.",
        number,
    )
    if number < FEWEST:
        yield words.say("Of fewer than {number} nights no limits are given.").format(number=FEWEST)
    if not all(one.counted for one in held.pairs):
        yield words.say("* Left out: without an estimated night, or with one that is not whole or not plausible.")
    if held.given:
        yield words.many(
            "{number} night has its time in bed from a mark or from the diary: there it is not compared.",
            "{number} nights have their time in bed from a mark or from the diary: there it is not compared.",
            len(held.given),
        )
    yield words.say("Neither is the truth: a diary is what somebody remembers, the estimates come from movement.")
