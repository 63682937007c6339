"""Names are text: whatever somebody, a label or a file is called, Markdown makes nothing of it."""

from __future__ import annotations

import re

import pytest

from pages.components.text import JOINER, LONGEST, cut, lines, literal

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
