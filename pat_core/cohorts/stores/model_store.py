"""Weight files that were added to the workspace, and predictions by model and cohort."""

from __future__ import annotations

import hashlib
import math
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pat_core.cohorts.cohort_records import ModelInfo
from pat_core.cohorts.database_values import from_json, moment, to_json, valid_name
from pat_core.cohorts.kept.shelf import Shelves, new_id
from pat_core.cohorts.stores import cohort_rows
from pat_core.errors import WorkspaceError
from pat_core.files import open_private
from pat_core.records import Prediction

_QUERY = "SELECT id, name, file, sha256, origin, size, embedding, has_head, card, added FROM models"
_CHUNK = 1 << 20
STANDARDIZERS = ("model", "cohort", "cohort_day")


class ModelStore(Shelves):
    """The part of the workspace that holds models and predictions."""

    def add_model(
        self,
        path: str | Path,
        name: str,
        *,
        origin: str,
        size: str,
        embedding: str = "linear",
        has_head: bool,
        card: Mapping[str, object] | None = None,
    ) -> ModelInfo:
        """Copies a weight file in under a name. The same file under the same name again changes nothing (a resumed run does that).

        WorkspaceError: name taken by another file, file missing or unreadable.
        """
        name, source = valid_name(name, "model"), Path(path)
        try:
            sha256 = _sha256(source)
        except OSError as error:
            raise WorkspaceError(f"Expected a weight file at {source}, but it cannot be read: {error.strerror}. Check the path.") from error
        with self.reading() as connection:
            if _same_model(connection, name, sha256):
                return self.model(name)
            cohort_rows.refuse_taken(connection, "models", name)
        suffix = source.suffix.lower() if source.suffix.lower() in (".safetensors", ".h5", ".hdf5", ".keras") else ".weights"
        identity, file = new_id(), f"model{suffix}"
        values = (identity, name, file, sha256, origin, size, embedding, bool(has_head), to_json(dict(card or {})), time.time())

        def enlist(connection: sqlite3.Connection, _: None) -> None:
            cohort_rows.refuse_taken(connection, "models", name)
            connection.execute(f"INSERT INTO models VALUES ({', '.join('?' * len(values))})", values)

        self.shelve("models", identity, lambda folder: _copy(source, folder / file, sha256), enlist)
        return self.model(name)

    def models(self) -> tuple[ModelInfo, ...]:
        """Models that were added to the workspace, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(f"{_QUERY} ORDER BY added, name").fetchall()
        return tuple(self._info(row) for row in rows)

    def model(self, name: str) -> ModelInfo:
        with self.reading() as connection:
            return self._info(_find(connection, name))

    def delete_model(self, name: str) -> None:
        """Removes the copy, and its predictions unless another model is the same file."""
        with self.writing() as connection:
            identity, _, _, sha256, *_ = _find(connection, name)
            self.mark_for_removal("models", identity)
            connection.execute("DELETE FROM models WHERE id = ?", (identity,))
            if not connection.execute("SELECT 1 FROM models WHERE sha256 = ?", (sha256,)).fetchone():
                connection.execute("DELETE FROM predictions WHERE model_sha256 = ?", (sha256,))
        self.discard("models", identity)

    def save_predictions(self, model_sha: str, cohort: str, standardizer: str, predictions: Sequence[tuple[int, Prediction]]) -> None:
        """Stores (row of weeks_array, prediction) pairs; those of the same rows are replaced.

        standardizer: one of STANDARDIZERS, whose mean and deviation went in. WorkspaceError where a row is another person's.
        """
        _check_standardizer(standardizer)
        with self.writing() as connection:
            cohort_id = cohort_rows.find_cohort(connection, cohort).id
            query = "SELECT row, participant, week_index FROM weeks WHERE cohort_id = ?"
            known = {row: (participant, index) for row, participant, index in connection.execute(query, (cohort_id,))}
            for row, prediction in predictions:
                if known.get(int(row)) != (prediction.participant, prediction.week_index):
                    raise WorkspaceError(
                        f"Expected week {prediction.week_index + 1} of {prediction.participant!r} in row {row} of cohort {cohort!r}, found "
                        f"{known.get(int(row), 'no such row')}. Predict again with the cohort as it is now."
                    )
            connection.executemany(
                "INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        cohort_id,
                        model_sha,
                        standardizer,
                        int(row),
                        float(prediction.logit),
                        _number(prediction.probability_raw),
                        _number(prediction.probability),
                        _number(prediction.prevalence),
                        to_json([prediction.outputs, prediction.probabilities]) if prediction.outputs else "",
                    )
                    for row, prediction in predictions
                ),
            )

    def predictions(self, model_sha: str, cohort: str, standardizer: str) -> dict[int, Prediction]:
        """row of weeks_array -> prediction, as far as they have been made."""
        _check_standardizer(standardizer)
        with self.reading() as connection:
            cohort_id = cohort_rows.find_cohort(connection, cohort).id
            rows = connection.execute(
                "SELECT p.row, w.participant, w.week_index, p.logit, p.probability_raw, p.probability, p.prevalence, p.answers"
                " FROM predictions p JOIN weeks w ON w.cohort_id = p.cohort_id AND w.row = p.row"
                " WHERE p.cohort_id = ? AND p.model_sha256 = ? AND p.standardizer = ? ORDER BY p.row",
                (cohort_id, model_sha, standardizer),
            ).fetchall()
        return {row[0]: _prediction(*row[1:]) for row in rows}

    def _info(self, row: tuple[Any, ...]) -> ModelInfo:
        identity, name, file, sha256, origin, size, embedding, has_head, card, added = row
        path = self.folder / "models" / identity / file
        when = moment(added) or datetime.min
        return ModelInfo(name, path, sha256, origin, size, embedding, bool(has_head), from_json(card), when)


def _prediction(who: str, index: int, logit: float, raw: float | None, *rest: Any) -> Prediction:
    probability, prevalence, answers = rest
    outputs, probabilities = from_json(answers) if answers else ((), ())
    return Prediction(who, index, logit, math.nan if raw is None else raw, probability, prevalence, tuple(outputs), tuple(probabilities))


def _find(connection: sqlite3.Connection, name: str) -> tuple[Any, ...]:
    row = connection.execute(f"{_QUERY} WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise cohort_rows.missing(connection, "models", name)
    return row


def _same_model(connection: sqlite3.Connection, name: str, sha256: str) -> bool:
    return connection.execute("SELECT 1 FROM models WHERE name = ? AND sha256 = ?", (name, sha256)).fetchone() is not None


def _check_standardizer(standardizer: str) -> None:
    if standardizer not in STANDARDIZERS:
        raise WorkspaceError(f"Expected the standardizer as one of {', '.join(STANDARDIZERS)}, got {standardizer!r}.")


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, target: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    with open(source, "rb") as old, open_private(target, "wb") as new:
        while block := old.read(_CHUNK):
            digest.update(block)
            new.write(block)
        new.flush()
        os.fsync(new.fileno())
    if digest.hexdigest() != sha256:
        raise WorkspaceError(f"The file {source} changed while it was copied. Wait until it is complete, then add it again.")
