"""The tree of a page, and what of it the extractor is given."""

from support.pages import make_page

from pipeline.markup import lightened, parse
from pipeline.text import document

STORY = "".join(
    f"<p>On day {day} the council of Lowmoor heard what the old bridge would cost, and put the matter off.</p>" for day in range(9)
)


def test_menus_are_out_of_the_tree_for_a_while() -> None:
    """Inside the block menus, footers, buttons and pictures are gone, with their words; after it each is below the same elements again."""
    tree = parse(
        f"<html><body><div><nav><a>Home</a></nav>tail<h1>Bridge</h1>{STORY}<img src=x></div><footer>Imprint</footer></body></html>"
    )
    assert tree is not None
    (link,) = tree.iter("a")
    around = [element.tag for element in link.iterancestors()]

    with lightened(tree):
        assert {element.tag for element in tree.iter()} == {"html", "body", "div", "h1", "p"}
        assert "Home" not in tree.text_content()
        assert "tail" in tree.text_content()

    assert [element.tag for element in link.iterancestors()] == around == ["nav", "div", "body", "html"]
    assert "Imprint" in tree.text_content()


def test_a_menu_that_was_never_closed_keeps_the_article() -> None:
    """Broken markup puts the whole article into its menu: what holds a headline is no menu, and the text is read."""
    page = f"<html><head><title>Bridge</title></head><body><nav><a href=/>Home</a><div><h1>Bridge</h1>{STORY}</div></body></html>"
    tree = parse(page)
    assert tree is not None

    with lightened(tree):
        assert "day 8" in tree.text_content()
    assert "day 8" in document(make_page(page)).text
