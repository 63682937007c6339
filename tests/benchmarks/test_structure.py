"""What is measured of a checkout's structure, on one so small that every figure can be counted by hand."""

from __future__ import annotations

import pytest

from benchmarks.structure import files_and_functions, lines_of_code, probe, sizes

MAIN = '''"""Says hello."""

import sqlite3
import sys
from pathlib import Path

from pat_core.shared.words import Greeter


class Never:
    def called(self):
        return 0


def main(folder):
    (folder / "note.txt").write_text("a")
    (folder / "note.txt").read_text()
    sqlite3.connect(folder / "workspace.sqlite3").close()
    return [key for key in map(lambda word: word, [Greeter().greet(1, 2, 3, 4, 5, 6, 7, 8, *(), c=9)])]


if __name__ == "__main__":
    import os

    main(Path(os.environ["PAT_WORKSPACE"]))
    sys.exit(int(sys.argv[1] == "fail"))
'''
WORDS = '''class Greeter:
    def greet(self, a, b, /, d, e, f, g, h, i, *others, c, **more):
        """Nine
        or more."""
        # nothing

        return a
'''


@pytest.fixture
def tree(tmp_path):
    files = {
        "pat_core/__init__.py": "",
        "pat_core/__main__.py": MAIN,
        "pat_core/shared/__init__.py": "",
        "pat_core/shared/words.py": WORDS,
        "pages/words.py": "def drawn():\n    pass\n",
        "app.py": "import pages\n",
    }
    for name, text in files.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "workspace").mkdir()
    return tmp_path / "checkout"


def test_sizes_are_those_counted_by_hand(tree):
    rows = sizes(tree)
    assert rows["Files, engine"] == "4" and rows["Files, pages"] == "2"
    assert rows["Functions, engine"] == "3"
    assert rows["Lines a function, engine: median, p95, longest"] == "5, 6, 6"
    assert rows["Longest signature, engine"] == "11 (`pat_core/shared/words.py:greet`)"
    assert rows["Functions of more than 8 arguments, engine"] == "1" and rows["Functions of more than 8 arguments, pages"] == "0"
    assert rows["Largest folder, Python files directly in it"] == "2 (`pat_core`)"
    assert rows["Basenames that stand twice or more"] == "1"
    assert lines_of_code(WORDS) == 3


def test_functions_that_ran_are_counted_but_no_class_lambda_or_comprehension(tree):
    found = probe(tree, tree.parent / "workspace", "--profile", "--verb", "hello")
    functions = {tuple(one) for one in found["functions"]}
    assert {(file, name.partition(":")[0]) for file, name in functions} == {
        ("pat_core/__main__.py", "main"),
        ("pat_core/shared/words.py", "Greeter.greet"),
    }
    assert files_and_functions(functions) == "2, 2"


def test_files_of_the_workspace_and_connections_are_counted(tree):
    found = probe(tree, tree.parent / "workspace", "--verb", "hello")
    assert found["opened"] == [{"opens": 2, "files": ["note.txt"], "connections": 1, "processes": 0}]
    assert found["torch"] is False


def test_a_verb_that_fails_is_no_measurement(tree):
    with pytest.raises(RuntimeError, match="probe failed"):
        probe(tree, tree.parent / "workspace", "--verb", "fail")


def test_work_given_to_another_process_is_no_measurement(tree):
    path = tree / "pat_core" / "__main__.py"
    path.write_text("import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])\n")
    with pytest.raises(RuntimeError, match="other processes"):
        probe(tree, tree.parent / "workspace", "--verb", "hello")
