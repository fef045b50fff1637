"""A seed's reading for a person: what ``read`` prints without ``--json``."""

from pipeline.seeds import SeedReading


def as_text(reading: SeedReading) -> str:
    """Headline and facts first, then the body, then what was taken out and why."""
    facts = {
        "headline": reading.headline,
        "outlet": reading.outlet or reading.outlet_domain,
        "published": reading.published,
        "dateline": " ".join(part for part in (reading.dateline.place, reading.dateline.date, reading.dateline.agency) if part)
        if reading.dateline
        else None,
        "caption": reading.caption,
        "credits": ", ".join(reading.credits),
        "rights": reading.rights,
        "original url": reading.original_url,
        "related": " | ".join(reading.related_leads),
    }
    lines = [f"== {reading.id}"]
    lines += [f"{name + ':':14} {value}" for name, value in facts.items() if value]
    lines += [f"\n{paragraph}" for paragraph in reading.body]
    lines += ["", *(f"removed ({item.rule}): {_short(item.text)}" for item in reading.removed)]
    return "\n".join(lines) + "\n"


def _short(text: str, limit: int = 100) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"
