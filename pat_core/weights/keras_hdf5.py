"""Keras 2 HDF5 -> PAT: the four layouts that the authors' notebooks write (see name_table.py for the names).

A file is somebody else's: every name, type, shape and size is checked before a number is read, links are never followed, nothing is
unpickled or run, and a layer that is missing, unknown, doubled or of another shape is refused by name. Nothing is ever filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import h5py
import numpy as np

from pat_core.errors import WeightsError
from pat_core.models.pat import SIZES, PatConfig
from pat_core.models.pat.pat_config import Embedding
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weights.bundle import BLOCKS_AT_MOST, HEADS_AT_MOST, PARAMETERS_AT_MOST, size_name
from pat_core.weights.hdf5_guard import check_storage, datasets
from pat_core.weights.keras_config import patches_in
from pat_core.weights.name_table import CONV, HEAD, LINEAR, Row, keras_name, rows_named, rows_of, state_name

CONFIG_BYTES_AT_MOST = 64 * 1024**2

Found = dict[tuple[Row, int | None], tuple[str, h5py.Dataset]]


@dataclass(frozen=True, eq=False)
class KerasFile:
    """state: name in our network -> float32 array, complete for the encoder (and the head, where has_head). note: what was inferred."""

    config: PatConfig
    state: dict[str, np.ndarray]
    has_head: bool
    note: str = ""


def read_keras(content: bytes, where: str, patch: int | None = None) -> KerasFile:
    """Read an HDF5 file's bytes. where: the file's name for messages; patch: minutes, needed only where the file cannot tell.

    Raises WeightsError with what was expected, what was found, and in which layer.
    """
    try:
        with h5py.File.in_memory(content) as file:
            return _read(file, where, patch)
    except WeightsError:
        raise
    except Exception as error:  # HDF5 reports damage by many exception types; each of them means the same to the reader
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{where} is damaged or cut short: expected a whole HDF5 file, got {len(content):,} bytes that HDF5 cannot read ({reason}). "
            "Get the file again from its source."
        ) from error


def _read(file: h5py.File, where: str, patch: int | None) -> KerasFile:
    stored = datasets(file, where)
    inside = "model_weights/" if any(path.startswith("model_weights/") for path in stored) else ""
    # a compiled model also stores its optimizer's slots, named like the layers: they are not the model
    layers = {path[len(inside) :]: data for path, data in stored.items() if path.startswith(inside) and not _is_optimizer(path)}
    strangers = [path for path in stored if not path.startswith(inside) and not _is_optimizer(path)]
    matches, unknown = _match(layers, where)
    _refuse_unknown(matches, unknown + strangers, where)
    embedding = _embedding(matches, where)
    stated = patches_in(text, where) if (text := _model_config(file, where)) else frozenset()
    config, note = _config(matches, embedding, stated, patch, where)
    has_head = any(row in HEAD for row, _ in matches)
    _refuse_incomplete(matches, config, has_head, where)
    _refuse_shapes(matches, config, where)
    for path, data in matches.values():
        check_storage(data, f"{where}, {path}")
    state = {state_name(*key): _values(*matches[key], key[0], where) for key in rows_of(config, has_head)}
    return KerasFile(config, state, has_head, note)


def _is_optimizer(path: str) -> bool:
    return path.startswith("optimizer_weights/")


def _match(layers: dict[str, h5py.Dataset], where: str) -> tuple[Found, list[str]]:
    matches: Found = {}
    unknown: list[str] = []
    for path, data in layers.items():
        named = rows_named(path)
        fitting = [key for key in named if key[0].allows(data.shape)]
        # a name that two rows could mean is decided by shape; where none fits, by the row that is named literally
        chosen = fitting or [key for key in named if key[0].layer in path.split("/")] or named
        if not chosen:
            unknown.append(path)
        elif len(chosen) > 1 or chosen[0] in matches:
            other = matches[chosen[0]][0] if chosen[0] in matches else keras_name(*chosen[1])
            raise WeightsError(
                f"{where} is ambiguous: {_shown(path)} and {_shown(other)} could both be {keras_name(*chosen[0])}. "
                "Expected one model in the file: save the model you mean alone (model.save_weights)."
            )
        else:
            matches[chosen[0]] = (path, data)
    return matches, unknown


def _refuse_unknown(matches: Found, unknown: list[str], where: str) -> None:
    listed = _listed([_shown(path) for path in unknown])
    if any("decoder" in path.lower() or "mask_token" in path.lower() for path in unknown):
        raise WeightsError(
            f"{where} is a masked autoencoder file: besides an encoder it holds {listed}. "
            "Expected the encoder alone: save encoder_model (encoder.save_weights) after pretraining."
        )
    if any("/vars/" in f"/{path}" for path in unknown):
        raise WeightsError(
            f"{where} is in the layout of Keras 3 ({listed}). Expected Keras 2 HDF5: load it in Keras with TensorFlow 2.15 or older "
            "and save it with model.save_weights('name.h5')."
        )
    if not matches:
        contents = f"got {listed}" if unknown else "got no weights at all"
        raise WeightsError(
            f"{where} is HDF5 but holds no PAT: expected layers such as dense/kernel and encoder_layer_1_attention/query/kernel, "
            f"{contents}."
        )
    if unknown:
        raise WeightsError(
            f"{where} holds layers that PAT does not have: {listed}. Expected an encoder, alone or with the head dense_128 and output; "
            "a model with other layers cannot be computed here."
        )


def _embedding(matches: Found, where: str) -> Embedding:
    has = {name: (rows[0], None) in matches for name, rows in (("linear", LINEAR), ("conv", CONV))}
    if all(has.values()):
        raise WeightsError(f"{where} is ambiguous: it holds both a linear (dense) and a conv (conv1d_patch_embedding) patch embedding.")
    if not any(has.values()):
        raise WeightsError(
            f"{where} has no patch embedding: expected dense/kernel (patch, 96) or conv1d_patch_embedding/kernel (3, 1, 96), got neither."
        )
    return "linear" if has["linear"] else "conv"


def _config(matches: Found, embedding: Embedding, stated: frozenset[int], wanted: int | None, where: str) -> tuple[PatConfig, str]:
    blocks = max((block for _, block in matches if block is not None), default=0)
    query = next((data for (row, block), (_, data) in matches.items() if block == 1 and row.keras.endswith("/query/kernel")), None)
    if query is None or len(query.shape) != 3:
        got = "no such layer" if query is None else f"shape {query.shape}"
        raise WeightsError(f"{where}: expected encoder_layer_1_attention/query/kernel of shape (96, heads, 96), got {got}.")
    heads = int(query.shape[1])
    if not (1 <= blocks <= BLOCKS_AT_MOST and 1 <= heads <= HEADS_AT_MOST):
        raise WeightsError(
            f"{where}: expected up to {BLOCKS_AT_MOST} blocks and {HEADS_AT_MOST} heads, got {blocks} blocks and {heads} heads."
        )
    note = ""
    if embedding == "linear":
        kernel = matches[(LINEAR[0], None)][1]
        patch = int(kernel.shape[0]) if kernel.shape else 0
    else:
        patch, note = _conv_patch(heads, blocks, stated, wanted, where)
    for source, values in (("its model_config says", stated), ("you asked for", frozenset() if wanted is None else {wanted})):
        if values and patch not in values:
            other = " or ".join(str(value) for value in sorted(values))
            raise WeightsError(f"{where}: its weights are for patches of {patch} minutes, but {source} {other}. Expected the same length.")
    if not 1 <= patch <= MINUTES_PER_WEEK:
        raise WeightsError(f"{where}: expected patches of 1 to {MINUTES_PER_WEEK} minutes, got {patch}.")
    return PatConfig(size_name(patch, heads, blocks), patch, heads, blocks, embedding), note


def _conv_patch(heads: int, blocks: int, stated: frozenset[int], wanted: int | None, where: str) -> tuple[int, str]:
    """A conv kernel is (3, 1, 96) whatever the patch: the file's own configuration tells, else the caller, else the table of sizes."""
    if len(stated) == 1:
        return next(iter(stated)), ""
    if wanted is not None:
        return wanted, f"The patch of {wanted} minutes was given by hand: a conv file does not hold it."
    for size, (patch, *figures) in SIZES.items():
        if figures == [heads, blocks]:
            why = f"PAT-{size} ({heads} heads, {blocks} blocks)"
            return patch, f"The patch of {patch} minutes is that of {why}: a conv file does not hold it."
    raise WeightsError(
        f"{where}: a conv file does not hold its patch length, and {heads} heads with {blocks} blocks is no published size "
        f"({', '.join(SIZES)}). Expected the patch in minutes: name it, or bring the full model (model.save), which holds it."
    )


def _refuse_incomplete(matches: Found, config: PatConfig, has_head: bool, where: str) -> None:
    wanted = rows_of(config, has_head)
    missing = [keras_name(*key) for key in wanted if key not in matches]
    if missing:
        raise WeightsError(
            f"{where} is not whole: expected {len(wanted)} weights for {config.blocks} block(s){' and a head' if has_head else ''}, "
            f"missing {_listed(missing)}. Nothing is filled in: save the model again."
        )
    extra = [path for key, (path, _) in matches.items() if key not in set(wanted)]
    if extra:
        raise WeightsError(f"{where} holds layers beyond the {config.blocks} block(s) it should have: {_listed(extra)}.")


def _refuse_shapes(matches: Found, config: PatConfig, where: str) -> None:
    wrong = [
        f"{_shown(path)}: expected {wanted}, got {data.shape}"
        for (row, _), (path, data) in matches.items()
        if data.shape != (wanted := row.expected(config.patch, config.heads))
    ]
    if wrong:
        raise WeightsError(
            f"{where} does not fit PAT with {config.heads} heads and patches of {config.patch} minutes. {_listed(wrong, '; ')}."
        )
    total = sum(prod(data.shape) for _, data in matches.values())
    if total > PARAMETERS_AT_MOST:
        raise WeightsError(f"{where} declares {total:,} parameters: expected at most {PARAMETERS_AT_MOST:,}.")


def _values(path: str, data: h5py.Dataset, row: Row, where: str) -> np.ndarray:
    with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinite and is refused below
        values = np.asarray(data[()]).astype(np.float32)
    if not np.isfinite(values).all():
        count = int((~np.isfinite(values)).sum())
        raise WeightsError(f"{where}, {_shown(path)}: expected finite weights, got {count} of {values.size} that are not. Save it again.")
    return np.ascontiguousarray(row.transform(values))


def _model_config(file: h5py.File, where: str) -> str | None:
    if "model_config" not in file.attrs:
        return None
    attribute = h5py.h5a.open(file.id, b"model_config")
    text_type = isinstance(attribute.get_type(), h5py.h5t.TypeStringID)
    if not text_type or attribute.shape != () or attribute.get_storage_size() > CONFIG_BYTES_AT_MOST:
        raise WeightsError(
            f"{where}: expected the attribute model_config to be one text, got {attribute.dtype} of shape {attribute.shape}."
        )
    text = file.attrs["model_config"]
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _listed(names: list[str], joint: str = ", ") -> str:
    more = f"{joint}and {len(names) - 5} more" if len(names) > 5 else ""
    return joint.join(names[:5]) + more


def _shown(path: str) -> str:
    """A name out of somebody's file, made safe to print."""
    clean = "".join(sign if sign.isprintable() else "?" for sign in path)
    return clean if len(clean) <= 100 else clean[:97] + "..."
