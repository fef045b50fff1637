"""What a person gave, in the WARC of the first crawl that worked with it, so that a WARC tells what it was made for.

Contract: each object of seeds (``archive.stories.save_seeds``) becomes one ``resource`` record (WARC 1.1 §6.4), byte for byte, under
``metadata://copytrail/`` and its key in the store, which holds its digest; ``metadata://`` is what wget calls its own papers.  That it has
been written, and where, is a lead of the story that is never fetched: it stands in the run's log, so a rebuild knows it too.  A crawl that
is killed before its first round is read writes the record again.
"""

from collections.abc import Iterator

from archive.kinds import Found
from archive.records import Lead, Story
from archive.stories import SEED_RECORDS
from archive.vault import Archive
from crawlers.sink import ArchiveSink

MIME = "application/jsonl"


async def record_seeds(sink: ArchiveSink, story: Story) -> list[Lead]:
    """Write what no crawl of the story has written yet; what is to be noted of it."""
    noted = []
    for key in _unrecorded(sink.archive, story):
        place = await sink.keep_resource(SEED_RECORDS + key, sink.archive.store.read(key), MIME)
        noted.append(_lead(key, f"a resource record at {place.offset} of {place.key}"))
    return noted


def _unrecorded(archive: Archive, story: Story) -> Iterator[str]:
    return (key for key in story.seeds if not archive.catalogue.has_lead(story.slug, _lead(key)))


def _lead(key: str, evidence: str = "") -> Lead:
    return Lead(url=SEED_RECORDS + key, found=Found.GIVEN, parent=key, evidence=evidence)
