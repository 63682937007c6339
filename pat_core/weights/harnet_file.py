"""State dicts of harnet, as its authors publish them, as somebody fine-tuned them, or as safetensors: every name and shape, or a refusal.

A published file names each parameter with `module.` before it and holds four heads of its pretraining, which are left out. PyTorch files
are read by its reader of plain weights, which builds tensors and nothing else.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pat_core.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

    from pat_core.models.harnet.harnet_network import Harnet

PREFIX = "module."
PRETEXT = ("aot_h.", "scale_h.", "permute_h.", "time_w_h.")
"""Heads of the pretraining: arrow of time, scale, permutation, time warp."""
HEAD = "classifier."
BYTES_AT_MOST = 400 * 1024**2
KERNEL_TOLERANCE = 1e-5
NAMED = 4
"""Names that a refusal lists at most."""
ACCEPTED = "Expected a state dict of harnet5, harnet10 or harnet30 (.mdl, .pt, .pth) or the same tensors as .safetensors."
LICENCE = (
    "The weights of harnet that its authors publish (OxWearables/ssl-wearables; Yuan et al. 2024, arXiv 2206.02909) are licensed for "
    "academic use only, not for commercial use. PAT Explorer does not bring them along; you use a file of yours under that licence."
)


@dataclass(frozen=True, eq=False)
class HarnetModel:
    """name: of the file. size: a key of HARNETS. network: in eval mode. classes: of its head, 0 where it has none. published: laid out as
    the authors publish theirs. sha256: of the file."""

    name: str
    size: str
    network: Harnet
    classes: int
    published: bool
    sha256: str


def load_harnet(path: str | Path) -> HarnetModel:
    """Read a file whole or not at all. WeightsError where it is no harnet, lacks a name, or has one of another shape."""
    path = Path(path)
    content = _content(path)
    tensors = _tensors(content, path.name)
    published = all(name.startswith(PREFIX) for name in tensors) and bool(tensors)
    tensors = {name.removeprefix(PREFIX): tensor for name, tensor in tensors.items()} if published else tensors
    tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith(PRETEXT)}
    size, network = _network_of(tensors, path.name)
    network.load_state_dict(tensors)
    return HarnetModel(path.stem, size, network.eval(), network.classes, published, hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise WeightsError(f"There is no weight file at {path}. {ACCEPTED}")
    if path.stat().st_size > BYTES_AT_MOST:
        raise WeightsError(f"{path.name} is larger than {BYTES_AT_MOST // 1024**2} MB; a harnet has 45. {ACCEPTED}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror or error}). Check that it is there and may be read.") from error


def _tensors(content: bytes, name: str) -> dict[str, Tensor]:
    """Name -> tensor, whatever the file's kind."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as load_safetensors

    if content[:1] not in (b"P", b"\x80"):
        try:
            return load_safetensors(content)
        except (SafetensorError, ValueError) as error:
            raise WeightsError(f"{name} is no weight file that is known here, or it breaks off. {ACCEPTED}") from error
    try:
        loaded: Any = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # the reader fails in many ways at a file that breaks off; the rest says that it would have run code
        if type(error).__name__ == "UnpicklingError":
            raise WeightsError(
                f"{name} holds more than plain weights, and running what it holds is refused. Save its state dict alone "
                "(torch.save(model.state_dict(), file)), or as safetensors."
            ) from error
        raise WeightsError(f"{name} breaks off or is damaged: it cannot be read as a PyTorch file. Fetch or copy it again.") from error
    if not isinstance(loaded, Mapping) or not all(isinstance(value, torch.Tensor) for value in loaded.values()):
        raise WeightsError(f"{name} is a PyTorch file, but no state dict (names with a tensor each). {ACCEPTED}")
    return {str(key): value for key, value in loaded.items()}


def _network_of(tensors: Mapping[str, Tensor], name: str) -> tuple[str, Harnet]:
    """(size, network) that the tensors fit, name by name. WeightsError says what is wrong by the size that is nearest."""
    from pat_core.models.harnet import HARNETS
    from pat_core.models.harnet.harnet_network import Harnet

    classes = _classes(tensors)
    faults = {}
    for size, layout in HARNETS.items():
        network = Harnet(layout, classes)
        faults[size] = list(_faults(tensors, network.state_dict()))
        if not faults[size]:
            return size, network
    nearest = min(faults, key=lambda size: len(faults[size]))
    some = faults[nearest]
    more = f", and {len(some) - NAMED} more" if len(some) > NAMED else ""
    raise WeightsError(f"{name} is no harnet: as {nearest}, {'; '.join(some[:NAMED])}{more}. {ACCEPTED}")


def _classes(tensors: Mapping[str, Tensor]) -> int:
    """Of the head that a file brings; 0 where it brings none."""
    last = tensors.get(f"{HEAD}linear2.weight")
    if last is None:
        return 1 if any(name.startswith(HEAD) for name in tensors) else 0
    return int(last.shape[0]) if last.ndim == 2 and len(last) else 1


def _faults(tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]):
    """What keeps tensors from being a network's, a sentence's part each."""
    for name in sorted(set(wanted) - set(tensors)):
        yield f"{name} is missing"
    for name in sorted(set(tensors) - set(wanted)):
        yield f"{name} is none of its names"
    for name in sorted(set(wanted) & set(tensors)):
        own, tensor = wanted[name], tensors[name]
        if own.shape != tensor.shape:
            yield f"{name} has shape {tuple(tensor.shape)} instead of {tuple(own.shape)}"
        elif not bool(tensor.isfinite().all()):
            yield f"{name} holds values that are not finite"
        elif name.endswith(".kernel") and not bool((tensor - own).abs().max() <= KERNEL_TOLERANCE):
            yield f"{name} is not the fixed blur of that step"
