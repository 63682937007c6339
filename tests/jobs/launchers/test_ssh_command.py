import shlex
import subprocess

import pytest

from pat_core.jobs.launchers.place_book import Place
from pat_core.jobs.launchers.ssh_command import explain, ssh_command

WARD = Place("ward", "ssh", "me@host", python="~/my env/bin/python", options={"port": "2222", "ssh_config": "/tmp/config"})


def test_nothing_in_a_word_is_obeyed_by_the_shell_there():
    command = ssh_command(WARD, ["echo", "~/a b", "$(id)", "; reboot", "'"], {"A": "x; y"})
    options, there = command[: command.index("--")], command[command.index("--") + 1 :]
    assert there[0] == "me@host" and "BatchMode=yes" in options and options[-4:] == ["-F", "/tmp/config", "-p", "2222"]
    said_there = subprocess.run(["sh", "-c", there[1]], capture_output=True, text=True, env={"HOME": "/h", "PATH": "/usr/bin:/bin"})
    assert said_there.stdout == "/h/a b $(id) ; reboot '\n"


def test_the_python_there_may_stand_below_the_home_folder():
    (words,) = ssh_command(WARD, [WARD.python, "-m", "pat_core"], {})[-1:]
    assert shlex.split(words.replace('"$HOME"', "/h"))[2] == "/h/my env/bin/python"


@pytest.mark.parametrize(
    ("code", "words", "sentence", "passing"),
    [
        (255, "Host key verification failed.", "not among your known hosts. Connect once by hand", False),
        (255, "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.", "another host key than before", False),
        (255, "me@host: Permission denied (publickey).", "does not accept your SSH keys", False),
        (255, "ssh: connect to host host port 22: Connection refused", "cannot be reached", True),
        (255, "ssh: Could not resolve hostname host: Name or service not known", "Check the network or the VPN", True),
        (255, "", "cannot be reached", True),
        (127, "bash: python9: command not found", "no Python at", False),
        (1, "/usr/bin/python3: No module named pat_core", "has no PAT Explorer", False),
        (1, "ModuleNotFoundError: No module named 'numpy'", "lacks a library", False),
        (1, "Killed", "ended (Killed)", True),
    ],
)
def test_what_ssh_says_becomes_a_sentence_with_what_to_do(code, words, sentence, passing):
    trouble = explain(WARD, code, words)
    assert sentence in str(trouble) and trouble.passing is passing
