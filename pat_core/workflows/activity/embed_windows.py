"""Windows of raw acceleration out of a .npy file, through a harnet: features, and logits where the file has a head."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from pat_core import __version__
from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError, WeightsError
from pat_core.files import replacing
from pat_core.models.harnet import HARNETS
from pat_core.progress import Progress, Silent
from pat_core.weights.harnet_file import LICENCE, HarnetModel, load_harnet

ACCEPTED = "harnet: licence accepted"
"""The setting that keeps that the licence was read."""
BATCH = 64
RANGE_G = 3.0
"""What windows are cut to in pretraining; beyond it they are said to be."""


@dataclass(frozen=True)
class EmbeddedWindows:
    """What came out. windows: how many. incomplete: of them with missing values, whose rows are NaN. beyond: with values above RANGE_G.
    features, classes: columns, classes 0 without a head. seconds: of a window."""

    windows: int
    incomplete: int
    beyond: int
    features: int
    classes: int
    size: str
    seconds: float
    sha256: str
    out: str


def accept_licence(workspace: Workspace) -> None:
    """Keep that the reader has read the licence of the published weights, so that nobody is asked again."""
    workspace.keep_setting(ACCEPTED, True)


def embed_windows(
    workspace: Workspace, weights: Path, windows: Path, out: Path, *, accept: bool = False, progress: Progress | None = None
) -> EmbeddedWindows:
    """Write `out` (.npz): features (windows, columns) float32, logits (windows, classes) where the file has a head, about (JSON).

    windows: .npy of (windows, samples, 3) or (windows, 3, samples) in g at 30 Hz. Rows of windows with missing values are NaN. WeightsError
    where the weights are no harnet or their licence was not accepted, RecordingError where the windows do not fit; nothing is written then.
    """
    progress = progress or Silent()
    if accept:
        accept_licence(workspace)
    if not workspace.setting(ACCEPTED, False):
        raise WeightsError(f"{LICENCE} Read it, then accept it once with --accept-licence. Nothing was written.")
    if out.suffix.lower() != ".npz":
        raise RecordingError(f"Expected an --out file ending in .npz, got {out.name}.")
    progress.at(0.0, "Reading the weights")
    model = load_harnet(weights)
    raw = read_windows(windows, model)
    features, logits, beyond = _through(model, raw, progress)
    incomplete = int(np.isnan(features[:, 0]).sum())
    done = EmbeddedWindows(
        len(raw), incomplete, beyond, features.shape[1], model.classes, model.size, HARNETS[model.size].seconds, model.sha256, str(out)
    )
    about = {"windows_file": windows.name, "weights_file": weights.name, "weights_sha256": model.sha256, "size": model.size,
             "unit": "g", "hertz": 30, "version": __version__}  # fmt: skip
    arrays: dict[str, Any] = {"features": features, "about": np.array(json.dumps(about))}
    if logits is not None:
        arrays["logits"] = logits
    with replacing(out) as place:
        np.savez_compressed(place, **arrays)
    return done


def read_windows(path: Path, model: HarnetModel) -> np.ndarray:
    """(windows, 3, samples) float numbers, mapped from the file. RecordingError for anything that the network does not read."""
    samples = HARNETS[model.size].samples
    wanted = f"(windows, {samples}, 3) in g at 30 Hz, as {model.size} reads {HARNETS[model.size].seconds:g} s"
    try:
        raw = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise RecordingError(f"There is no file of windows at {path}. Expected a .npy of {wanted}.") from error
    except (ValueError, OSError, EOFError, BadZipFile) as error:
        raise RecordingError(f"{path.name} does not hold a whole array of numbers. Save {wanted} with numpy.save.") from error
    if not isinstance(raw, np.ndarray):
        raw.close()
        raise RecordingError(f"{path.name} holds several arrays. Save one, {wanted}, with numpy.save.")
    if raw.dtype.kind not in "fiu" or raw.ndim != 3 or not len(raw) or sorted(raw.shape[1:]) != sorted((3, samples)):
        raise RecordingError(f"Expected numbers of shape {wanted} in {path.name}, got {raw.dtype} of shape {raw.shape}.")
    return raw if raw.shape[1] == 3 else raw.transpose(0, 2, 1)


def _through(model: HarnetModel, raw: np.ndarray, progress: Progress) -> tuple[np.ndarray, np.ndarray | None, int]:
    """(features, logits or None, windows beyond RANGE_G), the first two (windows, columns) float32, NaN for windows with missing values."""
    import torch

    features = np.full((len(raw), HARNETS[model.size].features), np.nan, np.float32)
    logits = np.full((len(raw), model.classes), np.nan, np.float32) if model.classes else None
    beyond = 0
    with torch.inference_mode():
        for first in range(0, len(raw), BATCH):
            progress.at(first / len(raw), f"Reading window {first + 1:,} of {len(raw):,}")
            batch = np.ascontiguousarray(raw[first : first + BATCH], dtype=np.float32)
            beyond += int((np.abs(batch) > RANGE_G).any(axis=(1, 2)).sum())
            whole = np.isfinite(batch).all(axis=(1, 2))
            if not whole.any():
                continue
            rows = first + np.flatnonzero(whole)
            read = model.network.features(torch.from_numpy(batch[whole]))
            features[rows] = read.numpy()
            if logits is not None and model.network.classifier is not None:
                logits[rows] = model.network.classifier(read).numpy()
    return features, logits, beyond
