"""The wire services that an article credits, as it writes them.

``credited(head, signers)`` gives what the page's data say: agencies among the signers, and JSON-LD ``creditText``, ``sourceOrganization``,
``provider``, ``creator`` and ``contributor``.  ``named(cleaned)`` gives what the text says: its lines of credit ("With inputs from AP",
"(dpa)"), and its dateline.  A signer or a credit is an agency by the words of ``rules/metadata.yaml``; a dateline calls one by its place.
"""

from collections.abc import Iterable, Iterator, Sequence

from archive.records import Author, Candidate
from pipeline.authors import is_agency, split
from pipeline.residue import Cleaned
from pipeline.statements import Head, stated_each

_KEYS = ("creditText", "sourceOrganization", "provider", "creator", "contributor")


def credited(head: Head, signers: Iterable[Author]) -> Iterator[Candidate]:
    """The agencies that the page's data name."""
    for signer in signers:
        if signer.type == "agency":
            yield Candidate(field="agencies", value=signer.name, place="authors")
    for key in _KEYS:
        for candidate in stated_each(head, "agencies", key):
            for name in filter(is_agency, split(candidate.value)):
                yield Candidate(field="agencies", value=name, place=candidate.place)


def named(cleaned: Cleaned) -> Iterator[Candidate]:
    """The agencies that the text names."""
    for line in cleaned.credits:
        for name in filter(is_agency, split(line)):
            yield Candidate(field="agencies", value=name, place="text:credit")
    if cleaned.dateline is not None and cleaned.dateline.agency:
        yield Candidate(field="agencies", value=cleaned.dateline.agency, place="text:dateline")


def distinct(found: Sequence[Candidate]) -> tuple[str, ...]:
    """Each agency once, as it is written first."""
    names: dict[str, str] = {}
    for candidate in found:
        names.setdefault(candidate.value.casefold().removeprefix("the "), candidate.value)
    return tuple(names.values())
