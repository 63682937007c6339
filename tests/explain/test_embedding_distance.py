import numpy as np
import pytest
import torch
from sklearn.covariance import ledoit_wolf

from pat_core.errors import ExplanationError
from pat_core.explain.embedding_distance import FAR, MOST_PEOPLE, distance, fit_reference, pooled
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded


def people(n: int, width: int = 6, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return draw.normal(size=(n, width)) @ draw.normal(size=(width, width)) + draw.normal(size=width)


def test_the_distance_is_mahalanobis_with_the_shrunk_covariance():
    rows, point = people(60), np.arange(6.0)
    covariance, _ = ledoit_wolf(rows)
    offset = point - rows.mean(axis=0)
    expected = np.sqrt(offset @ np.linalg.inv(covariance) @ offset)
    np.testing.assert_allclose(distance(fit_reference(rows, "them"), point), [expected], rtol=1e-9)


def test_the_middle_of_the_reference_people_is_at_distance_zero():
    rows = people(40)
    np.testing.assert_allclose(distance(fit_reference(rows, "them"), rows.mean(axis=0)), [0.0], atol=1e-6)


@pytest.mark.parametrize("n", [20, 60])
def test_each_persons_own_distance_is_from_the_others_alone(n):
    rows = people(n)
    _, shrinkage = ledoit_wolf(rows)
    expected = []
    for left in range(n):
        others = np.delete(rows, left, axis=0)
        spread = np.cov(others, rowvar=False, bias=True)
        shrunk = (1 - shrinkage) * spread + shrinkage * np.trace(spread) / 6 * np.eye(6)
        offset = rows[left] - others.mean(axis=0)
        expected.append(np.sqrt(offset @ np.linalg.inv(shrunk) @ offset))
    np.testing.assert_allclose(fit_reference(rows, "them").distances, np.sort(expected), rtol=1e-9)


def test_nobody_is_near_merely_by_being_among_the_reference():
    rows = people(30)
    reference = fit_reference(rows, "them")
    assert (reference.distances > np.sort(distance(reference, rows))).all()


def test_fresh_draws_of_the_same_people_are_called_far_about_as_often_as_the_limit_says():
    rows = people(800, width=8)
    reference = fit_reference(rows[:400], "them")
    far = np.mean([reference.is_far(one) for one in distance(reference, rows[400:])])
    assert abs(far - (1 - FAR)) < 0.03


def test_somebody_far_outside_is_farther_than_all_and_is_said_to_be():
    rows = people(50)
    reference = fit_reference(rows, "the 50 people here")
    beyond = distance(reference, rows.mean(axis=0) + 100)[0]
    assert reference.share_nearer(beyond) == 1.0 and reference.is_far(beyond)
    assert "more unusual than 100 % of the 50 people here: it is unlike them" in reference.words(beyond)
    assert reference.words(beyond, "3-day window").startswith("To the model this 3-day window is more unusual than")
    near = distance(reference, rows.mean(axis=0))[0]
    assert reference.share_nearer(near) == 0.0 and "unlike" not in reference.words(near)


def test_a_tie_does_not_count_as_nearer():
    reference = fit_reference(people(20), "them")
    assert reference.share_nearer(reference.distances[5]) == 5 / 20


def test_more_people_than_dimensions_are_not_needed():
    assert np.isfinite(distance(fit_reference(people(20, width=96), "them"), np.zeros(96))).all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (np.zeros((19, 6)) + np.arange(6), "at least 20 people; got 19"),
        (np.zeros(96), r"got an array of shape \(96,\)"),
        (np.ones((30, 6)), "do not differ"),
        (np.full((30, 6), np.nan), "not numbers"),
    ],
)
def test_what_gives_no_distance_is_refused_in_a_sentence(rows, words):
    with pytest.raises(ExplanationError, match=words):
        fit_reference(rows, "them")


def test_of_very_many_people_the_same_ones_are_drawn_every_time():
    rows = people(MOST_PEOPLE + 50)
    one, two = fit_reference(rows, "them"), fit_reference(rows, "them")
    assert one.people == MOST_PEOPLE == len(one.distances)
    np.testing.assert_array_equal(one.distances, two.distances)


def test_embeddings_are_what_the_head_reads_and_do_not_depend_on_who_is_beside():
    network = seeded(lambda: Classifier(PatConfig("custom", patch=18, heads=2, blocks=2)), 0).eval()
    weeks = np.random.default_rng(0).normal(size=(11, 360)).astype(np.float32)
    made = pooled(network, weeks)
    assert made.shape == (11, 96)
    np.testing.assert_allclose(made[9:10], pooled(network, weeks[9]), atol=1e-5)
    with torch.no_grad():
        np.testing.assert_allclose(network.head(torch.from_numpy(made)).numpy(), network(torch.from_numpy(weeks)).numpy(), atol=1e-5)
