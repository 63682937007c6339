"""The regularised logistic regression as a head of the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from pat_core.evaluation import auc
from pat_core.models.pat.heads import ClassifierHead, seeded
from pat_core.progress import Silent
from pat_core.training.linear_fits import Linear, fit_linear, losses
from pat_core.training.loop import LoopSettings, fit
from pat_core.training.objective import Binary, Examples
from pat_core.training.probe import STRENGTHS, fit_probe, linear_head
from pat_core.training.target import Target


def planted(people: int, seed: int, size: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """(people, 96) embeddings of very different scales, of which one direction bears the label."""
    rng = np.random.default_rng(seed)
    positive = np.arange(people) % 3 == 0
    direction = np.random.default_rng(0).normal(size=96)
    x = rng.normal(size=(people, 96)) + size * positive[:, None] * direction / np.linalg.norm(direction)
    return (3.0 + x * np.logspace(-2, 1, 96)).astype(np.float32), positive


TWO = Target()


def fitted(x, y, people=None, seed=0, task=TWO, strata=None):
    people = np.arange(len(y)) if people is None else people
    return fit_probe(x, y.astype(float), people, y if strata is None else strata, task, seed, lambda done, of: None)


def answers(head, x) -> np.ndarray:
    return head(torch.from_numpy(x)).detach().numpy()


def test_a_linear_head_is_that_linear_map():
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(1, 96)), rng.normal(size=1)
    pooled = rng.normal(size=(20, 96)).astype(np.float32)
    head = linear_head(Linear(weight, bias))
    np.testing.assert_allclose(head(torch.from_numpy(pooled)).detach().numpy(), pooled @ weight[0] + bias[0], atol=1e-5)
    at = torch.from_numpy(pooled).requires_grad_()
    slope = torch.autograd.grad(head(at).sum(), at)[0].numpy()
    np.testing.assert_allclose(slope, np.repeat(weight, 20, axis=0), atol=1e-6)


def test_it_is_scikit_learns_regression_with_the_scaling_folded_in():
    x, y = planted(120, 2)
    made = fitted(x, y)
    scaler = StandardScaler().fit(x)
    theirs = LogisticRegression(C=made.strength, class_weight="balanced", max_iter=5000, tol=1e-8).fit(scaler.transform(x), y)
    logits = made.head(torch.from_numpy(x)).detach().numpy()
    # the class weights move the mean that is subtracted, not the direction of what is regularised
    assert np.corrcoef(logits, theirs.decision_function(scaler.transform(x)))[0, 1] > 0.999
    assert {strength for strength, _ in made.losses} == set(STRENGTHS)
    assert made.strength == min(made.losses, key=lambda one: one[1])[0]


def test_the_less_there_is_to_learn_the_more_it_is_regularised():
    strong, none = (fitted(*planted(150, 3, size)).strength for size in (30.0, 0.0))
    assert none == min(STRENGTHS) < strong


def test_a_person_counts_once_however_many_weeks_they_have():
    x, y = planted(60, 4)
    rows = np.r_[np.arange(60), np.zeros(40, int)]
    one, many = fitted(x, y), fitted(x[rows], y[rows], people=rows)
    assert one.strength == many.strength
    pooled = torch.from_numpy(x)
    np.testing.assert_allclose(one.head(pooled).detach().numpy(), many.head(pooled).detach().numpy(), rtol=1e-2, atol=1e-2)


def test_what_is_the_same_for_everybody_has_no_part_in_it():
    x, y = planted(60, 5)
    x[:, 7] = 0.25
    head = fitted(x, y).head
    moved = x.copy()
    moved[:, 7] = 100.0
    assert torch.equal(head(torch.from_numpy(x)), head(torch.from_numpy(moved)))


def test_it_beats_the_papers_probe_on_planted_embeddings(tmp_path):
    (x, y), (test_x, test_y) = planted(300, 6, 2.0), planted(300, 7, 2.0)
    inputs = torch.from_numpy(x)
    train, held = (Examples(lambda rows, some=some: inputs[some][rows], y[some]) for some in (np.arange(240), np.arange(240, 300)))
    paper = fit(
        head := seeded(ClassifierHead, 1), Binary(train.target), train, held, LoopSettings(1e-5, 64, 20, 20, 1), tmp_path / "c", Silent()
    )
    head.load_state_dict(paper.best)
    theirs, ours = (auc(test_y, network.eval()(torch.from_numpy(test_x)).detach().numpy()) for network in (head, fitted(x, y).head))
    assert ours > theirs + 0.1 and ours > 0.85


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_head(seed):
    x, y = planted(50, 8)
    one, two = (fitted(x, y, seed=seed) for _ in range(2))
    assert one.losses == two.losses
    for name, value in one.head.state_dict().items():
        assert torch.equal(value, two.head.state_dict()[name])


def drawn(people: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(people, 96) embeddings and a number that one direction of them bears, with noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(people, 96))
    return (2.0 + x * 0.1).astype(np.float32), x @ np.random.default_rng(0).normal(size=96) / 7.0 + 0.3 * rng.normal(size=people)


def test_a_value_is_ridge_regression_in_its_own_unit():
    (x, y), (test_x, test_y) = drawn(400, 1), drawn(200, 2)
    made = fitted(x, 50.0 + 10.0 * y, task=Target("age", "value"), strata=(y > 0).astype(int))
    z = StandardScaler().fit(x)
    theirs = Ridge(alpha=1.0 / made.strength).fit(z.transform(x), (y - y.mean()) / y.std())
    ours = answers(made.head, test_x)
    np.testing.assert_allclose(ours, 50.0 + 10.0 * (y.mean() + y.std() * theirs.predict(z.transform(test_x))), atol=0.05)
    assert np.corrcoef(ours, test_y)[0, 1] > 0.9


def test_several_classes_are_told_apart_by_logits_whose_mean_is_nothing():
    rng = np.random.default_rng(3)
    place = np.arange(300) % 3
    x = (rng.normal(size=(300, 96)) + 2.0 * np.eye(3, 96)[place]).astype(np.float32)
    logits = answers(fitted(x, place, task=Target("stage", "classes", ("a", "b", "c"))).head, x)
    assert logits.shape == (300, 3) and (logits.argmax(axis=1) == place).mean() > 0.85
    np.testing.assert_allclose(logits.mean(axis=1), 0.0, atol=1e-4)


def test_classes_in_order_are_proportional_odds():
    x, y = drawn(400, 4)
    place = np.digitize(y, [-0.7, 0.9])
    task = Target("stage", "ordinal", ("mild", "moderate", "severe"))
    made = fitted(x, place, task=task)
    reach = answers(made.head, x)
    assert reach.shape == (400, 2) and (reach[:, 0] > reach[:, 1]).all()
    np.testing.assert_allclose((1 / (1 + np.exp(-reach))).mean(axis=0), [(place > 0).mean(), (place > 1).mean()], atol=0.03)
    assert np.corrcoef(reach[:, 0], y)[0, 1] > 0.9


@pytest.mark.parametrize("kind", ["two classes", "ordinal"])
def test_the_fit_is_where_its_loss_is_least(kind):
    x, y = drawn(80, 5)
    task = Target("stage", kind, ("a", "b", "c")[: 3 if kind == "ordinal" else 2])
    place, ones, rng = np.digitize(y, [-0.5, 0.5] if kind == "ordinal" else [0.0]).astype(float), np.ones(80), np.random.default_rng(6)
    fit_of = fit_linear(x.astype(float), place, ones, task, 1.0)
    scale = x.astype(float).std(axis=0)

    def lost(linear: Linear) -> float:
        return float(losses(linear, x, place, task).sum() + 0.5 * np.sum((linear.weight * scale) ** 2))

    least = lost(fit_of)
    for _ in range(20):
        moved = replace(fit_of, weight=fit_of.weight + 0.02 * rng.normal(size=fit_of.weight.shape) / scale)
        shifted = replace(fit_of, bias=fit_of.bias + 0.1 * rng.normal(size=fit_of.bias.shape))
        assert lost(moved) > least and lost(shifted) > least
