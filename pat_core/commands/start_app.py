"""Starts the app: `pat-explorer`, and the verb `app` of the command line."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pat_core import settings
from pat_core.progress import Progress


def main(arguments: Sequence[str] | None = None) -> int:
    """`pat-explorer [--workspace DIR] [--port PORT] ...`: the app, until it is closed. What else is given goes to Streamlit."""
    parser = argparse.ArgumentParser(
        prog="pat-explorer",
        description="Start PAT Explorer in the browser. Research and education only, never a diagnosis.",
        epilog="Every option of `streamlit run` is accepted as well, such as --server.headless true.",
        allow_abbrev=False,
    )
    parser.add_argument("--workspace", type=Path, help="folder of cohorts, models and runs (default: PAT_WORKSPACE, else your data folder)")
    parser.add_argument("--port", type=int, help="where the browser finds it (default: the first free one from 8501 up)")
    chosen, further = parser.parse_known_args(arguments)
    return start(chosen.workspace, chosen.port, further)


def start(workspace: Path | None = None, port: int | None = None, further: Sequence[str] = ()) -> int:
    """Run the app with Streamlit, until it is closed; its exit code.

    port: None takes Streamlit's own. further: options of `streamlit run`. On POSIX this process becomes the server, so that whoever ends it
    ends the server, and the function does not return.
    """
    environment = dict(os.environ)
    if workspace is not None:
        environment["PAT_WORKSPACE"] = str(workspace.absolute())
    script = settings.APP_FOLDER / "app.py"  # Streamlit reads .streamlit/config.toml beside it, wherever it is started from
    at = [] if port is None else ["--server.port", str(port)]
    # -P: a file in the folder where it is started, say streamlit.py, is not taken for a module
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(script), *at, *further]
    if os.name == "nt":  # an exec there hands the terminal back at once
        return subprocess.call(command, env=environment)
    os.execve(sys.executable, command, environment)


def app(chosen: argparse.Namespace, progress: Progress) -> int:
    """The app, until it is closed; its exit code."""
    return start(chosen.workspace, chosen.port)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("app", app, "Start the app in the browser.")
    a.add_argument("--port", type=int, default=8501, help="where the browser finds it (default 8501)")
