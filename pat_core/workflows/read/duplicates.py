"""One recording under several names: in a cohort, in another cohort, and among what a model learned from.

Weeks are compared by their traces (`recordings.duplicate_minutes`): marks of their content, which names, dates and lengths do not change.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.recordings.duplicate_minutes import MOST_ALIKE, NONE, TRACE, overlapping, trace
from pat_core.weights import Model

VERSION = 1
COMPARED = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])
LEARNED_FROM = ("train", "validation")
"""Parts of a split whose people a model owes something to."""
CARD, KEPT, BYTES, ENOUGH = "traces", 4, 5, 2
"""A model's card holds, for each week it learned from, so many marks of so many bytes; a week that bears ENOUGH of them is that week."""
_MASK = np.uint64(2 ** (8 * BYTES) - 1)
_NAMED = 6


def traces(workspace: Workspace, cohort: str) -> np.ndarray:
    """(weeks, TRACE) uint64, the trace of every week as it came in."""
    return _compared(workspace, cohort)["traces"]


def same_recording(workspace: Workspace, cohort: str) -> dict[str, str]:
    """Names under which there is a recording that the cohort has under other names too -> the first of these names."""
    first = _compared(workspace, cohort)["first"]
    if (first == np.arange(len(first))).all():
        return {}
    rows = workspace.week_rows(cohort)
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(rows[first[row.row]].participant, set()).add(row.participant)
    return {name: leader for leader, names in groups.items() if len(names) > 1 for name in names}


def among(same: Mapping[str, str], people: Sequence[str]) -> dict[str, str]:
    """What `same_recording` says of these people alone: each name that has another one among them -> the first of those."""
    groups: dict[str, list[str]] = {}
    for person in dict.fromkeys(people):
        if person in same:
            groups.setdefault(same[person], []).append(person)
    return {name: names[0] for names in groups.values() if len(names) > 1 for name in names}


def together_words(copies: Sequence[Sequence[str]]) -> str:
    """What a split does with recordings that are there under several names, in a sentence; "" where there are none."""
    if not copies:
        return ""
    shown = "; ".join(_listed(names) for names in copies[:5])
    more = f"; and {len(copies) - 5:,} more recordings" if len(copies) > 5 else ""
    return (
        f"The same recording under several names: {shown}{more}. The names of one recording count as one person and stand on one side, "
        "so that nobody is tested on a week that was trained on."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")


def together_count(copies: Sequence[Sequence[str]]) -> str:
    """As `together_words`, without a name, for what is kept of a run; "" where there are none."""
    if not copies:
        return ""
    names = sum(map(len, copies))
    return f"{names:,} names stood for {len(copies):,} {'recording' if len(copies) == 1 else 'recordings'}: each counted once, on one side."


def elsewhere(workspace: Workspace, cohort: str) -> list[str]:
    """Sentences on people of this cohort whose recordings other cohorts of the workspace hold under other names."""
    own, rows = traces(workspace, cohort), workspace.week_rows(cohort)
    sentences = []
    for other in workspace.cohorts():
        if other.name == cohort:
            continue
        theirs = workspace.week_rows(other.name)
        matches = _weeks_with(own, few_marks(workspace, other.name, range(len(theirs))))
        names: dict[str, set[str]] = {}
        for row, week in matches:
            names.setdefault(rows[row].participant, set()).add(theirs[week].participant)
        renamed = [name for name, others in names.items() if name not in others]
        if renamed:
            sentences.append(
                f"The cohort “{other.name}” holds the same recording under another name for {len(renamed):,} of these people: "
                f"{_listed(renamed)}. Where a model was trained on one of the two, its answer about the other is no test of it."
            )
    return sentences


def few_marks(workspace: Workspace, cohort: str, rows: Iterable[int]) -> np.ndarray:
    """(rows, KEPT) uint64: some short marks of each of these weeks, without those that many weeks bear."""
    everybody = traces(workspace, cohort)
    marks, many = np.unique(everybody[everybody != NONE], return_counts=True)
    chosen = everybody[list(rows)]
    return _short(np.sort(np.where(np.isin(chosen, marks[many > MOST_ALIKE]), NONE, chosen), axis=1)[:, :KEPT])


def for_card(traces: np.ndarray, parts: Iterable[str], before: Mapping[str, object]) -> str:
    """What a model's card keeps of the weeks that it learned from, with what the card of the model it started from holds.

    traces: `few_marks` of a run's weeks; parts: theirs, in the same order."""
    learned = traces[[part in LEARNED_FROM for part in parts]]
    return _packed(np.unique(np.concatenate([_of_card(before), learned]), axis=0))


def learned_from(workspace: Workspace, model: Model, cohort: str) -> set[str]:
    """People of this cohort who have a week that the model learned from, under whatever name and in whatever cohort."""
    known = _of_card(model.card)
    if not len(known):
        known = _of_run(workspace, model)
    if not len(known):
        return set()
    rows = workspace.week_rows(cohort)
    return {rows[row].participant for row, _ in _weeks_with(traces(workspace, cohort), known)}


def learned_weeks(model: Model, weeks: np.ndarray) -> np.ndarray:
    """(weeks,) bool: which weeks (weeks, minutes) of activity the model learned from, by their content and what its card holds."""
    known = _of_card(model.card)
    learned = np.zeros(len(weeks), bool)
    if len(known) and len(weeks):
        learned[[row for row, _ in _weeks_with(np.stack([trace(week) for week in weeks]), known)]] = True
    return learned


def remembers(model: Model) -> bool:
    """Whether the model's card holds marks of the weeks it learned from."""
    return len(_of_card(model.card)) > 0


def _compared(workspace: Workspace, cohort: str) -> dict[str, np.ndarray]:
    """traces, and first: (weeks,) the row of the first person who has some of the same minutes. Kept: they depend on the weeks alone."""

    def make() -> dict[str, np.ndarray]:
        weeks = workspace.weeks_array(cohort, as_imported=True)
        traces = np.stack([trace(week) for week in weeks]) if len(weeks) else np.empty((0, TRACE), np.uint64)
        rows_of: dict[str, list[int]] = {}
        for row in workspace.week_rows(cohort):
            rows_of.setdefault(row.participant, []).append(row.row)
        of_people = list(rows_of.values())
        first = np.arange(len(traces))
        for group in overlapping([traces[rows] for rows in of_people]):
            for person in group:
                first[of_people[person]] = of_people[group[0]][0]
        return {"traces": traces, "first": first}

    question = Question("traces of weeks", {"cohort": workspace.cohort(cohort).as_imported, "traces": VERSION})
    return workspace.remember(question, make, COMPARED)


def _of_run(workspace: Workspace, model: Model) -> np.ndarray:
    """(weeks, KEPT) of the people in the run that made a model whose card does not hold them; none where it is gone."""
    here = {cohort.id: cohort.name for cohort in workspace.cohorts()}
    for run in workspace.runs():
        split = run.folder / "split.json"
        if (run.result or {}).get("model_sha256") == model.sha256 and run.cohort_id in here and split.exists():
            parts, name = json.loads(split.read_text()), here[run.cohort_id]
            rows = [row.row for row in workspace.week_rows(name) if parts.get(row.participant) in LEARNED_FROM]
            return few_marks(workspace, name, rows)
    return _nothing()


def _short(marks: np.ndarray) -> np.ndarray:
    """The marks in the few bytes that a card keeps of each; 0 for none. The lowest bits are 0 and the highest small: neither are kept."""
    return np.where(marks == NONE, np.uint64(0), (marks >> np.uint64(4)) & _MASK)


def _weeks_with(own: np.ndarray, known: np.ndarray) -> set[tuple[int, int]]:
    """(row of `own`, row of `known`) that bear ENOUGH of the same marks. own: (n, TRACE) traces; known: (m, KEPT) short ones."""
    order = np.argsort(known, axis=None, kind="stable")
    marks, week = known.ravel()[order], order // KEPT
    short = _short(own)
    low, high = np.searchsorted(marks, short, "left"), np.searchsorted(marks, short, "right")
    row, column = np.nonzero((high > low) & (short != 0))
    many = (high - low)[row, column]
    at = np.repeat(low[row, column], many) + np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    pairs, times = np.unique(np.stack([np.repeat(row, many), week[at]], axis=1), axis=0, return_counts=True)
    return {(int(mine), int(other)) for mine, other in pairs[times >= ENOUGH]}


def _packed(known: np.ndarray) -> str:
    """(weeks, KEPT) short marks as text, for JSON."""
    plain = np.ascontiguousarray(known, "<u8").view(np.uint8).reshape(len(known), KEPT, 8)[:, :, :BYTES]
    return base64.b64encode(plain.tobytes()).decode()


def _of_card(card: Mapping[str, object]) -> np.ndarray:
    """(weeks, KEPT) short marks of a card; none where it has none, or something else stands there."""
    try:
        plain = base64.b64decode(str(card.get(CARD, "")), validate=True)
    except (binascii.Error, ValueError):
        return _nothing()
    if not plain or len(plain) % (KEPT * BYTES):
        return _nothing()
    whole = np.zeros((len(plain) // BYTES, 8), np.uint8)
    whole[:, :BYTES] = np.frombuffer(plain, np.uint8).reshape(-1, BYTES)
    return whole.view("<u8").astype(np.uint64).reshape(-1, KEPT)


def _nothing() -> np.ndarray:
    return np.empty((0, KEPT), np.uint64)
