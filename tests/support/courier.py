"""Articles of one outlet that looks the same on every page: a menu, a headline, six paragraphs of their own, a newsletter box."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from support.exchanges import STARTED, page

from archive.kinds import Found
from archive.vault import Archive
from crawlers.reread import reread

OUTLET = "courier.example"
TOWNS = ("Alba", "Borg", "Clun", "Dorn", "Elm")
PROMOTION = "Get the harbour letter every morning before the boats leave"


def town_page(town: str, *more: str, story: str = "story", link: str = "") -> str:
    """The page of a town; ``more`` are paragraphs among its own, ``story`` is the class of what holds them."""
    own = [
        f"In {town} the council voted on item {n} of the long list about the harbour of {town} and its moles on day {n} of May."
        for n in range(6)
    ]
    body = "".join(f"<p>{text}</p>" for text in (*own[:3], *more, *own[3:]))
    return (
        f"<html><head><title>{town} votes</title>{link}</head><body>"
        "<nav class='menu'><ul><li class='item'><a href='/'>Home</a></li><li class='item'><a href='/sea'>The open sea</a></li></ul></nav>"
        f"<main><section class='box'><h1>{town} votes</h1><div class='{story}'>{body}</div>"
        f"<aside class='letter'>{PROMOTION}</aside></section></main></body></html>"
    )


def keep(archive: Archive, pages: Mapping[str, str], day: int) -> None:
    """Captures of some pages, by URL, so many days after the usual; then all that is in the archive is read."""
    now = STARTED + timedelta(days=day)
    deposit = archive.deposit(clock=lambda: now, info={"software": "copytrail/test", "operator": "tests@copytrail.example"})
    for number, (url, markup) in enumerate(pages.items()):
        deposit.keep(replace(page(markup.encode(), url=url), started=now + timedelta(seconds=number), found=Found.GIVEN))
    deposit.seal()
    reread(archive)
