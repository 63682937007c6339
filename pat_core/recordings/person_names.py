"""Names of people as tables and devices write them: which name of a table means which recording, and which is nearest where none does.

A person is found by the nearest way of reading alone, and only where nobody else could be meant: 12 is 0012, 12.0 and "12.00"; letters
composed or not; upper or lower case; and what devices and programs append to the code (dates, epochs, sites, file endings).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

YEAR, MONTH, DAY = r"(?:19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
CLOCK = r"(?:[T_ -]{1,3}[0-2]?\d[-_.:h]?[0-5]\d(?:[-_.:]?[0-5]\d)?(?:[ _]?[AP]M)?)?"
"""A clock time behind a date."""
DATES = (
    rf"(?<!\d){YEAR}(?:([-_. ]){MONTH}\1{DAY}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])){CLOCK}(?!\d)",
    rf"(?<!\d){DAY}([-_. ]){MONTH}\1{YEAR}{CLOCK}(?!\d)",
    rf"(?<!\d){MONTH}([-_. ]){DAY}\1{YEAR}{CLOCK}(?!\d)",
)
"""Dates in a name, in the three usual orders."""
_APPENDED = (
    r"\.(?:agd|gt3x|csv|cwa|bin|awd|mtn|txt|tsv|dat|xlsx|gz|zip|json|parquet|npy)",
    rf"\(?(?:{'|'.join(f'(?:{date})'.replace(chr(92) + '1', '[-_. ]') for date in DATES)})\)?",
    r"(?<!\d)\d{1,4} ?(?:s|secs?|seconds?|min|mins|minutes?)(?: ?epochs?)?",
    r"epochs?(?: ?\d{1,4})?|raw|imu|data ?table|data|detailed|export(?:ed)?|counts?|activity|actigraphy|recording|timeseries|summary",
    r"(?:left|right|wrist|ankle|hip|waist|thigh|chest)[ _-]+\d{5,6}|\(?(?:MOS|NEO|TAS|CLE|LYN|MAT|MRA|STA)\d[A-Z]\d{8}\)?",
    r"kopie|copie|copia|kopia|kopi|cópia|kopio|(?<!\d)\d{1,2}(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:19|20)\d\d",
    r"(?:new|auto)[ _-]?analysis|interval[ _-]?analysis|(?:non)?dominant|(?:left|right)(?: ?wrist)?|wrist|hip|waist|ankle|copy|\(\d{1,2}\)",
)
_TAIL = re.compile(rf"(?:{'|'.join(_APPENDED)})$", re.IGNORECASE)
_EDGES = " _-."
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
MOST_HINTS, MOST_COMPARED = 3, 100_000
"""Nearest names that are shown; pairs of names that are compared to find them."""


@dataclass(frozen=True)
class Matched:
    """pairs: name in the table -> the recording's. doubtful: name -> why it was joined to nobody; missing: name -> the nearest names."""

    pairs: dict[str, str] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def why(self, name: str) -> str:
        """Why nobody was joined to a name of the table, in a sentence."""
        if name in self.doubtful:
            return f"The label table names this person, but no recording was matched: {self.doubtful[name]}"
        return f"The label table names this person, but no recording of theirs was found.{self.hints([name])}"

    def hints(self, names: Sequence[str] | None = None) -> str:
        """ " Did you mean ...?" for names that were not found, of all of them for the first few; "" where nothing is near."""
        near = {name: hints for name in (self.missing if names is None else names) if (hints := self.missing.get(name))}
        if len(near) == 1:
            return f" Did you mean {' or '.join(next(iter(near.values())))}?"
        shown = ", ".join(f"{hints[0]} for {name}" for name, hints in list(near.items())[:MOST_HINTS])
        return f" Did you mean {shown}?" if near else ""

    def notes(self) -> tuple[str, ...]:
        """A sentence on the names that were found by another way of writing."""
        others = [f"{name} is {there}" for name, there in self.pairs.items() if name != there]
        if not others:
            return ()
        shown = "; ".join(others[:5]) + (f"; and {len(others) - 5:,} more" if len(others) > 5 else "")
        return (f"Labels were matched to recordings under another spelling of the name: {shown}.",)


def match(names: Iterable[str], recordings: Iterable[str]) -> Matched:
    """Names of a table against the names of recordings. A recording is found by one name alone, a name finds one recording alone."""
    names, recordings = list(dict.fromkeys(names)), list(dict.fromkeys(recordings))
    known = set(recordings)
    matched = Matched({name: name for name in names if name in known})
    for form in (composed, numbered, _caseless, _bare):
        unmatched = [name for name in names if name not in matched.pairs and name not in matched.doubtful]
        if not unmatched:
            break
        _by_form(unmatched, names, recordings, form, matched)
    free = sorted(set(recordings) - set(matched.pairs.values()))
    missing = [name for name in names if name not in matched.pairs and name not in matched.doubtful]
    hinted = MOST_COMPARED // max(len(free), 1)
    matched.missing.update({name: nearest(name, free) if at < hinted else () for at, name in enumerate(missing)})
    return matched


def _by_form(unmatched: list[str], names: list[str], recorded: list[str], form: Callable[[str], str], matched: Matched) -> None:
    """Join what is alike in one way of writing, where one name of the table and one recording are."""
    recordings = _gathered(recorded, form)
    wanted = _gathered(names, form)
    for name in unmatched:
        key = form(name)
        candidates, rivals = recordings.get(key, []), wanted[key]
        if not candidates:
            continue
        if len(candidates) > 1:
            matched.doubtful[name] = f"{_listed(candidates)} all match. Write the name exactly as one of them."
        elif len(rivals) > 1:
            matched.doubtful[name] = f"{_listed(rivals)} in the table all match {candidates[0]}. Keep one row for them."
        else:
            matched.pairs[name] = candidates[0]


def _gathered(names: Sequence[str], form: Callable[[str], str]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name in names:
        gathered.setdefault(form(name), []).append(name)
    return gathered


def composed(name: str) -> str:
    """A name in one Unicode form, with single blanks."""
    plain = unicodedata.normalize("NFC", name).translate(_DASHES).removeprefix("'")  # Excel's mark of text
    return " ".join(plain.split())


def numbered(name: str) -> str:
    """As `composed`; numbers without leading zeros and without decimals that say nothing: 0012, 12.0 and 12.00 are 12."""
    plain = composed(name)
    if re.fullmatch(r"\d+[.,]0+", plain):
        plain = re.split(r"[.,]", plain)[0]
    return re.sub(r"(?<![\d.,])0+(?=\d)", "", plain)


def _caseless(name: str) -> str:
    return numbered(name).casefold()


def _bare(name: str) -> str:
    return numbered(without_appended(composed(name))).casefold()


def without_appended(name: str) -> str:
    """A name without what devices and programs append; the name itself where nothing would be left."""
    rest = name.strip(_EDGES)
    rest = re.sub(r"^(?:copy of|kopie von|copie de|copia de|kopie van) ", "", rest, flags=re.IGNORECASE)
    while (match := _TAIL.search(rest)) and (shorter := rest[: match.start()]).strip(_EDGES):
        before, after = shorter[-1], match.group()[0]
        joint = (before.isdigit() and after.isalpha()) or (before.islower() and after.isupper())  # 60sec, secData
        if before.isalnum() and after.isalnum() and not joint:
            break  # a word's own end
        rest = shorter.strip(_EDGES)
    return rest or name


def nearest(name: str, candidates: Sequence[str]) -> tuple[str, ...]:
    """The names that look most like one, at most MOST_HINTS; () where none is near."""
    forms: dict[str, list[str]] = _gathered(candidates, _bare)
    close = difflib.get_close_matches(_bare(name), list(forms), n=MOST_HINTS, cutoff=0.7)
    holding = [form for form in forms if _signless(name) in _words_of(form)]
    return tuple(candidate for form in dict.fromkeys((*holding, *close)) for candidate in forms[form])[:MOST_HINTS]


def _signless(name: str) -> str:
    """A name in letters and digits alone, without accents and leading zeros, lower case."""
    plain = unicodedata.normalize("NFKD", _bare(name))
    return re.sub(r"(?<!\d)0+(?=\d)", "", "".join(letter for letter in plain if letter.isalnum()))


def _words_of(name: str) -> set[str]:
    """What a longer name consists of, each as `_signless`: its words, words in a row, and the number in a word."""
    words = [_signless(word) for word in re.split(r"[\W_]+", unicodedata.normalize("NFC", name)) if word]
    rows = {"".join(words[first:end]) for first in range(len(words)) for end in range(first + 1, min(first + 5, len(words) + 1))}
    numbers = {digits for word in words for digits in re.findall(r"^[a-z]{1,4}(\d+)$", word)}
    return rows | numbers | {letters + number for number in words if number.isdigit() for letters in ("s", "p", "sub", "id")}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
