"""Discovery on loopback: what speaks for each candidate, and how the bad days of lists and back ends end."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.badweb import serving
from support.crawling import CONTACT
from support.standin import Made, StandIn, answer, json_answer

from archive.catalogue import Catalogue
from archive.findings import Tally
from archive.kinds import Found, Verdict
from archive.rebuild import rebuild
from archive.records import Outcome
from archive.settings import Settings
from archive.store import open_store
from archive.vault import Archive, open_archive
from archive.verify import verify
from crawlers.discovering import Discovered, add, discover
from crawlers.run import Report, run_story, system_clock
from crawlers.spiders.base import UNFILED
from crawlers.stories import add_seeds, story_named

STORY = "ferry"
PAPER = "http://paper.example/2024/03/26/ferry-returns-to-northern-island"
DEAD = "http://dead.example/2024/03/26/harbour-office-stops-northern-ferry"
GDELT, ARCHIVE, TIMEMAP = "http://gdelt.example/api/v2/doc/doc", "http://archive.example", "http://timemaps.example/timemap/link/"
WORDS = "The harbour office said on Tuesday that the old ferry returns to the northern island before summer."
TEXT = "\n".join(f"{WORDS} It sails at {hour} o'clock, said the harbour master of the northern island." for hour in range(1, 9))
SEEDS = f"""url,title,date,text
{PAPER},Ferry returns to northern island,2024-03-26,"{TEXT}"
{DEAD},Harbour office stops northern ferry,2024-03-26,
"""


def page(title: str, *, head: str = "", end: str = "", words: str = TEXT) -> bytes:
    """An article's message."""
    body = "".join(f"<p>{line}</p>" for line in words.split("\n"))
    article = f"<article><h1>{title}</h1>{body}{end}</article>"
    return answer(f"<html><head><title>{title}</title>{head}</head><body>{article}</body></html>".encode())


def feed(*links: str, title: str = "Ferry to the northern island: harbour office") -> bytes:
    """A feed that lists addresses under one title."""
    items = "".join(f"<item><title>{title}</title><link>{link}</link></item>" for link in links)
    return answer(f'<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'.encode(), "text/xml")


HEAD = """<link rel="alternate" type="application/rss+xml" href="/feed.xml">
<link rel="alternate" hreflang="cy" href="http://paper.example/cy/ferry">
<meta name="original-source" content="http://agency.example/ferry">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry returns to northern island",
"isBasedOn": "http:\\/\\/report.example\\/ferry", "citation": [{"@type": "CreativeWork", "url": "http://council.example/minutes"}]}</script>
<script type="application/ld+json">{"@type": "WebSite", "potentialAction": {"@type": "SearchAction",
"target": "http://paper.example/search?q={search_term_string}", "query-input": "required name=search_term_string"}}</script>"""
END = """<p>The <a href="/2024/03/25/harbour-report">report of the harbour office</a> said that the old ferry returns before the summer.</p>
<div class="related-stories"><a href="/2024/03/24/northern-ferry">Northern island ferry tested in harbour</a>
<a href="/2024/03/24/cup-final">Cup final goes to extra time again</a></div><p>With inputs from Wire Agency</p>"""
REPLIES: Mapping[str, tuple[bytes, ...]] = {
    "paper.example /robots.txt": (answer(b"User-agent: *\nAllow: /\nSitemap: http://paper.example/sitemaps.xml\n", "text/plain"),),
    f"paper.example {urlsplit(PAPER).path}": (page("Ferry returns to northern island", head=HEAD, end=END),),
    "paper.example /feed.xml": (feed("/2024/03/27/ferry-in-feed"),),
    "paper.example /sitemaps.xml": (
        answer(b"<sitemapindex><sitemap><loc>http://paper.example/news.xml.gz</loc></sitemap></sitemapindex>", "text/xml"),
    ),
    "paper.example /news.xml.gz": (
        answer(
            gzip.compress(b"<urlset><url><loc>http://paper.example/2024/03/27/harbour-office-northern-ferry-mapped</loc></url></urlset>"),
            "application/gzip",
        ),
    ),
    "wire.example /feed.xml": (feed("http://wire.example/ferry-credited"),),
    "paper.example /search?q=": (answer(b""),),
}
CDX_HEAD = ["timestamp", "original", "mimetype", "statuscode", "digest"]


def gdelt(_target: str) -> bytes:
    """An answer of GDELT with one article of the story and one row without an address."""
    title = "Northern island : ferry returns , harbour office says"
    row = {"url": "http://far.example/ferry", "title": title, "seendate": "20240326T143000Z", "domain": "far.example"}
    return json_answer({"articles": [row, {"title": "no address"}]})


def cdx(target: str) -> bytes:
    """An answer of the CDX server: captures of the dead address, or the addresses of a day."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    if "matchType" in asked:
        other = "http://paper.example/2024/03/26/northern-ferry-harbour-captured"
        return json_answer([CDX_HEAD, ["20240326120000", other, "text/html", "200", "A"]])
    rows = [[stamp, DEAD, "text/html", "200", stamp] for stamp in ("20240328000000", "20240326101500", "20240327000000")]
    return json_answer([CDX_HEAD, *rows])


def timemap(_target: str) -> bytes:
    """A TimeMap in link-format."""
    memento = f"http://other-archive.example/web/20240326111111/{DEAD}"
    text = f'<{DEAD}>; rel="original",\n<{memento}>; rel="first last memento"; datetime="Tue, 26 Mar 2024 11:11:11 GMT"'
    return answer(text.encode(), "application/link-format")


def hits(_target: str) -> bytes:
    """A page of hits with a menu."""
    body = b'<nav><a href="/sport">All the sport news</a></nav><a href="/2024/03/28/found">Northern ferry found by harbour office</a>'
    return answer(b"<html><head><title>Search</title></head><body>" + body + b"</body></html>")


MADE: Made = {
    "gdelt.example /api/v2/doc/doc": gdelt,
    "archive.example /cdx/search/cdx": cdx,
    f"timemaps.example /timemap/link/{DEAD}": timemap,
    "paper.example /search": hits,
}


@dataclass
class Desk:
    """A story that was crawled, and the web around it."""

    archive: Archive
    settings: Settings
    wire: StandIn
    crawled: Report

    def discover(self, **settings: object) -> Discovered:
        return discover(self.archive, replace(self.settings, **settings), story=STORY)  # type: ignore[arg-type]  # names and types are the test's

    def asked(self, found: Discovered) -> dict[str, Outcome]:
        """How each list and question ended."""
        return {item.url: item for item in self.archive.catalogue.outcomes_of(UNFILED, found.report.run)}


@contextmanager
def desk(folder: Path, replies: Mapping[str, tuple[bytes, ...]] = REPLIES, made: Made = MADE, **more: object) -> Iterator[Desk]:
    """Crawl the seeds, no step further."""
    (folder / "seeds.csv").write_text(SEEDS, encoding="utf-8")
    wire = StandIn(dict(replies), made)
    with serving(wire):
        settings = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0, timeout=10, connect_to=wire.connect_to)
        settings = replace(settings, **more)  # type: ignore[arg-type]  # names and types are the test's
        with open_archive(settings) as archive:
            add_seeds(archive, STORY, [str(folder / "seeds.csv")], system_clock())
            report = run_story(archive, settings, story=STORY)
            assert story_named(archive, STORY).members[0].url == PAPER
            yield Desk(archive, settings, wire, report)


EVERYTHING = {
    "discover_gdelt": GDELT,
    "discover_wayback": ARCHIVE,
    "discover_memento": TIMEMAP,
    "discover_search": "paper.example",
    "discover_outlets": "Wire Agency=http://wire.example/feed.xml",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Discovered, list[str]]]:
    """One discovery with everything switched on, and what it asked for."""
    with desk(tmp_path_factory.mktemp("discovery")) as here:
        before = len(here.wire.log)
        result = here.discover(**EVERYTHING)
        yield here, result, [f"{item.host}{item.path}" for item in here.wire.log[before:]]


def test_every_way_gives_its_candidate(found: tuple[Desk, Discovered, list[str]]) -> None:
    """Each source names an address, says how it was found, and how sure that is."""
    _, result, _ = found

    ways = {(item.lead.found, item.lead.url) for item in result.candidates}

    assert ways == {
        (Found.LINK, "http://paper.example/2024/03/25/harbour-report"),
        (Found.WIDGET, "http://paper.example/2024/03/24/northern-ferry"),
        (Found.HREFLANG, "http://paper.example/cy/ferry"),
        (Found.ORIGINAL, "http://agency.example/ferry"),
        (Found.BASED_ON, "http://report.example/ferry"),
        (Found.CITATION, "http://council.example/minutes"),
        (Found.FEED, "http://paper.example/2024/03/27/ferry-in-feed"),
        (Found.FEED, "http://wire.example/ferry-credited"),
        (Found.SITEMAP, "http://paper.example/2024/03/27/harbour-office-northern-ferry-mapped"),
        (Found.SEARCH, "http://paper.example/2024/03/28/found"),
        (Found.GDELT, "http://far.example/ferry"),
        (Found.WAYBACK, "http://paper.example/2024/03/26/northern-ferry-harbour-captured"),
        (Found.MEMENTO, f"{ARCHIVE}/web/20240326101500id_/{DEAD}"),
        (Found.MEMENTO, f"{ARCHIVE}/web/20240328000000id_/{DEAD}"),
        (Found.MEMENTO, f"http://other-archive.example/web/20240326111111id_/{DEAD}"),
    }
    assert all(0 < item.lead.confidence <= 1 and item.lead.evidence for item in result.candidates)


def test_a_candidate_s_place_is_where_its_address_stands(found: tuple[Desk, Discovered, list[str]]) -> None:
    """The record is in the archive, and at the offset in its decoded body the address is written; that of a memento is written nowhere."""
    here, result, _ = found
    placed = [item.lead for item in result.candidates if item.lead.offset is not None]

    assert {lead.found for lead in placed} >= {
        Found.LINK,
        Found.WIDGET,
        Found.FEED,
        Found.SITEMAP,
        Found.GDELT,
        Found.WAYBACK,
        Found.BASED_ON,
    }
    assert all(item.lead.record for item in result.candidates)
    assert {item.lead.found for item in result.candidates} - {lead.found for lead in placed} == {Found.MEMENTO}
    for lead in placed:
        capture = here.archive.catalogue.capture(lead.record or "")
        assert capture is not None
        body = here.archive.page(capture).body
        body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        assert lead.url is not None
        written = body[lead.offset :].replace(b"\\/", b"/")
        assert written.startswith((lead.url.encode(), urlsplit(lead.url).path.encode())), lead


def test_no_article_is_fetched_and_the_story_stays_as_it_is(found: tuple[Desk, Discovered, list[str]]) -> None:
    """Asked for are robots.txt, lists and back ends alone; neither members nor frontier change."""
    here, result, asked = found
    lists = ("/robots.txt", "/feed.xml", "/sitemaps.xml", "/news.xml.gz", "/search", "/api/v2/doc/doc", "/cdx/search/cdx", "/timemap/link/")

    assert asked
    assert [url for url in asked if not any(part in url for part in lists)] == []
    assert [member.url for member in story_named(here.archive, STORY).members] == [PAPER]
    assert {item.state for item in result.candidates} == {"new", "waiting"}
    assert all(here.archive.catalogue.lead(STORY, item.lead.url or "") is None for item in result.candidates if item.state == "new")


def test_every_question_has_its_outcome(found: tuple[Desk, Discovered, list[str]]) -> None:
    """Each list and question that was put ended once, and its answer is archived."""
    here, result, asked = found

    outcomes = here.asked(result)
    put = {f"http://{url}" for url in asked if not url.endswith("/robots.txt")}

    assert put == set(outcomes)
    assert sum(result.report.tallies.values()) == len(outcomes)
    assert all(item.reason and item.capture for item in outcomes.values())


def test_added_candidates_wait_in_the_frontier_and_a_rescue_is_known_as_one(tmp_path: Path) -> None:
    """The crawl after ``add`` archives somebody's capture of the dead original under its own address, as a member that says what it is.

    A lead's evidence outlives the catalogue, and the archive with its answers is sound.
    """
    rescue = f"{ARCHIVE}/web/20240326101500id_/{DEAD}"
    replies = {**REPLIES, f"archive.example {rescue.removeprefix(ARCHIVE)}": (page("Harbour office stops northern ferry"),)}
    with desk(tmp_path, replies) as here:
        result = here.discover(discover_wayback=ARCHIVE)

        count = add(here.archive, STORY, result.candidates, system_clock())
        waiting = {lead.url: lead for lead in here.archive.catalogue.waiting(STORY)}
        report = run_story(here.archive, replace(here.settings, max_hops=1), story=STORY)

        assert count == sum(item.state == "new" for item in result.candidates)
        assert waiting[rescue].record == next(item.lead.record for item in result.candidates if item.lead.url == rescue)
        outcomes = {item.url: item for item in here.archive.catalogue.outcomes_of(STORY, report.run)}
        assert (outcomes[rescue].verdict, outcomes[rescue].lead.found, outcomes[rescue].lead.parent) == (Verdict.KEPT, Found.MEMENTO, DEAD)
        member = next(item for item in story_named(here.archive, STORY).members if item.url == rescue)
        assert member.why.startswith(f"a rescue, for {DEAD} is dead: ")
        new = Catalogue(f"sqlite:///{tmp_path}/new.sqlite")
        assert not [item for item in rebuild(here.archive.store, new) if item.problem]
        assert new.lead(STORY, rescue) == waiting[rescue]
        new.close()
        tally = Tally()
        findings = [item.message for item in verify([open_store(here.settings.store)], open_store, tally)]
        assert tally.errors == 0, findings


def endless_cdx(target: str) -> bytes:
    """Each answer has another resume key."""
    number = int(parse_qs(urlsplit(target).query).get("resumeKey", ["0"])[0])
    row = ["20240326120000", f"http://paper.example/2024/03/26/northern-ferry-harbour-{number}", "text/html", "200", "A"]
    return json_answer([CDX_HEAD, row, [], [str(number + 1)]])


def full_gdelt(_target: str) -> bytes:
    """Every window is full."""
    rows = [{"url": f"http://far.example/{number}", "title": "Northern ferry, harbour office"} for number in range(250)]
    return json_answer({"articles": rows})


def huge_cdx(_target: str) -> bytes:
    row = ["20240326120000", "http://paper.example/2024/03/26/northern-ferry-harbour", "text/html", "200", "A"]
    return json_answer([CDX_HEAD, *([row] * 20_000)])


LATER = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"
DOWN = answer(b"<h1>503</h1>", status="503 Service Unavailable", head="Retry-After: 600\r\n")
EXCEPTION = answer(b"org.archive.util.io.RuntimeIOException: cut", "text/plain")
SHORT = answer(b"<p>Your query was too short or too long.</p>")
APOLOGY = answer(b"Please limit requests to one every 5 seconds or contact us for larger queries.")
BAD_DAYS: tuple[tuple[str, str, Callable[[str], bytes], Verdict, str], ...] = (
    ("gdelt", "429", lambda _: LATER, Verdict.THROTTLED, "429"),
    ("gdelt", "in a hurry", lambda _: APOLOGY, Verdict.THROTTLED, "Please limit requests"),
    (
        "gdelt",
        "HTML",
        lambda _: SHORT,
        Verdict.FAILED,
        "GDELT says: Your query was too short",
    ),
    ("gdelt", "bad JSON", lambda _: answer(b'{"articles": [{"url"', "application/json"), Verdict.FAILED, "GDELT's answer is not JSON"),
    ("gdelt", "no list", lambda _: json_answer({"articles": "none"}), Verdict.FAILED, "no list of articles"),
    ("gdelt", "empty", lambda _: answer(b"", "application/json"), Verdict.FAILED, "nothing at all"),
    ("gdelt", "nothing", lambda _: json_answer({}), Verdict.KEPT, "gdelt: 0 entries, 0 followed"),
    ("gdelt", "always full", full_gdelt, Verdict.KEPT, "the limit is 5 answers"),
    ("wayback", "429", lambda _: LATER, Verdict.THROTTLED, "429"),
    (
        "wayback",
        "503",
        lambda _: DOWN,
        Verdict.THROTTLED,
        "503",
    ),
    ("wayback", "HTML", lambda _: answer(b"<html><body><h1>Wayback Machine</h1>"), Verdict.FAILED, "not JSON"),
    (
        "wayback",
        "exception",
        lambda _: EXCEPTION,
        Verdict.FAILED,
        "RuntimeIOException",
    ),
    ("wayback", "cut", lambda _: answer(json.dumps([CDX_HEAD])[:-4].encode(), "application/json"), Verdict.FAILED, "not JSON"),
    ("wayback", "an object", lambda _: json_answer({"rows": []}), Verdict.FAILED, "not a list of rows"),
    ("wayback", "nothing", lambda _: json_answer([]), Verdict.KEPT, "wayback: 0 entries, 0 followed"),
    ("wayback", "endless", endless_cdx, Verdict.KEPT, "the limit is 11 answers"),
    ("wayback", "huge", huge_cdx, Verdict.KEPT, "the first 5000 of 20001 rows are read"),
    ("memento", "404", lambda _: answer(b"", status="404 Not Found"), Verdict.GONE, "404"),
    ("memento", "HTML", lambda _: answer(b"oops"), Verdict.FAILED, "the TimeMap cannot be read: no link in it"),
)
BASES = {"gdelt": "/api/v2/doc/doc", "wayback": "", "memento": "/timemap/link/"}
PATHS = {"gdelt": "/api/v2/doc/doc", "wayback": "/cdx/search/cdx", "memento": f"/timemap/link/{DEAD}"}


@pytest.fixture(scope="module")
def bad_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One story for all bad days; each has a host of its own."""
    with desk(tmp_path_factory.mktemp("bad-days")) as here:
        yield here


@pytest.mark.parametrize(
    ("name", "host", "made", "verdict", "words"),
    [pytest.param(row[0], f"day-{number}.example", *row[2:], id=f"{row[0]}-{row[1]}") for number, row in enumerate(BAD_DAYS)],
)
def test_a_back_end_s_bad_day_is_an_outcome(
    name: str, host: str, made: Callable[[str], bytes], verdict: Verdict, words: str, bad_desk: Desk
) -> None:
    """Whatever a back end answers, each question ends with a verdict that fits, the stop rules hold, and the other candidates stay."""
    bad_desk.wire.made = {f"{host} {PATHS[name]}": made}

    result = bad_desk.discover(**{f"discover_{name}": f"http://{host}{BASES[name]}"})

    ended = [(item.verdict, item.reason) for item in bad_desk.asked(result).values() if item.lead.found is Found.QUERY]
    assert any(how is verdict and words in reason for how, reason in ended), ended
    assert len(ended) <= 64
    assert {item.lead.url for item in result.candidates} >= {"http://agency.example/ferry", "http://paper.example/2024/03/27/ferry-in-feed"}


def test_sold_slots_and_off_site_entries_are_refused(tmp_path: Path) -> None:
    """What a feed lists of others, and what is sold, ends the crawl as refused with the reason, and is not asked for."""
    sold, other = "http://paper.example/sponsored/ferry-cruise", "http://casino.example/northern-ferry"
    slot = '<a rel="nofollow sponsored" href="http://cruise.example/">sells its old ferry</a>'
    marked = f"<p>The harbour office of the northern island {slot}.</p>"
    replies = {
        **REPLIES,
        f"paper.example {urlsplit(PAPER).path}": (page("Ferry returns to northern island", head=HEAD, end=marked),),
        "paper.example /feed.xml": (feed(sold, other, "/2024/03/27/own"),),
        "paper.example /2024/03/27/own": (page("Own ferry"),),
    }
    with desk(tmp_path, replies, max_hops=1) as here:
        outcomes = {item.url: item for item in here.archive.catalogue.outcomes_of(STORY, here.crawled.run)}

        for url, why in ((sold, "a sold slot: /sponsored in its path"), (other, "off-site: "), ("http://cruise.example/", "rel=sponsored")):
            assert outcomes[url].verdict is Verdict.REFUSED_SCOPE
            assert why in outcomes[url].reason
            assert not [item for item in here.wire.log if f"http://{item.host}{item.path}" == url]
        assert outcomes["http://paper.example/2024/03/27/own"].verdict is Verdict.KEPT
        assert outcomes["http://paper.example/feed.xml"].reason == "3 entries, 1 followed, 2 refused"


def test_a_run_stops_when_nothing_new_belongs(tmp_path: Path) -> None:
    """After as many pages in a row as the setting says, none a member, the rest is over budget with the figures, for another run."""
    strangers = [f"/2024/03/27/other-{number}" for number in range(12)]
    replies = {**REPLIES, "paper.example /feed.xml": (feed(*strangers, title="Northern island harbour"),)}
    cup = "Extra time decided the cup final in front of a great many spectators, as the referee counted every single minute."
    replies |= {f"paper.example {path}": (page("Cup final", words="\n".join([cup] * 9)),) for path in strangers}
    with desk(tmp_path, replies, max_hops=1, discover_patience=4) as here:
        outcomes = here.archive.catalogue.outcomes_of(STORY, here.crawled.run)
        stopped = [item for item in outcomes if item.verdict is Verdict.OVER_BUDGET]

        assert len({item.url for item in outcomes}) == len(outcomes) == sum(here.crawled.tallies.values())
        assert stopped
        assert all("in a row gave no new member; the limit is 4 (discover_patience)" in item.reason for item in stopped)
        assert {item.url for item in stopped} <= {lead.url for lead in here.archive.catalogue.waiting(STORY)}
        assert len([path for path in here.wire.paths if path in strangers]) <= 8


def test_an_endless_chain_of_sitemap_indexes_ends(tmp_path: Path) -> None:
    """Each index lists another one: the run goes three deep and says so."""
    chain = {
        f"paper.example /map-{number}.xml": (
            answer(f"<sitemapindex><sitemap><loc>http://paper.example/map-{number + 1}.xml</loc></sitemap></sitemapindex>".encode()),
        )
        for number in range(9)
    }
    index = answer(b"<sitemapindex><sitemap><loc>/map-0.xml</loc></sitemap></sitemapindex>", "text/xml")
    with desk(tmp_path, {**REPLIES, **chain, "paper.example /sitemaps.xml": (index,)}) as here:
        outcomes = {item.url: item for item in here.archive.catalogue.outcomes_of(STORY, here.crawled.run)}

        assert [path for path in here.wire.paths if path.startswith("/map-")] == ["/map-0.xml", "/map-1.xml", "/map-2.xml"]
        assert "1 sitemaps of which 0 are followed (the limit is 3 indexes deep)" in outcomes["http://paper.example/map-2.xml"].reason
