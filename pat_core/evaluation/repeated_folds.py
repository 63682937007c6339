"""Cross-validation repeated over seeds: one AUC, and an interval in which people, folds and seeds all vary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import AucParts, auc_parts, checked, logit_interval, rows_of_folds
from pat_core.evaluation.resampling import Sample, sample_of
from pat_core.records import Interval


@dataclass(frozen=True)
class RepeatedAuc:
    """The AUC of a recipe over repeated cross-validation.

    auc: mean over repeats of the AUC within folds, with its interval by person, to which the variance between repeats is added.
    corrected: mean of all folds' AUCs with the interval of Nadeau & Bengio, None where a single fold was tested. repeats: the AUC of each
    repeat. folds: the AUC of each fold, by repeat. between_repeats: standard deviation of `repeats`, NaN of one.
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

    labels (n,) 0/1; scores (n,) by the fold's own model; people (n,): who it is, the same name in every repeat; fold, repeat (n,). The
    interval by person is that of `within_folds_auc_interval` with the person's influence averaged over repeats, plus the variance between
    repeats / repeats. `corrected`: see `corrected_interval`, with the share tested of k folds taken as 1 / k. Raises PatError where rows do
    not fit together, or a repeat has no fold with both kinds.
    """
    labels, scores = checked(labels, scores)
    sample, rounds = sample_of(len(labels), people, labels), rows_of_folds(repeat, len(labels))
    fold = np.asarray(fold)
    parts: list[AucParts] = []
    each: list[tuple[float, ...]] = []
    shares: list[float] = []
    for rows in rounds:
        own = Sample(sample.index[rows], sample.stratum)
        members = rows_of_folds(fold[rows], len(rows))
        parts.append(auc_parts(labels[rows], scores[rows], own, members))
        alone = [auc_parts(labels[rows][m], scores[rows][m], Sample(own.index[m], own.stratum), [np.arange(len(m))]).value for m in members]
        each.append(tuple(value for value in alone if np.isfinite(value)))
        shares.append(1 / max(len(members), 2))
    values = np.array([part.value for part in parts])
    if not np.isfinite(values).all():
        raise PatError("A repeat has no fold with people of both kinds, so it has no AUC. Use fewer folds, or label more people.")
    between = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    together = _averaged(parts, between)
    flat = np.concatenate([np.array(part) for part in each])
    corrected = corrected_interval(flat, float(np.mean(shares)), sample.people, confidence) if len(flat) > 1 else None
    interval = logit_interval(together, sample.people, confidence)
    return RepeatedAuc(interval, corrected, tuple(float(value) for value in values), tuple(each), between)


def corrected_interval(values: np.ndarray, tested: float, people: int = 0, confidence: float = 0.95) -> Interval:
    """The mean of figures of folds (or of random splits), repeats together, with the corrected resampled t interval.

    values: (folds of all repeats,). tested: share of people tested in each, 0.2 of five folds. Their variance is multiplied by 1 / J +
    tested / (1 - tested), since trainings share people, with J - 1 degrees of freedom (Nadeau & Bengio 2003, doi 10.1023/A:1024068626366;
    for repeated cross-validation Bouckaert & Frank 2004, doi 10.1007/978-3-540-24775-3_3). The bounds of a figure such as an AUC are not
    known here: cut where you need to. Raises PatError for fewer than two figures, or a share that is not above 0 and below 1.
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
