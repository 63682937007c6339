"""Looking inside: attention maps, heads, and two people side by side. Small arrays, kept under keys that hold all they depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import ExplanationError, UntrainedError
from pat_core.explain import METHODS
from pat_core.explain.baselines import another
from pat_core.explain.matrix_record import SIDE, AttentionMatrix
from pat_core.explain.method_registry import TOLERANCE, block_number, head_number
from pat_core.progress import Progress
from pat_core.records import Attribution, Week
from pat_core.weeks import span
from pat_core.weights import Model, require_attention
from pat_core.workflows.explanations import week_maps
from pat_core.workflows.models.kind_answers import explained
from pat_core.workflows.models.predictions import ReadWeek

ONE_VALUE_FOR = {"minute": "each minute", "patch": "each patch", "hour": "each hour", "day": "each day"}


MATRICES, HEADS = Codec[AttentionMatrix](AttentionMatrix), Codec[np.ndarray](np.ndarray)


def attention_map(workspace: Workspace, model: Model, read: ReadWeek, *, block: int = -1, head: int | None = None) -> AttentionMatrix:
    """The query-by-key map of one block and head (None: mean over heads) of a week, at most 140 cells a side."""
    network = require_attention(model)
    which = {"block": block_number(model.config, block), "head": head_number(model.config, head)}
    question = _question("attention map", model, read.z, {**which, "side": SIDE})

    def make() -> AttentionMatrix:
        from pat_core.explain.methods.one_block import attention_matrix

        return attention_matrix(network, read.z, block=block, head=head)

    return workspace.remember(question, make, MATRICES)


def heads_of_week(workspace: Workspace, model: Model, read: ReadWeek) -> np.ndarray:
    """(blocks, heads, patches) attention received, multiples of the uniform level."""
    network = require_attention(model)
    question = _question("attention of all heads", model, read.z, {})

    def make() -> np.ndarray:
        from pat_core.explain.methods.one_block import heads_overview

        return heads_overview(network, read.z)

    return workspace.remember(question, make, HEADS)


def contrast_people(
    workspace: Workspace, model: Model, first: ReadWeek, second: ReadWeek, *, tolerance: float = TOLERANCE, progress: Progress | None = None
) -> Attribution:
    """What raised or lowered the score of the first week compared with the second, of the same cohort and read by the same standardizer.

    The map of a week that the input gate refused bears that as its flag. Raises UntrainedError without a trained head, ExplanationError
    where a week is compared with itself.
    """
    if not model.has_head:
        raise UntrainedError("Two people are compared by their scores, and this model has no trained head. Fine-tune it first.")
    if first.question == second.question:
        raise ExplanationError("A week does not differ from itself: choose another person, or another week, to compare with.")
    model = explained(model, z=first.z)
    person, index = second.question.participant, second.question.index
    settings = {"baseline": another(second.z, "").sha256, "tolerance": tolerance}
    settings |= {"cohort": second.question.cohort, "person": [person, index]}
    settings |= {"explains": model.explains} if model.explains else {}

    def make() -> Attribution:
        from pat_core.explain.methods.integrated_gradients import contrast

        mapped = contrast(
            model.network, first.z, second.z, f"{person}, {span(second.z.size)} {index + 1}", tolerance=tolerance, progress=progress
        )
        return week_maps.saying_what(mapped, model)

    attribution = workspace.remember(_question("contrast", model, first.z, settings), make, week_maps.MAPS)
    return week_maps.flagged(attribution) if first.refused or second.refused else attribution


def mirrored(attribution: Attribution, of: str) -> Attribution:
    """The contrast seen from the other person: both walk the same straight path, so every sign turns. of: how the first one is called."""
    delta, gap = (None if value is None else -value for value in (attribution.delta, attribution.completeness_gap))
    before = str(attribution.settings.get("baseline_of"))
    note, settings = attribution.note.replace(before, of), {**attribution.settings, "baseline_of": of}
    return replace(attribution, values=-attribution.values, delta=delta, completeness_gap=gap, note=note, settings=settings)


def contrast_words(attribution: Attribution, first: str, second: str) -> str:
    """The sum of the map beside the difference of the two scores, in a sentence."""
    if attribution.delta is None or attribution.completeness_gap is None or attribution.relative_gap is None:
        raise ExplanationError(
            f"A map that adds up to a difference of scores was expected; {attribution.method} has no sum. Choose another."
        )
    total = attribution.delta + attribution.completeness_gap
    higher, lower = (first, second) if attribution.delta >= 0 else (second, first)
    drawn, differ = (f"{value:+.2f}".replace("-", "\u2212") for value in (total, attribution.delta))
    return (
        f"The map sums to {drawn} logits; the two scores differ by {differ} ({first} minus {second}): {higher} scores higher than {lower}. "
        f"The gap is {100 * attribution.relative_gap:.2f} %."
    )


def clock_caution(first: Week, second: Week) -> str:
    """What is to be said where minute k of the two weeks is not the same minute of the week on the clock; "" where it is."""
    name = span(first.values.size)
    if first.start is None or second.start is None:
        return f"The start of a {name} is unknown: the two are compared minute by minute from their first, whatever the clock said."
    opens = [(start.weekday(), start.hour, start.minute) for start in (first.start, second.start)]
    if opens[0] == opens[1]:
        return ""
    return (
        f"The {name}s begin at different times ({first.start:%a %H:%M} and {second.start:%a %H:%M}): minutes are compared by their place "
        f"in the {name}, so a difference may be one of the clock."
    )


def contrast_table(first: Week, second: Week, attribution: Attribution) -> pd.DataFrame:
    """A row a minute: both activities, and the contrast in logits."""
    columns = {f"activity of {first.participant}": first.values, f"activity of {second.participant}": second.values}
    return pd.DataFrame({"minute": np.arange(first.values.size)} | columns | {"contrast": attribution.values})


def methods_table(attributions: Sequence[Attribution]) -> pd.DataFrame:
    """A row a method: Method, One value for, Sum and Change (logits), Gap and Not additive (percent), Passes. Empty where it has none.

    Gap: of methods that promise to add up, so an error. Not additive: the same figure of methods that do not, so none.
    """
    columns = ("Method", "One value for", "Sum", "Change", "Gap", "Not additive", "Passes")
    return pd.DataFrame([_method_row(attribution) for attribution in attributions], columns=columns)


def _method_row(attribution: Attribution) -> tuple[object, ...]:
    method = METHODS[attribution.method]
    gap = None if attribution.relative_gap is None else 100 * attribution.relative_gap
    gaps = (gap, None) if method.sums else (None, gap)
    total = None if attribution.delta is None or attribution.completeness_gap is None else attribution.delta + attribution.completeness_gap
    return method.title, ONE_VALUE_FOR[method.per], total, attribution.delta, *gaps, attribution.evaluations


def matrix_table(matrix: AttentionMatrix) -> pd.DataFrame:
    """A row a query cell, a column a key cell, each named by its first minute of the week; multiples of the uniform level."""
    opens = [cell * matrix.patches_a_cell * matrix.patch for cell in range(len(matrix.values))]
    return pd.DataFrame(matrix.values, index=pd.Index(opens, name="query from minute"), columns=[f"key from minute {at}" for at in opens])


def heads_table(received: np.ndarray, patch: int) -> pd.DataFrame:
    """A row a patch with its first minute, a column a head; multiples of the uniform level."""
    blocks, heads, patches = received.shape
    columns = {f"block {b + 1}, head {h + 1}": received[b, h] for b in range(blocks) for h in range(heads)}
    return pd.DataFrame({"from minute": np.arange(patches) * patch} | columns)


def _question(what: str, model: Model, z: np.ndarray, settings: Mapping[str, object]) -> Question:
    """Weights and shape, the standardized input, settings, and the version of the methods."""
    parts = {"model": model.sha256, "config": asdict(model.config), "input": week_maps.sha256_of(z), "minutes": int(z.size)}
    return Question(what, {**parts, **settings, "methods": week_maps.METHOD_VERSION})
