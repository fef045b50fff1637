"""Reading what a round has fetched: captures become clean texts, texts become members, revisions, leads and outcomes.

Contract: reads from the archive alone, never from a Scrapy response (law 1); every :class:`Fetched` that goes in comes out as one
:class:`Outcome`.  Decisions are the pipeline's; this module brings them their values.  A requisite is no article: no text is taken from it,
no revision made; of a style sheet only what it needs in turn is read (``crawlers/requisites.py``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archive.kinds import Change, Found, PageKind, Truncation, Verdict
from archive.records import Capture, Document, Lead, Member, Outcome, Page, Quality, Revision, Story
from archive.store import ObjectMissing
from archive.vault import Archive
from archive.warcread import WarcError
from crawlers.backends import Backend
from crawlers.contents import Wanted, is_contents, read_contents
from crawlers.ledger import Fetched
from crawlers.requisites import needs_of_sheet
from crawlers.signs import listed, skew
from pipeline.coverage import Shown, is_alias, leads_of_page, leads_of_requisites, member
from pipeline.history import History, Said, reconsidered
from pipeline.outcomes import Answer, judge
from pipeline.places import located
from pipeline.quality import of_redirect
from pipeline.seeds import SeedReading
from pipeline.textpool import TextFailure, TextPool
from pipeline.validators import lie
from pipeline.versions import Known, absence, comparable, compare, worth_keeping
from pipeline.walls import refusal


@dataclass(slots=True, kw_only=True)
class Understood:
    """What one round gave."""

    outcomes: list[Outcome] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    requisites: list[Lead] = field(default_factory=list)  # what style sheets need, and where requisites have moved
    shown: list[Shown] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    skews: dict[str, float | None] = field(default_factory=dict)  # by capture id
    walled: set[str] = field(default_factory=set)  # ids of captures that a wall answered with another status than 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads for one run of one story, or for a run without a story."""

    archive: Archive
    pool: TextPool
    run: str
    story: Story | None
    readings: Sequence[SeedReading]
    titles: Sequence[str]  # titles that are looked for
    backends: Sequence[Backend] = ()  # whose answers it can read
    said: Said = field(default_factory=Said)  # the texts of the run

    def read(self, fetched: Sequence[Fetched]) -> Understood:
        """Understand one round."""
        result = Understood()
        by_capture = {item.capture.id: item for item in fetched if item.capture is not None}
        for item in fetched:
            if item.lead.found is Found.REQUISITE:
                self._take_requisite(result, item)
            elif self._is_walled(item) and item.capture is not None:
                result.walled.add(item.capture.id)
            elif not (_has_text(item) or _stands_for_another(item)):
                self._close(result, item, replace(self._answer(item), quality=_way(item)))
        # All texts first: comparing may ask the pool, which serves one caller at a time, for an older text again.
        texts = list(self.pool.extract(self._pages(result, list(by_capture.values()))))
        self._note(fetched, dict(texts))
        for capture, found in texts:
            self._take(result, by_capture[capture], found)
        for item in fetched:
            if _stands_for_another(item):
                self._take_again(result, item)
        self.archive.catalogue.put_documents(result.documents)
        self.archive.catalogue.put_revisions(result.revisions)
        return result

    def _note(self, fetched: Sequence[Fetched], texts: Mapping[str, Document | TextFailure]) -> None:
        """Who said what in this round, those whose bytes were somebody else's too."""
        for item in fetched:
            found = texts.get(item.capture.id) if item.capture is not None else None
            if item.capture is not None and item.capture.refers_to is not None and _stands_for_another(item):
                found = texts.get(item.capture.refers_to) or self.archive.catalogue.document(item.capture.refers_to)
            if item.capture is not None and isinstance(found, Document):
                self.said.add(replace(found, url=item.capture.url))

    def _is_walled(self, item: Fetched) -> bool:
        """Whether a wall answered, with a status that would mean something else from anybody else."""
        if item.capture is None or item.status in {None, 200, 304} or not _may_be_read(item, "response"):
            return False
        try:
            return refusal(self.archive.page(item.capture)) is not None
        except (WarcError, ObjectMissing):
            return False  # damaged or gone: `verify` names it

    def _take_requisite(self, result: Understood, item: Fetched) -> None:
        """What a page needs to be shown: kept as it is, and asked what it needs itself."""
        if item.capture is not None and item.refused is None:
            moved = leads_of_requisites([item.location] if item.location else [], item.capture.url, item.lead.hop)
            result.requisites += [*moved, *needs_of_sheet(self.archive, item.capture, item.lead.hop)]
        answer = self._answer(item)
        if answer.known and item.status == 200:
            answer = replace(answer, problem="captured again, with other bytes")
        result.outcomes.append(self.outcome(item, *(item.refused or judge(answer))))

    def _pages(self, result: Understood, fetched: Sequence[Fetched]) -> Iterator[Page]:
        """The pages to extract; feeds and sitemaps, and what cannot be read back, are dealt with on the way."""
        for item in fetched:
            if item.capture is None or not (_has_text(item) or item.capture.id in result.walled):
                continue
            try:
                page = self.archive.page(item.capture)
            except WarcError as error:
                self._close(result, item, replace(self._answer(item), problem=f"captured, but cannot be read back: {error}"))
                continue
            result.skews[item.capture.id] = skew(page)
            if item.capture.id not in result.walled and is_contents(page, item.lead.found):
                self._contents(result, item, page)
            else:
                yield page

    def _contents(self, result: Understood, item: Fetched, page: Page) -> None:
        """A list: its entries become leads, and from now on the lead is known as what it is."""
        wanted = Wanted(story=self.story, titles=self.titles, backends=self.backends)
        contents = read_contents(page, item.lead, wanted, self._origin(item.lead))
        result.leads += contents.leads
        item = replace(item, lead=replace(item.lead, found=contents.listing), refused=contents.refused)
        answer = self._answer(item)
        same = item.capture is not None and item.capture.kind == "revisit"
        self._close(result, item, replace(answer, known=answer.known and (same or not contents.readable), problem=contents.told))
        if result.outcomes[-1].verdict is Verdict.UNCHANGED:
            result.outcomes[-1] = replace(result.outcomes[-1], reason=f"{result.outcomes[-1].reason}; {contents.told}")
        counts = listed(self.archive, page) if contents.readable and contents.listing is not Found.QUERY else None
        if counts is not None:
            result.outcomes[-1] = replace(result.outcomes[-1], entries=counts[0], fresh=counts[1])

    def _origin(self, lead: Lead) -> Lead | None:
        """The lead of the dead address whose captures a question asks for."""
        if lead.found is not Found.QUERY or self.story is None or lead.parent is None:
            return None
        return self.archive.catalogue.lead(self.story.slug, lead.parent)

    def _take(self, result: Understood, item: Fetched, found: Document | TextFailure) -> None:
        """One page's text, or why there is none."""
        if isinstance(found, TextFailure):
            self._close(result, item, replace(self._answer(item), problem=f"captured; no text: {found.kind}: {found.message}"))
            return
        assert item.capture is not None
        known = self._known(item.capture, found.extractor)
        history = History(article=known.document if known else None, last=self._last(item.capture), twins=self.said.twins(found))
        found = reconsidered(found, history)
        result.documents.append(found)
        result.shown.append(Shown(capture=item.capture, document=found, hop=item.lead.hop))
        change, problem = (None, None) if known is None else compare(known, item.capture, found)
        if found.problem and problem is None:
            problem = f"captured; only a part could be read: {found.problem}"
        result.revisions += [change] if change is not None and worth_keeping(change) else []
        joined = None if self.story is None else member(found, item.lead, self.story, self.readings, item.time)
        if joined is not None:
            result.members.append(joined)
        if joined is not None or (self.story is not None and is_alias(found)):
            result.leads += self._placed(leads_of_page(found, item.lead.hop, self.story), item.capture)
        answer = self._answer(item, None if change is None else change.change)
        self._close(result, item, replace(answer, quality=found.quality, revision=change, problem=problem))

    def _placed(self, leads: Sequence[Lead], capture: Capture) -> Sequence[Lead]:
        """What a page leads to, with the record and the place that say so."""
        try:
            return located(leads, self.archive.page(capture))
        except (WarcError, ObjectMissing):
            return leads  # damaged or gone since it was read: `verify` names it

    def _take_again(self, result: Understood, item: Fetched) -> None:
        """A revisit: what the response that it stands for said, entries or text, this capture says too."""
        assert item.capture is not None
        try:
            page = self.archive.page(item.capture)
        except (WarcError, ObjectMissing):
            page = None  # damaged or gone: `verify` names it
        if page is not None and is_contents(page, item.lead.found):
            self._contents(result, item, page)
            return
        original = self.archive.catalogue.capture(item.capture.refers_to or "")
        document = self._text_of(original) if original is not None else None
        if document is None:
            self._close(result, item, replace(self._answer(item), quality=_way(item)))
        else:
            self._take(result, item, replace(document, capture=item.capture.id, url=item.capture.url))

    def _text_of(self, original: Capture) -> Document | None:
        """The text of a response that is stood for; of an error page only what was read because it is a wall's."""
        return self._document(original, None) if original.status == 200 else self.archive.catalogue.document(original.id)

    def _known(self, capture: Capture, extractor: str | None = None) -> Known | None:
        """What is known of the article before a capture, its text by ``extractor`` if one is named; None for a first version."""
        versions = [item for item in self.archive.catalogue.captures_of(capture.url) if item.status == 200 and item.time < capture.time]
        revisions = self.archive.catalogue.revisions_of(capture.url)
        for old in reversed(versions):
            document = self._document(old, extractor)
            if document is not None and comparable(document):
                text = replace(document, capture=old.id, url=old.url)
                return Known(document=text, number=len(versions) + 1, last=revisions[-1] if revisions else None)
        return None

    def _last(self, capture: Capture) -> Document | None:
        """What this address gave before, whatever it was."""
        earlier = (old for old in reversed(self.archive.catalogue.captures_of(capture.url)) if old.time < capture.time)
        return next((found for old in earlier if (found := self.archive.catalogue.document(old.id)) is not None), None)

    def _document(self, capture: Capture, extractor: str | None) -> Document | None:
        """The clean text of an earlier capture: from the catalogue, or read again when it is not there or by another extractor."""
        origin = self.archive.catalogue.capture(capture.refers_to) if capture.refers_to else capture
        known = self.archive.catalogue.document(origin.id) if origin else None
        if origin is None or (known is not None and extractor in {None, known.extractor}):
            return known
        try:
            page = self.archive.page(origin)
        except (WarcError, ObjectMissing):
            return None  # damaged or gone: `verify` names it, and nothing is held against it
        for _, found in self.pool.extract([page]):
            if isinstance(found, Document):
                self.archive.catalogue.put_documents([found])
                return found
        return None

    def _answer(self, item: Fetched, change: Change | None = None) -> Answer:
        """What the verdict on a fetch can rest on besides its text; ``change`` is what it did to the text before it, once that is known."""
        url = item.lead.url or ""
        captures = self.archive.catalogue.captures_of(url)
        before = [capture for capture in captures if item.capture is None or capture.time < item.capture.time]
        whole = [capture for capture in before if capture.status == 200]
        return Answer(
            status=item.status,
            failure=item.failure,
            truncated=item.truncated,
            capture=item.capture,
            location=item.location,
            known=bool(whole),
            lie=lie(whole[-1], item.capture, change) if whole and item.capture is not None else None,
        )

    def _close(self, result: Understood, item: Fetched, answer: Answer) -> None:
        verdict, reason = item.refused or judge(answer)
        if item.capture is not None and item.refused is None and item.status != 200 and absence(item.capture, _kind(answer)) is not None:
            known = self._known(item.capture)
            gone = compare(known, item.capture, None)[0] if known is not None else None
            result.revisions += [gone] if gone is not None else []
        skewed = result.skews.get(item.capture.id) if item.capture is not None else None
        result.outcomes.append(replace(self.outcome(item, verdict, reason), skew=skewed))

    def outcome(self, item: Fetched, verdict: Verdict, reason: str) -> Outcome:
        """The outcome of one fetch."""
        return Outcome(
            run=self.run,
            url=item.lead.url or "",
            verdict=verdict,
            reason=reason,
            time=item.time,
            lead=item.lead,
            status=item.status,
            capture=item.capture.id if item.capture else None,
            ref=item.ref,
            final_url=item.location,
            robots=item.robots,
            again=item.again,
        )


def _way(item: Fetched) -> Quality | None:
    """What a redirect leads to, where that is no other address of the page."""
    moved = item.status is not None and 300 <= item.status < 400 and item.status != 304
    return of_redirect(item.lead.url or "", item.location) if moved else None


def _kind(answer: Answer) -> PageKind | None:
    return answer.quality.kind if answer.quality is not None else None


def _has_text(item: Fetched) -> bool:
    """Whether a whole 200 answer lies in the archive, whose text is to be read."""
    cut = item.truncated not in {None, Truncation.LENGTH}
    return _may_be_read(item, "response") and item.status == 200 and not cut


def _stands_for_another(item: Fetched) -> bool:
    """Whether the capture is a revisit whose text is known from the response that it refers to."""
    return _may_be_read(item, "revisit")


def _may_be_read(item: Fetched, kind: str) -> bool:
    return item.capture is not None and item.capture.kind == kind and item.refused is None and item.lead.found is not Found.REQUISITE
