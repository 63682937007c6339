"""Pretrain an encoder: whose weeks, which network, which recipe; a check of all that, the start, and the runs below it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from pages.components.data.data_tabs import READS
from pages.components.pretrain import pretrain_runs
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose, choose_number, choose_several, switch
from pages.components.shared.guards import need_cohort
from pages.components.shared.phrases import people_words, windows_title, windows_words
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session import next_turn, set_choice, together, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.where_it_runs import where_it_runs
from pages.components.shared.words import _
from pages.components.train.training_form import WEEKS
from pat_core.errors import PatError
from pat_core.models.pat import SIZES, config_for
from pat_core.models.pat.pat_config import LARGEST_SEED, MASK_RATIO, Embedding
from pat_core.reports import pretrain_words
from pat_core.training import DEVICES, PretrainSettings
from pat_core.training.recipes import LossOn, paper_pretraining
from pat_core.weights.bundle import BLOCKS_AT_MOST, HEADS_AT_MOST
from pat_core.workflows.learn.leakage import cycles_of
from pat_core.workflows.learn.pretrain_people import CUSTOM, PretrainRequest, pretraining_people
from pat_core.workflows.learn.pretrain_run import PRETRAIN, start_pretraining
from pat_core.workflows.learn.time_to_expect import pretraining
from pat_core.workflows.week.cohort_weeks import unfit_rows
from pat_core.workflows.week.labelled_weeks import Unfit

EMBEDDINGS: dict[Embedding, str] = {"linear": _("Linear: one weight a minute"), "conv": _("Convolution: three minutes at a time")}
LOSSES: dict[LossOn, str] = {"all": _("All minutes, as in the paper"), "hidden": _("Hidden minutes alone")}
UNFIT: dict[Unfit, str] = {"leave out": _("Leave out"), "keep": _("Keep in")}
EPOCHS = 200
"""Most epochs to begin with: the paper's 1,000 could not be waited for without a GPU."""
WIDEST = 95
"""Most of the patches that can be hidden, in percent."""


def show() -> None:
    """The form in its frame with what is at work under it, then all runs."""
    with st.container(border=True):
        if not workspace().cohorts():
            st.info(_("There are no people here yet. Bring recordings, or simulate people, on the Data page."))
            st.page_link("pages/data.py", label=_("Go to Data"))
        else:
            with together():
                request = _asked()
            _start(request)
        here = st.container()
    st.header(_("Pretrained here"))
    pretrain_runs.show(here)


def _asked() -> PretrainRequest:
    left, right = st.columns(2)
    with left:
        request = _whom()
    with right:
        request = _network(request)
    return request


def _whom() -> PretrainRequest:
    cohort = need_cohort()
    others = [other.name for other in workspace().cohorts() if other.name != cohort.name]
    beside: list[str] = []
    if others:
        text = _("Each cohort is standardized by itself, as the paper does with the cycles of NHANES, whose devices differ.")
        beside = choose_several(Param.PRETRAIN_BESIDE, _("Together with"), others, [], placeholder=_("No other cohort"), help=text)
    weeks = choose(
        Param.PRETRAIN_WEEKS,
        windows_title(cohort),
        list(WEEKS),
        words=WEEKS.get,
        draw=partial(st.radio, horizontal=True),
        unsaid="first",
        help=_("{cohort} has {weeks} of {people}. A person's weeks are all learned from, or all validated on.").format(
            cohort=literal(cohort.name), weeks=windows_words(cohort.weeks, cohort), people=people_words(cohort.people)
        ),
    )
    if not any(cycles_of(one) for one in workspace().cohorts()):
        st.caption(_("The paper pretrained on NHANES. How its cycles come in stands on the Data page."))
        st.page_link("pages/data.py", label=_("How NHANES comes in"), query_params={str(Key.DATA_TAB): READS})
    return PretrainRequest("", cohort.name, weeks=weeks, unfit=_unfit([cohort.name, *beside]), beside=tuple(beside))


def _unfit(cohorts: list[str]) -> Unfit:
    """Whether weeks that the input check refuses are learned from, asked where there are any."""
    if not any(unfit_rows(workspace(), cohort) for cohort in cohorts):
        return "leave out"
    title, draw = _("What the input check refuses"), partial(st.radio, horizontal=True)
    return choose(Param.PRETRAIN_UNFIT, title, list(UNFIT), words=UNFIT.get, draw=draw, unsaid="leave out")


def _network(request: PretrainRequest) -> PretrainRequest:
    """Size or a shape of one's own, how patches become tokens, and the recipe."""
    sizes = [*SIZES, CUSTOM]
    size = choose(Param.PRETRAIN_SIZE, _("Model size"), sizes, words=_size_words, unsaid=sizes[0])
    request = replace(request, size=size)
    if size == CUSTOM:
        whole = partial(choose_number, draw=st.number_input, min_value=1)
        first, second, third = st.columns(3)
        with first:
            patch = whole(Param.PRETRAIN_PATCH, label=_("Patch (min)"), default=18, max_value=1440)
        with second:
            heads = whole(Param.PRETRAIN_HEADS, label=_("Heads"), default=6, max_value=HEADS_AT_MOST)
        with third:
            blocks = whole(Param.PRETRAIN_BLOCKS, label=_("Blocks"), default=1, max_value=BLOCKS_AT_MOST)
        request = replace(request, patch=int(patch), heads=int(heads), blocks=int(blocks))
    percent = round(100 * MASK_RATIO)
    masked = choose_number(
        Param.PRETRAIN_MASK,
        st.slider,
        _("Patches hidden (%)"),
        percent,
        min_value=5,
        max_value=WIDEST,
        step=5,
        help=_("The paper hides 90 %."),
    )
    settings = replace(paper_pretraining(size), mask_ratio=int(masked) / 100)
    with st.expander(_("Recipe and device")):
        embedding = choose(
            Param.PRETRAIN_EMBEDDING, _("How patches become tokens"), list(EMBEDDINGS), words=EMBEDDINGS.get, unsaid="linear"
        )
        settings = _recipe(settings)
    st.caption(literal(pretrain_words.recipe_words(settings, size)))
    return replace(request, embedding=embedding, settings=settings)


def _size_words(size: str) -> str:
    return _("a shape of your own") if size == CUSTOM else f"{size} ({pretrain_words.shape_words(config_for(size))})"


def _recipe(usual: PretrainSettings) -> PretrainSettings:
    """What the loss is on, smoothing, and the figures of the training; `usual` are the paper's for the size."""
    loss = choose(
        Param.PRETRAIN_LOSS,
        _("The loss is on"),
        list(LOSSES),
        words=LOSSES.get,
        unsaid="all",
        help=_("The paper's authors compared the two: hidden minutes alone did much worse."),
    )
    smoothed = switch(Param.PRETRAIN_SMOOTHED, _("Smooth weeks first"), False)
    if smoothed:
        st.caption(literal(pretrain_words.SMOOTHING))
    left, right = st.columns(2)
    epochs = partial(choose_number, draw=st.number_input, min_value=1, max_value=10_000)
    rates = partial(choose_number, draw=st.number_input, max_value=0.5, format="%.1e")
    with left:
        rate = rates(Param.PRETRAIN_RATE, label=_("Learning rate"), default=usual.learning_rate, min_value=1e-8)
        batch = epochs(Param.PRETRAIN_BATCH, label=_("Weeks a step"), default=usual.batch)
        patience = epochs(Param.PRETRAIN_PATIENCE, label=_("Stop after this many epochs without a lower loss"), default=usual.patience)
        device = choose(Param.DEVICE, _("Device"), DEVICES, help=_("auto uses a CUDA GPU, else Apple's, else the CPU"), unsaid=DEVICES[0])
    with right:
        floor = rates(Param.PRETRAIN_FLOOR, label=_("Its lowest value"), default=usual.smallest_rate, min_value=0.0)
        most = epochs(Param.PRETRAIN_EPOCHS, label=_("Most epochs"), default=EPOCHS)
        plateau = epochs(Param.PRETRAIN_PLATEAU, label=_("Halve the rate after this many of them"), default=usual.plateau_patience)
        seed = choose_number(Param.SEED, st.number_input, _("Seed"), 0, min_value=0, max_value=LARGEST_SEED)
    return replace(
        usual,
        loss_on=loss,
        smoothed=smoothed,
        learning_rate=float(rate),
        smallest_rate=float(floor),
        batch=int(batch),
        epochs=int(most),
        patience=int(patience),
        plateau_patience=int(plateau),
        device=device,
        seed=int(seed),
    )


def _start(request: PretrainRequest) -> None:
    """Who learns and who validates, the run's name, and the button that starts it; what stands against it is said in place."""
    able = _check(request)
    proposed = pretrain_words.proposed_encoder(workspace(), request.size, request.cohort)
    key = f"pretrain.name.{proposed}.{turn_of(Key.PRETRAIN_TURN)}"  # the next run gets a name box of its own
    name = st.text_input(_("Name of the encoder"), value=proposed, max_chars=80, key=key)
    request = replace(request, name=name)
    place, ready = where_it_runs(PRETRAIN, request if able else None, partial(pretraining, workspace(), request))
    if not st.button(_("Start pretraining"), type="primary", disabled=not (able and ready)):
        return
    try:
        run, _job = start_pretraining(workspace(), request, place)
    except PatError as error:
        st.error(literal(error))
        return
    set_choice(Param.PRETRAINED, run.name)
    st.session_state[Key.PRETRAIN_STARTED] = run.name
    next_turn(Key.PRETRAIN_TURN)
    st.rerun()


def _check(request: PretrainRequest) -> bool:
    """Whose weeks it would learn from, before anything starts; whether it can."""
    st.markdown(_("**Who it learns from**"))
    try:
        chosen = pretraining_people(workspace(), request)
    except PatError as error:
        st.warning(literal(error))
        return False
    st.markdown(bullets(pretrain_words.whom_words(chosen)))
    if few := pretrain_words.few_words(chosen):
        st.caption(literal(few))
    return True
