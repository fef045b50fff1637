"""Documents out of plain files."""

from pathlib import Path

import yaml

from archive.records import Seed
from pipeline.plaindocuments import document_of, documents_of, place_of
from pipeline.seedfiles import load
from pipeline.seeds import read_seed

TEXT = """The Bridge Is Shut

May 12, 2026

ULSA LANDING, 12 May (Reuters) – The bridge over the sound was shut on Tuesday after engineers had found a crack in one of its piers.

Two ferries sail instead, the minister said, and they will go on sailing until the pier has been mended by the engineers.

With inputs from AP
"""


def seed(text: str | None) -> Seed:
    """A text file's seed."""
    return Seed(id="bridge", kind="text", source="bridge.txt", text=text)


def test_a_text_becomes_a_document() -> None:
    """Headline, date, agencies and body are apart; the text is the body's paragraphs, and the file's text is kept."""
    (document,) = documents_of([seed(TEXT)])

    assert (document.capture, document.title, document.published) == ("bridge", "The Bridge Is Shut", "2026-05-12")
    assert document.text.split("\n") == [block.text for block in document.blocks]
    assert all(document.text[block.start : block.end] == block.text for block in document.blocks)
    assert set(document.agencies) == {"Reuters", "AP"}
    assert {candidate.place for candidate in document.candidates} == {"text:dateline", "text:credit"}
    assert document.original == TEXT


def test_a_seed_without_a_text_gives_none() -> None:
    """A URL alone is no document."""
    assert documents_of([seed(None)]) == ()


def test_offsets_lead_back_to_the_file() -> None:
    """A character of an unrepaired paragraph is found in the file."""
    reading = read_seed(seed(TEXT))
    document = document_of(seed(TEXT), reading)
    offset = document.text.index("ferries")
    place = place_of(document, reading).in_file(offset)

    assert TEXT[place : place + 7] == "ferries"


def test_the_real_seeds_have_their_paragraphs(shared: Path) -> None:
    """Each seed's document has the body that the acceptance table counts, a doubled one once."""
    wanted = yaml.safe_load((shared / "acceptance" / "seeds.yaml").read_text("utf-8"))["texts"]
    found = {item.capture[:3]: len(item.blocks) for item in documents_of(load([str(shared / "seeds")]).seeds)}

    assert found == {name: entry["body_paragraphs"] for name, entry in wanted.items()}
