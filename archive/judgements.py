"""What people decide of a story, kept as objects: which articles belong to it, and which relations between them hold.

Contract: one object a :class:`Judgement`, ``judgements/<story>/<time>-<id>.json``, created once and listed in a manifest. They are read
from the store, never from the catalogue, so that no rebuild and no newer extractor touches them. Of several about one subject the newest
holds, whoever made it; the others stay, for tables of agreement.  A relation is named by the addresses of its articles, which outlive
captures and extractors (``subject_of``); ``laid_over`` puts what was judged over what was worked out.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from archive import codec, layout
from archive.relations import DIRECTED, Evidence, Judgement, Relation, RelationKind
from archive.store import Store
from archive.vault import Archive

IN, OUT, CONFIRM, REJECT = "in", "out", "confirm", "reject"
MEMBERSHIP = frozenset({IN, OUT})
VERDICTS = frozenset({IN, OUT, CONFIRM, REJECT})
_SUBJECT = re.compile(r"(?P<kind>[a-z_]+):(?P<source>https?://\S+?):(?P<target>https?://\S+)")


def save(archive: Archive, judgement: Judgement, now: datetime) -> Judgement:
    """Store a judgement under an id of its content; ObjectExists when the same one is there."""
    if judgement.verdict not in VERDICTS:
        raise ValueError(f"{judgement.verdict!r} is no verdict; one of {sorted(VERDICTS)}")
    digest = hashlib.sha256(codec.text_of(replace(judgement, id="")).encode()).hexdigest()[:12]
    named = replace(judgement, id=digest)
    archive.create(layout.judgement_key(named.story, named.time, digest), codec.text_of(named).encode(), now)
    return named


def judgements_of(store: Store, story: str) -> tuple[Judgement, ...]:
    """Every judgement about a story, the oldest first; CodecError when one is damaged."""
    found = [codec.read(Judgement, store.read(key)) for key in store.keys(layout.judgements_of(story))]
    return tuple(sorted(found, key=lambda item: (item.time, item.id)))


def holding(judgements: Iterable[Judgement]) -> Mapping[str, Judgement]:
    """The one that holds for each subject, of judgements in order of time."""
    return {item.subject: item for item in judgements}


def subject_of(kind: RelationKind, source: str, target: str) -> str:
    """The name of a relation between two addresses; of a kind without direction the smaller stands first."""
    ends = (source, target) if kind in DIRECTED else tuple(sorted((source, target)))
    return ":".join((kind, *ends))


def read_subject(text: str) -> tuple[RelationKind, str, str]:
    """The parts of such a name as a person writes it; ValueError when it is none."""
    match = _SUBJECT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no relation; write KIND:URL:URL, such as cites:http://one.example/a:http://two.example/b")
    if match["kind"] not in set(RelationKind):
        raise ValueError(f"{match['kind']!r} is no kind of relation; one of {', '.join(RelationKind)}")
    return RelationKind(match["kind"]), match["source"], match["target"]


def ruled_out(store: Store, story: str) -> frozenset[str]:
    """The URLs of which a person says that they do not belong to the story."""
    return frozenset(subject for subject, item in holding(judgements_of(store, story)).items() if item.verdict == OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlaid:
    """The relations that hold, those that a person saw alone last; and those that were worked out and rejected."""

    relations: tuple[Relation, ...]
    rejected: tuple[Relation, ...] = ()

    @property
    def differ(self) -> bool:
        """Whether people say anything else than computation."""
        return bool(self.rejected) or not all(item.computed for item in self.relations)


def laid_over(relations: Iterable[Relation], judgements: Iterable[Judgement], documents: Mapping[str, str]) -> Overlaid:
    """What was worked out as people have judged it, each with the judgement that holds; ``documents``: ids by the articles' addresses."""
    holds = holding(item for item in judgements if item.verdict in {CONFIRM, REJECT})
    urls = {document: url for url, document in documents.items()}
    named = [(subject_of(item.kind, urls[item.source], urls[item.target]), item) for item in relations]
    marked = [replace(item, judged=holds.get(name)) for name, item in named]
    rejected = tuple(item for item in marked if item.judged is not None and item.judged.verdict == REJECT)
    kept = (item for item in marked if item.judged is None or item.judged.verdict == CONFIRM)
    unseen = (item for name, item in holds.items() if item.verdict == CONFIRM and name not in dict(named))
    return Overlaid(relations=(*kept, *filter(None, (_seen(item, documents) for item in unseen))), rejected=rejected)


def _seen(judgement: Judgement, documents: Mapping[str, str]) -> Relation | None:
    """A relation that only a person saw; None where one of the articles has no text."""
    kind, source, target = read_subject(judgement.subject)
    if source not in documents or target not in documents:
        return None
    ends = documents[source], documents[target]
    first, second = ends if kind in DIRECTED else sorted(ends)
    why = f"confirmed by {judgement.coder}" + (f": {judgement.note}" if judgement.note else "")
    evidence = (Evidence(kind="judgement", words=judgement.note or judgement.verdict, note=judgement.coder),)
    return Relation(
        kind=kind, source=first, target=second, score=1.0, method="judged", why=why, evidence=evidence, judged=judgement, computed=False
    )
