"""What the Evaluate page asks: which model, on whom, which groups; and the record that answers it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from pages.components.people import people_list
from pages.components.shared.cached_calls import folder_key, workspace
from pages.components.shared.choices import choose
from pages.components.shared.guards import cohort_so_far, need_cohort, need_model
from pages.components.shared.job_status import follow, job_for
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pages.components.workbench import chosen_people_box
from pat_core.cohorts import CohortInfo, Selection
from pat_core.workflows.evaluate.evaluation_run import EVALUATE, EvaluationRecord, evaluate
from pat_core.workflows.evaluate.tested_people import EvaluationRequest, own_task
from pat_core.workflows.models.kind_answers import outputs_of
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participants_table import label_columns, usual_standardizer
from pat_core.workflows.week.labelled_weeks import label_counts

OWN, COHORT = "own", "cohort"
EVERYONE = "everyone else"
"""As the address has it."""
TESTED = {OWN: _("Its own held-out people"), COHORT: _("A labelled cohort")}
WEEKS = {"all": _("All of a person's, as one score"), "first": _("The first of each person")}
MOST_AT_ONCE = 5000
"""People who are measured while the reader waits, within seconds; more are a background job."""


@dataclass(frozen=True)
class Asked:
    """A request with the model and, where one is tested on, the cohort that it names. selection: the people it is of alone, out of the
    cohort `of`; None for everyone."""

    request: EvaluationRequest
    entry: ModelEntry
    cohort: CohortInfo | None
    selection: Selection | None = None
    of: CohortInfo | None = None

    @property
    def two_classes(self) -> bool:
        """Whether the model tells two groups apart; else it answers with several classes or a value."""
        return outputs_of(self.entry.card).kind == "two classes"


def asked() -> Asked:
    """The boxes; stops the page where there is no model with a trained head, or nobody to test it on."""
    left, right = st.columns(2)
    notes = st.container()
    with left:
        entry = need_model(cohort_so_far(), with_head=True, place=notes, before_cohort=True)
    offered = [name for name in TESTED if name == OWN and entry.card.get("test") or name == COHORT and workspace().cohorts()]
    if not offered:
        st.info(_("This model brings no test of its own, and there are no people here to test it on. Bring recordings on the Data page."))
        st.page_link("pages/data.py", label=_("Go to Data"))
        st.stop()
    with right:
        where = choose(Param.TESTED, _("Tested on"), offered, _usual(entry, offered), TESTED.get)
    if where == OWN:
        own = _own_cohort(entry)
        selection = chosen_people_box.box(own) if own else None
        return Asked(EvaluationRequest(model=entry.reference, people=selection.id if selection else ""), entry, None, selection, own)
    asked = _of_cohort(entry)
    selection = chosen_people_box.box(asked.cohort) if asked.cohort else None
    return replace(asked, request=replace(asked.request, people=selection.id if selection else ""), selection=selection, of=asked.cohort)


def _own_cohort(entry: ModelEntry) -> CohortInfo | None:
    """The cohort whose people the model's own test names; None where it names nobody."""
    run = next((run for run in workspace().runs() if (run.result or {}).get("model_sha256") == entry.sha256), None)
    cohorts = workspace().cohorts() if run is not None and run.cohort_id is not None else []
    return next((cohort for cohort in cohorts if run is not None and cohort.id == run.cohort_id), None)


def _usual(entry: ModelEntry, offered: list[str]) -> str:
    """A cohort with the model's label, of other people than those it was trained on, where that is what the reader looks at."""
    cohort = cohort_so_far()
    other = cohort is not None and cohort.id not in (entry.card.get("cohort_id"), *(entry.card.get("cohorts_seen") or ()))
    return COHORT if other and cohort is not None and entry.card.get("label") in cohort.label_columns else offered[0]


def _of_cohort(entry: ModelEntry) -> Asked:
    if outputs_of(entry.card).kind != "two classes":  # on the label that it was trained on, and no other
        cohort = need_cohort()
        return Asked(
            EvaluationRequest(model=entry.reference, cohort=cohort.name, standardizer=usual_standardizer(entry, cohort)), entry, cohort
        )
    first, second, third, fourth = st.columns(4)
    with first:
        cohort = need_cohort()
    own = own_task(entry.card, cohort.label_columns)
    labels = [*([own] if own else []), *label_columns(workspace(), cohort.name)]
    if not labels:
        st.info(_("{cohort} has no label with at least two values. Add labels on the Data page.").format(cohort=literal(cohort.name)))
        st.page_link("pages/data.py", label=_("Go to Data"))
        st.stop()
    card = entry.card
    usual = card.get("label") if not own and card.get("label") in labels else labels[0]
    with second:
        label = choose(Param.TEST_LABEL, _("Label"), labels, usual, unsaid=usual)
    if label == own:
        by = usual_standardizer(entry, cohort)
        request = EvaluationRequest(model=entry.reference, cohort=cohort.name, standardizer=by, weeks=_weeks(cohort))
        return Asked(request, entry, cohort)
    counts = label_counts(workspace(), cohort.name, label)
    same = label == card.get("label")
    known = card.get("positive") if same and card.get("positive") in counts else list(counts)[-1]

    def words(value: str) -> str:
        return _("everyone else") if value == EVERYONE else f"{value} ({people_words(counts[value])})"

    with third:
        positive = choose(Param.TEST_GROUP, _("The group it should recognise"), list(counts), known, words, unsaid=known)
    others = [value for value in counts if value != positive]
    choices = [EVERYONE, *others] if len(others) > 1 else others
    wanted = card.get("negative") if same and card.get("negative") in choices else choices[0]
    with fourth:
        negative = choose(Param.TEST_AGAINST, _("Compared with"), choices, wanted, words, unsaid=wanted)
    weeks = _weeks(cohort)
    request = EvaluationRequest(
        model=entry.reference, cohort=cohort.name, label=label, positive=positive, negative=None if negative == EVERYONE else negative,
        weeks=weeks, standardizer=usual_standardizer(entry, cohort),
    )  # fmt: skip
    return Asked(request, entry, cohort)


def _weeks(cohort: CohortInfo) -> str:
    """Asked where somebody has several."""
    if cohort.weeks == cohort.people:
        return "all"
    return choose(Param.TEST_WEEKS, _("Weeks"), list(WEEKS), words=WEEKS.get, unsaid="all")


def answered(question: Asked) -> EvaluationRecord:
    """The record; stops the page while predictions are missing or many people are measured in the background. Raises PatError."""
    predictions_or_stop(question)
    if question.cohort is not None and question.cohort.people > MOST_AT_ONCE:
        _in_background(question.request)
    return record_of(question)


def predictions_or_stop(question: Asked) -> None:
    """Stops the page while many of the cohort's predictions are missing."""
    entry, cohort = question.entry, question.cohort
    if cohort is not None and not people_list.predictions_ready(entry, cohort, usual_standardizer(entry, cohort)):
        st.stop()


def record_of(question: Asked, **more: str | None) -> EvaluationRecord:
    """The record of the question, with another model beside it or divided by a column where `more` says so."""
    cohort = question.cohort
    stamp = workspace().stamp(cohort.name) if cohort is not None else ""
    return _record(folder_key(), replace(question.request, **more), question.entry.sha256, stamp)  # type: ignore[arg-type]


@st.cache_data(show_spinner=_("Testing the model"), max_entries=24)
def _record(folder: str, request: EvaluationRequest, sha256: str | None, stamp: str) -> EvaluationRecord:
    return evaluate(workspace(), request)


def _in_background(request: EvaluationRequest) -> None:
    """Stops the page until a job has measured so many people; what it kept is read back then."""
    job = job_for(EVALUATE, request)
    if job is not None and follow(job.id).state == "done":
        return
    if job is None:
        st.write(_("So many people are measured in the background. You may leave while it works."))
        if st.button(_("Evaluate"), type="primary"):
            EVALUATE.launch(workspace(), request, _("Evaluate {model}").format(model=request.model))
            st.rerun()
    st.stop()
