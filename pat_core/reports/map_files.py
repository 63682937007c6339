"""Explanations into files: of weeks in a .npy file, and of a cohort's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts import Selection, Workspace
from pat_core.errors import ExplanationError
from pat_core.explain import explain, method_for
from pat_core.explain.baselines import MEAN_WEEK, NONWEAR, PERSON, REFERENCES, Baseline, another, mean_week, nonwear, references
from pat_core.explain.windows import WearMass, wear_mass
from pat_core.plurals import counted
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Attribution, StandardizeBy, Standardizer, WeekQuestion
from pat_core.reports.answer_files import EXPLANATIONS, Written, about, check_ending, write_explanations
from pat_core.reports.weeks_of_file import file_findings, learned_cautions, standardizer_of, standardizer_words, weeks_from_file
from pat_core.wear import QualitySettings, covered
from pat_core.weeks import quality_report, span
from pat_core.weights import Model
from pat_core.workflows.explanations.unusual_weeks import cohort_distances
from pat_core.workflows.explanations.week_maps import REFERENCE_WEEKS, default_baseline, explain_read, saying_what
from pat_core.workflows.models.cautions import by_cost, model_cautions
from pat_core.workflows.models.kind_answers import explained
from pat_core.workflows.models.person_cautions import PersonCautions
from pat_core.workflows.models.predictions import as_read, cohort_standardizer, default_standardizer
from pat_core.workflows.models.training_overlap import seen
from pat_core.workflows.read.duplicates import learned_weeks
from pat_core.workflows.read.worn_days import days_in, judged_by, quality_settings
from pat_core.workflows.week.chosen_people import about_whom
from pat_core.workflows.week.cohort_weeks import common_device, refused, week_of

MAPPING = 0.9
"""Share of the work that is the maps; the rest reads whom the weeks are compared with."""


@dataclass(frozen=True)
class MapRequest:
    """Which explanation. baseline: by name, None for the method's own; baseline_person: who is compared with, for "another person".
    settings: those of the method that are given. of_class: the class to explain, None for the most probable one of each week."""

    method: str
    baseline: str | None = None
    baseline_person: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    of_class: str | None = None


def explain_file(
    model: Model,
    path: Path,
    out: Path,
    request: MapRequest,
    *,
    standardized: bool,
    standardize_by: StandardizeBy | None = None,
    settings: QualitySettings | None = None,
    progress: Progress | None = None,
) -> Written:
    """Explain each week of a .npy file into `out` (.npz). Weeks that are refused are explained, and marked. settings: how wear is judged.

    Reference weeks are up to 12 others of the file, another person is the row of that number.
    """
    check_ending(out, EXPLANATIONS)
    weeks, z = weeks_from_file(path, model, standardized, standardize_by)
    progress, name = progress or Silent(), request.baseline or default_baseline(method_for(request.method))
    used = standardizer_of(weeks, path, model, standardized, standardize_by) if name == NONWEAR else None
    attributions = []
    for row, week in enumerate(z):
        compared = {} if name is None else {"baseline": _baseline(name, z, row, path.name, used, request.baseline_person)}
        part = Share(progress, row / len(z), 1 / len(z))
        seen_as = explained(model, request.of_class, week)
        given = {"has_head": model.has_head, "progress": part, **request.settings, **compared}
        attributions.append(saying_what(explain(seen_as.network, week, request.method, **given), seen_as))
    standardized_by = standardizer_words(model, standardized, standardize_by)
    learned = learned_weeks(model, weeks) & (not standardized)
    cautions = (*model_cautions(model, None, standardized_by, minutes=z.shape[1]), *learned_cautions(model, learned, standardized))
    findings = file_findings(weeks, z, standardized, settings)
    masses = [_mass_unjudged(attribution, week) for attribution, week in zip(attributions, weeks, strict=True)]
    people = [str(person) for person in range(len(attributions))]
    write_explanations(out, attributions, people, [0] * len(attributions), findings, about(model, standardized_by, cautions), masses)
    return Written(
        len(attributions), span(z.shape[1]), model.config.leftover(z.shape[1]), sum(map(refused, findings)), cautions, tuple(attributions)
    )


def _mass_unjudged(attribution: Attribution, values: np.ndarray) -> WearMass:
    """Of a file's week, without unit or flags, nobody knows what was worn, only what is missing."""
    mass = wear_mass(attribution, values, np.zeros(values.shape, bool))
    return replace(mass, **dict.fromkeys(("worn", "not_worn", "worn_minutes", "not_worn_minutes"), float("nan")))


def _baseline(name: str, z: np.ndarray, row: int, source: str, standardizer: Standardizer | None, person: str | None) -> Baseline:
    """The baseline of that name for one row of a file's standardized weeks."""
    if name == MEAN_WEEK:
        return mean_week(z.shape[1])
    if name == NONWEAR and standardizer is not None:
        return nonwear(standardizer, z.shape[1])
    if name == NONWEAR:
        raise ExplanationError(
            f"{source} was standardized elsewhere, so it is not known what non-wear looks like in it. Use another baseline."
        )
    if name == PERSON:
        if person is None or not person.isdecimal() or not int(person) < len(z) or int(person) == row:
            raise ExplanationError(
                f"Compared with another person of {source}: expected the number of another row, 0 to {len(z) - 1}, got {person} "
                f"for row {row}."
            )
        return another(z[int(person)], f"row {person} of {source}")
    if name == REFERENCES:
        others = np.delete(z, row, axis=0)[:REFERENCE_WEEKS]
        return references(others, f"{len(others)} other rows of {source}")
    raise ExplanationError(f"Expected the baseline to be one of {MEAN_WEEK}, {NONWEAR}, {PERSON}, {REFERENCES}, got {name!r}.")


def explain_cohort_to(
    workspace: Workspace,
    model: Model,
    whom: str | Selection,
    participant: str | None,
    out: Path,
    request: MapRequest,
    standardize_by: StandardizeBy | None = None,
    progress: Progress | None = None,
) -> Written:
    """Explain a cohort's weeks, or one person's, into `out` (.npz). Weeks that the input gate refuses are explained, and marked. whom: a
    cohort by name, or people of one who were chosen.

    Another person is the participant of that name, by their first week. That a week is unlike anyone the model knows is among its cautions.
    """
    check_ending(out, EXPLANATIONS)
    selection, cohort = (None, whom) if isinstance(whom, str) else (whom, whom.cohort)
    info, progress = workspace.cohort(cohort), progress or Silent()
    standardize_by = standardize_by or default_standardizer(model, info.lengths)
    standardizer = cohort_standardizer(workspace, cohort, model, standardize_by)
    rows = workspace.week_rows(cohort, participant)
    rows = tuple(row for row in rows if selection is None or row.participant in selection.participants)
    if not rows:
        workspace.week(cohort, str(participant), 0)  # says in a sentence that nobody is called so
    beside: dict[str, Any] = {"baseline": request.baseline}
    if request.baseline_person is not None:
        theirs = [row.index for row in workspace.week_rows(cohort, request.baseline_person)]
        beside["baseline_person"] = (request.baseline_person, min(theirs, default=0))
    weeks, flags, settings_of_wear = workspace.weeks_array(cohort), workspace.device_flags(cohort), quality_settings(workspace)
    about_each = PersonCautions(workspace, model, cohort, standardize_by, settings_of_wear, seen(workspace, model, cohort))
    attributions, findings, masses, cautions = [], [], [], []
    for number, row in enumerate(rows):
        progress.at(MAPPING * number / len(rows), f"Explaining: {number} of {counted(len(rows), info.span)}")
        week = week_of(row, weeks, flags)
        read = as_read(model, WeekQuestion(cohort, row.participant, row.index, standardize_by), week, standardizer, settings_of_wear)
        findings.append(read.findings)
        seen_as = explained(model, request.of_class, read.z)
        attributions.append(explain_read(workspace, seen_as, read, request.method, **beside, **request.settings))
        judged = quality_report(week, settings_of_wear)
        off = covered(judged.nonwear, week.values.size)
        masses.append(wear_mass(attributions[-1], week.values, off))
        share = None if judged.valid_days is None else float(off.mean())
        cautions.append(about_each.of(row, share, read.findings))
    fit = [row for row, of_week in zip(rows, findings, strict=True) if not refused(of_week)]
    rest = Share(progress, MAPPING, 1 - MAPPING)
    far, _ = cohort_distances(workspace, model, cohort, standardize_by, fit, rest)
    cautions = [by_cost((*of, *far[row.row].caution)) if row.row in far else of for row, of in zip(rows, cautions, strict=True)]
    of_model = model_cautions(model, info, standardize_by, common_device(rows), info.lengths)
    days = [days_in(row.report.minutes) for row in rows] if info.length is None else [days_in(info.length)]
    details = about(model, standardize_by, of_model) | judged_by(settings_of_wear, days) | about_whom(selection)
    people = [row.participant for row in rows]
    write_explanations(out, attributions, people, [row.index for row in rows], findings, details, masses, cautions)
    return Written(
        len(attributions), info.span, model.config.leftover(info.minutes), sum(map(refused, findings)), of_model, tuple(attributions)
    )
