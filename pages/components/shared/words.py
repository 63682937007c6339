"""The words of the app, marked where they stand, ready for gettext.

`_("Nothing was saved.")` is the sentence in the reader's language where a catalogue of that language is installed, else as it stands in
the source. What changes in a sentence has a name in it and is filled in afterwards: `_("{person} has no week {week}.").format(...)`. The
template is always a literal: the names that people and files bring never are one. `python -m tests.test_wording` collects all of them
into `assets/locale`, a template for translators (.pot) for each group of pages; a language has one file out of all of these,
`assets/locale/<language>/LC_MESSAGES/pat_explorer.mo`.
"""

from __future__ import annotations

import gettext

from pat_core.settings import ASSETS

DOMAIN = "pat_explorer"
LANGUAGES: tuple[str, ...] = ()
"""Those that are tried, in their order. None is switched on yet, whatever the environment says: everything is in English."""

_CATALOGUE = gettext.translation(DOMAIN, ASSETS / "locale", LANGUAGES, fallback=True)


def _(text: str) -> str:
    """A sentence or a label in the reader's language. text: a literal, for catalogues are made by reading the source."""
    return _CATALOGUE.gettext(text)


def plural(singular: str, many: str, number: int, **values: object) -> str:
    """The form that goes with a number, filled in: `plural("{number} week", "{number} weeks", 1204)` is "1,204 weeks".

    singular, many: literals, as for `_`. values: what else has a name in them.
    """
    return _CATALOGUE.ngettext(singular, many, number).format(number=f"{number:,}", **values)
