"""The test of a model of several classes, an order or a value in words and figures."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pandas as pd

from pat_core.csv_text import csv_text
from pat_core.plurals import counted
from pat_core.reports.evaluation_files import finite
from pat_core.reports.evaluation_words import FigureLine, number_text
from pat_core.workflows.evaluate.kind_evaluation import KindRecord
from pat_core.workflows.models.model_cards import versions

SECTION = "Figures"


def kind_lines(record: KindRecord) -> list[FigureLine]:
    """All figures with intervals and counts."""
    figures, lines = record.figures, []
    if figures.value is not None:
        v, unit = figures.value, f" ({record.unit})" if record.unit else ""
        rows = (
            ("r2", "R\u00b2", v.r2, "1 is perfect; at 0 and below, everybody's mean would serve as well."),
            ("mae", f"Mean error{unit}", v.mae, "Mean distance between what was answered and what was so."),
            ("rmse", f"Root mean squared error{unit}", v.rmse, "As above, large errors weighing more."),
            ("bias", f"Bias{unit}", v.bias, "Mean of answered less what was so: above 0, too high."),
            ("slope", "Calibration slope", v.slope, "Of what was so on the answer: 1 is right; below 1, answers too extreme."),
            ("pearson", "Correlation (Pearson)", v.pearson, "Of answers with what was so."),
            ("spearman", "Rank correlation (Spearman)", v.spearman, "Of their order."),
        )
        lines += [FigureLine(key, SECTION, name, interval, False, "", meaning) for key, name, interval, meaning in rows]
    if figures.ordinal is not None:
        o = figures.ordinal
        lines.append(FigureLine("concordance", SECTION, "Concordance", o.concordance, False, "",
                                "Of two people of different levels, how often the higher one scores higher: 0.50 is chance."))  # fmt: skip
        lines.append(FigureLine("spearman", SECTION, "Rank correlation", o.spearman, False, "", "Of scores with levels (Spearman)."))
        if o.weighted_kappa is not None:
            meaning = "Agreement of called with true levels beyond chance, far errors weighing more (Cohen 1968)."
            lines.append(FigureLine("weighted_kappa", SECTION, "Weighted kappa", o.weighted_kappa, False, "", meaning))
    if figures.classes is not None:
        lines += _of_classes(record)
    if figures.coverage is not None:
        what = "intervals" if record.kind == "value" else "sets of classes"
        size = f"mean width {number_text(figures.coverage.size)}" if record.kind == "value" else f"{figures.coverage.size:.1f} classes"
        meaning = f"How often {what} that should hold the truth nine times in ten do, each fitted on the others (conformal)."
        lines.append(FigureLine("conformal_coverage", SECTION, "Coverage of 90 %", figures.coverage.overall, True, size, meaning))
    return lines


def _of_classes(record: KindRecord) -> list[FigureLine]:
    c = record.figures.classes
    if c is None:
        return []
    lines = [
        FigureLine("macro_auc", SECTION, "AUC, mean of classes", c.macro_auc, False, "", "Of each class against all others."),
        FigureLine("balanced_accuracy", SECTION, "Balanced accuracy", c.balanced_accuracy, True,
                   f"{100 / len(record.names):.0f} % by chance", "Mean over classes of the share that is called rightly."),
        FigureLine("accuracy", SECTION, "Accuracy", c.accuracy, True, "", "Share called rightly; easy where one class is frequent."),
        FigureLine("kappa", SECTION, "Kappa", c.kappa, False, "", "Agreement beyond chance (Cohen 1960)."),
    ]  # fmt: skip
    for number, name in enumerate(record.names):
        people = counted(c.people[number], "person", "people")
        right = f"{c.confusion[number][number]:,} of {c.people[number]:,}"
        lines.append(FigureLine(f"auc_{number}", SECTION, f"AUC of {name}", c.aucs[number], False, people, "Against all others."))
        lines.append(
            FigureLine(f"sensitivity_{number}", SECTION, f"Sensitivity for {name}", c.sensitivities[number], True, right, "Wilson.")
        )
    return lines


def whom_kind_words(record: KindRecord) -> str:
    """Who was tested on what."""
    whom = "simulated people" if record.simulated else "people"
    return f"{record.task}: {len(record):,} {whom}; {record.how}."


def confusion_table(record: KindRecord) -> pd.DataFrame | None:
    """A row a true class, a column a called one; None of a value."""
    c = record.figures.classes
    if c is None:
        return None
    table = pd.DataFrame(c.confusion, columns=[f"called {name}" for name in record.names])
    table.insert(0, "true", list(record.names))
    return table


def kind_text(record: KindRecord) -> str:
    """All of it for a terminal."""
    lines = [f"{record.model} on {whom_kind_words(record)}"]
    for line in kind_lines(record):
        between = f"  {line.between}" if line.between else ""
        lines.append(f"  {line.name:<42}{line.value:>11}{between:<20}  {line.of}".rstrip())
    table = confusion_table(record)
    if table is not None:
        lines += ["Who was called what:", table.to_string(index=False)]
    return "\n".join([*lines, *record.left_out])


def kind_predictions(record: KindRecord) -> pd.DataFrame:
    """A row a person: participant, fold, what was so, what was answered, the probability of each class."""
    columns: dict[str, Any] = {"participant": record.participants, "fold": record.fold}
    if record.kind == "value":
        return pd.DataFrame(columns | {"observed": record.targets, "answered": record.answers[:, 0]})
    columns |= {"observed": [record.names[int(t)] for t in record.targets], "called": [record.names[int(t)] for t in record.called]}
    return pd.DataFrame(columns | {f"probability {name}": record.answers[:, number] for number, name in enumerate(record.names)})


def kind_plain(record: KindRecord) -> dict[str, object]:
    """Everything but the people's names as plain values."""
    about: dict[str, Any] = {
        "kind": record.kind,
        "classes": list(record.names),
        "task": record.task,
        "unit": record.unit,
        "how": record.how,
    }
    about |= {"model": record.model, "model_sha256": record.sha256, "people": len(record), "simulated": record.simulated, "how": record.how}
    about |= {"cohort": record.cohort, "left_out": list(record.left_out), "request": record.request.as_spec()}
    return finite(about | {"figures": asdict(record.figures), "versions": versions()})


def kind_files(record: KindRecord) -> dict[str, str]:
    """File name -> its text; names of people stand in predictions.csv alone."""
    rows = [
        {"figure": line.key, "name": line.name, "value": line.interval.value, "low": line.interval.low, "high": line.interval.high,
         "of": line.of, "people": len(record), "meaning": line.meaning}
        for line in kind_lines(record)
    ]  # fmt: skip
    files = {"evaluation.txt": kind_text(record) + "\n", "figures.csv": csv_text(pd.DataFrame(rows))}
    files |= {"predictions.csv": csv_text(kind_predictions(record)), "evaluation.json": json.dumps(kind_plain(record), indent=1)}
    table = confusion_table(record)
    return files if table is None else files | {"confusion.csv": csv_text(table)}
