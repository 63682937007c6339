"""The words of GLOSSARY.md, for the pages that use them."""

from __future__ import annotations

import re

from pat_core import settings

_LINE = re.compile(r"\|\s*(?P<word>[^|]+?)\s*\|\s*(?P<meaning>.+?)\s*\|")


def glossary() -> dict[str, str]:
    """word -> its meaning, in the order of the file; empty where this installation has no such file."""
    try:
        lines = (settings.ASSETS.parent / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    entries = [match for line in lines if (match := _LINE.fullmatch(line.strip()))]
    return {match["word"]: match["meaning"] for match in entries[2:]}  # the first two lines are the table's head
