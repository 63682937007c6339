"""What an import is told of time, and what it did, as records that are kept: light, so that a list of cohorts opens at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pat_core.errors import RecordingError
from pat_core.jobs.job_requests import Spec
from pat_core.recordings.clock import zones

WhatOverChange = Literal["cut", "refuse"]
OVER_CHANGE: tuple[WhatOverChange, ...] = get_args(WhatOverChange)
EFFECT: dict[WhatOverChange, str] = {
    "cut": "Cut to 10,080 minutes of wall clock: a skipped hour is missing, a repeated one counts once, by its first reading.",
    "refuse": "Left out, and listed with what was not imported. The person's other weeks stay.",
}
"""What becomes of a week over a change of the clock, for a reader."""


@dataclass(frozen=True)
class Clocks(Spec):
    """What an import is told of time. Raises RecordingError for a zone, clock or choice that there is not.

    zone: IANA time zone of the recordings whose files name none; None: as each file says. clock: how the clocks of those ran (see
    zones.Clock); a file that says that its times are in UTC is believed. over_change: what becomes of weeks over a change.
    """

    zone: str | None = None
    clock: zones.Clock = "wall"
    over_change: WhatOverChange = "cut"

    def __post_init__(self) -> None:
        if self.zone is not None:
            zones.zone_named(self.zone)
        for what, value, known in (("clock", self.clock, zones.CLOCKS), ("week over a change", self.over_change, OVER_CHANGE)):
            if value not in known:
                raise RecordingError(f"For the {what} one of {', '.join(known)} was expected, not “{str(value)[:40]}”. Choose one of them.")
        if self.zone is None and self.clock != "wall":
            raise RecordingError(
                "A device's own clock, or UTC, can be brought to wall clock only where the time zone is known. Name the zone "
                "(Europe/Berlin), or leave the clock as recorded."
            )


AS_RECORDED = Clocks()
"""What files say, and weeks over a change cut."""


@dataclass(frozen=True)
class WeekOverChange(Spec):
    """One week over a change of the clock. index: 0 for the person's first. start: its first minute, days: those of the changes, ISO.

    minutes: how long it really lasted. done: "cut" or "refuse".
    """

    participant: str
    index: int
    start: str
    zone: str
    days: tuple[str, ...]
    minutes: int
    done: WhatOverChange

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", tuple(self.days))  # a list where it comes from JSON

    def as_spec(self) -> dict[str, object]:
        """As `Spec.as_spec`, the same before and after JSON."""
        return super().as_spec() | {"days": list(self.days)}


@dataclass(frozen=True)
class Taken(Spec):
    """How the times of a recording are taken.

    zone: of their wall clock, None where it, or the date, is not known. ran: what they were in the file (see zones.Clock). by: who named
    the zone: the file itself, what was said of its columns, or who imported it.
    """

    zone: str | None
    ran: zones.Clock = "wall"
    by: Literal["file", "columns", "import"] | None = None
