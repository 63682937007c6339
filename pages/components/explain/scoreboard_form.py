"""The scoreboard measured anew: how much of it, where it runs, how far it is."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose, choose_number, choose_several
from pages.components.shared.job_status import LIVE, follow, job_for
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.where_it_runs import where_it_runs
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.explain import METHODS
from pat_core.reports.comparing.scoreboard_words import asked_words
from pat_core.workflows.elsewhere.time_to_explain import scoring
from pat_core.workflows.explanations.planted_models import LEARNING_RATE, PLANTED_TASKS
from pat_core.workflows.explanations.scoreboard import PLANTED
from pat_core.workflows.explanations.scoreboard_run import FULL, LOOK, SCOREBOARD, ScoreboardRequest

OWN = "own"
PRESETS = {"look": LOOK, "full": FULL}
AMOUNTS = {"look": _("A look, in minutes"), "full": _("All of it, in hours or days"), OWN: _("As chosen below")}


def asked() -> ScoreboardRequest | None:
    """What the form asks for; None where that cannot be measured, which is said."""
    st.write(
        _(
            "Models are trained on simulated people with planted evidence, and every method is held against it. Nobody in it exists, so "
            "nothing of your people has a part in it, here or elsewhere."
        )
    )
    draw = partial(st.segmented_control, required=True)
    amount = choose(Param.SCORE_AMOUNT, _("How much"), list(AMOUNTS), words=AMOUNTS.get, draw=draw, unsaid="look")
    try:
        request = PRESETS[amount] if amount in PRESETS else _own()
    except PatError as error:
        st.warning(literal(error))
        return None
    st.caption(literal(asked_words(request)))
    return request


def _own() -> ScoreboardRequest:
    whole = partial(choose_number, draw=st.number_input)
    left, right = st.columns(2)
    with left:
        sizes = choose_several(Param.SCORE_SIZES, _("Model sizes"), list(LEARNING_RATE), LOOK.sizes)
        tasks = choose_several(Param.SCORE_TASKS, _("What is planted"), list(PLANTED_TASKS), LOOK.tasks, PLANTED.__getitem__)
        methods = choose_several(Param.SCORE_METHODS, _("Methods"), list(METHODS), LOOK.methods, lambda name: METHODS[name].title)
    with right:
        models = whole(Param.SCORE_MODELS, label=_("Models of each"), default=1, min_value=1, max_value=20)
        weeks = whole(
            Param.SCORE_WEEKS, label=_("Weeks a model"), default=30, min_value=1, max_value=1000, help=_("Below 30 nothing gets a verdict.")
        )
        deep = whole(
            Param.SCORE_DEEP,
            label=_("Of these in depth"),
            default=LOOK.deep,
            min_value=0,
            max_value=1000,
            help=_("What is marked is taken out and put in, noise is added, weights are drawn anew. Slow methods are measured here alone."),
        )
        people = whole(Param.SCORE_PEOPLE, label=_("People to train on"), default=LOOK.people, min_value=40, max_value=10_000)
    return ScoreboardRequest(tuple(sizes), tuple(tasks), int(models), int(weeks), int(deep), tuple(methods), int(people), FULL.epochs)


def begin(request: ScoreboardRequest) -> None:
    """How far it is while it is at work; else where it runs, and the button that starts it or goes on with it."""
    job = job_for(SCOREBOARD, request)
    if job is not None and job.state in LIVE:
        follow(job.id)
        return
    place, ready = where_it_runs(SCOREBOARD, request, partial(scoring, request))
    if job is not None and job.state != "done":
        follow(job.id, place)
    elif st.button(_("Measure"), type="primary", key="scoreboard.start", disabled=not ready):
        try:
            SCOREBOARD.launch(workspace(), request, _("Scoreboard: {what}").format(what=asked_words(request)), on=place)
        except PatError as error:
            st.error(literal(error))
            return
        st.rerun()
