"""The wire services that an article credits, as it writes them.

``credited(head, signers)`` gives what the page's data say: agencies among the signers, and JSON-LD ``creditText``, ``sourceOrganization``,
``provider``, ``creator`` and ``contributor``.  ``agencies_in(credits, opening)`` gives what the text says: the lines of credit that
cleaning took out ("With inputs from AP", "(dpa)"), and the dateline of the first paragraph.  Both only know the agencies of
``rules/metadata.yaml``; a name that is not on the list is no agency here.
"""

from collections.abc import Iterable, Iterator, Sequence

from archive.records import Author, Candidate
from pipeline.authors import is_agency, split
from pipeline.datelines import dateline
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


def agencies_in(credits_taken: Iterable[str], opening: str) -> Iterator[Candidate]:
    """The agencies that the text names: in its lines of credit, and in the dateline of ``opening``, its first paragraph."""
    for line in credits_taken:
        for name in filter(is_agency, split(line)):
            yield Candidate(field="agencies", value=name, place="visible:credit")
    filed = dateline(opening)
    if filed is not None and filed.dateline.agency:
        yield Candidate(field="agencies", value=filed.dateline.agency, place="visible:dateline")


def distinct(found: Sequence[Candidate]) -> tuple[str, ...]:
    """Each agency once, as it is written first."""
    names: dict[str, str] = {}
    for candidate in found:
        names.setdefault(candidate.value.casefold().removeprefix("the "), candidate.value)
    return tuple(names.values())
