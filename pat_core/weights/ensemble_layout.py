"""How an ensemble lies in a weight file: each member's weights under its number, an encoder that all share once, and what each reads by.

Names: `members.0.head.output.weight`, ...; `encoder.patches.projection.weight`, ... where the encoder is shared, else under the member; and
`scale`, `shift` (members, minutes), see `pat_core.models.ensemble`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

MEMBERS_AT_MOST = 50
SCALE, SHIFT = "scale", "shift"


@dataclass(frozen=True)
class Members:
    """count: of the networks. shared_encoder: whether they differ in their heads alone."""

    count: int
    shared_encoder: bool

    def as_dict(self) -> dict[str, object]:
        """Plain values, for the metadata of a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Members:
        """Back from plain values. ValueError where they make no sense."""
        count, shared = plain.get("count"), plain.get("shared_encoder")
        if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= MEMBERS_AT_MOST or not isinstance(shared, bool):
            raise ValueError(f"2 to {MEMBERS_AT_MOST} members were expected, and whether they share an encoder")
        return cls(count, shared)

    def names(self, name: str) -> list[str]:
        """Under which a weight of one network is stored: one name for each member, or the one name of what they share."""
        if self.shared_encoder and name.startswith("encoder."):
            return [name]
        return [f"members.{number}.{name}" for number in range(self.count)]

    def shapes(self, of_one: Mapping[str, tuple[int, ...]], minutes: int) -> dict[str, tuple[int, ...]]:
        """Name -> shape of all that the file must hold besides the standardizer. of_one: of one network."""
        named = {stored: shape for name, shape in of_one.items() for stored in self.names(name)}
        return named | dict.fromkeys((SCALE, SHIFT), (self.count, minutes))

    def weights_of(self, number: int, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """One member's weights by their names in its network."""
        own = f"members.{number}."
        shared = {name: values for name, values in weights.items() if self.shared_encoder and name.startswith("encoder.")}
        return shared | {name.removeprefix(own): values for name, values in weights.items() if name.startswith(own)}
