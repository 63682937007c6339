"""The form of the Fine-tune page: whom to tell apart, the model to start from, the recipe, the run's name."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from pages.components.shared.cached_calls import model_entries, workspace
from pages.components.shared.choices import choose, choose_number, choose_several
from pages.components.shared.guards import need_cohort
from pages.components.shared.phrases import people_words, windows_title, windows_words
from pages.components.shared.plain_text import literal
from pages.components.shared.session import next_turn, set_choice, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.where_it_runs import where_it_runs
from pages.components.shared.words import _
from pages.components.train.target_boxes import Learned, learned
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.models.outputs import Kind
from pat_core.models.pat import SIZES
from pat_core.models.pat.pat_config import LARGEST_SEED
from pat_core.records import StandardizePer
from pat_core.reports.run_words import EVERYONE, proposed_name, recipe_words
from pat_core.training import DEVICES, FinetuneSettings
from pat_core.training.recipes import MOST_REPEATS, Recipe, Style, course
from pat_core.training.target import MAIN
from pat_core.workflows.learn.analysis_plan import LONGEST_PLAN, plan_hash
from pat_core.workflows.learn.finetune_run import FINETUNE, start_finetune
from pat_core.workflows.learn.leakage import leaks
from pat_core.workflows.learn.multiplicity import also_learnable, for_labels
from pat_core.workflows.learn.planned_split import proposed_folds, reason_words, split_before, split_table
from pat_core.workflows.learn.time_to_expect import finetuning
from pat_core.workflows.models.model_entries import ModelEntry, resolve
from pat_core.workflows.week.cohort_weeks import unfit_rows
from pat_core.workflows.week.label_kinds import label_kinds
from pat_core.workflows.week.labelled_weeks import RunRequest, Unfit, labelled_people

RECIPES: dict[str, tuple[Recipe, Style, str]] = {
    "probe": ("recommended", "linear_probe", _("Linear probe, recommended: the encoder stays, a regression on it learns")),
    "everything": ("recommended", "full", _("Full, recommended: everything learns, in tens of epochs")),
    "linear_probe": ("paper", "linear_probe", _("Linear probe, as in the paper: the encoder stays, a small head learns")),
    "full": ("paper", "full", _("Full, as in the paper: everything learns")),
    "classroom": ("paper", "linear_probe", _("Classroom: the head of the paper at a faster rate, to watch it learn")),
}
BASELINE, BASELINE_WORDS = "baseline", _("a baseline of the paper, without pretraining")
WEEKS = {"first": _("First of each person"), "all": _("Every full window")}
EPOCHS = {"full": 200, "classroom": 300}
"""Most epochs to begin with, where the recipe's own could not be waited for without a GPU."""
CLASSROOM_RATE, CLASSROOM = (
    3e-3,
    _(
        "About a minute on two cores with a few dozen people and one held-out part; five folds take six times as long. "
        "A class sees more with 200 simulated people."
    ),
)
STANDARDIZE: dict[StandardizePer, str] = {
    "window": _("Each minute of the window, as in the paper"),
    "day": _("Each minute of the day: reads windows of any length"),
}
KEEP = {"refit": _("A model trained again on everyone"), "ensemble": _("The models of the folds together")}
TESTS = {"0": _("20 % of the people, held out"), "5": _("5-fold cross-validation by person"), "10": _("10-fold cross-validation by person")}


@dataclass(frozen=True)
class Groups:
    """Whom to learn from, and what. also: further labels, each learned alike by a run of its own."""

    cohort: str
    learned: Learned
    weeks: str
    unfit: Unfit = "leave out"
    also: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        """What is learned, in a few words."""
        return self.learned.task

    def request(self, name: str, entry: ModelEntry, settings: FinetuneSettings) -> RunRequest:
        """What a run with this model and these settings would be asked."""
        asked = self.learned
        model = entry.reference
        request = RunRequest(name, self.cohort, asked.label, asked.positive, model, asked.negative, self.weeks, settings, asked.target)
        return replace(request, unfit=self.unfit)


def groups() -> Groups | None:
    """Cohort, label, what is learned of it and from which weeks; None, and the way to mend it, where there is nothing to learn."""
    if not workspace().cohorts():
        st.info(_("There are no people here yet. Bring recordings, or simulate people, on the Data page."))
        st.page_link("pages/data.py", label=_("Go to Data"))
        return None
    cohort = need_cohort()
    chosen = learned(cohort)
    if chosen is None:
        st.info(_("{cohort} has no label with at least two values. Add labels on the Data page.").format(cohort=literal(cohort.name)))
        st.page_link("pages/data.py", label=_("Go to Data"))
        return None
    groups = Groups(cohort.name, chosen, _weeks(cohort), _unfit(cohort))
    return replace(groups, also=_also(groups))


def _also(groups: Groups) -> tuple[str, ...]:
    """The box of further labels, where the same can be learned of others."""
    asked = groups.learned
    request = RunRequest("", groups.cohort, asked.label, asked.positive, "", asked.negative, groups.weeks, target=asked.target)
    others = also_learnable(workspace(), request, label_kinds(workspace(), groups.cohort))
    if not others:
        return ()
    text = _("The same is learned of each, by a run of its own. The more labels are tried, the better the best looks by chance alone.")
    return tuple(choose_several(Param.TRAIN_ALSO, _("Labels to learn besides"), others, [], placeholder=_("None"), help=text))


def _weeks(cohort: CohortInfo) -> str:
    return choose(
        Param.TRAIN_WEEKS,
        windows_title(cohort),
        list(WEEKS),
        words=WEEKS.get,
        draw=partial(st.radio, horizontal=True),
        unsaid="first",
        help=_(
            "{cohort} has {weeks} of {people}. With every one of them, those of a person stay together: all of them train, or all of "
            "them test."
        ).format(cohort=literal(cohort.name), weeks=windows_words(cohort.weeks, cohort), people=people_words(cohort.people)),
    )


def _unfit(cohort: CohortInfo) -> Unfit:
    """Whether weeks that the input check refuses take part, asked where there are any."""
    if not unfit_rows(workspace(), cohort.name):
        return "leave out"
    words = {"leave out": _("Leave out"), "keep": _("Keep in")}
    text = _("A device that was off looks alike in everyone who had it off. Where that is one group more than the other, it is learned.")
    title = _("What the input check refuses")
    draw = partial(st.radio, horizontal=True)
    kept = choose(Param.TRAIN_UNFIT, title, list(words), words=words.get, draw=draw, unsaid="leave out", help=text)
    return "keep" if kept == "keep" else "leave out"


def start_model() -> ModelEntry:
    """Size and weights to start from, out of those that are here."""
    here = {key: entry for key, entry in model_entries().items() if entry.present and not entry.has_head}
    there = {entry.size for entry in here.values()}
    offered = [*(size for size in SIZES if size in there), BASELINE]
    size = choose(
        Param.TRAIN_SIZE, _("Model size"), offered, words=lambda name: BASELINE_WORDS if name == BASELINE else name, unsaid=offered[0]
    )
    of_size = [key for key, entry in here.items() if entry.size == size or (size == BASELINE and entry.baseline)]
    reference = choose(Param.TRAIN_FROM, _("Weights to start from"), of_size, words=lambda key: here[key].title, unsaid=of_size[0])
    entry = here[reference]
    if entry.card.get("first_line"):
        st.caption(literal(entry.card["first_line"]))
    if entry.origin != "published" and not entry.baseline:
        st.page_link("pages/models.py", label=_("Get the published weights"))
    return entry


def recipe(entry: ModelEntry, chosen: Groups | None) -> FinetuneSettings:
    """How to train, and in a sentence what that does. chosen: who it is for, where that is known."""
    offered = [key for key, (_recipe, style, _words) in RECIPES.items() if style == "full" or not entry.baseline]
    name = choose(Param.RECIPE, _("What learns"), offered, words=lambda key: RECIPES[key][2], draw=st.radio, unsaid=offered[0])
    settings = FinetuneSettings(RECIPES[name][1], recipe=RECIPES[name][0])
    kind: Kind = chosen.learned.target.kind if chosen is not None else "two classes"
    with st.expander(_("Recipe and device")):
        if settings.in_epochs:
            settings = _course(name, entry, settings, kind)
        device = choose(Param.DEVICE, _("Device"), DEVICES, help=_("auto uses a CUDA GPU, else Apple's, else the CPU"), unsaid=DEVICES[0])
        seed = choose_number(Param.SEED, st.number_input, _("Seed"), 0, min_value=0, max_value=LARGEST_SEED)
        settings = replace(settings, standardize=_standardize(chosen))
    settings = _test(replace(settings, device=device, seed=int(seed)), chosen, entry)
    st.caption(literal(" ".join(filter(None, (recipe_words(settings, entry.size, kind), CLASSROOM if name == "classroom" else "")))))
    return settings


def _standardize(chosen: Groups | None) -> StandardizePer:
    """What minutes are compared with; windows that differ in length have only the minutes of the day in common."""
    alike = chosen is None or workspace().cohort(chosen.cohort).one_length
    offered: list[StandardizePer] = ["window", "day"] if alike else ["day"]
    help = _("Before a model reads a minute, it is compared with the same minute of the people the model learns from.")
    return choose(Param.STANDARDIZE, _("Compare"), offered, words=STANDARDIZE.get, unsaid=offered[0], help=help)


def _course(name: str, entry: ModelEntry, settings: FinetuneSettings, kind: Kind) -> FinetuneSettings:
    """The figures of a training in epochs; those that are the recipe's own are left to it."""
    usual, fast = course(settings, entry.size), name == "classroom"
    begin = CLASSROOM_RATE if fast else usual.learning_rate
    rate = choose_number(Param.RATE, st.number_input, _("Learning rate"), begin, min_value=1e-8, max_value=0.1, format="%.1e")
    most = EPOCHS.get(name, usual.max_epochs)
    epochs = choose_number(Param.EPOCHS, st.number_input, _("Most epochs"), most, min_value=1, max_value=10_000)
    title = _("Stop after this many epochs without a better validation {figure}").format(figure=MAIN[kind])
    patience = choose_number(Param.PATIENCE, st.number_input, title, most if fast else usual.patience, min_value=1, max_value=10_000)
    return replace(
        settings,
        learning_rate=None if rate == usual.learning_rate else float(rate),
        max_epochs=None if epochs == usual.max_epochs else int(epochs),
        patience=None if patience == usual.patience else int(patience),
    )


def _test(settings: FinetuneSettings, chosen: Groups | None, entry: ModelEntry) -> FinetuneSettings:
    """The settings with whom to test on, and what a cross-validation keeps."""
    proposed = "0"
    if chosen is not None:
        with suppress(PatError):  # what is wrong with these people is said where they are counted
            proposed = str(proposed_folds(labelled_people(workspace(), chosen.request("", entry, settings)), settings))
    folds = int(choose(Param.FOLDS, _("Test on"), list(TESTS), proposed, TESTS.get, unsaid=proposed))
    if not folds:
        return settings
    left, right = st.columns([5, 3])
    with left:
        ways = ["refit"] if settings.standardize == "day" else list(KEEP)  # an ensemble is put together by minutes of the window
        kept = choose(Param.KEEP, _("What is kept"), ways, words=KEEP.get, unsaid="refit")
        if settings.standardize == "day":
            st.caption(_("The models of the folds can be kept together where each minute of the window is compared (Recipe and device)."))
    with right:
        again = _("The folds are drawn anew each time, so that the test does not hang on one way of drawing them.")
        repeats = choose_number(Param.REPEATS, st.number_input, _("Repeats"), 1, min_value=1, max_value=MOST_REPEATS, help=again)
    return replace(settings, folds=folds, keep="ensemble" if kept == "ensemble" else "refit", repeats=int(repeats))


def split(chosen: Groups, entry: ModelEntry, settings: FinetuneSettings) -> bool:
    """Who would train, validate and test, before anything starts; whether it can."""
    st.markdown(_("**Who trains and who tests**"))
    try:
        counted = split_before(workspace(), chosen.request("", entry, settings))
    except PatError as error:
        st.error(literal(error))
        return False
    if counted.refused:
        st.warning(literal(counted.refused))
        return False
    table = split_table(counted, chosen.learned.positive, chosen.learned.negative or EVERYONE)
    st.table(table.rename(columns=literal), border="horizontal", hide_index=True)
    if counted.left_out:
        st.info(literal(counted.left_out))
    if counted.same:
        st.info(literal(counted.same))
    for leak in leaks(workspace(), chosen.request("", entry, settings), resolve(workspace(), entry.reference)):
        st.warning(literal(leak.message))
    (st.info if counted.better else st.caption)(literal(reason_words(counted)))
    return True


def start(chosen: Groups, entry: ModelEntry, settings: FinetuneSettings) -> None:
    """The run's name and the button that starts it; what stands against it is said in place."""
    able = split(chosen, entry, settings)
    name = _run_name(chosen, entry, settings)
    request = _planned(chosen.request(name, entry, settings))
    place, ready = where_it_runs(FINETUNE, request if able else None, partial(finetuning, workspace(), request))
    if not st.button(_("Start fine-tuning"), type="primary", disabled=not (able and ready)):
        return
    runs = []
    for one in for_labels(request, (chosen.learned.label, *chosen.also)):
        try:
            runs.append(start_finetune(workspace(), one, place)[0])
        except PatError as error:
            st.error(literal(f"{one.label}: {error}" if chosen.also else error))
    if not runs:
        return
    set_choice(Param.RUN, runs[0].name)
    st.session_state[Key.RUN_STARTED] = runs[0].name
    next_turn(Key.RUNS_TURN)
    if len(runs) == 1 + len(chosen.also):  # else what was refused stays to be read
        st.rerun()


def _planned(request: RunRequest) -> RunRequest:
    """The request with the analysis plan that the reader writes down before the test is opened, and its hash in place."""
    with st.expander(_("Analysis plan (optional)")):
        text = st.text_area(
            _("What will be looked at, and what would count as a success"),
            max_chars=LONGEST_PLAN,
            key=Key.PLAN,
            help=_("It is locked when the run starts, before the test is opened, and printed with the result."),
        )
        request = replace(request, plan=text.strip())
        if request.plan:
            st.caption(
                _("SHA-256 of this plan with these people, groups and settings: {hash}. Any change gives another one.").format(
                    hash=plan_hash(request)
                )
            )
    return request


def _run_name(chosen: Groups, entry: ModelEntry, settings: FinetuneSettings) -> str:
    """A box for the name. Every new choice proposes a new name that is not taken."""
    name = proposed_name(workspace(), chosen.task, settings.style, entry.reference)
    groups = (chosen.cohort, *vars(chosen.learned).values(), chosen.weeks)
    key = (*groups, entry.reference, settings.style, name, turn_of(Key.RUNS_TURN))  # the next run gets a name box of its own
    return st.text_input(_("Name of the run"), value=name, max_chars=80, key=f"finetune.name.{key}")
