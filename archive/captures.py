"""The capture that two records make: a response or revisit, and the metadata record of its event.

Contract: pure.  Writer and reader both come here, so that a capture rebuilt from the WARC alone is equal to the one that was acknowledged
when it was written (law 1).
"""

from typing import IO

from archive.heads import BadHead, Head, media_type, parse_head
from archive.kinds import Found, Truncation
from archive.records import Capture, RecordRef
from archive.urls import surt
from archive.warcfields import ByName, Fields, WarcError, by_name, date, only, unbracketed


def capture_of(fields: Fields, head: Head, metadata: Fields, ref: RecordRef, event_length: int) -> Capture:
    """The capture; ``fields`` are of the response or revisit record, ``head`` is the one in its block, ``metadata`` may be empty.

    WarcError when a value is missing or makes no sense.
    """
    stated, told = by_name(fields), by_name(metadata)
    url = unbracketed(_needed(stated, "WARC-Target-URI"))
    refers_to, refers_to_url, refers_to_date = (only(stated, f"WARC-Refers-To{name}") for name in ("", "-Target-URI", "-Date"))
    kind, profile = _needed(stated, "WARC-Type").lower(), only(stated, "WARC-Profile")
    # A revisit is always marked (§6.7.2), because its block leaves the payload out; the answer itself was whole.
    truncated = only(stated, "WARC-Truncated") if kind == "response" else None
    try:
        return Capture(
            id=unbracketed(_needed(stated, "WARC-Record-ID")),
            url=url,
            surt=surt(url),
            time=date(_needed(stated, "WARC-Date")),
            kind=kind,
            status=head.status or 0,
            mime=media_type(head.first("content-type")),
            ref=ref,
            payload_digest=only(told, "copytrail-payload-digest") or only(stated, "WARC-Payload-Digest"),
            payload_length=_number(only(told, "copytrail-payload-length")),
            block_digest=_needed(stated, "WARC-Block-Digest"),
            found=Found(found) if (found := only(told, "copytrail-found")) else None,
            via=only(told, "via"),
            hop=_number(only(told, "copytrail-hop")) or 0,
            refers_to=unbracketed(refers_to) if refers_to else None,
            refers_to_url=unbracketed(refers_to_url) if refers_to_url else None,
            refers_to_time=date(refers_to_date) if refers_to_date else None,
            profile=profile.rpartition("/")[2] if profile else None,
            etag=head.first("etag"),
            last_modified=head.first("last-modified"),
            location=head.first("location"),
            truncated=Truncation(truncated) if truncated else None,
            ip=only(stated, "WARC-IP-Address"),
            robots=unbracketed(robots) if (robots := only(told, "copytrail-robots-record")) else None,
            event_length=event_length,
        )
    except ValueError as error:  # a word that is in none of our closed lists, a URL that is none
        raise WarcError(f"{error} in the records of {url}") from error


def answer_head(block: IO[bytes], *, may_miss: bool = False) -> Head:
    """The HTTP head at the start of a response's or revisit's block; WarcError when it is none, unless it ``may_miss``."""
    try:
        head = parse_head(block)
    except BadHead as error:
        raise WarcError(str(error)) from error
    if head.status is None and (head.start_line or not may_miss):
        raise WarcError(f"no status line: {head.start_line[:80]!r}")
    return head


def charset(content_type: str | None) -> str | None:
    """``utf-8`` of ``text/html; charset="utf-8"``."""
    for parameter in (content_type or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").strip().lower() or None
    return None


def _needed(fields: ByName, name: str) -> str:
    value = only(fields, name)
    if not value:
        raise WarcError(f"no {name}")
    return value


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise WarcError(f"no number: {text[:40]!r}")
    return int(text)
