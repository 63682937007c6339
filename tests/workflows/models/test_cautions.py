"""What is said of a model before its answers on some people are believed."""

from __future__ import annotations

import pytest

from pat_core.errors import RecordingError
from pat_core.records import Finding
from pat_core.wear import QualitySettings
from pat_core.weights import random_model
from pat_core.workflows.models.cautions import by_cost, cautions, condition, group_caution, model_cautions, seen_caution, wear_caution
from pat_core.workflows.people.participants_table import given_to_one_side, own_labels
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.week.cohort_weeks import common_device, measured_with
from tests.cohorts.made import week

TESTED = {"test": {"auc": {"value": 0.8, "low": 0.7, "high": 0.9, "n": 100}}, "encoder_trained": True, "has_standardizer": True}


@pytest.fixture(scope="module")
def real(trained):
    return trained[0].cohort("people")


@pytest.fixture
def simulated(workspace, twenty_four):
    return store_simulated(workspace, "made up", twenty_four)


def codes(card, cohort, standardize_by="model", device=None, origin="fine-tuned"):
    return [one.code for one in cautions(card, origin, cohort, standardize_by, device)]


def test_of_a_model_that_was_tested_on_enough_real_people_there_is_nothing_to_say(real):
    assert codes(TESTED, real, device="Actiwatch") == []


def test_a_card_that_tells_nothing_gives_no_caution(real):
    assert codes({}, real, "cohort", "Actiwatch", "own") == codes({"test": "good", "device": None}, None, "as given") == []


@pytest.mark.parametrize(("card", "origin"), [({}, "random"), ({"encoder_trained": False}, "fine-tuned")])
def test_a_random_encoder_is_named_first(real, card, origin):
    found = cautions({**TESTED, "simulated": True} | card, origin, real, "model")
    assert found[0].code == "random_encoder" and "random and untrained" in found[0].message


def test_the_models_own_warning_is_passed_on(real):
    found = cautions({**TESTED, "warning": "The test may flatter it."}, "fine-tuned", real, "model")
    assert [one.message for one in found] == ["The test may flatter it."]


def test_somebody_of_neither_group_is_named_as_such():
    card = {"label": "group", "positive": "schizophrenia", "negative": "control"}
    found = group_caution(card, {"group": "adhd"})
    assert [one.code for one in found] == ["other_group"] and "neither of the two groups" in found[0].message
    assert "adhd" not in found[0].message, "the outcome waits until it is asked for"
    assert group_caution(card, {"group": "control"}) == group_caution(card, {"sex": "f"}) == group_caution({}, {"group": "adhd"}) == ()
    assert group_caution(card | {"negative": "not schizophrenia"}, {"group": "adhd"}) == ()


def test_few_test_people_are_counted(real):
    few = {"test": {"auc": {"n": 9}}}
    found = cautions(few, "fine-tuned", real, "model")
    assert [(one.code, one.value) for one in found] == [("few_tested", 9.0)] and "only 9 people" in found[0].message
    assert codes({"test": {"auc": {"n": 30}}}, real) == []


def test_what_was_learned_or_tested_on_simulated_people_is_said_to_real_ones(real, simulated):
    card = TESTED | {"simulated": True, "tested_on_simulated": True}
    assert codes(card, real) == codes(card, None) == ["simulated_test", "simulated_training"]
    assert cautions(card, "fine-tuned", real, "model")[0].message == (
        "This score was tested on simulated people only. What it is worth for real people is unknown."
    )
    assert codes(card, simulated) == []


def test_few_real_people_beside_simulated_ones_are_counted(real):
    from_people = {"simulated": True, "pretrained_on": "2,000 simulated people (wrist and hip), 127 people of NHANES 2003-04"}
    [caution] = cautions(TESTED | from_people, "fine-tuned", real, "model")
    assert "mostly from simulated weeks, and from those of only 127 people (NHANES 2003-04)" in caution.message
    [alone] = cautions(TESTED | from_people | {"pretrained_on": "2,000 simulated people"}, "fine-tuned", real, "model")
    assert "from simulated weeks, not from people" in alone.message


@pytest.mark.parametrize(("placement", "said"), [("Left Wrist", "GT3X, wrist"), ("Waist", "GT3X, hip"), ("pocket", "GT3X"), (None, "GT3X")])
def test_where_a_device_was_worn_belongs_to_it_but_not_on_which_side(placement, said):
    made = week("p1", device="GT3X", placement=placement)
    assert measured_with(made) == said == common_device([made, made])


def test_another_device_is_named_beside_the_models(real):
    card = TESTED | {"device": "ActiGraph AM-7164"}
    found = cautions(card, "fine-tuned", real, "model", "Actiwatch")
    assert [one.code for one in found] == ["other_device"] and "AM-7164" in found[0].message and "Actiwatch" in found[0].message
    assert codes(card, real, device="actigraph am-7164 ") == codes(card, real, device=None) == []


def test_the_cohorts_standardizer_is_another_one_only_where_the_model_brings_its_own(real):
    assert codes(TESTED, real, "cohort") == ["other_standardizer"]
    assert codes(TESTED | {"has_standardizer": False}, real, "cohort") == []


def test_a_model_at_hand_speaks_for_itself(real):
    assert [one.code for one in model_cautions(random_model("small"), real, "cohort")] == ["random_encoder"]


def test_a_probability_is_of_the_positive_group():
    assert condition({"label": "sleep", "positive": "poor"}) == "sleep: poor" and condition({}) == ""


def test_cautions_come_by_what_they_cost_and_what_merely_describes_comes_last():
    kinds = {"held_out": "note", "few_tested": "warn", "not_worn": "warn", "all_zero": "refuse", "trained_on": "warn", "clock": "warn"}
    found = [Finding(code, severity, code) for code, severity in kinds.items()] + [Finding("other_device", "warn", "not_worn")]
    assert [one.code for one in by_cost(found)] == ["all_zero", "trained_on", "not_worn", "few_tested", "clock", "held_out"]


def test_somebody_whom_the_model_was_trained_on_is_a_caution_and_somebody_held_out_a_note():
    assert [one.severity for part in ("train", "validation", "unknown", "test") for one in seen_caution(part)] == ["warn"] * 3 + ["note"]
    assert seen_caution(None) == ()
    (unseen,) = seen_caution("train", True)
    assert unseen.severity == "note" and "had not seen this person" in unseen.message


@pytest.mark.parametrize(("low", "said"), [(0.135, True), (0.5, True), (0.51, False)])
def test_a_model_that_was_not_shown_to_beat_chance_says_so_first(low, said):
    card = {"test": {"auc": {"value": 0.6, "low": low, "high": 0.9, "n": 100}}}
    codes = [one.code for one in by_cost(cautions(card, "own", None, "model", None))]
    assert ("no_better_than_chance" in codes) == said and (not said or codes[0] == "no_better_than_chance")


@pytest.mark.parametrize(("share", "limit", "said"), [(0.16, 0.15, True), (0.15, 0.15, False), (None, 0.15, False), (0.5, 0.6, False)])
def test_more_non_wear_than_the_settings_let_pass_is_a_caution(share, limit, said):
    assert bool(wear_caution(share, QualitySettings(off_share=limit), ())) == said
    assert wear_caution(share, QualitySettings(off_share=limit), (Finding("nonwear", "warn", "said by the gate"),)) == ()
    with pytest.raises(RecordingError, match="between 0 and 100 %"):
        QualitySettings(off_share=1.5)


def test_a_persons_labels_stand_apart_from_what_gives_the_answer_away():
    known = own_labels({"PHQ9": 12.0, "Sex": "f", "Age": 41.0, "site": "", "status": "case", "serial": "1"}, {"label": "status"})
    assert known.shown == {"Age": "41", "Sex": "f"} and list(known.outcome) == ["status", "PHQ9"]


def test_a_label_that_one_group_alone_has_waits_with_the_outcome():
    ill = {"group": "patient", "scale": "59", "Age": 41, "town": ""}
    people = [ill, {"group": "control", "Age": 30, "town": "north"}, {"group": "patient", "Age": 25, "town": "south"}, {"Age": 20}]
    assert given_to_one_side(people, "group") == {"scale"}
    assert own_labels(ill, {"label": "group"}, given_to_one_side(people, "group")).shown == {"Age": "41"}
    assert given_to_one_side(people, "absent") == frozenset()


@pytest.mark.parametrize(
    ("learned", "minutes", "said"),
    [
        (None, 10080, False),
        (None, 4320, True),
        (4320, 4320, False),
        ([2880, 10080], 4320, False),
        ([2880, 4320], 10080, True),
        ("x", 1, False),
    ],
)
def test_windows_of_another_length_than_a_model_learned_from_are_said(learned, minutes, said):
    card = {"label": "group"} | ({} if learned is None else {"minutes": learned})
    assert ("other_length" in [one.code for one in cautions(card, "fine-tuned", None, "model", minutes=minutes)]) == said
    assert "other_length" not in [one.code for one in cautions({}, "published", None, "cohort", minutes=minutes)]
