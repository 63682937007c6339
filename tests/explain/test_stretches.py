import numpy as np

from pat_core.explain.windows import by_patch, sums
from pat_core.records import Attribution

VALUES = np.array([1.0, 2, 3, np.nan, np.nan, np.nan, 7])


def test_a_stretch_that_lacks_a_minute_has_no_sum_and_one_that_is_cut_short_is_left_out():
    np.testing.assert_array_equal(sums(VALUES, 2), [3.0, np.nan, np.nan])
    np.testing.assert_array_equal(sums(VALUES, 7), [np.nan])
    assert sums(VALUES, 8).size == 0


def test_partly_covered_stretches_have_the_sum_of_their_minutes_and_those_that_no_patch_covers_are_left_out():
    np.testing.assert_array_equal(sums(VALUES, 2, partly=True), [3.0, 3.0])
    np.testing.assert_array_equal(sums(VALUES, 3, partly=True), [6.0])


def test_a_map_by_patch_keeps_its_sign_and_is_summed_in_double_precision():
    made = Attribution("made", "attribution", np.array([2.0**24, 1, 1, -5, 2, 0, np.nan], np.float32), 3)
    np.testing.assert_array_equal(by_patch(made), [2.0**24 + 2, -3.0])
