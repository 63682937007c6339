"""Simulated people as a cohort, with the truth beside it."""

from __future__ import annotations

from pat_core.cohorts import CohortInfo, Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.records import COUNTS, SimulatedCohort, Week
from pat_core.simulate import simulate
from pat_core.weeks import report
from pat_core.workflows.read.worn_days import keep_wear

PLANTED, NOT_PLANTED = "planted", "not planted"


def simulate_cohort(
    workspace: Workspace, name: str, people: int, seed: int, label: str = "late_wake", prevalence: float = 0.4
) -> CohortInfo:
    """A cohort of simulated people, marked as simulated, with the truth (evidence masks) beside it."""
    return store_simulated(workspace, name, simulate(people, seed, label=label, prevalence=prevalence))


def label_name(label: str) -> str:
    """The label column of simulated people: the planted trait in words."""
    return "no signal" if label == "none" else label.replace("_", " ").replace("+", " and ")


def trait_of(label: str) -> str:
    """The trait that a label column of simulated people is named after, or that is named itself: the way back from `label_name`."""
    return "none" if label.strip() == label_name("none") else label.strip().replace(" and ", "+").replace(" ", "_")


def store_simulated(workspace: Workspace, name: str, simulated: SimulatedCohort) -> CohortInfo:
    """Put simulated people into the workspace: the label column is named by the planted trait; other planted things are yes or no."""
    weeks = [
        Week(person, 0, values, simulated.start, False, COUNTS, "simulated", "midnight", report(values, COUNTS))
        for person, values in zip(simulated.participants, simulated.weeks, strict=True)
    ]
    others = {key: who for key, who in {**simulated.traits, **simulated.distractors}.items() if key != simulated.label}
    labels = {
        person: {label_name(simulated.label): PLANTED if simulated.positive[i] else NOT_PLANTED}
        | {key.replace("_", " "): "yes" if who[i] else "no" for key, who in others.items()}
        for i, person in enumerate(simulated.participants)
    }
    note = f"Simulated people, seed {simulated.seed}: nobody here exists. What was planted in some of them: {label_name(simulated.label)}."
    cohort = workspace.create_cohort(
        name, weeks, labels, (), origin=Origin(simulated=True, source="simulated", note=note), truth=dict(simulated.evidence)
    )
    keep_wear(workspace, cohort.name)
    return cohort
