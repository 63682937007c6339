"""OpenSSH's own program, with the reader's keys, configuration and known hosts: nothing is asked, nothing is kept."""

from __future__ import annotations

import shlex

from pat_core.errors import PlaceTrouble
from pat_core.jobs.launchers.place_book import Place, refuse_address

ALWAYS = ("BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=10", "ServerAliveCountMax=3", "ForwardAgent=no", "ForwardX11=no")
"""No password is asked for; a connection that says nothing for half a minute is cut."""
PASSING = (
    "Connection refused", "Connection timed out", "Connection reset", "Connection closed", "No route to host", "Network is unreachable",
    "Operation timed out", "Broken pipe", "Could not resolve hostname", "kex_exchange_identification", "Timeout, server", "not responding",
)  # fmt: skip


def ssh_command(place: Place, there: list[str], environment: dict[str, str]) -> list[str]:
    """The command that runs another one at a place. JobError for an address that is none. there: the words of the command, of which those
    that begin with ~/ are below the home folder there."""
    refuse_address(place)
    given = ["-F", str(place.option("ssh_config"))] if place.option("ssh_config") else []
    given += ["-p", str(int(place.option("port")))] if place.option("port") else []
    settings = [word for option in ALWAYS for word in ("-o", option)]
    variables = [f"{name}={_quoted(value)}" for name, value in environment.items()]
    return ["ssh", "-T", *settings, *given, "--", place.address, " ".join(["exec env", *variables, *map(_quoted, there)])]


def _quoted(word: str) -> str:
    """For a shell there: nothing in a word is obeyed, but for ~/ at its beginning."""
    return f'"$HOME"/{shlex.quote(word[2:])}' if word.startswith("~/") else shlex.quote(word)


def explain(place: Place, code: int, words: str) -> PlaceTrouble:
    """What OpenSSH, or the shell there, says of a connection that ended, for a reader. words: all that it wrote."""
    host, by_hand = place.address, f"`ssh {place.address}`"
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in words:
        return PlaceTrouble(
            f"{host} shows another host key than before. Somebody may be in between, or it was installed anew: ask its administrators, and "
            "correct your known_hosts only then. Nothing was sent."
        )
    if "Host key verification failed" in words or "authenticity of host" in words:
        return PlaceTrouble(
            f"{host} is not among your known hosts. Connect once by hand with {by_hand}, compare the fingerprint with the one that its "
            "administrators give, and try again. Nothing was sent."
        )
    if "Permission denied" in words and code == 255:
        return PlaceTrouble(
            f"{host} does not accept your SSH keys. {by_hand} must work without asking for a password: add your key to ssh-agent, or to "
            "authorized_keys there."
        )
    if code == 255 or any(sign in words for sign in PASSING):
        last = next((line.strip() for line in reversed(words.splitlines()) if any(sign in line for sign in PASSING)), "")
        return PlaceTrouble(
            f"{host} cannot be reached ({last[:200] or 'the connection ended'}). Check the network or the VPN.", passing=True
        )
    return of_python(place, code, words)


def of_python(place: Place, code: int, words: str) -> PlaceTrouble:
    """What a Python that did not become our porter says, for a reader."""
    last = next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "")
    if "No module named pat_core" in words or "No module named 'pat_core'" in words:
        return PlaceTrouble(
            f"The Python of {place.name} ({place.python}) has no PAT Explorer. Install the same version there with its pip, or give the "
            "folder of a checkout there as the option code."
        )
    if "No module named" in words:
        return PlaceTrouble(f"The Python of {place.name} ({place.python}) lacks a library: {last[:200]}. Install the requirements there.")
    if code in (126, 127) or "not found" in words or "No such file" in words:
        return PlaceTrouble(f"There is no Python at {place.python} on {place.name}. Correct its record: the path of a Python there.")
    return PlaceTrouble(f"The connection to {place.name} ended ({last[:200] or f'code {code}'}).", passing=True)
