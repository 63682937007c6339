"""Text on its way into a Plotly figure, which takes what it is given for its own kind of HTML and fills in what stands in braces."""

from __future__ import annotations

from html import escape

LONGEST = 80
"""Characters of a name in a figure; its caption holds it whole."""


def plain(text: object, most: int = LONGEST) -> str:
    """Text as Plotly shows it unchanged, in one line of at most so many characters: no tag, link, entity, field or formula."""
    one = " ".join(str(text).split())
    one = one if len(one) <= most else one[: most - 1].rstrip() + "…"
    return escape(one, quote=False).replace("{", "&#123;").replace("$", "&#36;")
