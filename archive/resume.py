"""What killed processes left behind, finished: open files, sealed files, and objects on their way into the store.

Contract: :func:`resume` gives each thing that it did, when it is done.  After it nothing waits in the deposit's folder but the ``.cut``
tails, which nobody acknowledged, and what living processes write.  StoreError or CatalogueError when one of them cannot be had: what is
left waits for the next start.  Being killed itself changes nothing: each step may be done twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archive import pending
from archive.deposit import Deposit
from archive.pending import SUFFIX, Note
from archive.rebuild import take
from archive.store import ObjectExists


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """One thing done; ``name`` is of the file or the key of the object."""

    name: str
    outcome: str


def resume(deposit: Deposit) -> Iterator[Resumed]:
    """Finish everything that waits in the deposit's folder."""
    for item in deposit.recover():
        yield Resumed(name=item.path.name, outcome=f"{item.kept_records} records kept, {item.cut_bytes} bytes of a torn tail cut")
    for name, captures in deposit.deliver():
        yield Resumed(name=name, outcome=f"in the store, with {len(captures)} captures")
    for path in sorted(deposit.folder.glob(f"*{SUFFIX}")):
        with pending.left_behind(path) as note:
            done = None if note is None else _finished(deposit, note)
        if done is not None:
            yield done


def _finished(deposit: Deposit, note: Note) -> Resumed:
    """Create and list the object of a note, and tell the catalogue."""
    head = note.head
    try:
        info = deposit.store.create(head.key, note.data, sha256=head.sha256)
    except ObjectExists:
        return Resumed(name=head.key, outcome="left out: another writer has taken the key")
    if not deposit.listed([info]):
        deposit.vouch([info], head.time)
    take(deposit.store, deposit.catalogue, head.key)
    return Resumed(name=head.key, outcome="in the store")
