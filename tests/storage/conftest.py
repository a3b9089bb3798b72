import importlib.util
from pathlib import Path

import pytest

from storage import Store, StoreOptions


def _factory():
    spec = importlib.util.spec_from_file_location("storage_factory", Path(__file__).with_name("factory.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FACTORY = _factory()


@pytest.fixture(scope="session")
def make():
    """The record factory (``factory.py``), also for child processes."""
    return FACTORY


@pytest.fixture
def clock():
    return FACTORY.Clock()


@pytest.fixture
def options():
    return StoreOptions(fsync="none", plain_grace_hours=0)


@pytest.fixture
def store(tmp_path, clock, options):
    with Store.open(tmp_path / "data", options, clock=clock) as opened:
        yield opened
