"""A story as a graph: what ``graph`` prints."""

import json
from collections.abc import Sequence
from typing import Any

from archive.relations import Judgement
from copytrail.relaterows import relation_row, whole
from copytrail.storydocuments import Held
from pipeline.judged import with_judgements
from pipeline.related import related
from pipeline.storygraph import dot, graphml

Row = dict[str, Any]


def story_graph(story: str, held: Sequence[Held], style: str, judgements: Sequence[Judgement] = ()) -> str:
    """The text of a file in one of the three languages; json is what ``relate`` gives, with the captures' times and digests."""
    documents = [item.document for item in held]
    urls = {item.document.capture: item.capture.url for item in held}
    found = with_judgements(related(documents, one_story=True), judgements, urls)
    nodes = [_node(item) for item in held]
    if style == "json":
        row = whole(found, documents, {item.document.capture: item.document.url for item in held})
        row["documents"] = [{**document, **node} for document, node in zip(row["documents"], nodes, strict=True)]
        return json.dumps({"schema": "copytrail.graph/1", "story": story, **row}, ensure_ascii=False, default=str) + "\n"
    edges = [{name: value for name, value in relation_row(item).items() if name != "evidence"} for item in found.relations]
    return (graphml if style == "graphml" else dot)(nodes, edges)


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
