"""The header fields of WARC 1.1 as a rule table: what each may hold, where it must stand and where it may not.

Contract: pure.  ``check(record)`` gives every breach as rule, section, severity and message; fields and record types that the standard
does not know are passed over, as it asks (§5.1, §5.5).  Patterns follow the published text with its community annotations: Target-URI in
angle brackets as WARC 1.0 wrote it, any digest encoding, white space within media types.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from archive.findings import Severity
from archive.warcfields import WarcError, date
from archive.warcscan import Scanned

_WORD_FORM = r"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+")
_OLD_URI = re.compile(rf"<{_URI.pattern}>|{_URI.pattern}")
_ID = re.compile(rf"<{_URI.pattern}>")
_DIGITS = re.compile(r"[0-9]{1,18}")
_DIGEST = re.compile(rf"{_WORD_FORM}:[-!#$%&'*+.^_`|~0-9A-Za-z/@=]+")
_MEDIA = re.compile(rf'{_WORD_FORM}/{_WORD_FORM}(?:[ \t]*;[ \t]*(?:{_WORD_FORM}=(?:{_WORD_FORM}|"(?:[^"\x00-\x1f\x7f]|\\.)*"))?)*')
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?", re.ASCII)
_WORD = re.compile(_WORD_FORM)

TYPES = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation")
_WITH_TARGET = ("response", "resource", "request", "revisit", "conversion", "continuation")
_NO_PAYLOAD = ("warcinfo", "metadata")

Check = Callable[[str], bool]


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    if "T" not in value or value.count(":") < 2:
        return True  # W3CDTF lets a writer be less exact (§5.4)
    try:
        date(value)
    except WarcError:
        return False
    return True


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What the standard says of one field."""

    section: str
    form: Check
    expected: str
    repeats: bool = False
    needed_on: tuple[str, ...] = ()
    barred_from: tuple[str, ...] = ()


def _all_but(*types: str) -> tuple[str, ...]:
    return tuple(name for name in TYPES if name not in types)


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: pattern.fullmatch(value) is not None


FIELDS = {
    "WARC-Record-ID": Field(section="5.2", form=_matches(_ID), expected="<a URI>", needed_on=TYPES),
    "Content-Length": Field(section="5.3", form=_matches(_DIGITS), expected="a number", needed_on=TYPES),
    "WARC-Date": Field(section="5.4", form=_is_date, expected="a time in UTC such as 2026-11-21T10:30:00Z", needed_on=TYPES),
    "WARC-Type": Field(section="5.5", form=_matches(_WORD), expected="a word", needed_on=TYPES),
    "Content-Type": Field(section="5.6", form=_matches(_MEDIA), expected="a media type"),
    "WARC-Concurrent-To": Field(
        section="5.7", form=_matches(_ID), expected="<a URI>", repeats=True, barred_from=("warcinfo", "conversion", "continuation")
    ),
    "WARC-Block-Digest": Field(section="5.8", form=_matches(_DIGEST), expected="algorithm:digest"),
    "WARC-Payload-Digest": Field(section="5.9", form=_matches(_DIGEST), expected="algorithm:digest", barred_from=_NO_PAYLOAD),
    "WARC-IP-Address": Field(
        section="5.10", form=_is_address, expected="an IP address", barred_from=("warcinfo", "conversion", "continuation")
    ),
    "WARC-Refers-To": Field(
        section="5.11", form=_matches(_ID), expected="<a URI>", barred_from=("warcinfo", "response", "resource", "request", "continuation")
    ),
    "WARC-Refers-To-Target-URI": Field(section="5.12", form=_matches(_OLD_URI), expected="a URI", barred_from=_all_but("revisit")),
    "WARC-Refers-To-Date": Field(section="5.13", form=_is_date, expected="a time in UTC", barred_from=_all_but("revisit")),
    "WARC-Target-URI": Field(
        section="5.14", form=_matches(_OLD_URI), expected="a URI without white space", needed_on=_WITH_TARGET, barred_from=("warcinfo",)
    ),
    "WARC-Truncated": Field(section="5.15", form=_matches(_WORD), expected="a reason"),
    "WARC-Warcinfo-ID": Field(section="5.16", form=_matches(_ID), expected="<a URI>", barred_from=("warcinfo",)),
    "WARC-Filename": Field(section="5.17", form=bool, expected="a name", barred_from=_all_but("warcinfo")),
    "WARC-Profile": Field(section="5.18", form=_matches(_OLD_URI), expected="a URI", needed_on=("revisit",)),
    "WARC-Identified-Payload-Type": Field(section="5.19", form=_matches(_MEDIA), expected="a media type", barred_from=_NO_PAYLOAD),
    "WARC-Segment-Number": Field(section="5.20", form=_matches(_DIGITS), expected="a number", needed_on=("continuation",)),
    "WARC-Segment-Origin-ID": Field(
        section="5.21", form=_matches(_ID), expected="<a URI>", needed_on=("continuation",), barred_from=_all_but("continuation")
    ),
    "WARC-Segment-Total-Length": Field(section="5.22", form=_matches(_DIGITS), expected="a number", barred_from=_all_but("continuation")),
}
_BY_NAME = {name.lower(): (name, field) for name, field in FIELDS.items()}


class Breach(NamedTuple):
    """A rule about fields, broken."""

    rule: str
    section: str
    severity: Severity
    message: str


def check(record: Scanned) -> Iterator[Breach]:
    """Everything that is wrong with the fields of a record."""
    kind = record.type
    held: dict[str, list[str]] = {}
    for name, value in record.fields:
        held.setdefault(name.lower(), []).append(value)
    for lower, values in held.items():
        if lower in _BY_NAME:
            name, field = _BY_NAME[lower]
            yield from _check_field(name, field, values, kind)
    for name, field in FIELDS.items():
        # A record without a type misses what every record needs.
        needed = kind in field.needed_on or (field.needed_on == TYPES)
        if needed and name.lower() not in held:
            yield _breach("field-missing", field, f"no {name}" + (f" on a {kind} record" if kind else ""))
    if kind and kind not in TYPES:
        yield Breach("type-unknown", "WARC 1.1 §5.5", Severity.NOTE, f"a record of type {kind[:40]!r}, which the standard does not know")


def _check_field(name: str, field: Field, values: list[str], kind: str) -> Iterator[Breach]:
    if len(values) > 1 and not field.repeats:
        yield Breach("field-repeated", "WARC 1.1 §5.1", Severity.ERROR, f"{name} is there {len(values)} times")
    if kind in field.barred_from:
        yield _breach("field-misplaced", field, f"{name} may not stand on a {kind} record")
    for value in values:
        if not field.form(value):
            yield _breach("field-value", field, f"{name} is {value[:120]!r}, not {field.expected}")


def _breach(rule: str, field: Field, message: str) -> Breach:
    return Breach(rule, f"WARC 1.1 §{field.section}", Severity.ERROR, message)
