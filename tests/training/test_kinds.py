"""Targets other than two classes: a truth planted in weeks is recovered, and the split is by person and level."""

import numpy as np
import pytest
import torch

from pat_core.errors import TrainingError
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, ClassifierHead, seeded
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks, check_people, count_splits
from pat_core.training.finetuning import finetune
from pat_core.training.objective import Binary, Examples, Multiclass, Ordinal, Value, concordance
from pat_core.training.target import Target
from pat_core.weeks import apply

PEOPLE, MINUTES = 90, 72
RECIPE = {"style": "linear_probe", "learning_rate": 0.02, "max_epochs": 40, "patience": 40, "recipe": "paper"}
CLASSES = ("low", "middle", "high")


@pytest.fixture(scope="module")
def start():
    return seeded(lambda: Classifier(PatConfig("custom", patch=18, heads=2, blocks=1)), 0)


def people(task: Target, seed: int = 0) -> LabelledWeeks:
    """A hidden amount of activity in the second quarter of the week; the target is the amount, or its third."""
    rng = np.random.default_rng(seed)
    amount = rng.permutation(np.linspace(20, 80, PEOPLE))
    weeks = rng.normal(100, 10, (PEOPLE, MINUTES)).astype(np.float32)
    weeks[:, 18:36] += amount[:, None]
    target = amount if task.kind == "value" else np.digitize(amount, [40, 60]).astype(float)
    names = np.array([f"p{number}" for number in range(PEOPLE)])
    return LabelledWeeks(weeks, np.empty(0, bool), names, COUNTS, "planted people", target=target, task=task)


@pytest.mark.parametrize(
    ("task", "main", "least"),
    [
        (Target("amount", "value", unit="counts"), "R2", 0.5),
        (Target("third", "ordinal", CLASSES), "concordance", 0.8),
        (Target("third", "classes", CLASSES), "macro AUC", 0.7),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
@pytest.mark.parametrize(("folds", "asked"), [(0, RECIPE), (3, RECIPE), (3, {}), (3, {"keep": "ensemble", "repeats": 2})])
def test_a_planted_truth_is_recovered(task, main, least, folds, asked, start, tmp_path):
    data = people(task)
    done = finetune(start, data, FinetuneSettings(folds=folds, **asked), tmp_path)
    name, figure = next(iter(done.figures.items()))
    assert name == main and figure.low <= figure.value <= figure.high and figure.value > least
    assert figure.n == len(done.held_out.people) == (PEOPLE if folds else len(done.test_rows))
    assert len(done.fold_figures) == (folds or 1) and done.fold_aucs == ()
    assert done.outputs == task.outputs() == done.network.outputs and done.test_outputs.shape == (len(done.test_rows), task.outputs().count)
    assert {name for _, name, _ in done.curves} >= ({f"validation {main}", "train loss"} if asked is RECIPE else set())
    week = torch.from_numpy(apply(done.standardizer, data.weeks[:5]))
    with torch.no_grad():
        assert done.network(week).reshape(5, -1).shape[1] == task.outputs().count and done.network.score(week).shape == (5,)


def test_a_value_is_answered_in_the_labels_own_unit(start, tmp_path):
    data = people(Target("amount", "value"))
    done = finetune(start, data, FinetuneSettings(**RECIPE), tmp_path)
    with torch.no_grad():
        z = (data.weeks[done.test_rows] - done.standardizer.mean) / done.standardizer.scale
        np.testing.assert_allclose(done.network(torch.from_numpy(z)).numpy(), done.test_outputs[:, 0], rtol=1e-3)
    assert done.figures["MAE"].value < 15 and done.prevalences == ()
    assert done.held_out.targets == pytest.approx(data.target[done.test_rows])


def test_the_logits_of_classes_share_nothing_and_their_prevalences_are_of_people(start, tmp_path):
    data = people(Target("third", "classes", CLASSES))
    done = finetune(start, data, FinetuneSettings(**RECIPE | {"max_epochs": 2}), tmp_path)
    np.testing.assert_allclose(done.test_outputs.sum(axis=1), 0, atol=1e-4)
    assert done.prevalences == pytest.approx(np.bincount(data.target.astype(int)) / PEOPLE)


@pytest.mark.parametrize("kind", ["classes", "value"])
def test_every_part_of_a_split_has_low_and_high_ones(kind):
    data = people(Target("x", kind, () if kind == "value" else CLASSES))
    for counts in count_splits(data, FinetuneSettings(folds=4, recipe="paper")):
        assert all(min(part) > 0 for name, part in counts.items() if sum(part) or name != "test")
    if kind == "value":
        groups = data.strata(4)
        assert set(np.bincount(groups)) == {18} and (np.diff(groups[np.argsort(data.target)]) >= 0).all()


def test_many_people_of_one_value_still_split_and_all_of_one_are_refused():
    data = people(Target("x", "value"))
    data.target[:80] = 0
    assert np.bincount(data.strata()).min() >= 5
    check_people(data, FinetuneSettings())
    data.target[:] = 0
    with pytest.raises(TrainingError, match="90 with 1 different values"):
        check_people(data, FinetuneSettings())


def test_a_class_of_few_people_is_refused_with_all_counts():
    data = people(Target("third", "classes", CLASSES))
    data.target[data.target == 2] = 1
    with pytest.raises(TrainingError, match=r"each class of third, but there are: low \(30\), middle \(60\), high \(0\)"):
        check_people(data, FinetuneSettings())


def examples(target: np.ndarray) -> Examples:
    inputs = torch.randn(len(target), 96, generator=torch.Generator().manual_seed(3))
    return Examples(lambda rows: inputs[rows], target)


def test_with_two_classes_the_weights_are_those_of_one_logit():
    positive = np.arange(12) % 4 == 0
    assert torch.allclose(Multiclass(positive.astype(float), 2).weights, Binary(positive).weights)


def test_the_thresholds_begin_at_the_frequencies_and_the_loss_is_the_likelihood():
    target = np.repeat([0.0, 1.0, 2.0, 3.0], [400, 300, 200, 100])
    objective, head = Ordinal(target, 4), ClassifierHead(3, ordinal=True).eval()
    objective.prepare(head)
    with torch.no_grad():
        head.output.weight.zero_()
        head.output.bias.zero_()
    loss = objective.loss(head, examples(target), slice(None), torch.Generator()).item()
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    assert loss == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-3)


def test_an_untrained_value_is_the_mean_and_explains_nothing():
    target = np.random.default_rng(0).normal(50, 10, 40)
    objective, head = Value(target), ClassifierHead().eval()
    with torch.no_grad():
        head.output.weight.zero_()
        head.output.bias.zero_()
    figures = objective.evaluate(head, examples(target), 16, lambda read: None)
    assert figures["R2"] == pytest.approx(0, abs=1e-6) and figures["loss"] == pytest.approx(1, abs=1e-5)
    assert figures["MAE"] == pytest.approx(np.abs(target - target.mean()).mean(), rel=1e-5)
    objective.settle(head)
    assert head(torch.zeros(1, 96)).item() == pytest.approx(target.mean(), rel=1e-5)


def test_concordance_counts_pairs_of_different_places():
    assert concordance(np.array([0, 1, 2]), np.array([1.0, 2.0, 3.0])) == 1.0
    assert concordance(np.array([0, 1, 1, 2]), np.array([2.0, 2.0, 5.0, 1.0])) == pytest.approx(1.5 / 5)
