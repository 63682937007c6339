"""The quality of one week in full: wear day by day, gaps, a flat tail, a ceiling, the unit, and what was marked by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace

import numpy as np

from pat_core.plurals import counted
from pat_core.records import MG, MIMS, UNKNOWN_UNIT, QualityReport, Week, WornDay
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import QualitySettings, covered, flat_tail, guess_unit, periods, saturation, wear_hours, wear_of
from pat_core.weeks.cut import in_days
from pat_core.weeks.marks_applied import MISSING_KINDS, marked

MOST_SATURATED = 0.001
"""Share of minutes at the device's ceiling from which it is said."""


def quality_report(week: Week, settings: QualitySettings | None = None, model_unit: str | None = None) -> QualityReport:
    """Everything about a week's quality, with its sentences. model_unit: the unit a model learned from, None where there is none.

    Days are 24 hours each from the week's first minute, so that each minute belongs to one full day whatever the clock said.
    """
    settings = settings or QualitySettings()
    values = np.asarray(week.values)
    wear = wear_of(values, settings, week.worn, week.unit)
    by_hand = [mark for mark in week.marks if mark.kind in MISSING_KINDS]
    excluded = marked(week, "exclude")
    off_by_hand = marked(week, "non-wear")
    gap = ~np.isfinite(values) & ~excluded & ~off_by_hand
    share, ceiling = saturation(values, settings.ceiling_minutes)
    days = _days(wear.worn if wear.known else None, gap | (excluded & ~np.isfinite(values)), settings)
    guess, why = guess_unit(values)
    bare = QualityReport(
        days=days,
        valid_days=sum(day.valid for day in days) if wear.known else None,
        days_needed=settings.days_needed,
        nonwear=tuple(sorted((*wear.off, *periods(off_by_hand, "by hand")), key=lambda period: (period.first, period.end))),
        still=wear.still,
        gaps=tuple(periods(gap)),
        excluded=tuple(mark for mark in by_hand if mark.kind == "exclude"),
        flat_tail_from=flat_tail(values, settings.tail_minutes),
        saturated_share=share,
        ceiling=ceiling,
        unit=week.unit,
        unit_guess=guess,
        sentences=(),
        settings=_plain(settings),
    )
    flagged = settings.trust_flags and week.worn is not None
    return replace(bare, sentences=tuple(_sentences(bare, values.size, why, model_unit, settings, flagged)))


def not_worn(week: Week, settings: QualitySettings | None = None) -> np.ndarray:
    """(minutes,) bool, when the device was not worn: what the quality report calls non-wear, by rule, by the device or by hand."""
    return covered(quality_report(week, settings).nonwear, week.values.size)


def _days(worn: np.ndarray | None, missing: np.ndarray, settings: QualitySettings) -> tuple[WornDay, ...]:
    """worn: (minutes,) bool, None where that is not known."""
    missing_hours = wear_hours(missing).tolist()
    hours = [None] * len(missing_hours) if worn is None else wear_hours(worn).tolist()
    both = enumerate(zip(hours, missing_hours, strict=True))
    return tuple(WornDay(number * MINUTES_PER_DAY, on, off, on is not None and on >= settings.hours_a_day) for number, (on, off) in both)


def _plain(settings: QualitySettings) -> dict[str, object]:
    return asdict(settings) | {"rule": settings.rule_name} | asdict(settings.rule)


def _sentences(
    report: QualityReport, minutes: int, why: str, model_unit: str | None, settings: QualitySettings, flagged: bool
) -> Iterator[str]:
    """What the figures mean for a reader, the grave first. flagged: the device itself says when it was worn, and is believed."""
    if report.flat_tail_from is not None:
        length = in_days(minutes - report.flat_tail_from)
        at = f"day {report.flat_tail_from // MINUTES_PER_DAY + 1}, {report.flat_tail_from % MINUTES_PER_DAY // 60} h into it"
        yield f"The value never changes again for the last {length} (from {at}): the device was probably switched off or left lying."
    yield from _of_unit(report, why, model_unit)
    if report.valid_days is None:
        yield (
            "It is unknown when the device was worn: rules of non-wear were made for counts, and the recording has no flags of the "
            f"device itself{(' that are trusted' if not settings.trust_flags else '')}. So no valid days are counted, and hours on a "
            "table may count as worn."
        )
    elif not report.enough:
        yield (
            f"{report.valid_days} of {len(report.days)} days with {settings.hours_a_day:g} hours of wear or more; at least "
            f"{report.days_needed} needed. The model reads all seven, whatever they hold."
        )
    if report.saturated_share > MOST_SATURATED:
        yield (
            f"{100 * report.saturated_share:.1f} % of the minutes are at {report.ceiling:,.6g}, the most that this device records: "
            "anything above is lost."
        )
    if report.still:
        count = len(report.still)
        yield (
            f"{counted(count, 'period')} without any movement ({in_days(sum(period.minutes for period in report.still))} together) "
            f"would be non-wear by {settings.rule_name}, but "
            f"{'the device says that it was worn' if flagged else 'the minutes around are rest'}: counted as quiet sleep. "
            f"Mark {'it' if count == 1 else 'them'} by hand if you know better."
        )
    if report.gaps:
        gaps = counted(len(report.gaps), "gap")
        yield f"{in_days(sum(gap.minutes for gap in report.gaps))} without a value, in {gaps}."
    if report.excluded:
        yield f"{in_days(int(covered(report.excluded, minutes).sum()))} left out by hand."


def _of_unit(report: QualityReport, why: str, model_unit: str | None) -> Iterator[str]:
    stated, guess = report.unit, report.unit_guess
    wanted = None if model_unit in (None, UNKNOWN_UNIT) else model_unit
    if stated == UNKNOWN_UNIT and guess != UNKNOWN_UNIT:
        yield f"The file does not give the unit of its activity; the values look like {guess}: {why}"
    elif stated != guess and UNKNOWN_UNIT not in (stated, guess) and {stated, guess} != {MIMS, MG}:  # their ranges overlap
        yield f"The file says {stated}, but the values look like {guess}: {why} Check how the file was exported."
    shown = stated if stated != UNKNOWN_UNIT else guess
    if wanted and shown not in (UNKNOWN_UNIT, wanted):
        verb = "is in" if shown == stated else "looks like"
        yield f"The model learned from {wanted}; this week {verb} {shown}. Units cannot be converted."
