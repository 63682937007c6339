"""Names are text: on every page hostile ones load nothing, link to nothing and forge no heading."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import pytest

from pat_core.cohorts import Workspace
from tests.browser.hostile import PEOPLE, RUN, clear, fill
from tests.browser.screen import titled, turn_to

OWN_LINKS = {"https://arxiv.org/abs/2411.15240"}
MARKED = """() => {
    const told = [];
    const outside = (address) => {
        try { return !["", location.host].includes(new URL(address, location.href).host); } catch { return true; }
    };
    for (const one of document.querySelectorAll("a, img, image, iframe, video, audio, source, link, script, object, embed")) {
        for (const name of ["href", "src", "xlink:href", "data", "srcset"]) {
            const address = one.getAttribute(name);
            if (address && !address.startsWith("data:") && !address.startsWith("blob:") && outside(address)) told.push(address);
            if (address && address.startsWith("mailto:")) told.push(address);
        }
    }
    for (const one of document.querySelectorAll("em, del, .katex, .stMarkdownColoredText"))
        if (one.textContent.includes("forged")) told.push(one.outerHTML);
    for (const one of document.querySelectorAll("h1, h2, h3, h4, h5, h6, strong, b"))
        if (/^\\s*forged/.test(one.textContent)) told.push(one.outerHTML);
    return told;
}"""
"""Addresses elsewhere, and what of the names was drawn as more than text."""


@pytest.fixture(scope="module")
def made(server, tmp_path_factory):
    space = Workspace(server.folder)
    found = fill(space, tmp_path_factory.mktemp("forged"))
    yield found
    clear(space, found)


def pages(cohort: str, model: str) -> list[str]:
    """Every page with these names in its address, and once with a name that is not here."""
    of = {"cohort": cohort, "model": model}
    asked = [("overview", {}), ("participants", of), ("data", of), ("models", of), ("finetune", {"cohort": cohort, "run": RUN})]
    asked += [("participant", of | {"person": PEOPLE[0], "week": "1"}), ("what_if", of | {"person": PEOPLE[1]})]
    asked += [("explain", of | {"show": view, "person": PEOPLE[2], "other": PEOPLE[3]}) for view in ("heads", "methods", "people", "clock")]
    odd = dict.fromkeys(("cohort", "model", "person", "week", "run", "show", "label", "view"), PEOPLE[0])
    asked += [(page, odd) for page in ("participant", "explain", "finetune")]
    return [f"{'' if page == 'overview' else page}?{urlencode(address)}" for page, address in asked]


def test_hostile_names_load_nothing_link_to_nothing_and_forge_nothing(server, visit, made):
    page = visit("about:blank", bypass_csp=True)  # what the page itself asks for, without the border that would stop it
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.address)
    titled(page, "PAT Explorer")
    for address in pages(made.cohort.name, made.model):
        turn_to(page, address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert set(page.evaluate(MARKED)) <= OWN_LINKS, address
    there = [urlsplit(url) for url in asked]
    assert {one.netloc for one in there if one.scheme not in ("data", "blob", "about")} == {f"127.0.0.1:{server.port}"}
    assert server.outside.calls == 0
