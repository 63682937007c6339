"""Sleep diaries of a cohort's people: each import is kept, and can be taken back as a whole. Of nights that came twice the last holds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime

from pat_core.cohorts.cohort_records import Diary
from pat_core.cohorts.database import Database
from pat_core.cohorts.database_values import from_json, moment, to_json, valid_name
from pat_core.cohorts.kept.shelf import new_id
from pat_core.cohorts.stores import cohort_rows
from pat_core.errors import WorkspaceError
from pat_core.rhythms.sleep_diary import DiaryNight

_INSERT = "INSERT INTO diaries (id, cohort_id, file, read_as, who, added, undoes) VALUES (?, ?, ?, ?, ?, ?, ?)"
_LIST = """SELECT diary.id, diary.file, diary.read_as, diary.who, diary.added, count(night.evening), count(DISTINCT night.participant),
    undo.who, undo.added FROM diaries AS diary LEFT JOIN diaries AS undo ON undo.undoes = diary.id
    LEFT JOIN diary_nights AS night ON night.diary_id = diary.id WHERE diary.undoes IS NULL AND diary.cohort_id = ?"""
_NIGHTS = """SELECT night.participant, night.night FROM diary_nights AS night JOIN diaries AS diary ON diary.id = night.diary_id
    WHERE diary.cohort_id = ? AND NOT EXISTS (SELECT 1 FROM diaries AS undo WHERE undo.undoes = diary.id)"""
_MOMENTS = ("bed", "rise", "lights_out", "asleep", "awake")


class DiaryStore(Database):
    """The part of the workspace that holds sleep diaries."""

    def add_diary(
        self,
        cohort: str,
        nights: Sequence[tuple[str, DiaryNight]],
        *,
        who: str,
        file: str = "",
        read_as: Mapping[str, object] | None = None,
    ) -> Diary:
        """Keep the nights of a diary, all or none. nights: (participant, night). read_as: how the table was read, plain values.

        WorkspaceError without a night or a name, for a participant who is not there, and where a night of somebody comes twice.
        """
        who = valid_name(who, "person who brings the diary")
        if not nights:
            raise WorkspaceError("Expected at least one night of a diary, got none. Nothing was kept.")
        if len({(participant, night.evening) for participant, night in nights}) < len(nights):
            raise WorkspaceError("Expected each night of a person once, got one twice. Nothing was kept.")
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            known = {who for (who,) in connection.execute("SELECT participant FROM people WHERE cohort_id = ?", (info.id,))}
            for participant, _ in nights:
                if participant not in known:
                    raise WorkspaceError(f"Cohort {info.name!r} has no participant {participant!r}. Choose one from its list of people.")
            identity = new_id()
            connection.execute(_INSERT, (identity, info.id, str(file), to_json(dict(read_as or {})), who, time.time(), None))
            rows = [(identity, participant, night.evening.isoformat(), to_json(night)) for participant, night in nights]
            connection.executemany("INSERT INTO diary_nights (diary_id, participant, evening, night) VALUES (?, ?, ?, ?)", rows)
            return next(diary for diary in _diaries(connection, info.id) if diary.id == identity)

    def undo_diary(self, cohort: str, identity: str, *, who: str) -> Diary:
        """Take a diary back, as an entry of its own: its nights hold no longer, earlier ones of the same evenings hold again.

        WorkspaceError where it is not there, or was taken back already.
        """
        who = valid_name(who, "person who takes it back")
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            diary = next((diary for diary in _diaries(connection, info.id) if diary.id == identity), None)
            if diary is None:
                raise WorkspaceError(f"Cohort {info.name!r} has no such diary. Choose one from its list.")
            if not diary.in_force:
                raise WorkspaceError(f"This diary was already taken back by {diary.undone_by}. Bring it again if it should count.")
            connection.execute(_INSERT, (new_id(), info.id, diary.file, "{}", who, time.time(), identity))
            return next(diary for diary in _diaries(connection, info.id) if diary.id == identity)

    def diaries(self, cohort: str) -> tuple[Diary, ...]:
        """All diaries of a cohort, oldest first, those that were taken back among them."""
        with self.reading() as connection:
            return _diaries(connection, cohort_rows.find_cohort(connection, cohort).id)

    def diary_nights(self, cohort: str, participant: str | None = None) -> dict[str, tuple[DiaryNight, ...]]:
        """Participant -> the nights that hold, by their evenings, of everybody who has any."""
        with self.reading() as connection:
            query, values = _NIGHTS, [cohort_rows.find_cohort(connection, cohort).id]
            if participant is not None:
                query, values = f"{query} AND night.participant = ?", [*values, participant]
            of_people: dict[str, dict[date, DiaryNight]] = {}
            for who, plain in connection.execute(f"{query} ORDER BY diary.number, night.evening", values):
                night = _night(from_json(plain))
                of_people.setdefault(who, {})[night.evening] = night
        return {who: tuple(nights[evening] for evening in sorted(nights)) for who, nights in of_people.items()}


def _diaries(connection: sqlite3.Connection, cohort: str) -> tuple[Diary, ...]:
    rows = connection.execute(f"{_LIST} GROUP BY diary.id ORDER BY diary.number", (cohort,)).fetchall()
    return tuple(
        Diary(identity, file, from_json(read_as), who, moment(added) or datetime.min, nights, people, undone_by, moment(undone))
        for identity, file, read_as, who, added, nights, people, undone_by, undone in rows
    )


def _night(plain: Mapping[str, object]) -> DiaryNight:
    known = {field.name: plain.get(field.name) for field in fields(DiaryNight)}
    times = {name: None if known[name] is None else datetime.fromisoformat(str(known[name])) for name in _MOMENTS}
    return DiaryNight(**(known | times | {"evening": date.fromisoformat(str(known["evening"]))}))  # type: ignore[arg-type]
