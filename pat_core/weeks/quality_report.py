"""The quality of one week: in figures for its record, and in full; and what people mark by hand in it, put into effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

import numpy as np

from pat_core.plurals import counted
from pat_core.records import MG, MIMS, UNKNOWN_UNIT, Period, QualityReport, Week, WeekReport, WornDay
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import QualitySettings, covered, flat_tail, guess_unit, longest_flat_run, periods, saturation, wear_hours, wear_of
from pat_core.weeks.week_time import in_days

SETTINGS = QualitySettings()
"""What the figures of a stored week are made with."""


def report(values: np.ndarray, unit: str, worn: np.ndarray | None = None) -> WeekReport:
    """Quality of (minutes,) values in `unit`, NaN where missing. Shares are of all minutes; mean and maximum of those with a value
    (0 where there is none). worn: (minutes,) bool, the device's own flags. Non-wear and valid days are of `wear_of`, None where it does not
    know."""
    values = np.asarray(values, np.float32)
    present = values[np.isfinite(values)]
    length, start = longest_flat_run(values)
    minutes = max(1, values.size)
    tail = flat_tail(values, SETTINGS.tail_minutes)
    wear = wear_of(values, SETTINGS, worn, unit)
    off = covered(wear.off, values.size) & np.isfinite(values)
    return WeekReport(
        minutes=values.size,
        minutes_missing=values.size - present.size,
        longest_flat_minutes=length,
        longest_flat_from=start,
        zero_share=float((present == 0).sum() / minutes),
        nonwear_share=float(off.sum() / minutes) if wear.known else None,
        mean=float(present.mean(dtype=np.float64)) if present.size else 0.0,
        maximum=float(present.max()) if present.size else 0.0,
        unit=unit,
        flat_tail_minutes=0 if tail is None else values.size - tail,
        saturated_share=saturation(values, SETTINGS.ceiling_minutes)[0],
        valid_days=int((wear_hours(wear.worn) >= SETTINGS.hours_a_day).sum()) if wear.known else None,
    )


MISSING_KINDS = ("non-wear", "exclude")
"""Marks whose minutes become missing: for the model, for figures and for reports."""


def apply_marks(week: Week, marks: Sequence[Period]) -> Week:
    """The week with these marks: marked non-wear and excluded minutes are NaN, its report is made again. Itself where there are none."""
    if not marks:
        return week
    excluded = covered((mark for mark in marks if mark.kind in MISSING_KINDS), week.values.size)
    values = np.where(excluded, np.float32(np.nan), week.values)
    return replace(week, values=values, report=report(values, week.unit, week.worn), marks=tuple(marks))


def marked(week: Week, kind: str) -> np.ndarray:
    """(minutes,) bool, what was marked as this kind."""
    return covered((mark for mark in week.marks if mark.kind == kind), week.values.size)


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
        days_needed=settings.needed_of(len(days)),
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
    """What the figures mean for a reader, the gravest first. flagged: the device itself says when it was worn, and is believed."""
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
            f"{report.days_needed} needed. The model reads all of them, whatever they hold."
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
