"""How the porter is spoken to: a line of JSON, then as many bytes as it says, in both directions.

A request: {"verb": ..., its values, "bytes": n}. An answer: {"bytes": n, its values}, or {"error": sentence, "passing": ...}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

GREETING = "pat-explorer porter 1"
"""What the porter says first. Lines before it are a login's greeting, and are passed over."""
LONGEST_LINE, MOST_BYTES = 64 << 20, 64 << 20


def write_frame(stream: IO[bytes], plain: Mapping[str, Any], content: bytes = b"") -> None:
    """OSError where the other side is gone."""
    stream.write(json.dumps({**plain, "bytes": len(content)}).encode() + b"\n" + content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next frame; None where the stream has ended, also in the middle of one. ValueError for anything else than a frame."""
    line = stream.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        return None
    plain = json.loads(line)
    if not isinstance(plain, dict) or not 0 <= (size := int(plain.pop("bytes", 0))) <= MOST_BYTES:
        raise ValueError("no frame")
    content = stream.read(size)
    return (plain, content) if len(content) == size else None
