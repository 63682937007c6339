"""A reader walks through those whom nobody has looked at: keeps a state with a name, and Next goes on with the rest of the list."""

import pytest

from pat_core.cohorts import Workspace
from pat_core.workflows.people.demo import COHORT, MODEL
from tests.app.made import opened_at

pytestmark = pytest.mark.usefixtures("seen_before")


def page(**address: str):
    return opened_at("pages/participant.py", cohort=COHORT, model=MODEL, **address)


def keep(app, state: str, note: str, who: str):
    next(one for one in app.get("button_group") if one.label == "This person is").set_value(state)
    next(box for box in app.text_input if box.label == "Note").set_value(note)
    next(box for box in app.text_input if box.label == "Your name").set_value(who)
    return next(button for button in app.button if button.label == "Keep").click().run()


def test_a_state_is_kept_with_who_and_why_and_without_a_name_nothing_is():
    app = keep(page(person="sim-0003"), "flagged", "ask for the diary", "")
    assert any("a name for the reviewer" in error.value for error in app.error) and Workspace().reviews(COHORT) == {}
    app = keep(app, "flagged", "ask for the diary", "Ada")
    assert not app.exception
    kept = Workspace().reviews(COHORT)["sim-0003"]
    assert (kept.state, kept.note, kept.who) == ("flagged", "ask for the diary", "Ada")
    assert any("Flagged: ask for the diary (Ada, " in line.value for line in app.caption)


def test_next_goes_on_with_the_list_when_somebody_has_left_it():
    for person in ("sim-0001", "sim-0004"):
        Workspace().review(COHORT, person, "reviewed", who="Ada")
    listed = opened_at("pages/participants.py", cohort=COHORT, model=MODEL, review="new", find="sim-000").dataframe[0].value
    assert {"sim-0001", "sim-0004"}.isdisjoint(listed["Participant"]) and "sim-0002" in set(listed["Participant"])
    app = page(person="sim-0003", review="new", find="sim-000")
    keep(app, "reviewed", "", "Ada")
    assert any("sim-0003 has left your list (“sim-000” in the name; new): Next goes on with it." in line.value for line in app.caption)
    next(button for button in app.button if button.label == "Next").click().run()
    assert app.selectbox(key="box.person").value == "sim-0005", "sim-0004 was reviewed before"
    next(button for button in app.button if button.label == "Previous").click().run()
    assert app.selectbox(key="box.person").value == "sim-0002"
