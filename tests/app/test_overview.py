"""The first screen."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from pat_core import settings
from pat_core.cohorts import Workspace
from pat_core.reports.glossary import glossary
from pat_core.workflows.people.demo import COHORT, LABEL, MODEL
from pat_core.workflows.people.simulated_people import PLANTED, label_name

ROOT = Path(__file__).resolve().parents[2]


def opened() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.main.markdown, *app.main.caption])


def test_it_says_what_this_is_and_that_it_is_no_diagnosis():
    said = text(opened())
    assert "2411.15240" in said and "never a diagnosis" in said and "stay on this machine" in said


def test_the_demonstration_is_named_simulated_and_drawn_and_has_the_one_primary_button():
    app = opened()
    assert "**Simulated people.**" in text(app)
    assert [button.label for button in app.main.button if button.proto.type == "primary"] == ["Open a simulated person's week"]
    assert len(app.get("plotly_chart")) == 1


def test_the_button_opens_the_demonstrations_person_with_its_cohort_and_model():
    app = opened()
    next(button for button in app.main.button if button.proto.type == "primary").click().run()
    assert not app.exception
    assert app.title[0].value == "Participant"
    boxes = {box.label: box.value for box in app.selectbox}
    assert boxes["Cohort"] == COHORT and boxes["Model"] == MODEL
    labels = {person.participant: person.labels for person in Workspace().people(COHORT)}
    assert labels[boxes["Participant"]][label_name(LABEL)] == PLANTED


def test_without_the_demonstration_the_button_leads_to_data():
    Workspace().keep_setting("demo", "deleted")
    app = opened()
    assert "no people here yet" in text(app) and not app.get("plotly_chart")
    next(button for button in app.main.button if button.label == "Go to Data").click().run()
    assert app.title[0].value == "Data"


def test_what_is_here_is_counted():
    figures = {metric.label: metric.value for metric in opened().metric}
    assert figures["Cohorts"] == "1" and figures["People"] == figures["Weeks"] == "40" and figures["Runs"] == "0"


def test_the_words_that_are_used_are_explained_as_the_glossary_has_them():
    app = opened()
    (words,) = [one for one in app.expander if one.label == "Words used here"]
    lines = words.markdown[0].value.splitlines()
    assert len(lines) == len(glossary()) > 40
    assert "- **patch**: 18, 9 or 5 minutes that become one token" in lines and not any("---" in line or "| word" in line for line in lines)


def test_without_the_glossarys_file_there_is_no_empty_fold(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "ASSETS", tmp_path / "assets")
    assert glossary() == {} and "Words used here" not in [one.label for one in opened().expander]


def test_the_notice_stands_in_the_colour_of_text_and_not_in_a_pale_caption():
    app = opened()
    assert not any("never a diagnosis" in caption.value for caption in [*app.sidebar.caption, *app.main.caption])
    assert any("never a diagnosis" in line.value for line in app.sidebar.markdown)
