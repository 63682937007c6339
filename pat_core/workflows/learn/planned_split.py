"""Before a run starts: who would train, validate and test, how sure a test on so few can be, and which test to propose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.evaluation import likely_range
from pat_core.training import Counts, FinetuneSettings, LabelledPeople, count_splits
from pat_core.training.target import Target
from pat_core.workflows.models.cautions import FEW_TESTED
from pat_core.workflows.read.duplicates import together_words
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_people

PROPOSED_FOLDS = 5
FEWEST_TESTED_OF_A_KIND = 10
"""With fewer of the rarer group in the test, an AUC says little, however many people are tested in all."""
SUPPOSED_AUC = 0.8
PARTS = {"train": "Train", "validation": "Validation", "test": "Test"}


@dataclass(frozen=True)
class SplitBefore:
    """What a run's split would be.

    people: positive, negative; else of each class, or all of a value. counts: as `count_splits`, empty where the run is refused.

    refused: why it cannot start, "" where it can. folds: of the test that is asked for. better: the counts of the cross-validation that
    is proposed in its place, empty where none is. left_out: weeks that nobody trains or is tested on, in a sentence.
    same: recordings that are here under several names, and what the split does with them, in a sentence; "" where there are none.
    """

    people: tuple[int, ...]
    counts: tuple[Counts, ...]
    refused: str
    folds: int
    better: tuple[Counts, ...] = ()
    same: str = ""
    left_out: str = ""
    task: Target = Target()

    @property
    def tested(self) -> list[tuple[int, ...]]:
        """People who are tested, of each kind, of each fold."""
        return [fold["test"] for fold in self.counts[: self.folds or 1]]


def split_before(workspace: Workspace, request: RunRequest) -> SplitBefore:
    """Count the split that the run would have, from the labels alone: the same seed gives the same people."""
    who, settings = labelled_people(workspace, request), request.settings
    people = who.counts()[::-1] if who.task.two_classes else who.counts()
    try:
        counts = tuple(count_splits(who, settings))
    except TrainingError as error:
        return SplitBefore(people, (), " ".join(filter(None, (str(error), who.left_out))), settings.folds, task=who.task)
    few = not settings.folds and proposed_folds(who, settings)
    better = tuple(count_splits(who, replace(settings, folds=few))) if few else ()
    return SplitBefore(people, counts, "", settings.folds, better, together_words(who.copies()), who.left_out, who.task)


def proposed_folds(who: LabelledPeople, settings: FinetuneSettings) -> int:
    """0 where the share held out is enough to test on, or these people allow no folds; else how many folds to propose."""
    try:
        tested = count_splits(who, replace(settings, folds=0))[0]["test"]
        if sum(tested) >= FEW_TESTED and (who.task.kind == "value" or min(tested) >= FEWEST_TESTED_OF_A_KIND):
            return 0
    except TrainingError:
        pass  # too few for a test of their own; each fold leaves more to train on
    try:
        count_splits(who, replace(settings, folds=PROPOSED_FOLDS))
    except TrainingError:
        return 0
    return PROPOSED_FOLDS


def reason_words(split: SplitBefore) -> str:
    """How sure a test on these people can be, and why cross-validation would be better where it is proposed; "" where it is refused."""
    if split.refused:
        return ""
    people, auc = sum(split.people), split.task.two_classes  # how sure a test will be is known of an AUC alone
    if split.folds:
        once = f"Each of the {people:,} people is tested once, by a model that has not seen them."
        return f"{once} {_range_words(split.tested)}" if auc else once
    if not split.better:
        return _range_words(split.tested) if auc else f"{_people(split.tested)} would be tested."
    folds = [fold["test"] for fold in split.better[:-1]]
    if not auc:
        return (
            f"Only {_people(split.tested)} would be tested. With {len(folds)}-fold cross-validation all {people:,} are tested, each by a "
            "model that has not seen them."
        )
    return (
        f"Only {_people(split.tested)} would be tested. {_range_words(split.tested)} With {len(folds)}-fold cross-validation all "
        f"{people:,} are tested, each by a model that has not seen them; then it measures {_between(folds)}."
    )


def _range_words(tested: Sequence[tuple[int, ...]]) -> str:
    return f"If the true AUC is {SUPPOSED_AUC:.2f}, such a test measures {_between(tested)} (95 times in 100)."


def _people(tested: Sequence[tuple[int, ...]]) -> str:
    return f"{sum(map(sum, tested)):,} people"


def _between(tested: Sequence[tuple[int, ...]]) -> str:
    low, high = likely_range(SUPPOSED_AUC, [(positive, negative) for positive, negative in tested])
    return f"{low:.2f} to {high:.2f}"


def split_table(split: SplitBefore, positive: str, negative: str) -> pd.DataFrame:
    """A row a part, a column a group or class: people. With folds, from the smallest to the largest fold, and of the model that is trained
    again on everyone, where there is one. Parts that nobody is in are left out.

    positive, negative: how the two groups of two classes are called, where they are no threshold's.
    """
    task = split.task
    titles = (
        (f"Group: {positive or task.classes[1]}", f"Against: {negative if positive else task.classes[0]}")
        if task.two_classes
        else task.classes
    )
    folds, again = split.counts[: split.folds or 1], split.counts[split.folds or 1 :]
    rows = [(f"{name}, each fold" if split.folds else name, folds, part) for part, name in PARTS.items()]
    rows += [(f"{name}, model that is kept", again, part) for part, name in PARTS.items()]
    return pd.DataFrame([_row(name, counts, part, titles) for name, counts, part in rows if any(sum(fold[part]) for fold in counts)])


def _row(name: str, counts: Sequence[Counts], part: str, titles: tuple[str, ...]) -> dict[str, str]:
    each = [fold[part] for fold in counts]
    kinds = {title: _span([fold[place] for fold in each]) for place, title in enumerate(titles)}
    return {"Part": name, **kinds, "People": _span([sum(fold) for fold in each])}


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
