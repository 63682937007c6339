"""Cross-validation repeated over seeds: one AUC, and an interval in which people, folds and seeds all vary."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import AucParts, auc_parts, checked, logit_interval, rows_of_folds
from pat_core.evaluation.resampling import Sample, sample_of
from pat_core.records import Interval


@dataclass(frozen=True)
class RepeatedAuc:
    """The AUC of cross-validation, once or repeated.

    auc: mean over repeats of the AUC within folds, with its interval by person, to which the variance between repeats is added: it speaks
    of these fold models. corrected: the same AUC with the interval that speaks of the recipe, whichever people it had learned from: wider;
    None of a single fold. repeats: the AUC of each repeat. folds: the AUC of each fold, by repeat. between_repeats: standard deviation of
    `repeats`, NaN of one.
    """

    auc: Interval
    corrected: Interval | None
    repeats: tuple[float, ...]
    folds: tuple[tuple[float, ...], ...]
    between_repeats: float


def repeated_auc(
    labels: np.ndarray, scores: np.ndarray, people: np.ndarray | None, fold: np.ndarray, repeat: np.ndarray, confidence: float = 0.95
) -> RepeatedAuc:
    """Out-of-fold scores of repeated cross-validation, a row a person (or week) a repeat.

    labels (n,) 0/1; scores (n,) by the fold's own model; people (n,): who it is, the same name in every repeat; fold, repeat (n,).
    `auc`: as `within_folds_auc_interval` with the person's influence averaged over repeats, plus the variance between repeats / repeats.
    Fold models share training people, which no run shows by itself (Bengio & Grandvalet 2004), so where a recipe learns hardly anything
    this interval held the recipe's AUC in only 84 to 90 % of simulations (benchmarks/coverage.py). `corrected`: the same variance times the
    factor of Nadeau & Bengio (2003, doi 10.1023/A:1024068626366), 1 + k / (k - 1) for k folds: held it in 95 % and more. Raises PatError
    where rows do not fit together, or a repeat has no fold with both kinds.
    """
    labels, scores = checked(labels, scores)
    sample, rounds = sample_of(len(labels), people, labels), rows_of_folds(repeat, len(labels))
    fold = np.asarray(fold)
    parts: list[AucParts] = []
    each: list[tuple[float, ...]] = []
    counts: list[int] = []
    for rows in rounds:
        own = Sample(sample.index[rows], sample.stratum)
        members = rows_of_folds(fold[rows], len(rows))
        parts.append(auc_parts(labels[rows], scores[rows], own, members))
        alone = [auc_parts(labels[rows][m], scores[rows][m], Sample(own.index[m], own.stratum), [np.arange(len(m))]).value for m in members]
        each.append(tuple(value for value in alone if np.isfinite(value)))
        counts.append(len(members))
    values = np.array([part.value for part in parts])
    if not np.isfinite(values).all():
        raise PatError("A repeat has no fold with people of both kinds, so it has no AUC. Use fewer folds, or label more people.")
    between = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    together, k = _averaged(parts, between), float(np.mean(counts))
    factor = 1 + k / max(k - 1, 1)
    first, second = together.variances
    wider = replace(together, variances=(first * factor, second * factor))
    return RepeatedAuc(
        auc=logit_interval(together, sample.people, confidence),
        corrected=logit_interval(wider, sample.people, confidence) if k > 1 else None,
        repeats=tuple(float(value) for value in values),
        folds=tuple(each),
        between_repeats=between,
    )


def corrected_interval(values: np.ndarray, tested: float, people: int = 0, confidence: float = 0.95) -> Interval:
    """The mean of figures of folds (or of random splits), repeats together, with the corrected resampled t interval.

    values: (folds of all repeats,). tested: share of people tested in each, 0.2 of five folds. Their variance is multiplied by 1 / J +
    tested / (1 - tested), since trainings share people, with J - 1 degrees of freedom (Nadeau & Bengio 2003, doi 10.1023/A:1024068626366;
    for repeated cross-validation Bouckaert & Frank 2004, doi 10.1007/978-3-540-24775-3_3). For figures far from their bounds: near an AUC
    of 1 folds are perfect by chance and the interval is too short; `repeated_auc` is for AUCs. Raises PatError for
    fewer than two figures, or a share that is not above 0 and below 1.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all() or not 0 < tested < 1:
        raise PatError(f"Expected at least two figures of folds and a share tested above 0 and below 1; got {values.size} and {tested}.")
    from scipy.special import stdtrit  # slow to import, for those alone who need an interval

    count = len(values)
    spread = np.sqrt((1 / count + tested / (1 - tested)) * values.var(ddof=1))
    reach = float(stdtrit(count - 1, (1 + confidence) / 2) * spread)
    return Interval(float(values.mean()), float(values.mean()) - reach, float(values.mean()) + reach, people)


def _averaged(parts: list[AucParts], between: float) -> AucParts:
    """Repeats as one AUC: the mean influence of each person; what repeats add to the variance goes to both kinds by their share."""
    positive = parts[0].positive
    influence = np.mean([part.influence for part in parts], axis=0)
    kinds = [float(np.sum(influence[kind] ** 2)) * kind.sum() / max(kind.sum() - 1, 1) for kind in (positive, ~positive)]
    added = between**2 / len(parts) if len(parts) > 1 else 0.0
    total = sum(kinds)
    first, second = (kind + (added * kind / total if total else added / 2) for kind in kinds)
    return AucParts(float(np.mean([part.value for part in parts])), influence, positive, (first, second))
