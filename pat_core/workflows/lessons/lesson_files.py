"""The files that the lessons ship with: small arrays in assets/lessons, made anew by `python -m pat_core lessons`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from pat_core import settings
from pat_core.errors import PatError
from pat_core.files import replacing

Arrays = dict[str, np.ndarray]


def lessons_folder() -> Path:
    """Where they ship."""
    return settings.ASSETS / "lessons"


def read_arrays(name: str, folder: Path | None = None) -> Arrays:
    """The arrays of `name`.npz. PatError, with what to do, where the file is not there or damaged."""
    path = (folder or lessons_folder()) / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise PatError(
            f"The file {path.name} of the lessons is not in {path.parent}, or is damaged. Make it again with "
            f"`{settings.COMMAND} lessons`, or fetch PAT Explorer again."
        ) from error


def write_arrays(folder: Path, name: str, arrays: Arrays) -> Path:
    """Write `name`.npz, whole or not at all; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.npz"
    with replacing(path, private=False) as waiting:
        np.savez_compressed(waiting, **arrays)  # type: ignore[arg-type]  # numpy types its own arguments alone
    return path
