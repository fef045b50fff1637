"""The signatures and time stamps of the manifests, held against what they stand beside and against whom the reader trusts.

Contract: ``verify_signed`` gives the findings of every chain in a store; ``file`` of a finding is a key.  Without a file of signers a
signature is held against the key that it carries, and a note says that nobody has vouched for that key.  With one, a chain counts as
vouched for from its first link that a listed key has signed, which by the digests in the links covers those before; from there on each link
that names more than custody records must be signed by a listed key.  What signatures cannot show is a chain that was cut short: keep the
number of the newest link elsewhere.  Chain and objects themselves are checked by ``archive/manifest.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath

from archive import codec, layout, manifest, sshsig, timestamps
from archive.findings import Finding
from archive.manifest import Manifest
from archive.sshsig import BadSignature
from archive.store import ObjectMissing, Store
from archive.timestamps import BadStamp
from archive.trust import Trust
from archive.verify_rules import broken

CLOCK = timedelta(minutes=10)  # by which two clocks may differ; WACZ Signing 0.1.0 allows as much


def verify_signed(store: Store, trust: Trust) -> Iterator[Finding]:
    """Check the signatures of every writer."""
    for writer in manifest.writers(store):
        yield from _Chain(store, writer, trust).findings()


@dataclass(slots=True)
class _Chain:
    """One writer's chain, link by link."""

    store: Store
    writer: str
    trust: Trust
    vouched: bool = False  # a link was signed by a key that the reader lists
    bare: str | None = None  # the first link that nobody signed, and that names more than custody records
    signed: bool = False
    noted: set[str] = field(default_factory=set)  # what was said once of this chain

    def findings(self) -> Iterator[Finding]:
        beside: list[str] = []
        for key in self.store.keys(f"manifests/{self.writer}/"):
            if key.endswith(layout.BESIDE):
                beside.append(key)  # they sort before their link
                continue
            yield from self._link(key, beside)
            beside = []
        for key in beside:
            yield broken("signature-orphan", key, "belongs to no manifest that is there")
        if self.trust.signers is not None and not self.vouched and self.bare is not None:
            yield broken("signer-none", self.bare, f"no manifest of {self.writer} is signed by a key that the file of signers allows")

    def _link(self, key: str, beside: list[str]) -> Iterator[Finding]:
        try:
            data = self.store.read(key)
            link = codec.read(Manifest, data)
        except (ObjectMissing, codec.CodecError):
            return  # said by manifest.check
        signature, stamp = layout.beside(key, data, "sig"), layout.beside(key, data, "tsr")
        for other in beside:
            if other not in {signature, stamp}:
                yield broken("signature-orphan", other, f"belongs to another content of {PurePosixPath(key).name}")
        yield from self._signature(key, link, data, signature)
        if stamp in beside:
            yield from self._stamp(stamp, link, data)

    def _signature(self, key: str, link: Manifest, data: bytes, where: str) -> Iterator[Finding]:
        armoured = _small(self.store, where, sshsig.LIMIT)
        if armoured is None and link.key is not None:
            self.bare = self.bare or key
            yield broken("signature-missing", key, f"says that {link.key} signed it, and no signature of what it says is there")
            return
        if armoured is None:
            yield from self._unsigned(key, link)
            return
        self.signed = True
        try:
            signature = sshsig.read(armoured)
            sshsig.verify(signature, data)
        except BadSignature as error:
            yield broken("signature-wrong", where, str(error))
            return
        name = sshsig.fingerprint(signature.public)
        if name != link.key:
            yield broken("signature-wrong", where, f"made with {name}, and the manifest names {link.key or 'no key'}")
        elif self.trust.signers is None:
            yield from self._once("signature-key", where, f"{self.writer} signs with {name}, and no file of signers says whose key that is")
        elif self.trust.signer(signature.public, self.writer, link.time):
            self.vouched = True
        else:
            when = f"{link.time:%Y-%m-%dT%H:%M:%SZ}"
            yield broken("signer-unknown", where, f"the file of signers does not allow {name} for {self.writer} at {when}")

    def _unsigned(self, key: str, link: Manifest) -> Iterator[Finding]:
        if all(item.key.startswith("custody/") for item in link.objects):
            return  # a reader who takes something away needs no key of the archive's
        self.bare = self.bare or key
        if self.vouched:
            yield broken("signer-none", key, f"comes after manifests of {self.writer} that are signed, and is not")
        elif self.signed:
            yield broken("signature-stops", key, f"comes after manifests of {self.writer} that are signed, and is not")

    def _stamp(self, where: str, link: Manifest, data: bytes) -> Iterator[Finding]:
        token = _small(self.store, where, timestamps.LIMIT) or b""
        try:
            time = timestamps.read(token, data)
        except BadStamp as error:
            yield broken("timestamp-wrong", where, str(error))
            return
        if time < link.time - CLOCK:
            yield broken("timestamp-time", where, f"stamped at {time:%Y-%m-%dT%H:%M:%SZ}, before the manifest says it was written")
        if self.trust.authorities is None:
            yield from self._once("timestamp-authority", where, "nobody has said which authorities of time are to be believed")
            return
        try:
            timestamps.vouched(token, data, self.trust.authorities)
        except BadStamp as error:
            yield broken("timestamp-untrusted", where, str(error))

    def _once(self, rule: str, where: str, message: str) -> Iterator[Finding]:
        if message not in self.noted:
            self.noted.add(message)
            yield broken(rule, where, message)


def _small(store: Store, key: str, limit: int) -> bytes | None:
    """A small object; None when there is none, as much as is too much when it is not small."""
    try:
        with store.open(key, 0, limit + 1) as stream:
            return stream.read(limit + 1)
    except ObjectMissing:
        return None
