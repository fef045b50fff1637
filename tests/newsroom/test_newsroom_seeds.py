"""The demo's seeds: the texts of five articles as a researcher would have scraped them, residue and all."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy import Selector

from copytrail.newsroom import FIRST_CRAWL, SEEDS, respond
from copytrail.newsroom.content import Article, outlets

NAMES = sorted(file.stem for file in SEEDS.iterdir())

# What each seed carries that is not the article's text, each once but for the doubled body.
RESIDUE = {
    "000_summary": [r"\n\nShare\.\nExit mobile version\Z"],
    "001_paper": [
        r"\A\n\nMinister Says .*\n\nMay 12, 2026\n\n\n\nOskar Delvane crossed .*\. transport\.veskia\.example\n",
        r"Delvane<u>said</u> Tuesday",
        r"\nRelated article: .+\n",
        r"\nOriginal url:\n\nhttp://\S+ \S+\Z",
    ],
    "002_agency": [r"\AULSA LANDING, 12 May \(VesTA\) – "],
    "003_island": [r"\AHome Coast (.+)\n\n\1\n", r"\nFollow Strandpost on WhatsApp\n", r"\nWith inputs from Osprey Wire\Z"],
    "004_rights": [r"\nCopyright 2026 North Courier Media\. All rights reserved\. .*\Z"],
}


def seed(name: str) -> str:
    """Return the text of a seed."""
    return (SEEDS / f"{name}.txt").read_text("utf-8")


def original(name: str, expected: Mapping[str, Any]) -> Article:
    """Return the article that the seed was taken from, as it was at the first crawl."""
    url = expected["seeds"][name]["url"]
    return next(article for article in outlets()[urlsplit(url).netloc].at(FIRST_CRAWL) if article.url == url)


def test_there_are_five_seeds(expected: Mapping[str, Any]) -> None:
    """Each seed is spoken of, and each is of another outlet."""
    assert list(expected["seeds"]) == NAMES
    assert len({urlsplit(entry["url"]).netloc for entry in expected["seeds"].values()}) == len(outlets()) == 5


@pytest.mark.parametrize("name", NAMES)
def test_seeds_carry_their_residue(name: str) -> None:
    """The lines that a scraper leaves behind are there, in their place."""
    for residue in RESIDUE[name]:
        assert len(re.findall(residue, seed(name))) == 1, residue


@pytest.mark.parametrize("name", NAMES)
def test_seeds_hold_the_whole_article(name: str, expected: Mapping[str, Any]) -> None:
    """Each paragraph of the page is a line of the seed; the agency's last five are there twice, in the seed and on the page."""
    article = original(name, expected)
    lines = seed(name).replace("<u>said</u>", " said").split("\n")
    paragraphs = [paragraph.striptags() for paragraph in article.paragraphs]
    assert len(paragraphs) == expected["seeds"][name]["body_paragraphs"]
    assert [line for line in lines if line in paragraphs] == paragraphs + paragraphs[len(paragraphs) - article.doubled :]
    assert article.doubled == expected["seeds"][name].get("repeated_paragraphs", 0)


@pytest.mark.parametrize("name", NAMES)
def test_pages_carry_the_residue_of_their_seed(name: str, expected: Mapping[str, Any]) -> None:
    """What the cleaning must take out of the seed stands on the page too, so that both ways of reading it are tried."""
    article = original(name, expected)
    page = respond(article.host, article.path, {}, FIRST_CRAWL).body.decode(outlets()[article.host].charset)
    shown = " ".join(" ".join(Selector(text=page).xpath("//article//text()").getall()).split())
    for line in expected["seeds"][name].get("removed", []):
        assert line in shown or line == "Original url:"
    for last in article.paragraphs[len(article.paragraphs) - article.doubled :]:
        assert shown.count(last.striptags()) == 2


def test_the_broken_url_is_one_space_away_from_the_article(expected: Mapping[str, Any]) -> None:
    """Taking out the space gives the address back."""
    broken = seed("001_paper").rpartition("\n")[2]
    assert broken.replace(" ", "") == expected["seeds"]["001_paper"]["original_url"]


def test_the_summary_differs_from_its_source_in_a_year() -> None:
    """It shares a long run of words with the paper, quotes nobody, and gets the year of the overhaul wrong."""
    summary, paper = seed("000_summary"), seed("001_paper")
    assert not re.search(r"[“”\"]", summary)
    assert "since the 1999 overhaul" in summary
    assert "since the 2009 overhaul" in paper
    shared = "since Friday evening, when sensors in its south tower showed that the lifting span was resting 14 millimetres out of line."
    assert shared in summary
    assert shared in paper


def test_the_same_words_are_told_in_several_wordings(expected: Mapping[str, Any]) -> None:
    """Each wording of an utterance stands in the seed that it is given for, and in the form it is given."""
    for wordings in expected["utterances"].values():
        for name, wording in wordings.items():
            assert wording in seed(name)


def test_the_cues_of_the_relations_stand_in_the_seeds(expected: Mapping[str, Any]) -> None:
    """Each of the ten pairs is spoken of once, and whoever cites says whom."""
    pairs = [tuple(relation["pair"]) for relation in expected["relations"]]
    assert sorted(pairs) == [(a, b) for i, a in enumerate(NAMES) for b in NAMES[i + 1 :]]
    for relation in expected["relations"]:
        assert relation.get("cue", "") in seed(relation.get("from", "000_summary"))
