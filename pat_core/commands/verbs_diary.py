"""What the verb `diary` does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pat_core.commands.verbs import Answer, workspace_of
from pat_core.plurals import counted
from pat_core.progress import Progress

ROLES = ("participant", "date", "bed", "lights_out", "asleep", "awake", "rise", "latency", "waso", "naps")


def diary(chosen: Namespace, progress: Progress) -> Answer:
    """Brings a diary, takes one back, writes the nights beside the estimates, or lists what diaries there are."""
    if chosen.path is not None:
        return _bring(chosen)
    if chosen.take_back:
        return _take_back(chosen)
    workspace = workspace_of(chosen)
    if chosen.out:
        from pat_core.reports.sleep.diary_tables import write_diary

        nights = write_diary(workspace, chosen.cohort, chosen.out, chosen.score)
        return Answer({"nights": nights, "out": chosen.out}, f"{counted(nights, 'night')} of the diary written to {chosen.out}.")
    diaries = workspace.diaries(chosen.cohort)
    lines = [
        f"{one.id}: {counted(one.nights, 'night')} of {counted(one.people, 'person', 'people')}, from {one.file}, by {one.who}, "
        f"{one.created:%Y-%m-%d %H:%M}" + ("" if one.in_force else f". Taken back by {one.undone_by}, {one.undone:%Y-%m-%d %H:%M}")
        for one in diaries
    ]
    return Answer({"diaries": [asdict(one) for one in diaries]}, "\n".join(lines) or f"There is no sleep diary in {chosen.cohort!r}.")


def _bring(chosen: Namespace) -> Answer:
    from pat_core.errors import RecordingError
    from pat_core.recordings.source import file_source
    from pat_core.reports.sleep.diary_tables import plan_words
    from pat_core.workflows.people.diary_import import DiaryOptions, keep_diary, plan_diary

    if not chosen.path.is_file():
        raise RecordingError(f"There is no file {chosen.path}. Check the name and the folder.")
    workspace = workspace_of(chosen)
    options = DiaryOptions(dict(chosen.column or ()), chosen.date_of, chosen.participant, chosen.replace)
    plan = plan_diary(workspace, chosen.cohort, file_source(chosen.path), options)
    refused = [f"{refusal.what}: {refusal.reason}" for refusal in plan.refused]
    kept = keep_diary(workspace, plan, who=chosen.by) if plan.nights and not chosen.look else None
    people = counted(plan.people, "person", "people")
    head = f"{counted(len(plan.nights), 'night')} of {people} {'kept in' if kept else 'would be kept in'} {chosen.cohort!r}."
    lines = [head if plan.nights else "No night was kept.", *plan_words(plan)]
    lines += [f"{counted(len(refused), 'line')} not kept:", *(f"  {line}" for line in refused)] if refused else []
    plain: dict[str, Any] = {"nights": len(plan.nights), "people": plan.people, "kept": kept is not None, "id": kept and kept.id}
    plain |= {"columns": dict(plan.table.columns), "date_of": plan.date_of, "why": plan.why, "same": plan.same, "replaced": plan.replaced}
    plain |= {"blank": plan.blank, "refused": [asdict(refusal) for refusal in plan.refused]}
    return Answer(plain, "\n".join(lines), code=0 if plan.nights or plan.same else 1)


def _take_back(chosen: Namespace) -> Answer:
    gone = workspace_of(chosen).undo_diary(chosen.cohort, chosen.take_back, who=chosen.by)
    text = f"Taken back: {counted(gone.nights, 'night')} from {gone.file}. They stay in the workspace as taken back."
    return Answer({"id": gone.id, "nights": gone.nights}, text)


def wrong_diary(chosen: Namespace) -> str | None:
    """A sentence where options do not go together; None where they do."""
    if chosen.take_back and chosen.path is not None:
        return "`diary` either brings a file or takes a diary back with --take-back ID, not both."
    if (chosen.path is not None and not chosen.look or chosen.take_back) and not (chosen.by or "").strip():
        return "--by NAME says who brings the diary or takes it back: it is kept with it."
    return None


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("diary", diary, "Bring a sleep diary to people of a cohort, list diaries, or write their nights beside the estimates.")
    a.set_defaults(check=wrong_diary)
    a.add_argument(
        "path", nargs="?", type=Path, metavar="FILE", help="the diary, CSV or Excel: a row a night (default: list what is there)"
    )
    a.add_argument("--cohort", required=True, help="whose people")
    a.add_argument("--by", metavar="NAME", help="who brings it or takes it back, kept with it")
    a.add_argument("--date-of", choices=("evening", "morning"), help="whose date stands in a row (default: found, and told how)")
    a.add_argument("--participant", metavar="ID", help="whose diary it is, where no column says who")
    a.add_argument(
        "--column",
        action="append",
        type=_column,
        metavar="ROLE=NAME",
        help=f"a column that its name does not explain; ROLE is one of {', '.join(ROLES)}",
    )
    a.add_argument("--replace", action="store_true", help="nights that are there already give way (default: they stay)")
    a.add_argument("--look", action="store_true", help="only tell what would be kept and what not")
    a.add_argument("--take-back", metavar="ID", help="take a diary back, as listed; it stays in the workspace as taken back")
    a.add_argument("--out", type=Path, help="write the diary's nights beside the estimates: .csv or .parquet")
    a.add_argument("--score", choices=("cole_kripke", "sadeh", "oakley"), help="the sleep score of the estimates (default: for the device)")


def _column(text: str) -> tuple[str, str]:
    role, sign, name = text.partition("=")
    if not sign or role.strip() not in ROLES:
        raise argparse.ArgumentTypeError(f"columns are named as ROLE=NAME with a role of {', '.join(ROLES)}; got {text!r}")
    return role.strip(), name.strip()
