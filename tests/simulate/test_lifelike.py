"""Lifelike people: drawn from a seed, on the wrist or the hip, with traits whose truth is known."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.simulate import simulate_lifelike
from pat_core.simulate.compose import compose
from pat_core.simulate.lifelike import HIP, POPULATIONS, WRIST, draw_lifelike
from pat_core.simulate.person import cover
from pat_core.simulate.traits import TRAITS


@pytest.fixture(scope="module", params=list(POPULATIONS))
def cohort(request):
    return request.param, simulate_lifelike(40, 5, request.param)


def test_the_same_seed_gives_the_same_people_whoever_follows(cohort):
    worn, people = cohort
    again = simulate_lifelike(3, 5, worn)
    assert np.array_equal(again.weeks, people.weeks[:3])
    assert not np.array_equal(again.weeks[0], simulate_lifelike(1, 6, worn).weeks[0])
    assert len({week.tobytes() for week in people.weeks}) == 40


def test_counts_are_whole_and_within_the_range_of_the_device(cohort):
    worn, people = cohort
    assert people.weeks.dtype == np.float32 and people.weeks.shape == (40, 10080)
    assert np.array_equal(people.weeks, np.rint(people.weeks))
    assert people.weeks.min() == 0 and 2000 < people.weeks.max() <= draw_lifelike(0, 0, POPULATIONS[worn]).most_counts


def test_nobody_carries_anything_unless_it_is_asked_for(cohort):
    _, people = cohort
    assert people.traits == {} and people.evidence == {} and not any(carried.any() for carried in people.distractors.values())


def test_the_hip_is_bare_at_night_and_the_wrist_is_not():
    nights = {worn: simulate_lifelike(40, 5, worn).weeks.reshape(40, 7, 24, 60)[:, :, 2:5] for worn in POPULATIONS}
    empty = {worn: float((of == 0).all(axis=(2, 3)).mean()) for worn, of in nights.items()}
    assert empty["hip"] > 0.7 and empty["wrist"] < 0.1
    assert (nights["wrist"] == 0).mean() > 0.5


@pytest.mark.parametrize("population", [WRIST, HIP], ids=["wrist", "hip"])
@pytest.mark.parametrize("trait", TRAITS)
def test_a_planted_trait_shows_where_its_evidence_is_and_nowhere_else(population, trait):
    shown = 0
    for number in range(6):
        person = draw_lifelike(11, number, population)
        without, (week, evidence) = compose(person, [], False)[0], compose(person, [trait], False)
        mask = evidence[trait]
        assert not mask[person.off].any()
        if trait != "delayed_phase":  # which moves what lies between too
            assert np.array_equal(without[~mask], week[~mask])
        shown += int((without != week)[mask].sum())
    assert shown > 0 or (population is HIP and trait in ("night_activity", "fragmented_nights")), "a bare hip shows no night"


def test_layers_go_on_through_sleep_and_waking_and_sleep_is_the_quieter():
    for population in (WRIST, HIP):
        person = draw_lifelike(3, 1, population)
        asleep = cover(person.onsets, person.wakes, person.awake.size)
        assert person.awake.shape == person.asleep.shape == asleep.shape == person.off.shape == (10080,)
        assert 0.2 < asleep.mean() < 0.5 and person.asleep.mean() < 0.3 * person.awake.mean()


def test_a_place_where_nothing_is_worn_is_refused_in_a_sentence():
    with pytest.raises(PatError, match=r"wrist or the hip; got 'ankle'.*\.$"):
        simulate_lifelike(2, 0, "ankle")
