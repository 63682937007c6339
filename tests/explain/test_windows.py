from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.windows import inside, strongest_windows
from pat_core.records import Attribution

TUESDAY = datetime(2024, 5, 7)
WEEK = 10080


def attribution(values: np.ndarray, resolution: int = 1) -> Attribution:
    return Attribution("integrated_gradients", "attribution", values.astype(np.float32), 18, delta=0.0, resolution=resolution)


def planted(*windows: tuple[int, int, float], noise: float = 0.0) -> np.ndarray:
    values = noise * np.random.default_rng(0).normal(size=WEEK)
    for first, end, logits in windows:
        values[first:end] += logits / (end - first)
    return values


def test_a_planted_window_is_found_where_it_is_with_its_logits():
    (only,) = strongest_windows(attribution(planted((130, 270, 0.8))), TUESDAY)
    assert (only.first, only.end) == (130, 270)
    assert only.effect == pytest.approx(0.8, rel=1e-5) and only.share == pytest.approx(1.0, rel=1e-6)
    assert only.words == "Tue 7 May 02:10 to 04:30 raised the score by 0.8 logits"


def test_both_directions_are_found_strongest_first_and_a_minus_is_never_doubled():
    made = attribution(planted((130, 270, 0.8), (3000, 3100, -1.5), (7000, 7060, 0.4), noise=1e-5))
    found = strongest_windows(made, TUESDAY, date_known=False)
    assert [(each.first, each.end) for each in found] == [(3000, 3100), (130, 270), (7000, 7060)]
    assert found[0].words == "Thu 02:00 to 03:40 lowered the score by 1.5 logits"
    assert found[0].effect == pytest.approx(-1.5, rel=0.01) and not any("-" in each.words or "−" in each.words for each in found)


def test_without_a_start_neither_weekday_nor_clock_is_said():
    (only,) = strongest_windows(attribution(planted((1570, 1710, -0.8))), None)
    assert only.words == "Day 2, 2 h 10 min, 140 min long, lowered the score by 0.8 logits"


def test_a_window_over_midnight_names_both_days():
    (only,) = strongest_windows(attribution(planted((1390, 1530, 0.5))), TUESDAY, date_known=False)
    assert only.words.startswith("Tue 23:10 to Wed 01:30 ")


@pytest.mark.parametrize("seed", range(5))
def test_windows_never_overlap_keep_to_their_lengths_and_snap_to_ten_minutes(seed):
    made = attribution(np.random.default_rng(seed).normal(size=WEEK).cumsum() / 100)
    found = strongest_windows(made, TUESDAY, most=20, minutes=(30, 120))
    assert found and len(found) <= 20
    taken = np.zeros(WEEK, dtype=int)
    for each in found:
        taken[each.first : each.end] += 1
        assert each.first % 10 == 0 and each.end % 10 == 0 and 30 <= each.end - each.first <= 120
        assert each.effect == pytest.approx(float(made.values[each.first : each.end].sum(dtype=np.float64)), rel=1e-4)
        assert each.share >= 0.02
    assert taken.max() == 1
    sizes = [abs(each.effect) for each in found]
    assert sizes == sorted(sizes, reverse=True)


def test_the_strongest_window_is_the_largest_excess_of_all_segments():
    values = np.random.default_rng(3).normal(size=600)
    bins = values.reshape(-1, 10).sum(axis=1)
    level = np.abs(bins).mean()
    every = [
        (sign * bins[a:b].sum() - level * (b - a), a, b) for sign in (1, -1) for a in range(60) for b in range(a + 3, min(60, a + 36) + 1)
    ]
    _, first, end = max(every)
    found = strongest_windows(attribution(values), None, most=60)
    assert (first * 10, end * 10) in [(each.first, each.end) for each in found]


def test_nothing_stands_out_of_a_flat_map_or_an_empty_one():
    for values in (np.zeros(WEEK), np.full(WEEK, 0.01), np.full(5, np.nan)):
        assert strongest_windows(attribution(values), TUESDAY) == ()
    assert strongest_windows(Attribution("rollout", "attention", np.ones(WEEK, np.float32), 18), TUESDAY) == ()


def test_what_is_below_two_percent_of_the_map_is_not_named():
    made = attribution(planted((100, 200, 1.0), (5000, 5050, 0.015)))
    assert [(each.first, each.end) for each in strongest_windows(made, None)] == [(100, 200)]


def test_windows_of_an_hour_map_are_whole_hours_and_of_a_day_map_whole_days():
    hours = np.zeros(168)
    hours[[30, 31, 90]] = 0.4, 0.3, -0.9
    found = strongest_windows(attribution(np.repeat(hours / 60, 60), resolution=60), TUESDAY)
    assert [(each.first, each.end) for each in found] == [(5400, 5460), (1800, 1920)]
    assert [each.effect for each in found] == pytest.approx([-0.9, 0.7], rel=1e-5)
    days = np.repeat(np.array([0.1, 0.1, 0.9, 0.1, 0.1, 0.1, -0.5]) / 1440, 1440)
    assert [(each.first, each.end) for each in strongest_windows(attribution(days, resolution=1440), None)] == [(2880, 4320), (8640, 10080)]


def test_attention_windows_are_above_uniform_at_patch_edges_and_in_words_of_their_own():
    level = np.full(560, 1.0)
    level[100:105] = 2.3
    level += (560 - level.sum()) / 555 * (level == 1.0)
    made = Attribution("rollout", "attention", np.repeat(level, 18).astype(np.float32), 18, resolution=18)
    (only,) = strongest_windows(made, None)
    assert (only.first, only.end) == (1800, 1890)
    assert only.words.endswith("held 2.3 times the uniform attention")
    assert only.share == pytest.approx(5 * 2.3 / 560, rel=1e-5)


def test_minutes_that_no_patch_covers_are_in_no_window():
    values = np.full(1000, np.nan)
    values[:990] = 0.0
    values[955:990] = 1.0
    (only,) = strongest_windows(attribution(values), None)
    assert only.end == 990 and only.first in (950, 960)


def test_sensitivity_has_one_direction_and_words_of_its_own():
    values = np.full(WEEK, 1.0, np.float32)
    values[600:660] = 40.0
    made = Attribution("gradient", "sensitivity", values / values.mean(), 18)
    (only,) = strongest_windows(made, None)
    assert (only.first, only.end) == (600, 660) and "times as strongly" in only.words


def test_what_is_inside_a_window_is_the_mean_activity_and_each_maps_own_number():
    values = np.full(WEEK, 10.0, np.float32)
    values[100:160] = 40
    values[130:160] = np.nan
    level = np.full(WEEK, 1.0, np.float32)
    level[100:160] = 5.0
    attention = Attribution("rollout", "attention", level, 18)
    sensitivity = Attribution("gradient", "sensitivity", level, 18)
    held = inside(values, [attribution(planted((100, 160, -0.6))), attention, sensitivity], 100, 160)
    assert (held.activity, held.missing) == (40.0, 30) and held.whole_week == pytest.approx(np.nanmean(values))
    assert held.maps == pytest.approx((-0.6, 300 / (WEEK + 240), 5.0), rel=1e-5)
    halves = [inside(values, [attention], *each).maps[0] for each in ((0, 5000), (5000, WEEK))]
    assert sum(halves) == pytest.approx(1.0), "shares of the whole add up to all of it"


def test_inside_a_window_without_a_value_nothing_is_made_up():
    values, map_values = np.full(WEEK, np.nan), planted((100, 160, 1.0))
    map_values[9000:] = np.nan
    held = inside(values, [attribution(map_values)], 9000, 9100)
    assert np.isnan(held.activity) and held.missing == 100 and np.isnan(held.maps[0])


def test_a_window_past_the_week_or_a_map_of_another_week_is_refused():
    values = np.zeros(WEEK)
    for maps, first, end in (([], 10, 10), ([], 0, WEEK + 1), ([attribution(np.zeros(100))], 0, 10)):
        with pytest.raises(ExplanationError, match="lies within its week"):
            inside(values, maps, first, end)
