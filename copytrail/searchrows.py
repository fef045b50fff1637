"""Articles found by their words and by what is known of them: what ``search`` prints and writes.

Contract: one row for each URL, of the newest capture that fits; with words to look for the best fit comes first, else the newest.  A row is
the row of that capture in a pull (``archive/pullrows.py``), so that what was seen is what is exported, and the snippet that is shown for
it.  Memory grows with the articles found, not with their captures or texts.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from archive.cells import moment
from archive.fulltext import Query, snippet
from archive.inbulk import with_texts
from archive.pull import replacing
from archive.pullrows import WRITERS, row, write
from archive.records import Capture, Selection
from archive.selecting import chosen
from archive.vault import Archive

Row = dict[str, object]


def search(archive: Archive, selection: Selection) -> list[Capture]:
    """The captures to show for what fits ``selection``, in order."""
    query = _query(selection)
    ranks = {hit.capture: hit.rank for hit in archive.catalogue.hits(query)} if query else {}
    newest: dict[str, Capture] = {}
    for capture in chosen(archive, selection):
        known = newest.get(capture.url)
        if known is None or capture.time >= known.time:
            newest[capture.url] = capture

    def order(capture: Capture) -> tuple[float, float]:
        return -(ranks.get(capture.id) or ranks.get(capture.refers_to or "") or 0.0), -capture.time.timestamp()

    return sorted(newest.values(), key=order)


def search_rows(archive: Archive, found: Iterable[Capture], selection: Selection) -> Iterator[Row]:
    """The rows of what was found."""
    query = _query(selection)
    for capture, document, state in with_texts(archive, found):
        said = snippet(document.text, query) if query and document is not None and document.text else None
        yield {**row(capture, document, state), "snippet": said}


def export(archive: Archive, found: Sequence[Capture], path: Path) -> int:
    """Write the rows of what was found to a file, by its ending as one of a pull's; ValueError for another."""
    form = path.suffix.removeprefix(".")
    if form not in WRITERS:
        raise ValueError(f"{path}: name a file that ends in .{', .'.join(WRITERS)}")
    with replacing(path, folder=False) as target:
        return write(form, target, "rows", (row(*shown) for shown in with_texts(archive, found)))


def as_json(values: Row) -> Row:
    """A row as JSON has it."""
    return {**values, "fetch_time": moment(values["fetch_time"])}


def as_line(values: Row) -> str:
    """A row for a person."""
    head = "  ".join(str(values[name]) for name in ("outlet", "published") if values[name])
    captured = str(as_json(values)["fetch_time"])
    lines = [str(values["title"] or values["url"]), f"    {head}  captured {captured}, {values['state']}", f"    {values['url']}"]
    return "\n".join([*lines, *([f"    {values['snippet']}"] if values["snippet"] else [])])


def _query(selection: Selection) -> Query | None:
    return Query.read(selection.text) if selection.text else None
