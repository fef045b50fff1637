"""What a page says about its article, field by field, with the place each value was read from.

``metadata(tree, url, captured, headers)`` collects every candidate of every field and takes the first: JSON-LD before microdata and meta
elements, those before visible text, and htmldate only where nothing states a date (measured order, text.md §6: dates 98.1 % right against
88–97 % for any one source).  The rules of a field are in its module: ``pipeline.titles``, ``signers``, ``published``, ``imprint``,
``access``, ``agencies``.  Nothing is guessed: a field that no place states is None.

``provenance`` maps a field to its place: ``json-ld:headline``, ``microdata:author``, ``meta:og:title``, ``visible:h1``,
``link:canonical``, ``header:x-robots-tag``, ``markup:CLASS``, ``url``, ``htmldate``, ``text``.  ``candidates`` keeps all, in order of
preference, each value of a place once; ``doubts`` names the dates that contradict each other, and says where there were more candidates
than are kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml.html import HtmlElement

from archive.records import Author, Candidate
from pipeline import access, imprint, jsonld, published
from pipeline.agencies import credited, distinct, named
from pipeline.residue import Cleaned
from pipeline.signers import Signature, believed, signatures, stated_signers
from pipeline.statements import Head, metas_named, read_head, stated
from pipeline.titles import titles

_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "dcterms.description", "sailthru.description")
_MOST = 24  # candidates of one field that are kept
_MOST_WORDS = 7  # digits of a count of words


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The page's own statements; dates ISO 8601 as exact as the page."""

    title: str | None = None
    authors: tuple[Author, ...] = ()
    agencies: tuple[str, ...] = ()
    outlet: str | None = None
    section: str | None = None
    published: str | None = None
    modified: str | None = None
    expires: str | None = None
    language: str | None = None  # primary subtag, lower case
    canonical: str | None = None  # absolute
    rights: str | None = None
    kinds: frozenset[str] = frozenset()  # types of the JSON-LD nodes, in lower case
    og_article: bool = False  # og:type is article: said on many pages that are none
    free: bool | None = None  # isAccessibleForFree of the article
    paywall: bool | None = None
    noarchive: bool = False
    words: int | None = None  # of the article, as JSON-LD states it
    doubts: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    candidates: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)

    def values(self, name: str) -> tuple[str, ...]:
        """All distinct candidates of one field, best first."""
        return tuple(dict.fromkeys(candidate.value for candidate in self.candidates.get(name, ())))

    def every(self) -> tuple[Candidate, ...]:
        """All candidates of all fields, by field, best first."""
        return tuple(candidate for name in sorted(self.candidates) for candidate in self.candidates[name])


def metadata(tree: HtmlElement, url: str, captured: datetime, headers: Sequence[tuple[str, str]] = ()) -> Metadata:
    """The metadata of the page at ``url``, captured at ``captured``, which no date may exceed."""
    return described(read_head(tree, url, captured, headers))


def described(head: Head) -> Metadata:
    """The metadata of a page whose head is read."""
    house = _houses(head)
    signed = signatures(head, (*house, *_desks(head, house)))
    signers, signed_at = believed(signed)
    found = {name: tuple(dict.fromkeys(values)) for name, values in _candidates(head, house, signed, signers).items()}
    best = {name: values[0] for name, values in found.items() if values}
    value = {name: candidate.value for name, candidate in best.items()}
    paid = (verdict for one in found["paywall"] if (verdict := access.is_paid(one)) is not None)
    return Metadata(
        title=value.get("title"),
        authors=signers,
        agencies=distinct(found["agencies"]),
        outlet=value.get("outlet"),
        section=value.get("section"),
        published=value.get("published"),
        modified=value.get("modified"),
        expires=value.get("expires"),
        language=value.get("language"),
        canonical=value.get("canonical"),
        rights=value.get("rights"),
        kinds=frozenset(kind for node in head.nodes for kind in jsonld.types(node)),
        og_article="article" in head.metas.get("og:type", ()),
        free=_free(found["paywall"]),
        paywall=next(paid, None),
        noarchive=access.is_noarchive(found["robots"]),
        words=_words(head),
        doubts=(*published.conflicts(head, found["published"], found["modified"]), *_crowded(found)),
        provenance={name: candidate.place for name, candidate in best.items()} | ({"authors": signed_at} if signed_at else {}),
        candidates={name: values[:_MOST] for name, values in found.items()},
    )


def completed(meta: Metadata, cleaned: Cleaned) -> Metadata:
    """``meta`` with what the text itself says: its agencies, its own rights line before any other, its date where no place states one."""
    said = {
        "agencies": (*meta.candidates.get("agencies", ()), *named(cleaned)),
        "rights": (*_said("rights", cleaned.rights), *meta.candidates.get("rights", ())),
        "published": (*meta.candidates.get("published", ()), *_said("published", cleaned.published)),
    }
    best = {name: values[0] for name, values in said.items() if values}
    return replace(
        meta,
        agencies=distinct(said["agencies"]),
        rights=best["rights"].value if "rights" in best else None,
        published=best["published"].value if "published" in best else None,
        provenance={**meta.provenance, **{name: candidate.place for name, candidate in best.items()}},
        candidates={**meta.candidates, **{name: tuple(dict.fromkeys(values))[:_MOST] for name, values in said.items()}},
    )


def _said(name: str, value: str | None) -> Iterator[Candidate]:
    if value:
        yield Candidate(field=name, value=value, place="text")


def _candidates(head: Head, house: Sequence[str], signed: Sequence[Signature], signers: Iterable[Author]) -> dict[str, Iterable[Candidate]]:
    sections = tuple(imprint.sections(head, house))
    wordings = titles(head, {*house, *head.metas.get("og:site_name", ())}, [candidate.value for candidate in sections])
    robots = tuple(access.robots(head))
    return {
        "title": wordings,
        "description": (*stated(head, "description", "description"), *metas_named(head, "description", _DESCRIPTIONS)),
        "authors": stated_signers(signed),
        "agencies": credited(head, signers),
        "outlet": imprint.outlets(head),
        "section": imprint.sections(head, house, [candidate.value for candidate in wordings]),
        "published": published.published(head),
        "modified": published.modified(head),
        "expires": published.expires(head, robots),
        "language": imprint.languages(head),
        "canonical": imprint.canonicals(head),
        "keywords": imprint.keywords(head),
        "rights": imprint.rights(head),
        "license": imprint.licences(head),
        "copyright_year": imprint.years(head),
        "paywall": access.paywall(head),
        "robots": robots,
    }


def _houses(head: Head) -> tuple[str, ...]:
    """The names by which the outlet may sign: its own, those of its domain, and whoever holds the rights of what it prints."""
    names = (candidate.value for candidate in imprint.outlets(head))
    return tuple(dict.fromkeys((*names, *imprint.domain_names(head.url), *imprint.holders(head))))


def _desks(head: Head, house: Sequence[str]) -> tuple[str, ...]:
    """The outlet's names with those of its sections: "Courier Sport" signs as the outlet does."""
    labels = [candidate.value for candidate in imprint.sections(head, house)]
    return tuple(f"{name} {label}" for name in house for label in labels)


def _crowded(found: Mapping[str, Sequence[Candidate]]) -> Iterator[str]:
    for name, values in found.items():
        if len(values) > _MOST:
            yield f"{name}: {len(values)} candidates, the first {_MOST} kept"


def _free(found: Iterable[Candidate]) -> bool | None:
    """What the article's own node says, for the rules that ask for no more than that."""
    said = (one.value for one in found if one.place in {"json-ld:isAccessibleForFree", "microdata:isAccessibleForFree"})
    return {"true": True, "false": False}.get(next(said, ""))


def _words(head: Head) -> int | None:
    for place, node in head.articles:
        if place != "json-ld":
            continue
        count = node.get("wordcount")
        if isinstance(count, int | str) and str(count).isdecimal() and len(str(count)) <= _MOST_WORDS:
            return int(count)
        body = jsonld.text(node.get("articlebody"))
        return len(body.split()) if body else None
    return None
