"""Erasure in S3: an object replaced where it stands, or removed, and every version that the bucket keeps of it gone.

Contract: that of ``erase`` and ``remove`` in ``archive.store``, for the client and the key of a bucket.  Locks are looked for before
anything is changed: a retention or a legal hold (S3 Object Lock) of any version is an ObjectLocked that names it.  The replacement is one
PUT on the condition that the object is still the one that was read (``If-Match``); when the versions are gone they are listed once more,
and one that is still there is a StoreError.  A server that knows no versions has none.
"""

import base64
import tempfile
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from archive.store import ObjectExists, ObjectInfo, ObjectLocked, Patch, StoreError, patched

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_IN_MEMORY = 16 * 1024 * 1024  # bytes of an object that is put together; more goes to disk
_NO_VERSIONS = ("NotImplemented", "501")
_DENIED = ("AccessDenied", "403")


class Eraser:
    """Erases one object of a bucket; ``where`` names it in errors."""

    def __init__(self, client: "S3Client", bucket: str, key: str, where: str) -> None:
        """Nothing is asked yet."""
        self._client, self._bucket, self._key, self._where = client, bucket, key, where

    def erase(self, patches: Sequence[Patch], sha256: str, key: str) -> ObjectInfo:
        """Replace the object, then remove its other versions."""
        self.refuse_locked()
        held = self._client.get_object(Bucket=self._bucket, Key=self._key)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            size, before, after = patched(held["Body"], patches, copy)
            if before not in {sha256, after}:
                raise ObjectExists(f"{self._where} has {before}, not {sha256}")
            if before != after:
                copy.seek(0)
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key,
                    Body=copy,
                    ContentLength=size,
                    ChecksumSHA256=base64.b64encode(bytes.fromhex(after.removeprefix("sha256:"))).decode("ascii"),
                    IfMatch=held["ETag"],
                    Metadata={"sha256": after.removeprefix("sha256:")},
                )
        self._remove_versions(keep=1)
        return ObjectInfo(key=key, size=size, sha256=after)

    def remove(self) -> None:
        """Remove the object and every version of it."""
        self.refuse_locked()
        self._client.delete_object(Bucket=self._bucket, Key=self._key)
        self._remove_versions(keep=0)

    def _versions(self) -> list[tuple[str, bool]]:
        """Ids of all versions and delete markers, and whether each is the latest; none where the server has no versions."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=self._key)
        try:
            found = [item for page in pages for item in (*page.get("Versions", []), *page.get("DeleteMarkers", []))]
        except ClientError as error:
            if _code(error) in _NO_VERSIONS:
                return []
            raise
        return [(item.get("VersionId", "null"), item["IsLatest"]) for item in found if item["Key"] == self._key]

    def _remove_versions(self, keep: int) -> None:
        for version, latest in self._versions():
            if not (keep and latest):
                self._delete(version)
        left = self._versions()
        if len(left) > keep:
            raise StoreError(f"{self._where}: {len(left) - keep} older versions are still there")

    def _delete(self, version: str) -> None:
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._key, VersionId=version)
        except ClientError as error:
            if _code(error) in _DENIED:
                raise ObjectLocked(f"{self._where}: version {version} may not be deleted: {error}") from error
            raise

    def refuse_locked(self) -> None:
        """ObjectLocked when a version may not go."""
        for version, _ in self._versions():
            self._refuse_held(version)
            self._refuse_retained(version)

    def _refuse_held(self, version: str) -> None:
        try:
            hold = self._client.get_object_legal_hold(Bucket=self._bucket, Key=self._key, VersionId=version)
        except ClientError as error:
            if _knows_no_lock(error):
                return
            raise
        if hold.get("LegalHold", {}).get("Status") == "ON":
            raise ObjectLocked(f"{self._where}: a legal hold is on version {version}")

    def _refuse_retained(self, version: str) -> None:
        try:
            answer = self._client.get_object_retention(Bucket=self._bucket, Key=self._key, VersionId=version)
        except ClientError as error:
            if _knows_no_lock(error):
                return
            raise
        retention = answer.get("Retention", {})
        until, date = retention.get("RetainUntilDate"), answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        if until is not None and (date is None or parsedate_to_datetime(date) < until):
            raise ObjectLocked(f"{self._where}: version {version} is retained ({retention.get('Mode')}) until {until.isoformat()}")


def _knows_no_lock(error: ClientError) -> bool:
    """Servers say in many words that there is no lock (AWS 400 and 404, SeaweedFS 404, R2 501), and 403 to who may not ask.

    Whoever may not ask is told by the removal itself.
    """
    status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 400 <= status < 500 or status == 501


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
