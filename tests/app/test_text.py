"""Names are text: whatever somebody, a label or a file is called, Markdown makes nothing of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pages.components.shared.plain_text import JOINER, LONGEST, cut, lines, literal

NAMES = (
    "# heading", "- item", "+ item", "* item", "1. item", "12) item", "> quote", "=== rule", "--- rule", "***", "| a | b |", "    code",
    "**bold**", "_slanted_", "~~gone~~", "`code`", "[a](https://elsewhere.example)", "![a](https://elsewhere.example/x.png)", "[a][b]",
    "<https://elsewhere.example>", "<img src=x>", "&lt;b&gt;", "$x^2$", "$$x$$", ":red[careful]", ":material/home:", ":smile:", ":+1:",
    ":streamlit:", "https://elsewhere.example/a", "HTTP://elsewhere.example", "www.elsewhere.example", "someone@elsewhere.example",
    "mailto:someone@elsewhere.example", "a -- b", "a -> b", "x >= 5", "back\\slash",
    "\\# heading", ":::note", ":red", "a:b", "[^1]", "- [x] done",
)  # fmt: skip


def shown(markdown: str) -> str:
    """What a reader sees of escaped text: without the escapes, and without signs that have no width."""
    return re.sub(r"\\(.)", r"\1", markdown).replace(JOINER, "")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_reads_as_it_is_written(name):
    assert shown(literal(name)) == name.strip()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_opens_markup_is_left(name):
    made = literal(name)
    bare = re.sub(r"\\.", "", made)
    assert not set(bare) & set("`*{}[]<>#$~|&\\")
    assert not re.match(r"[-+]([\s-]|$)|>|\d+[.)]\s", made)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])|:[a-z:]", bare)
    assert not re.search(r"(?i)(https?:/|www\.\w|mailto:\w|\w@\w|:[a-z+][\w+/-]*:|\s(--|->)\s)", bare)


ORDINARY = ("sim-0002", "PAT-S_29k", "late wake: planted", "Ana María", "14:05", "2024-03-01 07:30:00", "0.31 (0.2 to 0.4)", "+0.2")


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_text_is_left_alone(name):
    assert literal(name) == name


def test_a_name_stays_in_its_line():
    assert literal("a\n# heading\r\n\n![x](y)") == "a \\# heading !\\[x\\](y)"


def test_signs_that_hide_or_turn_the_text_are_made_visible():
    assert literal("a\u202etxt.exe\u202c\x07") == "a\ufffdtxt.exe\ufffd\ufffd"


def test_several_lines_stay_lines_and_each_is_text():
    assert lines("one\n# two\n[three](x)") == "one  \n\\# two  \n\\[three\\](x)"


def test_long_text_is_cut_where_asked():
    assert cut("x" * 500) == "x" * (LONGEST - 1) + "…"
    assert len(cut("y" * LONGEST)) == LONGEST and not cut("y" * LONGEST).endswith("…")
    assert literal("*" * 500, 10) == "\\*" * 9 + "…"
    assert len(literal("z" * 500)) == 500


ROOT = Path(__file__).resolve().parents[2]
MARKDOWN = {
    "badge", "button", "caption", "checkbox", "download_button", "error", "expander", "file_uploader", "form_submit_button", "header",
    "info", "link_button", "markdown", "metric", "multiselect", "number_input", "page_link", "popover", "progress", "radio",
    "segmented_control", "select_slider", "selectbox", "slider", "spinner", "subheader", "success", "text_area", "text_input", "title",
    "toast", "toggle", "warning", "write",
}  # fmt: skip
"""Calls whose first argument, `label`, `text`, `body`, `help` or `captions` is read as Markdown."""
ARGUMENTS = {"label", "text", "body", "help", "captions"}
ESCAPED = {"literal", "lines", "bullets", "len"}
FOREIGN = {
    "caption", "caution", "error", "explanation", "first_line", "label", "message", "name", "named", "negative", "note", "participant",
    "person", "positive", "reason", "reference", "sentence", "summary", "title", "titles", "trouble", "unfit", "why", "words", "filename",
}  # fmt: skip
"""What such things are called that come from people, files and the engine."""


def unescaped(call: ast.Call) -> list[str]:
    """What of a call's Markdown has a foreign name and does not go through the border."""
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ARGUMENTS)]
    found, waiting = [], list(given)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            waiting += [] if called in ESCAPED else [*node.args, *(word.value for word in node.keywords)]
        elif isinstance(node, ast.Attribute | ast.Name):
            word = node.attr if isinstance(node, ast.Attribute) else node.id
            found += [ast.unparse(node)] if word in FOREIGN else []
        elif isinstance(node, ast.IfExp):  # what is asked is not shown
            waiting += [node.body, node.orelse]
        elif isinstance(node, ast.Subscript):  # nor by which key
            waiting.append(node.value)
        elif isinstance(node, ast.GeneratorExp | ast.ListComp):
            waiting.append(node.elt)
        else:
            waiting += list(ast.iter_child_nodes(node))
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_gives_a_name_or_a_sentence_to_streamlit_as_it_came(path):
    wrong = [
        f"line {node.lineno}: {', '.join(found)}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MARKDOWN
        if (found := unescaped(node))
    ]
    assert wrong == [], "wrap it in pages.components.shared.plain_text.literal"
