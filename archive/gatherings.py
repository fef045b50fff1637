"""Documents of the archive put into stories, kept as objects: which document came into which story, and which stories became one or two.

Contract: ``gatherings/<number>.json``, one :class:`Gathering` each, created once and listed in a manifest.  Their order is that in which
the documents came, on which the stories depend, so that no rebuild, no newer extractor and no other rule gives a story another id.  Whoever
creates the next number owns it.  What clustering goes on from (``remembered``) is derived from them and from the texts; the catalogue keeps
it for speed alone, and ``forget`` drops it: words of texts stand in it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from archive import codec, layout
from archive.catalogue import Catalogue
from archive.catalogue_tables import gathered
from archive.relations import Gathering, Placement
from archive.store import Store
from archive.vault import Archive

_ONLY = 1  # key of the only row


def save(archive: Archive, number: int, placements: Sequence[Placement], now: datetime) -> Gathering:
    """Store what was placed under the next number; ObjectExists when another has it."""
    made = Gathering(number=number, time=now, placements=tuple(placements))
    archive.create(layout.gathering_key(number), codec.text_of(made).encode(), now)
    return made


def gatherings(store: Store, after: int = 0) -> Iterator[Gathering]:
    """All behind a number, in order; CodecError when one is damaged."""
    first = layout.gathering_key(after + 1)
    yield from (codec.read(Gathering, store.read(key)) for key in store.keys(layout.GATHERINGS) if key >= first)


def remember(catalogue: Catalogue, number: int, body: str) -> None:
    """Keep what clustering goes on from after the object of this number; an older one is replaced."""
    insert = catalogue.insert(gathered)
    newer = {"number": insert.excluded.number, "body": insert.excluded.body}
    catalogue.changes(
        [
            (
                insert.on_conflict_do_update(index_elements=["only"], set_=newer, where=gathered.c.number < insert.excluded.number),
                [{"only": _ONLY, "number": number, "body": body}],
            )
        ]
    )


def remembered(catalogue: Catalogue) -> tuple[int, str] | None:
    """The number of the last object in it, and what to go on from; None where nothing is kept."""
    found = catalogue.read(sa.select(gathered.c.number, gathered.c.body))
    return (found[0].number, found[0].body) if found else None


def forget(catalogue: Catalogue) -> None:
    """Drop it: it is made again from objects and texts."""
    catalogue.changes([(sa.delete(gathered).where(gathered.c.only == sa.bindparam("row")), [{"row": _ONLY}])])
