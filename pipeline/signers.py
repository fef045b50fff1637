"""Who signed the article, by every place that says so, and whom to believe.

``signatures(head, houses)`` gives the signers of each place in order of trust: JSON-LD, meta elements, microdata, the byline that a reader
sees, and a name that stands alone before the first paragraph.  ``believed`` takes the first place that names a person or an agency, the
outlet's own name left out; one that only names the outlet or a team counts where no other does.  A visible byline that names all of them
and more goes before: templates put one author of two into JSON-LD.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, cast

from lxml.etree import XPath, iterwalk
from lxml.html import HtmlElement

from archive.records import Author, Candidate
from pipeline import jsonld
from pipeline.authors import author, split
from pipeline.statements import MOST, Head, resolved
from pipeline.whitespace import squeeze

# fmt: off
_METAS = (
    "author", "article:author", "og:author", "og:article:author", "byl", "dc.creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "cxenseparse:author", "articleauthor", "authors",
)
# fmt: on
_LINKS = XPath(".//*[@rel='author']")
_APART = frozenset({"aside", "footer"})
_ENDS = frozenset({"br", "li", "time"})  # of a byline
_MOST_MARKED = 50  # elements that are looked at
_MOST_PARAGRAPHS = 50
_LONGEST_LINE = 120
_LONGEST = 2000  # characters of an element, with white space, that are looked at
_MUCH = 2 * _LONGEST_LINE
_MOST_WORDS = 5
_PARAGRAPH = 150  # characters of a line that is no label
_VISIBLE = "visible:byline"

Signature = tuple[tuple[Author, ...], str]


def signatures(head: Head, houses: Sequence[str]) -> tuple[Signature, ...]:
    """The signers that each place names, with the place."""
    given = [
        *((tuple(_from_node(head, node, houses)), f"{place}:author") for place, node in head.articles if place == "json-ld"),
        *((tuple(author(one, houses) for one in split(said)), f"meta:{name}") for name in _METAS for said in head.metas.get(name, ())),
        *((tuple(_from_node(head, node, houses)), f"{place}:author") for place, node in head.articles if place == "microdata"),
        (tuple(author(one, houses) for one in visible_byline(head)), _VISIBLE),
    ]
    if not any(_names_somebody(signers) for signers, _ in given):
        given.append((tuple(author(one, houses) for one in opening_byline(head.tree)), "visible:opening"))
    return tuple((signers, place) for signers, place in given if signers)


def believed(found: Sequence[Signature]) -> tuple[tuple[Author, ...], str | None]:
    """Who signed, and the place that says so."""
    best = next((one for one in found if _names_somebody(one[0])), None)
    if best is None:
        return found[0] if found else ((), None)
    shown = next((one for one in found if one[1] == _VISIBLE), best)
    more = _folded(best[0]) < _folded(shown[0]) and all(signer.type == "person" and _capital(signer.name) for signer in shown[0])
    signers, place = shown if more else best
    return tuple(signer for signer in signers if signer.type != "outlet"), place


def stated_signers(found: Sequence[Signature]) -> Iterator[Candidate]:
    """Each name as a candidate."""
    for signers, place in found:
        for signer in signers:
            yield Candidate(field="authors", value=signer.name, place=place)


def _names_somebody(signers: Sequence[Author]) -> bool:
    return any(signer.type in {"person", "agency"} for signer in signers)


def _folded(signers: Sequence[Author]) -> frozenset[str]:
    return frozenset(signer.name.casefold() for signer in signers if signer.type != "outlet")


def _from_node(head: Head, article: dict[str, Any], houses: Sequence[str]) -> Iterator[Author]:
    for given in jsonld.listed(article.get("author"))[:MOST]:
        node = resolved(head, given)
        organization = isinstance(node, dict) and "organization" in " ".join(jsonld.types(node))
        for name in split(_full_name(node) or ""):
            yield author(name, houses, organization=organization)


def _full_name(node: Any) -> str | None:
    if isinstance(node, dict) and not node.get("name"):
        parts = (jsonld.text(node.get(key)) for key in ("givenName", "familyName"))
        return " ".join(filter(None, parts)) or jsonld.text(node.get("byline"))
    return jsonld.text(node)


def visible_byline(head: Head) -> tuple[str, ...]:
    """The names in the first element that is marked as the article's byline and reads like one; empty without any."""
    for element in islice(_marked(head), _MOST_MARKED):
        line = _first_line(element)
        if len(line) > _LONGEST_LINE:
            continue
        links = cast(list[HtmlElement], _LINKS(element))
        names = tuple(name for link in links for name in split(link.text_content())) if len(links) > 1 else split(line)
        if names and all(map(_plain, names)):
            return tuple(dict.fromkeys(names))
    return ()


def _marked(head: Head) -> Iterator[HtmlElement]:
    """The elements that are marked as somebody's, in order, save those of footers, boxes and comments."""
    authors = {element for element, relation in head.linked if relation == "author"}
    authors.update(element for element in head.itemized if element.get("itemprop") == "author")
    for element, classes in head.classed:
        if ("byline" in classes or "author" in classes or element in authors) and not _is_apart(element):
            yield element


def _is_apart(element: HtmlElement) -> bool:
    around = element.iterancestors()
    return element.tag in _APART or any(each.tag in _APART or "comment" in (each.get("class") or "") for each in around)


def _first_line(element: HtmlElement) -> str:
    """The words of the element before the first line break, date or list item that has words before it; of a longer line the beginning."""
    words = ""
    for event, part in iterwalk(element, events=("start", "end")):
        if event == "start":
            long = len(words) > _MUCH and (len(words) > _LONGEST or len(squeeze(words)) > _LONGEST_LINE)
            if long or (part.tag in _ENDS and squeeze(words)):
                break
            words += part.text or ""
        elif part is not element:
            words += part.tail or ""
    return squeeze(words)


def opening_byline(tree: HtmlElement) -> tuple[str, ...]:
    """The names in a paragraph that holds nothing else and stands before the first paragraph of text, its neighbour; empty without any."""
    for element in islice(tree.iter("p"), _MOST_PARAGRAPHS):
        line, after = squeeze(element.text_content()), element.getnext()
        if len(line) >= _PARAGRAPH:
            return ()
        if after is not None and after.tag == "p" and len(squeeze(after.text_content())) >= _PARAGRAPH and line[-1:].isalpha():
            names = split(line)
            return names if all(_plain(name) and _capital(name) for name in names) else ()
    return ()


def _capital(name: str) -> bool:
    return all(word[:1].isupper() for word in name.split())


def _plain(name: str) -> bool:
    return 1 < len(name.split()) <= _MOST_WORDS and not any(map(str.isdigit, name)) and not name.startswith("The ")
