"""``copytrail discover`` through the real command line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.badweb import serving
from support.doors import Ended, run_door
from support.standin import StandIn, answer, json_answer

PAGE = "http://paper.example/2024/ferry"
WORDS = "The harbour office said on Tuesday that the old ferry returns to the northern island before summer."
BODY = "".join(f"<p>{WORDS} It sails at {hour} o'clock.</p>" for hour in range(1, 9))
LINK = '<p>A <a href="http://agency.example/ferry">report of the agency</a> said that the old ferry returns to the northern island.</p>'


@dataclass(frozen=True)
class Desk:
    """A project with a crawled story, and the web around it."""

    folder: Path
    wire: StandIn

    def run(self, *arguments: str) -> Ended:
        settings = {"connect_to": self.wire.connect_to, "max_hops": 0, "discover_gdelt": "http://gdelt.example/doc"}
        return run_door(["copytrail", *arguments], self.folder, settings)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """``copytrail new`` and ``copytrail crawl``."""
    folder = tmp_path_factory.mktemp("discover")
    page = f"<html><head><title>Ferry returns</title></head><body><article><h1>Ferry returns</h1>{BODY}{LINK}</article></body></html>"
    hit = {"url": "http://far.example/ferry", "title": "Ferry returns, says harbour office", "seendate": "20240326T120000Z"}
    wire = StandIn({"/2024/ferry": (answer(page.encode()),)}, {"gdelt.example /doc": lambda _: json_answer({"articles": [hit]})})
    (folder / "seed.csv").write_text(f'url,title,date,text\n{PAGE},Ferry returns,2024-03-26,"{WORDS}"\n', encoding="utf-8")
    with serving(wire):
        found = Desk(folder, wire)
        assert found.run("new", "ferry", "seed.csv").code == 0
        assert found.run("crawl", "ferry").code in {0, 3}
        yield found


def test_candidates_are_printed_with_their_evidence(desk: Desk) -> None:
    """A row for each question and each candidate; how, where, how sure and why; nothing of the articles is asked for."""
    done = desk.run("discover", "ferry", "--json")

    rows = [json.loads(line) for line in done.out.splitlines()]
    by_url = {row["url"]: row for row in rows if row["schema"] == "copytrail.candidate/1"}
    asked = [row for row in rows if row["schema"] == "copytrail.asked/1"]
    assert done.code == 0, done.err
    assert set(by_url) == {"http://agency.example/ferry", "http://far.example/ferry"}
    assert (by_url["http://agency.example/ferry"]["found"], by_url["http://agency.example/ferry"]["parent"]) == ("link", PAGE)
    assert all({"why", "confidence", "record", "offset", "state", "refused", "also"} <= set(row) for row in by_url.values())
    assert {(row["found"], row["verdict"]) for row in asked} == {("query", "kept")}
    assert not [item for item in desk.wire.log if item.host in {"agency.example", "far.example"}]
    assert "2 candidates, 1 of them new" in done.err


def test_people_read_the_same(desk: Desk) -> None:
    """Confidence, state, way and address in one line, the evidence and the place under it; who answered just now is not asked again."""
    desk.run("discover", "ferry")

    done = desk.run("discover", "ferry")

    assert "0.60  waiting  link       http://agency.example/ferry\n      report of the agency\n" in done.out
    assert f"      {PAGE}: record urn:uuid:" in done.out
    assert "1 lists and answers are younger than 1:00:00 and read from the archive" in done.err


def test_candidates_enter_the_frontier_when_asked_to(desk: Desk) -> None:
    """Without ``--add`` the story is as it was; with it the candidate waits for the next crawl."""
    before = desk.run("status", "ferry").out

    added = desk.run("discover", "ferry", "--add")

    assert "http://far.example/ferry" not in before
    assert added.code == 0
    assert "1 added: copytrail crawl ferry" in added.err
    assert "waiting        http://far.example/ferry  (gdelt: like the story's words:" in desk.run("status", "ferry").out


def test_a_setting_that_cannot_be_read_is_named(desk: Desk) -> None:
    """Nothing is asked, and the exit code is that of wrong use."""
    settings = {"connect_to": desk.wire.connect_to, "discover_outlets": "Reuters"}

    done = run_door(["copytrail", "discover", "ferry"], desk.folder, settings)

    assert (done.code, done.clear) == (2, True)
    assert "discover_outlets: 'Reuters' is not OUTLET=URL" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["discover", "nosuch"], "there is no story 'nosuch'"),
        (["discover", "ferry", "--with", "altavista"], "there is no back end 'altavista'; known are gdelt, wayback, memento"),
        (["discover", "ferry", "--with", "memento"], "set discover_memento"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], words: str, desk: Desk) -> None:
    """Exit code 2, and what is wrong."""
    done = desk.run(*arguments)

    assert (done.code, done.clear) == (2, True)
    assert words in done.err
