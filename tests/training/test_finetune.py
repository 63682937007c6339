import numpy as np
import pytest
import torch

from pat_core.errors import TrainingError, WeekError
from pat_core.model import Classifier, config_for, seeded
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks, finetune

QUICK = {"max_epochs": 3, "learning_rate": 1e-3, "patience": 5}


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
    few = LabelledWeeks(people.weeks, np.arange(60) < 3, people.people, COUNTS, "few")
    with pytest.raises(TrainingError, match="3 positive and 57 negative"):
        finetune(start, few, FinetuneSettings(), tmp_path)


def test_a_standardizer_from_fewer_than_ten_people_is_refused(people, start, tmp_path):
    rows = np.r_[np.flatnonzero(people.positive)[:5], np.flatnonzero(~people.positive)[:5]]
    few = LabelledWeeks(people.weeks[rows], people.positive[rows], people.people[rows], COUNTS, "ten people")
    with pytest.raises(WeekError, match="10"):
        finetune(start, few, FinetuneSettings(), tmp_path)


@pytest.mark.parametrize("wrong", [{"style": "half"}, {"folds": 1}, {"test_share": 0.0}, {"max_epochs": 0}, {"learning_rate": -1.0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(TrainingError):
        FinetuneSettings(**wrong)
