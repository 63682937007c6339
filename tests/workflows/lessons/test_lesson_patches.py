"""Lesson 2: counts in closed form, tokens that are turned back into minutes, and the claims of the screens."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core import settings
from pat_core.workflows.lessons import lesson_patches as patches
from pat_core.workflows.lessons.lesson_people import FIRST, lesson_people


def test_tokens_and_comparisons_are_those_of_the_paper_s_sizes():
    assert (patches.tokens(18), patches.tokens(9), patches.tokens(5)) == (560, 1120, 2016)
    assert patches.pairs(9) == 4 * patches.pairs(18) == 1120**2 and patches.pairs(1) == 10080**2
    assert all(10080 % patch == 0 for patch in patches.PATCHES)


def test_means_keep_all_of_what_lasts_a_patch_and_nothing_of_what_turns_within_it():
    blocks = np.repeat(np.arange(560.0), 18)
    assert patches.as_means(blocks, 18).kept == pytest.approx(1.0) and patches.as_means(blocks, 9).kept == pytest.approx(1.0)
    assert patches.as_means(np.tile([1.0, -1.0], 5040), 18).kept == pytest.approx(0.0)


def test_longer_patches_lose_more_and_the_answer_is_the_one_shown():
    counts = lesson_people().people[FIRST].counts
    kept = [patches.as_means(counts, patch).kept for patch in patches.PATCHES]
    assert kept == sorted(kept, reverse=True) and kept[patches.PATCHES.index(18)] > 0.6 and abs(kept[-1] - 0.5) < abs(kept[-3] - 0.5)


def test_eighteen_numbers_of_a_token_give_its_minutes_back_and_fewer_do_not():
    errors = {numbers: patches.restored(numbers).error for numbers in (4, 17, 18, 96)}
    assert errors[4] > 0.5 and errors[17] > 0.5 and errors[18] < 1e-3 and errors[96] < 1e-6
    assert patches.restored(4).explained < patches.restored(17).explained < patches.restored(18).explained == pytest.approx(1.0)


def test_the_matrix_is_that_of_the_bundled_encoder():
    from pat_core.weights import load

    network = load(settings.ASSETS / "models" / f"{patches.ENCODER}.safetensors").network
    weight, bias = patches.embedding()
    np.testing.assert_array_equal(weight, network.encoder.patches.projection.weight.detach().numpy())
    np.testing.assert_array_equal(bias, network.encoder.patches.projection.bias.detach().numpy())


@pytest.mark.parametrize(("later", "shared"), [(0, 560), (9, 0), (17, 0), (18, 559), (36, 558)])
def test_borders_that_moved_share_tokens_only_by_whole_patches(later, shared):
    assert patches.shared_tokens(later) == shared


def test_a_bout_is_shared_out_among_tokens_without_loss():
    assert patches.shared_out(40, 12, 0) == {2: 12} and patches.shared_out(40, 12, 9) == {1: 5, 2: 7}
    assert all(sum(patches.shared_out(40, 12, shift).values()) == 12 for shift in range(18))
