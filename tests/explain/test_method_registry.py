"""The table of methods says what each takes without importing it: here it is held against the functions themselves."""

import inspect
from argparse import Namespace

import pytest

from pat_core import settings
from pat_core.__main__ import parser
from pat_core.commands.verbs_answers import SETTINGS, UNMEASURED, methods
from pat_core.explain import METHODS
from pat_core.progress import Silent


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_takes_the_settings_that_the_table_gives_it_with_the_same_defaults(method):
    parameters = inspect.signature(method.run).parameters.values()
    settings = {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY and each.name != "progress"}
    assert settings == dict(method.options)


def test_every_setting_of_a_method_can_be_given_on_the_command_line():
    taken = {name for method in METHODS.values() for name in method.options}
    options = vars(parser().parse_args(["explain", "--model", "a", "--weeks", "a.npy", "--method", "a", "--out", "a.npz"]))
    assert taken - options.keys() == set(), "Add an argument to `explain` in pat_core/commands/verbs_answers.py."
    assert taken - {"baseline"} == set(SETTINGS), "SETTINGS of pat_core/commands/verbs_answers.py names what goes to the method."


def test_a_method_that_was_not_measured_says_so_in_the_list(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ASSETS", tmp_path)
    assert methods(Namespace(), Silent()).text.count(UNMEASURED) == len(METHODS)
