"""Receipts that are brought back: parsed with care, refused where they do not fit themselves or the data.

A receipt proves no origin: whoever makes one up with care can make it fit itself. What it cannot fit is the week and the weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from types import NoneType
from typing import Any

from pat_core.errors import ExplanationError
from pat_core.explain import METHODS
from pat_core.explain.embedding_distance import FAR
from pat_core.explain.judging.stability import SHAPES, Stability
from pat_core.workflows.explanations.map_quality import SCHEMA, baseline_of, hash_of
from pat_core.workflows.receipts.earlier_words import EARLIER_WORDS

BYTES_AT_MOST = 5_000_000
CLOSE = 1e-5
"""Relative (to at least 1) difference of numbers that were computed from one another before they were written."""

Content = dict[str, Any]
NUMBER, MAYBE = (int, float), (int, float, NoneType)
PAGE: dict[str, tuple[type, ...]] = {
    "made": (str,), "cohort": (dict,), "participant": (str,), "week": (int,), "week_sha256": (str,), "input_sha256": (str,),
    "minutes": (int,), "unit": (str,), "report": (dict,), "wear": (dict,), "sleep": (dict, NoneType),
    "findings": (list,), "refused": (bool,), "model": (dict,),
    "standardizer": (dict,), "prediction": (dict, NoneType), "wish": (dict,), "answer": (dict, NoneType), "distance": (dict, NoneType),
    "explanations": (list,), "pat_core": (str,),
    "versions": (dict,), "receipt_sha256": (str,),
}  # fmt: skip
EXPLANATION: dict[str, tuple[type, ...]] = {
    "method": (str,), "kind": (str,), "settings": (dict,), "settings_sha256": (str,), "baseline": (dict, NoneType), "steps": MAYBE,
    "evaluations": MAYBE, "patch": (int,), "resolution": (int,), "delta": MAYBE, "sum": NUMBER, "drawn": NUMBER,
    "wear": (dict,), "measured": (str,), "completeness_gap": MAYBE, "relative_gap": MAYBE, "gap_share": MAYBE,
    "stability": (dict, NoneType), "weights_sha256": (str,),
    "input_sha256": (str,), "values_sha256": (str,), "methods": (int,), "engine": (str,), "flag": (str,), "note": (str,),
}  # fmt: skip
WITHIN: dict[str, dict[str, tuple[type, ...]]] = {
    "cohort": {"name": (str,), "id": (str,), "simulated": (bool,)},
    "model": {"name": (str,), "sha256": (str,), "origin": (str,)},
    "wear": {"settings": (dict,), "valid_days": (int, NoneType), "days_needed": (int,), "hours_worn": (list,), "nonwear_minutes": (int,)},
    "sleep": {"score": (str,), "nights": (int,), "left_out": (int,), "sri": MAYBE},
    "standardizer": {"whose": (str,), "people": (int,), "sha256": (str,)},
    "prediction": {"logit": NUMBER},
    "distance": {"value": NUMBER, "share_nearer": NUMBER, "far": (bool,), "people": (int,), "whom": (str,), "words": (str,)},
}
MARK: dict[str, tuple[type, ...]] = {"kind": (str,), "first": (int,), "end": (int,), "who": (str,), "why": (str,), "made": (str,)}
STABILITY: dict[str, tuple[type, ...]] = {
    "repeats": (int,), "sigma": NUMBER, "seed": (int,), "correlation": NUMBER, "overlap": NUMBER, "shape": (str,), "steady": (bool,),
}  # fmt: skip


def read_receipt(text: str | bytes) -> Content:
    """A receipt's content, once it is whole and fits itself. Raises ExplanationError: which field, what was expected, what stood there.

    Checked are size, JSON, names and kinds of all fields, hashes of settings, the arithmetic of every gap, whether a map is called steady
    by its own figures, and the checksum of the whole.
    """
    content = _parsed(text)
    if content.get("schema") != SCHEMA:
        raise refusal("schema", f"{SCHEMA}, which this version of PAT Explorer reads", content.get("schema", "missing"))
    _fields(content, PAGE, "")
    for name, fields in WITHIN.items():
        if content[name] is not None:
            _fields(content[name], fields, f"{name}.")
    for number, part in enumerate(content["explanations"]):
        where = f"explanations[{number}]"
        if not isinstance(part, dict):
            raise refusal(where, "a receipt of one map", part)
        _fields(part, EXPLANATION, f"{where}.")
        _one_fits(content, part, where)
    _page_fits(content)
    expect(
        "receipt_sha256", hash_of({name: value for name, value in content.items() if name != "receipt_sha256"}), content["receipt_sha256"]
    )
    return content


def refusal(field: str, expected: object, got: object) -> ExplanationError:
    """The sentence for one field that does not fit."""
    return ExplanationError(f"This receipt does not fit: {field} should be {_short(expected)}, but is {_short(got)}. Do not rely on it.")


def expect(field: str, expected: Any, got: Any, close: float = CLOSE) -> None:
    """Refuse unless both are the same; numbers may differ by `close` of their size, and of 1 at the least; inside dicts and lists too."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for name in [*expected, *(name for name in got if name not in expected)]:
            expect(f"{field}.{name}", expected.get(name), got.get(name), close)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for number, (first, second) in enumerate(zip(expected, got, strict=True)):
            expect(f"{field}[{number}]", first, second, close)
    elif is_number(expected) and is_number(got):
        if abs(expected - got) > close * max(1.0, abs(expected)):
            raise refusal(field, expected, got)
    elif type(expected) is not type(got) or _in_these_words(expected) != _in_these_words(got):
        raise refusal(field, expected, got)


def _in_these_words(value: object) -> object:
    """A sentence as this version writes it, for a receipt or a kept map may have it from an earlier one."""
    if isinstance(value, str):
        for earlier, today in EARLIER_WORDS.items():
            value = value.replace(earlier, today)
    return value


def is_number(value: object) -> bool:
    """A number, and not true or false."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one_fits(content: Content, part: Content, where: str) -> None:
    """One map's receipt against itself: hashes, and every figure that follows from others."""
    settings, gap, delta = part["settings"], part["completeness_gap"], part["delta"]
    if part["method"] not in METHODS:
        raise refusal(f"{where}.method", f"one of {', '.join(METHODS)}", part["method"])
    expect(f"{where}.kind", METHODS[part["method"]].kind, part["kind"])
    expect(f"{where}.settings_sha256", hash_of(settings), part["settings_sha256"])
    expect(f"{where}.method", settings.get("method", part["method"]), part["method"])
    expect(f"{where}.baseline", baseline_of(settings), part["baseline"])
    expect(f"{where}.steps", settings.get("steps"), part["steps"])
    expect(f"{where}.weights_sha256", content["model"]["sha256"], part["weights_sha256"])
    expect(f"{where}.input_sha256", content["input_sha256"], part["input_sha256"])
    expect(f"{where}.engine", content["pat_core"], part["engine"])
    _stability_fits(part["stability"], f"{where}.stability")
    _mass_fits(part["wear"], f"{where}.wear")
    _least(f"{where}.drawn", part["drawn"], abs(part["sum"]) * (1 - CLOSE))
    for name in ("patch", "resolution", "methods"):
        _least(f"{where}.{name}", part[name], 1)
    if gap is None or delta is None:
        for name in ("delta", "completeness_gap", "relative_gap", "gap_share"):
            expect(f"{where}.{name}", None, part[name])
        return
    expect(f"{where}.completeness_gap", part["sum"] - delta, gap, CLOSE * max(1.0, part["drawn"]))
    expect(f"{where}.relative_gap", abs(gap) / max(abs(delta), 1.0), part["relative_gap"])
    expect(f"{where}.gap_share", abs(gap) / part["drawn"] if part["drawn"] else 0.0, part["gap_share"])


def _stability_fits(stated: Content | None, where: str) -> None:
    """What a map's receipt says of its steadiness against the figures that it follows from."""
    if stated is None:
        return
    _fields(stated, STABILITY, f"{where}.")
    if stated["shape"] not in SHAPES:
        raise refusal(f"{where}.shape", f"one of {', '.join(SHAPES)}", stated["shape"])
    _least(f"{where}.repeats", stated["repeats"], 1)
    for name, least in {"correlation": -1, "overlap": 0}.items():
        if not least - CLOSE <= stated[name] <= 1 + CLOSE:
            raise refusal(f"{where}.{name}", f"from {least} to 1", stated[name])
    known = Stability(**{name: stated[name] for name in STABILITY if name != "steady"})
    expect(where, {**asdict(known), "steady": known.steady}, stated)


def _mass_fits(stated: Content, where: str) -> None:
    """Shares of what was worn, not worn and missing are parts of one whole, of a map's strength as of its minutes."""
    names = ("worn", "not_worn", "missing")
    for parts in (names, tuple(f"{name}_minutes" for name in names)):
        _fields(stated, dict.fromkeys(parts, MAYBE), f"{where}.")
        shares = [stated[name] for name in parts]
        if all(map(is_number, shares)):
            expect(f"{where}.{' + '.join(parts)}", 1.0, float(sum(shares)))


def _page_fits(content: Content) -> None:
    """What the page's own fields say of one another."""
    severities = [finding.get("severity") for finding in content["findings"] if isinstance(finding, dict)]
    try:
        datetime.fromisoformat(content["made"])
    except ValueError:
        raise refusal("made", "a date and time such as 2026-01-31T12:00:00", content["made"]) from None
    expect("refused", "refuse" in severities, content["refused"])
    _wear_fits(content["wear"])
    for number, mark in enumerate(content.get("marks", [])):
        if not isinstance(mark, dict):
            raise refusal(f"marks[{number}]", "a mark with who, when and why", mark)
        _fields(mark, MARK, f"marks[{number}].")
    _least("week", content["week"], 1)
    prediction = content["prediction"]
    if prediction is not None:
        logit = prediction["logit"]
        if "outputs" not in prediction:  # of several classes and of a value there is no one probability
            _fields(prediction, {"probability_raw": NUMBER}, "prediction.")
            expect("prediction.probability_raw", 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0, prediction["probability_raw"])
    far = content["distance"]
    if far is not None:
        if not 0 <= far["share_nearer"] <= 1:
            raise refusal("distance.share_nearer", "from 0 to 1", far["share_nearer"])
        expect("distance.far", far["share_nearer"] >= FAR, far["far"])
        _least("distance.value", far["value"], 0)


def _wear_fits(stated: Content) -> None:
    """Valid days against the hours and the settings that they follow from."""
    settings, hours = stated["settings"], stated["hours_worn"]
    known = [hour for hour in hours if hour is not None]
    if not all(map(is_number, known)) or not is_number(settings.get("hours_a_day")):
        raise refusal("wear.hours_worn", "hours, and wear.settings.hours_a_day how many make a valid day", hours)
    needed = settings.get("days_needed")
    expect("wear.days_needed", max(1, math.ceil(needed * len(hours) / 7)) if is_number(needed) else needed, stated["days_needed"])
    valid = sum(hour >= settings["hours_a_day"] for hour in known)
    expect("wear.valid_days", None if len(known) < len(hours) else valid, stated["valid_days"])


def _least(field: str, value: float, least: float) -> None:
    if value < least:
        raise refusal(field, f"at least {least:g}", value)


def _fields(content: Content, fields: Mapping[str, tuple[type, ...]], before: str) -> None:
    for name, kinds in fields.items():
        if name not in content:
            raise refusal(f"{before}{name}", "there", "missing")
        value = content[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            words = " or ".join(_KINDS[kind] for kind in kinds if kind is not float or int not in kinds)
            raise refusal(f"{before}{name}", words, value)


_KINDS = {
    str: "text",
    int: "a number",
    float: "a number",
    dict: "a group of fields",
    list: "a list",
    bool: "true or false",
    NoneType: "null",
}


def _parsed(text: str | bytes) -> Content:
    size = len(text)
    if size > BYTES_AT_MOST:
        raise ExplanationError(
            f"A receipt has at most {BYTES_AT_MOST // 1_000_000} MB; this file has {size / 1e6:.1f} MB. Choose a receipt."
        )
    try:
        content = json.loads(text, parse_constant=_no_number, parse_float=_finite, parse_int=_whole, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ExplanationError(
            f"This file cannot be read as a receipt ({error}). Expected the JSON that the Participant page gives."
        ) from error
    if not isinstance(content, dict):
        raise ExplanationError("This file is JSON, but not a receipt. Expected the JSON that the Participant page gives.")
    return content


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _whole(text: str) -> int:
    if len(text) > 18:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _once(pairs: list[tuple[str, object]]) -> Content:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a field appears twice")
    return content


def _short(value: object, longest: int = 120) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= longest else f"{text[:longest]}…"
