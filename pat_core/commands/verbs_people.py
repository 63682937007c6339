"""What the verbs about people do, `import`, `mappings`, `cohorts`, `similar`, `forget`, `nhanes` and `simulate`, and their options.

Heavy imports wait for the verb that needs them.
"""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pat_core.commands.shared_options import seed, standardizer_option
from pat_core.commands.verbs import Answer, workspace_of
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.settings import COMMAND, MOST_DAYS, USUAL_DAYS


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
    people, weeks = counted(done.people, "person", "people"), counted(done.weeks, f"full {done.cohort.span}")
    lines = [f"Imported {people} with {weeks} into {chosen.cohort!r}."]
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
        lines.append(f"{c.name}: {c.people} people, {counted(c.weeks, c.span)}, {c.unit}, {kind}")
        lines += [f"  {line}" for line in import_words(record)]
    plain = [asdict(cohort) | {"imported": record, "sampling": sampling_of(workspace, cohort)} for cohort, record in records.items()]
    return Answer(plain, "\n".join(lines) or f"No cohorts yet. `{COMMAND} import PATH --cohort NAME` makes one.")


def forget(chosen: Namespace, progress: Progress) -> Answer:
    """Deletes a cohort, or one person of it; without --yes it says what would go."""
    workspace = workspace_of(chosen)
    cohort, person = workspace.cohort(chosen.cohort), chosen.participant
    weeks = cohort.weeks if person is None else len(workspace.week_rows(cohort.name, person))
    gone = counted(weeks, cohort.span)
    what = f"cohort {cohort.name} ({counted(cohort.people, 'person', 'people')})" if person is None else f"{person} of cohort {cohort.name}"
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


def wrong_people(chosen: Namespace) -> str | None:
    """A sentence where options of these verbs do not go together; None where they do."""
    if chosen.verb == "simulate" and not chosen.out and not chosen.cohort:
        return "`simulate` needs --out DIR or --cohort NAME (or both)."
    if chosen.verb == "mappings" and chosen.action == "forget" and not chosen.what:
        return "`mappings forget` needs the name of one; `mappings` lists them."
    if chosen.verb == "import" and chosen.clock != "wall" and not chosen.zone:
        return f"--clock {chosen.clock} goes with --zone: times are brought to the wall clock of a place, such as --zone Europe/Berlin."
    if chosen.verb == "cohorts" and bool(chosen.cohort) != bool(chosen.sampling):
        return "--cohort and --sampling go together: `cohorts` alone lists all cohorts."
    return None


def similar(chosen: Namespace, progress: Progress) -> Answer:
    """Who of a cohort is nearest to a person as a model reads their week, and who is most unlike."""
    from pat_core.records import WeekQuestion
    from pat_core.workflows.models.model_entries import resolve
    from pat_core.workflows.people.similar_people import LIMITS, cohort_space, similar_people, similar_table

    workspace = workspace_of(chosen)
    model = resolve(workspace, chosen.model)
    question = WeekQuestion(chosen.cohort, chosen.participant, chosen.week - 1, chosen.standardizer)
    workspace.week(chosen.cohort, chosen.participant, chosen.week - 1)  # whoever is not there is missing before everyone is read
    space = cohort_space(workspace, model, chosen.cohort, chosen.standardizer, progress)
    people = similar_people(workspace, model, space, question, chosen.most, chosen.most)
    table = similar_table(people)
    plain = {
        "participant": chosen.participant,
        "week": chosen.week,
        "people": [{name: None if value != value else value for name, value in row.items()} for row in table.to_dict("records")],
        "others": people.others,
        "pairs": people.pairs,
        "left_out": people.unfit,
        "limits": LIMITS,
    }
    return Answer(plain, "\n".join([*map(_similar_line, table.to_dict("records")), LIMITS]))


def _similar_line(row: dict[str, Any]) -> str:
    same = ", the same recording under another name" if row["same_recording"] == "yes" else ""
    score = "" if row["score"] != row["score"] or row["score"] is None else f", score {row['score']:.2f}"
    nearer = f"{row['pairs_nearer']:.1f} % of pairs are nearer"
    return f"{row['which']}: {row['participant']}, week {row['week']}, distance {row['distance']:.2f} ({nearer}){score}{same}"


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs' options."""
    a = verb("import", import_, "Read recordings into a new cohort.")
    a.set_defaults(check=wrong_people)
    a.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, folders or zips")
    a.add_argument("--cohort", required=True, help="name of the new cohort")
    a.add_argument("--labels", type=Path, help="CSV with a participant column and label columns")
    a.add_argument("--alignment", choices=("start", "midnight"), default="start", help="where weeks begin")
    a.add_argument(
        "--days",
        type=_days,
        default=USUAL_DAYS,
        metavar="D",
        help=f"full days of each window, 1 to {MOST_DAYS} (default {USUAL_DAYS}), or all: all full days of each person",
    )
    a.add_argument(
        "--zone", metavar="PLACE", help="time zone of recordings whose files name none: Europe/Berlin (default: as the file says)"
    )
    a.add_argument(
        "--clock",
        choices=("wall", "steady", "utc"),
        default="wall",
        help="how their clocks ran, with --zone: as the clocks there (wall, default), never changed (steady), or in UTC",
    )
    a.add_argument(
        "--over-change",
        choices=("cut", "refuse"),
        default="cut",
        help="a week over a daylight-saving change: cut to the minutes of the wall clock (default), or refused",
    )
    a.add_argument("--device", default="", help="the device of recordings whose files name none: ActiGraph GT3X, Actiwatch 2, ...")
    a.add_argument("--placement", default="", help="where on the body it was worn, for files that do not say: wrist, hip, ...")
    a.add_argument("--mapping", metavar="NAME", help="remembered columns to read tables by (default: all that fit), or none")

    a = verb("mappings", mappings, "List the remembered meanings of columns, or forget one.")
    a.set_defaults(check=wrong_people)
    a.add_argument("action", nargs="?", choices=("list", "forget"), default="list", help="what to do (default: list)")
    a.add_argument("what", nargs="?", metavar="NAME", help="the file it was first made for, or the beginning of its key")

    a = verb("cohorts", cohorts, "List the cohorts, or say how the people of one were chosen.")
    a.set_defaults(check=wrong_people)
    a.add_argument("--cohort", help="whose people were chosen as --sampling says (default: list all)")
    a.add_argument("--sampling", choices=("case-control", "population"), help="case-control (default), or a sample of a population")

    a = verb("similar", similar, "List who of a cohort is nearest to a person as a model reads their week, and who is most unlike.")
    a.add_argument("--model", required=True, help="a model's name or a weight file")
    a.add_argument("--cohort", required=True, help="whose weeks")
    a.add_argument("--participant", required=True, help="who is compared with the others")
    a.add_argument("--week", type=_count, default=1, metavar="N", help="which of their weeks (default 1, the first)")
    a.add_argument("--most", type=_count, default=7, metavar="N", help="how many of the nearest and of the most unlike (default 7)")
    standardizer_option(a, "whose means and deviations (default: the model's where it has them)")

    a = verb("forget", forget, "Delete a cohort, or one person of it, with everything that the workspace says of them.")
    a.add_argument("--cohort", required=True, help="which one")
    a.add_argument("--participant", metavar="ID", help="one person of the cohort (default: everybody)")
    a.add_argument("--yes", action="store_true", help="really delete; without it, only say what would be deleted")

    _nhanes(verb)

    a = verb("simulate", simulate, "Draw simulated people whose truth is known.")
    a.set_defaults(check=wrong_people)
    a.add_argument("--people", type=int, required=True, help="how many, one week each")
    a.add_argument("--seed", type=seed, default=0, help="the same seed draws the same people (default 0)")
    a.add_argument(
        "--label",
        default="late_wake",
        help="the planted trait that the label follows, as late_wake or 'late wake', two joined by +, or none",
    )
    a.add_argument("--prevalence", type=float, default=0.4, help="share of people with the trait (default 0.4)")
    a.add_argument("--out", type=Path, help="folder for people.npz and labels.csv")
    a.add_argument("--cohort", help="also, or instead, make a cohort of this name")


def _nhanes(verb) -> None:
    a = verb("nhanes", nhanes, "Import NHANES: weeks, standardized cycle by cycle, with the five labels of PAT's paper.")
    a.add_argument("--cycles", type=int, nargs="+", choices=(2003, 2005, 2011, 2013), required=True, help="the years in which they began")
    a.add_argument("--out", type=Path, required=True, help="folder of downloads (20 GB for all four) and results; a stopped run goes on")
    a.add_argument("--files", type=Path, metavar="FOLDER", help="the CDC's files, where they are here already (default: download them)")
    a.add_argument("--cohort", default="NHANES", help="what the names of the cohorts begin with (default: NHANES)")
    a.add_argument("--no-cohort", action="store_true", help="write the folders only")
    a.add_argument("--alignment", choices=("midnight", "start"), default="midnight", help="where weeks begin (default: the first midnight)")
    a.add_argument("--drop-flagged", action="store_true", help="minutes with quality flags (PAXQFM above 0) are missing (default: kept)")
    a.add_argument("--short", action="store_true", help="keep people whose recording is shorter than the week (default: refused by name)")
    a.add_argument("--site", metavar="URL", help="another place laid out like the CDC's Public folder")


def _count(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 up, got {text!r}")
    return int(text)


def _days(text: str) -> int | str:
    if text.strip().casefold() == "all":
        return "all"
    if not text.strip().isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"days are a whole number from 1 to {MOST_DAYS}, or all; got {text!r}")
    return int(text)
