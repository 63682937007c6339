"""What the verbs `nights`, `quality` and `marks` of the command line do, and their options. Heavy imports wait until one is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pat_core.commands.verbs import Answer, workspace_of
from pat_core.plurals import counted
from pat_core.progress import Progress

RULES = {"choi": "Choi 2011", "troiano": "Troiano 2008"}
OPTIONS = {
    "hours_a_day": "--hours-a-day", "days_needed": "--days-needed", "rule": "--rule", "trust_flags": "--believe-device",
    "off_share": "--not-worn-share",
}  # fmt: skip
"""Setting of wear -> the option that sets it."""


def quality(chosen: Namespace, progress: Progress) -> Answer:
    """A row a week of a cohort into a file, judged by the workspace's settings but for those that were given."""
    from pat_core.reports.quality_files import write_quality
    from pat_core.workflows.read.worn_days import keep_quality_settings, settings_words

    workspace = workspace_of(chosen)
    settings = _settings(workspace, chosen)
    done = write_quality(workspace, chosen.cohort, chosen.out, settings, progress)
    if chosen.keep:
        keep_quality_settings(workspace, settings)
    enough = counted(done.enough, "of them has", "of them have")
    text = f"{counted(done.weeks, done.window)} written to {chosen.out}; {enough} the valid days that are needed."
    text += f" For {done.not_known:,} of them, nothing in the file says when the device was worn." if done.not_known else ""
    text += f" {settings_words(settings, workspace.cohort(chosen.cohort).length)}" + (
        " The workspace uses these settings from now on." if chosen.keep else ""
    )
    plain = asdict(done) | {"out": chosen.out, "settings": asdict(settings) | {"rule": settings.rule_name}, "kept": chosen.keep}
    return Answer(plain, text)


def _settings(workspace, chosen: Namespace):
    from pat_core.workflows.read.worn_days import quality_settings, with_rule

    used = quality_settings(workspace)
    given = {name: vars(chosen)[name] for name in OPTIONS if vars(chosen)[name] is not None}
    if "rule" in given:
        used = with_rule(used, RULES[given.pop("rule")])
    if "trust_flags" in given:
        given["trust_flags"] = given["trust_flags"] == "yes"
    return replace(used, **given)


def marks(chosen: Namespace, progress: Progress) -> Answer:
    """The marks of a cohort: told, and written where a file is named."""
    from pat_core.reports.answer_files import check_table, write_answers
    from pat_core.workflows.week.week_marks import marks_file

    if chosen.out:
        check_table(chosen.out)
    table = marks_file(workspace_of(chosen), chosen.cohort)
    if chosen.out:
        write_answers(chosen.out, table, {})
        text = f"{len(table)} marks written to {chosen.out}."
    else:
        lines = [_line(mark) for mark in table.to_dict("records")]
        text = "\n".join(lines) or f"Nothing is marked in {chosen.cohort!r}. Weeks are marked in the app, on the page of one person."
    return Answer({"marks": table.to_dict("records"), "out": chosen.out}, text)


def _line(mark: dict[str, Any]) -> str:
    """One mark in a line; minutes of the week where its date is not known."""
    first, until = (mark["from"], mark["until"]) if mark["from"] else (f"minute {mark['first_minute']}", f"{mark['end_minute']}")
    back = "" if mark["in_force"] == "yes" else f" Taken back by {mark['undone_by']}, {mark['undone']}. {mark['undone_why']}".rstrip()
    week = f"{mark['participant']}, week {int(mark['week'])}"
    return f"{week}: {mark['kind']}, {first} to {until}, by {mark['who']}, {mark['when']}. {mark['why']}{back}"


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs' options."""
    a = verb("nights", nights, "Write every night of a cohort, with bedtime, onset, offset, TIB, TST, SE, SOL, WASO, awakenings, midpoint.")
    a.add_argument("--cohort", required=True, help="whose weeks")
    a.add_argument("--out", type=Path, required=True, help="one row a night: .csv or .parquet")
    a.add_argument(
        "--weeks-out", type=Path, metavar="FILE", help="one row a week: rhythm figures, mean and SD over nights, naps, social jetlag"
    )
    a.add_argument("--rest-of", choices=("rule", "diary"), default="rule", help="times in bed: found by the rule (default), or a diary's")
    a.add_argument("--score", choices=SCORES, help="sleep or wake minute by minute (default: the score made for the device)")

    a = verb("quality", quality, "Write the quality of every week of a cohort: wear day by day, valid days, gaps, unit, what was found.")
    a.add_argument("--cohort", required=True, help="whose weeks")
    a.add_argument("--out", type=Path, required=True, help="one row a week: .csv or .parquet")
    kinds: dict[str, dict[str, Any]] = {
        "hours_a_day": {"type": float, "metavar": "HOURS"},
        "days_needed": {"type": int, "metavar": "DAYS"},
        "rule": {"choices": tuple(RULES)},
        "trust_flags": {"choices": ("yes", "no")},
        "off_share": {"type": float, "metavar": "SHARE"},
    }
    added = {name: a.add_argument(OPTIONS[name], dest=name, help=MEANINGS[name], **kind) for name, kind in kinds.items()}
    a.add_argument("--keep", action="store_true", help="judge wear in this workspace by these settings from now on, in the app too")
    _tell_sources(a, added)

    a = verb("marks", marks, "List the periods that were marked by hand in a cohort, with who, when and why, or write them to a file.")
    a.add_argument("--cohort", required=True, help="whose weeks")
    a.add_argument("--out", type=Path, help="one row a mark: .csv or .parquet")


MEANINGS = {
    "hours_a_day": "hours of wear that make a day valid",
    "days_needed": "valid days needed of 7",
    "rule": "rule of non-wear",
    "trust_flags": "trust the device where it records when it was worn",
    "off_share": "share of a week not worn, 0 to 1, above which it is mentioned beside a model's answer",
}


def _tell_sources(parser: argparse.ArgumentParser, settings: dict[str, argparse.Action]) -> None:
    """Let the help tell each setting's default and its source: the engine has them, and is loaded only where the help is asked for."""
    plain = parser.format_help

    def with_sources() -> str:
        from pat_core.workflows.read.worn_days import source_words

        for name, action in settings.items():
            action.help = f"{MEANINGS[name]}. {source_words(name)} Without it: as the workspace is set.".replace("%", "%%")
        return plain()

    parser.format_help = with_sources  # type: ignore[method-assign]  # argparse has no other place to tell them late


SCORES = ("cole_kripke", "sadeh", "oakley")


def nights(chosen: Namespace, progress: Progress) -> Answer:
    """A row a night of a cohort into a file, and a row a week into another where it is asked for."""
    from pat_core.reports.night_tables import write_cohort

    done = write_cohort(
        workspace_of(chosen),
        chosen.cohort,
        chosen.out,
        weeks_out=chosen.weeks_out,
        method=chosen.score,
        by_diary=chosen.rest_of == "diary",
        progress=progress,
    )
    where = [f"{done.nights} nights written to {chosen.out}"] if done.nights else ["No night was found, so none is written"]
    where += [f"{counted(done.weeks, done.window)} to {chosen.weeks_out}"] if chosen.weeks_out else []
    plain = {"nights": done.nights, "weeks": done.weeks, "out": chosen.out if done.nights else None, "weeks_out": chosen.weeks_out}
    return Answer(plain | {"cautions": done.notes}, f"{', '.join(where)}.", done.notes)
