"""What the verb `nights` of the command line does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from pat_core.commands.verbs import Answer, workspace_of
from pat_core.progress import Progress

SCORES = ("cole_kripke", "sadeh", "oakley")


def nights(chosen: Namespace, progress: Progress) -> Answer:
    """A row a night of a cohort into a file, and a row a week into another where it is asked for."""
    from pat_core.reports.night_files import write_cohort

    done = write_cohort(workspace_of(chosen), chosen.cohort, chosen.out, weeks_out=chosen.weeks_out, method=chosen.score, progress=progress)
    where = [f"{done.nights} nights written to {chosen.out}"] if done.nights else ["No night was found, so none is written"]
    where += [f"{done.weeks} weeks to {chosen.weeks_out}"] if chosen.weeks_out else []
    plain = {"nights": done.nights, "weeks": done.weeks, "out": chosen.out if done.nights else None, "weeks_out": chosen.weeks_out}
    return Answer(plain | {"cautions": done.notes}, f"{', '.join(where)}.", done.notes)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("nights", nights, "Write every night of a cohort, with bedtime, onset, offset, TIB, TST, SE, SOL, WASO, awakenings, midpoint.")
    a.add_argument("--cohort", required=True, help="whose weeks")
    a.add_argument("--out", type=Path, required=True, help="one row a night: .csv or .parquet")
    a.add_argument(
        "--weeks-out", type=Path, metavar="FILE", help="one row a week: rhythm figures, mean and SD over nights, naps, social jetlag"
    )
    a.add_argument("--score", choices=SCORES, help="sleep or wake minute by minute (default: the score made for the device)")
