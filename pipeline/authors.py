"""Who signed: names out of the strings that pages use for authors, and what kind of signer each is.

``split(byline)`` gives the names in one string; ``author(name, outlet)`` types one.  An address, a handle or a number is not a name and
gives nothing.  Names keep their own spelling and case: title-casing them is a fault of other tools (text.md §6).
"""

import re
from collections.abc import Iterable
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from archive.records import Author
from pipeline.lexicon import alternatives, words
from pipeline.markup import squeeze

_ADDRESS = re.compile(r"https?:|www\.|\S@\S|^[@/]")
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_BEFORE = re.compile(rf"^(?:(?:{alternatives('metadata', 'before')})(?:\s*:\s*|\s+))+", re.IGNORECASE)
_AFTER = re.compile(rf"\s+(?:{alternatives('metadata', 'after')})$")
_JOINS = re.compile(rf"\s*[;|/]\s*|\s+(?:{alternatives('metadata', 'joins')})\s+", re.IGNORECASE)
_COMMA = re.compile(r"\s*[,،、]\s*")
_MARKED = XPath(
    "(//*[@rel='author' or @itemprop='author'] | //*[contains(@class, 'byline') or contains(@class, 'author')])"
    "[not(ancestor-or-self::footer or ancestor-or-self::aside or ancestor::*[contains(@class, 'comment')])]"
)
_NO_NAME = re.compile(r"\W|^the\b")
_HOUSE_ENDS = frozenset({"", "com", "de", "net", "org", "online", "digital"})  # "example.com", "Example Online"
_LONGEST = 80
_LONGEST_LINE = 120
_MOST_WORDS = 5


def split(byline: str) -> tuple[str, ...]:
    """The names in one byline, without "By" and titles in brackets; empty when it holds no name."""
    line = _PARENTHESIS.sub("", squeeze(byline))
    if _ADDRESS.search(line):
        return ()
    names = [part for piece in _JOINS.split(line) for part in _by_comma(piece)]
    return tuple(dict.fromkeys(filter(None, map(_name, names))))


def _by_comma(piece: str) -> list[str]:
    # In "Lea Roe, Nairobi" and "Lea Roe, PhD" the end is no name, and "Roe, Lea" is one: a part of its own is an agency or has two words.
    first, *rest = _COMMA.split(_BEFORE.sub("", piece))
    if not _stands_alone(first):
        return [piece]
    return [first, *filter(_stands_alone, rest)]


def _stands_alone(part: str) -> bool:
    return " " in part or part.casefold() in words("metadata", "agencies")


def _name(text: str) -> str | None:
    name = _AFTER.sub("", _BEFORE.sub("", text)).strip(" .,:-–—|")
    if not name or len(name) > _LONGEST or not any(map(str.isalpha, name)):
        return None
    return name


def author(name: str, houses: Iterable[str], *, organization: bool = False) -> Author:
    """``name`` with its type; ``houses`` are the outlet's names, ``organization`` is what the page's own markup says of the signer."""
    folded = name.casefold()
    if folded.partition(" in ")[0] in words("metadata", "agencies"):
        return Author(name=name, type="agency")
    if any(_same_house(folded, house.casefold()) for house in houses):
        return Author(name=name, type="outlet")
    if set(re.findall(r"\w+", folded)) & set(words("metadata", "teams")):
        return Author(name=name, type="team")
    return Author(name=name, type="outlet" if organization else "person")


def _same_house(name: str, house: str) -> bool:
    bare, plain = (_NO_NAME.sub("", text) for text in (name, house))
    return bool(plain) and bare.removeprefix(plain) in _HOUSE_ENDS and bare.startswith(plain)


def visible_byline(tree: HtmlElement) -> tuple[str, ...]:
    """The names in the first element that is marked as the article's byline and reads like one; empty without any."""
    for element in cast(list[HtmlElement], _MARKED(tree)):
        line = squeeze(element.text_content())
        if len(line) <= _LONGEST_LINE and (names := split(line)) and all(map(_plain, names)):
            return names
    return ()


def _plain(name: str) -> bool:
    return 1 < len(name.split()) <= _MOST_WORDS and not any(map(str.isdigit, name)) and not name.startswith("The ")
