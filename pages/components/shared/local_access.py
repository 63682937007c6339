"""The border of the server: who may speak to it, and what a page of it may load. Everything stays on this machine.

Streamlit asks an outside service for this machine's address when a page of another origin opens its socket; here such a page is refused
before that. It runs before Streamlit's own code, as middleware of `st.App`, however the app is started.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from streamlit import cli_util, config
from streamlit.web.server import server_util
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from pages.components.shared.torch_ahead import import_torch_ahead

Scope = MutableMapping[str, Any]
Messages = Callable[..., Awaitable[Any]]

REFUSED = b"PAT Explorer answers its own pages only."
POLICY_VIOLATION = 1008
HOST = re.compile(r"[\w.:\[\]-]+", re.ASCII)


class Border:
    """ASGI middleware: refuses requests and sockets of other origins, and tells browsers to load nothing from elsewhere."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Messages, send: Messages) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host = next(iter(_values(scope, b"host")), "")
        # another name that leads here is of a page that means to read ours; Streamlit asks for it at the socket alone
        if any(foreign(origin, host) for origin in _values(scope, b"origin")) or not is_host_allowed(host) or _embedded(scope):
            await _refuse(scope, receive, send)
            return

        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_headers(host)]
            await send(message)

        await self.app(scope, receive, sent)


def foreign(origin: str, host: str) -> bool:
    """Whether a request's Origin is another than the host and port that it is sent to, and none that the settings allow.

    Another port of this machine is another origin: whatever listens there is not this app.
    """
    if not config.get_option("server.enableCORS"):  # switched off on purpose
        return False
    try:
        asking = urlsplit(origin)
        own = bool(host) and asking.scheme in ("http", "https") and asking.netloc.lower() == host.lower()
    except ValueError:
        own = False
    return not own and origin not in config.get_option("server.corsAllowedOrigins")


def _embedded(scope: Scope) -> bool:
    """Whether the browser says that a page of another site or port asks for it as a part of itself, which needs no Origin. A link that is
    followed is no part."""
    site, mode = (next(iter(_values(scope, name)), "") for name in (b"sec-fetch-site", b"sec-fetch-mode"))
    return site in ("cross-site", "same-site") and mode != "navigate" and config.get_option("server.enableCORS")


def policy(host: str) -> str:
    """The Content-Security-Policy of every answer: all from this server, charts and downloads made in the page, frames of its own alone."""
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    rules = {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",  # charts compile their expressions
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' data: blob:{sockets}",
        "worker-src": "'self' blob:",
        "frame-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@asynccontextmanager
async def opened(_app: object) -> AsyncIterator[None]:
    """Opens the reader's browser once the server answers, unless it was started without one; imports torch once a page stands."""
    import_torch_ahead()
    if not config.get_option("server.headless"):
        address = config.get_option("browser.serverAddress") if config.is_manually_set("browser.serverAddress") else None
        shown = address or server_util.get_display_address(config.get_option("server.address") or "localhost")
        asyncio.get_running_loop().call_later(0.5, cli_util.open_browser, server_util.get_url(shown))
    yield


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key.lower() == name]


def _headers(host: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-security-policy", policy(host).encode("ascii")),
        (b"x-frame-options", b"SAMEORIGIN"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]


async def _refuse(scope: Scope, receive: Messages, send: Messages) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain"), *_headers("")]})
    await send({"type": "http.response.body", "body": REFUSED})
