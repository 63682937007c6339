"""What tests share: a quiet torch, a workspace of their own, a small simulated cohort made once; how they are spread; `-m quick`."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # three workers on two cores: more threads would only wait for one another
os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")

HERE = Path(__file__).parent
SLOW = (
    "browser", "benchmarks", "app", "workflows", "test_command_line.py", "jobs", "test_killed_imports.py", "test_verbs_quality.py",
    "test_verbs_sleep.py", "test_start.py", "test_app_command.py", "test_worked_examples.py", "cohorts", "training", "reports",
    "test_verbs_evaluate.py", "test_verbs_compare.py", "test_verbs_scoreboard.py",
)  # fmt: skip
"""What drives browsers, pages, processes and trainings, the slowest first: these are begun first, and `-m quick` leaves them out."""
LONG = (
    "recordings/mapping", "recordings/tables/test_people_column.py", "recordings/test_fuzz.py", "recordings/test_fuzz_brought.py",
    "recordings/test_archives.py", "recordings/raw", "explain/methods/test_integrated_gradients.py", "nhanes",
)  # fmt: skip
"""What besides takes many seconds: `-m quick` leaves it out, as it does the recordings beside the checkout."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    """Each worker first imports a share of all files of tests, so that each file is compiled by one of them and not by all at once."""
    chosen = session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS or session.config.option.markexpr
    if "PYTEST_XDIST_WORKER" in os.environ and not chosen:
        number, workers = int(os.environ["PYTEST_XDIST_WORKER"][2:]), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        for file in sorted(HERE.rglob("test_*.py"))[number::workers]:
            with suppress(Exception, pytest.skip.Exception):  # the collection says what is wrong with it
                import_module(".".join(file.relative_to(HERE.parent).with_suffix("").parts))


def pytest_ignore_collect(collection_path, config):
    """Files that are not quick need not even be imported where only quick tests are asked for."""
    if config.option.markexpr == "quick" and _place(collection_path) in SLOW + LONG:
        return True
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Marks the quick tests, and begins with what takes longest, so that no worker is left alone with it at the end."""
    files = {item.path for item in items}
    slow = {file for file in files if not {_place(path) for path in (file, *file.parents)}.isdisjoint(SLOW + LONG)}
    for item in items:
        if item.path not in slow and item.get_closest_marker("shared") is None:
            item.add_marker("quick")
    if "PYTEST_XDIST_WORKER" in os.environ:
        first = {file: file.relative_to(HERE).parts[0] for file in files}
        items.sort(key=lambda item: SLOW.index(first[item.path]) if first[item.path] in SLOW else len(SLOW))


def _place(path: Path) -> str:
    """As SLOW and LONG name files and folders."""
    return path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else ""


TOGETHER = {"tests/browser/": "browser", "tests/weeks/": "real study", "tests/recordings/test_archives.py": "real study"}
"""What one worker takes whole: one server and one Chromium; one reading of a real study."""


class ByFile(LoadScopeScheduling):
    """Each worker takes whole files, so that what a file prepares is made once, and each part of `TOGETHER` whole.

    Marks of pytest-xdist do not do this: pytest 9 ignores the names that `--dist loadgroup` gives.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return next((together for place, together in TOGETHER.items() if path.startswith(place)), path)


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def _own_workspace(tmp_path, monkeypatch):
    """No test may touch the workspace of whoever runs it."""
    monkeypatch.setenv("PAT_WORKSPACE", str(tmp_path / "workspace"))


@pytest.fixture(scope="session")
def simulated():
    """60 simulated people, late wake-up planted in two fifths."""
    from pat_core.simulate import simulate

    return simulate(60, seed=11, label="late_wake")
