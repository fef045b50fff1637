"""A story as a graph: what ``graph`` prints."""

import json
from collections.abc import Sequence
from typing import Any

from archive.relations import Related
from copytrail.relaterows import relation_row, whole
from crawlers.storytexts import Held
from pipeline.storygraph import dot, graphml

Row = dict[str, Any]


def story_graph(story: str, held: Sequence[Held], found: Related, style: str, texts: str) -> str:
    """The text of a file in one of the three languages; json is what ``relate`` gives, with the captures' times and digests.

    ``texts`` says in words which text of each article it is about.
    """
    nodes = [_node(item) for item in held]
    if style == "json":
        row = whole(found, [item.document for item in held], {item.document.capture: item.document.url for item in held})
        row["documents"] = [{**document, **node} for document, node in zip(row["documents"], nodes, strict=True)]
        return json.dumps({"schema": "copytrail.graph/1", "story": story, "texts": texts, **row}, ensure_ascii=False, default=str) + "\n"
    edges = [_edge(relation_row(item)) for item in found.relations]
    return (graphml if style == "graphml" else dot)(nodes, edges)


def _edge(row: Row) -> Row:
    """A relation as plain values; what was judged of it stands in columns of its own."""
    judged = {f"judged_{name}": value for name, value in (row.get("judged") or {}).items()}
    return {name: value for name, value in row.items() if name not in {"evidence", "judged"}} | judged


def _node(item: Held) -> Row:
    return {
        "id": item.document.capture,
        "url": item.capture.url,
        "title": item.document.title,
        "outlet": item.document.outlet,
        "published": item.document.published,
        "captured": item.capture.time.isoformat().replace("+00:00", "Z"),
        "digest": item.digest,
    }
