"""The FOCAL loss: closed forms of its terms, and the authors' numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from pat_core.training.focal_loss import FocalWeights, apart, focal_loss, nt_xent, subject_terms
from tests.shared import shared_file


def test_pairs_at_right_angles_to_all_others_have_a_closed_form():
    rows, temperature = 4, 0.5
    each = torch.eye(rows)
    expected = -math.log(math.exp(1 / temperature) / (math.exp(1 / temperature) + 2 * rows - 2))
    assert float(nt_xent(each, each, temperature)) == pytest.approx(expected, rel=1e-6)
    same = torch.ones(rows, 3)
    assert float(nt_xent(same, same, temperature)) == pytest.approx(math.log(2 * rows - 1), rel=1e-6)


def test_pairs_do_not_hang_on_length_or_order():
    first, second = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(0))
    assert float(nt_xent(3 * first, second)) == pytest.approx(float(nt_xent(first, second)), rel=1e-5)
    assert float(nt_xent(second, first)) == pytest.approx(float(nt_xent(first, second)), rel=1e-5)
    turned = torch.randperm(5, generator=torch.Generator().manual_seed(1))
    assert float(nt_xent(first[turned], second[turned])) == pytest.approx(float(nt_xent(first, second)), rel=1e-5)


def test_only_what_points_alike_is_not_apart():
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    y = torch.tensor([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]])
    assert float(apart(x, y)) == pytest.approx(1 / 3)


def test_an_adversary_that_is_sure_and_right_has_no_loss_and_the_encoder_all():
    sure = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    adversarial, invariance = subject_terms(sure, torch.tensor([0, 1]))
    assert float(adversarial) == pytest.approx(0, abs=1e-6) and float(invariance) == pytest.approx(-2 * math.log(1e-12), rel=1e-3)


def test_the_total_is_weighed_and_terms_without_people_are_none():
    views = tuple(
        {name: torch.randn(4, 6, generator=torch.Generator().manual_seed(seed + 2 * k)) for k, name in enumerate(("a", "b"))}
        for seed in (0, 1)
    )
    terms = focal_loss(views, weights=FocalWeights(1, 2, 3, 4))
    assert float(terms.total) == pytest.approx(float(terms.shared + 2 * terms.private + 3 * terms.orthogonality), rel=1e-6)
    assert float(terms.invariance) == float(terms.adversarial) == 0


@pytest.mark.parametrize(("first", "second", "words"), [
    ({"a": (4, 6)}, {"a": (4, 6)}, "two or more streams"),
    ({"a": (4, 6), "b": (4, 6)}, {"a": (4, 6), "c": (4, 6)}, "two or more streams"),
    ({"a": (4, 5), "b": (4, 6)}, {"a": (4, 5), "b": (4, 6)}, "must be even"),
])  # fmt: skip
def test_streams_that_do_not_fit_are_refused(first, second, words):
    with pytest.raises(ValueError, match=words):
        focal_loss(tuple({name: torch.zeros(shape) for name, shape in view.items()} for view in (first, second)))  # type: ignore[arg-type]


@pytest.mark.shared
def test_terms_are_the_authors():
    with np.load(shared_file("golden/harnet/focal_loss.npz")) as golden:
        each = {name: torch.from_numpy(golden[name]) for name in golden.files if golden[name].ndim}
        views = tuple({"ecg": each[f"{view}_ecg"], "hr": each[f"{view}_hr"]} for view in ("view1", "view2"))
        terms = focal_loss(views, each["subject_outputs"], each["subject"].long())  # type: ignore[arg-type]
        for name in ("shared", "private", "orthogonality", "adversarial", "invariance", "total"):
            assert float(getattr(terms, name)) == pytest.approx(float(golden[name]), abs=1e-5), name
