"""The paper has two titles: whoever cites it cites both, also where a file was written before the second."""

from __future__ import annotations

import pytest

from pat_core.weights import CATALOGUE, load
from pat_core.weights.catalogue import CITATION, FORMER_TITLE, TITLE, cited
from pat_core.workflows.models.model_entries import bundled_files
from pat_core.workflows.people.demo import demo_folder
from tests.test_architecture import ROOT

BEFORE = f"Ruan, Zhang, Oh, Jin & Jacobson, {FORMER_TITLE}, arXiv 2411.15240"


def test_both_titles_stand_in_the_catalogue_the_readme_and_every_card():
    told = [one.card("")["citation"] for one in CATALOGUE.values()]
    told += [str(load(path).card["citation"]) for path in [*bundled_files(), demo_folder() / "model.safetensors"]]
    told += [" ".join((ROOT / "README.md").read_text().split())]
    assert all(TITLE in one and FORMER_TITLE in one and "2411.15240" in one for one in told)


def test_a_card_from_before_cites_both_and_another_papers_card_is_left_alone():
    assert cited({"citation": BEFORE, "name": "x"}) == {"citation": CITATION, "name": "x"}
    assert cited({"citation": CITATION}) == {"citation": CITATION} and cited({}) == {}


@pytest.mark.parametrize("other", ["Somebody: Something else. arXiv 1703.01365.", f"A study of {FORMER_TITLE}", None, 3])
def test_what_does_not_cite_the_paper_stays_as_it_is(other):
    assert cited({"citation": other}) == {"citation": other}
