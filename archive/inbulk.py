"""What the catalogue knows of many captures, asked for many at a time: a question each would cost more than all the rest of a pull.

Contract: each function is lazy and holds at once no more than ``selecting.TEXTS`` texts, ``catalogue.CHUNK`` URLs or outcomes, however
many there are.  ``with_texts`` gives what ``selecting.text_of`` gives, of each capture in turn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby, islice
from typing import TypeVar

import sqlalchemy as sa

from archive import codec
from archive.catalogue import CHUNK
from archive.catalogue_tables import outcomes, revisions
from archive.kinds import State
from archive.records import Capture, Document, Outcome, Revision
from archive.selecting import TEXTS, state_of, texts_of
from archive.vault import Archive
from archive.withdrawals import Veil

T = TypeVar("T")
Shown = tuple[Capture, Document | None, State]


def with_texts(archive: Archive, captures: Iterable[Capture]) -> Iterator[Shown]:
    """Each capture with the text that it shows, its own or that of the record it stands for, and what became of its article."""
    for group in groups(captures, TEXTS):
        texts, states = texts_of(archive, group), states_of(archive, {capture.url for capture in group})
        for capture in group:
            yield capture, texts.get(capture.id), states[capture.url]


def states_of(archive: Archive, urls: Iterable[str]) -> dict[str, State]:
    """What became of the articles at some URLs."""
    urls = list(urls)
    known = {url: state_of(items) for url, items in groupby(revisions_of_each(archive, urls), key=lambda item: item.url)}
    return {url: known.get(url, State.CURRENT) for url in urls}


def revisions_of_each(archive: Archive, urls: Iterable[str]) -> Iterator[Revision]:
    """The revisions of some URLs, URL by URL, oldest first."""
    for group in groups(urls, CHUNK):
        query = sa.select(revisions.c.body).where(revisions.c.url.in_(group)).order_by(revisions.c.url, revisions.c.time, revisions.c.after)
        found = list(_shown(archive, [codec.read(Revision, row.body) for row in archive.catalogue.read(query)]))
        texts = {} if archive.reader.is_house else archive.catalogue.documents_with(item.after for item in found)
        yield from (archive.reader.revision(item, texts.get(item.after)) for item in found)


def _shown(archive: Archive, items: list[Revision]) -> Iterator[Revision]:
    """Those of which neither end is hidden."""
    if not archive.veil():
        yield from items
        return
    known = archive.catalogue.captures_with({name for item in items for name in (item.before, item.after)})
    yield from (item for item in items if item.before in known and item.after in known)


def outcomes_of(archive: Archive, story: str | None) -> Iterator[tuple[str, Outcome]]:
    """How the URLs of a story, or of all, ended each run, with the story: by run and URL; without the words of hidden pages."""
    veil = archive.veil()
    key = (outcomes.c.run, outcomes.c.url)
    query = sa.select(outcomes.c.story, outcomes.c.run, outcomes.c.url, outcomes.c.body).order_by(*key).limit(CHUNK)
    query = query if story is None else query.where(outcomes.c.story == story)
    place = ("", "")
    while found := archive.catalogue.read(query.where(sa.tuple_(*key) > place)):
        for row in found:
            yield row.story, _without_words(codec.read(Outcome, row.body), veil)
        place = (found[-1].run, found[-1].url)


def _without_words(outcome: Outcome, veil: Veil) -> Outcome:
    hidden = veil.hides_url(outcome.lead.parent or "") is not None
    return replace(outcome, lead=replace(outcome.lead, evidence="")) if hidden else outcome


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items, so many at a time."""
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group
