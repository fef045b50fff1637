"""Real input: 308 news pages under their true URLs, over TLS, from a URL list into the archive, read, judged by public tools."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import trafilatura
from support.pagesite import page_site

from archive.kinds import Verdict
from archive.settings import Settings
from archive.urls import clean
from archive.vault import open_archive
from crawlers.run import Report, run_story, system_clock
from crawlers.stories import add_seeds

Crawled: TypeAlias = tuple[Settings, Report, list[dict[str, Any]]]
SET_LINE = re.compile(r"^(?P<name>\S+): F1 (?P<f1>[\d.]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def crawled(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The archive after one crawl of the URL list."""
    folder = tmp_path_factory.mktemp("real")
    rows = [json.loads(line) for line in (shared / "data/text-dev/pages.jsonl").read_bytes().splitlines()]
    pages = {clean(row["url"]): gzip.decompress((shared / "data/text-dev" / row["html"]).read_bytes()) for row in rows}
    urls = folder / "urls.txt"
    urls.write_text("\n".join(row["url"] for row in rows), encoding="utf-8")
    with page_site(pages, folder) as site:
        settings = Settings(
            store=str(folder / "archive"),
            contact="tests@copytrail.example",
            delay=0,
            max_hops=0,
            max_hosts=1000,
            max_pages=1000,
            ca_file=site.ca_file,
            connect_to=site.connect_to,
        )
        with open_archive(settings) as archive:
            add_seeds(archive, "real", [str(urls)], system_clock())
            report = run_story(archive, settings, story="real")
    return settings, report, rows


def test_every_page_is_kept(crawled: Crawled) -> None:
    """All 308 URLs, three of them with a fragment, end as kept, and each capture gives back the very bytes that were served."""
    settings, report, rows = crawled
    with open_archive(settings) as archive:
        outcomes = {item.url: item for item in archive.catalogue.outcomes_of("real", report.run)}
        bad = [(item.url, item.reason) for row in rows if (item := outcomes[clean(row["url"])]).verdict is not Verdict.KEPT]

    assert bad == []
    assert len(rows) == 308


@pytest.mark.parametrize("name", ["warcio", "fastwarc"])
def test_public_checkers_find_nothing(crawled: Crawled, judge: Callable[[str], Path], name: str) -> None:
    """Every WARC passes other people's checks."""
    files = sorted(map(str, Path(crawled[0].store).glob("warc/**/*.warc.gz")))
    assert files

    for path in files:
        done = subprocess.run([judge(name), "check", path], capture_output=True, text=True, check=False)

        assert done.returncode == 0, done.stdout + done.stderr


def test_the_text_is_better_than_plain_trafilatura(crawled: Crawled, shared: Path, tmp_path: Path) -> None:
    """Scored by the same tool in the same run, on each set, the text read from the archive is not below trafilatura's."""
    settings, report, rows = crawled
    ours, plain = tmp_path / "ours.jsonl", tmp_path / "plain.jsonl"
    with open_archive(settings) as archive, ours.open("w", encoding="utf-8") as out:
        captures = {item.url: item.capture for item in archive.catalogue.outcomes_of("real", report.run)}
        for row in rows:
            document = archive.catalogue.document(captures[clean(row["url"])] or "")
            body = "\n".join(block.text for block in document.blocks if block.kind != "standfirst") if document else ""
            out.write(json.dumps({"id": row["id"], "text": document.text if document else "", "body": body}) + "\n")
    with plain.open("w", encoding="utf-8") as out:
        for row in rows:
            html = gzip.decompress((shared / "data/text-dev" / row["html"]).read_bytes())
            out.write(json.dumps({"id": row["id"], "text": _trafilatura(html, row["url"])}) + "\n")

    scores, baseline = _scores(shared, ours), _scores(shared, plain)

    assert scores.keys() == baseline.keys() == {"aeb", "fundus-a"}
    assert all(scores[name] >= baseline[name] for name in baseline), (scores, baseline)


def _trafilatura(html: bytes, url: str) -> str:
    return trafilatura.extract(html, url=url, include_comments=False) or ""


def _scores(shared: Path, predictions: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, shared / "tools/score_text.py", predictions], capture_output=True, text=True, check=True)
    return {found["name"]: float(found["f1"]) for found in SET_LINE.finditer(done.stdout)}
