"""One encoder as it stands in a comparison: what a probe on it answers of people who were left out, how it rebuilds hidden minutes, and how
its attention is spread. Each reading is kept, so that a comparison that was stopped goes on with the next encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import TrainingError
from pat_core.jobs.task import Spec
from pat_core.models.baselines import BaselineConfig
from pat_core.models.pat import PatConfig
from pat_core.models.pat.pat_config import MASK_RATIO
from pat_core.progress import Progress, Share
from pat_core.records import Standardizer
from pat_core.training import FinetuneSettings, LabelledWeeks, check_people
from pat_core.training.labelled_people import Split, plan
from pat_core.weeks import ChosenWeeks, StandardizedWeeks, fit, steadied
from pat_core.weights import Model
from pat_core.workflows.learn.rebuilt_weeks import NETWORK, WAYS, rebuild
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.read.duplicates import learned_from, remembers
from pat_core.workflows.week.cohort_weeks import draw, first_weeks, unfit_rows
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_people, labelled_weeks

if TYPE_CHECKING:
    from pat_core.models.pat.heads import Classifier
    from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder

VERSION = 1
"""Counts up when readings come out otherwise by the same request: kept ones are then made again."""
REBUILT, ATTENDED = 200, 20
"""People at most on whom rebuilding is measured, and on whom attention is."""
FEWEST_REBUILT = 5
FIGURES = ("mse", "mae", "r2", "r")


@dataclass(frozen=True)
class EncoderRequest(Spec):
    """Which two encoders to compare, by their references, and on whom: a label of a cohort. positive: "" where the label is a threshold;
    negative: None is everyone else with a value. folds, repeats: of the cross-validation by person; seed: of folds, masks and untrained
    weights. mask_ratio: share of the patches that is hidden. device: where the weeks are read."""

    first: str
    second: str
    cohort: str
    label: str
    positive: str = ""
    negative: str | None = None
    folds: int = 5
    repeats: int = 1
    seed: int = 0
    mask_ratio: float = MASK_RATIO
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.first == self.second:
            raise TrainingError(f"Two encoders are compared, but {self.first!r} was named twice. Choose another one.")
        if self.folds < 2:
            raise TrainingError(f"Encoders are compared by cross-validation of 2 folds or more, got {self.folds}.")
        if not 0.0 < self.mask_ratio < 1.0:
            raise TrainingError(f"Expected the share of hidden patches between 0 and 1, got {self.mask_ratio}.")

    @property
    def settings(self) -> FinetuneSettings:
        """Of the probe: the recommended one. TrainingError where folds, repeats or seed are none."""
        return FinetuneSettings("linear_probe", folds=self.folds, repeats=self.repeats, seed=self.seed, device=self.device)

    @property
    def run_request(self) -> RunRequest:
        """A run of the same people, which says who they are."""
        return RunRequest("", self.cohort, self.label, self.positive, self.first, self.negative, settings=self.settings)


@dataclass(frozen=True, eq=False)
class Side:
    """One encoder of a comparison. model: None of an untrained one, drawn by the seed in the shape of another. learned: names of people of
    the cohort from whose weeks it learned; None where its file does not tell."""

    title: str
    config: PatConfig
    model: Model | None
    learned: frozenset[str] | None

    @property
    def untrained(self) -> bool:
        return self.model is None or not self.model.encoder_trained

    @property
    def identity(self) -> str:
        return "untrained" if self.model is None else self.model.sha256


@dataclass(frozen=True, eq=False)
class EncoderReading:
    """logits: (rows tested,) of the probes of the folds, in the order of `held_out_rows`. errors: (ways, people, figures) of `FIGURES` on
    hidden minutes, the encoder's own way first; NaN for an encoder without a decoder. entropy: (blocks, people) of `attention_entropy`."""

    logits: np.ndarray
    errors: np.ndarray
    entropy: np.ndarray


READING = Codec[EncoderReading](EncoderReading)


def sides_of(workspace: Workspace, request: EncoderRequest) -> list[Side]:
    """The two encoders, then an untrained one for each shape among them. TrainingError for what is no single encoder."""
    sides = []
    for reference in (request.first, request.second):
        model = resolve(workspace, reference)
        if isinstance(model.config, BaselineConfig) or model.members is not None:
            raise TrainingError(f"{model.name} is no single PAT encoder, so it has no place in this comparison. Choose an encoder.")
        known = frozenset(learned_from(workspace, model, request.cohort)) if remembers(model) else None
        sides.append(Side(model.name, model.config, model, known if model.encoder_trained else frozenset()))
    shapes = dict.fromkeys(side.config for side in sides if not side.untrained)
    words = [f"Untrained, in the shape of {next(side.title for side in sides if side.config == shape)}" for shape in shapes]
    return [*sides, *(Side(title, shape, None, frozenset()) for title, shape in zip(words, shapes, strict=True))]


def held_out_rows(workspace: Workspace, request: EncoderRequest) -> tuple[dict[str, np.ndarray], list[Split]]:
    """(rows tested,) `positive`, `people`, `fold` and `repeat` of all folds, one after another, and these folds. TrainingError as
    `check_people`, or where the label has more than two classes."""
    people = labelled_people(workspace, request.run_request)
    if not people.task.two_classes:
        raise TrainingError(f"Encoders are compared on two groups, and “{request.label}” means something else here. Choose two groups.")
    check_people(people, request.settings)
    splits = [split for split in plan(people, request.settings) if split.fold is not None]
    rows, sizes = np.concatenate([split.test for split in splits]), [len(split.test) for split in splits]
    fold, repeat = (np.repeat([getattr(split, name) for split in splits], sizes) for name in ("fold", "repeat"))
    return {"positive": people.positive[rows], "people": people.units()[rows], "fold": fold, "repeat": repeat}, splits


def rebuilt_people(workspace: Workspace, request: EncoderRequest, sides: list[Side]) -> list[int]:
    """Rows of the cohort's array: a fit week each of people from whom none of these encoders is known to have learned, drawn by a seed."""
    known = frozenset().union(*(side.learned or () for side in sides))
    unfit = unfit_rows(workspace, request.cohort)
    rows = first_weeks([row for row in workspace.week_rows(request.cohort) if row.row not in unfit])
    return [row.row for row in draw([row for row in rows if row.participant not in known], REBUILT)]


def reading(workspace: Workspace, request: EncoderRequest, side: Side, rebuilt: list[int], progress: Progress) -> EncoderReading:
    """One encoder read: kept where it was before, else read now and kept."""
    question = reading_question(workspace, request, side, rebuilt)
    kept = workspace.kept(question, READING)
    if kept is None:
        kept = _read(workspace, request, side, rebuilt, progress)
        workspace.keep(question, kept, READING)
    return kept


def reading_question(workspace: Workspace, request: EncoderRequest, side: Side, rebuilt: list[int]) -> Question:
    """All that a reading depends on: weeks and labels, the encoder, whom it is measured on, and every setting but the device."""
    people = labelled_people(workspace, request.run_request)
    parts: dict[str, object] = {"cohort": workspace.cohort(request.cohort).as_read, "encoder": side.identity, **asdict(side.config)}
    parts |= {"people": digest([people.people.tolist(), people.positive.tolist(), sorted(people.same.items())])}
    parts |= {"rebuilt": digest(rebuilt), "settings": {**request.settings.as_dict(), "device": ""}, "mask": request.mask_ratio}
    return Question("encoder of a comparison", parts | {"version": VERSION})


@dataclass(frozen=True, eq=False)
class Material:
    """What every encoder of a comparison is read on. data, splits, settings: people with the label, the folds of the probe, how it learns.
    rebuilt: (people, minutes) standardized weeks of which a share, mask_ratio, is hidden; attended: those on which attention is measured.
    seed: of what is hidden."""

    data: LabelledWeeks
    splits: Sequence[Split]
    settings: FinetuneSettings
    rebuilt: np.ndarray
    attended: np.ndarray
    mask_ratio: float
    seed: int


def material(workspace: Workspace, request: EncoderRequest, rebuilt: list[int]) -> Material:
    """Of a request. rebuilt: of `rebuilt_people`."""
    attended = rebuilt[:ATTENDED] or _anybody(workspace, request)
    data, splits = labelled_weeks(workspace, request.run_request)[0], held_out_rows(workspace, request)[1]
    hidden, seen = (_standardized(workspace, request, rows) for rows in (rebuilt, attended))
    return Material(data, splits, request.settings, hidden, seen, request.mask_ratio, request.seed)


def missing_sides(workspace: Workspace, request: EncoderRequest) -> tuple[list[Side], list[int]]:
    """(encoders that were not read yet, rows of `rebuilt_people`). Raises as `sides_of` and `held_out_rows`."""
    sides = sides_of(workspace, request)
    held_out_rows(workspace, request)
    rebuilt = rebuilt_people(workspace, request, sides)
    return [side for side in sides if workspace.kept(reading_question(workspace, request, side, rebuilt), READING) is None], rebuilt


def _read(workspace: Workspace, request: EncoderRequest, side: Side, rebuilt: list[int], progress: Progress) -> EncoderReading:
    return read_encoder(*networks(side.model, side.config, request.seed), material(workspace, request, rebuilt), progress)


def read_encoder(autoencoder: MaskedAutoencoder | None, network: Classifier, on: Material, progress: Progress) -> EncoderReading:
    """One encoder on its material, of which nothing is known but numbers. autoencoder: None where it has no decoder."""
    from pat_core.explain.attention_reading import attention_entropy

    logits, people = _probed(network, on, Share(progress, 0.0, 0.7)), len(on.rebuilt)
    errors = np.full((len(WAYS), people, len(FIGURES)), np.nan)
    if autoencoder is not None:
        for number in range(people):
            progress.at(0.7 + 0.25 * number / people, f"Rebuilding the week of person {number + 1:,} of {people:,}")
            figures = rebuild(autoencoder, on.rebuilt[number], on.mask_ratio, on.seed + number).figures
            errors[:, number] = [[getattr(figures[way], name) for name in FIGURES] for way in WAYS]
    progress.at(0.95, "Looking at how its attention is spread")
    return EncoderReading(logits, errors, attention_entropy(network.encoder, on.attended))


def networks(model: Model | None, config: PatConfig, seed: int) -> tuple[MaskedAutoencoder | None, Classifier]:
    """(its autoencoder, None without a decoder; its network with a head to be trained). model: None of an untrained one of this shape."""
    from pat_core.models.pat.heads import Classifier, seeded
    from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder
    from pat_core.weights import require_attention
    from pat_core.weights.networks import autoencoder_of

    if model is not None:
        return None if model.decoder is None else autoencoder_of(model), require_attention(model)
    autoencoder = seeded(lambda: MaskedAutoencoder(config), seed).eval()
    network = seeded(lambda: Classifier(config), seed).eval()
    network.encoder.load_state_dict(autoencoder.encoder.state_dict())
    return autoencoder, network


def _standardized(workspace: Workspace, request: EncoderRequest, rows: list[int]) -> np.ndarray:
    """(rows, minutes) of these weeks, each minute beside the same minute of the cohort's first weeks: one scale for every encoder of a
    comparison."""
    info, weeks = workspace.cohort(request.cohort), workspace.weeks_array(request.cohort)
    if not rows:
        return np.empty((0, info.minutes), np.float32)
    return StandardizedWeeks(ChosenWeeks(weeks, np.array(rows, dtype=int)), _scale(workspace, info.name, info.unit))[np.arange(len(rows))]


def _scale(workspace: Workspace, cohort: str, unit: str) -> Standardizer:
    unfit = unfit_rows(workspace, cohort)
    rows = first_weeks([row for row in workspace.week_rows(cohort) if row.row not in unfit])
    return steadied(fit(workspace.weeks_array(cohort), f"cohort {cohort}", unit, [row.row for row in rows]))


def _anybody(workspace: Workspace, request: EncoderRequest) -> list[int]:
    """Some of the cohort's people, for attention alone, where the encoders have learned from all of them."""
    unfit = unfit_rows(workspace, request.cohort)
    fit_ones = [row for row in workspace.week_rows(request.cohort) if row.row not in unfit]
    return [row.row for row in draw(first_weeks(fit_ones), ATTENDED)]


def _probed(network: Classifier, on: Material, progress: Progress) -> np.ndarray:
    """(rows tested,) what the probe of each fold answers of the people that it did not learn from."""
    from pat_core.training.one_split import train_split

    logits = []
    with TemporaryDirectory() as folder:  # a probe writes nothing there
        for number, split in enumerate(on.splits):
            part = Share(progress, number / len(on.splits), 1 / len(on.splits))
            part.at(0.0, f"Probe {number + 1:,} of {len(on.splits):,}")
            done = train_split(network, on.data, split, on.settings, Path(folder), part)
            logits.append(np.asarray(done.test_outputs)[:, 0])
    return np.concatenate(logits)


def own_errors(errors: np.ndarray, figure: str) -> np.ndarray:
    """(people,) of the encoder's own way."""
    return errors[list(WAYS).index(NETWORK), :, FIGURES.index(figure)]
