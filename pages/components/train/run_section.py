"""Runs on the Fine-tune page: which one, how it goes, its test with what must be read beside it, and taking it away."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared import data_table, sentences
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose
from pages.components.shared.job_status import LIVE
from pages.components.shared.phrases import date_words
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.run_status import run_status
from pages.components.shared.session import remember, set_choice, show_message
from pages.components.shared.session_names import Key, Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.cohorts import RunInfo
from pat_core.errors import PatError
from pat_core.figures import config, training_curves
from pat_core.reports import run_words
from pat_core.workflows.learn.multiplicity import tested_runs
from pat_core.workflows.learn.run_record import run_state
from pat_core.workflows.models.cautions import main_figure
from pat_core.workflows.models.run_files import run_curves, run_zip

FIGURES = {
    "AUC": _("How often a person of the group scores higher than one outside it. 0.50 is chance."),
    "macro AUC": _("The mean over the classes of how often a person of it has a higher probability of it than others. 0.50 is chance."),
    "concordance": _("How often the person of the higher class scores higher, among all pairs of different classes. 0.50 is chance."),
    "R2": _("The share of the differences between people that is predicted. 0 is no better than the mean of everyone, 1 is perfect."),
}
"""Figure that a test is judged by -> what it means."""


def show(here: DeltaGenerator) -> None:
    """The chosen run out of all there are. here: where runs are started; what is at work, or was started in this tab, is shown there."""
    show_message(Key.RUNS_MESSAGE)
    runs = {run.name: run for run in workspace().runs() if run.tests}
    if not runs:
        st.info(_("No run yet. Choose a cohort and a label above and start one: on simulated people it takes about a minute."))
        return
    run = runs[choose(Param.RUN, _("Run"), list(runs))]  # names alone: a box does not draw the words of an option again when they change
    state = run_state(workspace(), run)
    above = state in LIVE or st.session_state.get(Key.RUN_STARTED) == run.name
    if above:
        st.caption(_("It is shown above, where it was started."))
    with here if above else st.container():
        _draw_run(run, state, titled=above)
    _all_of_the_cohort(run)


def _all_of_the_cohort(run: RunInfo) -> None:
    """Every run of the run's cohort with its test beside one another, and what their number means."""
    if run.cohort_id is None:
        return
    tested = tested_runs(workspace(), run.cohort)
    if len(tested.table) < 2:
        return
    with st.expander(_("All runs on {cohort}").format(cohort=literal(run.cohort)), key="runs-of-the-cohort"):
        st.caption(literal(tested.words))
        rows = tested.table.assign(Test=[sentences.interval(row) for row in _intervals(tested.table)])
        data_table.table(rows[["Run", "Learned", "Figure", "Test", "People"]])


def _intervals(table: pd.DataFrame) -> list[dict[str, float]]:
    return [{"value": row["Value"], "low": row["Low"], "high": row["High"]} for row in table.to_dict("records")]


def _draw_run(run: RunInfo, state: str, titled: bool) -> None:
    """All of one run. titled: with its name, where the box that names it stands elsewhere."""
    if titled:
        st.subheader(literal(run.name, LONGEST))
    st.markdown(f"**{literal(run_words.question(run))}**")
    st.caption(_("Started {moment}; {state}.").format(moment=date_words(run.created), state=sentences.state(state)))
    _how_it_goes(run, state)
    if run.result:
        _result(run)
    if state not in LIVE:
        _curves(run)
        _delete(run)


def _how_it_goes(run: RunInfo, state: str) -> None:
    if state == "done" and st.session_state.get(Key.RUN_STARTED) == run.name:
        _take_over(run)
    run_status(run, state, _curves)


def _take_over(run: RunInfo) -> None:
    """Once: the model that the reader has just trained, and sees the test of, is the one that other pages show."""
    if st.session_state.get(Key.RUN_GIVEN) != run.name and run_words.model_of(workspace(), run):
        st.session_state[Key.RUN_GIVEN] = run.name
        set_choice(Param.MODEL, run.name)


def _curves(run: RunInfo) -> None:
    metrics = run_curves(workspace(), run)
    if metrics:
        figure, caption = training_curves(metrics, best_epoch=(run.result or {}).get("best_epoch"), theme=theme_name())
        st.plotly_chart(figure, theme=None, config=config(), key="curves")
        st.caption(literal(caption))


def _result(run: RunInfo) -> None:
    """The test: its value never without its interval, its people, and what else must be read with it."""
    name, figure = main_figure(run.result or {})
    whom = _(" on simulated people") if run_words.tested_on_simulated(workspace(), run) else ""
    left, middle, right = st.columns(3)
    title, meaning = _("Test {figure}{people}").format(figure=name, people=whom), FIGURES.get(name)
    left.metric(literal(title), sentences.number(figure["value"]), help=meaning)
    middle.metric(
        _("95 % interval"), _("{low} to {high}").format(low=sentences.number(figure["low"]), high=sentences.number(figure["high"]))
    )
    right.metric(_("People tested"), figure["n"])
    _floors(run)
    verdict = run_words.floor_verdict(run.result or {})
    if cautions := [*run_words.cautions(workspace(), run), *filter(None, [verdict])]:
        st.warning("  \n".join(literal(caution) for caution in cautions))
    st.markdown(sentences.facts(run_words.facts(workspace(), run)))
    _files(run)
    _onwards(run)


def _floors(run: RunInfo) -> None:
    """What models without a network reach on the same people, and how far this one is from them."""
    floors = run_words.floor_lines(run.result or {})
    if not floors:
        st.caption(literal(run_words.NO_FLOOR))
        return
    help_words = _("A floor: a model without a network, tested on the same people. A network that does not beat it has learned little.")
    for column, (title, auc, difference) in zip(st.columns(len(floors)), floors, strict=True):
        column.metric(_("Floor: {title}").format(title=literal(title.lower())), auc, help=help_words)
        if difference:
            column.caption(_("This model less the floor: {difference}").format(difference=difference))


def _files(run: RunInfo) -> None:
    """What a researcher takes along: to make the run again, who stood where in each fold, and what was said of each person."""
    st.download_button(
        _("This run's files (zip)"),
        lambda: run_zip(run),
        f"{run.name}-run.zip",
        "application/zip",
        on_click="ignore",
        help=_("replay.json makes the same numbers again (`reproduce`); folds.csv, test.csv and curves.csv are tables."),
    )


def _onwards(run: RunInfo) -> None:
    if run_words.model_of(workspace(), run) is None:
        st.write(_("The model of this run was deleted on the Models page."))
    elif run.cohort_id is None:
        st.write(_("The cohort “{cohort}” was deleted. The model is on the Models page.").format(cohort=literal(run.cohort)))
    else:
        address = {str(Param.MODEL): run.name, str(Param.COHORT): run.cohort, str(Param.TESTED): "own"}
        st.page_link("pages/evaluate.py", label=_("All figures of this test"), query_params=address)
        if st.button(_("See the people"), on_click=_see, args=(run,)):
            st.switch_page("pages/participants.py")


def _see(run: RunInfo) -> None:
    set_choice(Param.MODEL, run.name)
    set_choice(Param.COHORT, run.cohort)


def _delete(run: RunInfo) -> None:
    with st.popover(_("Delete this run")):
        model = _(" Its model stays on the Models page until it is deleted there.") if run_words.model_of(workspace(), run) else ""
        st.write(
            _(
                "Delete the run {run} with its curves, its checkpoints and the list of who trained and who was tested? "
                "This cannot be undone.{model}"
            ).format(run=literal(run.name), model=model)
        )
        if not st.button(_("Delete {run}").format(run=literal(run.name, LONGEST)), key=f"run.delete.{run.name}"):
            return
        try:
            workspace().delete_run(run.name)
        except PatError as error:
            st.error(literal(error))
            return
        remember(Param.RUN, None)
        st.session_state.pop(Key.BOX.of(Param.RUN), None)
        st.session_state[Key.RUNS_MESSAGE] = _("The run {run} was deleted.").format(run=run.name)
        st.rerun()
