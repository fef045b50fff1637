"""What leads to coverage and what does not: sold slots, off-site entries, indexes of sitemaps, credits."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import Found, PageKind
from archive.records import Document, Lead, Link, Quality, Story
from pipeline.coverage import SURENESS, leads_of_entries, leads_of_page, sites_of
from pipeline.creditfeeds import credited, named_feeds
from pipeline.listing import Entry
from pipeline.sitemapindex import CHILDREN, DEPTH, leads_of_index, told
from pipeline.soldslots import sold

PAGE = "https://paper.example/2024/ferry"
FEED = "https://paper.example/feed.xml"
STORY = Story(
    slug="ferry",
    version=1,
    created=datetime(2024, 3, 26, tzinfo=UTC),
    title="Ferry",
    words=("ferry", "harbour", "island"),
    earliest=datetime(2024, 3, 26, tzinfo=UTC),
)


def document(**fields: object) -> Document:
    """A readable page of the paper."""
    known: dict[str, object] = {"capture": "urn:uuid:1", "url": PAGE, "extractor": "x", "quality": Quality(kind=PageKind.ARTICLE), **fields}
    return Document(**known)  # type: ignore[arg-type]  # names and types are the test's


@pytest.mark.parametrize(
    ("url", "rel", "why"),
    [
        ("https://paper.example/a", "nofollow Sponsored", "rel=sponsored"),
        ("https://paper.example/sponsored/cruise", "", "/sponsored in its path"),
        ("https://paper.example/news/partner-content/cruise", "", "/partner-content in its path"),
        ("https://promo.shop.example/cruise", "", "promo.shop.example serves advertisements"),
        ("https://trc.taboola.com/x", "", "trc.taboola.com serves advertisements"),
        ("https://paper.example/sponsored-walk-for-charity", "", None),
        ("https://ads.paper.example/a", "", None),
        ("https://other.example/a", "nofollow ugc", None),
        ("https://paper.example/unsponsored/a", "", None),
    ],
)
def test_a_sold_slot_is_known_by_its_mark_its_path_or_its_host(url: str, rel: str, why: str | None) -> None:
    """What the page marks as sold, what names itself so, and hosts that serve advertisements; words that only look alike are none."""
    reason = sold(url, rel, PAGE)

    assert (reason is None) == (why is None)
    assert (why or "") in (reason or "")


def test_an_entry_of_another_site_is_refused_with_the_reason() -> None:
    """A feed that a page announces, or that lists its own site, may name that site's pages and the announcing page's."""
    entries = [Entry(url=f"https://{host}/a", title="Ferry to the island harbour") for host in ("www.paper.example", "casino.example")]
    sites = sites_of(Lead(url=FEED, found=Found.FEED_LINK, parent=PAGE), entries)

    own, other = leads_of_entries(entries, source=FEED, found=Found.FEED, hop=0, story=STORY, titles=(), sites=sites)

    assert (own.refused, own.hop) == (None, 1)
    assert other.refused == "off-site: listed by paper.example, lies on casino.example"


def test_a_feed_that_lies_elsewhere_names_the_outlet_that_announces_it() -> None:
    """A feed at a feed service lists the pages of the outlet whose page announces it."""
    lead = Lead(url="https://feeds.service.example/paper", found=Found.FEED_LINK, parent=PAGE)

    assert sites_of(lead, []) == {"service.example", "paper.example"}


def test_a_press_review_that_a_person_named_may_list_anybody() -> None:
    """None of its entries lies on its own site, so it is a list of others; with one that does it is a paper's feed with sold slots."""
    lead = Lead(url=FEED, found=Found.FEED_LINK, parent="seeds.txt:1")
    others, own = [Entry(url="https://a.example/1"), Entry(url="https://b.example/2")], Entry(url="https://paper.example/3")

    assert sites_of(lead, others) == frozenset()
    assert sites_of(lead, [*others, own]) == {"paper.example"}


def test_how_sure_an_entry_is_grows_with_its_words() -> None:
    """A title that is looked for is nearly certain; more of the story's words are surer; a date outside the window is no lead."""
    entries = [
        Entry(url="https://paper.example/1", title="The wanted title"),
        Entry(url="https://paper.example/2", title="Ferry harbour island"),
        Entry(url="https://paper.example/3", title="Ferry tickets cost more money this year again"),
        Entry(url="https://paper.example/4", title="Ferry harbour island", published=datetime(2025, 1, 1, tzinfo=UTC)),
    ]

    found = leads_of_entries(entries, source=FEED, found=Found.FEED, hop=0, story=STORY, titles=("the wanted title",))

    assert [lead.url[-1] for lead in found if lead.url] == ["1", "2", "3"]
    assert 0.95 == found[0].confidence > found[1].confidence > found[2].confidence > 0.3
    assert all(lead.evidence for lead in found)


def test_a_page_s_leads_keep_refusals_and_hold_boxes_against_the_story() -> None:
    """A sold link stays a lead with its reason; a teaser without the story's words is none."""
    links = (
        Link(url="https://a.example/1", text="Cruise", rel=Found.LINK, refused="a sold slot: rel=sponsored"),
        Link(url="https://paper.example/2", text="Island ferry tested", rel=Found.WIDGET),
        Link(url="https://paper.example/3", text="Cup final goes on", rel=Found.WIDGET),
        Link(url="https://agency.example/4", text="", rel=Found.ORIGINAL),
    )

    found = leads_of_page(document(links=links), 1, STORY)

    assert [(lead.found, lead.hop, lead.confidence, lead.refused) for lead in found] == [
        (Found.LINK, 2, SURENESS[Found.LINK], "a sold slot: rel=sponsored"),
        (Found.WIDGET, 2, SURENESS[Found.WIDGET], None),
        (Found.ORIGINAL, 2, SURENESS[Found.ORIGINAL], None),
    ]
    assert len(leads_of_page(document(links=links), 1)) == 4


def index_of(count: int) -> list[str]:
    return [f"https://paper.example/maps/{1996 + number // 12}-{number % 12 + 1:02}.xml" for number in range(count)]


def test_of_an_index_the_story_s_months_come_first() -> None:
    """Then the news, then what names no month; at most so many, and what that cut is told."""
    children = [*index_of(350), "https://paper.example/maps/authors.xml", "https://paper.example/maps/news.xml"]
    lead = Lead(url="https://paper.example/maps.xml", found=Found.SITEMAP_LINK, hop=1)

    found = leads_of_index(children, lead, "https://paper.example/maps.xml", STORY)

    assert [lead.url.rpartition("/")[2] for lead in found[:4] if lead.url] == ["2024-03.xml", "2024-04.xml", "news.xml", "authors.xml"]
    assert {(lead.depth, lead.hop, lead.parent) for lead in found} == {(1, 1, "https://paper.example/maps.xml")}
    assert len(found) == CHILDREN
    assert told(children, found) == f"352 sitemaps of which {CHILDREN} are followed (the limit is {CHILDREN} of one index), "
    assert told(children[:2], leads_of_index(children[:2], lead, "", None)) == "2 sitemaps, "


def test_an_index_of_indexes_is_followed_so_deep() -> None:
    """Deeper ones give nothing, which is told."""
    lead = Lead(url="https://paper.example/maps.xml", found=Found.SITEMAP_LINK, depth=DEPTH)

    assert leads_of_index(["https://paper.example/a.xml"], lead, "", STORY) == []
    assert told(["https://paper.example/a.xml"], []) == f"1 sitemaps of which 0 are followed (the limit is {DEPTH} indexes deep), "


@given(st.lists(st.text(max_size=30), max_size=30), st.booleans())
def test_any_names_of_sitemaps_are_ordered(names: list[str], dated: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
    """No name is an error, and none comes twice that was not given twice."""
    lead = Lead(url="https://paper.example/maps.xml", found=Found.SITEMAP_LINK)

    found = leads_of_index([f"https://paper.example/{name}" for name in names], lead, "", STORY if dated else None)

    assert len(found) == min(len(names), CHILDREN)


def test_a_credit_leads_to_the_feeds_of_its_outlet() -> None:
    """The outlet is a word of its own, a short one as it is written; an outlet without feeds leads nowhere."""
    feeds = named_feeds("AP=https://ap.example/feed, Wire Agency=https://wire.example/1,Wire Agency=https://wire.example/2")

    found = credited(document(credits=("With inputs from AP", "wire agency", "APEX, with ap")), feeds, 1)

    assert [(lead.url, lead.evidence) for lead in found] == [
        ("https://ap.example/feed", "With inputs from AP (a feed of AP)"),
        ("https://wire.example/1", "wire agency (a feed of Wire Agency)"),
        ("https://wire.example/2", "wire agency (a feed of Wire Agency)"),
    ]
    assert {(lead.found, lead.parent, lead.hop) for lead in found} == {(Found.CREDIT, PAGE, 1)}
    for wrong in ("AP", "=https://a.example", "AP=ftp://a.example"):
        with pytest.raises(ValueError, match=r"\w"):
            named_feeds(wrong)
