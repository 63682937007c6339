"""The table of methods says what each takes without importing it: here it is held against the functions themselves."""

import inspect

import pytest

from pat_core.explain import METHODS


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_takes_the_settings_that_the_table_gives_it_with_the_same_defaults(method):
    parameters = inspect.signature(method.run).parameters.values()
    settings = {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY and each.name != "progress"}
    assert settings == dict(method.options)
