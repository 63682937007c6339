"""The query-by-key map and the heads over the week."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import ExplanationError
from pat_core.explain.matrix_record import AttentionMatrix
from pat_core.figures import attention_matrix, heads_grid
from pat_core.figures.palette import DARK, LIGHT
from tests.figures.made import MINUTES, week

PATCHES, PATCH = MINUTES // 18, 18
START = datetime(2025, 5, 7, 15, 37)


def made(cells: int = 140, width: int = 4, head: int | None = 2) -> AttentionMatrix:
    values = np.random.default_rng(0).gamma(2, 0.5, (cells, cells)).astype(np.float32)
    return AttentionMatrix(values, 1, head, width, PATCHES, PATCH, 12, 2)


def received(blocks: int = 2, heads: int = 3) -> np.ndarray:
    return np.random.default_rng(1).gamma(4, 0.25, (blocks, heads, PATCHES)).astype(np.float32)


def minutes(x: list) -> np.ndarray:
    """Axis places as minutes from the start."""
    if isinstance(x[0], str):
        return (np.array(x, "datetime64[m]") - np.datetime64(START, "m")).astype(int)
    return np.rint(np.asarray(x, float) * 60).astype(int)


@pytest.mark.parametrize("start", [START, None])
def test_cells_of_the_map_are_whole_patches_in_time_on_both_axes(start):
    figure, _ = attention_matrix(made(), week(start))
    (drawn,) = figure.data
    assert np.all(np.diff(minutes(list(drawn.x))) == 4 * PATCH) and list(drawn.x) == list(drawn.y)
    assert minutes(list(drawn.x))[[0, -1]].tolist() == [0, MINUTES] and drawn.zsmooth is False
    assert np.array_equal(drawn.z, made().values)


def test_the_last_cell_of_the_map_ends_where_the_patches_end():
    figure, _ = attention_matrix(made(187, 3), week())  # 187 cells of 3 patches are one more than 560
    ends = minutes(list(figure.data[0].x))
    assert ends[-1] == MINUTES and ends[-1] - ends[-2] == 2 * PATCH


def test_queries_run_down_keys_across_and_a_cell_is_square():
    figure, _ = attention_matrix(made(), week())
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1] and figure.layout.xaxis.range[0] < figure.layout.xaxis.range[1]
    assert figure.layout.yaxis.scaleanchor == "x"
    assert "query" in figure.layout.yaxis.title.text and "key" in figure.layout.xaxis.title.text


@pytest.mark.parametrize("theme, colours", [("light", LIGHT), ("dark", DARK)])
def test_colours_of_map_and_heads_start_at_zero_on_the_background_with_the_uniform_level_marked(theme, colours):
    for figure in (attention_matrix(made(), week(), theme=theme)[0], heads_grid(received(), week(), PATCH, theme=theme)[0]):
        drawn = figure.data[0]
        assert drawn.zmin == 0 and drawn.zmax >= 2 and drawn.colorscale[0][1] == colours.background
        assert drawn.colorbar.tickvals[1] == 1 and "uniform" in drawn.colorbar.ticktext[1]


def test_an_unknown_start_shows_no_clock_and_no_weekday():
    for figure, caption in (attention_matrix(made(), week(None)), heads_grid(received(), week(None), PATCH)):
        text = figure.to_json() + caption
        assert not re.search(r"\b\d{1,2}:\d\d\b", text) and not re.search(r"%a|%H", text)
        assert not re.search(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", text)
        assert "no clock" in caption


def test_an_unknown_date_shows_weekdays_but_no_date():
    for figure in (attention_matrix(made(), week(date_known=False))[0], heads_grid(received(), week(date_known=False), PATCH)[0]):
        assert "%a" in figure.to_json() and "%b" not in figure.to_json()


def test_a_head_is_a_row_with_one_value_a_patch_and_blocks_stand_apart():
    values = received(2, 3)
    figure, caption = heads_grid(values, week(), PATCH)
    drawn = figure.data[0]
    assert np.all(np.diff(minutes(list(drawn.x))) == PATCH) and drawn.zsmooth is False
    rows = np.asarray(drawn.z, float)
    kept = rows[np.isfinite(rows).any(axis=1)]
    assert np.array_equal(kept, values.reshape(6, -1).astype(float)) and len(rows) == 7
    assert list(figure.layout.yaxis.ticktext)[:4] == ["Block 1, head 1", "Block 1, head 2", "Block 1, head 3", "Block 2, head 1"]
    assert drawn.customdata[0][0] == "Block 1, head 1" and drawn.customdata[4][0] == "Block 2, head 1"
    block, head, patch = np.unravel_index(values.argmax(), values.shape)
    assert f"block {block + 1}, head {head + 1}" in caption


def test_the_caption_says_which_head_or_that_it_is_the_mean():
    assert "block 2 of 2, head 3 of 12" in attention_matrix(made(), week())[1]
    assert "mean of 12 heads" in attention_matrix(made(head=None), week())[1]
    assert "4 by 4 patches of 18 minutes" in attention_matrix(made(), week())[1]


def test_a_map_of_another_week_is_refused_in_a_sentence():
    short = replace(week(), values=week().values[:1440])
    with pytest.raises(ExplanationError, match="1440 minutes"):
        attention_matrix(made(), short)
    with pytest.raises(ExplanationError, match="1440 minutes"):
        heads_grid(received(), short, PATCH)
