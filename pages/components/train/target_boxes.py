"""The boxes of the Fine-tune page that say what is learned of a label: two groups, several classes, an order, a number."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose, choose_number, choose_several, filled
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.words import _, plural
from pat_core.cohorts import CohortInfo
from pat_core.errors import TrainingError
from pat_core.reports.run_words import EVERYONE, target_words, task_words
from pat_core.training.target import MOST_CLASSES, TargetChoice, label_number, label_text
from pat_core.workflows.week.label_kinds import LabelKind, label_kinds, label_numbers, label_values, thirds
from pat_core.workflows.week.labelled_weeks import RunRequest, class_counts, label_counts

KINDS: dict[LabelKind, str] = {
    "two classes": _("Two groups"),
    "threshold": _("Two groups, by a threshold"),
    "classes": _("Several classes"),
    "ordinal": _("Classes in order"),
    "value": _("A number"),
}
UNIT_HELP = _("Stands behind every answer of the model: years, points. It changes nothing else.")


@dataclass(frozen=True)
class Learned:
    """What the reader chose to learn: as in a `RunRequest`. task: in a few words, for the name of a run."""

    label: str
    task: str
    positive: str = ""
    negative: str | None = None
    target: TargetChoice = TargetChoice()


def learned(cohort: CohortInfo) -> Learned | None:
    """The label and what is to be learned of it; None where there is nothing."""
    kinds = label_kinds(workspace(), cohort.name)
    if not kinds:
        return None
    labels = sorted(kinds, key=lambda name: kinds[name][0] != "two classes")
    usual = "group" if "group" in labels else labels[0]
    label = choose(Param.TRAIN_LABEL, _("Label"), labels, usual, unsaid=usual)
    offered = kinds[label]
    kind: LabelKind = offered[0]
    if len(offered) > 1:
        kind = choose(Param.TRAIN_KIND, _("What to learn of it"), list(offered), offered[0], KINDS.get, unsaid=offered[0])
    if kind == "two classes":
        return _groups(cohort, label)
    if kind == "threshold":
        return _threshold(cohort, label)
    if kind == "value":
        unit = filled(Param.TRAIN_UNIT, lambda key: st.text_input(_("Its unit"), max_chars=20, key=key, help=UNIT_HELP), "", str, str)
        target = TargetChoice("value", unit=unit.strip())
        return Learned(label, target_words(label, target), target=target)
    return _classes(cohort, label, kind == "ordinal")


def _groups(cohort: CohortInfo, label: str) -> Learned:
    counts = label_counts(workspace(), cohort.name, label)
    values = list(counts)

    def words(value: str) -> str:
        return value if value == EVERYONE else plural("{value} ({number} person)", "{value} ({number} people)", counts[value], value=value)

    positive = choose(Param.TRAIN_GROUP, _("The group to recognise"), values, values[-1], words, unsaid=values[-1])
    others, more = [value for value in values if value != positive], []
    if len(others) > 1:
        more = choose_several(Param.TRAIN_MORE, _("Together with"), others, [], words, placeholder=_("No other value"))
        others = [value for value in others if value not in more]
    choices = [EVERYONE, *others] if len(others) > 1 else others
    if not choices:
        st.warning(_("Every value is in the group, so nobody is left to compare it with. Take one out."))
        return Learned(label, task_words(label, positive, None, len(values)), positive)
    against = choose(Param.TRAIN_AGAINST, _("Compared with"), choices, words=words, unsaid=choices[0])
    negative = None if against == EVERYONE else against
    together = (positive, *more)
    target = TargetChoice(positives=together) if more else TargetChoice()
    return Learned(label, task_words(label, " or ".join(together), negative, len(values)), " or ".join(together), negative, target)


def _threshold(cohort: CohortInfo, label: str) -> Learned:
    numbers = label_numbers(workspace(), cohort.name, label)
    low, high, middle = numbers[0], numbers[-1], numbers[len(numbers) // 2]
    title = _("The group to recognise: at or above")
    cut = choose_number(Param.TRAIN_CUT, st.number_input, title, middle, min_value=low, max_value=high, format="%g")
    typed = f"{label}>={label_text(float(cut))}"
    return Learned(typed, typed)


def _steps(cohort: CohortInfo, label: str, numbers: list[float]) -> tuple[float, ...]:
    """The numbers at which the classes of a numeric label begin; none where each of its values is a class."""
    different = sorted(set(numbers))
    proposed = "" if len(different) <= MOST_CLASSES else ", ".join(map(label_text, thirds(numbers)))
    typed = filled(Param.TRAIN_CUTS, lambda key: st.text_input(_("Where classes begin"), key=key, help=_STEPS), proposed, str, str)
    words = typed.replace(",", " ").replace(";", " ").split()
    cuts = [number for word in words if (number := label_number(word)) is not None]
    if len(cuts) < len(words):
        st.warning(_("Expected numbers apart by commas, with a point for decimals, such as 7, 12.5, 20."))
    return tuple(sorted(set(cuts)))


def _classes(cohort: CohortInfo, label: str, ordinal: bool) -> Learned:
    numbers = label_numbers(workspace(), cohort.name, label) if ordinal else []
    cuts = _steps(cohort, label, numbers) if numbers else ()
    if cuts:
        target = TargetChoice("ordinal", cuts=cuts)
        _count(cohort, label, target)
        return Learned(label, target_words(label, target), target=target)
    values = label_values(workspace(), cohort.name, label)
    title = _("Classes, from low to high") if ordinal else _("Classes")
    names = choose_several(Param.TRAIN_CLASSES, title, values, values, placeholder=_("All values"), help=_ORDER if ordinal else None)
    names = names or values
    if ordinal and names == values and any(label_number(name) is None for name in names):
        st.caption(_("This is the order of the alphabet. Take the classes out and choose them again, from low to high."))
    target = TargetChoice("ordinal" if ordinal else "classes", classes=tuple(names))
    if numbers:
        _count(cohort, label, target)
    return Learned(label, target_words(label, target), target=target)


def _count(cohort: CohortInfo, label: str, target: TargetChoice) -> None:
    """How many people each class has; what is wrong with the classes is said below, where they would be trained on."""
    with suppress(TrainingError):
        counts = class_counts(workspace(), RunRequest("", cohort.name, label, "", "", target=target))
        st.caption(literal(", ".join(f"{name}: {people_words(people)}" for name, people in counts.items())))


_STEPS = _(
    "Numbers apart by commas, such as 7, 20: below 7, from 7 to below 20, and 20 or more are three classes. Left empty, each value is a "
    "class of its own."
)
_ORDER = _("They count in the order in which they stand here: take them out and choose them again to change it.")
