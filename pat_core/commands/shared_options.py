"""Options that several verbs share."""

from __future__ import annotations

import argparse

DEVICES = "cpu, cuda or mps (default auto: the fastest available)"


def seed(text: str) -> int:
    """A seed as argparse reads it."""
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 up, got {text!r}")
    return int(text)


def standardizer_option(parser: argparse.ArgumentParser, text: str) -> None:
    """--standardizer. text: its help."""
    parser.add_argument(
        "--standardizer",
        type=lambda text: text.replace("-", "_"),
        choices=("model", "cohort", "cohort_day"),
        metavar="{model,cohort,cohort-day}",
        help=text,
    )
