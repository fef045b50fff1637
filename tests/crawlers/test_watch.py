"""What the archive tells the schedule: visits, what a page says of its own past, what feeds announce, what an outlet's articles taught."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from support.badweb import article, message, serving
from support.doors import CONTACT
from support.manypages import different_article
from support.wireserver import WireServer

from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.newsroom import FIRST_CRAWL, MovableClock
from crawlers.run import run_story
from crawlers.stories import add_seeds, announcements, due_leads, story_named
from crawlers.watch import learned_priors, plan, watched
from pipeline.hazard import GENERAL
from pipeline.schedule import WATCHED, Finding, Signal, Visit, Watched

HOST = "http://watch.example"
HOUR = timedelta(hours=1)
FEED_LIST = f"{HOST}/list"


def stating(modified: datetime) -> bytes:
    """An article of two hours ago that says when it was last changed."""
    page = different_article(int(modified.timestamp()))
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": page.split(b"<title>")[1].split(b"</title>")[0].decode(),
        "datePublished": (FIRST_CRAWL - 2 * HOUR).isoformat(),
        "dateModified": modified.isoformat(),
    }
    script = f"<script type='application/ld+json'>{json.dumps(said)}</script></head>".encode()
    return message({"body": page.replace(b"</head>", script)})


def feed(updated: datetime) -> bytes:
    """A feed that says when the page was changed."""
    entry = f"<entry><title>Ferry</title><link href='{HOST}/page'/><updated>{updated.isoformat()}</updated></entry>"
    body = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{entry}</feed>'
    return message({"body": body, "fields": ["Content-Type: application/atom+xml"]})


@contextmanager
def story(folder: Path, replies: Mapping[str, Sequence[bytes]]) -> Iterator[tuple[Archive, Settings, MovableClock]]:
    """An archive of a story whose seeds are all paths, crawled once."""
    wire = WireServer({path: [(answer,) for answer in answers] for path, answers in replies.items()})
    base = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0)
    clock = MovableClock(FIRST_CRAWL)
    with serving(wire), open_archive(base) as archive:
        settings = replace(base, connect_to=wire.connect_to)
        add_seeds(archive, "watch", [f"{HOST}{path}" for path in replies], clock())
        run_story(archive, settings, story="watch", clock=clock)
        yield archive, settings, clock


def again(archive: Archive, settings: Settings, clock: MovableClock, hours: float, recrawl: str = "all") -> None:
    """One more visit, so many hours after the first."""
    clock.move(to=FIRST_CRAWL + hours * HOUR)
    run_story(archive, settings, story="watch", recrawl=recrawl, clock=clock)


def test_visits_are_told_by_what_they_found(tmp_path: Path) -> None:
    """The same, an edit, a wall that says nothing, and an end: each visit with its finding and its time."""
    wall = message({"status": "403 No", "fields": ["Content-Type: text/html"], "body": "<script>window._cf_chl_opt={}</script>"})
    pages = [message({"body": article("A ferry returns")})] * 2 + [message({"body": article("A ferry returns", 14)}), *[wall] * 2]
    with story(tmp_path, {"/page": [*pages, message({"status": "404 Not Found", "body": "no"})]}) as (archive, settings, clock):
        for hours in range(1, 6):
            again(archive, settings, clock, hours)
        (member,) = story_named(archive, "watch").members
        known = watched(archive, [member], {})[member.url]

    assert [visit.finding for visit in known.visits] == [
        Finding.SAME,
        Finding.SAME,
        Finding.EDITED,
        Finding.NOTHING,
        Finding.NOTHING,
        Finding.GONE,
    ]
    assert known.first_seen == known.visits[0].time == FIRST_CRAWL


def test_what_a_page_says_of_its_past_counts(tmp_path: Path) -> None:
    """A page that was changed an hour and a half after publication, before anybody saw it, is due sooner than one that was not."""
    pages = {"/changed": [stating(FIRST_CRAWL - HOUR / 2)], "/untouched": [stating(FIRST_CRAWL - 2 * HOUR)]}
    with story(tmp_path, pages) as (archive, _, clock):
        members = {member.url.removeprefix(HOST): member for member in story_named(archive, "watch").members}
        seen = watched(archive, list(members.values()), {})
        known = {path: seen[member.url] for path, member in members.items()}
        dues = plan(archive, list(members.values()), {}, clock())

    assert (known["/changed"].published, known["/changed"].modified) == (FIRST_CRAWL - 2 * HOUR, FIRST_CRAWL - HOUR / 2)
    changed, untouched = (dues[f"{HOST}{path}"] for path in pages)
    assert changed.time is not None
    assert untouched.time is not None
    assert changed.time < untouched.time
    assert changed.why.startswith("edited once in its first")
    assert untouched.why.startswith("no edit seen in its first")


def test_a_feed_that_announces_a_change_makes_its_article_due(tmp_path: Path) -> None:
    """What the newest capture of a feed says was changed since the last visit is due at once, with the reason; a change seen is no news."""
    changed = FIRST_CRAWL + 1.5 * HOUR
    replies = {"/page": [message({"body": article("A ferry returns")})], "/list": [feed(FIRST_CRAWL), feed(changed)]}
    with story(tmp_path, replies) as (archive, settings, clock):
        again(archive, settings, clock, 1)  # sees page and feed; a later look at the feed alone brings the news
        clock.move(to=FIRST_CRAWL + 2 * HOUR)
        run_story(archive, settings, story="watch", recrawl="due", clock=clock)
        named = story_named(archive, "watch")
        told = announcements(archive, named)
        due = {lead.url: lead.evidence for lead in due_leads(archive, named, clock() + HOUR / 2, everything=False)}

    assert told == {f"{HOST}/page": (Signal(seen=FIRST_CRAWL + 2 * HOUR, source="its feed", modified=changed),)}
    assert set(due) == {f"{HOST}/page"}
    assert "its feed announced a change at 2026-05-13 11:00" in due[f"{HOST}/page"]


def test_feeds_are_looked_at_once_an_hour(tmp_path: Path) -> None:
    """Not before their hour is over, and before the articles."""
    replies = {"/page": [message({"body": article("A ferry returns")})], "/list": [feed(FIRST_CRAWL)]}
    with story(tmp_path, replies) as (archive, _, clock):
        named = story_named(archive, "watch")
        early = [lead.url for lead in due_leads(archive, named, clock() + HOUR / 2, everything=False)]
        late = [lead.url for lead in due_leads(archive, named, clock() + 20 * HOUR, everything=False)]
        asked = [(lead.url, lead.evidence) for lead in due_leads(archive, named, clock(), everything=True)]

    assert FEED_LIST not in early
    assert late == [FEED_LIST, f"{HOST}/page"]
    assert (f"{HOST}/page", "asked for") in asked


def _ended(*findings: Finding) -> Watched:
    """An article that was watched to its end."""
    visits = [Visit(time=FIRST_CRAWL)] + [Visit(time=FIRST_CRAWL + (n + 1) * HOUR, finding=item) for n, item in enumerate(findings)]
    return Watched(first_seen=FIRST_CRAWL, visits=(*visits, Visit(time=FIRST_CRAWL + WATCHED)))


def test_an_outlet_teaches_how_it_edits() -> None:
    """Articles that were watched to their end count for their outlet alone; an outlet of which none was has the general prior."""
    busy = {f"http://www.busy.example/{n}": _ended(*[Finding.EDITED] * 4) for n in range(30)}
    calm = {f"http://news.calm.example/{n}": _ended(Finding.SAME) for n in range(30)}
    fresh = {"http://new.example/1": Watched(first_seen=FIRST_CRAWL, visits=(Visit(time=FIRST_CRAWL),))}
    priors = learned_priors(busy | calm | fresh)

    assert set(priors) == {"busy.example", "calm.example"}
    assert priors["busy.example"].editable > GENERAL.editable > priors["calm.example"].editable
    assert priors["busy.example"].edits > GENERAL.edits
