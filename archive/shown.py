"""The catalogue as people see it: without what is withdrawn or under embargo.

Contract: every reader of captures, texts, revisions, relations, quotations, leads and outcomes gives what may be shown now and nothing
else, so that no command and no page has to think of it.  A change of which one end is hidden is hidden: it holds the words of both.  What
is written is written as ever.  Texts and changes are as the reader may have them (``archive/rights.py``).  StoreError when the store cannot
say what is withdrawn.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from archive.catalogue import BUSY_SECONDS, CHUNK, Catalogue
from archive.fulltext import Hit, Query
from archive.kinds import Found
from archive.records import Capture, Document, Lead, Outcome, Revision, Story
from archive.relations import Quote, Relation
from archive.rights import Reader
from archive.withdrawals import Veil

T = TypeVar("T")
HOUSE = Reader()


class ShownCatalogue(Catalogue):
    """A catalogue behind a veil."""

    def __init__(self, url: str, veil: Callable[[], Veil], reader: Reader = HOUSE, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open the database at ``url``; ``veil`` says what is hidden now, ``reader`` who looks."""
        super().__init__(url, busy_seconds=busy_seconds)
        self._hidden, self._reader = veil, reader

    def is_whole(self) -> bool:
        return not self._hidden()

    def _shown(self, captures: Iterable[Capture]) -> Iterator[Capture]:
        veil = self._hidden()
        return (item for item in captures if veil.hides(item) is None) if veil else iter(captures)

    def _one_shown(self, capture: Capture | None) -> Capture | None:
        return next(self._shown([capture]), None) if capture is not None else None

    def hidden_of(self, identifiers: Collection[str]) -> frozenset[str]:
        """Which of some record ids are of captures that may not be shown."""
        veil = self._hidden()
        if not veil:
            return frozenset()
        known = super().captures_with(identifiers)
        return frozenset(
            item for item in identifiers if (veil.hides(known[item]) if item in known else veil.hides_record(item)) is not None
        )

    def _free(self, items: Iterable[T], named: Callable[[T], Iterable[str | None]]) -> Iterator[T]:
        """The items that name no hidden capture, asked for many at a time."""
        rest = iter(items)
        while group := list(islice(rest, CHUNK)):
            hidden = self.hidden_of({name for item in group for name in named(item) if name is not None})
            yield from (item for item in group if hidden.isdisjoint(filter(None, named(item))))

    # Captures

    def capture(self, identifier: str) -> Capture | None:
        return self._one_shown(super().capture(identifier))

    def captures_of(self, url: str) -> list[Capture]:
        return list(self._shown(super().captures_of(url)))

    def captures_of_each(self, urls: Iterable[str]) -> Iterator[Capture]:
        return self._shown(super().captures_of_each(urls))

    def captures_with(self, identifiers: Iterable[str]) -> dict[str, Capture]:
        return {item.id: item for item in self._shown(super().captures_with(identifiers).values())}

    def captures_for(self, parent: str) -> list[Capture]:
        return list(self._shown(super().captures_for(parent)))

    def all_captures(self, prefix: str = "") -> Iterator[Capture]:
        return self._shown(super().all_captures(prefix))

    def latest(self, url: str) -> Capture | None:
        newest = super().latest(url)
        shown = self._one_shown(newest)
        return shown if shown is newest else next(reversed(self.captures_of(url)), None)

    def with_payload(self, digest: str) -> Capture | None:
        return self._one_shown(super().with_payload(digest))

    def with_payloads(self, digests: Iterable[str]) -> dict[str, Capture]:
        return {digest: item for digest, item in super().with_payloads(digests).items() if self._one_shown(item) is not None}

    # What was understood

    def hits(self, query: Query) -> list[Hit]:
        return list(self._free(super().hits(query), lambda hit: (hit.capture,)))

    def documents_with(self, identifiers: Iterable[str]) -> dict[str, Document]:
        found = super().documents_with(identifiers)
        hidden = self.hidden_of(found.keys())
        return {name: self._reader.document(document) for name, document in found.items() if name not in hidden}

    def last_documents(self, outlet: str, before: datetime, limit: int) -> list[tuple[Document, datetime]]:
        return list(self._free(super().last_documents(outlet, before, limit), lambda item: (item[0].capture,)))

    def revisions_of(self, url: str) -> list[Revision]:
        found = list(self._free(super().revisions_of(url), lambda item: (item.before, item.after, item.suspected)))
        texts = {} if self._reader.is_house else self.documents_with(item.after for item in found)
        return [self._reader.revision(item, texts.get(item.after)) for item in found]

    def relations_of(self, story: str) -> list[Relation]:
        return list(self._free(super().relations_of(story), lambda item: (item.source, item.target)))

    def quotes_of(self, story: str) -> list[Quote]:
        return list(self._free(super().quotes_of(story), lambda item: (item.document,)))

    # Addresses

    def story(self, slug: str) -> Story | None:
        """The newest version of a story, without the articles of which nothing is shown."""
        found, veil = super().story(slug), self._hidden()
        if found is None or not veil:
            return found
        return replace(found, members=tuple(member for member in found.members if veil.hides_url(member.url) is None))

    def _leads(self, items: Iterable[Lead]) -> list[Lead]:
        """Those whose address is not hidden, without the words of a page that is."""
        veil = self._hidden()
        open_ones = [item for item in items if veil.hides_url(item.url or "") is None] if veil else list(items)
        return [self._without_words(item, veil) for item in open_ones]

    def _without_words(self, lead: Lead, veil: Veil) -> Lead:
        return replace(lead, evidence="") if veil.hides_url(lead.parent or "") is not None else lead

    def lead(self, story: str, url: str) -> Lead | None:
        found = super().lead(story, url)
        return next(iter(self._leads([found])), None) if found is not None else None

    def unresolved(self, story: str) -> list[Lead]:
        veil = self._hidden()
        return [lead for lead in super().unresolved(story) if veil.hides_url(lead.parent or "") is None]

    def waiting(self, story: str) -> list[Lead]:
        return self._leads(super().waiting(story))

    def waiting_requisites(self, story: str) -> list[Lead]:
        return self._leads(super().waiting_requisites(story))

    def leads_found(self, story: str, ways: Iterable[Found]) -> list[Lead]:
        return self._leads(super().leads_found(story, ways))

    def outcomes_of(self, story: str, run: str | None = None, *, since: datetime | None = None) -> list[Outcome]:
        found, veil = super().outcomes_of(story, run, since=since), self._hidden()
        if not veil:
            return found
        return [replace(item, lead=self._without_words(item.lead, veil)) for item in found if veil.hides_url(item.url) is None]
