"""A text as Markdown stays a text, whatever a stranger wrote into it."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from support.smallarchive import document

from archive.kinds import BlockKind
from archive.pulltext import file_name, markdown, plain
from archive.records import Block, Capture, RecordRef

CAPTURE = Capture(
    id="urn:uuid:00000000-0000-4000-8000-0123456789ab",
    url="http://paper.example/a",
    surt="example,paper)/a",
    time=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
    kind="response",
    status=200,
    mime="text/html",
    ref=RecordRef(key="warc/a.warc.gz", offset=5, length=7),
    payload_digest="sha256:00",
    payload_length=3,
    block_digest="sha256:00",
)
HOSTILE = (
    "<script>alert(1)</script>",
    "# no heading",
    "- no list",
    "+ nor this",
    "1. nor this",
    "1) nor this",
    "> no quotation",
    "![no picture](http://evil.example/x.png)",
    "[no link](javascript:alert(1)) <http://evil.example/>",
    "`no code` *no* _emphasis_ **at all** ~~none~~",
    "===",
    "---",
    "***",
    "| no | table |",
    "&lt;b&gt; &#60;",
    "    no code either",
    "a\\*b",
)


def front(text: str) -> tuple[object, str]:
    """The front matter, read, and the rest."""
    _, matter, body = text.split("---\n", 2)
    return yaml.safe_load(matter), body


def test_nothing_of_a_text_becomes_markup(tmp_path: Path) -> None:
    """Another program that reads Markdown sees paragraphs with the very words, one heading, and the quotation that is one."""
    told = document(CAPTURE, "\n".join(HOSTILE), "A *title* <b>", None)
    blocks = (*(Block(text=line, start=0, end=0) for line in HOSTILE), Block(text="<q>", start=0, end=0, kind=BlockKind.QUOTE))
    (tmp_path / "a.md").write_text(front(markdown(CAPTURE, replace(told, blocks=blocks)))[1], encoding="utf-8")
    command = [sys.executable, "-m", "markdown_it.cli.parse", str(tmp_path / "a.md")]
    page = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    words = [re.sub(r"<[^>]*>", "", line) for line in page.splitlines() if line.startswith(("<p>", "<h1>"))]
    unescaped = [line.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&") for line in words]

    assert set(re.findall(r"<([a-z0-9]+)", page)) == {"h1", "p", "blockquote"}
    assert unescaped == ["A *title* <b>", *(" ".join(line.split()) for line in HOSTILE), "<q>"]


@given(st.text(), st.text())
@example("\u2028a\ufffe", "\ufeff\x85: #")
def test_the_head_is_read_as_it_was_meant(title: str, outlet: str) -> None:
    """Front matter is YAML: names and numbers come out as they went in, but for control characters."""
    text = markdown(CAPTURE, replace(document(CAPTURE, "x", title, outlet), published=None))
    matter, _ = front(text)
    unseen = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+")

    assert isinstance(matter, dict)
    assert (matter["title"], matter["outlet"]) == (unseen.sub(" ", title), unseen.sub(" ", outlet))
    assert (matter["offset"], matter["record"], matter["captured"]) == (5, CAPTURE.id, "2026-11-21T10:30:00Z")


def test_a_head_of_plain_text_has_one_line_a_name() -> None:
    """A headline with a line break cannot make a line of its own."""
    text = plain(CAPTURE, document(CAPTURE, "x", "One\nRecord: false", None))

    assert text.startswith("Title: One Record: false\nAuthors: A. Writer\n")
    assert text.count("\nRecord: ") == 1
    assert file_name(CAPTURE, ".md") == "paper.example-20261121T103000Z-0123456789ab.md"
