"""Every name in the address (`Param`), which other choices follow it, and every key by which pages keep something in the session (`Key`).

How a choice stands in both is in `session.py`.
"""

from enum import StrEnum


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
    REVIEW = "review"
    BETWEEN = "between"
    DAYS = "days"
    SHOWN = "shown"
    ONLY = "only"
    SORT = "sort"
    PART = "part"

    # Participants as a workbench: which view, columns, conditions; and who was chosen there for other pages
    PEOPLE_VIEW = "people-view"
    COLUMNS = "columns"
    WHERE = "where"
    CHOSEN_PEOPLE = "people"
    GROUPED = "grouped"
    GROUPS = "groups"
    FIGURES = "figures"
    COLOURED = "coloured"
    MAP_BY = "map-by"

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
    TAB = "look"
    REST_OF = "rest-of"

    # Explain
    COMPARED = "compare"
    AGAINST = "against"
    OVER = "over"
    TARGET = "target"
    FIGURE = "figure"
    BOARD_PART = "board-part"
    BOARD = "board"
    SCORE_AMOUNT = "score-amount"
    SCORE_SIZES = "score-sizes"
    SCORE_TASKS = "score-tasks"
    SCORE_METHODS = "score-methods"
    SCORE_MODELS = "score-models"
    SCORE_WEEKS = "score-weeks"
    SCORE_DEEP = "score-deep"
    SCORE_PEOPLE = "score-people"

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

    # Report
    SECTIONS = "sections"
    PAPER = "paper"
    LANGUAGE = "language"

    # Where long work runs
    PLACE = "place"

    # Learn: the lesson whose answers are read, and the screen of each
    LESSON = "lesson"
    SCREEN_WEEK = "week-screen"
    SCREEN_PATCHES = "patches-screen"
    SCREEN_MASKING = "masking-screen"
    SCREEN_ATTENTION = "attention-screen"
    SCREEN_GRADIENTS = "gradients-screen"
    SCREEN_BELIEVING = "believing-screen"


LIST = (Param.FIND, Param.QUALITY, Param.REVIEW, Param.BETWEEN, Param.DAYS, Param.SHOWN, Param.ONLY, Param.SORT, Param.PART)
"""What makes a list of people out of a cohort: filters, order, and which part of it is on the screen."""

SHEET = (
    Param.SCORE, Param.METHODS, Param.OF_CLASS, Param.TOLERANCE, Param.REPLACEMENT, Param.BASELINE, Param.BASELINE_PERSON,
    Param.MAP_BLOCK, Param.MAP_HEAD,
    Param.FUSION, Param.DISCARD, Param.REST, Param.PLANTED, Param.STRONGEST, Param.TAB, Param.REST_OF,
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
        Param.COMPARE_AGAINST, Param.COMPARE_SIZES, Param.PRETRAIN_BESIDE, Param.PRETRAIN_UNFIT, Param.COLUMNS,
        Param.WHERE, Param.CHOSEN_PEOPLE, Param.GROUPED, Param.GROUPS, Param.FIGURES, Param.COLOURED, *LIST,
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
    Param.GROUPED: (Param.GROUPS,),
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
    **dict.fromkeys((Param.FIND, Param.QUALITY, Param.REVIEW, Param.BETWEEN, Param.DAYS, Param.ONLY, Param.SORT), (Param.PART,)),
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
    DIARY_TURN = "diary.turn"
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
    BENCH_MESSAGE = "bench.message"
    BENCH_TABLE = "bench.table"
    BENCH_OPEN = "bench.open"
    MAP = "bench.map"
    MAP_TURN = "bench.map.turn"
    CONDITION = "bench.condition"
    CONDITION_TURN = "bench.condition.turn"
    FILTER = "bench.filter"
    FILTER_TURN = "bench.filter.turn"
    SCORE_USUAL = "nights.usual"
    MARKS_TURN = "marks.turn"
    REVIEW_TURN = "review.turn"
    REFINING_STOPPED = "maps.stopped"
    WINDOWS = "aids.windows"
    WINDOWS_BEGAN = "aids.began"
    OUTLINED = "aids.outlined"
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

    # Report: the form of the interpretation, which is emptied by counting a turn up in its key
    INTERPRETATION_TURN = "report.turn"

    # Backends: what the last action did, the form, and what places had when they were last looked at
    PLACES_MESSAGE = "places.message"
    PLACES_TURN = "places.turn"
    PLACES_KIND = "places.kind"
    PLACE_SEEN = "places.seen"

    # Learn: by lesson and screen what is moved, as its box holds it and as it is kept while another screen is shown; the same of answers
    MOVED = "lesson.moved"
    MOVED_KEPT = "lesson.moved.kept"
    DRAGGED = "lesson.dragged"
    ANSWER = "lesson.answer"
    ANSWER_KEPT = "lesson.answer.kept"

    def of(self, *parts: object) -> str:
        """The key of one of several of a kind: `Key.BOX.of(Param.COHORT)` is "box.cohort"."""
        return ".".join((self, *map(str, parts)))
