"""The form of the page Compare models: whom to tell apart, which models, how many people, how often; and what that costs."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.components.shared.cached_calls import model_entries, workspace
from pages.components.shared.choices import choose, choose_number, choose_several
from pages.components.shared.guards import need_cohort
from pages.components.shared.job_status import GO_ON, LIVE, ended, follow, job_for
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import literal
from pages.components.shared.session import set_choice
from pages.components.shared.session_names import Param
from pages.components.shared.where_it_runs import say_where, where_it_runs
from pages.components.shared.words import _, plural
from pat_core.cohorts import CohortInfo, JobInfo
from pat_core.errors import PatError
from pat_core.models.pat.pat_config import LARGEST_SEED
from pat_core.reports.comparing.compare_words import left_words, people_words_of
from pat_core.training import DEVICES, FinetuneSettings
from pat_core.training.recipes import RECIPES
from pat_core.workflows.comparing.compare_cells import COMPARE, comparison, remember_request, requests
from pat_core.workflows.comparing.compare_request import ALL, CompareRequest, Groups, sizes_apart, usual_sizes
from pat_core.workflows.comparing.paper_results import PAPER_LABELS, paper_baselines, paper_missing, paper_request
from pat_core.workflows.comparing.training_cost import comparing
from pat_core.workflows.people.participants_table import label_columns
from pat_core.workflows.week.labelled_weeks import label_counts

OWN, PAPER = "label", "paper"
WHAT = {OWN: _("A label of this cohort"), PAPER: _("The paper's table: five labels of NHANES")}
STYLES = {"full": _("Full: everything learns"), "linear_probe": _("Linear probe: a head on the encoder as it is")}
RECIPE_WORDS = {"recommended": _("Recommended"), "paper": _("As in the paper")}
EVERYONE, EVERY_SIZE = "everyone else", "all"
USUAL_MODELS = ("pat-s-simulated", "wavelet_logistic", "cnn_1d")
Where = tuple[str | None, bool]
"""As of `where_it_runs`; None in place of a name where nobody chose: what was stopped goes on where it was."""
WHERE_IT_WAS: Where = (None, True)
FORM = "form"
"""The part of the page where it is asked for; there stands where it runs."""


def asked() -> CompareRequest | None:
    """What the form asks for; None where there is nothing to compare on, and that is said."""
    left, right = st.columns(2)
    with left:
        cohort = need_cohort()
        labels = label_columns(workspace(), cohort.name)
        if not labels:
            st.info(_("{cohort} has no label with at least two values. Add labels on the Data page.").format(cohort=literal(cohort.name)))
            return None
        paper = [label for label in PAPER_LABELS if label in labels]
        what = choose(Param.COMPARE_WHAT, _("What to compare on"), list(WHAT), words=WHAT.get, draw=st.radio, unsaid=OWN) if paper else OWN
        groups = None if what == PAPER else label_groups(cohort, labels)
    with right:
        models = _models(what)
        styles = choose_several(Param.COMPARE_STYLES, _("How a PAT is trained"), list(STYLES), ["full"], STYLES.__getitem__)
        seeds = choose_number(Param.COMPARE_SEEDS, st.number_input, _("Repetitions"), 3, min_value=1, max_value=100)
        settings = _recipe(what)
    try:
        name = _name(cohort, groups)
        if groups is None:
            return paper_request(workspace(), name, cohort.name, settings, int(seeds), models)
        sizes = tuple(ALL if size == EVERY_SIZE else int(size) for size in _sizes(_people_of(cohort, groups)))
        return CompareRequest(name, cohort.name, (groups,), tuple(models), tuple(styles), sizes, int(seeds), 0, "first", settings)
    except PatError as error:
        st.warning(literal(error))
        return None


def _name(cohort: CohortInfo, groups: Groups | None) -> str:
    return _("{cohort}, the paper's table").format(cohort=cohort.name) if groups is None else f"{cohort.name}, {groups.words}"


def label_groups(cohort: CohortInfo, labels: list[str]) -> Groups:
    """The boxes of a label and its two groups."""
    usual = "group" if "group" in labels else labels[0]
    label = choose(Param.COMPARE_LABEL, _("Label"), labels, usual, unsaid=usual)
    counts = label_counts(workspace(), cohort.name, label)
    values = list(counts)

    def words(value: str) -> str:
        return value if value == EVERYONE else plural("{value} ({number} person)", "{value} ({number} people)", counts[value], value=value)

    positive = choose(Param.COMPARE_GROUP, _("The group to recognise"), values, values[-1], words, unsaid=values[-1])
    others = [value for value in values if value != positive]
    choices = [EVERYONE, *others] if len(others) > 1 else others
    negative = choose(Param.COMPARE_AGAINST, _("Compared with"), choices, words=words, unsaid=choices[0])
    return Groups(label, positive, None if negative == EVERYONE else negative)


def _models(what: str) -> list[str]:
    here = {key: entry for key, entry in model_entries().items() if entry.present and not entry.has_head}
    usual = [name for name in (paper_baselines() if what == PAPER else USUAL_MODELS) if name in here]
    return choose_several(Param.COMPARE_MODELS, _("Models"), list(here), usual, lambda key: here[key].title)


def _people_of(cohort: CohortInfo, groups: Groups) -> int:
    """How many people of a cohort are in one of the two groups."""
    counts = label_counts(workspace(), cohort.name, groups.label)
    return sum(counts.values()) if groups.negative is None else counts[groups.positive] + counts[groups.negative]


def _sizes(people: int) -> list[str]:
    there, apart = ([str(size) for size in sizes] for sizes in (usual_sizes(people), sizes_apart(people)))
    return choose_several(
        Param.COMPARE_SIZES,
        _("People to train on"),
        [*there, EVERY_SIZE],
        [*apart[-1:], EVERY_SIZE],
        lambda size: _("all who are not tested") if size == EVERY_SIZE else people_words(int(size)),
    )


def _recipe(what: str) -> FinetuneSettings:
    with st.expander(_("Recipe and device")):
        usual = "paper" if what == PAPER else "recommended"
        recipe = choose(Param.COMPARE_RECIPE, _("Recipe"), RECIPES, usual, RECIPE_WORDS.get, unsaid=usual)
        title = _("Most epochs (0: as the recipe has it)")
        epochs = choose_number(Param.COMPARE_EPOCHS, st.number_input, title, 0, min_value=0, max_value=10_000)
        device = choose(Param.DEVICE, _("Device"), DEVICES, help=_("auto uses a CUDA GPU, else Apple's, else the CPU"), unsaid=DEVICES[0])
        seed = choose_number(Param.SEED, st.number_input, _("Seed"), 0, min_value=0, max_value=LARGEST_SEED)
    return FinetuneSettings("full", recipe=recipe, max_epochs=int(epochs) or None, device=device, seed=int(seed))


def start(request: CompareRequest) -> Where:
    """Whom it tests, where it runs, and the button that starts it; where it is at work already, how far it is. Where it runs."""
    try:
        before = comparison(workspace(), request)
    except PatError as error:
        st.warning(literal(error))
        return WHERE_IT_WAS
    for one in before.offers:
        st.caption(literal(f"{one.groups.words}: {people_words_of(one)}."))
    for sentence in (*(paper_missing(workspace(), request) if request.paper else ()), *before.left_out):
        st.info(literal(sentence))
    st.write(literal(left_words(before)))
    missing, where = len(before.missing), WHERE_IT_WAS
    if missing and not _at_work(request):
        where = where_it_runs(COMPARE, request, partial(comparing, workspace(), before))
    half_done = before.results and missing and request in requests(workspace()).values()
    if begin(request, missing, GO_ON if half_done else _("Start comparing"), FORM, where):
        set_choice(Param.COMPARISON, request.name)
        st.rerun()
    return where


def _at_work(request: CompareRequest) -> bool:
    job = job_for(COMPARE, request)
    return job is not None and job.state in LIVE


def begin(request: CompareRequest, missing: int, button: str, part: str, where: Where) -> bool:
    """How far a comparison is while it is at work; else how it was stopped, or the button that starts what is missing of it. part: of the
    page. Whether it was started just now."""
    place, ready = where
    job = job_for(COMPARE, request)
    if job is not None and job.state in LIVE:
        follow(job.id)
        return False
    if missing and place and part != FORM:
        say_where(place)
    if job is not None and job.state != "done" and missing:
        ended(job, place)
        return False
    for sentence in _failed(job) if missing else ():
        st.warning(literal(sentence))
    if not st.button(button, type="primary", disabled=not (missing and ready), key=f"compare.start.{part}"):
        return False
    try:
        remember_request(workspace(), request)
        COMPARE.launch(workspace(), request, _("Compare models: {name}").format(name=request.name), on=place or "")
    except PatError as error:
        st.error(literal(error))
        return False
    return True


def _failed(job: JobInfo | None) -> list[str]:
    """Which trainings of a job that came to its end failed, and why."""
    return list((job.result or {}).get("failed", [])) if job is not None else []
