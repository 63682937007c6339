import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation import evidence_share, localization


def test_a_map_that_is_the_evidence_finds_all_of_it():
    evidence = np.array([False, True, False, True])
    found = localization(evidence.astype(float), evidence.astype(float))
    assert (found.auprc, found.auroc, found.chance) == (1.0, 1.0, 0.5)


def test_a_map_that_is_the_opposite_finds_none_of_it():
    evidence = np.array([True] + [False] * 9)
    found = localization(-evidence.astype(float), evidence)
    assert found.auroc == 0.0 and found.auprc == pytest.approx(0.1)


def test_a_flat_map_is_at_chance():
    evidence = np.arange(100) < 25
    found = localization(np.ones(100), evidence)
    assert found.auroc == 0.5 and found.auprc == found.chance == 0.25


def test_the_share_of_each_whole_patch_that_is_evidence():
    mask = np.zeros(40, bool)
    mask[9:18] = True
    np.testing.assert_array_equal(evidence_share(mask, 18), [0.5, 0.0])


def test_half_a_patch_is_evidence_and_less_of_it_is_none_or_left_out():
    share, strength = np.array([0.0, 0.5, 0.4, 0.0]), np.array([0.1, 0.8, 0.9, 0.2])
    strict, kind = localization(strength, share), localization(strength, share, edges=False)
    assert (strict.auprc, strict.chance) == (0.5, 0.25)
    assert (kind.auprc, kind.chance) == (1.0, pytest.approx(1 / 3))


def test_scattered_evidence_counts_from_its_first_minute():
    share = np.array([0.1, 0.0, 0.2])
    assert localization(np.array([2.0, 1.0, 3.0]), share) is None
    assert localization(np.array([2.0, 1.0, 3.0]), share, least=1e-9).auprc == 1.0


def test_a_week_without_evidence_cannot_be_scored():
    assert localization(np.arange(4.0), np.zeros(4, bool)) is None


def test_a_map_with_holes_or_another_length_is_refused():
    with pytest.raises(PatError, match="without a value"):
        localization(np.array([1.0, np.nan]), np.array([True, False]))
    with pytest.raises(PatError, match="each of 2 patches"):
        localization(np.ones(3), np.array([True, False]))
