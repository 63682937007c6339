from dataclasses import fields, replace

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept import result_cache
from pat_core.errors import ExplanationError, UntrainedError
from pat_core.explain import METHODS, explain
from pat_core.explain.baselines import MEAN_WEEK, NONWEAR, PERSON, REFERENCES, Baseline, another, mean_week, nonwear
from pat_core.models.pat import PatConfig, config_for
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import COUNTS, Attribution, Standardizer, WeekQuestion
from pat_core.wear import QualitySettings
from pat_core.weights import Model, random_model
from pat_core.workflows.explanations import week_maps
from pat_core.workflows.explanations.week_maps import (
    REFERENCE_WEEKS,
    REFUSED,
    applicable,
    baseline_for,
    explain_read,
    explain_standardized,
    explain_week,
    kept_map,
    map_question,
    quick_settings,
)
from pat_core.workflows.models.predictions import ReadWeek, as_read, read_week
from pat_core.workflows.people.simulated_people import store_simulated

DAYS = 2 * 1440


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="module")
def people(tmp_path_factory, simulated):
    """A workspace with the 60 simulated people; read only but for its cache."""
    made = Workspace(tmp_path_factory.mktemp("people") / "workspace")
    store_simulated(made, "people", simulated)
    return made


def tiny(has_head: bool = True, blocks: int = 2) -> Model:
    """A small model that answers: its head was never trained, but nothing here is about what it learned."""
    config = PatConfig("custom", patch=60, heads=2, blocks=blocks)
    network = seeded(lambda: Classifier(config), 0).eval()
    return Model("tiny", config, lambda: network, has_head, True, "own", sha256=f"tiny{blocks}{has_head}")


def week(minutes: int = 180, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=minutes).astype(np.float32)


def the_same(one: Attribution, other: Attribution) -> bool:
    rest = [field.name for field in fields(one) if field.name not in ("values", "settings")]
    return (
        np.array_equal(one.values, other.values, equal_nan=True)
        and dict(one.settings) == dict(other.settings)
        and all(getattr(one, name) == getattr(other, name) for name in rest)
    )


def test_the_second_answer_is_the_first_one_read_back(workspace):
    model, z = random_model("small"), week()
    first = explain_standardized(workspace, model, z, "rollout")
    assert the_same(first, explain_standardized(workspace, model, z, "rollout"))


@pytest.mark.parametrize("method", [name for name in METHODS if name != "expected_gradients"])
def test_every_field_of_every_method_comes_back_from_the_cache_as_it_was(workspace, method):
    made = explain_standardized(workspace, tiny(), week(DAYS), method)
    read = kept_map(workspace, tiny(), week(DAYS), method)
    assert read is not None and read is not made and the_same(read, made)
    assert made.evaluations is not None


def test_what_a_map_is_flagged_with_is_kept_too(workspace):
    made = explain_standardized(workspace, tiny(), 3 * week(DAYS), "integrated_gradients", tolerance=1e-9, most=5)
    assert made.flag
    assert kept_map(workspace, tiny(), 3 * week(DAYS), "integrated_gradients", tolerance=1e-9, most=5).flag == made.flag


def cache_key(*asked, **named) -> str:
    return map_question(*asked, **named).key


BASE = {
    "model": tiny(),
    "z": week(),
    "method": "integrated_gradients",
    "settings": {"tolerance": 0.01, "most": 64, "baseline": mean_week(180)},
}
OTHER_WEEK = week()
OTHER_WEEK[7] += 1e-6
CHANGED = {
    "weights": {"model": replace(tiny(), sha256="abd")},
    "patch": {"model": replace(tiny(), config=replace(tiny().config, patch=9))},
    "heads": {"model": replace(tiny(), config=replace(tiny().config, heads=1))},
    "one minute of the input": {"z": OTHER_WEEK},
    "length of the input": {"z": week()[:162]},
    "method": {"method": "patch_gradients"},
    "tolerance": {"settings": BASE["settings"] | {"tolerance": 0.02}},
    "most evaluations": {"settings": BASE["settings"] | {"most": 65}},
    "baseline": {"settings": BASE["settings"] | {"baseline": another(np.zeros(180), "the standardizer's people")}},
    "one minute of the baseline": {"settings": BASE["settings"] | {"baseline": another(OTHER_WEEK, "somebody")}},
    "another one's baseline": {"settings": BASE["settings"] | {"baseline": another(week(), "somebody")}},
}


@pytest.mark.parametrize("part", CHANGED)
def test_each_part_that_a_result_depends_on_changes_the_key(part):
    assert cache_key(**(BASE | CHANGED[part])) != cache_key(**BASE)


def test_no_two_changes_give_one_key():
    assert len({cache_key(**(BASE | changed)) for changed in CHANGED.values()}) == len(CHANGED)


@pytest.mark.parametrize(("module", "name"), [(week_maps, "METHOD_VERSION"), (result_cache, "__version__")])
def test_another_version_of_methods_or_engine_changes_the_key(monkeypatch, module, name):
    before = cache_key(**BASE)
    monkeypatch.setattr(module, name, "another")
    assert cache_key(**BASE) != before


@pytest.mark.parametrize(
    ("method", "setting", "values"),
    [
        ("authors", "block", [0, 1]),
        ("authors", "head", [None, 0, 1]),
        ("rollout", "fusion", ["mean", "max", "min"]),
        ("rollout", "discard", [0.0, 0.5]),
        ("value_norm", "block", [0, 1]),
        ("occlusion_hour", "replacement", ["mean week", "own day"]),
        ("occlusion_day", "replacement", ["mean week", "own day"]),
        ("shapley_day", "replacement", ["mean week", "own day"]),
    ],
)
def test_every_setting_of_every_method_is_in_the_key(method, setting, values):
    assert len({cache_key(tiny(), week(), method, {setting: value}) for value in values}) == len(values)


def test_the_settings_that_are_tested_are_all_that_there_are():
    assert {option for method in METHODS.values() for option in method.options} == {
        "baseline",
        "tolerance",
        "most",
        "block",
        "head",
        "fusion",
        "discard",
        "replacement",
    }


def test_what_is_not_given_is_the_same_question_as_its_default_given():
    plain = cache_key(tiny(), week(), "integrated_gradients", {})
    assert plain == cache_key(tiny(), week(), "integrated_gradients", {"baseline": mean_week(180), "tolerance": 0.01})
    assert cache_key(tiny(), week(), "rollout", {}) == cache_key(tiny(), week(), "rollout", {"fusion": "mean", "discard": 0.0})


def read_by(people, model, person: str, standardizer: Standardizer) -> ReadWeek:
    question = WeekQuestion("people", person, standardize_by="cohort")
    return as_read(model, question, people.week("people", person), standardizer, QualitySettings())


def test_another_standardizer_gives_another_explanation(people, simulated):
    model, person = random_model("small"), simulated.participants[0]
    one = explain_week(people, model, WeekQuestion("people", person), "authors")
    flat = Standardizer(np.zeros(10080, np.float32), np.full(10080, 500.0, np.float32), 60, "flat", COUNTS)
    two = explain_read(people, model, read_by(people, model, person, flat), "authors")
    assert not np.array_equal(one.values, two.values)


@pytest.mark.parametrize("name", [NONWEAR, PERSON])
def test_each_baseline_by_name_gives_its_own_map_that_sums_to_its_own_change_of_score(people, simulated, name):
    person, other = simulated.participants[:2]
    against = {"baseline": name, "baseline_person": (other, 0)}
    plain = explain_week(people, tiny(), WeekQuestion("people", person), "integrated_gradients", tolerance=0.05)
    made = explain_week(people, tiny(), WeekQuestion("people", person), "integrated_gradients", tolerance=0.05, **against)
    assert plain.settings["baseline"] == MEAN_WEEK and made.settings["baseline"] == name
    assert made.settings["baseline_sha256"] != plain.settings["baseline_sha256"]
    assert made.delta != plain.delta and made.relative_gap <= 0.05


def test_non_wear_is_the_standardizer_in_use(people, simulated):
    person, flat = simulated.participants[0], Standardizer(np.ones(10080, np.float32), np.full(10080, 500.0, np.float32), 60, "f", COUNTS)
    made = explain_read(people, tiny(), read_by(people, tiny(), person, flat), "integrated_gradients", baseline=NONWEAR, tolerance=0.5)
    assert made.settings["baseline_sha256"] == nonwear(flat).sha256


def references(people, person: str):
    model = tiny()
    return baseline_for(people, model, read_week(people, model, WeekQuestion("people", person, standardize_by="cohort")), REFERENCES)


def test_reference_weeks_are_other_peoples_and_the_same_every_time(people, simulated):
    one, again, other = (references(people, simulated.participants[at]) for at in (0, 0, 1))
    assert len(one.weeks) == REFERENCE_WEEKS and one.sha256 == again.sha256
    assert one.whom == "other people of “people”"
    everyone = [references(people, name) for name in simulated.participants[:20]]
    assert len({baseline.sha256 for baseline in everyone}) > 1, "whoever is among the twelve is left out for themselves"
    assert other.weeks.shape == one.weeks.shape


@pytest.mark.parametrize("person", [None, "own"])
def test_another_person_has_to_be_somebody_else(people, simulated, person):
    name = simulated.participants[0]
    with pytest.raises(ExplanationError, match="choose somebody else"):
        explain_week(
            people, tiny(), WeekQuestion("people", name), "integrated_gradients", baseline=PERSON, baseline_person=person and (name, 0)
        )


def test_a_baseline_that_there_is_not_is_refused_with_those_that_there_are(people, simulated):
    with pytest.raises(ExplanationError, match="mean week, non-wear, another person, reference weeks, got 'zero'"):
        explain_week(people, tiny(), WeekQuestion("people", simulated.participants[0]), "integrated_gradients", baseline="zero")


def test_a_setting_that_a_method_does_not_have_is_refused_and_not_left_unheard(people, simulated):
    with pytest.raises(ExplanationError, match="no setting called tolerance"):
        explain_week(people, tiny(), WeekQuestion("people", simulated.participants[0]), "rollout", tolerance=0.02)


def test_a_quick_map_takes_few_passes_and_is_never_taken_for_the_refined_one(people, simulated):
    person = simulated.participants[2]
    quick = explain_week(people, tiny(), WeekQuestion("people", person), "integrated_gradients", quick=True)
    fine = explain_week(people, tiny(), WeekQuestion("people", person), "integrated_gradients", tolerance=1e-4)
    assert quick.evaluations <= 5 < fine.evaluations
    assert quick.settings["tolerance"] == 0.1 and fine.settings["tolerance"] == 1e-4


def test_a_quick_map_is_made_only_where_it_is_quick():
    def quick(method: str, size: str, weeks: int = 1) -> bool:
        against = Baseline("some", np.zeros((weeks, 10080), np.float32))
        return quick_settings(method, {"baseline": against}, config_for(size), 10080) is not None

    assert quick("integrated_gradients", "small") and quick("integrated_gradients", "large")
    assert quick("expected_gradients", "medium", 12) and not quick("expected_gradients", "large", 12)
    assert not quick("integrated_gradients", "huge")
    assert not quick("rollout", "small") and not quick("occlusion_hour", "small")


def test_progress_reaches_the_method_and_what_it_raises_ends_the_work_with_nothing_kept(workspace):
    class Stop(BaseException):
        pass

    class Stopping:
        def at(self, fraction, message):
            raise Stop

        def metric(self, step, values):
            pass

    with pytest.raises(Stop):
        explain_standardized(workspace, tiny(), week(DAYS), "occlusion_hour", progress=Stopping())
    assert kept_map(workspace, tiny(), week(DAYS), "occlusion_hour") is None


def test_a_week_that_the_input_gate_refuses_bears_it_wherever_its_map_goes_and_the_kept_map_does_not(people, simulated):
    person = simulated.participants[0]
    standardizer = Standardizer(np.zeros(10080, np.float32), np.full(10080, 1e7, np.float32), 60, "too wide", COUNTS)
    made = explain_read(people, tiny(), read_by(people, tiny(), person, standardizer), "rollout")
    assert made.flag.startswith(REFUSED)
    assert REFUSED not in explain_week(people, tiny(), WeekQuestion("people", person), "rollout").flag


def test_what_does_not_apply_is_told_with_its_reason_and_the_method_then_refuses():
    headless = applicable(tiny(has_head=False), DAYS)
    assert headless["rollout"] == headless["authors"] == "" and "no trained head" in headless["integrated_gradients"]
    short = applicable(tiny(), 1440)
    assert "less than two days" in short["shapley_day"] and short["occlusion_hour"] == ""
    assert list(short) == list(METHODS)
    assert not any(applicable(tiny(), DAYS).values())
    for name, why in headless.items():
        if why:
            with pytest.raises(UntrainedError):
                explain(tiny().network, week(DAYS), name, has_head=False)
    with pytest.raises(ExplanationError, match="less than two days"):
        explain(tiny().network, week(1440), "shapley_day", has_head=True)
