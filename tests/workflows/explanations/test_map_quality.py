"""Receipts: they come back whole, and every field that was altered is refused by name."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import ExplanationError
from pat_core.explain import METHODS
from pat_core.explain.judging.stability import Stability
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import COUNTS, Week, WeekQuestion
from pat_core.weeks import report
from pat_core.weights import Model
from pat_core.weights.safetensors_file import save
from pat_core.workflows.explanations.map_quality import plain, sealed
from pat_core.workflows.explanations.unusual_weeks import week_distance
from pat_core.workflows.explanations.week_maps import explain_read, explain_week
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.models.predictions import as_prediction, predict_logits
from pat_core.workflows.people.demo import COHORT
from pat_core.workflows.people.participant_week import receipt, week_view
from pat_core.workflows.receipts.earlier_words import EARLIER_WORDS
from pat_core.workflows.receipts.receipt_check import check_receipt
from pat_core.workflows.receipts.receipt_reading import expect, read_receipt
from tests.workflows.forging import altered, leaves, resealed, with_care

PERSON = "sim-0029"


@pytest.fixture(scope="module")
def content(demo, model) -> dict:
    """A receipt of three kinds of maps, with distance and stability."""
    view = week_view(demo, model, WeekQuestion(COHORT, PERSON))
    made = [explain_week(demo, model, WeekQuestion(COHORT, PERSON), name) for name in ("rollout", "integrated_gradients", "occlusion_day")]
    steady = {"rollout": Stability(3, 0.05, 0, 0.97, 0.9)}
    return json.loads(json.dumps(receipt(view, model, made, distance=far(demo, model, view), stability=steady)))


def far(demo, model, view):
    return week_distance(demo, model, view.read)[0]


def compared_with_somebody(demo, model):
    whom = {"baseline": "another person", "baseline_person": ("sim-0003", 0)}
    return explain_week(demo, model, WeekQuestion(COHORT, PERSON), "integrated_gradients", **whom)


def test_a_receipt_comes_back_whole_and_fits_the_data(demo, content):
    text = json.dumps(content)
    assert read_receipt(text) == content == read_receipt(text.encode())
    done = check_receipt(text, demo)
    assert done.unchecked == ["Attention rollout: repeating it with noise, which tells how steady it is, was not done again."]
    said = " ".join(done.fits)
    for words in ("minute by minute", "same score", "weights are those", "as far from known people", "the map is the one kept here"):
        assert words in said


@pytest.fixture
def tiny(demo, model, tmp_path) -> Iterator[Model]:
    """A small network with a head in the demonstration's workspace, read as its model is: 28 tokens a week in place of 560."""
    network = seeded(lambda: Classifier(PatConfig("custom", patch=360, heads=2, blocks=2)), 0).eval()
    file, reading = tmp_path / "tiny.safetensors", model.standardizer
    save(file, network, has_head=True, standardizer=reading, card={"label": "x"}, name="tiny", origin="own")
    add_model(demo, file, "tiny")
    yield resolve(demo, "tiny")
    demo.delete_model("tiny")


def test_every_method_s_receipt_fits_the_map_that_is_kept(demo, tiny):
    view = week_view(demo, tiny, WeekQuestion(COHORT, PERSON))
    made = [explain_week(demo, tiny, WeekQuestion(COHORT, PERSON), name) for name in METHODS]
    done = check_receipt(json.dumps(receipt(view, tiny, made, distance=far(demo, tiny, view))), demo)
    assert done.unchecked == [] and sum("the map is the one kept here" in line for line in done.fits) == len(METHODS)


def test_a_quick_map_and_one_with_settings_of_its_own_fit_too(demo, model):
    view, asked = week_view(demo, model, WeekQuestion(COHORT, PERSON)), (COHORT, PERSON, 0)
    quick = explain_week(demo, model, WeekQuestion(*asked), "integrated_gradients", quick=True)
    head = explain_week(demo, model, WeekQuestion(*asked), "authors", head=2)
    own = explain_week(demo, model, WeekQuestion(*asked), "occlusion_day", replacement="own day")
    against = compared_with_somebody(demo, model)
    told = receipt(view, model, [quick, head, own, against], distance=far(demo, model, view))
    assert check_receipt(json.dumps(told), demo).unchecked == []


def test_every_field_altered_once_is_refused(content):
    accepted = []
    for path in leaves(content):
        try:
            read_receipt(json.dumps(altered(content, path)))
            accepted.append(path)
        except ExplanationError:
            continue
    assert len(list(leaves(content))) > 120 and accepted == []


def test_every_field_left_out_or_added_is_refused(content):
    for name in content:
        with pytest.raises(ExplanationError):
            read_receipt(json.dumps({key: value for key, value in content.items() if key != name}))
    for name in content["explanations"][1]:
        changed = copy.deepcopy(content)
        del changed["explanations"][1][name]
        with pytest.raises(ExplanationError, match=rf"explanations\[1\]\.{name} should be there, but is missing"):
            read_receipt(json.dumps(changed))
    with pytest.raises(ExplanationError, match="receipt_sha256"):
        read_receipt(json.dumps(content | {"more": 1}))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("schema",), "schema should be 5"),
        (("explanations", 1, "completeness_gap"), r"explanations\[1\].completeness_gap should be"),
        (("explanations", 1, "delta"), r"explanations\[1\].completeness_gap should be"),
        (("explanations", 1, "relative_gap"), r"explanations\[1\].relative_gap should be"),
        (("explanations", 1, "gap_share"), r"explanations\[1\].gap_share should be"),
        (("explanations", 1, "settings", "tolerance"), r"explanations\[1\].settings_sha256 should be"),
        (("explanations", 1, "settings_sha256"), r"explanations\[1\].settings_sha256 should be"),
        (("explanations", 1, "baseline", "sha256"), r"explanations\[1\].baseline.sha256 should be"),
        (("explanations", 1, "steps"), r"explanations\[1\].steps should be"),
        (("explanations", 1, "weights_sha256"), r"explanations\[1\].weights_sha256 should be"),
        (("explanations", 1, "input_sha256"), r"explanations\[1\].input_sha256 should be"),
        (("explanations", 0, "method"), "one of rollout, authors"),
        (("explanations", 0, "kind"), r"explanations\[0\].kind should be attention, but is attentionx"),
        (("refused",), "refused should be false, but is true"),
        (("prediction", "logit"), "prediction.probability_raw should be"),
        (("distance", "share_nearer"), "distance.share_nearer should be from 0 to 1"),
        (("made",), "made should be a date"),
    ],
)
def test_what_does_not_fit_is_named_with_what_was_expected_and_what_stood(content, path, words):
    with pytest.raises(ExplanationError, match=words):
        read_receipt(json.dumps(altered(content, path)))


def test_whatever_is_altered_with_care_is_refused_or_said_to_be_unchecked(demo, content):
    honest, accepted = check_receipt(json.dumps(content), demo).unchecked, []
    for path in leaves(content):
        forged = with_care(altered(content, path))
        if {**forged, "receipt_sha256": ""} == {**content, "receipt_sha256": ""} or "stability" in path:
            continue
        try:
            if check_receipt(json.dumps(forged), demo).unchecked == honest:
                accepted.append(path)
        except ExplanationError:
            continue
    assert accepted == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("prediction", "probability"), 0.999, "prediction.probability should be"),
        (("prediction", "prevalence"), None, "prediction.prevalence should be"),
        (("prediction", "participant"), "sim-0003", "prediction.participant should be"),
        (("prediction",), None, "prediction should be there"),
        (("shown_anyway",), "The reader asked for the answer, although the week was refused.", "shown_anyway should be null"),
        (("like",), {"value": 0.99, "low": 0.98, "high": 1.0, "n": 20}, "like.*runs were made or deleted"),
        (("held_out",), 0.99, "held_out should be null, but is 0.99.*runs were made or deleted"),
        (("part_in_training",), "train", "part_in_training.*runs were made or deleted"),
        (
            ("cautions",),
            [{"code": "of_the_model", "severity": "note", "message": "All is well.", "value": None}],
            "cautions.*labels changed",
        ),
        (("model", "test_auc"), {"value": 1.0, "low": 1.0, "high": 1.0, "n": 9000}, "model.test_auc.* should be"),
        (("model", "award"), "best", "model.award should be null"),
        (("standardizer", "source"), "the whole world", "standardizer.source should be"),
        (("distance", "words"), "All is well.", "distance.words should be"),
        (("distance", "people"), 9000, "distance.people should be"),
        (("use",), "Diagnosis.", "use should be Research and education only"),
        (("award",), "best", "award should be left out"),
        (("explanations", 1, "settings", "gap_bound"), 1e-4, r"explanations\[1\].settings.gap_bound should be"),
        (("explanations", 1, "settings", "quadrature"), "exact", r"explanations\[1\].settings.quadrature should be"),
        (("explanations", 1, "settings", "baseline_of"), "everybody", r"explanations\[1\].baseline.of should be"),
        (("explanations", 0, "stability", "correlation"), 0.1, r"explanations\[0\].stability.steady should be false"),
        (("explanations", 0, "stability", "correlation"), 7.0, r"explanations\[0\].stability.correlation should be from -1 to 1"),
        (("explanations", 0, "stability", "shape"), "round", r"explanations\[0\].stability.shape should be one of"),
    ],
)
def test_what_was_made_up_about_the_answer_is_refused_by_name(demo, content, path, value, words):
    changed = with_care(altered(content, path, value))
    with pytest.raises(ExplanationError, match=words):
        check_receipt(json.dumps(changed), demo)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("distance",), None, "the receipt does not give it"),
        (("distance", "whom"), "1,000 people", "The people it was compared with (1,000 people) are not all here"),
        (("explanations", 1, "methods"), 99, "made by version 99 of the methods; this is"),
        (("versions", "numpy"), "0.1", "other versions of the libraries"),
        (("model", "name"), "another", "The model is called demo-late-wake here and another"),
    ],
)
def test_what_cannot_be_compared_is_said_and_not_passed_over(demo, content, path, value, words):
    assert any(words in line for line in check_receipt(json.dumps(with_care(altered(content, path, value))), demo).unchecked)


def test_a_map_against_another_person_is_compared_with_that_person(demo, model):
    view = week_view(demo, model, WeekQuestion(COHORT, PERSON))
    honest = json.loads(json.dumps(receipt(view, model, [compared_with_somebody(demo, model)])))
    forged = copy.deepcopy(honest)
    forged["explanations"][0] |= {"delta": 5.0, "sum": 5.0, "drawn": 9.0, "values_sha256": "0" * 64}
    with pytest.raises(ExplanationError, match=r"explanations\[0\].delta"):
        check_receipt(json.dumps(with_care(forged)), demo)
    with pytest.raises(ExplanationError, match=r"explanations\[0\].baseline.sha256"):
        other = altered(honest, ("explanations", 0, "settings", "baseline_of"), f"sim-0004, week 1, of “{COHORT}”")
        check_receipt(json.dumps(with_care(other)), demo)
    nobody = with_care(altered(honest, ("explanations", 0, "settings", "baseline_of"), f"nobody, week 1, of “{COHORT}”"))
    assert any("made against nobody, week 1" in line for line in check_receipt(json.dumps(nobody), demo).unchecked)


def test_reference_weeks_are_taken_again_and_the_change_against_them_compared(demo, tiny):
    view = week_view(demo, tiny, WeekQuestion(COHORT, PERSON))
    made = explain_week(demo, tiny, WeekQuestion(COHORT, PERSON), "expected_gradients", quick=True)
    forged = json.loads(json.dumps(receipt(view, tiny, [made])))
    forged["explanations"][0] |= {"delta": 5.0, "sum": 5.0, "drawn": 9.0}
    with pytest.raises(ExplanationError, match=r"explanations\[0\].delta"):
        check_receipt(json.dumps(with_care(forged)), demo)


def test_a_receipt_from_before_its_cohort_was_renamed_is_no_forgery(demo, model):
    view = week_view(demo, model, WeekQuestion(COHORT, PERSON, standardize_by="cohort"))
    asked = {"baseline": "another person", "baseline_person": ("sim-0003", 0), "quick": True}
    made = explain_read(demo, model, view.read, "integrated_gradients", **asked)
    honest = json.dumps(receipt(view, model, [made], distance=far(demo, model, view)))
    assert check_receipt(honest, demo).unchecked == []
    demo.rename_cohort(COHORT, "Renamed")
    try:
        told = check_receipt(honest, demo)
    finally:
        demo.rename_cohort("Renamed", COHORT)
    assert told.unchecked[0] == f"The cohort is called Renamed here and {COHORT} in the receipt: its name is not compared."
    assert len(told.unchecked) == 2 and "not kept here" in told.unchecked[1], "a baseline's name is a part of what was asked"


def test_a_receipt_in_the_words_of_an_earlier_version_fits_and_other_words_do_not(demo, content):
    text = json.dumps(content)
    for earlier, today in EARLIER_WORDS.items():
        expect("note", today, earlier)
        with pytest.raises(ExplanationError, match="note"):
            expect("note", today, f"{earlier} It is.")
        text = text.replace(today, earlier)
    then = json.loads(text)
    assert then["explanations"][2]["note"] != content["explanations"][2]["note"]
    assert check_receipt(json.dumps(sealed(then)), demo).fits == check_receipt(json.dumps(content), demo).fits


def test_the_answer_of_a_refused_week_needs_the_reader_s_wish(demo, model):
    values = np.zeros(10080, np.float32)
    values[:3000] = demo.weeks_array(COHORT)[0][:3000]
    name = "mostly off"
    demo.create_cohort(name, [Week("p", 0, values, None, True, COUNTS, None, "start", report(values, COUNTS))], {})
    view = week_view(demo, model, WeekQuestion(name, "p"))
    anyway = as_prediction(model, "p", 0, float(predict_logits(model, view.z[None])[0]))
    honest = json.loads(json.dumps(receipt(view, model, [], shown_anyway=anyway)))
    assert view.refused and "The model gives the same score." in check_receipt(json.dumps(honest), demo).fits
    quiet = {key: value for key, value in honest.items() if key != "shown_anyway"}
    with pytest.raises(ExplanationError, match="nobody asked for the answer"):
        check_receipt(json.dumps(with_care(quiet)), demo)
    without = json.dumps(receipt(view, model, []))
    assert any(line.startswith("The score: the receipt gives none") for line in check_receipt(without, demo).unchecked)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("participant",), "sim-0003", "week_sha256"),
        (("participant",), "nobody", "participant should be somebody of"),
        (("week",), 2, "week should be one of 1"),
        (("week_sha256",), "0" * 64, "week_sha256"),
        (("minutes",), 9000, "minutes should be 10080, but is 9000"),
        (("unit",), "mg", "unit should be counts/min, but is mg"),
        (("device",), "another", "device"),
        (("report", "mean"), 1.0, "report.mean"),
        (("cohort", "simulated"), False, "cohort.simulated should be true"),
        (("model", "sha256"), "0" * 64, "model.sha256 should be .* weights of demo-late-wake here"),
        (("model", "label"), "depression", "model.label"),
        (("model", "prevalence"), 0.01, "model.prevalence"),
        (("standardizer", "whose"), "cohort", "standardizer.sha256"),
        (("standardizer", "people"), 9000, "standardizer.people"),
        (("probability_of",), "depression", "probability_of"),
        (("distance", "value"), 1.0, "distance.value"),
        (("distance", "share_nearer"), 0.5, "distance.share_nearer"),
        (("explanations", 1, "values_sha256"), "0" * 64, r"explanations\[1\].values_sha256"),
        (("explanations", 1, "evaluations"), 3, r"explanations\[1\].evaluations"),
        (("explanations", 1, "note"), "All is well.", r"explanations\[1\].note"),
        (("explanations", 1, "flag"), "All is well.", r"explanations\[1\].flag"),
        (("explanations", 1, "patch"), 9, r"explanations\[1\].patch should be 18, but is 9"),
        (("explanations", 0, "values_sha256"), "0" * 64, r"explanations\[0\].values_sha256"),
        (("explanations", 2, "drawn"), 1e6, r"explanations\[2\].gap_share|explanations\[2\].drawn"),
    ],
)
def test_what_fits_itself_but_not_the_data_is_refused_by_name(demo, content, path, value, words):
    changed = altered(content, path, value)
    if path == ("model", "sha256"):
        for one in changed["explanations"]:
            one["weights_sha256"] = value
    with pytest.raises(ExplanationError, match=words):
        check_receipt(resealed(changed), demo)


def test_an_input_or_a_change_of_score_that_was_made_up_with_care_is_refused(demo, content):
    changed = altered(content, ("input_sha256",), "0" * 64)
    for one in changed["explanations"]:
        one["input_sha256"] = "0" * 64
    with pytest.raises(ExplanationError, match="input_sha256"):
        check_receipt(resealed(changed), demo)
    changed = copy.deepcopy(content)
    one = changed["explanations"][1]
    one["delta"] += 1
    one["sum"] += 1
    one["drawn"] += 10
    one["relative_gap"] = abs(one["completeness_gap"]) / max(abs(one["delta"]), 1.0)
    one["gap_share"] = abs(one["completeness_gap"]) / one["drawn"]
    with pytest.raises(ExplanationError, match=r"explanations\[1\].delta"):
        check_receipt(resealed(changed), demo)
    changed = copy.deepcopy(content)
    changed["prediction"] |= {"logit": 0.0, "probability_raw": 0.5}
    with pytest.raises(ExplanationError, match="prediction.logit"):
        check_receipt(resealed(changed), demo)


def test_another_baseline_than_the_one_that_is_named_is_refused(demo, content):
    changed = altered(content, ("explanations", 1, "settings", "baseline"), "non-wear")
    changed["explanations"][1]["baseline"]["name"] = "non-wear"
    with pytest.raises(ExplanationError, match=r"explanations\[1\].baseline.sha256"):
        check_receipt(resealed(changed), demo)


def test_what_is_not_here_is_said_to_be_unchecked_and_not_to_fit(content, tmp_path):
    done = check_receipt(json.dumps(content), Workspace(tmp_path / "empty"))
    assert len(done.fits) == 1 and any("is not here" in line for line in done.unchecked)


def test_another_engine_version_is_told_and_not_refused(demo, content):
    changed = altered(content, ("pat_core",), "0.0.1")
    for one in changed["explanations"]:
        one["engine"] = "0.0.1"
    assert any("made with version 0.0.1" in line for line in check_receipt(resealed(changed), demo).unchecked)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("findings",), {}), (("explanations",), [1]), (("model", "sha256"), 7), (("week",), True), (("week",), "1"), (("week",), 0),
        (("explanations", 1, "sum"), None), (("explanations", 1, "patch"), 0), (("prediction",), {"logit": "x"}), (("refused",), 0),
    ],
)  # fmt: skip
def test_a_field_of_another_kind_is_refused_and_never_ends_in_an_exception(demo, content, path, value):
    with pytest.raises(ExplanationError):
        check_receipt(
            resealed(altered(content, path, value)) if path != ("explanations",) else json.dumps(altered(content, path, value)), demo
        )


def test_plain_values_hold_nothing_that_json_cannot():
    assert plain({"a": np.float32(0.5), "b": (np.int64(1), float("nan")), "c": {"d": float("inf")}}) == {
        "a": 0.5,
        "b": [1, None],
        "c": {"d": None},
    }


def test_the_seal_does_not_depend_on_the_order_of_names():
    assert sealed({"a": 1, "b": 2})["receipt_sha256"] == sealed({"b": 2, "a": 1})["receipt_sha256"]
