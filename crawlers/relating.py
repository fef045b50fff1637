"""What a story's texts have to do with one another, worked out when they have changed and kept in the catalogue.

Contract: ``related_of`` gives what holds of a story's texts now: what is kept, when it was made from the same texts by the same rules, else
it is worked out, at the cost of every pair of its texts, and kept.  ``refresh`` does so for some stories or for all, so that whoever reads
the catalogue (``archive/keptrelations.py``) finds it.  Judgements are not in it; ``judged_of`` lays them over.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from archive.catalogue import CatalogueError
from archive.judgements import judgements_of
from archive.keptrelations import keep, kept
from archive.records import Document
from archive.relations import Related
from archive.vault import Archive
from crawlers.storytexts import Held, of_story
from pipeline.judged import with_judgements
from pipeline.related import RULES, related


def state_of(documents: Iterable[Document]) -> str:
    """What stands for some documents and the rules by which they are held against each other."""
    told = hashlib.sha256(RULES.encode())
    for item in documents:
        who = (item.title, item.outlet, item.published, item.language, item.url, item.credits, item.agencies, item.rights)
        told.update(repr((item.capture, item.extractor, who, item.text)).encode("utf-8", "surrogatepass"))
    return told.hexdigest()[:16]


def related_of(archive: Archive, slug: str, held: Sequence[Held] | None = None) -> Related:
    """What is true of a story's texts (``held``, where they have been read); NoSuchStory when the catalogue does not know it."""
    texts = of_story(archive, slug)[0] if held is None else held
    documents = [item.document for item in texts]
    state = state_of(documents)
    known = kept(archive.catalogue, slug, state)
    if known is not None:
        return known
    found = related(documents, one_story=True)
    with suppress(CatalogueError):  # whoever may only read works it out each time
        keep(archive.catalogue, slug, state, found)
    return found


def judged_of(archive: Archive, slug: str, held: Sequence[Held], *, newest: bool = False) -> Related:
    """The same as people have judged it; of the ``newest`` texts it is worked out and not kept."""
    found = related([item.document for item in held], one_story=True) if newest else related_of(archive, slug, held)
    return with_judgements(found, judgements_of(archive.store, slug), {item.capture.url: item.document for item in held})


def refresh(archive: Archive, stories: Iterable[str] | None = None) -> Iterator[tuple[str, Related]]:
    """Bring the catalogue up to date for some stories, or for all; each with what holds."""
    for slug in archive.catalogue.slugs() if stories is None else stories:
        yield slug, related_of(archive, slug)
