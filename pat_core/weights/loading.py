"""One way in for weights: `load(path)` looks at what a file is, not at what it is called."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pat_core.errors import WeightsError
from pat_core.weights.bundle import Model, builder
from pat_core.weights.catalogue import NOT_VERIFIED, recognise
from pat_core.weights.safetensors_file import is_safetensors, read_safetensors

if TYPE_CHECKING:
    from pat_core.weights.keras_hdf5 import KerasFile

FILE_BYTES_AT_MOST = 200 * 1024**2
RECORD_BYTES_AT_MOST = 64 * 1024
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
ACCEPTED = "Expected Keras 2 HDF5 (.h5) or this app's .safetensors."


def load(path: str | Path, *, patch: int | None = None, name: str | None = None) -> Model:
    """Read a weight file of any accepted kind into a model, all of it checked.

    patch: minutes a patch, needed only for a conv file of no published size, which cannot tell.
    name: the name that the file came with, where it is now stored under another (published encoders are told by it).
    A file without a head gives has_head=False; its head is seeded and untrained. Raises WeightsError.
    """
    path = Path(path)
    content = _bytes_of(path)
    file_name = name or path.name
    sha256 = hashlib.sha256(content).hexdigest()
    if content.startswith(HDF5_MAGIC):
        from pat_core.weights.keras_hdf5 import read_keras  # h5py is for those alone who bring such a file

        return _from_keras(read_keras(content, file_name, patch), file_name, sha256, _record_beside(path, sha256))
    if is_safetensors(content):
        return read_safetensors(content, file_name, sha256)
    raise WeightsError(f"{file_name} {_what_it_is(content)} {ACCEPTED}")


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise WeightsError(f"{path} is a folder (a TensorFlow SavedModel?). {ACCEPTED} In Keras: model.save_weights('name.h5').")
    if not path.is_file():
        raise WeightsError(f"There is no weight file at {path}. {ACCEPTED}")
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_AT_MOST + 1)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror or error}). Check that it is there and may be read.") from error
    if len(content) > FILE_BYTES_AT_MOST:
        raise WeightsError(f"{path.name} is larger than {FILE_BYTES_AT_MOST // 1024**2} MB: a PAT has a few. {ACCEPTED}")
    return content


def _from_keras(file: KerasFile, file_name: str, sha256: str, record: dict[str, Any]) -> Model:
    build = builder(file.config, file.state)
    published = recognise(record.get("file") or file_name, file.config, file.has_head)
    if published:
        card = published.card(_downloaded(record) if record else NOT_VERIFIED)
        return Model(published.name, file.config, build, False, True, "published", None, card, sha256)
    return Model(Path(file_name).stem, file.config, build, file.has_head, True, "own", None, _own_card(file, file_name), sha256)


def _own_card(file: KerasFile, file_name: str) -> dict[str, Any]:
    size, embedding = file.config.size, file.config.embedding
    what = "fine-tuned classifier" if file.has_head else "encoder without a head"
    provenance = f"read from {file_name}; what it was trained on is not in the file"
    if file_name.startswith("PAT-"):
        provenance += ". Its name is like a published encoder's, but its structure is not, so it is not treated as one"
    card = {"name": Path(file_name).stem, "first_line": f"A {size} {embedding} {what}, brought as a Keras file.", "provenance": provenance}
    return card | ({"note": file.note} if file.note else {})


def _record_beside(path: Path, sha256: str) -> dict[str, Any]:
    """What `download` wrote down beside the file (empty where there is none). A file that changed since is refused."""
    beside = path.with_name(path.name + ".json")
    if not beside.is_file():
        return {}
    try:
        with beside.open("rb") as file:
            record = json.loads(file.read(RECORD_BYTES_AT_MOST).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    keys = ("file", "address", "sha256", "downloaded")
    if not isinstance(record, dict) or not all(isinstance(record.get(key), str) for key in keys):
        return {}
    if record["sha256"] != sha256:
        raise WeightsError(
            f"{path.name} changed since it was downloaded: expected SHA-256 {record['sha256'][:12]}..., got {sha256[:12]}.... "
            f"Delete it and download it again, or delete {beside.name} if you replaced it on purpose."
        )
    return record


def _downloaded(record: dict[str, Any]) -> str:
    return (
        f"downloaded from {record['address']} on {record['downloaded'][:10]}; SHA-256 unchanged since. "
        "Not verified beyond that: the authors publish no checksum"
    )


def _what_it_is(content: bytes) -> str:
    """The sentence for a file that is no model of ours, by its first bytes."""
    start = content[:512].lstrip().lower()
    if not content:
        return "is empty: nothing was saved or the copy broke off. Bring it in again."
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return "is a web page, not a weight file: the download gave a page instead. Download it again."
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the weights. Fetch the real file (git lfs pull)."
    if content.startswith(b"PK"):
        return _zip_kind(content)
    if content[:1] == b"\x80" and content[1:2] in b"\x02\x03\x04\x05":
        return "is a pickle (.pt, .pth, .pkl, .bin, .ckpt), which can run code when loaded, so it is never opened. Save it as safetensors."
    return f"is none of the known weight formats (its first bytes are {content[:8].hex(' ')})."


def _zip_kind(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()[:10_000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return "is a damaged zip archive. Unpack it and bring the weight file itself."
    if any(name.endswith(".pkl") for name in names):
        return "is a PyTorch file that holds a pickle: loading one can run code, so it is never opened. Save it as safetensors."
    if "model.weights.h5" in names or "config.json" in names:
        return "is a Keras 3 file (.keras), which can hold code and is never opened. Save it in Keras 2 with model.save_weights('name.h5')."
    return "is a zip archive. Unpack it and bring the weight file itself."
