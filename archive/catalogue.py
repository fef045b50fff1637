"""The catalogue: an index over the archive, on SQLite or PostgreSQL through SQLAlchemy.

Contract: everything in it can be deleted and rebuilt from the object store (law 1, ``archive/rebuild.py``), so nothing is written here
first that is not, or will not be, an object.  Writing the same thing twice changes nothing.  The frontier is a table of it: a lead is
*waiting* until the outcome of its URL is written, so that a killed crawl goes on where it stopped (capture.md §4: JOBDIR loses two
thirds).  Every database error is a :class:`CatalogueError` that names the database, without its password.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError, SQLAlchemyError

from archive import catalogue_queries as queries
from archive import codec, fulltext
from archive.catalogue_tables import captures, documents, leads, leases, metadata, outcomes, requisites, revisions, stories
from archive.fulltext import Hit, Query, searchable
from archive.kinds import Found, Verdict
from archive.records import Capture, Document, Lead, Outcome, Revision, Story
from archive.relations import Quote, Relation
from archive.surts import surt

BUSY_SECONDS = 30
POSTGRES = "postgresql+pg8000"  # the driver where a URL names none: pure Python, under a permissive licence
CHUNK = 500  # rows read at a time
URLS = 50  # of which all captures are read at a time: a live blog has hundreds
FIRST = 20  # rows read first: who wants one need not wait for all
_VERSIONS = re.compile(r"(\D*)(\d*)")
_LAST = "\x7f"  # comes after every character of a SURT
_END = "\U0010ffff"
# Verdicts that say nothing final about a URL: the next crawl of the story asks again.
TRY_AGAIN = frozenset({Verdict.OVER_BUDGET, Verdict.THROTTLED, Verdict.BLOCKED, Verdict.UNREACHABLE, Verdict.FAILED})
LISTINGS = frozenset({Found.FEED_LINK, Found.SITEMAP_LINK})


class CatalogueError(RuntimeError):
    """The catalogue cannot be reached, is locked, or is not one of ours."""


class Catalogue:
    """Rows in, nouns out.  Safe to share between threads; processes open one each."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open the database at a SQLAlchemy URL and make the tables that are missing.

        ``busy_seconds`` is how long SQLite waits for another writer, unless the URL says so itself (``?timeout=5``).
        """
        self.name = _shown(url)
        with self._guard():
            self._engine = _engine(url, busy_seconds)
            try:
                metadata.create_all(self._engine)
            except (OperationalError, ProgrammingError):
                metadata.create_all(self._engine)  # another process made a table between our look and our CREATE

    def is_whole(self) -> bool:
        """Whether everything is seen, also what is withdrawn."""
        return True

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise CatalogueError(f"catalogue {self.name}: {cause}") from error
        except (OSError, ImportError) as error:  # no folder for the file, no driver for the database
            raise CatalogueError(f"catalogue {self.name}: {error}") from error

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._guard(), self._engine.begin() as connection:
            yield connection

    def _put(self, table: sa.Table, rows: list[dict[str, object]], *, replace: bool = False, unique: str | None = None) -> int:
        """Insert rows; those whose key is there already are left alone, or replaced. Gives the number of rows written.

        The key is the table's own, or the column ``unique`` where that is a number which nobody knows.
        """
        if not rows:
            return 0
        insert = _insert(self._engine)(table)
        key = [unique] if unique else [column.name for column in table.primary_key]
        if replace:
            rows = list({tuple(row[name] for name in key): row for row in rows}.values())  # PostgreSQL replaces a row once in a statement
            rest = {
                column.name: insert.excluded[column.name] for column in table.columns if column.name in rows[0] and column.name not in key
            }
            statement = insert.on_conflict_do_update(index_elements=key, set_=rest)
        else:
            statement = insert.on_conflict_do_nothing(index_elements=key)
        with self._begin() as connection:  # RETURNING counts alike on every database; rowcount does not
            return len(connection.execute(statement.returning(*table.primary_key), rows).all())

    def _rows(self, query: sa.Select[tuple[str]], **values: object) -> list[str]:
        with self._begin() as connection:
            return [row[0] for row in connection.execute(query, values)]

    # For the tables of other modules (``archive/leases.py``)

    @property
    def clock(self) -> sa.ColumnElement[float]:
        """The database's own time, in seconds since 1970."""
        if self._engine.dialect.name == "postgresql":
            return sa.func.extract("epoch", sa.func.clock_timestamp()).cast(sa.Double)
        return (sa.func.julianday("now") - 2440587.5) * 86400.0

    def insert(self, table: sa.Table) -> Any:
        """The dialect's own INSERT into a table."""
        return _insert(self._engine)(table)

    def change(self, statement: Any) -> sa.Row[Any] | None:
        """Run one statement that changes something and gives back a row for it; None when it changed nothing."""
        with self._begin() as connection:
            return connection.execute(statement).first()

    def changes(self, statements: Iterable[tuple[Any, list[dict[str, object]]]]) -> None:
        """Run some statements, each with the rows that it is run for, all or none; one without a row is not run."""
        with self._begin() as connection:
            for statement, rows in statements:
                if rows:
                    connection.execute(statement, rows)

    def scrub(self, statements: Mapping[str, Sequence[str]]) -> None:
        """Run the dialect's own statements, each outside of a transaction."""
        with self._guard(), self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.connection.rollback()  # the pool's ping began a transaction on PostgreSQL
            for statement in statements[self._engine.dialect.name]:
                connection.execute(sa.text(statement))

    def read(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        """Run one query."""
        with self._begin() as connection:
            return list(connection.execute(query))

    # Captures

    def add_captures(self, items: Iterable[Capture]) -> int:
        """Index captures; one that is there already is left alone."""
        return self._put(captures, [_capture_row(item) for item in items])

    def capture(self, identifier: str) -> Capture | None:
        """The capture with this record id."""
        return self._one(queries.BY_ID, id=identifier)

    def captures_of(self, url: str) -> list[Capture]:
        """All captures of one URL, oldest first."""
        return [codec.read(Capture, body) for body in self._rows(queries.OF_URL, url=url)]

    def captures_of_each(self, urls: Iterable[str]) -> Iterator[Capture]:
        """All captures of some URLs, URL by URL in the order given, oldest first; asked for many at a time."""
        rest = iter(urls)
        while group := list(islice(rest, URLS)):
            query = sa.select(captures.c.body).where(captures.c.url.in_(group)).order_by(captures.c.url, captures.c.time, captures.c.id)
            found = groupby((codec.read(Capture, body) for body in self._rows(query)), key=lambda item: item.url)
            held = {url: list(items) for url, items in found}
            for url in group:
                yield from held.get(url, ())

    def captures_with(self, identifiers: Iterable[str]) -> dict[str, Capture]:
        """The captures with these record ids, by id; those that are not there are left out."""
        rest, held = iter(identifiers), dict[str, Capture]()
        while group := list(islice(rest, CHUNK)):
            found = (codec.read(Capture, body) for body in self._rows(sa.select(captures.c.body).where(captures.c.id.in_(group))))
            held |= {capture.id: capture for capture in found}
        return held

    def latest(self, url: str) -> Capture | None:
        """The newest capture of a URL."""
        return self._one(queries.LATEST, url=url)

    def with_payload(self, digest: str) -> Capture | None:
        """The oldest whole response with this payload: what an identical payload refers to."""
        return self._one(queries.WITH_PAYLOAD, digest=digest)

    def with_payloads(self, digests: Iterable[str]) -> dict[str, Capture]:
        """The same for many payloads at once, by payload; what nothing is known of is left out."""
        found = [codec.read(Capture, body) for body in self._rows(queries.WITH_PAYLOADS, digests=list(digests))]
        return {item.payload_digest: item for item in found if item.payload_digest is not None}

    def all_captures(self, prefix: str = "") -> Iterator[Capture]:
        """Every capture whose SURT begins with ``prefix``, in CDXJ order (SURT, then time), in steps so that memory does not grow."""
        place, step = (prefix, datetime.min.replace(tzinfo=UTC), ""), FIRST
        while True:
            surt, time, identifier = place
            bodies = self._rows(queries.BEHIND, surt=surt, time=time, id=identifier, end=prefix + _LAST if prefix else _END, step=step)
            found = [codec.read(Capture, body) for body in bodies]
            if not found:
                return
            yield from found
            place, step = (found[-1].surt, found[-1].time, found[-1].id), CHUNK

    def _one(self, query: sa.Select[tuple[str]], **values: object) -> Capture | None:
        found = self._rows(query, **values)
        return codec.read(Capture, found[0]) if found else None

    # Stories

    def put_story(self, story: Story) -> None:
        """Note one version of a story."""
        self._put(stories, [{"slug": story.slug, "version": story.version, "body": codec.text_of(story)}])

    def story(self, slug: str) -> Story | None:
        """The newest version of a story."""
        query = sa.select(stories.c.body).where(stories.c.slug == slug).order_by(stories.c.version.desc()).limit(1)
        found = self._rows(query)
        return codec.read(Story, found[0]) if found else None

    def slugs(self) -> list[str]:
        """The names of all stories."""
        return self._rows(sa.select(stories.c.slug).distinct().order_by(stories.c.slug))

    # The frontier

    def add_leads(self, story: str, items: Iterable[Lead]) -> int:
        """Put leads into a story's frontier; a URL that is there already stays as it is. Gives the number of new ones."""
        items = list(items)
        self._put(requisites, [{"parent": item.parent, "url": item.url} for item in items if item.found is Found.REQUISITE])
        return self._put(leads, [_lead_row(story, item) for item in items])

    def has_lead(self, story: str, lead: Lead) -> bool:
        """Whether a story's frontier knows the lead's URL, or its title when it has none."""
        return bool(self._rows(sa.select(leads.c.key).where(leads.c.story == story, leads.c.key == _lead_key(lead))))

    def lead(self, story: str, url: str) -> Lead | None:
        """The lead of a story for one URL, as it was found first."""
        found = self._rows(sa.select(leads.c.body).where(leads.c.story == story, leads.c.key == url))
        return codec.read(Lead, found[0]) if found else None

    def is_settled(self, story: str, lead: Lead) -> bool:
        """Whether an earlier run of the story has ended the lead for good."""
        return bool(self._rows(sa.select(leads.c.key).where(leads.c.story == story, leads.c.key == _lead_key(lead), ~leads.c.waiting)))

    def waiting(self, story: str) -> list[Lead]:
        """The articles and listings that have a URL and no outcome yet, nearest first; no requisites."""
        return self._waiting(story, leads.c.key.startswith("http"))

    def waiting_requisites(self, story: str) -> list[Lead]:
        """The requisites of a story's pages that no run has fetched, or that may go better next time, nearest first."""
        return self._waiting(story, leads.c.found == str(Found.REQUISITE))

    def _waiting(self, story: str, which: sa.ColumnElement[bool]) -> list[Lead]:
        query = sa.select(leads.c.body).where(leads.c.story == story, leads.c.waiting, which)
        return [codec.read(Lead, body) for body in self._rows(query.order_by(leads.c.hop, leads.c.key))]

    def leads_found(self, story: str, ways: Iterable[Found]) -> list[Lead]:
        """The leads of a story that were found in one of these ways, whatever became of them."""
        query = sa.select(leads.c.body).where(leads.c.story == story, leads.c.found.in_([str(way) for way in ways]))
        return [codec.read(Lead, body) for body in self._rows(query.order_by(leads.c.key))]

    def unresolved(self, story: str) -> list[Lead]:
        """The leads of a story that are a title without a URL."""
        query = sa.select(leads.c.body).where(leads.c.story == story, leads.c.key.startswith("title:")).order_by(leads.c.key)
        return [codec.read(Lead, body) for body in self._rows(query)]

    def add_outcomes(self, story: str, items: Iterable[Outcome]) -> None:
        """Write how URLs ended a run and take them off the frontier, in one transaction; what may go better next time stays on it."""
        items = list(items)
        if not items:
            return
        self.add_leads(story, [item.lead for item in items])
        rows = [_outcome_row(story, item) for item in items]
        ends = [{"done": _lead_key(item.lead), "still": item.verdict in TRY_AGAIN or item.again} for item in items]
        listings = [_listing(item.lead) for item in items if item.lead.found in LISTINGS]
        insert = _insert(self._engine)(outcomes).on_conflict_do_nothing(index_elements=["run", "url"])
        this = sa.update(leads).where(leads.c.story == story, leads.c.key == sa.bindparam("done"))
        with self._begin() as connection:
            connection.execute(insert, rows)
            connection.execute(this.values(waiting=leads.c.waiting & sa.bindparam("still")), ends)
            if listings:  # what turned out to be a feed is known as one from now on, however it was found
                connection.execute(this.values(found=sa.bindparam("way"), body=sa.bindparam("lead")), listings)

    def outcomes_of(self, story: str, run: str | None = None, *, since: datetime | None = None) -> list[Outcome]:
        """The outcomes of a story, or of one of its runs, or from a time on, oldest first."""
        query = sa.select(outcomes.c.body).where(outcomes.c.story == story)
        query = query if since is None else query.where(outcomes.c.time >= since)
        query = query if run is None else query.where(outcomes.c.run == run)
        return [codec.read(Outcome, body) for body in self._rows(query.order_by(outcomes.c.time, outcomes.c.url))]

    # Requisites

    def needed_by(self, parent: str) -> list[str]:
        """The URLs that a page or a style sheet of this URL needs to be shown, in any of its versions."""
        return self._rows(sa.select(requisites.c.url).where(requisites.c.parent == parent).order_by(requisites.c.url))

    def with_requisites(self, urls: Collection[str]) -> set[str]:
        """Those of some URLs of pages or style sheets that need anything."""
        query = sa.select(requisites.c.parent).distinct().where(requisites.c.parent.in_(urls))
        return set(self._rows(query))

    def captures_for(self, parent: str) -> list[Capture]:
        """All captures of what a page or a style sheet of this URL needs, by URL, oldest first."""
        query = sa.select(captures.c.body).join(requisites, requisites.c.url == captures.c.url).where(requisites.c.parent == parent)
        return [codec.read(Capture, body) for body in self._rows(query.order_by(captures.c.url, captures.c.time, captures.c.id))]

    # What was understood

    def put_documents(self, items: Sequence[Document]) -> None:
        """Keep clean texts, one per capture and extractor."""
        rows: list[dict[str, object]] = [
            {"capture": item.capture, "extractor": item.extractor, "url": item.url, "body": codec.text_of(item)} for item in items
        ]
        self._put(documents, rows, replace=True)
        self._put(searchable, [fulltext.row(item) for item in items], replace=True, unique="capture")

    def hits(self, query: Query) -> list[Hit]:
        """The captures whose text has the words, the best first."""
        found = fulltext.found_by(query, self._engine.dialect.name)
        with self._begin() as connection:
            return [Hit(capture, rank) for capture, rank in connection.execute(found)]

    def document(self, capture: str) -> Document | None:
        """The clean text of a capture, by the extractor that was last used on it."""
        return self.documents_with([capture]).get(capture)

    def documents_with(self, identifiers: Iterable[str]) -> dict[str, Document]:
        """The same of many captures, by their ids; those that have no text are left out."""
        rest, held = iter(identifiers), dict[str, Document]()
        while group := list(islice(rest, CHUNK)):
            found = sorted(self.read(sa.select(documents).where(documents.c.capture.in_(group))), key=lambda row: _age(row.extractor))
            held |= {capture: codec.read(Document, body) for capture, body in {row.capture: row.body for row in found}.items()}
        return held

    def last_documents(self, outlet: str, before: datetime, limit: int) -> list[tuple[Document, datetime]]:
        """The newest clean texts of a registered domain that were captured before a time, newest first, with their times."""
        with self._begin() as connection:
            found = connection.execute(queries.texts_of(surt(f"http://{outlet}/").removesuffix(")/"), before, 2 * limit)).all()
        newest = {row.capture: (row.body, row.time) for row in found}  # of each capture, by one extractor
        return [(codec.read(Document, body), time) for body, time in islice(newest.values(), limit)]

    def put_revisions(self, items: Iterable[Revision]) -> None:
        """Keep what changed between two captures."""
        self._put(revisions, [{"url": item.url, "after": item.after, "time": item.time, "body": codec.text_of(item)} for item in items])

    def revisions_of(self, url: str) -> list[Revision]:
        """The revisions of one URL, oldest first."""
        query = sa.select(revisions.c.body).where(revisions.c.url == url).order_by(revisions.c.time)
        return [codec.read(Revision, body) for body in self._rows(query)]

    def relations_of(self, story: str) -> list[Relation]:
        """The relations between a story's texts as they were worked out last (``archive/keptrelations.py``)."""
        return [codec.read(Relation, body) for body in self._rows(queries.relations_of(story))]

    def quotes_of(self, story: str) -> list[Quote]:
        """The quotations in a story's texts, likewise."""
        return [codec.read(Quote, body) for body in self._rows(queries.quotes_of(story))]

    def clear(self) -> None:
        """Forget everything but who may ask whom now: the first step of a rebuild."""
        derived = [table for table in metadata.sorted_tables if table is not leases]
        with self._begin() as connection:
            metadata.drop_all(connection, derived)
            metadata.create_all(connection)


def _age(extractor: str) -> list[tuple[str, int]]:
    """Sorts extractors by their versions: 2.10 came after 2.9."""
    return [(word, int(number or 0)) for word, number in _VERSIONS.findall(extractor)]


def _lead_row(story: str, item: Lead) -> dict[str, object]:
    return {
        "story": story,
        "key": _lead_key(item),
        "waiting": True,
        "hop": item.hop,
        "found": str(item.found),
        "body": codec.text_of(item),
    }


def _listing(item: Lead) -> dict[str, object]:
    return {"done": _lead_key(item), "way": str(item.found), "lead": codec.text_of(item)}


def _lead_key(lead: Lead) -> str:
    """What is in the frontier once: a URL as an article, the same URL as a requisite, a title."""
    if lead.found is Found.REQUISITE:
        return f"requisite:{lead.url}"
    return lead.url or f"title:{lead.title}"


def _capture_row(item: Capture) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.url,
        "surt": item.surt,
        "time": item.time,
        "kind": item.kind,
        "payload_digest": item.payload_digest,
        "whole": item.truncated is None and bool(item.payload_length),
        "body": codec.text_of(item),
    }


def _outcome_row(story: str, item: Outcome) -> dict[str, object]:
    return {"run": item.run, "url": item.url, "story": story, "time": item.time, "body": codec.text_of(item)}


def _shown(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError as error:
        raise CatalogueError("the catalogue's URL is not a SQLAlchemy URL such as sqlite:///folder/catalogue.sqlite") from error


def _engine(url: str, busy_seconds: float) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername=POSTGRES)
        return sa.create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={} if "timeout" in parsed.query else {"timeout": busy_seconds})
    sa.event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    # The catalogue is an index: a lost last commit is rebuilt, a torn file cannot happen in WAL mode.
    cursor.execute("PRAGMA synchronous=NORMAL")
    # Of a large catalogue a few hundred new rows touch thousands of pages, which the defaults (2 MB, 4 MB) write again and again.
    cursor.execute("PRAGMA cache_size=-32768")
    cursor.execute("PRAGMA wal_autocheckpoint=8192")
    cursor.close()


def _insert(engine: Engine) -> Callable[[sa.Table], Any]:
    """The dialect's own INSERT, which knows ON CONFLICT; the two share no type."""
    return postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
