"""Every trait against the same person's week without it."""

import numpy as np
import pytest

from pat_core.simulate.compose import compose
from pat_core.simulate.person import cover, draw_person
from pat_core.simulate.traits import TRAITS

PEOPLE = [draw_person(11, number) for number in range(12)]
WINDOWED = ("late_wake", "night_activity", "fragmented_nights", "low_amplitude")


def pair(person, trait, distractors=True):
    without, nothing = compose(person, [], distractors)
    assert nothing == {}
    week, evidence = compose(person, [trait], distractors)
    return without, week, evidence[trait]


def clock_mean(values, first_hour, last_hour):
    return values.reshape(-1, 1440)[:, first_hour * 60 : last_hour * 60].mean()


def test_cover_marks_half_open_intervals_and_ignores_what_lies_outside():
    assert cover(np.array([-3, 2, 3, 9]), np.array([1, 4, 5, 20]), 8).tolist() == [True, False, True, True, True, False, False, False]


@pytest.mark.parametrize("trait", WINDOWED)
def test_outside_the_evidence_nothing_differs_from_the_week_without_the_trait(trait):
    for person in PEOPLE:
        without, week, mask = pair(person, trait)
        assert np.array_equal(without[~mask], week[~mask])


@pytest.mark.parametrize("trait", TRAITS)
def test_within_the_evidence_most_minutes_differ_from_the_week_without_the_trait(trait):
    for person in PEOPLE:
        without, week, mask = pair(person, trait)
        assert mask.any()
        assert (without != week)[mask].mean() > 0.8


@pytest.mark.parametrize("trait", TRAITS)
def test_minutes_off_the_wrist_are_zero_and_never_evidence(trait):
    for person in PEOPLE:
        _, week, mask = pair(person, trait)
        assert not mask[person.off].any()
        assert not week[person.off].any()


def test_late_wake_takes_activity_away_and_only_between_the_usual_and_the_later_waking():
    for person in PEOPLE:
        without, week, mask = pair(person, "late_wake")
        assert week[mask].mean() < 0.3 * without[mask].mean()
        assert not (mask & cover(person.onsets, person.wakes, mask.size)).any()


def test_late_wake_lowers_the_morning_and_leaves_the_evening():
    without, week = (np.stack([compose(p, carried)[0] for p in PEOPLE]) for carried in ([], ["late_wake"]))
    assert clock_mean(week, 7, 11) < 0.7 * clock_mean(without, 7, 11)
    assert np.array_equal(week.reshape(-1, 1440)[:, 17 * 60 : 22 * 60], without.reshape(-1, 1440)[:, 17 * 60 : 22 * 60])


def test_night_activity_adds_bouts_of_a_walk_within_sleep():
    for person in PEOPLE:
        without, week, mask = pair(person, "night_activity")
        assert week[mask].mean() > without[mask].mean() + 200
        assert cover(person.onsets, person.wakes, mask.size)[mask].all()
        assert 0.008 < mask.mean() < 0.05


@pytest.mark.parametrize("length", [2.0, 2.5])
def test_longer_bouts_are_as_many_times_as_long_and_still_end_within_sleep(length):
    for person in PEOPLE:
        usual = compose(person, ["night_activity"], distractors=False)[1]["night_activity"]
        longer = compose(person, ["night_activity"], distractors=False, length=length)[1]["night_activity"]
        assert (longer[usual]).all(), "they begin where the usual ones do"
        assert 0.75 * length < longer.sum() / usual.sum() < 1.05 * length, "less where bouts of a night run into one another"
        assert cover(person.onsets, person.wakes, longer.size)[longer].all()


def test_low_amplitude_lowers_the_day_by_more_than_half_and_leaves_sleep():
    for person in PEOPLE:
        without, week, mask = pair(person, "low_amplitude")
        assert np.all(week[mask] < without[mask])
        assert 0.3 < week[mask].sum() / without[mask].sum() < 0.55
        assert not mask[cover(person.onsets, person.wakes, mask.size)].any()


def test_fragmented_nights_come_in_bursts_of_at_most_a_few_minutes():
    for person in PEOPLE:
        _, _, mask = pair(person, "fragmented_nights")
        edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
        lengths = edges[1::2] - edges[::2]
        assert lengths.max() <= 4
        assert len(lengths) > 7 * 10


def test_delayed_phase_moves_the_nights_by_two_and_a_half_to_four_hours():
    for person in PEOPLE:
        week, _ = compose(person, ["delayed_phase"], distractors=False)
        without, _ = compose(person, [], distractors=False)
        assert 150 <= person.planted.delay < 240
        days = [np.convolve(np.tile(values.reshape(7, 1440).mean(0), 2), np.ones(300), "valid")[:1440] for values in (without, week)]
        moved = (np.argmin(days[1]) - np.argmin(days[0])) % 1440
        assert 60 < moved < 330


def test_two_traits_together_show_both():
    person = PEOPLE[0]
    week, evidence = compose(person, ["late_wake", "night_activity"])
    for other, trait in (("late_wake", "night_activity"), ("night_activity", "late_wake")):
        without, _ = compose(person, [other])
        assert np.array_equal(week[~evidence[trait]], without[~evidence[trait]])
        assert (week != without)[evidence[trait]].mean() > 0.8
