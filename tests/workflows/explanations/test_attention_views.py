"""Inside one week, and two people side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import ExplanationError, UntrainedError
from pat_core.explain import METHODS
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import COUNTS, Attribution, Week, WeekQuestion
from pat_core.weeks import fit, report
from pat_core.weights import Model
from pat_core.workflows.explanations import attention_views
from pat_core.workflows.explanations.week_maps import REFUSED
from pat_core.workflows.models.predictions import ReadWeek, predict_logits, read_week

PEOPLE = "people"
START = datetime(2024, 1, 1)


def a_week(name: str, values: np.ndarray, start: datetime | None = START) -> Week:
    return Week(name, 0, values, start, True, COUNTS, None, "midnight", report(values, COUNTS))


@pytest.fixture
def cohort(workspace, twenty_four):
    """Three people, and `flat`, whose device measured nothing."""
    rows = {"a": twenty_four.weeks[0], "b": twenty_four.weeks[1], "c": twenty_four.weeks[2], "flat": np.zeros(10080, np.float32)}
    workspace.create_cohort(PEOPLE, [a_week(name, row) for name, row in rows.items()], {})
    return workspace


def network(config: PatConfig, seed: int) -> Callable[[], Classifier]:
    return lambda: seeded(lambda: Classifier(config), seed).eval()


@pytest.fixture(scope="module")
def model(twenty_four) -> Model:
    """Two blocks of two heads; its head was never trained, but nothing here is about what it learned."""
    config = PatConfig("custom", patch=18, heads=2, blocks=2)
    return Model("tiny", config, network(config, 0), True, True, "own", fit(twenty_four.weeks, "them", COUNTS), sha256="tiny")


def read(cohort, model, who) -> ReadWeek:
    return read_week(cohort, model, WeekQuestion(PEOPLE, who))


def never(*_args, **_settings):
    raise AssertionError("this was answered before")


def test_the_map_of_a_week_is_kept_and_each_block_head_person_and_model_has_its_own(cohort, model, monkeypatch):
    asked = [("a", 0, 1), ("a", 1, 1), ("a", 1, 0), ("a", 1, None), ("b", 1, 0)]
    maps = [attention_views.attention_map(cohort, model, read(cohort, model, who), block=block, head=head) for who, block, head in asked]
    for number, one in enumerate(maps):
        assert not any(np.array_equal(one.values, other.values) for other in maps[:number])
    other = replace(model, build=network(model.config, 1), sha256="other")
    theirs = attention_views.attention_map(cohort, other, read(cohort, other, "a"), block=0, head=1)
    assert not np.array_equal(theirs.values, maps[0].values)
    monkeypatch.setattr("pat_core.explain.methods.one_block.attention_matrix", never)
    again = attention_views.attention_map(cohort, model, read(cohort, model, "a"), block=0, head=1)
    assert np.array_equal(again.values, maps[0].values)
    assert (again.block, again.head, again.patches_a_cell, again.heads, again.blocks) == (0, 1, 4, 2, 2)


@pytest.mark.parametrize("wrong", [{"block": 2}, {"block": -3}, {"head": 2}])
def test_a_block_or_head_that_there_is_not_is_refused_also_where_others_are_kept(cohort, model, wrong):
    for block in (0, 1):
        for head in (0, None):
            attention_views.attention_map(cohort, model, read(cohort, model, "a"), block=block, head=head)
    with pytest.raises(ExplanationError, match="This model has 2"):
        attention_views.attention_map(cohort, model, read(cohort, model, "a"), **wrong)


def test_no_more_than_a_screen_is_kept_of_a_map(cohort, model):
    assert attention_views.attention_map(cohort, model, read(cohort, model, "a")).values.shape == (140, 140)


def test_the_heads_of_a_week_have_mean_one_and_are_kept(cohort, model, monkeypatch):
    received = attention_views.heads_of_week(cohort, model, read(cohort, model, "a"))
    assert received.shape == (2, 2, 560) and np.allclose(received.mean(axis=-1), 1, atol=1e-4)
    monkeypatch.setattr("pat_core.explain.methods.one_block.heads_overview", never)
    assert np.array_equal(attention_views.heads_of_week(cohort, model, read(cohort, model, "a")), received)
    table = attention_views.heads_table(received, 18)
    assert list(table["from minute"][:2]) == [0, 18] and table["block 2, head 1"].to_numpy() == pytest.approx(received[1, 0])


def test_the_comparison_of_two_people_sums_to_the_difference_of_their_scores(cohort, model, monkeypatch):
    made = attention_views.contrast_people(cohort, model, read(cohort, model, "a"), read(cohort, model, "b"))
    z = [read(cohort, model, who).z for who in "ab"]
    one, two = predict_logits(model, np.stack(z))
    assert made.delta == pytest.approx(one - two, abs=1e-5)
    assert float(np.nansum(made.values, dtype=np.float64)) == pytest.approx(made.delta + made.completeness_gap, abs=1e-5)
    assert made.relative_gap <= 0.01 and "b, week 1" in made.note and not made.flag
    monkeypatch.setattr("pat_core.explain.methods.integrated_gradients.contrast", never)
    again = attention_views.contrast_people(cohort, model, read(cohort, model, "a"), read(cohort, model, "b"))
    assert np.array_equal(again.values, made.values) and again.settings == made.settings


def test_seen_from_the_other_person_every_sign_turns(cohort, model):
    made = attention_views.contrast_people(cohort, model, read(cohort, model, "a"), read(cohort, model, "b"))
    turned, back = (
        attention_views.mirrored(made, "a"),
        attention_views.contrast_people(cohort, model, read(cohort, model, "b"), read(cohort, model, "a")),
    )
    assert np.allclose(turned.values, back.values, atol=2e-4) and turned.delta == pytest.approx(back.delta, abs=1e-6)
    assert turned.settings["baseline_of"] == "a" and "that of a," in turned.note


def test_a_comparison_with_a_refused_week_bears_that_as_its_flag(cohort, model):
    assert attention_views.contrast_people(cohort, model, read(cohort, model, "a"), read(cohort, model, "flat")).flag.startswith(REFUSED)


def test_a_week_is_not_compared_with_itself_nor_without_a_score(cohort, model):
    with pytest.raises(ExplanationError, match="does not differ from itself"):
        attention_views.contrast_people(cohort, model, read(cohort, model, "a"), read(cohort, model, "a"))
    with pytest.raises(UntrainedError, match="no trained head"):
        attention_views.contrast_people(cohort, replace(model, has_head=False), read(cohort, model, "a"), read(cohort, model, "b"))


def test_the_sums_are_said_with_their_signs():
    made = Attribution("contrast", "attribution", np.zeros(3, np.float32), 1, -1.32, 0.004)
    said = attention_views.contrast_words(made, "a", "b")
    assert "sums to \u22121.32 logits; the two scores differ by \u22121.32 (a minus b): b scores higher than a" in said and "0.30 %" in said


def test_weeks_that_begin_at_other_times_or_at_none_are_said():
    values = np.zeros(10080, np.float32)
    one, later, unknown = (a_week("p", values, start) for start in (START, datetime(2024, 1, 1, 7, 30), None))
    assert attention_views.clock_caution(one, a_week("q", values, datetime(2024, 1, 8))) == ""
    assert "Mon 00:00 and Mon 07:30" in attention_views.clock_caution(one, later)
    assert "start of a week is unknown" in attention_views.clock_caution(unknown, one)
    brief = [replace(week, values=week.values[: 3 * 1440]) for week in (one, later)]
    assert attention_views.clock_caution(*brief).startswith("The 3-day windows begin at different times (Mon 00:00 and Mon 07:30)")


def test_the_table_of_methods_is_empty_where_a_method_promises_nothing():
    attended = Attribution("rollout", "attention", np.ones(36, np.float32), 18, evaluations=1)
    scored = Attribution("integrated_gradients", "attribution", np.ones(36, np.float32), 18, 2.0, 0.01, evaluations=29)
    hours = Attribution("occlusion_hour", "attribution", np.ones(36, np.float32), 18, 2.0, 0.76, evaluations=168)
    parts = attention_views.methods_table([hours])
    assert parts["Gap"].isna().all() and parts["Not additive"][0] == pytest.approx(38.0), "what was not promised is no error"
    table = attention_views.methods_table([attended, scored])
    assert table["Not additive"].isna().all()
    assert list(table["Method"]) == [METHODS["rollout"].title, METHODS["integrated_gradients"].title]
    assert table["Gap"].isna().tolist() == [True, False] and table["Gap"][1] == pytest.approx(0.5)
    assert table["Sum"][1] == pytest.approx(2.01)
    assert table["Passes"].tolist() == [1, 29] and table["One value for"].tolist() == ["each patch", "each minute"]
    assert attention_views.methods_table([]).empty


def test_the_table_of_a_map_names_the_minutes_of_its_cells(cohort, model):
    matrix = attention_views.attention_map(cohort, model, read(cohort, model, "a"))
    table = attention_views.matrix_table(matrix)
    assert table.index[1] == 72 and table.columns[2] == "key from minute 144" and np.array_equal(table.to_numpy(), matrix.values)
