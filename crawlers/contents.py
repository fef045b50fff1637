"""Reading what lists articles: feeds, sitemaps and their indexes, and the answers of back ends.

Contract: ``read_contents`` turns one archived page into leads, each with the record and, where it can be told, the offset that names it,
and into the words of its outcome.  What cannot be read is no lead and no silence: ``told`` says why, and of a back end's apology
``refused`` gives the verdict.  What a limit cuts is told too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.kinds import Found, Verdict
from archive.records import Lead, Page, Story
from archive.urls import host, registered_domain
from crawlers.backends import Backend, backend_of
from pipeline.coverage import SURENESS, leads_of_entries, sites_of
from pipeline.feeds import is_feed, parse_feed
from pipeline.listing import FeedError
from pipeline.places import located
from pipeline.questions import Answer
from pipeline.sitemapindex import leads_of_index, told
from pipeline.sitemaps import is_sitemap, parse_sitemap

TABLES_OF_CONTENTS = frozenset({Found.FEED_LINK, Found.SITEMAP_LINK, Found.CREDIT, Found.QUERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a list gave."""

    listing: Found  # what it is, however it was found
    told: str
    leads: tuple[Lead, ...] = ()
    readable: bool = True
    refused: tuple[Verdict, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Against what a list is held."""

    story: Story | None
    titles: Sequence[str]  # titles that are looked for
    backends: Sequence[Backend] = ()


def is_contents(page: Page, found: Found | None) -> bool:
    """Whether a page lists articles instead of being one: by how it was found or by its bytes."""
    return found in TABLES_OF_CONTENTS or is_feed(page.body, page.capture.mime) or is_sitemap(page.body)


def read_contents(page: Page, lead: Lead, wanted: Wanted, origin: Lead | None = None) -> Contents:
    """What the page of ``lead`` lists; ``origin`` is the lead of the dead address, when captures of one were asked for."""
    if lead.found is Found.QUERY:
        return _answered(page, lead, wanted, origin)
    listing = Found.SITEMAP_LINK if is_sitemap(page.body) else Found.FEED_LINK
    try:
        return _sitemap(page, lead, wanted) if listing is Found.SITEMAP_LINK else _feed(page, lead, wanted)
    except FeedError as error:
        return Contents(listing=listing, told=f"captured, but no feed could be read: {error}", readable=False)


def _sitemap(page: Page, lead: Lead, wanted: Wanted) -> Contents:
    url = page.capture.url
    sitemap = parse_sitemap(page.body, url)
    children = leads_of_index(sitemap.children, lead, url, wanted.story)
    sites = sites_of(replace(lead, url=url), sitemap.entries)
    chosen = leads_of_entries(
        sitemap.entries, source=url, found=Found.SITEMAP, hop=lead.hop, story=wanted.story, titles=wanted.titles, sites=sites
    )
    return Contents(
        listing=Found.SITEMAP_LINK,
        told=told(sitemap.children, children) + _counted(len(sitemap.entries), chosen),
        leads=tuple(located([*children, *chosen], page)),
    )


def _feed(page: Page, lead: Lead, wanted: Wanted) -> Contents:
    url = page.capture.url
    entries = parse_feed(page.body, url)
    sites = sites_of(replace(lead, url=url), entries)
    chosen = leads_of_entries(entries, source=url, found=Found.FEED, hop=lead.hop, story=wanted.story, titles=wanted.titles, sites=sites)
    return Contents(listing=Found.FEED_LINK, told=_counted(len(entries), chosen), leads=tuple(located(chosen, page)))


def _counted(entries: int, chosen: Sequence[Lead]) -> str:
    refused = sum(lead.refused is not None for lead in chosen)
    return f"{entries} entries, {len(chosen) - refused} followed" + (f", {refused} refused" if refused else "")


def _answered(page: Page, lead: Lead, wanted: Wanted, origin: Lead | None) -> Contents:
    backend = backend_of(page.capture.url, wanted.backends)
    if backend is None:
        return Contents(listing=Found.QUERY, told="captured; the back end that could read it is not switched on", readable=False)
    answer = backend.read(page)
    if page.problem is not None and answer.problem is None:
        answer = replace(answer, problem=page.problem)
    if answer.problem is not None and not answer.entries:
        words = f"{backend.name}: {answer.problem}"
        return Contents(listing=Found.QUERY, told=words, readable=False, refused=(answer.verdict, words))
    chosen = _rescues(answer, lead, origin) if answer.found is Found.MEMENTO else _hits(page, lead, wanted, answer)
    following = _following(answer, lead, backend)
    left = f"; it says that there is more, the limit is {backend.limits.depth + 1} answers" if len(following) < len(answer.next) else ""
    notes = "".join(f"; {note}" for note in (answer.cut, answer.problem) if note)
    return Contents(
        listing=Found.QUERY,
        told=f"{backend.name}: {_counted(len(answer.entries), chosen)}{notes}{left}",
        leads=tuple(located([*following, *chosen], page)),
    )


def _hits(page: Page, lead: Lead, wanted: Wanted, answer: Answer) -> list[Lead]:
    sites = {registered_domain(host(page.capture.url))} if answer.found is Found.SEARCH else ()
    return leads_of_entries(
        answer.entries,
        source=page.capture.url,
        found=answer.found,
        hop=lead.hop,
        story=wanted.story,
        titles=wanted.titles,
        sites=sites,
    )


def _rescues(answer: Answer, lead: Lead, origin: Lead | None) -> list[Lead]:
    """Captures of a dead address: no step further from the seeds than the address is, and candidates for the same seed."""
    return [
        Lead(
            url=entry.url,
            found=Found.MEMENTO,
            hop=lead.hop,
            title=origin.title if origin else None,
            parent=answer.dead,
            evidence=f"a capture of {entry.modified:%Y-%m-%d %H:%M:%S} UTC; the address itself is dead",
            confidence=SURENESS[Found.MEMENTO],
            seed=origin.seed if origin else None,
            rank=(origin.rank if origin else 0) * 10 + number,
        )
        for number, entry in enumerate(answer.entries)
    ]


def _following(answer: Answer, lead: Lead, backend: Backend) -> list[Lead]:
    """The questions that go on where the answer ends; none that leads away from the back end, and no endless chain."""
    if lead.depth >= backend.limits.depth:
        return []
    return [replace(lead, url=url, depth=lead.depth + 1) for url in answer.next if backend.owns(url)]
