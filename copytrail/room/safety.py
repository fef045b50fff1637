"""The room's door: who may come in, with what, and the headers that every answer has.

Contract: ``refusal`` is pure and says why a request is turned away, before anything of the archive is looked at: a method that is not GET
or HEAD, a body, a Host that is not this room's (DNS rebinding), a wrong token, a page elsewhere that asks for something by script or as a
part of itself (Fetch Metadata), a target that is too long.  The token is compared in constant time.  ``Door`` is ASGI: it lets through or
answers itself, sets the headers, and logs whatever went wrong within, which is never shown.
"""

import base64
import binascii
import hmac
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from copytrail.room.refusals import Refused

TARGET_LIMIT = 10_000  # bytes of path and query: an address of the longest kind (archive/urls.py), and some more
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
BARE_POLICY = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": PAGE_POLICY,
    "cache-control": "private, no-cache",  # what is withdrawn must not stay in a cache
}
_LOG = logging.getLogger("copytrail.room")
Page = Callable[[Scope, Refused], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who is let in: the names under which the room is reached besides ``localhost`` and plain addresses, a token or none."""

    names: frozenset[str] = field(default_factory=frozenset)
    token: str | None = None
    replay: str | None = None  # origin of a replayer, which may read files from here


def refusal(rules: Rules, method: str, headers: Headers, target: bytes) -> Refused | None:
    """Why a request is turned away; None when it is let in."""
    if not _is_ours(rules, headers.get("host", "")):
        return Refused(421, "This room is not known by that name.")
    if method not in {"GET", "HEAD"}:
        return Refused(405, "This room is for reading.", headers={"allow": "GET, HEAD"})
    if headers.get("transfer-encoding") or headers.get("content-length", "0") != "0":
        return Refused(413, "A request here has no body.", headers={"connection": "close"})
    if len(target) > TARGET_LIMIT:
        return Refused(414, f"The address is longer than {TARGET_LIMIT} bytes.")
    if not _knows(rules, headers.get("authorization", "")):
        challenge = 'Basic realm="copytrail", charset="UTF-8"'
        return Refused(401, "This room is open to those who have its token.", headers={"www-authenticate": challenge})
    if _is_from_elsewhere(headers) and not _is_replayer(rules, headers):
        return Refused(403, "Another site may link to this room, and not use what is in it.")
    return None


def _is_ours(rules: Rules, host: str) -> bool:
    """A site that points its own name at this machine sends that name; an address cannot be pointed anywhere."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name.lower() in rules.names | {"localhost"}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _knows(rules: Rules, given: str) -> bool:
    """Whether the token comes as a bearer's, or as the password of any name."""
    if rules.token is None:
        return True
    scheme, _, value = given.partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(value.strip().encode(), rules.token.encode())


def _is_replayer(rules: Rules, headers: Headers) -> bool:
    return rules.replay is not None and headers.get("origin") == rules.replay


def _is_from_elsewhere(headers: Headers) -> bool:
    """Whether a page of another site asks, other than by leading its reader here; browsers say so and pages cannot."""
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return False
    return headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-dest") in {"object", "embed"}


class Door:
    """ASGI: before all else."""

    def __init__(self, app: ASGIApp, rules: Rules, page: Page) -> None:
        """Let in to ``app`` by ``rules``; ``page`` makes the page of a refusal."""
        self._app, self._rules, self._page = app, rules, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refused = refusal(self._rules, scope["method"], headers, _target(scope))
        answer = _Answer(send, self._cors(headers))
        if refused is not None and refused.status == 405 and scope["method"] == "OPTIONS" and _is_replayer(self._rules, headers):
            await Response(status_code=204)(scope, receive, answer)  # a browser asks whether the replayer may ask for a range
        elif refused is None:
            await self._within(scope, receive, answer)
        else:
            await self._page(scope, refused)(scope, receive, answer)

    async def _within(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except Exception:
            _LOG.exception("%s failed", scope["path"][:200])
            if not answer.ended:
                raise  # the connection breaks off: nobody takes a part for the whole

    def _cors(self, headers: Headers) -> Mapping[str, str]:
        if not _is_replayer(self._rules, headers):
            return {}
        exposed = "accept-ranges, content-length, content-range, etag"
        return {
            "access-control-allow-origin": headers["origin"],
            "access-control-allow-methods": "GET, HEAD",
            "access-control-allow-headers": "authorization, if-range, range",
            "access-control-expose-headers": exposed,
            "cross-origin-resource-policy": "cross-origin",
            "vary": "origin",
        }


class _Answer:
    """A ``send`` that adds the headers that are not set, and knows whether the answer is whole."""

    def __init__(self, send: Callable[[Message], Awaitable[None]], more: Mapping[str, str]) -> None:
        self._send, self._more = send, more
        self.ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in (*self._more.items(), *_HEADERS.items()):
                headers.setdefault(name, value)
        await self._send(message)
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)


def _target(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + query
