"""What was answered once is read back as it was; another question, an earlier form and damage are answered anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept import result_cache
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import WorkspaceTrouble


@dataclass(frozen=True, eq=False)
class Band:
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class Laid:
    name: str
    cases: Band
    controls: Band | None
    p: np.ndarray | None
    people: tuple[int, str]
    parts: tuple[Band, ...] = ()
    share: float | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


BAND = Band(np.arange(3, dtype=np.float32), np.array([np.nan, 1.0, -0.0]))
WHOLE = Laid("a", BAND, BAND, np.array([True]), (3, "x"), (BAND, BAND), 0.1, {"steps": 5, "of": ["a", None]})
BARE = Laid("", BAND, None, None, (0, ""))


@pytest.fixture
def ws(tmp_path):
    return Workspace(tmp_path / "ws")


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Band | Laid):
        return type(one) is type(other) and all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return type(one) is type(other) and one == other


KINDS = {
    "a record of records": (Laid, WHOLE),
    "a record of which half is not there": (Laid, BARE),
    "an array": (np.ndarray, np.eye(2)),
    "plain values": (Any, [[["code", "warn", "words", None]], []]),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_answer_comes_back_as_it_was_and_is_made_once(ws, name):
    kind, made = KINDS[name]
    question, codec, times = Question("kind", {"name": name}), Codec(kind), []

    def make():
        times.append(1)
        return made

    assert ws.remember(question, make, codec) is made
    again = Workspace(ws.folder).remember(question, make, codec)
    assert same(again, made) and again is not made and len(times) == 1


def test_arrays_by_name_come_back_by_name(ws):
    codec = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])
    made = {"fit": np.array([True, False]), "embeddings": np.ones((1, 2), np.float32)}
    ws.keep(Question("q", {}), made, codec)
    found = ws.kept(Question("q", {}), codec)
    assert found.keys() == made.keys() and all(same(found[name], made[name]) for name in made)


def test_what_a_question_is_made_of_in_whatever_order_is_one_key_and_anything_else_another(monkeypatch):
    key = Question("map", {"a": 1, "b": [2, None]}).key
    assert key == Question("map", {"b": [2, None], "a": 1}).key
    others = [Question("maps", {"a": 1, "b": [2, None]}), Question("map", {"a": 1, "b": [2, 0]}), Question("map", {"a": 1})]
    assert len({key, *(one.key for one in others)}) == 4
    monkeypatch.setattr(result_cache, "__version__", "another")
    assert Question("map", {"a": 1, "b": [2, None]}).key != key
    with pytest.raises(TypeError):  # an object's address, or the middle of an array, says nothing of what it holds
        _ = Question("map", {"a": np.zeros(3)}).key


def test_an_answer_that_was_kept_in_an_earlier_form_is_made_again(ws):
    question, codec = Question("q", {}), Codec(Laid)
    ws.cache_put(question.key, {"values": np.zeros(3), "about": np.zeros(2, np.uint8)})
    assert ws.kept(question, codec) is None
    assert ws.remember(question, lambda: WHOLE, codec) is WHOLE and same(ws.kept(question, codec), WHOLE)


def test_what_has_to_be_kept_says_so_where_it_cannot_be(ws, tmp_path):
    ws.keep(Question("q", {}), np.ones(1), Codec(np.ndarray))
    looked = Workspace(ws.folder, read_only=True)
    with pytest.raises(WorkspaceTrouble):
        looked.keep(Question("other", {}), np.ones(1), Codec(np.ndarray), surely=True)
    assert looked.remember(Question("other", {}), lambda: np.ones(2), Codec(np.ndarray)).size == 2
    assert looked.kept(Question("other", {}), Codec(np.ndarray)).size == 2, "in memory"
