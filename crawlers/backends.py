"""Who can be asked for coverage besides the outlets' own lists: back ends, each behind one small interface.

Contract: a back end only makes URLs and reads pages, both as pure functions of the pipeline; the same polite spider fetches the URLs, so
that robots.txt, delay and back-off hold and every answer is archived, also one that is no answer.  None is asked unless a setting names its
base URL or the person who runs the command names it.  ``limits`` bounds a chain of answers; what it cuts is said in the outcome.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from archive.records import Page
from archive.settings import Settings
from archive.urls import host, registered_domain
from crawlers.session import BadSettings
from pipeline import gdelt, memento, sitesearch, wayback
from pipeline.creditfeeds import named_feeds
from pipeline.listing import FeedError
from pipeline.questions import Answer, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far a chain of answers is followed, and how long its public service wants to be left alone between two questions."""

    depth: int  # answers behind the first one
    seconds: float = 0.0


class Backend(Protocol):
    """Somebody who can be asked."""

    @property
    def name(self) -> str:
        """Its name in settings and outcomes."""

    @property
    def base_url(self) -> str:
        """With what its URLs begin."""

    @property
    def limits(self) -> Limits:
        """Its limits."""

    def owns(self, url: str) -> bool:
        """Whether what lies at a URL is an answer of its."""

    def request(self, question: Question) -> str | None:
        """The URL that asks a question; None for one that it cannot answer."""

    def read(self, page: Page) -> Answer:
        """What an answer says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A back end with one address: GDELT, the Wayback Machine, a server of TimeMaps."""

    name: str
    base_url: str
    limits: Limits
    ask: Callable[[str, Question], str | None]
    understand: Callable[[str, Page], Answer]

    def owns(self, url: str) -> bool:
        """Whether a URL begins with the base URL."""
        return url.startswith(self.base_url)

    def request(self, question: Question) -> str | None:
        """The URL that asks a question."""
        return self.ask(self.base_url, question)

    def read(self, page: Page) -> Answer:
        """What an answer says."""
        return self.understand(self.base_url, page)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSearch:
    """An outlet's own search, by its template."""

    template: str
    limits: Limits = Limits(depth=0)

    @property
    def name(self) -> str:
        """The host whose search it is."""
        return f"search of {host(self.template)}"

    @property
    def base_url(self) -> str:
        """The template up to the words."""
        return self.template.partition(sitesearch.WORDS)[0]

    def owns(self, url: str) -> bool:
        """Whether a URL is the template with words in it."""
        return url.startswith(self.base_url)

    def request(self, question: Question) -> str | None:
        """The URL of a page of hits."""
        return sitesearch.request(self.template, question)

    def read(self, page: Page) -> Answer:
        """What a page of hits links to."""
        return sitesearch.hits(page)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedSearch:
    """An outlet's own search whose template stands in an OpenSearch description; that is fetched first."""

    base_url: str  # of the description
    question: Question
    limits: Limits = Limits(depth=1)

    @property
    def name(self) -> str:
        """The host whose search it is."""
        return f"search of {host(self.base_url)}"

    def owns(self, url: str) -> bool:
        """Whether a URL lies on the outlet's domain: the template may name another host of it."""
        return registered_domain(host(url)) == registered_domain(host(self.base_url))

    def request(self, question: Question) -> str | None:
        """The description's own URL, for the one question that is put."""
        return self.base_url if question == self.question else None

    def read(self, page: Page) -> Answer:
        """From the description to the question, and from its answer to the hits."""
        if page.capture.url != self.base_url:
            return sitesearch.hits(page)
        try:
            template = sitesearch.read_description(page)
        except FeedError as error:
            return Answer(problem=str(error))
        url = template and sitesearch.request(template, self.question)
        return Answer(next=(url,)) if url else Answer(problem="the description has no template for pages on its own domain")


# Name, public base URL if there is one, limits, and the two functions.
_SERVICES: Mapping[str, tuple[str | None, Limits, Callable[[str, Question], str | None], Callable[[str, Page], Answer]]] = {
    "gdelt": (gdelt.BASE, Limits(depth=4, seconds=gdelt.SECONDS), gdelt.request, gdelt.read),
    "wayback": (wayback.BASE, Limits(depth=10, seconds=wayback.SECONDS), wayback.request, wayback.read),
    "memento": (None, Limits(depth=5), memento.request, memento.read),
}


def with_named(settings: Settings, names: Iterable[str]) -> Settings:
    """The settings with back ends switched on by name, at their public addresses; BadSettings for a name that means none."""
    for name in names:
        if name not in _SERVICES:
            raise BadSettings(f"there is no back end {name!r}; known are {', '.join(_SERVICES)}")
        base_url = _base_url(settings, name) or _SERVICES[name][0]
        if base_url is None:
            raise BadSettings(f"{name} has no public address of its own: set discover_{name}")
        switched: dict[str, Any] = {f"discover_{name}": base_url}
        settings = replace(settings, **switched)
    return settings


def backends(settings: Settings) -> tuple[Backend, ...]:
    """The back ends that are switched on; BadSettings for a search template that is none."""
    services = (
        Service(name=name, base_url=base_url, limits=limits, ask=ask, understand=understand)
        for name, (_, limits, ask, understand) in _SERVICES.items()
        if (base_url := _base_url(settings, name)) is not None
    )
    try:
        return (*services, *(SiteSearch(template=template) for template in sitesearch.templates(settings.discover_search)[0]))
    except ValueError as error:
        raise BadSettings(f"discover_search: {error}") from error


def outlets(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The feeds of outlets that credits name; BadSettings for a setting that cannot be read."""
    try:
        return named_feeds(settings.discover_outlets)
    except ValueError as error:
        raise BadSettings(f"discover_outlets: {error}") from error


def _base_url(settings: Settings, name: str) -> str | None:
    given: str | None = getattr(settings, f"discover_{name}")
    return given.rstrip("/") if given is not None and name != "memento" else given


def backend_of(url: str, known: Iterable[Backend]) -> Backend | None:
    """Whose answer lies at a URL."""
    return next((backend for backend in known if backend.owns(url)), None)


def distances(known: Iterable[Backend]) -> dict[str, float]:
    """Seconds between two questions that public services ask for, by registered domain; a stand-in has the delay of all hosts."""
    public = {base: limits.seconds for base, limits, _, _ in _SERVICES.values() if base is not None}
    return {registered_domain(host(item.base_url)): public[item.base_url] for item in known if item.base_url in public}
