"""What back ends are asked and what their answers list: recorded shapes, and whatever else may come."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pages import make_page

from archive.kinds import Found, Verdict
from archive.records import Page, Story
from pipeline import gdelt, memento, sitesearch, wayback
from pipeline.listing import Entry, FeedError
from pipeline.markup import parse
from pipeline.questions import MOST_ROWS, Answer, Question, questions, rarest

DOC, WEB, MAPS = "http://gdelt.example/api/v2/doc/doc", "http://archive.example", "http://maps.example/timemap/link/"
FIRST, LAST = datetime(2024, 3, 12, tzinfo=UTC), datetime(2024, 4, 9, tzinfo=UTC)
WORDS = Question(words=("ferry", "of", "harbour"), first=FIRST, last=LAST)
DEAD = Question(dead="http://dead.example/ferry?a=1&b=2")
HEAD = ["timestamp", "original", "mimetype", "statuscode", "digest"]


def answered(body: object, url: str | None) -> Page:
    """An answer to the question at a URL."""
    return make_page(body if isinstance(body, bytes) else json.dumps(body).encode(), url=url or "http://none.example/")


def fields_of(url: str | None) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url or "").query).items()}


def test_a_gdelt_question_names_words_and_window() -> None:
    """Words that GDELT refuses for being short are left out; a phrase is quoted; captures it does not know."""
    asked = fields_of(gdelt.request(DOC, WORDS))

    assert asked == {
        "query": "ferry harbour",
        "mode": "artlist",
        "format": "json",
        "maxrecords": "250",
        "sort": "datedesc",
        "startdatetime": "20240312000000",
        "enddatetime": "20240409000000",
    }
    assert fields_of(gdelt.request(DOC, Question(phrase="an old ferry")))["query"] == '"an old ferry"'
    assert gdelt.request(DOC, DEAD) is None
    assert gdelt.request(DOC, Question(words=("of",))) is None


def test_a_gdelt_answer_lists_articles() -> None:
    """Address, title and the time at which it was seen; rows without an address are passed over, illegal JSON is mended."""
    body = rb"""{"articles": [{"url": "https://far.example/ferry",
    "title": "The harbour\'s ferry	returns", "seendate": "20240326T143000Z"},
    {"url": "mailto:x"}, {"title": "none"}, 7]}"""

    answer = gdelt.read(DOC, answered(body, gdelt.request(DOC, WORDS)))

    seen = datetime(2024, 3, 26, 14, 30, tzinfo=UTC)
    assert answer == Answer(
        found=Found.GDELT, entries=(Entry(url="https://far.example/ferry", title="The harbour's ferry returns", published=seen),)
    )
    assert gdelt.read(DOC, answered(b"{}", DOC)) == Answer(found=Found.GDELT)


def test_a_full_gdelt_answer_is_asked_again_by_halves() -> None:
    """250 records stand for more: the window is halved, until it is too narrow, which is said."""
    full: dict[str, Any] = {"articles": [{"url": f"http://far.example/{number}"} for number in range(250)]}
    narrow = gdelt.request(DOC, Question(words=("ferry",), first=FIRST, last=FIRST + timedelta(minutes=90)))

    first, second = map(fields_of, gdelt.read(DOC, answered(full, gdelt.request(DOC, WORDS))).next)

    assert (first["startdatetime"], first["enddatetime"]) == ("20240312000000", "20240326000000")
    assert (second["startdatetime"], second["enddatetime"]) == ("20240326000000", "20240409000000")
    assert first["query"] == second["query"] == "ferry harbour"
    for url in (narrow, gdelt.request(DOC, Question(words=("ferry",)))):
        answer = gdelt.read(DOC, answered(full, url))
        assert answer.next == ()
        assert "there may be more" in (answer.cut or "")


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        (b"Please limit requests to one every 5 seconds", Verdict.THROTTLED, "GDELT says: Please limit"),
        (b"<html><p>Timespan is too short.</p></html>", Verdict.FAILED, "GDELT says: Timespan is too short."),
        (b"", Verdict.FAILED, "nothing at all"),
        (b'{"articles": [', Verdict.FAILED, "is not JSON"),
        (b'{"articles": 7}', Verdict.FAILED, "no list of articles"),
        (b"[" * 100_000, Verdict.FAILED, "GDELT says"),
        (b'{"a":' * 100_000, Verdict.FAILED, "is not JSON"),
    ],
)
def test_a_gdelt_apology_is_a_problem(body: bytes, verdict: Verdict, words: str) -> None:
    """Status 200 does not make a list of it."""
    answer = gdelt.read(DOC, answered(body, DOC))

    assert answer.entries == ()
    assert answer.verdict is verdict
    assert words in (answer.problem or "")


def test_captures_of_a_dead_address_are_its_earliest_and_latest() -> None:
    """Each at the URL of its bytes as they came, with the address that is dead; rows of other statuses are passed over."""
    url = wayback.request(WEB, DEAD)
    rows = [[stamp, DEAD.dead, "text/html", status, "D"] for stamp, status in (("20240328000000", "200"), ("20240326000000", "200"))]
    rows += [["20240101000000", DEAD.dead, "text/html", "404", "D"], ["20240327000000", DEAD.dead, "text/html", "200", "E"], ["x"], []]

    answer = wayback.read(WEB, answered([HEAD, *rows], url))

    assert fields_of(url)["url"] == DEAD.dead
    assert answer == Answer(
        found=Found.MEMENTO,
        dead=DEAD.dead,
        entries=(
            Entry(url=f"{WEB}/web/20240326000000id_/{DEAD.dead}", modified=datetime(2024, 3, 26, tzinfo=UTC)),
            Entry(url=f"{WEB}/web/20240328000000id_/{DEAD.dead}", modified=datetime(2024, 3, 28, tzinfo=UTC)),
        ),
    )


def test_what_lies_beside_comes_as_addresses_and_a_resume_key_leads_on() -> None:
    """A prefix gives each page's address once and no pictures; the key stands in a row of its own behind an empty one."""
    url = wayback.request(WEB, Question(prefix="http://paper.example/2024/03/26/", first=FIRST))
    page, picture = "http://paper.example/2024/03/26/a", "http://paper.example/2024/03/26/a.png"
    rows = [["20240326000000", page, "text/html", "200", "D"], ["20240327000000", page, "text/html", "200", "E"]]
    rows += [["20240326000000", picture, "image/png", "200", "F"], [], ["example,paper)/2024/03/26/b 20240326"]]

    answer = wayback.read(WEB, answered([HEAD, *rows], url))

    assert (answer.found, answer.entries) == (Found.WAYBACK, (Entry(url=page),))
    (following,) = answer.next
    assert fields_of(following) == fields_of(url) | {"resumeKey": "example,paper)/2024/03/26/b 20240326"}
    assert wayback.request(WEB, WORDS) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[[", b"{}", b"[1]", b'"x"', b"org.archive.Exception: no", b"[" * 100_000])
def test_what_is_no_cdx_answer_is_a_problem(body: bytes) -> None:
    """HTML, exceptions and broken JSON are told, and list nothing."""
    answer = wayback.read(WEB, answered(body, WEB))

    assert answer.problem
    assert answer.entries == ()


def test_no_captures_are_no_problem() -> None:
    """``[]`` is how the CDX server says that it has nothing."""
    assert wayback.read(WEB, answered([], wayback.request(WEB, DEAD))) == Answer(found=Found.MEMENTO, dead=DEAD.dead)


def test_a_huge_answer_is_read_up_to_a_limit_that_is_told() -> None:
    """Rows beyond it are named in the answer."""
    rows = [["20240326000000", f"http://paper.example/{number}", "text/html", "200", "D"] for number in range(MOST_ROWS)]

    answer = wayback.read(WEB, answered([HEAD, *rows], wayback.request(WEB, Question(prefix="http://paper.example/"))))

    assert (len(answer.entries), answer.cut) == (MOST_ROWS - 1, f"the first {MOST_ROWS} of {MOST_ROWS + 1} rows are read")


LINKS = f"""<{DEAD.dead}>; rel="original",
 <{MAPS}1/{DEAD.dead}>; rel="self timemap"; type="application/link-format"; from="Tue, 26 Mar 2024 00:00:00 GMT",
 <{MAPS}2/{DEAD.dead}>; rel="timemap"; type="application/link-format",
 <http://a.example/web/20240326101112/{DEAD.dead}>; rel="first memento"; datetime="Tue, 26 Mar 2024 10:11:12 GMT",
 <http://b.example/m/2>; rel=memento; datetime="Wed, 27 Mar 2024 00:00:00 GMT"; license="a, b; c",
 <http://c.example/m/3>; rel="last memento"; datetime="Thu, 28 Mar 2024 00:00:00 GMT",
 <http://d.example/m/4>; rel="memento"; datetime="some day"
"""
JSON = {
    "original_uri": DEAD.dead,
    "mementos": {
        "list": [
            {"datetime": "2024-03-26T10:11:12Z", "uri": f"http://a.example/web/20240326101112/{DEAD.dead}"},
            {"datetime": "2024-03-28T00:00:00Z", "uri": "http://c.example/m/3"},
            {"uri": 7},
            "x",
        ]
    },
    "timemap_index": [{"uri": f"{MAPS}2/{DEAD.dead}"}],
}


@pytest.mark.parametrize("body", [LINKS.encode(), json.dumps(JSON).encode()], ids=["link-format", "JSON"])
def test_a_timemap_gives_its_ends_and_the_maps_that_go_on(body: bytes) -> None:
    """Both forms say the same; what replays like the Wayback Machine is named at its bytes as they came."""
    answer = memento.read(MAPS, answered(body, memento.request(MAPS, DEAD)))

    assert answer == Answer(
        found=Found.MEMENTO,
        dead=DEAD.dead,
        entries=(
            Entry(url=f"http://a.example/web/20240326101112id_/{DEAD.dead}", modified=datetime(2024, 3, 26, 10, 11, 12, tzinfo=UTC)),
            Entry(url="http://c.example/m/3", modified=datetime(2024, 3, 28, tzinfo=UTC)),
        ),
        next=(f"{MAPS}2/{DEAD.dead}",),
    )
    assert memento.request(MAPS, WORDS) is None


@pytest.mark.parametrize("body", [b"", b"<html>oops</html", b"{}", b"[]", b'{"mementos": 7}', b"{" * 100_000])
def test_what_is_no_timemap_is_a_problem(body: bytes) -> None:
    """It is told, and lists nothing."""
    answer = memento.read(MAPS, answered(body, MAPS))

    assert answer.problem or not answer.entries


def test_a_page_offers_its_search() -> None:
    """The SearchAction's template, in both of its shapes; a template on somebody else's domain is none."""
    for target in ('"/search?q={q}"', '{"@type": "EntryPoint", "urlTemplate": "https://www.paper.example/search?q={q}"}'):
        action = f'{{"@type": "SearchAction", "target": {target}, "query-input": "required name=q"}}'
        tree = parse(
            f'<html><head><script type="application/ld+json">{{"@type":"WebSite","potentialAction":{action}}}</script></head></html>'
        )
        assert tree is not None
        assert sitesearch.offered(tree, "https://www.paper.example/a") == "https://www.paper.example/search?q={words}"
        assert sitesearch.offered(tree, "https://paper.elsewhere.example.net/a") in {
            None,
            "https://paper.elsewhere.example.net/search?q={words}",
        }


def test_a_description_gives_the_template_for_pages() -> None:
    """OpenSearch 1.1: parameters are filled, suggestions and POST forms passed over; what is no description is refused."""
    body = b"""<?xml version="1.0"?><OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
    <Url type="application/x-suggestions+json" template="https://paper.example/suggest?q={searchTerms}"/>
    <Url type="text/html" method="post" template="https://paper.example/post?q={searchTerms}"/>
    <Url type="text/html" template="https://paper.example/find?q={searchTerms}&amp;p={startPage?}&amp;n={count}"/></OpenSearchDescription>"""
    tree = parse(f'<html><head><link rel="search" type="{sitesearch.DESCRIPTION}" href="/osd.xml"></head><body><p>a</p></body></html>')
    assert tree is not None

    template = sitesearch.read_description(make_page(body, url="https://paper.example/osd.xml"))

    assert sitesearch.described(tree, "https://paper.example/a") == "https://paper.example/osd.xml"
    assert template == "https://paper.example/find?q={words}&p=&n=20"
    assert (
        sitesearch.request(template, Question(words=("old", "ferry & pier"))) == "https://paper.example/find?q=old+ferry+%26+pier&p=&n=20"
    )
    assert sitesearch.request(template, DEAD) is None
    for bad in (b"", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" + b" " * 300_000 + b"</a>"):
        with pytest.raises(FeedError):
            sitesearch.read_description(make_page(bad, url="https://paper.example/osd.xml"))


def test_hits_are_links_on_the_own_site() -> None:
    """Menus of one or two words, other sites, the page itself and repeated links are no hits."""
    links = {
        "/a": "Old ferry returns north",
        "/menu": "Sport",
        "http://ads.example/x": "Buy an old ferry",
        "?q=ferry": "Search it once again",
    }
    body = "".join(f'<a href="{href}">{words}</a> ' for href, words in [*links.items(), ("/a#x", "Old ferry returns again")])

    answer = sitesearch.hits(make_page(f"<html><body>{body}</body></html>".encode(), url="https://paper.example/s?q=ferry"))

    assert answer == Answer(found=Found.SEARCH, entries=(Entry(url="https://paper.example/a", title="Old ferry returns north"),))


def test_the_setting_names_templates_and_hosts() -> None:
    """Anything else is an error that names it."""
    assert sitesearch.templates("https://a.example/?s={words} b.example") == (["https://a.example/?s={words}"], ["b.example"])
    assert sitesearch.templates("") == ([], [])
    with pytest.raises(ValueError, match="neither a host nor a URL"):
        sitesearch.templates("https://a.example/search")


def test_a_story_asks_for_its_words_and_its_rarest_quotation() -> None:
    """The window is a fortnight around its dates; a story without quotations asks for words alone."""
    story = Story(
        slug="s",
        version=1,
        created=FIRST,
        title="S",
        words=("ferry", "harbour", "island", "bay"),
        earliest=datetime(2024, 3, 26, tzinfo=UTC),
    )

    by_words, by_phrase = questions(
        story, ["He said: “It is as it is, and so it was at the outset. Extraordinary circumstances prevailed”."]
    )

    assert by_words == Question(words=("ferry", "harbour", "island"), first=FIRST, last=LAST)
    assert by_phrase == Question(phrase="at the outset Extraordinary circumstances prevailed", first=FIRST, last=LAST)
    assert questions(story, ["no quotation"]) == [by_words]
    assert rarest(["“too short”"]) is None


PIECES = st.sampled_from(
    [
        *(
            "[",
            "]",
            "{",
            "}",
            '"',
            ",",
            ":",
            "[[",
            '["timestamp","original"]',
            '["20240326000000","http://a.example/"]',
            '"articles"',
            '"url"',
        ),
        *(
            '"http://[bad/"',
            '"http://a.example/"',
            "<http://a.example/>",
            '; rel="memento"',
            "; datetime=",
            "rel=timemap",
            ";;;",
            "= ",
            "<<",
            "\\",
        ),
        *(
            '"mementos"',
            '"list"',
            '"uri"',
            "null",
            "\0",
            "\ud800",
            "<a href=/x>one two three</a>",
            "<html>",
            "{searchTerms}",
            "<Url template='/'/>",
        ),
    ]
)
BODIES = st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass")) | st.binary(max_size=200)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["http://a.example/x", "http://[bad", "x", "20240326000000", "timestamp", "original"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["articles", "url", "title", "seendate", "mementos", "list", "uri", "datetime", "timemap_index"]), inner
        )
    ),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode())


@given(body=BODIES | VALUES)
def test_whatever_comes_is_an_answer(body: bytes) -> None:
    """Every reader gives addresses that can be fetched or a problem, and never an error."""
    for url, read in (
        (gdelt.request(DOC, WORDS), lambda page: gdelt.read(DOC, page)),
        (wayback.request(WEB, DEAD), lambda page: wayback.read(WEB, page)),
        (wayback.request(WEB, Question(prefix="http://a.example/")), lambda page: wayback.read(WEB, page)),
        (memento.request(MAPS, DEAD), lambda page: memento.read(MAPS, page)),
        ("http://a.example/search?q=x", sitesearch.hits),
    ):
        answer = read(answered(body, url))
        assert all(address.startswith(("http://", "https://")) for address in (*answer.next, *(entry.url for entry in answer.entries)))
    with contextlib.suppress(FeedError):
        sitesearch.read_description(answered(body, "http://a.example/osd"))
