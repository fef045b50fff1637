"""What the archive alone says of where a story's coverage may lie, and what is asked of whom to find more.

Contract: reads the archive and fetches nothing.  ``survey`` gives the leads of the story's archived pages, each with record and offset,
and of the lists whose last answer is younger than ``CONTENTS_GAP``, which nobody is asked for again so soon; the other lists that are worth
a fetch, which are feeds, sitemaps and the feeds of credited outlets; and the questions to the back ends, as leads whose URLs ask them.
Everything of one kind is bounded, and ``notes`` says what a bound cut.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from archive.kinds import Found, Verdict
from archive.records import Capture, Document, Lead, Page, Story
from archive.settings import Settings
from archive.store import ObjectMissing
from archive.urls import host
from archive.vault import Archive
from archive.warcread import WarcError
from crawlers.backends import Backend, DescribedSearch, SiteSearch, outlets
from crawlers.contents import TABLES_OF_CONTENTS, Contents, Wanted, read_contents
from crawlers.rules import origin_of, rules_of
from crawlers.stories import CONTENTS_GAP
from pipeline.coverage import WINDOW, leads_of_page
from pipeline.creditfeeds import credited
from pipeline.markup import decode, parse
from pipeline.places import located
from pipeline.questions import Question, questions
from pipeline.seeds import SeedReading
from pipeline.sitesearch import described, offered, templates
from pipeline.versions import readable

DEAD = frozenset({Verdict.GONE, Verdict.UNREACHABLE, Verdict.LEGAL_BLOCK})
MOST_DEAD = 20  # addresses whose captures are asked for
MOST_DAYS = 10  # folders of a day whose addresses are asked for
_DAY = re.compile(r"https?://[^/?#]+/(?:[^/?#]+/)?20\d\d/[01]?\d/[0-3]?\d/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is known and what is asked."""

    candidates: tuple[Lead, ...] = ()  # articles
    lists: tuple[Lead, ...] = ()  # to fetch, and questions to back ends
    backends: tuple[Backend, ...] = ()  # those that were given, and the searches that pages describe
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """An archived page of the story."""

    capture: Capture
    document: Document
    hop: int
    page: Page | None


def survey(archive: Archive, wanted: Wanted, readings: Sequence[SeedReading], settings: Settings, now: datetime) -> Survey:
    """Look through the archive for ``wanted.story``, which there must be."""
    story = wanted.story
    assert story is not None
    pages = list(_pages(archive, story))
    leads = [lead for shown in pages for lead in _leads_of(shown, story)]
    lists = [
        *archive.catalogue.leads_found(story.slug, TABLES_OF_CONTENTS - {Found.QUERY}),
        *(lead for lead in leads if lead.found in TABLES_OF_CONTENTS),
        *_announced(archive, [shown.capture.url for shown in pages]),
        *_credited(archive, story, pages, settings),
    ]
    texts = ["\n".join(reading.body) for reading in readings] + [shown.document.text for shown in pages]
    asked = questions(story, texts)
    known = (*wanted.backends, *_searches(pages, settings, asked))
    dead, notes = _dead(archive, story)
    days = _days(story, pages)
    put = [*_once(lists), *_questions(known, [*asked, *days], story.slug), *_rescues(known, dead)]
    fetch, read, count = _read_lists(archive, put, replace(wanted, backends=known), now)
    if count:
        notes = (*notes, f"{count} lists and answers are younger than {CONTENTS_GAP} and read from the archive")
    return Survey(
        candidates=tuple(lead for lead in (*leads, *read) if lead.found not in TABLES_OF_CONTENTS),
        lists=tuple(fetch),
        backends=known,
        notes=notes,
    )


def _read_lists(archive: Archive, put: Sequence[Lead], wanted: Wanted, now: datetime) -> tuple[list[Lead], list[Lead], int]:
    """The lists to fetch, the leads of those whose last answer is young and good, and of the lists in them, and how many were read."""
    fetch: list[Lead] = []
    found: list[Lead] = []
    queue, seen = _once(put), {lead.url for lead in put}
    while queue:
        lead = queue.pop(0)
        contents = _young(archive, lead, wanted, now)
        if contents is None:
            fetch.append(lead)
            continue
        found += contents.leads
        further = [item for item in contents.leads if item.found in TABLES_OF_CONTENTS and item.url not in seen]
        seen.update(item.url for item in further)
        queue += further
    return fetch, found, len(seen) - len(fetch)


def _young(archive: Archive, lead: Lead, wanted: Wanted, now: datetime) -> Contents | None:
    """What the last answer of a list says; None when it is old, no list, or not there."""
    capture = archive.catalogue.latest(lead.url or "")
    if capture is None or capture.status not in {200, 304} or now - capture.time >= CONTENTS_GAP or wanted.story is None:
        return None
    page = _read(archive, capture)
    if page is None:
        return None
    origin = archive.catalogue.lead(wanted.story.slug, lead.parent) if lead.found is Found.QUERY and lead.parent else None
    contents = read_contents(page, lead, wanted, origin)
    return contents if contents.readable else None


def _pages(archive: Archive, story: Story) -> Iterator[_Shown]:
    """The newest readable text of each member, with the page when it can be read back."""
    for member in story.members:
        for capture in reversed(archive.catalogue.captures_of(member.url)):
            document = archive.catalogue.document(capture.id)
            if document is not None and readable(document):
                lead = archive.catalogue.lead(story.slug, member.url)
                yield _Shown(capture=capture, document=document, hop=lead.hop if lead else 0, page=_read(archive, capture))
                break


def _read(archive: Archive, capture: Capture) -> Page | None:
    with suppress(WarcError, ObjectMissing):  # damaged or gone: `verify` names it
        return archive.page(capture)
    return None


def _leads_of(shown: _Shown, story: Story) -> list[Lead]:
    leads = leads_of_page(shown.document, shown.hop, story)
    return leads if shown.page is None else located(leads, shown.page)


def _announced(archive: Archive, urls: Iterable[str]) -> Iterator[Lead]:
    """The sitemaps that the archived robots.txt of the pages' origins name."""
    for origin in dict.fromkeys(map(origin_of, urls)):
        capture = archive.catalogue.latest(f"{origin}/robots.txt")
        page = _read(archive, capture) if capture is not None and capture.status == 200 else None
        if page is None or capture is None:
            continue
        rules = rules_of(origin, capture.time, status=200, body=page.body, record=capture.id)
        found = [
            Lead(url=url, found=Found.SITEMAP_LINK, parent=capture.url, evidence="announced by robots.txt", confidence=0.8)
            for url in rules.sitemaps
        ]
        yield from located(found, page)


def _credited(archive: Archive, story: Story, pages: Sequence[_Shown], settings: Settings) -> Iterator[Lead]:
    """The feeds of the outlets that credits name: those of the setting, and those of the story's own outlets."""
    feeds: defaultdict[str, tuple[str, ...]] = defaultdict(tuple, outlets(settings))
    for lead in archive.catalogue.leads_found(story.slug, {Found.FEED_LINK}):
        for shown in pages:
            if shown.document.outlet and lead.url and host(lead.url) == host(shown.document.url):
                feeds[shown.document.outlet] = tuple(dict.fromkeys((*feeds[shown.document.outlet], lead.url)))
    for shown in pages:
        others = {name: urls for name, urls in feeds.items() if name != shown.document.outlet}
        leads = credited(shown.document, others, shown.hop)
        yield from leads if shown.page is None else located(leads, shown.page)


def _searches(pages: Sequence[_Shown], settings: Settings, asked: Sequence[Question]) -> Iterator[Backend]:
    """The searches of the hosts that the setting names, as their archived pages describe them."""
    wanted = set(templates(settings.discover_search)[1])
    for shown in pages:
        name = host(shown.capture.url)
        tree = parse(decode(shown.page.body, shown.page.charset).text) if shown.page is not None and name in wanted else None
        if tree is None:
            continue
        if template := offered(tree, shown.capture.url):
            wanted.discard(name)
            yield SiteSearch(template=template)
        elif asked and (url := described(tree, shown.capture.url)):
            wanted.discard(name)
            yield DescribedSearch(base_url=url, question=asked[0])


def _dead(archive: Archive, story: Story) -> tuple[list[Lead], tuple[str, ...]]:
    """The leads whose address gave nothing, the last time it was asked nor before; of a seed whose original is known, none."""
    confirmed = {member.seed for member in story.members if member.seed}
    last = {outcome.url: outcome for outcome in archive.catalogue.outcomes_of(story.slug)}
    dead = [
        outcome.lead
        for url, outcome in last.items()
        if outcome.verdict in DEAD
        and outcome.lead.found not in TABLES_OF_CONTENTS | {Found.REQUISITE, Found.MEMENTO}
        and outcome.lead.seed not in confirmed - {None}
        and not any(capture.status == 200 for capture in archive.catalogue.captures_of(url))
    ]
    dead.sort(key=lambda lead: -lead.confidence)
    cut = (f"{len(dead)} addresses are dead; captures of {MOST_DEAD} are asked for",) if len(dead) > MOST_DEAD else ()
    return dead[:MOST_DEAD], cut


def _days(story: Story, pages: Sequence[_Shown]) -> list[Question]:
    """What lies in the same folders of a day as the story's pages."""
    folders = [match[0] for shown in pages if (match := _DAY.match(shown.capture.url))]
    first = story.earliest and story.earliest - WINDOW
    return [Question(prefix=folder, first=first) for folder in list(dict.fromkeys(folders))[:MOST_DAYS]]


def _questions(backends: Iterable[Backend], asked: Sequence[Question], slug: str) -> Iterator[Lead]:
    for backend in backends:
        for question in asked:
            if url := backend.request(question):
                yield Lead(url=url, found=Found.QUERY, parent=slug, evidence=f"{backend.name}: {question.told}")


def _rescues(backends: Iterable[Backend], dead: Sequence[Lead]) -> Iterator[Lead]:
    for backend in backends:
        for lead in dead:
            question = Question(dead=lead.url)
            if url := backend.request(question):
                yield Lead(url=url, found=Found.QUERY, parent=lead.url, hop=lead.hop, evidence=f"{backend.name}: {question.told}")


def _once(leads: Iterable[Lead]) -> list[Lead]:
    """The surest lead of each URL."""
    best: dict[str | None, Lead] = {}
    for lead in sorted(leads, key=lambda lead: -lead.confidence):
        best.setdefault(lead.url, lead)
    return list(best.values())
