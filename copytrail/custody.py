"""How commands leave word of what they did: a custody record in the archive, or a word to the person that there can be none.

Contract: what was done is done; a record that cannot be written, because the archive may only be read or the key cannot, changes nothing
of it and no exit code.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from copytrail.output import Talk

if TYPE_CHECKING:
    from archive.custody import Act
    from archive.vault import Archive


def leave_word(talk: Talk, archive: "Archive", act: "Act", about: str, **more: Any) -> str | None:
    """Record an act; ``more`` is what :meth:`Archive.record` takes.  The key of the record, None when it could not be written."""
    from archive.signing import KeyProblem
    from archive.store import StoreError

    try:
        return archive.record(act, about, datetime.now(UTC), **more)
    except (KeyProblem, StoreError) as error:
        talk.say(f"no custody record could be written: {error}")
        return None
