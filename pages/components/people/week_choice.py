"""Which person and which of their weeks: the two boxes that every page of one week has."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.guards import need_people, need_weeks
from pages.components.shared.session import Missing, Param, choose
from pat_core.cohorts import CohortInfo


def person_and_week(
    cohort: CohortInfo, first: DeltaGenerator, second: DeltaGenerator, place: DeltaGenerator
) -> tuple[Sequence[str], str, int]:
    """(everybody in the cohort, the person, the index of their week). place: where it says that the address names nobody here."""
    names = need_people(cohort)
    with first:
        person = choose(Param.PERSON, "Participant", names, missing=Missing(lambda name: f"“{name}” is not among {cohort.name}.", place))
    weeks = need_weeks(cohort, person)
    with second:
        number = choose(
            Param.WEEK, "Week", list(weeks), words="Week {}".format, missing=Missing(lambda n: f"{person} has no week {n}.", place)
        )
    return names, person, weeks[number]
