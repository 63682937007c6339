"""Offsets from UTC that files write behind their times, and what the reader must know of them."""

from __future__ import annotations

UTC_OFFSET = ("+00:00",)
UTC_NOTE = (
    "The times are in UTC and the file names no time zone, so they stay in UTC: midnights and clock times may not be local. Name the "
    "zone to convert them."
)
"""What is said of a recording that is in_utc."""


def stays_in_utc(offsets: tuple[str, ...], zone: str | None) -> bool:
    """Whether times with these offsets are UTC, and no zone is named to which they could be brought."""
    return offsets == UTC_OFFSET and zone is None


def offset_notes(offsets: tuple[str, ...], zone: str | None) -> tuple[str, ...]:
    """What the reader must know of times with these offsets (see `times.offsets_of`) in a file that names this zone."""
    if stays_in_utc(offsets, zone):
        return (UTC_NOTE,)
    if len(offsets) > 1:
        shown = ", ".join(offsets[:6]) + (f" and {len(offsets) - 6} more" if len(offsets) > 6 else "")
        return (f"The offset from UTC changes within the file ({shown}); clock times were kept as written.",)
    return ()
