"""Diaries brought to a cohort: line by line with reasons, evenings told from mornings by the recordings, all or nothing kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pat_core.errors import RecordingError, WorkspaceError
from pat_core.recordings.source import file_source
from pat_core.reports.sleep.diary_tables import agreement_table, diary_file, diary_table, diary_words, plan_words
from pat_core.workflows.people.diary_import import DiaryOptions, keep_diary, plan_diary
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.week_diary import diary_periods, week_diary
from pat_core.workflows.week.week_nights import week_nights
from tests.workflows.made import weeks_file

EVENINGS, MORNINGS = 0, 1


@pytest.fixture(scope="module")
def cohort(tmp_path_factory, simulated):
    """(workspace, the first person's estimated nights that count): three people of a cohort; tests of this file leave it as it was."""
    from pat_core.cohorts import Workspace

    folder = tmp_path_factory.mktemp("diary")
    space = Workspace(folder / "workspace")
    import_recordings(space, [weeks_file(folder / "a.npz", simulated, slice(3))], "people")
    first = simulated.participants[0]
    return space, first, [night for night in week_nights(space.week("people", first, 0)).report.nights if night.counted]


@pytest.fixture
def brought(cohort, tmp_path):
    """Writes a diary and plans it; whatever was kept is taken back in the end."""
    space, first, _ = cohort

    def bring(text: str, **options):
        path = tmp_path / "diary.csv"
        path.write_text(text)
        return plan_diary(space, "people", file_source(path), DiaryOptions(**options))

    yield bring
    for diary in space.diaries("people"):
        if diary.in_force:
            space.undo_diary("people", diary.id, who="Ada")


def lines(cohort, days: int = EVENINGS, before: int = 15, who: str | None = None, name: str = "date") -> str:
    """A diary of the first person: to bed so many minutes before the estimate. days: of the date after the evening."""
    _, first, nights = cohort
    rows = [f"participant,{name},in bed,asleep,awake,out of bed"]
    for night in nights:
        bed = night.bedtime - timedelta(minutes=before)
        day = (bed - timedelta(hours=12)).date() + timedelta(days=days)
        rows.append(f"{who or first},{day},{bed:%H:%M},{night.onset:%H:%M},{night.offset:%H:%M},{night.rise:%H:%M}")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(("days", "expected"), [(EVENINGS, "evening"), (MORNINGS, "morning")])
def test_whose_date_stands_there_is_told_by_the_recordings(cohort, brought, days, expected):
    plan = brought(lines(cohort, days))
    assert plan.date_of == expected and f"those of the {expected}s" in plan.why and not plan.refused
    nights = cohort[2]
    assert [night.bed for _, night in plan.nights] == [night.bedtime - timedelta(minutes=15) for night in nights]
    assert brought(lines(cohort, days, name=f"date of the {expected}")).why.endswith("as the name of their column says.")


def test_where_nothing_tells_evenings_from_mornings_the_reader_is_asked(cohort, brought):
    text = "\n".join(lines(cohort).splitlines()[:1] + lines(cohort).splitlines()[3:4])
    with pytest.raises(RecordingError, match="Say which"):
        brought(text)
    assert brought(text, date_of="morning").why.endswith("as chosen.")


def test_the_estimates_beside_a_diary_differ_as_it_was_written(cohort, brought):
    space, first, nights = cohort
    keep_diary(space, brought(lines(cohort)), who="Ada")
    week = space.week("people", first, 0)
    estimated = week_nights(week)
    diary = week_diary(week, estimated, space.diary_nights("people", first)[first])
    counted = len(nights)
    held = diary.agreement
    assert (held["in bed"].n, held["in bed"].mean, held["in bed"].sd) == (counted, 15, 0)
    assert held["asleep"].mean == held["awake"].mean == 0 and held["TIB"].mean == -15
    assert list(diary_table(week, diary)["Night"])[0] == f"{nights[0].evening:%a} {nights[0].evening.day} {nights[0].evening:%b}"
    assert "falling asleep as in the diary" in diary_words(diary)[0] and len(agreement_table(diary))
    table = diary_file(space, "people")
    assert len(table) == len(nights) and set(table.loc[table["in_means"] == "yes", "difference_in_bed_min"]) == {15.0}
    by_diary = week_nights(week, diary=diary_periods(week, space.diary_nights("people", first)[first]))
    of_diary = [night.first for night, of in zip(by_diary.report.nights, by_diary.of_diary, strict=True) if of]
    assert of_diary == [night.first - 15 for night in nights] and sum("est from the diary" in note for note in by_diary.notes) == len(
        nights
    )
    own = week_diary(week, by_diary, space.diary_nights("people", first)[first])
    assert own.agreement["in bed"].n == 0 and "not compared" in " ".join(diary_words(own))


def test_lines_are_refused_one_by_one_and_what_was_there_stays(cohort, brought):
    space, first, nights = cohort
    kept = keep_diary(space, brought(lines(cohort)), who="Ada")
    again = brought(lines(cohort))
    assert again.same == len(nights) == kept.nights and not again.nights and not again.refused
    with pytest.raises(WorkspaceError, match="nothing was"):
        keep_diary(space, again, who="Ada")
    other = brought(lines(cohort, before=25), date_of="evening")
    assert not other.nights and all("that one is kept" in refusal.reason for refusal in other.refused)
    replaced = brought(lines(cohort, before=25), date_of="evening", replace=True)
    assert replaced.replaced == len(nights) and "take the place" in " ".join(plan_words(replaced))
    night = nights[2]
    rows = [
        f"nobody,{night.evening},23:00,,,7:00",
        f"{first},2031-01-01,23:00,,,7:00",
        f"{first},{night.evening},23:00,22:00,,7:00",
        f"{first},{nights[3].evening},23:00,,,7:00",
        f"{first},{nights[3].evening},23:30,,,7:00",
        f",{night.evening},23:00,,,7:00",
    ]
    bad = brought("\n".join([lines(cohort).splitlines()[0], *rows]), date_of="evening", replace=True)
    assert [refusal.what for refusal in bad.refused] == [
        "Line 2, nobody", f"Line 3, {first}", f"Line 4, {first}", f"Line 5, {first}", f"Line 6, {first}", "Line 7",
    ]  # fmt: skip
    sentences = ["Nobody in the cohort", "outside the recording", "comes before in bed", "not alike", "not alike", "No participant"]
    assert [wanted for wanted, one in zip(sentences, bad.refused, strict=True) if wanted not in one.reason] == []
    assert len(space.diary_nights("people")[first]) == kept.nights


def test_a_diary_of_one_person_may_lack_the_column_and_nights_may_be_counted(cohort, brought):
    _, first, nights = cohort
    text = "night,in bed,out of bed\n1,23:00,7:00\n2,23:15,7:00\n"
    with pytest.raises(RecordingError, match="says who each night is about"):
        brought(text)
    plan = brought(text, participant=first)
    assert [(who, night.evening.day) for who, night in plan.nights] == [(first, 1), (first, 2)] and "counted from" in plan.why
    with pytest.raises(RecordingError, match="no participant 'x'"):
        brought(text, participant="x")


def test_nights_that_run_into_one_another_are_not_both_kept(cohort, brought):
    _, first, _ = cohort
    plan = brought(f"id,in bed,out of bed\n{first},2024-01-02 22:00,2024-01-03 13:30\n{first},2024-01-03 12:30,2024-01-03 20:00\n")
    assert len(plan.nights) == 1 and "runs into that of 2024-01-02" in plan.refused[0].reason
