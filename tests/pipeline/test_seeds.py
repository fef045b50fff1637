"""Reading seeds: the acceptance table on the real texts, the demo newsroom's texts, and rows that state things themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from archive.records import Seed
from pipeline.seedfiles import load
from pipeline.seeds import SeedReading, read_seed, row

NEWSROOM = Path(__file__).parents[2] / "copytrail" / "newsroom"


def plain(text: str) -> str:
    """Quotes made equal: the tables do not care which apostrophe a text has."""
    return text.replace("’", "'")


def reads_as(reading: SeedReading, wanted: dict[str, Any]) -> None:
    """Hold a reading against an entry of an acceptance table: what it does not name is null or empty."""
    said = row(reading)
    for field in ("headline", "outlet", "outlet_domain", "caption", "rights", "original_url", "dateline"):
        assert said[field] == wanted.get(field), field
    assert said["published"] == (str(wanted["published"]) if "published" in wanted else None)
    assert said["related_leads"] == wanted.get("related_leads", [])
    assert said["credits"] == wanted.get("credits", [])
    assert said["repeated_paragraphs"] == wanted.get("repeated_paragraphs", 0)
    assert len(said["body"]) == wanted["body_paragraphs"]
    removed = [plain(entry["text"]) for entry in said["removed"]]
    assert {plain(text) for text in wanted.get("removed", [])} <= set(removed)
    for prefix in wanted.get("removed_prefix", []):
        assert any(text.startswith(plain(prefix)) for text in removed)
    for repaired in wanted.get("repaired_text", []):
        assert any(repaired in paragraph for paragraph in said["body"])


@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_the_real_seeds_read_as_the_acceptance_table_says(shared: Path, name: str) -> None:
    """Every field of the table holds on the text that it was written for, and nothing of the text is lost."""
    wanted = yaml.safe_load((shared / "acceptance" / "seeds.yaml").read_text("utf-8"))["texts"][name]
    (seed,) = load([str(next((shared / "seeds").glob(f"{name}_*")))]).seeds

    reading = read_seed(seed)

    assert reading.id.startswith(name)
    reads_as(reading, {key: value for key, value in wanted.items() if value is not None})
    assert seed.text is not None
    spans = [(span.start, span.end) for span in reading.passages] + [(span.start, span.end) for span in reading.removed]
    lost = [character for at, character in enumerate(seed.text) if not any(start <= at < end for start, end in spans)]
    assert not "".join(lost).strip()


@pytest.mark.parametrize(
    "wanted", list(yaml.safe_load((NEWSROOM / "expected.yaml").read_text("utf-8"))["seeds"].items()), ids=lambda entry: entry[0]
)
def test_the_newsroom_seeds_read_as_expected(wanted: tuple[str, dict[str, Any]]) -> None:
    """The demo's five texts, with the residue of real ones, give what their author says."""
    name, fields = wanted
    (seed,) = load([str(NEWSROOM / "seeds" / f"{name}.txt")]).seeds

    reads_as(read_seed(seed), fields)


def test_a_row_of_a_table_goes_before_its_text() -> None:
    """Title, date and URL that a table states are believed; the text still gives its body, without the copy of the title."""
    seed = Seed(
        id="table:2",
        kind="row",
        source="table.csv",
        text="Bridge Will Open in May\nMarch 9, 2024\nThe old swing bridge at Ferrydale will open to carts again in May, the board said.",
        title="Bridge will open in May",
        published="2024-03-03T10:00:00Z",
        url="https://ledger.example/2024/03/03/bridge",
    )

    reading = read_seed(seed)

    assert reading.headline == "Bridge will open in May"
    assert reading.published == "2024-03-03"
    assert reading.original_url == "https://ledger.example/2024/03/03/bridge"
    assert reading.outlet_domain == "ledger.example"
    assert reading.body == ("The old swing bridge at Ferrydale will open to carts again in May, the board said.",)


def test_a_seed_without_text_has_its_url_and_nothing_else() -> None:
    """A URL is a seed that says nothing yet."""
    reading = read_seed(Seed(id="u", kind="url", source="u", url="https://ledger.example/a"))

    assert (reading.original_url, reading.headline, reading.body) == ("https://ledger.example/a", None, ())


def test_the_words_of_the_text_tell_how_its_url_was_cut() -> None:
    """Where both halves are words of the text, a hyphen is likelier than nothing."""
    text = "The bridge opens in May, the harbour master said on Sunday.\n\nOriginal url: https://ledger.example/bridge opens-may"

    reading = read_seed(Seed(id="t", kind="text", source="t", text=text))

    assert reading.original_url == "https://ledger.example/bridge-opens-may"
    assert reading.url_candidates[:2] == ("https://ledger.example/bridge-opens-may", "https://ledger.example/bridgeopens-may")


def test_a_row_of_output_is_json() -> None:
    """The row of ``read --json`` holds plain values under the names that the command promises."""
    reading = read_seed(
        Seed(
            id="t", kind="text", source="t", text="FERRYDALE (AP) — The bridge opens in May, the board said.\n\nShare. Exit mobile version"
        )
    )

    said = json.loads(json.dumps(row(reading)))

    assert " ".join(said) == (
        "id headline outlet outlet_domain published dateline caption credits rights related_leads original_url body"
        " repeated_paragraphs removed"
    )
    assert said["dateline"] == {"place": "FERRYDALE", "date": None, "agency": "AP"}
    assert [(entry["text"], entry["rule"]) for entry in said["removed"]] == [
        ("FERRYDALE (AP) —", "dateline"),
        ("Share.", "share-bar"),
        ("Exit mobile version", "share-bar"),
    ]
