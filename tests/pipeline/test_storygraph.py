"""A story's graph in the languages of other tools."""

import io

import networkx as nx

from pipeline.storygraph import dot, graphml

NODES: list[dict[str, object]] = [
    {"id": "a", "outlet": 'The "Paper"\n', "title": "Über\x00bridge"},
    {"id": "b", "outlet": None, "title": None},
]
EDGES: list[dict[str, object]] = [
    {"from": "a", "to": "b", "kind": "derived", "directed": True, "score": 0.9, "why": "a & b <copied>"},
    {"from": "a", "to": "b", "kind": "common_source", "directed": False, "score": 0.5, "why": ""},
]


def test_graphml_is_read_back() -> None:
    """Another reader finds both edges of one pair with kind, score and reason; what no XML can hold is replaced."""
    graph = nx.read_graphml(io.BytesIO(graphml(NODES, EDGES).encode()), force_multigraph=True)

    assert graph.nodes["a"] == {"outlet": 'The "Paper"\n', "title": "Über\ufffdbridge"}
    assert [data["kind"] for _, _, data in graph.edges(data=True)] == ["derived", "common_source"]
    assert graph.get_edge_data("a", "b", 0)["score"] == 0.9
    assert graph.get_edge_data("a", "b", 1)["directed"] is False


def test_dot_is_quoted() -> None:
    """Quotation marks and line breaks of a name do not break the file, nor what is no character; an edge without direction has no arrow."""
    lines = dot(NODES, EDGES).splitlines()

    assert '  "a" [label="The \\"Paper\\"", tooltip="Über\ufffdbridge"];' in lines
    assert '  "a" -> "b" [label="common source", dir=none];' in lines
    assert '  "b" [label="b", tooltip=""];' in lines
