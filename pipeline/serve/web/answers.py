"""Answers: entity tags, JSON, problems (RFC 9457)."""

import hashlib
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"
PROBLEM = "application/problem+json"
_encoder = msgspec.json.Encoder()


def answer(
    request: Request, body: bytes, media_type: str, *, headers: dict[str, str] | None = None, max_age_s: int = 0
) -> Response:
    """200 with an entity tag, or 304 where the client has these very bytes (RFC 9110 §13.1.2)."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    cache = f"max-age={max_age_s}" if max_age_s else "no-cache"
    all_headers = {"ETag": tag, "Cache-Control": cache, "Vary": "Accept-Encoding", **(headers or {})}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=all_headers)
    return Response(body, media_type=media_type, headers=all_headers)


def _has(given: str, tag: str) -> bool:
    """A compressing proxy may have made our tag weak; for a GET weak comparison is the rule."""
    return given.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in given.split(",")]


def json_answer(request: Request, value: Any, **options: Any) -> Response:
    return answer(request, _encoder.encode(value), JSON, **options)


def problem(status: int, title: str, detail: str) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(_encoder.encode(body), status, media_type=PROBLEM, headers={"Cache-Control": "no-store"})
