"""What the probe asks of S3 beyond the archive's own operations.

Contract: that of ``archive.probe.Prober``; requests go out through the client of ``archive/store_s3.py``, with fewer attempts.
"""

import base64
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from archive import charter, layout
from archive.charter import Check
from archive.probe import AGAIN, Clock, failed, guarded, passed, warned
from archive.store import measured
from archive.store_s3 import S3Store

_ATTEMPTS = 3
_THREADS = 16
_SKEW, _REFUSED = 60, 15 * 60  # seconds; AWS refuses a request whose date is farther off (RequestTimeTooSkewed)
_KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile that holds them, to ones that may use this bucket"
_ADVICE = {
    "NoSuchBucket": "make the bucket, or mend its name",
    "AccessDenied": _KEYS,
    "403": _KEYS,
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "ExpiredToken": _KEYS,
    "RequestTimeTooSkewed": "set this machine's clock",
}


class S3Prober(S3Store):
    """A bucket under probe."""

    def __init__(self, url: str, *, endpoint: str | None) -> None:
        """As the archive opens it."""
        super().__init__(url, endpoint=endpoint, attempts=_ATTEMPTS)

    def greet(self, clock: Clock) -> Iterator[Check]:
        before = clock()
        try:
            answer: Any = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            answer = error.response
            yield failed("reach", f"{self._where}: {error}", _ADVICE.get(code, "see what the server says"))
        except BotoCoreError as error:
            missing = "credentials" in str(error).lower()
            yield failed("reach", f"{self._where}: {error}", _KEYS if missing else "is the endpoint right, and its server running?")
            return
        else:
            server = answer["ResponseMetadata"]["HTTPHeaders"].get("server")
            yield passed("reach", f"{self._where} answers" + (f", and calls itself {server}" if server else ""))
        yield _skew(answer["ResponseMetadata"]["HTTPHeaders"].get("date"), before, clock())

    def put_if_absent(self, key: str, data: bytes) -> bool:
        return self._put(key, io.BytesIO(data), *measured(io.BytesIO(data)))

    def special(self, probe: str) -> Iterator[Check]:
        yield guarded("stale If-Match", AGAIN, lambda: self._stale(layout.probe_key(probe, "changed")))
        yield guarded("checksum told", AGAIN, lambda: self._told(layout.probe_key(probe, "object")))
        yield guarded(charter.CHECKSUM, AGAIN, lambda: self._wrong(layout.probe_key(probe, "wrong")))

    def put_many(self, keys: Sequence[str]) -> None:
        self._each(keys, lambda key: self._client.put_object(Bucket=self._bucket, Key=self._key(key), Body=b"."))

    def listed(self, prefix: str) -> list[str]:
        with self._errors(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix + prefix)
            return [item["Key"].removeprefix(self._prefix) for page in pages for item in page.get("Contents", [])]

    def remove(self, prefix: str) -> None:
        # One by one: not every server has DeleteObjects, and SeaweedFS 4.48 asks no policy there (measured).
        self._each(self.listed(prefix), lambda key: self._client.delete_object(Bucket=self._bucket, Key=self._key(key)))

    def _each(self, keys: Sequence[str], ask: Callable[[str], object]) -> None:
        """One request for each key, several at a time; the first error ends it."""

        def guarded_ask(key: str) -> None:
            with self._errors(key):
                ask(key)

        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(guarded_ask, keys):
                pass

    def _stale(self, key: str) -> Check:
        """A PUT for a version that is no longer there."""
        with self._errors(key):
            old = self._client.put_object(Bucket=self._bucket, Key=self._key(key), Body=b"one")["ETag"]
            self._client.put_object(Bucket=self._bucket, Key=self._key(key), Body=b"two")
            try:
                self._client.put_object(Bucket=self._bucket, Key=self._key(key), Body=b"three", IfMatch=old)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] in {409, 412}:
                    return passed("stale If-Match", "a change for a version that is no longer there is refused")
                raise
        return warned("stale If-Match", "it is ignored: a version is overwritten that nobody has seen", "the archive uses none; others may")

    def _told(self, key: str) -> Check:
        info = self.info(key)
        if info is not None and info.sha256 is not None:
            return passed("checksum told", "the SHA-256 of an object is told without reading it")
        return warned("checksum told", "no SHA-256 is told", "nothing: each object is read back after its upload, which costs a download")

    def _wrong(self, key: str) -> Check:
        """An upload whose bytes are not those of its checksum."""
        wrong = hashlib.sha256(b"other bytes").digest()
        with self._errors(key):
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=self._key(key), Body=b"these bytes", ChecksumSHA256=base64.b64encode(wrong).decode("ascii")
                )
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 400:
                    return passed(charter.CHECKSUM, "bytes that do not have the SHA-256 sent with them are refused")
                raise
        info = self.info(key)
        if info is not None and info.sha256 == f"sha256:{wrong.hex()}":
            found = "bytes with a wrong SHA-256 are taken, and the wrong SHA-256 is told back: no upload can be checked"
            return failed(charter.CHECKSUM, found, "take another store")
        return warned(charter.CHECKSUM, "bytes with a wrong SHA-256 are taken", "nothing: what is held is compared after each upload")


def _skew(date: str | None, before: datetime, after: datetime) -> Check:
    """The server's clock against this machine's; a Date header has whole seconds."""
    try:
        stated = parsedate_to_datetime(date or "")
        seconds = max((before - stated).total_seconds() - 1, (stated - after).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return warned("clock skew", f"the server tells no time: {date!r}", "compare its clock with this machine's by hand")
    if seconds > _REFUSED:
        return failed(
            "clock skew", f"this machine and the server are {seconds:,.0f} s apart", "set the clock: S3 refuses beyond 15 minutes"
        )
    if seconds > _SKEW:
        return warned(
            "clock skew", f"this machine and the server are {seconds:,.0f} s apart", "let NTP set the clock: WARC-Date comes from it"
        )
    return passed("clock skew", "this machine's clock and the server's agree" + (f" within {seconds:.0f} s" if seconds >= 1 else ""))
