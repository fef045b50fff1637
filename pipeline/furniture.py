"""Page furniture: what only the markup gives away among the paragraphs that the extractor took for the article.

``furniture(blocks, passages, titles)`` says for the index of a passage which rule takes it:

* ``headline``: one of the page's titles, or a heading at the top that ends with one (a kicker before it in the same element).
* ``link-only``: a paragraph that is a link from end to end is the teaser of another article.  List items and headings are spared, because
  in lists of products and books they are the text (text.md §3: +.0014 on news, −.0034 on other pages without that exception).
* ``widget``: a short block in an element whose class calls it a newsletter box, a menu or the like (``rules/furniture.yaml``).

Measured on the 308 pages after all text rules: link-only +.0033 and +.0024 F1, widget +.0012 and +.0003.
A passage that no visible block matches is left alone.
"""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from pipeline.blocks import Visible, key
from pipeline.lexicon import words

_TOP = 3  # passages in which a headline can stand
_KICKER = 60  # letters and digits before the title in its element
_HEADINGS = frozenset({"h1", "h2", "h3"})
_PARAGRAPHS = frozenset({"p", "div", "section", "aside"})
_LINKED = 0.8
_FEWEST_WORDS = 4
_MOST_WORDS = 60  # a longer block is text, whatever it stands in
_AROUND = 3  # the element and two around it
_ROOMS = frozenset({"html", "body", "main", "article"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = re.compile(r"[a-z]+")


def furniture(blocks: Sequence[Visible], passages: Sequence[str], titles: Sequence[str]) -> dict[int, str]:
    """The rule that takes each passage that is furniture, by the passage's index."""
    by_key = {block.key: block for block in reversed(blocks)}
    headlines = {key(title) for title in titles} - {""}
    found = {}
    for number, passage in enumerate(passages):
        block = by_key.get(key(passage))
        if number < _TOP and _is_headline(key(passage), block, headlines):
            found[number] = "headline"
        elif block is not None and (rule := _rule(block)):
            found[number] = rule
    return found


def _is_headline(folded: str, block: Visible | None, headlines: set[str]) -> bool:
    if folded in headlines:
        return True
    heading = block is not None and block.element.tag in _HEADINGS
    return heading and any(folded.endswith(headline) and len(folded) - len(headline) <= _KICKER for headline in headlines)


def _is_link_list(block: Visible) -> bool:
    """Whether a list item stands in a list of nothing but links to other articles."""
    parent = block.element.getparent()
    if block.element.tag != "li" or parent is None:
        return False
    items = [item for item in parent if item.tag == "li"]
    return all(_linked(item) >= _LINKED for item in items)


def _linked(item: HtmlElement) -> float:
    text = len("".join(item.itertext()).strip())
    return sum(len("".join(link.itertext()).strip()) for link in item.iter("a")) / text if text else 1.0


def _rule(block: Visible) -> str | None:
    size = len(block.text.split())
    if block.link_share >= _LINKED and size >= _FEWEST_WORDS and block.element.tag in _PARAGRAPHS:
        return "link-only"
    if block.link_share >= _LINKED and size >= _FEWEST_WORDS and _is_link_list(block):
        return "link-list"
    if size < _MOST_WORDS and _in_widget(block.element):
        return "widget"
    return None


def _in_widget(element: HtmlElement) -> bool:
    names = set(words("furniture", "widgets"))
    for around in (element, *element.iterancestors())[:_AROUND]:
        if around.tag in _ROOMS:
            return False
        marks = f"{around.get('class') or ''} {around.get('id') or ''}"
        if names & set(_NAME.findall(_CAMEL.sub(" ", marks).lower())):
            return True
    return False
