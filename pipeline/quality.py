"""What kind of page a capture is: an article, or something that only looks like one.

``quality(facts)`` asks the rules in order of how badly a mistake would hurt: a wall, an error page or an index that passed as an article
would become a false edit or a false deletion, so each of them comes before any evidence for an article.  Every rule names its reasons, and
how sure they make it (``pipeline.sureness`` says what the number means).  With ``history`` the verdict of the page alone is held against
what else its outlet and its address have given (``pipeline.history``).
The rules are in ``pipeline.walls`` and ``pipeline.pagekinds``, their words and signs in ``rules/quality.yaml`` and ``rules/walls.yaml``.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from archive.kinds import PageKind
from archive.records import Page, Quality
from pipeline.pagefacts import Facts, Seen, count_words, look
from pipeline.pagekinds import (
    article,
    error,
    index,
    is_deep,
    is_front,
    live_blog,
    player,
    redirect_home,
    signup,
    soft_404,
    teaser,
    uncertain,
)
from pipeline.sureness import CLEAR, GUESS, SIGNED
from pipeline.wallrules import by_address
from pipeline.walls import bot_wall, consent_wall, legal_wall, login_wall, maintenance, refusal

__all__ = ["Facts", "count_words", "not_html", "of_redirect", "quality"]


def quality(facts: Facts) -> Quality:
    """The kind of the page, with the reasons and how sure it is."""
    seen = look(facts)
    for rule in _RULES:
        if found := rule(seen):
            return found
    return replace(uncertain(seen), confidence=GUESS)


def not_html(page: Page) -> Quality | None:
    """The verdict on a page that is no HTML at all, or a wall with an error's status, from its head and bytes; None if worth parsing."""
    if page.capture.status != 200 and (found := refusal(page)):
        return found
    mime = (page.capture.mime or "").partition(";")[0].strip().lower()
    start = page.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return Quality(kind=PageKind.EMPTY, reasons=("no bytes in the body",), confidence=SIGNED)
    marked = start.startswith((b"<!doctype html", b"<html")) or b"<html" in start
    if marked or (mime in {"", "text/html", "application/xhtml+xml"} and b"<" in start):
        return None
    return Quality(kind=PageKind.NOT_HTML, reasons=(f"{mime or 'no type given'}, and no HTML in the first bytes",), confidence=SIGNED)


def of_redirect(url: str, location: str | None) -> Quality | None:
    """What a redirect says of the page that was asked for: the way to a wall, or home; None for the way to another address of it."""
    if not location:
        return None
    try:
        target = urljoin(url, location)
        there, here = urlsplit(target), urlsplit(url)
        asked, found = by_address(url), by_address(target)
    except ValueError:  # no address at all
        return None
    if found is not None and asked is None:
        return Quality(kind=found[0].kind, reasons=(f"sent to {found[0].name}: {found[1]}",), confidence=CLEAR)
    one, other = ((name or "").removeprefix("www.") for name in (here.hostname, there.hostname))
    if one == other and is_front(there.path) and not there.query and is_deep(here.path):
        return Quality(kind=PageKind.REDIRECT_HOME, reasons=(f"sent to the front page {target}",), confidence=CLEAR)
    return None


def _empty(seen: Seen) -> Quality | None:
    if seen.page_words or seen.extracted_words:
        return None
    return Quality(kind=PageKind.EMPTY, reasons=("no visible text",), confidence=SIGNED)


_RULES: tuple[Callable[[Seen], Quality | None], ...] = (
    bot_wall,
    consent_wall,
    _empty,
    legal_wall,
    maintenance,
    soft_404,
    error,
    login_wall,
    live_blog,
    redirect_home,
    player,
    teaser,
    signup,
    index,
    article,
)
