"""Runs one verb of the command line, or opens one page, of the checkout in the current folder; writes down what was called and opened.

    cd CHECKOUT && python PATH/probe.py --out FILE.json (--verb WORD ... | --page PAGE [--address NAME=VALUE ...] [--opens N] [--fill])

For `benchmarks.structure`. It imports nothing of a checkout but through `python -m pat_core` and app.py, so that checkouts whose modules
stand elsewhere are measured by the same code.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import runpy
import sys
import threading
from pathlib import Path

ENGINE_AND_PAGES = ("pat_core", "pages", "app.py")
NOT_WRITTEN_AS_FUNCTIONS = ("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
MOST_RUNS = 10
"""Of a page, until it adds no file to the workspace any more."""


class Called:
    """Code objects that any thread calls from now on."""

    def __init__(self) -> None:
        self.codes: set[object] = set()
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)

    def _profile(self, frame, event: str, argument: object) -> None:
        if event == "call":
            self.codes.add(frame.f_code)

    def functions(self, tree: Path) -> list[tuple[str, str]]:
        """File and qualified name of every function of the engine and the pages that was called; neither modules, bodies of classes,
        lambdas nor comprehensions."""
        sys.setprofile(None)
        threading.setprofile(None)
        found = set()
        for code in list(self.codes):
            path = Path(code.co_filename)
            path = path if path.is_absolute() else tree / path
            written = code.co_flags & inspect.CO_OPTIMIZED and code.co_name not in NOT_WRITTEN_AS_FUNCTIONS
            if written and path.is_relative_to(tree) and path.relative_to(tree).parts[0] in ENGINE_AND_PAGES:
                found.add((str(path.relative_to(tree)), f"{code.co_qualname}:{code.co_firstlineno}"))
        return sorted(found)


class Opened:
    """Files under the workspace that Python opens, connections to SQLite, and other Pythons started, from now on.

    Python does not hear of the files that SQLite opens itself: as a rule three a connection, the database with its -wal and -shm.
    """

    def __init__(self, workspace: Path) -> None:
        self.workspace = f"{workspace.resolve()}{os.sep}"
        self.files: list[str] = []
        self.connections = 0
        self.processes = 0
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple) -> None:
        if event == "open":
            path = arguments[0]
            if isinstance(path, (str, bytes, os.PathLike)):
                full = os.path.realpath(os.fsdecode(path))
                if full.startswith(self.workspace):
                    self.files.append(full.removeprefix(self.workspace))
        elif event == "sqlite3.connect":
            self.connections += 1
        elif event == "os.fork" or (event == "subprocess.Popen" and sys.executable in (arguments[0], *arguments[1][:1])):
            self.processes += 1

    def taken(self) -> dict[str, object]:
        """Everything since the last time this was asked."""
        files, connections, processes = self.files, self.connections, self.processes
        self.files, self.connections, self.processes = [], 0, 0
        return {"opens": len(files), "files": sorted(set(files)), "connections": connections, "processes": processes}


def run_verb(words: list[str]) -> int:
    """`python -m pat_core WORDS`; its exit code."""
    sys.argv = ["pat_core", *words]
    try:
        runpy.run_module("pat_core", run_name="__main__", alter_sys=True)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    return 0


def open_page(page: str, address: dict[str, str]):
    """The page as a new tab shows it. One that shows an exception, or no chart, is no measurement."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(Path.cwd() / "app.py"), default_timeout=900).switch_page(page)
    for name, value in address.items():
        app.query_params[name] = value
    return sound(app.run())


def sound(app):
    if app.exception or not app.get("plotly_chart"):
        said = [str(part.value) for part in [*app.exception, *app.error, *app.warning, *app.info]]
        raise SystemExit(f"The page does not show what is to be measured: {said}")
    return app


def fill(app, workspace: Path) -> int:
    """Run the page again until it adds nothing to the workspace; how many runs that took."""
    before = None
    for count in range(MOST_RUNS):
        now = sorted(str(path) for path in workspace.rglob("*"))
        if now == before:
            return count
        before = now
        sound(app.run())
    raise SystemExit(f"The page still adds files to the workspace after {MOST_RUNS} runs.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--page", help="pages/participant.py, ...")
    parser.add_argument("--address", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--opens", type=int, default=1, help="so many times one after another, each in a new session")
    parser.add_argument("--fill", action="store_true", help="then run it until it adds nothing to the workspace")
    parser.add_argument("--verb", nargs=argparse.REMAINDER)
    parser.add_argument("--profile", action="store_true", help="write down the functions that were called")
    chosen = parser.parse_args()
    tree, workspace = Path.cwd(), Path(os.environ["PAT_WORKSPACE"])
    sys.path[0] = str(tree)
    opened = Opened(workspace)
    called = Called() if chosen.profile else None
    result: dict[str, object] = {}
    if chosen.verb:
        result["code"] = run_verb(chosen.verb)
        result["opened"] = [opened.taken()]
    else:
        address, result["opened"] = dict(one.split("=", 1) for one in chosen.address), []
        for _ in range(chosen.opens):
            app = open_page(chosen.page, address)
            result["opened"].append(opened.taken())
        if chosen.fill:
            result["runs"] = fill(app, workspace)
    result["functions"] = called.functions(tree) if called else []
    result["torch"] = "torch" in sys.modules
    chosen.out.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
