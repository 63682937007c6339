"""Changes of the clock at an import: how long weeks over them lasted, what was done to them, and the record that is kept of it."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core import __version__
from pat_core.errors import RecordingError
from pat_core.jobs import Task
from pat_core.recordings.clock import zones
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.records import COUNTS, Recording
from pat_core.reports.cohort_tables import clock_changes_table
from pat_core.reports.import_words import import_words
from pat_core.workflows.read import clock_changes as clock
from pat_core.workflows.read.clock_changes import Clocks, WeekOverChange
from pat_core.workflows.read.cohort_import import IMPORT, ImportSettings, import_recordings, imported_with
from pat_core.workflows.read.uploaded_files import start_import

WEEK, BERLIN = 10_080, "Europe/Berlin"
SPRING, AUTUMN = datetime(2024, 3, 25), datetime(2024, 10, 21)


def recording(start: datetime | None, weeks: int = 1, **more: object) -> Recording:
    values = (1 + np.arange(weeks * WEEK) % 1000).astype(np.float32)
    return Recording("p", values, start, unit=COUNTS, **more)


def ward(path: Path, start: str, weeks: int = 1, who: tuple[str, ...] = ("a", "b"), **more: object) -> Path:
    """A long table of people, a row a minute of wall clock as a clock counts that is never changed."""
    stamps = pd.date_range(start, periods=weeks * WEEK, freq="min")
    parts = [pd.DataFrame({"participant": one, "timestamp": stamps, "activity": np.arange(stamps.size) % 300, **more}) for one in who]
    pd.concat(parts).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(("start", "minutes"), [(SPRING, 10_020), (AUTUMN, 10_140)])
@pytest.mark.parametrize("ran", zones.CLOCKS)
def test_a_week_over_a_change_is_told_with_its_real_length_and_cut_or_refused(start: datetime, minutes: int, ran: zones.Clock) -> None:
    made = recording(start, 2)
    kept, refused, over = clock.weeks_of(made, "start", Clocks(BERLIN, ran, "cut"))
    assert [(week.index, week.minutes, week.done) for week in over] == [(0, minutes, "cut")] and not refused
    assert kept[0].values.size == WEEK and any(f"lasted {minutes:,} minutes" in note for note in kept[0].notes)
    others, refused, same = clock.weeks_of(made, "start", Clocks(BERLIN, ran, "refuse"))
    assert [week.index for week in others] == [week.index for week in kept[1:]] and same[0].minutes == minutes
    assert [refusal.what for refusal in refused] == ["p, week 1"] and f"{minutes:,} minutes, not 10,080" in refused[0].reason


@settings(max_examples=40, deadline=None)
@given(st.dates(date(2005, 1, 1), date(2026, 1, 1)), st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]))
def test_cut_and_refused_weeks_are_the_same_ones_and_no_week_is_lost(day: date, zone: str) -> None:
    made = recording(datetime.combine(day, datetime.min.time()) + timedelta(hours=9), 3)
    kept, none, over = clock.weeks_of(made, "start", Clocks(zone))
    left, refused, same = clock.weeks_of(made, "start", Clocks(zone, over_change="refuse"))
    assert not none and len(kept) == 3 and len(left) + len(refused) == 3
    assert [(week.index, week.minutes) for week in over] == [(week.index, week.minutes) for week in same]
    assert {week.index for week in kept} - {week.index for week in left} == {week.index for week in over}
    whole = {week.index: zones.real_minutes(week.start, WEEK, zone) for week in kept}
    assert all(whole[week.index] == week.minutes for week in over)
    assert all(whole[index] == WEEK for index in {week.index for week in left})


def test_without_a_zone_nothing_is_told_and_nothing_changes() -> None:
    kept, refused, over = clock.weeks_of(recording(SPRING), "start", Clocks(over_change="refuse"))
    assert len(kept) == 1 and not refused and not over and np.isfinite(kept[0].values).all() and kept[0].notes == ()


def test_the_zone_that_a_file_names_goes_before_the_chosen_one() -> None:
    kept, _, over = clock.weeks_of(recording(SPRING, zone="America/New_York"), "start", Clocks(BERLIN))
    assert over == [] and "America/New_York, which takes precedence over the chosen Europe/Berlin" in kept[0].notes[0]


def test_a_zone_that_was_said_of_the_columns_is_not_called_the_files_own() -> None:
    said = dataclasses.replace(columns(), zone="America/New_York")
    kept, _, _ = clock.weeks_of(recording(SPRING, zone="America/New_York"), "start", Clocks(BERLIN), said)
    assert kept[0].notes[0].startswith("The setting for the columns gives the time zone America/New_York, which takes precedence")


def columns() -> Mapping:
    return Mapping(("Zeit", "Bewegung"), "Zeit", "Bewegung", unit=COUNTS)


@pytest.mark.parametrize(("stamps", "said", "clocks", "words"), [
    ("", {}, Clocks(), "Times are kept as recorded; the time zone or the date is not known."),
    ("Z", {}, Clocks(), "Times are kept as recorded, in UTC; the time zone or the date is not known."),
    ("Z", {}, Clocks(BERLIN), f"Times were converted from UTC to wall-clock time in {BERLIN}, as chosen at the import."),
    ("", {}, Clocks(BERLIN), f"Times are those of {BERLIN}, as chosen at the import."),
    ("", {}, Clocks(BERLIN, "steady"), "Times were converted from the device's clock, which was never changed, to wall-clock time in "
     f"{BERLIN}, as chosen at the import."),
    ("", {"zone": BERLIN}, Clocks(), f"Times are those of {BERLIN}, as set for the columns."),
    ("", {"zone": BERLIN, "runs": "utc"}, Clocks(), f"Times were converted from UTC to wall-clock time in {BERLIN}, as set for the "
     "columns."),
    ("", {"zone": BERLIN, "runs": "utc"}, Clocks("America/New_York"), f"Times were converted from UTC to wall-clock time in {BERLIN}, "
     "as set for the columns."),
    ("", {"runs": "utc"}, Clocks(BERLIN), f"Times were converted from UTC to wall-clock time in {BERLIN}, as chosen at the import."),
])  # fmt: skip
def test_the_words_on_the_times_of_a_cohort_say_what_was_done_to_them(workspace, tmp_path, stamps, said, clocks, words) -> None:
    times = pd.date_range("2024-07-01", periods=WEEK + 120, freq="min").strftime(f"%Y-%m-%d %H:%M:%S{stamps}")
    pd.DataFrame({"Zeit": times, "Bewegung": np.arange(times.size) % 97}).to_csv(tmp_path / "walker.csv", index=False)
    import_recordings(workspace, [tmp_path], "people", ImportSettings(mappings=[dataclasses.replace(columns(), **said)], clocks=clocks))
    (week,) = workspace.week_rows("people")
    told = import_words(workspace.import_record("people"))
    assert told[1] == words and week.start == datetime(2024, 7, 1, 2 if "from UTC" in words else 0)
    assert told[0].startswith("Columns: Participant from the file's name, time from Zeit, activity from Bewegung (counts/min)")
    assert told[2:] == ("Weeks over a clock change are cut to wall-clock time.", f"Read by PAT Explorer {__version__}.")


def test_times_that_were_taken_in_several_ways_are_told_with_how_many_people(workspace, tmp_path) -> None:
    ward(tmp_path / "zoned.csv", "2024-07-01", who=("a",), timezone="Europe/Paris")
    ward(tmp_path / "plain.csv", "2024-07-01", who=("b", "c"))
    (tmp_path / "brief.csv").write_text("timestamp,activity\n2024-07-01 00:00,1\n2024-07-01 00:01,2\n")
    labels = tmp_path.parent / "labels.csv"
    labels.write_text("participant,sex\na,f\n")
    import_recordings(workspace, [tmp_path], "people", ImportSettings(clocks=Clocks(BERLIN, "utc", "refuse")), labels=labels)
    told = tuple(line for line in import_words(workspace.import_record("people")) if not line.startswith("The same recording"))
    assert told[:-1] == (
        "Labels came from labels.csv.",
        f"2 people: Times were converted from UTC to wall-clock time in {BERLIN}, as chosen at the import.",
        "1 person: Times are those of Europe/Paris, as the file says.",
        "Weeks over a clock change are refused.",
    )


def test_a_record_of_another_version_is_told_as_far_as_it_is_understood() -> None:
    assert import_words({}) == ()
    assert import_words({"mappings": [{"time": "x"}], "times": []})[0].startswith("Columns: as set at the import")


def test_a_recording_without_date_stays_as_it_is_and_says_so() -> None:
    for made in (recording(None), recording(SPRING, date_known=False)):
        kept, _, over = clock.weeks_of(made, "start", Clocks(BERLIN))
        assert over == [] and "not known" in kept[0].notes[0] and np.isfinite(kept[0].values).all()


def test_a_file_that_says_that_it_is_in_utc_is_brought_to_the_zone_and_its_advice_goes() -> None:
    made = recording(datetime(2024, 7, 1), notes=(UTC_NOTE,), in_utc=True)
    (week,), _, _ = clock.weeks_of(made, "start", Clocks(BERLIN))
    assert not clock.placed(made, Clocks(BERLIN)).in_utc
    assert week.start == datetime(2024, 7, 1, 2) and not any("Name the zone" in note for note in week.notes)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"zone": "Berlin"}, "Europe/Berlin"),
        ({"zone": BERLIN, "clock": "solar"}, "wall, steady, utc"),
        ({"over_change": "keep"}, "cut, refuse"),
        ({"clock": "steady"}, "Name the zone"),
    ],
)
def test_choices_that_make_no_sense_are_refused_in_a_sentence(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(RecordingError, match=said):
        Clocks(**wrong)


def test_an_import_says_which_weeks_were_over_a_change_and_keeps_how_it_was_made(workspace, tmp_path) -> None:
    file = ward(tmp_path / "ward.csv", "2024-03-18", 3)
    done = import_recordings(workspace, [file], "cut", ImportSettings(clocks=Clocks(BERLIN)))
    assert done.clock == "2 weeks span a clock change and lasted 10,020 minutes: they were cut to the 10,080 of the wall clock."
    assert [(week.participant, week.index, week.minutes) for week in done.over] == [("a", 1, 10_020), ("b", 1, 10_020)]
    assert done.weeks == 6 and sum("lasted 10,020" in note.sentence for note in done.notes) == 2
    record = workspace.import_record("cut")
    assert (Clocks.from_spec(record["clocks"]), record["alignment"]) == (Clocks(BERLIN), "start")
    assert tuple(WeekOverChange.from_spec(week) for week in record["over"]) == done.over

    refused = import_recordings(workspace, [file], "refused", ImportSettings(clocks=Clocks(BERLIN, over_change="refuse")))
    assert refused.weeks == 4 and {one.what for one in refused.refused} == {"a, week 2", "b, week 2"}
    again = import_recordings(
        workspace,
        [Path(one) for one in record["paths"]],
        "again",
        ImportSettings(alignment=record["alignment"], clocks=Clocks.from_spec(record["clocks"])),
    )
    np.testing.assert_array_equal(workspace.weeks_array("again"), workspace.weeks_array("cut"))
    assert again.over == done.over


def test_a_zone_column_in_the_file_is_enough(workspace, tmp_path) -> None:
    file = ward(tmp_path / "ward.csv", "2024-10-21", who=("a",), timezone=BERLIN)
    done = import_recordings(workspace, [file], "people")
    assert [week.minutes for week in done.over] == [10_140] and "lasted 10,140 minutes" in done.clock


def test_weeks_whose_zone_nobody_knows_are_said_where_changes_matter(workspace, tmp_path) -> None:
    file = ward(tmp_path / "ward.csv", "2024-03-25")
    assert import_recordings(workspace, [file], "kept").clock == ""
    said = import_recordings(workspace, [file], "refuse", ImportSettings(clocks=Clocks(over_change="refuse"))).clock
    assert said == "For 2 recordings the time zone or the date is not known, so neither are clock changes."


def test_where_every_week_is_refused_the_reason_is_said(workspace, tmp_path) -> None:
    with pytest.raises(RecordingError, match="(?s)a, week 1: It lasted 10,020 minutes"):
        import_recordings(
            workspace, [ward(tmp_path / "w.csv", "2024-03-25")], "x", ImportSettings(clocks=Clocks(BERLIN, over_change="refuse"))
        )
    assert workspace.cohorts() == ()


def test_the_choice_goes_through_the_job_and_its_report_is_the_same_after_a_kill(workspace, tmp_path, monkeypatch) -> None:

    monkeypatch.setattr(Task, "launch", lambda task, space, request, title: space.add_job(task.kind, title, request.as_spec()))
    file = ward(tmp_path / "ward.csv", "2024-03-25")
    job = workspace.job(start_import(workspace, "people", settings=ImportSettings(clocks=Clocks(BERLIN, "steady")), place=str(file)))
    from pat_core.progress import Silent

    told = IMPORT.work(workspace, dict(job.spec), Silent())
    assert [week["minutes"] for week in told["over"]] == [10_020, 10_020] and "they were cut" in told["clock"]
    assert IMPORT.work(workspace, dict(job.spec), Silent()) == told, "asked again after the cohort was written"
    assert imported_with(workspace, str(job.spec["note"])).clock == told["clock"]


def test_words_of_several_weeks_agree_in_number() -> None:
    one = WeekOverChange("p", 0, SPRING.isoformat(), BERLIN, ("2024-03-31",), 10_020, "refuse")
    assert clock.summary([one], Clocks(BERLIN)) == "1 week spans a clock change and lasted 10,020 minutes: it was refused."
    assert clock.summary([], Clocks(BERLIN)) == "No week spans a clock change." and clock.summary([], Clocks()) == ""
    other = WeekOverChange("q", 0, AUTUMN.isoformat(), BERLIN, ("2024-10-27",), 10_140, "refuse")
    assert "2 weeks span a clock change (1 lasted 10,020, 1 lasted 10,140 minutes): they were refused." in clock.summary(
        [one, other], Clocks(BERLIN)
    )
    table = clock_changes_table([one])
    assert table.loc[0, ["Week", "Minutes", "Done"]].to_list() == [1, 10_020, "refused"]
