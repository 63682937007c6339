import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.methods.integrated_gradients import integrated_gradients
from pat_core.explain.windows import two_evidence
from pat_core.records import Attribution
from tests.lively import lively


def made_of(values, **settings) -> Attribution:
    return Attribution("integrated_gradients", "attribution", np.asarray(values, np.float32), 18, settings=settings)


def test_what_lies_above_the_mean_is_presence_and_what_does_not_is_absence():
    both = two_evidence(made_of([0.5, -0.2, 0.3, np.nan]), np.float32([1.0, -1.0, 0.0, 2.0]))
    np.testing.assert_array_equal(both.presence, np.float32([0.5, 0, 0, np.nan]))
    np.testing.assert_array_equal(both.absence, np.float32([0, -0.2, 0.3, np.nan]))
    assert both.presence_logits == pytest.approx(0.5) and both.absence_logits == pytest.approx(0.1)


def test_the_two_parts_add_up_to_the_map_and_to_delta_with_its_gap():
    z = np.random.default_rng(0).normal(size=18 * 30 + 5).astype(np.float32)
    made = integrated_gradients(lively(), z)
    both = two_evidence(made, z)
    np.testing.assert_array_equal(both.presence + both.absence, made.values)
    assert both.presence_logits + both.absence_logits == pytest.approx(made.delta + made.completeness_gap, abs=1e-6)
    assert both.presence_logits != 0 and both.absence_logits != 0


def test_the_words_say_the_direction_of_each_without_a_minus():
    both = two_evidence(made_of([1.2, -0.3]), np.float32([1, -1]))
    assert both.words == (
        "Activity that was there raised the score by 1.2 logits on balance; "
        "activity that was missing lowered the score by 0.3 logits on balance."
    )
    assert "left the score as it was" in two_evidence(made_of([1.2, 0.0]), np.float32([1, -1])).words


def test_where_the_sign_of_z_says_nothing_the_map_is_refused():
    z = np.float32([1, -1])
    with pytest.raises(ExplanationError, match="non-wear"):
        two_evidence(made_of([1, 1], baseline="non-wear"), z)
    with pytest.raises(ExplanationError, match="own day"):
        two_evidence(made_of([1, 1], replacement="own day"), z)
    with pytest.raises(ExplanationError, match="each minute"):
        two_evidence(Attribution("rollout", "attention", np.ones(2, np.float32), 18), z)
    with pytest.raises(ExplanationError, match="each minute"):
        two_evidence(Attribution("occlusion_hour", "attribution", np.ones(2, np.float32), 18, resolution=60), z)
    with pytest.raises(ExplanationError, match="not of the same week"):
        two_evidence(made_of([1, 1, 1]), z)
