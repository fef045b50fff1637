"""Pages as the pipeline reads them, made of bytes in hand."""

from datetime import UTC, datetime

from archive.records import Capture, Page, RecordRef

WHEN = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def make_page(
    body: bytes | str,
    *,
    url: str = "https://courier.example/2026/05/harbour-ferry-returns",
    status: int = 200,
    mime: str | None = "text/html",
    charset: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    name: str = "urn:uuid:00000000-0000-4000-8000-000000000001",
) -> Page:
    """A page captured on 1 July 2026 at noon."""
    capture = Capture(
        id=name,
        url=url,
        surt="",
        time=WHEN,
        kind="response",
        status=status,
        mime=mime,
        ref=RecordRef(key="warc/2026/07/01/test.warc.gz", offset=0, length=1),
        payload_digest=None,
        payload_length=None,
        block_digest="sha256:0",
    )
    return Page(capture=capture, headers=headers, body=body.encode() if isinstance(body, str) else body, charset=charset)
