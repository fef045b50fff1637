"""Documents out of plain words, for what is worked out between documents."""

from archive.kinds import PageKind
from archive.records import Candidate, Document, Quality


def plain_document(
    name: str,
    text: str,
    *,
    outlet: str | None = None,
    published: str | None = None,
    credits_: tuple[str, ...] = (),
    agency: str | None = None,
    rights: str | None = None,
) -> Document:
    """A document of one text; ``agency`` is that of its dateline."""
    return Document(
        capture=name,
        url="",
        extractor="test",
        quality=Quality(kind=PageKind.ARTICLE),
        text=text,
        original=text,
        outlet=outlet,
        published=published,
        credits=credits_,
        rights=rights,
        agencies=(agency,) if agency else (),
        candidates=(Candidate(field="agencies", value=agency, place="text:dateline"),) if agency else (),
    )
