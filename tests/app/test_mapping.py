"""The Data page asks what the columns of unknown tables mean, shows the outcome at once, and remembers it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.data import mapping_section
from pages.components.data.mapping_section import SAY
from pages.components.shared.session_names import Key
from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.recordings.mapping import mapping_record
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.source import Source
from pat_core.records import COUNTS
from pat_core.workflows.read import column_mapping
from pat_core.workflows.tasks import TASKS
from tests.app.made import opened_at


@pytest.fixture
def workspace(monkeypatch) -> Workspace:
    """A workspace without the demonstration, whose jobs are done where they are started."""
    space = Workspace()
    space.keep_setting("demo", "deleted")

    def launch(task, space, request, title):
        job = space.add_job(task.kind, title, request.as_spec())
        jobs.run_job(space, job, TASKS)
        return job

    monkeypatch.setattr(jobs.Task, "launch", launch)
    return space


def ward(person: str = "A", time: str = "Zeitpunkt", activity: str = "Bewegung", form: str = "%Y-%m-%d %H:%M") -> bytes:
    stamps = pd.date_range("2024-03-05 10:00", periods=8 * 1440, freq="min").strftime(form)
    return pd.DataFrame({"Proband": person, time: stamps, activity: np.arange(8 * 1440) % 97}).to_csv(index=False).encode()


def brought(*files: tuple[str, bytes]) -> AppTest:
    app = opened_at("pages/data.py")
    uploader = next(box for box in app.file_uploader if box.label.startswith("CSV, Excel"))
    uploader.set_value([(name, content, "text/csv") for name, content in files])
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.main.button if button.label == label).click()
    return run(app)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.main.button]


def box(app: AppTest, label: str):
    return next(box for box in app.main.selectbox if box.label == label)


def said(app: AppTest) -> str:
    parts = [*app.main.markdown, *app.main.caption, *app.main.warning, *app.main.info, *app.main.error, *app.main.success]
    return "\n".join(part.value for part in parts)


def test_files_that_a_format_knows_are_not_asked_about(workspace):
    app = brought(("plain.csv", ward(time="timestamp", activity="activity")))
    assert SAY not in labels(app) and not app.main.warning


def test_unknown_columns_are_asked_about_with_guesses_and_a_preview_and_come_in(workspace):
    app = press(brought(("ward.csv", ward())), SAY)
    guesses = [box(app, label).value for label in ("Participant", "Time", "Activity", "Unit")]
    assert guesses == ["Proband", "Zeitpunkt", "Bewegung", "unknown"]
    assert app.main.table[0].value.iloc[1].tolist() == ["A", "Tue 5 Mar 2024, 10:01:00", "1"]
    assert "1 person; 8 days; a row a minute; unit not known." in said(app)
    box(app, "Unit").set_value("counts/min")
    assert "1 person; 8 days; a row a minute; counts/min." in said(run(app))
    press(app, "Import")
    assert "Imported 1 person with 1 week." in said(app) and workspace.cohort("ward").unit == "counts/min"
    assert [entry.file for entry in column_mapping.remembered(workspace)] == ["ward.csv"]


def test_the_page_keeps_one_primary_button(workspace):
    app = press(brought(("ward.csv", ward())), SAY)
    assert [button.label for button in app.main.button if button.proto.type == "primary"] == ["Import"]


def test_an_error_stands_with_its_field_and_nothing_is_imported_before_it_is_mended(workspace):
    app = press(brought(("ward.csv", ward())), SAY)
    box(app, "Activity").set_value("Zeitpunkt")
    run(app)
    assert [error.value for error in app.main.error] == ["Zeitpunkt is already chosen for the time. Choose another column."]
    assert next(button for button in app.main.button if button.label == "Use these columns").disabled
    assert "not settled" in said(press(app, "Import")) and workspace.jobs() == ()
    box(app, "Activity").set_value("Bewegung")
    assert not run(app).main.error


def test_the_order_of_day_and_month_is_asked_for_where_nothing_decides_it(workspace):
    cut = b"\n".join(ward(time="timestamp", activity="activity", form="%d/%m/%Y %H:%M").splitlines()[:300]) + b"\n"
    app = brought(("days.csv", cut))
    assert "day or the month comes first" in said(app)
    press(app, SAY)
    assert "Please check." in said(app) and "Mar 2024" in app.main.table[0].value["Time"].iloc[0]
    box(app, "How dates are written").set_value("month")
    assert "May 2024" in run(app).main.table[0].value["Time"].iloc[0]


def test_the_next_file_with_these_columns_is_read_alike_and_that_can_be_looked_at_and_forgotten(workspace):
    meaning = guess(Source("w", "w.csv", 1, lambda: io.BytesIO(ward()))).mapping
    column_mapping.remember(workspace, meaning, "ward.csv")
    app = brought(("next.csv", ward("B")))
    assert (
        "What the columns of next.csv mean is remembered from ward.csv." in said(app)
        and "activity from Bewegung" in said(app)
        and SAY not in labels(app)
    )
    press(app, "Look or change")
    assert "First rows, as understood" in said(app) and box(app, "Activity").value == "Bewegung"
    press(app, "Close")
    press(app, "Forget these columns")
    assert SAY in labels(app) and column_mapping.remembered(workspace) == ()
    column_mapping.remember(workspace, meaning, "ward.csv")
    press(run(app), "Import")
    assert "Imported 1 person" in said(app)


def test_a_damaged_memory_is_said_and_forgotten_by_a_button(workspace):
    meaning = guess(Source("w", "w.csv", 1, lambda: io.BytesIO(ward()))).mapping
    column_mapping.remember(workspace, meaning, "ward.csv")
    kept = workspace.setting(column_mapping.KEY)
    next(iter(kept.values()))["mapping"]["order"] = "x"
    workspace.keep_setting(column_mapping.KEY, kept)
    app = brought(("ward.csv", ward()))
    assert "cannot be used" in said(app)
    assert SAY in labels(press(app, "Forget these columns"))


def test_using_columns_for_one_of_several_files_covers_those_that_are_alike(workspace):
    app = brought(("a.csv", ward("A")), ("b.csv", ward("B")))
    assert "1 other file needs it as well" in said(app)
    press(app, SAY)
    assert "1 other file has the same columns" in said(app)
    press(app, "Use these columns")
    assert "a.csv, b.csv" in said(app).replace("\\", "") and SAY not in labels(app)
    assert "Imported 2 people with 2 weeks." in said(press(app, "Import"))


def test_a_click_looks_at_no_file_again_and_another_file_or_another_memory_does(workspace, monkeypatch):
    looks: list[int] = []
    look = column_mapping.look

    def counted(brought, *more):
        looks.append(len(brought))
        return look(brought, *more)

    monkeypatch.setattr(column_mapping, "look", counted)
    files = [(f"{who}.csv", ward(who)) for who in "AB"]
    app = brought(*files)
    before = len(looks)
    app.radio(key="bring.alignment").set_value("midnight")
    press(run(app), SAY)
    assert len(looks) == before, "a click looked at the files again"
    press(app, "Use these columns")
    assert len(looks) == before + 1 and SAY not in labels(app)


def test_a_folder_is_looked_at_again_after_a_while_but_not_at_every_click(workspace, tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(ward())
    app = opened_at("pages/data.py")
    app.radio(key="bring.source").set_value("Give a path on this machine")
    next(field for field in run(app).main.text_input if field.label.startswith("A file, a zip")).input(str(tmp_path))
    assert "a.csv" in said(run(app)) and SAY in labels(app)
    (tmp_path / "b.csv").write_bytes(ward("B"))
    assert "1 other file needs it as well" not in said(run(app))
    monkeypatch.setattr(mapping_section, "AGAIN_S", -1)
    assert "1 other file needs it as well" in said(run(app))


def test_files_beyond_those_that_are_looked_at_are_counted_and_read_by_what_is_remembered(workspace, monkeypatch):
    monkeypatch.setattr(mapping_section, "MOST_LOOKED", 2)
    meaning = guess(Source("w", "w.csv", 1, lambda: io.BytesIO(ward()))).mapping
    column_mapping.remember(workspace, replace(meaning, unit=COUNTS), "ward.csv")
    known = [(f"known{number}.csv", ward(f"P{number}", "timestamp", "activity")) for number in range(2)]
    app = brought(*known, ("last.csv", ward("B")))
    assert "1 file was not looked at here, only the first 2." in said(app) and "remembered from" not in said(app)
    assert "Imported 3 people with 3 weeks." in said(press(app, "Import"))
    assert Key.MAPPING_LOOK not in app.session_state, "the uploads are held after their import"


def test_how_the_file_is_written_can_be_said_and_the_guesses_follow(workspace):
    app = press(brought(("ward.csv", b"serial,12,34\n" + ward())), SAY)
    assert box(app, "Time").value == "Zeitpunkt", "the header stands below another line"
    for lines, names, first in ((2, False, "column 1"), (1, True, "Proband")):
        next(field for field in app.main.number_input if field.label == "Lines above the table").set_value(lines)
        next(field for field in app.main.checkbox if field.label.startswith("Its first line")).set_value(names)
        app = run(app)
        assert box(app, "Time").options[0] == first
    assert box(run(app), "Time").value == "Zeitpunkt" and "1 person; 8 days" in said(app)


def days(people: tuple[str, ...] = ("A", "B"), many: int = 8) -> bytes:
    """A row a day, whose minutes and dates no format knows by their names."""
    dates = pd.date_range("2024-03-05", periods=many).strftime("%d/%m/%Y")
    about = pd.DataFrame([(who, day) for who in people for day in dates], columns=["Proband", "Messtag"])
    values = np.random.default_rng(1).integers(0, 300, (len(about), 1440))
    return pd.concat([about, pd.DataFrame(values, columns=[f"m{i}x" for i in range(1440)])], axis=1).to_csv(index=False).encode()


def test_a_row_a_day_is_said_by_hand_and_comes_in(workspace):
    app = press(brought(("tage.csv", days())), SAY)
    assert box(app, "One row of the table is").value == "day" and box(app, "Date").value == "Messtag"
    assert box(app, "Minute 00:00 (1,439 more columns follow it)").value == "m0x"
    box(app, "How dates are written").set_value("day")
    box(app, "Participant").set_value("Proband")
    box(app, "Unit").set_value(COUNTS)
    assert "2 people; at most 8 days each; a row a day; counts/min." in said(run(app))
    box(app, "One row of the table is").set_value("epoch")
    assert "Activity" in [one.label for one in run(app).main.selectbox]
    box(app, "One row of the table is").set_value("day")
    press(run(app), "Import")
    assert "Imported 2 people with 2 weeks." in said(app) and workspace.cohort("tage").unit == COUNTS
    assert "a row a day" in mapping_record.summary(column_mapping.remembered(workspace)[0].mapping)


def test_numbered_epochs_need_their_length_and_their_beginning(workspace):
    rows = pd.DataFrame({"epoch": range(1, 8 * 2880 + 1), "counts": np.arange(8 * 2880) % 97}).to_csv(index=False).encode()
    app = press(brought(("P7.csv", rows)), SAY)
    assert box(app, "How dates are written").value == "epochs"
    assert [error.value for error in app.main.error] == ["Say when the first epoch began, in local time, as 2024-03-04 08:00."]
    next(one for one in app.main.number_input if one.label == "Seconds per epoch").set_value(30)
    next(one for one in app.main.text_input if one.label == "The first epoch began").set_value("2024-03-04 08:00")
    run(app)
    assert not app.main.error and "8 days; a row every 30 s" in said(app) and "Mon 4 Mar 2024, 08:00" in said(app)


def broken() -> bytes:
    """Columns that the reader of tables knows, with a text where it expects numbers; another column holds them."""
    table = pd.read_csv(io.BytesIO(ward("B", "timestamp", "activity"))).assign(y=np.arange(8 * 1440) % 83)
    table["activity"] = "see y"
    return table.to_csv(index=False).encode()


def test_a_table_that_an_import_refused_can_be_said_from_its_report_where_it_lies(workspace, tmp_path):
    (tmp_path / "good.csv").write_bytes(ward("A", "timestamp", "activity"))
    (tmp_path / "bad.csv").write_bytes(broken())
    app = opened_at("pages/data.py")
    app.radio(key="bring.source").set_value("Give a path on this machine")
    run(app)
    next(box for box in app.text_input if box.key.startswith("bring.place")).set_value(str(tmp_path))
    press(run(app), "Import")
    assert "Imported 1 person" in said(app) and "If you know what the columns of a refused table mean" in said(app)
    press(app, "Say what the columns of bad.csv mean")
    assert "What the columns of bad.csv mean" in [one.value for one in app.main.subheader]
    assert next(box for box in app.text_input if box.key.startswith("bring.place")).value == str(tmp_path)


def test_uploads_of_an_import_that_failed_are_brought_again_with_the_boxes_open(workspace):
    app = press(brought(("bad.csv", broken())), "Import")
    assert "Nothing was written" in said(app)
    press(app, "Say what the columns of bad.csv mean")
    assert "What the columns of bad.csv mean" in [one.value for one in app.main.subheader] and "bad.csv, 0 MB, is uploaded." in said(app)
    box(app, "Activity").set_value("y")
    press(run(app), "Import")
    assert "Imported 1 person with 1 week." in said(app)
    assert not list((workspace.folder / "incoming").glob("*"))


def test_uploads_that_went_with_their_import_are_asked_about_when_they_come_again(workspace):
    app = press(brought(("good.csv", ward("A", "timestamp", "activity")), ("bad.csv", broken())), "Import")
    assert "Some of these are tables (bad.csv). The copies here were removed" in said(app)
