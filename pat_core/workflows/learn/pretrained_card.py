"""The card of an encoder that was pretrained here: what it learned from, how, how well it rebuilds weeks, and what follows from that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.plurals import counted, listed
from pat_core.records import UNKNOWN_UNIT
from pat_core.training import PretrainSettings
from pat_core.training.target import label_text
from pat_core.weights.catalogue import CITATION
from pat_core.workflows.learn.pretrain_people import PretrainData, PretrainPeople
from pat_core.workflows.learn.rebuilt_weeks import LINE, MEAN_DAY, NETWORK
from pat_core.workflows.models.model_cards import versions
from pat_core.workflows.read.duplicates import CARD, for_card
from pat_core.workflows.week.cohort_weeks import common_device, measured_with

if TYPE_CHECKING:
    from pat_core.training.masked_pretraining import Pretrained

REQUIRED = (
    "name", "first_line", "pretrained_on", "people", "participants", "weeks", "cohort_id", "simulated", "unit", "minutes", "devices",
    "standardized", "groups", "settings", "validation_loss", "hidden_loss", "epochs", "best_epoch", "stopped", "rebuilt", "bias", "risks",
    "limits", "licence", "citation", "versions", CARD,
)  # fmt: skip
"""What every such card holds; one that lacks any of it is not written."""
DESCRIBING = ("age", "sex", "gender")
MANY_VALUES = 12
FEW_PEOPLE = 1000
"""The paper's encoders learned from 21,538 people or more; the fewest of whom a thousand is still far."""


def pretrained_card(workspace: Workspace, data: PretrainData, done: Pretrained, rebuilt: Mapping[str, Any]) -> dict[str, Any]:
    """Raises TrainingError where a field of `REQUIRED` is empty."""
    chosen, request = data.chosen, data.chosen.request
    learned, cohorts = [row for _, row in chosen.rows[chosen.held_out :]], chosen.cohorts
    people, held = chosen.people
    devices = dict(Counter(measured_with(row) or "not known" for row in learned).most_common())
    groups, names = _groups(workspace, chosen), listed([info.name for info in cohorts])
    units = dict.fromkeys(info.unit for info in cohorts)
    simulated = any(info.simulated for info in cohorts)
    card = {
        "name": request.name,
        "first_line": f"Pretrained here on {listed([f'“{info.name}”' for info in cohorts])}. These are not the published PAT weights.",
        "pretrained_on": f"{counted(people, 'person', 'people')} of the {'cohort' if len(cohorts) == 1 else 'cohorts'} {names}",
        "people": people,
        "participants": people,
        "validated_on": held,
        "weeks": len(learned),
        "cohort_id": cohorts[0].id,
        "cohorts_seen": [info.id for info in cohorts],
        "simulated": simulated,
        "unit": next(iter(units)) if len(units) == 1 else UNKNOWN_UNIT,
        "minutes": cohorts[0].minutes,
        "standardized": _standardized(data),
        "device": common_device(learned),
        "devices": devices,
        "groups": groups,
        "settings": done.settings,
        "computed_on": done.computed_on,
        "validation_loss": done.validation_loss,
        "hidden_loss": done.hidden_loss,
        "epochs": done.epochs,
        "best_epoch": done.best_epoch,
        "stopped": done.stopped,
        "rebuilt": dict(rebuilt),
        "bias": _bias(devices, groups),
        "risks": _risks(people, simulated),
        "limits": _limits(rebuilt, request.settings),
        "licence": "as of the recordings that it learned from; research and education only",
        "citation": CITATION,
        "versions": versions(),
        CARD: for_card(data.marks, ["train"] * len(data.marks), {}),
    }
    missing = [name for name in REQUIRED if card.get(name) in (None, "", {}, [])]
    if missing:
        raise TrainingError(f"The card of this encoder lacks {listed(missing)}, so it was not kept. Start the pretraining again.")
    return card


def _standardized(data: PretrainData) -> str:
    """What minutes were compared with before the encoder read them."""
    by = "; ".join(f"{scaler.people:,} people of {info.name}" for scaler, info in zip(data.standardizers, data.chosen.cohorts, strict=True))
    words = f"Each minute less its mean, over its deviation, both of the people it learned from ({by}); small deviations are held up."
    if data.standardizer is None:
        words += " Each cohort was compared with its own people, so no means travel with the encoder: whoever uses it does likewise."
    if data.chosen.request.settings.smoothed:
        words += " Then smoothed (Savitzky-Golay, window 51, order 3), in pretraining alone: who starts from it reads weeks as they are."
    return words


def _groups(workspace: Workspace, chosen: PretrainPeople) -> dict[str, dict[str, int]]:
    """Label of age or sex -> value -> people it learned from, where they are known and few values are."""
    learned = {(number, row.participant) for number, row in chosen.rows[chosen.held_out :]}
    people_with: dict[str, Counter[str]] = {}
    everyone = [(number, person) for number, info in enumerate(chosen.cohorts) for person in workspace.people(info.name)]
    for number, person in everyone:
        if (number, person.participant) in learned:
            for name, value in person.labels.items():
                if name.casefold().replace("_", " ").split(" ")[0] in DESCRIBING:
                    people_with.setdefault(name, Counter())[label_text(value) or "not known"] += 1
    known = {name: dict(counts.most_common()) for name, counts in people_with.items() if len(counts) <= MANY_VALUES}
    return known or {"age and sex": {"not known": len(learned)}}


def _bias(devices: Mapping[str, int], groups: Mapping[str, Mapping[str, int]]) -> str:
    """On whom and what it learned, as far as that is known: what is not in there it has never seen."""
    measured = listed([f"{device} ({count:,})" for device, count in devices.items()])
    people = "; ".join(f"{name}: {listed([f'{value} ({count:,})' for value, count in of.items()])}" for name, of in groups.items())
    return f"Weeks by device: {measured}. People by {people}. What is rare or missing there it has hardly seen or not at all."


def _risks(people: int, simulated: bool) -> str:
    few = (
        f" {counted(people, 'person', 'people')} are few beside the 21,538 of the paper: it may know them rather than movement."
        if people < FEW_PEOPLE
        else ""
    )
    invented = " It learned from simulated weeks, so it may miss what matters in a real one." if simulated else ""
    return f"A model that starts from it inherits what it learned and what it missed.{few}{invented} It is no diagnosis and gives none."


def _limits(rebuilt: Mapping[str, Any], settings: PretrainSettings) -> str:
    """How well hidden minutes were rebuilt on people it had not seen, beside what needs no network, in sentences."""
    error = {way: rebuilt[way]["mse"] for way in (NETWORK, LINE, MEAN_DAY)}
    own = error[NETWORK]
    better = [way for way in (LINE, MEAN_DAY) if error[way]["value"] <= own["value"]]
    verdict = (
        f"So {listed(['a ' + way if way == LINE else 'their ' + way for way in better])} alone does as well or better: it may have learned "
        "little."
        if better
        else "So it does better than either."
    )
    return (
        f"With {100 * settings.mask_ratio:.0f} % of a week hidden, its mean squared error on the hidden minutes of {own['n']:,} people it "
        f"had not seen is {own['value']:.3f} ({own['low']:.3f} to {own['high']:.3f}), in squared standard deviations; that of a straight "
        f"line {error[LINE]['value']:.3f}, of the visible minutes' mean day {error[MEAN_DAY]['value']:.3f}. {verdict}"
    )
