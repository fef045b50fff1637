"""Who asks: every request names the software, its version and how to reach the person who runs it (law 5).

Contract: ``user_agent(contact)`` is ``copytrail/VERSION (+CONTACT)``; ``NoContact`` says what is missing or wrong.
``PRODUCT`` is the product token that robots.txt files address (RFC 9309 §2.2.1).
"""

import re
from importlib.metadata import version
from typing import Final

PRODUCT: Final = "copytrail"

# Visible ASCII without the parentheses that would end the comment of RFC 9110 §5.6.5; a mail address, or a page that says who we are.
_CONTACT = re.compile(r"(?:mailto:)?[!-'*-~]+@[!-'*-~]+\.[!-'*-~]+|https?://[!-'*-~]+")


class NoContact(ValueError):
    """A crawl needs somebody whom a site can reach."""


def user_agent(contact: str | None) -> str:
    """The User-Agent of every request."""
    if not contact:
        raise NoContact("no contact: set COPYTRAIL_CONTACT to a mail or web address, so that a site can reach you")
    if not _CONTACT.fullmatch(contact):
        raise NoContact(f"contact {contact!r} is neither a mail address nor an http(s) address")
    return f"{PRODUCT}/{version(PRODUCT)} (+{contact})"
