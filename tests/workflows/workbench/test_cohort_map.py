"""The map of a cohort: places that are the principal components', people who have one, and what a picture says of those without a value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pat_core.errors import ExplanationError
from pat_core.figures.people.people_map import MOST_SVG, VALUES, PointColour, map_config, people_map
from pat_core.workflows.explanations.cohort_embeddings import cohort_embeddings
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.people.demo import COHORT
from pat_core.workflows.workbench.cohort_map import cohort_map, principal_components, umap_installed


@given(st.integers(0, 2**32 - 1), st.integers(4, 40), st.integers(2, 12))
def test_components_hold_the_most_variance_and_keep_distances_where_two_are_all(seed, people, width):
    values = np.random.default_rng(seed).normal(size=(people, width)) * np.arange(1, width + 1)
    places, shares = principal_components(values)
    centred = values - values.mean(axis=0)
    assert shares[0] >= shares[1] >= 0 and sum(shares) <= 1 + 1e-9
    np.testing.assert_allclose((places**2).sum(axis=0), np.array(shares) * (centred**2).sum(), rtol=1e-8)
    assert (places[:, 0] ** 2).sum() >= (centred**2).sum(axis=0).max() - 1e-9, "no single number holds more"
    np.testing.assert_allclose(places, principal_components(values[:, ::-1])[0], atol=1e-6 * np.abs(places).max())
    if width == 2:
        gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)
        np.testing.assert_allclose(gaps, np.linalg.norm(values[:, None] - values[None], axis=-1), atol=1e-8)


def test_everyone_with_a_fit_first_window_has_the_place_that_their_embedding_gives_them(demo, model):
    placed, read = cohort_map(demo, model, COHORT), cohort_embeddings(demo, model, COHORT)
    assert placed is not None and placed.participants == tuple(row.participant for row in read.rows) and placed.without == 0
    np.testing.assert_allclose(placed.places, principal_components(read.values.astype(float))[0])
    assert f"{100 * sum(placed.shares):.0f} % of the variance of the model's {placed.width} numbers" in placed.words and placed.trained
    random = cohort_map(demo, resolve(demo, "random-small"), COHORT)
    assert random is not None and not random.trained


def test_what_was_not_read_yet_is_not_read_where_only_kept_is_asked_for(trained, model):
    assert cohort_map(trained[0], model, "people", "cohort_day", only_kept=True) is None


def test_umap_is_an_extra_that_is_missed_in_a_sentence_or_gives_the_same_places_again(demo, model):
    if not umap_installed():
        with pytest.raises(ExplanationError, match=r"pip install 'pat-explorer\[umap\]'"):
            cohort_map(demo, model, COHORT, None, "umap")
        return
    first = cohort_map(demo, model, COHORT, None, "umap")
    assert first is not None and first.places.shape == (40, 2) and "means nothing" in first.words


def test_points_carry_who_they_are_and_whoever_has_no_value_is_named_so():
    names, places = [f"<p{n}>" for n in range(30)], np.random.default_rng(0).normal(size=(30, 2))
    texts = np.array([f"v{n % 10}" for n in range(29)] + [""])
    figure, caption = people_map(names, places, PointColour("site", texts, list(texts)), ("one", "two"))
    assert sorted(name for trace in figure.data for name in trace.customdata) == sorted(names) and len(figure.data) == len(VALUES) + 2
    assert "no value (1)" in caption and "other values (5)" in caption and "&lt;p0&gt;" in figure.data[0].text[0]
    ages = np.append(np.arange(29.0), np.nan)
    figure, caption = people_map(names, places, PointColour("age", ages, [f"{age:.0f}" for age in ages]), ("", ""), theme="dark")
    assert caption == "A point a person, coloured by age, from 0 (dark) to 28 (bright). 1 people have no value."
    assert figure.data[0].marker.colorbar.title.text == "age" and figure.data[1].customdata == ("<p29>",)
    many = [str(n) for n in range(MOST_SVG + 1)]
    figure, _ = people_map(many, np.zeros((len(many), 2)), PointColour("x", np.array(["a"] * len(many)), many), ("", ""))
    assert figure.data[0].type == "scattergl" and "lasso2d" not in map_config()["modeBarButtonsToRemove"]
