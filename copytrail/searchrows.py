"""Articles found by their words and by what is known of them: what ``search`` prints.

Contract: one row for each URL, of the newest capture that fits; with words to look for the best fit comes first, else the newest.  Memory
grows with the articles found, not with their captures.
"""

from archive.fulltext import Query, snippet
from archive.records import Capture, Document, Selection
from archive.selecting import chosen, state_of, text_of
from archive.vault import Archive

Row = dict[str, object]


def search_rows(archive: Archive, selection: Selection) -> list[Row]:
    """What fits ``selection``."""
    query = Query.read(selection.text) if selection.text else None
    ranks = {hit.capture: hit.rank for hit in archive.catalogue.hits(query)} if query else {}
    newest: dict[str, Capture] = {}
    for capture in chosen(archive, selection):
        known = newest.get(capture.url)
        if known is None or capture.time >= known.time:
            newest[capture.url] = capture

    def order(capture: Capture) -> tuple[float, float]:
        return -(ranks.get(capture.id) or ranks.get(capture.refers_to or "") or 0.0), -capture.time.timestamp()

    return [_row(archive, capture, query) for capture in sorted(newest.values(), key=order)]


def _row(archive: Archive, capture: Capture, query: Query | None) -> Row:
    document = text_of(archive, capture)
    return {
        "url": capture.url,
        **_said(document, query),
        "captured": capture.time.isoformat().replace("+00:00", "Z"),
        "state": str(state_of(archive.catalogue.revisions_of(capture.url))),
        "record_id": capture.id,
        "digest": capture.payload_digest,
    }


def _said(document: Document | None, query: Query | None) -> Row:
    if document is None:
        return dict.fromkeys(("title", "outlet", "published", "language", "kind", "snippet"))
    return {
        "title": document.title,
        "outlet": document.outlet,
        "published": document.published,
        "language": document.language,
        "kind": str(document.quality.kind),
        "snippet": snippet(document.text, query) if query and document.text else None,
    }


def as_line(row: Row) -> str:
    """A row for a person."""
    head = "  ".join(str(row[name]) for name in ("outlet", "published") if row[name])
    lines = [str(row["title"] or row["url"]), f"    {head}  captured {row['captured']}, {row['state']}", f"    {row['url']}"]
    return "\n".join([*lines, *([f"    {row['snippet']}"] if row["snippet"] else [])])
