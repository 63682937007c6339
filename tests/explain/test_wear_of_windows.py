"""What of a window and of a map lies on minutes that were worn, not worn and missing."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.windows import wear_mass, wear_words
from pat_core.records import Attribution

VALUES, OFF = np.ones(100), np.arange(100) < 30
VALUES[80:90] = np.nan
BY_HAND = np.arange(100) >= 85


@pytest.mark.parametrize(
    ("first", "end", "said"),
    [
        (30, 80, ""),
        (0, 30, "all of it not worn"),
        (20, 40, "10 of 20 min not worn"),
        (80, 85, "all of it without a value"),
        (25, 90, "5 of 65 min not worn; 5 of 65 min without a value; 5 of 65 min left out by hand"),
    ],
)
def test_a_window_says_which_of_its_minutes_tell_nothing_of_a_person(first, end, said):
    assert wear_words(first, end, VALUES, OFF, BY_HAND) == said


def test_a_map_is_shared_out_among_worn_not_worn_and_missing():
    made = Attribution("integrated_gradients", "attribution", np.where(OFF, -2.0, 1.0).astype(np.float32), 10)
    mass = wear_mass(made, VALUES, OFF)
    assert (mass.not_worn, mass.worn, mass.missing) == pytest.approx((60 / 130, 60 / 130, 10 / 130))
    assert (mass.not_worn_minutes, mass.worn_minutes, mass.missing_minutes) == pytest.approx((0.3, 0.6, 0.1))
    assert np.isnan(wear_mass(Attribution("rollout", "attention", np.zeros(100, np.float32), 10), VALUES, OFF).worn)
    with pytest.raises(ExplanationError, match="100 minutes"):
        wear_mass(made, VALUES[:50], OFF)
