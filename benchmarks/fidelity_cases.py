"""What is asked of every tool: the shapes of the tests, and what takes more than one request or another way to the server.

Contract: ``serving(authority)`` starts a server for each case, so that no mistake in one falls on the next: a recording proxy may refuse
a host for a minute after one broken page, or take late bytes for the next answer (capture.md §2).  Servers close what is idle for a
second, as real ones do after a while: who waits for more than there is gets an end to it.  ``Served.verdicts`` holds a tool's
records against the server's log; they are found by the case's name, which is the first step of every path.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from support.certificates import Authority
from support.shapes import SHAPES
from support.wireproxy import WireProxy
from support.wireserver import CLOSE, Reply, WireServer, page

HOST = "localhost"
IDLE = 1.0
BEHIND_PROXY = "paper.example"  # looked up by the proxy, which our crawler asks for no address of this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table."""

    name: str
    replies: Sequence[Reply | list[Reply]]  # by number of the path
    paths: Sequence[int] = (0,)
    method: str = "GET"
    headers: Mapping[str, str]
    body: bytes | None = None
    message: Callable[[bytes], bytes] = lambda wire: wire  # of what the server sent, the final message
    tls: bool = False
    proxy: bool = False


class Record(NamedTuple):
    """A block that a tool has kept: ``request`` or ``response``."""

    kind: str
    url: str
    block: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one case with one tool: how many blocks there should be, are there, and are right."""

    wanted: int
    found: int
    exact: int

    @property
    def word(self) -> str:
        """As the table has it."""
        if not self.wanted:
            return "·"
        if self.exact == self.wanted == self.found:
            return "exact"
        if self.wanted > self.exact > 0:
            return f"{self.exact} of {self.wanted}"
        return "altered" if self.found else "none"


@dataclass(frozen=True, slots=True)
class Stand:
    """A case with its server."""

    case: Case
    server: WireServer
    proxy: WireProxy | None

    @property
    def asks(self) -> list[dict[str, Any]]:
        """What the tools are told, as JSON."""
        case = self.case
        return [
            {
                "case": case.name,
                "url": f"http{'s' * case.tls}://{BEHIND_PROXY if case.proxy else HOST}:{self.server.port}/{case.name}/{number}",
                "method": case.method,
                "headers": dict(case.headers),
                "body": case.body.decode() if case.body else None,
                "proxy": f"{HOST}:{self.proxy.port}" if self.proxy else None,
            }
            for number in case.paths
        ]

    def verdicts(self, records: Iterable[Record]) -> tuple[Verdict, Verdict] | None:
        """Of response and request; None when the tool asked for nothing of this."""
        served = [item for item in self.server.log if f"/{self.case.name}/" in item.path]
        if not served:
            return None
        mine = [record for record in records if f"/{self.case.name}/" in record.url]
        messages = [message for item in served if (message := self.case.message(bytes(item.response)))]
        return _held(messages, mine, "response"), _held([item.request for item in served], mine, "request")


def _held(wanted: Sequence[bytes], records: Iterable[Record], kind: str) -> Verdict:
    found = Counter(record.block for record in records if record.kind == kind)
    return Verdict(len(wanted), found.total(), (found & Counter(wanted)).total())


def cases() -> list[Case]:
    """Every case, in the order of the table."""
    shapes = [
        Case(
            name=shape.name,
            replies=[shape.reply],
            method=shape.method,
            headers=shape.headers,
            body=shape.sent,
            message=shape.message,
        )
        for shape in SHAPES
    ]
    chunked: Reply = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\none\r\n0\r\n\r\n",)
    kept = [page(b"first"), chunked, (b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",), page(b"last")]
    return [
        *shapes,
        Case(name="kept-connection", replies=kept, paths=range(4), headers={}),
        Case(name="closed-meanwhile", replies=[page(b"first"), [(CLOSE,), page(b"second")]], paths=(0, 1), headers={}),
        Case(name="asked-again", replies=[[page(b"oops", status=b"500 Oops"), page(b"at last")]], paths=(0, 0), headers={}),
        Case(name="through-tls", replies=[page(b"secret")], headers={}, tls=True),
        Case(name="through-proxy", replies=[chunked], headers={}, proxy=True),
        Case(name="through-tunnel", replies=[page(b"secret")], headers={}, tls=True, proxy=True),
    ]


@asynccontextmanager
async def serving(authority: Authority) -> AsyncIterator[list[Stand]]:
    """A server for each case, and a proxy where it has one."""
    tls = authority.server_context(HOST, BEHIND_PROXY)
    async with AsyncExitStack() as stack:
        stands = []
        for case in cases():
            replies = {f"/{case.name}/{number}": reply for number, reply in enumerate(case.replies)}
            server = await stack.enter_async_context(WireServer(replies, tls=tls if case.tls else None, idle=IDLE))
            proxy = await stack.enter_async_context(WireProxy(server.port)) if case.proxy else None
            stands.append(Stand(case, server, proxy))
        yield stands
