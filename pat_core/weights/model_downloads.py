"""Fetch a published encoder: resumed where the line broke, checked as a model before it gets its name, its hash written down."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import requests

from pat_core.download import NotThere, Partial, Wanted, fetch
from pat_core.errors import WeightsError
from pat_core.files import make_folder, replacing, write_text
from pat_core.progress import Progress, Silent
from pat_core.settings import COMMAND
from pat_core.weights.catalogue import CATALOGUE, Published
from pat_core.weights.loading import FILE_BYTES_AT_MOST, load

CHECKED_FROM = 0.97
"""The fraction at which all has come."""


def download(name: str, folder: str | Path, progress: Progress | None = None, address: str | None = None) -> Path:
    """Put the published encoder `name` into `folder` and return its path; a whole one that lies there already is kept.

    The file gets its name only after `load` has taken it for that encoder. Its SHA-256, address and date are written beside it
    (.json), since the authors publish no checksum. address: another place to fetch it from.
    Raises WeightsError that says how to bring the file by hand; errors.Cancelled from `progress`. Nothing half-written stays.
    """
    if name not in CATALOGUE:
        raise WeightsError(f"There is no published PAT named {name!r}: expected one of {', '.join(CATALOGUE)}.")
    entry, folder, progress = CATALOGUE[name], Path(folder), progress or Silent()
    address = address or entry.address
    target = folder / entry.file
    if target.is_file():
        _check(target, entry)
        return target
    try:
        make_folder(folder)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise WeightsError(f"{folder} cannot be written to ({error.strerror or error}). Choose another workspace folder.") from error
    try:
        with replacing(target) as part:
            fetch(Partial(part, address=address), _wanted(entry), progress)
            progress.at(CHECKED_FROM + 0.01, f"Checking {name}")
            sha256 = _check(part, entry)
        _record(sha256, target, address)
    except (requests.RequestException, OSError, NotThere, WeightsError) as error:
        raise WeightsError(f"{name} could not be downloaded: {_reason(error)} {by_hand(entry, address)}") from error
    progress.at(1.0, f"{name} is here")
    return target


def by_hand(entry: Published, address: str | None = None) -> str:
    """How to bring the file without the app's own download."""
    return (
        f"To bring it by hand: open {address or entry.address} in a browser, keep the name {entry.file}, then add it on the Models page "
        f"(Add a file) or with `{COMMAND} models add {entry.file}`."
    )


def _wanted(entry: Published) -> Wanted:
    def check(chunk: bytes, before: int) -> None:
        if before + len(chunk) > FILE_BYTES_AT_MOST:
            raise NotThere(f"the address sends more than {FILE_BYTES_AT_MOST // 1024**2} MB, and the file has a few.")

    def words(got: int, total: int) -> str:
        return f"{got / 1e6:.1f} of {total / 1e6:.1f} MB"

    return Wanted(entry.name, entry.about_bytes, words, check, up_to=CHECKED_FROM)


def _check(path: Path, entry: Published) -> str:
    """SHA-256 of a file that is the encoder by its structure; else WeightsError."""
    model = load(path, name=entry.file)
    if model.origin != "published":
        raise WeightsError(
            f"expected the {entry.size} encoder {entry.name} without a head, got a {model.config.size} {model.config.embedding} model"
            f"{' with a head' if model.has_head else ''}."
        )
    return model.sha256


def _record(sha256: str, target: Path, address: str) -> None:
    facts = {
        "file": target.name,
        "address": address,
        "sha256": sha256,
        "bytes": target.stat().st_size,
        "downloaded": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_text(target.with_name(target.name + ".json"), json.dumps(facts, indent=1))


def _reason(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time."
    if isinstance(error, requests.RequestException):
        return "there is no connection to the server, or it broke off."
    if isinstance(error, OSError):
        return f"the file cannot be written ({error.strerror or error})."
    return str(error)
