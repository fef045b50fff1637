"""A pull as figures of texts: what researchers may share of texts that they may not.

Contract: one row a capture that shows an article, whoever the audience is: where it is from and its digests, counts, the sketch of its
shingles (``archive/rights.py``), and its quotations of at most ``QUOTED`` words, as far as its story's are worked out.  Two sketches
estimate which share of two texts' shingles is the same: the share of common ones among the smallest ``SKETCH`` of both.
"""

from collections.abc import Iterator

from archive.catalogue import Catalogue
from archive.pulljob import READABLE, Job
from archive.records import Capture, Document
from archive.rights import QUOTED, features

Row = dict[str, object]


def rows(job: Job) -> Iterator[Row]:
    """The rows of a pull."""
    quotes: dict[str, list[Row]] = {}
    for slug in [job.selection.story] if job.selection.story else job.archive.catalogue.slugs():
        for quote in Catalogue.quotes_of(job.archive.catalogue, slug):
            if len(quote.text.split()) <= QUOTED:
                quotes.setdefault(quote.document, []).append({"words": quote.text, "speaker": quote.speaker, "via": quote.via})
    for capture, shown, _ in job.captures():
        if shown is not None and shown.quality.kind in READABLE:
            # The whole text, of which nothing but figures leaves: what the audience sees of it may be empty.
            whole = Catalogue.documents_with(job.archive.catalogue, [shown.capture])[shown.capture]
            yield _row(capture, whole, quotes.get(capture.id) or quotes.get(shown.capture) or [])


def _row(capture: Capture, document: Document, quotes: list[Row]) -> Row:
    return {
        "url": capture.url,
        "fetch_time": capture.time,
        "warc_record_id": capture.id,
        "content_digest": capture.payload_digest,
        "title": document.title,
        "outlet": document.outlet,
        "published": document.published,
        "language": document.language,
        "extractor": document.extractor,
        **features(document),
        "quotes": quotes,
    }
