"""Who is positive and who carries what."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.simulate.traits import TRAITS, assign, parse_label


@pytest.mark.parametrize("prevalence", [0.08, 0.4, 0.5, 0.93])
@pytest.mark.parametrize("people", [20, 100, 220])
def test_the_share_of_positives_is_the_prevalence_to_within_one_person(prevalence, people):
    assert abs(assign(people, 3, "none", prevalence).positive.sum() - prevalence * people) <= 1


def test_who_comes_first_keeps_their_role_when_more_people_are_drawn():
    few, many = assign(33, 5, "late_wake+night_activity", 0.4), assign(400, 5, "late_wake+night_activity", 0.4)
    assert np.array_equal(few.positive, many.positive[:33])
    for name in few.traits:
        assert np.array_equal(few.traits[name], many.traits[name][:33])


def test_positives_do_not_stand_in_the_same_places_for_another_seed():
    assert not np.array_equal(assign(60, 1, "none", 0.4).positive, assign(60, 2, "none", 0.4).positive)


def test_an_interaction_is_positive_only_where_both_traits_are_carried():
    roles = assign(600, 0, "late_wake+night_activity", 0.3)
    first, second = roles.traits["late_wake"], roles.traits["night_activity"]
    assert np.array_equal(roles.positive, first & second)
    negatives = ~roles.positive
    for group in (first & ~second, second & ~first, ~first & ~second):
        assert 0.25 < (group & negatives).sum() / negatives.sum() < 0.42


def test_without_a_signal_nothing_is_carried():
    assert assign(40, 0, "none", 0.4).traits == {}


@pytest.mark.parametrize("label", ["", "sleepy", "late_wake+late_wake", "late_wake+none", "late_wake+low_amplitude+delayed_phase"])
def test_a_label_that_does_not_exist_is_refused_with_the_names_that_do(label):
    with pytest.raises(PatError, match="late_wake"):
        parse_label(label)


def test_each_trait_has_a_sentence_of_its_own():
    assert len(set(TRAITS.values())) == len(TRAITS)
    assert all(text.endswith(".") and len(text) > 30 for text in TRAITS.values())
