"""The state of clustering as text, so that it goes on another day: ``dumped(state)`` and ``loaded(text)``.

Contract: ``loaded(dumped(state))`` places every further document as ``state`` would; of stories that are not looked for any more only the
members are kept, which bounds the rest by what one window holds.  An embedding is not kept: the caller brings it again.
"""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pipeline.clusters.clusters import Cluster
from pipeline.clusters.events import Limits
from pipeline.clusters.online import State, is_retired
from pipeline.clusters.profile import Profile
from pipeline.clusters.weights import Frequencies


def dumped(state: State) -> str:
    """A state as JSON."""
    clusters = [_cluster(cluster, retired=is_retired(state, cluster)) for cluster in state.clusters.values()]
    live = {member for cluster in clusters if not cluster["retired"] for member in cluster["members"]}
    known = {cluster["id"] for cluster in clusters if not cluster["retired"]}
    index = {key: [story for story in stories if story in known] for key, stories in state.index.items()}
    found = {
        "limits": {**asdict(state.limits), "window": state.limits.window.total_seconds()},
        "documents": state.frequencies.documents,
        "counts": state.frequencies.counts,
        "clusters": clusters,
        "index": {key: stories for key, stories in index.items() if stories},
        "profiles": [_profile(item) for name, item in state.profiles.items() if name in live],
        "newest": _time(state.newest),
        "used": list(state.used),
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _cluster(item: Cluster, *, retired: bool) -> dict[str, Any]:
    weights = ({}, {}, []) if retired else (item.words, item.names, item.meaning)
    plain = {name: getattr(item, name) for name in ("id", "number", "members", "touched")}
    return {
        **plain,
        **dict(zip(("words", "names", "meaning"), weights, strict=True)),
        "first": _time(item.first),
        "last": _time(item.last),
        "retired": retired,
    }


def _profile(item: Profile) -> dict[str, Any]:
    return {"document": item.document, "time": _time(item.time), "words": item.words, "names": item.names, "note": item.note}


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def loaded(text: str) -> State:
    """The state that ``text`` holds; KeyError or ValueError when it holds none."""
    found = json.loads(text)
    limits = Limits(**{**found["limits"], "window": timedelta(seconds=found["limits"]["window"])})
    clusters = {item["id"]: Cluster(**_known(item)) for item in found["clusters"]}
    index = {key: dict.fromkeys(stories) for key, stories in found["index"].items()}
    listed: dict[str, set[str]] = {}
    for key, stories in index.items():
        for story in stories:
            listed.setdefault(story, set()).add(key)
    profiles = {item["document"]: Profile(**{**item, "time": _moment(item["time"])}) for item in found["profiles"]}
    return State(
        limits=limits,
        frequencies=Frequencies(found["documents"], found["counts"]),
        clusters=clusters,
        home={member: cluster.id for cluster in clusters.values() for member in cluster.members},
        index=index,
        listed=listed,
        profiles=profiles,
        newest=_moment(found["newest"]),
        used=dict.fromkeys(found["used"]),
    )


def _known(item: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in item.items() if name != "retired"}
    return {**rest, "first": _moment(item["first"]), "last": _moment(item["last"])}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
