"""Answers of models as tables and files: what goes into them, and the predictions of a cohort or of weeks out of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pat_core import __version__
from pat_core.cohorts import Selection, WeekRow, Workspace
from pat_core.csv_text import write_csv
from pat_core.errors import WeekError, WeightsError, WorkspaceError
from pat_core.explain.windows import WearMass
from pat_core.files import make_folder, replacing
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution, Finding, Prediction, StandardizeBy, Standardizer
from pat_core.reports.answer_columns import Scored, answer_columns
from pat_core.reports.weeks_of_file import file_findings, learned_cautions, standardizer_words, weeks_from_file
from pat_core.wear import QualitySettings
from pat_core.weeks import ChosenWeeks, Weeks, apply, by_length, span
from pat_core.weights import Model, require_attention
from pat_core.workflows.explanations.unusual_weeks import predict_with_distances
from pat_core.workflows.models.answers import USUAL, Wish
from pat_core.workflows.models.cautions import condition, model_cautions
from pat_core.workflows.models.class_calibration import class_percentages
from pat_core.workflows.models.kind_answers import columns_of
from pat_core.workflows.models.predictions import PredictedWeek, as_prediction, cohort_standardizer, default_standardizer, predict_logits
from pat_core.workflows.models.similar_scores import comparison
from pat_core.workflows.models.training_overlap import COPY
from pat_core.workflows.read.duplicates import learned_weeks
from pat_core.workflows.read.worn_days import as_column, days_in, judged_by, quality_settings, valid_days
from pat_core.workflows.week.chosen_people import about_whom
from pat_core.workflows.week.cohort_weeks import cohort_findings, common_device, first_weeks, refused

PREDICTIONS, EXPLANATIONS = (".npz", ".csv", ".parquet"), (".npz",)
"""Endings that predictions and explanations can be written to."""


def check_ending(out: Path, endings: Sequence[str] = PREDICTIONS) -> None:
    """WeekError unless a file of that name can be written as one of these kinds."""
    if out.suffix.lower() not in endings:
        choices = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
        raise WeekError(f"Expected an --out file ending in {choices}, got {out.name}.")


def check_table(out: Path) -> None:
    """WorkspaceError unless a table can be written under this name."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise WorkspaceError(f"Expected a file ending in .csv or .parquet, got {out.name}.")


def about(model: Model, standardize_by: str, known: Sequence[Finding]) -> dict[str, Any]:
    """What a file of answers says of where they come from. known: cautions about the model on these people."""
    return {
        "model": model.name,
        "model_sha256": model.sha256,
        "standardizer": standardize_by,
        "encoder_trained": model.encoder_trained,
        "probability_of": condition(model.card) if model.outputs == ONE_LOGIT else "",
        **({} if model.outputs == ONE_LOGIT else {"answers": model.outputs.as_dict() | {"label": str(model.card.get("label") or "")}}),
        "first_line": str(model.card.get("first_line", "")),
        "cautions": [caution.message for caution in known],
        "pat_core": __version__,
    }


def several_columns(outputs: Outputs, predictions: Sequence[Prediction | None]) -> dict[str, pd.Series]:
    """What a head of another kind than two classes answers, a row a week (see `kind_answers.columns_of`); empty where it is withheld."""
    columns = columns_of(outputs, predictions)
    return {name: pd.Series(values, dtype=object if name == "class" else float) for name, values in columns.items()}


def _supported(model: Model, rows: int) -> dict[str, pd.Series]:
    """percentages_supported: whether the model's test bears out the probabilities of its classes; nothing of a value, which has none."""
    if not model.outputs.classes:
        return {}
    return {"percentages_supported": pd.Series(["yes" if class_percentages(model.card)[0] else "no"] * rows, dtype=object)}


def several_arrays(outputs: Outputs, predictions: Sequence[Prediction | None]) -> dict[str, np.ndarray]:
    """The same as arrays for an .npz: outputs (weeks, count), and probabilities (weeks, classes) with the names of the classes."""

    def stacked(field: str, width: int) -> np.ndarray:
        return np.array([getattr(one, field) if one else [np.nan] * width for one in predictions], dtype=float)

    classes = {"classes": np.array(outputs.classes, dtype=str), "probabilities": stacked("probabilities", len(outputs.classes))}
    return {"outputs": stacked("outputs", outputs.count)} | (classes if outputs.classes else {})


def prediction_table(predicted: Sequence[PredictedWeek], wish: Wish = USUAL, model: Model | None = None) -> pd.DataFrame:
    """A row a week: participant, week (1 is the first, as on the pages), what `answer_columns` says, part in training, findings.

    cautions: what else to know of the model and of this person, as their page says it. wish: how the reader wants answers. model: whose
    answers they are; of another kind than two classes there are the columns of `several_columns` in place of those of a score.
    Where somebody has several fit windows: person_windows, how many, person_logit, the mean of their logits, and person_answer and
    person_answer_is, what that is to a reader; the same in each row of a person, and empty where one window is all there is. Of another
    kind than two classes these are the columns of `several_columns`, "person_" before each.
    """
    shown = [None if item.refused else item.prediction for item in predicted]
    if model is not None and model.outputs != ONE_LOGIT:
        columns = several_columns(model.outputs, shown) | _supported(model, len(shown))
    else:
        strange = [any(caution.code == "other_group" for caution in item.cautions) for item in predicted]
        rows = zip(shown, predicted, strange, strict=True)
        scored = [Scored(prediction, item.beside, item.held_out, other) for prediction, item, other in rows]
        columns = answer_columns(scored, wish, {} if model is None else model.card)
    table = pd.DataFrame(
        {
            "participant": pd.Series([item.row.participant for item in predicted], dtype=object),
            "week": pd.Series([item.row.index + 1 for item in predicted], dtype=int),
            **columns,
            **_pooled_columns(predicted, wish, ONE_LOGIT if model is None else model.outputs),
            "part_in_training": pd.Series([item.split or "" for item in predicted], dtype=object),
        }
    )
    return table.assign(**finding_columns([item.findings for item in predicted]), cautions=[sentences(item.cautions) for item in predicted])


def _pooled_columns(predicted: Sequence[PredictedWeek], wish: Wish, outputs: Outputs) -> dict[str, pd.Series]:
    """Of all windows of a person together; {} where nobody has several."""
    pooled = [item.pooled for item in predicted]
    if not any(pooled):
        return {}
    if outputs != ONE_LOGIT:
        answered = columns_of(outputs, [None if one is None else one.prediction for one in pooled])
        windows = pd.Series([None if one is None else one.windows for one in pooled], dtype="Int64")
        return {"person_windows": windows} | {f"person_{name}": pd.Series(values) for name, values in answered.items()}
    answers = [None if one is None else one.answer(wish) for one in pooled]
    return {
        "person_windows": pd.Series([None if one is None else one.windows for one in pooled], dtype="Int64"),
        "person_logit": pd.Series([None if one is None else one.prediction.logit for one in pooled], dtype=float),
        "person_answer": pd.Series([None if answer is None else answer.share for answer in answers], dtype=float),
        "person_answer_is": pd.Series(["" if answer is None else answer.what for answer in answers], dtype=object),
    }


def finding_columns(findings: Sequence[Sequence[Finding]]) -> dict[str, list[Any]]:
    """refused and findings (sentences, notes left out) of each week."""
    return {"refused": [refused(of_a_week) for of_a_week in findings], "findings": [sentences(of_a_week) for of_a_week in findings]}


def sentences(findings: Sequence[Finding]) -> str:
    """All that they say, notes left out, in one text."""
    return " ".join(finding.message for finding in findings if finding.severity != "note")


def write_predictions(out: Path, table: pd.DataFrame, details: Mapping[str, Any], more: Mapping[str, np.ndarray]) -> None:
    """Write a row a week: .csv and .parquet with `details` (see `about`) as columns, .npz with it as JSON in `about`, and `more` arrays.

    The cautions are those of each row where the table has them, else of the model alone.
    """
    arrays = {str(name): _as_array(table[name]) for name in table} | dict(more) | {"about": np.array(json.dumps(details))}
    plain = {name: details[name] for name in ("model", "model_sha256", "standardizer", "encoder_trained", "first_line")}
    plain |= {} if "cautions" in table else {"cautions": " ".join(details["cautions"])}
    if chosen := details.get("chosen"):
        plain |= {"chosen_by": chosen["chosen by"], "chosen_sha256": chosen["sha256"]}
    if "value" in table or "class" in table:
        plain |= {"answers_kind": details["answers"]["kind"], "answers_label": details["answers"]["label"]}
        plain |= {"answers_unit": details["answers"]["unit"]} if "value" in table else {}
    if "probability" in table:
        plain["probability_of"] = details["probability_of"]
    write_answers(out, table.assign(**plain), arrays)


def write_explanations(
    out: Path,
    attributions: Sequence[Attribution],
    participants: Sequence[str],
    weeks: Sequence[int],
    findings: Sequence[Sequence[Finding]],
    details: Mapping[str, Any],
    masses: Sequence[WearMass],
    cautions: Sequence[Sequence[Finding]] = (),
) -> None:
    """attribution (weeks, minutes), or as `_attributions` lays it where windows differ in length; participant, week (1 is the first),
    refused and findings of each; settings: JSON. cautions: what else to know of the model and of each person, where people are known.

    explains: of a model of several classes or of a value, what each map is of. completeness_gap and delta where the method has them.
    mass_worn, mass_not_worn and mass_missing: shares of each map's strength, 0 to 1,
    and minutes_worn and so on: of the minutes that it covers (see `WearMass`); NaN where that is not known.
    """
    check_ending(out, EXPLANATIONS)
    arrays = {
        **_attributions([attribution.values for attribution in attributions]),
        "participant": np.array(participants, dtype=str),
        "week": np.array(weeks, dtype=np.int64) + 1,
        **{name: np.array(values) for name, values in finding_columns(findings).items()},
    }
    if cautions:
        arrays["cautions"] = np.array([sentences(of_a_week) for of_a_week in cautions], dtype=str)
    for name in ("worn", "not_worn", "missing"):
        arrays[f"mass_{name}"] = np.array([getattr(mass, name) for mass in masses])
        arrays[f"minutes_{name}"] = np.array([getattr(mass, f"{name}_minutes") for mass in masses])
    if attributions[0].completeness_gap is not None:
        arrays["completeness_gap"] = np.array([attribution.completeness_gap for attribution in attributions])
        arrays["delta"] = np.array([attribution.delta for attribution in attributions])
    if any("explains" in attribution.settings for attribution in attributions):  # which class or value, of each map
        arrays["explains"] = np.array([str(attribution.settings.get("explains", "")) for attribution in attributions], dtype=str)
    arrays["settings"] = np.array(json.dumps([dict(attribution.settings) for attribution in attributions]))
    write_answers(out, pd.DataFrame(), arrays | {"about": np.array(json.dumps(details))})


def _attributions(maps: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """attribution (weeks, minutes). Where windows differ in length nothing is padded: attribution (minutes of all windows,) holds one map
    after another, and first_minute (weeks + 1,) says where each begins: that of row i goes from first_minute[i] to first_minute[i + 1]."""
    lengths = [values.size for values in maps]
    if len(set(lengths)) == 1:
        return {"attribution": np.stack(maps)}
    return {"attribution": np.concatenate(maps), "first_minute": np.concatenate(([0], np.cumsum(lengths)))}


def write_answers(out: Path, table: pd.DataFrame, arrays: Mapping[str, Any]) -> None:
    """Write .npz (arrays), .csv or .parquet (table), by the name's ending, atomically. WorkspaceError where it cannot be written."""
    check_ending(out)
    ending = out.suffix.lower()
    try:
        make_folder(out.parent)
        with replacing(out) as waiting:
            if ending == ".npz":
                np.savez_compressed(waiting, **arrays)
            elif ending == ".csv":
                write_csv(table, waiting)
            else:
                table.to_parquet(waiting, index=False)
    except OSError as error:
        raise WorkspaceError(
            f"{out} cannot be written: {error.strerror or error}. Choose another place for it, or make room on the disk."
        ) from error


def _as_array(column: pd.Series) -> np.ndarray:
    """Numbers and yes/no as they are, everything else as text, so that nothing needs unpickling. Whole numbers of which some are not
    known are floats with NaN."""
    if isinstance(column.dtype, pd.Int64Dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return column.to_numpy() if column.dtype.kind in "fib" else column.to_numpy(dtype=str)


@dataclass(frozen=True)
class Written:
    """What was written: how many windows, what these are called ("week", "5-day window", "window"), how many of them the input gate
    refuses, and what to know of the model on these people.

    minutes_not_read: at the end of each week, they fill no whole patch. answers: what the answers are, and why, in words; "" where
    there are none. made: the explanations, where those were asked for.
    """

    weeks: int
    window: str
    minutes_not_read: int
    refused: int
    cautions: tuple[Finding, ...]
    attributions: tuple[Attribution, ...] = ()
    answers: str = ""


def predict_file(
    model: Model,
    path: Path,
    out: Path,
    *,
    standardized: bool,
    internals: bool,
    standardize_by: StandardizeBy | None = None,
    settings: QualitySettings | None = None,
    wish: Wish = USUAL,
) -> Written:
    """Predict the weeks of a .npy file. `internals` adds tokens and attention_received, which need no trained head.

    Of refused weeks no score and no probability is given, as of those of a cohort. settings: how wear is judged, the defaults unless given.
    wish: how the reader wants answers.
    """
    check_ending(out)
    weeks, z = weeks_from_file(path, model, standardized, standardize_by)
    table, standardized_by = pd.DataFrame({"person": np.arange(len(z))}), standardizer_words(model, standardized, standardize_by)
    findings, more = finding_columns(file_findings(weeks, z, standardized, settings)), dict[str, np.ndarray]()
    if model.has_head or not internals:
        predictions = [as_prediction(model, str(person), 0, logit) for person, logit in enumerate(predict_logits(model, z))]
        shown = [None if withheld else one for one, withheld in zip(predictions, findings["refused"], strict=True)]
        if model.outputs == ONE_LOGIT:
            among = comparison(model, standardized_by)
            scored = [Scored(one, among.beside(prediction.logit)) for one, prediction in zip(shown, predictions, strict=True)]
            table = table.assign(**answer_columns(scored, wish, model.card))
        else:
            columns = several_columns(model.outputs, shown) | _supported(model, len(shown))
            table, more = table.assign(**columns), several_arrays(model.outputs, shown)
    learned = learned_weeks(model, weeks) & (not standardized)
    table["part_in_training"] = np.where(learned, COPY, "")
    cautions = (*model_cautions(model, None, standardized_by, minutes=z.shape[1]), *learned_cautions(model, learned, standardized))
    more |= tokens_and_attention(model, z) if internals else {}
    write_predictions(out, table.assign(**findings), about(model, standardized_by, cautions), more)
    written = Written(len(z), span(z.shape[1]), model.config.leftover(z.shape[1]), sum(findings["refused"]), cautions)
    return replace(written, answers=_answers_words(table))


def predict_cohort_to(
    workspace: Workspace,
    model: Model,
    whom: str | Selection,
    out: Path,
    standardize_by: StandardizeBy | None,
    internals: bool,
    progress: Progress,
    wish: Wish = USUAL,
) -> Written:
    """Predict a cohort into a table or .npz: a row a week, with the input gate's findings, all cautions that the person's page shows, valid
    days and the settings that these were judged by. Of refused weeks no probability is given. whom: a cohort by name, or people of one who
    were chosen: the others are predicted too, and not written. wish: how the reader wants answers."""
    check_ending(out)
    selection, cohort = (None, whom) if isinstance(whom, str) else (whom, whom.cohort)
    info = workspace.cohort(cohort)
    standardize_by = standardize_by or default_standardizer(model, info.lengths)
    rows, arrays = workspace.week_rows(cohort), {}
    standardizer = cohort_standardizer(workspace, cohort, model, standardize_by)
    if internals and not model.has_head:
        findings = finding_columns(cohort_findings(workspace, model, cohort, rows, standardize_by, standardizer, progress))
        table = pd.DataFrame({"participant": [row.participant for row in rows], "week": [row.index + 1 for row in rows]} | findings)
    else:
        predicted, unsaid = predict_with_distances(workspace, model, cohort, standardize_by, progress)
        table = prediction_table(predicted, wish, model).assign(not_said=unsaid)
        if model.outputs != ONE_LOGIT:
            arrays = several_arrays(model.outputs, [None if item.refused else item.prediction for item in predicted])
    settings = quality_settings(workspace)
    table = table.assign(
        valid_days=as_column(valid_days(workspace, cohort, settings, progress)),
        **judged_by(settings, [days_in(row.report.minutes) for row in rows]),
    )
    written_too = np.isin(table["participant"], selection.participants) if selection is not None else np.ones(len(table), bool)
    rows = tuple(row for row, there in zip(rows, written_too, strict=True) if there)
    table = table[written_too].reset_index(drop=True)
    arrays = {name: values[written_too] if name != "classes" else values for name, values in arrays.items()}
    weeks = ChosenWeeks(workspace.weeks_array(cohort), np.flatnonzero(written_too))
    more = arrays | (_internals_of(model, standardizer, weeks, rows) if internals else {})
    cautions = model_cautions(model, info, standardize_by, common_device(rows), info.lengths)
    write_predictions(out, table, about(model, standardize_by, cautions) | about_whom(selection), more)
    written = Written(len(table), info.span, model.config.leftover(info.minutes), int(table["refused"].sum()), cautions)
    return replace(written, answers=_answers_words(table))


def list_file(
    workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy, table: pd.DataFrame, only_kept: bool = False
) -> pd.DataFrame:
    """The list of people as a file: `participants_table` with Findings, Cautions (all that the page of each shows of their first week), and
    Not said, why nothing is said of how unusual the week is. only_kept: see `predict_with_distances`."""
    predicted, unsaid = predict_with_distances(workspace, model, cohort, standardize_by, Silent(), only_kept)
    first = {row.row for row in first_weeks([item.row for item in predicted])}
    of_person = {item.row.participant: item for item in predicted if item.row.row in first}
    shown = [of_person[name] for name in table["Participant"]]
    about_each = {"Findings": [sentences(item.findings) for item in shown], "Cautions": [sentences(item.cautions) for item in shown]}
    return table.assign(**about_each, **{"Not said": unsaid})


def _answers_words(table: pd.DataFrame) -> str:
    """What the answers of a table are, and why they are nothing else."""
    given = table[table["answer_is"] != ""] if "answer_is" in table else table.iloc[:0]
    if given.empty:
        return ""
    first = given.iloc[0]
    by = f", by {first['answer_by']}" if first["answer_by"] else ""
    return f"Answers: {first['answer_is']}{by}. {first['answer_why']}".strip()


def _internals_of(model: Model, standardizer: Standardizer, weeks: Weeks, rows: Sequence[WeekRow]) -> dict[str, np.ndarray]:
    """`tokens_and_attention` of a cohort's windows. Where these differ in length nothing is padded: tokens (patches of all windows, 96) and
    attention_received (blocks, heads, patches of all windows) hold one window after another, and first_patch (windows + 1,) says where
    each begins: those of row i are first_patch[i] to first_patch[i + 1]."""
    lengths = np.array([row.report.minutes for row in rows])
    starts = [row.start for row in rows]
    if np.unique(lengths).size == 1:
        return tokens_and_attention(model, apply(standardizer, weeks, starts))
    tokens, received = [np.empty(0)] * len(rows), [np.empty(0)] * len(rows)
    for alike in by_length(lengths):
        of_these = tokens_and_attention(model, apply(standardizer, weeks[alike], [starts[row] for row in alike]))
        for place, row in enumerate(alike.tolist()):
            tokens[row], received[row] = of_these["tokens"][place], of_these["attention_received"][:, place]
    first = np.concatenate(([0], np.cumsum([len(one) for one in tokens])))
    return {"tokens": np.concatenate(tokens), "attention_received": np.concatenate(received, axis=-1), "first_patch": first}


def tokens_and_attention(model: Model, z: np.ndarray) -> dict[str, np.ndarray]:
    """tokens (windows, patches, width) and attention_received (blocks, windows, heads, patches) of standardized windows (windows, minutes)
    that are alike in length. WeightsError for a model that is no single PAT."""
    from pat_core.explain.attention_reading import encode
    from pat_core.models.ensemble import Ensemble

    network = require_attention(model)
    if isinstance(network, Ensemble):
        raise WeightsError(
            f"{model.name} is an ensemble of {len(network.members)} models, each with its own tokens and attention. Leave out "
            "--internals, or take a single model."
        )
    tokens, received = encode(network.encoder, z)
    return {"tokens": tokens, "attention_received": received}
