"""RULE: pages keep nothing in the session but by a `Key` of pages/components/shared/session_names.py, or by one that `Key.of` makes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCREEN = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
SESSION = "st.session_state"
ACCESS = ("get", "pop", "setdefault")


class Scope:
    """A file's functions, and what names stand for in each of them."""

    def __init__(self, module: ast.Module) -> None:
        self.functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
        self.within: dict[int, ast.FunctionDef] = {}
        for function in self.functions.values():  # an inner one comes after the one around it
            self.within |= {id(node): function for node in ast.walk(function)}

    def is_key(self, node: ast.expr) -> bool:
        """A member, one made by `of`, a name that stands for such, or what a function of this file returns as such."""
        match node:
            case ast.Attribute(value=ast.Name(id="Key")):
                return True
            case ast.Call(func=ast.Attribute(attr="of", value=value)):
                return self.is_key(value)
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                returned = [part.value for part in ast.walk(self.functions[name]) if isinstance(part, ast.Return)]
                return all(value is not None and self.is_key(value) for value in returned)
            case ast.Subscript(value=ast.Name() as name):
                return self.all_keys(name)
            case ast.DictComp(value=value):
                return self.is_key(value)
            case ast.Name():
                return self.all_keys(node)
        return False

    def all_keys(self, name: ast.Name) -> bool:
        function = self.within.get(id(name))
        if function is None:
            return False
        taken = [each.annotation for each in function.args.args if each.arg == name.id]
        if taken:
            return isinstance(taken[0], ast.Name) and taken[0].id == "Key"
        given = list(assigned(function, name.id))
        return bool(given) and all(self.is_key(value) for value in given)


def assigned(function: ast.FunctionDef, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                yield from (value for part, value in pairs if isinstance(part, ast.Name) and part.id == name)
            elif isinstance(target, ast.Name) and target.id == name:
                yield node.value


def others(module: ast.Module) -> list[str]:
    """Lines that use the session by anything but a key, or that hand it on, where nobody sees by which."""
    scope, good = Scope(module), set()
    for node in ast.walk(module):
        match node:
            case ast.Subscript(value=value, slice=key) if ast.unparse(value) == SESSION and scope.is_key(key):
                good.add(id(value))
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=[key, *_]) if name in ACCESS and scope.is_key(key):
                good.add(id(value))
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[value]) if scope.is_key(key):
                good.add(id(value))
    uses = (node for node in ast.walk(module) if isinstance(node, ast.Attribute) and ast.unparse(node) == SESSION)
    return [f"line {line}" for line in sorted(node.lineno for node in uses if id(node) not in good)]


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_session_is_used_by_its_keys(path):
    assert others(ast.parse(path.read_text(encoding="utf-8"))) == [], "give it a member of Key"


def test_other_ways_into_the_session_are_found():
    allowed = """
def draw(key: Key):
    box, other = Key.BOX.of(param), Key.WRITTEN
    st.session_state[box] = st.session_state.get(Key.TURN, 0) if other in st.session_state else st.session_state[key]
    st.session_state.pop(named(1), None)

def named(number):
    return Key.TABLE.of(number)
"""
    assert others(ast.parse(allowed)) == []
    wrong = """
def draw(key, name):
    mine = f"mine.{name}"
    st.session_state["mine"] = 1
    st.session_state[mine] = 1
    st.session_state[key] = 1
    state = st.session_state
    st.button("Go", on_click=st.session_state.pop)
    return "mine" in st.session_state
"""
    assert others(ast.parse(wrong)) == [f"line {number}" for number in range(4, 10)]
