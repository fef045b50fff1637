"""Who signed: names out of the strings that pages use for authors, and what kind of signer each is.

``split(byline)`` gives the names in one string; ``author(name, houses)`` types one: an agency, the outlet itself, a desk or team of it,
else a person.  An address, a handle or a number is not a name and gives nothing.  Names keep their own spelling and case: title-casing them
is a fault of other tools (text.md §6).  Words: ``rules/metadata.yaml``.
"""

import re
from collections.abc import Iterable

from archive.records import Author
from pipeline.lexicon import alternatives, words
from pipeline.whitespace import squeeze

_ADDRESS = re.compile(r"https?:|www\.|\S@\S|^[@/]")
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_BEFORE = re.compile(rf"^(?:(?:{alternatives('metadata', 'before')})(?:\s*:\s*|\s+))+", re.IGNORECASE)
_AFTER = re.compile(rf"\s+(?:{alternatives('metadata', 'after')})$")
_JOINS = re.compile(rf"\s*[;|/]\s*|\s+(?:{alternatives('metadata', 'joins')})\s+", re.IGNORECASE)
_COMMA = re.compile(r"\s*[,،、]\s*")
_AGENCY = re.compile(
    rf"(?:the )?(?:{alternatives('metadata', 'agencies')})(?: in \b.+|(?:[ -](?:{alternatives('metadata', 'agency_ends')}))*)"
    rf"|.*\b(?:{alternatives('metadata', 'agency_words')})\b.*"
)
_TEAM = re.compile(rf"\b(?:{alternatives('metadata', 'teams')})\b")
_NO_NAME = re.compile(r"\W|^the\b")
_ACCOUNT = re.compile(r"\s\w$")  # of a system's user that is called after the outlet: "Gazette D"
_HOUSE_ENDS = frozenset({"", "com", "de", "net", "org", "online", "digital"})  # "example.com", "Example Online"
_LONGEST = 80
_SHORTEST = 4  # letters of an outlet's name without "News"


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
    return " " in part or is_agency(part)


def _name(text: str) -> str | None:
    name = _AFTER.sub("", _BEFORE.sub("", text)).strip(" .,:-–—|")
    if not name or len(name) > _LONGEST or not any(map(str.isalpha, name)):
        return None
    return name


def author(name: str, houses: Iterable[str], *, organization: bool = False) -> Author:
    """``name`` with its type; ``houses`` are the outlet's names, ``organization`` is what the page's own markup says of the signer."""
    folded = name.casefold()
    if is_agency(name):
        return Author(name=name, type="agency")
    if any(same_house(name, house) for house in houses):
        return Author(name=name, type="outlet")
    if _TEAM.search(folded):
        return Author(name=name, type="team")
    return Author(name=name, type="outlet" if organization else "person")


def is_agency(name: str) -> bool:
    """Whether a name is a wire service's, alone or with its desk, country or place: "Reuters", "AFP Deutschland", "AP in Oslo"."""
    folded = name.casefold()
    # Mia, Una and Petra are people, MIA and UNA wire services.
    return _AGENCY.fullmatch(folded) is not None and (name.isupper() or folded not in words("metadata", "agencies_like_names"))


def same_house(name: str, house: str) -> bool:
    """Whether ``name`` is the outlet's name ``house``, as it is, with "Online" or a country's ending after it, or less its "News"."""
    name = _ACCOUNT.sub("", name)
    bare, plain = (_NO_NAME.sub("", text.casefold().removeprefix("www.")) for text in (name, house))
    longer = plain and bare.startswith(plain) and bare.removeprefix(plain) in _HOUSE_ENDS
    return bool(longer) or (len(bare) >= _SHORTEST and plain == f"{bare}news")
