"""Looking into somebody else's HDF5 without trusting it: no link is followed, no declared size is believed."""

from __future__ import annotations

from math import ceil, prod

import h5py

from pat_core.errors import WeightsError

DEPTH_AT_MOST = 10
OBJECTS_AT_MOST = 5_000
FLOAT_BYTES = (2, 4, 8)
DATASET_BYTES_AT_MOST = 256 * 1024**2
COMPRESSED_CHUNK_AT_MOST = 256 * 1024
"""Deflate can unfold a chunk about a thousandfold whatever it declares, so compressed chunks are kept small."""

CHUNKS_AT_MOST = 4_096
DEFLATE, SHUFFLE, FLETCHER32 = 1, 2, 3


def datasets(file: h5py.File, where: str) -> dict[str, h5py.Dataset]:
    """All datasets by path, none of them read. Refuses links, other objects, and trees too deep or too wide to be a model."""
    arrays: dict[str, h5py.Dataset] = {}
    waiting: list[tuple[str, h5py.Group, int]] = [("", file, 0)]
    members = 0
    while waiting:
        prefix, group, depth = waiting.pop()
        members += len(group)
        if depth > DEPTH_AT_MOST or members > OBJECTS_AT_MOST:
            raise WeightsError(
                f"{where} holds more than {OBJECTS_AT_MOST} objects or {DEPTH_AT_MOST} levels: "
                "expected a PAT model, which has a few hundred objects in five levels."
            )
        for name in group:
            path = f"{prefix}{name}"
            item = _hard_linked(group, name, f"{where}, {path!r}")
            if isinstance(item, h5py.Group):
                waiting.append((f"{path}/", item, depth + 1))
            else:
                arrays[path] = item
    return dict(sorted(arrays.items()))


def _hard_linked(group: h5py.Group, name: str, place: str) -> h5py.Group | h5py.Dataset:
    link = group.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink | h5py.SoftLink):
        kind = "another file" if isinstance(link, h5py.ExternalLink) else "another place"
        raise WeightsError(
            f"{place} is a link to {kind}: expected weights stored in the file itself. Links are not followed; save it again."
        )
    item = group[name]
    if not isinstance(item, h5py.Group | h5py.Dataset):
        raise WeightsError(f"{place}: expected a group or an array, got {type(item).__name__}.")
    return item


def check_storage(data: h5py.Dataset, place: str) -> None:
    """Refuse what cannot be read safely: not floats, too large, kept elsewhere, never written, or compressed beyond measure."""
    if data.dtype.kind != "f" or data.dtype.itemsize not in FLOAT_BYTES:
        raise WeightsError(f"{place}: expected float16, float32 or float64, got {data.dtype}.")
    size = prod(data.shape) * data.dtype.itemsize
    if size > DATASET_BYTES_AT_MOST:
        raise WeightsError(f"{place} declares {size:,} bytes: expected at most {DATASET_BYTES_AT_MOST:,}.")
    if data.is_virtual or data.external:
        raise WeightsError(f"{place} keeps its numbers in another file: expected weights stored in the file itself. Save it again.")
    if data.chunks is None:
        if data.id.get_storage_size() != size:
            raise WeightsError(f"{place} was declared but never written: expected {size:,} bytes, got {data.id.get_storage_size():,}.")
        return
    _check_chunks(data, place)


def _check_chunks(data: h5py.Dataset, place: str) -> None:
    declared = prod(data.chunks) * data.dtype.itemsize
    expected = prod(ceil(side / chunk) for side, chunk in zip(data.shape, data.chunks, strict=True))
    written = data.id.get_num_chunks() if expected <= CHUNKS_AT_MOST else 0
    if expected > CHUNKS_AT_MOST or declared > DATASET_BYTES_AT_MOST or written != expected:
        raise WeightsError(
            f"{place} is stored in {expected:,} chunks of {declared:,} bytes, {written:,} of them written: "
            f"expected whole weights in at most {CHUNKS_AT_MOST:,} chunks. Save it again, uncompressed."
        )
    plan = data.id.get_create_plist()
    filters = [plan.get_filter(index)[0] for index in range(plan.get_nfilters())]
    if not filters:
        return
    if len(set(filters)) != len(filters) or not set(filters) <= {DEFLATE, SHUFFLE, FLETCHER32}:
        raise WeightsError(f"{place} is packed with HDF5 filters {filters}: expected none, or gzip once. Save it again, uncompressed.")
    largest = max(data.id.get_chunk_info(index).size for index in range(written))
    if max(declared, largest) > COMPRESSED_CHUNK_AT_MOST:
        raise WeightsError(
            f"{place} is compressed in chunks of {max(declared, largest):,} bytes: expected at most {COMPRESSED_CHUNK_AT_MOST:,}. "
            "Save it again, uncompressed."
        )
