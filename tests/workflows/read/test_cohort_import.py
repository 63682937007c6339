"""Recordings in: everybody is either in the cohort or refused by name, with the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import Cancelled, RecordingError, WeekError, WorkspaceError
from pat_core.records import MIMS, Refusal
from pat_core.reports.import_words import import_words
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.participants_table import participants_table
from pat_core.workflows.people.simulated_people import simulate_cohort, store_simulated
from pat_core.workflows.read.cohort_import import ImportSettings, import_recordings, imported_with, reasons
from tests.workflows.made import Told, label_table, weeks_file


def test_weeks_and_labels_arrive_as_they_were(workspace, twenty_four, tmp_path):
    files = weeks_file(tmp_path / "people.npz", twenty_four), label_table(tmp_path / "groups.csv", twenty_four)
    done = import_recordings(workspace, [files[0]], "people", labels=files[1])
    assert (done.people, done.weeks, done.refused) == (24, 24, ())
    np.testing.assert_array_equal(workspace.weeks_array("people"), twenty_four.weeks)
    groups = [person.labels["group"] for person in workspace.people("people")]
    assert groups == ["late" if late else "early" for late in twenty_four.positive]
    assert not workspace.cohort("people").simulated and workspace.cohort("people").source == "people.npz"


def test_who_is_too_short_or_in_another_unit_or_comes_twice_is_refused_by_name_and_nobody_is_lost(workspace, twenty_four, tmp_path):
    most = weeks_file(tmp_path / "most.npz", twenty_four, slice(0, 10))
    brief = weeks_file(tmp_path / "brief.npz", twenty_four, slice(10, 11), weeks=twenty_four.weeks[10:11, : 6 * 1440 + 180])
    other = weeks_file(tmp_path / "other.npz", twenty_four, slice(11, 12), unit=MIMS)
    twice = weeks_file(tmp_path / "twice.npz", twenty_four, slice(3, 4), weeks=twenty_four.weeks[13:14])
    labels = label_table(tmp_path / "groups.csv", twenty_four, slice(0, 13))  # the last of them has no recording
    done = import_recordings(workspace, [most, brief, other, twice], "people", labels=labels)

    names = twenty_four.participants
    why = {refusal.what.split(" ")[0]: refusal.reason for refusal in done.refused}
    assert set(why) == {names[10], names[11], names[3], names[12]} and len(done.refused) == 4
    assert "6 days 3 hours" in why[names[10]] and "units are not interchangeable" in why[names[11]]
    assert "was already imported" in why[names[3]] and "no recording of theirs was found" in why[names[12]]
    assert {person.participant for person in workspace.people("people")} == set(names[:10])
    assert workspace.refusals("people") == done.refused, "the cohort forgot what was refused"


@pytest.mark.parametrize(("days", "came", "lengths"), [(3, 2, {3}), (5, 2, {5}), (7, 1, {7}), ("all", 2, {6, 7})])
def test_shorter_windows_let_shorter_recordings_in(workspace, twenty_four, tmp_path, days, came, lengths):
    whole = weeks_file(tmp_path / "whole.npz", twenty_four, slice(0, 1))
    brief = weeks_file(tmp_path / "brief.npz", twenty_four, slice(1, 2), weeks=twenty_four.weeks[1:2, : 6 * 1440 + 180])
    done = import_recordings(workspace, [whole, brief], "people", ImportSettings(days=days))
    rows, array = workspace.week_rows("people"), workspace.weeks_array("people")
    assert (done.people, len(done.refused)) == (came, 2 - came)
    assert {row.report.minutes for row in rows} == {1440 * days for days in lengths} == {array[row.row].size for row in rows}
    number = {name: person for person, name in enumerate(twenty_four.participants)}
    for row in rows:
        first, size = row.index * row.report.minutes, row.report.minutes
        np.testing.assert_array_equal(array[row.row], twenty_four.weeks[number[row.participant], first : first + size])
    assert workspace.import_record("people")["days"] == days
    with pytest.raises(WeekError, match="1 to 28"):
        import_recordings(workspace, [whole], "others", ImportSettings(days=29))


def test_where_nothing_comes_in_the_reasons_are_said_and_no_cohort_is_made(workspace, twenty_four, tmp_path):
    brief = weeks_file(tmp_path / "brief.npz", twenty_four, slice(0, 2), weeks=twenty_four.weeks[:2, :1440])
    with pytest.raises(RecordingError, match="(?s)sim-0001: A full week of 7 days was expected.*sim-0002"):
        import_recordings(workspace, [brief], "people")
    assert workspace.cohorts() == ()


def test_a_label_of_the_table_goes_before_one_of_the_recording_and_others_stay(workspace, twenty_four, tmp_path):
    ages, rooms = np.arange(24.0), np.array(["ward"] * 24)
    recordings = weeks_file(tmp_path / "people.npz", twenty_four, age=ages, group=rooms)
    import_recordings(workspace, [recordings], "people", labels=label_table(tmp_path / "groups.csv", twenty_four))
    assert {person.labels["group"] for person in workspace.people("people")} == {"late", "early"}
    assert [person.labels["age"] for person in workspace.people("people")] == list(ages)


def test_weeks_from_midnight_leave_the_hours_before_it_out(workspace, twenty_four, tmp_path):
    long = np.concatenate([twenty_four.weeks[:3, :90], twenty_four.weeks[:3]], axis=1)
    late = weeks_file(tmp_path / "late.npz", twenty_four, slice(0, 3), weeks=long, start="2024-01-01T22:30:00")
    import_recordings(workspace, [late], "from midnight", ImportSettings(alignment="midnight"))
    import_recordings(workspace, [late], "from the start")
    np.testing.assert_array_equal(workspace.weeks_array("from midnight"), twenty_four.weeks[:3])
    np.testing.assert_array_equal(workspace.weeks_array("from the start"), long[:, :10080])
    assert workspace.cohort("from midnight").alignment == "midnight"


def test_progress_rises_from_0_to_1_over_several_files(workspace, twenty_four, tmp_path):
    files = [weeks_file(tmp_path / f"{name}.npz", twenty_four, part) for name, part in (("a", slice(0, 6)), ("b", slice(6, 12)))]
    told = Told()
    import_recordings(workspace, files, "people", progress=told)
    assert told.fractions == sorted(told.fractions) and told.fractions[0] == 0 and 0.9 < told.fractions[-1] <= 1


def test_a_cancelled_import_leaves_no_cohort(workspace, twenty_four, tmp_path):
    class Stopped(Told):
        def at(self, fraction: float, message: str) -> None:
            if message.startswith("Writing"):
                raise Cancelled("stop")

    with pytest.raises(Cancelled):
        import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four)], "people", progress=Stopped())
    assert workspace.cohorts() == ()


def test_a_taken_name_is_refused_and_the_first_cohort_stays(workspace, twenty_four, tmp_path):
    import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four)], "people")
    with pytest.raises(WorkspaceError, match="people"):
        import_recordings(workspace, [weeks_file(tmp_path / "b.npz", twenty_four, slice(0, 5))], "people")
    assert workspace.cohort("people").people == 24


def test_simulated_people_say_so_and_bring_their_truth(workspace, twenty_four):
    info = store_simulated(workspace, "made up", twenty_four)
    assert info.simulated and "nobody here exists" in info.note
    truth = workspace.truth("made up")["late_wake"]
    np.testing.assert_array_equal(truth, twenty_four.evidence["late_wake"])
    planted = [person.labels["late wake"] == "planted" for person in workspace.people("made up")]
    np.testing.assert_array_equal(planted, twenty_four.positive)


def test_the_same_seed_makes_the_same_people(workspace):
    for name in ("one", "two"):
        simulate_cohort(workspace, name, 3, seed=9)
    np.testing.assert_array_equal(workspace.weeks_array("one"), workspace.weeks_array("two"))


def test_many_refusals_are_counted_after_the_first():
    said = reasons([Refusal(f"p{number}", "too short") for number in range(25)], most=20)
    assert "p19: too short" in said and "p20" not in said and said.endswith("... and 5 more.")


def test_a_person_whose_first_week_holds_nothing_is_still_among_the_people_of_the_table(workspace, twenty_four, trained, tmp_path):
    empty_first = np.concatenate([np.full((1, 10080), np.nan, np.float32), twenty_four.weeks[:1]], axis=1)
    path = tmp_path / "later.csv"
    stamps = pd.date_range("2024-01-01", periods=20160, freq="min")
    pd.DataFrame({"timestamp": stamps, "activity": empty_first[0]}).to_csv(path, index=False)
    import_recordings(workspace, [path, weeks_file(tmp_path / "a.npz", twenty_four, slice(1, 12))], "people")
    source, run = trained
    predicted = predict_cohort(workspace, resolve(source, run.name), "people")
    assert "later" in set(participants_table(workspace, "people", predicted)["Participant"])


def test_the_same_recording_under_other_names_is_said_and_kept_with_the_cohort(workspace, twenty_four, tmp_path):
    first = weeks_file(tmp_path / "most.npz", twenty_four, slice(0, 4))
    copy = weeks_file(tmp_path / "copy.npz", twenty_four, slice(10, 11), weeks=twenty_four.weeks[2:3])
    done = import_recordings(workspace, [first, copy], "people", note="this import")
    assert done.people == 5
    assert done.alike == (
        "The same recording was imported under 2 names: sim-0003, sim-0011. Keep one of them. Training counts their names as one person "
        "and keeps them on one side of every split; other tables count them all.",
    )
    assert {note.what for note in done.notes} == {"sim-0003", "sim-0011"}
    assert imported_with(workspace, "this import").alike == done.alike
    assert done.alike[0] in import_words(workspace.import_record("people"))


def test_labels_find_people_in_another_way_of_writing_and_what_is_missing_gets_a_hint(workspace, twenty_four, tmp_path):
    recordings = weeks_file(tmp_path / "most.npz", twenty_four, slice(0, 4))
    (tmp_path / "labels.csv").write_text("id,dx\nSIM-1,1\nsim-0002.agd,0\nsimm-0003,1\nsim-4,1\nsim-04,0\n")
    done = import_recordings(workspace, [recordings], "people", labels=tmp_path / "labels.csv")
    assert [person.labels for person in workspace.people("people")] == [{"dx": 1.0}, {"dx": 0.0}, {}, {}]
    why = {refusal.what: refusal.reason for refusal in done.refused}
    assert set(why) == {"simm-0003", "sim-4", "sim-04"} and "Did you mean sim-0003" in why["simm-0003"]
    assert "sim-4, sim-04 in the table all match sim-0004" in why["sim-4"]
    assert "SIM-1 is sim-0001; sim-0002.agd is sim-0002" in done.notes[0].sentence


def test_a_device_and_a_place_are_taken_where_files_name_none_and_kept_with_each_week(workspace, twenty_four, tmp_path):
    bare = weeks_file(tmp_path / "bare.npz", twenty_four, slice(0, 2))
    (tmp_path / "named.csv").write_text(
        "id,timestamp,counts,device,placement\n"
        + "".join(f"x,2024-03-{4 + i // 1440:02d} {i // 60 % 24:02d}:{i % 60:02d},{i % 97},Actiwatch 2,wrist\n" for i in range(10_080))
    )
    import_recordings(workspace, [bare, tmp_path / "named.csv"], "people", ImportSettings(device=" ActiGraph GT3X", placement="hip"))
    worn = {row.participant: (row.device, row.placement) for row in workspace.week_rows("people")}
    assert worn == {"sim-0001": ("ActiGraph GT3X", "hip"), "sim-0002": ("ActiGraph GT3X", "hip"), "x": ("Actiwatch 2", "wrist")}
    assert "Files that name no device were taken as ActiGraph GT3X." in import_words(workspace.import_record("people"))
