"""The process here of a job whose work is done at another place: it brings a parcel there, watches, and brings home what is kept.

It holds all that it knows in the job's errand, so it may be killed at any moment, and another one goes on. Once the long part is done
there, the task itself runs here on what came home, as a run does that is resumed: so the outcome is the one that it would have had here.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, JobError, LeftThere, PlaceTrouble
from pat_core.files import open_private
from pat_core.jobs.errand import Errand, draft_of, errand_of, keep_errand
from pat_core.jobs.job_progress import JobProgress
from pat_core.jobs.launchers.fitness import refuse_unfit
from pat_core.jobs.launchers.launcher_contract import AGAIN, Launcher, There
from pat_core.jobs.launchers.launcher_kinds import launcher_of
from pat_core.jobs.launchers.place_book import place_named
from pat_core.jobs.log import log_path
from pat_core.jobs.packing import pack
from pat_core.jobs.parcel import Elsewhere
from pat_core.jobs.task import Spec, Task
from pat_core.progress import Share

THERE = 0.95
"""Share of the work that is done at the place; the rest is its end here."""
PAUSES = (0.5, 1.0, 2.0, 3.0, 5.0)
"""Seconds between two looks, the longer the longer nothing changes."""
TRY_AGAIN = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
GIVES_UP = 48 * 3600.0
CANCELS_WITHIN = 300.0
SECONDS_BETWEEN_FETCHES = 20.0
MOST_FRUITLESS = 3
Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


def on_place(tasks: Iterable[Task[Any, Any]], elsewhere: Iterable[Elsewhere[Any]], name: str) -> list[Task[Any, Any]]:
    """The same kinds of work, whose long part is done at the place of this name. To be run by `run_job`."""
    known = {one.task.kind: one for one in elsewhere}
    return [replace(task, run=partial(_carried, known.get(task.kind), name)) for task in tasks]


def _carried(elsewhere: Elsewhere[Any] | None, name: str, ws: Workspace, request: Spec, progress: JobProgress) -> Any:
    if elsewhere is None:
        raise JobError("Work of this kind runs on this computer alone. Choose this computer.")
    with elsewhere.hold(ws, request):
        Courier(ws, progress.job_id, elsewhere, request, launcher_of(place_named(ws, name)), progress).carry()
    request = elsewhere.ending(ws, request)
    return elsewhere.task.run(ws, request, Share(progress, THERE, 1 - THERE))


@dataclass
class Courier:
    """One errand. launcher: of its place."""

    ws: Workspace
    job_id: str
    elsewhere: Elsewhere[Any]
    request: Spec
    launcher: Launcher
    progress: JobProgress

    def __post_init__(self) -> None:
        name, known = self.launcher.place.name, errand_of(self.ws, self.job_id)
        if known and known.under_way and known.place != name:
            raise JobError(f"The work of this job is still under way at {known.place}. Cancel it there first, then start it at {name}.")
        self.errand = known if known and known.place == name else Errand(name)
        self.fetched = 0.0

    def carry(self) -> None:
        """Until all that the work keeps is here. LeftThere where only this process is to end; Cancelled once the place has stopped it."""
        unwanted = self.errand.unwanted
        try:
            if unwanted:
                raise Cancelled("It was cancelled while nobody watched it.")
            if not self.errand.under_way:
                self._bring()
            self._watch()
        except Cancelled as stop:
            if self.errand.under_way and not (unwanted or self.ws.job(self.job_id).cancel_requested):
                raise LeftThere("The work goes on there.") from stop
            self._cancel()
            raise
        except JobError as error:
            if not isinstance(error.__cause__, OSError):  # a disk here says nothing of the work there
                self._note(reason=str(error), under_way=self.errand.under_way and isinstance(error, PlaceTrouble) and error.passing)
            raise
        finally:
            shutil.rmtree(draft_of(self.ws, self.job_id), ignore_errors=True)
            self.launcher.close()

    def _bring(self) -> None:
        """Looks, packs, sends and begins. What cannot work is refused before anything is sent."""
        place = self.launcher.place.name
        self.progress.at(0.0, f"Looking at {place}")
        look = self.launcher.look()
        parcel = pack(self.ws, self.elsewhere, self.request, draft_of(self.ws, self.job_id), self.job_id)
        refuse_unfit(look, place, parcel.size)
        self._note(parcel=parcel.id, after={}, kept={file.name: file.sha256 for file in parcel.kept}, begun=0, fruitless=0, reason="")
        self._trying(lambda: self.launcher.send(parcel, self._sent))
        self._note(under_way=True)
        self._begin()

    def _begin(self) -> None:
        there = self._trying(lambda: self.launcher.begin(self.errand.parcel))
        self._note(begun=self.errand.begun + 1, id=there.id, state=there.state)

    def _watch(self) -> None:
        quiet = 0
        while True:
            there = self._trying(lambda: self.launcher.state(self.errand.parcel))
            moved = self._mirror(there)
            if there.state in ("queued", "running"):
                self._fetch(every=SECONDS_BETWEEN_FETCHES)
                self._refuse_senseless()
                quiet = 0 if moved else min(quiet + 1, len(PAUSES) - 1)
                self._pause(PAUSES[quiet])
                continue
            self._fetch()
            if there.state == "done":
                self._note(under_way=False)
                self._forget()
                return
            if there.state not in AGAIN:
                raise JobError(f"{self.launcher.place.name}: {there.reason or f'the work was {there.state} there'}")
            self._again(there)

    def _again(self, there: There) -> None:
        """Begins work again that the place stopped or lost, from its last checkpoint; not for ever where nothing comes of it."""
        place = self.launcher.place.name
        if there.state == "absent" and self.errand.begun:  # its files are gone there, or another computer answers
            self._note(under_way=False)
            if self.errand.fruitless >= MOST_FRUITLESS:
                raise JobError(f"{place} does not have this work any more. Resume the job to send it again.")
            before = self.errand.fruitless + 1
            self._bring()
            self._note(fruitless=before)
            return
        if self.errand.fruitless >= MOST_FRUITLESS:
            raise JobError(
                f"{place} stopped the work {self.errand.fruitless} times in turn before it had anything new to keep. {there.reason} "
                "Ask for more time or memory there, or choose another place, then resume."
            )
        self._say(f"{there.reason} Beginning it again".strip())
        self._note(fruitless=self.errand.fruitless + 1)
        self._begin()

    def _mirror(self, there: There) -> bool:
        """Progress, curves and log of the work, into the job here; whether there was anything new."""
        news = self._trying(lambda: self.launcher.news(self.errand.parcel, self.errand.after))
        if news.log:
            with open_private(log_path(self.ws, self.job_id), "a", encoding="utf-8") as log:
                log.write(news.log)
        changed = (there.id, there.state, there.reason) != (self.errand.id, self.errand.state, self.errand.reason)
        if changed or dict(news.after) != dict(self.errand.after) or self.errand.watchers:
            self._note(id=there.id, state=there.state, reason=there.reason, after=news.after, watchers=0)
        for step, values in news.metrics:
            self.progress.metric(step, values)
        where = f"{self.launcher.place.name}, {there.id}" if there.id else self.launcher.place.name
        words = there.reason if there.state == "queued" and there.reason else there.message
        self.progress.at(THERE * there.fraction, f"{words or there.state} ({where})")
        return bool(news.metrics or news.log or changed)

    def _fetch(self, every: float = 0.0) -> None:
        """Brings what is kept there home, where it changed. every: not again within so many seconds."""
        if time.monotonic() - self.fetched >= every:
            self._trying(self._fetch_changed)
            self.fetched = time.monotonic()

    def _fetch_changed(self) -> None:
        folder = self.elsewhere.keeps_in(self.ws, self.request)
        for file in self.launcher.kept(self.errand.parcel):
            if not re.fullmatch(self.elsewhere.keeps, file.name):
                logger.warning("%s keeps a file of an unknown name, which stays there", self.launcher.place.name)
            elif self.errand.kept.get(file.name) != file.sha256 or not (folder / file.name).exists():
                self.launcher.fetch(self.errand.parcel, file, folder / file.name)
                self._note(kept={**self.errand.kept, file.name: file.sha256}, fruitless=0)

    def _cancel(self) -> None:
        """Stops the work there, sees that it has stopped, and brings home what it kept."""
        place, until, turn = self.launcher.place.name, time.monotonic() + CANCELS_WITHIN, 0
        while self.errand.under_way:
            try:
                there = self.launcher.cancel(self.errand.parcel)
                self._note(id=there.id, state=there.state)
                self._fetch_changed()
                self._note(under_way=False, unwanted=False)
            except PlaceTrouble as error:
                if time.monotonic() > until or not error.passing:
                    self._note(under_way=False, unwanted=False)
                    raise JobError(
                        f"It cannot be seen that the work at {place} has stopped: {error} It may still be at work there. Resume this "
                        "job once the place can be reached, and cancel it again."
                    ) from error
                self.ws.beat(self.job_id, None, f"Cancelling at {place}: {error}")
                time.sleep(TRY_AGAIN[min(turn, 3)])
                turn += 1

    def _refuse_senseless(self) -> None:
        """Where the work has lost its sense meanwhile, it is stopped and its files are removed there; what says so is raised."""
        try:
            self.elsewhere.still(self.ws, self.request)
        except Exception:
            self._trying(lambda: self.launcher.cancel(self.errand.parcel))
            self._note(under_way=False)
            self._forget()
            raise

    def _forget(self) -> None:
        try:
            self.launcher.forget(self.errand.parcel)
        except PlaceTrouble as error:
            logger.warning("the files of this job stay at the place until they are swept: %s", error)

    def _trying(self, call: Callable[[], Answer]) -> Answer:
        """Makes a call until it gets through: with growing pauses while the place cannot be reached."""
        turn, began = 0, time.monotonic()
        while True:
            try:
                return call()
            except PlaceTrouble as error:
                if not error.passing or time.monotonic() - began > GIVES_UP:
                    raise
                seconds = TRY_AGAIN[min(turn, len(TRY_AGAIN) - 1)]
                self._say(f"{error} What was begun there goes on; trying again in {seconds:.0f} s")
                self._pause(seconds)
                turn += 1

    def _pause(self, seconds: float) -> None:
        """Waits, and hears meanwhile that it is to stop."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))
            self.progress.at(*self.progress.latest)

    def _say(self, message: str) -> None:
        logger.warning("%s", message)
        self.progress.at(self.progress.latest[0], message)

    def _sent(self, done: int, total: int) -> None:
        self.progress.at(0.0, f"Sending to {self.launcher.place.name}: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB")

    def _note(self, **changes: Any) -> None:
        self.errand = replace(self.errand, **changes)
        keep_errand(self.ws, self.job_id, self.errand)
