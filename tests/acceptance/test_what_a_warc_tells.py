"""What the WARC files of a crawl tell of it: who made them, by which rules and limits, for which seeds, on whose permission."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from support.badweb import article, message, serving
from support.crawling import archived
from support.doors import CONTACT, ROOT, run_door
from support.programs import ssh_key
from support.readback import captures_in
from support.wireserver import CLOSE, Reply, WireServer

from archive.catalogue import Catalogue
from archive.deposit import Deposit
from archive.findings import Severity, Tally
from archive.kinds import Verdict
from archive.pull import pull
from archive.rebuild import rebuild
from archive.records import Outcome, Selection
from archive.settings import Settings
from archive.store import open_store
from archive.stories import SEED_RECORDS, read_seeds
from archive.vault import Archive, open_archive
from archive.verify import verify
from archive.warcstream import Record, records
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, story_named

PAPER = "http://paper.example"


@contextmanager
def served(folder: Path, replies: Mapping[str, Reply | list[Reply]], **settings: Any) -> Iterator[tuple[Archive, Settings, WireServer]]:
    wire = WireServer(replies)
    base = replace(Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0), **settings)
    with serving(wire), open_archive(base) as archive:
        yield archive, replace(base, connect_to=wire.connect_to), wire


def crawl(archive: Archive, settings: Settings, recrawl: str = "") -> dict[str, Outcome]:
    report = run_story(archive, settings, story="ferry", recrawl=recrawl)
    return {item.url: item for item in archive.catalogue.outcomes_of("ferry", report.run)}


def all_records(store: Path) -> Iterator[tuple[Record, bytes]]:
    """Every record of a store's WARC files with its block, file by file."""
    for path in sorted(store.glob("warc/**/*.warc.gz")):
        with path.open("rb") as stream:
            for record in records(stream):
                yield record, record.block.read()


def page(title: str = "A ferry returns") -> Reply:
    return (message({"body": article(title)}),)


def test_seeds_stand_in_the_first_warc_once(tmp_path: Path) -> None:
    """What a person gave is a resource record of the first crawl after, byte for byte as in the store, also when it is given later."""
    (tmp_path / "seed.txt").write_text("The old ferry returns.\n\nIt sails.", encoding="utf-8")
    store = tmp_path / "archive"
    with served(tmp_path, {"/a": page(), "/b": page()}) as (archive, settings, _):
        add_seeds(archive, "ferry", [str(tmp_path / "seed.txt"), f"{PAPER}/a"], system_clock())
        crawl(archive, settings)
        crawl(archive, settings, "all")
        add_seeds(archive, "ferry", [f"{PAPER}/b"], system_clock())
        crawl(archive, settings)
        crawl(archive, settings)
        story = story_named(archive, "ferry")
        waiting = archive.catalogue.waiting("ferry")
        kept = {record.target: block for record, block in all_records(store) if record.type == "resource"}
        first = [record.type for record, _ in all_records(store)][:2]
        count = len(archived(store)["resource"])
        given = {SEED_RECORDS + key: archive.store.read(key) for key in story.seeds}
        texts = [seed.text for key in story.seeds for seed in read_seeds(archive, key)]

    assert kept == given
    assert (count, first) == (2, ["warcinfo", "resource"])
    assert "It sails." in (texts[0] or texts[1] or "")
    assert waiting == []


def test_readers_pass_over_seeds(tmp_path: Path) -> None:
    """Rebuild, pull, verification and recovery take files with seeds in them, and a rebuilt catalogue has none written again."""
    store = tmp_path / "archive"
    with served(tmp_path, {"/a": page()}) as (archive, settings, _):
        add_seeds(archive, "ferry", [f"{PAPER}/a"], system_clock())
        crawl(archive, settings)
        again = replace(archive, catalogue=Catalogue(f"sqlite:///{tmp_path}/again.sqlite"))
        assert [item.problem for item in rebuild(again.store, again.catalogue) if item.problem] == []
        crawl(again, settings, "all")
        assert {item.url for item in again.catalogue.all_captures()} == {f"{PAPER}/a", f"{PAPER}/robots.txt"}
        assert len(archived(store)["resource"]) == 1
        assert pull(again, Selection(story="ferry"), "wacz", tmp_path / "a.wacz", "test").captures == 2
        assert [item for item in verify([str(store)], open_store, Tally()) if item.severity is Severity.ERROR] == []
        deposit = archive.deposit(clock=system_clock, info={})
        deposit.keep_resource(f"{SEED_RECORDS}seeds/x", b"{}", "application/jsonl")
        found = recovered(deposit)
        again.catalogue.close()

    assert found == ["warcinfo", "resource"]


def recovered(deposit: Deposit) -> list[str]:
    """What is left of an open file whose writer is gone."""
    assert deposit._file is not None
    deposit._file._out.close()
    (item,) = deposit.recover()
    assert captures_in(item.path, item.path.name) == []
    with item.path.open("rb") as stream:
        return [record.type for record in records(stream)]


def test_a_warcinfo_record_says_who_and_how_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Operator, software, machine, standard, robots policy, clock, story, run, every setting that shapes a crawl; no key, no password."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token-of-mine")
    key = ssh_key(tmp_path / "my-key")
    secrets = {"catalogue": f"sqlite:///{tmp_path}/my-catalogue.sqlite", "signing_key": key}
    shaping = {"max_pages": 7, "delay": 0.25, "requisites": "yes", "refetch_days": 2.5}
    wire = WireServer({"/a": page()})
    with serving(wire):
        told = {"store": tmp_path / "archive", "connect_to": wire.connect_to, "max_hops": 0, **secrets, **shaping}
        run_door(["scrapy", "crawl", "story", "-a", "story=ferry", "-a", f"seeds={PAPER}/a", "-a", "requisites=no"], ROOT, told)
    infos = {block for record, block in all_records(tmp_path / "archive") if record.type == "warcinfo"}
    (info,) = infos
    fields = dict(line.split(": ", 1) for line in info.decode().splitlines())
    raw = b"".join(block for _, block in all_records(tmp_path / "archive"))
    run = fields["copytrail-run"]

    assert fields["software"] == f"copytrail/{version('copytrail')}"
    assert (fields["operator"], fields["http-header-from"]) == (CONTACT, CONTACT)
    assert fields["http-header-user-agent"] == f"copytrail/{version('copytrail')} (+{CONTACT})"
    assert fields["conformsTo"].endswith("/warc-1.1/")
    assert (fields["format"], fields["robots"], fields["clock"]) == ("WARC File Format 1.1", "classic", "system")
    assert (fields["isPartOf"], fields["description"]) == ("ferry", f"Run {run} of story ferry")
    assert fields["hostname"]
    assert {name: fields[f"copytrail-{name}"] for name in ("delay", "max-pages", "max-bytes", "requisites", "refetch-days")} == {
        "delay": "0.25",
        "max-pages": "7",
        "max-bytes": "2147483648",
        "requisites": "no",
        "refetch-days": "2.5",
    }
    assert not [secret for secret in ("my-key", "my-catalogue", "a-token", "nobody", str(tmp_path)) if secret.encode() in raw]
    assert not [line for line in key.read_bytes().splitlines() if line in raw]


def test_a_simulated_clock_is_told(tmp_path: Path) -> None:
    """A run whose clock is an argument says so in its files."""
    with served(tmp_path, {"/a": page()}) as (archive, settings, _):
        now = datetime(2026, 11, 21, tzinfo=UTC)
        add_seeds(archive, "ferry", [f"{PAPER}/a"], now)
        run_story(archive, settings, story="ferry", clock=lambda: now)

    assert b"clock: simulated\r\n" in archived(tmp_path / "archive")["warcinfo"][0]


def test_every_decision_names_the_robots_record_that_it_rests_on(tmp_path: Path) -> None:
    """Kept, refused, failed and unreachable: each outcome names a record that is there, also in the next run."""
    rules = b"User-agent: *\nDisallow: /no\n"
    replies: dict[str, Reply | list[Reply]] = {
        "paper.example /robots.txt": (message({"body": rules, "fields": ["Content-Type: text/plain"]}),),
        "dead.example /robots.txt": (CLOSE,),
        "busy.example /robots.txt": (message({"status": "500 Oops", "body": "x"}),),
        "/a": page(),
        "/cut": (CLOSE,),
    }
    urls = [f"{PAPER}/a", f"{PAPER}/no", f"{PAPER}/cut", "http://dead.example/a", "http://busy.example/a"]
    with served(tmp_path, replies) as (archive, settings, _):
        add_seeds(archive, "ferry", urls, system_clock())
        one = crawl(archive, settings)
        add_seeds(archive, "ferry", [f"{PAPER}/no-more"], system_clock())
        two = crawl(archive, settings)
        robots = {item.id: item for item in archive.catalogue.all_captures() if item.url.endswith("/robots.txt")}
        (kept,) = archive.catalogue.captures_of(f"{PAPER}/a")
    of = {record.id: record for record, _ in all_records(tmp_path / "archive")}
    verdicts = {url: (item.verdict, of[item.robots or ""].type, of[item.robots or ""].target) for url, item in one.items()}

    assert verdicts == {
        f"{PAPER}/a": (Verdict.KEPT, "response", f"{PAPER}/robots.txt"),
        f"{PAPER}/no": (Verdict.REFUSED_ROBOTS, "response", f"{PAPER}/robots.txt"),
        f"{PAPER}/cut": (Verdict.FAILED, "response", f"{PAPER}/robots.txt"),
        "http://dead.example/a": (Verdict.FAILED, "metadata", "http://dead.example/robots.txt"),
        "http://busy.example/a": (Verdict.REFUSED_ROBOTS, "revisit", "http://busy.example/robots.txt"),  # of the second try
    }
    assert kept.robots == one[f"{PAPER}/a"].robots
    assert set(two) == {f"{PAPER}/no-more", f"{PAPER}/cut", "http://dead.example/a", "http://busy.example/a"}
    assert robots[two[f"{PAPER}/no-more"].robots or ""].refers_to == one[f"{PAPER}/no"].robots  # asked again, the same bytes
    assert of[two["http://dead.example/a"].robots or ""].type == "metadata"


def test_feeds_and_sitemaps_are_in_the_archive(tmp_path: Path) -> None:
    """What led to articles is kept as they are: robots.txt, the sitemap that it announces, a feed that was given."""
    text = f"The old ferry returns to the northern island.\n\nOriginal url:\n\n{PAPER}/a"
    (tmp_path / "seed.txt").write_text(text, encoding="utf-8")
    item = f"<item><title>The old ferry returns to the northern island</title><link>{PAPER}/b</link></item>"
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{item}</channel></rss>'
    sitemap = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://paper.example/c</loc></url></urlset>'
    replies = {
        "/robots.txt": (message({"body": f"Sitemap: {PAPER}/map.xml", "fields": ["Content-Type: text/plain"]}),),
        "/map.xml": (message({"body": sitemap, "fields": ["Content-Type: application/xml"]}),),
        "/feed": (message({"body": feed, "fields": ["Content-Type: application/rss+xml"]}),),
        **{f"/{name}": page("The old ferry returns to the northern island") for name in "abc"},
    }
    with served(tmp_path, replies, max_hops=1) as (archive, settings, _):
        add_seeds(archive, "ferry", [str(tmp_path / "seed.txt"), f"{PAPER}/a", f"{PAPER}/feed"], system_clock())
        crawl(archive, settings)
        bodies = {
            name: archive.page(archive.catalogue.captures_of(f"{PAPER}/{name}")[0]).body for name in ("robots.txt", "map.xml", "feed")
        }

    assert bodies == {"robots.txt": f"Sitemap: {PAPER}/map.xml".encode(), "map.xml": sitemap.encode(), "feed": feed.encode()}
