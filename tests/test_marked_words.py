"""RULE: what the pages say is marked for gettext where it stands, and assets/locale holds all of it, a file a group of pages.

`python -m tests.test_wording` writes these files.
"""

from __future__ import annotations

import ast
import gettext
import io
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from pages.components.shared.words import DOMAIN
from tests.catalogues import CATALOGUES, KEYWORDS, ROOT, groups, template, templates

UPDATE = "Where that is meant, run `python -m tests.test_wording` and commit what it writes."
SCREEN = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
MARKS = "pages/components/shared/words.py"
GIVEN = {
    "badge", "button", "button_group", "caption", "checkbox", "download_button", "error", "expander", "feedback", "file_uploader",
    "form_submit_button", "header", "info", "link_button", "markdown", "metric", "multiselect", "number_input", "popover",
    "progress", "radio", "segmented_control", "select_slider", "selectbox", "slider", "spinner", "status", "subheader", "success", "table",
    "tabs", "text_area", "text_input", "time_input", "title", "toast", "toggle", "warning", "write", "literal", "lines", "bullets",
    "Column", "TextColumn", "NumberColumn", "DatetimeColumn", "ButtonColumn",
}  # fmt: skip
"""Calls whose first argument a reader sees."""
ALSO = {"label", "text", "body", "help", "placeholder", "captions", "title", "page_title", "show_spinner"}
"""Arguments that a reader sees, of whichever call."""
NOT_WORDS = {
    "pages/components/shared/local_access.py": {r"'self'.*", r" ws://.*"},  # rules for browsers
    "pages/components/shared/shell.py": {r"<style>.*"},
    "pages/components/evaluate/evaluate_views.py": {r"<style>.*"},
    "pages/components/learn/lesson_frame.py": {r"<style>.*"},
    "pages/components/people/list_columns.py": {r"background-color:.*"},
    "pages/components/people/people_list.py": {r"no range of percent: .*"},  # never shown
    "pages/components/explain/explain_clock.py": {"Everyone else"},  # as the address says it; its words stand beside it
    "pages/components/data/import_form.py": {"ActiGraph .*", "Actiwatch .*", "Axivity .*", "/data/study/recordings"},  # names
}
"""File -> what looks like words there and is none, as patterns for the whole text."""
MOMENT = re.compile(r"(ddd )?D MMM YYYY(, HH:mm)?")
MARKUP = re.compile(r":\w+(?=\[)")


@cache
def tree(path: Path) -> ast.Module:
    """A file's nodes, each with its `parent`."""
    parsed = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(parsed):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return parsed


@cache
def codes() -> frozenset[str]:
    """Texts by which the engine calls something: names of columns, methods and marks, words of the glossary."""
    files = (ROOT / "pat_core").rglob("*.py")
    texts = (
        node.value for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)
    )
    glossary = re.findall(r"^\| ([^|]+) \|", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.M)
    return frozenset(text for text in texts if isinstance(text, str)) | frozenset(glossary)


def text_of(node: ast.AST) -> str:
    """A literal's text, "" of what is none; what is filled in counts as a sign."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def marked(node: ast.AST) -> bool:
    parent = node.parent  # type: ignore[attr-defined]
    return called(parent) in KEYWORDS and node in parent.args[:2]


def shown(call: ast.Call) -> Iterator[ast.AST]:
    """The literals of a call that a reader sees, also as one of two, in a list, a table's columns or joined to others."""
    given = [*(call.args[:1] if called(call) in GIVEN else ()), *(word.value for word in call.keywords if word.arg in ALSO)]
    while given:
        node = given.pop()
        if isinstance(node, ast.IfExp):
            given += [node.body, node.orelse]
        elif isinstance(node, ast.BinOp | ast.List | ast.Tuple | ast.BoolOp):
            given += list(ast.iter_child_nodes(node))
        elif isinstance(node, ast.Dict):
            given += [key for key in node.keys if key is not None]
        elif text_of(node):
            yield node


def sentences(module: ast.Module) -> Iterator[ast.AST]:
    """Literals of two words or more, wherever they stand, that are neither a docstring nor what a value is compared with or found by."""
    inner = {id(part) for node in ast.walk(module) if isinstance(node, ast.JoinedStr) for part in node.values}
    inner |= {
        id(part)
        for node in ast.walk(module)
        if isinstance(node, ast.FormattedValue) and node.format_spec
        for part in ast.walk(node.format_spec)
    }
    for node in ast.walk(module):
        parent = getattr(node, "parent", None)
        if id(node) in inner or isinstance(parent, ast.Expr | ast.Compare) or isinstance(parent, ast.Subscript) and parent.slice is node:
            continue
        if len(re.findall(r"[A-Za-z]{2,}", text_of(node))) > 1 and " " in text_of(node).strip():
            yield node


def unmarked(path: Path, module: ast.Module | None = None) -> list[str]:
    """What a page says without a mark, each with its line."""
    module = module or tree(path)
    name = path.relative_to(ROOT).as_posix()
    excused = [re.compile(pattern, re.S) for pattern in NOT_WORDS.get(name, ())]
    given = {node for call in ast.walk(module) if isinstance(call, ast.Call) for node in shown(call)}
    found = []
    for node in {*given, *sentences(module)}:
        text = text_of(node)
        if marked(node) or not re.search(r"[A-Za-z]", MARKUP.sub("", text)) or MOMENT.fullmatch(text):
            continue
        if any(pattern.fullmatch(text) for pattern in excused) or node not in given and text in codes():
            continue
        found.append((node.lineno, text))  # type: ignore[attr-defined]
    return [f"{name}:{line}: {text}" for line, text in sorted(found)]


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_says_is_marked(path):
    assert unmarked(path) == [], "put it into _(...) or plural(...) of pages.components.shared.words, what changes in it as {names}"


def test_words_without_a_mark_are_found():
    code = (
        'st.title("Labels")\nst.write(f"Only {n} here")\nplace.button(_("Go") if n else "Stop", help="Why")\nWAYS = {"a": "Two words"}\n'
        'st.caption(f"**{name}**")\nst.write(_("Marked"), key="seen")\nif x == "two words":\n    pass\n"""A docstring here."""\n'
    )
    module = ast.parse(code)
    for node in ast.walk(module):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    name = "pages/labels.py"
    expected = [(1, "Labels"), (2, "Only \0 here"), (3, "Stop"), (3, "Why"), (4, "Two words")]
    assert unmarked(ROOT / name, module) == [f"{name}:{line}: {text}" for line, text in expected]


def places(text: str) -> set[str]:
    """The names in a template."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_is_a_literal_and_is_given_what_it_names(path):
    """So no name that came with a file is ever read as a template."""
    for call in ast.walk(tree(path)):
        if not isinstance(call, ast.Call) or called(call) not in KEYWORDS:
            continue
        where, plural = f"{path.relative_to(ROOT)}:{call.lineno}", called(call) == "plural"
        texts = call.args[:2] if plural else call.args
        assert all(isinstance(text, ast.Constant) for text in texts), where
        filled = call if plural else call.parent.parent  # type: ignore[attr-defined]
        given = {word.arg for word in filled.keywords} if called(filled) in ("format", "plural") else set()
        for names in (places(text.value) for text in texts):  # type: ignore[attr-defined]
            assert names == (given | {"number"} if plural else given) or not plural and not names, (
                f"{where}: names {names}, is given {given}"
            )


def test_the_name_of_the_mark_is_used_for_nothing_else():
    """`_` as a name for what nobody needs would hide the mark."""
    bound = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SCREEN
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in KEYWORDS
    ]
    assert bound == [], "call it by what it is, or take the parts that are needed with [0] or [1:]"


@pytest.mark.parametrize("group", groups())
def test_the_catalogue_of_a_group_is_what_its_pages_say(group):
    path = CATALOGUES / f"{group}.pot"
    before, now = path.read_text(encoding="utf-8") if path.exists() else "", template(groups()[group])
    gone, new = set(before.splitlines()) - set(now.splitlines()), set(now.splitlines()) - set(before.splitlines())
    assert before == now, "\n".join(
        [f"The words of {group} changed. {UPDATE}", *(f"- {line}" for line in gone), *(f"+ {line}" for line in new)]
    )


def test_there_is_no_catalogue_of_a_group_that_is_gone():
    assert set(CATALOGUES.glob("*.pot")) == set(templates()), UPDATE


def test_a_language_is_one_file_made_from_all_templates(tmp_path):
    """As translators would: merge the groups, give each sentence words, compile, and put the file where `words.py` looks for it."""
    language = Catalog(locale="de")
    for text in templates().values():
        for message in read_po(io.StringIO(text)):
            if message.id:
                language.add(message.id, ("eins {number}", "viele {number}") if message.pluralizable else "Wort")
    place = tmp_path / "de" / "LC_MESSAGES" / f"{DOMAIN}.mo"
    place.parent.mkdir(parents=True)
    with place.open("wb") as file:
        write_mo(file, language)
    words = gettext.translation(DOMAIN, tmp_path, ["de"])
    assert words.gettext("Participants") == "Wort" and words.gettext("of another app") == "of another app"
    assert words.ngettext("{number} week", "{number} weeks", 2) == "viele {number}"
