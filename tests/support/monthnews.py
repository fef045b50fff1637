"""The newsroom of a simulated month: invented outlets on loopback, whose pages depend on the request and the clock alone.

Contract: ``Newsroom(articles, spread, clock)`` serves so many articles in turn at the ``OUTLETS``, published evenly over ``spread``; the
eventful lives of the script come first.  ``expected`` is what the script says of each.  What outlets do as a whole: ``north`` sends no
validators and a page that differs each time, and turns robots away from its articles on the ninth day and the tenth, ``east`` is down on
the third, the feed of ``west`` falls silent on the twentieth, ``south`` has a new template from the eleventh, and ``isle`` publishes, at
the end of the spread, a handful of pages that nobody can read.
Feeds list all articles, the last changed first, a closed page, and other news of the hours before.
"""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from support.manypages import WORDS
from support.monthlives import FIRST, LIVES, QUIET, Life, Step
from support.wireserver import RESET, Reply, Served, WireServer, header

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
LAG = timedelta(minutes=10)
HOUR = timedelta(hours=1)
OUTLETS = ("north", "east", "south", "west", "isle")
DOWN = (START + timedelta(days=2), START + timedelta(days=3))  # while its articles are young enough to be visited on that day
WALLED = (START + timedelta(days=8), START + timedelta(days=10))  # the feed stays open
SILENT = START + timedelta(days=20)
REDESIGNED = START + timedelta(days=10)
UNREADABLE = 6  # pages
CLOSED = "/closed/ferry-harbour-island-storm"
SEED = f"The ferry and the island. {' '.join(WORDS)}.\n\nThe {' '.join(reversed(WORDS))}."
_WALL = "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing the site.</h1></body></html>"
_CONSENT = (
    "<html lang=en><head><title>Before you continue</title></head><body><h1>We value your privacy</h1><p>We and our partners store and/or "
    "access information on a device, such as cookies, and process personal data for personalised ads and content measurement.</p><p>With "
    "your permission we may use precise geolocation data. You may click to consent to our processing as described above, or manage your "
    "preferences before you give consent.</p><button>Accept all</button><button>Reject all</button></body></html>"
)
_BARE = "<html><head><meta property='og:type' content='article'><title>{}</title></head><body><div id='root'></div></body></html>"
_STATUS = {"gone": "404 Not Found", "money": "402 Payment Required", "law": "451 Unavailable For Legal Reasons", "robot": "403 Forbidden"}


@dataclass(frozen=True)
class Article:
    """One article of the script."""

    number: int
    published: datetime
    life: Life
    name: str  # of its life

    @property
    def outlet(self) -> str:
        """Its outlet's name."""
        return OUTLETS[self.number % len(OUTLETS)]

    @property
    def path(self) -> str:
        """Its path, with the date of its publication."""
        return f"/{self.published:%Y/%m/%d}/ferry-{self.number}"

    @property
    def url(self) -> str:
        """Where it is found."""
        return f"http://www.{self.outlet}.example{self.path}"

    def steps(self, now: datetime) -> list[Step]:
        """What has happened to it."""
        return [step for step in self.life.steps if self.published + step.at * HOUR <= now]

    def answer(self, now: datetime) -> str | None:
        """How its address answers, if not with it."""
        return next((step.answer for step in self.steps(now) if step.answer and now < self.published + step.until * HOUR), None)

    def updated(self, now: datetime) -> datetime:
        """When it was changed, as its outlet's feed has it."""
        told = (self.published + step.at * HOUR for step in self.life.steps if step.told)
        return max([self.published, *(time for time in told if time + LAG <= now)])

    def words(self, now: datetime) -> dict[str, str]:
        """Its words, as they are now."""
        dice = random.Random(self.number)
        words = {**FIRST, "title": f"Ferry {self.number}, the harbour and the island: {' '.join(dice.choices(WORDS, k=5))}"}
        for step in self.steps(now):
            words |= step.words
        return words


class Newsroom(WireServer):
    """The outlets, as one server."""

    def __init__(self, articles: int, spread: timedelta, batches: int, clock: Callable[[], datetime]) -> None:
        """Publish so many articles in so many ``batches`` over ``spread``."""
        super().__init__({})
        self.clock = clock
        eventful = list(LIVES.items()) * max(1, round(0.27 * articles / len(LIVES)))
        lives = [*eventful, *[("quiet", QUIET)] * (articles - len(eventful))]
        random.Random(5).shuffle(lives)
        gap = spread / batches
        self.articles = [
            Article(number, START + gap * (number * batches // len(lives)), life, name) for number, (name, life) in enumerate(lives)
        ]
        self.unreadable = tuple(f"/2026/03/03/unread-{number}" for number in range(UNREADABLE))
        self.unreadable_from = START + spread
        self._by_place = {(f"www.{item.outlet}.example", item.path): item for item in self.articles}

    @property
    def expected(self) -> dict[str, list[tuple[str, ...]]]:
        """The events of each article, by the script."""
        return {item.url: list(item.life.expects) for item in self.articles}

    @property
    def feeds(self) -> list[str]:
        """The outlets' feeds."""
        return [f"http://www.{outlet}.example/feed" for outlet in OUTLETS]

    def _reply(self, served: Served) -> Reply:
        now, outlet = self.clock(), served.host.split(".")[1]
        if outlet == "east" and DOWN[0] <= now < DOWN[1]:
            return (RESET,)
        if served.path == "/robots.txt":
            return (_message(now, "User-agent: *\nDisallow: /closed/", "text/plain"),)
        if served.path == "/feed":
            return (_validated(served, now, self._feed(outlet, now), "application/atom+xml"),)
        if served.path == "/":
            links = "".join(f"<li><a href='{item.path}'>{item.words(now)['title']}</a></li>" for item in self._listed(outlet, now))
            return (_message(now, f"<html><head><title>The {outlet} paper</title></head><body><ul>{links}</ul></body></html>"),)
        if served.path in self.unreadable:
            return (_message(now, _BARE.format(f"Ferry island harbour {served.path[-1]}")),)
        article = self._by_place.get((served.host, served.path))
        if article is None or now < article.published:
            return (_message(now, "<h1>Not found</h1>", status="404 Not Found"),)
        if outlet == "north" and WALLED[0] <= now < WALLED[1]:
            return (_message(now, _WALL, status=_STATUS["robot"]),)
        return (_article(served, article, now),)

    def _listed(self, outlet: str, now: datetime) -> list[Article]:
        found = [item for item in self.articles if item.outlet == outlet and item.published <= now and item.answer(now) != "gone"]
        return sorted(found, key=lambda item: item.updated(now), reverse=True)

    def _feed(self, outlet: str, now: datetime) -> str:
        site = f"http://www.{outlet}.example"
        until = min(now, SILENT) if outlet == "west" else now
        entries = [_entry(item.words(now)["title"], item.url, item.published, item.updated(now)) for item in self._listed(outlet, now)]
        entries += [_entry("Ferry harbour island storm", site + CLOSED, START, START)]
        if outlet == "isle" and now >= self.unreadable_from:
            times = self.unreadable_from
            entries += [_entry(f"Ferry island harbour {path[-1]}", site + path, times, times) for path in self.unreadable]
        entries += [_entry(f"Chess results {hour:%j-%H}", f"{site}/chess/{hour:%j-%H}", hour, hour) for hour in _hours(until)]
        return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{outlet}</title>{"".join(entries)}</feed>'


def _hours(until: datetime) -> Iterator[datetime]:
    """The last forty full hours."""
    last = until.replace(minute=0, second=0, microsecond=0)
    return (last - number * HOUR for number in range(40))


def _entry(title: str, url: str, published: datetime, updated: datetime) -> str:
    return (
        f"<entry><title>{title}</title><link href='{url}'/><id>{url}</id>"
        f"<published>{published.isoformat()}</published><updated>{updated.isoformat()}</updated></entry>"
    )


def _message(now: datetime, body: str, mime: str = "text/html; charset=utf-8", status: str = "200 OK", *fields: str) -> bytes:
    data = body.encode()
    head = [f"HTTP/1.1 {status}", f"Date: {format_datetime(now, usegmt=True)}", f"Content-Type: {mime}", *fields]
    return "\r\n".join([*head, f"Content-Length: {len(data)}", "", ""]).encode() + data


def _validated(served: Served, now: datetime, body: str, mime: str = "text/html; charset=utf-8", tag: str = "") -> bytes:
    """The page, or a 304 for who knows it."""
    tag = tag or f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
    if header(served.request, b"If-None-Match") == tag:
        return f"HTTP/1.1 304 Not Modified\r\nDate: {format_datetime(now, usegmt=True)}\r\nETag: {tag}\r\n\r\n".encode()
    return _message(now, body, mime, "200 OK", f"ETag: {tag}")


def _article(served: Served, article: Article, now: datetime) -> bytes:
    match article.answer(now):
        case "moved":
            return _message(now, "", "text/html", "301 Moved Permanently", "Location: /")
        case "consent":
            return _message(now, _CONSENT)
        case "robot":
            return _message(now, _WALL, status=_STATUS["robot"])
        case "bare":
            return _message(now, _BARE.format(article.words(now)["title"]))
        case "teaser":
            return _validated(served, now, _page(article, now, teaser=True))
        case None:
            if article.outlet == "north":
                return _message(now, _page(article, now))
            return _validated(served, now, _page(article, now), tag=f'"{article.number}"' if article.life.lies else "")
        case other:
            return _message(now, f"<html><title>No</title><h1>{_STATUS[other]}</h1></html>", status=_STATUS[other])


def _page(article: Article, now: datetime, *, teaser: bool = False) -> str:
    words, dice = article.words(now), random.Random(article.number)
    filler = [" ".join(dice.choices(WORDS, k=38)).capitalize() + "." for _ in range(9)]
    marks = words["marks"]
    paragraphs = [
        filler[0],
        f"The repair of the pier will cost {words['figure']} crowns, the harbour office announced on {words['day']}.",
        f"{marks[0]}We will open the bridge before {words['season']},{marks[1]} said {words['speaker']}, the keeper of the lamp.",
        *filler[1:],
        words["plain"],
        words.get("added", ""),
        words.get("note", ""),
    ]
    stated: dict[str, object] = {
        "@type": "NewsArticle",
        "headline": words["title"],
        "datePublished": article.published.isoformat(),
        "dateModified": article.updated(now).isoformat(),
        "author": {"@type": "Person", "name": words["author"]},
    }
    if teaser:
        paragraphs, stated = paragraphs[:1], stated | {"isAccessibleForFree": False, "wordCount": 420}
    body = "".join(f"<p>{text}</p>" for text in paragraphs if text)
    if teaser:
        body += "<div class=paywall><p>Subscribe to continue reading this story.</p><p>Already a subscriber? Sign in.</p></div>"
    return _dressed(article, now, words, body, json.dumps({"@context": "https://schema.org", **stated}))


def _dressed(article: Article, now: datetime, words: dict[str, str], body: str, stated: str) -> str:
    """The template of the outlet, at that time."""
    head = f"<head><title>{words['title']}</title><script type='application/ld+json'>{stated}</script></head>"
    byline = f"<p class=byline>By {words['author']}</p>"
    if article.outlet == "south" and now >= REDESIGNED:
        nav = "<header><nav><a href='/'>Home</a> <a href='/news'>News</a></nav></header>"
        main = f"<main><div class='story'><h1>{words['title']}</h1>{byline}<div class='story-body'>{body}</div></div></main>"
        return f"<html lang=en>{head}<body>{nav}{main}<footer><p>All rights reserved</p></footer></body></html>"
    aside = ""
    if article.outlet == "north":
        age = round((now - article.published) / timedelta(minutes=1))
        aside = f"<aside class=related><h3>Most read</h3><ul><li><a href='/chess/{age}'>Chess results {age}</a></li></ul></aside>"
        byline += f"<p class=counter>Updated {age} min ago</p>"
    return f"<html lang=en>{head}<body><article><h1>{words['title']}</h1>{byline}{body}</article>{aside}</body></html>"
