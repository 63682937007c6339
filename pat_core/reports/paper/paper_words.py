"""The words of a report in the reader's language, and numbers and dates as that language writes them.

A language is one file, assets/report/<language>.po, read by Babel when it is first asked for; English stands in the source. What the engine
says in a sentence of its own (a caution, a finding, a note) is known again by its template, an entry of the context "engine":
msgid "The model was tested on {people} people." is that sentence whatever the number.
"""

from __future__ import annotations

import gettext
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from pat_core import settings
from pat_core.errors import PatError
from pat_core.settings import MINUTES_PER_DAY

ENGLISH, ENGINE = "en", "engine"
MINUS = "\u2212"
NOTHING = "\u2013"
"""Stands where there is no value."""
_HYPHEN = re.compile(r"(?<![\w.)-])-(?=\.?\d)")
_NAMED = re.compile(r"\\\{(\w+)\\\}")
_NUMBERS = re.compile(r"[-+\u2212]?\d[\d,]*(?:\.\d+)?")


def with_minus(text: str) -> str:
    """A text with true minus signs before its negative numbers; hyphens within words, names and dates stay."""
    return _HYPHEN.sub(MINUS, text)


def folder() -> Path:
    """Where the languages lie."""
    return settings.ASSETS / "report"


def languages() -> tuple[str, ...]:
    """Those that a report can be had in, English first."""
    return (ENGLISH, *sorted(path.stem for path in folder().glob("*.po") if path.stem != ENGLISH))


@dataclass(frozen=True)
class Template:
    """One sentence of the engine: how it is known, and its words in the language."""

    pattern: re.Pattern[str]
    words: str
    literal: int


class Words:
    """Of one language. PatError where there is no file of it."""

    def __init__(self, language: str = ENGLISH) -> None:
        if language not in languages():
            raise PatError(
                f"Expected the language of a report to be one of {', '.join(languages())}, got {language!r}. Choose one of them."
            )
        self.language = language
        self.locale = Locale.parse(language)
        self._texts, self._templates = _read(language)

    @property
    def name(self) -> str:
        """The language in its own words: "Deutsch"."""
        return str(self.locale.get_display_name(self.language) or self.language).capitalize()

    def say(self, text: str) -> str:
        """A sentence or a label. text: a literal, for catalogues are made by reading the source."""
        return self._texts.gettext(text) if text else ""

    def many(self, singular: str, several: str, number: int, **values: object) -> str:
        """The form that goes with a number, filled in. singular, several: literals, as for `say`."""
        return self._texts.ngettext(singular, several, number).format(number=self.number(number, 0), **values)

    def of_engine(self, sentence: str) -> str:
        """What the engine says, in this language; sentences that nobody has given words for stay as they are."""
        text = with_minus(" ".join(sentence.split()))
        if self.language == ENGLISH or not text:
            return text
        parts = re.split(r"(?<=[.!?])(?<! al\.)\s+(?=[^a-z])", text)
        translated, at = list[str](), 0
        while at < len(parts):  # the fewest sentences first: a template's place never swallows the next sentence
            ends = range(at + 1, len(parts) + 1)
            end, known = next(
                ((end, known) for end in ends if (known := self._translated(" ".join(parts[at:end]))) is not None), (at + 1, parts[at])
            )
            translated.append(known)
            at = end
        return " ".join(translated)

    def _translated(self, text: str) -> str | None:
        for template in self._templates:
            match = template.pattern.fullmatch(text)
            if match is not None:
                return template.words.format(**{name: self._inner(value) for name, value in match.groupdict().items()})
        return None

    def _inner(self, text: str) -> str:
        """What stood in a template's place: a number as the language writes it, words of the engine, or a name as it is."""
        if _NUMBERS.fullmatch(text):
            return self.rewritten(text)
        if "; " in text:
            return "; ".join(self._inner(part) for part in text.split("; "))
        known = self._translated(text)
        return self.rewritten(text) if known is None else known

    def rewritten(self, text: str) -> str:
        """English numbers in a text as the language writes them."""
        if self.language == ENGLISH:
            return text
        signs = {".": self.locale.number_symbols["latn"]["decimal"], ",": self.locale.number_symbols["latn"]["group"]}
        numbers = re.compile(r"(?<![\w.,:-])[-+\u2212]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w:-])|(?<![\w.,:-])[-+\u2212]?\d*\.\d+(?![\w.:-])")
        return numbers.sub(lambda match: "".join(signs.get(sign, sign) for sign in match.group()), text)

    def typeset(self, number: str) -> str:
        """A number that the engine wrote, "-1,234.5", with a true minus sign and as the language writes it."""
        return self.rewritten(with_minus(number))

    def number(self, value: float | None, decimals: int = 2, signed: bool = False) -> str:
        """A number with so many decimals and a true minus sign; – where there is none."""
        if value is None or not math.isfinite(value):
            return NOTHING
        rounded = round(float(value), decimals) + 0.0
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        text = str(format_decimal(abs(rounded), format=pattern, locale=self.locale))
        sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def figures(self, value: float | None, digits: int = 3) -> str:
        """A number with so many significant figures."""
        if value is None or not math.isfinite(value):
            return NOTHING
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
        return self.number(value, min(decimals, 6))

    def percent(self, share: float | None) -> str:
        """0.312 -> "31 %"; what rounds to none or all of it is said as what it is."""
        if share is None or not math.isfinite(share):
            return NOTHING
        if 0 < share < 0.005:
            return self.say("under 1 %")
        return self.say("over 99 %") if 0.995 < share < 1 else f"{self.number(100 * share, 0)} %"

    def day(self, when: date | datetime, known: bool = True, short: bool = False) -> str:
        """ "Wed 7 May 2025"; without the year where short; the weekday alone where the date is not known."""
        pattern = "EEE" if not known else self.say("EEE d MMM") if short else self.say("EEE d MMM y")
        return str(format_date(when, pattern, self.locale)).rstrip(".") if not known else str(format_date(when, pattern, self.locale))

    def moment(self, when: datetime, known: bool = True) -> str:
        """A day with its clock time."""
        return f"{self.day(when, known)}, {when:%H:%M}"

    def clock(self, minutes: float | None) -> str:
        """Minutes after midnight as a clock time, rounded to the minute."""
        if minutes is None or not math.isfinite(minutes):
            return NOTHING
        whole = round(minutes) % MINUTES_PER_DAY
        return f"{whole // 60:02d}:{whole % 60:02d}"

    def length(self, minutes: float | None) -> str:
        """A length as hours and minutes: 432 -> "7:12"."""
        if minutes is None or not math.isfinite(minutes):
            return NOTHING
        whole = round(minutes)
        return f"{whole // 60}:{whole % 60:02d}"


@cache
def _read(language: str) -> tuple[gettext.NullTranslations, tuple[Template, ...]]:
    if language == ENGLISH:
        return gettext.NullTranslations(), ()
    path = folder() / f"{language}.po"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    except (OSError, ValueError) as error:
        raise PatError(f"Expected the words of a report in {path}, and they cannot be read: {error}. Choose another language.") from error
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    templates = sorted(_templates(catalogue), key=lambda template: -template.literal)
    return gettext.GNUTranslations(compiled), tuple(templates)


def _templates(catalogue: Catalog) -> Iterator[Template]:
    for message in catalogue:
        if message.context == ENGINE and message.id and message.string:
            escaped = re.escape(str(message.id))
            pattern = _NAMED.sub(r"(?P<\1>.+?)", escaped)
            yield Template(re.compile(pattern), str(message.string), len(_NAMED.sub("", escaped)))
