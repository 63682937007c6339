"""The nights of a sleep diary beside the estimated ones of a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pat_core.records import Period, Week
from pat_core.rhythms import Night
from pat_core.rhythms.sleep_diary import FIGURES, Agreement, DiaryNight, PairedNight, agreement, pair
from pat_core.workflows.week.week_nights import WeekNights, skipped_minutes


@dataclass(frozen=True, eq=False)
class WeekDiary:
    """pairs: each night of the diary that touches the week, by their beginnings, with the estimated one. alone: estimated nights of which
    the diary has none. agreement: key of FIGURES -> over the pairs that count. given: nights whose rest was marked by hand or is the
    diary's own: their times in bed are no estimates, and the agreement of time in bed leaves them out."""

    pairs: tuple[PairedNight, ...]
    alone: tuple[Night, ...]
    agreement: dict[str, Agreement]
    given: frozenset[int]

    @property
    def of_night(self) -> dict[int, PairedNight]:
        """First minute of an estimated night -> its pair."""
        return {one.night.first: one for one in self.pairs if one.night is not None}


OF_BED = ("in bed", "got up", "TIB", "SOL")
"""Figures that hang on the rest interval, which is no estimate where it was given."""


def week_diary(week: Week, nights: WeekNights, diary: Sequence[DiaryNight]) -> WeekDiary | None:
    """Lay a diary beside the nights of a week. None where no night of it touches the week, and where the week's date is not known."""
    laid = _laid(week, diary)
    if not laid:
        return None
    estimated = nights.report.nights if nights.report else ()
    skipped = skipped_minutes(week)
    pairs = pair([(night, first, end, int(skipped[first:end].sum())) for night, first, end in laid], estimated)
    used = {one.night.first for one in pairs if one.night is not None}
    given = frozenset(
        night.first
        for night, hand, of_diary in zip(estimated, nights.by_hand, nights.of_diary or (False,) * len(estimated), strict=True)
        if hand or of_diary
    )
    own = [one for one in pairs if one.night is not None and one.night.first not in given]
    held = {name: agreement(own if name in OF_BED else pairs, name) for name in FIGURES}
    return WeekDiary(pairs, tuple(night for night in estimated if night.first not in used), held, given)


def diary_periods(week: Week, diary: Sequence[DiaryNight]) -> tuple[Period, ...]:
    """The diary's times in bed as minutes of the week, cut at its ends."""
    return tuple(Period(first, end, "diary") for _, first, end in _laid(week, diary))


def diary_sleep(week: Week, diary: Sequence[DiaryNight]) -> np.ndarray:
    """(minutes,) bool, from falling asleep to waking as the diary has them; nowhere in nights that lack either."""
    asleep = np.zeros(week.values.size, bool)
    for night, _, _ in _laid(week, diary):
        if week.start is not None and night.asleep is not None and night.awake is not None:
            first, end = (min(max(_minute(moment, week.start), 0), asleep.size) for moment in (night.asleep, night.awake))
            asleep[first:end] = True
    return asleep


def _laid(week: Week, diary: Sequence[DiaryNight]) -> list[tuple[DiaryNight, int, int]]:
    if week.start is None or not week.date_known:
        return []
    laid = []
    for night in sorted(diary, key=lambda night: night.bed):
        first, end = max(_minute(night.bed, week.start), 0), min(_minute(night.rise, week.start), week.values.size)
        if first < end:
            laid.append((night, first, end))
    return laid


def _minute(moment: datetime, start: datetime) -> int:
    return int((moment - start).total_seconds() // 60)
