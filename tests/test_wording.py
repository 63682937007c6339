"""The words of the engine stand in tests/wording, a file a room, so that a sentence that changes is one line to review; those of the pages
stand in assets/locale.

`python -m tests.test_wording` writes both anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import catalogues

ROOT = Path(__file__).resolve().parents[1]
WORDING = ROOT / "tests" / "wording"
FEWEST_WORDS = 4
NOT_FOR_READERS = re.compile(
    r"SELECT|INSERT|UPDATE|DELETE FROM|DELETE |PRAGMA|CREATE|ALTER TABLE|\w+ = \?|<style>|'self'|\w+, \w+_\w+,|!important|sans-serif"
)
"""Database statements, styles and the like."""
UPDATE = "Where that is meant, run `python -m tests.test_wording` and commit what it writes."


def rooms() -> dict[str, list[Path]]:
    """Name of a room -> its files: each folder of pat_core, and `core` for the files beside them."""
    found = {}
    for path in sorted((ROOT / "pat_core").iterdir()):
        if path.is_dir() and path.name != "__pycache__":
            found[path.name] = sorted(path.rglob("*.py"))
    return {**found, "core": sorted((ROOT / "pat_core").glob("*.py"))}


def snapshot(files: list[Path]) -> str:
    """The sentences of each file in the order of its lines, under its path."""
    blocks = []
    for path in files:
        lines = [text.replace("\n", "\\n") for text in sentences(ast.parse(path.read_text(encoding="utf-8")))]
        if lines:
            blocks.append("\n".join([f"## {path.relative_to(ROOT).as_posix()}", *lines]) + "\n")
    return "\n".join(blocks)


def sentences(tree: ast.AST) -> Iterator[str]:
    """String literals of `FEWEST_WORDS` words or more, f-strings with {...} where a value goes; without docstrings."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values} | {id(inner) for part in node.values for inner in _format_of(part)}
    found = []
    for node in ast.walk(tree):
        text = "" if id(node) in skipped else _text(node)
        if len(text.split()) >= FEWEST_WORDS and not NOT_FOR_READERS.search(text):
            found.append((node.lineno, node.col_offset, text))
    return (text for _, _, text in sorted(found))


def _format_of(part: ast.expr) -> list[ast.AST]:
    return list(ast.walk(part.format_spec)) if isinstance(part, ast.FormattedValue) and part.format_spec else []


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{...}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("room", rooms())
def test_the_words_of_a_room_are_those_of_its_file(room):
    path = WORDING / f"{room}.txt"
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    now = snapshot(rooms()[room]).splitlines()
    gone, new = [line for line in before if line not in now], [line for line in now if line not in before]
    assert before == now, "\n".join(
        [f"The words of {room} changed. {UPDATE}", *(f"- {line}" for line in gone), *(f"+ {line}" for line in new)]
    )


def test_there_is_no_file_for_a_room_that_is_gone():
    assert {path.stem for path in WORDING.glob("*.txt")} <= set(rooms()), UPDATE


def test_a_literal_s_words_are_found_and_docstrings_and_statements_are_not():
    code = '"""Words of the module here."""\nA = f"Only {n:,} people of {whom} are"\nB = ("Nothing was "\n     "saved here")\n'
    code += 'C = "SELECT a FROM b"\n'
    assert list(sentences(ast.parse(code))) == ["Only {...} people of {...} are", "Nothing was saved here"]


def write() -> None:
    """Every room's file anew; files of rooms that are gone are removed."""
    WORDING.mkdir(exist_ok=True)
    for path in WORDING.glob("*.txt"):
        path.unlink()
    for room, files in rooms().items():
        if text := snapshot(files):
            (WORDING / f"{room}.txt").write_text(text, encoding="utf-8")
    catalogues.write()


if __name__ == "__main__":
    write()
