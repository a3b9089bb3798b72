"""Imported by the fork server, and nowhere else: one small page through every step.

Libraries, the language model (0.5 s), the public suffix list and compiled expressions are then loaded once, and shared by
all workers through copy on write: a fresh worker is at full speed with its first page.
"""

from datetime import UTC, datetime

from pipeline.records import Page
from pipeline.settings import ExtractSettings
from pipeline.stages.extract.body import readability
from pipeline.stages.extract.document import parse
from pipeline.stages.extract.flow import extract, extract_cheaply

_TEXT = (
    "Mae'r bont wedi ailagor ar ôl dwy flynedd o waith atgyweirio, meddai'r cyngor wrth drigolion y dref fore Llun. "
)
_HTML = f"<html><head><title>Warm</title></head><body><main><h1>Warm</h1>{f'<p>{_TEXT}</p>' * 8}</main></body></html>"
_PAGE = Page(
    requested_url="https://warm.example/2026/page",
    url="https://warm.example/2026/page",
    content_type="text/html",
    body=_HTML.encode(),
    fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
)

extract(_PAGE, None, ExtractSettings())
extract_cheaply(_PAGE, None, ExtractSettings())
readability(parse(_HTML))
