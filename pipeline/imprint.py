"""What a page says of its house: outlet, section, language, address, keywords, and whose the text is.

Each function gives the candidates of one field, the best first.  A section is a short label; a title or a long text in its place is none.
Rights come as the page words them: a notice, a holder, or the line with "©" that a reader sees last; licence and year are fields of
their own, because a holder and a year from two places make no notice.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, cast

from lxml.etree import XPath

from archive.records import Candidate
from archive.urls import BadUrl, host, registered_domain
from pipeline import jsonld
from pipeline.authors import same_house
from pipeline.lexicon import words
from pipeline.markup import absolute, base
from pipeline.statements import LONGEST, MOST, Head, metas_named, resolved, stated, stated_each
from pipeline.whitespace import squeeze

_RIGHTS = ("dcterms.rights", "dc.rights", "copyright", "rights")
_SECTIONS = ("article:section", "og:article:section", "og:section", "parsely-section", "articlesection", "section", "content_category")
_KEYWORDS = ("news_keywords", "keywords", "article:tag", "sailthru.tags", "parsely-tags")
_WORDS = XPath("//text()", smart_strings=False)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_HOLDER = re.compile(r"©|\([^()]*\)|\bcopyright\b|\b(?:19|20)\d\d\b", re.IGNORECASE)  # what a notice has beside its holder
_LONGEST_NOTICE = 200
_LONGEST_SECTION = 60


def outlets(head: Head) -> Iterator[Candidate]:
    """The outlet's name."""
    yield from stated(head, "outlet", "publisher")
    yield from metas_named(head, "outlet", ("og:site_name", "application-name", "dc.publisher"))


def domain_names(url: str) -> tuple[str, ...]:
    """What the outlet may be called after its address: "example" and "example.com"; empty for an address that has no name."""
    try:
        domain = registered_domain(host(url))
    except BadUrl:
        return ()
    return (domain.partition(".")[0], domain)


def sections(head: Head, houses: Sequence[str], titles: Iterable[str] = ()) -> Iterator[Candidate]:
    """The part of the paper, as labels and by the path of sections; one of the outlet's names or of the page's titles is no section."""
    others = {*(title.casefold() for title in titles), *words("metadata", "home")}
    for candidate in (*stated_each(head, "section", "articleSection"), *metas_named(head, "section", _SECTIONS), *_path(head)):
        label = candidate.value
        if len(label) <= _LONGEST_SECTION and label.casefold() not in others and not any(same_house(label, house) for house in houses):
            yield candidate


def _path(head: Head) -> Iterator[Candidate]:
    """The steps of a BreadcrumbList; its last is often the article itself."""
    for node in head.nodes:
        if "breadcrumblist" in jsonld.types(node):
            steps = [step for step in jsonld.listed(node.get("itemListElement"))[:MOST] if isinstance(step, dict)]
            for step in steps:
                if label := jsonld.text(step.get("name")) or jsonld.text(_item(head, step)):
                    yield Candidate(field="section", value=label, place="json-ld:BreadcrumbList")
            return


def _item(head: Head, step: dict[str, Any]) -> Any:
    item = resolved(head, step.get("item"))
    return item if isinstance(item, dict) else None


def languages(head: Head) -> Iterator[Candidate]:
    """The language as a primary subtag in lower case."""
    declared = Candidate(field="language", value=head.tree.get("lang") or head.tree.get("xml:lang") or "", place="html:lang")
    metas = metas_named(head, "language", ("content-language", "language", "dc.language", "og:locale"))
    for candidate in (declared, *metas, *stated(head, "language", "inLanguage")):
        subtag = candidate.value.replace("_", "-").split("-")[0].split(",")[0].strip().lower()
        if subtag.isascii() and subtag.isalpha() and len(subtag) in {2, 3}:
            yield Candidate(field="language", value=subtag, place=candidate.place)


def canonicals(head: Head) -> Iterator[Candidate]:
    """The address that the page gives itself, absolute."""
    links = (
        Candidate(field="canonical", value=link.get("href") or "", place="link:canonical")
        for link, relation in head.linked
        if link.tag == "link" and "canonical" in relation.lower().split()
    )
    for candidate in (*links, *metas_named(head, "canonical", ("og:url",))):
        if address := absolute(base(head.tree, head.url), candidate.value):
            yield Candidate(field="canonical", value=address, place=candidate.place)


def rights(head: Head) -> Iterator[Candidate]:
    """Whose the text is, as the page words it."""
    yield from stated(head, "rights", "copyrightNotice")
    yield from metas_named(head, "rights", _RIGHTS)
    yield from stated(head, "rights", "copyrightHolder")
    notices = (text for text in reversed(cast(list[str], _WORDS(head.tree))) if "©" in text or "Copyright 2" in text)
    for text in islice(notices, MOST):
        # Without a year it may be the credit of a picture: "© Reuters".
        if len(line := squeeze(text)) <= _LONGEST_NOTICE and line.startswith(("©", "Copyright ")) and _YEAR.search(line) and _holder(line):
            yield Candidate(field="rights", value=line.rstrip(" ,"), place="visible:rights")


def holders(head: Head) -> Iterator[str]:
    """The names of those who hold the rights, out of the notices that the page's data give."""
    for candidate in (*metas_named(head, "rights", _RIGHTS), *stated(head, "rights", "copyrightHolder")):
        if name := _holder(candidate.value):
            yield name


def _holder(notice: str) -> str:
    return _HOLDER.sub("", notice).strip(" .,-–")


def licences(head: Head) -> Iterator[Candidate]:
    """Under which licence: an address or words."""
    yield from stated(head, "license", "license", "usageInfo")
    where = base(head.tree, head.url)
    links = (element for element, relation in head.linked if relation == "license" and element.tag in {"a", "link"})
    for link in islice(links, MOST):
        if address := absolute(where, link.get("href") or ""):
            yield Candidate(field="license", value=address, place="link:license")


def years(head: Head) -> Iterator[Candidate]:
    """The year of the copyright."""
    for _, node in head.articles:
        if isinstance(year := node.get("copyrightyear"), int) and not isinstance(year, bool):
            yield Candidate(field="copyright_year", value=str(year), place="json-ld:copyrightYear")
    yield from stated(head, "copyright_year", "copyrightYear")


def keywords(head: Head) -> Iterator[Candidate]:
    """What the page is about in its own words, all of a place as one string."""
    found: dict[str, list[str]] = {}
    for candidate in (*stated_each(head, "keywords", "keywords"), *metas_named(head, "keywords", _KEYWORDS)):
        found.setdefault(candidate.place, []).append(candidate.value)
    for place, values in found.items():
        yield Candidate(field="keywords", value=", ".join(values)[:LONGEST], place=place)
