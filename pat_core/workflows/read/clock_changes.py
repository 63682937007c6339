"""Time at an import: the zone of the recordings, how their clocks ran, and what becomes of weeks over a change of the clock.

A week is 10,080 minutes of wall clock; over a change it lasted 10,020 or 10,140 (see clock.zones). Nothing is told of weeks whose
zone neither the file nor the reader names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pat_core.recordings.clock import named_zones, zones
from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.records import Alignment, Recording, Refusal, Week
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks import cut
from pat_core.workflows.read.clock_choice import Clocks, Taken, WeekOverChange, WhatOverChange


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
    recording: Recording, alignment: Alignment, clocks: Clocks, columns: Mapping | None = None
) -> tuple[list[Week], list[Refusal], list[WeekOverChange]]:
    """The weeks of a recording; those over a change of the clock are told, and refused where that is chosen.

    columns: the mapping by which it was read, if any. Raises WeekError where no full week fits, RecordingError where its times make no
    sense.
    """
    recording = placed(recording, clocks, columns)
    kept: list[Week] = []
    refused: list[Refusal] = []
    over: list[WeekOverChange] = []
    for week in cut(recording, alignment):
        found = over_change(week, recording.zone, clocks.over_change)
        if found is None:
            kept.append(week)
            continue
        over.append(found)
        if found.done == "refuse":
            refused.append(Refusal(f"{week.participant}, week {week.index + 1}", _refusal(found)))
        else:
            kept.append(replace(week, notes=(*week.notes, note(found))))
    return kept, refused, over


def over_change(week: Week, zone: str | None, done: WhatOverChange) -> WeekOverChange | None:
    """What is to be told of a week over a change of the clock; None for another, and where zone or date are not known."""
    if zone is None or week.start is None or not week.date_known:
        return None
    days = zones.days_over_change(week.start, MINUTES_PER_WEEK, zone)
    if not days:
        return None
    real = zones.real_minutes(week.start, MINUTES_PER_WEEK, zone)
    return WeekOverChange(week.participant, week.index, week.start.isoformat(), zone, tuple(map(str, days)), real, done)


def note(week: WeekOverChange) -> str:
    """What was done to a week that was cut; the same for everybody whose week lies over that change."""
    differ = MINUTES_PER_WEEK - week.minutes
    if differ > 0:
        what = f"{differ:,} skipped minutes are missing"
    elif differ < 0:
        what = f"{-differ:,} repeated minutes count once"
    else:
        what = "as many minutes were skipped as repeated"
    return f"A week over the clock change in {_where(week)} lasted {week.minutes:,} minutes; cut to 10,080 of wall clock: {what}."


def _refusal(week: WeekOverChange) -> str:
    return (
        f"It lasted {week.minutes:,} minutes, not 10,080: the clock changed in {_where(week)}. Weeks over a change were to be refused; "
        "import again and have them cut to keep them."
    )


def _where(week: WeekOverChange) -> str:
    return f"{week.zone} ({', '.join(week.days)})"


def summary(over: Sequence[WeekOverChange], clocks: Clocks, without_zone: int = 0) -> str:
    """What an import did about changes of the clock, in a sentence or two; "" where there is nothing to say.

    without_zone: people of whose weeks nothing can be told.
    """
    said = []
    if over:
        lengths = Counter(week.minutes for week in over)
        many = ", ".join(f"{count:,} lasted {minutes:,}" for minutes, count in sorted(lengths.items()))
        long = f" and lasted {over[0].minutes:,} minutes" if len(lengths) == 1 else f" ({many} minutes)"
        whose, were = ("1 week spans", "it was") if len(over) == 1 else (f"{len(over):,} weeks span", "they were")
        done = "cut to the 10,080 of the wall clock" if over[0].done == "cut" else "refused"
        said.append(f"{whose} a clock change{long}: {were} {done}.")
    elif clocks.zone and not without_zone:
        said.append("No week spans a clock change.")
    if without_zone and (clocks.zone or clocks.over_change == "refuse"):
        whom = "1 recording" if without_zone == 1 else f"{without_zone:,} recordings"
        said.append(f"For {whom} the time zone or the date is not known, so neither are clock changes.")
    return " ".join(said)


def _noted(recording: Recording, sentence: str) -> Recording:
    return replace(recording, notes=(*recording.notes, sentence))
