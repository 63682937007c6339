"""Every name in the address (`Param`) and every key by which pages keep something in the session (`Key`), and how a choice stands in both.

The address holds what a colleague needs to see the same page; a reloaded tab is a new session, so jobs are named there too. The boxes
themselves are in `choices.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from pages.components.shared.plain_text import literal

Value = TypeVar("Value")


class Param(StrEnum):
    """Names in the address. The first ones are shared by all pages, the rest belong to one page each."""

    COHORT = "cohort"
    PERSON = "person"
    WEEK = "week"
    MODEL = "model"
    STANDARDIZER = "standardizer"
    VIEW = "view"
    ASPECT = "show"
    BLOCK = "block"
    HEAD = "head"
    OTHER = "other"
    LABEL = "label"
    GROUP = "group"
    SCORE = "score"
    PREVALENCE = "prevalence"
    SHOWN_AS = "as"
    RUN = "run"
    JOB = "job"
    FIND = "find"
    QUALITY = "quality"
    BETWEEN = "between"
    DAYS = "days"
    SHOWN = "shown"
    ONLY = "only"
    SORT = "sort"
    PART = "part"

    # Participant: what is drawn under the activity, and with which settings
    METHODS = "methods"
    OF_CLASS = "of-class"
    TOLERANCE = "tolerance"
    REPLACEMENT = "replacement"
    BASELINE = "baseline"
    BASELINE_PERSON = "baseline-person"
    MAP_BLOCK = "map-block"
    MAP_HEAD = "map-head"
    FUSION = "fusion"
    DISCARD = "discard"
    REST = "rest"
    PLANTED = "planted"
    STRONGEST = "strongest"

    # Explain
    COMPARED = "compare"
    AGAINST = "against"
    OVER = "over"
    TARGET = "target"
    FIGURE = "figure"

    # What-if
    EDIT = "edit"
    DOSE = "dose"
    DAY = "day"
    FROM = "from"
    UNTIL = "until"

    # Evaluate: on whom, which groups, at which threshold, beside what
    TESTED = "tested"
    TEST_LABEL = "test-label"
    TEST_GROUP = "test-group"
    TEST_AGAINST = "test-against"
    TEST_WEEKS = "test-weeks"
    THRESHOLD = "threshold"
    RIVAL = "rival"
    DIVIDED = "divided"
    OPTIMISM = "optimism"

    # Compare models
    COMPARISON = "comparison"
    COMPARE_WHAT = "compare-what"
    COMPARE_LABEL = "compare-label"
    COMPARE_GROUP = "compare-group"
    COMPARE_AGAINST = "compare-against"
    COMPARE_MODELS = "compare-models"
    COMPARE_STYLES = "compare-styles"
    COMPARE_SIZES = "compare-sizes"
    COMPARE_SEEDS = "compare-seeds"
    COMPARE_RECIPE = "compare-recipe"
    COMPARE_EPOCHS = "compare-epochs"

    # Fine-tune
    TRAIN_LABEL = "train-label"
    TRAIN_KIND = "train-kind"
    TRAIN_GROUP = "train-group"
    TRAIN_MORE = "train-more"
    TRAIN_AGAINST = "train-against"
    TRAIN_CUT = "train-cut"
    TRAIN_CUTS = "train-cuts"
    TRAIN_CLASSES = "train-classes"
    TRAIN_UNIT = "train-unit"
    TRAIN_ALSO = "train-also"
    TRAIN_WEEKS = "train-weeks"
    TRAIN_UNFIT = "train-unfit"
    TRAIN_SIZE = "train-size"
    TRAIN_FROM = "train-from"
    RECIPE = "recipe"
    RATE = "rate"
    EPOCHS = "epochs"
    PATIENCE = "patience"
    FOLDS = "folds"
    REPEATS = "repeats"
    KEEP = "keep"
    DEVICE = "device"
    SEED = "seed"
    STANDARDIZE = "minutes-of"

    # Pretrain: which part of the page; whom and how; which run; which encoder is looked into, and how it is masked
    STUDIO = "part-of"
    PRETRAIN_BESIDE = "pretrain-beside"
    PRETRAIN_WEEKS = "pretrain-weeks"
    PRETRAIN_UNFIT = "pretrain-unfit"
    PRETRAIN_SIZE = "pretrain-size"
    PRETRAIN_PATCH = "pretrain-patch"
    PRETRAIN_HEADS = "pretrain-heads"
    PRETRAIN_BLOCKS = "pretrain-blocks"
    PRETRAIN_EMBEDDING = "pretrain-embedding"
    PRETRAIN_MASK = "pretrain-mask"
    PRETRAIN_LOSS = "pretrain-loss"
    PRETRAIN_SMOOTHED = "pretrain-smoothed"
    PRETRAIN_RATE = "pretrain-rate"
    PRETRAIN_FLOOR = "pretrain-floor"
    PRETRAIN_BATCH = "pretrain-batch"
    PRETRAIN_EPOCHS = "pretrain-epochs"
    PRETRAIN_PATIENCE = "pretrain-patience"
    PRETRAIN_PLATEAU = "pretrain-plateau"
    PRETRAINED = "pretrained"
    ENCODER = "encoder"
    MASKED = "masked"
    MASK = "mask"
    ENCODER_AGAINST = "encoder-against"
    ENCODERS_FOLDS = "encoders-folds"
    ENCODERS_REPEATS = "encoders-repeats"

    # Where long work runs
    PLACE = "place"


LIST = (Param.FIND, Param.QUALITY, Param.BETWEEN, Param.DAYS, Param.SHOWN, Param.ONLY, Param.SORT, Param.PART)
"""What makes a list of people out of a cohort: filters, order, and which part of it is on the screen."""

SHEET = (
    Param.SCORE, Param.METHODS, Param.OF_CLASS, Param.TOLERANCE, Param.REPLACEMENT, Param.BASELINE, Param.BASELINE_PERSON,
    Param.MAP_BLOCK, Param.MAP_HEAD,
    Param.FUSION, Param.DISCARD, Param.REST, Param.PLANTED, Param.STRONGEST,
)  # fmt: skip
"""What is chosen on the page of one person and holds for the next person too."""

FOLLOWERS = {
    Param.COHORT: (
        Param.PERSON, Param.WEEK, Param.STANDARDIZER, Param.OTHER, Param.LABEL, Param.GROUP, Param.AGAINST, Param.BASELINE_PERSON,
        Param.TRAIN_LABEL, Param.TRAIN_KIND, Param.TRAIN_GROUP, Param.TRAIN_MORE, Param.TRAIN_AGAINST, Param.TRAIN_CUT,
        Param.TRAIN_CUTS, Param.TRAIN_CLASSES, Param.TRAIN_UNIT, Param.TRAIN_ALSO, Param.FOLDS, Param.REPEATS, Param.KEEP,
        Param.STANDARDIZE,
        Param.TEST_LABEL,
        Param.TEST_GROUP,        Param.TEST_AGAINST, Param.DIVIDED, Param.COMPARE_WHAT, Param.COMPARE_LABEL, Param.COMPARE_GROUP,
        Param.COMPARE_AGAINST, Param.COMPARE_SIZES, Param.PRETRAIN_BESIDE, Param.PRETRAIN_UNFIT, *LIST,
    ),
    Param.PERSON: (Param.WEEK, Param.STANDARDIZER),
    Param.MODEL: (
        Param.OF_CLASS, Param.STANDARDIZER, Param.BLOCK, Param.HEAD, Param.MAP_BLOCK, Param.MAP_HEAD, Param.TESTED, Param.THRESHOLD,
        Param.RIVAL,
        Param.TEST_LABEL, Param.TEST_GROUP, Param.TEST_AGAINST, Param.DIVIDED,
    ),
    Param.TESTED: (Param.DIVIDED, Param.RIVAL, Param.OPTIMISM),
    Param.TEST_LABEL: (Param.TEST_GROUP, Param.TEST_AGAINST),
    Param.TEST_GROUP: (Param.TEST_AGAINST,),
    Param.LABEL: (Param.GROUP, Param.AGAINST),
    Param.GROUP: (Param.AGAINST,),
    Param.COMPARE_LABEL: (Param.COMPARE_GROUP, Param.COMPARE_AGAINST),
    Param.COMPARE_GROUP: (Param.COMPARE_AGAINST,),
    Param.COMPARE_WHAT: (Param.COMPARE_MODELS, Param.COMPARE_RECIPE),
    Param.EDIT: (Param.DOSE,),
    Param.TRAIN_LABEL: (
        Param.TRAIN_KIND, Param.TRAIN_GROUP, Param.TRAIN_MORE, Param.TRAIN_AGAINST, Param.TRAIN_CUT, Param.TRAIN_CUTS, Param.TRAIN_CLASSES,
        Param.TRAIN_UNIT, Param.TRAIN_ALSO, Param.FOLDS,
    ),
    Param.TRAIN_KIND: (Param.TRAIN_CLASSES, Param.TRAIN_ALSO, Param.FOLDS),
    Param.TRAIN_GROUP: (Param.TRAIN_MORE, Param.TRAIN_AGAINST, Param.FOLDS),
    Param.TRAIN_AGAINST: (Param.FOLDS,),
    Param.TRAIN_SIZE: (Param.TRAIN_FROM, Param.RATE),
    Param.PRETRAIN_SIZE: (
        Param.PRETRAIN_PATCH, Param.PRETRAIN_HEADS, Param.PRETRAIN_BLOCKS, Param.PRETRAIN_RATE, Param.PRETRAIN_FLOOR,
        Param.PRETRAIN_PATIENCE, Param.PRETRAIN_PLATEAU,
    ),
    Param.RECIPE: (Param.RATE, Param.EPOCHS, Param.PATIENCE),
    Param.SHOWN: (Param.ONLY, Param.PART),
    **dict.fromkeys((Param.FIND, Param.QUALITY, Param.BETWEEN, Param.DAYS, Param.ONLY, Param.SORT), (Param.PART,)),
}  # fmt: skip
"""What starts anew when another one is chosen: another person begins at their first week, read as the model asks for."""


class Key(StrEnum):
    """What the session holds. Pages read and write it by these keys alone, or by one that `of` makes of them."""

    # For each Param: its box, the word that this page put into the address and the one that it replaced, what was chosen on any page, what
    # a box drew last, and what it held when this run began or drew it; whether this run came by a click, and
    # whether the one before was broken off
    BOX = "box"
    WRITTEN = "written"
    REPLACED = "replaced"
    CHOSEN = "chosen"
    DRAWN = "seen"
    HELD = "held"
    CLICKED = "clicked"
    BROKEN_OFF = "broken.off"
    BEGAN = "began"
    NOTICE = "notice"
    WAITING = "address.waiting"

    # Shared: on which page, for which cohort a model was asked for last, and which it began with; jobs at work, and their pace
    MODEL_PLACE = "guards.place"
    MODEL_USUAL = "guards.usual"
    LIVE_JOBS = "shell.live"
    JOB_PACE = "pace"

    # Data: what the last action did, the open tab, and boxes that are emptied by counting a turn up in their keys
    DATA_MESSAGE = "data.message"
    DATA_TAB = "tab"
    NEXT_TAB = "data.next"
    COHORT_TABLE = "cohorts.table"
    LABELS_TURN = "labels.turn"
    IMPORT_SHOWN = "import.shown"
    BRING_TURN = "bring.turn"
    BRING_SOURCE = "bring.source"
    BRING_PLACE = "bring.place"
    BRING_UPLOADS = "bring.received"
    BRING_TIME = "bring.time"
    BRING_ZONE = "bring.zone"
    BRING_CLOCK = "bring.clock"
    BRING_OVER = "bring.over"
    BRING_DAYS = "bring.days"
    BRING_ALL = "bring.all"
    MAPPING_OPEN = "mapping.open"
    MAPPING_LOOK = "mapping.look"
    MAPPING_ASKED = "mapping.asked"
    WEAR_MESSAGE = "wear.message"
    WEAR_TURN = "wear.turn"

    # Participants and Participant: the list, the score that the device calls for, marks, maps
    PEOPLE_MORE = "people.more"
    PEOPLE_OPEN = "people.open"
    PEOPLE_TABLE = "people.table"
    PEOPLE_TURN = "people.turn"
    SCORE_USUAL = "nights.usual"
    MARKS_TURN = "marks.turn"
    REFINING_STOPPED = "maps.stopped"
    WINDOWS = "aids.windows"
    STABILITY = "stability"

    # Evaluate: the linked views, and the threshold with which they were drawn and that was heard of them since
    EVALUATE_VIEWS = "evaluate.views"
    EVALUATE_AT = "evaluate.at"

    # Models and Fine-tune: messages, and the runs that were started in this tab and whose model other pages were given
    MODELS_MESSAGE = "models.message"
    MODELS_TABLE = "models.table"
    MODELS_TURN = "models.turn"
    RUNS_MESSAGE = "runs.message"
    PLAN = "finetune.plan"
    RUN_STARTED = "runs.begun"
    RUN_GIVEN = "runs.given"
    RUNS_TURN = "finetune.turn"

    # Pretrain: a message, the run that was started in this tab, and its name box
    PRETRAIN_MESSAGE = "pretrain.message"
    PRETRAIN_STARTED = "pretrain.begun"
    PRETRAIN_TURN = "pretrain.turn"

    # Backends: what the last action did, the form, and what places had when they were last looked at
    PLACES_MESSAGE = "places.message"
    PLACES_TURN = "places.turn"
    PLACES_KIND = "places.kind"
    PLACE_SEEN = "places.seen"

    def of(self, *parts: object) -> str:
        """The key of one of several of a kind: `Key.BOX.of(Param.COHORT)` is "box.cohort"."""
        return ".".join((self, *map(str, parts)))


def turn_of(key: Key) -> int:
    """How often the boxes whose keys hold this number were emptied."""
    return st.session_state.get(key, 0)


def next_turn(key: Key) -> None:
    """Empty them: they get other keys, and begin anew."""
    st.session_state[key] = turn_of(key) + 1


def show_message(key: Key) -> None:
    """What the last action did, once."""
    message = st.session_state.pop(key, None)
    if message:
        st.success(literal(message))


def remembered(param: Param) -> str | None:
    """What was last chosen for this name, on whichever page."""
    return st.session_state.get(Key.CHOSEN.of(param))


def remember(param: Param, value: str | None, of_address: bool = False) -> None:
    """Keep a choice for the next page that asks for it, and put it into the address of this one.

    Another choice than before lets its FOLLOWERS start anew. of_address: it was read from the address, so what else stands there holds.
    """
    _keep(param, value, of_address)
    _write(param, value)


@contextmanager
def together() -> Iterator[None]:
    """Choices made inside reach the address at once, so that the browser's Back leaves them in one step and not one by one.

    Where a click breaks the run off, none does: the next run makes them again.
    """
    if Key.WAITING in st.session_state:  # a part of a larger whole
        yield
        return
    st.session_state[Key.WAITING] = {}
    try:
        yield
    except RerunException:
        st.session_state[Key.BROKEN_OFF] = True
        st.session_state.pop(Key.WAITING, None)
        raise
    finally:
        _deliver(st.session_state.pop(Key.WAITING, {}))


def begin_run() -> None:
    """At the beginning of every run of a page: whether a click brought it about, and nothing waits for the address yet.

    Streamlit may break a run off at any look into the session. What then still waits would keep every later choice of this tab out of the
    address.
    """
    boxes = [param for param in Param if Key.BOX.of(param) in st.session_state]
    broken_off = st.session_state.get(Key.BROKEN_OFF, False) or Key.WAITING in st.session_state
    st.session_state[Key.CLICKED] = broken_off or any(map(_clicked, boxes))
    st.session_state.pop(Key.WAITING, None)
    st.session_state.pop(Key.BROKEN_OFF, None)
    for param in boxes:
        hold(param)


def hold(param: Param) -> None:
    """What stands in this box is no click any more."""
    st.session_state[Key.HELD.of(param)] = st.session_state[Key.BOX.of(param)]


def _clicked(param: Param) -> bool:
    held = Key.HELD.of(param)
    return held in st.session_state and bool(st.session_state[Key.BOX.of(param)] != st.session_state[held])


def so_far() -> None:
    """Inside `together`, before work that takes long or may draw the page again: what was chosen until now reaches the address at once.

    Else a click during that work, or `st.rerun`, comes with the address of before, which then looks like one that somebody opened.
    """
    if Key.WAITING in st.session_state:
        _deliver(st.session_state[Key.WAITING])
        st.session_state[Key.WAITING] = {}


def _deliver(waiting: dict[str, str | None]) -> None:
    now = st.query_params.to_dict()
    wanted = {name: value for name, value in (now | waiting).items() if value is not None}
    if wanted != now:
        st.query_params.from_dict(wanted)


def address_opened(param: Param, possible: Callable[[Value], bool], write: Callable[[Value], str] = str) -> bool:
    """Whether somebody opened an address that asks for something here: it is not the one that this page wrote last.

    Where the box holds a new choice of the reader too, that one holds: a click reaches the server with the address as it was then,
    and a second quick one, also in another box, with an address that the first has already left behind. possible: whether a value can be
    that of the box.
    """
    address, written = in_address(param), st.session_state.get(Key.WRITTEN.of(param))
    chosen = st.session_state.get(Key.BOX.of(param))
    clicked = written is not None and chosen is not None and write(chosen) != written and possible(chosen)
    return address is not None and address != written and not clicked and not left_behind(param)


def left_behind(param: Param) -> bool:
    """Whether a click has brought the word that this page last replaced in the address: it was made before the browser heard of the new
    one."""
    replaced, clicked = Key.REPLACED.of(param), st.session_state.get(Key.CLICKED, False)
    return clicked and replaced in st.session_state and in_address(param) == st.session_state[replaced]


def carry(param: Param, options: Collection[str] | None = None) -> str | None:
    """A choice that another page has the box for, and that this page goes by too: out of an address that somebody opened, else the one made
    there. It stands in this page's address as well; None where nothing was chosen. options: None where any word can be one."""
    address, opened = in_address(param), address_opened(param, (options or ()).__contains__)
    value = address if opened and (options is None or address in options) else remembered(param)
    st.session_state[Key.WRITTEN.of(param)] = value
    remember(param, value, of_address=opened)
    return value


def set_choice(param: Param, value: str) -> None:
    """For a button's callback: choose this value in the box that `choose` draws, which also puts it into the address."""
    st.session_state[Key.BOX.of(param)] = value
    st.session_state[Key.WRITTEN.of(param)] = in_address(param)
    _keep(param, value)


def begin_with(param: Param, value: str) -> None:
    """As `set_choice` for the next page; its FOLLOWERS start anew even where it was chosen before."""
    st.session_state.pop(Key.CHOSEN.of(param), None)
    set_choice(param, value)


def begin_anew(param: Param) -> None:
    """Forget a choice, as FOLLOWERS do; what an address that somebody opened just now asks for holds."""
    _forget(param, keep_address=False)


def _keep(param: Param, value: str | None, of_address: bool = False) -> None:
    before = remembered(param)
    st.session_state[Key.CHOSEN.of(param)] = value
    if before != value:
        for follower in FOLLOWERS.get(param, ()):
            _forget(follower, keep_address=of_address)


def in_address(param: Param) -> str | None:
    """What the address says, with what is on its way there."""
    waiting = st.session_state.get(Key.WAITING, {})
    return waiting[param] if param in waiting else st.query_params.get(param)


def _write(param: Param, value: str | None) -> None:
    before = in_address(param)
    if value != before and not left_behind(param):
        st.session_state[Key.REPLACED.of(param)] = before
    if Key.WAITING in st.session_state:
        st.session_state[Key.WAITING][str(param)] = value
    elif value is None:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = value


def _forget(param: Param, keep_address: bool) -> None:
    """keep_address: what the address says of it holds, as it does where somebody opened it; else it counts as read."""
    address, written = in_address(param), Key.WRITTEN.of(param)
    opened = keep_address or (address != st.session_state.get(written) and not left_behind(param))
    st.session_state.pop(Key.CHOSEN.of(param), None)
    st.session_state.pop(Key.BOX.of(param), None)
    st.session_state[written] = None if opened else address
    if not opened and Key.WAITING in st.session_state:  # at once, so that `so_far` and the end of `together` are one step for Back
        st.session_state[Key.WAITING][str(param)] = None
