"""What articles changed, as rows and as marked text: what ``diff`` prints.

Contract: one row an event, with both ends named by record id, payload digest, digest of the text, and time, and its passages.
``confirmed`` is false for an article that one visit did not find and no second one has yet asked for; what two texts differ in needs no
second visit.  The text for a person comes with the first event of a version: a table of its events, then each changed paragraph whole,
removed words in [-…-] and added ones in {+…+}.
"""

from collections.abc import Iterator
from typing import Any

from archive import codec
from archive.kinds import Change
from archive.records import Capture, Document, Event, Revision, Span
from archive.vault import Archive
from copytrail.marked import ADDED, REMOVED, Paragraph, Piece, paragraphs, words
from copytrail.statusrows import told

MARKS = {REMOVED: ("[-", "-]"), ADDED: ("{+", "+}")}
_CLASS = 16  # columns of the widest class
_WORDS = 60  # characters of a passage in the table


def diff_rows(archive: Archive, url: str, *, everything: bool = False) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Every event of an article, oldest first: a row, and text for a person with the first of a version.

    Without ``everything``, versions that differ in typography alone are left out, and so are suspicions that a later visit settled.
    """
    for item in archive.catalogue.revisions_of(url) if everything else told(archive, url):
        ends = [archive.catalogue.capture(end) for end in (item.before, item.after)]
        text: str | None = _text(item, ends, archive.catalogue.document(item.after))
        for event in item.events:
            yield _row(item, ends, event), text
            text = None


def _row(item: Revision, ends: list[Capture | None], event: Event) -> dict[str, Any]:
    start, end = (_end(*part) for part in zip(ends, (item.text_before, item.text_after), strict=True))
    return {
        "url": item.url,
        "number": item.number,
        "change": str(item.change),
        "from": start,
        "to": end,
        "class": str(event.kind),
        "field": event.field,
        "spans": [codec.plain(span) for span in event.spans],
        "confirmed": item.change is not Change.SUSPECTED,
        "suspected": item.suspected,
    }


def _end(capture: Capture | None, text: str | None) -> dict[str, Any] | None:
    if capture is None:
        return None
    return {"record_id": capture.id, "digest": capture.payload_digest, "text_digest": text, "time": capture.time.isoformat()}


def _text(item: Revision, ends: list[Capture | None], after: Document | None) -> str:
    times = " -> ".join(f"{end.time:%Y-%m-%d %H:%M}" if end else "?" for end in ends)
    lines = [item.url, f"  version {item.number}: {_called(item.change)}  {times} UTC"]
    lines += [f"    {line}" for event in item.events for line in _lines(event)]
    if item.title_before != item.title_after and item.title_after:
        lines.append(f"  headline: {_marked(words(item.title_before or '', item.title_after))}")
    if after is not None and item.spans:
        lines += [f"  {_paragraph(part)}" for part in paragraphs(after.text, item.spans)]
    return "\n".join(lines) + "\n"


def _called(change: Change) -> str:
    return "not found, to be confirmed by a second visit" if change is Change.SUSPECTED else str(change)


def _lines(event: Event) -> Iterator[str]:
    """One line a passage; the class stands before the first."""
    for number, said in enumerate([_said(span) for span in event.spans] or [""]):
        yield f"{'' if number else event.kind:{_CLASS}}{said}".rstrip()


def _said(span: Span) -> str:
    removed, added = (_short(text) for text in (span.removed, span.added))
    return f"{removed} -> {added}" if removed and added else f"- {removed}" if removed else f"+ {added}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WORDS else f"{line[: _WORDS - 1]}…"


def _paragraph(part: Paragraph) -> str:
    return f"({part.unchanged} unchanged)" if part.unchanged else _marked(part.pieces)


def _marked(pieces: tuple[Piece, ...]) -> str:
    """The pieces in a line; marks do not take in the line's end."""
    return "".join(_mark(piece) for piece in pieces).replace("\n", " ").strip()


def _mark(piece: Piece) -> str:
    before, after = MARKS.get(piece.kind, ("", ""))
    text = piece.text.strip("\n") if before else piece.text
    return f"{before}{text}{after}"
