import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from storage.records import Article, Credit, Extraction, Source

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def texts() -> ModuleType:
    spec = importlib.util.spec_from_file_location("diff_texts", Path(__file__).with_name("texts.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def article():
    def make(id_: str, text: str, title: str = "Dam reopened", credits_: tuple[Credit, ...] = ()) -> Article:
        return Article(
            id=id_, revision=1, status="usable", url=f"https://{id_}.example/1", canonical_url=None,
            source=Source(name=id_, domain=f"{id_}.example"), feeds=(), entry_id=None, via="feed", backfill=False,
            kind="article", title=title, authors=(), summary=None, section=None, tags=(), image=None, language="en",
            date_published=NOON, date_published_raw=None, date_published_from="page", date_modified=None,
            date_first_seen=NOON, date_fetched=NOON, content_text=text, credits=credits_, dateline=None,
            extraction=Extraction(method="test", recipe="test"), content_hash="", story_id="s", match=None,
        )  # fmt: skip

    return make
