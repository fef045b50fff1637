"""The index beside a WARC: as other tools write it, and enough to rebuild every capture."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exchanges import STARTED, URL, exchange, page

from archive import cdxj, layout
from archive.kinds import Found, Truncation
from archive.records import Capture, RecordRef
from archive.warcwrite import WarcFile

NAME = "copytrail-20261121103000123-0001-host.warc.gz"
CAPTURE = Capture(
    id="urn:uuid:2",
    url=URL,
    surt="example,news)/flood?page=1",
    time=STARTED,
    kind="response",
    status=200,
    mime="text/html",
    ref=RecordRef(key=layout.warc_key(NAME), offset=1234, length=567),
    payload_digest="sha256:ab",
    payload_length=21,
    block_digest="sha256:cd",
)
times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
texts = st.text(st.characters(codec="utf-8"), max_size=20)
maybe = st.none() | texts
captures = st.builds(
    Capture,
    id=texts,
    url=texts,
    surt=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
    time=times,
    kind=st.sampled_from(["response", "revisit"]),
    status=st.integers(100, 599),
    mime=maybe,
    ref=st.builds(RecordRef, key=texts, offset=st.integers(0, 2**40), length=st.integers(0, 2**40)),
    payload_digest=maybe,
    payload_length=st.none() | st.integers(0, 2**40),
    block_digest=texts,
    found=st.none() | st.sampled_from(Found),
    via=maybe,
    hop=st.integers(0, 9),
    **dict.fromkeys(("refers_to", "refers_to_url", "profile", "etag", "last_modified", "location", "ip", "robots"), maybe),
    refers_to_time=st.none() | times,
    truncated=st.none() | st.sampled_from(Truncation),
)


def test_a_line_is_what_the_format_asks_for() -> None:
    """Key, fourteen digits of UTC, and JSON with numbers as strings; the whole capture stands beside."""
    surt, time, text = cdxj.line(replace(CAPTURE, time=STARTED.astimezone(timezone(timedelta(hours=-5))))).split(" ", 2)
    held = json.loads(text)

    assert (surt, time) == ("example,news)/flood?page=1", "20261121103000")
    assert held.pop("copytrail").keys() == {field.name for field in fields(Capture)}
    assert held == {
        "url": URL,
        "mime": "text/html",
        "status": "200",
        "digest": "sha256:ab",
        "length": "567",
        "offset": "1234",
        "filename": NAME,
    }


@given(captures)
def test_a_line_holds_the_whole_capture(capture: Capture) -> None:
    """Reading a line gives the capture that it was written from, and it stays one line of ASCII."""
    line = cdxj.line(capture)

    assert cdxj.parse(line) == capture
    assert line.isascii()
    assert len(line.splitlines()) == 1


@given(st.lists(captures, max_size=6))
def test_an_index_is_sorted_as_bytes(found: list[Capture]) -> None:
    """Any order in gives the one index out, sorted as LC_ALL=C sorts, so that it can be searched by halves."""
    index = cdxj.write(found)

    assert index == cdxj.write(reversed(found))
    assert index.splitlines() == sorted(index.splitlines())
    assert [cdxj.parse(line) for line in index.decode().splitlines()] == sorted(found, key=cdxj.line)


@pytest.mark.parametrize("line", ["", "a b", "a 20261121103000 {}", 'a 20261121103000 {"copytrail": {"id": 1}}', "a 20261121103000 []"])
def test_a_line_of_others_is_refused(line: str) -> None:
    """A line that does not hold a capture of ours is an error, never half a capture."""
    with pytest.raises(cdxj.BadLine):
        cdxj.parse(line)


def test_our_index_is_that_of_cdxj_indexer(tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """Over a file of pages, revisits, redirects and errors the public indexer finds the same rows; it knows no digest of chunks."""
    program = judge("cdxj-indexer")
    file = WarcFile.create(tmp_path, NAME, {}, STARTED)
    first = file.append(page(b"<p>The dam holds.</p>")).capture
    found = [first, file.append(page(b"<p>The dam holds.</p>", url="http://www.news.example:80/A?z&b=%41"), revisit_of=first).capture]
    for wire, url in (
        (b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\ngone", "https://news.example/old/"),
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno",
            "http://localhost:8000/x//y?b=2&a=1&sid=" + "0" * 32,
        ),
    ):
        found.append(file.append(exchange(wire, url=url)).capture)
    path = file.seal()

    result = subprocess.run([program, path], capture_output=True, text=True, check=True)

    rows = [line.split(" ", 2) for line in result.stdout.splitlines()]
    ours = [cdxj.line(capture).split(" ", 2) for capture in found if capture is not None]
    theirs = sorted((surt, time, json.loads(text)) for surt, time, text in rows)
    assert len(theirs) == 4
    for (surt, time, known), (our_surt, our_time, our_text) in zip(theirs, sorted(ours), strict=True):
        our_known = json.loads(our_text)
        assert (our_surt, our_time) == (surt, time)
        assert {name: our_known[name] for name in known} == known
