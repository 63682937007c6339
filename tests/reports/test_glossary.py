"""GLOSSARY.md: each word once, in the order of the alphabet, every line of it read by the pages."""

from __future__ import annotations

from pathlib import Path

from pat_core.reports.glossary import glossary

LINES = [line for line in (Path(__file__).resolve().parents[2] / "GLOSSARY.md").read_text().splitlines() if line.startswith("|")]


def test_every_word_stands_once_and_in_order():
    words = [line.split("|")[1].strip() for line in LINES[2:]]
    assert words == sorted(words, key=str.casefold)
    assert len({word.casefold() for word in words}) == len(words)


def test_every_line_is_a_word_with_its_meaning():
    assert list(glossary()) == [line.split("|")[1].strip() for line in LINES[2:]] and all(glossary().values())
    assert LINES[0] == "| word | meaning, unit |"
