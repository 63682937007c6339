"""What a cross-validation keeps by the recommended recipes: a model of everyone, or the folds' models together; and its repeats."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.errors import Cancelled
from pat_core.models.ensemble import Ensemble
from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.progress import Silent
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks, loop
from pat_core.training.finetuning import CORRECTED, finetune
from pat_core.weeks import apply

ENSEMBLE = FinetuneSettings(folds=3, keep="ensemble")


@pytest.fixture(scope="module")
def people(simulated):
    return LabelledWeeks(simulated.weeks[:, :1800], simulated.positive, np.array(simulated.participants), COUNTS, "simulated people")


@pytest.fixture(scope="module")
def start():
    return seeded(lambda: Classifier(config_for("small")), 0)


@pytest.fixture(scope="module")
def of_folds(people, start, tmp_path_factory):
    return finetune(start, people, ENSEMBLE, tmp_path_factory.mktemp("ensemble"))


def logits(network, standardizer, data) -> np.ndarray:
    with torch.no_grad():
        return network(torch.from_numpy(apply(standardizer, data.weeks))).numpy()


def test_the_ensembles_logit_is_the_mean_of_the_folds_logits(of_folds, people):
    assert isinstance(of_folds.network, Ensemble) and of_folds.kept == (0, 1, 2) and len(of_folds.trained) == 3
    each = [logits(one.network, one.standardizer, people) for one in of_folds.trained]
    ours = logits(of_folds.network, of_folds.standardizer, people)
    np.testing.assert_allclose(ours, np.mean(each, axis=0), atol=1e-4)
    assert len({id(member.encoder) for member in of_folds.network.members}) == 1
    assert set(of_folds.split) == {"train"} and of_folds.standardizer.people == len(people.people)


def test_everyone_is_tested_by_a_model_that_has_not_seen_them_and_nobody_validates(of_folds, people):
    assert sorted(of_folds.test_rows) == list(range(len(people.people)))
    for one in of_folds.trained:
        assert not set(one.split.train) & set(one.split.test) and len(one.split.validation) == 0
        own = logits(one.network, one.standardizer, people)[one.split.test]
        np.testing.assert_allclose(one.test_outputs[:, 0], own, atol=1e-4)
        assert one.probe.strength in dict(one.probe.losses)


def test_a_model_of_everyone_is_trained_again_on_everyone(people, start, tmp_path):
    done = finetune(start, people, FinetuneSettings(folds=3), tmp_path)
    assert len(done.trained) == 4 and done.kept == (3,) and set(done.split) == {"train"} and done.curves == ()
    for name, value in start.encoder.state_dict().items():
        assert torch.equal(value, done.network.encoder.state_dict()[name])


def test_repeats_draw_the_folds_anew_and_a_persons_logit_is_the_mean_over_them(people, start, tmp_path):
    done = finetune(start, people, FinetuneSettings(folds=2, repeats=2, keep="ensemble"), tmp_path)
    one = finetune(start, people, FinetuneSettings(folds=2, keep="ensemble"), tmp_path)
    first, second = (done.test_repeat == number for number in (0, 1))
    np.testing.assert_array_equal(done.test_logits[first], one.test_logits)
    assert len(done.fold_aucs) == 4 and done.test_auc.n == len(people.people) and len(done.network.members) == 2
    fold_of = [dict(zip(done.test_rows[part], done.test_fold[part], strict=True)) for part in (first, second)]
    assert fold_of[0].keys() == fold_of[1].keys() and fold_of[0] != fold_of[1]
    row = int(np.flatnonzero(people.people == done.held_out.people[0])[0])
    assert done.held_out.logits[0] == pytest.approx(done.test_logits[done.test_rows == row].mean(), abs=1e-6)
    corrected = done.figures[CORRECTED]
    assert corrected.value == pytest.approx(np.mean(done.fold_aucs)) and corrected.low <= corrected.value <= corrected.high
    assert done.test_auc.value == pytest.approx(corrected.value, abs=0.02)


class StopAt(Silent):
    def __init__(self, words: str) -> None:
        self.words = words

    def at(self, fraction: float, message: str) -> None:
        assert 0 <= fraction <= 1
        if self.words in message:
            raise Cancelled("stop")


def test_a_killed_run_goes_on_to_the_same_ensemble(of_folds, people, start, tmp_path):
    with pytest.raises(Cancelled):
        finetune(start, people, ENSEMBLE, tmp_path, StopAt("Fold 2 of 3. Choosing"))
    again = finetune(start, people, ENSEMBLE, tmp_path)
    for name, value in of_folds.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name])
    np.testing.assert_array_equal(of_folds.test_logits, again.test_logits)


def test_a_full_training_by_the_recommended_recipe_goes_on_to_the_same_weights_after_a_kill(people, start, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    short = LabelledWeeks(people.weeks[:24, :1440], np.arange(24) % 2 == 0, people.people[:24], COUNTS, "few people")
    settings = FinetuneSettings("full", max_epochs=3)
    whole = finetune(start, short, settings, tmp_path / "whole")
    with pytest.raises(Cancelled):
        finetune(start, short, settings, tmp_path / "broken", StopAt("Epoch 2: validation AUC"))
    again = finetune(start, short, settings, tmp_path / "broken")
    assert again.curves == whole.curves and len({step for step, _, _ in whole.curves}) == 3
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name])
