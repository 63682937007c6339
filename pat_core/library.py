"""The engine for notebooks and scripts: `import pat_core as pat` gives these functions.

    space = pat.Workspace("study")                          a folder; everything below that names a cohort or a run keeps it there
    pat.import_people(space, ["recordings.zip"], "clinic", labels="labels.csv")
    run = pat.finetune(space, "clinic", "group", "patient", "pat-s-lifelike", "probe", folds=5)
    model = pat.load_model("probe", space)
    pat.evaluate(space, model="probe").figures.auc
    pat.predict_cohort(space, model, "clinic")              a row a week
    week = pat.cut_weeks(pat.read("S01.agd").recordings[0])[0]
    pat.explain_week(model, week, "integrated_gradients")   a map with its own error

`pat_core.weeks`, `pat_core.explain` and `pat_core.simulate` are rooms of the engine; hence the names `cut_weeks`, `explain_week` and
`simulate_people`. The libraries that take long to import wait for the first call that needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from pat_core.cohorts import CohortInfo, RunInfo, Workspace
from pat_core.errors import WeekError
from pat_core.progress import Progress, Silent
from pat_core.records import Alignment, Attribution, Days, Finding, Reading, Recording, RhythmFigures, StandardizeBy, Week
from pat_core.settings import USUAL_DAYS

if TYPE_CHECKING:
    from pat_core.weights import Model
    from pat_core.workflows.evaluate.evaluation_run import EvaluationRecord
    from pat_core.workflows.read.cohort_import import ImportReport, ImportSettings
    from pat_core.workflows.week.week_nights import WeekNights

AnyPath = str | PathLike[str]


def read(path: AnyPath, progress: Progress | None = None) -> Reading:
    """The recordings in a file, a folder or a zip, and what was refused, each with its reason.

    Values are as the device has them: `Recording.values` (epochs,) float32 in `Recording.unit`, NaN where missing. Raises RecordingError
    where there is nothing at that path.
    """
    from pat_core.recordings.reading import read as read_path

    return read_path(Path(path), progress)


def cut_weeks(recording: Recording, days: Days = USUAL_DAYS, alignment: Alignment = "start") -> tuple[Week, ...]:
    """Windows of so many full days (7 unless asked otherwise, "all": all full days in one), each (minutes,) with its quality.

    alignment: from the recording's first minute ("start") or from its first midnight ("midnight"). Nothing is padded: WeekError where the
    recording is shorter.
    """
    from pat_core.weeks import cut

    return cut(recording, alignment, days=days)


def import_people(
    space: Workspace,
    paths: Sequence[AnyPath],
    cohort: str,
    *,
    labels: AnyPath | None = None,
    settings: ImportSettings | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Recordings of many people as a new cohort of the workspace; the report says who came in, and who did not and why.

    labels: a CSV with a column `participant`. Raises RecordingError where nothing comes in, WorkspaceError where the name is taken.
    """
    from pat_core.workflows.read.cohort_import import USUAL, import_recordings

    files = [Path(path) for path in paths]
    return import_recordings(space, files, cohort, settings or USUAL, labels=Path(labels) if labels else None, progress=progress)


def simulate_people(
    space: Workspace, cohort: str, people: int, seed: int = 0, *, label: str = "late_wake", prevalence: float = 0.4
) -> CohortInfo:
    """Simulated people as a new cohort that is marked as simulated: `label` is planted in the share `prevalence` of them, and where it was
    planted is kept beside their weeks (`space.truth`)."""
    from pat_core.workflows.people.simulated_people import simulate_cohort

    return simulate_cohort(space, cohort, people, seed, label, prevalence)


def load_model(name: AnyPath, space: Workspace | None = None) -> Model:
    """A model by its name (bundled, or in the workspace) or by its file (.safetensors, Keras .h5); all of the file is checked.

    `Model.has_head` says whether it has a trained head, without which there are tokens and attention but no score, and
    `Model.encoder_trained` whether its encoder was trained. Raises WeightsError.
    """
    from pat_core.workflows.models.model_entries import resolve

    return resolve(space or Workspace(), str(name))


def standardized(model: Model, weeks: Sequence[Week]) -> np.ndarray:
    """z (windows, minutes) float32: each minute as the model reads it, in deviations from the same minute of the people it knows.

    WeekError where the windows differ in length, or where the model brings no means of its own: then read the weeks with their cohort
    (`predict_cohort`), whose people can stand in.
    """
    from pat_core.weeks import apply
    from pat_core.workflows.models.predictions import standardizer_for

    lengths = sorted({week.values.size for week in weeks})
    if len(lengths) != 1:
        raise WeekError(f"Expected windows of one length, got {', '.join(map(str, lengths)) or 'none'} minutes. Give those alike together.")
    values = np.stack([week.values for week in weeks])
    return apply(standardizer_for(model, values, "model", "", weeks[0].unit), values, [week.start for week in weeks])


def tokens(model: Model, weeks: Sequence[Week]) -> tuple[np.ndarray, np.ndarray]:
    """What the encoder makes of each window: tokens (windows, patches, width), and attention received (blocks, windows, heads, patches),
    1 where it is uniform. Needs no trained head. Raises WeightsError for a model that is no single PAT."""
    from pat_core.reports.answer_files import tokens_and_attention

    arrays = tokens_and_attention(model, standardized(model, weeks))
    return arrays["tokens"], arrays["attention_received"]


def _findings(model: Model, week: Week, z: np.ndarray) -> tuple[Finding, ...]:
    """What the input check says of a week before this model reads it as z (minutes,), too few valid days included."""
    from pat_core.wear import QualitySettings
    from pat_core.workflows.read.worn_days import few_days_of
    from pat_core.workflows.week.cohort_weeks import findings as of_gate

    if model.standardizer is None:
        raise WeekError(f"{model.name} brings no means of its own, so a single week cannot be held against them.")
    return (*of_gate(week, model.standardizer, model, "model", z), *few_days_of(week, QualitySettings()))


def predict(model: Model, weeks: Sequence[Week]) -> pd.DataFrame:
    """The model's answers: a row a window with participant, week (1 is the first), the score or its kin, and whether the input check
    refuses the window (then its answer is withheld) with what it found.

    Of two classes: logit, probability (at the prevalence of the training people) and probability_raw (at 50:50). Raises UntrainedError
    without a trained head. Who has a cohort should use `predict_cohort`, which says more: rank among the tested, cautions, valid days.
    """
    from pat_core.models.outputs import ONE_LOGIT
    from pat_core.reports.answer_files import finding_columns, several_columns
    from pat_core.workflows.models.predictions import as_prediction, predict_logits

    z = standardized(model, weeks)
    logits = predict_logits(model, z)
    columns = finding_columns([_findings(model, week, one) for week, one in zip(weeks, z, strict=True)])
    answers = [as_prediction(model, week.participant, week.index, logit) for week, logit in zip(weeks, logits, strict=True)]
    shown = [None if withheld else one for one, withheld in zip(answers, columns["refused"], strict=True)]
    if model.outputs == ONE_LOGIT:
        names = ("logit", "probability", "probability_raw")
        given = {name: pd.Series([getattr(one, name, None) for one in shown], dtype=float) for name in names}
    else:
        given = several_columns(model.outputs, shown)
    of_whom = {"participant": [week.participant for week in weeks], "week": [week.index + 1 for week in weeks]}
    return pd.DataFrame(of_whom | given | columns)


def predict_cohort(
    space: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy | None = None, progress: Progress | None = None
) -> pd.DataFrame:
    """The model's answers for every window of a cohort: the table that the page Participants and `predict --out` give, with the answer a
    reader is given, its rank among the tested people, cautions and findings. standardize_by: "model", "cohort" (its people by minute of the
    window, as the paper does) or "cohort_day"; None takes the model's own means where it brings any."""
    from pat_core.reports.answer_files import prediction_table
    from pat_core.workflows.models.predictions import predict_cohort as predicted

    return prediction_table(predicted(space, model, cohort, standardize_by, progress), model=model)


def explain_week(model: Model, week: Week, method: str = "rollout", *, progress: Progress | None = None, **settings: Any) -> Attribution:
    """Where the model attended, or how much each minute raised or lowered its score, (minutes,), with the map's own error.

    method: a name of `pat_core.explain.METHODS`; settings: its own (`METHODS[method].options`), as tolerance=0.02. The map of a week that
    the input check refuses bears that as its flag. Raises UntrainedError or ExplanationError.
    """
    from pat_core.explain import explain
    from pat_core.workflows.explanations.week_maps import flagged, saying_what
    from pat_core.workflows.models.kind_answers import explained
    from pat_core.workflows.week.cohort_weeks import refused

    z = standardized(model, [week])[0]
    seen_as = explained(model, z=z)
    attribution = saying_what(explain(seen_as.network, z, method, has_head=model.has_head, progress=progress, **settings), seen_as)
    return flagged(attribution) if refused(_findings(model, week, z)) else attribution


def similar(
    space: Workspace,
    model: Model,
    cohort: str,
    participant: str,
    week: int = 1,
    most: int = 7,
    standardize_by: StandardizeBy | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The people of a cohort nearest to a week as the model reads it, and those most unlike it, `most` of each: a row a person with which,
    participant, week, distance (in SDs of the cohort), pairs_nearer (of all pairs of people, the percentage that is nearer), same_recording
    and score. week: 1 is the first. Raises UntrainedError for a random encoder, ExplanationError for a baseline and for a week that is not
    fit for the model."""
    from pat_core.records import WeekQuestion
    from pat_core.workflows.people.similar_people import cohort_space, similar_people, similar_table

    question = WeekQuestion(cohort, participant, week - 1, standardize_by)
    read = cohort_space(space, model, cohort, standardize_by, progress)
    return similar_table(similar_people(space, model, read, question, most, most))


def rhythm(week: Week) -> RhythmFigures:
    """Figures of the rest-activity rhythm: IS, IV, RA, L5, M10, cosinor and kin."""
    from pat_core.workflows.week.week_nights import week_rhythm

    return week_rhythm(week)


def nights(week: Week, score: str | None = None) -> WeekNights:
    """Nights, naps and sleep regularity of a week in counts/min, or why there are none (`WeekNights.why`). score: a key of
    `pat_core.rhythms.SLEEP_SCORES`, None for the one made for the device."""
    from pat_core.workflows.week.week_nights import week_nights

    return week_nights(week, score)


def draw_week(week: Week, maps: Sequence[Attribution] = (), theme: Literal["light", "dark"] = "light") -> tuple[Any, str]:
    """(a Plotly figure, what it shows in words): the week sheet, a lane a day, with a strip under it for each map."""
    from pat_core.explain import METHODS
    from pat_core.figures import Layers, week_sheet

    labels = [METHODS[attribution.method].title for attribution in maps]
    of_week = nights(week)
    return week_sheet(week, Layers(list(maps), labels, sleep=of_week.rest, nonwear=of_week.nonwear), theme=theme)


def finetune(
    space: Workspace,
    cohort: str,
    label: str,
    positive: str,
    model: str,
    name: str,
    *,
    negative: str | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> RunInfo:
    """Train a head, or the whole model (style="full"), on a label, and test it on people it has not seen. Its model is then `name`.

    label: a column of the cohort, or one with a threshold ("madrs1>=25", positive=""). negative: None takes everyone else. settings: of
    `pat_core.training.FinetuneSettings` (style, folds, seed, recipe, ...). `RunInfo.result` holds its test, floors and splits. A run that
    was stopped goes on from its checkpoint when it is asked for again. Raises TrainingError.
    """
    from pat_core.training import FinetuneSettings
    from pat_core.workflows.learn.finetune_run import run_finetune
    from pat_core.workflows.week.labelled_weeks import RunRequest

    request = RunRequest(name, cohort, label, positive, model, negative, settings=FinetuneSettings(**settings))
    return run_finetune(space, request, progress)


def pretrain(
    space: Workspace, cohort: str, name: str, *, size: str = "small", progress: Progress | None = None, **settings: Any
) -> RunInfo:
    """Pretrain an encoder as a masked autoencoder on the weeks of a cohort, without labels. Its model, with decoder and card, is then
    `name`. settings: of `pat_core.training.PretrainSettings` (epochs, batch, mask_ratio, minutes, seed, ...). Raises TrainingError."""
    from pat_core.training import PretrainSettings
    from pat_core.workflows.learn.pretrain_people import PretrainRequest
    from pat_core.workflows.learn.pretrain_run import run_pretraining

    return run_pretraining(space, PretrainRequest(name, cohort, size, settings=PretrainSettings(**settings)), progress)


def evaluate(
    space: Workspace, model: str, cohort: str | None = None, *, progress: Progress | None = None, **asked: Any
) -> EvaluationRecord:
    """All figures of a test of two classes with their intervals: AUC, Brier score, calibration, sensitivity at a specificity, floors.

    cohort: None takes the people on whom the model was tested when it was trained; else a cohort, with label="...", positive="...". asked:
    the rest of `EvaluationRequest` (negative, against, by, standardizer, seed). Raises EvaluationError.
    """
    from pat_core.workflows.evaluate.evaluation_run import evaluate as evaluated
    from pat_core.workflows.evaluate.tested_people import EvaluationRequest

    return evaluated(space, EvaluationRequest(model=model, cohort=cohort, **asked), progress or Silent())
