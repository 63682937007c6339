"""A workspace in which everything that has a name tries to be more than one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pat_core.cohorts import CohortInfo, Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.records import COUNTS, Refusal, Week
from pat_core.simulate import simulate
from pat_core.weeks import report
from pat_core.weights.safetensors_file import save
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.people.demo import MODEL, ensure_demo

COHORT = "![forged](http://elsewhere.example/c.png) **forged** :red[forged]"
RUN = "[forged](//elsewhere.example/r) :material/home: forged"
PEOPLE = (
    "![forged](http://elsewhere.example/p.png)", "# forged [a](http://elsewhere.example)", "<img src=http://elsewhere.example/i> forged",
    "www.elsewhere.example/forged", "http://elsewhere.example/forged", "forged@elsewhere.example",
)  # fmt: skip
LABEL = "<a href='http://elsewhere.example/l'>forged</a>"
NAMED = "<http://elsewhere.example/forged> forged"
NOTE = "# forged\n\n![forged](http://elsewhere.example/n.png) [forged](http://elsewhere.example/n) $forged$"


@dataclass(frozen=True)
class Made:
    cohort: CohortInfo
    model: str


def fill(space: Workspace, folder: Path) -> Made:
    """People, labels, refusals, a model with its card, and a run, all with such names. Undone by `clear`."""
    ensure_demo(space)
    made = simulate(len(PEOPLE), 5, prevalence=0.5)
    weeks = [
        Week(person, 0, values, None, False, COUNTS, NOTE, "start", report(values, COUNTS))
        for person, values in zip(PEOPLE, made.weeks, strict=True)
    ]
    labels = {person: {LABEL: NAMED if number % 2 else f"not {NAMED}"} for number, person in enumerate(PEOPLE)}
    cohort = space.create_cohort(COHORT, weeks, labels, [Refusal(PEOPLE[0], NOTE)], origin=Origin(source=NOTE, note=NOTE))
    start = resolve(space, MODEL)
    told = dict.fromkeys(("first_line", "warning", "note", "licence", "citation", "pretrained_on", "started_from", "device"), NOTE)
    told |= {"label": LABEL, "positive": NAMED, "negative": NAMED, "cohort": COHORT, "prevalence": 0.5, "provenance": NOTE}
    card = dict(start.card) | told
    file = folder / "forged.safetensors"
    save(file, start.network, has_head=True, standardizer=start.standardizer, card=card, name=NAMED, origin="published")
    model = add_model(space, file, NAMED).name
    asked = {"name": RUN, "cohort": COHORT, "weeks": "first", "label": LABEL, "positive": NAMED, "negative": None, "model": model}
    space.create_run(RUN, COHORT, asked)
    auc = {"value": 0.6, "low": 0.5, "high": 0.7, "n": 6}
    space.update_run(RUN, state="done", result={"test": {"auc": auc, "how": NOTE}, "label": LABEL, "positive": NAMED}, note=NOTE)
    return Made(cohort, model)


def clear(space: Workspace, made: Made) -> None:
    space.delete_run(RUN)
    space.delete_model(made.model)
    space.delete_cohort(made.cohort.name)
