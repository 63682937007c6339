"""An evaluation in words: what it says first, each figure with its interval and the people behind it, and what limits it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pat_core.evaluation.percentage_rule import RecalibrationChange, recalibration_change, supports_percentage
from pat_core.evaluation.probability_figures import ProbabilityFigures
from pat_core.evaluation.study.study_size import study_size
from pat_core.plurals import counted, listed
from pat_core.records import Interval
from pat_core.workflows.evaluate.evaluation_run import EvaluationRecord, SecondModel, TestFigures
from pat_core.workflows.evaluate.group_figures import GroupRow, name_of
from pat_core.workflows.evaluate.operating_point import OperatingPoint, benefit_of, useful_words
from pat_core.workflows.evaluate.other_explanations import OtherExplanations

SUPPOSED_AUC = 0.8
APART, AT_THRESHOLD, WORTH = "How well it tells the groups apart", "At the threshold", "What its probabilities are worth"
IN_FIGURES = 1000
"""People of the sentence in natural frequencies."""


@dataclass(frozen=True)
class FigureLine:
    """One figure. key: its name in files. interval: value with its 95 % interval (NaN ends: none is known). percent: a share of people.

    of: which people, in a few words ("45 of 48"), "" where all count. meaning: for a reader, with the source in brackets.
    """

    key: str
    section: str
    name: str
    interval: Interval
    percent: bool
    of: str
    meaning: str

    @property
    def value(self) -> str:
        """The value alone."""
        return number_text(self.interval.value, self.percent)

    @property
    def between(self) -> str:
        """ "0.92 to 0.99"; "" where no interval is known."""
        low, high = self.interval.low, self.interval.high
        return "" if math.isnan(low) or math.isnan(high) else f"{number_text(low, self.percent)} to {number_text(high, self.percent)}"


def number_text(value: float, percent: bool = False) -> str:
    """A figure with two decimals, or a share in percent, with a true minus sign."""
    if math.isnan(value):
        return "no value"
    if math.isinf(value):
        return "infinite"
    if 0 < abs(value) < 0.001 and not percent:
        return "under 0.001"
    text = f"{100 * value:.0f} %" if percent else f"{value:.3f}" if 0 < abs(value) < 0.095 else f"{value:.2f}"
    return text.replace("-", "\u2212")


def figure_lines(record: EvaluationRecord, point: OperatingPoint) -> list[FigureLine]:
    """All figures of a test, in three sections."""
    return [*_apart(record), *_at_threshold(point), *_worth(record)]


def _apart(record: EvaluationRecord) -> list[FigureLine]:
    figures, share = record.figures, record.figures.probability.prevalence.value
    lines = [
        FigureLine(
            "auc", APART, "AUC", figures.auc, False, "",
            "How often a person of the group scores higher than one of the others: 0.50 is chance, 1.00 always. Over pairs whom the same "
            "model has scored (interval: DeLong 1988 on the log-odds scale).",
        ),
        FigureLine(
            "average_precision", APART, "Average precision", figures.average_precision, False, "",
            f"Mean share of right alarms while the threshold is lowered; {share:.2f} is chance in these people (Boyd 2013).",
        ),
        FigureLine(
            "permutation_p", APART, "p against chance", _alone(figures.permutation.p), False, "",
            f"How often shuffled labels do as well (permutation test, {figures.permutation.draws:,} draws; they reach "
            f"{figures.permutation.chance_low:.2f} to {figures.permutation.chance_high:.2f}).",
        ),
    ]  # fmt: skip
    fixed = figures.at_specificity
    meaning = "At the threshold with this specificity among these people; the interval counts that it could have fallen elsewhere."
    lines.append(
        FigureLine("sensitivity_at_90_specificity", APART, f"Sensitivity at {100 * fixed.asked:g} % specificity", fixed.sensitivity, True,
                   f"from {100 * fixed.threshold:.3g} % on", meaning)
    )  # fmt: skip
    for floor in record.floors:
        d = floor.difference
        beside = "" if d is None else f" The model's AUC is {signed(d.value)} ({signed(d.low)} to {signed(d.high)}) beside it."
        meaning = f"What these figures reach without a network, on the same splits.{beside}"
        lines.append(FigureLine("floor_auc", APART, f"Floor: {floor.title[:1].lower()}{floor.title[1:]}", floor.auc, False, "", meaning))
    return lines + _of_folds(figures)


def _of_folds(figures: TestFigures) -> list[FigureLine]:
    """How much one fold, and one repeat, differs from the next."""
    folds, values, lines = figures.folds, figures.fold_aucs, []
    if len(values) > 1:
        spread = Interval(sum(values) / len(values), min(values), max(values), len(values))
        lines.append(
            FigureLine("fold_auc", APART, "AUC of single folds", spread, False, counted(len(values), "fold"),
                       "Mean, and from the lowest to the highest fold: not an interval, but how much one model differs from the next.")
        )  # fmt: skip
    if folds.corrected is not None:
        meaning = "The same AUC, with the interval of what other training people would give (the factor of Nadeau & Bengio 2003)."
        lines.append(FigureLine("auc_of_the_recipe", APART, "AUC of the recipe", folds.corrected, False, "", meaning))
    if len(folds.repeats) > 1:
        repeats = Interval(sum(folds.repeats) / len(folds.repeats), min(folds.repeats), max(folds.repeats), len(folds.repeats))
        lines.append(
            FigureLine("repeat_auc", APART, "AUC of single repeats", repeats, False, counted(len(folds.repeats), "repeat"),
                       "Mean, lowest and highest over repeats with other folds; their variance is in the interval of the AUC.")
        )  # fmt: skip
    return lines


def _at_threshold(point: OperatingPoint) -> list[FigureLine]:
    f = point.figures
    where = f"where {100 * point.prevalence:.3g} % are of the group" + ("" if point.stated else ", as among these people")
    lines = [
        FigureLine("sensitivity", AT_THRESHOLD, "Sensitivity", f.sensitivity, True, f"{f.true_positives:,} of {f.positives:,}",
                   "Of 100 people of the group, how many the model flags (Wilson)."),
        FigureLine("specificity", AT_THRESHOLD, "Specificity", f.specificity, True, f"{f.true_negatives:,} of {f.negatives:,}",
                   "Of 100 others, how many it does not flag (Wilson)."),
        FigureLine("balanced_accuracy", AT_THRESHOLD, "Balanced accuracy", f.balanced_accuracy, True, "",
                   "Mean of the two: 50 % is chance (Newcombe 1998)."),
        FigureLine("f1", AT_THRESHOLD, "F1", f.f1, False, "", "Harmonic mean of sensitivity and PPV among these people."),
        FigureLine("ppv", AT_THRESHOLD, "PPV", point.ppv, True, "",
                   f"Of 100 people whom the model flags, how many are of the group, {where}."),
        FigureLine("npv", AT_THRESHOLD, "NPV", point.npv, True, "",
                   f"Of 100 people whom it does not flag, how many are not of the group, {where}."),
        FigureLine("positive_likelihood_ratio", AT_THRESHOLD, "Likelihood ratio +", f.positive_likelihood_ratio, False, "",
                   "By how much being flagged multiplies the odds of belonging to the group (Simel 1991)."),
        FigureLine("negative_likelihood_ratio", AT_THRESHOLD, "Likelihood ratio \u2212", f.negative_likelihood_ratio, False, "",
                   "By how much not being flagged multiplies them."),
    ]  # fmt: skip
    if point.fixed is not None:
        words = f"Sensitivity at {100 * point.fixed.asked:g} % specificity"
        meaning = "The threshold was set on these same people; the interval counts that it could have fallen elsewhere."
        lines.append(FigureLine("sensitivity_at_specificity", AT_THRESHOLD, words, point.fixed.sensitivity, True, "", meaning))
    return lines


def _worth(record: EvaluationRecord) -> list[FigureLine]:
    f, coverage = record.figures.probability, record.figures.coverage
    lines = [
        FigureLine("brier", WORTH, "Brier score", f.brier, False, f"{f.brier_of_prevalence:.3f} by one share for all",
                   "Mean squared error of the probabilities: 0 is perfect. Beside it that of giving everyone the share of the group."),
        FigureLine("brier_skill", WORTH, "Gain over one share for all", f.skill, True, "",
                   "How much of that error the model saves; at 0 % and below, giving everyone the share of the group would serve as well."),
        FigureLine("calibration_in_the_large", WORTH, "Calibration in the large", f.in_the_large, False, "0 is right",
                   "Above 0, the group is more frequent than predicted, in log-odds (Van Calster 2016)."),
        FigureLine("calibration_slope", WORTH, "Calibration slope", f.slope, False, "1 is right",
                   "Below 1, probabilities are too extreme; above 1, too timid (Van Calster 2016)."),
        FigureLine("calibration_intercept", WORTH, "Calibration intercept", f.intercept, False, "0 is right",
                   "Of the same line as the slope."),
        FigureLine("ici", WORTH, "ICI", f.ici, True, _by_chance(f),
                   "Mean distance between the probabilities and the smooth of what happened (Austin & Steyerberg 2019)."),
        FigureLine("e50", WORTH, "E50", f.e50, True, "", "Its median over people."),
        FigureLine("e90", WORTH, "E90", f.e90, True, "", "Its 90th percentile: nine in ten people are nearer."),
    ]  # fmt: skip
    if record.figures.recalibrated is not None:
        after = record.figures.recalibrated
        by_chance = f"{100 * after.ici_by_chance:.0f} % by chance"
        meaning = "The same after Platt scaling, each person by a line that was fitted on the others."
        lines += [
            FigureLine("brier_recalibrated", WORTH, "Brier score, recalibrated (Platt)", after.brier, False, "", meaning),
            FigureLine("slope_recalibrated", WORTH, "Calibration slope, recalibrated (Platt)", after.slope, False, "1 is right", meaning),
            FigureLine("ici_recalibrated", WORTH, "ICI, recalibrated (Platt)", after.ici, True, by_chance, meaning),
        ]
    if coverage is not None:
        words = f"{100 * coverage.single:.0f} % name one group"
        meaning = "How often sets of groups that should hold the right one nine times in ten do, each fitted on the others (conformal)."
        lines.append(FigureLine("conformal_coverage", WORTH, "Coverage of 90 % sets", coverage.overall, True, words, meaning))
    return lines


def _by_chance(figures: ProbabilityFigures) -> str:
    return f"{100 * figures.ici_by_chance:.0f} % by chance"


def _alone(value: float) -> Interval:
    return Interval(value, float("nan"), float("nan"))


def in_short(record: EvaluationRecord) -> str:
    """What the test says, in a sentence that needs no statistics."""
    auc, people = record.figures.auc, record.people
    whom = "simulated people" if people.simulated else "people"
    if auc.low > 0.5:
        verdict = "does better than chance"
    else:
        verdict = "does worse than chance" if auc.high < 0.5 else "is not shown to do better than chance"
    return (
        f"On {len(people):,} {whom} the model {verdict}: shown one of each group, it scores the one labelled {people.positive_value} "
        f"higher {100 * auc.value:.0f} times in 100 (95 % interval {100 * auc.low:.0f} to {100 * auc.high:.0f}); guessing, 50."
    )


def whom_words(record: EvaluationRecord) -> str:
    """Who was tested, how many of each group, and how they came to test the model."""
    people = record.people
    positives, negatives = people.counts
    repeats = f", {counted(len(people.each), 'repeat')}" if len(people.each) > 1 else ""
    return (
        f"{people.label}: {positives:,} {people.positive_value} against {negatives:,} {people.negative_value}; {people.how}{repeats}. "
        f"{100 * positives / len(people):.0f} % are of the group: where people were chosen by it (cases and controls), that says nothing "
        "about how frequent it is elsewhere."
    )


def frequency_words(record: EvaluationRecord, point: OperatingPoint) -> str:
    """The threshold in natural frequencies, at the prevalence in use."""
    group = round(IN_FIGURES * point.prevalence)
    others, f = IN_FIGURES - group, point.figures
    right, alarmed = round(group * f.sensitivity.value), round(others * (1 - f.specificity.value))
    given = "as you state" if point.stated else "as among the tested"
    name = record.people.positive_value
    return (
        f"Of {IN_FIGURES:,} people, {group:,} of them labelled {name} ({given}): at a threshold of {100 * point.threshold:.3g} % the model "
        f"flags {right:,} of these {group:,} and {alarmed:,} of the {others:,} others. {_of_flagged(point, name)}"
    )


def _of_flagged(point: OperatingPoint, name: str) -> str:
    """What being flagged, and not being flagged, says of a person; what cannot be said is left out. name: of the group."""
    shares = (point.ppv.value, 1 - point.npv.value)
    right, wrong = ("" if math.isnan(share) else counted(round(100 * share), "is", "are") for share in shares)
    flagged = right and f"Of 100 people whom it flags, about {right} labelled {name}"
    others = wrong and f"of 100 whom it does not flag, about {wrong} labelled {name} all the same"
    text = "; ".join(filter(None, [flagged, others]))
    return f"{text[:1].upper()}{text[1:]}."


def few_words(record: EvaluationRecord) -> str:
    """What so many people can show at all."""
    positives, negatives = record.people.counts
    if min(positives, negatives) < 2:
        return "With one person of a group nothing can be shown."
    size = study_size(positives, negatives, SUPPOSED_AUC)
    return (
        f"What this many people can show: were the true AUC {SUPPOSED_AUC:.2f}, expect an interval of about {size.auc.low:.2f} to "
        f"{size.auc.high:.2f}; of a sensitivity of 80 %, {100 * size.sensitivity.low:.0f} % to {100 * size.sensitivity.high:.0f} %; of a "
        f"right calibration slope, {number_text(size.slope.low)} to {number_text(size.slope.high)}."
    )


def others_words(others: OtherExplanations, floors: bool) -> str:
    """What other variables predict alone, and what the score adds, in sentences. floors: whether those of the run stand beside them."""
    check, names = others.check, listed(others.names)
    gain = check.gain
    verdict = "it adds nothing that is shown" if gain.low <= 0 else "it adds to them"
    incomplete = "" if check.complete == check.positives + check.negatives else f" Known of {check.complete:,} people; unknown is the mean."
    fitted = " All three are fitted in folds of the tested people" + (
        "; a floor above learned from the people whom its run trained on, so it can differ." if floors else "."
    )
    return (
        f"{names[:1].upper()}{names[1:]} alone tell the groups apart with an AUC of {_with_interval(check.variables)}, the score with "
        f"{_with_interval(check.score)}, both with {_with_interval(check.both)}. The score changes their AUC by {signed(gain.value)} "
        f"({signed(gain.low)} to {signed(gain.high)}): {verdict}.{fitted}{incomplete}"
    )


def _with_interval(interval: Interval) -> str:
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def percentage_words(record: EvaluationRecord) -> str:
    """Whether these probabilities may be shown as percentages, and why."""
    supported, why = supports_percentage(record.figures.probability)
    verdict = "supports" if supported else "does not support"
    return (
        f"Calibration on these people {verdict} showing the model's own probabilities as percentages. {why} What Participants "
        "shows (these, recalibrated ones, or a rank) is what the model's own test bears out."
    )


def recalibrated(record: EvaluationRecord) -> RecalibrationChange | None:
    """What Platt scaling did to these probabilities; None with too few people to say."""
    figures = record.figures
    return None if figures.recalibrated is None else recalibration_change(figures.probability, figures.recalibrated)


def recalibration_words(record: EvaluationRecord) -> str:
    """The same in a sentence, and where it did harm, what to use instead; "" with too few people."""
    change = recalibrated(record)
    return "" if change is None else change.words("Platt", supports_percentage(record.figures.probability)[0])


def pair_words(record: EvaluationRecord, second: SecondModel) -> str:
    """Two models on the same people, in a sentence."""
    a, d = second.aucs, second.aucs.difference
    better = record.model if d.value > 0 else second.model
    verdict = "no difference is shown" if d.low <= 0 <= d.high else f"{better} tells them apart better"
    p = "" if math.isnan(a.p) else f"; DeLong p {a.p:.3f}" if a.p >= 0.001 else "; DeLong p below 0.001"
    b = second.brier
    return (
        f"On the {second.people:,} people whom both can be tested on ({a.positives:,} and {a.negatives:,}): AUC {a.first:.2f} of "
        f"{record.model}, {a.second:.2f} of {second.model}; difference {signed(d.value)} ({signed(d.low)} to {signed(d.high)}){p}: "
        f"{verdict}. Brier score: difference {signed(b.value, 3)} ({signed(b.low, 3)} to {signed(b.high, 3)})."
    )


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign, a true minus; what rounds to nothing is +0.00."""
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", "\u2212")


def group_words(row: GroupRow) -> str:
    """A part of the people in a line."""
    auc = "no AUC: one of the groups is missing" if math.isnan(row.auc.value) else f"AUC {row.auc.value:.2f}"
    between = "" if math.isnan(row.auc.low) else f" ({row.auc.low:.2f} to {row.auc.high:.2f})"
    few = "; few people: mostly chance" if row.few else ""
    slope = f"calibration slope {_with_interval(row.slope)}" if not row.no_slope else f"no calibration slope: {row.no_slope}"
    return (
        f"{name_of(row)}: {row.positives:,} and {row.negatives:,} people, {100 * row.prevalence.value:.0f} % of the group, {auc}{between}, "
        f"mean probability {100 * row.mean_probability:.0f} %, {slope}{few}"
    )


def as_text(record: EvaluationRecord, point: OperatingPoint) -> str:
    """All of it for a terminal."""
    lines = [f"{record.model} on {whom_words(record)}", in_short(record)]
    section = ""
    for line in figure_lines(record, point):
        if line.section != section:
            section = line.section
            lines.append(f"{section} {100 * point.threshold:.3g} %:" if section == AT_THRESHOLD else f"{section}:")
        between = f"  {line.between}" if line.between else ""
        lines.append(f"  {line.name:<42}{line.value:>11}{between:<20}  {line.of}".rstrip())
    benefit = benefit_of(record.people, point.prevalence if point.stated else None, record.request.seed)
    lines += [frequency_words(record, point), useful_words(benefit), percentage_words(record), few_words(record)]
    lines += filter(None, [recalibration_words(record)])
    if record.others is not None:
        lines.append(others_words(record.others, bool(record.floors)))
    if record.second is not None:
        lines.append(pair_words(record, record.second))
    if record.groups:
        lines.append(f"By {record.request.by} (small parts differ by chance; not a ranking):")
        lines += [f"  {group_words(row)}" for row in record.groups]
    return "\n".join([*lines, *record.people.left_out])
