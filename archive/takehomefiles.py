"""The files that describe a package: for a person, for a reference manager, for a machine that loads tables.

Contract: pure.  ``texts`` gives README.md, CITATION.cff (CFF 1.2.0), datapackage.json (Frictionless Data Package 1, every column from the
codebook) and ro-crate-metadata.json (RO-Crate 1.1), by name; nothing in them depends on a clock.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from archive.cells import moment
from archive.codebook import TABLES, Column, describe
from archive.pulljob import Pulled
from archive.pulljob import describe as in_words
from archive.records import Selection
from archive.rights import Audience
from archive.store import ObjectInfo

TYPES = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".gz": "application/warc",
    ".wacz": "application/wacz",
    ".cdxj": "text/plain",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
    ".md": "text/markdown",
}
_HOW = {
    "warc": "WARC 1.1: every record byte for byte, as it lies in the archive. `warcio index`, `zcat`.",
    "wacz": "WACZ 1.1.1: the same with index and pages. Open it in ReplayWeb.page.",
    "pywb": "A collection of pywb: run `wayback` in this folder.",
    "cdxj": "CDXJ: where each record lies in the archive's own WARC files.",
    "parquet": 'Parquet, one file a table. `polars.read_parquet("parquet/rows.parquet")`.',
    "sqlite": "SQLite, all tables with their links, the words of the texts searchable, the codebook inside. `datasette FILE`.",
    "jsonl": "JSON Lines, one file a table, times in ISO 8601 and lists as lists.",
    "csv": "CSV (UTF-8), one file a table. A text that a spreadsheet would run as a formula has an apostrophe before it.",
    "txt": "Plain text, one file for each version of an article.",
    "features": "one row a capture: figures of its text, no text",
    "md": "Markdown, one file for each version of an article.",
}
_MANY = (".txt", ".md")  # of which there is a file for each text
_FOR = {
    Audience.PRIVATE: "",
    Audience.TEAM: "This package is for a team: what an outlet lets only the archive's keepers have is not in it.\n",
    Audience.PUBLIC: "This package is for everybody: what an outlet does not let everybody have is not in it.\n",
}
_DIALECT = {"delimiter": ",", "doubleQuote": True, "header": True, "lineTerminator": "\r\n", "quoteChar": '"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is described: the files by their paths, and what each form counted."""

    name: str
    title: str
    selection: Selection
    created: datetime | None
    operator: str
    audience: Audience
    version: int | None
    software: Mapping[str, str]
    files: Mapping[str, ObjectInfo]
    counts: Mapping[str, Pulled]

    @property
    def abstract(self) -> str:
        """What it holds, in a sentence."""
        return f"Captures of news pages with the texts read from them: {in_words(self.selection)}."

    @property
    def day(self) -> str:
        """Of the newest capture."""
        return moment(self.created)[:10] if self.created else ""


def texts(package: Package) -> dict[str, str]:
    """Each file, by its name."""
    return {
        "CITATION.cff": _citation(package),
        "README.md": _readme(package),
        "datapackage.json": _json(_datapackage(package)),
        "ro-crate-metadata.json": _json(_crate(package)),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _citation(package: Package) -> str:
    """JSON strings are YAML's double-quoted ones."""
    fields = {
        "cff-version": "1.2.0",
        "message": "Cite the captures that you use by their records (copytrail cite), and this package as a whole so.",
        "type": "dataset",
        "title": package.title,
        "abstract": package.abstract,
        "version": f"story version {package.version}" if package.version else None,
        "date-released": package.day,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    authors = f"authors:\n  - name: {json.dumps(package.operator, ensure_ascii=False)}"
    return "\n".join([*lines, authors, "keywords:", "  - news", "  - web archive"]) + "\n"


def _readme(package: Package) -> str:
    listed = [item for item in package.files.values() if not item.key.endswith(_MANY)]
    files = "\n".join(f"| `{item.key}` | {item.size} | `{item.sha256}` |" for item in listed)
    forms = "\n".join(f"- `{form}/`: {_HOW[form]}" for form in package.counts)
    counts = "\n".join(f"- {form}: {words}" for form, item in package.counts.items() for words in _counted(item))
    problems = sorted({problem for item in package.counts.values() for problem in item.problems})
    lost = "\n## What is missing\n\n" + "\n".join(f"- {_cell(problem)}" for problem in problems) + "\n" if problems else ""
    return f"""# {_cell(package.title)}

{_cell(package.abstract)}
The newest capture is of {moment(package.created) if package.created else "no time"}.
Made by {_cell(package.operator)} with {", ".join(f"{name} {number}" for name, number in package.software.items())}.

The texts belong to those who published them.
{_FOR[package.audience]}
## What is here

{forms}

{counts}
{lost}
Every row names the record on which it rests: `warc_filename`, `warc_record_offset` and `warc_record_length` are the file in the archive's
store and the bytes in it, `warc_record_id` is the record, `content_digest` the sha256 of its payload.
A Range request for these bytes gives the record.
Pages that could not be had stand in `outcomes` with the reason; walls and error pages stand in `documents` with their kind.
What each column means stands in `datapackage.json`.

## Files

| file | bytes | digest |
|---|---:|---|
{files}

`manifest.json` has the digests of all files, those of single texts too, the selection and the state of the archive.
`copytrail pull --from manifest.json` makes this package again from the archive and says whether the bytes are the same.
"""


def _counted(item: Pulled) -> Iterator[str]:
    along = f", {item.originals} more came along" if item.originals else ""
    bare = f", {item.without_text} of them without an article's text" if item.without_text else ""
    rows = ", ".join(f"{number} {table}" for table, number in item.rows.items() if table != "rows")
    yield f"{item.captures} captures{bare}{along}" + (f" ({rows})" if rows else "")


def _cell(text: str) -> str:
    """A stranger's words in one line of Markdown."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("<", "\\<").replace("|", "\\|").replace("[", "\\[").replace("`", "\\`")


def _datapackage(package: Package) -> dict[str, object]:
    return {
        "profile": "data-package",
        "name": package.name,
        "title": package.title,
        "description": package.abstract,
        "created": moment(package.created) if package.created else None,
        "contributors": [{"title": package.operator, "role": "author"}],
        "resources": [_resource(item) for item in package.files.values()],
    }


def _resource(item: ObjectInfo) -> dict[str, object]:
    path = PurePosixPath(item.key)
    form, table = path.parts[0], "features" if path.parts[0] == "features" else path.stem
    described: dict[str, object] = {
        "name": "-".join(path.with_suffix("").parts).lower().replace(" ", "-"),
        "path": item.key,
        "format": form,
        "mediatype": TYPES.get(path.suffix, "application/octet-stream"),
        "bytes": item.size,
        "hash": item.sha256,
    }
    if form not in {"csv", "jsonl", "parquet", "features"}:
        return described
    shaped = {"profile": "tabular-data-resource", "encoding": "utf-8", "dialect": _DIALECT} if form == "csv" else {}
    return {**described, "description": TABLES[table].description, **shaped, "schema": _schema(form, table)}


def _schema(form: str, table: str) -> dict[str, object]:
    known = TABLES[table]
    links = [
        {"fields": column, "reference": {"resource": "" if other == table else f"{form}-{other}", "fields": there}}
        for column, other, there in known.links
    ]
    return {
        "fields": [_field(column) for column in describe(table)],
        "primaryKey": list(known.key),
        **({"foreignKeys": links} if links else {}),
    }


def _field(column: Column) -> dict[str, object]:
    return {
        "name": column.name,
        "type": column.type,
        **({"format": "any"} if column.type == "datetime" else {}),
        "description": column.description,
        "source": column.source,
        **({"unit": column.unit} if column.unit else {}),
        **({"constraints": {"enum": list(column.values)}} if column.values else {}),
    }


def _crate(package: Package) -> dict[str, object]:
    files = [{"@id": item.key, "@type": "File", "contentSize": str(item.size), "sha256": item.sha256} for item in package.files.values()]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": package.title,
        "description": package.abstract,
        "datePublished": package.day,
        "license": "The texts belong to those who published them.",
        "author": {"@id": "#operator"},
        "hasPart": [{"@id": item["@id"]} for item in files],
    }
    about = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }
    operator = {"@id": "#operator", "@type": "Organization", "name": package.operator}
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [about, root, operator, *files]}
