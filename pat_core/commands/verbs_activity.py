"""What the verb `activity` of the command line does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from pat_core.commands.verbs import Answer, workspace_of
from pat_core.plurals import counted
from pat_core.progress import Progress


def activity(chosen: Namespace, progress: Progress) -> Answer:
    """`embed`: windows of raw acceleration through a harnet, into a file."""
    from pat_core.workflows.activity.embed_windows import RANGE_G, embed_windows

    workspace = workspace_of(chosen)
    done = embed_windows(workspace, chosen.weights, chosen.windows, chosen.out, accept=chosen.accept_licence, progress=progress)
    what = f"{done.features:,} features each" + (f" and {counted(done.classes, 'logit')}" if done.classes else "; the file has no head")
    text = f"{counted(done.windows, 'window')} of {done.seconds:g} s read by {done.size}, {what}, written to {chosen.out}."
    cautions = []
    if done.incomplete:
        cautions.append(f"{counted(done.incomplete, 'window')} with missing values: NaN in the file.")
    if done.beyond:
        share = counted(done.beyond, "window has", "windows have")
        cautions.append(
            f"{share} values beyond {RANGE_G:g} g. They went in as they are; the published weights learned from values within it."
        )
    return Answer(done, text, tuple(cautions))


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("activity", activity, "Read windows of raw acceleration with a harnet: features, and logits where its file has a head.")
    a.add_argument("action", choices=("embed",), help="what to do")
    a.add_argument(
        "--weights", type=Path, required=True, metavar="FILE", help="a state dict of harnet5, 10 or 30 (.mdl, .pt, .safetensors)"
    )
    a.add_argument(
        "--windows", type=Path, required=True, metavar="X.npy", help="(windows, samples, 3) or (windows, 3, samples), g at 30 Hz"
    )
    a.add_argument("--out", type=Path, required=True, help="features and logits, .npz")
    a.add_argument("--accept-licence", action="store_true", help="you have read that the published weights are for academic use only")
