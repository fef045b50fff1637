"""An outlet's own search: its address template, and the hits on its page.

Contract: pure.  A template is an http URL with ``{words}`` in it, as a person set it or as a page offers it: the ``SearchAction`` of its
JSON-LD, or an OpenSearch description that its head names.  ``hits`` gives the links of a page of hits that lie on its own registered domain
and have three words at least; whether they are about the story is for the caller to say, because every such page also shows its menus.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote_plus

from lxml import etree
from lxml.html import HtmlElement

from archive.kinds import Found
from archive.records import Page
from archive.urls import host, registered_domain
from pipeline import jsonld
from pipeline.listing import Entry, FeedError, refuse_entities
from pipeline.markup import absolute, base, decode, parse
from pipeline.quality import count_words
from pipeline.questions import Answer, Question
from pipeline.whitespace import squeeze

WORDS = "{words}"
DESCRIPTION = "application/opensearchdescription+xml"
_HITS = 200
_FEWEST_WORDS = 3
_LONGEST = 300
_LIMIT = 256 * 1024  # bytes of a description
_FIELD = re.compile(r"\{(?:\w+:)?(\w+)(\?)?\}")
_NAME = re.compile(r"name=([\w-]+)")


def request(template: str, question: Question) -> str | None:
    """The URL that searches for a question's words; None when it has none, or the template makes no URL."""
    asked = f'"{question.phrase}"' if question.phrase else " ".join(question.words)
    return absolute("", template.replace(WORDS, quote_plus(asked))) if asked else None


def offered(tree: HtmlElement, url: str) -> str | None:
    """The template of the SearchAction that a page's JSON-LD describes, on its own registered domain."""
    for node in jsonld.nodes(tree):
        for action in (node, *jsonld.listed(node.get("potentialAction"))):
            if isinstance(action, dict) and "searchaction" in jsonld.types(action) and (template := _action(action, base(tree, url))):
                return template
    return None


def _action(action: dict[str, Any], where: str) -> str | None:
    target = action.get("target")
    target = target.get("urlTemplate") if isinstance(target, dict) else target
    named = _NAME.search(str(action.get("query-input") or ""))
    name = f"{{{named[1] if named else 'search_term_string'}}}"
    if not isinstance(target, str) or name not in target:
        return None
    return _template(target.replace(name, WORDS), where)


def described(tree: HtmlElement, url: str) -> str | None:
    """The address of the OpenSearch description that a page's head names."""
    for element in tree.iter("link"):
        if "search" in (element.get("rel") or "").lower().split() and (element.get("type") or "").strip().lower() == DESCRIPTION:
            return absolute(base(tree, url), element.get("href") or "")
    return None


def read_description(page: Page) -> str | None:
    """The template for pages of hits in an OpenSearch description; FeedError when it is none that can be read."""
    if len(page.body) > _LIMIT:
        raise FeedError(f"a description of {len(page.body)} bytes; the limit is {_LIMIT}")
    refuse_entities(page.body)
    try:
        tree = etree.fromstring(page.body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except (etree.LxmlError, ValueError) as error:
        raise FeedError(f"cannot be read as an OpenSearch description: {error}") from error
    for element in tree.iter("{*}Url"):
        template = _FIELD.sub(_filled, element.get("template") or "")
        if (element.get("type") or "").lower() == "text/html" and element.get("method", "get").lower() == "get" and WORDS in template:
            return _template(template, page.capture.url)
    return None


def _filled(field: re.Match[str]) -> str:
    """What stands for a parameter of OpenSearch 1.1: the words, nothing for an optional one, else the first page of all."""
    if field[1] == "searchTerms":
        return WORDS
    if field[2]:
        return ""
    return {"inputEncoding": "UTF-8", "outputEncoding": "UTF-8", "language": "*", "count": "20"}.get(field[1], "1")


def _template(text: str, where: str) -> str | None:
    """A template on the domain of the page that offers it; somebody else's search engine is not what was asked for."""
    url = absolute(where, text.replace(WORDS, "WORDS"))
    if url is None or registered_domain(host(url)) != registered_domain(host(where)):
        return None
    return url.replace("WORDS", WORDS)


def hits(page: Page) -> Answer:
    """What a page of hits links to on its own outlet."""
    tree = parse(decode(page.body, page.charset).text)
    if tree is None:
        return Answer(problem="the search answered with something that is no page")
    entries = tuple(_hits(tree, page.capture.url))
    return Answer(found=Found.SEARCH, entries=entries, cut=f"the first {_HITS} links are read" if len(entries) == _HITS else None)


def _hits(tree: HtmlElement, url: str) -> Iterator[Entry]:
    where, outlet = base(tree, url), registered_domain(host(url))
    seen: set[str] = set()
    for anchor in tree.iter("a"):
        address, words = absolute(where, anchor.get("href") or ""), squeeze(anchor.text_content())
        fits = address and address not in seen and len(words) <= _LONGEST and count_words(words) >= _FEWEST_WORDS
        if fits and address and address != url and registered_domain(host(address)) == outlet:
            seen.add(address)
            yield Entry(url=address, title=words)
            if len(seen) >= _HITS:
                return


def templates(setting: str) -> tuple[Sequence[str], Sequence[str]]:
    """What the setting names, separated by blanks: templates, and hosts whose pages are asked for theirs; ValueError for neither."""
    named = setting.split()
    for word in named:
        is_template = word.startswith(("http://", "https://")) and WORDS in word
        if not is_template and not re.fullmatch(r"[\w.-]+", word):
            raise ValueError(f"{word!r} is neither a host nor a URL with {WORDS} in it")
    return [word for word in named if WORDS in word], [word.lower() for word in named if WORDS not in word]
