"""The edits that a reader can choose, each with its doses, what it needs to know of a week, and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np

from pat_core.errors import WeekError
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks import editing
from pat_core.weeks.week_time import in_days

Need = Literal["rest", "window", "moment", "start"]
DoseUnit = Literal["shift", "minutes", "share", "switch"]
EDITS_VERSION = 4
"""Counts up when an edit gives other values than before: kept answers to edited weeks are then made again."""

SHIFTS = tuple(range(-180, 181, 30))
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)

A_NIGHT = "A night is the longest estimated rest of a day, three hours or more, as in the table of nights."
"""What `EditContext.nights` holds, for a reader."""


@dataclass(frozen=True, eq=False)
class EditContext:
    """What is known of the week that is edited.

    rest: (minutes,) bool, its rest periods, None where they cannot be estimated. start: wall clock of the first minute, None where
    unknown. window: (first, end) minutes of the week that the reader chose. seed: of what is drawn. nights: (minutes,) bool, those of the
    rest periods that are a night, None where each is one.
    """

    rest: np.ndarray | None = None
    start: datetime | None = None
    window: tuple[int, int] | None = None
    seed: int = 0
    nights: np.ndarray | None = None

    @property
    def asleep(self) -> np.ndarray | None:
        """(minutes,) bool, the nights: what edits of waking, bedtime and nights work on."""
        return self.rest if self.nights is None else self.nights


@dataclass(frozen=True, eq=False)
class Edit:
    """One edit. sentence: what it does to the minutes, in full. phrase: how a sentence about it begins, with {dose} and {window}.

    unit: of the dose: "shift" (minutes, + is later), "minutes", "share" (0 to 1), "switch" (0 or 1). doses: ascending, 0 among them, for
    the curve; begin: the one to open with. needs: what the context must hold ("moment" is a window of which only the first minute counts).
    make: from the values, the dose, what `needs` names, and the context.
    cut: as phrase, for a dose that the end of the week cuts short; "" where none can be. moved: how many nights it works on, from their
    [first, end) minutes and the length of the week; None where it is no edit of nights. of_wear: it takes the device off or moves whole
    days, so that the device's own flags are edited as the values are.
    """

    name: str
    title: str
    sentence: str
    phrase: str
    unit: DoseUnit
    doses: tuple[float, ...]
    begin: float
    needs: Need
    make: Callable[[np.ndarray, float, Any, EditContext], np.ndarray]
    cut: str = ""
    moved: Callable[[list[tuple[int, int]], int], int] | None = None
    of_wear: bool = False

    def apply(self, values: np.ndarray, dose: float, context: EditContext) -> np.ndarray:
        """Edited (minutes,) values; the same bytes at dose 0. Raises WeekError where the context or the dose does not allow it."""
        if not self.doses[0] <= dose <= self.doses[-1] or (self.unit == "switch" and dose not in self.doses):
            between = " or " if self.unit == "switch" else " to "
            raise WeekError(f"“{self.title}” goes from {self.doses[0]:g}{between}{self.doses[-1]:g}, not to {dose:g}. Choose another.")
        known = {"rest": context.asleep, "window": context.window, "moment": context.window, "start": context.start}
        needed = known[self.needs]
        if needed is None:
            raise WeekError(f"“{self.title}” {MISSING[self.needs]}")
        return self.make(np.asarray(values), dose, needed, context)

    def why_not(self, minutes: int) -> str:
        """Why it cannot be made in a window of so many minutes, in a sentence; "" where it can."""
        if self.needs != "start" or minutes == MINUTES_PER_WEEK:
            return ""
        return f"It exchanges the two days of a weekend within a week of 7 full days; this is {in_days(minutes)} long."

    def flags(self, worn: np.ndarray | None, dose: float, context: EditContext) -> np.ndarray | None:
        """The device's own flags, (minutes,) bool or None, of the edited week."""
        return worn if worn is None or not self.of_wear else self.apply(worn.astype(np.float32), dose, context) > 0

    def words(self, dose: float) -> str:
        """A dose for a reader: "90 minutes later", "2 hours", "50 %"."""
        if self.unit == "switch":
            return "exchanged" if dose else "as recorded"
        if self.unit == "share":
            return f"{100 * dose:.0f} %"
        length = _length(abs(dose))
        if self.unit == "minutes":
            return length
        return f"{length} {'later' if dose > 0 else 'earlier'}" if dose else "as recorded"

    def tick(self, dose: float) -> str:
        """A dose for an axis: "+2 h", "50 %"; "" for a dose between whole hours."""
        if self.unit in ("share", "switch"):
            return self.words(dose)
        sign = {1: "+", -1: "\u2212"}[1 if dose > 0 else -1] if self.unit == "shift" and dose else ""
        return "" if dose % 60 else f"{sign}{abs(dose) / 60:.0f} h" if dose else "0"

    @property
    def axis(self) -> str:
        """What the doses are, as an axis title."""
        return {"shift": "later (+) or earlier (\u2212)", "minutes": "how long", "share": "how much of it", "switch": ""}[self.unit]

    def room(self, minutes: int, context: EditContext) -> int | None:
        """Minutes from the chosen moment to the end of a week of so many minutes: a longer dose is cut short. None where none can be."""
        return minutes - context.window[0] if self.cut and context.window else None

    def whole(self, minutes: int, context: EditContext) -> tuple[float, ...]:
        """The doses that a week of so many minutes has room for: those beyond would all be one and the same edit."""
        room = self.room(minutes, context)
        return tuple(dose for dose in self.doses if room is None or dose <= room)

    def nights(self, minutes: int, context: EditContext) -> int | None:
        """How many nights of a week of so many minutes this edit works on; None where it is no edit of nights."""
        return None if self.moved is None or context.asleep is None else self.moved(editing.bounds(context.asleep), minutes)

    def opening(self, dose: float, window: str = "", *, room: int | None = None, nights: int | None = None) -> str:
        """How a sentence about this edit begins. window: where it is, in words. room, nights: see the methods of these names."""
        count = "the nights" if nights is None else "1 night" if nights == 1 else f"{nights} nights"
        if room is not None and dose > room:
            return self.cut.format(dose=self.words(room), window=window)
        return self.phrase.format(dose=self.words(dose), window=window, nights=count)


MISSING = {
    "rest": (
        "needs to know when this person slept. Nights are estimated only from counts, and these are in another unit, or unfit for any "
        "model. Choose an edit of a window."
    ),
    "window": "needs a window: a day, a start and an end.",
    "moment": "needs a day and a time to start from.",
    "start": "needs to know which days are the weekend, but the recording does not say when it began. Choose another edit.",
}


def _length(minutes: float) -> str:
    """ "90 minutes", "2 hours"; whole hours from 2 on."""
    if minutes >= 120 and minutes % 60 == 0:
        return f"{minutes / 60:.0f} hours"
    return f"{minutes:.0f} minutes"


def _all(nights: list[tuple[int, int]], minutes: int) -> int:
    return len(nights)


def _that_end(nights: list[tuple[int, int]], minutes: int) -> int:
    return sum(end < minutes for _, end in nights)


def _that_begin(nights: list[tuple[int, int]], minutes: int) -> int:
    return sum(first > 0 for first, _ in nights)


def _swap(values: np.ndarray, dose: float, start: datetime, context: EditContext) -> np.ndarray:
    return editing.swap_weekend(values, start) if dose else np.array(values)


def _fill(values: np.ndarray, dose: float, window: tuple[int, int], context: EditContext) -> np.ndarray:
    return editing.fill_bout(values, window[0], window[1], dose, context.rest, context.seed)


def _erase(values: np.ndarray, dose: float, window: tuple[int, int], context: EditContext) -> np.ndarray:
    return editing.erase_bout(values, window[0], window[1], dose, context.asleep, context.seed)


EDITS = {
    edit.name: edit
    for edit in (
        Edit(
            "shift_wake",
            "Wake later or earlier",
            "Later: the minutes after waking are filled with quiet minutes of the same night. Earlier: the last minutes of the night are "
            "filled with the first hour after waking, repeated. " + A_NIGHT,
            "With waking {dose} on {nights}",
            "shift",
            SHIFTS,
            90,
            "rest",
            lambda values, dose, asleep, context: editing.shift_wake(values, asleep, dose, context.seed),
            moved=_that_end,
        ),
        Edit(
            "shift_bedtime",
            "Go to bed later or earlier",
            "Later: the first minutes of the night are filled with the last hour before bed, repeated. Earlier: the minutes before bed are "
            "filled with quiet minutes of the same night. " + A_NIGHT,
            "With bedtime {dose} on {nights}",
            "shift",
            SHIFTS,
            90,
            "rest",
            lambda values, dose, asleep, context: editing.shift_bedtime(values, asleep, dose, context.seed),
            moved=_that_begin,
        ),
        Edit(
            "fill_bout",
            "Fill a window with activity",
            "Minutes in the window rise towards active minutes of the same person: drawn from the most active quarter of their waking "
            "minutes with movement. No minute goes down.",
            "With {window} filled by {dose} with this person's own active minutes",
            "share",
            SHARES,
            1.0,
            "window",
            _fill,
        ),
        Edit(
            "erase_bout",
            "Erase the activity in a window",
            "Minutes in the window fall towards rest minutes of the same person, drawn from their nights (where no night is known, from "
            "the quietest quarter of all minutes). No minute goes up.",
            "With the activity in {window} erased by {dose}",
            "share",
            SHARES,
            1.0,
            "window",
            _erase,
        ),
        Edit(
            "damp_night",
            "Damp the nights",
            "Activity within the estimated nights is reduced by this share; at 100 % every night is still, and looks like a device that "
            "is not worn. " + A_NIGHT,
            "With activity at rest damped by {dose} on {nights}",
            "share",
            SHARES,
            1.0,
            "rest",
            lambda values, dose, asleep, context: editing.damp_night(values, asleep, dose),
            moved=_all,
        ),
        Edit(
            "flatten_night",
            "Flatten the nights",
            "Each minute of a night moves towards that night's mean: the amount of activity stays, its ups and downs go. " + A_NIGHT,
            "With the ups and downs of activity at rest flattened by {dose} on {nights}",
            "share",
            SHARES,
            1.0,
            "rest",
            lambda values, dose, asleep, context: editing.flatten_night(values, asleep, dose),
            moved=_all,
        ),
        Edit(
            "insert_nonwear",
            "Take the device off",
            "Every minute is zero for this long, or up to the end, as a device on a table records it, even where minutes were missing.",
            "With the device off for {dose} from {window}",
            "minutes",
            (0, 60, 120, 240, 360, 480, 720, 1080, 1440),
            480,
            "moment",
            lambda values, dose, window, context: editing.insert_nonwear(values, window[0], dose),
            cut="With the device off from {window} until the end ({dose})",
            of_wear=True,
        ),
        Edit(
            "swap_weekend",
            "Exchange weekend and weekdays",
            "Saturday and Sunday change places with two days between Tuesday and Thursday, midnight to midnight; nothing else changes.",
            "With Saturday and Sunday {dose} for two weekdays",
            "switch",
            (0, 1),
            1,
            "start",
            _swap,
            of_wear=True,
        ),
    )
}
"""Name -> edit, in the order in which a reader is offered them."""
