"""The nights of one week, by the rule or as marked by hand, with what touches each; and its rhythm figures beside its cohort's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import RecordingError, WeekError
from pat_core.recordings.clock.zones import changes
from pat_core.records import COUNTS, SET_KINDS, UNKNOWN_UNIT, Period, QualityReport, RhythmFigures, Week
from pat_core.rhythms import Device, Nap, Night, Regularity, SleepReport, figures, nights, regularity, score_for
from pat_core.rhythms.intervals import bounds, main_blocks
from pat_core.rhythms.night_records import summary
from pat_core.rhythms.nights import EDGE, MinuteFacts
from pat_core.rhythms.sleep_scores import ASLEEP, AWAKE
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import QualitySettings, covered
from pat_core.wear.wear_rules import DEVICE, TAIL
from pat_core.weeks import GATE_VERSION, quality_report, span
from pat_core.weeks.quality_report import marked
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.cohort_weeks import REASONS, draw, first_weeks, week_of, why_unfit

ANY_START = datetime(2001, 1, 1)
"""Stands in for a clock that is not known; nothing of it is shown."""
NO_UNIT = (
    "The file does not say in which unit its activity is, and sleep scores apply to counts only: no nights are reported. "
    "Import it again with its unit where you know it."
)


@dataclass(frozen=True)
class SetByHand:
    """Minutes that a person set over the sleep score. asleep, awake: with a value, so that they count. without: of no value, which stay a
    gap."""

    asleep: int = 0
    awake: int = 0
    without: int = 0

    @property
    def words(self) -> str:
        """What was set, for a reader; "" where nothing was."""
        sentence = ""
        if self.asleep or self.awake:
            sentence = (
                f"By hand, {self.asleep:,} min were set to asleep and {self.awake:,} min to awake in place of the score; every figure of "
                "the nights follows."
            )
        if self.without:
            sentence += f" {self.without:,} min that were set by hand have no value and stay a gap."
        return sentence.strip()


@dataclass(frozen=True, eq=False)
class WeekNights:
    """The nights of one week. report: None where `why`, a sentence, says why there are none.

    quality: how wear was judged. nonwear: (minutes,) bool, not worn by that report, but for what was set to sleep or wake by hand: nights
    take none of it for rest.
    notes: one for each night, what is to be known of it, "" where nothing is. by_hand, of_diary: one for each night, whether its rest was
    marked by hand or is a diary's. hand: what was set over the score. regularity: of sleep, by the same score; None where there is no
    report.
    """

    week: Week
    report: SleepReport | None
    why: str
    quality: QualityReport
    nonwear: np.ndarray
    notes: tuple[str, ...] = ()
    by_hand: tuple[bool, ...] = ()
    regularity: Regularity | None = None
    of_diary: tuple[bool, ...] = ()
    hand: SetByHand = SetByHand()

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
        blocks, _ = main_blocks(bounds(self.rest), _minute(self.week))
        return covered((Period(first, end) for first, end in blocks), self.rest.size)


def week_nights(
    week: Week, method: str | None = None, settings: QualitySettings | None = None, unfit: str | None = None, diary: Sequence[Period] = ()
) -> WeekNights:
    """Nights, naps and their summary for a week with its marks.

    method: a key of SLEEP_SCORES, None for the one made for the device. Rest that was marked by hand takes the place of the estimated rest
    that it touches, and is a night where it is the longest of its day and at least as long as the rule asks of one, else a nap. What was
    marked as not worn or left out is a gap. unfit: what `why_unfit` says of the week, where it was asked before. diary: times in bed of a
    sleep diary that take the place of the estimated rest as marks do, but for those that touch a mark. Raises WeekError for a method that
    there is not.
    """
    quality = quality_report(week, settings)
    hand = set_by_hand(week)
    off = covered(quality.nonwear, week.values.size) & ((hand == 0) | ~np.isfinite(week.values))
    if why := _why_none(week, unfit):
        return WeekNights(week, None, why, quality, off)
    skipped = skipped_minutes(week)
    try:
        sleep = nights(week.values, week.start, week.unit, ~off, device=_device(week), method=method, minutes=MinuteFacts(skipped, hand))
    except WeekError as error:
        if week.unit == COUNTS:
            raise
        return WeekNights(week, None, str(error), quality, off)
    by_hand = marked(week, "rest")
    of_diary = covered((one for one in diary if not by_hand[one.first : one.end].any()), week.values.size)
    if (given := by_hand | of_diary).any():
        sleep = _with_given_rest(week, sleep, given, off, skipped)
    counts = _counted(week, hand)
    sleep = replace(sleep, notes=(*sleep.notes, counts.words)) if counts.words else sleep
    hands, diaries = (tuple(bool(mask[night.first : night.end].all()) for night in sleep.nights) for mask in (by_hand, of_diary))
    sources = (["rest marked by hand"] * hand + ["rest from the diary"] * of for hand, of in zip(hands, diaries, strict=True))
    notes = tuple(_note(week, night, given, quality, off, skipped) for night, given in zip(sleep.nights, sources, strict=True))
    return WeekNights(week, sleep, "", quality, off, notes, hands, _regularity(week, sleep, quality), diaries, counts)


def set_by_hand(week: Week) -> np.ndarray:
    """(minutes,) int8, what was set over the score: ASLEEP, AWAKE, 0 where nothing was."""
    hand = np.zeros(week.values.size, np.int8)
    for kind, value in zip(SET_KINDS, (ASLEEP, AWAKE), strict=True):
        hand[marked(week, kind)] = value
    return hand


def _counted(week: Week, hand: np.ndarray) -> SetByHand:
    there = np.isfinite(week.values)
    return SetByHand(int((there & (hand == ASLEEP)).sum()), int((there & (hand == AWAKE)).sum()), int((~there & (hand != 0)).sum()))


def _regularity(week: Week, sleep: SleepReport, quality: QualityReport) -> Regularity:
    """By the score of the nights. What only a rule of zeros takes for non-wear may be sleep."""
    hand = set_by_hand(week)
    certain = covered((period for period in quality.nonwear if period.kind in CERTAIN), week.values.size)
    zeros = ~sleep.known & ~certain & np.isfinite(week.values)
    return regularity(week.values, sleep.method, minute_of_day(week.start), certain, zeros, hand)


CERTAIN = (DEVICE, TAIL, "by hand")
"""Kinds of non-wear that are no runs of zeros found by a rule."""


def by_score(nights: WeekNights, score: str | None, settings: QualitySettings, diary: Sequence[Period] = ()) -> WeekNights:
    """Those of the same week by another sleep score; None: by the one made for the device. diary: as of `week_nights`."""
    fit = nights.report is not None  # nights are told of fit weeks alone
    return week_nights(nights.week, score if nights.week.unit == COUNTS else None, settings, "" if fit else None, diary)


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
        return f"No nights are reported for this {span(week.values.size)}: {REASONS.get(code, 'its values are not activity')}."
    return ""


def _with_given_rest(week: Week, sleep: SleepReport, given: np.ndarray, off: np.ndarray, skipped: np.ndarray) -> SleepReport:
    """The same with the rest that was marked or written down, (minutes,) bool, in the place of what it touches. off, skipped: (minutes,)
    bool."""
    rests_before: list[Night | Nap] = [*sleep.nights, *sleep.naps]
    blocks = [(rest.first, rest.end) for rest in rests_before if not given[rest.first : rest.end].any()]
    in_bed, others = main_blocks(sorted([*blocks, *bounds(given)]), _minute(week))
    start = week.start or ANY_START
    rests = [(start + timedelta(minutes=first), start + timedelta(minutes=end)) for first, end in in_bed]
    device, minutes = _device(week), MinuteFacts(skipped, set_by_hand(week))
    again = nights(week.values, start, week.unit, ~off, device=device, method=sleep.method, rests=rests, minutes=minutes)
    nights_again = again.nights if week.start else tuple(_without_clock(night) for night in again.nights)
    naps = tuple(_nap(week.start, first, end, again.asleep) for first, end in others if end - first <= MINUTES_PER_DAY)
    return replace(again, nights=nights_again, naps=naps, summary=summary(nights_again, naps, again.known))


def _device(week: Week) -> Device:
    return Device(week.device, week.placement)


def _minute(week: Week) -> int | None:
    return None if week.start is None else week.start.hour * 60 + week.start.minute


def _nap(start: datetime | None, first: int, end: int, asleep: np.ndarray) -> Nap:
    return Nap(start and start + timedelta(minutes=first), first, end, int(asleep[first:end].sum()))


def _without_clock(night: Night) -> Night:
    return replace(night, evening=None, bedtime=None, onset=None, offset=None, rise=None, midpoint=None, free=None)


def _note(week: Week, night: Night, given: list[str], quality: QualityReport, off: np.ndarray, skipped: np.ndarray) -> str:
    """What is to be known of a night, the reason why it is left out of the means first."""
    parts = [*_touched(week, night, quality, off, skipped), *given]
    parts = [night.implausible, *parts] if night.implausible else parts
    text = "; ".join(parts)
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
    hand = set_by_hand(week)[night.first : night.end]
    if by_hand := int((hand != 0).sum()):
        yield f"{by_hand} min set by hand"
    kinds = {"not worn": off, "without a value": gaps, "left out by hand": covered(quality.excluded, off.size)}
    for words, mask in kinds.items():
        inside = int(mask[night.first : night.end].sum())
        if inside:
            yield f"{inside} min {words}"
        elif mask[first:end].any():
            yield f"borders on minutes {words}"


SHOWN = {
    "interdaily_stability": ("Interdaily stability (days alike: 1)", ""),
    "intradaily_variability": ("Intradaily variability (broken up: high)", ""),
    "relative_amplitude": ("Relative amplitude (day against night)", ""),
    "m10": ("Most active 10 hours", "unit"),
    "l5": ("Least active 5 hours", "unit"),
    "sri": ("Sleep regularity index", ""),
}
"""Field of `RhythmFigures` -> what a reader is told, and whether it has the week's unit."""

SPREADS = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])
MOST_PEOPLE = 500
"""A cohort's spread is drawn from at most so many of its people (a seeded draw): more dots say no more."""


def rhythm_spread(workspace: Workspace, cohort: str) -> dict[str, np.ndarray]:
    """Field -> (people,) values of the cohort's first weeks, NaN where a figure does not apply, by the workspace's settings of wear. Kept
    until something is marked by hand.

    People whose first week the input gate refuses for its values (all zero, hardly worn, ...) are left out.
    """
    info, settings = workspace.cohort(cohort), quality_settings(workspace)
    question = Question("rhythm figures of first weeks", {"cohort": info.as_read, "wear": repr(settings), "gate": GATE_VERSION})

    def make() -> dict[str, np.ndarray]:
        rows = draw(first_weeks(workspace.week_rows(cohort)), MOST_PEOPLE)
        weeks, flags = workspace.weeks_array(cohort), workspace.device_flags(cohort)
        fit = [week for week in (week_of(row, weeks, flags) for row in rows) if not why_unfit(week)]
        rhythms = [week_rhythm(week, week_nights(week, None, settings, unfit=""), fit=True) for week in fit]
        return {name: np.array([_number(rhythm, name) for rhythm in rhythms]) for name in SHOWN}

    return workspace.remember(question, make, SPREADS)


def week_rhythm(week: Week, nights: WeekNights | None = None, fit: bool | None = None) -> RhythmFigures:
    """A week's figures; none is defined (NaN, and None where it never applies) for a week that the input gate refuses for its values.

    nights: the nights of this week, by whose score the sleep regularity index is. fit: whether the gate lets its values
    pass. Both are looked for unless given.
    """
    nights = nights or week_nights(week)
    if fit is None:
        fit = nights.report is not None or not why_unfit(week)  # nights are told of fit weeks alone
    values = week.values if fit else np.full_like(week.values, np.nan)
    index = None if week.unit != COUNTS else float("nan") if nights.regularity is None else nights.regularity.index
    return figures(values, minute_of_day(week.start), index)


def score_of(week: Week, nights: WeekNights) -> str:
    """The sleep score that a week's figures are by: that of its nights, where none are told that of its device."""
    return score_for(week.device, week.placement) if nights.report is None else nights.report.method


def minute_of_day(start: datetime | None) -> int:
    """Minutes after midnight of a week's first minute; 0 where the start is unknown."""
    return start.hour * 60 + start.minute if start else 0


def _number(figures: RhythmFigures, name: str) -> float:
    value = getattr(figures, name)
    return float("nan") if value is None else float(value)
