"""Requests as a background job keeps them: plain values in its spec, and the request back from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, ClassVar, Self


class Spec:
    """For frozen dataclasses whose fields are plain values, or records of such."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def as_spec(self) -> dict[str, Any]:
        """Plain values, for a job and what is kept of it."""
        return asdict(self)

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """The request back from plain values; fields that it does not know, of another version, are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in spec.items() if name in known})
