"""Fixtures of the backfill room."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pipeline.settings import ArchiveSettings, ExtractSettings, FetchSettings, Settings
from tests.backfill.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    server = Publisher()
    yield server
    server.close()


@pytest.fixture
def settings() -> Settings:
    """May reach loopback, without spacing."""
    return Settings(
        fetch=FetchSettings(
            allow_private_networks=("127.0.0.0/8",), per_host_delay_s=0.0, per_host_concurrency=8, respect_robots=False
        ),
        extract=ExtractSettings(workers=2),
    )


@pytest.fixture
def wayback_settings(settings: Settings, publisher: Publisher) -> Settings:
    return replace(settings, archives=ArchiveSettings(wayback_url=publisher.origin))
