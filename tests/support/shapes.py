"""Answers as real servers give them, odd ones included: what is sent, and what must come of it.

Header oddities, framings, codings, interim and trailing bytes, and the ways in which a conversation breaks.  ``benchmarks`` serves the same
list to other programs; what takes more than one request stands in ``test_wire_sequences.py``.
"""

import gzip
import importlib
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from support.wireserver import CLOSE, RESET, Pause, Reply

from archive.kinds import Truncation

# Both come with Scrapy; zstd is Python's own from 3.14 on.
brotli = importlib.import_module("brotli")
zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

HTML = b"<html><title>T</title><body><p>Copy</p></body></html>"
ZIPPED = gzip.compress(HTML, mtime=0)
PLAIN = b"Content-Type: text/html; charset=utf-8\r\n"
LONG = HTML * 40_000  # more than a spool keeps in memory
INTERIM = (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n")
MOVED = (b"Set-Cookie: a=1; Path=/", b"location: /there", b"SET-COOKIE: b=2")


def _ok(*lines: bytes, body: bytes = HTML, status: bytes = b"HTTP/1.1 200 OK") -> tuple[bytes]:
    return (b"\r\n".join([status, *lines]) + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body,)


def _chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + end


def _chunked(framed: bytes, *lines: bytes, coding: bytes = b"chunked") -> tuple[bytes]:
    return (b"\r\n".join([b"HTTP/1.1 200 OK", PLAIN.strip(), b"Transfer-Encoding: " + coding, *lines]) + b"\r\n\r\n" + framed,)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One answer, and the request that gets it; ``status`` is None where no head can be read."""

    name: str
    reply: Reply
    method: str = "GET"
    status: int | None = 200
    body: bytes = HTML  # as the spider sees it
    interim: bytes = b""
    trailing: bytes = b""
    failure: str | None = None
    truncated: Truncation | None = None
    chunked: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)  # that the request carries beside the customary ones
    undecodable: bool = False  # Scrapy gives up on the body; the archive keeps it

    @property
    def sent(self) -> bytes | None:
        """The body of the request."""
        return b"a=1&b=2" if self.method == "POST" else None

    def message(self, wire: bytes | bytearray) -> bytes:
        """Of what a server sent, the bytes of the final message; none where no head can be read."""
        return bytes(wire)[len(self.interim) :].removesuffix(self.trailing) if self.status else b""


SHAPES = [
    Shape(name="plain", reply=_ok(PLAIN.strip())),
    Shape(name="odd-case", reply=_ok(b"cOnTeNt-TyPe: text/html", b'ETAG: W/"x"', b"www-Authenticate: Basic")),
    Shape(name="duplicates-apart", reply=_ok(b"Set-Cookie: a=1", b"Content-Type: text/html", b"Set-Cookie: b=2")),
    Shape(name="empty-value", reply=_ok(b"X-Empty:", b"Content-Type: text/html")),
    Shape(name="spaces-around", reply=_ok(b"X-Wide:   two  spaces   ", b"Content-Type:text/html")),
    Shape(name="space-before-colon", reply=_ok(b"X-Odd : 1", b"Content-Type: text/html")),
    Shape(name="control-characters", reply=_ok(b"X-Nul: a\0b", b"X-Return: a\rb", b"X-Bell: \a", b"Content-Type: text/html")),
    Shape(name="many-fields", reply=_ok(*(b"X-%d: %d" % (number, number) for number in range(150)), b"Content-Type: text/html")),
    Shape(name="long-value", reply=_ok(b"Content-Security-Policy: " + b"img-src https://a.example; " * 3000, b"Content-Type: text/html")),
    Shape(name="line-without-colon", reply=_ok(b"this is no field", b"Content-Type: text/html")),
    Shape(name="folded-value", reply=_ok(b"X-Long: first\r\n  second\r\n\tthird", b"Content-Type: text/html")),
    Shape(name="latin-1-value", reply=_ok(b"X-Place: caf\xe9", b"Content-Type: text/html")),
    Shape(name="latin-1-reason", reply=_ok(b"Content-Type: text/html", status=b"HTTP/1.1 200 D\xe9j\xe0 vu")),
    Shape(name="utf-8-reason", reply=_ok(b"Content-Type: text/html", status="HTTP/1.1 200 Schön".encode())),
    Shape(name="reason-of-a-space", reply=_ok(b"Content-Type: text/html", status=b"HTTP/1.1 200 ")),
    Shape(name="spaces-in-status-line", reply=_ok(b"Content-Type: text/html", status=b"HTTP/1.1  200  OK  then")),
    Shape(name="small-letters", reply=_ok(b"content-type: text/html", status=b"http/1.1 200 ok")),
    Shape(name="no-reason", reply=_ok(b"Content-Type: text/html", status=b"HTTP/1.1 200")),
    Shape(name="bare-line-feeds", reply=(b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: %d\n\n" % len(HTML) + HTML,)),
    Shape(
        name="head-in-pieces", reply=(*(_ok(PLAIN.strip())[0][at : at + 1] for at in range(20)), Pause(0.01), _ok(PLAIN.strip())[0][20:])
    ),
    Shape(name="no-fields", reply=(b"HTTP/1.1 200 OK\r\n\r\n" + HTML, CLOSE)),
    Shape(name="chunked", reply=_chunked(_chunks(HTML[:9], HTML[9:])), chunked=True),
    Shape(name="chunk-extension", reply=_chunked(b"5;a=b\r\n" + HTML[:5] + b"\r\n" + _chunks(HTML[5:])), chunked=True),
    Shape(name="trailers", reply=_chunked(_chunks(HTML, end=b"0\r\nX-Sum: 1\r\n\r\n"), b"Trailer: X-Sum"), chunked=True),
    Shape(name="chunked-capital", reply=_chunked(_chunks(HTML), coding=b"Chunked"), chunked=True),
    Shape(
        name="chunk-sizes",
        reply=_chunked(b"00009\r\n" + HTML[:9] + b"\r\n  1F  \r\n" + HTML[9:40] + b"\r\n" + _chunks(HTML[40:], end=b"000\r\n\r\n")),
        chunked=True,
    ),
    Shape(name="chunks-with-line-feeds", reply=_chunked(_chunks(HTML).replace(b"\r\n", b"\n")), chunked=True),
    Shape(name="chunked-empty", reply=_chunked(b"0\r\n\r\n"), body=b"", chunked=True),
    Shape(name="chunked-1.0", reply=(_chunked(_chunks(HTML))[0].replace(b"HTTP/1.1", b"HTTP/1.0"), CLOSE), chunked=True),
    Shape(name="chunked-gzip", reply=_chunked(_chunks(ZIPPED), coding=b"gzip, chunked"), body=ZIPPED, chunked=True),
    Shape(name="chunked-inside", reply=(*_chunked(_chunks(HTML), coding=b"chunked, gzip"), CLOSE), body=_chunks(HTML)),
    Shape(
        name="chunked-in-pieces",
        reply=(*_chunked(b""), b"3", b"5\r\n", Pause(0.01), HTML[:9], HTML[9:], b"\r", b"\n0\r\n", b"\r\n"),
        chunked=True,
    ),
    Shape(name="chunked-and-length", reply=_chunked(_chunks(HTML), b"Content-Length: 3"), chunked=True),
    Shape(name="gzip", reply=_ok(PLAIN.strip(), b"Content-Encoding: gzip", body=ZIPPED)),
    Shape(name="gzip-chunked", reply=_chunked(_chunks(ZIPPED[:20], ZIPPED[20:]), b"Content-Encoding: x-gzip"), chunked=True),
    Shape(name="deflate", reply=_ok(PLAIN.strip(), b"Content-Encoding: deflate", body=zlib.compress(HTML))),
    Shape(name="br", reply=_ok(PLAIN.strip(), b"Content-Encoding: br", body=brotli.compress(HTML))),
    Shape(name="zstd", reply=_ok(PLAIN.strip(), b"Content-Encoding: zstd", body=zstd.compress(HTML))),
    Shape(name="gzip-and-br", reply=_ok(PLAIN.strip(), b"Content-Encoding: gzip, br", body=brotli.compress(ZIPPED))),
    Shape(name="gzip-bad", reply=_ok(PLAIN.strip(), b"Content-Encoding: gzip", body=b"\x1f\x8b\x08 not gzip"), undecodable=True),
    Shape(name="gzip-claimed", reply=_ok(PLAIN.strip(), b"Content-Encoding: gzip"), undecodable=True),
    Shape(name="gzip-cut", reply=_ok(PLAIN.strip(), b"Content-Encoding: gzip", body=ZIPPED[:-9])),
    Shape(name="unknown-coding", reply=_ok(PLAIN.strip(), b"Content-Encoding: rot13")),
    Shape(name="length-twice", reply=_ok(b"Content-Length: %d" % len(HTML))),
    Shape(name="length-in-a-list", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: %d, %d\r\n\r\n" % (len(HTML), len(HTML)) + HTML,)),
    Shape(name="length-signed", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: +%d\r\n\r\n" % len(HTML) + HTML, CLOSE)),
    Shape(name="lengths-disagree", reply=(*_ok(b"Content-Length: 3"), CLOSE)),
    Shape(name="length-absurd", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n" + HTML, CLOSE)),
    Shape(
        name="bytes-after", reply=(_ok(PLAIN.strip())[0] + b"HTTP/1.1 200 OK\r\n\r\nsmuggled",), trailing=b"HTTP/1.1 200 OK\r\n\r\nsmuggled"
    ),
    Shape(name="bytes-after-chunks", reply=(*_chunked(_chunks(HTML) + b"\r\nmore"),), trailing=b"\r\nmore", chunked=True),
    Shape(name="empty-line-first", reply=(b"\r\n" + _ok(PLAIN.strip())[0],), interim=b"\r\n"),
    Shape(name="http-1.0", reply=(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML, CLOSE)),
    Shape(name="http-1.0-kept", reply=_ok(b"Connection: keep-alive", b"Content-Type: text/html", status=b"HTTP/1.0 200 OK")),
    Shape(name="until-close", reply=(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML, CLOSE)),
    Shape(name="continue-first", reply=(b"HTTP/1.1 100 Continue\r\n\r\n", *_ok(PLAIN.strip())), interim=b"HTTP/1.1 100 Continue\r\n\r\n"),
    Shape(
        name="early-hints",
        reply=(b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n", Pause(0.01), *_ok(PLAIN.strip())),
        interim=b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n",
    ),
    Shape(name="several-interim", reply=(*INTERIM, *_ok(PLAIN.strip())), interim=b"".join(INTERIM)),
    Shape(
        name="expect-continue",
        reply=(INTERIM[0], *_ok(PLAIN.strip())),
        interim=INTERIM[0],
        method="POST",
        headers={"Expect": "100-continue"},
    ),
    Shape(name="interim-then-close", reply=(INTERIM[0], CLOSE), status=None, failure="no_answer", interim=INTERIM[0]),
    Shape(name="no-content", reply=(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",), status=204, body=b""),
    Shape(
        name="no-content-with-body",
        reply=(b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody",),
        status=204,
        body=b"",
        trailing=b"body",
    ),
    Shape(name="reset-content", reply=_ok(PLAIN.strip(), body=b"", status=b"HTTP/1.1 205 Reset Content"), status=205, body=b""),
    Shape(name="part", reply=_ok(b"Content-Range: bytes 0-52/99", status=b"HTTP/1.1 206 Partial Content"), status=206),
    Shape(name="redirect-with-cookies", reply=_ok(*MOVED, status=b"HTTP/1.1 302 Found"), status=302),
    Shape(name="redirect-to-latin-1", reply=_ok(b"Location: /caf\xe9", status=b"HTTP/1.1 301 Moved Permanently"), status=301),
    Shape(name="not-modified", reply=(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 9999\r\n\r\n',), status=304, body=b""),
    Shape(
        name="not-modified-chunked",
        reply=(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nTransfer-Encoding: chunked\r\n\r\n',),
        status=304,
        body=b"",
    ),
    Shape(name="empty", reply=_ok(PLAIN.strip(), body=b""), body=b""),
    Shape(name="empty-but-gzip", reply=_ok(b"Content-Encoding: gzip", b"Location: /there", body=b"", status=b"HTTP/1.1 200 OK"), body=b""),
    Shape(name="head", reply=(_ok(PLAIN.strip())[0][: -len(HTML)],), method="HEAD", body=b""),
    Shape(name="head-chunked", reply=_chunked(b""), method="HEAD", body=b""),
    Shape(name="post", reply=_ok(PLAIN.strip()), method="POST"),
    Shape(name="gone", reply=_ok(PLAIN.strip(), status=b"HTTP/1.1 410 Gone"), status=410),
    Shape(name="unauthorised", reply=_ok(b"WWW-Authenticate: Basic", b"WWW-Authenticate: Bearer", status=b"HTTP/1.1 401 No"), status=401),
    Shape(name="too-many", reply=_ok(b"Retry-After: 0", status=b"HTTP/1.1 429 Too Many Requests"), status=429),
    Shape(name="not-now", reply=_ok(b"Retry-After: 0", status=b"HTTP/1.1 503 Service Unavailable"), status=503),
    Shape(name="broken", reply=_ok(PLAIN.strip(), status=b"HTTP/1.1 500 Oops"), status=500),
    Shape(name="unknown-status", reply=_ok(PLAIN.strip(), status=b"HTTP/1.1 299 Whatever"), status=299),
    Shape(name="slow-body", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(HTML), HTML[:20], Pause(0.05), HTML[20:])),
    Shape(name="long-body", reply=_ok(PLAIN.strip(), body=LONG), body=LONG),
    Shape(name="long-chunks", reply=_chunked(_chunks(*[LONG[:7000]] * 300)), body=LONG[:7000] * 300, chunked=True),
    Shape(
        name="short-body",
        reply=(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + HTML, CLOSE),
        failure="short_body",
        truncated=Truncation.DISCONNECT,
    ),
    Shape(
        name="short-gzip",
        reply=(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 999\r\n\r\n" + ZIPPED[:-9], CLOSE),
        failure="short_body",
        truncated=Truncation.DISCONNECT,
    ),
    Shape(
        name="length-huge",
        reply=(b"HTTP/1.1 200 OK\r\nContent-Length: 1600000000\r\n\r\n" + HTML, CLOSE),
        failure="short_body",
        truncated=Truncation.DISCONNECT,
    ),
    Shape(
        name="cut-chunk",
        reply=(*_chunked(_chunks(HTML, end=b"ff\r\nonly this")), CLOSE),
        body=HTML + b"only this",
        failure="short_body",
        truncated=Truncation.DISCONNECT,
        chunked=True,
    ),
    Shape(
        name="bad-chunk",
        reply=_chunked(_chunks(HTML, end=b"no size\r\n")),
        failure="bad_chunk",
        truncated=Truncation.UNSPECIFIED,
        chunked=True,
    ),
    Shape(
        name="reset-in-body",
        reply=(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + HTML, Pause(0.1), RESET),
        failure="reset",
        truncated=Truncation.DISCONNECT,
    ),
    Shape(name="no-answer", reply=(CLOSE,), status=None, failure="no_answer"),
    Shape(name="reset-at-once", reply=(RESET,), status=None, failure="reset"),
    Shape(
        name="reset-in-head",
        reply=(b"HTTP/1.1 200 OK\r\nContent-", Pause(0.1), RESET),
        status=None,
        failure="reset",
        trailing=b"HTTP/1.1 200 OK\r\nContent-",
    ),
    Shape(
        name="half-a-head",
        reply=(b"HTTP/1.1 200 OK\r\nContent-", CLOSE),
        status=None,
        failure="partial_head",
        trailing=b"HTTP/1.1 200 OK\r\nContent-",
    ),
    Shape(name="no-http", reply=(b"SSH-2.0-OpenSSH_9.9\r\n", CLOSE), status=None, failure="bad_head", trailing=b"SSH-2.0-OpenSSH_9.9\r\n"),
]
