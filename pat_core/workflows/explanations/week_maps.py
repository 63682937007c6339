"""Explanations of weeks, kept by content hashes, so that the same question is answered once; and what a week is compared with, by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from pat_core.cohorts import WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.errors import ExplanationError
from pat_core.explain import METHODS, Method, applies, explain, method_for
from pat_core.explain.baselines import BASELINES, MEAN_WEEK, NONWEAR, PERSON, REFERENCES, Baseline, another, mean_week, nonwear, references
from pat_core.explain.method_registry import QUICK
from pat_core.models.network_config import NetworkConfig
from pat_core.progress import Progress
from pat_core.records import Attribution, WeekQuestion
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks import apply
from pat_core.weights import Model
from pat_core.workflows.models.kind_answers import explained
from pat_core.workflows.models.predictions import ReadWeek, read_week
from pat_core.workflows.read.worn_days import few_days_of, quality_settings
from pat_core.workflows.week.cohort_weeks import findings, first_weeks, others_than, refused, week_of

REFERENCE_WEEKS = 12
"""Weeks that expected gradients average over: each is a whole path to be walked."""


def default_baseline(method: Method) -> str | None:
    """The baseline a method starts from where none is chosen; None for a method that has none."""
    if "baseline" not in method.options:
        return None
    return REFERENCES if method.name == "expected_gradients" else MEAN_WEEK


def baseline_for(workspace: Workspace, model: Model, read: ReadWeek, name: str, person: tuple[str, int] | None = None) -> Baseline:
    """The baseline of that name (`BASELINES`) for a week, standardized as that week is.

    person: (participant, week index) of "another person". Reference weeks: the first weeks of up to 12 other people of the cohort that the
    input gate lets pass, with enough valid days and as long (nobody with the same week as this person, who would be the same one under
    another name), the same ones every time: those whose contents' hashes come first. Raises ExplanationError.
    """
    cohort, standardizer = read.question.cohort, read.standardizer
    if name == MEAN_WEEK:
        return mean_week(read.z.size)
    if name == NONWEAR:
        return nonwear(standardizer, read.z.size, read.week.start)
    if name == PERSON:
        if person is None or person[0] == read.question.participant:
            raise ExplanationError("To compare with another person, choose somebody else in this cohort.")
        week = workspace.week(cohort, *person)
        if week.values.size != read.z.size:
            raise ExplanationError(
                f"{whose_week(cohort, *person)} has {week.values.size:,} minutes and this one {read.z.size:,}: two windows are compared "
                "minute by minute, so both need the same length. Choose another person."
            )
        return another(apply(standardizer, week.values[None], [week.start])[0], whose_week(cohort, *person))
    if name == REFERENCES:
        rows = _reference_rows(workspace, model, read)
        weeks = workspace.weeks_array(cohort)[[row.row for row in rows]] if rows else np.empty((0, read.z.size), np.float32)
        z = apply(standardizer, weeks, [row.start for row in rows]) if rows else weeks
        return references(z, f"other people of “{cohort}”")
    raise ExplanationError(f"Expected the baseline to be one of {', '.join(BASELINES)}, got {name!r}.")


def whose_week(cohort: str, participant: str, index: int) -> str:
    """How a map names the week of another person that it is compared with."""
    return f"{participant}, week {index + 1}, of “{cohort}”"


def _reference_rows(workspace: Workspace, model: Model, read: ReadWeek) -> list[WeekRow]:
    cohort, by = read.question.cohort, str(read.question.standardize_by)
    weeks, flags = workspace.weeks_array(cohort), workspace.device_flags(cohort)
    chosen, settings = list[WeekRow](), quality_settings(workspace)
    rows = workspace.week_rows(cohort)
    alike = [row for row in rows if row.report.minutes == read.z.size]
    for row in sorted(first_weeks(others_than(read.question.participant, rows, alike)), key=lambda row: row.sha256):
        if len(chosen) == REFERENCE_WEEKS:
            break
        week = week_of(row, weeks, flags)
        if not refused((*findings(week, read.standardizer, model, by), *few_days_of(week, settings))):
            chosen.append(row)
    return chosen


METHOD_VERSION = 6
"""Raised whenever the maths of a method changes: what was kept before is then made again."""

QUICK_TOLERANCE = 0.1
QUICK_WORK = 10_000_000
"""Pairs of tokens in all blocks, a baseline week: about the seconds that a quick map takes on two cores (large: 5 million, 3 s)."""
REFUSED = "The input check found this week unfit for the model: this map says nothing about the person."


MAPS = Codec[Attribution](Attribution)


def map_question(model: Model, z: np.ndarray, method: str, settings: Mapping[str, Any]) -> Question:
    """Everything an explanation depends on.

    That is the weights and the network's configuration, the standardized input (so week and standardizer), the method, each of its
    settings as it takes effect (a baseline by its hash, what is not given by its default), and the version of the methods.
    """
    parts = {"model": model.sha256, "config": asdict(model.config), "input": sha256_of(z), "minutes": int(np.size(z)), "method": method}
    parts |= {"settings": effective(method_for(method), settings, np.size(z)), "methods": METHOD_VERSION}
    parts |= {"explains": model.explains} if model.explains else {}
    return Question("explanation", parts)


def sha256_of(values: np.ndarray) -> str:
    """Of the float32 bytes, little-endian: the identity of an input or of a map."""
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()


def effective(method: Method, settings: Mapping[str, Any], minutes: int) -> dict[str, Any]:
    """The settings a method runs with, plain JSON values: what is given, its own defaults for what is not, a baseline by its hash."""
    taken = {**method.options, **settings}
    if "baseline" in taken:
        taken["baseline"] = (taken["baseline"] or mean_week(minutes)).settings()
    return taken


def quick_settings(name: str, settings: Mapping[str, Any], config: NetworkConfig, minutes: int) -> dict[str, Any] | None:
    """The settings of a first map that is there at once, to be refined.

    None for a method that has no coarser form, and where even that would keep a reader waiting (large models against many weeks).
    """
    if not {"tolerance", "most"} <= set(METHODS[name].options):
        return None
    against = settings.get("baseline")
    weeks = len(against.weeks) if isinstance(against, Baseline) else 1
    if weeks * config.blocks * config.tokens(minutes) ** 2 > QUICK_WORK:
        return None
    return {**settings, "tolerance": max(QUICK_TOLERANCE, float(settings.get("tolerance") or 0.0)), "most": QUICK}


def applicable(model: Model, minutes: int = MINUTES_PER_WEEK) -> dict[str, str]:
    """Each method's name with the reason, in a sentence, why it does not apply to this model and length of week; "" where it does."""
    return {name: applies(name, model.config, minutes, model.has_head) for name in METHODS}


def kept_map(workspace: Workspace, model: Model, z: np.ndarray, method: str, **settings: object) -> Attribution | None:
    """The answer to this question where it was given before."""
    return workspace.kept(map_question(explained(model, z=z), z, method, settings), MAPS)


def explain_standardized(
    workspace: Workspace, model: Model, z: np.ndarray, method: str, *, progress: Progress | None = None, **settings: object
) -> Attribution:
    """Explain one standardized week (minutes,), once for all who ask the same.

    Of several classes the most probable one is explained, unless the model is one that explains another (`kind_answers.explained`).
    """
    seen_as = explained(model, z=z)

    def make() -> Attribution:
        return saying_what(explain(seen_as.network, z, method, has_head=model.has_head, progress=progress, **settings), seen_as)

    return workspace.remember(map_question(seen_as, z, method, settings), make, MAPS)


def saying_what(attribution: Attribution, model: Model) -> Attribution:
    """The map with what it explains among its settings, where that is not the one logit of two classes."""
    if not model.explains or not method_for(attribution.method).needs_head:
        return attribution
    settings = {**attribution.settings, "explains": model.explains}
    if model.outputs.kind != "value":
        return replace(attribution, settings=settings)
    unit = model.outputs.unit or "units of the label"
    return replace(attribution, settings=settings | {"unit": unit}, note=attribution.note.replace("in logits", f"in {unit}"))


def explain_week(workspace: Workspace, model: Model, question: WeekQuestion, method: str = "rollout", **options: Any) -> Attribution:
    """Explain one week of one person. options: as of `explain_read`."""
    return explain_read(workspace, model, read_week(workspace, model, question), method, **options)


def explain_read(
    workspace: Workspace,
    model: Model,
    read: ReadWeek,
    method: str = "rollout",
    *,
    baseline: str | None = None,
    baseline_person: tuple[str, int] | None = None,
    quick: bool = False,
    progress: Progress | None = None,
    **settings: object,
) -> Attribution:
    """Explain a week that was read.

    baseline: one of `baselines.BASELINES`, None for the method's own; baseline_person: (participant, week index) for another person.
    quick: a coarser map of a method that can be refined. The map of a week that the input gate refuses bears that as its flag.
    """
    name = baseline or default_baseline(method_for(method))
    if name is not None:
        settings["baseline"] = baseline_for(workspace, model, read, name, baseline_person)
    if quick:
        settings = quick_settings(method, settings, model.config, read.z.size) or settings
    attribution = explain_standardized(workspace, model, read.z, method, progress=progress, **settings)
    return flagged(attribution) if read.refused else attribution


def flagged(attribution: Attribution) -> Attribution:
    """The map of a week that the input gate refused, with that said first."""
    return attribution if attribution.flag.startswith(REFUSED) else replace(attribution, flag=f"{REFUSED} {attribution.flag}".strip())
