"""What the room does not give, and the word for it."""

from http import HTTPStatus

from archive.catalogue import Catalogue
from archive.records import Capture
from archive.vault import Archive
from archive.withdrawals import Withdrawal


class Refused(Exception):
    """An answer that is an error page: its status, and what is wrong in a sentence."""

    def __init__(self, status: int, message: str, *, withdrawal: Withdrawal | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.withdrawal, self.headers = status, message, withdrawal, headers or {}

    @property
    def title(self) -> str:
        """The status in words."""
        return "Withdrawn" if self.withdrawal is not None else HTTPStatus(self.status).phrase


class Withdrawn(Refused):
    """What is asked for is withdrawn or under embargo: 451 (RFC 7725), and what is left to say of it."""

    def __init__(self, withdrawal: Withdrawal) -> None:
        kind = "under embargo" if withdrawal.until else "withdrawn"
        super().__init__(451, f"What is kept of this is {kind} and is not shown.", withdrawal=withdrawal)


def not_held(what: str) -> Refused:
    """What was asked for is nowhere in the archive."""
    return Refused(404, f"The archive holds nothing of {what}.")


def held(archive: Archive, identifier: str) -> Capture:
    """The capture with a record id; Withdrawn or Refused (404) when it is not shown."""
    found = archive.catalogue.capture(identifier)
    if found is not None:
        return found
    hidden = Catalogue.capture(archive.catalogue, identifier)  # as it is, without the veil
    veil = archive.veil()
    withdrawal = veil.hides_record(identifier) or (veil.hides(hidden) if hidden is not None else None)
    raise Withdrawn(withdrawal) if withdrawal is not None else not_held(identifier[:80])
