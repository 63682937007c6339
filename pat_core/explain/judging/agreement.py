"""How far maps of one week agree on the strongest patches: top-k overlap, because whole-map correlation misleads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.explain.windows import by_patch
from pat_core.records import Attribution


@dataclass(frozen=True)
class PairAgreement:
    """Share (0 to 1) of the strongest patches that two maps have in common."""

    first: str
    second: str
    overlap: float


@dataclass(frozen=True)
class Agreement:
    """pairs: in the order of the maps. left_out: pairs that are equal by algebra, so that their agreeing says nothing. too_coarse: maps
    of which one value spans more patches than are compared (days), so that they do not say which patches are the strongest.

    patches: of the week; strongest: how many of them are compared. chance: the overlap that two random orders have on average.
    words: what a reader needs beside the numbers.
    """

    pairs: tuple[PairAgreement, ...]
    left_out: tuple[tuple[str, str], ...]
    too_coarse: tuple[str, ...]
    patches: int
    strongest: int
    chance: float
    words: str


def agreement(maps: Mapping[str, Attribution], equal: Sequence[frozenset[str]] = (), top: float = 0.05) -> Agreement:
    """For each pair of maps of one week, the share of the strongest `top` of all patches that both have.

    equal: groups of names that rank alike by algebra; pairs within a group are named in `left_out` and not counted. Where patches tie at
    the edge (an hour's patches all have one value), each takes its share of the places left, as if ties were broken by lot.
    Raises ExplanationError for fewer than two maps, or maps that are not of one week and model.
    """
    strengths = _strengths(maps)
    if not 0 < top < 1:
        raise ExplanationError(f"The share of strongest patches lies between 0 and 1; got {top}. For 5 % give 0.05.")
    count = next(iter(strengths.values())).size
    strongest = max(1, round(top * count))
    too_coarse = tuple(name for name, each in maps.items() if each.resolution > strongest * each.patch)
    chosen = {name: places(strength, strongest) for name, strength in strengths.items() if name not in too_coarse}
    pairs, left_out = [], []
    for first, second in combinations(chosen, 2):
        if any({first, second} <= group for group in equal):
            left_out.append((first, second))
        else:
            pairs.append(PairAgreement(first, second, float(chosen[first] @ chosen[second]) / strongest))
    words = _words(left_out, too_coarse, strongest, count)
    return Agreement(tuple(pairs), tuple(left_out), too_coarse, count, strongest, strongest / count, words)


def _strengths(maps: Mapping[str, Attribution]) -> dict[str, np.ndarray]:
    if len(maps) < 2:
        raise ExplanationError(f"Agreement compares at least two maps of one week; got {len(maps)}. Choose another method as well.")
    shapes = {(each.patch, each.values.size) for each in maps.values()}
    if len(shapes) > 1:
        raise ExplanationError(
            "Agreement compares maps of one week by one model; these have different patches or lengths: "
            f"{', '.join(f'{p} of {n} minutes' for p, n in sorted(shapes))}. Explain the same week by each method."
        )
    strengths = {name: strength_by_patch(each) for name, each in maps.items()}
    broken = [name for name, strength in strengths.items() if not strength.size or not np.isfinite(strength).all()]
    if broken:
        raise ExplanationError(f"The map of {', '.join(broken)} has no value anywhere in some patch. Explain the week again.")
    return strengths


def strength_by_patch(attribution: Attribution) -> np.ndarray:
    """(patches,) strength of each whole patch: the sum of its values, for an attribution the size of that sum (|logits|)."""
    return np.abs(by_patch(attribution)) if attribution.kind == "attribution" else by_patch(attribution)


def places(strength: np.ndarray, strongest: int) -> np.ndarray:
    """(patches,) chance of each patch to be among the strongest, ties at the edge broken by lot; sums to `strongest`."""
    edge = np.sort(strength)[-strongest]
    above, tied = strength > edge, strength == edge
    return above + tied * ((strongest - above.sum()) / tied.sum())


def _words(left_out: Sequence[tuple[str, str]], too_coarse: Sequence[str], strongest: int, count: int) -> str:
    text = (
        f"Compared: the {strongest} strongest of {count} patches. Two random orders would share {100 * strongest / count:.2g} % on average."
    )
    for first, second in left_out:
        text += f" {first} and {second} rank the patches alike by algebra on this model, so the two are not compared."
    for name in too_coarse:
        text += f" One value of {name} spans more than {strongest} patches, so it is not compared."
    return text
