"""Which recordings hold the same minutes under different names: copies, and one person's recording exported twice with another length.

Stretches of half an hour are marked by their content alone, as in winnowing (Schleimer, Wilkerson & Aiken 2003): a mark does not depend on
where a recording begins, so that copies are found whatever their names, dates and lengths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

import numpy as np

from pat_core.records import Recording

STRETCH, ONE_IN = 30, 16
"""Minutes that a mark covers; one in so many stretches is marked, chosen by its content."""
LEAST_DIFFERENT = 8
"""Changes of the value within a stretch under which it may be anybody's: rest, a device off the body, one value repeated."""
LEAST_MARKS = 6
LEAST_SHARE = 0.5
"""Share of the marks of the shorter recording from which two hold the same."""
MOST_ALIKE = 20
"""A mark that more different recordings bear is left out: it is a pattern of the device or of a program."""
TRACE = 64
"""Marks of a week that are kept, the smallest ones: two weeks that overlap keep the same of them in proportion."""
NONE = np.uint64(2**64 - 1)
"""In place of a mark, where a trace has fewer."""
OVERLAP = 0.1
"""Share of the marks of the shorter one from which two people must not stand on both sides of a split: most of a day of a week."""


@dataclass(frozen=True)
class Alike:
    """People whose recordings hold the same minutes, in the order in which they came. whole: minute for minute, and no more; share: of the
    shortest recording's marked stretches, the least that another of them has too."""

    people: tuple[str, ...]
    whole: bool
    share: float

    @property
    def words(self) -> str:
        """What was found, in a sentence."""
        shown = ", ".join(self.people[:8]) + (f" and {len(self.people) - 8:,} more" if len(self.people) > 8 else "")
        if self.whole:
            return f"The same recording was imported under {len(self.people)} names: {shown}."
        much = "all" if self.share > 0.98 else "most"
        return f"Recordings under {len(self.people)} names share {much} of the shorter one's minutes: {shown}."


def alike(recordings: Sequence[Recording]) -> tuple[Alike, ...]:
    """Groups of recordings, of one value a minute each, that hold the same minutes; each recording is in one group at most."""
    copies: dict[bytes, list[int]] = {}
    for at, recording in enumerate(recordings):
        copies.setdefault(sha256(np.ascontiguousarray(recording.values, np.float32).tobytes()).digest(), []).append(at)
    copied = list(copies.values())
    marks = [_marks(recordings[same[0]].values) for same in copied]
    shares = _shares(marks)
    linked = _connected([*shares, *((at, at) for at, same in enumerate(copied) if len(same) > 1 and marks[at].size >= LEAST_MARKS)])
    groups = []
    for group in linked:
        people = sorted(at for member in group for at in copied[member])
        share = min((shares[pair] for pair in shares if pair[0] in group), default=1.0)
        groups.append(Alike(tuple(recordings[at].participant for at in people), len(group) == 1, share))
    return tuple(groups)


def trace(values: np.ndarray) -> np.ndarray:
    """(TRACE,) uint64: the smallest marks of (minutes,) values, rising, filled up with NONE. A copy has the same whatever its name."""
    marks = _marks(values)[:TRACE]
    return np.concatenate([marks, np.full(TRACE - marks.size, NONE)])


def overlapping(traces: Sequence[np.ndarray]) -> list[list[int]]:
    """Groups of people, by their place, who have some minutes in common. traces: of each person's weeks, of any shape."""
    copies: dict[bytes, list[int]] = {}
    for at, own in enumerate(traces):
        marks = np.unique(own[own != NONE])
        if marks.size >= LEAST_MARKS:
            copies.setdefault(marks.tobytes(), []).append(at)
    recordings = list(copies.values())
    pairs = _shares([np.frombuffer(marks, np.uint64) for marks in copies], OVERLAP)
    groups = _connected([*pairs, *((at, at) for at, same in enumerate(recordings) if len(same) > 1)])
    return [sorted(person for member in group for person in recordings[member]) for group in groups]


def _shares(marks: Sequence[np.ndarray], least: float = LEAST_SHARE) -> dict[tuple[int, int], float]:
    """Pairs that hold the same minutes -> the share of the shorter one's marks that the other has, where it is at least `least`."""
    if not marks:
        return {}
    owners = np.repeat(np.arange(len(marks)), [mark.size for mark in marks])
    every = np.concatenate(marks)
    order = np.argsort(every, kind="stable")
    every, owners = every[order], owners[order]
    bounds = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1], [True]))) if every.size else np.zeros(1, int)
    sizes = np.diff(bounds)
    shared: Counter[tuple[int, int]] = Counter()
    for at in np.flatnonzero((sizes > 1) & (sizes <= MOST_ALIKE)):
        shared.update(combinations(owners[bounds[at] : bounds[at + 1]].tolist(), 2))
    shares = {pair: count / min(marks[pair[0]].size, marks[pair[1]].size) for pair, count in shared.items() if count >= LEAST_MARKS}
    return {pair: share for pair, share in shares.items() if share >= least}


def _marks(values: np.ndarray) -> np.ndarray:
    """Marks of (minutes,) values, each once: uint64 of the content of some of their stretches."""
    if values.size < STRETCH:
        return np.zeros(0, np.uint64)
    exact = np.where(np.isnan(values), np.float32(-1), values.astype(np.float32) + np.float32(0)).view(np.uint32).astype(np.uint64)
    factors = np.random.default_rng(0).integers(1, 2**63, STRETCH, dtype=np.uint64) | np.uint64(1)
    places = values.size - STRETCH + 1
    content = np.zeros(places, np.uint64)
    with np.errstate(over="ignore"):
        for at, factor in enumerate(factors):
            content += (exact[at : at + places] ^ (exact[at : at + places] << np.uint64(17))) * factor
        content ^= content >> np.uint64(31)
    changes = np.concatenate(([0], np.cumsum(exact[1:] != exact[:-1])))
    varied = changes[STRETCH - 1 :] - changes[:places] >= LEAST_DIFFERENT
    return np.unique(content[varied & (content % np.uint64(ONE_IN) == 0)])


def _connected(pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    group = {member: member for pair in pairs for member in pair}

    def root(member: int) -> int:
        while group[member] != member:
            member = group[member]
        return member

    for member, other in pairs:
        first, second = sorted((root(member), root(other)))
        group[second] = first
    members: dict[int, list[int]] = {}
    for member in sorted(group):
        members.setdefault(root(member), []).append(member)
    return list(members.values())
