"""Answers as real servers give them, odd ones included: what is sent, and what must come of it.

The list follows the facts in the reference on capture (its 42-case server): header oddities, framings, codings, interim and trailing
bytes, and the ways in which a conversation breaks.
"""

import gzip
import zlib
from dataclasses import dataclass

from support.wireserver import CLOSE, RESET, Pause, Reply

from archive.records import Truncation

HTML = b"<html><title>T</title><body><p>Copy</p></body></html>"
ZIPPED = gzip.compress(HTML, mtime=0)
PLAIN = b"Content-Type: text/html; charset=utf-8\r\n"


def _ok(*lines: bytes, body: bytes = HTML, status: bytes = b"HTTP/1.1 200 OK") -> tuple[bytes]:
    return (b"\r\n".join([status, *lines]) + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body,)


def _chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + end


def _chunked(framed: bytes, *lines: bytes, coding: bytes = b"chunked") -> tuple[bytes]:
    return (b"\r\n".join([b"HTTP/1.1 200 OK", PLAIN.strip(), b"Transfer-Encoding: " + coding, *lines]) + b"\r\n\r\n" + framed,)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One answer; ``status`` is None where no head can be read."""

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


SHAPES = [
    Shape(name="plain", reply=_ok(PLAIN.strip())),
    Shape(name="odd-case", reply=_ok(b"cOnTeNt-TyPe: text/html", b'ETAG: W/"x"', b"www-Authenticate: Basic")),
    Shape(name="duplicates-apart", reply=_ok(b"Set-Cookie: a=1", b"Content-Type: text/html", b"Set-Cookie: b=2")),
    Shape(name="empty-value", reply=_ok(b"X-Empty:", b"Content-Type: text/html")),
    Shape(name="spaces-around", reply=_ok(b"X-Wide:   two  spaces   ", b"Content-Type:text/html")),
    Shape(name="line-without-colon", reply=_ok(b"this is no field", b"Content-Type: text/html")),
    Shape(name="folded-value", reply=_ok(b"X-Long: first\r\n  second\r\n\tthird", b"Content-Type: text/html")),
    Shape(name="latin-1-value", reply=_ok(b"X-Place: caf\xe9", b"Content-Type: text/html")),
    Shape(name="latin-1-reason", reply=_ok(b"Content-Type: text/html", status=b"HTTP/1.1 200 D\xe9j\xe0 vu")),
    Shape(name="no-reason", reply=_ok(b"Content-Type: text/html", status=b"HTTP/1.1 200")),
    Shape(name="bare-line-feeds", reply=(b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: %d\n\n" % len(HTML) + HTML,)),
    Shape(name="chunked", reply=_chunked(_chunks(HTML[:9], HTML[9:])), chunked=True),
    Shape(name="chunk-extension", reply=_chunked(b"5;a=b\r\n" + HTML[:5] + b"\r\n" + _chunks(HTML[5:])), chunked=True),
    Shape(name="trailers", reply=_chunked(_chunks(HTML, end=b"0\r\nX-Sum: 1\r\n\r\n"), b"Trailer: X-Sum"), chunked=True),
    Shape(name="chunked-capital", reply=_chunked(_chunks(HTML), coding=b"Chunked"), chunked=True),
    Shape(
        name="chunked-in-pieces",
        reply=(*_chunked(b""), b"3", b"5\r\n", Pause(0.01), HTML[:9], HTML[9:], b"\r", b"\n0\r\n", b"\r\n"),
        chunked=True,
    ),
    Shape(name="chunked-and-length", reply=_chunked(_chunks(HTML), b"Content-Length: 3"), chunked=True),
    Shape(name="gzip", reply=_ok(PLAIN.strip(), b"Content-Encoding: gzip", body=ZIPPED)),
    Shape(name="gzip-chunked", reply=_chunked(_chunks(ZIPPED[:20], ZIPPED[20:]), b"Content-Encoding: x-gzip"), chunked=True),
    Shape(name="deflate", reply=_ok(PLAIN.strip(), b"Content-Encoding: deflate", body=zlib.compress(HTML))),
    Shape(name="unknown-coding", reply=_ok(PLAIN.strip(), b"Content-Encoding: rot13")),
    Shape(name="length-twice", reply=_ok(b"Content-Length: %d" % len(HTML))),
    Shape(name="lengths-disagree", reply=(*_ok(b"Content-Length: 3"), CLOSE)),
    Shape(name="length-absurd", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n" + HTML, CLOSE)),
    Shape(
        name="bytes-after", reply=(_ok(PLAIN.strip())[0] + b"HTTP/1.1 200 OK\r\n\r\nsmuggled",), trailing=b"HTTP/1.1 200 OK\r\n\r\nsmuggled"
    ),
    Shape(name="http-1.0", reply=(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML, CLOSE)),
    Shape(name="until-close", reply=(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML, CLOSE)),
    Shape(name="continue-first", reply=(b"HTTP/1.1 100 Continue\r\n\r\n", *_ok(PLAIN.strip())), interim=b"HTTP/1.1 100 Continue\r\n\r\n"),
    Shape(
        name="early-hints",
        reply=(b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n", Pause(0.01), *_ok(PLAIN.strip())),
        interim=b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n",
    ),
    Shape(name="no-content", reply=(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",), status=204, body=b""),
    Shape(name="not-modified", reply=(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 9999\r\n\r\n',), status=304, body=b""),
    Shape(name="empty", reply=_ok(PLAIN.strip(), body=b""), body=b""),
    Shape(name="empty-but-gzip", reply=_ok(b"Content-Encoding: gzip", b"Location: /there", body=b"", status=b"HTTP/1.1 200 OK"), body=b""),
    Shape(name="head", reply=(_ok(PLAIN.strip())[0][: -len(HTML)],), method="HEAD", body=b""),
    Shape(name="post", reply=_ok(PLAIN.strip()), method="POST"),
    Shape(name="gone", reply=_ok(PLAIN.strip(), status=b"HTTP/1.1 410 Gone"), status=410),
    Shape(name="unknown-status", reply=_ok(PLAIN.strip(), status=b"HTTP/1.1 299 Whatever"), status=299),
    Shape(name="slow-body", reply=(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(HTML), HTML[:20], Pause(0.05), HTML[20:])),
    Shape(
        name="short-body",
        reply=(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + HTML, CLOSE),
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
        name="half-a-head",
        reply=(b"HTTP/1.1 200 OK\r\nContent-", CLOSE),
        status=None,
        failure="partial_head",
        trailing=b"HTTP/1.1 200 OK\r\nContent-",
    ),
    Shape(name="no-http", reply=(b"SSH-2.0-OpenSSH_9.9\r\n", CLOSE), status=None, failure="bad_head", trailing=b"SSH-2.0-OpenSSH_9.9\r\n"),
]
