"""A small archive of one story on three outlets over three days, made without a crawl: what is pulled, verified and shown in tests.

Day one: an article of the paper, one of the agency in chunks, one that will go, and robots.txt, which is no article.  Day two: the paper
has edited two words, the agency answers with the same payload, the third answers 404, a fourth address gives no answer at all.  Day
three: the paper says that nothing has changed.  Each day is one WARC.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from support.exchanges import STARTED, exchange, page

from archive.kinds import Change, EventKind, Found, PageKind, Phase, Verdict
from archive.records import Author, Capture, Document, Event, Exchange, Failure, Lead, Member, Outcome, Quality, Revision, Seed, Span, Story
from archive.settings import Settings
from archive.stories import save_seeds, save_story
from archive.vault import Archive, open_archive

SLUG = "bridge"
PAPER, AGENCY, GONE, DEAD = "http://paper.example/a?x=1", "http://agency.example/b", "http://gone.example/c", "http://dead.example/d"
OLD = "The bridge is shut.\nTwo ferries sail.\nIt opens in June."
NEW = "The bridge is shut.\nThree ferries sail.\nIt opens in June."
DAYS = tuple(STARTED + timedelta(days=number) for number in range(3))


def settings(folder: Path) -> Settings:
    return Settings(store=str(folder / "archive"), contact="tests@copytrail.example")


@contextmanager
def small_archive(folder: Path) -> Iterator[Archive]:
    """The archive, open."""
    with open_archive(settings(folder)) as archive:
        for day, exchanges in enumerate(_exchanges()):
            _keep(archive, DAYS[day], exchanges)
        _understand(archive)
        yield archive


def _keep(archive: Archive, now: datetime, exchanges: list[Exchange]) -> None:
    deposit = archive.deposit(clock=lambda: now, info={"software": "copytrail/test", "operator": "tests@copytrail.example"})
    for number, item in enumerate(exchanges):
        deposit.keep(replace(item, started=now + timedelta(seconds=number), found=Found.GIVEN))
    deposit.seal()


def _exchanges() -> list[list[Exchange]]:
    robots = page(b"User-agent: *\nAllow: /\n", b"Content-Type: text/plain", url="http://paper.example/robots.txt")
    not_modified = exchange(b'HTTP/1.1 304 Not Modified\r\nETag: "2"\r\n\r\n', url=PAPER, conditional=True)
    missing = exchange(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", url=GONE)
    silent = exchange(b"", url=DEAD, failure=Failure(phase=Phase.CONNECT, kind="refused", message="connection refused"))
    return [
        [robots, _html(OLD, PAPER, b'ETag: "1"'), _chunked(), _html("It was said.", GONE)],
        [_html(NEW, PAPER, b'ETag: "2"'), _chunked(), missing, silent],
        [not_modified],
    ]


def _html(text: str, url: str, *fields: bytes) -> Exchange:
    return page(f"<p>{text}</p>".encode(), b"Content-Type: text/html", *fields, url=url)


def _chunked() -> Exchange:
    body = b"12\r\n<p>It is closed.</\r\n2\r\np>\r\n0\r\n\r\n"
    return exchange(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + body, url=AGENCY)


def _understand(archive: Archive) -> None:
    """What the pipeline would have made of it."""
    catalogue = archive.catalogue
    old, new, _ = catalogue.captures_of(PAPER)
    agency = catalogue.captures_of(AGENCY)[0]
    gone, missing = catalogue.captures_of(GONE)
    catalogue.put_documents(
        [
            document(old, OLD, "Bridge <shut>", "The Paper"),
            document(new, NEW, "Bridge <shut>", "The Paper"),
            document(agency, "It is closed.", "Closed", "Agency"),
            document(gone, "It was said.", "Said", None),
        ]
    )
    words = Span(before=(20, 23), after=(20, 25), removed="Two", added="Three")
    catalogue.put_revisions(
        [
            Revision(
                url=PAPER,
                change=Change.EDIT,
                before=old.id,
                after=new.id,
                time=new.time,
                title_before="Bridge <shut>",
                title_after="Bridge <shut>",
                spans=(words,),
                events=(Event(kind=EventKind.FIGURE, spans=(words,)), Event(kind=EventKind.COSMETIC)),
                text_before="sha256:1",
                text_after="sha256:2",
                number=2,
                extractor="test 1",
            ),
            Revision(
                url=GONE,
                change=Change.WITHDRAWN,
                before=gone.id,
                after=missing.id,
                time=missing.time,
                title_before="Said",
                events=(Event(kind=EventKind.GONE),),
                number=2,
                extractor="test 1",
            ),
        ]
    )
    _tell(archive)


def document(capture: Capture, text: str, title: str, outlet: str | None) -> Document:
    return Document(
        capture=capture.id,
        url=capture.url,
        extractor="test 1",
        quality=Quality(kind=PageKind.ARTICLE),
        title=title,
        outlet=outlet,
        authors=(Author(name="A. Writer"),),
        published="2026-11-20T08:00:00+01:00",
        language="en",
        text=text,
    )


def _tell(archive: Archive) -> None:
    """The story, its seeds, its frontier and how its URLs ended."""
    now = DAYS[0]
    seeds = [
        Seed(id="one", kind="text", source="one.txt", text="The bridge is <b>shut</b>."),
        Seed(id="two", kind="text", source="two.txt", text="Another"),
    ]
    key = save_seeds(archive, SLUG, seeds, now)
    members = (
        Member(url=PAPER, why="the original of seed one", seed="one", since=now),
        Member(url=AGENCY, why="a link", since=now),
        Member(url=GONE, why="javascript:alert(1)", since=now),
    )
    story = Story(slug=SLUG, version=1, created=now, title="The <bridge>", seeds=(key,), members=members)
    save_story(archive, story, lambda newest: newest, now)
    lead = Lead(url=DEAD, found=Found.LINK)
    outcome = Outcome(run="run", url=DEAD, verdict=Verdict.UNREACHABLE, reason="connect: refused", time=DAYS[1], lead=lead)
    archive.catalogue.add_outcomes(SLUG, [outcome])
    titles = [Lead(url=None, title=title, found=Found.RELATED, parent="one") for title in ("closed", "Nobody has it")]
    archive.catalogue.add_leads(SLUG, titles)
