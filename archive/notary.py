"""What makes a manifest more than a list: the operator's signature, and the time stamp of an authority.

Contract: a :class:`Notary` signs and stamps as far as the settings name a key and an authority, and without them does nothing.  Key and
libraries are loaded at the first use, so that whoever only reads needs neither.  A signature lies beside its link under a name that holds
the digest of what it signs, and is written *before* the link: a kill in between leaves a signature that belongs to nothing, never a link
that says it is signed and is not.  So nothing is ever signed later, and who can write into the store cannot leave a link there and have it
signed by us.  A stamp is written after the link; an authority that gives none is a warning in the log and costs nothing else: the stamp
of the next link covers this one.
"""

import logging
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from archive import layout
from archive.store import Store, StoreError

if TYPE_CHECKING:
    from archive.signing import SigningKey

logger = logging.getLogger(__name__)


class Notary:
    """Signs with the key in a file and has stamped by the authority at a URL, each where there is one."""

    def __init__(self, key_file: Path | None = None, timestamp_url: str | None = None, ca_file: Path | None = None) -> None:
        self._key_file, self._timestamp_url, self._ca_file = key_file, timestamp_url, ca_file

    @cached_property
    def key(self) -> "SigningKey | None":
        """The operator's key; KeyProblem when the settings name one that cannot be used."""
        if self._key_file is None:
            return None
        from archive.signing import load_key  # noqa: PLC0415 -- cryptography is loaded only where something is signed

        return load_key(self._key_file)

    @property
    def fingerprint(self) -> str | None:
        """That of the key."""
        return self.key.fingerprint if self.key else None

    def sign(self, store: Store, link: str, data: bytes) -> None:
        """Put the signature of what will be the link ``link`` beside its place."""
        if self.key:
            store.create(layout.beside(link, data, "sig"), self.key.sign(data))

    def stamp(self, store: Store, link: str, data: bytes) -> None:
        """Have a link stamped."""
        if self._timestamp_url is None:
            return
        from archive.timestamps import Authority, NoStamp  # noqa: PLC0415 -- as above

        try:
            store.create(layout.beside(link, data, "tsr"), Authority(url=self._timestamp_url, ca_file=self._ca_file).stamp(data))
        except (NoStamp, StoreError) as error:
            logger.warning("%s has no time stamp: %s; that of the next manifest covers it", link, error)
