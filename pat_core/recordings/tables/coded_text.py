"""Columns of text that say few different things in many rows: each text kept once, and read once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa


@dataclass(frozen=True)
class Coded:
    """codes: (rows,) int32, which of the texts, -1 where there is none.

    texts: (different,) stripped, in the order in which they first appear.
    """

    codes: np.ndarray
    texts: pd.Series

    def first_rows(self) -> np.ndarray:
        """(different,) the row in which each text first stands."""
        return _first_rows(self.codes, self.texts.size)

    def counts(self) -> np.ndarray:
        """(different,) in how many rows each text stands."""
        return np.bincount(self.codes[self.codes >= 0], minlength=self.texts.size)

    def spread(self, values: np.ndarray, nothing: object) -> np.ndarray:
        """(rows,) of (different,) values, `nothing` where a row has no text."""
        return np.append(values, np.asarray([nothing], values.dtype))[self.codes]


def coded(column: pd.Series) -> Coded:
    """A column of any type as its different texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, texts = column.cat.codes.to_numpy(), column.cat.categories.astype("str")
    else:
        codes, texts = pd.factorize(column.astype("str"))
    different, numbered = pd.factorize(pd.Index(texts).str.strip())
    return _in_order(np.append(different, -1).astype(np.int32)[codes], pd.Series(numbered, dtype="str"))


def pairs(first: Coded, second: Coded, separator: str = " ") -> Coded:
    """Two columns as one, a row's texts beside each other; nothing where either has none."""
    written = (first.codes >= 0) & (second.codes >= 0)
    width = max(second.texts.size, 1)
    pair_codes, different = pd.factorize(first.codes[written].astype(np.int64) * width + second.codes[written])
    codes = np.full(written.size, -1, np.int32)
    codes[written] = pair_codes
    left, right = np.divmod(different, width)
    return Coded(codes, first.texts.take(left).reset_index(drop=True) + separator + second.texts.take(right).reset_index(drop=True))


class Pieces:
    """A column that comes in pieces: numbers stay numbers, texts are kept once each; where some pieces hold text, all are text."""

    _AT_ONCE = 32

    def __init__(self) -> None:
        self._pieces: list[pd.Series | pa.DictionaryArray] = []

    def add(self, piece: pd.Series) -> None:
        """The next rows of the column."""
        self._pieces.append(_dictionary(piece) if pd.api.types.is_string_dtype(piece.dtype) else piece)
        if sum(isinstance(other, pa.DictionaryArray) for other in self._pieces) > self._AT_ONCE:
            self._pieces = [self._unified()]

    def whole(self) -> pd.Series:
        """All rows: numbers, or categories. The pieces are let go, for a large table would stand in memory twice."""
        if not any(isinstance(piece, pa.DictionaryArray) for piece in self._pieces):
            pieces, self._pieces = self._pieces, []
            return pd.concat(pieces, ignore_index=True)
        unified, self._pieces = self._unified(), []
        codes = unified.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        texts = unified.dictionary.to_pandas(types_mapper={pa.large_string(): pd.StringDtype(na_value=np.nan)}.get)
        return pd.Series(pd.Categorical.from_codes(codes, pd.Index(texts)))

    def _unified(self) -> pa.DictionaryArray:
        pieces = [piece if isinstance(piece, pa.DictionaryArray) else _dictionary(piece) for piece in self._pieces]
        return pa.chunked_array(pieces).unify_dictionaries().combine_chunks()


def _dictionary(piece: pd.Series) -> pa.DictionaryArray:
    return pa.array(piece.astype("str").array, pa.large_string()).dictionary_encode()


def _in_order(codes: np.ndarray, texts: pd.Series) -> Coded:
    """(rows,) codes and their texts, numbered anew by their first appearance; texts of no row are left out."""
    first = _first_rows(codes, texts.size)
    order = np.argsort(first, kind="stable")[: int((first < codes.size).sum())]
    rank = np.full(texts.size + 1, -1, np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    return Coded(rank[codes], texts.take(order).reset_index(drop=True))


def _first_rows(codes: np.ndarray, different: int) -> np.ndarray:
    """(different,) the first row of each code, the number of rows where a code has none."""
    first = np.full(different + 1, codes.size, np.int32)
    # Of several assignments to one place the last holds: from the end on, that is the first row.
    first[codes[::-1]] = np.arange(codes.size - 1, -1, -1, dtype=np.int32)
    return first[:different]
