"""What the archive's pages tell of an outlet's layout: the archive's side of ``pipeline.profiles``.

Contract: reads WARC files and the catalogue and changes nothing.  A profile is learned from the last ``TEXTS`` texts of an outlet before a
time, each page read in a process apart; a page that cannot be read says nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from archive.records import Capture, Profile
from archive.vault import Archive
from crawlers.reread import pages
from pipeline.losses import outlet_of
from pipeline.profiles import FEWEST, Trace, learned
from pipeline.textpool import TextPool

TEXTS = 60


def outlets_of(archive: Archive) -> Iterator[str]:
    """The registered domains of which there are captures."""
    for outlet, _ in groupby(archive.catalogue.all_captures(), key=lambda item: outlet_of(item.url)):
        yield outlet


def tracing() -> TextPool:
    """The processes that read pages."""
    return TextPool(function="pipeline.traces:traced")


def profile_of(archive: Archive, pool: TextPool, outlet: str, before: datetime) -> Profile | None:
    """The profile of an outlet as its pages were before a time; None where there are too few articles.  ``pool`` is a ``tracing``."""
    texts = archive.catalogue.last_documents(outlet, before, TEXTS)
    if len({document.url for document, _ in texts}) < FEWEST:
        return None
    return learned(outlet, traces(archive, pool, (document.capture for document, _ in texts)))


def learned_again(archive: Archive, pool: TextPool, profile: Profile) -> Profile | None:
    """The profile that the captures of another one give."""
    return learned(profile.outlet, traces(archive, pool, (capture for _, capture in profile.articles)))


def traces(archive: Archive, pool: TextPool, identifiers: Iterable[str]) -> list[Trace]:
    """What is counted of the pages of some captures; a revisit shows what the response shows that it stands for."""
    originals = {item.id: item for identifier in identifiers if (item := _original(archive, identifier)) is not None}
    found: Iterable[tuple[str, object]] = pool.extract(pages(archive, originals.values()))
    return [trace for _, trace in found if isinstance(trace, Trace)]


def _original(archive: Archive, identifier: str) -> Capture | None:
    capture = archive.catalogue.capture(identifier)
    return archive.catalogue.capture(capture.refers_to) if capture is not None and capture.refers_to else capture
