"""Which links are sold: they lead to whoever paid, not to coverage, and are never followed.

Contract: pure; the reason in words, or None.  A link is sold when the page says so (``rel=sponsored``), when a segment of its path does, or
when it leaves the outlet for a host that serves advertisements.  Outlets sell slots in feeds and sitemaps too (peers.md, pain 14), where
``off_site`` holds for everything: what an outlet lists of itself lies on its own domain.
"""

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from archive.urls import host, registered_domain

_SEGMENTS = re.compile(
    r"/(?:sponsored|sponsored-(?:content|post|article)s?|advertorials?|(?:partner|paid|branded|promoted)-(?:content|post)s?|brandvoice|brand-studio"
    r"|promoted|publireportages?|anzeigen?|advertisement-feature|paidcontent)(?=/|$)",
    re.IGNORECASE,
)
_LABELS = frozenset({"ad", "ads", "adserver", "adclick", "click", "clicks", "promo", "promos", "promotion", "promotions", "sponsored"})
_SELLERS = frozenset({
    *("doubleclick.net", "googlesyndication.com", "googleadservices.com", "adnxs.com", "criteo.com"),
    *("taboola.com", "outbrain.com", "revcontent.com", "mgid.com", "zergnet.com", "plista.com", "ligatus.com"),
})  # fmt: skip


def sold(url: str, rel: str, page: str) -> str | None:
    """Why a link with the attribute ``rel`` on ``page`` is a sold slot; None when nothing says so.  Both are URLs of ``clean``."""
    if "sponsored" in rel.lower().split():
        return "a sold slot: rel=sponsored"
    if segment := _SEGMENTS.search(unquote(urlsplit(url).path)):
        return f"a sold slot: {segment[0]} in its path"
    name = host(url)
    domain = registered_domain(name)
    if domain != registered_domain(host(page)) and (domain in _SELLERS or name.split(".")[0] in _LABELS):
        return f"a sold slot: {name} serves advertisements"
    return None


def off_site(url: str, sites: Collection[str]) -> str | None:
    """Why an entry of a list does not belong there: it lies on none of the outlet's registered domains; None when it does."""
    domain = registered_domain(host(url))
    return None if domain in sites else f"off-site: listed by {', '.join(sorted(sites))}, lies on {domain}"
