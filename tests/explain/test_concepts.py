import numpy as np
import pytest
import torch
from torch import nn

from pat_core.errors import Cancelled, ExplanationError
from pat_core.explain.concepts import CONCEPTS, concept_direction, concept_response, simulated_pairs
from pat_core.explain.embedding_distance import pooled
from pat_core.models.pat.heads import Classifier
from pat_core.simulate import TRAITS, simulate
from tests.explain.scores import Listening
from tests.lively import lively

DAY = 1440


class LinearHead(nn.Module):
    """logit = slope * pooled, slope (96,)."""

    def __init__(self, slope: np.ndarray) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.from_numpy(slope.astype(np.float32)))

    def forward(self, embedded: torch.Tensor) -> torch.Tensor:
        return embedded @ self.slope


def with_linear_head(slope: np.ndarray) -> Classifier:
    network = lively()
    network.head = LinearHead(slope)
    return network.eval()


def weeks(people: int, seed: int = 0, minutes: int = 360) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(people, minutes)).astype(np.float32)


def unit(seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=96)
    return drawn / np.linalg.norm(drawn)


def test_of_a_linear_head_the_response_is_its_slope_along_the_direction_for_everybody():
    slope, direction = 3 * unit(1), unit(2)
    made = concept_response(with_linear_head(slope), weeks(5), direction)
    np.testing.assert_allclose(made.derivative, np.full(5, slope @ direction), rtol=1e-5)


def test_the_length_of_a_direction_does_not_matter_and_its_sign_does():
    network, z, direction = lively(), weeks(5), unit(3)
    made, longer, back = (concept_response(network, z, factor * direction) for factor in (1.0, 7.0, -1.0))
    np.testing.assert_allclose(longer.derivative, made.derivative, rtol=1e-5)
    np.testing.assert_allclose(back.derivative, -made.derivative, rtol=1e-5)
    np.testing.assert_array_equal(back.above_random, made.above_random)
    assert made.positive + back.positive == pytest.approx(1.0)


def test_the_response_is_what_a_small_step_of_the_embedding_changes():
    network, z, direction = lively(seed=2), weeks(4, 1), unit(4)
    embedded = torch.from_numpy(pooled(network, z)).double()
    head = network.head.double()
    with torch.no_grad():
        step = 1e-6 * torch.from_numpy(direction)
        expected = ((head(embedded + step) - head(embedded - step)) / 2e-6).numpy()
    network.float()
    np.testing.assert_allclose(concept_response(network, z, direction).derivative, expected, rtol=1e-3, atol=1e-6)


def test_a_direction_is_the_mean_difference_of_the_pooled_embeddings_at_length_one():
    network, with_it, without = lively(), weeks(6, 1) + 1, weeks(6, 1)
    made = concept_direction(network, with_it, without)
    mean = (pooled(network, with_it) - pooled(network, without)).mean(axis=0)
    np.testing.assert_allclose(made.direction * made.size, mean, atol=1e-5)
    assert np.linalg.norm(made.direction) == pytest.approx(1.0, abs=1e-6) and made.pairs == 6


def test_swapping_with_and_without_turns_the_direction_round():
    with_it, without = weeks(6, 1) + 1, weeks(6, 2)
    made, back = concept_direction(lively(), with_it, without), concept_direction(lively(), without, with_it)
    np.testing.assert_allclose(back.direction, -made.direction, atol=1e-6)
    assert back.consistency == pytest.approx(made.consistency, abs=1e-6) and back.size == pytest.approx(made.size, rel=1e-6)


def test_what_happens_to_everybody_alike_is_consistent_and_a_difference_by_chance_is_not():
    shared = weeks(1, 9)
    alike = concept_direction(lively(), weeks(20, 1) + 2 * shared, weeks(20, 1))
    chance = [concept_direction(lively(), weeks(5, n), weeks(5, 100 + n)).consistency for n in range(20)]
    assert alike.consistency > 0.9
    assert abs(np.mean(chance)) < 0.15  # with its own difference in the mean, each pair would agree by 0.45


def test_a_direction_by_chance_is_not_above_chance_and_the_slope_itself_is():
    slope = unit(5)
    network, z = with_linear_head(slope), weeks(60, 4)
    embedded = pooled(network, z)
    null = [concept_response(network, z[:3], embedded[n] - embedded[59 - n], among=z, random=400).above_random[0] for n in range(30)]
    assert 0.3 < np.mean(null) < 0.7
    assert concept_response(network, z, slope).above_random.min() == 1.0


def test_random_directions_are_seeded_and_may_come_from_other_people():
    network, z, direction = lively(), weeks(8), unit(6)
    one, again = concept_response(network, z, direction, seed=3), concept_response(network, z, direction, seed=3)
    np.testing.assert_array_equal(one.above_random, again.above_random)
    alone = concept_response(network, z[:1], direction, among=z, seed=3)
    np.testing.assert_allclose(alone.above_random, one.above_random[:1], atol=0.01)


def test_the_network_keeps_its_weights_and_gets_no_gradients():
    network = lively()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    concept_response(network, weeks(4), unit(1))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_pairs_differ_by_the_trait_alone_and_where_it_shows():
    with_it, without = simulated_pairs("late_wake", 4, seed=3, days=2)
    assert with_it.shape == without.shape == (4, 2 * DAY) and with_it.dtype == np.float32
    cohort = simulate(20, seed=3, label="late_wake", days=2)
    for person in range(4):
        planted = cohort.evidence["late_wake"][person]
        expected = with_it[person] if cohort.positive[person] else without[person]
        np.testing.assert_array_equal(cohort.weeks[person], expected)
        if planted.any():
            np.testing.assert_array_equal(with_it[person][~planted], without[person][~planted])
    assert (with_it != without).any(axis=1).all()


@pytest.mark.parametrize("trait", CONCEPTS)
def test_every_concept_can_be_planted(trait):
    with_it, without = simulated_pairs(trait, 2, seed=1, days=2)
    assert trait in TRAITS and (with_it != without).any()


def test_what_gives_no_direction_is_refused():
    network, z = lively(), weeks(3)
    with pytest.raises(ExplanationError, match="does not change"):
        concept_direction(network, z, z)
    with pytest.raises(ExplanationError, match="at least 2 pairs"):
        concept_direction(network, z[:1], z[:1] + 1)
    with pytest.raises(ExplanationError, match="at least 3"):
        concept_response(network, z[:2], unit(0))
    with pytest.raises(ExplanationError, match="not all zero"):
        concept_response(network, z, np.zeros(96))
    with pytest.raises(ExplanationError, match="look alike"):
        concept_response(network, np.repeat(z[:1], 4, axis=0), unit(0))
    with pytest.raises(ExplanationError, match="late_wake, fragmented_nights"):
        simulated_pairs("happiness", 2, seed=0)


def test_a_reader_can_follow_it_and_cancel():
    listening = Listening()
    concept_direction(lively(), weeks(40), weeks(40, 1), progress=listening)
    assert listening.fractions[0] == 0 and listening.fractions == sorted(listening.fractions) and 0.5 <= listening.fractions[-1] <= 1
    with pytest.raises(Cancelled):
        concept_direction(lively(), weeks(3), weeks(3, 1), progress=Listening(cancel_at=1))
