"""The worked examples of CONTRIBUTING.md, applied to a copy of the project as a reader would, and their tests run there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 40
BLOCK = re.compile(r"^```(python|diff|sh)\n(.*?)^```$", re.M | re.S)
TESTS = {
    "Add a reader": (
        "tests/recordings/devices/test_bandlog_txt.py",
        "tests/recordings/test_fuzz.py::test_every_format_has_seeds_which_it_recognises_and_reads",
        "tests/recordings/test_fuzz.py::test_the_readme_and_the_page_tell_of_every_format_and_of_none_that_is_not_read",
    ),
    "Add an explanation method": ("tests/explain/methods/test_gradient_input.py",),
    "Add a page": (
        "tests/app/test_labels.py",
        "tests/app/test_every_page.py::test_a_page_opens_before_any_data_exists[pages/labels.py]",
        "tests/app/test_every_page.py::test_a_page_opens_with_the_demonstration[pages/labels.py]",
        "tests/test_marked_words.py::test_what_a_page_says_is_marked[pages/labels.py]",
    ),
    "Add a kind of job": ("tests/workflows/week/test_gap_count.py", "tests/workflows/test_tasks.py"),
}
"""Heading -> what is run once it was applied."""


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.M)
    return {title: text for title, text in zip(parts[1::2], parts[2::2], strict=True) if title.startswith("Add ")}


def apply(text: str, tree: Path) -> list[Path]:
    """Follow a section: blocks of Python are new files, blocks of changes and of the shell act on files that are there. The new files."""
    made, place = [], ""
    for match in BLOCK.finditer(text):
        named = re.findall(r"`([\w/.]+\.py)`", text[: match.start()])
        kind, block = match.groups()
        place = named[-1] if named else place
        if kind == "sh":
            subprocess.run(["bash", "-euc", block], cwd=tree, check=True)
        elif kind == "python":
            assert not (tree / place).exists(), place
            (tree / place).write_text(block)
            made.append(tree / place)
        else:
            before = "".join(line[1:] for line in block.splitlines(keepends=True) if line[0] in " -")
            after = "".join(line[1:] for line in block.splitlines(keepends=True) if line[0] in " +")
            whole = (tree / place).read_text()
            assert whole.count(before) == 1, (
                f"CONTRIBUTING.md says to change {place} where it reads as below; such places there: {whole.count(before)}. "
                f"If that file changed, let the example in CONTRIBUTING.md follow.\n{before}"
            )
            (tree / place).write_text(whole.replace(before, after))
    return made


def copy_of_the_project(tree: Path) -> None:
    """With what was compiled of it, where that is there: an example changes few files, and the others need not be compiled once more."""
    for name in ("pat_core", "pages", "tests", "benchmarks", ".streamlit"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("results"))
    for name in ("app.py", "README.md", "GLOSSARY.md", "CONTRIBUTING.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tree / name)
    (tree / "assets").symlink_to(ROOT / "assets")


def written_lines(text: str) -> int:
    """Lines that somebody who follows the section writes."""
    kinds = {"python": str.strip, "diff": lambda line: line[0] in "+-", "sh": str.strip}
    return sum(bool(kinds[kind](line)) for kind, block in BLOCK.findall(text) for line in block.splitlines())


def test_every_example_is_tried_here():
    assert sections().keys() == TESTS.keys()


@pytest.mark.parametrize("title", TESTS)
def test_an_example_is_short(title):
    assert written_lines(sections()[title]) < MOST_LINES


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> Path:
    """A copy of the project in which every example was followed."""
    tree = tmp_path_factory.mktemp("followed")
    copy_of_the_project(tree)
    made = [path for text in sections().values() for path in apply(text, tree)]
    ran = subprocess.run([sys.executable, "-m", "ruff", "check", "-q", *made], cwd=tree, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    ran = subprocess.run([sys.executable, "-m", "ruff", "format", "--diff", "-q", "."], cwd=tree, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    return tree


def test_every_example_works_as_it_is_written(followed):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PAT_"))}
    tests = ["tests/test_architecture.py", *(test for tests in TESTS.values() for test in tests)]
    command = [sys.executable, "-P", "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "--rootdir", str(followed), *tests]
    ran = subprocess.run(command, cwd=followed, env=environment | {"PYTHONPATH": str(followed)}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
