"""The JSON Schemas (2020-12) of the published lines, made from the records.

python -m storage.jsonschema docs/schema
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from storage.codec import SCHEMA
from storage.records import Article, Story

_ENVELOPE: dict[str, Any] = {
    "seq": {"type": "integer", "minimum": 1, "description": "One count over both streams; orders everything."},
    "type": {},
    "schema": {"const": SCHEMA},
    "time": {"type": "string", "format": "date-time", "description": "When the line was published (RFC 3339, UTC)."},
}


def article_schema() -> dict[str, Any]:
    return _line_schema("article", Article)


def story_schema() -> dict[str, Any]:
    return _line_schema("story", Story)


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "article.schema.json": article_schema,
    "story.schema.json": story_schema,
}


def _line_schema(kind: str, record: type) -> dict[str, Any]:
    """The record's schema with the envelope in front; every key is required, unknown keys are allowed (version 1 may grow)."""
    schemas, components = msgspec.json.schema_components([record], ref_template="#/$defs/{name}")
    name = schemas[0]["$ref"].rsplit("/", 1)[1]
    body = components.pop(name)
    properties = {**_ENVELOPE, "type": {"const": kind}, **body["properties"]}
    for component in components.values():
        component["required"] = list(component.get("properties", {}))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{SCHEMA} {kind}",
        "description": body.get("description", ""),
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": dict(sorted(components.items())),
    }


def main(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in SCHEMAS.items():
        text = msgspec.json.format(msgspec.json.encode(make()), indent=2)
        (directory / name).write_bytes(text + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
