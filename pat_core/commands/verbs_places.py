"""The verbs of places and background jobs, and what `--on PLACE` does: what leaves is said first, and nothing leaves without --yes."""

from __future__ import annotations

import argparse
import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pat_core.commands import several_processes
from pat_core.commands.verbs import Answer, workspace_of
from pat_core.errors import JobError
from pat_core.progress import Progress
from pat_core.settings import COMMAND

if TYPE_CHECKING:
    from pat_core.cohorts import JobInfo, Workspace
    from pat_core.jobs import Spec, Task

NOT_CONFIRMED = 2
LOOK_SECONDS = 0.5


def option(parser: argparse.ArgumentParser) -> None:
    """--on PLACE, with --yes."""
    parser.add_argument("--on", default="", metavar="PLACE", help="where it runs: a place of `backends` (default: this computer)")
    parser.add_argument("--yes", action="store_true", help="with --on: really send; without it, only say what would leave this computer")


def unsent(chosen: Namespace) -> str | None:
    """A sentence where --on does not go with what else was asked; None where it does."""
    if chosen.yes and not chosen.on:
        return "--yes goes with --on PLACE: on this computer nothing is sent."
    if chosen.on and getattr(chosen, "processes", 1) > 1:
        return "--processes is for this computer; what a place gives to one run stands in its options (gpus)."
    return None


def announced(workspace: Workspace, kind: str, request: Spec, place: str, sure: bool) -> Answer | None:
    """What would leave this computer, as an answer, where that is not confirmed; None where it is. JobError for a place that is none."""
    from pat_core.jobs.launchers.place_book import place_named
    from pat_core.jobs.packing import leaving, leaving_words
    from pat_core.workflows.tasks import elsewhere_of

    one = place_named(workspace, place)
    if sure:
        return None
    with leaving(workspace, elsewhere_of(kind), request) as parcel:
        lines = leaving_words(parcel, f"{one.name} ({one.address or 'this computer'}, {one.folder})")
        plain = {"place": one.name, "bytes": parcel.size, "people": parcel.people, "files": [asdict(file) for file in parcel.files]}
    return Answer(plain, "\n".join([*lines, "Nothing was sent. Repeat the command with --yes to send it."]), code=NOT_CONFIRMED)


def followed(workspace: Workspace, job_id: str, progress: Progress) -> JobInfo:
    """A job to its end, as it ended. JobError where it did not come to a good one, with why. Ctrl-C leaves it at work."""
    from pat_core import jobs

    try:
        while (job := workspace.job(job_id)).active:
            progress.at(job.fraction, job.message or job.state)
            jobs.refresh(workspace)
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt as error:
        raise JobError(f"The work goes on. `{COMMAND} jobs` shows it, `{COMMAND} jobs cancel {job_id}` stops it.") from error
    if job.state != "done":
        raise JobError(job.error or f"The job {job_id} was {job.state}. `{COMMAND} jobs resume {job_id}` goes on from its last checkpoint.")
    return job


def done_there(
    workspace: Workspace, task: Task[Any, Any], request: Spec, title: str, chosen: Namespace, progress: Progress
) -> Answer | None:
    """The work of a request at the place of --on, followed to its end: None. Where it is not confirmed: what would leave, as an answer.

    A job that does exactly this already is followed, and one that was stopped goes on: the same command can be given again. JobError as
    for `followed`.
    """
    from pat_core import jobs as running

    running.refresh(workspace)
    job = task.job_for(workspace, request)
    if job is None or not job.active:
        if first := announced(workspace, task.kind, request, chosen.on, chosen.yes):
            return first
        if job is None or job.state == "done":
            job = workspace.job(task.launch(workspace, request, title, on=chosen.on))
        else:
            job = running.resume(workspace, job.id, on=chosen.on)
    followed(workspace, job.id, progress)
    return None


def backends(chosen: Namespace, progress: Progress) -> Answer:
    """The places of the workspace: all, or one added, tried or removed."""
    from pat_core.jobs.launchers.launcher_kinds import KINDS, checked
    from pat_core.jobs.launchers.place_book import HERE, Place, keep_place, place_named, places, remove_place

    workspace = workspace_of(chosen)
    if chosen.action == "add":
        given: dict[str, Any] = {name: value for name in ("address", "folder", "python") if (value := getattr(chosen, name))}
        place = checked(Place(chosen.name, chosen.kind, **given, options=_options(chosen.option)))
        keep_place(workspace, place)
        return Answer(asdict(place), f"{place.name} was added. `{COMMAND} backends test {place.name!r}` says what it has.")
    if chosen.action == "remove":
        remove_place(workspace, chosen.name)
        return Answer({"removed": chosen.name}, f"{chosen.name} was removed. What lies there stays there.")
    if chosen.action == "test":
        return _tried(place_named(workspace, chosen.name))
    known = places(workspace)
    lines = [f"{HERE}: always there", *(f"{one.name}: {KINDS[one.kind].title}, {one.address or 'here'}, {one.folder}" for one in known)]
    return Answer([asdict(one) for one in known], "\n".join(lines))


def _tried(place: Any) -> Answer:
    """What a place has, and whether it can take work."""
    from pat_core.jobs.launchers.fitness import unfit
    from pat_core.jobs.launchers.launcher_kinds import launcher_of

    launcher = launcher_of(place)
    try:
        look = launcher.look()
    finally:
        launcher.close()
    reason = unfit(look, place.name)
    versions = ", ".join(f"{name} {version}" for name, version in look.versions.items() if version)
    room = f"{look.cores} cores, {look.memory / 1e9:,.0f} GB of memory, {look.disk_free / 1e9:,.0f} GB free on the disk"
    facts = [f"{place.name}: {versions}; {room}.", "; ".join(look.devices), look.busy, look.queue, reason or "It can take work."]
    return Answer(asdict(look) | {"unfit": reason}, "\n".join(filter(None, facts)), code=1 if reason else 0)


def _options(given: list[str]) -> dict[str, Any]:
    """NAME=VALUE -> value; a name that comes several times is a list."""
    options: dict[str, Any] = {}
    for text in given:
        name, _, value = text.partition("=")
        options[name] = value if name not in options else [*([options[name]] if isinstance(options[name], str) else options[name]), value]
    return options


def jobs(chosen: Namespace, progress: Progress) -> Answer:
    """Background jobs: listed, one cancelled, or one gone on with."""
    from pat_core import jobs as running

    workspace = workspace_of(chosen)
    running.refresh(workspace)
    if chosen.action == "cancel":
        running.cancel(workspace, chosen.job)
        while (job := workspace.job(chosen.job)).active:
            progress.at(job.fraction, job.message or "Stopping")
            running.refresh(workspace)
            time.sleep(LOOK_SECONDS)
        return Answer({"job": job.id, "state": job.state}, f"{job.title}: {job.error or job.state}.")
    if chosen.action == "resume":
        running.resume(workspace, chosen.job, on=chosen.on)
        job = followed(workspace, chosen.job, progress)
        return Answer({"job": job.id, "state": job.state, "result": job.result}, f"{job.title}: {job.state}.")
    known = workspace.jobs()
    return Answer([_job(workspace, job) for job in known], "\n".join(_line(workspace, job) for job in known) or "There are no jobs yet.")


def _job(workspace: Workspace, job: JobInfo) -> dict[str, Any]:
    from pat_core.jobs import errand_of

    errand = errand_of(workspace, job.id)
    plain = {"job": job.id, "title": job.title, "state": job.state, "fraction": job.fraction, "message": job.message, "error": job.error}
    return plain | ({"place": errand.place, "id": errand.id} if errand else {})


def _line(workspace: Workspace, job: JobInfo) -> str:
    plain = _job(workspace, job)
    where = f" ({plain['place']}{', ' + plain['id'] if plain['id'] else ''})" if "place" in plain else ""
    why = job.error or (job.message if job.active else "")
    return f"{job.id}  {job.title}: {job.state}{where}{f', {job.fraction:.0%}' if job.active else ''}{f'. {why}' if why else ''}"


def work(chosen: Namespace, progress: Progress) -> None:
    """A background job, which tells of itself in the workspace; or the work of a parcel, which tells of itself in its folder."""
    from pat_core.jobs import run_job
    from pat_core.reports.paper.report_batch import REPORT_BATCH
    from pat_core.workflows.tasks import ELSEWHERE, TASKS

    if chosen.parcel:
        from pat_core.jobs.parcel_work import work_parcel

        work_parcel(chosen.parcel, ELSEWHERE)
    elif chosen.on:
        from pat_core.jobs.courier import on_place

        run_job(workspace_of(chosen), chosen.job, on_place(TASKS, ELSEWHERE, chosen.on))
    else:
        run_job(workspace_of(chosen), chosen.job, (*TASKS, REPORT_BATCH))  # drawing stands above the workflows


def porter(chosen: Namespace, progress: Progress) -> int:
    """Answers another machine over standard input and output, until its connection ends."""
    if chosen.ray:
        from pat_core.jobs.launchers.ray_bridge import Wanted, run_bridge
        from pat_core.jobs.launchers.ray_server import of_place

        return run_bridge(Wanted(chosen.place, of_place(chosen.ray, chosen.options), str(chosen.folder), chosen.options))
    from pat_core.jobs.launchers.porter import serve

    serve(chosen.folder, sys.stdin.buffer, sys.stdout.buffer)
    return 0


def wrong_place(chosen: Namespace) -> str | None:
    """A sentence where an action lacks what it is about; None where it has it."""
    if chosen.verb == "backends" and chosen.action != "list" and not chosen.name:
        return f"`backends {chosen.action}` needs the name of a place."
    if chosen.verb == "backends" and chosen.action == "add" and not chosen.kind:
        return "`backends add` needs --kind: process, ssh, slurm or ray."
    if chosen.verb == "backends" and (wrong := [text for text in chosen.option if "=" not in text]):
        return f"--option is NAME=VALUE, as partition=gpu; got {wrong[0]!r}."
    if chosen.verb == "work" and bool(chosen.job) == bool(chosen.parcel):
        return "`work` needs --job of a workspace, or --parcel FOLDER."
    if chosen.verb == "jobs" and chosen.action != "list" and not chosen.job:
        return f"`jobs {chosen.action}` needs the id of a job; `jobs` lists them."
    return None


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs' options."""
    a = verb("backends", backends, "The places where long work can run: list, add, test or remove one.")
    a.set_defaults(check=wrong_place)
    a.add_argument("action", nargs="?", choices=("list", "add", "test", "remove"), default="list", help="what to do (default: list)")
    a.add_argument("name", nargs="?", metavar="NAME", help="of the place")
    a.add_argument("--kind", choices=("process", "ssh", "slurm", "ray"), help="another Python here, one over SSH, a Slurm or Ray cluster")
    a.add_argument("--address", default="", help="user@host, or a name of your SSH configuration; of Slurm: its login node")
    a.add_argument("--folder", default="", help="there, for data and checkpoints (default ~/pat-explorer)")
    a.add_argument("--python", default="", help="there, with the same PAT Explorer and PyTorch (default python3)")
    a.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="partition, gpus, time, memory, ...; each so")

    a = verb("jobs", jobs, "Background jobs: list, cancel or resume one.")
    a.set_defaults(check=wrong_place)
    a.add_argument("action", nargs="?", choices=("list", "cancel", "resume"), default="list", help="what to do (default: list)")
    a.add_argument("job", nargs="?", metavar="ID", help="of the job")
    a.add_argument("--on", default=None, metavar="PLACE", help="where it goes on: a place, or '' for this computer (default: where it was)")

    a = verb("work", work, "Do one background job (the app starts this itself).")
    a.set_defaults(check=wrong_place)
    a.add_argument("--job", help="its id")
    several_processes.option(a)
    a.add_argument("--on", default="", metavar="PLACE", help="watch it from here while it runs at a place of `backends`")
    a.add_argument("--parcel", type=Path, metavar="FOLDER", help="do the work of a parcel instead, on the machine that it was sent to")

    a = verb("porter", porter, "Answer another machine over standard input and output (`backends` starts this itself).")
    a.add_argument("--folder", type=Path, required=True, help="for parcels and arrays")
    a.add_argument("--ray", default="", metavar="ADDRESS", help="carry requests to a porter inside the Ray cluster at this address")
    a.add_argument("--place", default="the cluster", metavar="NAME", help="of the cluster, for sentences")
    a.add_argument("--options", type=json.loads, default={}, metavar="JSON", help="of the cluster, as in `backends`")
