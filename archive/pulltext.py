"""A pull as text to read, plain or as Markdown: one piece for each version of an article, under what is needed to cite it.

Contract: pure.  ``plain`` gives the text under a head of named lines; ``markdown`` gives it under a front matter of YAML, headings and
quotations marked as the document has them, and every sign of the text that Markdown would take for its own escaped, so that nothing of a
stranger's text becomes markup.  ``file_name`` sorts by outlet and time, and comes once.
"""

import json
import re

from archive.cells import moment
from archive.kinds import BlockKind
from archive.records import Block, Capture, Document
from archive.urls import host

_MARKS = re.compile(r"([\\`*_\[\]<>#|~&])")
_LISTED = re.compile(r"^(?:(?=[-+=])|(\d+)(?=[.)]))")
_BEFORE = {BlockKind.SUBHEAD: "## ", BlockKind.QUOTE: "> "}
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+")


def plain(capture: Capture, document: Document) -> str:
    """A capture's text to read."""
    head = {
        "Title": document.title,
        "Outlet": document.outlet,
        "Authors": _authors(document) or None,
        "Published": document.published,
        "Modified": document.modified,
        "URL": capture.url,
        "Captured": moment(capture.time),
        "Record": f"{capture.id} in {capture.ref.key}, offset {capture.ref.offset}, {capture.ref.length} bytes",
        "Digest": capture.payload_digest,
        "Stands for": capture.refers_to,
    }
    lines = [f"{name}: {' '.join(value.split())}" for name, value in head.items() if value is not None]
    return "\n".join(lines) + "\n\n" + "\n\n".join(filter(None, document.text.split("\n"))) + "\n"


def markdown(capture: Capture, document: Document) -> str:
    """The same as Markdown."""
    head = {
        "title": document.title,
        "outlet": document.outlet,
        "authors": [author.name for author in document.authors] or None,
        "published": document.published,
        "modified": document.modified,
        "language": document.language,
        "url": capture.url,
        "captured": moment(capture.time),
        "record": capture.id,
        "warc": capture.ref.key,
        "offset": capture.ref.offset,
        "length": capture.ref.length,
        "digest": capture.payload_digest,
        "stands_for": capture.refers_to,
    }
    matter = [f"{name}: {_yaml(value)}" for name, value in head.items() if value is not None]
    title = f"# {_escaped(document.title)}\n\n" if document.title else ""
    blocks = document.blocks or tuple(Block(text=text, start=0, end=0) for text in document.text.split("\n"))
    body = [_BEFORE.get(block.kind, "") + _escaped(block.text) for block in blocks if block.text]
    return "\n".join(["---", *matter, "---", "", title]) + "\n\n".join(body) + "\n"


def file_name(capture: Capture, suffix: str) -> str:
    """A name for a capture's text."""
    return f"{host(capture.url)}-{capture.time:%Y%m%dT%H%M%SZ}-{capture.id.rpartition(':')[2][-12:]}{suffix}"


def _authors(document: Document) -> str:
    return ", ".join(author.name for author in document.authors)


def _yaml(value: object) -> str:
    """A value as YAML 1.2 takes it, which is JSON without the characters that YAML does not know, or takes for line breaks."""
    return _UNSEEN.sub(" ", json.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    return _LISTED.sub(r"\1\\", _MARKS.sub(r"\\\1", " ".join(text.split())))
