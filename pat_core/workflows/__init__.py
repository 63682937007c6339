"""The use cases that pages, background jobs and the command line call. Each takes a workspace and plain values and returns records."""

from pat_core.workflows.alike import people_like
from pat_core.workflows.cautions import cautions
from pat_core.workflows.demo import build_demo, ensure_demo
from pat_core.workflows.explained_files import explain_file
from pat_core.workflows.explaining import explain_standardized, explain_week
from pat_core.workflows.files import predict_file
from pat_core.workflows.importing import ImportReport, import_recordings, reasons, simulate_cohort, store_simulated
from pat_core.workflows.labelled import RunRequest, label_counts, labelled_weeks
from pat_core.workflows.models import ModelEntry, add_model, bundled_files, download_model, models, resolve
from pat_core.workflows.participant import WeekView, answer_anyway, receipt, week_indices, week_table, week_view
from pat_core.workflows.predicting import (
    PredictedWeek,
    cohort_standardizer,
    default_standardizer,
    predict_cohort,
    predict_logits,
)
from pat_core.workflows.pretraining import pretrain_simulated
from pat_core.workflows.rhythm import SHOWN, rhythm_spread
from pat_core.workflows.run_files import run_curves
from pat_core.workflows.tables import default_whose, label_columns, participants_table, predictions_missing
from pat_core.workflows.training import run_finetune, run_state, start_finetune
from pat_core.workflows.week_rows import common_device

__all__ = [
    "SHOWN",
    "ImportReport",
    "ModelEntry",
    "PredictedWeek",
    "RunRequest",
    "WeekView",
    "add_model",
    "answer_anyway",
    "build_demo",
    "bundled_files",
    "cautions",
    "cohort_standardizer",
    "common_device",
    "default_standardizer",
    "default_whose",
    "download_model",
    "ensure_demo",
    "explain_file",
    "explain_standardized",
    "explain_week",
    "import_recordings",
    "label_counts",
    "label_columns",
    "labelled_weeks",
    "models",
    "people_like",
    "participants_table",
    "predict_cohort",
    "predict_file",
    "predict_logits",
    "predictions_missing",
    "pretrain_simulated",
    "reasons",
    "receipt",
    "resolve",
    "rhythm_spread",
    "run_curves",
    "run_finetune",
    "run_state",
    "simulate_cohort",
    "start_finetune",
    "store_simulated",
    "week_indices",
    "week_table",
    "week_view",
]
