import numpy as np
import pytest
from scipy.stats import spearmanr

from pat_core.errors import ExplanationError
from pat_core.explain.judging.stability import rank_correlation, stability, top_overlap
from pat_core.explain.methods.rollout import rollout_map
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import Attribution


@pytest.fixture(scope="module")
def network():
    return seeded(lambda: Classifier(PatConfig("custom", patch=18, heads=2, blocks=2)), 0).eval()


def week(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=1440).astype(np.float32)


def as_map(values: np.ndarray, resolution: int = 1) -> Attribution:
    return Attribution("made", "attribution", np.asarray(values, np.float32), 18, resolution=resolution)


def test_a_map_that_does_not_look_at_the_week_is_perfectly_stable(network):
    fixed = week(3)
    told = stability(network, week(), lambda _, z: as_map(fixed))
    assert told.correlation == pytest.approx(1.0) and told.overlap == 1.0 and told.steady and "The map is steady" in told.words


def test_a_map_that_is_drawn_anew_each_time_is_not_stable_and_is_said_to_move(network):
    draw = np.random.default_rng(9)
    told = stability(network, week(), lambda _, z: as_map(draw.normal(size=z.size)), repeats=20)
    assert abs(told.correlation) < 0.2 and told.overlap < 0.2 and not told.steady
    assert "The map moves" in told.words


def test_a_map_that_is_turned_about_correlates_with_minus_one_but_its_strongest_places_stay(network):
    signs = iter([1, -1])
    told = stability(network, week(), lambda _, z: as_map(next(signs) * week(3)), repeats=1)
    assert told.correlation == pytest.approx(-1.0) and told.overlap == 1.0


def test_the_noise_has_the_size_that_is_said_and_the_week_itself_is_left_alone(network):
    seen, z = [], week()
    kept = z.copy()

    def look(_, noisy):
        seen.append(noisy)
        return as_map(noisy)

    told = stability(network, z, look, sigma=0.1, repeats=2)
    np.testing.assert_array_equal(seen[0], kept)
    np.testing.assert_array_equal(z, kept)
    assert np.std(seen[1] - kept) == pytest.approx(0.1, rel=0.1) and not np.array_equal(seen[1], seen[2])
    assert (told.repeats, told.sigma) == (2, 0.1)


def test_a_map_at_hand_is_not_made_again(network):
    calls = []
    stability(network, week(), lambda _, z: calls.append(1) or as_map(z), attribution=as_map(week()), repeats=2)
    assert len(calls) == 2


def test_the_same_seed_gives_the_same_answer_and_more_noise_less_agreement(network):
    one, two = (stability(network, week(), rollout_map) for _ in range(2))
    assert one == two
    assert stability(network, week(), rollout_map, sigma=2.0).correlation < one.correlation


def test_rank_correlation_is_spearmans_with_ties():
    one, two = np.array([1.0, 2, 2, 5, 9]), np.array([3.0, 1, 1, 8, 2])
    assert rank_correlation(one, two) == pytest.approx(spearmanr(one, two).statistic)
    assert rank_correlation(np.ones(4), np.ones(4)) == 1.0 and rank_correlation(np.ones(4), np.arange(4.0)) == 0.0


def test_the_strongest_places_count_whatever_their_sign():
    values = np.arange(100.0)
    assert top_overlap(values, -values) == 1.0
    assert top_overlap(values, values[::-1]) == 0.0


def test_a_map_of_hours_is_compared_by_hours(network):
    hours = np.repeat(np.arange(24.0), 60)
    moved = np.where(np.arange(1440) >= 1380, 30.0, hours)
    maps = iter([hours, moved])
    assert stability(network, week(), lambda *_: as_map(next(maps), 60), repeats=1).overlap == 1.0


@pytest.mark.parametrize(("values", "said"), [(np.zeros(1440), "Nothing is drawn"), (np.full(1440, 0.7), "This map is flat")])
def test_a_map_without_any_difference_is_not_called_steady(network, values, said):
    told = stability(network, week(), lambda *_: as_map(values))
    assert not told.steady and (told.correlation, told.overlap) == (0.0, 0.0) and said in told.words and "steady" not in told.words


def test_a_map_that_falls_flat_under_noise_keeps_its_strongest_places_by_chance_alone(network):
    maps = iter([as_map(week(3)), as_map(np.zeros(1440))])
    told = stability(network, week(), lambda *_: next(maps), repeats=1)
    assert told.overlap == pytest.approx(4 / 80) and told.correlation == 0.0 and not told.steady


def test_ties_are_broken_by_lot_and_places_that_are_zero_are_not_among_the_strongest():
    assert top_overlap(np.arange(100.0), np.ones(100)) == pytest.approx(0.05)
    one = np.zeros(100)
    one[40:42] = 1.0
    assert top_overlap(one, one) == 1.0 and top_overlap(one, np.roll(one, 5)) == 0.0


@pytest.mark.parametrize("settings", [{"repeats": 0}, {"sigma": 0.0}, {"sigma": float("nan")}])
def test_no_noise_and_no_repeat_are_refused(network, settings):
    with pytest.raises(ExplanationError, match="at least one repeat"):
        stability(network, week(), rollout_map, **settings)
