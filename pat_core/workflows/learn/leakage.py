"""Before a training: what would make its test look better than the model is, each in a sentence.

Recordings under several names stand on one side of every split already (`duplicates.same_recording`), weeks that the input check refuses
are left out unless asked for, and the standardizer is fitted on training people. What remains needs a person to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pat_core.cohorts import CohortInfo, Workspace
from pat_core.evaluation import auc, auc_interval
from pat_core.plurals import counted, listed
from pat_core.records import Finding
from pat_core.weights import Model
from pat_core.workflows.read.duplicates import learned_from
from pat_core.workflows.read.worn_days import all_with_days, hours_worn, quality_settings
from pat_core.workflows.week.cohort_weeks import REASONS, refused, unfit_rows
from pat_core.workflows.week.labelled_weeks import RunRequest, what_is_learned

CYCLES = {"C": "2003-2004", "D": "2005-2006", "G": "2011-2012", "H": "2013-2014"}
"""Last letter of the CDC's minute files -> cycle."""
_MINUTE_FILE = re.compile(r"PAX(?:RAW|MIN)_([CDGH])", re.IGNORECASE)
_CYCLE = re.compile(r"(20\d\d)[-\u2013](20\d\d)")
_SEED = re.compile(r"\bseed (\d+)")
_PART = re.compile(r"^(.*\d)(?:[ _.-]+|[ _.-]*(?:day|part|week|visit|session|d|w|v)[ _.-]*)(\d{1,2})$", re.IGNORECASE)
"""Behind a name with a number, another number of its own."""
UNEVEN = 3.0
"""So many times the share of one group is refused as of the other: the recordings differ, and not only the people."""
FEWEST_UNEVEN = 3
FEWEST_BEGINNINGS = 5
"""People of a group, to say when their windows begin."""


def leaks(workspace: Workspace, request: RunRequest, start: Model) -> tuple[Finding, ...]:
    """What to know of the people of a training before it begins; empty where there is nothing to say.

    start: the model that it starts from. TrainingError as `target_of`, where the request means nothing.
    """
    cohort, task = workspace.cohort(request.cohort), what_is_learned(workspace, request)
    number_of = {person.participant: task.number(person.labels.get(task.label)) for person in workspace.people(request.cohort)}
    learned = {who: number for who, number in number_of.items() if number is not None}
    findings = [*_already_seen(workspace, start, cohort, set(learned)), *_pretrained_on(start, cohort)]
    if task.two_classes:
        group_of = {who: task.classes[int(number)] for who, number in learned.items()}
        findings += _uneven_refusals(workspace, request, group_of, task.classes)
        findings += _begins_apart(workspace, request, group_of, task.classes)
    return (*findings, *_few_days(workspace, request, set(learned)), *_parts_of_one(sorted(learned)))


def _already_seen(workspace: Workspace, start: Model, cohort: CohortInfo, people: set[str]) -> Iterator[Finding]:
    again = learned_from(workspace, start, cohort.name) & people
    if again:
        yield _leak(
            "start_has_seen",
            f"{start.name}, from which this training starts, has learned from the recordings of {len(again):,} of these {len(people):,} "
            "people already, under these names or others. Whoever of them is tested was not unseen. Start from its own start, or take "
            "other people.",
            len(again),
        )


def _pretrained_on(start: Model, cohort: CohortInfo) -> Iterator[Finding]:
    """An encoder that was pretrained, without labels, on the people of this cohort."""
    seen = str(start.card.get("pretrained_on", ""))
    known = {f"{first}-{last}" for first, last in _CYCLE.findall(seen)} & set(cycles_of(cohort))
    for cycle in sorted(known):
        other = " Its 21k version has not seen them." if cycle == "2013-2014" else " The paper tests on 2013-14 with the 21k encoders."
        yield _leak(
            "pretrained_on",
            f"The encoder was pretrained on people of NHANES {cycle}, without labels, and this cohort is of that cycle: its test may look "
            f"better than on people whom the encoder has not seen.{other}",
        )
    seed = _SEED.search(cohort.note)
    if cohort.simulated and start.card.get("simulated") and seed and seed[1] in _SEED.findall(seen):
        yield _leak(
            "pretrained_on",
            f"The encoder was pretrained on simulated people with seed {seed[1]}, and these have the same seed: some are the same people. "
            "Simulate others with another seed.",
        )


def cycles_of(cohort: CohortInfo) -> tuple[str, ...]:
    """The NHANES cycles that a cohort's people are from, as "2003-2004"; by the words of its import and the names of its files."""
    words = f"{cohort.source} {cohort.note}"
    by_file = [CYCLES[letter.upper()] for letter in _MINUTE_FILE.findall(words)]
    by_words = [f"{first}-{last}" for first, last in _CYCLE.findall(words)] if "NHANES" in words.upper() else []
    return tuple(dict.fromkeys([*by_words, *by_file]))


def _uneven_refusals(workspace: Workspace, request: RunRequest, group_of: Mapping[str, str], groups: Sequence[str]) -> Iterator[Finding]:
    """Weeks that are refused nearly always in one group: "the device was off" would become the label's cue."""
    unfit = unfit_rows(workspace, request.cohort)
    rows = [row for row in workspace.week_rows(request.cohort) if row.participant in group_of]
    weeks = {group: sum(group_of[row.participant] == group for row in rows) for group in groups}
    refused = {group: sum(group_of[row.participant] == group and row.row in unfit for row in rows) for group in groups}
    most, least = sorted(groups, key=lambda group: -refused[group] / max(weeks[group], 1))
    if refused[most] < FEWEST_UNEVEN or refused[most] * weeks[least] < UNEVEN * refused[least] * weeks[most]:
        return
    codes = [unfit[row.row] for row in rows if row.row in unfit and group_of[row.participant] == most]
    reason = REASONS.get(max(set(codes), key=codes.count), "its values are not activity")
    kept = request.unfit == "keep"
    end = (
        "They stay in, as was asked: the model may learn this in place of what was meant."
        if kept
        else "They are left out, so that the model does not learn this in place of what was meant; who is left may differ from who is not."
    )
    yield _leak(
        "refused_by_group",
        f"The input check refuses {refused[most]:,} of {counted(weeks[most], workspace.cohort(request.cohort).span)} of “{most}”, but "
        f"{refused[least]:,} of {weeks[least]:,} of “{least}” (mostly: {reason}). {end}",
        float(refused[most]),
    )


def _begins_apart(workspace: Workspace, request: RunRequest, group_of: Mapping[str, str], groups: Sequence[str]) -> Iterator[Finding]:
    """Windows that begin at other times of day in one group: a network reads minutes of the window, so it sees when a device was put on."""
    first = {row.participant: row.start for row in reversed(workspace.week_rows(request.cohort)) if row.start is not None}
    who = [name for name in group_of if name in first]
    positive = np.array([group_of[name] == groups[1] for name in who], dtype=bool)
    begins = np.array([60.0 * first[name].hour + first[name].minute for name in who])
    if min(positive.sum(), (~positive).sum()) < FEWEST_BEGINNINGS:
        return
    later = auc(positive, begins) >= 0.5
    apart = auc_interval(positive, begins if later else -begins)
    if apart.low <= 0.5:
        return
    usual = [f"“{group}” {_clock(np.median(begins[positive == (group == groups[1])]))}" for group in groups]
    yield _leak(
        "begins_apart",
        f"Windows begin at other times of day in one group (half of them by: {listed(usual)}), so that this time alone tells the groups "
        f"apart with an AUC of {apart.value:.2f} ({apart.low:.2f} to {apart.high:.2f}). A network sees at which time a window begins, and "
        "may learn when a device was put on in place of what was meant. Import the recordings with weeks from midnight.",
        apart.value,
    )


def _clock(minute: float) -> str:
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def _few_days(workspace: Workspace, request: RunRequest, people: set[str]) -> Iterator[Finding]:
    """Weeks with so few valid days that no answer is given about them. They take part: how wear is judged is a choice of the workspace, and
    the people of a test must not hang on it."""
    unfit = unfit_rows(workspace, request.cohort) if request.unfit == "leave out" else {}
    rows = [row for row in workspace.week_rows(request.cohort) if row.participant in people]
    some = [row.row for row in rows if row.row not in unfit]
    hours = hours_worn(workspace, request.cohort)[some]
    few = sum(refused(days) for days in all_with_days([()] * len(some), hours, quality_settings(workspace)))
    if few:
        have, they, them = ("has", "its person gets", "it") if few == 1 else ("have", "their people get", "them")
        yield _leak(
            "few_days",
            f"{few:,} of {counted(len(some), workspace.cohort(request.cohort).span)} {have} too few valid days, so {they} no answer. A "
            f"model learns from {them} and is tested on {them} all the same, so who takes part does not hang on how wear is judged here.",
            float(few),
        )


def _parts_of_one(people: Sequence[str]) -> Iterator[Finding]:
    """Names such as P01_1, P01_2, P02_1: probably parts of one person's recording, which would stand on both sides of a split."""
    stems: dict[str, list[str]] = {}
    for name in people:
        if match := _PART.match(name):
            stems.setdefault(match[1].rstrip(" _.-").casefold(), []).append(name)
    several = {stem: names for stem, names in stems.items() if len(names) > 1}
    parts = sum(map(len, several.values()))
    if len(several) >= 2 and parts >= 0.8 * len(people):
        example = ", ".join(next(iter(several.values()))[:3])
        yield _leak(
            "parts_of_one",
            f"Names such as {example} look like parts of one person's recording. Each name counts as a person here, so that days of one "
            "person may stand on both sides of a split. If they are parts, import them under one name for each person.",
            float(parts),
        )


def _leak(code: str, message: str, value: float | None = None) -> Finding:
    return Finding(code, "warn", message, value)
