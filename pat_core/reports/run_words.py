"""Fine-tuning runs in words: a name to propose, what a recipe does, what was asked, how to read the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pat_core.cohorts import CohortInfo, ModelInfo, RunInfo, Workspace
from pat_core.cohorts.database_values import LONGEST_NAME, looks
from pat_core.models.outputs import Kind
from pat_core.plurals import counted, listed
from pat_core.reports.evaluation_words import signed
from pat_core.training import FinetuneSettings
from pat_core.training.recipes import Course, course, learned_nothing
from pat_core.training.target import MAIN, TargetChoice, label_text
from pat_core.workflows.learn.analysis_plan import plan_words
from pat_core.workflows.learn.multiplicity import MANY, multiplicity_words, tested_on
from pat_core.workflows.models.cautions import cautions as model_cautions
from pat_core.workflows.models.cautions import main_figure, target_in
from pat_core.workflows.models.model_entries import models
from pat_core.workflows.models.sampling import sampling_words

EVERYONE = "everyone else"
KIND_WORDS = {"two classes": "two classes", "classes": "several classes", "ordinal": "classes in order", "value": "a number"}
SHORT = {"linear_probe": "probe", "full": "full"}
LONGEST_MODEL = 30
"""Characters of the model's name within a run's."""
WEEKS = {"first": "The first full window of each person", "all": "Every full window of each person"}
MINUTES = {"window": "the same minute of the window", "day": "the same minute of the day"}
RECIPES = {"recommended": "The recommended one", "paper": "The paper's"}
CHANGED = {"learning_rate": "the learning rate", "max_epochs": "the most epochs", "patience": "the patience"}
"""What may be asked for otherwise than the recipe has it, by its name among a run's settings."""


def proposed_name(workspace: Workspace, task: str, style: str, model: str) -> str:
    """A name for a run that looks like no run's and no model's: the task, then the style, then the model it starts from.

    What a long task or a number would cut off at the end of a narrow box stands first.
    """
    tail = f", {SHORT.get(style, style)}, {model[:LONGEST_MODEL].rstrip()}"
    taken = {looks(name) for name in [*(run.name for run in workspace.runs()), *(entry.reference for entry in models(workspace))]}
    number = 1
    while True:
        head = f" ({number})" if number > 1 else ""
        name = task[: LONGEST_NAME - len(head) - len(tail)].rstrip() + head + tail
        if looks(name) not in taken:
            return name
        number += 1


def task_words(label: str, positive: str, negative: str | None, values: int) -> str:
    """What a run is to tell apart, briefly. values: how many the label has: of two, the other one goes without saying."""
    if values <= 2:
        return f"{label}: {positive}"
    return f"{label}: {positive} or {negative if negative is not None else 'other'}"


def target_words(label: str, target: TargetChoice) -> str:
    """What is learned where it is more than one value against others, briefly, for the name of a run."""
    if target.kind == "value":
        return f"{label} as a number"
    if target.kind == "ordinal" and target.classes:
        return f"{label}: {target.classes[0]} to {target.classes[-1]}"
    if target.cuts:
        return f"{label}: <{label_text(target.cuts[0])} to >={label_text(target.cuts[-1])}"
    return f"{label}: {len(target.classes) or 'all'} classes"


def recipe_words(settings: FinetuneSettings, size: str, kind: Kind = "two classes") -> str:
    """What a run's recipe does with a model of this size and this kind of target, what differs from it, or that nothing does, and what
    minutes are compared with."""
    compared = minutes_words({"per": settings.standardize, "held_up": settings.holds_up})
    return f"{_course_words(settings, size, f'validation {MAIN[kind]}')} {compared}."


def minutes_words(standardizer: object) -> str | None:
    """With what each minute is compared before the model reads it, by a card's `standardizer`; None where it does not say. What earlier
    versions did not note is left out."""
    if not isinstance(standardizer, Mapping) or standardizer.get("per") not in tuple(MINUTES):
        return None
    people, held_up = standardizer.get("people"), standardizer.get("held_up")
    whom = f"{counted(people, 'person', 'people')} that it learned from" if isinstance(people, int) else "people that it learns from"
    words = f"Each minute is compared with {MINUTES[standardizer['per']]} among the {whom}, by their mean and deviation"
    if held_up is None:
        return words
    return words + ("; where few of them move, the deviation is held up" if held_up else "; deviations are as measured")


def _course_words(settings: FinetuneSettings, size: str, watched: str) -> str:
    if not settings.in_epochs:
        return (
            "The recommended linear probe: a regression on what the frozen encoder makes of each week. How strongly it is "
            "regularised is chosen by a cross-validation among the people it learns from, so nobody who tests it has a part in that."
        )
    usual, steps = course(FinetuneSettings(settings.style, recipe=settings.recipe), size), course(settings, size)
    differences = _differences(usual, steps, watched)
    if settings.recipe == "recommended":
        words = (
            f"The recommended recipe: at most {steps.max_epochs:,} epochs, ended after {steps.patience:,} without a better {watched}; "
            f"a learning rate that rises to {steps.learning_rate:g} for the head, less for each layer below it, and falls again; weeks "
            "that begin with any of their days, and mixtures of two people's weeks."
        )
        return f"{words} Unlike it by default: {', '.join(differences)}." if differences else words
    if not differences:
        bound = f"at the latest after {usual.max_epochs:,}"
        return f"As in the paper: it stops after {usual.patience} epochs without a better {watched}, {bound}."
    words = f"Unlike the paper's recipe: {', '.join(differences)}."
    if steps.max_epochs <= steps.patience and steps.patience == usual.patience:
        words += f" The paper waits {usual.patience} epochs without a better {watched}, so here the number of epochs alone ends it."
    return words


def _differences(usual: Course, steps: Course, watched: str) -> list[str]:
    differences = []
    if steps.learning_rate != usual.learning_rate:
        differences.append(f"a learning rate of {steps.learning_rate:g} instead of {usual.learning_rate:g}")
    if steps.max_epochs != usual.max_epochs:
        differences.append(f"at most {steps.max_epochs:,} epochs instead of {usual.max_epochs:,}")
    if steps.patience != usual.patience:
        differences.append(f"stopping after {steps.patience:,} epochs without a better {watched} instead of {usual.patience}")
    return differences


def kept_words(result: Mapping[str, Any]) -> str | None:
    """What a run kept and why, and why it ended; None where its result does not say."""
    best, last, members, strength = (result.get(name) for name in ("best_epoch", "epochs", "members", "strength"))
    if isinstance(members, int) and members > 1:
        return f"The models of the {members} folds together: the mean of what they answer"
    if isinstance(strength, int | float):
        how = "chosen by cross-validation among the people it learned from"
        return f"A regression with C = {strength:g}, {how} (the smaller C, the more regularised)"
    if not isinstance(best, int) or not isinstance(last, int):
        return None
    if last == 0:  # solved at once
        return _sentence(result.get("stopped"))
    nothing = learned_nothing(best, best, last)
    start = " That is the very start of the training: next to nothing was learned." if nothing else ""
    risen = result.get("risen")
    if not isinstance(risen, int):  # runs from before this was noted
        ended = f"Training ended: {result.get('stopped')}"
        return f"The weights of epoch {best:,} of {last:,}, which had the highest validation AUC.{start} {ended}"
    watched = f"validation {main_figure(result)[0] or 'AUC'}"
    if best == risen:
        why = f"the first with the highest {watched}"
    else:
        why = f"the one with the lowest validation loss among those with the highest {watched} (first reached in epoch {risen:,})"
    ended = str(result.get("stopped"))
    ended = f"it had not risen since epoch {risen:,}" if ended.startswith(watched) else ended
    return f"The weights of epoch {best:,}, {why}.{start} Training ended with epoch {last:,}: {ended}"


def model_of(workspace: Workspace, run: RunInfo) -> ModelInfo | None:
    """The model that a run made, while it is kept; None where it was deleted, or another bears its name by now."""
    sha256 = (run.result or {}).get("model_sha256")
    return next((info for info in workspace.models() if info.name == run.name and info.sha256 == sha256), None)


def last_trained(workspace: Workspace, cohort: CohortInfo) -> str | None:
    """The name of the model that was fine-tuned last on this cohort; None where there is none."""
    trained = {(run.result or {}).get("model_sha256") for run in workspace.runs()}  # what a file says of itself is not believed
    known = [info for info in workspace.models() if info.card.get("ours") or info.sha256 in trained]
    own = [info for info in known if info.origin == "fine-tuned" and info.card.get("cohort_id") == cohort.id]
    return max(own, key=lambda info: info.added).name if own else None


NO_FLOOR = "No model without a network was computed beside this run, as in all runs of earlier versions."


def floor_lines(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(title, its figure with interval, the model's AUC less it) of each floor of a run; [] where none was computed.

    The figure is the one that the run itself is judged by: AUC, or that of several classes, an order or a value.
    """
    lines = []
    for floor in _floors(result):
        auc, beside = floor.get("auc") or floor["value"], floor.get("difference")
        difference = "" if beside is None else "{} ({} to {})".format(*(signed(beside[name]) for name in ("value", "low", "high")))
        lines.append((str(floor["title"]), f"{auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f})", difference))
    return lines


def _floors(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return result.get("floors") or []


def floor_words(result: Mapping[str, Any]) -> str:
    """The floors beside a run's test, in a sentence."""
    parts = [f"{title.lower()} {auc}" + (f", the model less that {beside}" if beside else "") for title, auc, beside in floor_lines(result)]
    return f"Without a network, on the same people: {'; '.join(parts)}. {floor_verdict(result)}".strip() if parts else NO_FLOOR


def floors_alone(card: Mapping[str, Any]) -> str:
    """What stands beside a test's figure wherever a model is judged by it: "Six rhythm features alone: 0.91 (...).", and whether that is as
    much; "" where the model's card keeps no floor."""
    parts = [f"{title} alone: {figure}." for title, figure, _ in floor_lines(card)]
    return " ".join(filter(None, [*parts, floor_verdict(card)]))


def floor_verdict(result: Mapping[str, Any]) -> str:
    """Which floors reach as much as the model, else which it is not shown to beat, in a sentence; "" where there is neither."""
    own = main_figure(result)[1].get("value")
    floors = [(str(floor["title"]), floor.get("auc") or floor["value"], floor.get("difference")) for floor in _floors(result)]
    if own is None or not floors:
        return ""
    reached = [title for title, figure, _ in floors if figure["value"] >= own]
    if reached:
        return f"As much as the model, or more: {_in_a_row(reached)}. So the model may have learned nothing beyond."
    close = [title for title, _, difference in floors if difference is not None and not difference["low"] > 0]
    return f"The model is not shown to do better than {_in_a_row(close)} alone." if close else ""


def _in_a_row(titles: Sequence[str]) -> str:
    return "; ".join(title[:1].lower() + title[1:] for title in titles)


def question(run: RunInfo) -> str:
    """What the run was asked to tell apart, in whom."""
    config = run.config
    learned = target_in(run.result or {})  # a run that is not done has not found out yet which classes there are
    if learned is not None and not (learned.two_classes and config.get("positive")):
        return f"{learned.words()}, in the cohort “{run.cohort}”"
    choice = config.get("target") or {}
    if choice.get("kind", "two classes") != "two classes":
        return f"{config.get('label')}, as {KIND_WORDS[choice['kind']]}, in the cohort “{run.cohort}”"
    if not config.get("positive"):
        return f"{config.get('label')}, in the cohort “{run.cohort}”"
    negative = config.get("negative") or EVERYONE
    return f"{config.get('label')}: {config.get('positive')} against {negative}, in the cohort “{run.cohort}”"


def result_words(result: Mapping[str, Any]) -> str:
    """The figure that a run's test is judged by, with its interval and people, and the others after it."""
    name, figure = main_figure(result)
    others, how = _further(result), (result.get("test") or {})["how"]
    words = f"test {name} {figure['value']:.3f} (95 % interval {figure['low']:.3f} to {figure['high']:.3f}) on {figure['n']} people, {how}"
    return words + (f"; {others}" if others else "")


def _further(result: Mapping[str, Any]) -> str | None:
    """The figures of a test besides the one that it is judged by."""
    figures = ((result.get("test") or {}).get("figures") or {}).items()
    name = main_figure(result)[0]
    unit = (result.get("target") or {}).get("unit") or ""
    words = [
        f"{other} {of['value']:.3g}{f' {unit}' if unit and other == 'MAE' else ''} ({of['low']:.3g} to {of['high']:.3g})"
        for other, of in figures
        if other != name
    ]
    return ", ".join(words) or None


def facts(workspace: Workspace, run: RunInfo) -> list[tuple[str, str]]:
    """(what, words): what a run started from, what learned, on which weeks, how it was tested and when it stopped."""
    config, result, known = run.config, run.result or {}, _known(workspace, run)
    share = result.get("prevalence")
    settings: Mapping[str, Any] = config.get("settings") or {}
    tested = tested_on(workspace, run.cohort_id)
    sentences = [
        ("Started from", known.get("started_from") or config.get("model")),
        ("What learned", {"linear_probe": "The head alone (linear probe)", "full": "Everything (full)"}.get(str(settings.get("style")))),
        ("Recipe", _recipe(settings)),
        ("Minutes", minutes_words(known.get("standardizer"))),
        ("Weeks", WEEKS.get(str(config.get("weeks")))),
        ("Test", _sentence(result.get("test", {}).get("how"))),
        ("Over all folds", _over_folds(result.get("test", {}).get("over_folds"))),
        ("Same recordings", result.get("copies") or None),
        ("Left out", result.get("left_out") or None),
        ("Positive among all", None if share is None else f"{100 * share:.0f} %, {sampling_words(result)}"),
        ("Classes among all", _shares(result)),
        ("Further figures", _further(result)),
        ("Kept", kept_words(result)),
        ("On this cohort", multiplicity_words(tested, run.cohort) if tested < MANY else None),
        ("Analysis plan", plan_words(known.get("plan")) or None),
    ]
    return [(name, str(value)) for name, value in sentences if value]


def _recipe(settings: Mapping[str, Any]) -> str | None:
    """A run's recipe by name, and what was asked for otherwise."""
    name = RECIPES.get(str(settings.get("recipe", "paper"))) if settings else None
    changed = [words for key, words in CHANGED.items() if settings.get(key) is not None]
    return f"{name}, but for {listed(changed)}" if name and changed else name


def _shares(result: Mapping[str, Any]) -> str | None:
    """How frequent each of several classes is among the run's people."""
    learned, shares = target_in(result), result.get("prevalences")
    if learned is None or learned.two_classes or not isinstance(shares, list) or len(shares) != len(learned.classes):
        return None
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(learned.classes, shares, strict=True)) or None


def cautions(workspace: Workspace, run: RunInfo) -> list[str]:
    """What must be read together with a run's test: whose weights, whose people, how few of them."""
    known = _known(workspace, run)
    findings = model_cautions(known, "fine-tuned", None, "model")
    random = any(finding.code == "random_encoder" for finding in findings)
    first_line = [] if random or not known.get("first_line") else [str(known["first_line"])]
    # on simulated people, weights that learned from simulated weeks are at home
    left_out = "simulated_training" if tested_on_simulated(workspace, run) else ""
    leaks = [str(leak) for leak in known.get("leaks") or ()]
    tested = tested_on(workspace, run.cohort_id)
    many = [multiplicity_words(tested, run.cohort)] if tested >= MANY else []
    return first_line + leaks + [finding.message for finding in findings if finding.code != left_out] + many


def tested_on_simulated(workspace: Workspace, run: RunInfo) -> bool:
    """Whether the people of the run's cohort were simulated; by its result, or by the cohort itself."""
    stated = _known(workspace, run).get("tested_on_simulated")
    if stated is not None:
        return bool(stated)
    return any(cohort.id == run.cohort_id and cohort.simulated for cohort in workspace.cohorts())


def _known(workspace: Workspace, run: RunInfo) -> Mapping[str, Any]:
    """What is known of the run's model: its card while it is kept, and the run's own result, which outlives it."""
    info = model_of(workspace, run)
    return {**({} if info is None else info.card), **(run.result or {})}


def _over_folds(figure: Mapping[str, float] | None) -> str | None:
    """The mean of all folds' AUCs in all repeats, with an interval that knows that trainings share people."""
    if not figure:
        return None
    low, high = max(0.0, figure["low"]), min(1.0, figure["high"])
    return f"a mean AUC of {figure['value']:.2f} ({low:.2f} to {high:.2f} by Nadeau and Bengio, over folds and repeats)"


def _sentence(text: object) -> str:
    words = str(text or "")
    return words[:1].upper() + words[1:]
