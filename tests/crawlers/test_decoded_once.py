"""A body under a content coding is decoded once, for the spider and for the record."""

import gzip
import hashlib
import zlib
from dataclasses import replace

import brotli
import pytest
from support.exchanges import exchange, page
from support.shapes import HTML

from archive.heads import parse_head
from archive.kinds import Truncation
from archive.records import Exchange
from archive.warcdraft import event
from archive.warcfields import Fields
from crawlers.messages import body_of, with_decoded

GZIP = gzip.compress(HTML, mtime=0)
WHOLE = (f"sha256:{hashlib.sha256(HTML).hexdigest()}", str(len(HTML)))
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(GZIP), GZIP)


def coded(body: bytes, coding: bytes) -> Exchange:
    return page(body, b"Content-Encoding: %b" % coding)


def told(held: Exchange) -> Fields:
    """What the metadata record would say."""
    assert held.response is not None
    head = parse_head(held.response.read())
    return event(held, head, warcinfo="urn:uuid:0", original=None, certificate=False, new_id=lambda: "urn:uuid:1").told


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (coded(GZIP, b"gzip"), WHOLE),
        (coded(GZIP + gzip.compress(b"", mtime=0), b"x-gzip"), WHOLE),
        (coded(zlib.compress(HTML), b"deflate"), WHOLE),
        (coded(brotli.compress(GZIP), b"gzip, br"), WHOLE),
        (exchange(CHUNKED), WHOLE),
        (coded(HTML, b"identity"), WHOLE),
        (page(HTML), None),
        (page(HTML, b"Access-Control-Expose-Headers: Content-Encoding"), None),
        (coded(b"", b"gzip"), None),
        (coded(GZIP[:-9], b"gzip"), None),
        (coded(b"no gzip", b"gzip"), None),
        (coded(b"xyz", b"rot13"), None),
        (replace(coded(GZIP, b"gzip"), truncated=Truncation.DISCONNECT), None),
    ],
)
def test_handler_and_writer_find_the_same(held: Exchange, wanted: tuple[str, str] | None) -> None:
    """The metadata record says the same, whether the body was decoded for the spider before or not."""
    fields = dict(told(held))
    found = fields.get("copytrail-decoded-digest"), fields.get("copytrail-decoded-length")

    assert found == (wanted or (None, None))
    assert told(with_decoded(held, body_of(held))) == told(held)


def test_what_the_spider_is_not_handed_whole_is_left_to_the_writer() -> None:
    """A limit on what is handed on is no limit on what the record says."""
    held = coded(GZIP, b"gzip")

    assert with_decoded(held, body_of(held, len(HTML) - 1)) is held
    assert with_decoded(held, body_of(held, undo=False)) is held


def test_the_writer_believes_what_it_is_told() -> None:
    """So that nothing is decoded a second time."""
    held = replace(coded(GZIP, b"gzip"), decoded_digest="sha256:told", decoded_length=7)

    assert dict(told(held))["copytrail-decoded-digest"] == "sha256:told"
