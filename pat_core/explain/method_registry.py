"""The methods that pages, command line and scoreboard offer, and what can be set of each, with the defaults: one table for all.

Known without a network, so that pages and the keys of kept maps need no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from operator import index
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from pat_core.errors import ExplanationError, UntrainedError
from pat_core.explain.baselines import Baseline, mean_week
from pat_core.models.network_config import NetworkConfig, unreadable
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution
from pat_core.settings import MINUTES_PER_DAY

if TYPE_CHECKING:
    from pat_core.models.contract import ConfiguredNetwork

TOLERANCE, MOST = 0.01, 256
"""Of the methods that walk a path: the gap they are refined to, as a share of the score's change, and gradients at the most."""
MOST_SHARED_DAYS = 10
"""Days whose every combination is scored: 2^10 = 1,024 passes; beyond this, occlusion by day takes days + 2."""
QUICK = 5
"""Gradients of the first, quick map: as few as the rule can be made of."""

Fusion = Literal["mean", "max", "min"]
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)
"""How the heads of a block become one map, the default first."""

Replacement = Literal["mean week", "own day"]
REPLACEMENTS: tuple[Replacement, ...] = get_args(Replacement)
"""What stands where a part is taken out, the default first. One replacement alone can mislead: compare the two."""


def block_number(config: NetworkConfig, block: int) -> int:
    """Index of a block, 0 for the first; counted from the end where negative, as the last is -1."""
    return _number(block, config.blocks, "block")


def head_number(config: NetworkConfig, head: int | str | None) -> int | None:
    """Index of a head, or None for the mean over heads (None or "mean")."""
    return None if head is None or head == "mean" else _number(head, config.heads, "head")


def _number(wanted: Any, there: int, what: str) -> int:
    try:
        number = None if isinstance(wanted, bool) else index(wanted)
    except TypeError:
        number = None
    if number is None or not -there <= number < there:
        mean = ' or "mean" for the mean over heads,' if what == "head" else ""
        raise ExplanationError(
            f"This model has {there} {what}{'s' if there > 1 else ''}: expected a {what} from 0, the first, to {there - 1}, the last,"
            f"{mean} got {wanted!r}. Choose one of these."
        )
    return number % there


Family = Literal["attention", "gradient", "occlusion"]
Limit = Callable[[NetworkConfig, int], str | None]
"""(configuration, minutes) -> why the method does not apply there, or None."""


@dataclass(frozen=True)
class Method:
    """name: for the command line. title, sentence: for readers. needs_head: it explains the logit. per: what one value stands for.

    function: its file in `methods` and its name there. options: settings it accepts, each with what holds where it is not given. sums: it
    promises that its values add up to the change of the score.
    """

    name: str
    title: str
    kind: Literal["attention", "attribution", "sensitivity"]
    family: Family
    per: Literal["minute", "patch", "hour", "day"]
    needs_head: bool
    sentence: str
    function: str
    options: Mapping[str, object] = field(default_factory=dict)
    limit: Limit = lambda config, minutes: None
    sums: bool = False

    @property
    def inside(self) -> bool:
        """Whether it reads what is inside a network, so that of an ensemble each member is explained by itself."""
        return self.per == "patch"

    @property
    def run(self) -> Callable[..., Attribution]:
        """(network, z, progress=..., **settings) -> its map. Its file is imported here, because torch comes with it."""
        file, name = self.function.split(".")
        return getattr(import_module(f"pat_core.explain.methods.{file}"), name)


def _attends(config: NetworkConfig, minutes: int) -> str | None:
    if config.blocks:
        return unreadable(config, minutes)
    return "It looks at patches and attention inside a PAT, and this model is a baseline that has neither."


def _two_days(config: NetworkConfig, minutes: int) -> str | None:
    if minutes >= 2 * MINUTES_PER_DAY:
        return unreadable(config, minutes)
    return f"It compares days, and this recording has {minutes} minutes, less than two days."


def _few_days(config: NetworkConfig, minutes: int) -> str | None:
    if minutes >= (MOST_SHARED_DAYS + 1) * MINUTES_PER_DAY:
        days = minutes // MINUTES_PER_DAY
        return f"It scores every combination of days, at most {MOST_SHARED_DAYS} days; this window has {days}. Days replaced has no limit."
    return _two_days(config, minutes)


PATH = {"baseline": None, "tolerance": TOLERANCE, "most": MOST}
REPLACED = {"replacement": REPLACEMENTS[0]}
_ALL = (
    Method("rollout", "Attention rollout", "attention", "attention", "patch", False,
           "Where the model attended, followed through all its blocks.",
           "rollout.rollout_map", {"fusion": FUSIONS[0], "discard": 0.0}, _attends),
    Method("authors", "Authors' attention map", "attention", "attention", "patch", False,
           "The attention each patch receives in one block, the last by default.",
           "one_block.authors_map", {"block": -1, "head": None}, _attends),
    Method("gradient_rollout", "Gradient-weighted rollout", "attention", "attention", "patch", True,
           "Attention through all blocks, counted where more of it would raise the score.",
           "rollout.gradient_rollout_map", {}, _attends),
    Method("value_norm", "Attention by size of value", "attention", "attention", "patch", False,
           "Attention in one block, weighed by how much each patch passes on.",
           "one_block.value_norm_map", {"block": -1}, _attends),
    Method("alti", "Layer-wise token mixing (ALTI)", "attention", "attention", "patch", False,
           "How much of each patch is left in what the model averages, through all blocks.",
           "alti.alti_map", {}, _attends),
    Method("integrated_gradients", "Integrated gradients", "attribution", "gradient", "minute", True,
           "Which minutes raised and which lowered the score, compared with a baseline.",
           "integrated_gradients.integrated_gradients", PATH, unreadable, sums=True),
    Method("expected_gradients", "Expected gradients", "attribution", "gradient", "minute", True,
           "Integrated gradients, compared with several other people and averaged.",
           "integrated_gradients.expected_gradients", PATH, unreadable, sums=True),
    Method("patch_gradients", "Integrated gradients by patch", "attribution", "gradient", "patch", True,
           "Integrated gradients from the tokens on: one value for each patch.",
           "integrated_gradients.patch_gradients", PATH, _attends, sums=True),
    Method("gradient", "Plain gradient", "sensitivity", "gradient", "minute", True,
           "How strongly the score would respond to a small change; for comparison only.",
           "gradient.gradient", {}, unreadable),
    Method("occlusion_hour", "Hours replaced", "attribution", "occlusion", "hour", True,
           "How the score changes when one hour is replaced.",
           "occlusion.occlusion_hour", REPLACED, unreadable),
    Method("occlusion_day", "Days replaced", "attribution", "occlusion", "day", True,
           "How the score changes when one day is replaced.",
           "occlusion.occlusion_day", REPLACED, _two_days),
    Method("shapley_day", "Days, shared out (Shapley)", "attribution", "occlusion", "day", True,
           "Each day's share of the score's change, averaged over every order of putting days in.",
           "shapley.shapley_day", REPLACED, _few_days, sums=True),
)  # fmt: skip
METHODS: dict[str, Method] = {method.name: method for method in _ALL}


def method_for(name: str) -> Method:
    """The method of that name, or a sentence with the names there are."""
    if name not in METHODS:
        raise ExplanationError(f"Expected the method to be one of {', '.join(METHODS)}, got {name!r}.")
    return METHODS[name]


def applies(name: str, config: NetworkConfig, minutes: int, has_head: bool) -> str:
    """Why the method does not apply to such a model and week, in a sentence; "" where it does."""
    method = method_for(name)
    if method.needs_head and not has_head:
        return "It explains a score, and this model has no trained head and therefore no score."
    return method.limit(config, minutes) or ""


def same_ranking(config: NetworkConfig) -> tuple[frozenset[str], ...]:
    """Methods that rank patches alike by algebra on such a model, whatever it learned: their agreement is no evidence.

    One block: rollout is a/2 + 1/(2N) of the authors' map. A linear embedding: the two integrated gradients walk the same path.
    """
    equal = []
    if config.blocks == 1:
        equal.append(frozenset({"rollout", "authors"}))
    if config.embedding == "linear":
        equal.append(frozenset({"integrated_gradients", "patch_gradients"}))
    return tuple(equal)


def explain(
    network: ConfiguredNetwork, z: np.ndarray, name: str, *, has_head: bool, progress: Progress | None = None, **settings: object
) -> Attribution:
    """Explain one standardized week z (minutes,) by the named method; `settings` go to it as they are.

    Raises UntrainedError where it explains a score and there is none, ExplanationError where it does not apply or knows no such setting.
    """
    method = method_for(name)
    if method.needs_head and not has_head:
        raise UntrainedError(
            f"{method.title} explains a score, but this model has no trained head and therefore no score. "
            "Choose an attention method, or fine-tune the model first."
        )
    z = np.asarray(z, dtype=np.float32)
    if why := method.limit(network.config, z.shape[-1]):
        raise ExplanationError(f"{method.title} does not apply here. {why}")
    if unknown := sorted(set(settings) - set(method.options)):
        known = f"It has {', '.join(method.options)}." if method.options else "It has none."
        raise ExplanationError(f"{method.title} has no setting called {', '.join(unknown)}. {known}")
    from pat_core.explain.of_members import is_ensemble, mean_of_members  # here, because torch comes with it

    if method.inside and is_ensemble(network):
        given = settings.pop("baseline", None)
        compared = given if isinstance(given, Baseline) else mean_week(z.shape[-1])
        return mean_of_members(method.run, network, z, compared if "baseline" in method.options else None, settings, progress or Silent())
    return method.run(network, z, progress=progress or Silent(), **settings)
