"""A file may not vouch for itself: what a weight file that somebody brought says of where it comes from stands as a claim."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pat_core.records import COUNTS, MG, MIMS, STEPS
from pat_core.weights.bundle import Model
from pat_core.weights.catalogue import CATALOGUE

LONGEST, LONGEST_WORD, MOST_SEEN = 500, 200, 100

UNKNOWN_ORIGIN = (
    "This model was added from a file, and what a file says of itself is not believed: from whom its encoder learned is not known here. "
    "It may have seen the very people it is asked about."
)
SEEN_2013 = "It says that it comes from an encoder that has seen NHANES 2013-14 people: do not evaluate on them."

TITLES = {
    "name": "Name", "origin": "Where from", "provenance": "How it is known", "first_line": "First line", "started_from": "Started from",
    "pretrained_on": "Pretrained on", "participants": "People in pretraining", "cohort": "Fine-tuned on", "people": "People",
    "simulated": "Learned from simulated weeks", "test": "Test", "licence": "Licence", "citation": "Citation", "note": "Note",
}  # fmt: skip
"""Field of a card -> what it is called where it stands as a claim."""

_OF_29K = re.compile(r"PAT[-_ ]?[A-Z]*[-_ ]?29k|29[ ,.]?307|2013[-\u2010-\u2014/ ]+(20)?14", re.IGNORECASE)
_UNITS = (COUNTS, MIMS, MG, STEPS)


def as_added(model: Model, file_name: str) -> Model:
    """The model of a file that somebody brought, as what it is: added. file_name: what the file was called.

    What the network needs to be used is kept (shapes, standardizer, what its head tells apart), and so is whatever speaks against the
    model. All that speaks for it becomes `card["claims"]`: [title, words] each.
    """
    stated = model.card
    what, headless = ("classifier", "") if model.has_head else ("encoder", " It has no head yet.")
    claimed = {name: _text(stated[name], LONGEST_WORD) for name in ("label", "positive", "negative", "device") if stated.get(name)}
    card: dict[str, Any] = {
        "name": Path(file_name).stem,
        "first_line": f"A {model.config.size} {model.config.embedding} {what}, added from a file.{headless}",
        "provenance": f"added from {file_name}; of what it says about itself only its shapes were checked",
        "warning": " ".join(_warnings(model, file_name)),
        "claims": claims(model),
        "cohorts_seen": _seen(stated),
    }
    prevalence = stated.get("prevalence")
    if isinstance(prevalence, float) and math.isfinite(prevalence) and 0 < prevalence < 1:
        card["prevalence"] = prevalence
    shares = stated.get("prevalences")
    if isinstance(shares, list) and all(isinstance(share, float) and 0 < share < 1 for share in shares):
        card["prevalences"] = shares
    if stated.get("unit") in _UNITS:
        card["unit"] = stated["unit"]
    if stated.get("simulated"):
        card["simulated"] = True
    if isinstance(stated.get("traces"), str):  # of the weeks it learned from: whoever has one of them is told so
        card["traces"] = stated["traces"]
    return replace(model, name=card["name"], origin="own", card=card | claimed)


def claims(model: Model) -> list[list[str]]:
    """What the file says of itself, as [title, words], long words cut."""
    card = {"name": model.name, "origin": model.origin, **model.card, "test": _test(model.card.get("test"))}
    return [[title, _text(card[name], LONGEST)] for name, title in TITLES.items() if card.get(name) not in (None, "", [], {})]


def _warnings(model: Model, file_name: str) -> list[str]:
    card = model.card
    about = " ".join(_text(card.get(name), LONGEST) for name in (*TITLES, "warning")) + f" {model.name} {file_name}"
    own = _text(card.get("warning"), LONGEST)
    warnings = [UNKNOWN_ORIGIN]
    if _OF_29K.search(about):
        warnings.append(SEEN_2013)
    if own and own not in {published.warning for published in CATALOGUE.values()}:
        warnings.append(f"Its file warns: {own}")
    return warnings


def _test(test: object) -> str:
    """What a file says of its test, in words; "" where it says nothing that reads as one."""
    auc = test.get("auc") if isinstance(test, Mapping) else None
    if not isinstance(auc, Mapping):
        return ""
    number = [auc.get(name) for name in ("value", "low", "high")]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1 for value in number):
        return ""
    return f"AUC {number[0]:.2f} ({number[1]:.2f} to {number[2]:.2f}) on {_text(auc.get('n', 'an unknown number of'), 20)} people"


def _seen(card: Mapping[str, Any]) -> list[str]:
    """Cohorts that it says it has seen: whoever is among their people is told so."""
    stated = card.get("cohorts_seen")
    cohorts = [*(stated if isinstance(stated, list) else ()), card.get("cohort_id")]
    return list(dict.fromkeys(cohort for cohort in cohorts[:MOST_SEEN] if isinstance(cohort, str) and 0 < len(cohort) <= LONGEST_WORD))


def _text(value: object, most: int) -> str:
    """A value in one line of at most so many characters; a flag as yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    line = "" if value is None else " ".join(str(value).encode("utf-8", "replace").decode().split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
