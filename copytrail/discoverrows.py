"""Candidates as rows: what ``discover`` prints of each, in full for machines and in a few lines for people."""

from archive.records import Lead
from crawlers.discovering import Candidate


def candidate_row(candidate: Candidate) -> dict[str, object]:
    """One URL with what speaks for it; ``also`` has what else does."""
    lead = candidate.lead
    return {
        "url": lead.url,
        "state": candidate.state,
        "title": lead.title,
        "published": lead.published.isoformat() if lead.published else None,
        "hop": lead.hop,
        "refused": lead.refused,
        **_evidence(lead),
        "also": [_evidence(other) for other in candidate.also],
    }


def _evidence(lead: Lead) -> dict[str, object]:
    return {
        "found": str(lead.found),
        "why": lead.evidence,
        "confidence": lead.confidence,
        "parent": lead.parent,
        "record": lead.record,
        "offset": lead.offset,
    }


def candidate_text(candidate: Candidate) -> str:
    """The same for people."""
    lead = candidate.lead
    place = f"record {lead.record}" + (f", byte {lead.offset}" if lead.offset is not None else "") if lead.record else "no record"
    more = f"; {len(candidate.also)} more" if candidate.also else ""
    refused = f"\n      refused: {lead.refused}" if lead.refused else ""
    return (
        f"{lead.confidence:.2f}  {candidate.state:8} {lead.found:10} {lead.url}\n      {lead.evidence}{more}\n"
        f"      {lead.parent or 'a person'}: {place}{refused}"
    )
