"""Everything stays on this machine: whoever speaks to the app, it asks nobody outside."""

from __future__ import annotations

import http.client

import pytest

HANDSHAKE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


def handshake(server, **headers: str) -> int:
    """The status that the app's socket answers with: 101 is open."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/_stcore/stream", headers=HANDSHAKE | headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://127.0.0.1:1", "http://127.0.0.1", "null"])
def test_pages_of_other_origins_are_refused_at_the_socket_and_nobody_is_asked(server, origin):
    before = server.outside.calls
    assert [handshake(server, Origin=origin) for _ in range(3)] == [403] * 3
    assert server.outside.calls == before == 0


def test_a_name_that_only_leads_here_is_refused_and_nobody_is_asked(server):
    host = f"elsewhere.example:{server.port}"
    assert handshake(server, Host=host, Origin=f"http://{host}") == 403
    assert server.outside.calls == 0


def test_the_apps_own_page_opens_the_socket(server):
    assert handshake(server, Origin=server.address) == 101
    assert server.outside.calls == 0
