"""The result as tables that a reader can take in."""

from __future__ import annotations

from collections.abc import Sequence


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    lines = [tuple(head), *(tuple(_short(cell) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _short(cell: object) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)


def print_tables(result: dict) -> None:
    rows, keras = result["rows"], result["keras"]
    _table(
        "Losses and weights of each training, from equal weights and batches",
        (
            "case",
            "steps",
            "rate",
            "first loss",
            "last loss",
            "greatest rel. diff.",
            "greatest diff. of a weight",
            "of a movement of",
            "with torch's epsilon",
        ),
        [
            (
                row["case"],
                row["steps"],
                row["learning rate"],
                f"{row['first loss']:.6f}",
                f"{row['last loss, Keras']:.6f}",
                row["relative difference, greatest"],
                row["greatest difference of a weight"],
                row["greatest movement of a weight"],
                row.get("with torch's epsilon", {}).get("relative difference, greatest", ""),
            )
            for row in rows["agreement"]
        ],
    )
    _table(
        "The paper's baselines",
        ("model", "parameters", "Keras", "steps", "diff. of a probability before", "rel. diff. of loss", "diff. of a weight"),
        [
            (
                row["case"],
                row["parameters, ours"],
                row["parameters, Keras"],
                row["steps"],
                row["greatest difference of a probability, before"],
                row["relative difference, greatest"],
                row["greatest difference of a weight"],
            )
            for row in rows["baselines"]
        ],
    )
    kept = "weights: ours, {}, against what Keras kept"
    _table(
        "Early stopping: best epoch and last epoch, and weights against those that Keras kept",
        ("case", "best: Keras", "ours, first", "ours, by loss", "last: Keras", "ours", "weights: first", "by loss", "last epoch"),
        [
            (
                row["case"],
                row["best epoch, Keras"],
                row["best epoch, ours, first of equals"],
                row["best epoch, ours, by loss among equals"],
                row["last epoch, Keras"],
                row["last epoch, ours"],
                *(row[kept.format(which)]["greatest difference of a weight"] for which in ("first of equals", "kept", "last epoch")),
            )
            for row in rows["early stopping"]
        ],
    )
    for kind in ("binned AUC", "plateau"):
        _table(kind, ("figure", "value"), [pair for row in rows[kind] for pair in row.items()])
    *orders, dropout = rows["freezing"]
    _table("What Keras trains when the encoder is frozen ...", tuple(orders[0]), [tuple(row.values()) for row in orders])
    _table("Dropout of a frozen encoder", ("figure", "value"), list(dropout["dropout of a frozen encoder"].items()))
    _table("PAT", ("model", "parameters"), list(keras["parameters"].items()))
    _table("Versions", ("package", "version"), list(keras["versions"].items()))
