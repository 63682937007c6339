"""The card inside a weight file: read and replaced without its tensors being looked at."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from pat_core.errors import WeightsError
from pat_core.weights.safetensors_file import header_of, is_safetensors, with_header


def card_in(content: bytes, where: str) -> dict[str, Any]:
    """The card inside a weight file of ours; {} in any other. Raises WeightsError where it is damaged."""
    if not is_safetensors(content):
        return {}
    text = header_of(content, where).get("__metadata__", {}).get("card")
    try:
        card = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError) as error:
        message = f"{where} is damaged: its card is not JSON ({str(error)[:120]}). Get it again from its source."
        raise WeightsError(message) from error
    return card if isinstance(card, dict) else {}


def with_card(content: bytes, card: Mapping[str, Any], where: str) -> bytes:
    """The same weight file with another card; the same card always gives the same bytes."""
    header = header_of(content, where)
    header["__metadata__"]["card"] = json.dumps(card, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    (length,) = struct.unpack("<Q", content[:8])
    return with_header(header, content[8 + length :])
