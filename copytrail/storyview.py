"""What the story page shows of a story, gathered from the archive as plain values.

Contract: ``story_view`` reads the catalogue, seeds and manifests and decides nothing about looks.  Articles are sorted by outlet, the
outlet that published first first, then by time, and numbered from 1 in that order.  Every article carries its versions with the address
of each record, its text as it was first captured, which is what others could take from, and as it was last, and a citation of its newest
text.  ``losses`` holds how each URL of which nothing is kept ended, by its last outcome; ``spares`` those that only were another way to an
article that is.  A selection leaves the articles and captures that it takes, and their changes; seeds, loose ends and losses stay those of
the whole story.  Times are aware and in UTC.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from archive import manifest
from archive.catalogue import Catalogue
from archive.judgements import judgements_of
from archive.kinds import Change, EventKind, Found, Verdict
from archive.records import Capture, Document, Lead, Member, Outcome, Revision, Seed, Selection, Story
from archive.relations import Related
from archive.selecting import chosen, original_of, state_of, text_of
from archive.store import ObjectInfo
from archive.stories import read_seeds
from archive.tombstones import row, withheld
from archive.urls import host
from archive.vault import Archive
from copytrail.citations import Citation
from copytrail.marked import Paragraph, Piece, paragraphs, words
from copytrail.statusrows import told
from crawlers.relating import related_of
from crawlers.storytexts import FIRST, NEWEST
from pipeline.judged import with_judgements
from pipeline.related import related
from pipeline.versions import comparable, readable

UNSAID = frozenset({EventKind.COSMETIC, EventKind.GONE, EventKind.RESTORED})  # says nothing, or what ``change`` says
Taken = frozenset[str] | None  # ids of the captures that a selection takes; None where there is no selection
KEPT = frozenset({Verdict.KEPT, Verdict.UNCHANGED, Verdict.EDITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """One article: what it is, why it belongs to the story, and each capture of it."""

    number: int
    url: str
    title: str
    outlet: str
    published: datetime | None
    published_text: str | None  # as exact as the page is
    authors: tuple[str, ...]
    state: str
    why: str
    seed: str | None
    captures: tuple[Capture, ...]
    changes: tuple[tuple[datetime, Change], ...]
    first: Document | None = None  # the text that is held against others: as it was first captured, unless the last was asked for
    last: Document | None = None  # and as it was last
    citation: Citation | None = None  # of the newest capture that shows the article

    @property
    def since(self) -> datetime | None:
        """When it came into the world, as far as is known."""
        return self.published or (self.captures[0].time if self.captures else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """What an article changed between two captures."""

    article: ArticleView
    number: int
    change: Change
    events: tuple[EventKind, ...]  # what kind of change it is, finer than ``change``
    before: Capture | None
    after: Capture | None
    title: tuple[Piece, ...]
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedView:
    """What a person gave, and the original that it was matched to."""

    seed: Seed
    article: ArticleView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadView:
    """A title that was named without a URL; ``article`` has that title, if any has."""

    lead: Lead
    article: ArticleView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """One story, ready to be shown."""

    slug: str
    title: str
    version: int
    made: datetime
    articles: tuple[ArticleView, ...]
    changes: tuple[ChangeView, ...]
    seeds: tuple[SeedView, ...]
    leads: tuple[LeadView, ...]
    waiting: tuple[Lead, ...]
    losses: tuple[Outcome, ...]
    spares: tuple[Outcome, ...]
    files: tuple[tuple[str, ObjectInfo | None], ...]  # WARC keys, with what the manifests vouch for
    related: Related = field(default_factory=Related)  # about the articles' first texts
    texts: str = FIRST  # which texts these are, in words
    selection: Selection | None = None  # what narrows the page to a part of the story
    withheld: tuple[Mapping[str, str | None], ...] = ()  # tombstones of what is withdrawn or under embargo (``archive/tombstones.py``)

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets in the order of the articles."""
        return tuple(dict.fromkeys(article.outlet for article in self.articles))

    @property
    def captures(self) -> tuple[Capture, ...]:
        """Every capture of every article."""
        return tuple(capture for article in self.articles for capture in article.captures)


def story_view(archive: Archive, story: Story, now: datetime, selection: Selection | None = None, *, newest: bool = False) -> StoryView:
    """Everything that the page of a story shows, or of what ``selection`` takes of it; ``newest``: by the last texts."""
    narrow = selection if selection not in {None, Selection(story=story.slug)} else None
    taken = frozenset(capture.id for capture in chosen(archive, narrow)) if narrow else None
    articles = _articles(archive, story, now, taken)
    if newest:
        articles = tuple(replace(article, first=article.last) for article in articles)
    losses = _losses(archive, story)
    return StoryView(
        slug=story.slug,
        title=story.title,
        version=story.version,
        made=now,
        articles=articles,
        changes=tuple(_changes(archive, articles, taken)),
        seeds=tuple(_seeds(archive, story, articles)),
        leads=tuple(LeadView(lead=lead, article=_titled(lead.title, articles)) for lead in archive.catalogue.unresolved(story.slug)),
        waiting=tuple(archive.catalogue.waiting(story.slug)),
        losses=tuple(item for item in losses if item.verdict is not Verdict.DUPLICATE),
        spares=tuple(item for item in losses if item.verdict is Verdict.DUPLICATE),
        files=_files(archive, articles),
        related=_related(archive, story, articles, kept=narrow is None and not newest),
        texts=NEWEST if newest else FIRST,
        selection=narrow,
        withheld=tuple(row(*item) for item in withheld(archive, narrow or Selection(story=story.slug))),
    )


def _related(archive: Archive, story: Story, articles: Iterable[ArticleView], *, kept: bool) -> Related:
    """What binds the articles, as far as nobody has judged otherwise; ``kept``: of all articles, by their first texts."""
    held = {article.url: article.first for article in articles if article.first is not None}
    found = related_of(archive, story.slug) if kept else related(held.values(), one_story=True)
    return with_judgements(found, judgements_of(archive.store, story.slug), held)


def moment(text: str | None) -> datetime | None:
    """The time that an ISO 8601 text means, a day its beginning; None for anything else."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _articles(archive: Archive, story: Story, now: datetime, taken: Taken) -> tuple[ArticleView, ...]:
    found = [_article(archive, member, taken) for member in story.members]
    found = [article for article in found if article.captures or taken is None]
    first: dict[str, datetime] = {}
    for article in found:
        first[article.outlet] = min(article.since or now, first.get(article.outlet, now))
    found.sort(key=lambda article: (first[article.outlet], article.outlet, article.since or now, article.url))
    return tuple(_numbered(found))


def _numbered(articles: Iterable[ArticleView]) -> Iterator[ArticleView]:
    for number, article in enumerate(articles, start=1):
        yield replace(article, number=number)


def _article(archive: Archive, member: Member, taken: Taken) -> ArticleView:
    captures = tuple(item for item in archive.catalogue.captures_of(member.url) if taken is None or item.id in taken)
    changes = _told(archive, member.url, taken)
    texts = [(capture, text) for capture in captures if (text := text_of(archive, capture)) is not None and readable(text)]
    document = texts[-1][1] if texts else _latest(archive, captures)
    return ArticleView(
        number=0,
        url=member.url,
        title=(document.title if document else None) or member.url,
        outlet=(document.outlet if document else None) or host(member.url).removeprefix("www."),
        published=moment(document.published) if document else None,
        published_text=document.published if document else None,
        authors=tuple(author.name for author in document.authors) if document else (),
        state=state_of(told(archive, member.url)),
        why=member.why,
        seed=member.seed,
        captures=captures,
        changes=tuple((item.time, item.change) for item in changes),
        first=_first(texts),
        last=texts[-1][1] if texts else None,
        citation=_citation(archive, *texts[-1]) if texts else None,
    )


def article_alone(archive: Archive, member: Member) -> tuple[ArticleView, tuple[ChangeView, ...]]:
    """One article by itself, as number 1, and what it changed."""
    article = replace(_article(archive, member, None), number=1)
    return article, tuple(_changes(archive, (article,), None))


def _first(texts: Iterable[tuple[Capture, Document]]) -> Document | None:
    """The first whole text, under the id of its own capture, also where that only stands for a record of another address."""
    return next((replace(text, capture=capture.id) for capture, text in texts if comparable(text)), None)


def _citation(archive: Archive, capture: Capture, document: Document) -> Citation | None:
    """Of the last capture that shows the article; none where the digest of what it showed is not known."""
    original = original_of(archive, capture)
    digest = (original or capture).payload_digest
    return Citation(capture=capture, digest=digest, document=document) if digest else None


def _told(archive: Archive, url: str, taken: Taken) -> list[Revision]:
    return [item for item in told(archive, url) if taken is None or item.after in taken]


def _latest(archive: Archive, captures: tuple[Capture, ...]) -> Document | None:
    """The newest text that shows the article: a page that says it is gone has none."""
    documents = (archive.catalogue.document(capture.id) for capture in reversed(captures) if capture.status == 200)
    return next((document for document in documents if document is not None), None)


def _changes(archive: Archive, articles: tuple[ArticleView, ...], taken: Taken) -> Iterator[ChangeView]:
    for article in articles:
        for item in _told(archive, article.url, taken):
            yield _change(archive, article, item)


def _change(archive: Archive, article: ArticleView, item: Revision) -> ChangeView:
    after = archive.catalogue.document(item.after)
    return ChangeView(
        article=article,
        number=item.number,
        change=item.change,
        events=tuple(dict.fromkeys(event.kind for event in item.events if event.kind not in UNSAID)),
        before=archive.catalogue.capture(item.before),
        after=archive.catalogue.capture(item.after),
        title=words(item.title_before, item.title_after),
        paragraphs=paragraphs(after.text, item.spans) if after is not None and item.spans else (),
    )


def _seeds(archive: Archive, story: Story, articles: tuple[ArticleView, ...]) -> Iterator[SeedView]:
    """The seeds, but for those of articles that are not shown; without the words that the reader may not have."""
    matched, veil, reader = {article.seed: article for article in articles if article.seed}, archive.veil(), archive.reader
    every = Catalogue.story(archive.catalogue, story.slug) or story
    urls = {member.seed: member.url for member in every.members}  # also of what is not shown
    for key in story.seeds:
        for seed in read_seeds(archive, key):
            url = urls.get(seed.id) or seed.url or ""
            if veil.hides_url(url) is None:
                known = seed if reader.may_have(url, None) else replace(seed, text=None)
                yield SeedView(seed=known, article=matched.get(seed.id))


def _titled(title: str | None, articles: Iterable[ArticleView]) -> ArticleView | None:
    wanted = " ".join((title or "").casefold().split())
    return next((article for article in articles if " ".join(article.title.casefold().split()) == wanted), None)


def _losses(archive: Archive, story: Story) -> list[Outcome]:
    """How each URL of which nothing is kept ended last; a lost picture is no lost article."""
    outcomes = archive.catalogue.outcomes_of(story.slug)
    last = {item.url: item for item in outcomes if item.lead.found is not Found.REQUISITE}
    lost = [item for item in last.values() if item.verdict not in KEPT]
    members = {member.url for member in story.members}
    return [item for item in lost if item.url not in members or not archive.catalogue.captures_of(item.url)]


def _files(archive: Archive, articles: Iterable[ArticleView]) -> tuple[tuple[str, ObjectInfo | None], ...]:
    """The WARC files that hold the captures, with their digests from the manifests."""
    wanted = sorted({capture.ref.key for article in articles for capture in article.captures})
    chains = (link for writer in manifest.writers(archive.store) for link in manifest.read_chain(archive.store, writer))
    known = {item.key: item for link in chains for item in link.objects if item.key in wanted}
    return tuple((key, known.get(key)) for key in wanted)
