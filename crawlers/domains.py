"""The unit of politeness: what somebody registered, with all its hosts."""

from functools import lru_cache
from urllib.parse import urlsplit

from archive.urls import registered_domain

_domain = lru_cache(maxsize=1024)(registered_domain)


@lru_cache(maxsize=256)  # asked seven times for each page
def slot_of(url: str) -> str:
    """The registered domain of a URL, or the host that stands for itself: the name of its download slot and of its lease."""
    return _domain(urlsplit(url).hostname or "")
