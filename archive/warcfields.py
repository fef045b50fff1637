"""Named fields as WARC 1.1 §4 and application/warc-fields write them: values, ids and dates, both ways.

Contract: a field is a name and a one-line value of Unicode text.  A value that would end its line is refused when it is written
(``WarcError``), because it could forge another field; ``visible`` makes such text harmless where it is only to be read by people. Record
ids are ``urn:uuid:…`` in our values and stand between angle brackets in the file.  Dates are UTC with microseconds.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain

from archive.remembered import remembered

Fields = tuple[tuple[str, str], ...]
ByName = Mapping[str, Sequence[str]]

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


lowered = remembered(str.lower)  # the name of a field


class WarcError(ValueError):
    """Bytes that are no whole, valid WARC record, or a value that no record may hold."""


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Let a WarcError say where."""
    try:
        yield
    except WarcError as error:
        raise WarcError(f"{where}: {error}") from error


def written(fields: Iterable[tuple[str, str]]) -> bytes:
    """The lines of ``fields``, each ended by CRLF; WarcError for a value that is more than one line."""
    return lines_of(checked(tuple(fields)))


def lines_of(fields: Fields) -> bytes:
    """The lines of fields that were ``checked``."""
    return "".join([f"{name}: {value}\r\n" for name, value in fields]).encode()


def checked(fields: Fields) -> Fields:
    """``fields``, when each can stand on a line of its own."""
    if _CONTROL.search("".join(chain.from_iterable(fields))):
        name, value = next(field for field in fields if _CONTROL.search("".join(field)))
        raise WarcError(f"control character in {name[:80]!r}: {value[:200]!r}")
    return fields


def visible(text: str) -> str:
    r"""``text`` on one line: control characters as ``\u000a``."""
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def read(data: bytes) -> Fields:
    """The fields in ``data``, one a line; WarcError for a line that is none.  Folding is obsolete and no anchor writes it."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise WarcError(f"fields that are not UTF-8: {data[:80]!r}") from error
    found: list[tuple[str, str]] = []
    for line in filter(None, (line.removesuffix("\r") for line in lines)):
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise WarcError(f"not a named field: {line[:80]!r}")
        found.append((name, value.strip(" \t")))
    return tuple(found)


def by_name(fields: Fields) -> ByName:
    """The values of each field by its name in lower case, for who asks for many."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        lower = lowered(name)
        if lower in found:
            found[lower].append(value)
        else:
            found[lower] = [value]
    return found


def sole(fields: Fields, name: str) -> str | None:
    """The value of a field that may stand only once (WARC 1.1 §5); WarcError when it repeats."""
    return only(by_name(fields), name)


def only(fields: ByName, name: str) -> str | None:
    """:func:`sole`, of fields by name."""
    values = fields.get(name.lower(), ())
    if len(values) > 1:
        raise WarcError(f"{name} is there {len(values)} times")
    return values[0] if values else None


def bracketed(record_id: str) -> str:
    """An id as the file holds it."""
    return f"<{record_id}>"


def unbracketed(value: str) -> str:
    """An id or URL as our values hold it; some tools bracket URLs too (WARC 1.0 grammar)."""
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value


def date_text(time: datetime) -> str:
    """A WARC-Date (W3C profile of ISO 8601, §5.4)."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def date(text: str) -> datetime:
    """The time that a WARC-Date says; digits beyond microseconds are dropped."""
    match = _DATE.fullmatch(text)
    try:
        if match:
            return datetime.fromisoformat(match[1]).replace(microsecond=int((match[2] or "")[:6].ljust(6, "0")), tzinfo=UTC)
    except ValueError:
        pass
    raise WarcError(f"not a WARC-Date: {text[:40]!r}")
