"""Nights from activity counts: bedtime, onset, offset, time in bed, sleep, efficiency, latency, waking, midpoint; and naps.

Sleep onset and offset as Actiware finds them in a rest interval: the first minute of the first ten, and the last of the last ten, of which
all but one are still. Efficiency is sleep over time in bed. Missing and unworn minutes are gaps: never asleep, never awake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from pat_core.errors import WeekError
from pat_core.records import COUNTS
from pat_core.rhythms.intervals import MIDNIGHT, bounds, day_of, main_blocks, opens, rest_blocks
from pat_core.rhythms.night_records import LEAST_NIGHT, MOST_NIGHT, Device, Nap, Night, SleepReport, summary
from pat_core.rhythms.sleep_scores import ASLEEP, SLEEP_SCORES, ScoreChoice, score_choice, with_hand
from pat_core.settings import MINUTES_PER_DAY

UNKNOWN = Device()
SHORTEST_RECORDING = 12 * 60
SETTLED, MOVING = 10, 1
"""Falling asleep: so many minutes in a row, of which so many may be moving (Actiware's usual setting)."""
EDGE = 10
"""Minutes: a night that begins or ends so near to a longer gap or to an end of the recording is not whole, for its times are not sure."""
MOST_MISSING = 0.1
"""Share of a whole night that may be missing."""
LYING_STILL = 240
"""Minutes of zeros in a row that are a device on a table: in 301 nights of 22 people with a device on the wrist all but one in a hundred
have at most 98."""


@dataclass(frozen=True, eq=False)
class MinuteFacts:
    """What else is known of minutes. skipped: (minutes,) bool, times that the clock jumped over: they never were, so they are no gap and no
    time in bed. by_hand: (minutes,) int8, what a person set over the score: ASLEEP, AWAKE, 0 where it was left alone. A minute that was set
    counts as worn; one without a value stays a gap; waking that was set ends no rest (a mark of rest moves its ends)."""

    skipped: np.ndarray | None = None
    by_hand: np.ndarray | None = None


def nights(
    values: np.ndarray,
    start: datetime | None,
    unit: str,
    worn: np.ndarray | None = None,
    *,
    device: Device = UNKNOWN,
    method: str | None = None,
    rests: Sequence[tuple[datetime, datetime]] | None = None,
    minutes: MinuteFacts = MinuteFacts(),
) -> SleepReport:
    """Each night of a recording, naps, and mean and deviation over nights.

    values: (minutes,) counts, NaN where missing. start: wall clock of the first minute, None where not known. unit: must be COUNTS. worn:
    (minutes,) bool, False where the device was not worn (its own flag, or the reverse of `wear.nonwear`); without it only LYING_STILL
    and more minutes of zeros are taken for a device on a table. device: what chooses the score
    (`score_choice`) where `method`, a key of SLEEP_SCORES, does not. rests: going to bed and getting up from a diary or markers; without
    them by rhythms/intervals.py, whose limits hold.
    minutes: what else is known of each. Raises WeekError for another unit, an unknown method, less than twelve hours, a `worn` of another
    length, and rests without a clock, in the wrong order or overlapping.
    """
    values = _checked(values, unit, worn)
    hand = np.zeros(values.size, np.int8) if minutes.by_hand is None else np.asarray(minutes.by_hand, np.int8)
    choice = score_choice(device.name, device.placement)
    name = method or choice.name
    if name not in SLEEP_SCORES:
        raise WeekError(f"There is no sleep score called “{name}”. Known are: {', '.join(SLEEP_SCORES)}.")
    score = SLEEP_SCORES[name]
    lying = _lying_still(values) & (hand == 0)
    off = np.zeros(values.size, bool) if worn is None else ~np.asarray(worn, dtype=bool)
    values = np.where(lying | (off & (hand == 0)), np.nan, values)
    known = np.isfinite(values)
    scored, put_to_sleep = score.score(values), known & (hand == ASLEEP)
    asleep, still = with_hand(scored, hand, known), score.still(values) | put_to_sleep
    minute = None if start is None else start.hour * 60 + start.minute
    real = np.ones(values.size, bool) if minutes.skipped is None else ~np.asarray(minutes.skipped, bool) | known
    at = np.flatnonzero(real)
    blocks = [(int(at[first]), int(at[end - 1]) + 1) for first, end in rest_blocks((scored | put_to_sleep)[real], known[real])]
    if rests is None:
        in_bed, others = main_blocks(blocks, minute)
    else:
        in_bed = _given(rests, start, values.size)
        others = [block for block in blocks if all(block[1] <= first or block[0] >= end for first, end in in_bed)]
    day_opens = opens(blocks if rests is None else in_bed, minute)
    of_rests = tuple(_night(first, end, start, day_opens, asleep, still, known, real) for first, end in in_bed)
    naps = tuple(_nap(first, end, start, asleep) for first, end in others if end - first <= MINUTES_PER_DAY)
    return SleepReport(
        nights=of_rests,
        naps=naps,
        summary=summary(of_rests, naps, known),
        method=name,
        made_for=score.made_for,
        source=score.source,
        diary=rests is not None,
        opens=day_opens,
        asleep=asleep,
        known=known,
        notes=(_about_score(name, choice, device.name), *_about_days(start, day_opens), *_about_gaps(lying, of_rests, others)),
    )


def _about_days(start: datetime | None, day_opens: int) -> list[str]:
    """Why nights are named by one day, where they are."""
    if start is None or day_opens != MIDNIGHT:
        return []
    return ["Most of this sleep is by day, so days are drawn from midnight to midnight, and each sleep is named after its one day."]


def _checked(values: np.ndarray, unit: str, worn: np.ndarray | None) -> np.ndarray:
    if unit != COUNTS:
        raise WeekError(
            f"Sleep scores were made for {COUNTS}; this recording is in {unit}, for which their thresholds mean nothing. "
            "Look at its rhythm figures (L5, M10, acrophase) instead, or import the counts of the same device."
        )
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or values.size < SHORTEST_RECORDING:
        raise WeekError(
            f"Nights need one value a minute for at least {SHORTEST_RECORDING // 60} hours, in one row; got an array of shape "
            f"{values.shape}. Give one person's recording."
        )
    if worn is not None and np.shape(worn) != values.shape:
        raise WeekError(f"Wear needs one value for each of the {values.size} minutes; got an array of shape {np.shape(worn)}.")
    return values


def _lying_still(values: np.ndarray) -> np.ndarray:
    """(minutes,) bool, runs of zeros so long that the device was not worn."""
    mask = np.zeros(values.size, bool)
    for first, end in bounds(values == 0):
        mask[first:end] = end - first >= LYING_STILL
    return mask


def _given(rests: Sequence[tuple[datetime, datetime]], start: datetime | None, minutes: int) -> list[tuple[int, int]]:
    """Rest intervals as minutes of the recording, cut at its ends; those outside of it are left out."""
    if start is None:
        raise WeekError("Rest intervals have clock times, and it is not known when this recording began. Give its start.")
    rests_given = []
    for bedtime, rise in rests:
        if rise <= bedtime:
            raise WeekError(f"A rest interval ends before it begins: {bedtime:%Y-%m-%d %H:%M} to {rise:%Y-%m-%d %H:%M}. Correct the diary.")
        first, end = (int((time - start).total_seconds() // 60) for time in (bedtime, rise))
        if max(first, 0) < min(end, minutes):
            rests_given.append((max(first, 0), min(end, minutes)))
    rests_given.sort()
    for (_, end), (first, _) in pairwise(rests_given):
        if first < end:
            raise WeekError(f"Two rest intervals overlap at {start + timedelta(minutes=first):%Y-%m-%d %H:%M}. Correct the diary.")
    return rests_given


def _night(
    first: int, end: int, start: datetime | None, day_opens: int, asleep: np.ndarray, still: np.ndarray, known: np.ndarray, real: np.ndarray
) -> Night:
    """real: (minutes,) bool, all but those that the clock skipped."""
    onset, offset = _sleep_within(first, end, asleep, still)
    awake = ~asleep[onset:offset] & known[onset:offset]
    in_bed, gap = int(real[first:end].sum()), ~known & real
    sleep, missing = int(asleep[onset:offset].sum()), int(gap[first:end].sum())
    evening = None if start is None else start.date() + timedelta(days=day_of(first, end, start.hour * 60 + start.minute, day_opens))
    return Night(
        evening=evening,
        bedtime=_at(start, first),
        onset=_at(start, onset),
        offset=_at(start, offset),
        rise=_at(start, end),
        first=first,
        onset_minute=onset,
        offset_minute=offset,
        end=end,
        time_in_bed=in_bed,
        sleep=sleep,
        efficiency=100 * sleep / (in_bed - missing) if in_bed > missing else float("nan"),
        latency=int(real[first:onset].sum()),
        waso=int(awake.sum()),
        awakenings=len(bounds(awake)),
        missing=missing,
        midpoint=None if start is None else (_minute(start) + (onset + offset) / 2) % MINUTES_PER_DAY,
        free=None if evening is None else evening.weekday() in (4, 5),
        whole=missing <= MOST_MISSING * in_bed and _whole(first, end, gap),
    )


def _nap(first: int, end: int, start: datetime | None, asleep: np.ndarray) -> Nap:
    return Nap(_at(start, first), first, end, int(asleep[first:end].sum()))


def _sleep_within(first: int, end: int, asleep: np.ndarray, still: np.ndarray) -> tuple[int, int]:
    """Onset, and the minute after the last asleep, in a rest interval; without settled minutes of any minute asleep, else its end."""
    if end - first >= SETTLED:
        settled = np.flatnonzero(np.convolve(still[first:end], np.ones(SETTLED), "valid") >= SETTLED - MOVING)
        if settled.size:
            return first + int(settled[0]), first + int(settled[-1]) + SETTLED
    scored = first + np.flatnonzero(asleep[first:end])
    return (int(scored[0]), int(scored[-1]) + 1) if scored.size else (end, end)


def _whole(first: int, end: int, gap: np.ndarray) -> bool:
    """Whether no end of the recording, and no longer gap, (minutes,) bool, lies at the beginning or the end of a night."""
    long = [(before, after) for before, after in bounds(gap) if after - before > EDGE]
    near = [(before, after) for edge in (first, end) for before, after in long if before < edge + EDGE and after > edge - EDGE]
    return first >= EDGE and end <= gap.size - EDGE and not near


def _minute(start: datetime) -> float:
    return start.hour * 60 + start.minute + start.second / 60


def _at(start: datetime | None, minute: int) -> datetime | None:
    return None if start is None else start + timedelta(minutes=minute)


def _about_score(name: str, choice: ScoreChoice, device: str | None) -> str:
    """By which score, for which counts it was made, and why this one."""
    score = SLEEP_SCORES[name]
    sentence = f"Sleep is scored by {score.name}, made for {score.made_for} ({score.source})"
    if name == choice.name:
        return f"{sentence}: {choice.why}."
    usual = SLEEP_SCORES[choice.name].name
    other = "" if score.fits(device) else " The counts here have another scale: take the minutes asleep as a rough guide."
    return f"{sentence}, as chosen; by default it would be {usual}, {choice.why}.{other}"


def _about_gaps(lying: np.ndarray, nights: Sequence[Night], others: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    sentences = []
    if lying.any():
        sentences.append(
            f"{lying.sum() / 60:.1f} hours of nothing but zeros, {LYING_STILL // 60} hours or more in a row, were taken for a device on a "
            "table, not for sleep."
        )
    if beyond := sum(end - first > MINUTES_PER_DAY for first, end in others):
        sentences.append(f"{beyond} rest{'s' if beyond > 1 else ''} of more than 24 hours counted neither as night nor as nap.")
    if odd := sum(bool(night.implausible) for night in nights):
        many = f"1 of {len(nights)} nights is" if odd == 1 else f"{odd} of {len(nights)} nights are"
        sentences.append(
            f"{many} implausible (over {MOST_NIGHT // 60} hours in bed, or under {LEAST_NIGHT // 60} in bed or asleep): the means leave "
            "such nights out."
        )
    if partial := sum(not night.whole for night in nights):
        sentences.append(
            f"{partial} of {len(nights)} nights {'is' if partial == 1 else 'are'} not whole (beginning or ending at a gap or an end of the "
            "recording, or with more than a tenth missing): the means leave such nights out."
        )
    return tuple(sentences)
