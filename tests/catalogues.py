"""The words of the pages, a template for translators (gettext's .pot) for each group of pages, made by reading the source."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "assets" / "locale"
GROUPS = {"app": "app", "participant": "people", "participants": "people", "finetune": "train"}
"""File beside others of its kind -> its group, where that has another name than the file."""
KEYWORDS = {"_": None, "plural": (1, 2)}
"""Functions of `pages/components/shared/words.py` -> which of their arguments are templates."""
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
"""Without dates and versions, so that a file changes where a sentence does."""


def groups() -> dict[str, list[Path]]:
    """Name of a group of pages -> its files: a folder of pages/components with the pages that it is for, a folder of pages, and app.py
    alone."""
    files: dict[str, list[Path]] = {}
    for path in [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]:
        folders = [name for name in path.relative_to(ROOT).parts[1:-1] if name != "components"]
        files.setdefault(folders[0] if folders else GROUPS.get(path.stem, path.stem), []).append(path)
    return files


def template(files: list[Path]) -> str:
    """The .pot of these files: a line a sentence in the order of the source, under the file it stands in; "" where nothing is said."""
    catalogue = Catalog(charset="utf-8")
    for path in files:
        for _, words, comments, context in extract("python", io.BytesIO(path.read_bytes()), KEYWORDS):
            message = catalogue.add(words, None, [(path.relative_to(ROOT).as_posix(), 0)], auto_comments=comments, context=context)
            message.flags.discard("python-format")  # "95 % interval": a sign of percent is text, what is filled in stands in braces
    text = io.BytesIO()
    write_po(text, catalogue, width=0, omit_header=True, include_lineno=False)
    return HEAD + text.getvalue().decode("utf-8") if len(catalogue) else ""


def templates() -> dict[Path, str]:
    """Where each group's file belongs -> what is to be in it."""
    made = {CATALOGUES / f"{name}.pot": template(files) for name, files in groups().items()}
    return {path: text for path, text in made.items() if text}


def write() -> None:
    """All of them anew; those of groups that are gone are removed."""
    CATALOGUES.mkdir(exist_ok=True)
    for path in CATALOGUES.glob("*.pot"):
        path.unlink()
    for path, text in templates().items():
        path.write_text(text, encoding="utf-8")
