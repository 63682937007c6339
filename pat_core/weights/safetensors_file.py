"""PAT Explorer's own weight file: safetensors, with the configuration, the standardizer and the card in the same file.

Layout: the tensors of the classifier under their names in our network (the head's only where it is trained), `standardizer.mean`
and `standardizer.scale` (minutes,) where there is a standardizer, and text metadata: format, format_version, and JSON for the rest.
Metadata without `outputs` mean one logit, of the positive one of two classes. Of an ensemble, the tensors of `ensemble_layout`, and its
members under `ensemble` in the metadata. Of an encoder that was pretrained here, what its autoencoder has beside it under `autoencoder.`,
where `has_decoder` among the flags says so.
The same content always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from pat_core.errors import WeightsError
from pat_core.files import make_folder, replacing
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.models.network_config import NetworkConfig
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat import PatConfig
from pat_core.models.pat.pat_config import Embedding
from pat_core.records import UNKNOWN_UNIT, StandardizePer, Standardizer
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.weights.bundle import BLOCKS_AT_MOST, DECODER, HEADS_AT_MOST, ORIGINS, PARAMETERS_AT_MOST, Model, Origin, builder, size_name
from pat_core.weights.catalogue import cited
from pat_core.weights.ensemble_layout import Members
from pat_core.weights.name_table import decoder_shapes
from pat_core.weights.parameter_shapes import shapes_of

if TYPE_CHECKING:
    from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder
    from pat_core.weights.bundle import Network


FORMAT, FORMAT_VERSION = "pat-explorer", "1"
HEADER_BYTES_AT_MOST = 16 * 1024**2
STANDARDIZER_MINUTES_AT_MOST = 8 * MINUTES_PER_WEEK
MEAN, SCALE = "standardizer.mean", "standardizer.scale"


def save(
    path: str | Path,
    network: Network | MaskedAutoencoder,
    *,
    has_head: bool,
    encoder_trained: bool = True,
    standardizer: Standardizer | None,
    card: Mapping[str, Any],
    name: str,
    origin: Origin,
) -> str:
    """Write a model, whole or not at all. Returns the SHA-256 of the file. Raises WeightsError where it could not be loaded again.

    has_head: False leaves the head out of the file, since an untrained head must never come back as a trained one; a masked
    autoencoder has none, and its decoder is kept beside the encoder.
    """
    from pat_core.weights.networks import members_of, stored_weights  # with torch, which who has a network has imported

    path, members = Path(path), members_of(network)
    arrays = {key: values for key, values in stored_weights(network).items() if has_head or not key.startswith("head.")}
    flags = {"has_head": bool(has_head), "encoder_trained": bool(encoder_trained)}
    if any(key.startswith(DECODER) for key in arrays):  # absent where there is none, as in files of before
        flags["has_decoder"] = True
    metadata: dict[str, str] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": name,
        "origin": origin,
        "config": _json(network.config.as_dict(), "configuration"),
        "flags": _json(flags, "flags"),
        "card": _json(dict(card), "card"),
    }
    outputs: Outputs = getattr(network, "outputs", ONE_LOGIT)  # a masked autoencoder answers nothing
    if has_head and outputs != ONE_LOGIT:
        metadata["outputs"] = _json(outputs.as_dict(), "outputs")
    if members is not None:
        metadata["ensemble"] = _json(members.as_dict(), "members")
    if standardizer is not None:
        arrays[MEAN] = np.array(standardizer.mean, dtype=np.float32)
        arrays[SCALE] = np.array(standardizer.scale, dtype=np.float32)
        about = {"people": int(standardizer.people), "source": standardizer.source, "unit": standardizer.unit}
        about |= {"per": standardizer.per} if standardizer.per != "window" else {}  # absent in files of before, which are read the same
        metadata["standardizer"] = _json(about, "standardizer")
    content = _in_order(save_arrays(arrays, metadata=metadata))
    sha256 = hashlib.sha256(content).hexdigest()
    read_safetensors(content, path.name, sha256)  # what cannot be read back is not written
    _write(path, content)
    return sha256


def is_safetensors(content: bytes) -> bool:
    """Eight bytes of header length and then JSON."""
    if len(content) < 10:
        return False
    (length,) = struct.unpack("<Q", content[:8])
    return 2 <= length <= len(content) and content[8:9] == b"{"


def read_safetensors(content: bytes, where: str, sha256: str) -> Model:
    """A model out of a file that `save` wrote. Everything is checked: a foreign, damaged or unfitting file raises WeightsError."""
    header = header_of(content, where)
    metadata = header.pop("__metadata__", None)
    _refuse_foreign(metadata, where)
    config = _config(_object(metadata, "config", where), where)
    flags = _object(metadata, "flags", where)
    has_head, encoder_trained = (_flag(flags, key, where) for key in ("has_head", "encoder_trained"))
    origin, name = metadata.get("origin"), metadata.get("name")
    if origin not in ORIGINS or not isinstance(name, str):
        raise WeightsError(f"{where}: expected a name and an origin out of {', '.join(ORIGINS)}, got {str(origin)[:40]!r}.")
    outputs, members = _outputs(metadata, where), _members(metadata, config, has_head, where)
    wanted = _wanted(config, has_head, outputs, where)
    if members is not None:
        wanted = members.shapes(wanted, _minutes_of(header))
        _refuse_too_many(wanted, where)
    beside = _decoder_shapes(flags, config, where)
    _refuse_unfitting(header, wanted | beside, "standardizer" in metadata, where)
    arrays = _arrays(content, where)
    if any(arrays[key].shape != shape for key, shape in (wanted | beside).items()):
        raise WeightsError(f"{where} is damaged: its header names a tensor twice. Get it again from its source.")
    build = builder(config, {key: arrays[key] for key in wanted}, outputs, members)
    standardizer = _standardizer(arrays, metadata, where)
    card = cited(_object(metadata, "card", where))
    decoder = {key.removeprefix(DECODER): arrays[key] for key in beside} or None
    return Model(
        name, config, build, has_head, encoder_trained, origin, standardizer, card, sha256, outputs, members=members, decoder=decoder
    )


def header_of(content: bytes, where: str) -> dict[str, Any]:
    """What stands before the tensors: name -> kind, shape and place, and the text metadata. Raises WeightsError where it is damaged."""
    (length,) = struct.unpack("<Q", content[:8])
    if length > HEADER_BYTES_AT_MOST or 8 + length > len(content):
        raise WeightsError(f"{where} is damaged: expected a safetensors header, got one of {length:,} bytes in a file of {len(content):,}.")
    header = _parse(content[8 : 8 + length], "the header", where)
    if not all(isinstance(value, dict) for value in header.values()):
        raise WeightsError(f"{where} is damaged: expected a safetensors header of tensors, got other values.")
    return header


def _refuse_foreign(metadata: Any, where: str) -> None:
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise WeightsError(
            f"{where} is a safetensors file, but not one of PAT Explorer's: expected format {FORMAT!r} in its metadata. "
            "Bring PAT weights as Keras 2 HDF5, or a model saved by this app."
        )
    if metadata.get("format_version") != FORMAT_VERSION:
        raise WeightsError(
            f"{where}: expected format version {FORMAT_VERSION!r}, got {str(metadata.get('format_version'))[:20]!r}. "
            "It comes from another version of the app: bring this one up to date."
        )


def _config(fields: dict[str, Any], where: str) -> NetworkConfig:
    if "family" in fields:
        return _baseline(fields, where)
    patch = _count(fields, "patch", MINUTES_PER_WEEK, where)
    heads = _count(fields, "heads", HEADS_AT_MOST, where)
    blocks = _count(fields, "blocks", BLOCKS_AT_MOST, where)
    if fields.get("embedding") not in get_args(Embedding):
        raise WeightsError(f"{where}: expected a linear or conv embedding, got {str(fields.get('embedding'))[:40]!r}.")
    return PatConfig(size_name(patch, heads, blocks), patch, heads, blocks, fields["embedding"])


def _baseline(fields: dict[str, Any], where: str) -> BaselineConfig:
    family, smoothed = fields.get("family"), fields.get("smoothed")
    if not isinstance(family, str) or family not in FAMILIES or not isinstance(smoothed, bool):
        raise WeightsError(
            f"{where}: expected a family out of {', '.join(FAMILIES)}, smoothed or not, got {str(family)[:40]!r}, {str(smoothed)[:40]!r}."
        )
    minutes = _count(fields, "minutes", STANDARDIZER_MINUTES_AT_MOST, where)
    if minutes % MINUTES_PER_DAY:
        raise WeightsError(f"{where}: expected a baseline of whole days, got one of {minutes:,} minutes.")
    return BaselineConfig(family, minutes, smoothed)


def _count(fields: dict[str, Any], key: str, most: int, where: str) -> int:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise WeightsError(f"{where}: expected {key} of 1 to {most} in its configuration, got {str(value)[:40]!r}.")
    return value


def _outputs(metadata: dict[str, Any], where: str) -> Outputs:
    if "outputs" not in metadata:
        return ONE_LOGIT
    try:
        return Outputs.from_dict(_object(metadata, "outputs", where))
    except ValueError as error:
        raise WeightsError(f"{where} does not say what its head answers: {error}. Save the model again.") from error


def _wanted(config: NetworkConfig, has_head: bool, outputs: Outputs, where: str) -> dict[str, tuple[int, ...]]:
    """Name -> shape of all that the file must hold."""
    if isinstance(config, BaselineConfig) and outputs != ONE_LOGIT:
        raise WeightsError(f"{where}: expected one logit of a baseline, got {outputs.kind}. Save the model again.")
    _refuse_too_many(shapes_of(config, True, outputs), where)
    return shapes_of(config, has_head, outputs)


def _decoder_shapes(flags: dict[str, Any], config: NetworkConfig, where: str) -> dict[str, tuple[int, ...]]:
    """Name in the file -> shape of what a masked autoencoder has beside its encoder; {} where the file keeps none."""
    if "has_decoder" not in flags or not _flag(flags, "has_decoder", where):
        return {}
    if isinstance(config, BaselineConfig):
        raise WeightsError(f"{where}: a decoder is of a PAT, but this file names a baseline. Save the model again.")
    return {f"{DECODER}{name}": shape for name, shape in decoder_shapes(config).items()}


def _refuse_too_many(of_tensors: Mapping[str, tuple[int, ...]], where: str) -> None:
    total = sum(prod(shape) for shape in of_tensors.values())
    if total > PARAMETERS_AT_MOST:
        raise WeightsError(f"{where} declares {total:,} parameters: expected at most {PARAMETERS_AT_MOST:,}.")


def _members(metadata: dict[str, Any], config: NetworkConfig, has_head: bool, where: str) -> Members | None:
    """Of an ensemble; None of a file of one network."""
    if "ensemble" not in metadata:
        return None
    try:
        members = Members.from_dict(_object(metadata, "ensemble", where))
    except ValueError as error:
        raise WeightsError(f"{where} does not say what its ensemble is made of: {error}. Save the model again.") from error
    if isinstance(config, BaselineConfig):
        raise WeightsError(f"{where}: an ensemble is of PATs, but this file names a baseline. Save the model again.")
    if not has_head or "standardizer" not in metadata:
        raise WeightsError(f"{where}: an ensemble needs trained heads and a standardizer, but this file has not both. Save it again.")
    return members


def _minutes_of(header: dict[str, Any]) -> int:
    """Of the standardizer, 0 where its shape makes no sense; that is refused with the rest."""
    shape = header.get(MEAN, {}).get("shape")
    return shape[0] if isinstance(shape, list) and len(shape) == 1 and isinstance(shape[0], int) else 0


def _refuse_unfitting(header: dict[str, Any], wanted: dict[str, tuple[int, ...]], standardized: bool, where: str) -> None:
    names = set(wanted) | ({MEAN, SCALE} if standardized else set())
    missing, extra = sorted(names - set(header)), sorted(set(header) - names)
    if missing or extra:
        raise WeightsError(
            f"{where} does not hold the model it names: missing {', '.join(missing[:5]) or 'nothing'}, "
            f"unknown {', '.join(key[:80] for key in extra[:5]) or 'nothing'}. Save the model again."
        )
    for key, entry in header.items():
        shape, kind = entry.get("shape"), entry.get("dtype")
        if kind != "F32" or (key in wanted and shape != list(wanted[key])):
            expected = wanted.get(key, "(minutes,)")
            raise WeightsError(f"{where}, {key}: expected float32 of shape {expected}, got {str(kind)[:20]} {str(shape)[:80]}.")


def _arrays(content: bytes, where: str) -> dict[str, np.ndarray]:
    try:
        arrays = load_arrays(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OverflowError) as error:
        raise WeightsError(f"{where} is damaged or cut short ({str(error)[:200]}). Get it again from its source.") from error
    for key, values in arrays.items():
        if not np.isfinite(values).all():
            raise WeightsError(f"{where}, {key}: expected finite numbers, got some that are not. Save the model again.")
    return arrays


def _standardizer(arrays: dict[str, np.ndarray], metadata: dict[str, Any], where: str) -> Standardizer | None:
    if "standardizer" not in metadata:
        return None
    about = _object(metadata, "standardizer", where)
    mean, scale = arrays[MEAN], arrays[SCALE]
    people, source, unit = about.get("people"), about.get("source"), about.get("unit", UNKNOWN_UNIT)
    per = about.get("per", "window")
    fits = per in get_args(StandardizePer) and (per == "window" or mean.shape == (MINUTES_PER_DAY,))
    fits = fits and mean.ndim == 1 and mean.shape == scale.shape and 1 <= mean.size <= STANDARDIZER_MINUTES_AT_MOST and (scale > 0).all()
    if not fits or isinstance(people, bool) or not isinstance(people, int) or not isinstance(source, str) or not isinstance(unit, str):
        raise WeightsError(
            f"{where}: expected a standardizer of one mean and one deviation above zero a minute, with people, source and unit, "
            f"got mean {mean.shape}, scale {scale.shape}, people {str(people)[:20]!r}."
        )
    return Standardizer(mean, scale, people, source, unit, per)


def _object(metadata: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    text = metadata.get(key)
    if not isinstance(text, str):
        raise WeightsError(f"{where}: expected {key!r} as JSON text in its metadata, got {type(text).__name__}.")
    return _parse(text.encode("utf-8", "surrogatepass"), key, where)


def _flag(flags: dict[str, Any], key: str, where: str) -> bool:
    if not isinstance(flags.get(key), bool):
        raise WeightsError(f"{where}: expected the flag {key!r} to be true or false, got {str(flags.get(key))[:40]!r}.")
    return flags[key]


def _parse(text: bytes, what: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{where} is damaged: {what} is not JSON ({str(error)[:120]}).") from error
    if not isinstance(value, dict):
        raise WeightsError(f"{where}: expected {what} to be a JSON object, got {type(value).__name__}.")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _json(value: Mapping[str, Any], what: str) -> str:
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise WeightsError(
            f"The {what} cannot be stored with the model: expected plain JSON values (text, finite numbers, lists), got {error}."
        ) from error


def _in_order(content: bytes) -> bytes:
    """safetensors writes its metadata in no fixed order; sorted, the same model always has the same hash."""
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    return with_header(header, content[8 + length :])


def with_header(header: dict[str, Any], tensors: bytes) -> bytes:
    """A file of this header and these bytes of tensors, with its metadata in order."""
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + tensors


def _write(path: Path, content: bytes) -> None:
    """Beside its place first, then moved there in one step, so that no half-written model is ever seen."""
    try:
        make_folder(path.parent)
        with replacing(path, durable=True) as waiting:
            waiting.write_bytes(content)
    except OSError as error:
        raise WeightsError(
            f"The model cannot be written to {path} ({error.strerror or error}). Check the folder and the free space."
        ) from error


def card_in(content: bytes, where: str) -> dict[str, Any]:
    """The card inside a weight file of ours; {} in any other. Raises WeightsError where it is damaged."""
    if not is_safetensors(content):
        return {}
    text = header_of(content, where).get("__metadata__", {}).get("card")
    try:
        card = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError) as error:
        message = f"{where} is damaged: its card is not JSON ({str(error)[:120]}). Get it again from its source."
        raise WeightsError(message) from error
    return card if isinstance(card, dict) else {}


def with_card(content: bytes, card: Mapping[str, Any], where: str) -> bytes:
    """The same weight file with another card; the same card always gives the same bytes."""
    header = header_of(content, where)
    header["__metadata__"]["card"] = json.dumps(card, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    (length,) = struct.unpack("<Q", content[:8])
    return with_header(header, content[8 + length :])
