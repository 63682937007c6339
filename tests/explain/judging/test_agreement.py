import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.judging.agreement import agreement, strength_by_patch
from pat_core.records import Attribution

PATCHES, PATCH = 200, 18


def map_of(strength: np.ndarray, kind: str = "attention", patch: int = PATCH) -> Attribution:
    return Attribution("some", kind, np.repeat(np.asarray(strength, np.float32), patch), patch)


def order(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(PATCHES).astype(float) + 1


def test_a_map_agrees_with_itself_wholly_and_with_its_reverse_not_at_all():
    made = agreement({"a": map_of(order(0)), "b": map_of(order(0) * 3), "c": map_of(PATCHES + 1 - order(0))})
    assert {(pair.first, pair.second): pair.overlap for pair in made.pairs} == {("a", "b"): 1.0, ("a", "c"): 0.0, ("b", "c"): 0.0}
    assert made.strongest == 10 and made.chance == pytest.approx(0.05)


def test_half_of_the_strongest_in_common_is_one_half():
    first, second = np.zeros(PATCHES), np.zeros(PATCHES)
    first[:10], second[5:15] = np.arange(1, 11), np.arange(1, 11)
    assert agreement({"a": map_of(first), "b": map_of(second)}).pairs[0].overlap == 0.5


def test_random_orders_overlap_by_chance_on_average():
    overlaps = [agreement({"a": map_of(order(2 * n)), "b": map_of(order(2 * n + 1))}, top=0.2).pairs[0].overlap for n in range(200)]
    assert np.mean(overlaps) == pytest.approx(0.2, abs=0.02)


def test_the_strength_of_an_attribution_is_the_size_of_its_sum_and_of_attention_its_sum():
    values = np.array([1.0, -1.0, -2.0, -3.0, 0.5, 0.5, np.nan])
    signed = Attribution("ig", "attribution", values.astype(np.float32), 2)
    np.testing.assert_allclose(strength_by_patch(signed), [0.0, 5.0, 1.0])
    np.testing.assert_allclose(strength_by_patch(map_of([0.5, 1.5], patch=4)), [2.0, 6.0])


def test_a_pair_that_is_equal_by_algebra_is_left_out_by_name():
    maps = {"rollout": map_of(order(0)), "authors": map_of(order(0)), "ig": map_of(order(1), "attribution")}
    made = agreement(maps, equal=(frozenset({"rollout", "authors"}),))
    assert made.left_out == (("rollout", "authors"),)
    assert [(pair.first, pair.second) for pair in made.pairs] == [("rollout", "ig"), ("authors", "ig")]
    assert "rollout and authors rank the patches alike" in made.words


def test_ties_at_the_edge_share_the_places_left_so_that_a_flat_map_agrees_by_chance():
    flat, peaked = map_of(np.ones(PATCHES)), map_of(order(0))
    assert agreement({"flat": flat, "peaked": peaked}).pairs[0].overlap == pytest.approx(0.05)
    assert agreement({"flat": flat, "other": flat}).pairs[0].overlap == pytest.approx(0.05)


def test_a_map_by_the_day_is_too_coarse_to_name_the_strongest_patches_and_one_by_the_hour_is_not():
    hours = np.repeat(np.arange(60), 60).astype(np.float32)  # 3,600 minutes are 200 patches
    maps = {"ig": map_of(order(0)), "hour": Attribution("occlusion_hour", "attribution", hours, PATCH, resolution=60)}
    maps["day"] = Attribution("occlusion_day", "attribution", hours, PATCH, resolution=1440)
    made = agreement(maps)
    assert made.too_coarse == ("day",) and [(pair.first, pair.second) for pair in made.pairs] == [("ig", "hour")]
    assert "One value of day spans more than 10 patches" in made.words


@pytest.mark.parametrize("other", [map_of(np.ones(100)), map_of(np.ones(2 * PATCHES), patch=9)])
def test_maps_of_other_weeks_or_models_are_refused(other):
    with pytest.raises(ExplanationError, match="different patches or lengths"):
        agreement({"a": map_of(order(0)), "b": other})


def test_one_map_a_broken_one_and_a_share_out_of_range_are_refused():
    with pytest.raises(ExplanationError, match="at least two maps"):
        agreement({"a": map_of(order(0))})
    with pytest.raises(ExplanationError, match="b has no value"):
        agreement({"a": map_of(order(0)), "b": map_of(np.full(PATCHES, np.nan))})
    with pytest.raises(ExplanationError, match="between 0 and 1"):
        agreement({"a": map_of(order(0)), "b": map_of(order(1))}, top=5)
