"""One model of a run: a standardizer and a network fitted on the people of one split, and what it says of those who test it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.models.network_config import NetworkConfig
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress
from pat_core.records import Standardizer
from pat_core.training.augmentation import Augmentation, Augmented
from pat_core.training.checkpoint import keep_finished, read_finished
from pat_core.training.device import one_thread, pick_device
from pat_core.training.distributed import here
from pat_core.training.labelled_people import LabelledWeeks, Split
from pat_core.training.loop import Cosine, Fitted, LoopSettings, fit
from pat_core.training.objective import Examples, Prediction, Rows, objective_of
from pat_core.training.probe import Probe, fit_probe
from pat_core.training.read_weeks import edges, embed, fit_standardizer, grouped, standardized
from pat_core.training.recipes import Course, FinetuneSettings, course
from pat_core.training.trainee import Trainee, fresh, head_of, solve, solved_at_once
from pat_core.weeks import steadied


@dataclass(frozen=True, eq=False)
class Trained:
    """What became of one split. fitted: how a training in epochs went, probe: how a regression did; one of the two is None.

    test_outputs: (rows, count) what its head answers of those who test it. encoder_as_before: nothing but the head is another than in the
    model it started from. device: that trained it; seconds: that this took, 0 where it is not known.
    """

    split: Split
    network: Trainee
    standardizer: Standardizer
    test_outputs: np.ndarray
    encoder_as_before: bool
    fitted: Fitted | None = None
    probe: Probe | None = None
    device: str = "cpu"
    seconds: float = 0.0

    @property
    def curves(self) -> tuple[tuple[int, str, float], ...]:
        """(epoch, name, value)."""
        return self.fitted.curves if self.fitted else ()


def train_split(start: Trainee, data: LabelledWeeks, split: Split, settings: FinetuneSettings, folder: Path, progress: Progress) -> Trained:
    """Train on one split. One that was finished before a kill, or on another machine, is read back at once from `folder`."""
    split, began = grouped(split, data), time.monotonic()
    standardizer = fit_standardizer(data, split.train, settings.standardize, f"training people of {data.source}")
    if settings.holds_up:
        standardizer = steadied(standardizer)
    device = pick_device(settings.device)
    network, asked = fresh(start, data, settings.seed), asked_of(split, data, settings)
    done = None if solved_at_once(network) else read_finished(folder, asked, trained_part(network, settings))
    if done is not None:
        return _read_back(network, split, settings, standardizer, *done)
    network = network.to(device)
    if not settings.in_epochs:
        trained = _regression(network, data, split, settings, standardizer, device, progress)
    else:
        trained = _in_epochs(network, data, split, settings, standardizer, device, folder / "last.safetensors", progress)
    if not solved_at_once(network) and here().first:
        facts: dict[str, Any] = {"fitted": trained.fitted and trained.fitted.as_plain(), "device": trained.device}
        facts["seconds"] = time.monotonic() - began
        facts["probe"] = trained.probe and [trained.probe.strength, trained.probe.losses]
        keep_finished(folder, asked, trained_part(trained.network, settings), trained.test_outputs, facts)
    return trained


def asked_of(split: Split, data: LabelledWeeks, settings: FinetuneSettings) -> str:
    """What makes two trainings of a split the same, beside their weeks and their start, which the run itself holds on to: SHA-256."""
    plain = {name: value for name, value in asdict(settings).items() if name not in ("device", "folds", "repeats", "keep", "test_share")}
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    for rows in (split.train, split.validation, split.test):
        digest.update(np.ascontiguousarray(rows, dtype="<i8").tobytes() + b"\0")
    digest.update(np.ascontiguousarray(data.targets(), dtype="<f8").tobytes())
    return digest.hexdigest()


def trained_part(network: Trainee, settings: FinetuneSettings) -> nn.Module:
    """What a training changes: all of it, or the head alone."""
    return network.head if settings.style == "linear_probe" and isinstance(network, Classifier) else network


def _read_back(network: Trainee, split: Split, settings: FinetuneSettings, standardizer: Standardizer, answered, facts) -> Trained:
    network = network.eval()
    as_before = settings.style == "linear_probe"
    fitted = facts["fitted"] and Fitted.from_plain(facts["fitted"], trained_part(network, settings).state_dict())
    probe = None
    if facts["probe"]:
        strength, losses = facts["probe"]
        probe = Probe(head_of(network), strength, tuple((one, loss) for one, loss in losses))
    return Trained(
        split, network, standardizer, answered, as_before, fitted=fitted, probe=probe, device=facts["device"], seconds=facts["seconds"]
    )


def _in_epochs(network: Trainee, data, split, settings, standardizer, device, checkpoint: Path, progress: Progress) -> Trained:
    """A training with early stopping on validation people, or one that is solved at once."""
    objective, steps = objective_of(data.task, data.targets()[split.train]), course(settings, network.config.size)
    objective.prepare(head_of(network))
    rows_of = split.train, split.validation, split.test
    trainee, (train, validation, test) = _examples(network, data, standardizer, rows_of, settings, device, progress)
    if solved_at_once(network):
        z = partial(standardized, standardizer, data)
        fitted = solve(network, z, data.positive, split.train, split.validation, progress)
    else:
        with one_thread() if settings.style == "linear_probe" and device.type == "cpu" else nullcontext():
            fitted = fit(
                trainee,
                _augmented(objective, steps, settings),
                train,
                validation,
                loop_settings(steps, network.config, settings.seed),
                checkpoint,
                progress,
            )
    trainee.load_state_dict(fitted.best)
    objective.settle(head_of(network))
    outputs = objective.outputs(trainee, test, steps.batch, lambda read: progress.at(1.0, f"Testing: {read} of {len(test)} weeks"))
    answered = outputs.numpy().reshape(len(test), data.task.outputs().count)
    as_before = settings.style == "linear_probe"
    return Trained(split, network.cpu().eval(), standardizer, answered, as_before, fitted=fitted, device=fitted.computed_on or device.type)


def _augmented(objective: Prediction, steps: Course, settings: FinetuneSettings) -> Prediction:
    """Weeks can be augmented; embeddings that were computed once cannot."""
    if settings.style == "full" and (steps.rotate or steps.mixup):
        return Augmented(objective, Augmentation(steps.rotate, steps.mixup))
    return objective


def loop_settings(steps: Course, config: NetworkConfig, seed: int) -> LoopSettings:
    """A course as the loop takes it, with a learning rate for each layer of a PAT."""
    layers = ["encoder.patches.", *(f"encoder.blocks.{block}." for block in range(config.blocks))]
    rates = [(layer, steps.layer_decay**depth) for depth, layer in enumerate(reversed(layers), start=1)]
    return LoopSettings(
        learning_rate=steps.learning_rate,
        batch=steps.batch,
        max_epochs=steps.max_epochs,
        patience=steps.patience,
        seed=seed,
        shuffle=steps.shuffle,
        cosine=None if steps.warm_up is None else Cosine(steps.warm_up),
        rates=tuple(rates) if steps.layer_decay != 1.0 else (),
        weight_decay=steps.weight_decay,
    )


def _regression(
    network: Trainee,
    data: LabelledWeeks,
    split: Split,
    settings: FinetuneSettings,
    standardizer: Standardizer,
    device: torch.device,
    progress: Progress,
) -> Trained:
    """The recommended linear probe: a regression on embeddings, which becomes the network's head."""
    embedded = embed(network, data, standardizer, np.concatenate([split.train, split.test]), device, progress).cpu()
    known, test = embedded[: len(split.train)], embedded[len(split.train) :]

    def after_fold(done: int, folds: int) -> None:
        progress.at(1.0, f"Choosing how strongly to regularise: fold {done} of {folds} among the people it learns from")

    with one_thread():
        target, people, strata = (values[split.train] for values in (data.targets(), data.units(), data.strata()))
        probe = fit_probe(known.numpy(), target, people, strata, data.task, settings.seed, after_fold)
    network = network.cpu().eval()
    network.head = probe.head
    with torch.no_grad():
        answered = probe.head(test).numpy().reshape(len(test), data.task.outputs().count)
    return Trained(split, network, standardizer, answered, True, probe=probe, device=here().computed_on(device))


def _examples(network, data, standardizer, rows_of: tuple, settings, device, progress) -> tuple[nn.Module, list[Examples]]:
    """What the loop trains, and its inputs: weeks for full, pooled embeddings (computed once) for a linear probe."""
    targets = data.targets()
    if settings.style == "full":

        def weeks(part: np.ndarray) -> Callable[[Rows], Tensor]:
            return lambda rows: torch.from_numpy(standardized(standardizer, data, part[rows])).to(device)

        return network, [Examples(weeks(part), targets[part], edges(data, part)) for part in rows_of]
    network.encoder.requires_grad_(False)
    embedded = embed(network, data, standardizer, np.concatenate(rows_of), device, progress)
    cuts = np.cumsum([len(rows) for rows in rows_of])[:-1]

    def pooled(part: Tensor) -> Callable[[Rows], Tensor]:
        return lambda rows: part[rows]

    pieces = torch.tensor_split(embedded, cuts.tolist())
    return network.head, [Examples(pooled(piece), targets[rows]) for piece, rows in zip(pieces, rows_of, strict=True)]
