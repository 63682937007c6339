"""The RULEs of the house: who may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RANKS = {
    "errors": 0, "records": 0, "settings": 0, "progress": 0, "files": 0, "csv_text": 0, "plurals": 0,
    "download": 1, "wear": 1, "rhythms": 1, "models": 1, "simulate": 1, "evaluation": 1,
    "recordings": 2, "explain": 2, "weights": 2,
    "weeks": 3,
    "training": 4, "cohorts": 4, "nhanes": 4,
    "figures": 5, "jobs": 5,
    "workflows": 6,
    "reports": 7,
    "commands": 8, "library": 8, "__main__": 9,
}  # fmt: skip
ENGINE = sorted((ROOT / "pat_core").rglob("*.py"))
SCREEN = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
DRAWING = {"plotly", "altair", "matplotlib"}


@cache
def tree(path: Path) -> ast.Module:
    """A file, parsed once for all rules."""
    return ast.parse(path.read_text())


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Every node of a file."""
    return list(ast.walk(tree(path)))


@cache
def imported(path: Path) -> set[str]:
    """What a file imports, as absolute dotted names; `from . import x` counts as the package's x."""
    return names_of(nodes(path), path)


def names_of(imports: Iterable[ast.AST], path: Path) -> set[str]:
    package = path.relative_to(ROOT).parts[:-1]
    names: set[str] = set()
    for node in imports:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            names |= {".".join([*start, *filter(None, [node.module]), alias.name]) for alias in node.names}
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
        assert RANKS[parts[1]] < RANKS[own], f"{own} (rank {RANKS[own]}) imports {parts[1]} (rank {RANKS[parts[1]]})"


@cache
def imported_at_once(path: Path) -> set[str]:
    """What a file imports when it is imported itself: not what stands inside functions or is for the checker of types alone."""
    inside: set[ast.AST] = set()
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.Lambda) or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            inside.update(ast.walk(node))
    return names_of((node for node in nodes(path) if node not in inside), path)


@cache
def files_of(name: str) -> list[Path]:
    """The files of ours that importing a dotted name runs: those of its packages, and its own."""
    places = [ROOT.joinpath(*name.split(".")[: length + 1]) for length in range(name.count(".") + 1)]
    return [file for place in places for file in (place / "__init__.py", place.with_suffix(".py")) if file.exists()]


def way_to(library: str, start: Path) -> list[str]:
    """The shortest chain of files by which importing the first one imports a library; [] where it does not."""
    chains, seen = [[start]], {start}
    for chain in chains:
        names = imported_at_once(chain[-1])
        if any(name.split(".")[0] == library for name in names):
            return relative(chain)
        for file in (file for name in sorted(names) for file in files_of(name) if file not in seen):
            seen.add(file)
            chains.append([*chain, file])
    return []


NETWORKS = ("models", "weights", "explain", "training")


def test_nobody_waits_for_torch_but_who_reads_a_model():
    """It takes a second to import: outside the rooms of networks, it and what needs it stand inside the functions that use them."""
    others = [*SCREEN, *(path for path in ENGINE if room(path) not in NETWORKS)]
    assert [" > ".join(chain) for path in others if (chain := way_to("torch", path))] == []


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
    assert relative(drawing) == ["pages/components/shared/data_table.py"]


def test_nothing_is_ever_unpickled():
    for path in [*ENGINE, *SCREEN]:
        text = path.read_text()
        assert "allow_pickle=True" not in text and not {"pickle", "joblib", "dill"} & imported(path), path
        calls = [node for node in nodes(path) if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load"]
        assert not calls or path.name == "harnet_file.py", path  # state dicts are published as PyTorch files alone
        assert all("weights_only=True" in ast.unparse(call) for call in calls), "torch builds tensors and nothing else"


def test_pages_are_composition_roots_of_at_most_eighty_lines():
    pages = [*(ROOT / "pages").glob("*.py"), *(path for path in (ROOT / "pages").glob("*/*.py") if path.parent.name != "components")]
    long = {path.name: n for path in pages if (n := len(path.read_text().splitlines())) > 80}
    assert long == {}


def test_the_model_path_is_readable_in_one_sitting():
    lines = sum(len(path.read_text().splitlines()) for path in (ROOT / "pat_core" / "models" / "pat").glob("*.py"))
    assert lines <= 360


def test_no_folder_is_a_heap():
    """A room is found on one guess while its files fit on one screen."""
    folders = {path.parent for path in [*ENGINE, *SCREEN]}
    sizes = {str(folder.relative_to(ROOT)): len(list(folder.glob("*.py"))) for folder in folders}
    assert {name: size for name, size in sizes.items() if size > 22} == {}


def test_a_file_says_what_it_is_without_its_folder():
    names = [path.stem for path in [*ENGINE, *SCREEN] if path.stem not in ("__init__", "__main__")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_imports_inside_a_room_do_not_go_in_circles():
    """Folders of a room stand above one another too; a room's own __init__ and the files beside it may name its folders."""
    arrows: dict[str, set[str]] = {}
    for path in ENGINE:
        own = ".".join(path.relative_to(ROOT).parts[:-1])
        for name in imported(path):
            parts = name.split(".")
            while parts and not (ROOT / "/".join(parts)).is_dir():
                parts.pop()
            other = ".".join(parts)
            if other.startswith("pat_core.") and own != other and not own.startswith(other + ".") and not other.startswith(own + "."):
                arrows.setdefault(own, set()).add(other)

    def reached(start: str) -> set[str]:
        seen, ahead = set(), [start]
        while ahead:
            for one in arrows.get(ahead.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    ahead.append(one)
        return seen

    assert [folder for folder in arrows if folder in reached(folder)] == []


MOST_PARAMETERS = 8


def test_no_public_function_takes_more_than_eight_parameters():
    """What belongs together travels together, as a record."""

    def taken(function: ast.FunctionDef) -> int:
        named = function.args
        return len({each.arg for each in (*named.posonlyargs, *named.args, *named.kwonlyargs)} - {"self", "cls"})

    long = {
        f"{path.relative_to(ROOT)}: {node.name}": taken(node)
        for path in [*ENGINE, *SCREEN]
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and taken(node) > MOST_PARAMETERS
    }
    assert long == {}


VAGUE = {"told", "whose", "said", "made", "found"}
"""Words that would fit anything: a name says what it stands for (message, findings, result, ...)."""


def bound(path: Path) -> set[str]:
    """Every name that a file gives to something."""
    names = {node.id for node in nodes(path) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.name for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler) and node.name}
    names |= {node.attr for node in nodes(path) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    names |= {node.asname for node in nodes(path) if isinstance(node, ast.alias) and node.asname}
    return names | {node.arg for node in nodes(path) if isinstance(node, ast.arg)}


def test_names_say_what_they_stand_for():
    vague = {str(path.relative_to(ROOT)): sorted(words) for path in [*ENGINE, *SCREEN] if (words := bound(path) & VAGUE)}
    assert vague == {}, "These names fit anything. Say what each stands for: message, findings, result, ..."


def test_vague_names_are_found(tmp_path):
    (tmp_path / "a.py").write_text("def told(found, *, plain): ...\nsaid: int = 1\nimport b as made\nfor whose in said.made: ...\n")
    assert bound(tmp_path / "a.py") == VAGUE | {"plain"}


def late_imports(path: Path) -> list[int]:
    """Lines of imports that stand below other code at the top level of a file. An `if`, such as TYPE_CHECKING, counts as code."""
    begun, late = False, []
    for node in tree(path).body:
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr):
            begun = True
        elif begun and not isinstance(node, ast.Expr):
            late.append(node.lineno)
    return late


def test_imports_stand_together():
    assert {str(path.relative_to(ROOT)): lines for path in [*ENGINE, *SCREEN] if (lines := late_imports(path))} == {}


def test_a_late_import_is_found(tmp_path):
    (tmp_path / "a.py").write_text('"""Words."""\nimport a\nif a:\n    import b\nfrom c import d\n')
    assert late_imports(tmp_path / "a.py") == [5]
