"""The RULEs of the house: who may import what."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RANKS = {
    "errors": 0, "records": 0, "settings": 0, "progress": 0, "files": 0, "csv_text": 0,
    "recordings": 1, "rhythms": 1, "model": 1, "simulate": 1, "evaluation": 1,
    "weeks": 2, "weights": 2, "explain": 2,
    "training": 3, "cohorts": 3, "nhanes": 3,
    "figures": 4, "reports": 4, "jobs": 4,
    "workflows": 5, "verbs": 5, "verbs_sleep": 5, "verbs_quality": 5, "__main__": 5,
}  # fmt: skip
ENGINE = sorted((ROOT / "pat_core").rglob("*.py"))
SCREEN = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
DRAWING = {"plotly", "altair", "matplotlib"}


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Every node of a file, parsed once for all rules."""
    return list(ast.walk(ast.parse(path.read_text())))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room(path: Path) -> str:
    return path.relative_to(ROOT / "pat_core").parts[0].removesuffix(".py")


def relative(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_only_the_pages_import_streamlit():
    assert relative([path for path in ENGINE if any(name.split(".")[0] == "streamlit" for name in imported(path))]) == []


def test_drawing_libraries_live_in_figures_and_reports_alone():
    others = [path for path in ENGINE if room(path) not in ("figures", "reports")] + SCREEN
    assert relative([path for path in others if DRAWING & {name.split(".")[0] for name in imported(path)}]) == []


@pytest.mark.parametrize(
    "path", [path for path in ENGINE if path.parent != ROOT / "pat_core" or path.stem in RANKS], ids=lambda p: str(p.relative_to(ROOT))
)
def test_rooms_import_only_downwards(path):
    own = room(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "pat_core" or len(parts) < 2 or parts[1] not in RANKS or parts[1] == own:
            continue
        assert RANKS[parts[1]] < RANKS[own] or RANKS[own] == 5, f"{own} (rank {RANKS[own]}) imports {parts[1]} (rank {RANKS[parts[1]]})"


def test_every_room_has_a_rank():
    assert {room(path) for path in ENGINE} - {"__init__"} <= set(RANKS)


def test_the_engine_does_not_print():
    def prints(path: Path) -> bool:
        return any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print" for n in nodes(path))

    assert relative([path for path in ENGINE if path.name != "__main__.py" and prints(path)]) == []


def test_no_bare_assert_guards_user_input():
    asserting = [path for path in ENGINE if any(isinstance(n, ast.Assert) for n in nodes(path))]
    assert relative(asserting) == []


def test_tables_of_data_are_drawn_in_one_place():
    drawing = [path for path in SCREEN if any(call in path.read_text() for call in ("st.dataframe(", ".data_editor("))]
    assert relative(drawing) == ["pages/components/tables.py"]


def test_nothing_is_ever_unpickled():
    for path in [*ENGINE, *SCREEN]:
        text = path.read_text()
        assert "allow_pickle=True" not in text and not {"pickle", "joblib", "dill"} & imported(path), path
        assert "torch.load" not in text, path


def test_pages_are_composition_roots_of_at_most_eighty_lines():
    long = {path.name: n for path in (ROOT / "pages").glob("*.py") if (n := len(path.read_text().splitlines())) > 80}
    assert long == {}


def test_the_model_path_is_readable_in_one_sitting():
    lines = sum(len(path.read_text().splitlines()) for path in (ROOT / "pat_core" / "model").glob("*.py"))
    assert lines <= 360
