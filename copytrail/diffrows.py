"""Revisions as rows and as marked text: what ``diff`` prints.

Contract: a row holds everything that the revision knows, with both ends named by record id, digest and time; the text for a person shows
each changed paragraph whole, removed words in [-…-] and added ones in {+…+}.
"""

from collections.abc import Iterator
from typing import Any

from archive import codec
from archive.kinds import Change
from archive.records import Capture, Document, Revision
from archive.vault import Archive
from copytrail.marked import ADDED, REMOVED, Paragraph, Piece, paragraphs, words

MARKS = {REMOVED: ("[-", "-]"), ADDED: ("{+", "+}")}


def diff_rows(archive: Archive, url: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every revision of an article that is more than white space and punctuation, oldest first: a row, and text for a person."""
    for item in archive.catalogue.revisions_of(url):
        if item.change is not Change.COSMETIC:
            ends = [archive.catalogue.capture(end) for end in (item.before, item.after)]
            yield _row(item, ends), _text(item, ends, archive.catalogue.document(item.after))


def _row(item: Revision, ends: list[Capture | None]) -> dict[str, Any]:
    start, end = map(_end, ends)
    return {
        "url": item.url,
        "number": item.number,
        "change": str(item.change),
        "from": start,
        "to": end,
        "title_before": item.title_before,
        "title_after": item.title_after,
        "spans": [codec.plain(span) for span in item.spans],
    }


def _end(capture: Capture | None) -> dict[str, Any] | None:
    if capture is None:
        return None
    return {"record_id": capture.id, "digest": capture.payload_digest, "time": capture.time.isoformat()}


def _text(item: Revision, ends: list[Capture | None], after: Document | None) -> str:
    times = " -> ".join(f"{end.time:%Y-%m-%d %H:%M}" if end else "?" for end in ends)
    lines = [item.url, f"  version {item.number}: {item.change}  {times} UTC"]
    if item.title_before != item.title_after and item.title_after:
        lines.append(f"  headline: {_marked(words(item.title_before or '', item.title_after))}")
    if after is not None and item.spans:
        lines += [f"  {_paragraph(part)}" for part in paragraphs(after.text, item.spans)]
    return "\n".join(lines) + "\n"


def _paragraph(part: Paragraph) -> str:
    return f"({part.unchanged} unchanged)" if part.unchanged else _marked(part.pieces)


def _marked(pieces: tuple[Piece, ...]) -> str:
    """The pieces in a line; marks do not take in the line's end."""
    return "".join(_mark(piece) for piece in pieces).replace("\n", " ").strip()


def _mark(piece: Piece) -> str:
    before, after = MARKS.get(piece.kind, ("", ""))
    text = piece.text.strip("\n") if before else piece.text
    return f"{before}{text}{after}"
