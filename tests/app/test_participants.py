"""The people of a cohort: what the probability is of, filters, what opens on a click, and predictions that take long."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from pages.components import people, words
from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.errors import JobError
from pat_core.model import config_for
from pat_core.workflows.demo import COHORT, MODEL
from pat_core.workflows.worn_days import as_column
from tests.app.made import OWN, opened_at, said_by


def page(**address: str):
    return opened_at("pages/participants.py", **address)


def shown(app) -> pd.DataFrame:
    return app.dataframe[0].value


def test_a_model_without_a_head_in_the_address_is_not_swapped_in_silence():
    app = page(model="random-small")
    expected = "“Random (untrained), small” has no trained head, so it gives no probability. This is demo-late-wake"
    assert any(warning.value.startswith(expected) for warning in app.warning)
    assert app.selectbox(key="box.model").value == MODEL


def test_the_table_says_what_the_probability_is_of_and_the_test_and_prevalence_stand_above():
    app = page(cohort=COHORT, model=MODEL)
    assert "Probability of late wake: planted" in app.dataframe[0].proto.columns
    assert "Test AUC" in said_by(app) and "Prevalence where it was trained: 40 %" in said_by(app)
    assert "not the published PAT weights" in said_by(app)


def test_people_of_whose_wear_nothing_tells_have_no_valid_days_and_fit_no_filter_of_them():
    days = as_column([7.0, float("nan")])
    table = pd.DataFrame({"Participant": ["a", "b"], "Probability": [20.0, 30.0], "Quality": "-", "Valid days": days})
    assert re.findall(r"<td[^>]*>([^<]*)</td>", people.in_words(table.drop(columns="Quality")).to_html())[2::3] == ["7 of 7", "–"]
    assert people.filtered(table, "", None, [], [], people.ALL, 1)["Participant"].tolist() == ["a"]
    assert people.filtered(table, "", None, [], [], people.ALL)["Participant"].tolist() == ["a", "b"]


def test_a_click_on_a_row_or_a_cell_opens_a_person_and_empty_cells_are_dashes():
    proto = page(cohort=COHORT, model=MODEL).dataframe[0].proto
    modes = type(proto).SelectionMode
    assert set(proto.selection_mode) == {modes.SINGLE_ROW, modes.SINGLE_CELL} and proto.placeholder == "–"


def test_cautions_stand_above_people_whom_the_model_was_not_made_for_and_unfit_weeks_have_no_probability(own):
    app = page(cohort=OWN, model=MODEL)
    assert "tested on simulated people only" in said_by(app)
    table = shown(app).set_index("Participant")
    assert table.loc["flat", "Quality"] == "Not fit for the model"
    assert table["Probability"].isna().to_dict() == {"walker": False, "flat": True, "other": False}


def test_damaged_flags_of_wear_are_said_in_a_sentence_without_advice_to_unpickle(own):
    folder = own.folder / "cohorts" / own.cohort(OWN).id
    (folder / "worn.npy").write_bytes(b"no array")
    app = page(cohort=OWN, model=MODEL)
    assert not app.exception and [error.value.split(" (")[0] for error in app.error] == [f"The arrays of cohort {OWN!r} are damaged"]
    assert "pickle" not in said_by(app) and "import it again" in said_by(app)


def test_probabilities_are_said_as_on_the_page_of_one_person_and_sort_as_numbers():
    table = pd.DataFrame({"Participant": ["a", "b", "c", None], "Probability": [0.2, 31.2, 99.8, None]})
    drawn = people.in_words(table)
    assert re.findall(r"<td[^>]*>([^<]*)</td>", drawn.to_html()) == ["a", "under 1 %", "b", "31 %", "c", "over 99 %", "–", "–"]
    assert drawn.data["Probability"].dtype == float, "a click on the header sorts them by size"
    assert words.percent(0.002) == "under 1 %"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "MOST_STYLED", 7)
        assert people.in_words(table) is table, "pandas would refuse to put so many cells into words"


def test_people_are_filtered_by_label_and_by_probability():
    app = page(cohort=COHORT, model=MODEL)
    everyone = shown(app)
    app.multiselect(key=next(box.key for box in app.multiselect if box.label.startswith("Only people"))).select("planted").run()
    assert set(shown(app)["late wake"]) == {"planted"} and len(shown(app)) == (everyone["late wake"] == "planted").sum()
    app.slider[0].set_range(0, 50).run()
    assert not app.exception
    table = shown(app) if app.dataframe else everyone.iloc[:0]
    assert len(table) == ((everyone["late wake"] == "planted") & (everyone["Probability"].round() <= 50)).sum()


def test_unfit_weeks_show_while_every_probability_is_asked_for():
    table = pd.DataFrame({"Participant": ["a", "b"], "Probability": [30.4, None], "Quality": ["", ""]})
    kept = [len(people.filtered(table, "", None, [], [], between)) for between in ((0, 100), (0, 99), (31, 100), (30, 100))]
    assert kept == [2, 1, 0, 1]


def test_a_larger_model_predicts_fewer_weeks_while_the_reader_waits():
    quick = [people.quick_weeks(config_for(size)) for size in ("small", "medium", "large", "huge")]
    assert quick == [64, 32, 8, 2]


@pytest.fixture
def slow(monkeypatch) -> Workspace:
    """Nothing is quick, and no process is started."""
    monkeypatch.setattr(people, "QUICK_TOKENS", 1)
    monkeypatch.setattr(jobs, "launch", lambda space, kind, title, spec: space.add_job(kind, title, spec))
    return Workspace()


def forget_predictions(space: Workspace) -> None:
    with space.writing() as connection:
        connection.execute("DELETE FROM predictions")


def test_the_job_of_one_cohort_and_model_is_not_taken_for_that_of_another(slow, own):
    app = page(cohort=OWN, model=MODEL)
    press = next(button for button in app.button if button.label == "Predict everyone")
    press.click().run()
    (job,) = slow.jobs()
    assert (job.kind, job.spec["cohort"], job.spec["model"]) == ("predict", OWN, MODEL)
    assert not any(button.label == "Predict everyone" for button in app.button), "it is being predicted already"
    forget_predictions(slow)
    app.selectbox(key="box.cohort").select(COHORT).run()
    assert any(button.label == "Predict everyone" for button in app.button), "nobody predicts this cohort yet"


def test_a_job_that_cannot_start_is_said(slow, own, monkeypatch):
    def broken(*_):
        raise JobError("The worker of this job could not be started.")

    app = page(cohort=OWN, model=MODEL)
    monkeypatch.setattr(jobs, "launch", broken)
    next(button for button in app.button if button.label == "Predict everyone").click().run()
    assert [error.value for error in app.error] == ["The worker of this job could not be started."] and not app.exception
