"""Articles put together into stories as they come."""

import random
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from archive.kinds import PageKind
from archive.records import Document, Quality, Seed
from archive.relations import Merged, Placement, Split
from pipeline.clusters import online
from pipeline.clusters.events import Limits
from pipeline.clusters.memory import dumped, loaded
from pipeline.clusters.online import State, place, place_all, replay
from pipeline.clusters.profile import READ, profile
from pipeline.plaindocuments import documents_of

CASES = Path(__file__).parent / "cases" / "distractors"


def document(identifier: str, text: str, title: str | None = None, published: str | None = None) -> Document:
    return Document(
        capture=identifier,
        url=f"http://paper.example/{identifier}",
        extractor="test",
        quality=Quality(kind=PageKind.ARTICLE),
        title=title,
        published=published,
        text=text,
    )


def told(rows: Iterable[dict[str, str]]) -> list[Document]:
    return [document(row["id"], row["text"], row["title"], str(row["published"])) for row in rows]


EASTERN = told(yaml.safe_load((CASES / "eastern.yaml").read_text("utf-8")))
INVENTED = yaml.safe_load((CASES / "invented.yaml").read_text("utf-8"))
STORIES = {story["story"]: told(story["articles"]) for story in INVENTED}
OTHERS = [item for story in INVENTED for item in told(story["others"])]
ARTICLES = [item for story in STORIES.values() for item in story]


@pytest.fixture(scope="module")
def seeds(shared: Path) -> tuple[Document, ...]:
    paths = sorted((shared / "seeds").glob("*.txt"))
    return documents_of(Seed(id=path.stem[:3], kind="text", source=path.name, text=path.read_text("utf-8")) for path in paths)


def together(state: State) -> set[frozenset[str]]:
    return {frozenset(members) for members in state.stories.values() if len(members) > 1}


def test_there_are_enough_hard_distractors() -> None:
    """At least forty texts of another event, and no two with one name."""
    names = [item.capture for item in (*EASTERN, *OTHERS, *ARTICLES)]

    assert len(EASTERN) + len(OTHERS) >= 40
    assert len(names) == len(set(names))


@pytest.mark.parametrize("order", range(4))
def test_other_events_stay_out(seeds: tuple[Document, ...], order: int) -> None:
    """The five seeds are one story and each invented story is one, in any order of arrival; no other event is in any of them."""
    documents = [*seeds, *EASTERN, *ARTICLES, *OTHERS]
    random.Random(order).shuffle(documents)

    found = together(place_all(documents))

    assert found == {frozenset(item.capture for item in story) for story in (seeds, *STORIES.values())}


def test_a_placement_says_why() -> None:
    """The score, the words in common, and the id of the story, which is its first document's."""
    state = State()
    first, second, other = (place(state, item) for item in (*STORIES["dam"][:2], *STORIES["verdict"][:1]))

    assert (first.is_new, first.cluster, first.score) == (True, "dam-1", 0.0)
    assert (second.is_new, second.cluster) == (False, "dam-1")
    assert second.score >= state.limits.joins
    assert {"ostrav", "veldt"} <= set(second.shared)
    assert other.cluster == "verdict-1"


def test_a_document_that_is_there_is_looked_up() -> None:
    """Placed twice it counts once."""
    state = State()
    for item in (*STORIES["dam"], *STORIES["dam"]):
        place(state, item)

    assert state.stories == {"dam-1": ("dam-1", "dam-2", "dam-3")}


def test_what_lies_outside_the_window_is_another_story() -> None:
    """The same words a month later are no part of the story; without a date they are."""
    first, second, *_ = STORIES["dam"]
    later = document("later", second.text, second.title, "2025-06-10")
    undated = document("undated", second.text, second.title)

    assert together(place_all([first, later])) == set()
    assert together(place_all([first, undated])) == {frozenset({"dam-1", "undated"})}
    assert together(place_all([first, later], Limits(window=timedelta(days=60)))) == {frozenset({"dam-1", "later"})}


def test_two_stories_that_are_one_are_merged() -> None:
    """A document that belongs to both joins them under the older id, and the merge is recorded."""
    state = State(limits=Limits(joins=0.6))
    place(state, STORIES["dam"][0])
    place(state, STORIES["dam"][1])
    assert len(state.stories) == 2
    state.limits = Limits(joins=0.2, merges=0.2)

    placed = place(state, STORIES["dam"][2])

    (merged,) = placed.changes
    assert isinstance(merged, Merged)
    assert (merged.into, merged.gone, merged.members) == ("dam-1", "dam-2", ("dam-2",))
    assert state.changes == [merged]
    assert state.stories.keys() == {"dam-1"}


def test_a_story_that_is_two_is_split() -> None:
    """What nothing ties to the rest leaves with an id of its own; the first document's story keeps its id."""
    state = State(limits=Limits(joins=0.0, window=timedelta(days=400)))
    for item in (*STORIES["dam"], *STORIES["verdict"][:2]):
        place(state, item)
    assert state.stories.keys() == {"dam-1"}

    placed = place(state, STORIES["verdict"][2])

    (split,) = placed.changes
    assert isinstance(split, Split)
    assert (split.kept, split.new) == ("dam-1", "verdict-1")
    assert state.stories == {"dam-1": ("dam-1", "dam-2", "dam-3"), "verdict-1": ("verdict-1", "verdict-2", "verdict-3")}


def test_an_embedding_is_only_asked_where_one_is_given() -> None:
    """A model that says that all is one lifts scores; the default knows of none."""
    plain, meant = State(), State(embedding=lambda _: (1.0, 0.0))
    for state in (plain, meant):
        place(state, STORIES["dam"][0])

    assert place(meant, STORIES["dam"][1]).score > place(plain, STORIES["dam"][1]).score


def test_two_fillings_of_one_formula_are_two_stories() -> None:
    """Reports with the same words and other names tell two events, however alike they are."""
    text = (
        "A fire destroyed a warehouse of {firm} in {town} on Monday, {n} workers were taken to hospital with burns after a battery blew. "
        "Crews fought the flames through the night, said fire chief {chief}, and residents were told to keep windows shut in Dalmark. "
        "It took the Kessel Coast Guard and the Dalmark Rescue Union until Tuesday to put it out, as in earlier fires in Dalmark."
    )
    one = document("one", text.format(firm="Orlen Works", town="Belfort", n="14", chief="Ines Varga"))
    other = document("other", text.format(firm="Quist Foods", town="Dornach", n="37", chief="Otto Reimer"))
    again = document("again", text.format(firm="Orlen Works", town="Belfort", n="14", chief="Ines Varga").replace("destroyed", "gutted"))

    assert together(place_all([one, other, again])) == {frozenset({"one", "again"})}


def test_scripts_without_spaces_are_compared_by_pairs() -> None:
    """Two Japanese reports of one flood meet, a third of an election does not; Thai says that it cannot be told apart."""
    flood = document("a", "台風十九号の大雨で千曲川の堤防が決壊し、長野市の住宅地が浸水した。住民三百人が避難所で夜を明かした。")
    again = document("b", "長野市では千曲川の堤防が決壊して住宅地が浸水し、大雨の中で住民三百人が避難した。台風十九号の被害だ。")
    vote = document("c", "市議会議員選挙の投票が始まり、候補者は駅前で最後の演説を行った。開票は今夜行われる。")

    assert together(place_all([flood, again, vote])) == {frozenset({"a", "b"})}
    assert "not told apart" in str(profile(document("d", "ประชาชนหลายร้อยคนอพยพ")).note)


@pytest.mark.parametrize(
    "text",
    ["", "x" * 1_000_000, "堤" * 1_000_000, "«" * 100_000, "Ab " * 300_000, "12,5 " * 100_000, "\x00\ud800 \u202e"],
)
def test_hostile_texts_are_placed(text: str) -> None:
    """Whatever comes has a place, reading no more than its share, and a text that is cut says so."""
    state = State()

    placed = [place(state, document(name, text)) for name in ("one", "two")]

    assert set(state.home) == {"one", "two"}
    assert placed[0].note is not None or 0 < len(text) <= READ


def test_a_state_goes_on_another_day() -> None:
    """Written down and read back at any point, it places what comes then as if nothing had been."""
    documents = [*ARTICLES, *OTHERS, *EASTERN]
    random.Random(7).shuffle(documents)
    whole, part = State(), State()
    for item in documents:
        place(whole, item)
    for number, item in enumerate(documents):
        part = loaded(dumped(part)) if number % 9 == 0 else part
        place(part, item)

    assert part.stories.keys() == whole.stories.keys()
    assert together(part) == together(whole)
    assert dumped(part) == dumped(whole)


def test_what_was_placed_is_placed_again_without_being_decided() -> None:
    """The record of placements, merges and splits gives the same stories; also where a text is gone, and where limits are others."""
    state = State(limits=Limits(joins=0.0, window=timedelta(days=400)))
    mixed = [*STORIES["dam"], *STORIES["verdict"]]
    placements = [
        Placement(document=placed.document, url="", story=placed.joined, score=placed.score, changes=placed.changes)
        for placed in (place(state, item) for item in mixed)
    ]
    again, poorer = State(limits=Limits(joins=0.99)), State()
    for item, placement in zip(mixed, placements, strict=True):
        replay(again, placement, item)
        replay(poorer, placement, None if item is mixed[1] else item)

    assert any(placement.changes for placement in placements)
    assert again.stories == poorer.stories == state.stories


def test_the_id_of_a_story_that_is_gone_is_not_used_again() -> None:
    """A story that was merged into another and is split off again has a new id."""
    state = State(limits=Limits(joins=0.6))
    for item in (STORIES["dam"][0], STORIES["verdict"][0]):
        place(state, item)
    state.limits = Limits(joins=0.0, merges=0.0, window=timedelta(days=400))
    merged = [change for item in (*STORIES["verdict"][1:], *STORIES["dam"][1:]) for change in place(state, item).changes]

    assert [type(change) for change in merged] == [Merged, Split]
    assert state.stories.keys() == {"dam-1", "verdict-2"}


def test_a_story_that_is_over_is_not_looked_for_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long after its last article it keeps its members and nothing that is compared, also when the state is read back."""
    monkeypatch.setattr(online, "PATIENCE", 2)
    monkeypatch.setattr(online, "SWEPT", 1)
    state = place_all(STORIES["dam"])
    later = [document(f"later-{number}", text.text, None, f"2026-0{number}-01") for number, text in enumerate(STORIES["verdict"], 1)]
    for item in later:
        place(state, item)

    again = loaded(dumped(state))

    assert state.stories["dam-1"] == ("dam-1", "dam-2", "dam-3")
    assert "dam-1" not in state.listed
    assert not any("dam-1" in stories for stories in state.index.values())
    assert not {"dam-1", "dam-2", "dam-3"} & state.profiles.keys()
    assert (again.stories, dumped(again)) == (state.stories, dumped(state))
