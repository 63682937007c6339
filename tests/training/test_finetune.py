import numpy as np
import pytest
import torch

from pat_core.errors import TrainingError
from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.progress import Silent
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks, check_people
from pat_core.training.finetuning import finetune

QUICK = {"max_epochs": 3, "learning_rate": 1e-3, "patience": 5, "recipe": "paper"}


@pytest.fixture(scope="module")
def people(simulated):
    return LabelledWeeks(simulated.weeks[:, :1800], simulated.positive, np.array(simulated.participants), COUNTS, "simulated people")


@pytest.fixture(scope="module")
def start():
    return seeded(lambda: Classifier(config_for("small")), 0)


def test_a_linear_probe_leaves_the_encoder_as_it_was_and_changes_the_head(people, start, tmp_path):
    done = finetune(start, people, FinetuneSettings("linear_probe", **QUICK), tmp_path)
    for name, value in start.encoder.state_dict().items():
        assert torch.equal(value, done.network.encoder.state_dict()[name])
    assert not torch.equal(start.head.hidden.weight, done.network.head.hidden.weight)


def test_full_fine_tuning_changes_the_encoder_and_never_the_model_it_started_from(people, start, tmp_path):
    before = {name: value.clone() for name, value in start.state_dict().items()}
    done = finetune(start, people, FinetuneSettings("full", **QUICK | {"max_epochs": 1}), tmp_path)
    assert not torch.equal(before["encoder.patches.projection.weight"], done.network.encoder.patches.projection.weight)
    for name, value in start.state_dict().items():
        assert torch.equal(value, before[name])


def test_no_person_trains_and_tests_and_the_standardizer_sees_training_people_alone(people, start, tmp_path):
    done = finetune(start, people, FinetuneSettings("linear_probe", **QUICK), tmp_path)
    parts = {part: set(people.people[done.split == part]) for part in ("train", "validation", "test")}
    assert not parts["train"] & parts["test"] and not parts["train"] & parts["validation"] and not parts["validation"] & parts["test"]
    assert set().union(*parts.values()) == set(people.people)
    assert set(people.people[done.test_rows]) == parts["test"]
    train = people.weeks[done.split == "train"]
    assert done.standardizer.people == len(train)
    np.testing.assert_allclose(done.standardizer.mean, train.mean(axis=0), rtol=1e-4, atol=1e-4)


def test_folds_test_everyone_once_and_the_kept_model_trains_on_everyone(people, start, tmp_path):
    done = finetune(start, people, FinetuneSettings("linear_probe", folds=3, **QUICK), tmp_path)
    assert sorted(done.test_rows) == list(range(len(people.people)))
    assert len(done.fold_aucs) == 3 and set(done.split) == {"train", "validation"}
    assert done.test_auc.low <= done.test_auc.value <= done.test_auc.high


def test_the_same_seed_gives_the_same_model(people, start, tmp_path):
    one, two = (finetune(start, people, FinetuneSettings("linear_probe", **QUICK), tmp_path / name) for name in "ab")
    for name, value in one.network.state_dict().items():
        assert torch.equal(value, two.network.state_dict()[name])
    np.testing.assert_array_equal(one.test_logits, two.test_logits)


def test_too_few_people_of_a_kind_are_refused_with_the_counts(people, start, tmp_path):
    rare = LabelledWeeks(people.weeks, np.arange(60) < 3, people.people, COUNTS, "few")
    with pytest.raises(TrainingError, match="3 positive and 57 negative"):
        finetune(start, rare, FinetuneSettings(), tmp_path)


def few(people, each: int) -> LabelledWeeks:
    rows = np.r_[np.flatnonzero(people.positive)[:each], np.flatnonzero(~people.positive)[:each]]
    return LabelledWeeks(people.weeks[rows], people.positive[rows], people.people[rows], COUNTS, "few people")


def test_a_split_that_leaves_fewer_than_ten_people_to_train_on_is_refused_before_anything_starts(people, start, tmp_path):
    for settings, left in (
        (FinetuneSettings(recipe="paper"), 8),
        (FinetuneSettings(folds=2, recipe="paper"), 4),
        (FinetuneSettings(folds=2), 6),
    ):
        with pytest.raises(TrainingError, match=f"at least 10 people to train on, but of 12 people .* leave {left}"):
            finetune(start, few(people, 6), settings, tmp_path)
    assert list(tmp_path.iterdir()) == []
    check_people(few(people, 8), FinetuneSettings())


@pytest.fixture(scope="module")
def many_weeks(people):
    """24 people, the first of whom have four more weeks; rows in no order, and the first index is not 0."""
    rows = np.concatenate([np.arange(24), np.tile(np.arange(8), 4)])
    week = np.concatenate([np.full(24, 1), np.repeat([2, 3, 4, 5], 8)])
    order = np.random.default_rng(0).permutation(len(rows))
    rows, week = rows[order], week[order]
    louder = people.weeks[rows] * (1 + 9 * (week[:, None] > 1))
    return LabelledWeeks(louder, people.positive[rows], people.people[rows], COUNTS, "many weeks", week)


def test_with_several_weeks_a_person_the_standardizer_takes_the_first_of_each(many_weeks, start, tmp_path):
    done = finetune(start, many_weeks, FinetuneSettings("linear_probe", **QUICK), tmp_path)
    first = many_weeks.weeks[(done.split == "train") & (many_weeks.week == 1)]
    assert done.standardizer.people == len(first) == len(set(many_weeks.people[done.split == "train"]))
    np.testing.assert_allclose(done.standardizer.mean, first.mean(axis=0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("folds", [0, 3])
def test_people_and_not_weeks_are_tested_and_counted(many_weeks, start, tmp_path, folds):
    done = finetune(start, many_weeks, FinetuneSettings("linear_probe", folds=folds, **QUICK), tmp_path)
    held = done.held_out
    assert done.test_auc.n == len(held.people) == len(set(held.people)) < len(done.test_rows)
    labels = many_weeks.label_of_each()
    assert [labels[person] for person in held.people] == list(held.positive)
    assert done.prevalence == pytest.approx(np.mean(list(labels.values()))) != pytest.approx(many_weeks.positive.mean())
    for person, logit, fold in zip(held.people, held.logits, held.fold, strict=True):
        own = many_weeks.people[done.test_rows] == person
        assert logit == pytest.approx(done.test_logits[own].mean(), abs=1e-6) and set(done.test_fold[own]) == {fold}


def test_the_curves_of_every_fold_are_kept_beside_the_kept_models(people, start, tmp_path):
    told = {}

    class Told(Silent):
        def metric(self, step: int, values) -> None:
            told.update({(step, name): value for name, value in values.items()})

    done = finetune(start, people, FinetuneSettings("linear_probe", folds=2, **QUICK), tmp_path, Told())
    curves = {(step, name): value for step, name, value in done.curves}
    plain = {"train loss", "validation loss", "validation AUC"}
    assert {name for _, name in curves} == plain | {f"fold {fold} {name}" for fold in (1, 2) for name in plain}
    assert {step for step, _ in curves} == {1, 2, 3} and told and told.items() <= curves.items()


@pytest.mark.parametrize(
    "wrong",
    [{"style": "half"}, {"folds": 1}, {"test_share": 0.0}, {"max_epochs": 0}, {"learning_rate": -1.0}, {"seed": -1}, {"seed": 2**32}],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(TrainingError):
        FinetuneSettings(**wrong)
