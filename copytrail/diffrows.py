"""Revisions as rows and as marked text: what ``diff`` prints and the story page shows."""

from collections.abc import Iterator, Mapping

from archive.records import Capture, Change, Revision
from archive.vault import Archive

AROUND = 40  # characters of unchanged text shown on either side of a change


def diff_rows(archive: Archive, url: str) -> Iterator[dict[str, object]]:
    """Every revision of an article that is more than white space and punctuation, oldest first."""
    for item in archive.catalogue.revisions_of(url):
        if item.change not in {Change.NONE, Change.COSMETIC}:
            yield _row(archive, item)


def _row(archive: Archive, item: Revision) -> dict[str, object]:
    before, after = archive.catalogue.document(item.before), archive.catalogue.document(item.after)
    return {
        "url": item.url,
        "number": item.number,
        "change": str(item.change),
        "from": _end(archive.catalogue.capture(item.before)),
        "to": _end(archive.catalogue.capture(item.after)),
        "title_before": item.title_before,
        "title_after": item.title_after,
        "spans": [
            {
                "before": list(span.before),
                "after": list(span.after),
                "removed": span.removed,
                "added": span.added,
                "lead_in": before.text[max(0, span.before[0] - AROUND) : span.before[0]] if before else "",
                "lead_out": after.text[span.after[1] : span.after[1] + AROUND] if after else "",
            }
            for span in item.spans
        ],
    }


def _end(capture: Capture | None) -> dict[str, object] | None:
    if capture is None:
        return None
    return {"record_id": capture.id, "digest": capture.payload_digest, "time": capture.time.isoformat()}


def diff_text(row: Mapping[str, object]) -> str:
    """One revision for a person to read."""
    start, end = row["from"], row["to"]
    assert isinstance(row["spans"], list)
    times = " -> ".join(str(side["time"])[:19] if isinstance(side, dict) else "?" for side in (start, end))
    lines = [f"{row['url']}", f"  version {row['number']}: {row['change']}  {times}"]
    if row["title_before"] != row["title_after"] and row["title_after"]:
        lines.append(f"  headline [-{row['title_before']}-] {{+{row['title_after']}+}}")
    for span in row["spans"]:
        removed = f"[-{span['removed']}-]" if span["removed"] else ""
        added = f"{{+{span['added']}+}}" if span["added"] else ""
        lines.append(f"  …{span['lead_in']}{removed}{added}{span['lead_out']}…".replace("\n", " ¶ "))
    return "\n".join(lines)
