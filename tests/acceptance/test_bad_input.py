"""Bad input through the real doors: each gives a clear error or a recorded outcome, and nothing that was captured is lost.

The tables in ``bad/`` hold what servers, people and operators get wrong, and how it has to end.
"""

import gzip
import json
import os
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.badweb import BadWeb, article, bad_web, message, rows_of, serving
from support.doors import CONTACT, ROOT, Ended, run_door
from support.wireserver import WireServer, header

from archive.findings import Tally
from archive.kinds import Change, Verdict
from archive.records import Document, Outcome
from archive.settings import Settings
from archive.store import open_store
from archive.vault import Archive, open_archive
from archive.verify import verify
from archive.warcread import record_at
from copytrail.cli import main
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, story_named

BAD = Path(__file__).parent / "bad"
ANSWERS, SEEDS, COMMANDS = (
    rows_of(yaml.safe_load((BAD / f"{name}.yaml").read_text(encoding="utf-8"))) for name in ("answers", "seeds", "commands")
)
MOST_MEMORY = 512 * 1024**2  # bytes; a crawl of good pages takes 200 MB
MIX = {Verdict.FAILED, Verdict.UNREACHABLE, Verdict.THROTTLED}  # the next run asks once more


def named(rows: Sequence[Mapping[str, Any]], key: str) -> pytest.MarkDecorator:
    """A parameter for each row of a table."""
    return pytest.mark.parametrize("row", rows, ids=lambda row: row[key].replace(" ", "-"))


def assert_sound(store: str | Path) -> None:
    """Every byte of the archive is what records, indexes and manifests say."""
    tally = Tally()
    findings = [f"{item.file}: {item.message}" for item in verify([open_store(str(store))], open_store, tally)]

    assert tally.errors == 0, findings
    assert tally.records


# What servers answer


@dataclass(frozen=True)
class Crawled:
    """One crawl of the bad web, from a list of URLs."""

    web: BadWeb
    started: Ended
    ended: Ended
    archive: Archive
    outcomes: Mapping[str, Outcome]

    def document(self, url: str) -> Document | None:
        """The text that was read at a URL."""
        return self.archive.catalogue.document(self.outcomes[url].capture or "")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """``copytrail new`` and ``copytrail crawl``, once for all rows."""
    folder = tmp_path_factory.mktemp("answers")
    urls = folder / "urls.txt"
    urls.write_text("\n".join(row["url"] for row in ANSWERS if row.get("listed", True)), encoding="utf-8")
    with bad_web(ANSWERS, folder) as web:
        told = {"store": folder / "archive", "connect_to": web.connect_to, "ca_file": web.ca_file}
        started = run_door(["copytrail", "new", "bad", str(urls)], folder, told)
        ended = run_door(["copytrail", "crawl", "bad", "--json"], folder, told | {"max_hops": 0, "body_limit": 1_000_000, "timeout": 20})
        with open_archive(Settings(store=str(folder / "archive"), body_limit=1_000_000)) as archive:
            outcomes = archive.catalogue.outcomes_of("bad")
            yield Crawled(web, started, ended, archive, {item.url: item for item in outcomes})
            assert len(outcomes) == len({item.url for item in outcomes})


@named(ANSWERS, "what")
def test_each_answer_has_its_outcome(crawled: Crawled, row: dict[str, Any]) -> None:
    """The verdict is the right one, and its reason names what happened."""
    outcome = crawled.outcomes[row["url"]]

    assert outcome.verdict == row["ends"], outcome.reason
    assert row["because"] in outcome.reason
    assert row.get("also", "") in outcome.reason
    if "robots_record" in row:
        assert outcome.robots
        assert outcome.robots.startswith("urn:uuid:")


@named([row for row in ANSWERS if row["ends"] in {"kept", "gone"} or "body was cut short" in row["because"]], "what")
def test_each_answer_is_in_the_archive_as_it_was_sent(crawled: Crawled, row: dict[str, Any]) -> None:
    """The record holds the very bytes of the wire, or their beginning where a limit or the server cut them, and can be read again."""
    outcome = crawled.outcomes[row["url"]]
    assert outcome.capture
    capture = crawled.archive.catalogue.capture(outcome.capture)
    assert capture
    sent = next(bytes(item.response) for item in reversed(crawled.web.wire.log) if f"http://{item.host}{item.path}" == row["url"])
    with record_at(crawled.archive.store, capture.ref) as record:
        held = record.block.read()

    crawled.archive.page(capture)
    if capture.kind == "response":
        assert sent.startswith(held)
        assert held == sent or row.get("cut")
        assert (capture.truncated is None) == (row["ends"] != "failed" and not row.get("cut"))


@named([row for row in ANSWERS if row.keys() & {"title", "text", "without"}], "what")
def test_what_can_be_read_of_a_bad_page_is_read(crawled: Crawled, row: dict[str, Any]) -> None:
    """Title and text come out clean, whatever surrounds them."""
    document = crawled.document(row["url"])

    assert document is not None
    assert row.get("title", document.title) == document.title
    assert row.get("text", "") in document.text
    assert "without" not in row or row["without"] not in document.text
    assert "\0" not in document.text + (document.title or "")


def test_bad_answers_cost_the_good_ones_nothing(crawled: Crawled) -> None:
    """The crawl ends as partly done, within its memory, without a traceback, and lists each URL once."""
    listed = [json.loads(line)["url"] for line in crawled.ended.out.splitlines()]

    assert crawled.started.code == 0, crawled.started.err
    assert crawled.ended.code == 3
    assert crawled.ended.clear, crawled.ended.err
    assert crawled.ended.peak < MOST_MEMORY
    assert sorted(listed) == sorted(crawled.outcomes) == sorted(row["url"] for row in ANSWERS)
    assert_sound(crawled.archive.store.url)


def test_no_answer_puts_a_line_into_a_request(crawled: Crawled) -> None:
    """What servers say is never a header of ours."""
    assert crawled.web.wire.log
    assert not [item.request for item in crawled.web.wire.log if header(item.request, b"Set-Cookie") or header(item.request, b"Cookie")]


def test_what_may_go_better_is_asked_again(crawled: Crawled) -> None:
    """What failed or could not be reached waits, what a robots.txt without an answer forbids, and what has no text; nothing else."""
    waiting = {lead.url for lead in crawled.archive.catalogue.waiting("bad")}

    assert waiting == {row["url"] for row in ANSWERS if Verdict(row["ends"]) in MIX or row.get("again")}


def test_the_reader_of_the_output_may_leave(crawled: Crawled) -> None:
    """``copytrail status | head``: nobody listens any more, and that is no error."""
    reader, writer = os.pipe()
    os.close(reader)
    store = crawled.archive.store.url
    with os.fdopen(writer):
        done = run_door(["copytrail", "status", "bad"], Path(store).parent, {"store": store}, stdout=writer)

    assert (done.code, done.err) == (0, "")


# What servers answer to a second visit

PAGE = "http://bad.example/page"


@contextmanager
def revisited(folder: Path, *answers: bytes) -> Iterator[Callable[..., tuple[Outcome, Archive]]]:
    """A page that answers differently each time; call to visit it, with other settings if need be."""
    wire = WireServer({"/page": [(answer,) for answer in answers]})
    base = Settings(store=str(folder / "archive"), contact=CONTACT, delay=0.0, max_hops=0)
    with serving(wire), open_archive(base) as archive:
        add_seeds(archive, "bad", [PAGE], system_clock())

        def visit(**settings: Any) -> tuple[Outcome, Archive]:
            recrawl = "all" if story_named(archive, "bad").members else ""
            report = run_story(archive, replace(base, connect_to=wire.connect_to, **settings), story="bad", recrawl=recrawl)
            (outcome,) = archive.catalogue.outcomes_of("bad", report.run)
            return outcome, archive

        yield visit


def test_a_fault_of_our_own_ends_in_an_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the code fail that settles a URL, the round does not wait for ever, and the outcome says whose fault it was."""

    def fail(*_: object) -> None:
        raise LookupError("nobody thought of this")

    with revisited(tmp_path, message({"body": article("A ferry returns")})) as visit, monkeypatch.context() as patch:
        patch.setattr("crawlers.spiders.base.looped", fail)
        failed, _ = visit()
        patch.undo()
        again, archive = visit()
        members = [member.url for member in story_named(archive, "bad").members]

    assert (failed.verdict, failed.reason) == (Verdict.FAILED, "a fault of copytrail itself: LookupError: nobody thought of this")
    assert again.verdict is Verdict.UNCHANGED
    assert members == [PAGE]


def packed(body: bytes, length: int | None = None) -> bytes:
    """A page in gzip, or only its beginning."""
    return message({"body": gzip.compress(body, 0)[:length], "fields": ["Content-Type: text/html", "Content-Encoding: gzip"]})


def test_a_part_of_a_page_is_no_edit(tmp_path: Path) -> None:
    """Whole, broken gzip, over the limit, whole again: nothing was edited, and each outcome says what was read."""
    page = article("A ferry returns")
    long = page.replace(b"6 o'clock.</p>", b"6 o'clock.</p><!--%b-->" % (b" " * 600_000))
    with revisited(tmp_path, packed(page), packed(page, 900), message({"body": long}), packed(page + b"<!-- -->")) as visit:
        outcomes = [visit()[0], visit()[0], visit(body_limit=100_000)[0]]
        last, archive = visit()
        revisions = [item for item in archive.catalogue.revisions_of(PAGE) if item.change is not Change.COSMETIC]

    assert [item.verdict for item in (*outcomes, last)] == [Verdict.KEPT, Verdict.KEPT, Verdict.KEPT, Verdict.UNCHANGED]
    assert "only a part could be read: gzip" in outcomes[1].reason
    assert "cut at the limit" in outcomes[2].reason
    assert "the same text" in last.reason
    assert revisions == []


def test_a_record_that_is_lost_stops_no_visit(tmp_path: Path) -> None:
    """The text that a page should be held against is gone with its WARC: the page is captured, and not compared."""
    with revisited(tmp_path, message({"body": article("A ferry returns")}), message({"body": article("A ferry is late")})) as visit:
        _, archive = visit()
        for path in (tmp_path / "archive").glob("warc/**/*.warc.gz"):
            path.unlink()
        with closing(sqlite3.connect(tmp_path / "archive/.work/catalogue.sqlite", isolation_level=None)) as catalogue:
            catalogue.execute("DELETE FROM documents")
        outcome, archive = visit()
        capture = archive.catalogue.latest(PAGE)
        assert capture is not None
        body = archive.page(capture).body

    assert (outcome.verdict, outcome.reason) == (Verdict.KEPT, "captured again; not compared")
    assert b"A ferry is late" in body


# What people hand in


@dataclass(frozen=True)
class HandedIn:
    """All bad seeds in one folder, read and taken into a story."""

    folder: Path
    rows: Mapping[str, dict[str, Any]]
    read: Ended
    new: Ended


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> HandedIn:
    """``copytrail read --json`` and ``copytrail new`` of the folder."""
    folder = tmp_path_factory.mktemp("seeds")
    seeds = folder / "seeds"
    seeds.mkdir()
    for row in SEEDS:
        with (seeds / row["name"]).open("wb") as file:
            file.write(row.get("bytes", row.get("latin", "").encode("latin-1") or row.get("text", "").encode()))
            file.truncate(row.get("size", file.tell()))
    (seeds / os.fsdecode(b"name-\xff.txt")).write_bytes(b"The name of this file is no UTF-8.\n\nThe ferry returns all the same.\n")
    with ThreadPoolExecutor(2) as pool:
        read = pool.submit(run_door, ["copytrail", "read", "--json", str(seeds)], folder, {})
        new = pool.submit(run_door, ["copytrail", "new", "story", str(seeds)], folder, {"store": folder / "archive"})
    rows = {row["id"].partition(":")[0]: row for row in map(json.loads, read.result().out.splitlines())}
    return HandedIn(folder, rows, read.result(), new.result())


@named(SEEDS, "name")
def test_each_seed_is_read_or_refused_with_the_reason(handed_in: HandedIn, row: dict[str, Any]) -> None:
    """Both doors to seeds say the same: what is wrong, in which file, and whether it was taken all the same."""
    for ended in (handed_in.read, handed_in.new):
        lines = [line for line in ended.err.splitlines() if f"/{row['name']}:" in line]
        assert bool(lines) == ("says" in row)
        for words in (row[key] for key in ("says", "also") if key in row):
            assert any(words in line for line in lines), lines
    found = handed_in.rows.get(Path(row["name"]).stem)
    assert (found is not None) == row.get("taken", False)
    assert row.get("reads", "") in json.dumps(found, ensure_ascii=False)


def test_bad_seeds_cost_the_good_ones_nothing(handed_in: HandedIn) -> None:
    """Partly done, in little memory though 50 MB were handed in, and the good seeds' leads are in the frontier."""
    for ended in (handed_in.read, handed_in.new):
        assert ended.code == 3
        assert ended.clear, ended.err
        assert ended.peak < MOST_MEMORY  # what the test's own process held when it started the door counts in it (getrusage(2))
    with open_archive(Settings(store=str(handed_in.folder / "archive"))) as archive:
        assert {lead.url for lead in archive.catalogue.waiting("story")} == {"http://slow.example/0", "http://slow.example/1"}


def test_a_seed_cannot_write_to_the_terminal(handed_in: HandedIn) -> None:
    """Control characters are shown as what they are, in every line that a person reads."""
    done = run_door(["copytrail", "read", str(handed_in.folder / "seeds" / "escapes.txt")], handed_in.folder, {})

    assert "The ferry\ufffd31m is red" in done.out
    assert not {"\x9b", "\x07"} & set(done.out + done.err)


def test_only_bad_seeds_start_no_story(tmp_path: Path) -> None:
    """Nothing is stored for a story that has nothing to begin with."""
    empty = tmp_path / "empty.txt"
    empty.touch()

    with open_archive(Settings(store=str(tmp_path / "archive"))) as archive:
        started = add_seeds(archive, "story", [str(empty)], system_clock())
        stored = list(archive.store.keys())

    assert started.story is None
    assert [(problem.source, problem.message) for problem in started.problems] == [(str(empty), "nothing in it")]
    assert stored == []


# What operators get wrong


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the table's commands are about."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "file").write_text("a file", encoding="utf-8")
    (folder / "empty.txt").touch()
    for row in COMMANDS:
        if row.get("story"):
            with open_archive(Settings(store=str(folder / row["what"]))) as archive:
                add_seeds(archive, "story", ["http://slow.example/0"], system_clock())
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        yield {
            "folder": folder,
            "file": folder / "file",
            "empty": folder / "empty.txt",
            "closed": f"http://127.0.0.1:{closed.getsockname()[1]}",
        }


def told(row: dict[str, Any], places: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """A row's command and settings, with the places put in."""
    settings = {"store": f"{{folder}}/{row['what']}"} | row.get("settings", {})
    return [word.format(**places) for word in row["command"]], {name: str(value).format(**places) for name, value in settings.items()}


@pytest.fixture(scope="module")
def processes(places: dict[str, Any]) -> dict[str, Ended]:
    """How the commands ended that need a process of their own, run two at a time."""

    def run(row: dict[str, Any]) -> Ended:
        command, settings = told(row, places)
        return run_door(command, ROOT if command[0] == "scrapy" else places["folder"], settings)

    rows = [row for row in COMMANDS if row.get("apart")]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip([row["what"] for row in rows], pool.map(run, rows), strict=True))


@named([row for row in COMMANDS if row.get("apart")], "what")
def test_each_wrong_command_ends_in_one_line(processes: Mapping[str, Ended], places: dict[str, Any], row: dict[str, Any]) -> None:
    """The exit code tells a script, the one line tells a person; no traceback."""
    ended = processes[row["what"]]
    lines = [line for line in ended.err.splitlines() if row["says"].format(**places) in line]

    assert ended.code == row["code"], ended.err
    assert len(lines) == 1, ended.err
    assert ended.clear, ended.err
    assert row["command"][0] == "scrapy" or ended.err.splitlines() == lines  # Scrapy's own log stands around it


@named([row for row in COMMANDS if not row.get("apart")], "what")
def test_each_wrong_setting_ends_in_one_line(
    places: dict[str, Any], row: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same of ``copytrail``'s main function; a password is not shown."""
    command, settings = told(row, places)
    monkeypatch.chdir(places["folder"])
    monkeypatch.setattr(sys, "argv", command)
    for name, value in settings.items():
        monkeypatch.setenv(f"COPYTRAIL_{name.upper()}", value)

    with pytest.raises(SystemExit) as ended:
        main()
    written = capsys.readouterr()

    assert (ended.value.code, written.out) == (row["code"], ""), written.err
    (line,) = written.err.splitlines()
    assert row["says"].format(**places) in line
    assert "secret" not in line
