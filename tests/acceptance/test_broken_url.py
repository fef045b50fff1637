"""The five seeds through ``new`` and ``crawl``: the broken original URL is mended, and believed only because the page agrees.

The pages are stand-ins, made at run time from the seed's own words; the repository holds none of them.
"""

import html
from pathlib import Path

import pytest
import yaml
from support.pagesite import page_site

from archive.kinds import Found, Verdict
from archive.records import Story
from archive.settings import Settings
from archive.vault import open_archive
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds, story_named
from pipeline.seedfiles import load
from pipeline.seeds import SeedReading, read_seed

SEED = "001_3bfc8f5e2bd740ae"


@pytest.fixture(scope="module")
def reading(shared: Path) -> SeedReading:
    """The seed whose URL is broken."""
    (seed,) = load([str(shared / "seeds" / f"{SEED}.txt")]).seeds
    return read_seed(seed)


def stand_in(title: str, paragraphs: tuple[str, ...]) -> bytes:
    """A page with a headline and paragraphs."""
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
    head = html.escape(title)
    return f"<html><head><title>{head}</title></head><body><article><h1>{head}</h1>{body}</article></body></html>".encode()


def crawled(pages: dict[str, bytes], shared: Path, folder: Path) -> tuple[Story, dict[str, Verdict]]:
    """The story after one crawl of the five seeds against these pages, and how each URL ended."""
    with page_site(pages, folder) as site:
        settings = Settings(
            store=str(folder / "archive"), contact="tests@copytrail.example", delay=0, ca_file=site.ca_file, connect_to=site.connect_to
        )
        with open_archive(settings) as archive:
            started = add_seeds(archive, "five", [str(shared / "seeds")], system_clock())
            assert started.problems == ()
            report = run_story(archive, settings, story="five")
            outcomes = {
                item.url: item.verdict for item in archive.catalogue.outcomes_of("five", report.run) if item.lead.found is Found.SEED_URL
            }
            return story_named(archive, "five"), outcomes


def test_the_mended_url_is_confirmed_by_its_page(reading: SeedReading, shared: Path, tmp_path: Path) -> None:
    """The likeliest repair is fetched, its page bears the seed's headline and sentences, and no other repair is fetched."""
    wanted = yaml.safe_load((shared / "acceptance/seeds.yaml").read_text(encoding="utf-8"))["texts"]["001"]["original_url"]
    assert reading.original_url == wanted

    story, outcomes = crawled({wanted: stand_in(reading.headline or "", reading.body)}, shared, tmp_path)

    (member,) = (item for item in story.members if item.seed == SEED)
    assert member.url == wanted
    assert outcomes.pop(wanted) is Verdict.KEPT
    assert set(outcomes.values()) == {Verdict.DUPLICATE}


def test_a_page_that_says_something_else_is_not_believed(reading: SeedReading, shared: Path, tmp_path: Path) -> None:
    """When the likeliest repair leads to another article, the next one is tried, and the one whose page agrees is taken."""
    first, other, *_ = reading.url_candidates
    pages = {
        first: stand_in("The ferry is back", ("The ferry runs again from Monday, the harbour office said.",) * 3),
        other: stand_in(reading.headline or "", reading.body),
    }

    story, outcomes = crawled(pages, shared, tmp_path)

    assert [item.url for item in story.members if item.seed == SEED] == [other]
    assert outcomes[first] is Verdict.KEPT
