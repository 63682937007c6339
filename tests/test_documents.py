"""What README, CONTRIBUTING, GLOSSARY and docs/ name is there: links, files, rooms and commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_architecture import RANKS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "GLOSSARY.md")] + sorted((ROOT / "docs").rglob("*.md"))
TOPS = {path.name for path in ROOT.iterdir() if path.is_dir()}
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def missing(document: Path) -> list[str]:
    """Links that lead nowhere, and files and folders of this project that are named and not there.

    A name in backticks is a path of the project where it begins with one of its folders; new files of the worked examples are none yet.
    """
    text = document.read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link and not link.startswith("#")]
    gone = [link for link in links if not (document.parent / link).exists()]
    new = set(re.findall(r"`([\w./-]+)`, new:", text))
    named = {name for name in PATH.findall(text) if "/" in name and name.partition("/")[0] in TOPS} - new
    return gone + sorted(name for name in named if not (ROOT / name).exists())


@each_document
def test_what_a_document_names_is_there(document):
    assert missing(document) == []


def test_a_link_and_a_file_that_are_gone_are_seen(tmp_path):
    (tmp_path / "a.md").write_text(
        "[a](gone.md) [b](a.md) [c](https://example.org/x) `pat_core/gone.py` `pat_core/errors.py` `pages/b.py`, new:"
    )
    assert missing(tmp_path / "a.md") == ["gone.md", "pat_core/gone.py"]


@each_document
def test_modules_that_are_named_in_commands_are_there(document):
    named = re.findall(r"python -m (benchmarks[\w.]*|pat_core[\w.]*)", document.read_text())
    assert [name for name in named if not list(ROOT.glob(f"{name.replace('.', '/')}*"))] == []


def test_the_table_of_rooms_is_the_ranks():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| .+ \|$", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.M)
    assert {name: int(rank) for rank, name in rows} == RANKS


def test_decisions_are_numbered_short_and_in_the_index():
    folder = ROOT / "docs" / "decisions"
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [int(path.name.split("-")[0]) for path in records] == list(range(1, len(records) + 1))
    titles = {path: re.match(r"# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\n", path.read_text()) for path in records}
    assert [path.name for path, title in titles.items() if title is None or len(path.read_text().splitlines()) > 25] == []
    index = (folder / "README.md").read_text()
    rows = {path.name: f"| {title[1]} | [{title[2]}]({path.name}) | {title[3]} |" for path, title in titles.items() if title}
    assert [name for name, row in rows.items() if row not in index] == []
