"""Page furniture: what only the markup gives away among the paragraphs that the extractor took for the article.

``furniture(copies, passages, titles)`` says for the index of a passage which rule takes it:

* ``headline``: one of the page's titles, or a heading at the top that ends with one (a kicker before it in the same element).
* ``link-only``: a paragraph that is a link from end to end is the teaser of another article.  List items and headings are spared, because
  in lists of products and books they are the text (text.md §3: +.0014 on news, −.0034 on other pages without that exception).
* ``widget``: a short block in an element whose class calls it a newsletter box, a menu or the like (``rules/furniture.yaml``), or in a
  link or an address that holds more than it; an embedded post is text.
* ``caption``: a short block in a figure, a quotation in one excepted.
* ``outside``: the last passages, where they stand outside the element that holds the text and look like nothing in it.

A sentence that stands on the page a second time, where no rule takes it, is text: captions and teasers repeat the article.

Measured on the 308 pages after all text rules: link-only +.0033 and +.0024 F1, widget +.0012 and +.0003, before it had its present words;
those, caption and outside together +.0006 (181 full articles) and +.0032 (127 news pages).
A passage that no visible block matches is left alone.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from pipeline.blockkinds import is_post
from pipeline.blocks import Visible, key, names
from pipeline.lexicon import words

_TOP = 3  # passages in which a headline can stand
_KICKER = 60  # letters and digits before the title in its element
_HEADINGS = frozenset({"h1", "h2", "h3"})
_PARAGRAPHS = frozenset({"p", "div", "section", "aside"})
_LINKED = 0.8
_FEWEST_WORDS = 4
_MOST_WORDS = 60  # a longer block is text, whatever it stands in
_AROUND = 3  # the element and two around it
_SENTENCE = 30  # letters and digits of a block that is no label
_CORE = 0.85  # of the text: the share that its own element holds
_FIGURES = frozenset({"figure", "figcaption"})
_MARKED = frozenset({"a", "address"})  # around a whole block: a card that leads elsewhere, somebody's address
_ROOMS = frozenset({"html", "body", "main", "article"})


def matched(blocks: Sequence[Visible], passages: Sequence[str]) -> list[list[Visible]]:
    """The visible blocks that say what each passage says, in order."""
    by_key: dict[str, list[Visible]] = {}
    for each in blocks:
        by_key.setdefault(each.key, []).append(each)
    return [by_key.get(key(passage), []) for passage in passages]


def furniture(copies: Sequence[Sequence[Visible]], passages: Sequence[str], titles: Sequence[str]) -> dict[int, str]:
    """The rule that takes each passage that is furniture, by the passage's index; ``copies`` is what ``matched`` gave for them."""
    headlines = {key(title) for title in titles} - {""}
    shown = [found[0] if found else None for found in copies]
    rules = dict.fromkeys(_outside(shown), "outside")
    for number, (passage, block, same) in enumerate(zip(passages, shown, copies, strict=True)):
        if number < _TOP and _is_headline(key(passage), block, headlines):
            rules[number] = "headline"
        elif block is not None and (rule := _rule(block)) and not any(map(_plain, same)):
            rules[number] = rule
    return rules


def _outside(shown: Sequence[Visible | None]) -> Iterator[int]:
    """The numbers of the last passages outside the element that holds the text, in looks that it does not have."""
    sizes: dict[HtmlElement, int] = {}
    known = [block for block in shown if block is not None]
    for found in known:
        for element in (found.element, *found.element.iterancestors()):
            sizes[element] = sizes.get(element, 0) + len(found.text)
    whole = sum(len(found.text) for found in known)
    # All that hold so much lie in each other, and each comes before those around it: the first of the smallest is the innermost.
    core = min((element for element, size in sizes.items() if size >= _CORE * whole), key=sizes.__getitem__, default=None)
    looks = {_look(found.element) for found in known if _within(found.element, core)}
    for number in range(len(shown) - 1, -1, -1):
        last = shown[number]
        if last is None or _within(last.element, core) or _look(last.element) in looks:
            return
        yield number


def _within(element: HtmlElement, core: HtmlElement | None) -> bool:
    return element is core or any(around is core for around in element.iterancestors())


def _look(element: HtmlElement) -> tuple[object, str | None]:
    return element.tag, element.get("class")


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


def _plain(block: Visible) -> bool:
    """Whether a block is text for all that its markup says: a sentence of the article may come as a caption too."""
    return len(block.key) >= _SENTENCE and block.link_share < _LINKED and _rule(block) is None


def _rule(block: Visible) -> str | None:
    size = len(block.text.split())
    if block.link_share >= _LINKED and size >= _FEWEST_WORDS and block.element.tag in _PARAGRAPHS:
        return "link-only"
    if block.link_share >= _LINKED and size >= _FEWEST_WORDS and _is_link_list(block):
        return "link-list"
    if size < _MOST_WORDS and _in_widget(block.element):
        return "widget"
    if size < _MOST_WORDS and _in_figure(block.element):
        return "caption"
    return None


def _in_figure(element: HtmlElement) -> bool:
    tags = [around.tag for around in (element, *islice(element.iterancestors(), _AROUND))]
    return not _FIGURES.isdisjoint(tags) and "blockquote" not in tags


def _in_widget(element: HtmlElement) -> bool:
    furnishing = set(words("furniture", "widgets"))
    for around in (element, *islice(element.iterancestors(), _AROUND - 1)):
        if around.tag in _ROOMS or is_post(around):
            return False
        if around.tag in _MARKED:
            return True
        if furnishing & names(around):
            return True
    return False
