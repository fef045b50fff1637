"""What a story is about: coverage of it stands apart from other news about the same people."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from copytrail.newsroom.content import EXPECTED, SEEDS, Article, outlets
from pipeline.listing import Entry
from pipeline.relevance import BELONGS, WORDS, WORTH_A_LOOK, in_window, score, story_words
from pipeline.seedfiles import load
from pipeline.seeds import read_seed

WANTED = yaml.safe_load(EXPECTED.read_text("utf-8"))
ARTICLES: dict[str, Article] = {article.url: article for outlet in outlets().values() for article in outlet.articles}
MEMBERS = [ARTICLES[entry["url"]] for entry in WANTED["members"]]
DISTRACTORS = [ARTICLES[url] for url in WANTED["distractors"]]


def seed_texts(folder: Path) -> list[str]:
    """Headline and body of each seed in a folder."""
    return ["\n".join([reading.headline or "", *reading.body]) for reading in map(read_seed, load([str(folder)]).seeds)]


def plain(article: Article) -> str:
    """Title and text of a newsroom article."""
    return re.sub(r"<[^>]+>", "", f"{article.title}\n{article.body}")


@pytest.fixture(scope="module")
def words() -> tuple[str, ...]:
    """The words of the newsroom's story."""
    return story_words(seed_texts(SEEDS))


@pytest.mark.parametrize("article", MEMBERS, ids=lambda article: article.url)
def test_coverage_belongs(words: tuple[str, ...], article: Article) -> None:
    """Every article of the story is above the line, and its entry in a list is worth a look, with a summary or with its title alone."""
    assert score(words, plain(article)) >= BELONGS + 0.03
    assert score(words, Entry(url=article.url, title=article.title, summary=plain(article).split("\n")[2]).text) >= WORTH_A_LOOK
    assert score(words, Entry(url=article.url, title=article.title).text) >= WORTH_A_LOOK


@pytest.mark.parametrize("article", DISTRACTORS, ids=lambda article: article.url)
def test_the_same_people_in_another_matter_do_not_belong(words: tuple[str, ...], article: Article) -> None:
    """Every distractor is below the line, with room to spare."""
    assert score(words, plain(article)) <= BELONGS - 0.03


def test_other_news_is_far_away(words: tuple[str, ...], shared: Path) -> None:
    """No page of the real news set comes near the invented story, however long it is."""
    pages = map(yaml.safe_load, (shared / "data" / "text-dev" / "pages.jsonl").read_text("utf-8").splitlines()[::4])

    assert max(score(words, "\n".join(page["body"])) for page in pages) < BELONGS - 0.1


def test_each_real_seed_is_like_the_four_others(shared: Path) -> None:
    """Left out in turn, a seed is well above the line that the others draw."""
    texts = seed_texts(shared / "seeds")

    for left_out in texts:
        assert score(story_words([text for text in texts if text != left_out]), left_out) >= BELONGS + 0.1


def test_the_most_telling_words_come_first() -> None:
    """What all texts say goes before what one says often; words of grammar and reporting are none, in the language of the text."""
    texts = [
        "The bridge opens, the board said. The bridge is old.",
        "The bridge will open in May; the ferry, the ferry, the ferry goes on.",
    ]

    assert story_words(texts)[0] == "bridge"
    assert not {"the", "said", "will"} & set(story_words(texts))
    assert "war" in story_words(["The war goes on, and the war is cold."])
    assert "war" not in story_words(["Die Brücke war geschlossen, und der Hafen war leer, sagte der Meister."])


def test_words_are_known_in_other_forms_and_scripts() -> None:
    """Endings do not count, and a text without spaces is read in pairs."""
    assert score(story_words(["Мост открыли, мост чинили рабочие"]), "Рабочих на мосту не видно") > 0
    assert score(("bridges", "keeper"), "One keeper keeps the bridge") > 0.5
    assert score(story_words(["旧橋が五月に再び開通する"]), "旧橋の開通は五月になる") > 0.2


def test_a_story_has_no_more_words_than_it_needs(words: tuple[str, ...]) -> None:
    """The list is short enough to be read by a person."""
    assert len(words) == len(set(words)) == WORDS


@given(words=st.lists(st.text(max_size=12), max_size=20), text=st.text(max_size=200))
def test_the_score_is_between_nothing_and_one(words: list[str], text: str) -> None:
    """For any words and any text."""
    assert 0.0 <= score(words, text) <= 1.0


DAY = datetime(2024, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published", "earliest", "latest", "inside"),
    [
        (DAY, None, None, True),
        (DAY, DAY, DAY, True),
        (DAY - timedelta(days=7), DAY, DAY, True),
        (DAY - timedelta(days=7, seconds=1), DAY, DAY, False),
        (DAY + timedelta(days=20), DAY, DAY + timedelta(days=14), True),
        (DAY + timedelta(days=20), DAY, None, False),
        (DAY, None, DAY + timedelta(days=3), True),
        (datetime(2024, 3, 3), DAY, DAY, True),  # noqa: DTZ001 -- a page that states no zone
    ],
)
def test_a_date_is_held_against_the_dates_of_the_story(
    published: datetime, earliest: datetime | None, latest: datetime | None, *, inside: bool
) -> None:
    """Days before the first and after the last count, one known end stands for both, and a story without dates has no window."""
    assert in_window(published, earliest, latest, 7) is inside
