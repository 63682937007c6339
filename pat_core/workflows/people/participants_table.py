"""A cohort's people: as a table, filtered and in order as a reader asked, and what is known of each beside their recording."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pat_core.cohorts import CohortInfo, Workspace
from pat_core.cohorts.cohort_records import REVIEW_STATES
from pat_core.evaluation import correct_logit, sigmoid
from pat_core.records import StandardizeBy
from pat_core.workflows.models.answers import BY_RANK, USUAL, Wish
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import PredictedWeek, known_predictions
from pat_core.workflows.models.similar_scores import shown_probability
from pat_core.workflows.models.standardizer_choice import standardizers_offered
from pat_core.workflows.read.worn_days import as_column, days_of, days_there, hours_worn, off_shares, quality_settings
from pat_core.workflows.week.cohort_weeks import first_weeks
from pat_core.workflows.week.label_kinds import NOT_TARGETS
from pat_core.workflows.week.labelled_weeks import label_text


def usual_standardizer(entry: ModelEntry, cohort: CohortInfo) -> StandardizeBy:
    """The model's own standardizer where its file has one that reads windows as long as the cohort's, else the cohort's."""
    return standardizers_offered(entry.card, cohort.lengths)[0]


def predictions_missing(workspace: Workspace, entry: ModelEntry, cohort: str, standardize_by: StandardizeBy) -> int:
    """Weeks of a cohort that this model has not predicted yet as they are read today."""
    info = workspace.cohort(cohort)
    if entry.sha256 is None:  # its file is not here
        return info.weeks
    marked = workspace.week_rows(cohort) if info.marks else ()  # without any mark, the stored predictions can be counted alone
    return info.weeks - len(known_predictions(workspace, entry.sha256, cohort, standardize_by, marked))


def participants_table(
    workspace: Workspace,
    cohort: str,
    predicted: Sequence[PredictedWeek],
    label: str | None = None,
    hours: np.ndarray | None = None,
    wish: Wish = USUAL,
) -> pd.DataFrame:
    """A row a person, by their first week: the answer in percent with its interval, quality, wear, label, weeks, and further figures.

    Columns: Participant, Answer, Low, High, Answer is (of an `Answer`), Quality, Valid days, Days (of the window), Not worn, Part in
    training, Review (one of `REVIEW_STATES`), Weeks, the label's name where one is given, Score (logit), Scored lower, Tested (see
    `BesideTest`), Probability (the model's own, corrected where a prevalence is known or stated), Held out, Percentages supported (which
    ways to state one, or "none"). Where somebody has several fit windows also the answer of all of them together, by the mean of their
    logits: All answer, All low, All high, All score, All scored lower.
    hours: (weeks, days) of wear of the whole cohort (see `worn_days.hours_worn`), counted by the workspace's settings unless given.
    wish: how the reader wants answers. Shares are in percent, empty where the answer is withheld. Held out:
    the probability from a model that had not seen this person, where the week is read as it was then; the column is left out where nobody
    has one.
    """
    people = {person.participant: person for person in workspace.people(cohort)}
    settings = quality_settings(workspace)
    hours = hours_worn(workspace, cohort, settings) if hours is None else hours
    days, off = days_of(hours, settings), off_shares(workspace, cohort, hours, settings)
    of_week, there = {item.row.row: item for item in predicted}, days_there(hours)
    items = [of_week[row.row] for row in first_weeks([item.row for item in predicted])]
    shown = [people[item.row.participant] for item in items]
    quality = [quality_words(item) for item in items]
    answers, reviews = [item.answer(wish) for item in items], workspace.reviews(cohort)
    columns: dict[str, pd.Series] = {
        "Participant": pd.Series([person.participant for person in shown], dtype=object),
        "Answer": pd.Series([_in_percent(answer.share if answer else None) for answer in answers], dtype=float),
        "Low": pd.Series([_in_percent(answer.low if answer else None) for answer in answers], dtype=float),
        "High": pd.Series([_in_percent(answer.high if answer else None) for answer in answers], dtype=float),
        "Answer is": pd.Series([answer.what if answer else "" for answer in answers], dtype=object),
        "Quality": pd.Series(quality, dtype=object),
        "Valid days": as_column(np.array([days[item.row.row] for item in items])),
        "Days": pd.Series([there[item.row.row] for item in items], dtype=int),
        "Not worn": pd.Series([100 * off[item.row.row] for item in items], dtype=float),
        "Part in training": pd.Series([item.split or "none" for item in items], dtype=object),
        "Review": pd.Series([reviews[name].state if (name := person.participant) in reviews else NEW for person in shown], dtype=object),
        "Weeks": pd.Series([person.weeks for person in shown], dtype=int),
    }
    if label:
        columns[label] = pd.Series([label_text(person.labels.get(label)) for person in shown], dtype=object)
    fit = [None if item.refused else item for item in items]
    columns["Score"] = pd.Series([item and item.prediction.logit for item in fit], dtype=float)
    columns["Scored lower"] = pd.Series([item and item.beside.below for item in fit], dtype="Int64")
    columns["Tested"] = pd.Series([item and item.beside.tested for item in fit], dtype="Int64")
    columns["Probability"] = pd.Series([_in_percent(None if item is None else _own(item, wish)) for item in fit], dtype=float)
    columns["Held out"] = pd.Series([_in_percent(None if item is None else item.held_out) for item in fit], dtype=float)
    columns["Percentages supported"] = pd.Series([_supported(item) for item in fit], dtype=object)
    table = pd.DataFrame(columns | _of_all_windows(items, wish))
    return table.drop(columns=["Held out"] if items and table["Held out"].isna().all() else [])


OF_ALL = {"All answer": "Answer", "All low": "Low", "All high": "High", "All score": "Score", "All scored lower": "Scored lower"}
"""Column of all windows of a person together -> that of the first one."""


def _of_all_windows(items: Sequence[PredictedWeek], wish: Wish) -> dict[str, pd.Series]:
    """Columns of people with several windows, who are read together; {} where nobody has several."""
    pooled = [item.pooled for item in items]
    if not any(pooled):
        return {}
    answers = [None if one is None else one.answer(wish) for one in pooled]
    return {
        "All answer": pd.Series([_in_percent(answer.share if answer else None) for answer in answers], dtype=float),
        "All low": pd.Series([_in_percent(answer.low if answer else None) for answer in answers], dtype=float),
        "All high": pd.Series([_in_percent(answer.high if answer else None) for answer in answers], dtype=float),
        "All score": pd.Series([one and one.prediction.logit for one in pooled], dtype=float),
        "All scored lower": pd.Series([one and one.beside.below for one in pooled], dtype="Int64"),
    }


def _in_percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 6)


def _own(item: PredictedWeek, wish: Wish) -> float:
    """The model's own probability, whether or not it may be shown."""
    if wish.prevalence is None:
        return shown_probability(item.prediction)
    return float(sigmoid(correct_logit(item.prediction.logit, wish.prevalence)))


def _supported(item: PredictedWeek | None) -> str:
    """Which ways to state a percentage the model's test bears out."""
    return "" if item is None else ", ".join(way for way in item.beside.ways() if way != BY_RANK) or "none"


OF_THE_PERSON = ("other_group", "not_worn")
"""Codes of cautions that hold of one person; the others stand once over the list, or in a column of their own."""


def quality_words(item: PredictedWeek) -> str:
    """What was found in a week, and whether the model knows the person's group, in a few words."""
    if item.refused:
        few = any(finding.code == "few_days" for finding in item.findings)
        return "Too few valid days" if few else "Not fit for the model"
    warned = sum(finding.severity == "warn" for finding in item.findings)
    warned += sum(caution.code in OF_THE_PERSON for caution in item.cautions)
    return f"{warned} {'thing' if warned == 1 else 'things'} to know" if warned else "Nothing found"


def label_columns(workspace: Workspace, cohort: str, most_values: int = 12) -> list[str]:
    """Labels of a cohort with 2 to `most_values` different values: those that can be a target or a filter."""
    people = workspace.people(cohort)
    columns: dict[str, set[str]] = {}
    for person in people:
        for name, value in person.labels.items():
            if value not in (None, "") and name not in NOT_TARGETS:
                columns.setdefault(name, set()).add(label_text(value))
    return [name for name, values in columns.items() if 2 <= len(values) <= most_values]


OUTCOMES = (
    "diagnos", "condition", "disorder", "disease", "status", "outcome", "group", "case", "class", "phq", "madrs", "hamd", "bdi",
    "gad", "cgi", "depress", "schizo", "adhd", "psychosis", "medication", "score", "label", "target", "afftype",
)  # fmt: skip
"""Parts of a label's name by which it can tell what a model was asked: it waits with the outcome."""
FIRST = ("age", "sex", "gender")
MOST = 6
"""Labels in the head; a table of fifty is none."""
LONGEST = 40


@dataclass(frozen=True)
class OwnLabels:
    """shown: name -> value, to stand in the head. outcome: what the model was trained to tell, and what may give it away."""

    shown: dict[str, str]
    outcome: dict[str, str]


def given_to_one_side(people: Iterable[Mapping[str, Any]], target: str) -> frozenset[str]:
    """Labels that only people of some outcomes have a value of: merely to see one gives the outcome away. people: the labels of each person
    of a cohort. target: the label of the outcome."""
    outcomes: set[str] = set()
    having: dict[str, set[str]] = {}
    for labels in people:
        outcome = label_text(labels.get(target))
        outcomes.add(outcome)
        for name, value in labels.items():
            if label_text(value):
                having.setdefault(name, set()).add(outcome)
    outcomes.discard("")
    return frozenset(name for name, some in having.items() if not outcomes <= some)


def own_labels(labels: Mapping[str, Any], card: Mapping[str, Any], one_sided: Collection[str] = ()) -> OwnLabels:
    """A person's labels for the head of their page, age and sex first; card: of the model that answers. one_sided: see
    `given_to_one_side`."""
    known = {name: _cut(text) for name, value in labels.items() if name not in NOT_TARGETS and (text := label_text(value))}
    target = str(card.get("label") or "")
    hidden = {name for name in known if name == target or name in one_sided or any(part in name.casefold() for part in OUTCOMES)}
    ordered = sorted((name for name in known if name not in hidden), key=_place)
    outcome = sorted(hidden, key=lambda name: name != target)
    return OwnLabels({name: known[name] for name in ordered[:MOST]}, {name: known[name] for name in outcome})


def _place(name: str) -> int:
    plain = name.casefold()
    return next((number for number, word in enumerate(FIRST) if plain == word or plain.startswith(f"{word} ")), len(FIRST))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"


NEW = REVIEW_STATES[0]
ALL = (0, 100)
ORDERS = {
    "": ("In order of import", "", True),
    "answer": ("Answer, high to low", "Answer", False),
    "-answer": ("Answer, low to high", "Answer", True),
    "participant": ("Participant, A to Z", "Participant", True),
    "-participant": ("Participant, Z to A", "Participant", False),
    "quality": ("Quality, most things to know first", "Quality", False),
    "-quality": ("Quality, nothing found first", "Quality", True),
    "days": ("Valid days, most first", "Valid days", False),
    "-days": ("Valid days, fewest first", "Valid days", True),
    "off": ("Not worn, most first", "Not worn", False),
    "-off": ("Not worn, least first", "Not worn", True),
    "training": ("Part in training, A to Z", "Part in training", True),
    "-training": ("Part in training, Z to A", "Part in training", False),
    "review": ("Review, A to Z", "Review", True),
    "-review": ("Review, Z to A", "Review", False),
    "label": ("Label, A to Z", "", True),
    "-label": ("Label, Z to A", "", False),
}
"""Word of the address -> what a reader is told, the column of `participants_table`, and whether it ascends. "": no column, the cohort's
own order; of "label" it is the label that is shown."""

SEVERITY = {"Not fit for the model": 99, "Too few valid days": 98, "Nothing found": 0}


@dataclass(frozen=True)
class Listing:
    """Which people, in which order. find: part of an identifier. quality, only, review: values let through, () all. between: percent.

    days: at least so many valid ones. label: whose values `only` are. order: a key of ORDERS.
    """

    find: str = ""
    quality: tuple[str, ...] = ()
    between: tuple[int, int] = ALL
    days: int = 0
    label: str | None = None
    only: tuple[str, ...] = ()
    order: str = ""
    review: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered or sorted at all."""
        return bool(self.find.strip() or self.quality or self.between != ALL or self.days or self.only or self.order or self.review)

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of `participants_table` that fit, in order. People whose week is unfit have no answer: they show while all answers are
        asked for, and come last where the answers sort; so do others of whom a figure is not known."""
        matches = table["Participant"].str.contains(self.find.strip(), case=False, regex=False)
        if self.label in table and self.only:
            matches &= table[self.label].isin(self.only)
        if self.review:
            matches &= table["Review"].isin(self.review)
        if self.quality:
            matches &= table["Quality"].isin(self.quality)
        if self.days:
            matches &= (table["Valid days"] >= self.days).fillna(False).astype(bool)
        if self.between != ALL and table["Answer"].notna().any():  # scores alone have no range of 100
            matches &= table["Answer"].round().between(*self.between)
        return self._sorted(table[matches])

    def _sorted(self, table: pd.DataFrame) -> pd.DataFrame:
        _, figure, ascending = ORDERS.get(self.order, ORDERS[""])
        column = self.label if self.order.removeprefix("-") == "label" else figure
        if column == "Answer" and table["Answer"].isna().all():  # no model of a test: the score alone
            column = "Score"
        if not column or column not in table:
            return table
        key = (lambda values: values.map(severity)) if column == "Quality" else _natural
        return table.sort_values(column, ascending=ascending, kind="stable", na_position="last", key=key)

    def words(self) -> str:
        """What was asked for, in a line: "late wake is planted; sorted by answer, high to low"; "" where it is everyone."""
        filters = [f"“{self.find.strip()}” in the name"] if self.find.strip() else []
        filters += [f"{self.label} is {' or '.join(self.only)}"] if self.only else []
        filters += [" or ".join(self.quality).lower()] if self.quality else []
        filters += [" or ".join(self.review)] if self.review else []
        filters += [f"{self.between[0]} to {self.between[1]} of 100"] if self.between != ALL else []
        filters += [f"{self.days} valid days or more"] if self.days else []
        filters += [f"sorted by {ORDERS[self.order][0].lower()}"] if self.order else []
        return "; ".join(filters)


def _natural(values: pd.Series) -> pd.Series:
    """Text so that numbers in it sort by size (p2 before p10), whatever the case; numbers as they are."""
    if values.dtype != object and not pd.api.types.is_string_dtype(values):
        return values
    return values.map(lambda text: re.sub(r"\d+", lambda digits: digits[0].zfill(12), str(text).casefold()), na_action="ignore")


def severity(words: object) -> int:
    """How much there is to know by the words of `participants_table.quality_words`, for sorting."""
    text = str(words)
    return SEVERITY[text] if text in SEVERITY else int(text.split()[0])
