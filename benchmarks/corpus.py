"""A sealed WARC of invented pages, as a crawl would have written it, for the benchmarks that need a large one.

Contract: ``sealed_warc(folder, size)`` writes pages, of ``benchmarks.pageserver`` where no others are given, until the file has ``size``
bytes, four of five gzipped as servers send them, and gives its path; ``more`` are lines for the heads of the answers.  Some records are
revisits, as in any archive.  The same sizes give the same pages.
"""

import gzip
import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from archive.kinds import Found
from archive.records import Capture, Exchange
from archive.spool import Spool
from archive.warcwrite import WarcFile
from benchmarks.pageserver import html

BEGUN = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
DIFFERENT = 400  # pages; their addresses go on, and a number is put into each, so that no two are equal


def exchange(number: int, pages: list[bytes], more: bytes = b"") -> Exchange:
    """Page ``number``, fetched."""
    text = pages[number % len(pages)].replace(b"<h1>", b"<h1>%d " % number, 1)
    packed = number % 5 > 0
    body = gzip.compress(text, 1, mtime=0) if packed else text
    coding = b"Content-Encoding: gzip\r\n" if packed else b""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n%b%bContent-Length: %d\r\n\r\n" % (more, coding, len(body))
    host, path = f"paper{number % 32}.example", f"/news/{number}.html"
    return Exchange(
        url=f"http://{host}{path}",
        started=BEGUN + timedelta(seconds=number),
        request=f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: copytrail/1\r\nAccept-Encoding: gzip\r\n\r\n".encode(),
        response=Spool(head + body),
        head_length=len(head),
        status=200,
        payload_digest=f"sha256:{hashlib.sha256(body).hexdigest()}",
        payload_length=len(body),
        ip="192.0.2.7",
        protocols=("http/1.1",),
        phases={"sent": 0.2, "head": 31.5, "body": 40.25},
        found=Found.LINK,
    )


def sealed_warc(folder: Path, size: int, pages: list[bytes] | None = None, more: bytes = b"") -> Path:
    """Write the file."""
    pages = pages or [html(number) for number in range(DIFFERENT)]
    warc = WarcFile.create(folder, "copytrail-20261121103000000-0001-benchmark.warc.gz", {"operator": "desk@news.example"}, BEGUN)
    original: Capture | None = None
    for number in count():
        if warc.size >= size:
            return warc.seal()
        again = number % 50 == 49
        found = exchange(number - 1 if again else number, pages, more)
        original = warc.append(found, revisit_of=original if again else None).capture
    raise AssertionError("numbers do not end")
