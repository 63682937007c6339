"""Columns of few different texts: kept once each, in the order in which they appear, and given back as they were."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pat_core.recordings.source import Source
from pat_core.recordings.tables import csv_table
from pat_core.recordings.tables.coded_text import Pieces, coded, pairs

CELLS = st.lists(st.one_of(st.none(), st.sampled_from(["a", " a", "b", "", "007", "7"])), max_size=40)


def source(content: str) -> Source:
    return Source("two.csv", "two.csv", len(content), lambda: io.BytesIO(content.encode()))


def back(cells) -> list:
    return [None if code < 0 else cells.texts.iloc[code] for code in cells.codes]


def stripped(cells: list) -> list:
    return [None if cell is None else cell.strip() for cell in cells]


@given(CELLS)
@pytest.mark.parametrize("kind", ["str", "category"])
def test_each_row_has_its_text_again_and_texts_stand_in_the_order_of_their_first_rows(kind, cells):
    made = coded(pd.Series(cells, dtype="str").astype(kind))
    assert back(made) == stripped(cells)
    written = [cell for cell in stripped(cells) if cell is not None]
    assert made.texts.tolist() == list(dict.fromkeys(written))
    assert made.first_rows().tolist() == [stripped(cells).index(text) for text in made.texts]
    assert made.counts().tolist() == [written.count(text) for text in made.texts]


@given(st.lists(st.tuples(st.sampled_from([None, "a", " a", "b"]), st.sampled_from([None, "x", "y"])), max_size=40))
def test_a_pair_stands_where_both_are_written(rows):
    first, second = (pd.Series([row[i] for row in rows], dtype="str") for i in (0, 1))
    expected = [None if a is None or b is None else f"{a.strip()} {b}" for a, b in rows]
    assert back(pairs(coded(first), coded(second))) == expected


@given(st.lists(CELLS.filter(len), min_size=1, max_size=80))
def test_a_column_in_pieces_is_the_column_in_one(pieces):
    column = Pieces()
    for piece in pieces:
        column.add(pd.Series(piece, dtype="str"))
    whole = column.whole()
    assert [None if pd.isna(cell) else cell for cell in whole] == [cell for piece in pieces for cell in piece]


def test_numbers_stay_numbers_and_become_text_where_another_piece_holds_text():
    numbers, mixed = Pieces(), Pieces()
    for piece in ([1, 2], [3.5, np.nan]):
        numbers.add(pd.Series(piece))
        mixed.add(pd.Series(piece))
    mixed.add(pd.Series(["off"], dtype="str"))
    assert numbers.whole().tolist()[:3] == [1, 2, 3.5]
    assert mixed.whole().dropna().tolist() == ["1", "2", "3.5", "off"]


def test_a_table_read_in_blocks_is_the_table_read_at_once_and_sentences_name_the_line_of_the_file(monkeypatch):
    stamps = pd.date_range("2024-03-14", periods=500, freq="min").strftime("%d/%m/%Y %H:%M")
    rows = [f"{who},{stamp},{value}" for who in ("007", "012") for value, stamp in enumerate(stamps)]
    table = "\n".join(["id,timestamp,activity", *rows]) + "\n"
    monkeypatch.setattr(csv_table, "ROWS_AT_ONCE", 64)
    reading = csv_table.read(source(table), None)
    assert [made.participant for made in reading.recordings] == ["007", "012"] and not reading.refused
    assert all(made.values.tolist() == list(range(500)) for made in reading.recordings)
    rows[700] = rows[700].replace(",200", ",lost")
    broken = csv_table.read(source("\n".join(["id,timestamp,activity", *rows])), None)
    assert [made.participant for made in broken.recordings] == ["007"] and "line 702" in broken.refused[0].reason
