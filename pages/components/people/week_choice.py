"""Which person and which of their weeks: the two boxes that every page of one week has."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.choices import Missing, choose
from pages.components.shared.guards import need_people, need_weeks
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo


def person_and_week(cohort: CohortInfo, first: DeltaGenerator, second: DeltaGenerator, place: DeltaGenerator) -> tuple[list[str], str, int]:
    """(everybody in the cohort, the person, the index of their week). place: where it says that the address names nobody here."""
    names = need_people(cohort)
    with first:
        person = choose(
            Param.PERSON,
            _("Participant"),
            names,
            missing=Missing(lambda name: _("“{person}” is not among {cohort}.").format(person=name, cohort=cohort.name), place),
        )
    weeks, usual = need_weeks(cohort, person), cohort.span == "week"
    with second:
        number = choose(
            Param.WEEK,
            _("Week") if usual else _("Window"),
            list(weeks),
            words=lambda number: _("Week {number}").format(number=number) if usual else _("Window {number}").format(number=number),
            missing=Missing(lambda number: _("{person} has no week {week}.").format(person=person, week=number), place),
        )
    return names, person, weeks[number]
