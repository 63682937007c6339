"""A comparison of encoders on another machine: each is read there, by probe, hidden minutes and attention; the comparison is made here, of
readings that came home."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import digest
from pat_core.errors import TrainingError
from pat_core.files import open_private, replacing
from pat_core.jobs.parcel import Elsewhere, Packed
from pat_core.models.pat import PatConfig
from pat_core.progress import Progress, Share
from pat_core.training import FinetuneSettings
from pat_core.training.labelled_people import Split
from pat_core.weights import load, save
from pat_core.workflows.elsewhere.compare_elsewhere import HOLDS_SPLITS, SIDES, SPLITS, still
from pat_core.workflows.elsewhere.week_files import (
    HOLDS_PEOPLE,
    HOLDS_WEEKS,
    PEOPLE,
    WEEKS,
    read_people,
    task_facts,
    write_people,
    write_weeks,
)
from pat_core.workflows.learn.compare_encoders import COMPARE_ENCODERS
from pat_core.workflows.learn.encoder_reading import (
    READING,
    EncoderRequest,
    Material,
    Side,
    material,
    missing_sides,
    networks,
    read_encoder,
    reading_question,
)

REBUILT, ATTENDED = "rebuilt.npy", "attended.npy"
HOLDS_STANDARDIZED = "Activity as the encoders read it, standardized, a number a minute: weeks to hide and rebuild, or to look at attention"
HOLDS_ENCODER = "The weights of an encoder, with its decoder where it has one, without its card"


def pack(workspace: Workspace, request: EncoderRequest, reads: Path) -> Packed:
    """Weeks and numbers to learn, folds, standardized weeks, and the encoders that are not read yet. Raises as `compare_encoders`;
    TrainingError where all of them are."""
    missing, rebuilt = missing_sides(workspace, request)
    if not missing:
        raise TrainingError("Every encoder of this comparison is read already, so there is nothing to send.")
    on, sides = material(workspace, request, rebuilt), []
    write_weeks(reads / WEEKS, on.data.weeks)
    write_people(reads / PEOPLE, on.data)
    rows = {f"{number}-{side}": getattr(split, side).astype(np.int32) for number, split in enumerate(on.splits) for side in SIDES}
    with open_private(reads / SPLITS, "wb") as file:
        np.savez(file, allow_pickle=False, **rows)
    holds = {WEEKS: HOLDS_WEEKS, PEOPLE: HOLDS_PEOPLE, SPLITS: HOLDS_SPLITS}
    for name, weeks in ((REBUILT, on.rebuilt), (ATTENDED, on.attended)):
        if len(weeks):
            write_weeks(reads / name, weeks)
            holds[name] = HOLDS_STANDARDIZED
    for number, side in enumerate(missing):
        file_name = "" if side.model is None else f"encoder-{number}.safetensors"
        if side.model is not None:
            autoencoder, network = networks(side.model, side.config, request.seed)
            about: dict[str, Any] = {"card": {}, "name": "encoder", "origin": "own", "encoder_trained": side.model.encoder_trained}
            save(reads / file_name, autoencoder or network, has_head=False, standardizer=None, **about)
            holds[file_name] = HOLDS_ENCODER
        sides.append({"file": file_name, "config": side.config.as_dict(), "kept": _name(workspace, request, side, rebuilt)})
    of_rebuilt = {row.participant for row in workspace.week_rows(request.cohort) if row.row in set(rebuilt)}
    asked = {"task": task_facts(on.data), "settings": request.settings.as_dict(), "folds": len(on.splits), "sides": sides}
    asked |= {"mask_ratio": request.mask_ratio, "seed": request.seed}
    return Packed(asked, holds, len({*map(str, on.data.people), *of_rebuilt}))


def work(reads: Path, kept: Path, asked: Mapping[str, Any], progress: Progress) -> None:
    """Every encoder, each kept as soon as it is read. Where several processes work together, the first alone."""
    from pat_core.training.distributed import Alone, here, sharing  # with torch, which the work itself needs

    if not here().first:
        return
    on, sides = _material(reads, asked), asked["sides"]
    with sharing(Alone()):
        for number, side in enumerate(sides):
            share = Share(progress, number / len(sides), 1 / len(sides))
            share.at(0.0, f"Reading encoder {number + 1} of {len(sides)}")
            path = kept / side["kept"]
            if not path.exists():
                model = load(reads / side["file"]) if side["file"] else None
                reading = read_encoder(*networks(model, PatConfig(**side["config"]), on.seed), on, share)
                with replacing(path) as waiting, open(waiting, "wb") as file:
                    np.savez(file, allow_pickle=False, **READING.encode(reading))


def _material(reads: Path, asked: Mapping[str, Any]) -> Material:
    def weeks(name: str) -> np.ndarray:
        return np.load(reads / name, allow_pickle=False) if (reads / name).exists() else np.empty((0, 0), np.float32)

    with np.load(reads / SPLITS, allow_pickle=False) as rows:
        splits = [Split(*(rows[f"{number}-{side}"].astype(int) for side in SIDES)) for number in range(asked["folds"])]
    settings, data = FinetuneSettings(**asked["settings"]), read_people(reads, asked["task"])
    return Material(data, splits, settings, weeks(REBUILT), weeks(ATTENDED), asked["mask_ratio"], asked["seed"])


def folder_of(workspace: Workspace, request: EncoderRequest) -> Path:
    """Where the readings of a request come home to."""
    return workspace.folder / "jobs" / f"{digest(request.as_spec())[:16]}.encoders"


def ending(workspace: Workspace, request: EncoderRequest) -> EncoderRequest:
    """Takes the readings that came home among the results here; what is left to do is done on what this computer has."""
    from pat_core.training.device import device_here

    folder = folder_of(workspace, request)
    missing, rebuilt = missing_sides(workspace, request)
    for side in missing:
        path = folder / _name(workspace, request, side, rebuilt)
        if path.exists():
            with np.load(path, allow_pickle=False) as arrays:
                reading = READING.decode({name: arrays[name] for name in arrays.files})
            workspace.keep(reading_question(workspace, request, side, rebuilt), reading, READING, surely=True)
    shutil.rmtree(folder, ignore_errors=True)
    return replace(request, device=device_here(request.device))


def _name(workspace: Workspace, request: EncoderRequest, side: Side, rebuilt: list[int]) -> str:
    """Of the file of a reading: another one where weeks, labels or encoder are others."""
    return f"{digest(reading_question(workspace, request, side, rebuilt).key)[:16]}.npz"


ENCODERS_ELSEWHERE = Elsewhere[EncoderRequest](
    task=COMPARE_ENCODERS,
    pack=pack,
    work=work,
    keeps_in=folder_of,
    keeps=r"[0-9a-f]{16}\.npz",
    hold=lambda workspace, request: nullcontext(),
    still=still,
    ending=ending,
)
