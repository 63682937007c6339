"""Files of the CDC onto this disk: taken up where the line broke, also by the next run, and named only when whole.

The CDC publishes no checksums. Length, and the first bytes, are what a download is held against, and a file whose end nobody tells is
refused; address, length and the server's stamps are written beside it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import requests

from pat_core.download import NotThere, Partial, Wanted, fetch
from pat_core.errors import RecordingError
from pat_core.files import write_text
from pat_core.nhanes.cycles import DataFile
from pat_core.progress import Progress
from pat_core.recordings.tables import xpt

ATTEMPTS = 5
"""So often in a row may an attempt bring nothing; one that brought some bytes counts anew."""
TIMEOUT_SECONDS = (10, 60)
CHUNK = 1024**2
STARTS = {".xpt": xpt.MAGIC, ".zip": b"PK\x03\x04"}


def download(file: DataFile, folder: Path, progress: Progress) -> Path:
    """Put the file into `folder` and return its path; a whole one that lies there already is kept.

    Raises RecordingError that says how to bring the file by hand; errors.Cancelled from `progress`. What had come stays hidden beside
    its place (.NAME.part), and the next call goes on from there.
    """
    target = folder / file.filename
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = Partial(folder / f".{file.filename}.part", kept=True)
    reason = "no address is known."
    for address in file.addresses:
        try:
            partial.begin(address)
            fetch(partial, _wanted(partial, file), progress)
            return _named(partial, target)
        except NotThere as error:
            partial.forget()
            reason = str(error)
        except requests.RequestException as error:
            if partial.resumable or address == file.addresses[-1]:
                raise RecordingError(_failed(file, _line(error), address) + _kept(partial)) from error
        except OSError as error:
            raise RecordingError(_not_written(partial, file, error) + _kept(partial)) from error
    raise RecordingError(_failed(file, reason, file.addresses[-1]))


def _named(partial: Partial, target: Path) -> Path:
    """Give the whole file its name, and write down where it came from."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    facts = {"address": partial.address, "bytes": partial.size, "stamp": partial.stamp, "downloaded": now}
    os.replace(partial.path, target)
    write_text(target.with_name(target.name + ".json"), json.dumps(facts, indent=1), private=False)
    partial.facts.unlink(missing_ok=True)
    return target


def _kept(partial: Partial) -> str:
    return (
        f" The {_megabytes(partial.resumable)} downloaded so far are kept; the same command continues from there."
        if partial.resumable
        else ""
    )


def _not_written(partial: Partial, file: DataFile, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_room(partial, max((partial.total or file.about_bytes) - partial.size, 0), file)
    return (
        f"{file.filename} could not be written into {partial.path.parent} ({error.strerror or error}). Check that the disk is there and "
        "writable, or choose another folder with --out."
    )


def _failed(file: DataFile, reason: str, address: str) -> str:
    return (
        f"{file.filename} could not be downloaded: {reason} To add it by hand: open {address} in a browser, put the file into a folder, "
        "and give that folder with --files."
    )


def _wanted(partial: Partial, file: DataFile) -> Wanted:
    def check(chunk: bytes, before: int) -> None:
        if before == 0:
            _check_start(chunk, file)

    def words(got: int, total: int) -> str:
        return f"{_megabytes(got)} of {_megabytes(total)}"

    return Wanted(
        file.filename,
        file.about_bytes,
        words,
        check,
        room=lambda needed: _room(partial, needed, file),
        attempts=ATTEMPTS,
        patient=True,
        length_needed=True,
        timeout=TIMEOUT_SECONDS,
        chunk=CHUNK,
    )


def _check_start(chunk: bytes, file: DataFile) -> None:
    expected = STARTS[Path(file.filename).suffix]
    if not chunk.startswith(expected[: len(chunk)]):
        sent = "a web page" if chunk.lstrip()[:1] == b"<" else "something else"
        raise NotThere(f"a {'zip' if expected[:2] == b'PK' else 'SAS transport file'} was expected, and the address sent {sent}.")


def _room(partial: Partial, needed: int, file: DataFile) -> None:
    if needed > shutil.disk_usage(partial.path.parent).free:
        raise RecordingError(_no_room(partial, needed, file))


def _no_room(partial: Partial, needed: int, file: DataFile) -> str:
    free = shutil.disk_usage(partial.path.parent).free
    return (
        f"{file.filename} needs {_megabytes(needed)} more, and {_megabytes(free)} are free in {partial.path.parent}. Make room, or "
        "choose another folder with --out."
    )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _line(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time."
    return "there is no connection to the server, or it keeps breaking."
