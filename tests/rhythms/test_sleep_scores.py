"""Cole-Kripke, Sadeh and the sleep regularity index; the first two against what ActiLife scored."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.rhythms import SLEEP_SCORES, cole_kripke, oakley, sadeh, score_choice, score_for, sri
from tests.shared import shared_file

REFERENCE = "data/devices/actigraph_day.reference."


def column(name, key):
    with shared_file(f"{REFERENCE}{name}.csv").open(newline="") as file:
        return [row[key] for row in csv.DictReader(file)]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "score", "asleep"), [("ColeKripke", cole_kripke, 995), ("Sadeh", sadeh, 937)])
def test_every_epoch_agrees_with_actilife(name, score, asleep):
    counts = np.array(column("10sec60sec", "axis1"), dtype=float)
    expected = np.array(column(name, "Sleep or Awake?")) == "S"
    assert len(expected) == 1500 and expected.sum() == asleep
    assert np.array_equal(score(counts), expected)


@pytest.mark.parametrize("score", [cole_kripke, sadeh])
def test_stillness_is_sleep_and_walking_is_not(score):
    assert score(np.zeros(60)).all()
    assert not score(np.full(60, 2000.0)).any()


def test_cole_kripke_weighs_seven_minutes_as_published():
    for place, weight in zip(range(-2, 5), (67, 74, 230, 76, 58, 54, 106), strict=True):
        for factor, asleep in ((0.999, True), (1.001, False)):
            counts = np.zeros(21)
            counts[10] = factor * 100_000 / weight
            assert cole_kripke(counts)[10 + place] == asleep


def test_cole_kripke_caps_at_thirty_thousand_counts():
    counts = np.zeros(21)
    counts[10] = 1e9
    capped = counts.copy()
    capped[10] = 30_000
    assert np.array_equal(cole_kripke(counts), cole_kripke(capped))


def test_sadeh_is_the_published_sum_in_the_middle_of_a_recording():
    counts = np.random.default_rng(0).gamma(0.5, 60, 200).round()
    capped = np.minimum(counts, 300)
    for minute in range(5, 195):
        around, before = capped[minute - 5 : minute + 6], capped[minute - 5 : minute + 1]
        moderate = np.sum((around >= 50) & (around < 100))
        index = 7.601 - 0.065 * around.mean() - 1.08 * moderate - 0.056 * np.std(before, ddof=1) - 0.703 * np.log(capped[minute] + 1)
        assert sadeh(counts)[minute] == (index > -4)


@pytest.mark.parametrize("score", [cole_kripke, sadeh])
def test_a_missing_minute_is_not_asleep_and_its_neighbours_are_scored(score):
    counts = np.zeros(60)
    counts[30] = np.nan
    assert np.flatnonzero(~score(counts)).tolist() == [30]


def test_identical_days_are_perfectly_regular():
    assert sri(np.tile(np.random.default_rng(0).random(1440) < 0.3, 7)) == 100.0


def test_days_that_reverse_the_one_before_are_perfectly_irregular():
    day = np.random.default_rng(0).random(1440) < 0.3
    assert sri(np.concatenate([day, ~day, day, ~day])) == -100.0


def test_sleep_at_random_half_of_the_time_is_about_zero():
    assert abs(sri(np.random.default_rng(0).random(30 * 1440) < 0.5)) < 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1440), st.integers(2, 9))
def test_an_index_is_a_line_in_the_share_of_agreeing_minutes(changed, days):
    day = np.zeros(1440, dtype=bool)
    other = day.copy()
    other[:changed] = True
    weeks = np.concatenate([day if number % 2 else other for number in range(days)])
    assert sri(weeks) == pytest.approx(100 - 200 * changed / 1440)


def test_missing_minutes_are_left_out_on_both_sides():
    day = np.zeros(1440, dtype=bool)
    asleep = np.concatenate([day, ~day, day])
    missing = np.zeros(3 * 1440, dtype=bool)
    missing[1440:2880] = True
    assert np.isnan(sri(asleep, missing))
    missing[1440] = False
    assert sri(asleep, missing) == -100.0


def test_a_single_day_has_no_regularity():
    assert np.isnan(sri(np.ones(1440, dtype=bool)))


@pytest.mark.parametrize("score", [cole_kripke, sadeh, oakley])
def test_a_score_reads_the_same_whatever_stands_in_a_missing_minute_nearby(score):
    counts = np.random.default_rng(1).gamma(0.4, 80, 300)
    assert np.array_equal(score(np.concatenate([np.full(20, np.nan), counts]))[20:], score(np.concatenate([np.zeros(20), counts]))[20:])


@pytest.mark.parametrize("threshold", [20, 40, 80])
@pytest.mark.parametrize(("place", "share"), [(0, 1), (-1, 5), (1, 5), (-2, 25), (2, 25)])
def test_oakley_weighs_five_minutes_as_the_manual_prints_and_sleeps_at_the_threshold(threshold, place, share):
    for counts_there, asleep in ((threshold * share, True), (threshold * share + 1, False)):
        counts = np.zeros(21)
        counts[10 + place] = counts_there
        assert oakley(counts, threshold)[10] == asleep


def test_oakley_scores_the_example_of_the_manual():
    example = np.array([100.0, 42.0, 20.0, 13.0, 67.0])  # 37.68 in its middle
    assert oakley(example, 37.68)[2] and not oakley(example, 37.67)[2] and oakley(example)[2]


@pytest.mark.parametrize(("device", "placement", "score", "known"), [
    ("Actiwatch 4", None, "oakley", True), ("Actiwatch-L-Plus", "left wrist", "oakley", True), ("Spectrum PRO", None, "oakley", True),
    ("Philips Actiwatch Spectrum", "non-dominant Wrist", "oakley", True), ("actiwatch 2", "Waist", "oakley", True),
    ("ActiGraph GT3X", "Left Wrist", "cole_kripke", True), ("wGT3X-BT", "Handgelenk links", "cole_kripke", True),
    ("ActiGraph AM-7164", "hip", "sadeh", True), ("GT1M", "Right Waist", "sadeh", True), ("GT9X Link", "H\u00fcfte", "sadeh", True),
    ("ActiGraph GT3X", None, "cole_kripke", False), ("ActiGraph GT3X", "thigh", "cole_kripke", False),
    ("Fitbit", "wrist", "cole_kripke", False), (None, "hip", "cole_kripke", False), (None, None, "cole_kripke", False),
])  # fmt: skip
def test_the_score_goes_by_device_and_placement_and_where_they_are_not_known_the_default_says_so(device, placement, score, known):
    choice = score_choice(device, placement)
    assert (choice.name, choice.known) == (score, known) and score_for(device, placement) == score
    assert ("the default" in choice.why) != known


def test_why_a_score_was_chosen_is_said_in_full():
    assert score_choice(None).why == "the default, for the recording does not name its device: the minutes asleep can be hours off"
    assert "worn at the hip, where published work used it" in score_choice("ActiGraph GT3X", "waist").why
    assert "it is not known where it was worn" in score_choice("ActiGraph GT3X").why
    assert "made for the wrist, and this one was worn at the hip" in score_choice("Actiwatch 2", "hip").why


def test_a_score_knows_which_devices_it_was_made_for():
    assert SLEEP_SCORES["cole_kripke"].fits("ActiGraph AM-7164") and not SLEEP_SCORES["cole_kripke"].fits("Actiwatch 2")
    assert not SLEEP_SCORES["oakley"].fits("ActiGraph wGT3X-BT") and not SLEEP_SCORES["oakley"].fits(None)
