"""The command line: `python -m pat_core VERB ...`, or `pat VERB ...` where it is installed. Exit codes: 0 done, 1 nothing could be done,
2 wrong usage, or not confirmed."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path

from pat_core.commands import (
    start_app,
    verbs,
    verbs_activity,
    verbs_answers,
    verbs_compare,
    verbs_diary,
    verbs_evaluate,
    verbs_models,
    verbs_people,
    verbs_places,
    verbs_report,
    verbs_scoreboard,
    verbs_training,
    verbs_weeks,
)
from pat_core.commands.several_processes import in_several
from pat_core.errors import PatError
from pat_core.files import keep_to_ourselves

VERBS = (
    verbs_people, verbs_models, verbs_training, verbs_answers, verbs_scoreboard, verbs_weeks, verbs_diary, verbs_report, verbs_evaluate,
    verbs_compare, verbs_places, verbs_activity, start_app,
)  # fmt: skip
"""In the order in which --help lists them."""

_COMMANDS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]")
"""What a terminal obeys instead of showing it: names and notes come out of files."""


def shown(text: str) -> str:
    """A text as a terminal shows it, and nothing that it would do."""
    return _COMMANDS.sub("\ufffd", text)


class Shown(logging.Formatter):
    """Messages of the log, shown so."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record))


class Terminal:
    """Progress on standard error: one line that is rewritten where a person watches, nothing where no one does."""

    def __init__(self) -> None:
        self.watched = sys.stderr.isatty()
        self.width = 0

    def at(self, fraction: float, message: str) -> None:
        if self.watched:
            line = shown(f"{fraction:4.0%}  {message}")[:110]
            print("\r" + line.ljust(self.width), end="", file=sys.stderr, flush=True)
            self.width = len(line)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        pass

    def end(self) -> None:
        if self.watched and self.width:
            print(file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb. Every failure that a person can mend is a sentence on stderr, never a traceback."""
    chosen = parser().parse_args(arguments)
    keep_to_ourselves()
    log = logging.StreamHandler()
    log.setFormatter(Shown("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names that this terminal has no signs for
    if wrong := verbs.wrong_usage(chosen):
        print(shown(wrong), file=sys.stderr)
        return 2
    terminal = Terminal()
    try:
        code = in_several(chosen, sys.argv[1:] if arguments is None else arguments)
        answer = chosen.run(chosen, terminal) if code is None else code
        terminal.end()
        return say(answer, chosen.json) if isinstance(answer, verbs.Answer) else answer or 0
    except PatError as error:
        return _failed(terminal, str(error))
    except BrokenPipeError:
        # Whoever read the answer has gone; what Python still holds of it at its end must go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _failed(terminal, _of_the_system(error))
    except KeyboardInterrupt:
        return _failed(terminal, "Stopped. Nothing half-written was kept.")


def say(answer: verbs.Answer, as_json: bool) -> int:
    """The answer on stdout; what to know before it is believed on stderr, or among the plain values."""
    if not as_json:
        for caution in answer.cautions:
            print(shown(caution), file=sys.stderr)
    print(json.dumps(answer.plain, default=_plain, indent=1) if as_json else shown(answer.text), flush=True)
    return answer.code


def _failed(terminal: Terminal, why: str) -> int:
    terminal.end()
    print(shown(why), file=sys.stderr)
    return 1


def _of_the_system(error: OSError) -> str:
    """A refusal of the operating system, as a sentence that names the file."""
    where = f"{error.filename} cannot be read or written" if error.filename else "A file or folder cannot be read or written"
    return f"{where}: {error.strerror or error}. Check the path, your permissions there, and the free space on the disk."


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.item() if hasattr(value, "item") else str(value)


def parser() -> argparse.ArgumentParser:
    """All verbs with their options."""
    top = argparse.ArgumentParser(prog=_own_name(), description="PAT Explorer: research and education only, never a diagnosis.")
    added = top.add_subparsers(dest="verb", required=True)

    def verb(name: str, run, text: str) -> argparse.ArgumentParser:
        command = added.add_parser(name, help=text, description=text)
        command.add_argument(
            "--workspace",
            type=Path,
            default=None,
            help="folder of cohorts, models and runs (default: PAT_WORKSPACE, else your data folder)",
        )
        command.add_argument("--json", action="store_true", help="print the answer as JSON")
        command.set_defaults(run=run)
        return command

    for some in VERBS:
        some.register(verb)
    return top


def _own_name() -> str:
    """What was typed to get here, for usage and help: the command that a wheel installs, or Python's way to run a package."""
    return "pat" if Path(sys.argv[0]).stem == "pat" else "python -m pat_core"


if __name__ == "__main__":
    sys.exit(main())
