"""Time zones as Windows programs name them, by cities or parts of the world, and what is to be said of a device whose file names one.

“(UTC+10:00) Canberra, Melbourne, Sydney” is the zone of the first of its cities that the time zone database knows with that offset.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import available_timezones

from pat_core.recordings.clock import zones

_PARTS = (
    (r"aus eastern", "Australia/Sydney"), (r"aus central", "Australia/Darwin"), (r"cen\. australia", "Australia/Adelaide"),
    (r"w\. australia", "Australia/Perth"), (r"e\. australia", "Australia/Brisbane"), (r"new zealand", "Pacific/Auckland"),
    (r"w\. europe|westeurop|europe de l.ouest", "Europe/Berlin"), (r"romance", "Europe/Paris"), (r"central europe", "Europe/Budapest"),
    (r"gmt standard|greenwich mean time", "Europe/London"), (r"e\. south america|brasilia", "America/Sao_Paulo"),
    (r"us eastern|indiana", "America/Indiana/Indianapolis"), (r"us mountain|arizona", "America/Phoenix"),
    (r"canada central|saskatchewan", "America/Regina"), (r"eastern (standard )?time|heure de l.est", "America/New_York"),
    (r"central (standard )?time", "America/Chicago"), (r"mountain (standard )?time", "America/Denver"),
    (r"pacific (standard )?time", "America/Los_Angeles"), (r"atlantic (standard )?time", "America/Halifax"),
    (r"alaska", "America/Anchorage"), (r"hawaii", "Pacific/Honolulu"), (r"newfoundland", "America/St_Johns"),
)  # fmt: skip
"""What names a zone without a city of the database, and a place of it."""
_HINT = "The device's file names the time zone"
_OFFSET = re.compile(r"([+-]?)(\d{1,2})(?::?(\d{2}))?$")


def place_of(text: str, offset: str | None = None) -> str | None:
    """The IANA name of a zone in a program's words; None where no place of the database is meant, or where its clocks have another offset.

    offset: from UTC as the file writes it elsewhere (+10:00), looked for in the text where it is None.
    """
    words = re.sub(r"^\((?:UTC|GMT)?[^)]*\)\s*", "", text.strip())
    stated = re.match(r"\((?:UTC|GMT)\s*([+-]\d{1,2}:?\d{2})?\)", text.strip())
    minutes = minutes_of(offset or "") if offset else minutes_of(stated[1] or "+00:00") if stated else None
    known = _cities()
    cities = (known.get(re.sub(r"[\s.]+", "_", part.strip()).lower(), ()) for part in re.split(r"[,;&/]|\band\b", words))
    parts = ((place,) for pattern, place in _PARTS if re.search(pattern, words.lower()))
    named = [(words,)] if zones.is_zone(words) and "/" in words else []
    candidates = [place for group in (*named, *parts, *cities) for place in group]
    return next((place for place in candidates if minutes is None or minutes in offsets_in(place, 2020)), None)


def offsets_in(zone: str, year: int) -> tuple[int, ...]:
    """The offsets from UTC, in minutes, that clocks of a zone have within a year, in January first."""
    middles = (datetime(year, month, 15) for month in range(1, 13))
    return tuple(dict.fromkeys(zones.offset_at(zone, middle) for middle in middles))


def minutes_of(offset: str) -> int | None:
    """Minutes of an offset such as +10:00, -5 or 5:30; None where it is none."""
    match = _OFFSET.match(offset.strip())
    if not match or int(match[2]) > 14:
        return None
    minutes = 60 * int(match[2]) + int(match[3] or 0)
    return -minutes if match[1] == "-" else minutes


def device_notes(text: str, offset: str | None, start: datetime, minutes: int) -> tuple[str, ...]:
    """A sentence where clocks of the zone that a device's file names (see place_of) changed within a recording: the device's did not."""
    place = place_of(text, offset)
    changes_within = () if place is None else zones.changes(start, minutes, place)
    if not changes_within:
        return ()
    days = " and ".join(f"{change.first:%Y-%m-%d}" for change in changes_within)
    return (
        f"{_HINT} {text[:80]}, where clocks changed on {days}, during the recording. A device keeps the clock it was set to, so later "
        f"times may be off by the change: to have them moved, import it with the zone {place} and a clock that was never changed (--zone "
        f"{place} --clock steady).",
    )


def without_hints(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Notes without those of device_notes, for a recording whose clock was moved as they say."""
    return tuple(note for note in notes if not note.startswith(_HINT))


@lru_cache(maxsize=1)
def _cities() -> dict[str, tuple[str, ...]]:
    """City, in lower case with underscores -> the zones of the database that are named by it."""
    cities: dict[str, tuple[str, ...]] = {}
    for name in sorted(available_timezones()):
        area, _, city = name.rpartition("/")
        if area and area.split("/")[0] not in ("Etc", "SystemV", "posix", "right"):
            cities[city.lower()] = (*cities.get(city.lower(), ()), name)
    return cities
