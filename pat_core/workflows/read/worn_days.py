"""By which settings wear is judged in a workspace, kept there, and how many days of each week are worn by them."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.csv_text import csv_text
from pat_core.errors import RecordingError, WorkspaceError
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.records import UNKNOWN_UNIT, Finding, QualityReport, Week
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK, USUAL_DAYS
from pat_core.wear import SOURCES, Choi, QualitySettings, Troiano, wear_hours, wear_of
from pat_core.weeks import not_worn, quality_report, span
from pat_core.workflows.read.clock_changes import WeekOverChange, note

_SETTINGS = "quality: settings"
RULES: dict[str, Choi | Troiano] = {"Choi 2011": Choi(), "Troiano 2008": Troiano()}
"""Rules of non-wear by name, as their papers have them."""

_log = logging.getLogger(__name__)


def week_quality(workspace: Workspace, week: Week, model_unit: str | None = None) -> QualityReport:
    """The quality of one week with its marks, by the workspace's settings. model_unit: of the model that reads it, None without one."""
    return quality_report(week, quality_settings(workspace), model_unit)


def over_change_words(workspace: Workspace, cohort: str, of: tuple[str, int]) -> tuple[str, ...]:
    """A sentence where a week lay over a change of the clock at its import, as that was noted; of: (participant, week index)."""
    noted = map(WeekOverChange.from_spec, workspace.import_record(cohort).get("over", ()))
    return tuple(note(week) for week in noted if (week.participant, week.index) == of)


def quality_settings(workspace: Workspace) -> QualitySettings:
    """How wear is judged in this workspace: as it was set, else the defaults; those too where what was kept cannot be used."""
    stored = workspace.setting(_SETTINGS)
    if stored is None:
        return QualitySettings()
    try:
        plain = dict(stored)
        rule = {"choi": Choi, "troiano": Troiano}[plain.pop("rule")](**plain.pop("of_rule"))
        return QualitySettings(rule=rule, **plain)
    except (KeyError, TypeError, ValueError, RecordingError) as error:
        _log.warning("the kept settings of quality cannot be used, the defaults are: %s", error)
        return QualitySettings()


def keep_quality_settings(workspace: Workspace, settings: QualitySettings) -> None:
    """Judge wear in this workspace by these settings from now on: in reports, lists and downloads."""
    plain = dict(vars(settings))
    rule = plain.pop("rule")
    name = "choi" if isinstance(rule, Choi) else "troiano"
    workspace.keep_setting(_SETTINGS, {"rule": name, "of_rule": dict(vars(rule))} | plain)


def settings_of(plain: Mapping[str, Any]) -> QualitySettings:
    """The settings that a quality report was made with, from its plain values. KeyError, TypeError or RecordingError where they are
    none."""
    rule = type(RULES[str(plain["rule"])])
    of_rule = {field.name: plain[field.name] for field in fields(rule)}
    others = {name: value for name, value in plain.items() if name not in of_rule and name != "rule"}
    return QualitySettings(rule=rule(**of_rule), **others)


def with_rule(settings: QualitySettings, name: str) -> QualitySettings:
    """The settings with the rule of this name (see RULES); its minutes stay where it was in use already."""
    return settings if settings.rule_name == name else replace(settings, rule=RULES[name])


def settings_words(settings: QualitySettings, minutes: int | None = MINUTES_PER_WEEK) -> str:
    """How wear is judged, in a sentence. minutes: of the windows that are spoken of; None where they differ in length."""
    days = USUAL_DAYS if minutes is None else days_in(minutes)
    asked, fewest = settings.needed_of(days), FEWEST.needed_of(days)
    needed = f"{asked} of {days} are needed" + (", of other lengths the same share" if minutes is None else "")
    needed += f", and below {fewest} no answer is given" if fewest < asked else ""
    window = "window" if minutes is None else span(minutes)
    flags = " and, where the device says so itself, by the device" if settings.trust_flags else ""
    return (
        f"Wear by {settings.rule_name}{flags}. A day is valid from {settings.hours_a_day:g} hours of wear; {needed}. "
        f"More than {100 * settings.off_share:g} % of a {window} not worn is mentioned beside the model's answer."
    )


def days_in(minutes: int) -> int:
    """Days of a window as wear is judged by them: 24 hours from its first minute, the last of which may be shorter."""
    return -(-minutes // MINUTES_PER_DAY)


def source_words(field: str) -> str:
    """Default of a setting with its source, for a reader. field: of QualitySettings."""
    default: Any = QualitySettings().rule_name if field == "rule" else getattr(QualitySettings(), field)
    if field == "off_share":
        return f"Default: {100 * default:g} %. Source: {SOURCES[field]}."
    shown = {True: "yes", False: "no"}.get(default, default) if isinstance(default, bool) else default
    return f"Default: {shown if isinstance(shown, str) else format(shown, 'g')}. Source: {SOURCES[field]}."


WEAR_VERSION = 2
"""Counts up when wear is judged in another way by the same settings: kept hours of before are counted again."""

_COMPARED = ("hours_a_day", "days_needed", "ceiling_minutes", "off_share")
"""Settings that the hours do not hang on."""
_EVERY = 500
_KEPT = Codec[np.ndarray](np.ndarray)
_NOT_KNOWN, _NO_DAY = 65_535, 65_534
"""Stand among kept minutes where nothing tells when the device was worn, and for days that a shorter window than others has not."""


def hours_worn(workspace: Workspace, cohort: str, settings: QualitySettings | None = None, progress: Progress | None = None) -> np.ndarray:
    """(weeks, days) hours of wear in each 24 hours from the first minute, in the order of `week_rows`; NaN where nothing tells of wear, and
    minus infinity for days that a window has not, where others are longer.

    settings: how wear is judged, those of the workspace unless given. The same hours as in the quality report of each week.
    """
    settings = settings or quality_settings(workspace)
    minutes = _as_imported(workspace, cohort, settings, progress or Silent()).copy()
    marked = workspace.marked_rows(cohort)
    if marked:
        weeks, flags, unit = workspace.weeks_array(cohort), workspace.device_flags(cohort), workspace.cohort(cohort).unit
        for row in marked:
            _count(minutes[row], weeks[row], settings, flags(row), unit)
    return np.select([minutes == _NOT_KNOWN, minutes == _NO_DAY], [np.nan, -np.inf], minutes / 60)


def valid_days(workspace: Workspace, cohort: str, settings: QualitySettings | None = None, progress: Progress | None = None) -> np.ndarray:
    """(weeks,) days of each week with enough hours of wear, in the order of `week_rows`; NaN where nothing tells of wear."""
    settings = settings or quality_settings(workspace)
    return days_of(hours_worn(workspace, cohort, settings, progress), settings)


def days_of(hours: np.ndarray, settings: QualitySettings) -> np.ndarray:
    """(weeks,) how many of (weeks, days) hours of wear make a day valid; NaN where the hours are not known."""
    return np.where(np.isnan(hours).any(axis=1), np.nan, (hours >= settings.hours_a_day).sum(axis=1))


def days_there(hours: np.ndarray) -> np.ndarray:
    """(weeks,) how many days each window has, of (weeks, days) hours of wear as `hours_worn` gives them."""
    return (hours != -np.inf).sum(axis=1)


def enough(hours: np.ndarray, settings: QualitySettings) -> np.ndarray:
    """(weeks,) bool, whether a window has as many valid days as are needed of one of its length."""
    return days_of(hours, settings) >= [settings.needed_of(days) for days in days_there(hours).tolist()]


def off_shares(workspace: Workspace, cohort: str, hours: np.ndarray, settings: QualitySettings | None = None) -> np.ndarray:
    """(weeks,) share of each week that the device was not worn, 0 to 1, in the order of `week_rows`; NaN where nothing tells of wear.

    hours: (weeks, days) as `hours_worn` gives them. What has no value is neither worn nor not.
    """
    rows = workspace.week_rows(cohort)
    minutes, missing = (np.array([getattr(row.report, name) for row in rows]) for name in ("minutes", "minutes_missing"))
    shares = np.clip((minutes - 60 * np.maximum(hours, 0).sum(axis=1) - missing) / minutes, 0, 1)
    for number, row in enumerate(rows):
        if row.marks and np.isfinite(shares[number]):  # marks take minutes away, of which some were not worn
            shares[number] = not_worn(workspace.week(cohort, row.participant, row.index), settings).mean()
    return shares


FEW_DAYS = "few_days"
FEWEST = QualitySettings(days_needed=4)
"""Under so many valid days of seven no answer is given: the fewest from which Troiano et al. 2008 speak of a person."""


def few_days(valid: float | None, days: int, settings: QualitySettings) -> tuple[Finding, ...]:
    """Where a week of so many days has fewer valid ones than the settings ask for: its answer is given with this caution, and withheld
    where they are fewer than `FEWEST` asks for as well. valid: None or NaN where nothing tells of wear; then nothing is said."""
    needed = settings.needed_of(days)
    if valid is None or math.isnan(valid) or valid >= needed:
        return ()
    has = "has" if valid == 1 else "have"
    worn = f"{valid:.0f} of {days} days {has} {settings.hours_a_day:g} hours of wear or more; this workspace asks for {needed}. "
    fewest = min(needed, FEWEST.needed_of(days))
    if valid < fewest:
        why = "The model takes the other hours for rest, so an answer would say more about the device than about the person."
        limit = f"Below {fewest} no answer is given. " if fewest < needed else ""
        return (Finding(FEW_DAYS, "refuse", worn + limit + why, float(valid)),)
    return (Finding(FEW_DAYS, "warn", f"{worn}The model takes the other hours for rest, which can drive its answer.", float(valid)),)


def with_days(findings: Sequence[Finding], days: Sequence[Finding]) -> tuple[Finding, ...]:
    """What the input gate found, the gravest first, with `few_days` in its place; a week that the gate refuses needs no second reason."""
    if not days or any(finding.severity == "refuse" for finding in findings):
        return tuple(findings)
    return (*days, *findings)


def all_with_days(findings: Sequence[Sequence[Finding]], hours: np.ndarray, settings: QualitySettings) -> list[tuple[Finding, ...]]:
    """`with_days` of each of a cohort's weeks. findings: of the input gate; hours: (weeks, days) as `hours_worn` gives them."""
    days = zip(days_of(hours, settings).tolist(), days_there(hours).tolist(), strict=True)
    return [with_days(of_week, few_days(valid, there, settings)) for of_week, (valid, there) in zip(findings, days, strict=True)]


def few_days_of(week: Week, settings: QualitySettings) -> tuple[Finding, ...]:
    """`few_days` of one week with its marks."""
    report = quality_report(week, settings)
    return few_days(report.valid_days, len(report.days), settings)


def few_days_in(values: np.ndarray, settings: QualitySettings) -> tuple[Finding, ...]:
    """`few_days` of activity a minute (minutes,) of which neither unit nor device is known."""
    wear = wear_of(values, settings, unit=UNKNOWN_UNIT)
    hours = wear_hours(wear.worn)
    return few_days(float((hours >= settings.hours_a_day).sum()) if wear.known else None, len(hours), settings)


def as_column(days: np.ndarray) -> pd.Series:
    """Numbers of valid days for a table: whole ones, empty where they are not known."""
    return pd.Series(days, dtype=float).astype("Int64")


def weeks_table(workspace: Workspace, cohort: str, hours: np.ndarray, settings: QualitySettings) -> pd.DataFrame:
    """A row a week: Participant, Week (from 1), Begins (empty where the date is not known), Valid days, Hours a day (mean), Enough
    days (yes, no, "not known").

    hours: (weeks, days) as `hours_worn` gives them.
    """
    rows = workspace.week_rows(cohort)
    valid = days_of(hours, settings)
    table = pd.DataFrame(
        {
            "Participant": pd.Series([row.participant for row in rows], dtype=object),
            "Week": [row.index + 1 for row in rows],
            "Begins": pd.to_datetime(pd.Series([row.start if row.date_known else None for row in rows], dtype=object)),
            "Valid days": as_column(valid),
            "Hours a day": (np.maximum(hours, 0).sum(axis=1) / days_there(hours)).round(2),
            "Enough days": np.select([np.isnan(valid), enough(hours, settings)], ["not known", "yes"], "no"),
        }
    )
    return table.drop(columns="Begins") if table["Begins"].isna().all() else table


def as_file(table: pd.DataFrame, settings: QualitySettings, days: Sequence[int]) -> str:
    """A table of `weeks_table` as CSV, with what it was judged by in every row. days: of each of its windows (`days_there`)."""
    titles = ("Hours needed", "Days needed", "Non-wear by", "Device believed", "Not worn is said from")
    return csv_text(table.assign(**dict(zip(titles, judged_by(settings, days).values(), strict=True))))


def judged_by(settings: QualitySettings, days: Sequence[int] = (USUAL_DAYS,)) -> dict[str, object]:
    """The settings that the app offers, as columns of a file of answers. days: of each window, or of one for all: the days needed are of
    so many."""
    needed = [settings.needed_of(of) for of in days]
    return {
        "wear_hours_needed": settings.hours_a_day,
        "wear_days_needed": needed if len(needed) > 1 else needed[0],
        "nonwear_by": settings.rule_name,
        "device_believed": "yes" if settings.trust_flags else "no",
        "not_worn_said_from": settings.off_share,
    }


def enough_words(hours: np.ndarray, settings: QualitySettings) -> str:
    """How many weeks have the days that are needed, in a sentence, and of how many that is not known."""
    weeks, there = len(hours), days_there(hours)
    many, unknown = int(enough(hours, settings).sum()), int(np.isnan(days_of(hours, settings)).sum())
    name, longest = (span(int(there[0]) * MINUTES_PER_DAY) if len(set(there.tolist())) == 1 else "window"), int(there.max(initial=0))
    needed = settings.needed_of(longest)
    if name == "window":
        days = "all their days" if needed >= longest else f"{needed} of {longest} days or more, or as large a share of fewer,"
    else:
        days = f"all {longest} days" if needed >= longest else f"{needed} of {longest} days or more"
    sentence = f"{many:,} of {weeks:,} {name}{' has' if weeks == 1 else 's have'} {days} valid."
    return f"{sentence} For {unknown:,}, nothing in the file says when the device was worn." if unknown else sentence


def keep_wear(workspace: Workspace, cohort: str) -> None:
    """Count and keep the hours by the settings in use, so that lists open at once. What goes wrong here leaves the cohort as it is."""
    try:
        hours_worn(workspace, cohort)
    except WorkspaceError:  # deleted meanwhile, or no room on the disk: the first list says so
        return


def _as_imported(workspace: Workspace, cohort: str, settings: QualitySettings, progress: Progress) -> np.ndarray:
    """(weeks, days) uint16 minutes of wear, without marks by hand: as kept, else counted and kept."""
    info, flags = workspace.cohort(cohort), workspace.device_flags(cohort)
    judged = {name: value for name, value in asdict(settings).items() if name not in _COMPARED}
    parts = {"cohort": info.as_imported, "rule": settings.rule_name, "settings": judged, "wear": WEAR_VERSION}

    def make() -> np.ndarray:
        minutes = np.empty((info.weeks, -(-info.minutes // MINUTES_PER_DAY)), np.uint16)
        for first in range(0, info.weeks, _EVERY):
            progress.at(first / info.weeks, f"Counting hours of wear: {first:,} of {counted(info.weeks, info.span)}")
            # Mapped anew for each block: what was read of a map stays in memory with it.
            weeks = workspace.weeks_array(cohort, as_imported=True)
            for row in range(first, min(first + _EVERY, info.weeks)):
                _count(minutes[row], weeks[row], settings, flags(row), info.unit)
        return minutes

    return workspace.remember(Question("hours of wear", parts), make, _KEPT)


def _count(into: np.ndarray, values: np.ndarray, settings: QualitySettings, flags: np.ndarray | None, unit: str) -> None:
    """Minutes of wear of each day of a window; into: (days,) of the longest."""
    minutes = _minutes(values, settings, flags, unit)
    into[: len(minutes)] = minutes
    into[len(minutes) :] = _NO_DAY


def _minutes(values: np.ndarray, settings: QualitySettings, flags: np.ndarray | None, unit: str) -> np.ndarray:
    wear = wear_of(values, settings, flags, unit)
    hours = wear_hours(wear.worn)
    return np.rint(60 * hours) if wear.known else np.full(len(hours), _NOT_KNOWN)
