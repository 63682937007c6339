"""What the scoreboard of explanations measured, and what it means for a reader of one method's map."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pat_core import settings
from pat_core.explain import METHODS

NAME = "scoreboard.json"
"""Of the file in assets/, which is shipped, written by `python -m benchmarks.explanations --publish`."""

Row = Mapping[str, Any]


def board(path: Path | None = None) -> dict[str, Any] | None:
    """rows (see `target_table`; each with its `sentence`), models, machine, "not measured"; None where nothing was measured yet.

    path: the published file unless given.
    """
    path = path or settings.ASSETS / NAME
    return read_board(path) if path.exists() else None


def read_board(path: Path) -> dict[str, Any]:
    """A board from its file. OSError, or ValueError or KeyError where that holds none."""
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, changed: int) -> dict[str, Any]:
    content = json.loads(path.read_text())
    return content | {"rows": [row | {"sentence": sentence(row)} for row in content["rows"]]}


def failed(method: str, size: str, rows: Sequence[Row]) -> list[Row]:
    """The targets that this method missed on models of this size; of all sizes that were measured where this one was not."""
    own = [row for row in rows if row["method"] == method and row["met"] is not None]
    of_size = [row for row in own if row["size"] == size]
    return [row for row in of_size or own if not row["met"]]


def verdict(method: str, size: str, path: Path | None = None) -> str:
    """One sentence on how far a method's map can be believed, from simulated people whose truth is known; "" where it was not measured."""
    measured = board(path)
    own = [row for row in measured["rows"] if row["method"] == method and row["met"] is not None] if measured else []
    if not own:
        return ""
    missed = failed(method, size, own)
    elsewhere = "" if any(row["size"] == size for row in own) else f" (measured on models of size {', '.join(_sizes(own))})"
    if not missed:
        return f"On simulated people whose truth is known this method met every target it was held to{elsewhere}."
    kinds = list(dict.fromkeys(_kind(row) for row in missed))
    return f"On simulated people whose truth is known this method falls short{elsewhere}: {'; '.join(kinds)}."


def shortfalls(method: str, size: str, path: Path | None = None) -> int | None:
    """In how many ways a method falls short by its `verdict`; None where it was not measured."""
    measured = board(path)
    own = [row for row in measured["rows"] if row["method"] == method and row["met"] is not None] if measured else []
    return len({_kind(row) for row in failed(method, size, own)}) if own else None


VERDICTS: dict[bool | None, str] = {True: "met", False: "missed", None: "none"}
"""None: nothing was to be reached, or too few weeks were measured."""


def _sizes(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(str(row["size"]) for row in rows))


PLANTED = {
    "presence": "activity planted at night",
    "brief": "short bouts planted at night",
    "absence": "missing mornings",
    "fragmentation": "broken sleep",
    "interaction": "two things planted together",
    "none": "nothing planted",
}


def not_measured(measured: Mapping[str, Any]) -> list[str]:
    """What a board has no figures of yet, in words: "missing mornings, medium (3 of 3 models)"."""
    parts = [text.partition(",") for text in measured.get("not measured", ())]
    return [f"{PLANTED.get(task, task)}{comma}{rest}" for task, comma, rest in parts]


def _kind(row: Row) -> str:
    """What a missed target means, in words without a unit."""
    measure, where = str(row["measure"]), PLANTED.get(str(row["task"]), "")
    if measure.startswith("localization"):
        return f"it often points beside {where}"
    if measure.startswith("correlation after"):
        return "its map stays much the same when everything the model learned is taken away, so it may show the recording and not the model"
    if measure.startswith("deleted"):
        return f"taking out what it marks changes the score too little ({where})"
    if measure.startswith("gap"):
        return "its parts do not always add up to the score within 1 %"
    if measure.startswith("L1"):
        return "its minutes can be off by more than 2 %"
    if measure.startswith("AUPRC beyond"):
        return "following attention through the blocks adds too little to what the last block shows"
    return f"{measure} was missed"


def target_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The targets that were set beforehand, in their order, as a reader sees them; those without a verdict too."""
    return [
        {
            "Verdict": VERDICTS[row["met"]],
            "Target": f"{row['number']}. {row['measure']}",
            "Task": PLANTED.get(str(row["task"]), ""),
            "Size": row["size"],
            "Figure": f"{row['value']:.3g}",
            "To reach": row["target"],
            "95 % interval": "" if row["low"] == row["high"] else f"{row['low']:.3g} to {row['high']:.3g}",
            "Weeks": row["n"],
            "Method": called(row),
        }
        for row in rows
        if row["number"]
    ]


def called(row: Row) -> str:
    """The method of a row as a reader knows it, with its variant; "" for what is of no one method."""
    name = str(row["method"])
    return ", ".join(part for part in (METHODS[name].title if name in METHODS else name, str(row.get("variant") or "")) if part)


def sentence(row: Row) -> str:
    """One measured row for a reader, with what was asked for; "" where there was no target."""
    if row["met"] is None:
        return ""
    subject = ", ".join(part for part in (called(row), str(row["task"]), str(row["size"])) if part)
    end = "met" if row["met"] else "missed"
    within = "" if row["low"] == row["high"] else f" (95 % interval {row['low']:.3g} to {row['high']:.3g})"
    result = f"{row['measure']} {row['value']:.3g}{within}, n = {row['n']}, target {row['target']}: {end}."
    return f"{subject}: {result}" if subject else f"{result[:1].upper()}{result[1:]}"
