"""The people of a cohort: what the probability is of, filters, what opens on a click, and predictions that take long."""

from __future__ import annotations

import pandas as pd
import pytest

from pages.components.people import list_columns, people_list
from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.errors import JobError
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.models.pat import config_for
from pat_core.workflows.models.answers import FREQUENCY, PROBABILITY, RANK, SCORE
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.participants_table import Listing
from pat_core.workflows.read.worn_days import as_column
from tests.app.made import OWN, opened_at, said_by
from tests.workflows.elsewhere.made import ended

pytestmark = pytest.mark.usefixtures("seen_before")


def page(**address: str):
    return opened_at("pages/participants.py", **address)


def shown(app) -> pd.DataFrame:
    return app.dataframe[0].value


def test_a_model_without_a_head_in_the_address_is_not_swapped_in_silence():
    app = page(model="random-small")
    expected = "“Random (untrained), small” has no trained head, so it gives no probability. Showing demo-late-wake"
    assert any(warning.value.startswith(expected) for warning in app.warning)
    assert app.selectbox(key="box.model").value == MODEL


def test_the_table_says_what_the_probability_is_of_and_the_test_and_prevalence_stand_above():
    app = page(cohort=COHORT, model=MODEL)
    assert "Of 100 alike" in app.dataframe[0].proto.columns
    assert "40 people. Answers are of “late wake: planted”, against “not planted”." in said_by(app)
    assert "Test AUC" in said_by(app) and "The group was 40 % of the people, in this sample (case-control)." in said_by(app)
    assert "not the published PAT weights" in said_by(app)


def test_people_of_whose_wear_nothing_tells_have_no_valid_days_and_fit_no_filter_of_them():
    table = made(("a", 20.0), ("b", 30.0)).assign(**{"Valid days": as_column([7.0, float("nan")])})
    assert list_columns.in_words(table)["Valid days"].tolist() == ["7 of 7", "–"]
    assert Listing(days=1).rows(table)["Participant"].tolist() == ["a"]
    assert Listing().rows(table)["Participant"].tolist() == ["a", "b"]


def test_in_the_list_only_the_button_of_a_row_opens_a_person_and_a_header_sorts():
    proto = page(cohort=COHORT, model=MODEL).dataframe[0].proto
    modes = type(proto).SelectionMode
    assert set(proto.selection_mode) == {modes.SINGLE_COLUMN} and proto.placeholder == "–"
    assert list(proto.button_click_widgets) == ["Open"]


def test_the_box_below_the_list_offers_its_people_in_order_and_its_button_opens_the_one_chosen():
    app = page(cohort=COHORT, model=MODEL, find="sim-000", sort="-answer")
    names = shown(app)["Participant"].tolist()
    assert app.selectbox(key="people.named").label == "Open a participant"
    assert (app.selectbox(key="people.named").options, app.selectbox(key="people.named").value) == (names, names[0])
    app.selectbox(key="people.named").select(names[3]).run()
    assert app.title[0].value == "Participants", "choosing opens nobody"
    app.button(key="people.named.open").click().run()
    address = {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}
    asked = {"cohort": COHORT, "model": MODEL, "person": names[3], "week": "1", "find": "sim-000", "sort": "-answer"}
    assert not app.exception and app.title[0].value == "Participant" and app.selectbox(key="box.person").value == names[3]
    assert asked.items() <= address.items() and {"standardizer", "view"} <= set(address)


def test_who_is_filtered_out_leaves_the_box_below_the_list():
    app = page(cohort=COHORT, model=MODEL)
    assert app.selectbox(key="people.named").options == [person.participant for person in Workspace().people(COHORT)], "of every part"
    app.selectbox(key="people.named").select("sim-0030").run()
    app.text_input(key="box.find").set_value("sim-000").run()
    assert app.selectbox(key="people.named").value == "sim-0001" and "sim-0030" not in app.selectbox(key="people.named").options
    app.button(key="people.named.open").click().run()
    assert app.selectbox(key="box.person").value == "sim-0001" and not app.exception


def test_the_person_seen_last_is_shaded_and_stands_in_the_box():
    app = page(cohort=COHORT, model=MODEL)
    assert not app.dataframe[0].proto.arrow_data.styler.styles, "nobody was seen yet"
    app.selectbox(key="people.named").select("sim-0005").run()
    app.button(key="people.named.open").click().run()
    app.switch_page("pages/participants.py").run()
    styles = app.dataframe[0].proto.arrow_data.styler.styles
    assert "row4_" in styles and "row3_" not in styles
    assert app.selectbox(key="people.named").value == "sim-0005"


def test_shading_a_row_alters_nothing_that_the_list_says():
    said = list_columns.in_words(made(("a", 31.2), ("b", None)).assign(Known=["x", None], Seen=[None, 3.0]))
    assert list_columns.shaded(said, "nobody") is said
    styled = list_columns.shaded(said, "b")
    assert styled.data is said and list_columns.SHADE.split(";")[0] in styled.to_html() and "nan" not in styled.to_html()


def test_filters_and_order_stand_in_the_address_and_hold_after_another_page_and_a_reload():
    app = page(cohort=COHORT, model=MODEL)
    app.text_input(key="box.find").set_value("sim-000").run()
    app.selectbox(key="box.sort").select("answer").run()
    app.slider(key="box.between").set_range(0, 60).run()
    first = shown(app)["Participant"].tolist()
    answers = shown(app)["Answer"].map(lambda said: int(said.split()[0])).tolist()
    assert answers == sorted(answers, reverse=True) and max(answers) <= 60 and all(name.startswith("sim-000") for name in first)
    address = {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}
    assert {"find": "sim-000", "sort": "answer", "between": "0-60"}.items() <= address.items()
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/participants.py").run()
    assert shown(app)["Participant"].tolist() == first
    assert shown(page(**address))["Participant"].tolist() == first
    assert not page(**address | {"between": "9-3", "sort": "-days", "part": "x", "quality": "[1", "days": "19"}).exception


def test_previous_and_next_go_through_the_list_as_it_was_asked_for():
    app = page(cohort=COHORT, model=MODEL, find="sim-000", sort="answer")
    listed = shown(app)["Participant"].tolist()
    one = opened_at("pages/participant.py", cohort=COHORT, model=MODEL, find="sim-000", sort="answer", person=listed[1])
    assert f"Person 2 of {len(listed)} on your list" in said_by(one)
    for name in listed[2:4]:
        next(button for button in one.button if button.label == "Next").click().run()
        assert one.selectbox(key="box.person").value == name
    one.selectbox(key="box.person").select("sim-0029").run()
    assert "sim-0029 is not on your list" in said_by(one) and not one.exception
    next(button for button in one.button if button.label == "Next").click().run()
    assert one.selectbox(key="box.person").value == "sim-0030"


def test_a_long_list_comes_in_parts_and_the_link_back_opens_the_part_of_the_person():
    app = page(cohort=COHORT, model=MODEL, sort="participant", part="2")
    everyone = [person.participant for person in Workspace().people(COHORT)]
    assert shown(app)["Participant"].tolist() == everyone[people_list.A_PART :]
    one = opened_at("pages/participant.py", cohort=COHORT, model=MODEL, sort="participant", person=everyone[people_list.A_PART])
    link = next(part for part in one.get("page_link") if part.proto.label == "Back to the list")
    assert "part=2" in link.proto.query_string and "sort=participant" in link.proto.query_string


def test_cautions_stand_above_people_whom_the_model_was_not_made_for_and_unfit_weeks_have_no_probability(own):
    app = page(cohort=OWN, model=MODEL)
    assert "tested on simulated people only" in said_by(app)
    table = shown(app).set_index("Participant")
    assert table.loc["flat", "Quality"] == "Not fit for the model"
    assert (table["Answer"] == "–").to_dict() == {"walker": False, "flat": True, "other": False}


def test_damaged_flags_of_wear_are_said_in_a_sentence_without_advice_to_unpickle(own):
    folder = own.folder / "cohorts" / own.cohort(OWN).id
    (folder / "worn.npy").write_bytes(b"no array")
    app = page(cohort=OWN, model=MODEL)
    assert not app.exception and [error.value.split(" (")[0] for error in app.error] == [f"The arrays of cohort {OWN!r} are damaged"]
    assert "pickle" not in said_by(app) and "import it again" in said_by(app)


def test_probabilities_are_said_as_on_the_page_of_one_person_and_sort_as_numbers():
    table = made(("a", 31.2), ("b", 0.2), ("c", 99.8), ("d", None), what=PROBABILITY)
    assert list_columns.in_words(table)["Answer"].tolist() == ["31 %", "under 1 %", "over 99 %", "–"]
    assert Listing(order="answer").rows(table)["Participant"].tolist() == ["c", "a", "b", "d"]
    assert Listing(order="-answer").rows(table)["Participant"].tolist() == ["b", "a", "c", "d"]
    compared = table.assign(**{"Low": [20.0, None, 90.4, None], "High": [45.0, None, 100.0, None], "Answer is": FREQUENCY})
    assert list_columns.in_words(compared.iloc[[0, 2]])["Answer"].tolist() == ["31 (20 to 45)", "100 (90 to 100)"]


def test_ranks_and_scores_stand_as_what_they_are_and_no_unsupported_percentage_is_offered():
    table = made(("a", 50.0), ("b", None), what=RANK).assign(
        **{"Scored lower": as_column([30.0, float("nan")]), "Tested": as_column([60.0] * 2)}
    )
    assert list_columns.in_words(table)["Answer"].tolist() == ["30 of 60", "–"]
    alone = made(("a", None), ("b", None), what=SCORE).assign(Score=[-0.25, 1.5])
    assert list_columns.in_words(alone)["Answer"].tolist() == ["\u22120.25", "1.50"]
    assert Listing(order="answer").rows(alone)["Participant"].tolist() == ["b", "a"]
    assert not list_columns.may_stand("Probability", table)
    assert list_columns.may_stand("Probability", table.assign(**{"Percentages supported": "alike, model"}))


def made(*people_and_answers: tuple[str, float | None], what: str = FREQUENCY) -> pd.DataFrame:
    names, answers = zip(*people_and_answers, strict=True)
    nothing, none = pd.Series([None] * len(names), dtype=float), pd.Series([None] * len(names), dtype="Int64")
    figures = {"Answer": pd.Series(answers, dtype=float), "Low": nothing, "High": nothing, "Not worn": nothing, "Score": nothing}
    figures |= {"Probability": nothing, "Scored lower": none, "Tested": none, "Percentages supported": "none", "Answer is": what}
    return pd.DataFrame({"Participant": names, **figures, "Quality": "Nothing found", "Valid days": as_column([7.0] * len(names))})


def test_people_sort_by_the_numbers_in_their_names_and_by_how_much_there_is_to_know():
    table = made(("p10", 1.0), ("P2", 1.0), ("p1", 1.0)).assign(Quality=["1 thing to know", "Not fit for the model", "12 things to know"])
    assert Listing(order="participant").rows(table)["Participant"].tolist() == ["p1", "P2", "p10"]
    assert Listing(order="quality").rows(table)["Participant"].tolist() == ["P2", "p1", "p10"]


def test_people_are_filtered_by_label_and_by_probability():
    app = page(cohort=COHORT, model=MODEL)
    assert "late wake" not in shown(app), "what is known stays hidden until it is asked for"
    app.selectbox(key="box.shown").select("late wake").run()
    app.multiselect(key="box.only").select("planted").run()
    planted = [person.participant for person in Workspace().people(COHORT) if person.labels["late wake"] == "planted"]
    assert set(shown(app)["late wake"]) == {"planted"} and shown(app)["Participant"].tolist() == planted
    app.slider(key="box.between").set_range(0, 50).run()
    assert not app.exception and 0 < len(shown(app)) < len(planted)
    assert all(int(said.split()[0]) <= 50 for said in shown(app)["Answer"])


def test_the_filter_of_answers_is_of_what_the_list_shows_and_absent_where_that_is_scores(own):
    alone = page(cohort=OWN, model=MODEL, between="20-80")
    assert "box.between" not in [slider.key for slider in alone.slider] and len(shown(alone)) == 3 and not alone.exception
    scores = made(("a", None), ("b", None), what=SCORE)
    assert len(Listing(between=(20, 80)).rows(scores)) == 2, "a range of 100 from before says nothing of scores"
    assert page(cohort=COHORT, model=MODEL).slider(key="box.between").label == "Answer (of 100)"
    ranks = page(cohort=COHORT, model=MODEL, **{"as": "rank"}).slider(key="box.between")
    assert ranks.label == "Scored lower (% of those tested)" and ranks.proto.format == "%d %%" and "9 of 36 are 25 %" in ranks.help


def test_valid_days_are_asked_for_up_to_the_length_of_the_windows(own):
    assert page(cohort=OWN, model=MODEL).selectbox(key="box.days").options[-1] == "7 or more"
    assert people_list._days("3", 3) == 3 and people_list._days("14", 14) == 14
    with pytest.raises(ValueError, match="4"):
        people_list._days("4", 3)


def test_unfit_weeks_show_while_every_probability_is_asked_for():
    table = made(("a", 30.4), ("b", None))
    kept = [len(Listing(between=between).rows(table)) for between in ((0, 100), (0, 99), (31, 100), (30, 100))]
    assert kept == [2, 1, 0, 1]


def test_a_larger_model_predicts_fewer_weeks_while_the_reader_waits():
    quick = [people_list.quick_weeks(config_for(size)) for size in ("small", "medium", "large", "huge")]
    assert quick == [64, 32, 8, 2]


@pytest.fixture
def slow(monkeypatch) -> Workspace:
    """Nothing is quick, and no process is started."""
    monkeypatch.setattr(people_list, "QUICK_TOKENS", 1)
    monkeypatch.setattr(jobs.Task, "launch", lambda task, ws, request, title, on: ws.add_job(task.kind, title, request.as_spec()))
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


def test_everyone_is_predicted_at_the_place_that_was_chosen(own, tmp_path, monkeypatch):
    monkeypatch.setattr(people_list, "QUICK_TOKENS", 1)  # nothing is quick
    keep_place(own, Place("next door", "process", folder=str(tmp_path / "there")))
    app = page(cohort=OWN, model=MODEL)
    app.selectbox(key="box.place").set_value("next door").run()
    press(app, "What would leave this computer?")
    assert "3 people, as numbers" in said_by(app) and app.query_params["place"] == "next door"
    press(app, "Predict everyone")
    (job,) = own.jobs()
    done = ended(own, job.id)
    assert (done.state, done.result) == ("done", {"weeks": 5}), jobs.log_tail(own, job.id)
    assert jobs.errand_of(own, job.id).place == "next door"
    assert app.run().dataframe and len(shown(app)) == 3 and not app.exception


def test_nothing_is_predicted_at_a_place_that_cannot_be_reached(own, monkeypatch):
    monkeypatch.setattr(people_list, "QUICK_TOKENS", 1)
    keep_place(own, Place("far away", "ssh", "nobody@127.0.0.1", options={"port": "1"}))
    app = page(cohort=OWN, model=MODEL, place="far away")
    assert "Connection refused" in app.error[0].value and not app.exception
    assert next(button for button in app.main.button if button.label == "Predict everyone").disabled


def press(app, label: str) -> None:
    next(button for button in app.main.button if button.label == label).click().run()


def test_anyone_can_be_opened_before_the_others_are_predicted(slow, own):
    app = page(cohort=OWN, model=MODEL)
    names = [person.participant for person in slow.people(OWN)]
    assert app.selectbox(key="people.named").options == names and not app.dataframe
    app.selectbox(key="people.named").select(names[-1])
    app.button(key="people.named.open").click().run()
    assert not app.exception and app.title[0].value == "Participant" and app.selectbox(key="box.person").value == names[-1]


def test_a_job_that_cannot_start_is_said(slow, own, monkeypatch):
    def broken(*_, on):
        raise JobError("The worker of this job could not be started.")

    app = page(cohort=OWN, model=MODEL)
    monkeypatch.setattr(jobs.Task, "launch", broken)
    next(button for button in app.button if button.label == "Predict everyone").click().run()
    assert [error.value for error in app.error] == ["The worker of this job could not be started."] and not app.exception
