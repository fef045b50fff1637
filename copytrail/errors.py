"""Which errors a person can mend, and with which exit code they end.

Contract: :func:`explain` gives one line and a code, or (None, 1) for an error that is a fault of ours and deserves its traceback.  The
error classes live on the floors below; they are looked up among the modules that are loaded, so that explaining costs no import.
"""

import errno
import sys

CODES = (
    ("archive.settings", "SettingsError", 2),
    ("crawlers.stories", "StoryError", 2),
    ("crawlers.useragent", "NoContact", 5),
    ("crawlers.session", "BadSettings", 2),
    ("crawlers.session", "CrawlRefused", 5),
    ("archive.layout", "BadName", 2),
    ("archive.store", "ObjectLocked", 5),
    ("archive.store", "StoreError", 4),
    ("archive.catalogue", "CatalogueError", 4),
    ("archive.warcread", "WarcError", 1),
    ("archive.withdrawing", "WithdrawalError", 2),
    ("archive.signing", "KeyProblem", 2),
    ("archive.trust", "TrustError", 2),
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # of a temporary file, which has no name


def explain(error: Exception) -> tuple[str | None, int]:
    """The line to print and the exit code."""
    for module, name, code in CODES:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return str(error), code
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", 1
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"there is no room: {error.strerror}", 4
    return None, 1
