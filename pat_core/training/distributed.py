"""One training by several processes of one server, a GPU each (DistributedDataParallel): equal to one process on the same batches.

Each process reads and computes its share of every batch; inputs and answers are then gathered, so that every process has the loss of the
whole batch, whatever the objective makes of it (weights of classes, mixed weeks, a last batch that is short), and a gradient of its own
share alone. The sum of these is the gradient of the batch. Dropout is drawn for the whole batch and cut, so that neither it nor a
checkpoint depends on the number of processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.parallel import DistributedDataParallel
from torch.overrides import TorchFunctionMode

from pat_core.errors import TrainingError
from pat_core.training.objective import Examples, Rows

Agreed = TypeVar("Agreed")
PATIENCE = timedelta(days=30)
"""Between processes: the first may prepare, test and save for as long as it takes. Whether the others live is watched elsewhere."""


class Alone:
    """A training by one process: everything stays as it is."""

    first = True
    size = 1

    def network(self, network: nn.Module) -> nn.Module:
        """What is trained in the place of `network`, whose weights it shares."""
        return network

    def examples(self, examples: Examples) -> Examples:
        """The same examples, each process reading its share of what is asked for."""
        return examples

    def backward(self, loss: Tensor) -> None:
        """Gradients of the loss of the whole batch."""
        loss.backward()

    def agreed(self, value: Agreed) -> Agreed:
        """The first process' value, as JSON has it, in all of them."""
        return value

    def computed_on(self, device: torch.device) -> str:
        """For a record: "cuda", or "4 x cuda" of several processes."""
        return device.type if self.size == 1 else f"{self.size} x {device.type}"


class Together(Alone):
    """This process is one of several. first: whether it is the one that decides and writes."""

    def __init__(self, groups: dict[str, dist.ProcessGroup]) -> None:
        self.groups = groups
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self.first = self.rank == 0

    def network(self, network: nn.Module) -> nn.Module:
        return _Shared(network, self)

    def examples(self, examples: Examples) -> Examples:
        def inputs(rows: Rows) -> Tensor:
            places = np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
            return self.gathered(examples.inputs(places[self.share(len(places))]), len(places))

        return Examples(inputs, examples.target, examples.edges)

    def backward(self, loss: Tensor) -> None:
        (loss * self.size).backward()  # DistributedDataParallel takes the mean of the processes' gradients, and each has a share of the sum

    def agreed(self, value: Agreed) -> Agreed:
        length = torch.tensor([0])
        if self.first:
            text = torch.frombuffer(bytearray(json.dumps(value).encode()), dtype=torch.uint8)
            length[0] = len(text)
        dist.broadcast(length, 0)
        if not self.first:
            text = torch.empty(int(length), dtype=torch.uint8)
        dist.broadcast(text, 0)
        return json.loads(bytes(text.tolist()))

    def share(self, examples: int) -> np.ndarray:
        """(ceil(examples / processes),) places in a batch that this process computes; beyond its end the last one again, which counts for
        nothing."""
        each = -(-examples // self.size)
        return np.minimum(np.arange(self.rank * each, (self.rank + 1) * each), examples - 1)

    def gathered(self, own: Tensor, examples: int) -> Tensor:
        """(examples, ...) of the shares of all processes; only the own one has a gradient."""
        own = own.contiguous()
        parts = [torch.empty_like(own) for _ in range(self.size)]
        dist.all_gather(parts, own.detach(), group=self.groups[own.device.type])
        parts[self.rank] = own
        return torch.cat(parts)[:examples]


class _Shared(nn.Module):
    """A network of which each process computes its share of the batch."""

    def __init__(self, network: nn.Module, group: Together) -> None:
        super().__init__()
        device = next(network.parameters()).device.type
        if device not in group.groups:
            raise TrainingError(f"Several processes train on cuda or cpu, not on {device}. Choose one of these, or one process.")
        self.parallel = DistributedDataParallel(network, process_group=group.groups[device], broadcast_buffers=False)
        self.group = group

    def forward(self, batch: Tensor, *more: Any) -> Tensor:
        share = torch.from_numpy(self.group.share(len(batch))).to(batch.device)
        network = self.parallel if torch.is_grad_enabled() else self.parallel.module
        with _DropoutOfWholeBatch(len(batch), share) if self.training else nullcontext():
            answers = network(batch[share], *more)
        return self.group.gathered(answers, len(batch))


class _DropoutOfWholeBatch(TorchFunctionMode):
    """Dropout as one process draws it for the whole batch, of which only the `share` (own,) is used."""

    def __init__(self, examples: int, share: Tensor) -> None:
        super().__init__()
        self.examples, self.share = examples, share

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self._dropout(*args, **kwargs or {}) if function is dropout else function(*args, **kwargs or {})

    def _dropout(self, own: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        if not training or not p:
            return own
        return own * dropout(own.new_ones(self.examples, *own.shape[1:]), p)[self.share]


_ALONE = Alone()
_here: Alone = _ALONE


def here() -> Alone:
    """Whether this process trains alone or as one of several: asked by the loop when a training begins."""
    return _here


@contextmanager
def sharing(group: Alone) -> Iterator[None]:
    """Trainings inside the block are shared with the other processes, which do the same; with none where the group is `Alone`."""
    global _here
    before, _here = _here, group
    try:
        yield
    finally:
        _here = before


def join(store: dist.Store, rank: int, size: int) -> Together:
    """Meet the other processes of this server; returns once all are there. TrainingError where there are fewer GPUs than processes."""
    gpus = torch.cuda.device_count()
    if gpus and size > gpus:
        raise TrainingError(
            f"Expected at most one process a GPU, got {size} processes for {gpus} GPU{'s' if gpus > 1 else ''}. Choose {gpus} or fewer."
        )
    if gpus:
        torch.cuda.set_device(rank)
    torch.set_num_threads(max(1, torch.get_num_threads() // size))
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size, timeout=PATIENCE)
    groups = {"cpu": dist.group.WORLD} | ({"cuda": dist.new_group(backend="nccl")} if gpus else {})
    return Together(groups)


def left() -> None:
    """Leave the others, who hear of it when they next wait for this process."""
    if dist.is_initialized():
        dist.destroy_process_group()
