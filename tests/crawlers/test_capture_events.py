"""What the archive holds of one fetch: the records of an answer, of a failure in every phase, and of a bomb."""

import asyncio
import gzip
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from support.certificates import Authority
from support.crawling import CONTACT, crawl, now, session_for
from support.shapes import brotli, zstd
from support.wireproxy import WANTED, WireProxy
from support.wireserver import CLOSE, Pause, Reply, WireServer, page

from archive.kinds import Phase
from archive.records import Page
from archive.settings import Settings
from archive.vault import open_archive
from archive.warcfields import read
from archive.warcstream import records
from crawlers.sink import open_sink

HTTP, HTTPS = "http://paper.example/a", "https://paper.example/a"
PROXY = "http://proxy.example:3128"
RESET_WHILE_READING = "reset"


@dataclass(frozen=True)
class Kept:
    """One record: its header fields, which may repeat, and its block."""

    type: str
    fields: Mapping[str, list[str]]
    block: bytes

    @property
    def said(self) -> dict[str, str]:
        """The fields of a metadata block."""
        return dict(read(self.block))

    def one(self, name: str) -> str | None:
        (value,) = self.fields.get(name, [None])
        return value


def kept_records(store: Path) -> list[Kept]:
    found = []
    for path in sorted(store.glob("warc/**/*.warc.gz")):
        with path.open("rb") as stream:
            for record in records(stream):
                fields: dict[str, list[str]] = {}
                for name, value in record.fields:
                    fields.setdefault(name, []).append(value)
                found.append(Kept(record.type, fields, record.block.read()))
    return found


async def keep(store: Path, *wanted: Request, connect_to: str, ca_file: Path | None = None, **settings: Any) -> list[Kept]:
    """Fetch into the archive in ``store``; its records."""
    sink = open_sink(Settings(store=str(store), contact=CONTACT), clock=now)
    try:
        await crawl(session_for(connect_to=connect_to, ca_file=ca_file, sink=sink, **settings), *wanted)
    finally:
        await sink.close()
    return kept_records(store)


@pytest.mark.parametrize(("url", "protocols"), [(HTTP, ["http/1.1"]), (HTTPS, ["http/1.1", "tls/1.3"])], ids=["http", "https"])
async def test_the_records_of_a_fetch_belong_together(url: str, protocols: list[str], authority: Authority, tmp_path: Path) -> None:
    """Response, request and metadata have one date and one URL and name each other; each says what is known of the connection."""
    tls = authority.server_context("paper.example") if url == HTTPS else None
    async with WireServer({"/a": page()}, tls=tls) as server:
        found = await keep(tmp_path, Request(url), connect_to=server.connect_to, ca_file=authority.ca_file)

    event = [record for record in found if record.one("WARC-Target-URI") == url]
    ids = {str(record.one("WARC-Record-ID")) for record in event}
    assert [record.type for record in event] == ["response", "request", "metadata"]
    assert len(ids) == 3
    assert len({record.one("WARC-Date") for record in event}) == 1
    for record in event:
        assert {*record.fields["WARC-Concurrent-To"], str(record.one("WARC-Record-ID"))} == ids
        assert record.one("WARC-Warcinfo-ID") == found[0].one("WARC-Record-ID")
    for record in event[:2]:
        assert record.one("WARC-IP-Address") == "127.0.0.1"
        assert record.fields["WARC-Protocol"] == protocols
        assert str(record.one("WARC-Cipher-Suite")).startswith("TLS_" if tls else "None")
    assert set(event[2].said) >= {"fetchTimeMs", "copytrail-phases", "copytrail-payload-digest", "copytrail-robots-record"}


async def _cut_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that answers robots.txt, and resets every other connection as soon as it has read a head."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b"/robots.txt" in head:
        writer.write(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
    else:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def reset_while_reading() -> AsyncIterator[str]:
    server = await asyncio.start_server(_cut_off, "127.0.0.1", 0)
    async with server:
        yield f"*:*=127.0.0.1:{server.sockets[0].getsockname()[1]}"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A way to fail: what is asked for, what answers, and what must be written down."""

    phase: str
    kind: str
    url: str = HTTP
    rule: str | None = None  # COPYTRAIL_CONNECT_TO in place of the server
    reply: Reply = field(default_factory=page)
    certified: str = ""  # the name for which a server has a certificate
    proxy: bytes | None = None  # what a proxy says instead of opening a tunnel
    body: bytes = b""
    asked: bool = True  # whether a request went out
    answered: bool = False  # whether a head came


TROUBLES = {
    "dns": Trouble(phase="dns", kind="not_found", rule="*:*=nowhere.invalid:80", asked=False),
    "policy": Trouble(phase="policy", kind="private_address", url="http://127.0.0.1:9/a", rule="", asked=False),
    "connect": Trouble(phase="connect", kind="refused", rule="*:*=127.0.0.1:1", asked=False),
    "certificate": Trouble(phase="tls", kind="certificate", url=HTTPS, certified="other.example", asked=False),
    "no tls": Trouble(phase="tls", kind="timeout", url=HTTPS, asked=False),
    "send": Trouble(phase="send", kind="reset", body=bytes(32_000_000), rule=RESET_WHILE_READING),
    "no answer": Trouble(phase="head", kind="stale_connection", reply=(CLOSE,)),
    "bad head": Trouble(phase="head", kind="bad_head", reply=(b"hello\r\n\r\n", CLOSE)),
    "silence": Trouble(phase="head", kind="timeout", reply=(Pause(9),)),
    "short body": Trouble(phase="body", kind="short_body", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", CLOSE), answered=True),
    "slow body": Trouble(phase="body", kind="timeout", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", Pause(9)), answered=True),
    "proxy": Trouble(
        phase="connect", kind="proxy_refused", url=HTTPS, proxy=b"HTTP/1.1 502 Bad\r\n\r\n", certified="paper.example", asked=False
    ),
    "proxy wants a password": Trouble(phase="connect", kind="proxy_auth", proxy=WANTED),
}


@asynccontextmanager
async def in_trouble(trouble: Trouble, authority: Authority) -> AsyncIterator[str]:
    """The servers of a case; what COPYTRAIL_CONNECT_TO must say to meet them."""
    async with AsyncExitStack() as stack:
        tls = authority.server_context(trouble.certified) if trouble.certified else None
        server = await stack.enter_async_context(WireServer({"/a": trouble.reply}, tls=tls))
        rule = server.connect_to if trouble.rule is None else trouble.rule
        if rule == RESET_WHILE_READING:
            rule = await stack.enter_async_context(reset_while_reading())
        if trouble.proxy is not None:
            proxy = await stack.enter_async_context(WireProxy(server.port, refusal=trouble.proxy))
            rule = f"proxy.example:3128=127.0.0.1:{proxy.port},{rule}"
        yield rule


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_every_failed_fetch_is_written_down(trouble: Trouble, authority: Authority, tmp_path: Path) -> None:
    """A metadata record names phase, kind and reason; the request stands beside it when one went out, the response when a head came."""
    meta = {"proxy": PROXY} if trouble.proxy is not None else {}
    wanted = Request(trouble.url, method="POST" if trouble.body else "GET", body=trouble.body, meta=meta)
    async with in_trouble(trouble, authority) as rule:
        found = await keep(tmp_path, wanted, connect_to=rule, ca_file=authority.ca_file, timeout=0.8)

    failures = [record for record in found if record.type == "metadata" and "copytrail-failure-phase" in record.said]
    said = failures[0].said
    types = [record.type for record in found if record.one("WARC-Date") == failures[0].one("WARC-Date")]
    assert (said["copytrail-failure-phase"], said["copytrail-failure-kind"]) == (trouble.phase, trouble.kind)
    assert said["copytrail-failure-message"]
    assert said.get("copytrail-proxy") == ("proxy.example:3128" if trouble.proxy is not None else None)
    assert types == ["response"] * trouble.answered + ["request"] * trouble.asked + ["metadata"]


def test_every_phase_has_its_trouble() -> None:
    """The table has a case for each step in which a fetch can fail."""
    assert {trouble.phase for trouble in TROUBLES.values()} == {str(phase) for phase in Phase}


ZEROS = bytes(20_000_000)
BOMBS = {
    "gzip": gzip.compress(ZEROS),
    "gzip, gzip": gzip.compress(gzip.compress(ZEROS)),
    "br": brotli.compress(ZEROS, quality=5),
    "zstd": zstd.compress(ZEROS),
}


@pytest.mark.parametrize(("coding", "packed"), BOMBS.items(), ids=BOMBS)
async def test_a_bomb_is_kept_whole_and_read_in_part(coding: str, packed: bytes, tmp_path: Path) -> None:
    """What came over the wire is under the limit and is kept to the last byte; undoing its coding ends at the limit and says so."""
    limit = 1_000_000
    assert len(ZEROS) // len(packed) >= 900
    async with WireServer({"/a": page(packed, f"Content-Encoding: {coding}\r\n".encode())}) as server:
        found = await keep(tmp_path, Request(HTTP), connect_to=server.connect_to, body_limit=limit)

    response = next(record for record in found if record.type == "response" and record.one("WARC-Target-URI") == HTTP)
    assert response.block == bytes(server.served("/a")[0].response)
    assert response.one("WARC-Truncated") is None
    assert read_back(tmp_path, limit).problem == f"longer than {limit} bytes"
    assert read_back(tmp_path, limit).body == ZEROS[:limit]


async def test_a_bomb_over_the_wires_limit_is_cut_there(tmp_path: Path) -> None:
    """Its record is marked as cut, and so is what can be read of it."""
    limit = 10_000
    (whole,) = page(BOMBS["gzip"], b"Content-Encoding: gzip\r\n")
    async with WireServer({"/a": (whole[:15_000], Pause(0.1), whole[15_000:])}) as server:
        found = await keep(tmp_path, Request(HTTP), connect_to=server.connect_to, body_limit=limit)

    response = next(record for record in found if record.type == "response" and record.one("WARC-Target-URI") == HTTP)
    assert response.one("WARC-Truncated") == "length"
    assert bytes(server.served("/a")[0].response).startswith(response.block)
    assert read_back(tmp_path, limit).problem == f"longer than {limit} bytes"


def read_back(store: Path, limit: int) -> Page:
    with open_archive(Settings(store=str(store), contact=CONTACT, body_limit=limit)) as archive:
        (capture,) = archive.catalogue.captures_of(HTTP)
        return archive.page(capture)
