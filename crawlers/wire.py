"""One request and its response, recorded as bytes on the wire in both directions.

Contract: ``Wire.exchange(draft, …)`` sends ``draft.request`` to what ``draft.url`` names and returns the draft
completed with everything that happened.  It never raises for what a server, the network or a resolver does
(only ``DiskError``): ``failure`` says in which phase and why.  ``response`` is None exactly when no head could be read; with a head and a
failure, ``truncated`` says how the message was cut (and all bytes that came are in it). ``request`` is what was
handed to the connection: empty when none was made, and perhaps not all gone when the failure is of phase SEND.
Payload and head are what ``archive.http`` reads from the same bytes, so that reading the record again gives the same
answer.

With a proxy, ``ip`` is the proxy's, failures on the way to it name it, and its own answer in the site's place, instead
of a tunnel or a 407, stands in ``trailing``, not in ``response``.

Connections are kept open.  A request that meets one that the server has closed meanwhile ends with the failure
``stale_connection``: nobody has answered it, and the caller may send it again.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from archive.http import Head, Problem, ResponseParser
from archive.kinds import Phase
from archive.records import Exchange, Failure
from crawlers.address import ConnectRule, Endpoint, check_literal, resolve
from crawlers.connection import Connection, Pool, connect
from crawlers.failures import BODY_LIMIT, PROXY_AUTH, RESET, STALE, STOPPED, TIMEOUT, Broken, failure_of, truncation_of
from crawlers.proxies import AUTH_WANTED, Proxy, Route

_NAMES = {Phase.SEND: "sent"}  # the other steps are called like their phase
_NEXT = {Phase.DNS: Phase.CONNECT, Phase.CONNECT: Phase.TLS, Phase.TLS: Phase.SEND, Phase.SEND: Phase.HEAD, Phase.HEAD: Phase.BODY}

# Lengths that contradict each other are no fault here: such a message is read to the close, which is all that can be known of it.
_FAULTS = {
    Problem.NO_ANSWER: "the peer closed without an answer",
    Problem.PARTIAL_HEAD: "the peer closed within the head",
    Problem.BAD_HEAD: "what came is no HTTP response",
    Problem.HEAD_TOO_LONG: "the head is too long",
    Problem.SHORT_BODY: "the peer closed before the end of the body",
    Problem.BAD_CHUNK: "the chunks of the body are broken",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one exchange may take: seconds from the first step to the last byte, bytes of the body on the wire."""

    seconds: float
    body: int


class DiskError(Exception):
    """A body could not be spooled: our trouble and not the server's, so no exchange can tell of it."""


class Watch(Protocol):
    """Somebody who sees a response arrive, and may say that it is enough."""

    def head(self, head: Head) -> bool:
        """The head is there; True ends the exchange."""

    def body(self, data: bytes) -> bool:
        """A piece of the body as on the wire; True ends the exchange."""


class Wire:
    """Conversations over kept connections; belongs to one event loop."""

    def __init__(self, *, rules: Sequence[ConnectRule], trust: ssl.SSLContext) -> None:
        """``rules`` are those of COPYTRAIL_CONNECT_TO."""
        self._rules = rules
        self._trust = trust
        self._pool = Pool()
        self._deadlines: set[asyncio.Timeout] = set()
        self._hurried = False

    async def exchange(self, draft: Exchange, limits: Limits, watch: Watch | None = None, proxy: Proxy | None = None) -> Exchange:
        """Hold one conversation and give its record."""
        route = Route(endpoint=Endpoint.of(draft.url), proxy=proxy)
        recording = _Recording(draft=draft, route=route, parser=ResponseParser(draft.method))
        try:
            async with asyncio.timeout(limits.seconds) as deadline:
                self._deadlines.add(deadline)
                try:
                    await self._converse(recording, limits, watch)
                finally:
                    self._deadlines.discard(deadline)
        except Broken as broken:
            recording.failure, recording.heard = broken.failure, broken.heard
        except TimeoutError as error:  # of the whole conversation, or of the last address that was tried
            late = "not whole when the crawl was stopped" if self._hurried else f"not whole after {limits.seconds:g} s"
            recording.fail(TIMEOUT, str(error) or late)
        except OSError as error:
            recording.failure = failure_of(error, recording.phase)
        finally:
            self._let_go(recording)
        return recording.exchange()

    def hurry(self, seconds: float) -> None:
        """Let nothing that is under way take longer than this from now on; what came until then is the exchange."""
        self._hurried = True
        latest = asyncio.get_running_loop().time() + seconds
        for deadline in self._deadlines:
            if not deadline.expired() and (deadline.when() or latest) > latest:
                deadline.reschedule(latest)

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._pool.close()

    async def _converse(self, recording: "_Recording", limits: Limits, watch: Watch | None) -> None:
        route = recording.route
        connection = self._pool.take(route)
        if connection is None:
            if route.proxy is not None:
                check_literal(route.endpoint)
            addresses = await resolve(route.first, self._rules)
            recording.done(Phase.DNS)
            connection = await connect(route, addresses, self._trust, recording.done)
        recording.connection = connection
        recording.phase = Phase.SEND
        recording.sent = True
        await connection.write(recording.draft.request)
        recording.done(Phase.SEND)
        await _receive(recording, connection, limits, watch)

    def _let_go(self, recording: "_Recording") -> None:
        """Keep the connection for the next request when this one has left it clean, else close it."""
        connection = recording.connection
        if connection is None:
            return
        if recording.failure is None and recording.parser.keep_alive and connection.reusable:
            connection.used = True
            self._pool.give(recording.route, connection)
        else:
            connection.abort()


async def _receive(recording: "_Recording", connection: Connection, limits: Limits, watch: Watch | None) -> None:
    parser = recording.parser
    while parser.state != "done":
        data = await connection.read()
        if not data:
            parser.finish()
            break
        _feed(parser, data)
        if _enough(recording, data, limits, watch):
            return
    if parser.problem in _FAULTS:
        recording.fail(str(parser.problem), _FAULTS[parser.problem])
    else:
        recording.done(Phase.BODY)


def _feed(parser: ResponseParser, data: bytes) -> None:
    try:
        parser.feed(data)
    except OSError as error:
        raise DiskError(f"no room for a long body: {error}") from error


def _enough(recording: "_Recording", data: bytes, limits: Limits, watch: Watch | None) -> bool:
    """Whether to stop before the end: a limit is passed, or the watcher has seen enough."""
    parser, head = recording.parser, recording.parser.head
    if head is None:
        return False
    if recording.phase is Phase.HEAD:
        recording.done(Phase.HEAD)
        recording.seen = head.length
        if watch is not None and watch.head(head):
            recording.fail(STOPPED, "stopped by a receiver of headers_received")
            return True
    end = len(data) - len(parser.trailing)
    piece = data[end - (parser.response.length - recording.seen) : end]
    recording.seen = parser.response.length
    if piece and watch is not None and watch.body(piece):
        recording.fail(STOPPED, "stopped by a receiver of bytes_received")
    elif parser.state != "done" and recording.seen - head.length > limits.body:
        recording.fail(BODY_LIMIT, f"the body is longer than {limits.body} bytes")
    return recording.failure is not None


@dataclass(slots=True, kw_only=True)
class _Recording:
    """What is known of an exchange while it goes on."""

    draft: Exchange
    route: Route
    parser: ResponseParser
    begun: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    connection: Connection | None = None
    phase: Phase = Phase.DNS
    phases: dict[str, float] = field(default_factory=dict)
    sent: bool = False
    seen: int = 0  # bytes of the response that have been looked at
    failure: Failure | None = None
    heard: bytes = b""  # what a proxy said instead of opening a tunnel

    def done(self, phase: Phase) -> None:
        """A step is over: note when, and go on to the next."""
        elapsed = asyncio.get_running_loop().time() - self.begun
        self.phases[_NAMES.get(phase, str(phase))] = round(elapsed * 1000, 3)
        self.phase = _NEXT.get(phase, phase)

    def fail(self, kind: str, message: str) -> None:
        """The conversation ends in the present phase."""
        self.failure = Failure(phase=self.phase, kind=kind, message=message)

    def exchange(self) -> Exchange:
        """The draft with everything that happened."""
        if self.parser.state != "done":
            self.parser.finish()  # what stands in its buffer is part of the record
        request = self.draft.request if self.sent else b""
        return replace(self.draft, request=request, phases=self.phases, **self._peer(), **self._answered())

    def _answered(self) -> dict[str, Any]:
        """What came, and how it ended."""
        parser, failure = self.parser, self._settled()
        head, trailing = parser.head, self.heard or parser.trailing
        if head is not None and failure is not None and failure.kind == PROXY_AUTH:
            head, trailing = None, parser.response.read() + trailing
        common = {"interim": tuple(parser.interim), "trailing": trailing, "failure": failure}
        if head is None:
            return common
        return {
            **common,
            "response": parser.response,
            "head_length": head.length,
            "status": head.status,
            "chunked": parser.chunked,
            "payload_digest": parser.payload_digest,
            "payload_length": parser.payload_length,
            "truncated": truncation_of(failure) if failure else None,
        }

    def _peer(self) -> dict[str, Any]:
        """The facts of the connection."""
        connection = self.connection
        if connection is None:
            return {}
        version = self.parser.head.version if self.parser.head else None
        tls = connection.tls
        if tls is None:
            return {"ip": connection.ip, "protocols": (f"http/{version or '1.1'}",)}
        return {
            "ip": connection.ip,
            "protocols": (f"http/{version or '1.1'}", *((tls.protocol,) if tls.protocol else ())),
            "cipher": tls.cipher,
            "certificate": tls.certificate,
            "chain": tls.chain,
        }

    def _settled(self) -> Failure | None:
        """The failure, called stale when a kept connection was closed before a byte came back."""
        failure = self.failure if self.route.proxy is None else self._told_apart(self.route.proxy)
        silent = self.parser.head is None and not self.parser.interim and not self.parser.trailing
        reused = self.connection is not None and self.connection.used
        if failure is not None and reused and silent and failure.kind in (RESET, Problem.NO_ANSWER):
            return replace(failure, kind=STALE)
        return failure

    def _told_apart(self, proxy: Proxy) -> Failure | None:
        """The failure, of the proxy where it is the proxy's; 407 comes from nobody else (RFC 9110 §15.5.8)."""
        head, failure = self.parser.head, self.failure
        if self.route.forwarded and head is not None and head.status == AUTH_WANTED:
            return Failure(phase=Phase.CONNECT, kind=PROXY_AUTH, message=f"proxy {proxy.place}: answered with {AUTH_WANTED} {head.reason}")
        if failure is not None and failure.phase in (Phase.DNS, Phase.CONNECT):
            return replace(failure, message=f"proxy {proxy.place}: {failure.message}")
        return failure
