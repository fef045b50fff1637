"""From what was read to what should be read next, and to what belongs to the story.

Contract: pure.  Every lead says how it was found, on which page, in which words, and how sure that is; nothing is followed from a page
that does not belong to the story.  An article belongs when it is what a seed was copied from, when a person named it, or when its words
and its date are the story's; the reason stands in the :class:`Member`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from archive.kinds import Found
from archive.records import Capture, Document, Lead, Link, Member, Story
from archive.urls import host, registered_domain, surt
from pipeline.listing import Entry
from pipeline.mend import confirms
from pipeline.relevance import BELONGS, WORTH_A_LOOK, in_window, score
from pipeline.seeds import SeedReading
from pipeline.soldslots import off_site, sold
from pipeline.versions import readable

TITLE_MATCH = 90.0  # rapidfuzz ratio: 98 to 99 for the same title, 56 and less for others (coverage.md §6)
WINDOW = timedelta(days=14)  # coverage.md §4: online clustering is best with 7 to 14 days
# The strengths of evidence of coverage.md §6: A is what a page or a person states, B what an outlet lists, C what only looks like it.
SURENESS = {
    Found.CANONICAL: 1.0,
    Found.AMP: 1.0,
    Found.SAME_AS: 1.0,
    Found.BASED_ON: 0.95,
    Found.ORIGINAL: 0.95,
    Found.SYNDICATION: 0.9,
    Found.CITATION: 0.9,
    Found.RELATED: 0.9,
    Found.HREFLANG: 0.9,
    Found.FEED_LINK: 0.8,
    Found.SITEMAP_LINK: 0.8,
    Found.CREDIT: 0.7,
    Found.MEMENTO: 0.7,
    Found.LINK: 0.6,
    Found.WIDGET: 0.4,
}
# Of what a list names: nothing but its words and its date speaks for it.
LISTED = {Found.FEED: 0.3, Found.SITEMAP: 0.25, Found.GDELT: 0.25, Found.SEARCH: 0.2, Found.WAYBACK: 0.15}
# Another address or a table of contents, not another article.
SAME_HOP = frozenset({Found.CANONICAL, Found.AMP, Found.SAME_AS, Found.FEED_LINK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page whose text could be read."""

    capture: Capture
    document: Document
    hop: int


def leads_of_page(document: Document, hop: int, story: Story | None = None) -> list[Lead]:
    """What a page of the story points to: links in its body, related lines, its other addresses, its feeds; an alias, to its article.

    A teaser in a box of related articles is held against the story's words: such boxes show what is new, too.
    """
    return [
        Lead(
            url=link.url,
            found=link.rel,
            hop=hop if link.rel in SAME_HOP else hop + 1,
            title=link.text or None,
            parent=document.url,
            evidence=link.text or str(link.rel),
            confidence=SURENESS.get(link.rel, 0.5),
            refused=link.refused,
        )
        for link in document.links
        if link.url != document.url and (link.rel is Found.CANONICAL or not is_alias(document)) and _is_worth(link, story)
    ]


def _is_worth(link: Link, story: Story | None) -> bool:
    return link.rel is not Found.WIDGET or story is None or score(story.words, link.text) >= WORTH_A_LOOK


def leads_of_entries(
    entries: Iterable[Entry],
    *,
    source: str,
    found: Found,
    hop: int,
    story: Story | None,
    titles: Sequence[str],
    sites: Collection[str] = (),
) -> list[Lead]:
    """The entries of a feed, a sitemap or a back end's answer that may belong to the story; all of them when there is no story.

    ``titles`` are titles that are looked for: an entry that bears one is taken whatever its words and date.  ``sites`` are the registered
    domains on which a list may name pages, any when there are none: an entry elsewhere, or a sold slot, is refused with the reason.
    """
    leads = []
    for entry in entries:
        why = ("listed", 0.5) if story is None else _why_entry(entry, story, titles, LISTED.get(found, 0.2))
        if why is not None:
            lead = Lead(
                url=entry.url,
                found=found,
                hop=hop + 1,
                title=entry.title,
                published=entry.published,
                parent=source,
                evidence=why[0],
                confidence=round(why[1], 2),
                refused=sold(entry.url, "", source) or (off_site(entry.url, sites) if sites else None),
            )
            leads.append(lead)
    return leads


def sites_of(lead: Lead, entries: Iterable[Entry]) -> frozenset[str]:
    """The registered domains on which a feed or sitemap may name pages: its own, and that of the page or index that announced it.

    Empty, which is any, for a list that a person named and of whose entries none lies there: a press review lists others.
    """
    announced = lead.parent is not None and lead.parent.startswith(("http://", "https://"))
    sites = frozenset(_outlet(url) for url in (lead.url or "", lead.parent or "" if announced else "") if url)
    return sites if announced or any(_outlet(entry.url) in sites for entry in entries) else frozenset()


def _why_entry(entry: Entry, story: Story, titles: Sequence[str], least: float) -> tuple[str, float] | None:
    """Why an entry may belong to the story and how sure that is, from ``least`` for one that barely has its words; None when it may not."""
    for title in titles:
        if entry.title and fuzz.ratio(entry.title.casefold(), title.casefold()) >= TITLE_MATCH:
            return f"bears the title that is looked for: {title}", 0.95
    if entry.published is not None and not in_window(entry.published, story.earliest, story.latest, WINDOW.days):
        return None
    found = score(story.words, entry.text)
    return (f"like the story's words: {found:.2f}", min(0.9, least + found)) if found >= WORTH_A_LOOK else None


def leads_of_requisites(urls: Iterable[str], parent: str, hop: int) -> list[Lead]:
    """What the page or style sheet ``parent`` needs to be shown: no further from the seeds than the page."""
    return [Lead(url=url, found=Found.REQUISITE, hop=hop, parent=parent, evidence="needed to show it") for url in urls]


def shows_member(document: Document, articles: Collection[str]) -> bool:
    """Whether a page shows one of the story's articles, given by their SURTs, or is another address of one."""
    alias = is_alias(document) and document.canonical is not None and surt(document.canonical) in articles
    return readable(document) and (alias or surt(document.url) in articles)


def is_alias(document: Document) -> bool:
    """Whether the page says that its article lives at another address of the same outlet; on another outlet's it would be a reprint.

    Scheme, www and a final slash make no other address, and an outlet's front page is no article's.
    """
    canonical = document.canonical
    if canonical is None or urlsplit(canonical).path in {"", "/"} or surt(canonical) == surt(document.url):
        return False
    return _outlet(canonical) == _outlet(document.url)


def _outlet(url: str) -> str:
    return registered_domain(host(url))


def confirmed_seed(document: Document, readings: Iterable[SeedReading]) -> tuple[str, str] | None:
    """The seed whose original this document is, and the figures that say so."""
    for reading in readings:
        verdict = confirms(reading, document)
        if verdict.accepted:
            return reading.id, verdict.reason
    return None


def member(document: Document, lead: Lead, story: Story, readings: Iterable[SeedReading], now: datetime) -> Member | None:
    """The document as a member of the story, with the reason; None when it does not belong."""
    named = lead.found in {Found.GIVEN, Found.SEED_ROW}
    if not readable(document) or (is_alias(document) and not named):
        return None
    rescued = f"a rescue, for {lead.parent} is dead: " if lead.found is Found.MEMENTO else ""
    seed = confirmed_seed(document, readings)
    if seed is not None:
        return Member(url=document.url, why=f"{rescued}the original of seed {seed[0]}: {seed[1]}", seed=seed[0], since=now)
    if named:
        return Member(url=document.url, why="named by a person", since=now)
    if not _in_time(document, story):
        return None
    found = score(story.words, f"{document.title or ''} {document.text}")
    return Member(url=document.url, why=f"{rescued}like the story's words: {found:.2f}", since=now) if found >= BELONGS else None


def _in_time(document: Document, story: Story) -> bool:
    if document.published is None:
        return True
    try:
        published = datetime.fromisoformat(document.published)
    except ValueError:
        return True
    return in_window(published, story.earliest, story.latest, WINDOW.days)
