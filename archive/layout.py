"""Every key of the archive is built here, and read back here.

Contract: keys are relative, use ``/``, and hold only letters, digits, ``.``, ``_`` and ``-`` between the slashes, so that they mean the
same in a folder and in S3; a part that would say anything else (a way out of the archive, a hidden file) is a ``BadName``.  Numbers are
padded, so that keys sort as their numbers do.  Times are UTC.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_WARC_NAME = re.compile(
    r"(?:copytrail|(?P<imported>imported))-(?P<time>[0-9]{17})-"
    r"(?(imported)[0-9a-f]{32}\.warc(?:\.gz)?|[0-9]{4,}-[A-Za-z0-9][A-Za-z0-9._-]*\.warc\.gz)"
)
_NUMBERED = re.compile(r"(?:stories|manifests|profiles)/(?P<owner>[^/]+)/v?(?P<number>[0-9]{6,})\.json")
WARC_SUFFIX = ".warc.gz"
PLAIN_SUFFIX = ".warc"  # of a file that somebody else wrote without compression
CHARTERS = "charter/"
CUSTODY = "custody/"
IMPORTS = "imports/"
PROBES = "probe/"
ALARMS = "alarms/"
MERGED = "merged/"
REQUESTS = "requests/"
PROFILES = "profiles/"
JUDGEMENTS = "judgements/"
GATHERINGS = "gatherings/"
WITHDRAWALS = "withdrawals/"
BESIDE = (".sig", ".tsr")  # endings of what lies beside a link of a manifest chain


class BadName(ValueError):
    """A name that may not be part of a key."""


def warc_name(time: datetime, serial: int, writer: str) -> str:
    """The name of a WARC file: the writer and serial make it unique where two begin in one millisecond (WARC 1.1 annex C)."""
    utc = time.astimezone(UTC)
    return f"copytrail-{utc:%Y%m%d%H%M%S}{utc.microsecond // 1000:03}-{serial:04}-{_part(writer)}{WARC_SUFFIX}"


def imported_name(time: datetime, digest: str, suffix: str) -> str:
    """The name of a WARC that somebody else wrote: the date of its first record and its digest, so that the same bytes are one object."""
    utc = time.astimezone(UTC)
    return f"imported-{utc:%Y%m%d%H%M%S}{utc.microsecond // 1000:03}-{digest.removeprefix('sha256:')[:32]}{suffix}"


def is_imported(key: str) -> bool:
    """Whether a WARC's key or name says that somebody else wrote it."""
    match = _WARC_NAME.fullmatch(key.rpartition("/")[2])
    return match is not None and match["imported"] is not None


def warc_time(name: str) -> datetime:
    """When the WARC of that name or key was begun."""
    digits = _warc(name)["time"]
    try:
        return datetime.strptime(f"{digits}000", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadName(f"no time in the name of a WARC: {name!r}") from error


def warc_key(name: str) -> str:
    """Where a sealed WARC lies: by the day on which it was begun."""
    return f"warc/{_day(warc_time(name))}/{name}"


def cdxj_key(warc_key: str) -> str:
    """Where the index of a WARC lies: one each, named as it is."""
    name = warc_key.rpartition("/")[2]
    return f"cdxj/{_day(warc_time(name))}/{name.removesuffix(WARC_SUFFIX)}.cdxj"


def warc_of(cdxj_key: str) -> str:
    """Where the WARC of an index lies."""
    name = cdxj_key.rpartition("/")[2].removesuffix(".cdxj")
    return warc_key(name if name.endswith(PLAIN_SUFFIX) else name + WARC_SUFFIX)


def import_key(digest: str) -> str:
    """What became of a file that somebody else wrote, under its digest."""
    return f"{IMPORTS}{_part(digest.removeprefix('sha256:'))}/import.json"


def rest_key(digest: str) -> str:
    """What a package holds beside its WARC files."""
    return f"{IMPORTS}{_part(digest.removeprefix('sha256:'))}/rest"


def story_key(slug: str, version: int) -> str:
    """One version of a story's definition."""
    return f"stories/{_part(slug)}/v{_number(version)}.json"


def seed_key(digest: str, name: str) -> str:
    """A seed's bytes, under their digest; ``name`` is a person's and gives what can stand in a key."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name).lstrip("._-")[-120:].lstrip("._-")
    return f"seeds/{_part(digest.removeprefix('sha256:'))}/{readable or 'seed'}"


def outcomes_key(time: datetime, run: str, part: int) -> str:
    """One part of a run's log of leads and outcomes."""
    return f"outcomes/{_day(time)}/{_part(run)}-{_number(part)}.jsonl"


def requests_key(run: str, part: int) -> str:
    """One part of a run's request log."""
    return f"{requests_of(run)}{_number(part)}.jsonl.gz"


def requests_of(run: str) -> str:
    """Where all of them lie."""
    return f"{REQUESTS}{_part(run)}/"


def manifest_key(writer: str, number: int) -> str:
    """One link of a writer's manifest chain."""
    return f"manifests/{_part(writer)}/{_number(number)}.json"


def beside(link: str, data: bytes, ending: str) -> str:
    """Where the signature (``sig``) or the time stamp (``tsr``) of a link lies that holds ``data``: named after both."""
    return f"{link.removesuffix('.json')}-{sha256(data).hexdigest()[:16]}.{ending}"


def custody_key(time: datetime, name: str) -> str:
    """A record of who did what with the archive; ``name`` makes it unique within a millisecond."""
    utc = time.astimezone(UTC)
    return f"{CUSTODY}{_day(time)}/{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03}-{_part(name)}.json"


def charter_key(number: int) -> str:
    """What the store was found to do."""
    return f"{CHARTERS}{_number(number)}.json"


def probe_key(probe: str, *parts: str) -> str:
    """An object of one probe, or without parts the prefix of all of them: what it does not delete again means nothing to anybody."""
    return "/".join((PROBES.rstrip("/"), *map(_part, (probe, *parts))))


def alarm_key(time: datetime, name: str) -> str:
    """An alarm that was raised, or was found to be over; ``name`` says which."""
    utc = time.astimezone(UTC)
    return f"{ALARMS}{_day(time)}/{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03}-{_part(name)}.json"


def merged_key(table: str, day: str, parts: Iterable[str], suffix: str) -> str:
    """One file made of all ``parts`` (keys) of a table's day, ``2026/11/21``: named after their number and their names."""
    names = sorted(parts)
    digest = sha256("\n".join(names).encode()).hexdigest()[:16]
    return f"{MERGED}{_part(table)}/{day}-{_number(len(names))}-{digest}{suffix}"


def table_key(table: str, time: datetime, name: str) -> str:
    """One file of a derived table."""
    return f"tables/{_part(table)}/{_day(time)}/{_part(name)}.parquet"


def profile_key(outlet: str, version: int) -> str:
    """One version of what was learned of an outlet's pages."""
    return f"{profiles_of(outlet)}v{_number(version)}.json"


def profiles_of(outlet: str) -> str:
    """Where all of them lie."""
    return f"{PROFILES}{_part(outlet)}/"


def gathering_key(number: int) -> str:
    """Documents that were put into stories; the numbers give the order."""
    return f"{GATHERINGS}{_number(number)}.json"


def judgement_key(story: str, time: datetime, name: str) -> str:
    """What a person decided of a story; ``name`` makes it unique within a millisecond."""
    utc = time.astimezone(UTC)
    return f"{judgements_of(story)}{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03}-{_part(name)}.json"


def judgements_of(story: str) -> str:
    """Where all of them lie."""
    return f"{JUDGEMENTS}{_part(story)}/"


def withdrawal_key(time: datetime, name: str) -> str:
    """What is no longer shown, and why; ``name`` makes it unique within a millisecond."""
    utc = time.astimezone(UTC)
    return f"{WITHDRAWALS}{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03}-{_part(name)}.json"


def erased_key(withdrawal: str) -> str:
    """That the erasure which the withdrawal at a key orders is done."""
    return f"{withdrawal.removesuffix('.json')}-done.json"


def numbered(key: str) -> tuple[str, int]:
    """The owner and the number of a story's or a profile's version or a manifest: ``stories/flood/v000002.json`` is ``("flood", 2)``."""
    match = _NUMBERED.fullmatch(key)
    if not match:
        raise BadName(f"neither a version nor a manifest: {key!r}")
    return match["owner"], int(match["number"])


def _warc(name: str) -> re.Match[str]:
    match = _WARC_NAME.fullmatch(name.rpartition("/")[2])
    if not match:
        raise BadName(f"not the name of a WARC of this archive: {name!r}")
    return match


def _day(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y/%m/%d}"


def _number(number: int) -> str:
    if number < 1:
        raise BadName(f"numbers begin at 1, not {number}")
    return f"{number:06}"


def _part(text: str) -> str:
    if not _PART.fullmatch(text):
        raise BadName(f"may not be part of a key: {text!r}")
    return text
