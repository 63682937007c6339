"""The Data page: bringing recordings and labels, simulating people, renaming, deleting."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.data.refusals import MOST_LINES
from pages.components.shared.job_status import again_words
from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.records import COUNTS, Refusal, Week
from pat_core.weeks import report
from pat_core.workflows.models.sampling import sampling_of
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.read.cohort_import import ImportSettings, import_recordings
from pat_core.workflows.tasks import TASKS
from tests.app.made import opened_at


@pytest.fixture
def workspace() -> Workspace:
    """A workspace without the demonstration."""
    space = Workspace()
    space.keep_setting("demo", "deleted")
    return space


@pytest.fixture
def at_once(monkeypatch):
    """Jobs are done where they are started, instead of in a process of their own."""

    def launch(task, space, request, title):
        job = space.add_job(task.kind, title, request.as_spec())
        jobs.run_job(space, job, TASKS)
        return job

    monkeypatch.setattr(jobs.Task, "launch", launch)


def opened(**address: str) -> AppTest:
    return settled(opened_at("pages/data.py", **address))


def workspace_weeks(simulated) -> list[Week]:
    """Two weeks of two people, ready to be stored."""
    return [
        Week(name, 0, values, None, False, COUNTS, None, "start", report(values, COUNTS))
        for name, values in zip(simulated.participants[:2], simulated.weeks[:2], strict=True)
    ]


def settled(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].stack_trace
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.main.button if button.label == label).click()
    return settled(app.run())


def uploader(app: AppTest, start: str):
    return next(box for box in app.file_uploader if box.label.startswith(start))


def weeks_file(people: int = 3, short: bool = False) -> bytes:
    rng = np.random.default_rng(1)
    minutes = 3 * 1440 if short else 10080
    held = io.BytesIO()
    names = np.array([f"p{number}" for number in range(people)])
    np.savez(held, weeks=rng.integers(0, 500, (people, minutes)).astype(np.float32), participants=names)
    return held.getvalue()


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.success, *app.error, *app.info, *app.main.markdown])


def test_before_any_data_the_page_teaches_what_to_do(workspace):
    app = opened()
    assert "no people here yet" in said(app)
    assert [button.label for button in app.main.button if button.proto.type == "primary"] == ["Import"]


def test_recordings_with_a_label_table_come_in_and_what_did_not_is_listed(workspace, at_once):
    app = opened()
    uploader(app, "CSV, Excel").set_value([("ward_7.npz", weeks_file(), "application/octet-stream")])
    uploader(app, "Labels").set_value(("groups.csv", b"participant,group\np0,ill\np1,well\nghost,ill\n", "text/csv"))
    settled(app.run())
    assert "3 people in groups.csv" in said(app)
    assert next(box for box in app.text_input if box.label == "Name of the cohort").value == "ward 7"
    press(app, "Import")
    assert "Imported 3 people with 3 weeks." in said(app)
    assert [person.labels.get("group") for person in workspace.people("ward 7")] == ["ill", "well", None]
    assert [refusal.what for refusal in workspace.refusals("ward 7")] == ["ghost"]
    assert app.query_params["job"] in (workspace.jobs()[0].id, [workspace.jobs()[0].id])
    assert not list((workspace.folder / "incoming").glob("*"))


def test_weeks_of_an_import_that_no_model_can_read_are_counted_beside_those_that_came_in(workspace, at_once, simulated):
    held = io.BytesIO()
    zero = np.zeros(10080, np.float32)
    np.savez(held, weeks=np.stack([simulated.weeks[0], zero, zero + 5]), participants=np.array(["worn", "zero", "flat"]))
    app = opened()
    uploader(app, "CSV, Excel").set_value([("ward.npz", held.getvalue(), "application/octet-stream")])
    press(app, "Import")
    assert "Imported 3 people with 3 weeks." in said(app) and "No recording was refused." in said(app)
    (warning,) = app.main.warning
    assert "2 of 3 weeks unfit for any model" in warning.value and "every minute is zero: 1" in warning.value


def test_an_import_of_which_nothing_comes_in_says_why_and_leaves_no_cohort(workspace, at_once):
    app = opened()
    uploader(app, "CSV, Excel").set_value([("short.npz", weeks_file(short=True), "application/octet-stream")])
    press(app, "Import")
    assert "p0" in "".join(error.value for error in app.error)
    assert "Nothing was written" in said(app) and workspace.cohorts() == ()
    press(app, "Choose other files")
    assert not list((workspace.folder / "incoming").glob("*"))


def test_shorter_windows_are_asked_for_in_a_box_and_called_what_they_are(workspace, at_once):
    app = opened()
    uploader(app, "CSV, Excel").set_value([("short.npz", weeks_file(short=True), "application/octet-stream")])
    next(box for box in app.number_input if box.label == "Days of each window").set_value(3)
    press(settled(app.run()), "Import")
    assert "Imported 3 people with 3 3-day windows." in said(app) and workspace.cohort("short").minutes == 3 * 1440
    assert app.metric[1].label == "3-day windows"
    app = opened()
    uploader(app, "CSV, Excel").set_value([("all.npz", weeks_file(short=True), "application/octet-stream")])
    next(box for box in app.checkbox if box.label == "All full days of each person").check()
    press(settled(app.run()), "Import")
    assert workspace.import_record("all")["days"] == "all"


def test_after_an_import_every_page_shows_the_people_who_came(workspace, at_once, simulated):
    store_simulated(workspace, "Made", simulated)
    app = opened()
    uploader(app, "CSV, Excel").set_value([("ward_7.npz", weeks_file(12), "application/octet-stream")])
    press(app, "Import")
    assert app.selectbox(key="box.cohort").value == "ward 7"
    app.selectbox(key="box.cohort").set_value("Made")
    assert settled(app.run()).selectbox(key="box.cohort").value == "Made", "an import that ended before took the choice back"
    press(app, "Delete Made")
    assert app.selectbox(key="box.cohort").value == "ward 7"
    press(app, "Delete ward 7")
    assert "The cohort has been deleted since." in said(app)


def test_an_import_that_had_written_its_cohort_before_it_was_lost_is_not_said_to_have_written_nothing(workspace, simulated):
    job = workspace.add_job("import", "Import A", {"paths": [], "cohort": "A", "note": "Import 1"})
    week = workspace_weeks(simulated)
    workspace.create_cohort("A", week, {}, origin=Origin(note="Import 1"))
    workspace.finish_job(job, "lost", error="Gone.")
    app = opened(job=job)
    assert "had already been written" in said(app) and "Nothing was written" not in said(app)
    assert "Import again" in [button.label for button in app.main.button]


@pytest.mark.parametrize(("kind", "state", "words"), [
    ("import", "failed", "Try again"), ("import", "cancelled", "Import again"), ("finetune", "failed", "Try again"),
    ("finetune", "lost", "Continue from where it stopped"), ("finetune", "cancelled", "Continue from where it stopped"),
    ("download", "lost", "Download again"),
])  # fmt: skip
def test_the_button_says_what_starting_again_does(workspace, kind, state, words):
    job = workspace.add_job(kind, "Work", {})
    workspace.finish_job(job, state, error="It did not work.")
    assert again_words(workspace.job(job)) == words


def test_many_refusals_are_shown_in_part_readably_and_given_in_full(workspace, simulated):
    refused = [Refusal(f"p_{number}*", f"Too short: {number} days. Nothing is filled in.") for number in range(1000)]
    workspace.create_cohort("A", workspace_weeks(simulated), {}, refused)
    app = opened()
    table = app.table[0].value
    assert len(table) == MOST_LINES and list(table["Why"])[:1] == ["Too short: 0 days."] and table["What"].iloc[0] == "p_0\\*"
    assert "first 40 of 1,000" in said(app) and "Nothing is filled in." in [caption.value for caption in app.main.caption]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.xlsx", b"PK\x03\x04not a table"),
        ("people.pdf", b"%PDF-1.7\x00\x01"),
        ("people.csv", b"group,age\nill,30\n"),
        ("x", b"\x00\xff"),
    ],
)
def test_a_table_of_people_that_is_none_is_refused_in_a_sentence(workspace, name, content):
    app = opened()
    uploader(app, "Labels").set_value((name, content, "application/octet-stream"))
    settled(app.run())
    assert len(app.error) == 1 and app.error[0].value.endswith(".")


def test_importing_nothing_is_answered_in_place(workspace):
    assert "No recording was chosen" in said(press(opened(), "Import"))


def test_a_path_on_this_machine_is_read_without_a_copy(workspace, at_once, tmp_path):
    (tmp_path / "study.npz").write_bytes(weeks_file())
    app = opened()
    app.radio(key="bring.source").set_value("Give a path on this machine")
    settled(app.run())
    next(box for box in app.text_input if box.label.startswith("A file, a zip")).input(str(tmp_path / "study.npz"))
    press(settled(app.run()), "Import")
    assert [cohort.name for cohort in workspace.cohorts()] == ["study"]


def test_a_week_over_a_clock_change_is_cut_or_refused_by_choice_and_the_report_says_which(workspace, at_once, tmp_path):
    stamps = pd.date_range("2024-03-18", periods=3 * 10080, freq="min")
    pd.DataFrame({"timestamp": stamps, "activity": np.arange(stamps.size) % 300}).to_csv(tmp_path / "walker.csv", index=False)
    for choice, weeks, words in (("cut", 3, "it was cut to the 10,080"), ("refuse", 2, "it was refused")):
        app = opened()
        app.radio(key="bring.source").set_value("Give a path on this machine")
        settled(app.run())
        assert "clock changes cannot be detected" in "".join(caption.value for caption in app.main.caption)
        next(box for box in app.text_input if box.label.startswith("A file, a zip")).input(str(tmp_path / "walker.csv"))
        settled(app.run())
        next(box for box in app.text_input if box.label == "Name of the cohort").input(choice)
        app.selectbox(key="bring.zone.0").select("Europe/Berlin")
        app.radio(key="bring.over.0").set_value(choice)
        press(settled(app.run()), "Import")
        assert f"1 week spans a clock change and lasted 10,020 minutes: {words}" in said(app)
        table = next(frame.value for frame in app.dataframe if "Clock change" in frame.value)
        assert table.loc[0, ["Participant", "Week", "Minutes"]].to_list() == ["walker", 2, 10_020]
        assert workspace.cohort(choice).weeks == weeks
        assert workspace.import_record(choice)["clocks"] == {"zone": "Europe/Berlin", "clock": "wall", "over_change": choice}


def test_what_was_chosen_of_time_stands_in_the_title_and_does_not_outlive_its_import(workspace, at_once, tmp_path):
    stamps = pd.date_range("2024-07-01", periods=10080, freq="min")
    pd.DataFrame({"timestamp": stamps, "activity": np.arange(stamps.size) % 300}).to_csv(tmp_path / "walker.csv", index=False)
    app = opened()
    as_it_was = title_of_time(app)
    assert as_it_was == "Time and clock changes: as each file says; weeks over a change are cut"
    app.radio(key="bring.source").set_value("Give a path on this machine")
    next(box for box in settled(app.run()).text_input if box.label.startswith("A file, a zip")).input(str(tmp_path / "walker.csv"))
    app.selectbox(key="bring.zone.0").select("Europe/Berlin")
    app.radio(key="bring.over.0").set_value("refuse")
    settled(app.run()).radio(key="bring.clock.0").set_value("utc")
    assert title_of_time(settled(app.run())) == "Time and clock changes: Europe/Berlin, in UTC; weeks over a change are refused"
    press(press(app, "Import"), "Import more recordings")
    assert title_of_time(app) == as_it_was and app.selectbox(key="bring.zone.1").value is None


def title_of_time(app: AppTest) -> str:
    return next(part.label for part in app.main.expander if part.label.startswith("Time and clock changes"))


def test_a_cohort_says_how_its_recordings_were_read(workspace, tmp_path):
    stamps = pd.date_range("2024-07-01", periods=10080, freq="min")
    pd.DataFrame({"Zeit": stamps, "Schritte*": np.arange(stamps.size) % 300}).to_csv(tmp_path / "walker.csv", index=False)
    (tmp_path / "labels.csv").write_text("participant,sex\nwalker,f\n")
    meaning = Mapping(("Zeit", "Schritte*"), "Zeit", "Schritte*", unit=COUNTS, zone="Europe/Berlin", runs="utc")
    import_recordings(workspace, [tmp_path / "walker.csv"], "Ward", ImportSettings(mappings=[meaning]), labels=tmp_path / "labels.csv")
    told = said(opened(cohort="Ward"))
    assert "activity from Schritte\\* (counts/min), times in UTC, converted to Europe/Berlin." in told
    assert "Labels came from labels.csv." in told and "Read by PAT Explorer" in told
    assert "Times were converted from UTC to wall-clock time in Europe/Berlin, as set for the columns." in told


def test_simulated_people_are_made_and_marked_as_simulated(workspace):
    app = opened()
    app.number_input(key="simulate.people").set_value(12)
    press(app, "Simulate people")
    assert [(cohort.people, cohort.simulated) for cohort in workspace.cohorts()] == [(12, True)]
    assert "nobody here exists" in said(app)


def test_labels_can_be_added_later_and_strangers_are_named(workspace, simulated):
    store_simulated(workspace, "Made", simulated)
    app = opened()
    uploader(app, "A column participant").set_value(("more.csv", b"participant,sex\nsim-0001,f\nsim-0002,m\nsim-9999,m\n", "text/csv"))
    press(settled(app.run()), "Add these labels")
    assert "added to 2 of 60 people" in said(app) and "sim-9999" in said(app)
    assert workspace.people("Made")[0].labels["sex"] == "f"


def test_labels_of_other_people_are_refused_in_place(workspace, simulated):
    store_simulated(workspace, "Made", simulated)
    app = opened()
    uploader(app, "A column participant").set_value(("more.csv", b"participant,sex\nx,f\ny,m\n", "text/csv"))
    assert "None of the 2 participants" in said(press(settled(app.run()), "Add these labels"))


def test_a_cohort_is_renamed_and_deleted_after_confirmation(workspace, simulated):
    store_simulated(workspace, "Made", simulated)
    app = opened()
    next(box for box in app.text_input if box.label == "New name").input("Renamed")
    press(app, "Rename")
    assert [cohort.name for cohort in workspace.cohorts()] == ["Renamed"]
    press(app, "Delete Renamed")
    assert workspace.cohorts() == () and "Renamed was deleted." in said(app)


def test_one_person_is_deleted_after_confirmation(workspace, simulated):
    store_simulated(workspace, "Made", simulated)
    gone, last = simulated.participants[0], simulated.participants[-1]
    app = opened(person=gone)
    next(box for box in app.text_input if box.label == "Participant").input("nobody")
    app = settled(app.run())
    assert next(button for button in app.main.button if button.label == "Delete this person").disabled
    next(box for box in app.checkbox if box.label == "I am sure").check()
    assert "no participant 'nobody'" in said(press(settled(app.run()), "Delete this person"))
    next(box for box in app.text_input if box.label == "Participant").input(gone)
    press(settled(app.run()), "Delete this person")
    assert f"{gone} was deleted from Made." in said(app) and app.session_state["chosen.cohort"] == "Made"
    left = [one.participant for one in workspace.people("Made")]
    assert gone not in left and left[-1] == last and len(left) == len(simulated.participants) - 1
    assert not next(box for box in app.checkbox if box.label == "I am sure").value


def test_a_cohort_is_of_cases_and_controls_until_its_reader_says_that_it_is_of_a_population(workspace, simulated):
    cohort = workspace.create_cohort("people", workspace_weeks(simulated), {})
    app = opened(cohort="people")
    box = app.selectbox(key=f"cohort.sampling.{cohort.id}")
    assert box.label == "How these people were chosen" and box.value == "case-control"
    settled(box.select("population").run())
    assert sampling_of(workspace, cohort) == "population"
