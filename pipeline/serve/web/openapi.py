"""The description of the API: OpenAPI 3.1, its schemas made from the types of the answers."""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pipeline.serve.index.listing import MAX_PAGE, PAGE
from pipeline.serve.views.pair import DiffView
from pipeline.serve.views.story import StoryView
from pipeline.serve.views.why import ExplainView
from pipeline.serve.web import api
from pipeline.serve.web.answers import json_answer
from pipeline.serve.web.params import LONGEST, LONGEST_URL, MAX_NUMBER
from storage.records import Article

TYPES: tuple[type, ...] = (
    api.StoryList, StoryView, Article, api.RevisionList, DiffView, ExplainView, api.SourceList, api.FeedList,
    api.EntryList, api.Status, api.Problem,
)  # fmt: skip

_TEXT = {"type": "string", "maxLength": LONGEST, "pattern": "^[^\\u0000]*$"}
_ID = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"}
_REVISION = {"type": "integer", "minimum": 1, "maximum": 10**6}
_LANGUAGE = {"type": "string", "maxLength": 35, "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"}
_MOMENT = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}],
    "examples": ["2026-05-01", "2026-05-01T12:00:00Z"],
}


def _query(name: str, schema: dict[str, Any], text: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": text}


FILTERS = [
    _query("q", _TEXT, 'Words that must occur in title or text; "…" keeps words together, - excludes, * any ending.'),
    _query("source", _TEXT, "A source's domain or name."),
    _query("language", _LANGUAGE, "A language tag."),
    _query("agency", _TEXT, "An agency that a version credits."),
    _query(
        "versions", {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 1}, "At least so many versions."
    ),
    _query(
        "backfill", {"enum": ["with", "without", "only"], "default": "with"}, "Stories that only a backfill brought."
    ),
    _query("since", _MOMENT, "First out at or after this day or time (UTC)."),
    _query("until", _MOMENT, "First out before this time, or on this day at the latest (UTC)."),
    _query(
        "changed_after", {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER}, "Changed by a line after this seq."
    ),
    _query("order", {"enum": ["newest", "changed"], "default": "newest"}, "By first version, or by last change."),
]
PAGING = [
    _query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": PAGE}, "Stories a page."),
    _query("cursor", {"type": "string", "maxLength": 120}, "What the page before gave as `next`."),
]
PAIR = [
    _query("a", _ID, "An article's id.", required=True),
    _query("b", _ID, "Another article's id.", required=True),
    _query("ra", _REVISION, "A revision of a, default the latest."),
    _query("rb", _REVISION, "A revision of b, default the latest."),
]


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _ID}


PATHS: tuple[tuple[str, str, str, str, list[dict[str, Any]]], ...] = (
    ("/api/v1/stories", "listStories", "StoryList", "Stories, newest first", [*FILTERS, *PAGING]),
    ("/api/v1/stories/{story_id}", "getStory", "StoryView", "One story with its versions", [_path("story_id")]),
    ("/api/v1/articles/{article_id}", "getArticle", "Article", "An article's latest revision", [_path("article_id")]),
    ("/api/v1/articles/{article_id}/revisions", "listRevisions", "RevisionList", "All its revisions", [_path("article_id")]),
    ("/api/v1/diff", "diff", "DiffView", "What b made of a", PAIR),
    ("/api/v1/explain", "explain", "ExplainView", "Why two articles are, or are not, together", PAIR),
    ("/api/v1/sources", "listSources", "SourceList", "Who copies whom",
     [_query("period", {"enum": ["7d", "30d", "365d", "all"], "default": "30d"}, "The time before now.")]),
    ("/api/v1/feeds", "listFeeds", "FeedList", "The health of the feeds",
     [_query("url", {"type": "string", "maxLength": LONGEST_URL}, "Only this feed.")]),
    ("/api/v1/entries", "listEntries", "EntryList", "What did not become an article",
     [_query("slug", {"type": "string", "pattern": "^[a-z0-9_]{0,64}$"}, "The reason of which to list the latest entries.")]),
    ("/api/v1/status", "getStatus", "Status", "How far everything is", []),
)  # fmt: skip


@cache
def description() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components(TYPES, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "wirefold",
            "version": version("wirefold"),
            "description": "Stories, their versions and where they came from. Read-only; every answer has an ETag.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {path: {"get": _operation(*rest)} for path, rest in ((row[0], row[1:]) for row in PATHS)},
        "components": {"schemas": schemas},
    }


def _operation(name: str, schema: str, summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    headers = {"ETag": {"schema": {"type": "string"}, "description": "Send it back as If-None-Match."}}
    answers: dict[str, Any] = {
        "200": {"description": summary, "headers": headers, "content": {"application/json": {"schema": _ref(schema)}}},
        "304": {"description": "What If-None-Match names is still current."},
        "400": _problem("A parameter cannot be understood."),
        "503": _problem("There is no store yet, or it cannot be read."),
    }
    if any(one["in"] == "path" or one["name"] in {"a", "cursor"} for one in parameters):
        answers["404"] = _problem("There is no such thing in the store.")
    if name == "getStory":
        answers["308"] = {"description": "The story was merged into another one: Location leads there."}
    return {"operationId": name, "summary": summary, "parameters": parameters, "responses": answers}


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/problem+json": {"schema": _ref("Problem")}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def openapi(request: Request) -> Response:
    return json_answer(request, description())
