"""Residue of scraped texts: what is taken, what stays, and that nothing is lost on the way."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.residue import Cleaned, Context, clean

TABLE = yaml.safe_load((Path(__file__).parent / "cases" / "residue.yaml").read_text("utf-8"))
PARAGRAPHS: dict[str, str] = TABLE["paragraphs"]


def told(text: str) -> str:
    """The text of a case: {A} stands for a paragraph."""
    for name, paragraph in PARAGRAPHS.items():
        text = text.replace(f"{{{name}}}", paragraph)
    return text


def put_together(original: str, cleaned: Cleaned) -> list[str]:
    """The passages, made again from the original and the offsets alone."""
    gone = {at for removal in cleaned.removed for at in range(removal.start, removal.end)}
    added = {insertion.at: insertion.text for insertion in cleaned.inserted}
    return [
        "".join(added.get(at, "") + ("" if at in gone else original[at]) for at in range(block.start, block.end))
        for block in cleaned.blocks
    ]


def unaccounted(original: str, cleaned: Cleaned) -> str:
    """The characters in no passage and no removal."""
    spans = [(span.start, span.end) for span in cleaned.blocks] + [(span.start, span.end) for span in cleaned.removed]
    taken = {at for start, end in spans for at in range(start, end)}
    return "".join(character for at, character in enumerate(original) if at not in taken)


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_seed_reads_as_its_case_says(case: dict[str, Any]) -> None:
    """Each case of the table gives its fields, and no field that it does not name."""
    original = told(case["text"])

    cleaned = clean(original, context=Context.SEED)

    assert [block.text for block in cleaned.blocks] == [entry[1:] if entry[0] == "=" else PARAGRAPHS[entry] for entry in case["body"]]
    filed = cleaned.dateline and {"place": cleaned.dateline.place, "date": cleaned.dateline.date, "agency": cleaned.dateline.agency}
    assert filed == case.get("dateline")
    for field in ("headline", "published", "caption", "rights", "outlet"):
        assert getattr(cleaned, field) == case.get(field), field
    for field in ("credits", "related", "links"):
        assert getattr(cleaned, field) == tuple(case.get(field, ())), field
    assert cleaned.original == ((case["original"],) if "original" in case else ())
    assert cleaned.repeated == case.get("repeated", 0)
    assert set(case.get("removed", ())) <= {removal.text for removal in cleaned.removed}
    assert put_together(original, cleaned) == [block.text for block in cleaned.blocks]
    assert not unaccounted(original, cleaned).strip()


@pytest.mark.parametrize("case", TABLE["lines"], ids=lambda case: f"{case['line']} {case.get('at', 'inside')}")
def test_line_of_a_page(case: dict[str, str]) -> None:
    """A line inside or after an article goes by the rule that its case names, and a line like it that is text stays."""
    text = told(f"{{A}}\n{case['line']}" if case.get("at") == "end" else f"{{A}}\n{case['line']}\n{{B}}")

    cleaned = clean(text, context=Context.PAGE)

    assert [(removal.rule, removal.text) for removal in cleaned.removed] == ([(case["rule"], case["line"])] if "rule" in case else [])


PIECES = st.sampled_from(
    [
        *PARAGRAPHS.values(),
        *(part for case in TABLE["cases"] for part in told(case["text"]).splitlines()),
        "Share.",
        "<b>",
        "</p>",
        "&amp;",
        "&nbsp;",
        "\xad",
        "Original url:",
        "https://ledger.example/a",
        "Related:",
        "©",
        "(",
        " ",
        "\xa0",
    ]
)
TEXTS = st.one_of(
    st.lists(st.tuples(PIECES, st.sampled_from(["\n", "\r\n", "\n\n", " ", "", "\u2028", "\t"])), max_size=12).map(
        lambda parts: "".join(piece + sign for piece, sign in parts)
    ),
    st.text(max_size=400),
)


@given(text=TEXTS, context=st.sampled_from(Context))
def test_nothing_is_lost(text: str, context: Context) -> None:
    """Whatever the text: body, removals and white space are the whole of it, and the offsets give each passage back."""
    cleaned = clean(text, context=context)

    assert not unaccounted(text, cleaned).strip()
    assert all(text[removal.start : removal.end] == removal.text for removal in cleaned.removed)
    assert put_together(text, cleaned) == [block.text for block in cleaned.blocks]
    spans = [(removal.start, removal.end) for removal in cleaned.removed]
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
