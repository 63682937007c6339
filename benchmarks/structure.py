"""How much house there is, and how much of it one question walks through: files and functions, what is opened, mypy's errors, start times.

    python -m benchmarks.structure [--tree CHECKOUT ...] [--quick] [--name NAME]

Prints a Markdown table with a column for each checkout (default: this one). Checkouts whose modules stand elsewhere are measured by the
same code, because it drives them from outside: `python -m pat_core`, the pages, the server. `--quick` measures sizes alone; the rest takes
some three minutes a checkout, and needs mypy and Chromium. `--name` also writes the table to
benchmarks/results/<date>-structure-<name>.md. Start times mean something on an idle machine alone: its load stands beside them.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tokenize
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.machine import RESULTS, machine

OWN = Path(__file__).resolve().parents[1]
PROBE = Path(__file__).with_name("probe.py")
MOST_ARGUMENTS = 8
"""That a function may take before it is counted as taking too many."""
REPEATS, FIRST_PAGES = 5, 3
SEED = 4242
"""Of the simulated person: none who is in the demonstration."""
PERSON, COHORT, MODEL, METHOD = "somebody", "one week", "demo-late-wake", "integrated_gradients"
PAGE = "pages/participant.py"
PATIENCE = 900.0
"""Seconds for one process."""

Rows = dict[str, str]
"""What was measured, in words, and its figure."""


class Function(NamedTuple):
    """place: file and name. lines: with its docstring, without its decorators. arguments: that a caller can give, so without self."""

    place: str
    lines: int
    arguments: int


def sizes(tree: Path) -> Rows:
    """Lengths of files and functions, folders, signatures, and names that stand twice."""
    engine = sorted((tree / "pat_core").rglob("*.py"))
    pages = [*sorted((tree / "pages").rglob("*.py")), *(path for path in [tree / "app.py"] if path.exists())]
    rows = {}
    for name, paths in (("engine", engine), ("pages", pages)):
        lengths = [len(path.read_text().splitlines()) for path in paths]
        functions = [function for path in paths for function in functions_of(path, tree)]
        code = sum(lines_of_code(path.read_text()) for path in paths)
        rows |= {
            f"Files, {name}": f"{len(paths)}",
            f"Lines, {name}": f"{sum(lengths):,}",
            f"Lines of code, {name} (not blank, comment or docstring)": f"{code:,}",
            f"Lines a file, {name}: median, p95, longest": spread(lengths),
            f"Functions, {name}": f"{len(functions):,}",
            f"Lines a function, {name}: median, p95, longest": spread([function.lines for function in functions]),
            f"Longest signature, {name}": longest_signature(functions),
            f"Functions of more than {MOST_ARGUMENTS} arguments, {name}": f"{sum(f.arguments > MOST_ARGUMENTS for f in functions)}",
        }
    folder, count = Counter(path.parent for path in [*engine, *pages]).most_common(1)[0]
    names = Counter(path.name for path in [*engine, *pages] if path.name != "__init__.py")
    rows["Largest folder, Python files directly in it"] = f"{count} (`{folder.relative_to(tree)}`)"
    rows["Basenames that stand twice or more"] = f"{sum(count > 1 for count in names.values())}"
    return rows


def functions_of(path: Path, tree: Path) -> Iterator[Function]:
    """Every function and method of a file, those inside others too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            given = node.args
            names = [one.arg for one in (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg) if one]
            arguments = len(names) - (names[:1] in (["self"], ["cls"]))
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(f"{path.relative_to(tree)}:{node.name}", lines, arguments)


def lines_of_code(source: str) -> int:
    """Lines that hold anything but comments and strings that stand as statements of their own."""
    left_out = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in left_out]
    held = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            held -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(held)


def spread(values: list[int]) -> str:
    return f"{np.median(values):.0f}, {np.percentile(values, 95):.0f}, {max(values)}"


def longest_signature(functions: list[Function]) -> str:
    longest = max(functions, key=lambda function: function.arguments)
    return f"{longest.arguments} (`{longest.place}`)"


def probe(tree: Path, workspace: Path, *words: object) -> dict:
    """What `benchmarks/probe.py` wrote down in a process of its own in that checkout."""
    out = workspace.parent / "probe.json"
    out.unlink(missing_ok=True)
    done = run(tree, workspace, PROBE, "--out", out, *words)
    found = json.loads(out.read_text()) if out.exists() else {"code": done.returncode}
    if done.returncode or found.get("code"):
        raise RuntimeError(f"The probe failed at {' '.join(map(str, words))}:\n{done.stderr[-2000:]}")
    if any(part["processes"] for part in found["opened"]):
        raise RuntimeError(f"{' '.join(map(str, words))} gave work to other processes, where this probe sees nothing.")
    return found


def run(tree: Path, workspace: Path, *words: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, *map(str, words)]
    return subprocess.run(line, cwd=tree, env=surroundings(workspace), capture_output=True, text=True, timeout=PATIENCE, check=False)


def surroundings(workspace: Path) -> dict[str, str]:
    return os.environ | {"PAT_WORKSPACE": str(workspace), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}


def one_week(tree: Path, folder: Path) -> Rows:
    """Files and functions that run when one week is imported, predicted, explained and drawn, in a workspace that is in use already."""
    workspace = folder / "workspace"
    probe(tree, workspace, "--page", PAGE, "--fill")
    recording = week_file(tree, workspace, folder)
    model = ("--cohort", COHORT, "--model", MODEL)
    steps = {
        "importing": ("--verb", "import", recording, "--cohort", COHORT),
        "predicting": ("--verb", "predict", *model, "--out", folder / "answer.npz"),
        "explaining": ("--verb", "explain", *model, "--participant", PERSON, "--method", METHOD, "--out", folder / "map.npz"),
        "drawing": ("--page", PAGE, "--address", f"cohort={COHORT}", f"person={PERSON}", f"model={MODEL}"),
    }
    called, rows = set(), {}
    for step, words in steps.items():
        functions = {tuple(one) for one in probe(tree, workspace, "--profile", *words)["functions"]}
        called |= functions
        rows[f"… {step}: files, functions"] = files_and_functions(functions)
    return {"One week imported, predicted, explained and drawn: files, functions": files_and_functions(called)} | rows


def week_file(tree: Path, workspace: Path, folder: Path) -> Path:
    """A simulated person's week as a CSV of one row a minute."""
    probe(tree, workspace, "--verb", "simulate", "--people", 1, "--seed", SEED, "--out", folder / "simulated")
    with np.load(folder / "simulated" / "people.npz", allow_pickle=False) as people:
        counts = people["weeks"][0].astype(int).tolist()
    path, start = folder / f"{PERSON}.csv", datetime(2024, 1, 1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("timestamp", "activity"))
        writer.writerows((start + timedelta(minutes=minute), count) for minute, count in enumerate(counts))
    return path


def files_and_functions(called: set[tuple[str, str]]) -> str:
    if not called:
        raise RuntimeError("No function of the checkout was called: another one is installed in its place.")
    return f"{len({file for file, _ in called})}, {len(called)}"


def cached_person(tree: Path, folder: Path) -> Rows:
    """What is opened when somebody is looked at whose maps and figures are all kept."""
    workspace = folder / "workspace"
    probe(tree, workspace, "--page", PAGE, "--fill")
    fresh, again = probe(tree, workspace, "--page", PAGE, "--opens", 2)["opened"]
    rows = {}
    for name, found in (("in a fresh process", fresh), ("in the same process", again)):
        rows[f"A cached person {name}: files of the workspace that Python opens, times"] = f"{len(found['files'])}, {found['opens']}"
        rows[f"A cached person {name}: SQLite connections"] = f"{found['connections']}"
    return rows


def mypy_errors(tree: Path, folder: Path) -> Rows:
    """Errors of mypy with the same options in every checkout, whatever its own configuration says."""
    targets = [name for name in ("pat_core", "pages", "app.py") if (tree / name).exists()]
    options = ("--config-file=", "--ignore-missing-imports", f"--cache-dir={folder / 'mypy'}")
    said = run(tree, folder, "-m", "mypy", *options, *targets).stdout
    last = said.strip().splitlines()[-1] if said.strip() else ""
    found = re.search(r"Found (\d+) errors? in (\d+) files?", last)
    if not found and not last.startswith("Success"):
        raise RuntimeError(f"mypy did not count its errors: {last}")
    words = f"{found[1]} in {found[2]} files" if found else "0"
    return {f"Errors of `mypy --config-file= --ignore-missing-imports {' '.join(targets)}`": words}


def command_start(tree: Path, folder: Path) -> Rows:
    """Seconds of the shortest verb, warm, and whether it imports torch."""
    workspace = folder / "workspace"
    torch = probe(tree, workspace, "--verb", "cohorts")["torch"]
    seconds, processor = [], []
    for _ in range(REPEATS):
        began, before = time.perf_counter(), processor_seconds()
        done = run(tree, workspace, "-m", "pat_core", "cohorts")
        seconds.append(time.perf_counter() - began)
        processor.append(processor_seconds() - before)
        if done.returncode:
            raise RuntimeError(f"`python -m pat_core cohorts` failed:\n{done.stderr[-2000:]}")
    return {
        f"`python -m pat_core cohorts`, warm, s (median of {REPEATS}, range)": seconds_of(seconds),
        "… of the processor": seconds_of(processor),
        "… imports torch": "yes" if torch else "no",
    }


def processor_seconds() -> float:
    """Of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_of(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def first_page(tree: Path, folder: Path) -> Rows:
    """Seconds in a real browser, from the server's first answer to the title of the first page, each time in a new workspace."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, SWITCHES

    answered, titled, whole = [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        try:
            for number in range(FIRST_PAGES):
                times = first_visit(tree, folder / f"visit {number}", browser)
                for kept, value in zip((answered, titled, whole), times, strict=True):
                    kept.append(value)
        finally:
            browser.close()
    return {
        f"The server answers after its start, s (median of {FIRST_PAGES}, range)": seconds_of(answered),
        "The first page's title after the server answers, s": seconds_of(titled),
        "The first page whole after the server answers, s": seconds_of(whole),
    }


def first_visit(tree: Path, folder: Path, browser) -> tuple[float, float, float]:
    """Seconds until the server answers, and from there until the title stands and until the page's script has ended."""
    from tests.browser.server import free_port

    folder.mkdir()
    port = free_port()
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    flags = ("--server.port", str(port), "--server.fileWatcherType", "none", "--server.headless", "true")
    line = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    with (folder / "server.log").open("wb") as log:
        began = time.monotonic()
        server = subprocess.Popen(line, cwd=tree, env=surroundings(folder / "workspace"), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        while not answers(port):
            if server.poll() is not None or time.monotonic() - began > 90:
                raise RuntimeError(f"The app did not start:\n{(folder / 'server.log').read_text()[-2000:]}")
            time.sleep(0.02)
        up = time.monotonic()
        page.goto(f"http://127.0.0.1:{port}", wait_until="commit")
        page.get_by_test_id("stMain").get_by_role("heading", level=1).first.wait_for()
        title = time.monotonic()
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        end = time.monotonic()
        if page.get_by_test_id("stException").count():
            raise RuntimeError("The first page shows an exception.")
        return up - began, title - up, end - up
    finally:
        page.context.close()
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return answer.read() == b"ok"
    except OSError:
        return False


def measure(tree: Path, quick: bool) -> Rows:
    """All rows of one checkout."""
    rows = sizes(tree)
    for part in () if quick else (load, command_start, first_page, one_week, cached_person, mypy_errors):
        with tempfile.TemporaryDirectory() as folder:
            rows |= part(tree, Path(folder))
    return rows


def load(tree: Path, folder: Path) -> Rows:
    """Processes that wanted a core in the last minute, before anything is timed."""
    return {"Load of the machine before the start times": f"{os.getloadavg()[0]:.1f}"}


def commit(tree: Path) -> str:
    """Which commit is checked out, and whether anything was changed since."""
    words = ["git", "-C", str(tree), "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def table(columns: dict[str, Rows]) -> str:
    """Markdown: a row for each measure, a column for each checkout."""
    first = next(iter(columns.values()))
    lines = [["Measure", *columns], ["---", *("---:" for _ in columns)]]
    lines += [[name, *(rows.get(name, "") for rows in columns.values())] for name in first]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, action="append", help="a checkout to measure; may be given several times")
    parser.add_argument("--quick", action="store_true", help="sizes alone")
    parser.add_argument("--name", help="keep the table under this name")
    chosen = parser.parse_args()
    columns = {commit(tree): measure(tree.resolve(), chosen.quick) for tree in chosen.tree or [OWN]}
    described = machine()
    described.pop("pat_core")
    header = "\n".join(f"- {name}: {value}" for name, value in described.items())
    text = f"# Structure\n\n{header}\n\n{table(columns)}\n"
    print(text)
    if chosen.name:
        (RESULTS / f"{date.today().isoformat()}-structure-{chosen.name}.md").write_text(text)


if __name__ == "__main__":
    main()
