"""How pages, feeds and sitemaps are made: ``render(template, outlet, now, …) -> str`` with the Jinja templates in ``templates/``.

A template is given ``outlet``, ``now``, ``url`` (its own address), ``shown`` (what the outlet lists at that time, the newest first) and
``article``; an unknown name in a template is an error, and text is always escaped.
"""

import functools
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from copytrail.newsroom.content import HERE, Article, Outlet


def news_article(article: Article, outlet: Outlet) -> dict[str, Any]:
    """Return the JSON-LD by which the page says what it is (https://schema.org/NewsArticle)."""
    found = {
        "@context": "https://schema.org",
        "@type": article.kind,
        "mainEntityOfPage": article.url,
        "headline": article.title,
        "datePublished": article.published.isoformat(),
        "dateModified": article.modified.isoformat(),
        "inLanguage": "en",
        "author": {"@type": "Person" if " " in (article.author or "") else "Organization", "name": article.author or outlet.name},
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name, "url": f"http://{outlet.host}/"},
    }
    if article.image:
        found["image"] = f"http://{outlet.host}/assets/{article.image['file']}"
    return found


def shown(outlet: Outlet, now: datetime) -> tuple[Article, ...]:
    """Return what the outlet lists at that time: what is out, meant for lists and not gone."""
    return tuple(article for article in outlet.at(now) if article.listed and article.status == 200)


def _day(time: datetime, form: str = "{day} {month} {year}") -> str:
    """Write the day in words, without a locale: "12 May 2026", or in another form that the template names."""
    return form.format(day=time.day, month=f"{time:%B}", year=time.year, weekday=f"{time:%A}", clock=f"{time:%H:%M}")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html", "xml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=_day, rfc822=format_datetime)
    environment.globals.update(news_article=news_article)
    return environment


def render(template: str, outlet: Outlet, now: datetime, *, path: str, article: Article | None = None) -> str:
    """Make one page of the outlet as it looks at that time."""
    return (
        _environment()
        .get_template(template)
        .render(outlet=outlet, now=now, path=path, url=f"http://{outlet.host}{path}", shown=shown(outlet, now), article=article)
    )


def render_plain(template: str, **values: Any) -> str:
    """Make a page that belongs to no outlet."""
    return _environment().get_template(template).render(**values)
