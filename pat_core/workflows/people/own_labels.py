"""What is known of a person beside their recording, for the head of their page: their own labels, and the outcome apart from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pat_core.workflows.people.participants_table import NOT_TARGETS
from pat_core.workflows.week.labelled_weeks import label_text

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


def given_to_one_side(people: Iterable[Mapping[str, Any]], asked: str) -> frozenset[str]:
    """Labels that only people of some outcomes have a value of: merely to see one gives the outcome away. people: the labels of each person
    of a cohort. asked: the label of the outcome."""
    outcomes: set[str] = set()
    having: dict[str, set[str]] = {}
    for labels in people:
        outcome = label_text(labels.get(asked))
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
    asked = str(card.get("label") or "")
    hidden = {name for name in known if name == asked or name in one_sided or any(part in name.casefold() for part in OUTCOMES)}
    ordered = sorted((name for name in known if name not in hidden), key=_place)
    outcome = sorted(hidden, key=lambda name: name != asked)
    return OwnLabels({name: known[name] for name in ordered[:MOST]}, {name: known[name] for name in outcome})


def _place(name: str) -> int:
    said = name.casefold()
    return next((number for number, word in enumerate(FIRST) if said == word or said.startswith(f"{word} ")), len(FIRST))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"
