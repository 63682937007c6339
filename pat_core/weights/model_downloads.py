"""Fetch a published encoder: resumed where the line broke, checked as a model before it gets its name, its hash written down."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import requests

from pat_core.errors import WeightsError
from pat_core.files import make_folder
from pat_core.progress import Progress, Silent
from pat_core.settings import COMMAND
from pat_core.weights.catalogue import CATALOGUE, Published
from pat_core.weights.loading import FILE_BYTES_AT_MOST, load

ATTEMPTS = 3
TIMEOUT_SECONDS = (10, 30)
CHUNK = 64 * 1024


class _NotThere(Exception):
    """The address answered, but not with the file: trying again does not help."""


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
        handle, temporary = tempfile.mkstemp(prefix=f".{entry.file}.", suffix=".part", dir=folder)
        os.close(handle)
    except OSError as error:
        raise WeightsError(f"{folder} cannot be written to ({error.strerror or error}). Choose another workspace folder.") from error
    part = Path(temporary)
    try:
        _fetch(address, part, entry, progress)
        progress.at(0.98, f"Checking {name}")
        sha256 = _check(part, entry)
        os.replace(part, target)
        _record(sha256, target, address)
    except (requests.RequestException, OSError, _NotThere, WeightsError) as error:
        raise WeightsError(f"{name} could not be downloaded: {_reason(error)} {by_hand(entry, address)}") from error
    finally:
        part.unlink(missing_ok=True)
    progress.at(1.0, f"{name} is here")
    return target


def by_hand(entry: Published, address: str | None = None) -> str:
    """How to bring the file without the app's own download."""
    return (
        f"To bring it by hand: open {address or entry.address} in a browser, keep the name {entry.file}, then add it on the Models page "
        f"(Add a file) or with `{COMMAND} models add {entry.file}`."
    )


def _fetch(address: str, part: Path, entry: Published, progress: Progress) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _continue(address, part, entry, progress)
            return
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            if attempt == ATTEMPTS:
                raise
            progress.at(_fraction(part.stat().st_size, entry.about_bytes), f"The line broke; going on with {entry.name}")


def _continue(address: str, part: Path, entry: Published, progress: Progress) -> None:
    """Append what is missing; where the server does not know ranges, begin again."""
    have = part.stat().st_size
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(address, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as answer:
        if have and answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # all of it had come before the line broke
        if answer.status_code >= 500:
            raise requests.ConnectionError(f"the server answered {answer.status_code}")
        if answer.status_code not in (200, 206):
            raise _NotThere(f"the server answered {answer.status_code} {answer.reason or ''}".rstrip() + ".")
        resumed = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        got = have if resumed else 0
        length = answer.headers.get("Content-Length", "")
        total = got + int(length) if length.isdigit() else entry.about_bytes
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_content(CHUNK):
                got += len(chunk)
                if got > FILE_BYTES_AT_MOST:
                    raise _NotThere(f"the address sends more than {FILE_BYTES_AT_MOST // 1024**2} MB, and the file has a few.")
                file.write(chunk)
                progress.at(_fraction(got, total), f"Downloading {entry.name}: {got / 1e6:.1f} of {total / 1e6:.1f} MB")


def _fraction(got: int, total: int) -> float:
    return min(0.97, got / max(total, 1))


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
    temporary = target.with_name(f".{target.name}.{os.getpid()}.json")
    try:
        temporary.write_text(json.dumps(facts, indent=1), encoding="utf-8")
        os.replace(temporary, target.with_name(target.name + ".json"))
    finally:
        temporary.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time."
    if isinstance(error, requests.RequestException):
        return "there is no connection to the server, or it broke off."
    if isinstance(error, OSError):
        return f"the file cannot be written ({error.strerror or error})."
    return str(error)
