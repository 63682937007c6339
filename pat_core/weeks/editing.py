"""Edits of a week's activity, for asking how a model responds to another week. No edit says what a person would do, or become.

All take (minutes,) values in any unit, NaN where missing, and give edited values of the same length and type; the input stays as it is.
A dose of 0 gives the same bytes back. What comes in is drawn from the person's own minutes with a seed, so an edit can be repeated, and a
larger dose keeps what a smaller one drew. Activity stays at 0 or above and whole where it was whole. A missing minute stays missing,
except where the device is taken off: there every minute is zero, as a device on a table writes it.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from pat_core.errors import WeekError
from pat_core.rhythms.intervals import bounds
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.weeks.week_time import minute_of_week, span

MOST_MINUTES = 720
"""A shift of more than half a day would turn night into day."""
HOUR = 60
QUIET, ACTIVE = 90, 75
"""Percentiles: a night's minutes up to the first count as quiet, waking minutes with movement from the second on as active."""

SATURDAY, SUNDAY, PARTNERS = 5, 6, (1, 2, 3)
"""Days of the week, 0 is Monday: those of the weekend, and those they are exchanged for."""


def shift_wake(values: np.ndarray, rest: np.ndarray, minutes: float, seed: int = 0) -> np.ndarray:
    """Every waking of the week later (minutes > 0) or earlier (< 0), at most 720. rest: (minutes,) bool, main rest periods.

    Later: the minutes after waking hold quiet minutes drawn from that night, at most up to the next rest. Earlier: the last minutes of the
    night repeat the first hour after waking, which ends where the old waking was; an hour of the night stays. A night
    whose waking lies outside the week stays as it is.
    Raises WeekError where no rest period is given or the shift is no whole number within the limits.
    """
    _need_rest(values, rest)
    if minutes != int(minutes) or abs(minutes) > MOST_MINUTES:
        raise WeekError(f"A shift is a whole number of minutes, at most {MOST_MINUTES} either way; {minutes:g} is not. Choose another.")
    minutes = int(minutes)
    edited = np.array(values)
    nights = bounds(rest)
    for number, (first, end) in enumerate(nights):
        following = nights[number + 1][0] if number + 1 < len(nights) else values.size
        if end == values.size:
            continue
        if minutes > 0:
            night = values[first:end]
            place = slice(end, min(end + minutes, following))
            night = night[np.isfinite(night)]
            quiet = night[night <= np.percentile(night, QUIET)] if night.size else night
            drawn = _draw(quiet, MOST_MINUTES, (seed, number))
        else:
            place = slice(max(end + minutes, min(first + HOUR, end)), end)
            hour = values[end : min(end + HOUR, following)]
            drawn = hour[np.isfinite(hour)]
        _put(edited, place, drawn, from_end=minutes < 0)
    return edited


def shift_bedtime(values: np.ndarray, rest: np.ndarray, minutes: float, seed: int = 0) -> np.ndarray:
    """Every bedtime later (minutes > 0) or earlier (< 0): `shift_wake` with time running backwards, so the hour is the last before bed."""
    mirrored = shift_wake(np.asarray(values)[::-1], np.asarray(rest)[::-1], -minutes, seed)
    return np.ascontiguousarray(mirrored[::-1])


def fill_bout(values: np.ndarray, first: int, end: int, level: float, rest: np.ndarray | None = None, seed: int = 0) -> np.ndarray:
    """Raise the minutes [first, end) towards active minutes of the same person, by `level` (0 none, 1 wholly). No minute goes down.

    Active minutes are drawn from the most active quarter of waking minutes with movement; without `rest`, of all minutes with movement.
    Raises WeekError where the window lies outside the week or nothing moved.
    """
    _need_window(values, first, end)
    awake = np.asarray(values)[~np.asarray(rest, bool)] if rest is not None else np.asarray(values)
    moving = awake[np.isfinite(awake) & (awake > 0)]
    if not moving.size:
        raise WeekError(
            f"No waking minute of this {span(np.size(values))} has any movement, so there is no activity of this person to fill a "
            "window with."
        )
    drawn = _draw(moving[moving >= np.percentile(moving, ACTIVE)], end - first, (seed,))
    window = np.asarray(values)[first:end]
    return _towards(values, slice(first, end), np.maximum(window, drawn), level)


def erase_bout(values: np.ndarray, first: int, end: int, level: float, rest: np.ndarray | None = None, seed: int = 0) -> np.ndarray:
    """Lower the minutes [first, end) towards rest minutes of the same person, by `level` (0 none, 1 wholly). No minute goes up.

    Rest minutes are drawn from `rest`; where none is given or found, from the quietest quarter of the week.
    Raises WeekError where the window lies outside the week or the week has no value.
    """
    _need_window(values, first, end)
    values = np.asarray(values)
    known = np.isfinite(values)
    if not known.any():
        raise WeekError(
            f"No minute of this {span(np.size(values))} has a value, so there are no quiet minutes of this person to put in a window."
        )
    still = values[known & np.asarray(rest, bool)] if rest is not None else values[:0]
    if not still.size:
        still = values[known & (values <= np.percentile(values[known], 25))]
    drawn = _draw(still, end - first, (seed,))
    return _towards(values, slice(first, end), np.minimum(values[first:end], drawn), level)


def damp_night(values: np.ndarray, rest: np.ndarray, share: float) -> np.ndarray:
    """Activity within the rest periods times (1 - share): 0 leaves it, 1 makes every night still. Raises WeekError without rest."""
    _need_rest(values, rest)
    inside = np.asarray(rest, bool)
    return _towards(values, inside, np.zeros(int(inside.sum())), share)


def flatten_night(values: np.ndarray, rest: np.ndarray, share: float) -> np.ndarray:
    """Each minute of a rest period towards that period's mean, by `share`: the night's amount stays, its ups and downs go.

    The mean, and not the median: of counts at rest the median is mostly 0, and this would be `damp_night` by another name.
    Raises WeekError without rest.
    """
    _need_rest(values, rest)
    level = np.array(values, np.float64)
    for first, end in bounds(rest):
        night = level[first:end]
        level[first:end] = night[np.isfinite(night)].mean() if np.isfinite(night).any() else np.nan
    inside = np.asarray(rest, bool)
    return _towards(values, inside, level[inside], share)


def insert_nonwear(values: np.ndarray, first: int, minutes: float) -> np.ndarray:
    """The device off for so many minutes from `first` on, or up to the week's end: zeros, also where a minute was missing."""
    _need_window(values, first, first + 1)
    if minutes != int(minutes) or minutes < 0:
        raise WeekError(f"Time without the device is a whole number of minutes, 0 or more; {minutes:g} is not. Choose another.")
    edited = np.array(values)
    edited[first : first + int(minutes)] = 0
    return edited


def swap_weekend(values: np.ndarray, start: datetime) -> np.ndarray:
    """Saturday and Sunday exchanged for two weekdays (see `partner_days`), midnight to midnight; missing minutes move along.

    A week that begins within a day has two parts of it, at both ends: together they are exchanged as one day.
    Raises WeekError where the week has not 7 full days.
    """
    days = _days(values, start)
    edited = np.array(values)
    for weekend, weekday in zip((SATURDAY, SUNDAY), partner_days(values, start), strict=True):
        edited[days[weekend]], edited[days[weekday]] = values[days[weekday]], values[days[weekend]]
    return edited


def partner_days(values: np.ndarray, start: datetime) -> tuple[int, int]:
    """The weekdays (0 is Monday) that `swap_weekend` takes: the first two of Tuesday to Thursday that the week holds in one piece."""
    days = _days(values, start)
    whole = [day for day in PARTNERS if days[day][-1] - days[day][0] == MINUTES_PER_DAY - 1]
    return whole[0], whole[1]


def _days(values: np.ndarray, start: datetime) -> np.ndarray:
    """(7, 1440) minutes of the week by weekday and minute of the day."""
    if values.size != MINUTES_PER_WEEK:
        raise WeekError(f"Days can be exchanged in a week of 7 full days ({MINUTES_PER_WEEK} minutes); this one has {values.size} minutes.")
    return ((np.arange(MINUTES_PER_WEEK) - minute_of_week(start)) % MINUTES_PER_WEEK).reshape(7, MINUTES_PER_DAY)


def _draw(pool: np.ndarray, count: int, seed: tuple[int, ...]) -> np.ndarray:
    """`count` values of the pool, with replacement."""
    return pool[np.random.default_rng(seed).integers(0, pool.size, count)] if pool.size else pool


def _put(edited: np.ndarray, place: slice, drawn: np.ndarray, from_end: bool = False) -> None:
    """Write the drawn values over the minutes of a place that have one, over and over until it is full; none drawn: nothing.

    They begin with the first at the place's begin, or `from_end` with the last at its end: at the side that stays when the place grows.
    """
    target = edited[place]
    if drawn.size and target.size:
        filled = np.resize(drawn[::-1], target.size)[::-1] if from_end else np.resize(drawn, target.size)
        edited[place] = np.where(np.isfinite(target), filled, target)


def _towards(values: np.ndarray, place: slice | np.ndarray, target: np.ndarray, share: float) -> np.ndarray:
    """Minutes of a place moved towards their target by `share`; whole numbers stay whole."""
    if not 0 <= share <= 1:
        raise WeekError(f"The strength of an edit is a share from 0 to 1; {share:g} is not. Choose another.")
    values = np.asarray(values)
    edited = np.array(values)
    if share == 0:
        return edited
    before = values[place].astype(np.float64)
    after = before + share * (target - before)
    present = values[np.isfinite(values)]
    edited[place] = np.rint(after) if np.array_equal(present, np.rint(present)) else after
    return edited


def _need_rest(values: np.ndarray, rest: np.ndarray) -> None:
    if np.shape(rest) != np.shape(values):
        raise WeekError(
            f"Rest needs one value a minute: {np.size(values)} were expected, {np.size(rest)} were given. Make it from this "
            f"{span(np.size(values))}."
        )
    if not np.any(rest):
        raise WeekError(
            f"No rest that could be a night (three hours or more with the device worn) was found in this {span(np.size(values))}, so no "
            "waking or night can be edited. Choose an edit of a window."
        )


def _need_window(values: np.ndarray, first: int, end: int) -> None:
    if not 0 <= first < end <= np.size(values):
        raise WeekError(
            f"A window must lie inside the {span(np.size(values))}, minutes 0 to {np.size(values)}; {first} to {end} does not. Choose "
            "another day or time."
        )
