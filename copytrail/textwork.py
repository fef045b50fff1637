"""What the worker processes of ``copytrail text`` do with a page: its row, and on demand its ledger.

``row(page)`` is a document as ``copytrail text`` gives it: ``text`` is standfirst and body, ``removed`` what cleaning took out with its
rule, ``cpu_s`` the CPU seconds that the page took this process.
"""

import time
from dataclasses import asdict

from archive.kinds import BlockKind
from archive.records import Document, Page
from pipeline.text import document, explained


def row(page: Page, *, thorough: bool = False) -> dict[str, object]:
    """A page's row."""
    start = time.process_time()
    found = document(page, thorough=thorough)
    return _fields(found) | {"cpu_s": round(time.process_time() - start, 4)}


def thorough_row(page: Page) -> dict[str, object]:
    """A page's row, with second opinions."""
    return row(page, thorough=True)


def ledger(page: Page, *, thorough: bool = False) -> list[dict[str, object]]:
    """A page's blocks in order: text, kind, kept, why, where and offsets (``pipeline.ledger``)."""
    return [asdict(entry) for entry in explained(page, thorough=thorough)[1]]


def thorough_ledger(page: Page) -> list[dict[str, object]]:
    """A page's blocks, with second opinions."""
    return ledger(page, thorough=True)


def _fields(found: Document) -> dict[str, object]:
    problem = {"problem": found.problem} if found.problem else {}
    return {
        "id": found.capture,
        "url": found.url,
        "standfirst": found.standfirst,
        "body": "\n".join(block.text for block in found.blocks if block.kind is not BlockKind.STANDFIRST),
        "text": found.text,
        "title": found.title,
        "authors": [asdict(author) for author in found.authors],
        "published": found.published,
        "modified": found.modified,
        "language": found.language,
        "kind": found.quality.kind,
        "removed": [asdict(removal) for removal in found.removed],
        **problem,
    }
