"""Sleep diaries brought to people who are in a cohort: looked at first, line by line, then kept as a whole or not at all."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

from pat_core.cohorts import Diary, WeekRow, Workspace
from pat_core.errors import RecordingError, WorkspaceError
from pat_core.plurals import counted
from pat_core.recordings.person_names import match
from pat_core.recordings.source import Source, file_source
from pat_core.recordings.tables.diary_table import DiaryRow, DiaryTable, NightDate, diary_night, read_diary
from pat_core.records import Refusal
from pat_core.rhythms.sleep_diary import DiaryNight
from pat_core.workflows.read.uploaded_files import NamedStream, write_upload
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.week_marks import keep_marker
from pat_core.workflows.week.week_nights import week_nights

BEFORE, LATER = timedelta(hours=6), timedelta(hours=6)
"""Around a night of a diary: where the rest in the recording is looked at to tell evenings from mornings."""
MOST_ROWS = 150
"""Of a diary that are compared with the recordings to tell evenings from mornings."""
FEWEST, CLEARLY = 3, 1.25
"""So many nights, and so many times nearer, tell evenings from mornings."""
_DIARY = re.compile(r"(sleep|schlaf)?[ _-]*(diary|diaries|log|tagebuch)", re.IGNORECASE)
"""What the name of a file says beside whose diary it is."""
OTHER: dict[NightDate, NightDate] = {"evening": "morning", "morning": "evening"}


@dataclass(frozen=True)
class DiaryOptions:
    """How a table is read where it does not say so itself. columns: role -> its name, "" for none. date_of: whose date stands there, None:
    find it. participant: whose diary it is, where no column says who. replace: nights that are there already give way."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_of: NightDate | None = None
    participant: str | None = None
    replace: bool = False


AS_FOUND = DiaryOptions()


@dataclass(frozen=True)
class DiaryPlan:
    """What a diary would bring into a cohort; nothing is kept yet.

    nights: (participant, night). refused: line by line, why not. same: nights that are there just so. replaced: nights that give way.
    date_of: whose date was taken to stand there, "" where the times bring theirs along; why: a sentence how that was found. renamed:
    name in the table -> the participant's, where they differ. blank: rows in which nothing was filled in.
    """

    cohort: str
    file: str
    table: DiaryTable
    nights: tuple[tuple[str, DiaryNight], ...]
    refused: tuple[Refusal, ...]
    same: int
    replaced: int
    date_of: NightDate | Literal[""]
    why: str
    renamed: Mapping[str, str]

    @property
    def people(self) -> int:
        """Of how many people there are nights to be kept."""
        return len({participant for participant, _ in self.nights})

    @property
    def blank(self) -> int:
        """Rows in which nothing was filled in."""
        return self.table.blank


def plan_diary(workspace: Workspace, cohort: str, source: Source, options: DiaryOptions = AS_FOUND) -> DiaryPlan:
    """Read a diary and hold each night against the cohort's people and their recordings.

    RecordingError where it is no diary, where no column says who and nobody is named, and where evenings and mornings cannot be told apart.
    """
    table = read_diary(source, options.columns)
    people = _people(workspace, cohort, source, table, options.participant)
    windows = {who: _windows(workspace.week_rows(cohort, who)) for who in set(people.values())}
    refused = list(table.refused)
    matched: list[tuple[DiaryRow, str]] = []
    strangers: dict[str, list[int]] = {}
    for row in table.rows:
        if row.participant not in people:
            strangers.setdefault(row.participant, []).append(row.line)
        elif not windows[people[row.participant]]:
            refused.append(Refusal(_where(row), "The date of this person's recording is not known, so no diary can be laid beside it."))
        else:
            matched.append((row, people[row.participant]))
    refused += [Refusal(_lines(lines, name), people.why(name)) for name, lines in strangers.items()]
    date_of, why = _date_of(workspace, cohort, table, matched, windows, options.date_of)
    read: list[tuple[DiaryRow, str, DiaryNight]] = []
    for row, who in matched:
        try:
            night = diary_night(row, date_of or "evening", windows[who][0][0].date())
            _refuse_outside(night, windows[who])
            read.append((row, who, night))
        except (RecordingError, OverflowError) as error:
            refused.append(Refusal(_where(row), str(error)))
    there = workspace.diary_nights(cohort)
    nights, same, replaced = _against(read, there, options.replace, refused)
    refused.sort(key=lambda refusal: int(refusal.what.split()[1].rstrip(",")))
    renamed = {name: who for name, who in people.items() if name and name != who}
    return DiaryPlan(cohort, source.name, table, tuple(nights), tuple(refused), same, replaced, date_of, why, renamed)


def plan_diary_upload(workspace: Workspace, cohort: str, file: NamedStream, options: DiaryOptions = AS_FOUND) -> DiaryPlan:
    """The same of an uploaded file."""
    with tempfile.TemporaryDirectory() as folder:
        return plan_diary(workspace, cohort, file_source(write_upload(file, Path(folder))), options)


def keep_diary(workspace: Workspace, plan: DiaryPlan, *, who: str) -> Diary:
    """Keep the nights of a plan, all or none. WorkspaceError where it has none, and without a name."""
    if not plan.nights:
        raise WorkspaceError("No night of this diary can be kept, so nothing was. The reasons stand beside its lines.")
    read_as = {
        "columns": dict(plan.table.columns),
        "date_of": plan.date_of,
        "why": plan.why,
        "refused": [asdict(one) for one in plan.refused],
    }
    diary = workspace.add_diary(plan.cohort, plan.nights, who=who, file=plan.file, read_as=read_as)
    keep_marker(workspace, diary.who)
    return diary


class _People(dict[str, str]):
    """Name in the table -> participant; and why somebody is not found."""

    matched = match((), ())

    def why(self, name: str) -> str:
        """A sentence."""
        if not name:
            return "No participant stands in this line. Fill in who it is about."
        if name in self.matched.doubtful:
            return f"Whose night this is cannot be told: {self.matched.doubtful[name]}"
        return f"Nobody in the cohort is called so.{self.matched.hints([name])}"


def _people(workspace: Workspace, cohort: str, source: Source, table: DiaryTable, participant: str | None) -> _People:
    known = [person.participant for person in workspace.people(cohort)]
    people = _People()
    if "participant" in table.columns and participant is None:
        people.matched = match(sorted({row.participant for row in table.rows if row.participant}), known)
        people.update(people.matched.pairs)
        return people
    if participant is None:
        stem = _DIARY.sub("", source.stem).strip(" _-") or source.stem
        participant = match([stem], known).pairs.get(stem) or (known[0] if len(known) == 1 else None)
    if participant is None:
        raise RecordingError(
            "A diary needs a column that says who each night is about (participant, subject, id). Add it, or say whose diary this is."
        )
    if participant not in known:
        raise RecordingError(f"Cohort {cohort!r} has no participant {participant!r}. Choose one from its list of people.")
    people.update({row.participant: participant for row in table.rows})
    return people


def _lines(lines: Sequence[int], name: str) -> str:
    more = f" and {len(lines) - 1:,} more" if len(lines) > 1 else ""
    return f"Line {lines[0]}{more}, {name}" if name else f"Line {lines[0]}{more}"


def _where(row: DiaryRow) -> str:
    return f"Line {row.line}, {row.participant}" if row.participant else f"Line {row.line}"


Windows = list[tuple[datetime, datetime, WeekRow]]


def _windows(rows: Sequence[WeekRow]) -> Windows:
    """Begin and end of each window of a person whose date is known, in their order."""
    return sorted(
        ((row.start, row.start + timedelta(minutes=row.report.minutes), row) for row in rows if row.start is not None and row.date_known),
        key=lambda window: window[0],
    )


def _refuse_outside(night: DiaryNight, windows: Windows) -> None:
    if not any(night.bed < end and night.rise > begin for begin, end, _ in windows):
        raise RecordingError(
            f"The night of {night.bed:%Y-%m-%d %H:%M} to {night.rise:%Y-%m-%d %H:%M} lies outside the recording, which goes from "
            f"{windows[0][0]:%Y-%m-%d %H:%M} to {windows[-1][1]:%Y-%m-%d %H:%M}. Check the date."
        )


def _against(
    read: Sequence[tuple[DiaryRow, str, DiaryNight]], there: Mapping[str, Sequence[DiaryNight]], replace: bool, refused: list[Refusal]
) -> tuple[list[tuple[str, DiaryNight]], int, int]:
    """The nights to keep, how many are there just so, how many give way. What comes twice, or over another night, is refused."""
    of_night: dict[tuple[str, date], list[tuple[DiaryRow, DiaryNight]]] = {}
    for row, who, night in read:
        of_night.setdefault((who, night.evening), []).append((row, night))
    held = {(who, night.evening): night for who, nights in there.items() for night in nights}
    new: dict[str, list[tuple[DiaryRow, DiaryNight]]] = {}
    same = replaced = 0
    for (who, evening), entries in of_night.items():
        row, night = entries[0]
        if any(other != night for _, other in entries):
            numbers = " and ".join(str(other.line) for other, _ in entries)
            refused += [
                Refusal(
                    _where(other), f"The night of {evening:%Y-%m-%d} stands in lines {numbers}, not alike. Keep the line that is right."
                )
                for other, _ in entries
            ]
        elif held.get((who, evening)) == night:
            same += 1
        elif (who, evening) in held and not replace:
            refused.append(
                Refusal(
                    _where(row),
                    f"Another diary has the night of {evening:%Y-%m-%d} already; that one is kept. Replace it, or take it back.",
                )
            )
        else:
            replaced += (who, evening) in held
            new.setdefault(who, []).append((row, night))
    nights = []
    for who, entries in new.items():
        evenings = {night.evening for _, night in entries}
        kept = [night for night in there.get(who, ()) if night.evening not in evenings]
        for row, night in sorted(entries, key=lambda entry: entry[1].bed):
            over = next((other for other in kept if other.bed < night.rise and night.bed < other.rise), None)
            if over is not None:
                reason = (
                    f"This night runs into that of {over.evening:%Y-%m-%d} ({over.bed:%H:%M} to {over.rise:%H:%M}). Correct one of them."
                )
                refused.append(Refusal(_where(row), reason))
                continue
            kept.append(night)
            nights.append((who, night))
    return nights, same, replaced


def _date_of(
    workspace: Workspace,
    cohort: str,
    table: DiaryTable,
    matched: Sequence[tuple[DiaryRow, str]],
    windows: Mapping[str, Windows],
    chosen: NightDate | None,
) -> tuple[NightDate | Literal[""], str]:
    """Whose date stands in the table, and a sentence how that is known."""
    dateless = [row for row in table.rows if not any(isinstance(time, datetime) for time in row.times.values())]
    lines = {row.line for row in dateless}
    open_rows = [(row, who) for row, who in matched if row.date is not None and row.line in lines]
    if not any(row.date is not None for row in dateless):
        numbered = any(row.number is not None for row in dateless)
        return "", "Nights are counted from the first evening of each recording." if numbered else "The times bring their dates along."
    if chosen is not None:
        return chosen, f"The dates are taken as those of the {chosen}s, as chosen."
    if table.date_of:
        return table.date_of, f"The dates are taken as those of the {table.date_of}s, as the name of their column says."
    if not open_rows:
        return "", "Whether the dates are the evenings' or the mornings' was not looked for: no line has a person and a date."
    apart: dict[NightDate, float] = {}
    outside: dict[NightDate, int] = {}
    rests: dict[int, np.ndarray | None] = {}
    compared = 0
    for date_of in OTHER:
        compared, apart[date_of], outside[date_of] = _misfit(workspace, cohort, open_rows[:MOST_ROWS], windows, date_of, rests)
    near = min(apart, key=lambda date_of: apart[date_of])
    if compared >= FEWEST and apart[OTHER[near]] > CLEARLY * apart[near]:
        return near, (
            f"The dates are taken as those of the {near}s: over {compared} nights, {apart[near]:.0f} min in bed by diary or recording "
            f"alone, on average; as those of the {OTHER[near]}s it would be {apart[OTHER[near]]:.0f}."
        )
    inside = min(outside, key=lambda date_of: outside[date_of])
    if not outside[inside] and outside[OTHER[inside]]:
        over = counted(outside[OTHER[inside]], "night")
        return inside, (
            f"The dates are taken as those of the {inside}s: then all nights lie within the recordings, and as those of the "
            f"{OTHER[inside]}s {over} would not."
        )
    raise RecordingError(
        "Whether the dates of this diary are those of the evenings or of the mornings cannot be told from it or from the recordings. Say "
        "which."
    )


def _misfit(
    workspace: Workspace,
    cohort: str,
    rows: Sequence[tuple[DiaryRow, str]],
    windows: Mapping[str, Windows],
    date_of: NightDate,
    rests: dict[int, np.ndarray | None],
) -> tuple[int, float, int]:
    """Nights compared, minutes a night that diary or recording alone has in bed, nights outside of every window. rests: by row of the
    cohort's array, filled as it is needed."""
    apart: list[int] = []
    outside = 0
    for row, who in rows:
        try:
            night = diary_night(row, date_of)
        except (RecordingError, OverflowError):
            continue
        around = night.bed - BEFORE - timedelta(days=1), night.rise + LATER + timedelta(days=1)  # so that both readings see the same nights
        window = next(((begin, of) for begin, end, of in windows[who] if begin <= around[0] and around[1] <= end), None)
        outside += not any(night.bed < end and night.rise > begin for begin, end, _ in windows[who])
        if window is None:
            continue
        begin, of = window
        if of.row not in rests:
            rests[of.row] = week_nights(workspace.week(cohort, who, of.index), None, quality_settings(workspace)).in_bed
        rest = rests[of.row]
        if rest is None:
            continue
        in_bed = np.zeros(rest.size, bool)
        in_bed[_minute(night.bed, begin) : _minute(night.rise, begin)] = True
        near = slice(_minute(night.bed - BEFORE, begin), _minute(night.rise + LATER, begin))
        apart.append(int((in_bed ^ rest)[near].sum()))
    return len(apart), float(np.mean(apart)) if apart else float("inf"), outside


def _minute(moment: datetime, begin: datetime) -> int:
    return int((moment - begin).total_seconds() // 60)
