"""The header fields of WARC 1.1 as a rule table: what each may hold, where it must stand and where it may not.

Contract: pure.  ``check(record)`` gives every breach as a rule of ``archive/verify_rules.py``, the section of the field, and words; fields
and record types that the standard does not know are passed over, as it asks (§5.1, §5.5).  Patterns follow the published text with its
community annotations: any digest encoding, white space within media types.  What WARC 1.0 wrote otherwise is right in a record of WARC 1.0:
ids without brackets, URLs in them (the latter in any version, because wget writes them).
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from archive.remembered import remembered
from archive.warcfields import ByName, WarcError, date
from archive.warcscan import Scanned

_WORD_FORM = r"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+")
_NO_HOST = re.compile(r"<?https?:(?!//[^/?#])", re.IGNORECASE)
_OLD_URI = re.compile(rf"<{_URI.pattern}>|{_URI.pattern}")
_ID = re.compile(rf"<{_URI.pattern}>")
_UUID = re.compile(r"<?urn:uuid:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}>?")
_USUAL_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}>")
_SAYS_UUID = re.compile(r"<?urn:uuid:", re.IGNORECASE)
_USUAL_TARGET = re.compile(r"https?://[\w.-]+(?::\d+)?(?:[/?](?:[\w!$&'()*+,\-./:;=?@~]|%[0-9A-Fa-f]{2})*)?", re.ASCII)
_RESERVED = re.compile(r"[^\w!#$&'()*+,\-./:;=?@~%\[\]]|%(?![0-9A-Fa-f]{2})", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,18}")
_DIGEST = re.compile(rf"{_WORD_FORM}:[-!#$%&'*+.^_`|~0-9A-Za-z/@=]+")
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"'
# No two parts of it can match the same blank or backslash: a hostile value costs no more time than it is long.
_MEDIA = re.compile(rf"{_WORD_FORM}/{_WORD_FORM}[ \t]*(?:;[ \t]*(?:{_WORD_FORM}=(?:{_WORD_FORM}|{_QUOTED})[ \t]*)?)*")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?", re.ASCII)
_WHOLE_DATE = "0000-01-01T00:00:00Z"
_TO_THE_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_WORD = re.compile(_WORD_FORM)
_PROFILE = re.compile(
    r"<?http://netpreserve\.org/warc/1\.[01]/(?:revisit/(?:identical-payload-digest|server-not-modified)|server-not-modified)>?"
)
_REASONS = ("length", "time", "disconnect", "unspecified")
_PROTOCOL = re.compile(r"dns|ftp|gemini|gopher|http/(?:0\.9|1\.[01])|h2c?|h3|quic/[12]|spdy/[123]|ssl/[23]|tls/1\.[0123]")

TYPES = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation")
_WITH_TARGET = ("response", "resource", "request", "revisit", "conversion", "continuation")
_NO_PAYLOAD = ("warcinfo", "metadata")
_NO_NETWORK = ("warcinfo", "conversion", "continuation")

Check = Callable[[str], object]  # what is true of a value in the right form
Cuts = tuple[tuple[str, Check], ...]  # by the name of a field in lower case
Advice = Callable[[str], tuple[str, str] | None]  # the rule that a value in the right form breaks, and words


@remembered
def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    head, digits = (value[:-1], value[:-1].count(":")) if value.endswith("Z") else (value, 0)
    try:
        # W3CDTF lets a writer be less exact (§5.4): what is missing is taken from the year's first moment.
        date(value if digits == 2 else head + _WHOLE_DATE[len(head) :])
    except WarcError:
        return False
    return True


@remembered
def _is_address(value: str) -> bool:
    try:
        return "%" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What the standard says of one field."""

    section: str
    form: Check
    expected: str
    usual: Check | None = None  # of which nothing is to be said: a short cut, where the form is not that already
    repeats: bool = False
    needed_on: tuple[str, ...] = ()
    barred_from: tuple[str, ...] = ()
    undefined_on: tuple[str, ...] = ()
    old_form: Check | None = None  # in a record of WARC 1.0
    advice: Advice | None = None
    old_advice: Advice | None = None


def _all_but(*types: str) -> tuple[str, ...]:
    return tuple(name for name in TYPES if name not in types)


_is_media = remembered(_MEDIA.fullmatch)
_is_usual_id = remembered(_USUAL_ID.fullmatch)  # each is met some times


def _uuid_advice(value: str) -> tuple[str, str] | None:
    wrong = not _UUID.fullmatch(value) and _SAYS_UUID.match(value)
    return ("id-uuid", f"{value[:120]} is no UUID") if wrong else None


@remembered
def _is_target(value: str) -> bool:
    return _OLD_URI.fullmatch(value) is not None and not _NO_HOST.match(value)


@remembered
def _target_advice(value: str) -> tuple[str, str] | None:
    if found := _RESERVED.search(value.strip("<>")):
        return "target-characters", f"{found[0]!r} may not stand in a URI: {value[:200]!r}"
    return ("target-fragment", f"no fragment goes over the wire: {value[:200]!r}") if "#" in value else None


def _is_old_date(value: str) -> bool:
    return _is_date(value) and _TO_THE_SECOND.fullmatch(value) is not None


def _old_date_advice(value: str) -> tuple[str, str] | None:
    words = f"{value} in a record of WARC 1.0, whose dates end with the second"
    return None if _TO_THE_SECOND.fullmatch(value) else ("date-precision", words)


def _profile_advice(value: str) -> tuple[str, str] | None:
    return None if _PROFILE.fullmatch(value) else ("revisit-profile", f"a profile that nobody here knows: {value[:200]}")


def _reason_advice(value: str) -> tuple[str, str] | None:
    return None if value.lower() in _REASONS else ("truncated-reason", f"WARC-Truncated is {value[:80]!r}")


def _protocol_advice(value: str) -> tuple[str, str] | None:
    return None if _PROTOCOL.fullmatch(value) else ("protocol-unknown", f"WARC-Protocol is {value[:80]!r}")


def _id_field(section: str, *, repeats: bool = False, needed_on: tuple[str, ...] = (), barred_from: tuple[str, ...] = ()) -> Field:
    return Field(
        section=section,
        form=_ID.fullmatch,
        usual=_is_usual_id,
        old_form=_OLD_URI.fullmatch,
        expected="<a URI>",
        advice=_uuid_advice,
        repeats=repeats,
        needed_on=needed_on,
        barred_from=barred_from,
    )


_TIME = "a time in UTC such as 2026-11-21T10:30:00Z"
FIELDS = {
    "WARC-Record-ID": _id_field("5.2", needed_on=TYPES),
    "Content-Length": Field(section="5.3", form=_DIGITS.fullmatch, expected="a number", needed_on=TYPES),
    "WARC-Date": Field(section="5.4", form=_is_date, expected=_TIME, needed_on=TYPES, old_advice=_old_date_advice),
    "WARC-Type": Field(section="5.5", form=_WORD.fullmatch, usual=frozenset(TYPES).__contains__, expected="a word", needed_on=TYPES),
    "Content-Type": Field(section="5.6", form=_is_media, expected="a media type"),
    "WARC-Concurrent-To": _id_field("5.7", repeats=True, barred_from=_NO_NETWORK),
    "WARC-Block-Digest": Field(section="5.8", form=_DIGEST.fullmatch, expected="algorithm:digest"),
    "WARC-Payload-Digest": Field(section="5.9", form=_DIGEST.fullmatch, expected="algorithm:digest", barred_from=_NO_PAYLOAD),
    "WARC-IP-Address": Field(section="5.10", form=_is_address, expected="an IP address", barred_from=_NO_NETWORK),
    "WARC-Refers-To": _id_field("5.11", barred_from=("warcinfo", "response", "resource", "request", "continuation")),
    "WARC-Refers-To-Target-URI": Field(
        section="5.12",
        form=_is_target,
        usual=_USUAL_TARGET.fullmatch,
        expected="a URI",
        barred_from=_all_but("revisit"),
        advice=_target_advice,
    ),
    "WARC-Refers-To-Date": Field(section="5.13", form=_is_date, expected="a time in UTC", barred_from=_all_but("revisit")),
    "WARC-Target-URI": Field(
        section="5.14",
        form=_is_target,
        usual=_USUAL_TARGET.fullmatch,
        expected="a URI without white space",
        needed_on=_WITH_TARGET,
        barred_from=("warcinfo",),
        advice=_target_advice,
    ),
    "WARC-Truncated": Field(section="5.15", form=_WORD.fullmatch, usual=_REASONS.__contains__, expected="a reason", advice=_reason_advice),
    "WARC-Warcinfo-ID": _id_field("5.16", barred_from=("warcinfo",)),
    "WARC-Filename": Field(section="5.17", form=bool, expected="a name", barred_from=_all_but("warcinfo")),
    "WARC-Profile": Field(
        section="5.18",
        form=_OLD_URI.fullmatch,
        usual=_PROFILE.fullmatch,
        expected="a URI",
        needed_on=("revisit",),
        barred_from=_all_but("revisit"),  # "revisit only" (§4), "undefined" elsewhere
        advice=_profile_advice,
    ),
    "WARC-Identified-Payload-Type": Field(section="5.19", form=_is_media, expected="a media type", barred_from=_NO_PAYLOAD),
    "WARC-Segment-Number": Field(section="5.20", form=_DIGITS.fullmatch, expected="a number", needed_on=("continuation",)),
    "WARC-Segment-Origin-ID": _id_field("5.21", needed_on=("continuation",), barred_from=_all_but("continuation")),
    "WARC-Segment-Total-Length": Field(section="5.22", form=_DIGITS.fullmatch, expected="a number", barred_from=_all_but("continuation")),
    # An adopted extension of the standard.
    "WARC-Protocol": Field(
        section="5.1",
        form=bool,
        usual=_PROTOCOL.fullmatch,
        expected="a protocol",
        repeats=True,
        undefined_on=_NO_NETWORK,
        advice=_protocol_advice,
    ),
}
_BY_NAME = {name.lower(): (name, field) for name, field in FIELDS.items()}
_ALWAYS = frozenset(name.lower() for name, field in FIELDS.items() if field.needed_on == TYPES)  # a record without a type misses these
_NEEDED = {kind: frozenset(name.lower() for name, field in FIELDS.items() if kind in field.needed_on) for kind in TYPES}
_MISPLACED = {
    kind: frozenset(name.lower() for name, field in FIELDS.items() if kind in (*field.barred_from, *field.undefined_on)) for kind in TYPES
}
_REPEATED = frozenset(name.lower() for name, field in FIELDS.items() if field.repeats)
_NOWHERE: frozenset[str] = frozenset()
_USUAL_LENGTH = 4096  # bytes of a header


def _short_cuts(*, old: bool) -> dict[str, Check]:
    """What tells of most values of a field that nothing is wrong with them."""
    cuts: dict[str, Check] = {}
    for name, field in FIELDS.items():
        cuts[name.lower()] = field.usual or (_is_old_date if old and field.old_advice else field.form)
    return cuts


_SHORT_CUTS = {old: _short_cuts(old=old) for old in (False, True)}


class Breach(NamedTuple):
    """A rule about fields, broken."""

    rule: str
    section: str
    message: str


def check(record: Scanned) -> Iterator[Breach]:
    """Everything that is wrong with the fields of a record."""
    kind, old, held = record.type, record.version == "1.0", record.held
    # A long header is looked at field by field, because its names would be remembered.
    if len(record.header) <= _USUAL_LENGTH and (cuts := _cuts(kind, old, tuple(held))) is not None and _are_usual(held, cuts):
        return
    for lower, values in held.items():
        if lower in _BY_NAME:
            yield from _check_field(*_BY_NAME[lower], values, old=old)
    for lower in sorted(_MISPLACED.get(kind, _NOWHERE) & held.keys()):
        name, field = _BY_NAME[lower]
        if kind in field.barred_from:
            yield _breach("field-misplaced", field, f"{name} may not stand on a {kind} record")
        else:
            yield _breach("field-undefined", field, f"{name} means nothing on a {kind} record")
    for lower in sorted(_NEEDED.get(kind, _ALWAYS) - held.keys()):
        name, field = _BY_NAME[lower]
        yield _breach("field-missing", field, f"no {name}" + (f" on a {kind} record" if kind else ""))
    if kind and kind not in TYPES:
        yield Breach("type-unknown", "WARC 1.1 §5.5", f"a record of type {kind[:40]!r}, which the standard does not know")


@lru_cache(256)
def _cuts(kind: str, old: bool, names: tuple[str, ...]) -> Cuts | None:  # noqa: FBT001 -- of WARC 1.0; a cache is faster by position
    """What tells of most values of these fields that nothing is wrong with them; None when a rule is broken by the names alone."""
    if kind not in TYPES or not _MISPLACED[kind].isdisjoint(names) or not _NEEDED[kind].issubset(names):
        return None
    return tuple((name, _SHORT_CUTS[old][name]) for name in names if name in _BY_NAME)


def _are_usual(held: ByName, cuts: Cuts) -> bool:
    for name, usual in cuts:
        values = held[name]
        if not usual(values[0]) or (len(values) > 1 and (name not in _REPEATED or not all(map(usual, values)))):
            return False
    return True


def _check_field(name: str, field: Field, values: Sequence[str], *, old: bool) -> Iterator[Breach]:
    if len(values) > 1 and not field.repeats:
        yield Breach("field-repeated", "WARC 1.1 §5.1", f"{name} is there {len(values)} times")
    form = field.old_form if old and field.old_form else field.form
    advice = field.old_advice if old and field.old_advice else field.advice
    for value in values:
        if not form(value):
            yield _breach("field-value", field, f"{name} is {value[:120]!r}, not {field.expected}")
        elif advice is not None and (found := advice(value)) is not None:
            yield _breach(found[0], field, found[1])


def _breach(rule: str, field: Field, message: str) -> Breach:
    return Breach(rule, f"WARC 1.1 §{field.section}", message)
