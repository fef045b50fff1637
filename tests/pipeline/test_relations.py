"""Who copied, cited and quoted whom: the kinds, their direction, and what must not be called a copy."""

import time
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
import yaml
from support.plaintexts import plain_document

from archive.records import Document
from archive.relations import Quote, Relation, RelationKind
from benchmarks.invented import article, edited, forms, independent, ladder, rewritten
from copytrail.newsroom.content import EXPECTED, Article, outlets
from pipeline.plaindocuments import documents_of
from pipeline.related import related
from pipeline.relations import duplicates, relate, shared_passages
from pipeline.seedfiles import load

EVENT = independent(Random(4))


def found(*documents: Document, quotes: dict[str, list[Quote]] | None = None) -> dict[tuple[str, str], set[str]]:
    """The kinds by ordered pair."""
    kinds: dict[tuple[str, str], set[str]] = {}
    for item in relate(documents, quotes or {}):
        kinds.setdefault((item.source, item.target), set()).add(str(item.kind))
    return kinds


def one(*documents: Document) -> Relation:
    """The only relation there is."""
    (item,) = relate(documents, {})
    return item


def by_number(relations: Iterable[Relation]) -> set[tuple[str, str, str]]:
    """Kind, source and target, the seeds by their numbers."""
    return {(str(item.kind), item.source[:3], item.target[:3]) for item in relations}


def test_the_seeds_have_the_relations_of_the_acceptance_table(shared: Path) -> None:
    """All ten pairs have their kind and direction, ``quotes`` stands beside ``cites``, and nothing else is said."""
    table = yaml.safe_load((shared / "acceptance" / "seeds.yaml").read_text("utf-8"))["relations"]
    wanted = {(row["kind"], row.get("from", row["pair"][0]), row.get("to", row["pair"][1])) for row in table}
    wanted |= {(row["also"], row["from"], row["to"]) for row in table if "also" in row}
    relations = related(documents_of(load([str(shared / "seeds")]).seeds)).relations

    assert by_number(relations) == wanted
    cues = {(item.source[:3], item.target[:3]): item.evidence[0].words for item in relations if item.kind is RelationKind.CITES}
    assert cues == {(row["from"], row["to"]): row["cue"] for row in table if "cue" in row}


def test_the_derivation_among_the_seeds_is_shown(shared: Path) -> None:
    """The passages of 18 and 13 words, the new names, the order of the sentences and the changed year are given as evidence."""
    documents = documents_of(load([str(shared / "seeds")]).seeds)
    (derived,) = [item for item in related(documents).relations if item.kind is RelationKind.DERIVED]
    notes = [f"{item.kind} {item.note}" for item in derived.evidence]

    assert notes[:2] == ["run 18 words in a row", "run 13 words in a row"]
    assert any(note.startswith("novelty 0 of 2") for note in notes)
    assert [item.words for item in derived.evidence if item.kind == "conflict"] == ["2003 against 2004"]
    assert {"sentence", "quote", "cue"} <= {item.kind for item in derived.evidence}


def test_every_span_of_evidence_holds_its_words(shared: Path) -> None:
    """The source's span of each passage, cue and quotation has, in that text, the words that are shown."""
    documents = {item.capture: item for item in documents_of(load([str(shared / "seeds")]).seeds)}
    shown = [(item, proof) for item in related(documents.values()).relations for proof in item.evidence]
    with_source = [(item, proof) for item, proof in shown if proof.source and proof.kind in {"run", "cue", "quote"}]

    assert len(with_source) > 15
    for item, proof in with_source:
        assert proof.source is not None
        assert " ".join(documents[item.source].text[slice(*proof.source)].split()) == " ".join(proof.words.split())


def test_seeds_and_other_news_have_no_edge(shared: Path) -> None:
    """No real page of the news set is tied to a seed."""
    pages = map(yaml.safe_load, (shared / "data" / "text-dev" / "pages.jsonl").read_text("utf-8").splitlines()[::3])
    others = [plain_document(f"page {number}", "\n".join(page["body"])) for number, page in enumerate(pages)]
    seeds = documents_of(load([str(shared / "seeds")]).seeds)

    assert not [item for item in relate((*seeds, *others), {}) if item.source.startswith("page") != item.target.startswith("page")]


def test_the_same_people_in_another_matter_have_no_edge() -> None:
    """Members of the newsroom's story are tied among one another, its distractors to nobody."""
    expected = yaml.safe_load(EXPECTED.read_text("utf-8"))
    articles: dict[str, Article] = {item.url: item for outlet in outlets().values() for item in outlet.articles}
    members = {entry["url"] for entry in expected["members"]}
    texts = {url: f"{articles[url].title}\n{articles[url].body}" for url in [*members, *expected["distractors"]]}
    relations = relate([plain_document(url, text) for url, text in texts.items()], {})

    assert len(relations) >= 20
    assert {url for item in relations for url in (item.source, item.target)} <= members


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_copies_are_found_on_a_ladder_of_changes(seed: int) -> None:
    """Words changed, boilerplate around, cut to a third, merged: precision at least .98, recall at least .95 over all pairs."""
    made, rng = ladder(Random(seed), 60), Random(seed)
    texts = {**made.texts, **forms(rng, 12)}
    pairs = {tuple(sorted((item.left, item.right))) for item in duplicates([plain_document(name, text) for name, text in texts.items()])}
    right = pairs & made.copies

    assert len(right) / len(pairs) >= 0.98
    assert len(right) / len(made.copies) >= 0.95


def test_reports_that_fill_a_form_are_no_copies() -> None:
    """Weather, match and market reports of many days are not one text, and have no relation of copying."""
    documents = [plain_document(name, text) for name, text in forms(Random(7), 10).items()]

    assert not duplicates(documents)
    assert {item.kind for item in relate(documents, {})} <= {RelationKind.SAME_STORY}


def test_independent_reports_are_never_called_derived() -> None:
    """120 pairs of reports of one event, with the same names, figures and quotations: not one is derived or a copy."""
    kinds: Counter[str] = Counter()
    for seed in range(12):
        texts = independent(Random(seed))
        kinds.update(str(item.kind) for item in relate([plain_document(str(number), text) for number, text in enumerate(texts)], {}))

    assert kinds.keys() <= {"common_source", "same_story"}
    assert kinds["common_source"] >= 110


def test_a_text_written_over_is_derived_with_its_direction() -> None:
    """Of 60 reports that a desk wrote over without anything of its own, 57 and more are found, all with the right direction."""
    kinds: Counter[tuple[str, str]] = Counter()
    for seed in range(12):
        rng = Random(seed)
        for text in independent(rng):
            item = one(plain_document("b source", text), plain_document("a copy", rewritten(rng, text)))
            kinds[str(item.kind), item.source] += 1

    assert kinds["derived", "a copy"] >= 57
    assert not kinds["derived", "b source"]


def test_a_source_is_not_later_than_what_is_written_from_it() -> None:
    """A text that is older by its date derives from nothing newer: then the passages only say that both have a source in common."""
    rng = Random(3)
    source = EVENT[0]
    copy = rewritten(rng, source)
    later, earlier = "2026-05-03", "2026-05-01"

    assert one(plain_document("a", copy, published=later), plain_document("b", source, published=earlier)).kind is RelationKind.DERIVED
    assert one(plain_document("a", copy, published=earlier), plain_document("b", source, published=later)).source != "a"


def test_the_same_text_twice() -> None:
    """Equal texts are one payload; of two outlets nearly equal ones are near-duplicates, of one outlet another version."""
    text = article(Random(1))
    changed = edited(Random(2), text, 0.05)

    assert one(plain_document("a", text), plain_document("b", text)).kind is RelationKind.SAME_PAYLOAD
    assert (
        one(plain_document("a", text, outlet="North Post"), plain_document("b", changed, outlet="Bay Herald")).kind
        is RelationKind.NEAR_DUPLICATE
    )
    version = one(plain_document("a", text, outlet="North Post"), plain_document("b", changed, outlet="North Post"))
    assert version.kind is RelationKind.SAME_STORY
    assert "two versions of one article" in version.why
    (pair,) = duplicates([plain_document("a", text, outlet="North Post"), plain_document("b", changed, outlet="North Post")])
    assert pair.version


def test_an_agencys_text_in_a_paper_is_syndicated() -> None:
    """A paper that prints an agency's text and credits it is told from one that wrote on its own; the edge goes from the paper."""
    text = article(Random(1))
    agency = plain_document("agency", text, outlet="Reuters")
    printed = plain_document("paper", edited(Random(2), text, 0.03), outlet="North Post", agency="Reuters")
    mixed = plain_document(
        "mixed", "\n".join([*text.split("\n")[:3], article(Random(9), 25)]), outlet="Bay Herald", credits_=("With inputs from Reuters",)
    )
    own = plain_document("own", article(Random(5)), outlet="South Post")

    kinds = found(agency, printed, mixed, own)
    assert kinds["paper", "agency"] == kinds["mixed", "agency"] == {"syndicated"}
    assert not any("own" in pair for pair in kinds)


@pytest.mark.parametrize(
    ("sentence", "cue"),
    [
        ("The hall was empty, the state news agency BelTA reported.", "state news agency BelTA"),
        ("According to the Kessel Courier, the hall was empty.", "Kessel Courier"),
        ("The hall was empty, officers told the newspaper Kessel Courier.", "newspaper Kessel Courier"),
        ("Зал был пуст, сообщает государственное агентство БелТА.", "государственное агентство БелТА"),
        ("Die Halle war leer, sagte ein Sprecher der Nachrichtenagentur BelTA.", "Nachrichtenagentur BelTA"),
    ],
)
def test_an_outlet_that_is_named_as_source_is_cited(sentence: str, cue: str) -> None:
    """Description and name are the evidence; the edge goes from the text that cites to the outlet's own."""
    outlet = "Kessel Courier" if "Kessel" in sentence else "BelTA"
    relations = relate([plain_document("a", f"{EVENT[1]}\n{sentence}"), plain_document("z", EVENT[0], outlet=outlet)], {})

    assert [(item.source, item.target) for item in relations if item.kind is RelationKind.CITES] == [("a", "z")]
    assert relations[0].evidence[0].words == cue


@pytest.mark.parametrize(
    "sentence", ["The Kessel Courier has 40 employees.", "“I read the Kessel Courier,” he said.", "Photo: Kessel Courier"]
)
def test_an_outlet_that_is_only_mentioned_is_not_cited(sentence: str) -> None:
    """A name without a word of attribution near it, or inside a quotation, is no source."""
    relations = relate([plain_document("a", f"{EVENT[1]}\n{sentence}"), plain_document("z", EVENT[0], outlet="Kessel Courier")], {})

    assert RelationKind.CITES not in {item.kind for item in relations}


def test_a_text_is_not_cited_before_it_was_there() -> None:
    """What was published a day earlier cites nothing that came after."""
    citing = f"{EVENT[1]}\nThis is what the newspaper Kessel Courier reported."
    documents = (
        plain_document("a", citing, published="2026-05-01"),
        plain_document("z", EVENT[0], outlet="Kessel Courier", published="2026-05-02"),
    )

    assert RelationKind.CITES not in {item.kind for item in relate(documents, {})}


def test_two_that_cite_one_third_have_a_common_source() -> None:
    """Both name the agency and have its saying in two translations: neither took it from the other."""
    first = f"{EVENT[1]}\n“They turned away from the gate and walked to the northern harbour,” he said, according to the news agency BelTA."
    second = (
        f"{EVENT[2]}\nThe state news agency BelTA quoted him as saying: “So they turned at the gate and went to the harbour in the north.”"
    )

    (relation,) = related([plain_document("a", first), plain_document("b", second)]).relations
    assert relation.kind is RelationKind.COMMON_SOURCE
    assert {"cue", "quote"} == {proof.kind for proof in relation.evidence}


@pytest.mark.parametrize(
    "text",
    [
        "x" * 300_000,
        "a " * 100_000,
        '"' * 100_000,
        "“" * 10_000 + "”" * 10_000,
        "Reuters said " * 20_000,
        "the cat sat on the mat\n" * 8_000,
        "",
    ],
    ids=["no space", "one word", "marks", "nested", "names", "refrain", "empty"],
)
def test_hostile_texts_cost_no_more_than_their_length(text: str) -> None:
    """A text of any shape is compared with itself, changed by one word, and with an article, without an error."""
    documents = [plain_document("a", text), plain_document("b", f"{text} end"), plain_document("c", EVENT[0])]
    started = time.process_time()
    relate(documents, {})
    duplicates(documents)

    assert time.process_time() - started < 60  # a guard against quadratic work: the slowest takes 3 seconds


def test_shared_passages_lie_in_both_texts() -> None:
    """Each passage has the same words on both sides, and none overlaps another."""
    left, right = plain_document("a", EVENT[0]), plain_document("b", rewritten(Random(1), EVENT[0]))
    passages = shared_passages(left, right, 4)

    assert len(passages) > 5
    for ours, theirs in passages:
        assert left.text[slice(*ours)].split()[0].casefold() == right.text[slice(*theirs)].split()[0].casefold()
    assert all(first[0][1] <= second[0][0] for first, second in combinations(passages, 2))
