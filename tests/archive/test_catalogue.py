"""The catalogue: writing twice changes nothing, the frontier forgets nothing, trouble has a name."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from archive import catalogue_queries
from archive.catalogue import Catalogue, CatalogueError
from archive.kinds import Found, PageKind, Truncation, Verdict
from archive.records import Capture, Document, Lead, Outcome, Quality, RecordRef, Story

NOW = datetime(2026, 5, 13, 9, tzinfo=UTC)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue of its own, on SQLite."""
    opened = Catalogue(f"sqlite:///{tmp_path}/deep/catalogue.sqlite")
    yield opened
    opened.close()


def capture(number: int, **changes: Any) -> Capture:
    """One of many captures."""
    base = Capture(
        id=f"urn:uuid:{number:04}",
        url="http://paper.example/a",
        surt="example,paper)/a",
        time=NOW + timedelta(hours=number),
        kind="response",
        status=200,
        mime="text/html",
        ref=RecordRef(key="warc/x.warc.gz", offset=number, length=10),
        payload_digest=f"sha256:{number}",
        payload_length=5,
        block_digest="sha256:b",
    )
    return replace(base, **changes)


def outcome(lead: Lead, verdict: Verdict, run: str = "r1") -> Outcome:
    """How a lead ended."""
    return Outcome(run=run, url=lead.url or "", verdict=verdict, reason="because", time=NOW, lead=lead)


def test_adding_a_capture_twice_changes_nothing(catalogue: Catalogue) -> None:
    """A capture is a row once, however often it comes."""
    assert catalogue.add_captures([capture(1), capture(2)]) == 2
    assert catalogue.add_captures([capture(2, url="http://other.example/")]) == 0

    assert [item.id for item in catalogue.captures_of("http://paper.example/a")] == ["urn:uuid:0001", "urn:uuid:0002"]
    assert catalogue.latest("http://paper.example/a") == capture(2)
    assert catalogue.capture("urn:uuid:0001") == capture(1)


def test_an_identical_payload_is_found_only_in_a_whole_response(catalogue: Catalogue) -> None:
    """Revisits, cut bodies and empty ones are nothing that a revisit may refer to; of several the oldest counts."""
    catalogue.add_captures(
        [
            capture(1, payload_digest="sha256:x", kind="revisit"),
            capture(2, payload_digest="sha256:x", truncated=Truncation.LENGTH),
            capture(3, payload_digest="sha256:x", payload_length=0),
            capture(5, payload_digest="sha256:x"),
            capture(4, payload_digest="sha256:x"),
        ]
    )

    found = catalogue.with_payload("sha256:x")

    assert found is not None
    assert found.id == "urn:uuid:0004"
    assert catalogue.with_payload("sha256:y") is None


@pytest.mark.parametrize("name", ["BY_ID", "OF_URL", "LATEST", "WITH_PAYLOAD", "BEHIND"])
def test_a_look_up_reads_one_stretch_of_an_index(catalogue: Catalogue, name: str) -> None:
    """Nothing is scanned and nothing sorted: a million revisits of one payload, or captures of one URL, cost a look-up nothing."""
    statement = str(getattr(catalogue_queries, name).compile(dialect=sqlite.dialect()))
    base = sqlite3.connect(catalogue.name.removeprefix("sqlite:///"))

    plan = [row[3] for row in base.execute(f"EXPLAIN QUERY PLAN {statement}", [0] * statement.count("?"))]

    base.close()
    assert len(plan) == 1
    assert plan[0].startswith("SEARCH captures USING INDEX ")


def test_many_payloads_are_asked_for_at_once(catalogue: Catalogue) -> None:
    """Each payload that is known comes with its oldest whole response, the others are left out; nothing is asked for nothing."""
    catalogue.add_captures([capture(number, payload_digest=f"sha256:{number % 3}") for number in range(1, 9)])

    found = catalogue.with_payloads({"sha256:0", "sha256:2", "sha256:9"})

    assert {digest: item.id for digest, item in found.items()} == {"sha256:0": "urn:uuid:0003", "sha256:2": "urn:uuid:0002"}
    assert catalogue.with_payloads([]) == {}


def test_all_captures_come_in_cdxj_order_across_steps(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every capture comes once, by SURT and time, however small the steps are."""
    monkeypatch.setattr("archive.catalogue.CHUNK", 7)
    rows = [capture(number, surt=f"example,paper)/{number % 5}", time=NOW + timedelta(hours=number % 3)) for number in range(50)]
    catalogue.add_captures(rows)

    found = list(catalogue.all_captures())

    assert [(item.surt, item.time, item.id) for item in found] == sorted((item.surt, item.time, item.id) for item in rows)


def test_captures_are_found_under_a_key(catalogue: Catalogue) -> None:
    """A host with all its paths is one stretch of the index, and ends before its neighbour begins."""
    keys = [
        "example,paper)/",
        "example,paper)/a",
        "example,paper)/a~",
        "example,paper:81)/a",
        "example,papers)/a",
        "example,pape)/",
        "urn:x",
    ]
    catalogue.add_captures(capture(number, surt=key) for number, key in enumerate(keys))

    assert [item.surt for item in catalogue.all_captures("example,paper)")] == keys[:3]
    assert [item.surt for item in catalogue.all_captures("example,paper)/a")] == keys[1:3]
    assert [item.surt for item in catalogue.all_captures("example,paper")] == [*keys[:3], keys[3], keys[4]]
    assert list(catalogue.all_captures("example,q")) == []
    assert {item.surt for item in catalogue.all_captures()} == set(keys)


def test_many_are_asked_for_at_a_time(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The captures of many URLs come URL by URL in the order asked for, those of many ids by id; what is not there is left out."""
    monkeypatch.setattr("archive.catalogue.CHUNK", 3)
    rows = [capture(number, url=f"http://paper.example/{number % 5}") for number in range(20)]
    catalogue.add_captures(reversed(rows))
    urls = [f"http://paper.example/{number}" for number in (4, 0, 9, 2, 4)]

    assert list(catalogue.captures_of_each(urls)) == [item for url in urls for item in rows if item.url == url]
    assert catalogue.captures_with([item.id for item in rows[3:12]] + ["urn:none"]) == {item.id: item for item in rows[3:12]}


def test_documents_of_one_call_replace_each_other(catalogue: Catalogue) -> None:
    """Of two texts of one capture by one extractor the later counts."""
    first = Document(
        capture="urn:uuid:1", url="http://paper.example/a", extractor="one", quality=Quality(kind=PageKind.ARTICLE), text="first"
    )
    catalogue.put_documents([first, replace(first, text="second")])

    assert catalogue.document("urn:uuid:1") == replace(first, text="second")


def test_a_lead_waits_until_its_outcome_is_final(catalogue: Catalogue) -> None:
    """Kept, refused or gone ends a lead; throttled, blocked, unreachable, failed or over budget leaves it for the next run."""
    leads = [Lead(url=f"http://paper.example/{verdict}", found=Found.LINK, hop=1) for verdict in Verdict]
    assert catalogue.add_leads("bridge", leads) == len(leads)
    assert catalogue.add_leads("bridge", leads) == 0

    catalogue.add_outcomes("bridge", [outcome(lead, verdict) for lead, verdict in zip(leads, Verdict, strict=True)])

    waiting = {(lead.url or "").rpartition("/")[2] for lead in catalogue.waiting("bridge")}
    assert waiting == {"throttled", "blocked", "unreachable", "failed", "over_budget"}
    assert len(catalogue.outcomes_of("bridge", "r1")) == len(leads)


def test_a_title_without_a_url_is_a_lead_that_is_not_fetched(catalogue: Catalogue) -> None:
    """It is listed as unresolved and never as waiting."""
    lead = Lead(url=None, found=Found.RELATED, title="The ferry is back")
    catalogue.add_leads("bridge", [lead])

    assert catalogue.waiting("bridge") == []
    assert catalogue.unresolved("bridge") == [lead]


def test_the_newest_version_of_a_story_counts(catalogue: Catalogue) -> None:
    """Versions may come in any order."""
    first = Story(slug="bridge", version=1, created=NOW, title="Bridge")
    for story in (replace(first, version=3), first, replace(first, version=2)):
        catalogue.put_story(story)

    assert catalogue.story("bridge") == replace(first, version=3)
    assert catalogue.story("ferry") is None
    assert catalogue.slugs() == ["bridge"]


def test_a_locked_catalogue_is_an_error_that_names_it(tmp_path: Path) -> None:
    """Somebody else's write lock ends in a CatalogueError with the file's name, not in a wait without end."""
    path = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(f"sqlite:///{path}", busy_seconds=0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(CatalogueError, match=r"catalogue\.sqlite: database is locked"):
        catalogue.add_captures([capture(1)])

    other.close()
    catalogue.close()


def test_a_file_that_is_no_database_is_an_error_that_names_it(tmp_path: Path) -> None:
    """A catalogue that is something else is not written over."""
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"this is not a database, and it is long enough to tell" * 100)

    with pytest.raises(CatalogueError, match="not a database"):
        Catalogue(f"sqlite:///{path}")

    assert path.read_bytes().startswith(b"this is not")


def test_a_password_is_never_shown() -> None:
    """The name under which a catalogue speaks of itself hides its password."""
    with pytest.raises(CatalogueError) as caught:
        Catalogue("postgresql+asyncpg://user:sesame@127.0.0.1:1/none")

    assert "sesame" not in str(caught.value)


def test_requisites_wait_apart_and_their_parents_are_known(catalogue: Catalogue) -> None:
    """They are no part of the frontier of articles, even under one URL; an outcome settles the requisite alone."""
    page, sheet = "http://paper.example/a", "http://paper.example/s.css"
    both = [Lead(url=sheet, found=Found.REQUISITE, parent=parent) for parent in (page, "http://paper.example/b")]
    article = Lead(url=sheet, found=Found.LINK, parent=page)
    catalogue.add_leads("s", [*both, article])
    catalogue.add_captures([capture(1, url=sheet), capture(2, url=sheet), capture(3, url=page)])

    assert catalogue.waiting("s") == [article]
    assert catalogue.waiting_requisites("s") == both[:1]
    assert catalogue.needed_by(page) == catalogue.needed_by("http://paper.example/b") == [sheet]
    assert catalogue.with_requisites({page, sheet}) == {page}
    assert [item.id for item in catalogue.captures_for(page)] == ["urn:uuid:0001", "urn:uuid:0002"]
    catalogue.add_outcomes("s", [outcome(both[0], Verdict.OVER_BUDGET)])
    assert catalogue.waiting_requisites("s") == both[:1]
    catalogue.add_outcomes("s", [outcome(both[1], Verdict.KEPT, run="r2")])
    assert catalogue.waiting_requisites("s") == []
    assert catalogue.waiting("s") == [article]
