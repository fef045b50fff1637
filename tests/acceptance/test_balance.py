"""Law 3, counted: what a run has discovered is the sum of its outcomes, or the run says that it is not."""

from pathlib import Path

import pytest
from support.pagesite import page_site

from archive.settings import Settings
from archive.vault import open_archive
from crawlers.ledger import Ledger
from crawlers.run import Report, run_story, system_clock
from crawlers.stories import add_seeds

PAGE = "https://paper.example/bridge"


def crawl(folder: Path) -> Report:
    """One page, crawled."""
    with page_site(
        {PAGE: b"<title>Bridge</title><article><p>The bridge is shut, and two ferries sail instead of it.</p></article>"}, folder
    ) as site:
        settings = Settings(
            store=str(folder / "store"), contact="t@paper.example", delay=0, ca_file=site.ca_file, connect_to=site.connect_to
        )
        with open_archive(settings) as archive:
            add_seeds(archive, "bridge", [PAGE], system_clock())
            return run_story(archive, settings, story="bridge")


def test_a_run_that_accounts_for_everything_says_nothing(tmp_path: Path) -> None:
    """The ordinary end."""
    report = crawl(tmp_path)

    assert (report.trouble, report.exit_code, sum(report.tallies.values())) == (None, 0, 1)


def test_a_url_without_an_outcome_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours that loses a URL is named with the URL and fails the run; it is never silent."""
    whole = Ledger.known
    monkeypatch.setattr(Ledger, "known", lambda ledger: [*whole(ledger), "https://paper.example/lost"])

    report = crawl(tmp_path)

    assert report.exit_code == 1
    assert report.trouble is not None
    assert "2 URLs discovered, 1 outcomes: 1 without an outcome (https://paper.example/lost)" in report.trouble
