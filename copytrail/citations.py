"""Citations that can be proved: of one capture of an article, or of a passage in it, in the forms that people need.

Contract: pure.  ``STYLES`` gives each form as text; every one names the URL, the time of capture in UTC, the record's id and the digest of
its payload, but a PWID, which by its definition holds archive, time and URL alone.  ``read`` takes from any of them what can be held
against the bytes again.  A passage is cited with its place in the text, the digest of its words and the extractor that made the text.
"""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from urllib.parse import quote

from archive.records import Capture, Document
from archive.urls import host

_PROOF = re.compile(
    r"record (?P<record>urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}); payload (?P<digest>sha256:[0-9a-f]{64})"
    r"(?:; characters (?P<start>\d{1,9})-(?P<end>\d{1,9}) \((?P<words>sha256:[0-9a-f]{64})\) of the text by (?P<extractor>[^;]{1,200}))?"
)
_PWID = re.compile(r"urn:pwid:[^:\s]+:(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z):page:(\S+)")
_LATEX = {ord("\\"): r"\textbackslash{}"} | {ord(sign): f"\\{sign}" for sign in "{}&%#_$"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Words of the text: their place in it, and which extractor made it."""

    text: str
    start: int
    end: int
    extractor: str

    @property
    def digest(self) -> str:
        """Of the words."""
        return f"sha256:{sha256(self.text.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What is cited."""

    capture: Capture
    digest: str  # of the payload, also of a revisit, which stands for another record's
    document: Document | None = None
    passage: Passage | None = None
    base: str | None = None  # under which the archive is published: BASE/20261121103000/URL is the page as it was

    @property
    def title(self) -> str:
        """The headline, or the URL of a page that has none."""
        return (self.document.title if self.document else None) or self.capture.url

    @property
    def outlet(self) -> str:
        """As it names itself, or its host."""
        return (self.document.outlet if self.document else None) or host(self.capture.url).removeprefix("www.")

    @property
    def authors(self) -> tuple[str, ...]:
        """Who signed."""
        return tuple(author.name for author in self.document.authors) if self.document else ()

    @property
    def published(self) -> str | None:
        """The day that the page states, ISO 8601."""
        return self.document.published[:10] if self.document and self.document.published else None

    @property
    def time(self) -> str:
        """Of the capture."""
        return f"{self.capture.time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def memento(self) -> str | None:
        """The address of the page as it was."""
        return f"{self.base.rstrip('/')}/{self.capture.time.astimezone(UTC):%Y%m%d%H%M%S}/{self.capture.url}" if self.base else None

    @property
    def proof(self) -> str:
        """What the citation is held against, in words that ``read`` understands."""
        ref = self.capture.ref
        parts = [f"Captured {self.time}", f"record {self.capture.id}", f"payload {self.digest}"]
        if self.passage is not None:
            passage = self.passage
            parts.append(f"characters {passage.start}-{passage.end} ({passage.digest}) of the text by {passage.extractor}")
        return "; ".join([*parts, f"in {ref.key} at {ref.offset}+{ref.length}"])


def passage(document: Document, words: str) -> Passage:
    """Where the text has these words; ValueError when it has them nowhere, or more than once. White space does not count."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    found = list(re.finditer(pattern, document.text)) if pattern else []
    if len(found) != 1:
        raise ValueError(f"the text has these words {len(found) or 'no'} times: {words!r}; give a passage that it has once")
    start, end = found[0].span()
    return Passage(text=document.text[start:end], start=start, end=end, extractor=document.extractor)


def as_text(cited: Citation) -> str:
    """A line for a footnote."""
    names = f"{', '.join(cited.authors)}. " if cited.authors else ""
    words = f' "{" ".join(cited.passage.text.split())}".' if cited.passage else ""
    seen = f" {cited.memento}." if cited.memento else ""
    day = f", {cited.published}" if cited.published else ""
    return f'{names}"{cited.title}". {cited.outlet}{day}.{words} {cited.capture.url}.{seen} {cited.proof}.'


def as_bibtex(cited: Citation) -> str:
    """An entry for biblatex; the key is the outlet's host, the day and the end of the record's id."""
    day = cited.published or cited.time[:10]
    key = re.sub(r"[^a-z0-9]", "", host(cited.capture.url).removeprefix("www.")) + day.replace("-", "") + cited.capture.id[-6:]
    fields = {
        "author": " and ".join(f"{{{_latex(name)}}}" for name in cited.authors),
        "title": _latex(cited.title),
        "organization": _latex(cited.outlet),
        "date": cited.published or "",
        "url": quote(cited.capture.url, safe="%/:=&?~#+!$,;'@()*[]"),
        "urldate": cited.time[:10],
        "eprint": cited.memento or "",
        "note": cited.proof,
        "annotation": _latex(" ".join(cited.passage.text.split())) if cited.passage else "",
    }
    return "\n".join([f"@online{{{key},", *(f"  {name} = {{{value}}}," for name, value in fields.items() if value), "}"])


def as_csl(cited: Citation) -> str:
    """CSL-JSON, an array of one item, as Zotero and pandoc read it."""
    item: dict[str, object] = {
        "id": cited.capture.id,
        "type": "article-newspaper",
        "title": cited.title,
        "author": [{"literal": name} for name in cited.authors],
        "container-title": cited.outlet,
        "issued": _date_parts(cited.published),
        "accessed": _date_parts(cited.time[:10]),
        "URL": cited.capture.url,
        "archive_location": cited.memento,
        "note": cited.proof,
        "annote": cited.passage.text if cited.passage else None,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2)


def as_robust(cited: Citation) -> str:
    """A robust link (robustlinks.mementoweb.org): HTML that says which version was meant."""
    url = cited.capture.url
    # A text fragment shows the passage where the page still has it.
    href = f"{url}#:~:text={quote(cited.passage.text, safe='')}" if cited.passage and "\n" not in cited.passage.text else url
    attributes = {
        "href": href,
        "data-originalurl": url,
        "data-versiondate": cited.time,
        "data-versionurl": cited.memento,
        "data-proof": cited.proof,
    }
    written = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items() if value)
    return f"<a {written}>{html.escape(cited.title)}</a>"


def as_pwid(cited: Citation) -> str:
    """A persistent web identifier; the archive is the host under which it is published."""
    if cited.base is None:
        raise ValueError("a PWID names the archive: say with --base where it is published")
    return f"urn:pwid:{host(cited.base)}:{cited.time}:page:{cited.capture.url}"


STYLES: Mapping[str, Callable[[Citation], str]] = {
    "text": as_text,
    "bibtex": as_bibtex,
    "csl": as_csl,
    "robust": as_robust,
    "pwid": as_pwid,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a citation says that can be checked."""

    record: str | None = None
    digest: str | None = None  # of the payload
    url: str | None = None  # of a PWID, which names no record
    time: datetime | None = None
    start: int | None = None
    end: int | None = None
    words: str | None = None  # digest of the passage
    extractor: str | None = None


def read(text: str) -> list[Claim]:
    """The claims of all citations in ``text``, in order, whatever their form."""
    return [
        *(_claim(found) for found in _PROOF.finditer(text)),
        *(Claim(url=found[2], time=datetime.fromisoformat(found[1])) for found in _PWID.finditer(text)),
    ]


def _claim(found: re.Match[str]) -> Claim:
    words = found["words"]
    return Claim(
        record=found["record"],
        digest=found["digest"],
        start=int(found["start"]) if words else None,
        end=int(found["end"]) if words else None,
        words=words,
        extractor=found["extractor"],
    )


def _date_parts(day: str | None) -> dict[str, list[list[int]]] | None:
    try:
        found = date.fromisoformat(day or "")
    except ValueError:
        return None
    return {"date-parts": [[found.year, found.month, found.day]]}


def _latex(text: str) -> str:
    return text.translate(_LATEX)
