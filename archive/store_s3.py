"""S3 as a store, through boto3: AWS, SeaweedFS, MinIO, Ceph, R2.

Contract: that of ``archive.store``.  An object is one PUT with a SHA-256 that the server checks and ``If-None-Match: *`` that lets one
writer win, then a HEAD that says what the server holds; a server that does not tell a digest is read back.  Credentials and region come
from the AWS chain (environment, profile, role), never from our settings.  Choices and their measurements: orchestration.md §2.
"""

import base64
import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 -- botocore's, which is not the built-in one
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)

from archive.store import (
    ObjectExists,
    ObjectInfo,
    ObjectMissing,
    Patch,
    StoreError,
    StoreFull,
    StoreUnreachable,
    checked_key,
    checked_removal,
    measured,
    opened,
)
from archive.store_s3erase import Eraser

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from mypy_boto3_s3 import S3Client

LARGEST_PUT = 5 * 1024**3  # bytes of one PUT; only one PUT gives a digest of the whole object that the server checked
ATTEMPTS = 8  # of a request that the network or the server lost; a server that refuses connections is given up after some 6 s
PATIENCE = 60.0  # seconds without a byte from the server
_MISSING = ("NoSuchKey", "404", "NotFound")
_FULL = ("QuotaExceeded", "QuotaExceededException", "InsufficientStorage", "XMinioStorageFull")
# Beside 401 and 403.  A HEAD has no body that could say why: a bare 400 is a token that ran out.
_CLOSED = ("ExpiredToken", "InvalidToken", "TokenRefreshRequired", "NoSuchBucket", "301", "400")
_GARBLED = ("BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch")
_NO_ANSWER = (ConnectionError, HTTPClientError, IncompleteReadError, NoCredentialsError, PartialCredentialsError)
_WAITS = (0.1, 0.4, 1.6, 6.4)  # seconds; SeaweedFS answers a contended key after up to 5


class S3Store:
    """A bucket, or what lies under a prefix in it."""

    def __init__(
        self,
        url: str,
        *,
        endpoint: str | None = None,
        attempts: int = ATTEMPTS,
        patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``url`` is ``s3://bucket/prefix``; ``endpoint`` is the URL of a server other than AWS."""
        self._bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not self._bucket:
            raise StoreError(f"no bucket in {url!r}: write s3://bucket or s3://bucket/prefix")
        self._prefix = f"{checked_key(prefix.strip('/'))}/" if prefix.strip("/") else ""
        self._sleep = sleep
        self._where = f"{url} at {endpoint or 'AWS'}"
        self.url = url
        self._client = client(endpoint, attempts, patience)

    def create(self, key: str, source: Path | bytes, *, sha256: str | None = None) -> ObjectInfo:
        with opened(source) as stream:
            size, digest = measured(stream)
            if sha256 not in (None, digest):
                raise StoreError(f"{self._where}: {key} has {digest}, not {sha256}")
            if size > LARGEST_PUT:
                raise StoreError(f"{self._where}: {key} has {size} bytes, more than one PUT takes")
            created = self._put(key, stream, size, digest)
        held = self._held(key)
        if held != (size, digest):
            kind, what = (StoreError, "was stored as") if created else (ObjectExists, "is there with other content:")
            raise kind(f"{self._where}: {key} {what} {held[1]}, {held[0]} bytes; {digest}, {size} bytes were sent")
        return ObjectInfo(key=key, size=size, sha256=digest)

    def open(self, key: str, offset: int = 0, length: int | None = None) -> IO[bytes]:
        if length == 0:  # no range says this
            if self.info(key) is None:
                raise ObjectMissing(f"{self._where}: no object {key}")
            return io.BytesIO()
        asked = {} if offset == 0 and length is None else {"Range": f"bytes={offset}-{'' if length is None else offset + length - 1}"}
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(key), **asked)  # type: ignore[arg-type]
        except ClientError as error:
            if _status(error) == 416:  # the part begins behind the end
                return io.BytesIO()
            self._translate(key, error)
        except BotoCoreError as error:
            self._translate(key, error)
        return io.BufferedReader(_Body(answer["Body"], lambda: self._errors(key)))

    def read(self, key: str) -> bytes:
        with self.open(key) as stream:
            return stream.read()

    def info(self, key: str) -> ObjectInfo | None:
        try:
            with self._errors(key):
                head = self._client.head_object(Bucket=self._bucket, Key=self._key(key), ChecksumMode="ENABLED")
        except ObjectMissing:
            return None
        checksum = head.get("ChecksumSHA256", "")
        known = f"sha256:{base64.b64decode(checksum).hex()}" if checksum and "-" not in checksum else None
        return ObjectInfo(key=key, size=head["ContentLength"], sha256=known)

    def keys(self, prefix: str = "") -> Iterator[str]:
        with self._errors(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix + prefix)
            found = [item["Key"].removeprefix(self._prefix) for page in pages for item in page.get("Contents", [])]
        # AWS sorts them, SeaweedFS 4.48 lists a/b before a-b (measured); a folder's mark ends in a slash and is no object.
        yield from sorted(key for key in found if not key.endswith("/"))

    def link(self, key: str, seconds: int) -> str:
        """An address (SigV4) under which whoever has it may GET the object, also in parts, until the seconds are over; at most a week."""
        with self._errors(key):
            asked = {"Bucket": self._bucket, "Key": self._key(key)}
            return str(self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds))

    def erase(self, key: str, patches: Sequence[Patch], *, sha256: str) -> ObjectInfo:
        with self._errors(key):
            return self._eraser(key).erase(patches, sha256, key)

    def refuse_locked(self, key: str) -> None:
        with self._errors(key):
            self._eraser(key).refuse_locked()

    def remove(self, key: str) -> None:
        with self._errors(key):
            self._eraser(checked_removal(key)).remove()

    def _eraser(self, key: str) -> Eraser:
        return Eraser(self._client, self._bucket, self._key(key), f"{self._where}: {key}")

    def _key(self, key: str) -> str:
        return self._prefix + checked_key(key)

    def _put(self, key: str, stream: IO[bytes], size: int, digest: str) -> bool:
        """One conditional PUT; false when the key was taken already, by whomever (412)."""
        checksum = base64.b64encode(bytes.fromhex(digest.removeprefix("sha256:"))).decode("ascii")
        waits = list(_WAITS)
        while True:
            stream.seek(0)
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(key),
                    Body=stream,
                    ContentLength=size,
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                    Metadata={"sha256": digest.removeprefix("sha256:")},
                )
            except ClientError as error:
                if _status(error) == 412:
                    return False
                if (_status(error) != 409 and _code(error) not in _GARBLED) or not waits:
                    self._translate(key, error)
                self._sleep(waits.pop(0))
            except BotoCoreError as error:
                self._translate(key, error)
            else:
                return True

    def _held(self, key: str) -> tuple[int, str]:
        """Size and digest of what the server holds under ``key``, in its own words or read back."""
        info = self.info(key)
        if info is None:
            raise StoreError(f"{self._where}: {key} was accepted, and is not there")
        if info.sha256 is not None:
            return info.size, info.sha256
        with self.open(key) as stream:
            return measured(stream)

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            self._translate(key, error)

    def _translate(self, key: str, error: ClientError | BotoCoreError) -> NoReturn:
        raise kind_of(error)(f"{self._where}: {error} ({key})") from error


class _Body(io.RawIOBase):
    """The body of an answer as a stream whose faults are StoreErrors."""

    def __init__(self, body: Any, errors: Callable[[], AbstractContextManager[None]]) -> None:
        self._body = body
        self._errors = errors

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        with self._errors():
            data = self._body.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._body.close()
        super().close()


def client(endpoint: str | None, attempts: int = ATTEMPTS, patience: float = PATIENCE) -> "S3Client":
    """A client of the server at ``endpoint``, or of AWS; StoreError where there can be none."""
    session = boto3.session.Session()
    config = Config(
        retries={"mode": "standard", "max_attempts": attempts},
        connect_timeout=10,
        read_timeout=patience,
        max_pool_connections=16,
        signature_version="s3v4",
        # botocore would hash the body a second time to sign it; the digest that it is sent with is signed already, as a header.
        s3={"addressing_style": "path" if endpoint else "auto", "payload_signing_enabled": False},
    )
    try:
        # A server of one's own has no region, but a signature needs one.
        made: S3Client = session.client("s3", endpoint_url=endpoint, region_name=session.region_name or "us-east-1", config=config)
    except (BotoCoreError, ValueError) as error:
        raise StoreError(f"no S3 client for {endpoint or 'AWS'}: {error}") from error
    return made


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def kind_of(error: ClientError | BotoCoreError) -> type[StoreError]:
    """What a fault of the server or on the way to it means."""
    if isinstance(error, ClientError):
        code, status = _code(error), _status(error)
        if code in _MISSING:
            return ObjectMissing
        if code in _FULL or status == 507:
            return StoreFull
        return StoreUnreachable if code in _CLOSED or status in (401, 403) or status >= 500 else StoreError
    return StoreUnreachable if isinstance(error, _NO_ANSWER) else StoreError
