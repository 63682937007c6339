"""How long a run takes at the most on some machine, once a few of its steps were measured there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.models.baselines import FAMILIES, baseline_of
from pat_core.models.pat import PatConfig
from pat_core.training import FinetuneSettings
from pat_core.training.pace.pace_asked import Activity, Pace, PaceAsked
from pat_core.training.recipes import course
from pat_core.workflows.learn.encoder_reading import EncoderRequest, held_out_rows, missing_sides
from pat_core.workflows.learn.planned_split import split_before
from pat_core.workflows.learn.pretrain_people import PretrainRequest, pretraining_people
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_people

SOLVED_SECONDS = 0.01
"""Of a regression that is solved at once, a window that it learns from; measured in November 2026 on two cores."""


@dataclass(frozen=True)
class TimeToExpect:
    """device: that was measured. epochs: of all trainings together, at the most; 0 where nothing is trained in epochs. epoch: seconds of
    one of them, 0 where they differ. seconds: of the whole where each training uses all of its epochs, which most do not; of what is no
    training, about (`at_most` is False)."""

    device: str
    epochs: int
    epoch: float
    seconds: float
    at_most: bool = True


@dataclass(frozen=True, eq=False)
class Expectation:
    """asked: what has to be measured where the work is to run. time: the paces that were measured, in the same order -> how long it takes.
    tried: what takes the place of measuring on this computer, where a part of the work itself can be done for that.
    """

    asked: tuple[PaceAsked, ...]
    time: Callable[[Sequence[Pace]], TimeToExpect]
    tried: Callable[[], TimeToExpect] | None = None

    def here(self) -> TimeToExpect:
        """On this computer, where some seconds are spent on each of them. TrainingError where it lacks the device."""
        if self.tried is not None:
            return self.tried()
        from pat_core.training.pace.measured_pace import measured

        return self.time([measured(one) for one in self.asked])


@dataclass(frozen=True)
class Training:
    """One training, or several alike. size: of its network, as recipes know it. asked: None where it takes no steps. learned, held, tested:
    windows that it learns from, that stop it, and that test it."""

    settings: FinetuneSettings
    size: str
    asked: PaceAsked | None
    learned: float
    held: float
    tested: float

    @property
    def epochs(self) -> int:
        """At the most."""
        return course(self.settings, self.size).max_epochs if self.asked and self.settings.in_epochs else 0

    def seconds(self, pace: Pace | None) -> tuple[float, float]:
        """(of one epoch, of all that is done once). pace: of what was asked."""
        learned, held, tested = self.learned, self.held, self.tested
        if pace is None:
            return 0.0, SOLVED_SECONDS * (learned + held + tested)
        if not self.settings.in_epochs:
            return 0.0, pace.reading * (learned + held + tested) + SOLVED_SECONDS * (learned + held)
        if self.settings.style == "linear_probe":  # every week is read once, then the head learns from what was read
            return pace.learning * (learned + held), pace.reading * (learned + held + tested)
        return pace.learning * learned + pace.reading * held, pace.reading * tested


def asked_of(workspace: Workspace, model: str, settings: FinetuneSettings, minutes: int) -> tuple[str, PaceAsked | None]:
    """(the size of a model, what is measured of a training that starts from it); None where it is solved at once."""
    config = resolve(workspace, model).config
    if isinstance(config, PatConfig):
        activity: Activity = "learn by the head" if settings.style == "linear_probe" else "learn"
        return config.size, PaceAsked(activity, config, minutes, course(settings, config.size).batch, settings.device)
    if FAMILIES[config.family].fitted:
        return config.size, None
    return config.size, PaceAsked("learn", config.reference, minutes, course(settings, config.size).batch, settings.device)


def finetuning(workspace: Workspace, request: RunRequest) -> Expectation:
    """Of a fine-tuning, its test and the model that is kept. TrainingError where it would be refused."""
    settings = replace(request.settings, style="full") if baseline_of(request.model) else request.settings
    split = split_before(workspace, request)
    if split.refused:
        raise TrainingError(split.refused)
    windows = len(labelled_people(workspace, request).people) / max(1, sum(split.people))  # of one person
    learned, held, tested = (windows * sum(sum(part[name]) for part in split.counts) for name in ("train", "validation", "test"))
    size, asked = asked_of(workspace, request.model, settings, workspace.cohort(request.cohort).minutes)
    training, trainings = Training(settings, size, asked, learned, held, tested), len(split.counts)

    def time(paces: Sequence[Pace]) -> TimeToExpect:
        epoch, once = training.seconds(paces[0] if asked else None)
        device = paces[0].device if paces else "cpu"
        return TimeToExpect(device, training.epochs * trainings, epoch / trainings, training.epochs * epoch + once)

    return Expectation((asked,) if asked else (), time)


def pretraining(workspace: Workspace, request: PretrainRequest) -> Expectation:
    """Of a pretraining. TrainingError where it would be refused."""
    chosen, settings = pretraining_people(workspace, request), request.settings
    minutes, batch = chosen.cohorts[0].minutes, settings.batch

    def time(paces: Sequence[Pace]) -> TimeToExpect:
        epoch = paces[0].learning * (len(chosen.rows) - chosen.held_out) + paces[0].reading * chosen.held_out
        most = 60 * (settings.minutes or float("inf"))
        return TimeToExpect(paces[0].device, settings.epochs, epoch, min(settings.epochs * epoch, most))

    return Expectation((PaceAsked("pretrain", request.config, minutes, batch, settings.device, settings.mask_ratio),), time)


def reading_encoders(workspace: Workspace, request: EncoderRequest) -> Expectation:
    """Of a comparison of encoders, of those that are not read yet: every fold of the probe reads everyone once, then hidden minutes are
    rebuilt. Raises as `missing_sides`."""
    missing, rebuilt = missing_sides(workspace, request)
    splits, minutes = held_out_rows(workspace, request)[1], workspace.cohort(request.cohort).minutes
    windows = sum(len(split.train) + len(split.validation) + len(split.test) for split in splits)
    probes = tuple(PaceAsked("learn by the head", side.config, minutes, 1, request.device) for side in missing)
    rebuilds = [side.model is None or side.model.decoder is not None for side in missing]
    hidden = tuple(
        PaceAsked("pretrain", side.config, minutes, 1, request.device, request.mask_ratio)
        for side, can in zip(missing, rebuilds, strict=True) if can
    )  # fmt: skip

    def time(paces: Sequence[Pace]) -> TimeToExpect:
        probed = sum((pace.reading + SOLVED_SECONDS) * windows for pace in paces[: len(probes)])
        seconds = probed + sum(pace.reading * len(rebuilt) for pace in paces[len(probes) :])
        return TimeToExpect(paces[0].device if paces else "cpu", 0, 0.0, seconds, at_most=False)

    return Expectation((*probes, *hidden), time)
