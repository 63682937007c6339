"""One person's recording in several files: parts that follow one another are joined, and what contradicts is refused by name.

Files belong to one person where they name the same participant, or where their names differ only in a date or a part's number
(S01_part1, S01_2024-03-04). Joined is what lies on one clock, from one device, in one unit and epoch, without contradiction; minutes
between parts are missing. Anything else stays as it is, or is refused with the reason: no half of a recording is kept in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from pat_core.plurals import counted
from pat_core.recordings.clock.grid import LONGEST_DAYS
from pat_core.recordings.person_names import DATES, composed
from pat_core.recordings.source import required
from pat_core.recordings.wearables.step_records import zeros_between
from pat_core.records import UNKNOWN_UNIT, Reading, Recording, Refusal
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.wear.nonwear import EPOCHS_NOTE

LONGEST_GAP = MINUTES_PER_WEEK
"""Minutes between two parts beyond which they are recordings of different times."""
_PART = (
    r"(?<![A-Za-z])(?:part|pt|teil|partie|parte|czesc|deel|del|segment|seg|chunk|block|file|download|days?|tag|jour|dia|giorno|dag|"
    r"weeks?|woche|semaine|semana|settimana|week|wk)[-_ #.]*\d{1,3}(?!\d)(?:[-_ ]*(?:of|von|de|di|av|van)[-_ ]*\d{1,3})?"
)
_TOKEN = re.compile("|".join(f"(?:{part})" for part in (*(date.replace(r"\1", r"[-_. ]") for date in DATES), _PART)), re.IGNORECASE)
_NUMBER = re.compile(r"^(?P<core>.*?[^\d])[-_ .#(]*(?P<number>\d{1,3})\)?$")
_EDGES = " _-.,()[]"
_NOBODY = re.compile(
    r"(?:(?:raw|my|all|the|minute|minutes|daily|activity|actigraphy|accelerometer|accelerometry|acc|counts?|steps?|data|epochs?|recordings?|"
    r"export(?:ed)?|device|watch|sensor|wrist|hip|left|right|output|log|csv|file|60s|60sec|1min|narrow|wide)[-_ ]?)+",
    re.IGNORECASE,
)
"""Names of files that are called after what is in them, and after no person."""
_FACTS = {"unit": "units", "device": "devices", "placement": "placements", "zone": "time zones", "in_utc": "clocks"}


def core_of(name: str) -> str | None:
    """A name without the date or the part's number in it, "" where it is nothing else; None where there is neither."""
    plain = composed(name)
    if not _TOKEN.search(plain):
        return None
    rest = _TOKEN.sub("\0", plain)
    return re.sub(r"[\s_.,()\[\]-]*\0[\s_.,()\[\]-]*", " ", rest).strip(_EDGES)


def named_by_folder(recordings: Sequence[tuple[Recording, str]]) -> list[Recording]:
    """Recordings of a container, each with its path there: those whose files are named by a date or a part's number alone, or after what
    they hold (S01/2024-03-04.csv, S01/activity.csv), are of the person after whom their folder is called."""
    folders = [PurePosixPath(path).parent for _, path in recordings]
    same_named: dict[str, set[PurePosixPath]] = {}
    for (recording, path), folder in zip(recordings, folders, strict=True):
        if _named_by_file(recording, path) and _NOBODY.fullmatch(recording.participant):
            same_named.setdefault(recording.participant, set()).add(folder)
    renamed = []
    for (recording, path), folder in zip(recordings, folders, strict=True):
        several = same_named.get(recording.participant, set())
        person = len({place.name for place in several}) > 1 and all(folders.count(place) == 1 for place in several)
        dated = _named_by_file(recording, path) and core_of(recording.participant) == ""
        folder_person = folder.name or PurePosixPath(recording.source.split(": ")[0]).stem
        renamed.append(replace(recording, participant=folder_person) if dated or (person and folder in several) else recording)
    return renamed


def gathered(reading: Reading) -> Reading:
    """The recordings of a reading, one a person: parts joined, what contradicts refused. Order as they came."""
    refused = list(reading.refused)
    by_name: dict[str, list[Recording]] = {}
    for recording in reading.recordings:
        by_name.setdefault(recording.participant, []).append(recording)
    people = {name: _same_name(name, parts, refused) for name, parts in by_name.items()}
    for core, names in _families(people).items():
        _join_family(core, names, people, refused)
    _refuse_doubtful(people, refused)
    return Reading(tuple(people.values()), tuple(refused))


def _same_name(name: str, recordings: list[Recording], refused: list[Refusal]) -> Recording:
    """One recording of those that name the same participant: joined; what contradicts the first is refused."""
    parts: list[Recording] = []
    for other in sorted(
        recordings, key=lambda recording: (recording.unit == UNKNOWN_UNIT, recording.start or datetime.min)
    ):  # of steps and levels the steps
        apart = bool(parts) and any(_told_apart(part, other) for part in parts)
        if not parts or not (apart or _obstacle(_laid(parts), other)):
            parts.append(other)
            continue
        why = "" if apart else f", and {_obstacle(_laid(parts), other)}"
        refused.append(
            Refusal(
                f"{name} ({other.source})",
                f"A recording of {name} was already imported from {parts[0].source}; this one is from {other.source}{why}. Give each "
                "person their own name, or keep one of the two files.",
            )
        )
    return _whole(parts, name)


def _told_apart(recording: Recording, other: Recording) -> bool:
    """Whether two recordings of one name may be two people's by their folders: control/01.csv and patient/01.csv, not week1 and week2."""
    if all(core_of(PurePosixPath(_place(part)).parent.name) is not None for part in (recording, other)):
        return False
    groups = {part.labels.get("group") for part in (recording, other)} - {None}
    return len(groups) > 1 or (_named_by_file(recording) and _named_by_file(other) and not _same(recording, other))


def _same(recording: Recording, other: Recording) -> bool:
    return (
        recording.start == other.start and recording.unit == other.unit and np.array_equal(recording.values, other.values, equal_nan=True)
    )


def _named_by_file(recording: Recording, path: str = "") -> bool:
    return PurePosixPath(path or _place(recording)).name.startswith(f"{recording.participant}.")


def _place(recording: Recording) -> str:
    """The path of a recording's file inside its container."""
    return re.sub(r", line \d+$", "", recording.source).rsplit(": ", 1)[-1]


@dataclass(frozen=True, order=True)
class _Span:
    """Where a recording lies: minutes since 1970, first and one after the last."""

    first: int
    end: int


def _begin(recording: Recording) -> datetime:
    """When a recording of known time began. Raises RecordingError for one of unknown time, which nothing can be put in order with."""
    return required(recording.start, f"{recording.source} does not say when its recording began, so it cannot be put in order.")


def _span(recording: Recording) -> _Span:
    first = round((_begin(recording) - datetime(1970, 1, 1)).total_seconds() / 60)
    return _Span(first, first + recording.values.size)


def _obstacle(recording: Recording, other: Recording) -> str:
    """Why two recordings cannot be one, in half a sentence; "" where they can."""
    if _same(recording, other):
        return ""
    for fact, several in _FACTS.items():
        serial, other_serial = getattr(recording, fact), getattr(other, fact)
        if serial != other_serial and None not in (serial, other_serial):
            return f"their {several} differ ({serial} and {other_serial})" if fact != "in_utc" else "one is in UTC and the other is not"
    serial, other_serial = recording.labels.get("serial"), other.labels.get("serial")
    if serial != other_serial and None not in (serial, other_serial):
        return f"they are from two devices (serial {serial} and {other_serial})"
    if _epochs(recording) != _epochs(other):
        return "their epochs differ"
    if recording.start is None or other.start is None or not (recording.date_known and other.date_known):
        return "the files do not say when they began, so they cannot be put in order"
    return _obstacle_in_time(recording, other)


def _obstacle_in_time(recording: Recording, other: Recording) -> str:
    span, other_span = _span(recording), _span(other)
    gap = max(span.first, other_span.first) - min(span.end, other_span.end)
    if gap > LONGEST_GAP:
        return f"they are {gap / MINUTES_PER_DAY:.0f} days apart, so they count as two recordings"
    if max(span.end, other_span.end) - min(span.first, other_span.first) > LONGEST_DAYS * MINUTES_PER_DAY:
        return f"together they span more than {LONGEST_DAYS} days"
    first, end = max(span.first, other_span.first), min(span.end, other_span.end)
    if first >= end:
        return ""
    values, other_values = (
        recording.values[first - span.first : end - span.first],
        other.values[first - other_span.first : end - other_span.first],
    )
    both = np.isfinite(values) & np.isfinite(other_values)
    differing = both & (values != other_values)
    if not differing.any():
        return ""
    at = datetime(1970, 1, 1) + timedelta(minutes=first + int(differing.argmax()))
    return f"they disagree on {int(differing.sum()):,} of the same minutes, first at {at:%Y-%m-%d %H:%M}"


def _epochs(recording: Recording) -> list[str]:
    return [note.split(" were ")[0] for note in recording.notes if note.startswith(EPOCHS_NOTE)]


def _laid(parts: Sequence[Recording]) -> Recording:
    """The first of the parts with the values and flags of all; of a minute that several give, the first's."""
    different = [part for at, part in enumerate(parts) if not any(_same(part, before) for before in parts[:at])]
    if len(different) == 1:
        return parts[0]
    spans = [_span(part) for part in different]
    begin, end = min(span.first for span in spans), max(span.end for span in spans)
    values = np.full(end - begin, np.nan, np.float32)
    worn = np.ones(values.size, bool) if any(part.worn is not None for part in different) else None
    for span, part in zip(spans, different, strict=True):
        target = values[span.first - begin : span.end - begin]
        target[:] = np.where(np.isfinite(target), target, part.values)
        if worn is not None and part.worn is not None:
            worn[span.first - begin : span.end - begin] &= part.worn
    start = min(_begin(part) for part in different)
    facts = ("device", "placement", "zone")
    stated: dict[str, Any] = {fact: next((value for part in parts if (value := getattr(part, fact)) is not None), None) for fact in facts}
    return replace(parts[0], values=values, worn=worn, start=start, **stated)


def _whole(parts: Sequence[Recording], name: str) -> Recording:
    """Parts between which there is no obstacle as one recording, with what all say of the person and a note on the joining."""
    if len(parts) == 1:
        return replace(parts[0], participant=name)
    whole, copies = zeros_between(_laid(parts), parts), sum(_same(part, parts[0]) for part in parts[1:])
    labels = {key: value for part in reversed(parts) for key, value in part.labels.items()}
    labels = {key: value for key, value in labels.items() if all(part.labels.get(key, value) == value for part in parts)}
    if repeated := sum(float(part.labels.get("repeated_minutes") or 0.0) for part in parts):
        labels["repeated_minutes"] = repeated
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    return replace(whole, participant=name, labels=labels, notes=(_note(parts, copies, whole), *notes))


def _note(parts: Sequence[Recording], copies: int, whole: Recording) -> str:
    if copies == len(parts) - 1:
        others = ", ".join(part.source for part in parts[1:4]) + (f" and {copies - 3} more" if copies > 3 else "")
        return f"The same recording was imported {copies + 1} times, also from {others}; it counts once."
    spans = sorted(_span(part) for part in parts)
    reached, missing = spans[0].end, 0
    for span in spans[1:]:
        missing += int(np.isnan(whole.values[max(reached - spans[0].first, 0) : span.first - spans[0].first]).sum())
        reached = max(reached, span.end)
    between = (
        f"{counted(missing, 'minute between them has', 'minutes between them have')} no value"
        if missing
        else "nothing is missing between them"
    )
    ordered = sorted(parts, key=_begin)
    return f"Joined from {len(parts)} files of one person, {_place(ordered[0])} to {_place(ordered[-1])}; {between}."


def _families(people: dict[str, Recording]) -> dict[str, list[str]]:
    """Core of a name -> the names that differ from it only in a date or a part's number, two and more, in the order of their times."""
    families: dict[str, list[str]] = {}
    for name in people:
        if core := core_of(name):
            families.setdefault(core, []).append(name)
    for core in families:
        if core in people and core not in families[core]:
            families[core].append(core)
    for names in families.values():
        names.sort(key=lambda name: (people[name].start or datetime.min, name))
    return {core: names for core, names in families.items() if len(names) > 1}


def _join_family(core: str, names: list[str], people: dict[str, Recording], refused: list[Refusal]) -> None:
    """Join people whose names say that they are parts of one; where they contradict, whole weeks stay apart and the rest is refused."""
    parts, why = [people[names[0]]], ""
    for name in names[1:]:
        if why := _obstacle(_laid(parts), people[name]):
            why = f"{names[0]} and {name} look like parts of {core}, but {why}"
            break
        parts.append(people[name])
    if not why:
        _put(people, names, _whole(parts, core))
        return
    for name in names:
        if people[name].values.size >= MINUTES_PER_WEEK:
            message = (
                f"{why}. They were imported under their own names; if they are one person, that person may end up in both training and "
                "test."
            )
            people[name] = replace(people[name], notes=(*people[name].notes, message))
        else:
            _refuse(name, f"{why}. Join them by hand, or give each its own name.", people, refused)


def _put(people: dict[str, Recording], names: Sequence[str], whole: Recording) -> None:
    """The joined recording in the place of its first part."""
    first, were = next(name for name in people if name in names), dict(people)
    people.clear()
    for name, column in were.items():
        if name == first:
            people[whole.participant] = whole
        elif name not in names:
            people[name] = column


def _refuse(name: str, why: str, people: dict[str, Recording], refused: list[Refusal]) -> None:
    recordings = people.pop(name)
    refused.append(Refusal(f"{recordings.source}: {name}", why))


def _refuse_doubtful(people: dict[str, Recording], refused: list[Refusal]) -> None:
    """Short recordings whose names differ only in a number at the end, or are dates alone, and whose times follow one another."""
    groups: dict[str, list[str]] = {}
    for name, recording in people.items():
        if recording.start is None or not recording.date_known or recording.values.size >= MINUTES_PER_WEEK:
            continue
        if core_of(name) == "":
            groups.setdefault("", []).append(name)
        elif match := _NUMBER.match(name):
            groups.setdefault(match["core"], []).append(name)
    for core, names in groups.items():
        names.sort(key=lambda name: _begin(people[name]))
        parts = [people[name] for name in names]
        gaps = [_span(late).first - _span(early).end for early, late in zip(parts, parts[1:], strict=False)]
        if not gaps or not all(0 <= gap <= MINUTES_PER_DAY for gap in gaps):
            continue
        name_core = core.strip(_EDGES) or "S01"
        where = (
            "put them in a folder or zip named after the person"
            if not core
            else f"name them {name_core}_part1, {name_core}_part2 and so on"
        )
        for name in names:
            message = (
                f"{names[0]} to {names[-1]} are {len(names)} recordings of less than a week that follow one another: parts of one "
                f"person's recording, or people measured in turn? If they are one person, {where} to have them joined."
            )
            _refuse(name, message, people, refused)
