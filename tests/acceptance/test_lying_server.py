"""Servers that lie about change, and how the archive finds them out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from support.badweb import article
from support.doors import CONTACT

from archive.catalogue import Catalogue
from archive.kinds import Verdict
from archive.rebuild import rebuild
from archive.records import Outcome
from archive.settings import Settings
from archive.vault import Archive, open_archive
from crawlers.reread import reread
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, conditions_for, story_named

URL = "http://liar.example/page"
OLD = article("A ferry returns")
EDITED = OLD.replace(b"3 o'clock", b"half past three").replace(b"5 o'clock", b"a quarter to nine")
REDRAWN = OLD.replace(b"<article>", b"<article class=wide>")


class Liar(ThreadingHTTPServer):
    """Says 304 to whoever asks whether anything has changed, and has one validator for every body."""

    daemon_threads = True
    body = OLD
    validator = ("ETag", '"for ever"')
    says_304 = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[bool] = []  # of each request for the page: whether it was conditional


class _Handler(BaseHTTPRequestHandler):
    server: Liar
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        if self.path != "/page":
            return self._answer(404, b"")
        self.server.asked.append(conditional)
        return self._answer(304, b"") if conditional and self.server.says_304 else self._answer(200, self.server.body)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header(*self.server.validator)
        if status != 304:
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
        """Say nothing."""


@dataclass
class Visits:
    """An archive that visits one page of a liar, day by day."""

    archive: Archive
    settings: Settings
    server: Liar
    start: datetime = field(default_factory=system_clock)

    def on(self, day: float) -> Outcome:
        """How the visit on a day ended."""
        now = self.start + timedelta(days=day)
        first = self.archive.catalogue.story("ferry") is None
        if first:
            add_seeds(self.archive, "ferry", [URL], now)
        report = run_story(self.archive, self.settings, story="ferry", recrawl="" if first else "all", clock=lambda: now)
        (outcome,) = self.archive.catalogue.outcomes_of("ferry", report.run)
        return outcome


@contextmanager
def visits(folder: Path) -> Iterator[Visits]:
    """A liar on loopback, and an archive that relies on it for a week."""
    with Liar() as server:
        thread = Thread(target=server.serve_forever, name="liar", daemon=True)
        thread.start()
        base = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0, refetch_days=7.0)
        try:
            with open_archive(base) as archive:
                yield Visits(archive, replace(base, connect_to=f"*:*=127.0.0.1:{server.server_address[1]}"), server)
        finally:
            server.shutdown()
            thread.join()


def test_a_server_that_always_says_304_is_found_out_within_the_term(tmp_path: Path) -> None:
    """It is believed for a week; then the page is asked for in full, the edit seen, the lie named, and nothing asked of it any more."""
    with visits(tmp_path) as page:
        page.on(0)
        page.server.body = EDITED
        believed = page.on(3)
        found_out = page.on(7)
        after = page.on(7.5)
        asked = page.server.asked
        again = replace(page.archive, catalogue=Catalogue(f"sqlite:///{tmp_path}/again.sqlite"))
        assert [item.problem for item in rebuild(again.store, again.catalogue) if item.problem] == []
        reread(again)
        lead = page.archive.catalogue.outcomes_of("ferry")[0].lead
        soon = page.start + timedelta(days=7.6)
        remembered = conditions_for(again, lead, soon, timedelta(days=7))
        again.catalogue.close()

    assert (believed.verdict, believed.reason) == (Verdict.UNCHANGED, "the server says that nothing changed (304)")
    assert found_out.verdict is Verdict.EDITED
    assert found_out.reason.endswith("; the server gave the same ETag for another body")
    assert (after.verdict, after.reason) == (Verdict.UNCHANGED, "the same bytes as before")
    assert asked == [False, True, False, False]
    assert remembered == {}  # the captures alone say it


def test_an_honest_server_is_asked_for_changes_again_after_each_full_look(tmp_path: Path) -> None:
    """A full answer with the same bytes, or with a new validator, renews the term."""
    with visits(tmp_path) as page:
        for day in (0, 1, 8, 9):
            page.on(day)
        page.server.body, page.server.validator = EDITED, ("ETag", '"new"')
        edited = page.on(15)
        page.on(16)
        asked = page.server.asked

    assert edited.reason == "the text changed (edit)"
    assert asked == [False, True, False, True, False, True]


def test_a_weak_validator_may_cover_other_bytes_but_no_other_text(tmp_path: Path) -> None:
    """A redrawn page under one weak ETag breaks nothing; an edited one does, and from then on the page is asked for in full."""
    with visits(tmp_path) as page:
        page.server.validator, page.server.says_304 = ("ETag", 'W/"1"'), False
        page.on(0)
        page.server.body = REDRAWN
        redrawn = page.on(1)
        page.server.body = EDITED
        edited = page.on(2)
        page.on(3)
        asked = page.server.asked

    assert redrawn.reason == "other bytes, the same text (none)"
    assert edited.reason == "the text changed (edit); the server gave the same ETag for another text"
    assert asked == [False, True, True, False]


def test_a_date_is_a_weak_validator(tmp_path: Path) -> None:
    """Last-Modified alone, the same for two texts: the reason says so."""
    with visits(tmp_path) as page:
        page.server.validator = ("Last-Modified", "Sun, 01 Nov 2026 12:00:00 GMT")
        page.on(0)
        page.server.body = EDITED
        edited = page.on(8)
        page.on(9)
        asked = page.server.asked
        members = story_named(page.archive, "ferry").members

    assert edited.reason == "the text changed (edit); the server gave the same Last-Modified for another text"
    assert asked == [False, False, False]
    assert len(members) == 1
