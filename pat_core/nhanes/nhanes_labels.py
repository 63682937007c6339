"""The five labels that PAT was evaluated on (arXiv 2411.15240), out of the CDC's tables, and age and sex.

benzodiazepine, ssri    any such drug among the prescriptions of the past month (RXQ_RX)
depression              PHQ-9 >= 10: the nine questions of DPQ, 0 to 3 each, all of them answered
sleep disorder          ever told of one by a doctor (SLQ060)
sleep abnormality       that, or usually sleeping >= 12 h or <= 5 h on workdays (SLD010H)

What was not asked, refused or not known is missing, never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pat_core.nhanes.transport_files import TransportFile, read_table
from pat_core.plurals import counted

Label = str | float | None
People = dict[int, dict[str, Label]]
LABELS = ("benzodiazepine", "ssri", "depression", "sleep disorder", "sleep abnormality")
YES, NO = "yes", "no"

BENZODIAZEPINES: Mapping[str, str | None] = {
    "alprazolam": "d00168", "chlordiazepoxide": "d00189", "clobazam": None, "clonazepam": "d00197", "clorazepate": None,
    "diazepam": "d00148", "estazolam": "d00915", "flurazepam": "d00238", "halazepam": None, "lorazepam": "d00149", "midazolam": "d00301",
    "oxazepam": "d00040", "prazepam": None, "quazepam": "d00917", "temazepam": "d00384", "triazolam": "d00397",
}  # fmt: skip
SSRIS: Mapping[str, str | None] = {
    "citalopram": "d04332", "escitalopram": "d04812", "fluoxetine": "d00236", "fluvoxamine": "d03804", "paroxetine": "d03157",
    "sertraline": "d00880",
}  # fmt: skip
"""Generic name (RXDDRUG) -> the Multum code of the drug alone (RXDDRGID), where it is known."""
COMBINATIONS: Mapping[str, tuple[str, ...]] = {"d03462": ("amitriptyline", "chlordiazepoxide"), "d04917": ("fluoxetine", "olanzapine")}
_CLASSES = {"benzodiazepine": "benzodiazepines - unspecified", "ssri": "ssri antidepressants - unspecified"}
_NOT_NAMED = {"", "55555", "77777", "99999"}
"""A drug that nobody could identify, whose name was refused, or not known."""
PHQ9 = tuple(f"DPQ0{number}0" for number in range(1, 10))
DEPRESSED_FROM, LONG_SLEEP, SHORT_SLEEP, HOURS_AT_MOST = 10, 12, 5, 24


@dataclass
class Derived:
    """Labels by person, and sentences on what to know of them."""

    people: People = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def put(self, number: float, **labels: Label) -> None:
        self.people.setdefault(int(number), {}).update({name.replace("_", " "): value for name, value in labels.items()})


def derive(tables: Mapping[str, TransportFile]) -> Derived:
    """Labels from the tables that are there: "DEMO", "RXQ_RX", "DPQ", "SLQ" -> file. Raises RecordingError for a damaged one."""
    derived = Derived()
    for name, read in (("DEMO", _demographics), ("RXQ_RX", _prescriptions), ("DPQ", _depression), ("SLQ", _sleep)):
        if name in tables:
            read(tables[name], derived)
    return derived


def _demographics(file: TransportFile, derived: Derived) -> None:
    table = read_table(file, ("SEQN", "RIAGENDR", "RIDAGEYR"))
    for number, sex, age in zip(*table.values(), strict=True):
        derived.put(number, age=None if np.isnan(age) else float(age), sex={1: "male", 2: "female"}.get(sex))


def _prescriptions(file: TransportFile, derived: Derived) -> None:
    """A row a drug; those who take none have one row without a drug."""
    table = read_table(file, ("SEQN", "RXDUSE", "RXDDRUG", "RXDDRGID"))
    taken: dict[int, set[str]] = {}
    answered: dict[int, bool] = {}
    unnamed: set[int] = set()
    against = 0
    for number, use, drug, code in zip(*table.values(), strict=True):
        person, name, code = int(number), str(drug).lower(), str(code).lower()
        answered[person] = answered.get(person, False) or use in (1, 2)
        kinds, contradicted = drug_classes(name, code)
        taken.setdefault(person, set()).update(kinds)
        against += contradicted
        if use == 1 and name in _NOT_NAMED and not code:
            unnamed.add(person)
    for person, known in answered.items():
        for kind in ("benzodiazepine", "ssri"):
            derived.put(person, **{kind: YES if kind in taken[person] else NO if known else None})
    if unnamed:
        derived.notes.append(
            f"{counted(len(unnamed), 'person', 'people')} took a drug that {file.shown} does not name; it counts as neither a "
            "benzodiazepine nor an SSRI."
        )
    if against:
        derived.notes.append(f"In {counted(against, 'row')} of {file.shown} a drug's name and code disagree; the name was used.")


def drug_classes(name: str, code: str) -> tuple[set[str], bool]:
    """Which of "benzodiazepine" and "ssri" a drug is, and whether its name and code contradict one another.

    name: RXDDRUG in small letters, ingredients parted by semicolons; code: RXDDRGID. Where a drug has a name, the name decides.
    """
    tables = {"benzodiazepine": BENZODIAZEPINES, "ssri": SSRIS}
    parts = {part.strip() for part in name.split(";")}
    by_name = {kind for kind, drugs in tables.items() if parts & set(drugs) or name.startswith(_CLASSES[kind])}
    by_code = {kind for kind, drugs in tables.items() if code in drugs.values() or set(COMBINATIONS.get(code, ())) & set(drugs)}
    named = name not in _NOT_NAMED
    return (by_name if named else by_code), named and bool(by_code - by_name)


def _depression(file: TransportFile, derived: Derived) -> None:
    table = read_table(file, ("SEQN", *PHQ9))
    answers = np.stack([table[name] for name in PHQ9], axis=1)
    answered = np.all(np.isin(answers, (0, 1, 2, 3)), axis=1)  # 7 refused, 9 not known
    for number, row, whole in zip(table["SEQN"], answers, answered, strict=True):
        score = float(row.sum()) if whole else None
        derived.put(number, phq9=score, depression=None if score is None else YES if score >= DEPRESSED_FROM else NO)


def _sleep(file: TransportFile, derived: Derived) -> None:
    table = read_table(file, ("SEQN", "SLD010H", "SLQ060"))
    for number, usual, answers in zip(*table.values(), strict=True):
        hours = float(usual) if 0 < usual <= HOURS_AT_MOST else None  # 77 refused, 99 not known
        disorder = {1: YES, 2: NO}.get(answers)
        unusual = None if hours is None else hours >= LONG_SLEEP or hours <= SHORT_SLEEP
        abnormal = YES if disorder == YES or unusual else None if disorder is None or unusual is None else NO
        derived.put(number, sleep_hours=hours, sleep_disorder=disorder, sleep_abnormality=abnormal)
