"""A profile says what an outlet's pages have in common, and takes nothing for furniture that is an article's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.courier import OUTLET, PROMOTION, TOWNS, town_page
from support.pages import make_page

from archive import codec
from archive.records import Profile
from pipeline.profiles import Evidence, Moved, Trace, learned, line, moved
from pipeline.text import extractor
from pipeline.traces import traced

QUOTE = "The quay was never meant to carry lorries, said the harbour master, and everybody on the council knew it."
BODY = "section.box > div.story > p"
BOX = "main > section.box > aside.letter"


def trace(name: str, markup: str, *, day: int = 0, url: str | None = None) -> Trace:
    """What is counted of a page that was captured on that day."""
    page = make_page(markup, url=url or f"https://{OUTLET}/{name}", name=name)
    return traced(replace(page, capture=replace(page.capture, time=page.capture.time + timedelta(days=day))))


def traces(*more: str, towns: Sequence[str] = TOWNS, story: str = "story") -> list[Trace]:
    return [trace(town, town_page(town, *more, story=story), day=day) for day, town in enumerate(towns)]


def profile(found: Sequence[Trace]) -> Profile:
    made = learned(OUTLET, found)
    assert made is not None
    return made


def test_places_of_text_and_of_furniture_are_told_apart() -> None:
    """The paragraphs' place holds text, what comes again on every page is counted, menus are links; who and when stands with it."""
    found = profile(traces())
    places = {item.path: item for item in found.places}

    assert (found.outlet, found.extractor, found.version) == (OUTLET, extractor(), 0)
    assert [name for _, name in found.articles] == list(TOWNS)
    assert found.until - found.since == timedelta(days=4)
    assert (places[BODY].pages, places[BODY].blocks, places[BODY].text, places[BODY].repeated) == (5, 30, 30, 0)
    assert (places[BOX].pages, places[BOX].repeated, places[BOX].text) == (5, 5, 0)
    assert places["nav.menu > ul > li.item"].linked == 10
    assert (line(PROMOTION), 5) in found.lines


def test_a_block_is_explained_by_the_other_pages() -> None:
    """A page that was learned from does not count among those that have its line; what no other page has is explained by its place."""
    found = profile(traces())
    own, other = Evidence(found, f"https://{OUTLET}/Alba"), Evidence(found, f"https://{OUTLET}/elsewhere")

    assert own.of(PROMOTION, BOX) == "word for word on 4 of 4 other pages; 5 of 5 blocks here come again on other pages"
    assert other.of(PROMOTION, BOX).startswith("word for word on 5 of 5 other pages")
    assert own.of("Words of its own", BODY) == "the text stands here on 5 pages"
    assert own.of("The sea", "nav.menu > ul > li.item") == "links stand here on 5 pages"
    assert own.of("Words of its own", "body > div > b") == ""


def test_a_quotation_of_one_story_makes_no_furniture() -> None:
    """A paragraph that every article has stands in a place of text, which is never said to hold anything else."""
    repeated = [f"{QUOTE} ({n})" for n in range(6)]
    found = profile(traces(*repeated))
    place = next(item for item in found.places if item.path == BODY)

    assert place.repeated == place.blocks / 2
    assert "come again" not in Evidence(found, "").of(repeated[0], BODY)


@pytest.mark.parametrize(
    ("towns", "more"),
    [
        pytest.param(TOWNS[:2], (), id="two articles"),
        pytest.param((TOWNS[0],) * 5, (), id="one text at five addresses"),
        pytest.param((), (), id="none"),
    ],
)
def test_too_few_articles_teach_nothing(towns: Sequence[str], more: tuple[str, ...]) -> None:
    """Two articles, or one text however often it was published, say nothing of an outlet."""
    found = [trace(f"{number}", town_page(town, *more)) for number, town in enumerate(towns)]

    assert learned(OUTLET, found) is None


def test_only_the_last_capture_of_an_article_counts() -> None:
    """A page that is captured every hour does not make its own words look like those of every page."""
    again = [trace(f"again {hour}", town_page("Alba"), day=9, url=f"https://{OUTLET}/Alba") for hour in range(9)]
    canonical = f"<link rel='canonical' href='https://{OUTLET}/Alba'>"
    amp = trace("amp", town_page("Alba", link=canonical), day=10, url=f"https://{OUTLET}/amp/Alba")
    found = profile([*traces(towns=TOWNS[:3]), *again, amp])

    assert [name for _, name in found.articles] == ["Borg", "Clun", "amp"]
    assert all(count <= 3 for _, count in found.lines)


def test_what_is_no_article_teaches_nothing() -> None:
    """Walls, lists and pages that are no HTML are passed over."""
    walls = [trace(f"wall {n}", f"<p>{n}: Please accept cookies to continue</p>") for n in range(5)]
    binary = traced(make_page(b"%PDF-1.7 \x00\x01", mime="application/pdf"))

    assert learned(OUTLET, [*walls, binary, *traces(towns=TOWNS[:2])]) is None
    assert binary.blocks == ()


def test_the_same_pages_give_the_same_bytes() -> None:
    """In whatever order they come, and through the object that holds it."""
    found = profile(traces())

    assert codec.text_of(profile(traces()[::-1])) == codec.text_of(found)
    assert codec.read(Profile, codec.text_of(found)) == found


def test_a_place_that_is_gone_is_told() -> None:
    """Pages of a new layout have nothing where the text stood; pages of the old one have."""
    found = profile(traces())
    new, old = traces(towns=TOWNS[:3], story="tale"), traces(towns=TOWNS[:1])

    assert moved(found, new) == Moved(path=BODY, pages_before=5, articles_before=5, pages=0, articles=3)
    assert str(moved(found, [*new, *old])) == f"the text stood in “{BODY}” on 5 of 5 pages, and 1 of these 4 have such a place"
    assert moved(replace(found, places=()), new) is None
