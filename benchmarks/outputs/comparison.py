"""Two records of outputs held against one another."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np


def compare(before: Path, after: Path, ignore_words: bool, longest: int = 30) -> int:
    """Print what differs; 1 where anything does. Outputs of a stage that only one of them ran are left alone."""
    kind = "figures" if ignore_words else "all"
    then, now = (json.loads(path.read_text()) for path in (before, after))
    names = sorted({*then["outputs"], *now["outputs"]})
    ran = set(then["stages"]) & set(now["stages"])
    names = [name for name in names if {one["outputs"][name]["stage"] for one in (then, now) if name in one["outputs"]} <= ran]
    differing = [name for name in names if then["outputs"].get(name, {}).get(kind) != now["outputs"].get(name, {}).get(kind)]
    for name in differing:
        gone, new = name not in now["outputs"], name not in then["outputs"]
        print(f"\n== {name}" + (": no longer there" if gone else ": new" if new else ""))
        if not gone and not new:
            for line in _difference(before, after, name, kind, longest):
                print(line)
    print(f"\n{len(differing)} of {len(names)} outputs differ" + (", sentences by their digits alone." if ignore_words else "."))
    return int(bool(differing))


LONGEST_NAME = 200
"""Characters: longer than any name of an array's file, shorter than file systems allow. A line of text may be taken for one."""


def _difference(before: Path, after: Path, name: str, kind: str, longest: int) -> Iterator[str]:
    folders = [path.with_name(f"{path.name}.raw") for path in (before, after)]
    old, new = (raw_of(folder, name, kind).read_text().splitlines() for folder in folders)
    lines = [line[:300] for line in difflib.unified_diff(old, new, "before", "after", lineterm="", n=0)]
    yield from lines[:longest]
    if len(lines) > longest:
        yield f"... {len(lines) - longest} more lines"
    arrays = [{(found := line.rpartition(": "))[0]: found[2].split(" | ")[-1] for line in part} for part in (old, new)]
    for place, key in arrays[0].items():
        files = [folder / "arrays" / f"{one}.npy" for folder, one in zip(folders, (key, arrays[1].get(place, "")), strict=True)]
        if files[0].name != files[1].name and all(len(file.name) < LONGEST_NAME and file.exists() for file in files):
            yield f"   {place}: {_apart(*map(np.load, files))}"


def _apart(old: np.ndarray, new: np.ndarray) -> str:
    if old.shape != new.shape or old.dtype != new.dtype:
        return f"{old.dtype} {old.shape} became {new.dtype} {new.shape}"
    changed = ~((old == new) | ((old != old) & (new != new)))
    if not changed.any():
        return "same values, other bytes (signs of zeros or payloads of NaN)"
    first = tuple(int(part[0]) for part in np.nonzero(changed))
    most = np.abs(old.astype(float) - new.astype(float))[changed].max()
    return f"{int(changed.sum())} of {old.size} values, at the most by {most:.3g}; first at {first}: {old[first]!r} became {new[first]!r}"


def raw_of(folder: Path, name: str, kind: str) -> Path:
    """Where an output lies. Names of files hold signs that folders must not."""
    return folder / f"{name.replace('/', ' - ')}.{kind}.txt"
