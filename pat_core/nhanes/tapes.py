"""What is known of every person's minutes while a file is read: on disk, a strip a person, so that memory does not grow with the people.

A file that gives one person after another needs one strip in memory; one whose people are mixed costs more disk, never more memory.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np

STRIPS_IN_MEMORY = 256


class Tapes:
    """Strips of `width` minutes: float32 values, NaN where there is none, and a byte of state. Minutes that come twice keep the first."""

    def __init__(self, path: Path, width: int) -> None:
        self.width = width
        self.repeated: dict[int, int] = {}
        self._file = path.open("w+b")
        self._numbers: dict[int, int] = {}
        self._held: OrderedDict[int, tuple[np.ndarray, np.ndarray]] = OrderedDict()
        self._strip_bytes = 5 * width

    def __enter__(self) -> Tapes:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def people(self) -> list[int]:
        """In the order in which they first came."""
        return list(self._numbers)

    def add(self, person: int, places: np.ndarray, values: np.ndarray, states: np.ndarray) -> None:
        """Lay (n,) values and states (SEEN among their bits) at (n,) places of the person's strip, each 0 to width - 1."""
        strip, state = self._strip(person)
        if places.size and places[-1] - places[0] == places.size - 1 and np.all(np.diff(places) == 1):
            at: slice | np.ndarray = slice(int(places[0]), int(places[-1]) + 1)
            if not state[at].any():
                strip[at], state[at] = values, states
                return
        places_kept, rows = np.unique(places, return_index=True)
        fresh = state[places_kept] == 0
        strip[places_kept[fresh]], state[places_kept[fresh]] = values[rows[fresh]], states[rows[fresh]]
        self.repeated[person] = self.repeated.get(person, 0) + places.size - int(fresh.sum())

    def read(self, person: int) -> tuple[np.ndarray, np.ndarray]:
        """(values, states) of a person who came, each (width,)."""
        if person in self._held:
            return self._held[person]
        self._file.seek(self._numbers[person] * self._strip_bytes)
        content = bytearray(self._file.read(self._strip_bytes))
        return np.frombuffer(content, np.float32, count=self.width), np.frombuffer(content, np.uint8, offset=4 * self.width)

    def _strip(self, person: int) -> tuple[np.ndarray, np.ndarray]:
        """The strip of a person, to be written to: from memory, from disk, or new."""
        if person in self._held:
            self._held.move_to_end(person)
            return self._held[person]
        if person in self._numbers:
            values, states = self.read(person)
        else:
            self._numbers[person] = len(self._numbers)
            values, states = np.full(self.width, np.nan, np.float32), np.zeros(self.width, np.uint8)
        self._held[person] = values, states
        if len(self._held) > STRIPS_IN_MEMORY:
            self._put_away(*self._held.popitem(last=False))
        return values, states

    def _put_away(self, person: int, strip: tuple[np.ndarray, np.ndarray]) -> None:
        # Plain writes, no memory map: a full disk must be an error, and mapped pages would count as memory.
        self._file.seek(self._numbers[person] * self._strip_bytes)
        self._file.write(strip[0].tobytes() + strip[1].tobytes())
