"""Captures as the catalogue has them, withdrawn or not: for those who withdraw, and for the tombstones.

Contract: nothing that is found here is shown to people but as a tombstone (``archive/tombstones.py``).  Oldest first.
"""

import sqlalchemy as sa

from archive import codec
from archive.catalogue import Catalogue
from archive.catalogue_tables import captures
from archive.records import Capture

_BODY = sa.select(captures.c.body).order_by(captures.c.time, captures.c.id)


def at(catalogue: Catalogue, key: str) -> list[Capture]:
    """All captures whose address has this index key (``archive/surts.py``)."""
    return [codec.read(Capture, row.body) for row in catalogue.read(_BODY.where(captures.c.surt == key))]


def showing(catalogue: Catalogue, payload: str) -> list[Capture]:
    """All responses and revisits with this payload."""
    return [codec.read(Capture, row.body) for row in catalogue.read(_BODY.where(captures.c.payload_digest == payload))]
