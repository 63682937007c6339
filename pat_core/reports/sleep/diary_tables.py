"""A sleep diary beside the estimates: night by night, how far they agree, in words and as files; and what an import would bring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pat_core.cohorts import Diary, Workspace
from pat_core.errors import WorkspaceError
from pat_core.figures.sheet.lanes import hours_minutes
from pat_core.plurals import counted, listed
from pat_core.recordings.tables.diary_table import cells_named
from pat_core.records import Week
from pat_core.reports.answer_files import check_table, write_answers
from pat_core.rhythms.sleep_diary import FEWEST, FIGURES, Agreement, DiaryNight, PairedNight
from pat_core.workflows.people.diary_import import DiaryPlan
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.week_diary import WeekDiary, week_diary
from pat_core.workflows.week.week_nights import week_nights

NOTHING, MINUS = "\u2013", "\u2212"
CLOCKS = {"In bed": "in bed", "Asleep": "asleep", "Awake": "awake", "Got up": "got up"}
LENGTHS = {"In bed (h)": "TIB", "Asleep (h)": "TST"}
MINUTES = {"Asleep after (min)": "SOL", "Awake (min)": "WASO"}
COLUMNS = CLOCKS | LENGTHS | MINUTES
"""Column of the table -> what is compared."""
SHOWN = {
    "in bed": "Going to bed", "asleep": "Falling asleep", "awake": "Waking up", "got up": "Getting up", "TIB": "Time in bed (TIB)",
    "TST": "Sleep (TST)", "SOL": "Time to fall asleep (SOL)", "WASO": "Awake within sleep (WASO)",
}  # fmt: skip
TRUTH = (
    "Neither is the truth: a diary is what somebody remembers, the estimates come from movement. Estimated rest begins with lying still, "
    "so minutes to fall asleep come out shorter than in a diary, and lying awake without moving counts as sleep."
)


def signed_minutes(value: float) -> str:
    """“+12”, “−3”, “0”; a dash where it is not known."""
    if not np.isfinite(value):
        return NOTHING
    return "0" if round(value) == 0 else f"{value:+.0f}".replace("-", MINUS)


def evening_name(week: Week, night: DiaryNight) -> str:
    """“Fri 3 May”."""
    return f"{night.evening:%a} {night.evening.day} {night.evening:%b}"


def diary_table(week: Week, diary: WeekDiary) -> pd.DataFrame:
    """A row a night of the diary: Night (its evening), then what it says, with the minutes by which the estimate is later or more in
    brackets. Columns that the diary leaves empty throughout are left out. Nights that the means leave out bear a ✗."""
    rows = []
    for one in diary.pairs:
        row = {"Night": evening_name(week, one.diary) + ("" if one.counted else " ✗")}
        rows.append(row | {title: _cell(one, figure) for title, figure in COLUMNS.items()})
    table = pd.DataFrame(rows, columns=["Night", *COLUMNS])
    return table.drop(columns=[title for title in COLUMNS if (table[title] == NOTHING).all()])


def _cell(one: PairedNight, figure: str) -> str:
    value = getattr(one.diary, FIGURES[figure][1])
    if value is None:
        return NOTHING
    shown = f"{value:%H:%M}" if isinstance(value, datetime) else hours_minutes(value) if figure in ("TIB", "TST") else f"{value}"
    return f"{shown} ({signed_minutes(one.difference(figure))})" if one.night is not None else shown


def agreement_table(diary: WeekDiary) -> pd.DataFrame:
    """A row for each thing that is compared: Figure, Nights, Mean difference (min), SD (min), Limits of agreement (min); only what both
    have in at least one night."""
    rows = [
        {
            "Figure": SHOWN[figure],
            "Nights": held.n,
            "Mean difference (min)": signed_minutes(held.mean),
            "SD (min)": f"{held.sd:.0f}" if np.isfinite(held.sd) else NOTHING,
            "Limits of agreement (min)": _limits(held),
        }
        for figure, held in diary.agreement.items()
        if held.n
    ]
    return pd.DataFrame(rows, columns=["Figure", "Nights", "Mean difference (min)", "SD (min)", "Limits of agreement (min)"])


def _limits(held: Agreement) -> str:
    return f"{signed_minutes(held.low)} to {signed_minutes(held.high)}" if np.isfinite(held.low) else NOTHING


def diary_words(diary: WeekDiary) -> list[str]:
    """What differs, in sentences: on average first, then nights that only one of both has."""
    sentences = [_average(diary)] if diary.agreement["TST"].n or diary.agreement["asleep"].n or diary.agreement["in bed"].n else []
    few = max((held.n for held in diary.agreement.values()), default=0)
    if 0 < few < FEWEST:
        sentences.append(f"Of fewer than {FEWEST} nights no limits of agreement are given.")
    if unpaired := sum(one.night is None for one in diary.pairs):
        sentences.append(f"For {counted(unpaired, 'night')} of the diary no night was estimated.")
    if diary.alone:
        sentences.append(f"{counted(len(diary.alone), 'estimated night has', 'estimated nights have')} no night in the diary.")
    if left := sum(one.night is not None and not one.counted for one in diary.pairs):
        sentences.append(f"{counted(left, 'night is', 'nights are')} left out (✗): the estimate is not whole, or not plausible.")
    if diary.given:
        given = counted(len(diary.given), "night has its rest", "nights have their rest")
        sentences.append(f"{given} from a mark or from the diary itself: there, times in bed and minutes to fall asleep are not compared.")
    return sentences


def _average(diary: WeekDiary) -> str:
    """The mean differences in one sentence."""
    verbs = {
        "in bed": ("going to bed", "later", "earlier"), "asleep": ("falling asleep", "later", "earlier"),
        "awake": ("waking up", "later", "earlier"), "got up": ("getting up", "later", "earlier"), "TST": ("sleeping", "longer", "shorter"),
    }  # fmt: skip
    parts, number = [], 0
    for figure, (verb, more, less) in verbs.items():
        held = diary.agreement[figure]
        if not held.n or (figure == "in bed" and diary.agreement["asleep"].n) or (figure == "got up" and diary.agreement["awake"].n):
            continue
        number = max(number, held.n)
        minutes = abs(round(held.mean))
        parts.append(f"{verb} {minutes} min {more if held.mean > 0 else less}" if minutes else f"{verb} as in the diary")
    return f"Compared with the diary, the estimates have this person {listed(parts)}, on average over {counted(number, 'night')}."


def diary_file(workspace: Workspace, cohort: str, method: str | None = None) -> pd.DataFrame:
    """A row a night of every diary that holds: what it says, the estimates, and the differences in minutes (estimate less diary).

    week: of the person, from 1, the first that the night touches; empty where it touches none. Clock times are ISO.
    """
    settings, rows = quality_settings(workspace), []
    for participant, nights in workspace.diary_nights(cohort).items():
        left = {night.evening: night for night in nights}
        for row in workspace.week_rows(cohort, participant):
            week = workspace.week(cohort, participant, row.index)
            diary = week_diary(week, week_nights(week, method, settings), list(left.values()))
            for one in diary.pairs if diary else ():
                left.pop(one.diary.evening, None)
                rows.append(_row(participant, row.index + 1, one))
        rows += [_row(participant, None, PairedNight(night, None, 0, 0)) for night in left.values()]
    return pd.DataFrame(rows, columns=[*_row("", None, None)] if not rows else None)


def _row(participant: str, week: int | None, one: PairedNight | None) -> dict[str, Any]:
    names = {"in bed": "in_bed", "asleep": "asleep", "awake": "awake", "got up": "got_up", "TIB": "tib_min", "TST": "tst_min",
             "SOL": "sol_min", "WASO": "waso_min"}  # fmt: skip
    row: dict[str, Any] = {"participant": participant, "week": week, "evening": one and one.diary.evening.isoformat()}
    for figure, (own, other) in FIGURES.items():
        row[f"diary_{names[figure]}"] = _stamp(one and getattr(one.diary, other))
        row[f"estimate_{names[figure]}"] = _stamp(one and one.night and getattr(one.night, own))
        row[f"difference_{names[figure].removesuffix('_min')}_min"] = one and one.difference(figure)
    row["diary_lights_out"] = _stamp(one and one.diary.lights_out)
    row["diary_nap_min"] = one and one.diary.nap_minutes
    return row | {"in_means": "" if one is None else "yes" if one.counted else "no"}


def _stamp(value: object) -> object:
    return value.isoformat(sep=" ", timespec="minutes") if isinstance(value, datetime) else value


def write_diary(workspace: Workspace, cohort: str, out: Path, method: str | None = None) -> int:
    """`diary_file` into .csv or .parquet; how many nights. WorkspaceError for another ending and where there is no diary."""
    check_table(out)
    table = diary_file(workspace, cohort, method)
    if table.empty:
        raise WorkspaceError(f"Cohort {cohort!r} has no sleep diary. Bring one on the page Data, or with `diary PATH --cohort`.")
    write_answers(out, table, {})
    return len(table)


def plan_words(plan: DiaryPlan) -> list[str]:
    """What a diary would bring, in sentences: how it was read first."""
    sentences = [f"Read {listed(list(cells_named(plan.table)))}.", plan.why]
    if plan.renamed:
        some = [f"{name} is {who}" for name, who in list(plan.renamed.items())[:5]]
        more = len(plan.renamed) - len(some)
        sentences.append(f"Names were found in another way of writing: {'; '.join(some)}{f'; and {more:,} more' if more > 0 else ''}.")
    if plan.same:
        sentences.append(f"{counted(plan.same, 'night is', 'nights are')} there already, just so.")
    if plan.replaced:
        sentences.append(f"{counted(plan.replaced, 'night takes', 'nights take')} the place of another diary's.")
    if plan.blank:
        sentences.append(f"In {counted(plan.blank, 'row')} nothing was filled in.")
    return sentences


def plan_table(plan: DiaryPlan) -> pd.DataFrame:
    """A row a night that would be kept: Participant, Evening, In bed, Lights out, Asleep, Awake, Out of bed, In bed (h), Naps (min)."""
    rows = [
        {
            "Participant": participant,
            "Evening": f"{night.evening:%a %Y-%m-%d}",
            "In bed": f"{night.bed:%H:%M}",
            "Lights out": _clock(night.lights_out),
            "Asleep": _clock(night.asleep),
            "Awake": _clock(night.awake),
            "Out of bed": f"{night.rise:%H:%M}",
            "In bed (h)": hours_minutes(night.time_in_bed),
            "Naps (min)": NOTHING if night.nap_minutes is None else str(night.nap_minutes),
        }
        for participant, night in plan.nights
    ]
    return pd.DataFrame(rows)


def _clock(moment: datetime | None) -> str:
    return NOTHING if moment is None else f"{moment:%H:%M}"


def diaries_table(diaries: Sequence[Diary]) -> pd.DataFrame:
    """A row a diary of a cohort: File, Nights, People, By, When, Taken back ("" while it holds)."""
    return pd.DataFrame(
        [
            (
                diary.file or NOTHING,
                diary.nights,
                diary.people,
                diary.who,
                diary.created,
                "" if diary.undone is None else f"by {diary.undone_by}, {diary.undone:%Y-%m-%d %H:%M}",
            )
            for diary in diaries
        ],
        columns=["File", "Nights", "People", "By", "When", "Taken back"],
    )
