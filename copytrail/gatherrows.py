"""Stories that were gathered, as rows: what ``gather`` prints.

Contract: a ``placed`` row for each document that came, with the story, the score and the terms that say most for it; a ``merged`` or
``split`` row for each story that turned out to be one with another, or two; then a ``gathered`` row for each story that is told of, with
its documents in order of arrival.  A story's id is that of its first document.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from archive.records import Document
from archive.relations import Merged, Split
from crawlers.gathering import Candidate
from pipeline.clusters.events import Placed

Row = dict[str, Any]
Told = tuple[str, Row, str | None]  # schema, row, line for a person; None: machines alone
Rows = Iterable[Told]
Stories = Mapping[str, Sequence[str]]  # documents by the id of their story


def placed_rows(document: Document, item: Placed) -> Iterator[Told]:
    """Where one document was placed, and what that changed."""
    row = {
        **_document(document),
        "story": item.cluster,
        "new": item.is_new,
        "score": item.score,
        "shared": list(item.shared),
        "note": item.note,
    }
    yield "placed", row, None
    for change in item.changes:
        yield _change(change)


def _change(change: Merged | Split) -> Told:
    row = {**asdict(change), "members": list(change.members)}
    if isinstance(change, Merged):
        return "merged", row, f"merged   {change.gone} into {change.into}, because {change.document} belongs to both ({change.score:.2f})"
    return "split", row, f"split    {change.new} off {change.kept}: nothing ties its {len(change.members)} texts to the rest"


def _document(document: Document) -> Row:
    return {
        "document": document.capture,
        "url": document.url or None,
        "title": document.title,
        "outlet": document.outlet,
        "published": document.published,
    }


def story_rows(stories: Stories, documents: Mapping[str, Document], told: Iterable[str]) -> Iterator[Told]:
    """The stories that are told of, the largest first; a text alone has a row and no line."""
    for story in sorted(set(told), key=lambda name: (-len(stories[name]), name)):
        known = [documents[name] for name in stories[story] if name in documents]
        row = {"story": story, "size": len(stories[story]), "documents": [_document(item) for item in known]}
        lines = [f"{len(stories[story]):>4} texts  {story}", *(f"            {_line(item)}" for item in known)]
        yield "gathered", row, "\n".join(lines) if len(stories[story]) > 1 else None


def _line(item: Document) -> str:
    words = item.title or " ".join(item.text.split())[:80]
    return "  ".join(filter(None, ((item.published or "")[:10], item.outlet, words, item.url or item.capture)))


def candidate_rows(story: str, found: Iterable[Candidate]) -> Iterator[Told]:
    """What may belong to a watched story, with the command that takes it in."""
    for item in found:
        row = {"url": item.url, "document": item.document, "gathered": item.gathered, "beside": item.beside}
        yield "candidate", row, f"{item.beside:>4} of its articles beside  copytrail judge {story} in {item.url}"
