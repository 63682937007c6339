import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients, LayerIntegratedGradients
from torch import nn

from pat_core.errors import Cancelled, ExplanationError, UntrainedError
from pat_core.explain import METHODS, explain
from pat_core.explain.baselines import another, mean_week, nonwear, references
from pat_core.explain.methods.gradient import gradient
from pat_core.explain.methods.integrated_gradients import expected_gradients, integrated_gradients, patch_gradients
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import Standardizer
from tests.explain.scores import Listening
from tests.lively import lively

CUSTOM = PatConfig("custom", patch=18, heads=2, blocks=2)


def made_network(embedding: str = "linear", seed: int = 3) -> Classifier:
    """A small network of two blocks whose logit moves by about a unit."""
    network = seeded(lambda: Classifier(replace(CUSTOM, embedding=embedding)), seed).eval()
    with torch.no_grad():
        network.head.output.weight *= 4
    return network


def weeks(count: int, minutes: int = 1440, seed: int = 0) -> np.ndarray:
    return 2 * np.random.default_rng(seed).normal(size=(count, minutes)).astype(np.float32)


class Linear(nn.Module):
    """f(x) = w x + b: a network that is no PAT, with what a score's explanation asks for."""

    minutes_per_token = 18

    def __init__(self, minutes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(minutes, generator=torch.Generator().manual_seed(0)))

    def score(self, week):
        return week @ self.weight + 0.7


def test_of_a_linear_score_each_minute_gets_its_weight_times_its_distance_from_the_baseline():
    network, week = Linear(36), np.random.default_rng(0).normal(size=36).astype(np.float32)
    made = integrated_gradients(network, week)
    np.testing.assert_allclose(made.values, network.weight.detach().numpy() * week, atol=1e-5)
    assert abs(made.completeness_gap) < 1e-5


@pytest.mark.parametrize("size", ["small", "medium"])
def test_the_minutes_sum_to_the_change_of_the_logit_up_to_the_stated_gap(size):
    network, week = lively(size), np.random.default_rng(1).normal(size=18 * 30).astype(np.float32)
    made = integrated_gradients(network, week)
    with torch.no_grad():
        delta = float(network(torch.from_numpy(week)[None]) - network(torch.zeros(1, week.size)))
    assert made.delta == pytest.approx(delta, abs=1e-6)
    assert np.nansum(made.values.astype(np.float64)) - delta == pytest.approx(made.completeness_gap, abs=1e-6)
    assert made.relative_gap <= 0.01


def test_the_mean_week_itself_gets_nothing():
    made = integrated_gradients(lively(), np.zeros(180, dtype=np.float32))
    assert made.delta == 0.0
    assert not np.nan_to_num(made.values).any()


def test_few_steps_leave_a_gap_that_is_reported_and_not_rescaled_away():
    network, week = lively("medium", seed=4), 4 * np.random.default_rng(2).normal(size=18 * 40).astype(np.float32)
    coarse, fine = integrated_gradients(network, week, most=5), integrated_gradients(network, week)
    assert abs(coarse.completeness_gap) > abs(fine.completeness_gap)
    assert coarse.settings["steps"] == coarse.evaluations == 5
    assert "not exact yet" in coarse.flag and fine.flag == ""


def test_minutes_that_no_whole_patch_covers_are_left_blank():
    made = integrated_gradients(lively(), np.random.default_rng(0).normal(size=18 * 3 + 5).astype(np.float32))
    assert np.isnan(made.values[54:]).all() and np.isfinite(made.values[:54]).all()


def test_a_model_without_a_trained_head_is_refused_in_so_many_words():
    with pytest.raises(UntrainedError, match="no trained head"):
        explain(lively(), np.zeros(180, dtype=np.float32), "integrated_gradients", has_head=False)


def test_an_unknown_method_is_refused_with_the_ones_there_are():
    with pytest.raises(ExplanationError, match=", ".join(METHODS)):
        explain(lively(), np.zeros(180, dtype=np.float32), "magic", has_head=True)


def test_the_refined_map_is_captums_map_of_256_steps():
    network, week = made_network(), weeks(1)
    z = torch.from_numpy(week)
    captums = IntegratedGradients(network).attribute(z, torch.zeros_like(z), n_steps=256, internal_batch_size=8)[0].detach().numpy()
    made = integrated_gradients(network, week[0])
    assert np.abs(made.values - captums).sum() / np.abs(captums).sum() < 0.02
    fine = integrated_gradients(network, week[0], tolerance=2e-3)
    assert np.abs(fine.values - captums).sum() / np.abs(captums).sum() < 0.004


def test_two_weeks_explained_against_each_other_are_each_others_negative():
    network, (a, b) = made_network(), weeks(2)
    there = integrated_gradients(network, a, baseline=another(b, "B"), tolerance=1e-4)
    back = integrated_gradients(network, b, baseline=another(a, "A"), tolerance=1e-4)
    np.testing.assert_allclose(there.values, -back.values, atol=2e-3 * np.abs(there.values).max())
    assert there.delta == pytest.approx(-back.delta, abs=1e-6)


def test_how_many_points_are_taken_together_changes_nothing(monkeypatch):
    network, week = made_network(), weeks(1)[0]
    made = integrated_gradients(network, week, tolerance=1e-3)
    monkeypatch.setattr("pat_core.explain.logit_function.TOKENS_AT_ONCE", 80)
    alone = integrated_gradients(network, week, tolerance=1e-3)
    assert abs(alone.completeness_gap - made.completeness_gap) <= 1e-3 * max(1, abs(made.delta))
    np.testing.assert_allclose(alone.values, made.values, atol=5e-3 * np.abs(made.values).max())


def test_the_bound_holds_the_gap_and_a_finer_tolerance_takes_more_steps():
    network, week = made_network(), weeks(1)[0]
    coarse, fine = (integrated_gradients(network, week, tolerance=tolerance) for tolerance in (0.05, 2e-3))
    for made in (coarse, fine):
        assert abs(made.completeness_gap) <= made.settings["gap_bound"] + 1e-5
        assert made.settings["gap_bound"] <= made.settings["tolerance"] * max(1.0, abs(made.delta))
    assert fine.evaluations > coarse.evaluations


def test_by_patch_from_the_tokens_is_the_sum_by_minute_where_the_embedding_is_linear():
    network, week = made_network(), weeks(1)[0]
    by_minute = integrated_gradients(network, week).values.reshape(-1, 18).sum(axis=1)  # a tolerance that both reach by themselves
    by_patch = patch_gradients(network, week)
    np.testing.assert_allclose(by_patch.values.reshape(-1, 18).sum(axis=1), by_minute, atol=2e-6)
    assert by_patch.resolution == 18


@pytest.mark.parametrize("embedding", ["linear", "conv"])
def test_by_patch_from_the_tokens_is_captums_attribution_of_the_embedding_layer(embedding):
    network, week = made_network(embedding), weeks(1)[0]
    z, hooked = torch.from_numpy(week[None]), copy.deepcopy(network)
    layer = LayerIntegratedGradients(hooked, hooked.encoder.patches)
    captums = layer.attribute(z, torch.zeros_like(z), n_steps=200, internal_batch_size=8)[0].sum(dim=-1).detach().numpy()
    ours = patch_gradients(network, week, tolerance=1e-4).values.reshape(-1, 18).sum(axis=1)
    np.testing.assert_allclose(ours, captums, atol=2e-3 * np.abs(captums).max())


def test_no_method_leaves_a_trace_on_the_network():
    network, week = made_network(), weeks(1)[0]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    for method in (integrated_gradients, patch_gradients, gradient):
        method(network, week)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(value.requires_grad and value.grad is None for value in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


def test_expected_gradients_are_the_mean_over_the_reference_weeks():
    network, (week, *others) = made_network(), weeks(4)
    made = expected_gradients(network, week, baseline=references(np.stack(others), "three others"))
    one_by_one = [integrated_gradients(network, week, baseline=another(other, "")) for other in others]
    np.testing.assert_allclose(made.values, np.mean([one.values for one in one_by_one], axis=0), atol=1e-6)
    assert made.delta == pytest.approx(np.mean([one.delta for one in one_by_one]), abs=1e-6)
    assert made.evaluations == sum(one.evaluations for one in one_by_one)


def test_expected_gradients_want_reference_weeks_and_integrated_ones_a_single_week():
    network, (week, *others) = made_network(), weeks(3)
    with pytest.raises(ExplanationError, match="reference weeks"):
        expected_gradients(network, week)
    with pytest.raises(ExplanationError, match="Use expected gradients"):
        integrated_gradients(network, week, baseline=references(np.stack(others), "two"))
    with pytest.raises(ExplanationError, match="at least 2"):
        references(others[0][None], "one")


def test_non_wear_is_zero_activity_seen_by_the_standardizer():
    standardizer = Standardizer(np.full(4, 6.0, np.float32), np.full(4, 2.0, np.float32), 50, "made")
    baseline = nonwear(standardizer)
    np.testing.assert_array_equal(baseline.weeks, np.full((1, 4), -3.0))
    assert "cannot be seen" in baseline.caution


def test_a_baseline_of_another_length_and_tolerances_that_cannot_be_are_refused():
    network, week = made_network(), weeks(1)[0]
    with pytest.raises(ExplanationError, match="720 minutes, but the week has 1440"):
        integrated_gradients(network, week, baseline=mean_week(720))
    with pytest.raises(ExplanationError, match="tolerance above 0"):
        integrated_gradients(network, week, tolerance=0.0)
    with pytest.raises(ExplanationError, match="at least 5 steps"):
        integrated_gradients(network, week, most=2)


def test_refining_tells_how_far_it_is_and_can_be_cancelled():
    network, week = made_network(), 3 * weeks(1)[0]
    heard = Listening()
    integrated_gradients(network, week, tolerance=1e-4, progress=heard)
    assert len(heard.fractions) > 2 and all(0 <= fraction <= 1 for fraction in heard.fractions)
    with pytest.raises(Cancelled):
        integrated_gradients(network, week, tolerance=1e-4, progress=Listening(cancel_at=2))


def test_the_plain_gradient_of_a_linear_score_is_the_size_of_its_weights():
    network, week = Linear(36), np.zeros(36, np.float32)
    made = gradient(network, week)
    size = np.abs(network.weight.detach().numpy())
    np.testing.assert_allclose(made.values, size / size.mean(), rtol=1e-5)
    assert made.kind == "sensitivity" and made.values.mean() == pytest.approx(1.0, abs=1e-5)


def test_settings_that_a_method_does_not_have_are_refused():
    with pytest.raises(ExplanationError, match="no setting called block"):
        explain(made_network(), weeks(1)[0], "integrated_gradients", has_head=True, block=1)


def test_sessions_that_share_a_model_explain_at_once_and_leave_it_whole():
    network, (week, *_) = made_network(), weeks(1)
    alone = integrated_gradients(network, week)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: integrated_gradients(network, week), range(8)))
    assert all(np.array_equal(made.values, alone.values) for made in together)
    assert len(list(network.parameters())) == len(list(made_network().parameters()))
    network(torch.from_numpy(week[None])).sum().backward()
    assert all(value.grad is not None for value in network.parameters())


def test_a_network_left_in_training_mode_is_explained_as_it_predicts_and_stays_in_it():
    network, week = made_network(), weeks(1)[0]
    quiet = integrated_gradients(network, week)
    network.train()
    np.testing.assert_array_equal(integrated_gradients(network, week).values, quiet.values)
    assert network.training


def test_a_minute_without_a_number_is_refused_unless_no_patch_reads_it():
    network, week = made_network(), weeks(1, 18 * 30 + 5)[0]
    week[-1] = np.nan
    assert integrated_gradients(network, week).flag == ""
    week[3] = np.nan
    for method in (integrated_gradients, patch_gradients, gradient):
        with pytest.raises(ExplanationError, match="a number for every minute"):
            method(network, week)
