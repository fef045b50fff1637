"""What a spider yields: one plain row for each outcome, with the address of its WARC record, ready for any feed export."""

from collections.abc import Mapping

from archive.records import Document, Outcome


def row(outcome: Outcome, document: Document | None) -> Mapping[str, object]:
    """The outcome as a flat row: how the URL ended, where its record lies, and the text when there is one."""
    ref = outcome.ref
    return {
        "url": outcome.url,
        "verdict": str(outcome.verdict),
        "reason": outcome.reason,
        "fetch_time": outcome.time.isoformat(),
        "fetch_status": outcome.status,
        "final_url": outcome.final_url,
        "found": str(outcome.lead.found),
        "via": outcome.lead.parent,
        "hop": outcome.lead.hop,
        "warc_filename": ref.key if ref else None,
        "warc_record_offset": ref.offset if ref else None,
        "warc_record_length": ref.length if ref else None,
        "warc_record_id": outcome.capture,
        "title": document.title if document else None,
        "published": document.published if document else None,
        "language": document.language if document else None,
        "text": document.text if document else None,
    }
