"""The floors that stand beside a run's test: computed from the figures of the very weeks that it read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, PatError
from pat_core.plurals import listed
from pat_core.progress import Progress
from pat_core.training import FinetuneSettings, HeldOut, LabelledWeeks
from pat_core.workflows.week.age_sex_wear import other_variables
from pat_core.workflows.week.week_figures import week_figures

if TYPE_CHECKING:
    from pat_core.training.floors import Floor
    from pat_core.training.kind_floors import KindFloor

logger = logging.getLogger(__name__)


def floors_of_run(
    workspace: Workspace, of: tuple[str, np.ndarray], data: LabelledWeeks, settings: FinetuneSettings, test: HeldOut, progress: Progress
) -> list[dict[str, Any]]:
    """The floors on the splits of these settings as plain values, for a run's result; [] where they cannot be had.

    of: the cohort, and the rows of `data` in its array. A training of hours is not lost where its floor fails: that is logged.
    """
    from pat_core.training.floors import floors  # scikit-learn takes a second to import
    from pat_core.training.kind_floors import kind_floors
    from pat_core.training.labelled_people import plan

    try:
        progress.at(1.0, "Computing rhythm, sleep and wear for the floor")
        figures = week_figures(workspace, *of, AtTheEnd(progress))
        splits = [split for split in plan(data, replace(settings, repeats=1)) if len(split.test)]
        by_name = {"rhythm_logistic": figures.six, "gradient_boosting": figures.values}
        names, table = other_variables(workspace, of[0], data.people, data.task.label)
        by_name |= {"age_sex_wear": table} if names else {}
        if not data.task.two_classes:
            others = kind_floors(data, splits, by_name, settings.seed, AtTheEnd(progress))
            return [_plain(floor, names) for floor in others if np.isfinite([floor.value.value, floor.value.low, floor.value.high]).all()]
        answers = floors(data, splits, by_name, test, settings.seed, AtTheEnd(progress))
        return [_plain(floor, names) for floor in answers if np.isfinite(floor.auc.value)]
    except Cancelled:
        raise
    except PatError as error:
        logger.warning("no floor stands beside this run: %s", error)
        return []


def _plain(floor: Floor | KindFloor, names: Sequence[str]) -> dict[str, Any]:
    """names: which of age, sex and wear are known of these people."""
    plain = floor.as_dict()
    if floor.name == "age_sex_wear":
        title = listed(names)
        plain["title"] = title[:1].upper() + title[1:]
    return plain


class AtTheEnd:
    """A Progress of what is done last: its messages at the end of the whole."""

    def __init__(self, whole: Progress) -> None:
        self.whole = whole

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(1.0, message)

    def metric(self, step: int, values: Any) -> None:
        """There is no curve of it."""
