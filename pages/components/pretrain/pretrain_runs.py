"""Runs of the Pretrain page: which one, how it goes, what its encoder's card says, and taking it away."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.pretrain.pretrain_views import inspecting
from pages.components.pretrain.rebuilt_picture import picture
from pages.components.shared import sentences
from pages.components.shared.cached_calls import model_entries, workspace
from pages.components.shared.choices import choose
from pages.components.shared.job_status import LIVE
from pages.components.shared.phrases import date_words
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.run_status import run_status
from pages.components.shared.session import remember, show_message
from pages.components.shared.session_names import Key, Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.cohorts import RunInfo
from pat_core.errors import PatError
from pat_core.figures import MaskedWeek, config, training_curves
from pat_core.reports import pretrain_words
from pat_core.workflows.learn.live_rebuilding import course_of, live_week
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.run_record import run_state
from pat_core.workflows.models.run_files import run_curves


def show(here: DeltaGenerator) -> None:
    """The chosen run out of all there are. here: where runs are started; what is at work, or was started in this tab, is shown there."""
    show_message(Key.PRETRAIN_MESSAGE)
    runs = pretrain_words.pretraining_runs(workspace())
    if not runs:
        st.info(
            _(
                "No encoder was pretrained here yet. Choose above whose weeks it learns from and start one: a small one on the "
                "demonstration takes some minutes. While it learns, you see its loss and one week as it is rebuilt so far."
            )
        )
        return
    run = runs[choose(Param.PRETRAINED, _("Encoder"), list(runs))]
    state = run_state(workspace(), run)
    above = state in LIVE or st.session_state.get(Key.PRETRAIN_STARTED) == run.name
    if above:
        st.caption(_("It is shown above, where it was started."))
    with here if above else st.container():
        _draw_run(run, state, titled=above)


def _draw_run(run: RunInfo, state: str, titled: bool) -> None:
    """All of one run. titled: with its name, where the box that names it stands elsewhere."""
    if titled:
        st.subheader(literal(run.name, LONGEST))
    st.markdown(f"**{literal(pretrain_words.asked(run))}**")
    st.caption(_("Started {moment}; {state}.").format(moment=date_words(run.created), state=sentences.state(state)))
    run_status(run, state, _at_work)
    if state in LIVE:
        return
    if state == "done":
        _result(run)
    _curves(run)
    if state != "done":
        _so_far(run)
    _delete(run)


def _at_work(run: RunInfo) -> None:
    _curves(run)
    _so_far(run)


def _curves(run: RunInfo) -> None:
    """Loss by epoch, and in words what early stopping and the learning rate do."""
    if metrics := run_curves(workspace(), run):
        figure, caption = training_curves(metrics, best_epoch=(run.result or {}).get("best_epoch"), theme=theme_name())
        st.plotly_chart(figure, theme=None, config=config(), key="pretrain-curves")
        st.caption(literal(caption))
    if course := course_of(run):
        st.caption(literal(pretrain_words.course_words(course, PretrainRequest.from_spec(run.config).settings, run.state == "done")))


def _so_far(run: RunInfo) -> None:
    """One held-out week as it is rebuilt so far."""
    week = live_week(run)
    if week is None:
        return
    st.markdown(_("**A held-out week after epoch {epoch}**").format(epoch=f"{week.epoch:,}"))
    name = _("A week of a person who is held out, after epoch {epoch}").format(epoch=f"{week.epoch:,}")
    patch = PretrainRequest.from_spec(run.config).config.patch
    drawn = week.rebuilt
    picture(MaskedWeek(drawn.z, drawn.hidden, drawn.output, patch, week.start, week.date_known, name), drawn, "pretrain-so-far")


def _result(run: RunInfo) -> None:
    """What came out: how well held-out weeks are rebuilt, the card, and the ways onwards."""
    st.write(literal(pretrain_words.ended_words(run.result or {})))
    entry = model_entries().get(run.name)
    if entry is None:
        st.write(_("The encoder of this run was deleted on the Models page."))
        return
    (st.warning if entry.card.get("simulated") else st.info)(literal(_first_line(entry.card)))
    st.markdown(_("**How well hidden minutes of held-out people are rebuilt**"))
    table = pretrain_words.rebuilt_table((run.result or {})["rebuilt"])
    st.table(table.rename(columns=literal), border="horizontal", hide_index=True)
    st.caption(literal(pretrain_words.HOW_TO_READ))
    with st.container(horizontal=True):
        st.page_link("pages/pretrain.py", label=_("See what it rebuilds"), query_params=inspecting(run.name))
        st.page_link("pages/finetune.py", label=_("Fine-tune from it"), query_params=_from_it(entry.size, run))
        st.page_link("pages/models.py", label=_("It stands in Models"), query_params={str(Param.MODEL): run.name})
    with st.expander(_("Its card"), key=f"pretrain.card.{run.name}"):
        st.markdown(sentences.facts(pretrain_words.card_facts(entry.card)))


def _first_line(card: dict) -> str:
    simulated = _(" It learned from simulated people: what it knows of real ones is not known.") if card.get("simulated") else ""
    return f"{card.get('first_line', '')}{simulated}"


def _from_it(size: str, run: RunInfo) -> dict[str, str]:
    return {str(Param.COHORT): run.cohort, str(Param.TRAIN_SIZE): size, str(Param.TRAIN_FROM): run.name}


def _delete(run: RunInfo) -> None:
    with st.popover(_("Delete this run")):
        st.write(
            _(
                "Delete the run {run} with its curves and its checkpoints? This cannot be undone. Its encoder stays on the Models page "
                "until it is deleted there."
            ).format(run=literal(run.name))
        )
        if not st.button(_("Delete {run}").format(run=literal(run.name, LONGEST)), key=f"pretrain.delete.{run.name}"):
            return
        try:
            workspace().delete_run(run.name)
        except PatError as error:
            st.error(literal(error))
            return
        remember(Param.PRETRAINED, None)
        st.session_state.pop(Key.BOX.of(Param.PRETRAINED), None)
        st.session_state[Key.PRETRAIN_MESSAGE] = _("The run {run} was deleted.").format(run=run.name)
        st.rerun()
