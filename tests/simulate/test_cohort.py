"""The cohort as a whole."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.simulate import DISTRACTORS, START, TRAITS, simulate


@pytest.fixture(scope="module")
def cohort():
    return simulate(60, 7)


def test_the_same_seed_gives_the_same_arrays(cohort):
    again = simulate(60, 7)
    assert np.array_equal(cohort.weeks, again.weeks)
    assert np.array_equal(cohort.positive, again.positive)
    assert np.array_equal(cohort.evidence["late_wake"], again.evidence["late_wake"])


def test_another_seed_gives_other_people(cohort):
    assert not np.array_equal(cohort.weeks[0], simulate(1, 8).weeks[0])


def test_a_week_does_not_depend_on_how_many_people_follow(cohort):
    few = simulate(7, 7)
    assert np.array_equal(few.weeks, cohort.weeks[:7])
    assert np.array_equal(few.evidence["late_wake"], cohort.evidence["late_wake"][:7])
    assert few.participants == cohort.participants[:7]


def test_people_differ_from_one_another(cohort):
    assert len({week.tobytes() for week in cohort.weeks}) == 60


def test_counts_are_whole_finite_and_in_the_range_of_a_device(cohort):
    assert cohort.weeks.dtype == np.float32
    assert cohort.weeks.shape == (60, 10080)
    assert np.array_equal(cohort.weeks, np.rint(cohort.weeks))
    assert cohort.weeks.min() == 0
    assert 2000 < cohort.weeks.max() <= 6000


def test_days_are_lively_and_nights_quiet_as_on_a_wrist(cohort):
    hours = cohort.weeks.reshape(60, 7, 24, 60)
    assert 150 < cohort.weeks.mean() < 400
    assert hours[:, :, 10:21].mean() > 6 * hours[:, :, 2:5].mean()
    assert (hours[:, :, 2:5] == 0).mean() > 0.6
    assert (hours[:, :, 12:20] == 0).mean() < 0.2
    assert 0.2 < (cohort.weeks == 0).mean() < 0.5


def test_neighbouring_minutes_go_together_and_less_so_an_hour_apart():
    weeks = simulate(10, 1, "none").weeks
    near = np.median([np.corrcoef(week[:-1], week[1:])[0, 1] for week in weeks])
    far = np.median([np.corrcoef(week[:-60], week[60:])[0, 1] for week in weeks])
    assert 0.65 < near < 0.9
    assert 0.05 < far < 0.4


def test_weekend_mornings_begin_later():
    weeks = simulate(60, 2, "none", distractors=False).weeks.reshape(60, 7, 1440)
    assert weeks[:, 5:, 420:540].mean() < 0.75 * weeks[:, :5, 420:540].mean()


def test_evidence_belongs_to_carriers_alone(cohort):
    shown = cohort.evidence["late_wake"].any(axis=1)
    assert np.array_equal(shown, cohort.traits["late_wake"])
    assert np.array_equal(cohort.positive, cohort.traits["late_wake"])


def test_carriers_of_the_label_differ_in_the_morning_and_the_mean_week_shows_it(cohort):
    morning = cohort.weeks.reshape(60, 7, 1440)[:, :, 420:660].mean(axis=(1, 2))
    assert morning[cohort.positive].mean() < 0.75 * morning[~cohort.positive].mean()


@pytest.mark.parametrize("label", [*TRAITS, "late_wake+night_activity"])
def test_every_label_can_be_simulated(label):
    made = simulate(4, 0, label)
    assert made.label == label
    assert set(made.traits) == set(made.evidence) == set(label.split("+"))


def test_a_label_without_signal_is_unrelated_to_the_weeks():
    cohort = simulate(300, 4, "none", 0.5)
    assert cohort.traits == {} and cohort.evidence == {}
    hourly = cohort.weeks.reshape(300, 7, 24, 60).mean(axis=(1, 3))
    related = [np.corrcoef(hourly[:, hour], cohort.positive)[0, 1] for hour in range(24)]
    assert np.max(np.abs(related)) < 0.2


def test_distractors_are_unrelated_to_the_label():
    cohort = simulate(300, 4, "late_wake", 0.5)
    assert set(cohort.distractors) == set(DISTRACTORS)
    for carried in cohort.distractors.values():
        assert 0.03 < carried.mean() < 0.4
        assert abs(np.corrcoef(carried, cohort.positive)[0, 1]) < 0.2


def test_distractors_change_their_carriers_alone(cohort):
    plain = simulate(60, 7, distractors=False)
    assert not any(carried.any() for carried in plain.distractors.values())
    changed = (plain.weeks != cohort.weeks).any(axis=1)
    carriers = np.any(list(cohort.distractors.values()), axis=0)
    assert not changed[~carriers].any()
    assert changed[carriers].mean() > 0.9


def test_a_day_without_the_device_is_a_day_of_zeros(cohort):
    carriers = cohort.distractors["nonwear_day"]
    assert carriers.any()
    empty = (cohort.weeks.reshape(60, 7, 1440) == 0).all(axis=2)
    assert np.array_equal(empty.any(axis=1), carriers)


def test_names_start_and_length(cohort):
    assert cohort.participants[0] == "sim-0001" and cohort.participants[-1] == "sim-0060"
    assert cohort.start == START and START.weekday() == 0 and START.hour == 0
    assert simulate(2, 0, days=9).weeks.shape == (2, 9 * 1440)


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 0},
        {"seed": -1},
        {"prevalence": 0.0},
        {"prevalence": 1.0},
        {"prevalence": float("nan")},
        {"days": 0},
        {"label": "unknown"},
        {"strength": 0.0},
        {"length": 3.0},
    ],
)
def test_arguments_out_of_range_are_refused_in_a_sentence(wrong):
    with pytest.raises(PatError, match=r"\.$"):
        simulate(**{"people": 2, "seed": 0, **wrong})
