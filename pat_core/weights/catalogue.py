"""The six published PAT encoders, with what must be said wherever one of them is used (arXiv 2411.15240, CC BY 4.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pat_core.models.pat import PatConfig

LICENCE = "CC BY 4.0"
PAPER = "arXiv 2411.15240"
TITLE = "A Foundation Model for Wearable Movement Data in Mental Health Research"
FORMER_TITLE = "AI Foundation Models for Wearable Movement Data in Mental Health Research"
"""The title of the paper since its fifth version (May 2026), and that of the versions before it."""
CITATION = f"Ruan, Zhang, Oh, Jin & Jacobson: {TITLE} (before May 2026: {FORMER_TITLE}). {PAPER}."
NOT_VERIFIED = "as named by its file, not verified: the authors publish no checksum"

CYCLES_29K = ("2003-2004", "2005-2006", "2011-2012", "2013-2014")
CYCLES_21K = CYCLES_29K[:3]
SEEN_2013 = "This encoder has seen NHANES 2013-14 people: do not evaluate on them. Take its 21k version for that."

_DROPBOX = "https://www.dropbox.com/scl/fi"
# name: Dropbox file, its two keys
_FILES = {
    "PAT-S_29k": ("12ip8owx1psc4o7b2uqff", "ffaf1z45a74cbxrl7c9i2b32h", "mfk6f0y5"),
    "PAT-M_29k": ("hlfbni5bzsfq0pynarjcn", "frbkjtbgliy9vq2kvzkquruvg", "mxc4uet9"),
    "PAT-L_29k": ("exk40hu1nxc1zr1prqrtp", "t1e5h54oob0e1k4frqzjt1kmz", "7a20pcox"),
    "PAT-S_21k": ("ik45lrtqgenm61cgkkgkz", "n2zv3jhdnvp7w8inir96y1ime", "xch3lnra"),
    "PAT-M_21k": ("dsd6px97gcipqm80iie17", "q480rjj5g2id88xt9feie70tj", "ou924quo"),
    "PAT-L_21k": ("dglz917p3hqw5mwbovsv2", "ppzxvp9i7t9k8j3w9x77fjfil", "3g3mm845"),
}
_SIZES = {"S": ("small", 1_100_000), "M": ("medium", 4_000_000), "L": ("large", 8_000_000)}


def cited(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card, citing the paper under both its titles where it cites it: files that were written before know the former alone."""
    citation = card.get("citation")
    return {**card, "citation": CITATION} if isinstance(citation, str) and PAPER in citation and FORMER_TITLE in citation else dict(card)


@dataclass(frozen=True)
class Published:
    """One published encoder. about_bytes: the file's size, roughly. warning: what its pretraining forbids, or ""."""

    name: str
    size: str
    participants: int
    cycles: tuple[str, ...]
    address: str
    about_bytes: int
    warning: str = ""
    licence: str = LICENCE
    citation: str = CITATION

    @property
    def file(self) -> str:
        """The authors' file name."""
        return f"{self.name}_weights.h5"

    def card(self, provenance: str) -> dict[str, Any]:
        """What travels with the model. provenance: how we know that the file is this encoder, in words."""
        cycles = f"NHANES {', '.join(self.cycles)}"
        card = {
            "name": self.name,
            "first_line": f"Published {self.size} encoder, pretrained on {self.participants:,} people of {cycles}. It has no head yet.",
            "pretrained_on": cycles,
            "participants": self.participants,
            "licence": self.licence,
            "citation": self.citation,
            "simulated": False,
            "provenance": provenance,
        }
        return card | ({"warning": self.warning} if self.warning else {})


def _published(name: str) -> Published:
    size, about_bytes = _SIZES[name[4]]
    file, key, state = _FILES[name]
    address = f"{_DROPBOX}/{file}/{name}_weights.h5?rlkey={key}&st={state}&dl=1"
    if name.endswith("29k"):
        return Published(name, size, 29_307, CYCLES_29K, address, about_bytes, SEEN_2013)
    return Published(name, size, 21_538, CYCLES_21K, address, about_bytes)


CATALOGUE: dict[str, Published] = {name: _published(name) for name in _FILES}
"""Name -> published encoder, small to large, 29k before 21k."""


def recognise(file_name: str, config: PatConfig, has_head: bool) -> Published | None:
    """The published encoder that a file is by its name AND its structure. A browser's " (1)" in the name is let pass."""
    match = re.fullmatch(r"(PAT-[SML]_(?:29|21)k)_weights(?: ?\(\d+\))?\.h5", file_name)
    entry = CATALOGUE.get(match[1]) if match else None
    fits = entry is not None and config.size == entry.size and config.embedding == "linear" and not has_head
    return entry if fits else None
