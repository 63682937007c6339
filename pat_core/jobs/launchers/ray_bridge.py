"""The way to a porter inside a Ray cluster: a process here that speaks as the porter does (`python -m pat_core porter --ray ADDRESS`).

Files go through an actor on the node that keeps them (Ray Client), of which bytes and JSON alone are asked; jobs go over the head's HTTP
interface. The actor ends with the connection. What it keeps stays on its node, and the next one is put where that is.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pat_core.errors import JobError, PatError, PlaceTrouble
from pat_core.jobs.launchers.frames import GREETING, read_frame, write_frame
from pat_core.jobs.launchers.launcher_contract import ENDED, There, as_plain
from pat_core.jobs.launchers.porter import Porter
from pat_core.jobs.launchers.ray_server import MARK, RayAddress, RayServer
from pat_core.jobs.launchers.starters import STOPS_WITHIN

NAMESPACE = "pat-explorer"
ANSWERED_WITHIN, PLACED_WITHIN, PROBED_WITHIN = 280.0, 45.0, 25.0
"""Seconds. A cluster may count a node that failed among its own for half a minute: such a one does not answer the probe."""
OFFERS = {"gpus": "GPU", "cpus": "CPU"}
"""Option of a place -> what Ray calls it."""
SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
Frame = tuple[dict[str, Any], bytes]


class PorterThere:
    """The porter as an actor on a node of the cluster."""

    def __init__(self, folder: str) -> None:
        self.porter = Porter(Path(folder))

    def answer(self, plain: str, content: bytes) -> tuple[str, bytes]:
        """One request of `porter.VERBS` and its answer, their plain parts as JSON."""
        answer, body = self.porter.reply(json.loads(plain), content)
        return json.dumps(answer), body


def newest_parcel(folder: str) -> float:
    """When a parcel was last sent to this node, in seconds; 0 where none was."""
    try:
        return max((one.stat().st_mtime for one in (Path(folder).expanduser() / "parcels").iterdir()), default=0.0)
    except OSError:
        return 0.0


@dataclass(frozen=True)
class Wanted:
    """name: of the place. folder: there. options: of the place; code is a folder of a checkout there."""

    name: str
    address: RayAddress
    folder: str
    options: Mapping[str, Any]


class Bridge:
    """A cluster, reached. PlaceTrouble where it cannot be used."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted, self.ray = wanted, _ray()
        self.server = RayServer(wanted.name, wanted.address)
        self.server.refuse_open(self.ray.__version__)
        code = str(wanted.options.get("code", ""))
        client = f"ray://{wanted.address.host}:{wanted.address.client}"
        try:
            self.ray.init(client, namespace=NAMESPACE, log_to_driver=False, runtime_env={"env_vars": {"PYTHONPATH": code}} if code else {})
            self.node = self._node()
            self.porter = self.ray.remote(num_cpus=0, scheduling_strategy=self._at(self.node))(PorterThere).remote(wanted.folder)
            self.ray.get(self.porter.__ray_ready__.remote(), timeout=PLACED_WITHIN)
        except (ConnectionError, TimeoutError) as error:
            raise PlaceTrouble(f"{wanted.name} does not answer on port {wanted.address.client}, of Ray Client.", passing=True) from error
        except (self.ray.exceptions.RayError, RuntimeError) as error:
            raise _refusal(wanted.name, str(error)) from error

    def answer(self, plain: dict[str, Any], content: bytes) -> Frame:
        """What the porter answers, and the cluster where it has to be asked."""
        own: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "look": self._look, "begin": self._begin, "state": lambda asked: as_plain(self._state(asked)), "cancel": self._cancel,
            "forget": self._forget,
        }  # fmt: skip
        verb = str(plain.get("verb"))
        return (own[verb](plain), b"") if verb in own else self._there(plain, content)

    def _look(self, plain: dict[str, Any]) -> dict[str, Any]:
        there, free = self.ray.cluster_resources(), self.ray.available_resources()
        used = [f"{there[name] - free.get(name, 0.0):g} of {there[name]:g} {name}" for name in OFFERS.values() if there.get(name)]
        cluster = {"devices": offered(self._nodes()), "busy": f"{', '.join(used)} in use", "queue": self.server.queue()}
        own = self._asked(plain)
        return own | cluster | {"versions": {**own["versions"], "ray": self.ray.__version__}}

    def _begin(self, plain: dict[str, Any]) -> dict[str, Any]:
        now = self._state(plain)
        if now.state in ("queued", "running", "done"):
            return as_plain(now)
        ready, options = There(**self._asked(plain)), self.wanted.options
        self.server.submit(
            {
                "entrypoint": f"bash '{ready.message}'",
                "submission_id": ready.id,
                "metadata": {"pat-explorer": str(plain["id"])},
                "entrypoint_num_cpus": float(options.get("cpus") or 1),
                "entrypoint_num_gpus": float(options.get("gpus") or 0) or None,
                "entrypoint_memory": _bytes(str(options["memory"])) if options.get("memory") else None,
                "entrypoint_resources": {str(options["resource"]): 0.001} if options.get("resource") else None,
                "entrypoint_label_selector": {"ray.io/node-id": self.node},
            }
        )
        return as_plain(There("queued", f"Ray job {ready.id}"))

    def _state(self, plain: dict[str, Any]) -> There:
        """How the work fares by its own word, and by the cluster's where it says nothing any more."""
        own = There(**self._asked({**plain, "verb": "state"}))
        if own.state == "absent":
            return own
        job, named = self.server.job(own.id), replace(own, id=f"Ray job {own.id}")
        status, message = (str(job.get("status")), str(job.get("message") or "")) if job else ("", "")
        if status == "PENDING":
            return replace(named, state="queued", reason="Waiting until the cluster has room for it.")
        if status == "RUNNING":
            return named if own.state in ENDED else replace(named, state="running", reason="")
        if own.state in (*ENDED, "preempted"):
            return named
        again = There(**self._asked({**plain, "verb": "state"}))  # it may have ended between the two looks
        if again.state in (*ENDED, "preempted"):
            return replace(again, id=named.id)
        if self._asked({**plain, "verb": "unwanted"})["unwanted"]:
            return replace(named, state="cancelled", reason="")
        if status == "STOPPED":
            return replace(named, state="failed", reason="It was stopped at the cluster, not from here. Ask there, then resume it.")
        return replace(named, state="lost", reason=_why(message) if job else "The cluster does not know its job any more.")

    def _cancel(self, plain: dict[str, Any]) -> dict[str, Any]:
        there = self._state(plain)
        if there.state == "absent":
            return as_plain(there)
        self._asked({**plain, "verb": "stop"})
        for hard in (False, True):
            there, until = self._state(plain), time.monotonic() + STOPS_WITHIN
            if there.state == "queued" or (there.state == "running" and hard):  # work that runs keeps a checkpoint first
                self.server.stop(there.id.removeprefix("Ray job "))
            while there.state in ("queued", "running") and time.monotonic() < until:
                time.sleep(0.5)
                there = self._state(plain)
        return as_plain(there)

    def _forget(self, plain: dict[str, Any]) -> dict[str, Any]:
        return self._asked({**plain, "ended": self._state(plain).state not in ("queued", "running")})

    def _asked(self, plain: dict[str, Any]) -> dict[str, Any]:
        return self._there(plain, b"")[0]

    def _there(self, plain: dict[str, Any], content: bytes) -> Frame:
        """The porter's answer. PlaceTrouble where it could not do it, in its words, or its node does not answer."""
        try:
            answer, body = self.ray.get(self.porter.answer.remote(json.dumps(plain), content), timeout=ANSWERED_WITHIN)
        except (self.ray.exceptions.RayError, ConnectionError) as error:
            words = f"The node of {self.wanted.name} that keeps our files does not answer ({type(error).__name__})."
            raise BridgeBroken(words, passing=True) from error
        answer = json.loads(answer)
        if "error" in answer:
            raise PlaceTrouble(str(answer["error"]), bool(answer.get("passing")))
        return answer, body

    def _nodes(self) -> list[dict[str, Any]]:
        return [node for node in self.ray.nodes() if node["Alive"]]

    def _at(self, node: str) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        return NodeAffinitySchedulingStrategy(node, soft=False)

    def _node(self) -> str:
        """The id of the node that has what is wanted: of several that on which our files are."""
        nodes, options = self._nodes(), self.wanted.options
        needs = {OFFERS[name]: float(options[name]) for name in OFFERS if options.get(name)}
        needs |= {str(options["resource"]): 0.001} if options.get("resource") else {}
        able = sorted(
            str(node["NodeID"]) for node in nodes if all(node["Resources"].get(name, 0.0) >= least for name, least in needs.items())
        )
        if not able:
            asked = ", ".join(name if name == options.get("resource") else f"{least:g} {name}" for name, least in needs.items())
            raise PlaceTrouble(f"No node of {self.wanted.name} has {asked}. Its nodes offer: {'; '.join(offered(nodes)) or 'nothing'}.")
        if len(able) == 1:
            return able[0]
        look = self.ray.remote(num_cpus=0, max_retries=0)(newest_parcel)
        nodes_of = {look.options(scheduling_strategy=self._at(node)).remote(self.wanted.folder): node for node in able}
        done, _ = self.ray.wait(list(nodes_of), num_returns=len(nodes_of), timeout=PROBED_WITHIN)
        return max(((self.ray.get(one), nodes_of[one]) for one in done), default=(0.0, able[0]))[1]


class BridgeBroken(PlaceTrouble):
    """The connection is of no use any more: the next one is a new process."""


def _ray() -> Any:
    os.environ["RAY_AUTH_MODE"] = "token"  # read when Ray is imported
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise PlaceTrouble("Ray is not installed here. Install it with: pip install 'pat-explorer[ray]'.") from error
    return ray


def offered(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What nodes have, a line each."""
    lines = []
    for node in nodes:
        resources = node["Resources"]
        kinds = [name.removeprefix("accelerator_type:") for name in resources if name.startswith("accelerator_type:")]
        graphics = f"{resources['GPU']:g} GPU{' ' + kinds[0] if kinds else ''}" if resources.get("GPU") else "no GPU"
        lines.append(f"{node['NodeManagerHostname']}: {resources.get('CPU', 0):g} CPU, {graphics}")
    return lines


def _why(message: str) -> str:
    """Why a job ended that did not say so itself."""
    if re.search(r"node .*(died|dead|terminated)|ACTOR_UNSCHEDULABLE|died unexpectedly|unreachable", message, re.IGNORECASE):
        return "The node that it ran on failed or was taken out of the cluster."
    if re.search(r"code -?9\b|SIGKILL|OutOfMemory|low memory", message):
        return "It was killed, as a rule because the node ran out of memory: ask for more (option memory), or choose a smaller batch."
    return f"It ended without a word ({message.strip()[:200] or 'the cluster says no more'})."


def _bytes(text: str) -> int:
    """32G in bytes. JobError where it is no size."""
    size = re.fullmatch(r"(\d+)([KMGT]?)B?", text.strip().upper())
    if size is None:
        raise JobError(f"Expected the option memory as 32G, got {text!r}.")
    return int(size[1]) * SIZES[size[2]]


def _refusal(name: str, words: str) -> PlaceTrouble:
    """What Ray says where it does not let us work, for a reader."""
    if "ersion mismatch" in words:
        return PlaceTrouble(f"Python or Ray of {name} is another than here: {words.strip()[:300]} Use the same here.")
    if "No module named" in words:
        return PlaceTrouble(
            f"The Python of {name} lacks PAT Explorer or a library of it. Install the same version on all its nodes (pip install "
            "'pat-explorer[ray]'), or give the folder of a checkout there as the option code."
        )
    last = next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "")
    return PlaceTrouble(f"{name} does not take our work: {last[:300]}", passing=True)


def run_bridge(wanted: Wanted) -> int:
    """The whole process, until the connection ends at either side. What Ray writes goes to standard error; a refusal is its last line."""
    answers, requests = os.fdopen(os.dup(1), "wb"), sys.stdin.buffer
    os.dup2(2, 1)
    try:
        bridge = Bridge(wanted)
        answers.write(GREETING.encode() + b"\n")
        answers.flush()
        while (frame := read_frame(requests)) is not None:
            write_frame(answers, *_answered(bridge, *frame))
    except PatError as error:
        sys.stderr.write(f"\n{MARK}{'passing' if isinstance(error, PlaceTrouble) and error.passing else 'lasting'}: {error}\n")
        return 1
    return 0


def _answered(bridge: Bridge, plain: dict[str, Any], content: bytes) -> Frame:
    try:
        return bridge.answer(plain, content)
    except BridgeBroken:
        raise
    except PatError as error:
        return {"error": str(error), "passing": isinstance(error, PlaceTrouble) and error.passing}, b""
