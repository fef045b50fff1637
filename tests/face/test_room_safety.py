"""Who is let into the reading room, and that nothing leads out of it: no path, no redirect, no header, no hidden capture."""

import base64
import html
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from starlette.datastructures import Headers
from support.readingroom import Room, reading_room
from support.smallarchive import AGENCY, DAYS, GONE, PAPER, SLUG, settings, small_archive

from archive.vault import open_archive
from archive.withdrawals import Mode
from archive.withdrawing import Request, hide
from copytrail.room.addresses import memento, plain
from copytrail.room.safety import Rules, refusal
from copytrail.room.serving import BadPlace, Place, listening
from pipeline.markup import absolute

TOKEN = "a token of thirty characters ..."


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "evil.example:80", "[evil]"])
def test_another_name_is_not_answered(room: Room, host: str) -> None:
    """A site that points its own name at this machine sends that name: 421, and nothing of the archive."""
    answer = room[0].ask(f"/stories/{SLUG}", headers={"Host": host})

    assert answer.status == 421
    assert "bridge" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8700", "[::1]:8700", "192.0.2.7", "LOCALHOST:1"])
def test_plain_addresses_and_localhost_are_answered(room: Room, host: str) -> None:
    """An address can be pointed nowhere else."""
    assert room[0].ask("/robots.txt", headers={"Host": host}).status == 200


def test_a_name_is_answered_when_it_was_given() -> None:
    """``--name`` adds one."""
    rules = Rules(names=frozenset({"archive.example"}))

    assert refusal(rules, "GET", Headers({"host": "Archive.example:8700"}), b"/") is None
    assert refusal(Rules(), "GET", Headers({"host": "archive.example"}), b"/") is not None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_it_is_for_reading(room: Room, method: str) -> None:
    """Any other method than GET and HEAD is 405."""
    answer = room[0].ask("/", method)

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_request_has_no_body(room: Room) -> None:
    """413, whether its length is said or not; HEAD is GET without the body."""
    visitor, _ = room

    assert visitor.ask("/", headers={"Content-Length": "3"}, body=b"abc").status == 413
    assert visitor.ask("/", headers={"Transfer-Encoding": "chunked"}, body=b"3\r\nabc\r\n0\r\n\r\n").status == 413
    assert (visitor.ask("/", "HEAD").status, visitor.ask("/", "HEAD").body) == (200, b"")
    assert visitor.ask("/search?text=" + "a" * 11_000).status == 414
    assert visitor.ask(f"/search?text={'a' * 2000}").status == 400


def test_a_token_opens_and_nothing_else_does(tmp_path: Path) -> None:
    """As a bearer's, or as the password of any name; without it 401, which makes a browser ask, also for what is not there."""
    with small_archive(tmp_path), reading_room(settings(tmp_path), token=TOKEN) as visitor:
        for path in ("/", f"/stories/{SLUG}", "/nowhere", "/style.css", f"/timegate/{PAPER}"):
            refused = visitor.ask(path)
            assert (refused.status, refused.headers["www-authenticate"].split()[0]) == (401, "Basic")
            assert "bridge" not in refused.text
        for given_ in (TOKEN[:-1], TOKEN + "x", "", "Bearer"):
            assert visitor.ask("/", headers={"Authorization": f"Bearer {given_}"}).status == 401
        pair = base64.b64encode(f"any:{TOKEN}".encode()).decode()
        for good in (f"Bearer {TOKEN}", f"Basic {pair}"):
            assert visitor.ask("/", headers={"Authorization": good}).status == 200
        for bad in ("Basic %%%", "Basic " + base64.b64encode(b"\xff").decode(), f"Digest {TOKEN}"):
            assert visitor.ask("/", headers={"Authorization": bad}).status == 401


def test_a_public_address_takes_a_token() -> None:
    """Without one the room is not opened there, and a token that can be guessed is none."""
    for place in (Place(host="0.0.0.0", port=0), Place(host="::", port=0), Place(token="short", port=0)):  # noqa: S104 -- refused is the point
        with pytest.raises(BadPlace):
            listening(place)


@pytest.mark.parametrize(
    ("site", "mode", "dest"), [("cross-site", "no-cors", "image"), ("same-site", "cors", "empty"), ("cross-site", "navigate", "object")]
)
def test_other_sites_may_link_and_not_look(room: Room, site: str, mode: str, dest: str) -> None:
    """A page elsewhere learns nothing of what is kept: its pictures, scripts and frames of ours are 403, a link is let through."""
    fetch = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}

    assert room[0].ask(f"/article?url={PAPER}", headers=fetch).status == 403
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert room[0].ask(f"/article?url={quote(PAPER, safe='')}", headers=link).status == 200


def test_a_replayer_may_read_files_from_its_origin(tmp_path: Path) -> None:
    """CORS for the replayer that was named, and for nobody else; a capture's page links to it."""
    replay = "http://127.0.0.1:9/story"
    with small_archive(tmp_path) as archive, reading_room(settings(tmp_path), replay=replay) as visitor:
        fetch = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
        known = visitor.ask(f"/stories/{SLUG}/pull/wacz", headers={**fetch, "Origin": "http://127.0.0.1:9"})
        other = visitor.ask(f"/stories/{SLUG}/pull/wacz", headers={**fetch, "Origin": "http://evil.example"})
        before, barred = (visitor.ask("/", "OPTIONS", {"Origin": origin}) for origin in ("http://127.0.0.1:9", "http://evil.example"))
        capture = archive.catalogue.captures_of(PAPER)[0]
        page = visitor.ask(f"/capture/{capture.id}").text
    packaged = f"{replay}?source={{wacz}}&url={{escaped}}&ts={{timestamp}}"
    with reading_room(settings(tmp_path), replay=packaged) as visitor:
        linked = html.unescape(visitor.ask(f"/capture/{capture.id}").text)

    assert (known.status, known.headers["access-control-allow-origin"]) == (200, "http://127.0.0.1:9")
    assert (other.status, other.headers["access-control-allow-origin"]) == (403, None)
    assert (before.status, "range" in before.headers["access-control-allow-headers"], barred.status) == (204, True, 405)
    package = quote(f"{visitor.base}/stories/{SLUG}/pull/{SLUG}.wacz", safe="")
    assert f"{replay}?source={package}&url={quote(PAPER, safe='')}&ts={capture.time:%Y%m%d%H%M%S}" in linked
    assert f'href="{replay}/{capture.time:%Y%m%d%H%M%S}/{PAPER}"' in page


def test_every_answer_is_fenced_in(room: Room) -> None:
    """A policy that names what may load, no sniffing, no referrer, no frame elsewhere, no cookie; errors too."""
    visitor, archive = room
    capture = archive.catalogue.captures_of(PAPER)[0].id
    for path in (
        "/",
        f"/stories/{SLUG}",
        f"/capture/{capture}",
        f"/view/{capture}",
        f"/raw/{capture}",
        "/cdx?url=x",
        "/nowhere",
        "/style.css",
    ):
        headers = visitor.ask(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "script-src" not in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors" in headers["content-security-policy"]
        assert headers["set-cookie"] is None
        assert headers["server"] is None


segments = st.text(alphabet=st.characters(min_codepoint=1, max_codepoint=0x2FFF, exclude_categories=["Cs"]), max_size=30)
hostile = st.sampled_from(
    ["//evil.example", "\\\\evil.example", "/%2e%2e/%2e%2e/etc/passwd", "http:evil", "@evil.example", "\r\nSet-Cookie: a=b", "javascript:x"]
)


@tried(max_examples=150)
@given(
    start=st.sampled_from(["/timegate/", "/memento/2026/", "/memento/", "/timemap/link/", "/article?url=", "/record/", "/stories/", "/"]),
    url=st.one_of(segments, hostile, st.builds("http://{}/{}".format, st.sampled_from(["paper.example", "evil.example"]), segments)),
    raw=st.booleans(),
)
def test_nothing_leads_out(room: Room, start: str, url: str, *, raw: bool) -> None:
    """Whatever is asked for is answered or refused, never with a fault of ours; a redirect stays here and no header is smuggled in."""
    visitor, _ = room
    target = start + quote(url, safe="%/:?=&\\@" if raw else "")
    answer = visitor.ask(target)

    assert answer.status in {200, 302, 400, 404}
    assert "root:" not in answer.text
    assert answer.headers["set-cookie"] is None
    if answer.status == 302:
        where = urlsplit(answer.headers["location"])
        assert where.netloc in {"", visitor.address}
        assert where.path.startswith("/memento/")


@tried(max_examples=50)
@given(location=st.one_of(hostile, segments.map("/{}".format), st.just("http://evil.example/x?y=1#z")))
def test_an_archived_redirect_stays_in_the_room(location: str) -> None:
    """Wherever an archived Location led, the memento leads to what the room holds of it."""
    there = absolute(PAPER, location)
    if there is not None:
        assert memento(there, DAYS[0]).startswith("/memento/2026")
        assert not set(plain(there)) & set('"<>\r\n \\')


def test_one_version_that_is_hidden_is_named_and_not_shown(tmp_path: Path) -> None:
    """The article's page counts it with its reason and its end; its own page is a tombstone; no comparison has its words."""
    with small_archive(tmp_path), reading_room(settings(tmp_path)) as visitor:
        with open_archive(settings(tmp_path)) as archive:
            first, second, _ = archive.catalogue.captures_of(PAPER)
            until = datetime.now(UTC) + timedelta(days=1)
            hide(archive, Request(reason="not yet", mode=Mode.HIDE, records=(first.id,), until=until), datetime.now(UTC))
        while visitor.ask(f"/capture/{first.id}").status == 200:  # the veil is looked at once a second
            time.sleep(0.1)
        article = visitor.ask(f"/article?url={quote(PAPER, safe='')}")
        tombstone = visitor.ask(f"/capture/{first.id}")
        between = visitor.ask(f"/diff?from={first.id}&to={second.id}")

    assert article.status == 200
    assert ["under embargo" in article.text, "not yet" in article.text, "Two ferries" in article.text] == [True, True, False]
    assert [tombstone.status, "not yet" in tombstone.text, first.id in tombstone.text, between.status] == [451, True, True, 451]


def test_what_is_withdrawn_is_451_everywhere(tmp_path: Path) -> None:
    """A page, its records, mementos, rows and files say that it is withdrawn and why, or leave it out; nothing of its words is left."""
    with small_archive(tmp_path), reading_room(settings(tmp_path)) as visitor:
        with open_archive(settings(tmp_path)) as archive:
            captures = archive.catalogue.captures_of(PAPER)
            hide(archive, Request(reason="a court's order", mode=Mode.HIDE, urls=(PAPER,)), datetime.now(UTC))
        one = captures[0].id
        barred = [f"/article?url={quote(PAPER, safe='')}", f"/timegate/{PAPER}", f"/memento/2026/{PAPER}", f"/timemap/link/{PAPER}"]
        barred += [f"/{way}/{one}" for way in ("capture", "record", "raw", "view")] + [
            f"/capture/{one}/ledger",
            f"/diff?from={one}&to={one}",
        ]
        while visitor.ask(barred[0]).status == 200:  # the veil is looked at once a second
            time.sleep(0.1)
        for path in barred:
            answer = visitor.ask(path)
            assert answer.status == 451, path
            assert "court&#39;s order" in answer.text
            assert "ferries" not in answer.text
        story = f"/stories/{SLUG}"
        for path in (
            "/",
            story,
            f"{story}/status",
            "/search?text=sail",
            f"{story}/pull/jsonl",
            f"{story}/graph.json",
            "/cdx?url=*.example",
        ):
            assert "ferries" not in visitor.ask(path).text
        assert visitor.ask(f"/article?url={quote(AGENCY, safe='')}").status == 200
        assert visitor.ask(f"/cdx?url={quote(PAPER, safe='')}").status == 404
        assert visitor.ask(f"/article?url={quote(GONE, safe='')}").status == 200
