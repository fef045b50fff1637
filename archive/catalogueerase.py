"""Records erased from the catalogue, so that not even the free pages of its file hold their words.

Contract: ``forget`` drops captures, texts, words to search, changes, relations and quotations of some records in one transaction; ``scrub``
then makes the database give up what it only marked as free.  Doing either twice changes nothing.
"""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from archive import keptrelations, unveiled
from archive.catalogue import Catalogue
from archive.catalogue_tables import captures, documents, quotes, related, relations, revisions
from archive.fulltext import searchable
from archive.surts import surt


def forget(catalogue: Catalogue, records: Collection[str], urls: Iterable[str]) -> None:
    """Drop everything of ``records``; ``urls`` are their addresses."""
    keptrelations.forget(catalogue, records)
    changed: list[dict[str, object]] = [
        {"here": url, "then": item.after}
        for url in {capture.url for url in urls for capture in unveiled.at(catalogue, surt(url))} | set(urls)
        for item in catalogue.revisions_of(url)
        if not {item.before, item.after, item.suspected}.isdisjoint(records)
    ]
    gone: list[dict[str, object]] = [{"gone": record} for record in sorted(records)]
    here = sa.and_(revisions.c.url == sa.bindparam("here"), revisions.c.after == sa.bindparam("then"))
    catalogue.changes(
        [
            (sa.delete(revisions).where(here), changed),
            (sa.delete(searchable).where(searchable.c.capture == sa.bindparam("gone")), gone),
            (sa.delete(documents).where(documents.c.capture == sa.bindparam("gone")), gone),
            (sa.delete(captures).where(captures.c.id == sa.bindparam("gone")), gone),
        ]
    )
    catalogue.scrub(_SCRUBBED)


# What keeps dropped words: the full-text index until its segments are merged, free pages until the file is written anew, the log until it
# is copied over (sqlite.org/fts5.html §6.8, lang_vacuum.html, wal.html); PostgreSQL until the table is written anew.
_SCRUBBED = {
    "sqlite": (
        "INSERT INTO searched(searched) VALUES ('optimize')",
        "VACUUM",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ),
    "postgresql": tuple(
        f"VACUUM (FULL) {table.name}" for table in (captures, documents, searchable, revisions, quotes, relations, related)
    ),
}
