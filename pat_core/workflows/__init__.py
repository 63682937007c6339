"""The use cases that pages, background jobs and the command line call. Each takes a workspace and plain values and returns records.

A use case is imported when it is asked for: reading recordings must not wait, or find memory, for what training needs.
"""

from importlib import import_module

_FROM = {
    "alike": ("people_like",),
    "caution_words": ("cautions",),
    "demo": ("build_demo", "ensure_demo"),
    "explained_files": ("explain_file",),
    "explaining": ("explain_standardized", "explain_week"),
    "files": ("predict_file",),
    "importing": ("ImportReport", "import_recordings", "reasons", "simulate_cohort", "store_simulated"),
    "labelled": ("RunRequest", "label_counts", "labelled_weeks"),
    "model_entries": ("ModelEntry", "add_model", "bundled_files", "download_model", "models", "resolve"),
    "participant": ("WeekView", "answer_anyway", "receipt", "week_indices", "week_table", "week_view"),
    "predicting": ("PredictedWeek", "cohort_standardizer", "default_standardizer", "predict_cohort", "predict_logits"),
    "pretraining": ("pretrain_simulated",),
    "rhythm": ("SHOWN", "rhythm_spread"),
    "run_files": ("run_curves",),
    "tables": ("default_whose", "label_columns", "participants_table", "predictions_missing"),
    "training": ("run_finetune", "run_state", "start_finetune"),
    "week_rows": ("common_device",),
}
_HOME = {name: module for module, names in _FROM.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
