"""Full replay is somebody else's: pywb's or ReplayWeb.page's, on an origin of its own, to which the room only links.

Contract: pure.  ``--replay`` is an address, to which ``/TIMESTAMP/URL`` is added, or a template with ``{timestamp}``, ``{url}``,
``{escaped}`` and ``{wacz}``, which is where this room gives the package of the story; ``origin_of`` names the site that may read files
from here, and BadReplay says what is wrong with it.
"""

from urllib.parse import quote, urlsplit

from archive.records import Capture
from copytrail.room.addresses import plain, stamp


class BadReplay(ValueError):
    """An address of a replayer that is none."""


def origin_of(template: str) -> str:
    """``http://127.0.0.1:8090`` of ``http://127.0.0.1:8090/story``."""
    try:
        parts = urlsplit(template)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "{" in parts.netloc or "@" in parts.netloc:
            raise BadReplay(f"{template!r} is no address of a replayer, such as http://127.0.0.1:8090/story")
    except ValueError as error:
        raise BadReplay(f"{template!r}: {error}") from error
    return f"{parts.scheme}://{parts.netloc}"


def replay_link(template: str | None, capture: Capture, base: str, story: str | None) -> str | None:
    """Where a capture is replayed; None where no replayer is named, and where it needs a package and the page is in no story."""
    if template is None or ("{wacz}" in template and story is None):
        return None
    if "{" not in template:
        template = f"{template.rstrip('/')}/{{timestamp}}/{{url}}"
    values = {
        "timestamp": stamp(capture.time),
        "url": plain(capture.url),
        "escaped": quote(capture.url, safe=""),
        "wacz": quote(f"{base}/stories/{story}/pull/{story}.wacz", safe=""),
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template
