"""The nights of one week: by the rule or as marked by hand, with what touches each, or a sentence why there are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from pat_core.errors import RecordingError, WeekError
from pat_core.recordings.clock.zones import changes
from pat_core.records import COUNTS, UNKNOWN_UNIT, Period, QualityReport, Week
from pat_core.rhythms import Device, Nap, Night, SleepReport, nights
from pat_core.rhythms.intervals import bounds, main_blocks
from pat_core.rhythms.night_summary import summary
from pat_core.rhythms.nights import EDGE
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import QualitySettings, covered
from pat_core.weeks import quality_report
from pat_core.weeks.marks_applied import marked
from pat_core.workflows.week.unfit_weeks import REASONS, why_unfit

ANY_START = datetime(2001, 1, 1)
"""Stands in for a clock that is not known; nothing of it is shown."""
NO_UNIT = (
    "The file does not say in which unit its activity is, and sleep scores apply to counts only: no nights are reported. "
    "Import it again with its unit where you know it."
)


@dataclass(frozen=True, eq=False)
class WeekNights:
    """The nights of one week. report: None where `why`, a sentence, says why there are none.

    quality: how wear was judged. nonwear: (minutes,) bool, not worn by that report: nights take none of it for rest.
    notes: one for each night, what is to be known of it, "" where nothing is. by_hand: one for each night, whether it was marked by hand.
    """

    week: Week
    report: SleepReport | None
    why: str
    quality: QualityReport
    nonwear: np.ndarray
    notes: tuple[str, ...] = ()
    by_hand: tuple[bool, ...] = ()

    @property
    def rest(self) -> np.ndarray | None:
        """(minutes,) bool, for shading: the nights, and all that was marked as rest by hand; None where there can be neither."""
        by_hand = marked(self.week, "rest")
        if self.report is None:
            return by_hand if by_hand.any() else None
        return self.report.rest | by_hand

    @property
    def in_bed(self) -> np.ndarray | None:
        """(minutes,) bool, the nights alone; of a week of which none is told, those of the rest that was marked by hand."""
        if self.report is not None:
            return self.report.rest
        if self.rest is None:
            return None
        found, _ = main_blocks(bounds(self.rest), _minute(self.week))
        return covered((Period(first, end) for first, end in found), self.rest.size)


def week_nights(week: Week, method: str | None = None, settings: QualitySettings | None = None, unfit: str | None = None) -> WeekNights:
    """Nights, naps and their summary for a week with its marks.

    method: a key of SLEEP_SCORES, None for the one made for the device. Rest that was marked by hand takes the place of the estimated rest
    that it touches, and is a night where it is the longest of its day and at least as long as the rule asks of one, else a nap. What was
    marked as not worn or left out is a gap. unfit: what `why_unfit` says of the week, where it was asked before. Raises WeekError for a
    method that there is not.
    """
    quality = quality_report(week, settings)
    off = covered(quality.nonwear, week.values.size)
    if why := _why_none(week, unfit):
        return WeekNights(week, None, why, quality, off)
    skipped = skipped_minutes(week)
    try:
        made = nights(week.values, week.start, week.unit, ~off, device=_device(week), method=method, skipped=skipped)
    except WeekError as error:
        if week.unit == COUNTS:
            raise
        return WeekNights(week, None, str(error), quality, off)
    by_hand = marked(week, "rest")
    made = _with_marked_rest(week, made, by_hand, off, skipped) if by_hand.any() else made
    given = tuple(bool(by_hand[night.first : night.end].all()) for night in made.nights)
    notes = tuple(_note(week, night, hand, quality, off, skipped) for night, hand in zip(made.nights, given, strict=True))
    return WeekNights(week, made, "", quality, off, notes, given)


def by_score(nights: WeekNights, score: str | None, settings: QualitySettings) -> WeekNights:
    """Those of the same week by another sleep score; None: by the one made for the device."""
    fit = nights.report is not None  # nights are told of fit weeks alone
    return week_nights(nights.week, score if nights.week.unit == COUNTS else None, settings, "" if fit else None)


def skipped_minutes(week: Week) -> np.ndarray:
    """(minutes,) bool, without a value because the clock jumped over them, as the rules of the week's time zone say."""
    mask = np.zeros(week.values.size, bool)
    if week.start is None or not week.date_known or not week.zone:
        return mask
    try:
        jumps = changes(week.start, mask.size, week.zone)
    except RecordingError:  # a zone that is not known here
        jumps = ()
    for jump in jumps:
        first = int((jump.first - week.start).total_seconds() // 60)
        mask[max(first, 0) : max(first + jump.minutes, 0)] = True
    return mask & ~np.isfinite(week.values)


def _why_none(week: Week, unfit: str | None) -> str:
    if week.unit == UNKNOWN_UNIT:
        return NO_UNIT
    if week.unit == COUNTS and (code := why_unfit(week) if unfit is None else unfit):
        return f"No nights are reported for this week: {REASONS.get(code, 'its values are not activity')}."
    return ""


def _with_marked_rest(week: Week, made: SleepReport, by_hand: np.ndarray, off: np.ndarray, skipped: np.ndarray) -> SleepReport:
    """The same with the rest that was marked, (minutes,) bool, in the place of what it touches. off, skipped: (minutes,) bool."""
    told: list[Night | Nap] = [*made.nights, *made.naps]
    blocks = [(one.first, one.end) for one in told if not by_hand[one.first : one.end].any()]
    in_bed, others = main_blocks(sorted([*blocks, *bounds(by_hand)]), _minute(week))
    start = week.start or ANY_START
    rests = [(start + timedelta(minutes=first), start + timedelta(minutes=end)) for first, end in in_bed]
    again = nights(week.values, start, week.unit, ~off, device=_device(week), method=made.method, rests=rests, skipped=skipped)
    found = again.nights if week.start else tuple(_without_clock(night) for night in again.nights)
    naps = tuple(_nap(week.start, first, end, again.asleep) for first, end in others if end - first <= MINUTES_PER_DAY)
    return replace(again, nights=found, naps=naps, summary=summary(found, naps, again.asleep, again.known))


def _device(week: Week) -> Device:
    return Device(week.device, week.placement)


def _minute(week: Week) -> int | None:
    return None if week.start is None else week.start.hour * 60 + week.start.minute


def _nap(start: datetime | None, first: int, end: int, asleep: np.ndarray) -> Nap:
    return Nap(start and start + timedelta(minutes=first), first, end, int(asleep[first:end].sum()))


def _without_clock(night: Night) -> Night:
    return replace(night, evening=None, bedtime=None, onset=None, offset=None, rise=None, midpoint=None, free=None)


def _note(week: Week, night: Night, by_hand: bool, quality: QualityReport, off: np.ndarray, skipped: np.ndarray) -> str:
    """What is to be known of a night, the reason why it is left out of the means first."""
    said = [*_touched(week, night, quality, off, skipped), *(["rest marked by hand"] if by_hand else [])]
    said = [night.implausible, *said] if night.implausible else said
    text = "; ".join(said)
    if not night.counted:
        text = f"not in the means: {text}" if text else "not in the means"
    return text[:1].upper() + text[1:]


def _touched(week: Week, night: Night, quality: QualityReport, off: np.ndarray, skipped: np.ndarray) -> Iterator[str]:
    """Within the night or so near to it that its ends are not sure."""
    first, end = max(night.first - EDGE, 0), night.end + EDGE
    if night.first < EDGE:
        yield "cut by the beginning of the week"
    if end > week.values.size:
        yield "cut by the end of the week"
    if jumped := int(skipped[night.first : night.end].sum()):
        yield f"the clock jumped ahead by {jumped} min"
    gaps = covered(quality.gaps, off.size) & ~skipped
    kinds = {"not worn": off, "without a value": gaps, "left out by hand": covered(quality.excluded, off.size)}
    for words, mask in kinds.items():
        inside = int(mask[night.first : night.end].sum())
        if inside:
            yield f"{inside} min {words}"
        elif mask[first:end].any():
            yield f"borders on minutes {words}"
