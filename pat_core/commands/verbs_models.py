"""What the verb `models` of the command line does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from pat_core.commands.verbs import Answer, workspace_of
from pat_core.progress import Progress


def models(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.workflows.models.model_entries import add_model, download_model, models

    workspace = workspace_of(chosen)
    if chosen.action == "list":
        entries = models(workspace)
        return Answer(entries, "\n".join(f"{e.reference}: {e.origin}, {e.size}, {e.embedding}, {_state(e)}" for e in entries))
    info = add_model(workspace, Path(chosen.what)) if chosen.action == "add" else download_model(workspace, chosen.what, progress)
    return Answer(info, f"Added {info.name}: {info.size}, {info.embedding}, SHA-256 {info.sha256}.")


def _state(entry) -> str:
    if not entry.present:
        return "not downloaded"
    return "with a trained head" if entry.has_head else "no trained head"


def wrong_models(chosen: Namespace) -> str | None:
    """A sentence where an action lacks what it is about; None where it has it."""
    if chosen.action != "list" and not chosen.what:
        return f"`models {chosen.action}` needs {'a file' if chosen.action == 'add' else 'a published name'}."
    return None


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("models", models, "List models, or add or download one.")
    a.add_argument("action", nargs="?", choices=("list", "add", "download"), default="list", help="what to do (default: list)")
    a.add_argument("what", nargs="?", help="a weight file (add) or a published name (download)")
    a.set_defaults(check=wrong_models)
