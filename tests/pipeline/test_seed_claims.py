"""What the seeds say of one thing, held against the acceptance table that lies beside them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from archive.records import Document, Seed
from archive.relations import FactVerdict, Quote
from pipeline.facts import facts
from pipeline.facts.names import alike
from pipeline.plaindocuments import documents_of
from pipeline.primary import primary
from pipeline.quotes import quotes_of
from pipeline.relations import relate
from pipeline.sentences import fold
from pipeline.utterances import utterances


@pytest.fixture(scope="module")
def table(shared: Path) -> Any:
    return yaml.safe_load((shared / "acceptance/seeds.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def documents(shared: Path) -> tuple[Document, ...]:
    paths = sorted((shared / "seeds").glob("*.txt"))
    return documents_of(Seed(id=path.stem[:3], kind="text", source=path.name, text=path.read_text("utf-8")) for path in paths)


@pytest.fixture(scope="module")
def quotes(documents: tuple[Document, ...]) -> dict[str, tuple[Quote, ...]]:
    return {document.capture: quotes_of(document) for document in documents}


def test_the_seeds_have_one_conflict(documents: tuple[Document, ...], quotes: dict[str, tuple[Quote, ...]], table: Any) -> None:
    """Exactly the conflict of the table is told, as a copy error; the counts that agree are compatible."""
    found = facts(documents, relate(documents, quotes))
    wanted = table["facts"]["conflicts"][0]
    (conflict,) = [fact for fact in found if fact.verdict is FactVerdict.CONFLICT]

    assert conflict.copy_error
    assert wanted["about"].split()[0] in conflict.about
    assert {value.document: int(value.value) for value in conflict.values} == {key: year for key, year in wanted.items() if key != "about"}
    assert any({value.value for value in fact.values} == {"139", "140"} for fact in found)
    assert any(len(fact.values) == 4 and {value.value for value in fact.values} == {"24 h"} for fact in found)


def test_the_seeds_have_the_utterances_of_the_table(
    documents: tuple[Document, ...], quotes: dict[str, tuple[Quote, ...]], table: Any
) -> None:
    """Each saying of the table is one utterance with its speaker and its teller; every utterance is of one matter."""
    found = utterances(documents, quotes)

    for name, wordings in table["utterances"].items():
        holding = [one for one in found if all(_has(one.renderings, document, words) for document, words in wordings.items())]
        assert len(holding) == 1, name
        wanted = table["speakers"][name]
        assert alike((holding[0].speaker or "").split()[-1], wanted["speaker"])
        assert (holding[0].told_by or "none").split()[-1] == wanted.get("told_by", "none")
    assert len(found) == 4  # the table's three, and the answer to the question of the third
    texts = {document.capture: document.text for document in documents}
    assert all(texts[part.document][slice(*part.span)] == part.text for one in found for part in one.renderings)


def _has(renderings: Any, document: str, words: str) -> bool:
    return any(part.document == document and fold(words) in fold(part.text) for part in renderings)


def test_the_seeds_rest_on_the_agency(documents: tuple[Document, ...], quotes: dict[str, tuple[Quote, ...]]) -> None:
    """The report that three others cite is primary; without it its outlet is named and none is."""
    found = primary(documents, relate(documents, quotes), quotes)
    rest = [document for document in documents if document.capture != "002"]

    assert found is not None
    assert found.document == "002"
    assert found.evidence
    assert primary(rest, relate(rest, quotes), quotes) is None
