"""Time at an import: the zone of the recordings, how their clocks ran, and what becomes of weeks over a change of the clock.

A week is 10,080 minutes of wall clock (a window of D days 1,440 D); over a change it lasted 10,020 or 10,140 (see clock.zones). Nothing is
told of weeks whose zone neither the file nor the reader names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from pat_core.errors import RecordingError
from pat_core.jobs import Spec
from pat_core.recordings.clock import named_zones, zones
from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.records import Alignment, Days, Recording, Refusal, Week
from pat_core.settings import MINUTES_PER_WEEK, USUAL_DAYS
from pat_core.weeks import cut, span

WhatOverChange = Literal["cut", "refuse"]
OVER_CHANGE: tuple[WhatOverChange, ...] = get_args(WhatOverChange)
EFFECT: dict[WhatOverChange, str] = {
    "cut": "Cut to the minutes of the wall clock: a skipped hour is missing, a repeated one counts once, by its first reading.",
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

    minutes: how long it really lasted. done: "cut" or "refuse". wall: its minutes by the wall clock.
    """

    participant: str
    index: int
    start: str
    zone: str
    days: tuple[str, ...]
    minutes: int
    done: WhatOverChange
    wall: int = MINUTES_PER_WEEK

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


def how_taken(recording: Recording, clocks: Clocks, columns: Mapping | None = None) -> Taken:
    """How the times of a recording, as it was read, are to be taken. columns: the mapping by which it was read, if any."""
    if recording.start is None or not recording.date_known:
        return Taken(None)
    if recording.zone is not None:
        if columns is not None and columns.zone == recording.zone:
            return Taken(recording.zone, columns.runs, "columns")
        return Taken(recording.zone, by="file")
    ran = "utc" if recording.in_utc else clocks.clock
    return Taken(None, ran) if clocks.zone is None else Taken(clocks.zone, ran, "import")


def placed(recording: Recording, clocks: Clocks, columns: Mapping | None = None) -> Recording:
    """The recording on the wall clock of its zone (see how_taken), with notes on what was done."""
    taken = how_taken(recording, clocks, columns)
    if clocks.zone is None or (taken.by != "import" and taken.zone == clocks.zone):
        return recording
    if taken.zone is None:
        return _noted(recording, f"Its date is not known, so neither are clock changes in {clocks.zone}; it stays as recorded.")
    if taken.by != "import":
        who = "The file names" if taken.by == "file" else "The setting for the columns gives"
        return _noted(recording, f"{who} the time zone {taken.zone}, which takes precedence over the chosen {clocks.zone}.")
    moved = zones.on_wall_clock(recording, clocks.zone, taken.ran)
    notes = named_zones.without_hints(moved.notes) if taken.ran == "steady" else moved.notes
    return replace(moved, notes=(*notes, *_other_offset(recording, clocks.zone)))


def _other_offset(recording: Recording, zone: str) -> tuple[str, ...]:
    """A sentence where the file says that its device was set up at an offset from UTC that clocks of the chosen zone never have."""
    offset = str(recording.labels.get("utc_offset") or "")
    minutes = named_zones.minutes_of(offset)
    if minutes is None or recording.start is None or recording.offsets or minutes in named_zones.offsets_in(zone, recording.start.year):
        return ()
    named = f", in {str(recording.labels['time_zone'])[:80]}" if recording.labels.get("time_zone") else ""
    return (
        f"The file says that its device was set up at {offset[:10]} from UTC{named}; clocks in the chosen {zone} never are. One of the "
        "two is wrong: choose the zone where it was recorded.",
    )


def weeks_of(
    recording: Recording, alignment: Alignment, clocks: Clocks, columns: Mapping | None = None, days: Days = USUAL_DAYS
) -> tuple[list[Week], list[Refusal], list[WeekOverChange]]:
    """The weeks of a recording; those over a change of the clock are told, and refused where that is chosen.

    columns: the mapping by which it was read, if any. days: how long they are (see `cut`). Raises WeekError where no
    full week fits, RecordingError where its times make no sense.
    """
    recording = placed(recording, clocks, columns)
    weeks: list[Week] = []
    refused: list[Refusal] = []
    over: list[WeekOverChange] = []
    for week in cut(recording, alignment, days=days):
        change = over_change(week, recording.zone, clocks.over_change)
        if change is None:
            weeks.append(week)
            continue
        over.append(change)
        if change.done == "refuse":
            refused.append(Refusal(f"{week.participant}, week {week.index + 1}", _refusal(change)))
        else:
            weeks.append(replace(week, notes=(*week.notes, note(change))))
    return weeks, refused, over


def over_change(week: Week, zone: str | None, done: WhatOverChange) -> WeekOverChange | None:
    """What is to be told of a week over a change of the clock; None for another, and where zone or date are not known."""
    if zone is None or week.start is None or not week.date_known:
        return None
    wall = week.values.size
    days = zones.days_over_change(week.start, wall, zone)
    if not days:
        return None
    real = zones.real_minutes(week.start, wall, zone)
    return WeekOverChange(week.participant, week.index, week.start.isoformat(), zone, tuple(map(str, days)), real, done, wall)


def note(week: WeekOverChange) -> str:
    """What was done to a week that was cut; the same for everybody whose week lies over that change."""
    differ = week.wall - week.minutes
    if differ > 0:
        what = f"{differ:,} skipped minutes are missing"
    elif differ < 0:
        what = f"{-differ:,} repeated minutes count once"
    else:
        what = "as many minutes were skipped as repeated"
    return (
        f"A {span(week.wall)} over the clock change in {_where(week)} lasted {week.minutes:,} minutes; cut to {week.wall:,} of wall clock: "
        f"{what}."
    )


def _refusal(week: WeekOverChange) -> str:
    return (
        f"It lasted {week.minutes:,} minutes, not {week.wall:,}: the clock changed in {_where(week)}. Weeks over a change were to be "
        "refused; import again and have them cut to keep them."
    )


def _where(week: WeekOverChange) -> str:
    return f"{week.zone} ({', '.join(week.days)})"


def summary(over: Sequence[WeekOverChange], clocks: Clocks, without_zone: int = 0) -> str:
    """What an import did about changes of the clock, in a sentence or two; "" where there is nothing to say.

    without_zone: people of whose weeks nothing can be told.
    """
    sentences = []
    if over:
        lengths = Counter(week.minutes for week in over)
        many = ", ".join(f"{count:,} lasted {minutes:,}" for minutes, count in sorted(lengths.items()))
        long = f" and lasted {over[0].minutes:,} minutes" if len(lengths) == 1 else f" ({many} minutes)"
        walls = {week.wall for week in over}
        what = span(walls.pop()) if len(walls) == 1 else "window"
        subject, were = (f"1 {what} spans", "it was") if len(over) == 1 else (f"{len(over):,} {what}s span", "they were")
        done = (
            (f"cut to the {over[0].wall:,} of the wall clock" if not walls else "cut to wall clock") if over[0].done == "cut" else "refused"
        )
        sentences.append(f"{subject} a clock change{long}: {were} {done}.")
    elif clocks.zone and not without_zone:
        sentences.append("No week spans a clock change.")
    if without_zone and (clocks.zone or clocks.over_change == "refuse"):
        whom = "1 recording" if without_zone == 1 else f"{without_zone:,} recordings"
        sentences.append(f"For {whom} the time zone or the date is not known, so neither are clock changes.")
    return " ".join(sentences)


def _noted(recording: Recording, sentence: str) -> Recording:
    return replace(recording, notes=(*recording.notes, sentence))
