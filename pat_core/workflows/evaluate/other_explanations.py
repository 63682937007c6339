"""What age, sex and wear alone would predict of the tested people, and what the model's score adds to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.evaluation.study.adjustment import AdjustmentCheck, adjustment_check
from pat_core.workflows.evaluate.tested_people import TestedPeople, content
from pat_core.workflows.week.age_sex_wear import FEWEST_KNOWN, other_variables

FEWEST = FEWEST_KNOWN
"""People of the rarer group: fewer cannot be divided into parts to fit and to test on."""


@dataclass(frozen=True)
class OtherExplanations:
    """names: of the variables, in a reader's words. check: what they predict alone, and with the score."""

    names: tuple[str, ...]
    check: AdjustmentCheck


KEPT = Codec[OtherExplanations](OtherExplanations)


def other_explanations(workspace: Workspace, people: TestedPeople, seed: int = 0) -> OtherExplanations | None:
    """None where the people are not known by name, are too few, or nothing about them varies."""
    if not people.named or min(people.counts) < FEWEST:
        return None
    names, table = other_variables(workspace, people.cohort, people.participants, people.label)
    if not names:
        return None
    parts = {"people": content(people), "variables": digest([names, np.nan_to_num(table, nan=-1e9).tolist()]), "seed": seed}

    def make() -> OtherExplanations:
        return OtherExplanations(names, adjustment_check(people.positive, people.logits, table, None, people.fold[0], seed=seed))

    return workspace.remember(Question("what else explains a test", parts), make, KEPT)
