"""Where a body names an address."""

import gzip

from hypothesis import given
from hypothesis import strategies as st
from support.pages import make_page

from archive.kinds import Found
from archive.records import Lead
from pipeline.places import located, places

URL = "https://ledger.example/2024/a"


def offsets_of(body: str, *leads: Lead, charset: str | None = None) -> list[int | None]:
    """The offsets of leads that a page gave."""
    page = make_page(body.encode(charset or "utf-8"), url=URL, charset=charset)
    found = located(leads, page)
    assert all(lead.record == page.capture.id for lead in found)
    return [lead.offset for lead in found]


def test_an_address_is_found_as_the_page_writes_it() -> None:
    """Whole, without its scheme, as a path on the same host, with the escapes of HTML and JSON, and with a fragment."""
    body = (
        '<a href="https://ledger.example/b?x=1&amp;y=2#top"> <a href=//other.example/c> <a href=/d> "https:\\/\\/other.example\\/e" '
        "<loc>https://other.example</loc> <a href='/f,1.html'>"
    )
    urls = ["b?x=1&y=2", "d", "f,1.html"]
    leads = [Lead(url=f"https://ledger.example/{url}", found=Found.CITATION) for url in urls]
    leads += [Lead(url=f"https://other.example/{url}", found=Found.CITATION) for url in ("c", "e", "")]

    found = offsets_of(body, *leads)

    wanted = ["https://ledger.example/b", "/d>", "/f,", "//other.example/c", "https:\\/\\/other", "https://other.example<"]
    assert found == [body.index(text) for text in wanted]


def test_the_place_of_a_link_is_that_with_its_words() -> None:
    """Of a menu and a paragraph that link alike, the one that bears the words; none when no link does."""
    body = '<nav><a href="/b">Menu</a></nav><p><a class=x href="/b">The old\n <b>ferry</b> &amp; pier</a></p>'

    (first, none) = offsets_of(
        body,
        Lead(url="https://ledger.example/b", found=Found.LINK, title="The old ferry & pier"),
        Lead(url="https://ledger.example/b", found=Found.LINK, title="Other words"),
    )

    assert first == body.index('/b">The')
    assert none is None


def test_the_place_of_an_entry_is_its_own_element() -> None:
    """An address in another entry's text is not where a feed names it."""
    body = '<item><description>see <![CDATA[<a href="https://ledger.example/b">b</a>]]></description></item><item><link>https://ledger.example/b</link></item>'

    (found,) = offsets_of(body, Lead(url="https://ledger.example/b", found=Found.FEED))

    assert found == body.index("https://ledger.example/b</link>")


def test_a_place_in_a_packed_sitemap_is_one_in_what_it_unpacks_to() -> None:
    """The file's own gzip is undone; broken gzip has no places."""
    text = b"<urlset><url><loc>https://ledger.example/b</loc></url></urlset>"
    lead = Lead(url="https://ledger.example/b", found=Found.SITEMAP)

    (found,) = located([lead], make_page(gzip.compress(text), url=URL))
    (broken,) = located([lead], make_page(b"\x1f\x8bnone", url=URL))

    assert text[found.offset :].startswith(b"https://ledger.example/b<")
    assert (broken.offset, broken.record) == (None, found.record)


def test_what_is_not_written_out_has_no_place() -> None:
    """A relative reference without a slash, another spelling, UTF-16, and part of a longer address."""
    lead = Lead(url="https://ledger.example/2024/b", found=Found.CITATION)

    assert offsets_of('<a href="b">', lead) == [None]
    assert offsets_of('<a href="https://ledger.example/2024/bc">', lead) == [None]
    assert offsets_of('<a href="https://ledger.example/2024/b">', lead, charset="utf-16") == [None]
    assert offsets_of('<a href="https://LEDGER.example/2024/b">', lead) == [None]


def test_an_unknown_charset_is_no_error() -> None:
    """The words of a link are then read as UTF-8."""
    page = make_page('<a href="/b">Old ferry sails</a>', url=URL, charset="x-none")

    (found,) = located([Lead(url="https://ledger.example/b", found=Found.LINK, title="Old ferry sails")], page)

    assert found.offset == 9


@given(
    st.lists(st.sampled_from(["/a", "http://x.example/a", " ", '"', "<", ">", "&amp;", "&", "\\/", "#", "[", "]", "é", "\0"]), max_size=60)
)
def test_each_place_begins_with_the_address(parts: list[str]) -> None:
    """Whatever the body, an offset is one of it, and the run of characters there spells the address."""
    body = "".join(parts).encode()

    for url, found in places(body, "http://x.example/", ["http://x.example/a"]).items():
        assert all(body[offset:].startswith((b"/a", b"//x", b"http", b"\\/")) for offset in found), url
