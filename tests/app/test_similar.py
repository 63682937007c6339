"""The tab of similar people: cards that open a person, and nothing at all of a random encoder or about a refused week."""

from __future__ import annotations

import pytest

from pat_core.cohorts import Workspace
from pat_core.workflows.people.demo import COHORT, MODEL
from tests.app.made import OWN, opened_at, said_by

PERSON = "sim-0002"


def page(cohort: str = COHORT, model: str = MODEL, person: str = PERSON, **address: str):
    return opened_at("pages/participant.py", cohort=cohort, model=model, person=person, look="similar", **address)


def cards(app) -> list[str]:
    return [button.key.removeprefix("similar.") for button in app.button if str(button.key).startswith("similar.")]


def outcomes(app) -> list[str]:
    return [line.value for line in app.caption if line.value.startswith("distance") and "late wake" in line.value]


@pytest.mark.usefixtures("seen_before")
def test_the_nearest_people_stand_as_cards_and_a_press_opens_one():
    app = page()
    assert not app.exception and not app.error
    people = cards(app)
    assert len(people) == len(set(people)) == 11 and PERSON not in people
    said = said_by(app)
    assert "Of 39 other people" in said and "% nearer" in said and "It says nothing of a shared condition." in said
    assert not outcomes(app), "they wait until they are asked for"
    next(toggle for toggle in app.toggle if toggle.label == "Show their known outcomes").set_value(True).run()
    assert len(outcomes(app)) == 11
    app.button(key=f"similar.{people[0]}").click().run()
    assert not app.exception and app.selectbox(key="box.person").value == people[0]
    assert PERSON in cards(app) and app.segmented_control(key="box.look").value == "similar"


@pytest.mark.usefixtures("seen_before")
def test_of_a_random_encoder_nobody_is_listed():
    app = page(model="random-small")
    assert not app.exception and not cards(app)
    assert any("says nothing about people, so nobody is listed" in line.value for line in app.info)


def test_a_refused_week_and_a_cohort_of_two_are_told_why(own):
    app = page(OWN, "pat-s-simulated", "flat")
    assert not app.exception and not cards(app)
    assert app.info, "one person is fit for the model"
    assert {person.participant for person in Workspace().people(OWN)} == {"walker", "flat", "other"}
