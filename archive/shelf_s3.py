"""A bucket as a shelf: what a published site is put on, with media types and a rule that lets other origins read.

Contract: that of ``archive/shelf.py``.  A file is one PUT with a SHA-256 that the server checks.  Credentials and region come from the AWS
chain, as for a store.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from archive.store import ObjectMissing, StoreError, checked_key, measured
from archive.store_s3 import LARGEST_PUT, client, kind_of

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CORSRuleTypeDef

_NEVER_STALE = "no-cache"  # a browser asks whether its copy is still good: withdrawn pages go at once
_RULE: "CORSRuleTypeDef" = {
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedOrigins": ["*"],
    "AllowedHeaders": ["Range", "If-Match", "If-None-Match"],
    "ExposeHeaders": ["Content-Range", "Content-Length", "Accept-Ranges", "ETag"],
    "MaxAgeSeconds": 3600,
}


class S3Shelf:
    """What lies under a prefix in a bucket."""

    def __init__(self, url: str, *, endpoint: str | None = None) -> None:
        """``url`` is ``s3://bucket/prefix``; ``endpoint`` is the URL of a server other than AWS."""
        self._bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not self._bucket:
            raise StoreError(f"no bucket in {url!r}: write s3://bucket or s3://bucket/prefix")
        self._prefix = f"{checked_key(prefix.strip('/'))}/" if prefix.strip("/") else ""
        self._client = client(endpoint)
        self.url = url

    def read(self, path: str) -> bytes | None:
        """See :class:`archive.shelf.Shelf`."""
        try:
            with self._errors(path):
                body: bytes = self._client.get_object(Bucket=self._bucket, Key=self._key(path))["Body"].read()
                return body
        except ObjectMissing:
            return None

    def put(self, path: str, source: Path, mime: str) -> None:
        """See :class:`archive.shelf.Shelf`."""
        with source.open("rb") as stream:
            size, digest = measured(stream)
            if size > LARGEST_PUT:
                raise StoreError(f"{self.url}: {path} has {size} bytes, more than one PUT takes")
            stream.seek(0)
            with self._errors(path):
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(path),
                    Body=stream,
                    ContentLength=size,
                    ContentType=mime,
                    CacheControl=_NEVER_STALE,
                    ChecksumSHA256=base64.b64encode(bytes.fromhex(digest.removeprefix("sha256:"))).decode("ascii"),
                )

    def remove(self, path: str) -> None:
        """See :class:`archive.shelf.Shelf`; every version of it goes."""
        key = self._key(path)
        with self._errors(path):
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
            found = [item for page in pages for item in (*page.get("Versions", []), *page.get("DeleteMarkers", []))]
            for version in {item.get("VersionId", "null") for item in found if item.get("Key") == key}:
                self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=version)

    def allow_all_origins(self) -> None:
        """Set the bucket's rule for other origins, in the place of the one that is there."""
        with self._errors("its CORS rule"):
            self._client.put_bucket_cors(Bucket=self._bucket, CORSConfiguration={"CORSRules": [_RULE]})

    def _key(self, path: str) -> str:
        return self._prefix + checked_key(path)

    @contextmanager
    def _errors(self, path: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise kind_of(error)(f"{self.url}: {error} ({path})") from error
