"""A story's texts and their relations as a graph in the languages of other tools.

``graphml(nodes, edges)`` and ``dot(nodes, edges)`` give the text of a file.  A node is a mapping with ``id``, an edge one with ``from``,
``to``, ``kind`` and ``directed``; other plain values become attributes, None is left out.  The order is the caller's, so the same graph
gives the same bytes.
"""

import io
import re
from collections.abc import Mapping, Sequence

import networkx as nx

Row = Mapping[str, object]
_NO_CHARACTER = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def graphml(nodes: Sequence[Row], edges: Sequence[Row]) -> str:
    """GraphML, as Gephi, yEd and networkx read it; the graph is directed, and each edge says by ``directed`` whether its ends count."""
    graph = nx.MultiDiGraph()
    for node in nodes:
        graph.add_node(_said(node["id"]), **_plain(node, {"id"}))
    for edge in edges:
        graph.add_edge(_said(edge["from"]), _said(edge["to"]), **_plain(edge, {"from", "to"}))
    stream = io.BytesIO()
    nx.write_graphml_xml(graph, stream)
    return stream.getvalue().decode()


def _plain(row: Row, without: set[str]) -> dict[str, str | int | float | bool]:
    values = {key: value for key, value in row.items() if key not in without and value is not None}
    return {key: value if isinstance(value, bool | int | float) else _said(value) for key, value in values.items()}


def _said(value: object) -> str:
    return _NO_CHARACTER.sub("\ufffd", str(value))


def dot(nodes: Sequence[Row], edges: Sequence[Row]) -> str:
    """Graphviz; an edge without direction has no arrow."""
    lines = ["digraph story {", "  node [shape=box];"]
    for node in nodes:
        label = node.get("outlet") or node["id"]
        lines.append(f"  {_quoted(node['id'])} [label={_quoted(label)}, tooltip={_quoted(node.get('title') or '')}];")
    for edge in edges:
        arrow = "forward" if edge["directed"] else "none"
        kind = str(edge["kind"]).replace("_", " ")
        lines.append(f"  {_quoted(edge['from'])} -> {_quoted(edge['to'])} [label={_quoted(kind)}, dir={arrow}];")
    return "\n".join([*lines, "}", ""])


def _quoted(value: object) -> str:
    text = " ".join(_said(value).split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
