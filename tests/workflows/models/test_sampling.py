"""How the people of a cohort were chosen: case-control until somebody says otherwise; models and runs repeat it."""

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.workflows.models.sampling import keep_sampling, sampling_of, sampling_words
from tests.cohorts.made import three_people


def test_a_share_is_called_that_of_a_case_control_sample_until_the_cohort_is_said_to_be_of_a_population(tmp_path):
    space = Workspace(tmp_path)
    for name in ("a", "b"):
        space.create_cohort(name, three_people(), {})
    keep_sampling(space, space.cohort("a"), "population")
    assert [sampling_of(space, space.cohort(name)) for name in ("a", "b")] == ["population", "case-control"]
    with pytest.raises(WorkspaceError, match="case-control, population"):
        keep_sampling(space, space.cohort("a"), "random")
    space.rename_cohort("a", "c")
    assert sampling_of(space, space.cohort("c")) == "population"


@pytest.mark.parametrize(("sampling", "words"), [(None, "case-control"), ("population", "of a population"), (7, "case-control")])
def test_cards_that_do_not_say_how_their_people_were_chosen_count_as_case_control(sampling, words):
    assert words in sampling_words({"sampling": sampling})
