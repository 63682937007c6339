"""Weeks that come in a .npy file: read, standardized, looked at by the input check, and known again where a model learned from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from pat_core.errors import WeekError
from pat_core.models.network_config import unreadable
from pat_core.records import UNKNOWN_UNIT, Finding, StandardizeBy, Standardizer
from pat_core.wear import QualitySettings
from pat_core.weeks import apply, check_standardized
from pat_core.weights import Model
from pat_core.workflows.models.predictions import default_standardizer, standardizer_for
from pat_core.workflows.read.duplicates import remembers
from pat_core.workflows.read.worn_days import few_days_in, with_days

GIVEN = "as given"
"""The word for the standardizer where weeks came standardized already."""


def weeks_from_file(
    path: Path, model: Model, standardized: bool, standardize_by: StandardizeBy | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(as in the file, as the model reads them), each (people, minutes) float32. Refuses anything else in a sentence."""
    weeks = _read(path, model)
    used = standardizer_of(weeks, path, model, standardized, standardize_by)
    return weeks, weeks if used is None else apply(used, weeks, [None] * len(weeks))  # when a file's weeks begin is not known


def standardizer_of(
    weeks: np.ndarray, path: Path, model: Model, standardized: bool, standardize_by: StandardizeBy | None
) -> Standardizer | None:
    """The standardizer that the weeks of a file are read through; None where they are standardized already (then they must be complete)."""
    if not standardized:
        by = standardize_by or default_standardizer(model)
        return standardizer_for(model, weeks, by, path.name, UNKNOWN_UNIT, starts=[None] * len(weeks))
    if not np.isfinite(weeks).all():
        raise WeekError(f"{path.name} holds values that are not finite. Standardized weeks must be complete.")
    return None


def _read(path: Path, model: Model) -> np.ndarray:
    """(people, minutes) float32 as they are in a file."""
    try:
        weeks = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError, BadZipFile, MemoryError) as error:
        # What NumPy says of a file that is none of its own advises to unpickle it.
        why = "it does not hold a whole array of numbers" if isinstance(error, ValueError) else error
        raise WeekError(
            f"{path.name} cannot be read as a NumPy array of weeks ({why}). Save (people, minutes) float32 with numpy.save."
        ) from error
    if not isinstance(weeks, np.ndarray):
        weeks.close()
        raise WeekError(f"{path.name} holds several arrays. Save one of (people, minutes) float32 with numpy.save.")
    if weeks.ndim == 1:
        weeks = weeks[None]
    if weeks.ndim != 2 or not np.issubdtype(weeks.dtype, np.number) or np.iscomplexobj(weeks) or not len(weeks):
        raise WeekError(f"Expected numbers of shape (people, minutes) in {path.name}, got {weeks.dtype} of shape {weeks.shape}.")
    if reason := unreadable(model.config, weeks.shape[1]):
        raise WeekError(f"{path.name} holds {weeks.shape[1]} minutes a person, which {model.name} cannot read. {reason}")
    return weeks.astype(np.float32)


def learned_cautions(model: Model, learned: np.ndarray, standardized: bool) -> tuple[Finding, ...]:
    """Where weeks of a file, (weeks,) bool, are ones that the model learned from, or where that cannot be seen."""
    if standardized and remembers(model):
        text = "Whether the model learned from these weeks cannot be seen, because they are standardized: its answers may be no test of it."
        return (Finding("trained_on", "warn", text),)
    number = int(learned.sum())
    if not number:
        return ()
    text = f"The model was trained on {number:,} of these {len(learned):,} weeks: its answers about them are no test of it."
    return (Finding("trained_on", "warn", text, float(number)),)


def file_findings(
    weeks: np.ndarray, z: np.ndarray, standardized: bool, settings: QualitySettings | None = None
) -> list[tuple[Finding, ...]]:
    """What the input gate says of weeks out of a file, and whether they have too few valid days; of standardized weeks nothing tells of
    wear, and minutes out of order are no refusal: noise is what two statements of a network are compared on. Standardizing fills gaps with
    the mean, and the gate has to see them. settings: how wear is judged."""
    settings = settings or QualitySettings()
    by_gate = [check_standardized(np.where(np.isfinite(raw), read, np.nan)) for raw, read in zip(weeks, z, strict=True)]
    if standardized:
        return [tuple(replace(one, severity="warn") if one.code == "shuffled" else one for one in of_week) for of_week in by_gate]
    return [with_days(of_week, few_days_in(raw, settings)) for raw, of_week in zip(weeks, by_gate, strict=True)]


def standardizer_words(model: Model, standardized: bool, standardize_by: StandardizeBy | None) -> str:
    """Whose means and deviations a file of answers says it was made with."""
    return GIVEN if standardized else standardize_by or default_standardizer(model)
