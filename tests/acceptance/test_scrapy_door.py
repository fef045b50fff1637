"""The Scrapy door: ``scrapy crawl`` against the newsroom; the same archive, items with WARC addresses, honest exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from archive.settings import Settings
from archive.vault import open_archive
from archive.warcread import record_at
from copytrail.newsroom import EXPECTED, FIRST_CRAWL, MovableClock, Newsroom

ROOT = Path(__file__).parents[2]
WANTED: dict[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
AGENCY = WANTED["seeds"]["002_agency"]["url"]


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    """The outlets, at the first crawl's time."""
    with Newsroom(MovableClock(FIRST_CRAWL)) as opened:
        yield opened


def crawl(
    newsroom: Newsroom, folder: Path, *arguments: str, **environment: str
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """One ``scrapy crawl`` into an archive in ``folder``; the process and its items."""
    out = folder / "out.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", *arguments, "-O", str(out)],
        cwd=ROOT,
        env={**os.environ, **newsroom.environment(), "COPYTRAIL_STORE": str(folder / "archive"), "COPYTRAIL_DELAY": "0.05", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done, [json.loads(line) for line in out.read_bytes().splitlines()] if out.exists() else []


def test_one_article(newsroom: Newsroom, tmp_path: Path) -> None:
    """``article`` fetches what was named; its one item leads to the record, and the record is in the store."""
    done, items = crawl(newsroom, tmp_path, "article", "-a", f"url={AGENCY}")

    assert done.returncode == 0, done.stderr
    (item,) = items
    assert (item["url"], item["verdict"], item["fetch_status"]) == (AGENCY, "kept", 200)
    assert "engineers" in item["text"]
    with open_archive(Settings(store=str(tmp_path / "archive"))) as archive:
        capture = archive.catalogue.capture(item["warc_record_id"])
        assert capture is not None
        assert (capture.ref.key, capture.ref.offset, capture.ref.length) == tuple(
            item[name] for name in ("warc_filename", "warc_record_offset", "warc_record_length")
        )
        with record_at(archive.store, capture.ref) as record:
            assert record.id == capture.id


def test_a_feed_and_its_articles(newsroom: Newsroom, tmp_path: Path) -> None:
    """``feed`` fetches a feed and every article that it lists, each with how it was found."""
    done, items = crawl(newsroom, tmp_path, "feed", "-a", "url=http://sixline.example/atom.xml")

    assert done.returncode == 0, done.stderr
    assert {item["found"] for item in items} == {"feed_link", "feed"}
    assert {item["url"] for item in items} > {WANTED["seeds"]["000_summary"]["url"]}


def test_a_story_from_seeds(newsroom: Newsroom, tmp_path: Path) -> None:
    """``story`` takes seeds, finds their originals and coverage, and ends as ``copytrail crawl`` does."""
    done, items = crawl(newsroom, tmp_path, "story", "-a", f"seeds={newsroom.seeds}", "-a", "story=bridge", COPYTRAIL_MAX_HOPS="3")

    assert done.returncode == 3, done.stderr  # one page stays behind a consent wall
    kept = {item["url"] for item in items if item["verdict"] == "kept"}
    assert kept >= {row["url"] for row in WANTED["members"] if row["in"] == "first"}
    with open_archive(Settings(store=str(tmp_path / "archive"))) as archive:
        story = archive.catalogue.story("bridge")
        assert story is not None
        assert {member.seed for member in story.members if member.seed} == set(WANTED["seeds"])


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "words"),
    [
        (["article", "-a", "url=http://nobody.example/"], {"COPYTRAIL_CONNECT_TO": "nobody.example:80=127.0.0.1:1"}, 4, "kept"),
        (["article", "-a", "url=http://127.0.0.1/"], {}, 5, "refused"),
        (["article"], {}, 2, "name a URL"),
        (["story", "-a", "story=nosuch"], {}, 2, "there is no story 'nosuch'"),
        (["article", "-a", f"url={AGENCY}"], {"COPYTRAIL_CONTACT": ""}, 5, "contact"),
    ],
    ids=["refused connection", "private address", "no url", "no story", "no contact"],
)
def test_the_exit_code_is_not_zero_when_nothing_came(
    newsroom: Newsroom, tmp_path: Path, arguments: list[str], environment: dict[str, str], code: int, words: str
) -> None:
    """Unreachable is 4, refused 5, wrong use 2; the reason is on stderr or in the item, and nothing is a traceback."""
    done, items = crawl(newsroom, tmp_path, *arguments, **environment)

    assert done.returncode == code, done.stderr
    assert (
        words in done.stderr
        or any(words in item["verdict"] or words in item["reason"] for item in items)
        or items[0]["verdict"] == "unreachable"
    )
    assert "Traceback" not in done.stderr
