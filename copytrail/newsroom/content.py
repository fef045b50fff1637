"""What the outlets have to say: reads ``content/`` into frozen values.

``outlets()`` gives the outlets by host; an ``Outlet`` holds its articles; ``Article.at(now)`` is the article as it stands at a time, or
None when it is not out yet.  ``events.yaml`` holds what happens to articles later.  All times are aware.  Content that breaks a rule (an
unknown field, an event for an unknown article, a replacement that does not occur exactly once) is a ValueError or TypeError on loading.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup

HERE = Path(__file__).parent
CONTENT = HERE / "content"
SEEDS = HERE / "seeds"  # the five articles as a researcher would have scraped them
EXPECTED = HERE / "expected.yaml"  # what a correct run finds


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that an outlet does to one of its articles after publication."""

    at: datetime
    url: str
    kind: str  # edit, headline, correction or gone
    replace: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    note: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as it stands at one time; the fields after ``body`` say how its page dresses it."""

    host: str
    path: str
    title: str
    section: str
    published: datetime
    body: str  # paragraphs set apart by blank lines; links are HTML
    author: str | None = None
    standfirst: str | None = None
    image: Mapping[str, str] | None = None  # file, caption, credit
    kind: str = "NewsArticle"  # its schema.org type
    credit: str | None = None  # the agency line under the body
    related: Mapping[str, Any] | None = None  # path of the article, and the paragraph that its line stands after
    promoted: int | None = None  # the paragraph that the promotion line stands after
    doubled: int = 0  # the number of last paragraphs that are printed twice
    amp: bool = False
    comments: bool = False
    picked: bool = False  # shown beside the outlet's other articles
    listed: bool = True  # on fronts, in feeds and sitemaps
    changed: datetime | None = None  # of the last event
    note: str | None = None
    status: int = 200
    events: tuple[Event, ...] = ()

    @property
    def url(self) -> str:
        """Where the article is found."""
        return f"http://{self.host}{self.path}"

    @property
    def paragraphs(self) -> tuple[Markup, ...]:
        """The body, ready for a page."""
        return tuple(Markup(text) for text in self.body.strip().split("\n\n"))  # noqa: S704 -- our own content, links and all

    @property
    def modified(self) -> datetime:
        """When its words last changed."""
        return self.changed or self.published

    def at(self, now: datetime) -> "Article | None":
        """Return the article as it stands at that time; None before it is out."""
        if now < self.published:
            return None
        return functools.reduce(_happen, (event for event in self.events if event.at <= now), self)


def _happen(article: Article, event: Event) -> Article:
    """Return what the event makes of the article."""
    body = article.body
    for old, new in event.replace.items():
        if body.count(old) != 1:
            raise ValueError(f"{event.url}: {old!r} occurs {body.count(old)} times")
        body = body.replace(old, new)
    return replace(
        article,
        body=body,
        title=event.title or article.title,
        note=event.note or article.note,
        status=event.status or article.status,
        changed=event.at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A newspaper or agency: how it serves its pages, and the articles it has; ``content/outlets.yaml`` explains the fields."""

    key: str  # names its folders of content and templates
    host: str
    name: str
    slogan: str
    about: str
    sections: Mapping[str, str]
    routes: Mapping[str, str]
    articles: tuple[Article, ...]
    feed: Mapping[str, str] | None = None
    tracking: str = ""  # the query that its feed adds to links
    redirects: Mapping[str, str] = field(default_factory=dict)
    walled: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    charset: str = "utf-8"
    gzip: bool = False
    chunked: bool = False

    def at(self, now: datetime) -> tuple[Article, ...]:
        """Return every article that was out at that time as it then stood, gone ones too; the newest first."""
        out = (article.at(now) for article in self.articles)
        return tuple(sorted((article for article in out if article), key=lambda article: article.published, reverse=True))


def _events() -> Iterator[Event]:
    for entry in yaml.safe_load((CONTENT / "events.yaml").read_text("utf-8")):
        yield Event(**entry)


def _article(file: Path, host: str, events: Iterable[Event]) -> Article:
    """Read one article: YAML between two lines of three hyphens, then the body."""
    _, front, body = file.read_text("utf-8").split("---\n", 2)
    article = Article(host=host, body=body, **yaml.safe_load(front))
    return replace(article, events=tuple(event for event in events if event.url == article.url))


@functools.cache
def outlets() -> Mapping[str, Outlet]:
    """Return the outlets by host, read once."""
    events = tuple(_events())
    read = {}
    for key, fields in yaml.safe_load((CONTENT / "outlets.yaml").read_text("utf-8")).items():
        articles = tuple(_article(file, fields["host"], events) for file in sorted((CONTENT / key).glob("*.md")))
        read[fields["host"]] = Outlet(key=key, articles=articles, **fields)
    if strays := {event.url for event in events} - {article.url for outlet in read.values() for article in outlet.articles}:
        raise ValueError(f"events for articles that do not exist: {sorted(strays)}")
    return read


def events() -> tuple[Event, ...]:
    """Return all events of all articles, in the order of time."""
    found = (event for outlet in outlets().values() for article in outlet.articles for event in article.events)
    return tuple(sorted(found, key=lambda event: event.at))
