"""What is counted of one page for the profile of its outlet (``pipeline.profiles``): a pure function of the page."""

from archive.records import Page
from pipeline.blockkinds import where
from pipeline.blocks import visible
from pipeline.completeness import CARRIES_TEXT
from pipeline.markup import decode, parse
from pipeline.profiles import LINKED, Seen, Trace, line, place
from pipeline.quality import not_html
from pipeline.text import document


def traced(page: Page) -> Trace:
    """What a page shows, block by block."""
    found = document(page)
    kept = {line(block.text) for block in found.blocks}
    tree = parse(decode(page.body, page.charset).text) if not_html(page) is None else None
    blocks = () if tree is None else tuple((place(where(block.element)), line(block.text), block.link_share) for block in visible(tree))
    return Trace(
        capture=page.capture.id,
        url=page.capture.url,
        article=found.canonical or page.capture.url,
        time=page.capture.time,
        extractor=found.extractor,
        readable=found.quality.kind in CARRIES_TEXT,
        blocks=tuple(Seen(path=path, line=words, linked=share >= LINKED, text=words in kept) for path, words, share in blocks if words),
    )
