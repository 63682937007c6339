"""What is measured: which sides take turns at what, how often, and which ratio is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.speed.sides import Case, Side
from pat_core.models.pat import config_for
from pat_core.models.pat.pat_config import FEED_FORWARD, WIDTH
from pat_core.settings import MINUTES_PER_WEEK

OURS, FORMER, KERAS = "ours", "former", "Keras"
Sides = Mapping[str, Side]


@dataclass(frozen=True)
class Trial:
    """One case for some sides. target: how many times as fast as Keras we are to be; None where nothing is asked."""

    title: str
    case: Case
    repeats: int
    sides: Sequence[str] = (OURS, FORMER, KERAS)
    target: float | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def measure(self, sides: Sides) -> dict[str, Any]:
        """Medians of seconds, and of the ratios of each turn. A turn: every side once, one after the other."""
        there = [name for name in self.sides if name in sides]
        turns = [{name: sides[name].run(self.case)["seconds"] for name in there} for _ in range(self.repeats)]
        row: dict[str, Any] = {"what": self.title, **self.case, "repeats": self.repeats}
        row |= {f"ms, {name}": round(1e3 * median(turn[name] for turn in turns), 3) for name in there}
        for name in there[1:]:
            ratios = sorted(turn[name] / turn[OURS] for turn in turns)
            row |= {f"{name} / ours": round(median(ratios), 2), f"{name} / ours, from and to": [round(ratios[0], 2), round(ratios[-1], 2)]}
        return row | self.more | _verdict(row.get(f"{KERAS} / ours"), self.target)


def _verdict(value: float | None, target: float | None) -> dict[str, Any]:
    return {} if value is None or target is None else {"target": target, "met": value >= target}


def trials(sizes: Sequence[str]) -> list[Trial]:
    """Ours, ours as it was and Keras: weeks read, steps of both trainings. Large takes most of the time."""
    rows = []
    for size in sizes:
        repeats = {"small": 9, "medium": 7}.get(size, 5)
        target = {"large": 2.5}.get(size)
        rows += [Trial("a week read", {"kind": "inference", "size": size, "batch": batch}, repeats, target=target) for batch in (1, 8)]
        batch = 4 if size == "large" else 8
        rows.append(
            Trial("fine-tuning step, a week of it", {"kind": "fine-tuning step", "size": size, "batch": batch}, repeats, target=1.5)
        )
        batch = 8 if size == "large" else 16
        rows.append(
            Trial("pretraining step, a week of it", {"kind": "pretraining step", "size": size, "batch": batch}, repeats, target=1.5)
        )
    return rows


def operations(size: str) -> float:
    """Of one week read by the published equations, multiplications and additions apart: projections, attention products, feed-forward."""
    config = config_for(size)
    tokens, wide = config.tokens(MINUTES_PER_WEEK), config.heads * WIDTH
    block = 2 * tokens * (4 * WIDTH * wide + 2 * tokens * wide + 2 * WIDTH * FEED_FORWARD)
    return config.blocks * block + 2 * tokens * config.patch * WIDTH


def share_of_gemm(sides: Sides, size: str, batch: int, repeats: int = 7) -> dict[str, Any]:
    """What of the rate of a plain product of matrices a week is read at, turn by turn."""
    shares = []
    for _ in range(repeats):
        rate = sides[OURS].run({"kind": "gemm"})["rate"]
        shares.append(operations(size) / sides[OURS].run({"kind": "inference", "size": size, "batch": batch})["seconds"] / rate)
    row = {"what": "share of the rate of a product of matrices", "size": size, "batch": batch, "value": round(median(shares), 3)}
    return row | (_verdict(row["value"], 0.75) if size == "large" else {})


def probe_epoch(sides: Sides, people: int = 1000, epochs: int = 20, repeats: int = 5) -> dict[str, Any]:
    """An epoch of a linear probe on embeddings that were computed once, beside one that runs the frozen encoder (small)."""
    ratios = []
    for _ in range(repeats):
        head = sides[OURS].run({"kind": "probe", "people": people, "epochs": epochs})["seconds"]
        ratios.append(1 + sides[OURS].run({"kind": "inference", "size": "small", "batch": 8})["seconds"] / head)
    return {"what": "linear probe: epoch with the encoder / epoch on embeddings", "value": round(median(ratios))} | _verdict(
        median(ratios), 100
    )


def gradients(sides: Sides, model: Path, weeks: int) -> dict[str, Any]:
    """Integrated gradients to 1 % beside captum's defaults, on the network as it is and on the former one, which had plain attention."""
    turns = []
    for week in range(weeks):
        case = {"model": str(model), "weeks": weeks, "week": week}
        turn = {name: side.run(case | {"kind": "captum"}) for name, side in sides.items() if name != KERAS}
        turns.append({"": sides[OURS].run(case | {"kind": "integrated gradients"})} | turn)
    row: dict[str, Any] = {"what": "integrated gradients", "model": model.stem, "weeks": weeks}
    row |= {
        f"captum on {name} / ours": round(median(turn[name]["seconds"] / turn[""]["seconds"] for turn in turns), 2)
        for name in turns[0]
        if name
    }
    gaps = {name or "integrated gradients": median(turn[name]["gap"] for turn in turns) for name in ("", OURS)}
    row |= {"gap, median": float(f"{gaps['integrated gradients']:.2g}"), "gap of captum, median": float(f"{gaps[OURS]:.2g}")}
    row |= {
        "gradients, median": median(turn[""]["gradients"] for turn in turns),
        "ms": round(1e3 * median(turn[""]["seconds"] for turn in turns)),
    }
    fast = row.get(f"captum on {FORMER} / ours", row[f"captum on {OURS} / ours"]) >= 3
    return row | {"target": 3.0, "met": bool(fast and gaps["integrated gradients"] <= gaps[OURS])}


def clock(sides: Sides, people: int, repeats: int = 3) -> dict[str, Any]:
    """A cohort by clock beside the former one."""
    row = Trial("a cohort by clock, a person of it", {"kind": "by clock", "people": people}, repeats, (OURS, FORMER)).measure(sides)
    return row | _verdict(row.get(f"{FORMER} / ours"), 3.0)
