"""Second opinions on a text."""

import pytest
from support.pages import make_page

from pipeline.text import document, explained, extractor
from pipeline.thorough import best, sure

STORY = "".join(
    f"<p>The council of Lowmoor met for the {number} time on Monday, and heard, among other things, what the old bridge would cost.</p>"
    for number in ("first", "second", "third", "fourth", "fifth")
)


def test_the_text_that_is_most_like_the_others() -> None:
    """Of three texts the one in the middle is taken; of equal ones, and of one alone, the first."""
    short, middle, long = "a b c d e f g h", "a b c d e f g h i j", "a b c d e f g h i j k l m n o p q r s t"

    assert best([long, middle, short]) == 1
    assert best([middle, middle, short]) == 0
    assert best([long]) == 0


def test_two_that_agree_need_no_third() -> None:
    """Texts whose words are the same are as good as one; a missing sentence is a doubt."""
    text = " ".join(map(str, range(1000)))

    assert sure(text, text.replace(" 7 ", "\n7 "))
    assert not sure(text, " ".join(map(str, range(900))))


def test_a_thorough_text_says_that_it_is_one() -> None:
    """Both modes have a version of their own, so that no edit is seen between them; on a plain page they give the same text."""
    page = make_page(f"<html><head><title>Bridge</title></head><body><article><h1>Bridge</h1>{STORY}</article></body></html>")

    quick, thorough = document(page), document(page, thorough=True)

    assert (quick.extractor, thorough.extractor) == (extractor(), extractor(thorough=True))
    assert quick.extractor != thorough.extractor
    assert quick.text == thorough.text != ""


@pytest.mark.parametrize(("mark", "stays"), [("bottom-remark", False), ("remark", True)])
def test_the_others_can_outvote_the_extractor(mark: str, stays: bool) -> None:  # noqa: FBT001 -- a case
    """A box under the story that the extractor keeps goes where both others leave it out; the ledger says who proposed what is kept."""
    other = "".join(
        f"<p>Flour is dearer by {number} pence, and the bakers of Skerrick say so, loudly, on every market day.</p>" for number in range(4)
    )
    page = make_page(
        f"<html><head><title>Bridge</title></head><body><div class='story'><h1>Bridge</h1>{STORY}{STORY.replace('Monday', 'Friday')}"
        f"<div class='{mark}'>{other}</div></div></body></html>"
    )
    found, ledger = explained(page, thorough=True)

    assert "Flour" in document(page).text
    assert ("Flour" in found.text) is stays
    assert {entry.why.split(",")[0] for entry in ledger if entry.kept} <= {
        "proposed by the extractor",
        "proposed by readability",
        "proposed by the extractor for precision",
    }
