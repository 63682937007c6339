"""What each verb of the command line does: plain options in, an answer out. It prints nothing; `__main__` does.

Heavy imports wait for the verb that needs them, so that --help answers at once.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pat_core.errors import WorkspaceTrouble
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.settings import COMMAND


@dataclass(frozen=True)
class Answer:
    """What a verb tells: plain values for --json, the same as text, sentences to know before it is believed, and the exit code."""

    plain: object = None
    text: str = ""
    cautions: tuple[str, ...] = ()
    code: int = 0


def wrong_usage(chosen: Namespace) -> str | None:
    """A sentence where options that do not go together were given; None where they do."""
    given = vars(chosen)
    if check := given.get("check"):  # a verb that knows its own
        return check(chosen)
    if chosen.verb == "models" and chosen.action != "list" and not chosen.what:
        return f"`models {chosen.action}` needs {'a file' if chosen.action == 'add' else 'a published name'}."
    if chosen.verb == "simulate" and not chosen.out and not chosen.cohort:
        return "`simulate` needs --out DIR or --cohort NAME (or both)."
    if chosen.verb == "mappings" and chosen.action == "forget" and not chosen.what:
        return "`mappings forget` needs the name of one; `mappings` lists them."
    if chosen.verb == "import" and chosen.clock != "wall" and not chosen.zone:
        return f"--clock {chosen.clock} goes with --zone: times are brought to the wall clock of a place, such as --zone Europe/Berlin."
    if chosen.verb == "cohorts" and bool(chosen.cohort) != bool(chosen.sampling):
        return "--cohort and --sampling go together: `cohorts` alone lists all cohorts."
    if given.get("standardized") and given.get("cohort"):
        return "--standardized goes with --weeks: the weeks of a cohort are activity, and are standardized on the way into the model."
    if given.get("standardized") and given.get("standardizer"):
        return "--standardized weeks go in as they are, so --standardizer has nothing to do. Leave one of the two out."
    if given.get("participant") and given.get("weeks"):
        return "--participant goes with --cohort: the weeks of a .npy file bear no names."
    if given.get("internals") and chosen.out.suffix.lower() != ".npz":
        return f"--internals are arrays, which only an .npz can hold; --out is {chosen.out.name}."
    return None


def workspace_of(chosen: Namespace):
    """The workspace that was asked for; one that cannot be written is opened to be looked at."""
    from pat_core.cohorts import Workspace

    try:
        return Workspace(chosen.workspace)
    except WorkspaceTrouble as error:
        if error.kind != "read-only":
            raise
        return Workspace(chosen.workspace, read_only=True)


def import_(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.reports.cohort_tables import note_lines
    from pat_core.workflows.read.clock_changes import Clocks
    from pat_core.workflows.read.cohort_import import ImportSettings, import_recordings
    from pat_core.workflows.read.column_mapping import for_paths
    from pat_core.workflows.week.cohort_weeks import unfit_words

    workspace = workspace_of(chosen)
    used = for_paths(workspace, chosen.paths, chosen.mapping)
    clocks = Clocks(chosen.zone, chosen.clock, chosen.over_change)
    done = import_recordings(
        workspace,
        chosen.paths,
        chosen.cohort,
        ImportSettings(chosen.alignment, [entry.mapping for entry in used], clocks, chosen.device, chosen.placement, chosen.days),
        labels=chosen.labels,
        progress=progress,
    )
    lines = [
        f"Imported {_count(done.people, 'person', 'people')} with {_count(done.weeks, f'full {done.cohort.span}')} into {chosen.cohort!r}."
    ]
    lines += [sentence] if (sentence := unfit_words(workspace, chosen.cohort)) else []
    lines += done.alike
    lines += [entry.words for entry in used]
    lines += [done.clock] if done.clock else []
    lines += [f"  {week.participant}, week {week.index + 1}: {', '.join(week.days)}, {week.minutes:,} minutes" for week in done.over]
    lines += [f"{len(done.refused)} refused:"] if done.refused else ["No recording was refused."]
    lines += [f"  {refusal.what}: {refusal.reason}" for refusal in done.refused]
    lines += ["Repairs and notes:", *(f"  {line}" for line in note_lines(done.notes))] if done.notes else []
    refused, notes = ([asdict(entry) for entry in entries] for entries in (done.refused, done.notes))
    plain = {"cohort": done.cohort, "people": done.people, "weeks": done.weeks, "refused": refused, "notes": notes}
    plain |= {"alike": done.alike, "clocks": clocks.as_spec(), "over_change": [week.as_spec() for week in done.over]}
    plain["mappings"] = [{"name": entry.entry.file, "key": entry.entry.key, "files": entry.files} for entry in used]
    return Answer(plain, "\n".join(lines))


def mappings(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.recordings.mapping.mapping_record import summary
    from pat_core.workflows.read import column_mapping

    workspace = workspace_of(chosen)
    if chosen.action == "forget":
        gone = column_mapping.forget_named(workspace, chosen.what)
        return Answer({"forgotten": gone.key}, f"Forgotten: the columns of {gone.file}.")
    known = column_mapping.remembered(workspace)
    lines = [f"{e.file} ({e.key[: column_mapping.SHORT]}): {summary(e.mapping) if e.mapping else e.why}" for e in known]
    plain = [{"name": e.file, "key": e.key, "mapping": e.mapping, "why": e.why} for e in known]
    return Answer(plain, "\n".join(lines) or "No columns are remembered. The app remembers them when you say what a table's columns mean.")


def cohorts(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.reports.import_words import import_words
    from pat_core.workflows.models.sampling import CHOICES, keep_sampling, sampling_of

    workspace = workspace_of(chosen)
    if chosen.sampling:
        keep_sampling(workspace, workspace.cohort(chosen.cohort), chosen.sampling)
        return Answer({"cohort": chosen.cohort, "sampling": chosen.sampling}, f"{chosen.cohort}: {CHOICES[chosen.sampling]}.")
    records = {cohort: workspace.import_record(cohort.name) for cohort in workspace.cohorts()}
    lines = []
    for c, record in records.items():
        kind = ("simulated, " if c.simulated else "") + sampling_of(workspace, c)
        lines.append(f"{c.name}: {c.people} people, {_count(c.weeks, c.span)}, {c.unit}, {kind}")
        lines += [f"  {line}" for line in import_words(record)]
    plain = [asdict(cohort) | {"imported": record, "sampling": sampling_of(workspace, cohort)} for cohort, record in records.items()]
    return Answer(plain, "\n".join(lines) or f"No cohorts yet. `{COMMAND} import PATH --cohort NAME` makes one.")


def forget(chosen: Namespace, progress: Progress) -> Answer:
    """Deletes a cohort, or one person of it; without --yes it says what would go."""
    workspace = workspace_of(chosen)
    cohort, person = workspace.cohort(chosen.cohort), chosen.participant
    weeks = cohort.weeks if person is None else len(workspace.week_rows(cohort.name, person))
    gone = _count(weeks, cohort.span)
    what = f"cohort {cohort.name} ({_count(cohort.people, 'person', 'people')})" if person is None else f"{person} of cohort {cohort.name}"
    plain = {"cohort": cohort.name, "participant": person, "weeks": weeks, "deleted": bool(chosen.yes)}
    if not chosen.yes:
        if person is not None:
            workspace.check_deletable(cohort.name, person)
        goes = f"{gone}, labels, marks, predictions, and what jobs, runs and logs say about them"
        return Answer(plain, f"This would delete {what}: {goes}. It cannot be undone. Nothing was deleted yet: add --yes.", code=2)
    if person is None:
        workspace.delete_cohort(cohort.name)
    else:
        workspace.delete_person(cohort.name, person)
    stay = "Models that were trained on them stay, and so do your own files."
    return Answer(plain, f"Deleted: {what}, {gone}. {stay}")


def models(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.workflows.models.model_entries import add_model, download_model, models

    workspace = workspace_of(chosen)
    if chosen.action == "list":
        entries = models(workspace)
        return Answer(entries, "\n".join(f"{e.reference}: {e.origin}, {e.size}, {e.embedding}, {_state(e)}" for e in entries))
    info = add_model(workspace, Path(chosen.what)) if chosen.action == "add" else download_model(workspace, chosen.what, progress)
    return Answer(info, f"Added {info.name}: {info.size}, {info.embedding}, SHA-256 {info.sha256}.")


def _state(entry) -> str:
    if not entry.present:
        return "not downloaded"
    return "with a trained head" if entry.has_head else "no trained head"


def predict(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.reports.answer_files import check_ending, predict_cohort_to, predict_file
    from pat_core.workflows.models.answers import Wish
    from pat_core.workflows.models.model_entries import resolve
    from pat_core.workflows.read.worn_days import quality_settings

    check_ending(chosen.out)
    wish = Wish(chosen.shown_as, chosen.prevalence)
    workspace = workspace_of(chosen)
    model = resolve(workspace, chosen.model)
    if chosen.weeks:
        done = predict_file(
            model,
            chosen.weeks,
            chosen.out,
            standardized=chosen.standardized,
            internals=chosen.internals,
            standardize_by=chosen.standardizer,
            settings=quality_settings(workspace),
            wish=wish,
        )
    else:
        done = predict_cohort_to(workspace, model, chosen.cohort, chosen.out, chosen.standardizer, chosen.internals, progress, wish)
    text = f"{_count(done.weeks, done.window)} written to {chosen.out}, as read by {model.name}."
    if done.refused:
        text += (
            f" {counted(done.refused, 'of them is', 'of them are')} refused, without a score or a probability: the findings beside say why."
        )
    if done.minutes_not_read:
        text += f" The last {done.minutes_not_read} minutes do not fill a patch of {model.config.patch}, so the model did not read them."
    text += f" {done.answers}" if done.answers else ""
    cautions = _sentences(done.cautions)
    plain = {
        "weeks": done.weeks,
        "refused": done.refused,
        "answers": done.answers,
        "minutes_not_read": done.minutes_not_read,
        "out": chosen.out,
    }
    return Answer(plain | _model(model) | {"cautions": cautions}, text, cautions)


SETTINGS = ("tolerance", "most", "block", "head", "fusion", "discard", "replacement")
"""Options of `explain` that go to the method; those that were not given are left to it."""


def explain(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.reports.answer_files import EXPLANATIONS, check_ending
    from pat_core.reports.map_files import MapRequest, explain_cohort_to, explain_file
    from pat_core.workflows.models.model_entries import resolve
    from pat_core.workflows.read.worn_days import quality_settings

    check_ending(chosen.out, EXPLANATIONS)
    workspace = workspace_of(chosen)
    model = resolve(workspace, chosen.model)
    settings = {name: value for name in SETTINGS if (value := vars(chosen)[name]) is not None}
    request = MapRequest(chosen.method, chosen.baseline, chosen.baseline_person, settings, chosen.of_class)
    if chosen.weeks:
        given = {"standardized": chosen.standardized, "standardize_by": chosen.standardizer, "progress": progress}
        given |= {"settings": quality_settings(workspace)}
        done = explain_file(model, chosen.weeks, chosen.out, request, **given)
    else:
        done = explain_cohort_to(workspace, model, chosen.cohort, chosen.participant, chosen.out, request, chosen.standardizer, progress)
    gaps = [attribution.relative_gap for attribution in done.attributions if attribution.relative_gap is not None]
    text = f"{_count(done.weeks, done.window)} explained into {chosen.out}, as read by {model.name}."
    what = list(dict.fromkeys(str(each.settings["explains"]) for each in done.attributions if "explains" in each.settings))
    text += f" What is explained: {', '.join(what)}." if what else ""
    text += f" Largest gap: {100 * max(gaps):.2f} % of the score's change (at least 1 logit)." if gaps else ""
    cautions = _sentences(done.cautions) + tuple(dict.fromkeys(attribution.flag for attribution in done.attributions if attribution.flag))
    plain = {"weeks": done.weeks, "out": chosen.out, "method": chosen.method, "relative_gaps": gaps} | ({"explains": what} if what else {})
    return Answer(plain | _model(model) | {"cautions": cautions}, text, cautions)


UNMEASURED = "not measured"


def methods(chosen: Namespace, progress: Progress) -> Answer:
    """A line a method; what it was measured by, and its settings, are among the plain values."""
    from pat_core.explain import METHODS
    from pat_core.workflows.explanations.scoreboard import shortfalls, verdict

    methods: list[dict[str, Any]] = [
        {"name": method.name, "title": method.title, "per": method.per, "needs_head": method.needs_head, "settings": list(method.options)}
        | {"sentence": method.sentence, "verdict": verdict(method.name, "small")}
        for method in METHODS.values()
    ]
    longest = max(len(method["name"]) for method in methods)
    lines = []
    for method in methods:
        short = shortfalls(method["name"], "small")
        fell = UNMEASURED if short is None else f"falls short in {short}" if short else "no shortfall"
        marks = f"{method['per']}{'*' if method['needs_head'] else ''}"
        lines.append(f"{method['name']:<{longest}}  {marks:<7} {fell:<16}  {method['sentence']}")
    lines += [
        "",
        "By the patch, minute, hour or day; * needs a trained head. In how many ways each falls short was measured on simulated people",
        "whose truth is known. `methods --json` says in which ways, and lists the settings of each.",
    ]
    return Answer(methods, "\n".join(lines))


def _model(model) -> dict[str, object]:
    return {"model": model.name, "sha256": model.sha256, "encoder_trained": model.encoder_trained}


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number} {singular if number == 1 else plural or f'{singular}s'}"


def _sentences(findings: Sequence) -> tuple[str, ...]:
    return tuple(finding.message for finding in findings)


def simulate(chosen: Namespace, progress: Progress) -> Answer:
    import pandas as pd

    from pat_core.csv_text import csv_text
    from pat_core.files import write_text
    from pat_core.simulate import save_simulated, simulate
    from pat_core.workflows.people.simulated_people import NOT_PLANTED, PLANTED, label_name, store_simulated, trait_of

    people = simulate(chosen.people, chosen.seed, label=trait_of(chosen.label), prevalence=chosen.prevalence)
    where = []
    if chosen.out:
        save_simulated(people, chosen.out / "people.npz")
        labels = {
            "participant": people.participants,
            label_name(people.label): [PLANTED if positive else NOT_PLANTED for positive in people.positive],
        }
        write_text(chosen.out / "labels.csv", csv_text(pd.DataFrame(labels | dict(people.distractors))))
        where.append(str(chosen.out))
    if chosen.cohort:
        store_simulated(workspace_of(chosen), chosen.cohort, people)
        where.append(f"cohort {chosen.cohort}")
    plain = {"people": chosen.people, "seed": chosen.seed, "where": where}
    return Answer(plain, f"{chosen.people} simulated people in {' and '.join(where)}.")


def nhanes(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.nhanes import Settings
    from pat_core.workflows.read.nhanes_import import NhanesRequest, counts_text, prepare_nhanes

    settings = Settings(chosen.alignment, "drop" if chosen.drop_flagged else "keep", chosen.short)
    cohort = None if chosen.no_cohort else chosen.cohort
    site = {"site": chosen.site.rstrip("/")} if chosen.site else {}
    request = NhanesRequest(tuple(chosen.cycles), chosen.out, chosen.files, cohort, settings, **site)
    done = prepare_nhanes(workspace_of(chosen) if cohort else None, request, progress)
    lines = [counts_text(cycle) for cycle in done.prepared]
    lines += [f"Cohorts: {', '.join(cohort.name for cohort in done.cohorts)}."] if done.cohorts else []
    cautions = tuple(note for cycle in done.prepared for note in cycle.notes)
    plain = [
        {"cycle": cycle.cycle, "folder": cycle.folder, "counts": cycle.counts, "paper": cycle.paper}
        | {"refused": [asdict(refusal) for refusal in cycle.refused], "notes": cycle.notes}
        for cycle in done.prepared
    ]
    return Answer({"cycles": plain, "cohorts": [cohort.name for cohort in done.cohorts]}, "\n".join(lines), cautions)


def app(chosen: Namespace, progress: Progress) -> int:
    """The app, until it is closed; its exit code."""
    from pat_core.commands.start_app import start

    return start(chosen.workspace, chosen.port)
