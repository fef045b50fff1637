"""``copytrail withdraw``: what is hidden or erased is nowhere to be had any more, a tombstone is, and an embargo ends by itself."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.handedout import everything
from support.smallarchive import AGENCY, DAYS, GONE, NEW, OLD, PAPER, SLUG, settings, small_archive

from archive.erasing import carry_out, order
from archive.fulltext import Query
from archive.pull import FORMATS, pull
from archive.records import Selection
from archive.selecting import chosen, text_of
from archive.stories import save_story
from archive.tombstones import KEYS, row, withheld
from archive.vault import Archive, open_archive
from archive.withdrawals import Mode
from archive.withdrawing import Request, hide, lift
from copytrail.diffrows import diff_rows
from copytrail.site import made
from copytrail.storypage import page
from copytrail.storyview import story_view
from crawlers.stories import story_named

PROGRAM = Path(sys.executable).with_name("copytrail")
NOW = DAYS[2] + timedelta(days=1)
TRACES = (b"paper.example/a", b"ferries sail", b"Bridge <shut>", b"Bridge &lt;shut")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with small_archive(tmp_path):
        pass
    told = f'store = "{settings(tmp_path).store}"\ncontact = "tests@copytrail.example"\n'
    (tmp_path / "copytrail.toml").write_text(told, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), "-C", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)


def rows(done: subprocess.CompletedProcess[str], schema: str) -> list[dict[str, object]]:
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [item for item in found if item["schema"] == f"copytrail.{schema}/1"]


@pytest.mark.parametrize("mode", ["hide", "erase"])
def test_a_withdrawn_article_is_in_nothing_that_is_handed_out(folder: Path, mode: str) -> None:
    """Scenario 14: search, diff, status, citation and report name neither it nor its words; a tombstone has reason and digest."""
    with open_archive(settings(folder)) as archive:
        digest = archive.catalogue.captures_of(PAPER)[0].payload_digest
        others = {item.id: item for item in archive.catalogue.all_captures() if item.url != PAPER}

    done = run(folder, "withdraw", "--url", PAPER, "--reason", "takedown", "--mode", mode, "--json")

    assert done.returncode == 0, done.stderr
    said = [run(folder, *words) for words in (["search", "--all", "--json"], ["diff", PAPER], ["status", SLUG, "--json"], ["graph", SLUG])]
    report = run(folder, "report", SLUG, "-o", str(folder / "page.html"), "--json")
    cited = run(folder, "cite", PAPER)
    assert not [trace for item in said for trace in TRACES if trace in item.stdout.encode()]
    assert not [trace for trace in TRACES if trace in (folder / "page.html").read_bytes()]
    assert (cited.returncode, "takedown" in cited.stderr) == (5, True)
    assert "takedown" in (folder / "page.html").read_text(encoding="utf-8")
    tombs = rows(report, "tombstone")
    assert [(item["reason"], item["mode"]) for item in tombs] == [("takedown", mode)] * 3
    assert digest in {item["digest"] for item in tombs}
    assert run(folder, "verify", "--json").returncode == 0
    with open_archive(settings(folder), everything=True) as archive:
        assert {item.id: item for item in archive.catalogue.all_captures() if item.url != PAPER} == others


def handed_out(folder: Path, name: str) -> dict[str, bytes]:
    """What each form of a pull, and a published site, hold."""
    out = folder / name
    (out / "site").mkdir(parents=True)
    with open_archive(settings(folder)) as archive:
        for form in FORMATS:
            assert pull(archive, Selection(story=SLUG), form, out / f"out.{form}", "copytrail/test").captures
        made(archive, [story_named(archive, SLUG)], ("wacz", "parquet"), "Stories", out / "site", "copytrail/test")
    return {path.name: everything(path) for path in out.iterdir()}


@pytest.mark.parametrize("mode", [Mode.HIDE, Mode.ERASE])
def test_no_pull_and_no_site_has_it(folder: Path, mode: Mode) -> None:
    """No form of a pull and no page of a published site holds the address, the headline or the words; all of them did before."""
    before = handed_out(folder, "before")
    assert {name for name, held in before.items() if not any(trace in held for trace in TRACES)} == set()

    with open_archive(settings(folder), everything=True) as archive:
        request = Request(reason="takedown", mode=mode, urls=(PAPER,))
        if mode is Mode.ERASE:
            carry_out(archive, order(archive, request, NOW), NOW)
        else:
            hide(archive, request, NOW)
    after = handed_out(folder, "after")

    assert {name for name, held in after.items() if any(trace in held for trace in TRACES)} == set()
    assert {name for name, held in after.items() if b"agency.example" not in held and b"It is closed" not in held} == set()


@pytest.fixture
def archive(folder: Path) -> Iterator[Archive]:
    with open_archive(settings(folder), everything=True) as opened:
        yield opened


def shown(folder: Path, days: int = 0) -> set[str]:
    """The addresses that people see some days later."""
    with open_archive(settings(folder), clock=lambda: NOW + timedelta(days=days)) as archive:
        return {capture.url for capture in chosen(archive, Selection())}


def test_an_embargo_opens_by_itself(folder: Path, archive: Archive) -> None:
    """Until its day nothing of it is shown, then all is, and no object was changed or added meanwhile."""
    hide(archive, Request(reason="embargo", mode=Mode.HIDE, urls=(PAPER,), until=NOW + timedelta(days=7)), NOW)
    before = {key: archive.store.read(key) for key in archive.store.keys("")}

    assert [PAPER in shown(folder, days) for days in (0, 6, 7, 8)] == [False, False, True, True]
    assert {key: archive.store.read(key) for key in archive.store.keys("")} == before
    with open_archive(settings(folder), clock=lambda: NOW) as closed:
        assert [item[1].until for item in withheld(closed, Selection(story=SLUG))] == [NOW + timedelta(days=7)] * 3


def test_what_is_hidden_can_be_lifted(folder: Path, archive: Archive) -> None:
    """A withdrawal that is lifted holds no longer; both stay in the list, and a rebuild changes nothing of it."""
    hidden = hide(archive, Request(reason="complaint", mode=Mode.HIDE, urls=(PAPER,)), NOW)
    assert PAPER not in shown(folder)

    lift(archive, hidden.id, "withdrawn by the complainant", NOW + timedelta(hours=1))

    assert PAPER in shown(folder)
    listed = rows(run(folder, "withdraw", "--list", "--json"), "withdrawal")
    assert [(item["mode"], item["holds"]) for item in listed] == [("hide", False), ("lift", True)]


def test_an_address_is_meant_in_all_its_spellings(folder: Path, archive: Archive) -> None:
    """What hides http://paper.example/a?x=1 also hides https and www, as the index has them in one place."""
    hide(archive, Request(reason="takedown", mode=Mode.HIDE, urls=("https://www.paper.example/a?x=1",)), NOW)

    assert shown(folder) == {AGENCY, GONE, "http://paper.example/robots.txt"}


def test_one_version_can_be_hidden(folder: Path, archive: Archive) -> None:
    """Without its first version an article has its later ones, and no change that holds the words of the first."""
    old = archive.catalogue.captures_of(PAPER)[0]
    hide(archive, Request(reason="error", mode=Mode.HIDE, records=(old.id,)), NOW)

    with open_archive(settings(folder)) as people:
        captures = people.catalogue.captures_of(PAPER)
        texts = {document.text for item in captures if (document := text_of(people, item)) is not None}
        changes = list(diff_rows(people, PAPER))
        by_id = [people.catalogue.capture(old.id), people.catalogue.document(old.id)]
        words = [hit.capture for hit in people.catalogue.hits(Query.read("two"))]
    assert (len(captures), texts, changes) == (2, {NEW}, [])
    assert OLD not in texts
    assert (by_id, words) == ([None, None], [])


def test_a_tombstone_has_no_address_and_no_words(archive: Archive) -> None:
    """A tombstone's row has record, times, digest, mode and reason, and nothing from which the article could be told."""
    hide(archive, Request(reason="takedown", mode=Mode.HIDE, urls=(PAPER,)), NOW)

    (first, *_) = [row(*item) for item in withheld(archive, Selection(story=SLUG))]

    assert tuple(first) == KEYS
    assert "paper" not in json.dumps(first)


def test_a_query_does_not_tell_what_is_hidden(folder: Path, archive: Archive) -> None:
    """The tombstones of a search are those of its story and addresses, whatever words are looked for."""
    hide(archive, Request(reason="takedown", mode=Mode.HIDE, urls=(PAPER,)), NOW)

    with open_archive(settings(folder)) as people:
        right, wrong = (list(withheld(people, Selection(story=SLUG, text=words))) for words in ("ferries", "zeppelins"))
        assert right == wrong
        assert list(chosen(people, Selection(text="ferries"))) == []


def test_a_story_that_is_seen_in_part_is_not_written(folder: Path, archive: Archive) -> None:
    """An archive that hides an article does not write the story without it."""
    hide(archive, Request(reason="takedown", mode=Mode.HIDE, urls=(PAPER,)), NOW)

    with open_archive(settings(folder)) as people, pytest.raises(ValueError, match="cannot be written"):
        save_story(people, story_named(people, SLUG), lambda newest: newest, NOW)


def test_a_dry_run_lists_and_changes_nothing(folder: Path, archive: Archive) -> None:
    """What would be withdrawn is listed with record, place and digest; nothing is stored."""
    before = list(archive.store.keys(""))

    dry = run(folder, "withdraw", SLUG, "--url", "*agency*", "--mode", "erase", "--reason", "takedown", "-n", "--json")

    assert [(item["url"], item["part"], item["taken"]) for item in rows(dry, "affected")] == [(AGENCY, "named", True)] * 2
    assert (dry.returncode, list(archive.store.keys(""))) == (0, before)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--url", PAPER],
        ["--reason", "x"],
        ["--url", "paper", "--reason", "x"],
        ["--url", PAPER, "--reason", "x", "--mode", "erase", "--until", "2030-01-01"],
        ["--url", PAPER, "--reason", "x", "--until", "2001-01-01"],
        ["--url", PAPER, "--reason", "x", "--until", "soon"],
        ["--lift", "nothing", "--reason", "x"],
        ["--record", "urn:uuid:none", "--reason", "x"],
        [SLUG, "--url", "*nowhere*", "--reason", "x"],
    ],
)
def test_wrong_use_is_said(folder: Path, arguments: list[str]) -> None:
    """What cannot be withdrawn or lifted is wrong use, in one line, and nothing is stored."""
    done = run(folder, "withdraw", *arguments)

    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert not list((folder / "archive").glob("withdrawals/*"))


def test_the_story_page_counts_what_is_shown(folder: Path, archive: Archive) -> None:
    """The page of a story with a withdrawn article is that of the others, with its tombstones among the losses."""
    hide(archive, Request(reason="takedown", mode=Mode.HIDE, urls=(PAPER,)), NOW)

    with open_archive(settings(folder)) as people:
        view = story_view(people, story_named(people, SLUG), NOW)
    assert {article.url for article in view.articles} == {AGENCY, GONE}
    assert [seed.seed.id for seed in view.seeds] == ["two"]  # the first is of the article that is not shown
    assert page(view).count("takedown") == 3
