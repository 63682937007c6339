"""The border refuses other origins before Streamlit sees them, and tells browsers to load nothing from elsewhere."""

from __future__ import annotations

import asyncio

import pytest
from streamlit import config

from pages.components.shared.local_access import Border, foreign, policy

HOST = "127.0.0.1:8501"
OWN = ("http://127.0.0.1:8501", "HTTP://127.0.0.1:8501", "https://127.0.0.1:8501")
FOREIGN = (
    "http://127.0.0.1:8502", "http://127.0.0.1", "http://localhost:8501", "http://elsewhere.example", "https://elsewhere.example:8501",
    "http://127.0.0.1:8501.elsewhere.example", "http://127.0.0.1:8501@elsewhere.example", "null", "", "file://", "http://[::1", "*",
    "http://elsewhere.example/127.0.0.1:8501", "chrome-extension://abc", "chrome-extension://127.0.0.1:8501", "ftp://127.0.0.1:8501",
    "//127.0.0.1:8501", "javascript://127.0.0.1:8501",
)  # fmt: skip


@pytest.mark.parametrize("origin", OWN)
def test_the_apps_own_pages_are_answered(origin):
    assert not foreign(origin, HOST)


@pytest.mark.parametrize("origin", FOREIGN)
def test_other_origins_are_foreign_other_ports_of_this_machine_too(origin):
    assert foreign(origin, HOST)


def test_an_origin_that_the_settings_name_is_answered(monkeypatch):
    told = {"server.enableCORS": True, "server.corsAllowedOrigins": ["https://lab.example"]}
    monkeypatch.setattr(config, "get_option", told.get)
    assert not foreign("https://lab.example", HOST) and foreign("https://lab.example:8443", HOST)


def answered(kind: str, *headers: tuple[str, str]) -> tuple[list[dict], bool]:
    """What is sent to a request or socket with these headers, and whether the app behind the border was asked."""
    asked, sent = [], []

    async def app(scope, receive, send):
        asked.append(scope)
        if kind == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        else:
            await send({"type": "websocket.accept"})

    async def receive():
        return {"type": f"{kind}.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers]}
    asyncio.run(Border(app)(scope, receive, send))
    return sent, bool(asked)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_socket_of_another_origin_is_closed_before_the_app_is_asked(origin):
    sent, asked = answered("websocket", ("host", HOST), ("origin", origin))
    assert not asked and sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_one_foreign_origin_among_several_is_enough(kind):
    assert not answered(kind, ("host", HOST), ("origin", OWN[0]), ("origin", FOREIGN[0]))[1]


def test_a_request_of_another_origin_is_refused():
    sent, asked = answered("http", ("host", HOST), ("origin", FOREIGN[0]))
    assert not asked and sent[0]["status"] == 403


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("origin", [*OWN, None])
def test_own_pages_and_programs_without_an_origin_reach_the_app(kind, origin):
    assert answered(kind, ("host", HOST), *([("origin", origin)] if origin else []))[1]


def test_every_answer_forbids_frames_of_other_sites_and_what_lies_elsewhere():
    headers = dict(answered("http", ("host", HOST))[0][0]["headers"])
    rules = dict(rule.split(" ", 1) for rule in headers[b"content-security-policy"].decode().split("; "))
    assert rules["frame-ancestors"] == rules["default-src"] == "'self'"
    assert headers[b"content-type"] == b"text/html" and headers[b"x-frame-options"] == b"SAMEORIGIN"
    allowed = {word for rule in rules.values() for word in rule.split()}
    assert {word for word in allowed if "//" in word} == {f"ws://{HOST}", f"wss://{HOST}"}
    assert not allowed & {"*", "http:", "https:"}


@pytest.mark.parametrize("host", ["a; script-src *", "a b", "a\r\nb", "", "é"])
def test_a_host_that_is_none_adds_no_rule(host):
    assert policy(host) == policy("")


@pytest.mark.parametrize("host", ["elsewhere.example:8501", "127.0.0.1:8501.elsewhere.example", "127.0.0.2", ""])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_another_name_that_leads_here_is_refused_pages_and_files_too(kind, host):
    sent, asked = answered(kind, ("host", host), ("origin", f"http://{host}"))
    assert not asked and not answered(kind, ("host", host))[1] and sent[0].get("status", 403) == 403


@pytest.mark.parametrize("host", ["localhost:8501", "LOCALHOST:1", "[::1]:8501", "127.0.0.1", "localhost.:8501"])
def test_the_names_of_this_machine_reach_the_app(host):
    assert answered("http", ("host", host))[1]


@pytest.mark.parametrize(
    ("site", "mode", "reaches"),
    [
        ("cross-site", "no-cors", False),
        ("same-site", "no-cors", False),
        ("cross-site", "cors", False),
        ("cross-site", "navigate", True),
        ("same-origin", "cors", True),
        ("none", "navigate", True),
        ("same-origin", "no-cors", True),
    ],
)
def test_a_part_of_another_sites_page_is_refused_and_a_link_is_followed(site, mode, reaches):
    assert answered("http", ("host", HOST), ("sec-fetch-site", site), ("sec-fetch-mode", mode))[1] == reaches
