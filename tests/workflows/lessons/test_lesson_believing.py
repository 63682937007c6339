"""Lesson 6: closed forms, and the claims of the screens against the arrays that they show."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.evaluation import auc
from pat_core.workflows.lessons import lesson_believing as believing


def test_shuffled_labels_give_chance_and_true_ones_do_not():
    means = believing.experiments().shuffled.mean(axis=1)
    assert means[0] > 0.9 and means[-1] == pytest.approx(0.5, abs=0.05)
    assert (np.diff(means) < 0.03).all(), "the more labels are shuffled, the less is found"


def test_people_who_leak_raise_an_auc_that_has_nothing_to_find():
    means = believing.experiments().leaked.mean(axis=1)
    assert means[0] == pytest.approx(0.5, abs=0.06) and means[-1] > 0.75
    assert means[-1] - means[0] > 0.25 and (np.diff(means) > -0.02).all()


def test_a_device_that_drifts_moves_probabilities_more_than_the_order():
    usual, half = believing.drift(1.0), believing.drift(0.5)
    assert abs(half.auc - usual.auc) < 0.05 < 0.15 < half.predicted - usual.predicted
    assert abs(usual.predicted - usual.observed) < 0.03 and half.warned <= usual.warned
    assert believing.drift(4.0).warned > 0.8, "a device that counts four times as much is noticed"


def test_the_groups_hold_everybody_once():
    shown = believing.drift(1.0)
    assert shown.groups.shape == (5, 2) and shown.groups[:, 1].mean() == pytest.approx(shown.observed)
    assert (np.diff(shown.groups[:, 0]) > 0).all()


@pytest.mark.parametrize("prevalence", [0.4, 0.1, 0.01])
def test_a_thousand_people_stay_a_thousand_and_bayes_rule_holds(prevalence):
    of, seen = believing.flagged(prevalence), believing.experiments()
    assert of.hits + of.false_alarms + of.missed + of.rest == pytest.approx(1000)
    called = seen.drifted[believing.GAINS.index(1.0)] > 0
    odds = prevalence / (1 - prevalence) * called[seen.positive].mean() / called[~seen.positive].mean()
    assert of.right == pytest.approx(odds / (1 + odds))


def test_at_the_prevalence_of_the_test_the_flagged_are_those_of_the_test():
    seen = believing.experiments()
    called = seen.drifted[believing.GAINS.index(1.0)] > 0
    assert believing.flagged(seen.positive.mean()).right == pytest.approx(seen.positive[called].mean())
    assert believing.flagged(0.02).right < 0.3 < 0.8 < believing.flagged(0.4).right


def test_days_without_the_device_raise_the_answer_and_are_withheld():
    shown = [believing.days_off(days) for days in believing.DAYS_OFF]
    assert shown[-1].predicted > 0.7 > shown[0].predicted and shown[-1].auc < shown[0].auc - 0.1
    refused = [one.refused for one in shown]
    assert refused == sorted(refused) and refused[0] == 0 and refused[-1] > 0.8


def test_the_nearest_week_gives_its_label_and_one_s_own_week_is_nearest():
    rng = np.random.default_rng(0)
    people, labels = rng.normal(size=(60, 8)), rng.random(60) < 0.5
    both = np.stack([people, people + 0.01 * rng.normal(size=people.shape)], axis=1)
    nobody, all_of_them = np.zeros(60, bool), np.ones(60, bool)
    assert auc(labels, believing._tested(both, labels, all_of_them, 0, believing._nearest)) == 1.0
    assert abs(auc(labels, believing._tested(both, labels, nobody, 0, believing._nearest)) - 0.5) < 0.25
