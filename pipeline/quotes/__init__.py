"""Quotations of a text: what is said, by whom, and through whom the text has it.

``quotes_of(document)`` gives the direct quotations in order of start: pure, near linear, never raises.  Offsets are into ``document.text``;
those inside another have ``inside``, without a speaker.  A passage in marks that nobody is said to have said, and that is a word, a title
or a name, is no quotation.  ``reported(document)`` gives indirect speech where a language marks it plainly.  ``note(document)`` says what
is not supported of a document's language: marks are read in any, speakers in those of ``rules/quotes-*.yaml``.
"""

from archive.records import Document
from archive.relations import Quote
from pipeline.quotes.attributed import attributed
from pipeline.quotes.grammar import spoken
from pipeline.quotes.reported import reported

__all__ = ["note", "quotes_of", "reported"]


def quotes_of(document: Document) -> tuple[Quote, ...]:
    """The direct quotations of a document."""
    return attributed(document)


def note(document: Document) -> str | None:
    """What is not supported of a document's language; None where all is."""
    if spoken(document.language, document.text) is not None:
        return None
    return f"speakers of quotations are not looked for in texts of language {document.language or 'unknown'}"
