"""The state of every earlier version becomes today's, whole or not at all."""

import sqlite3

import pytest

from storage import Store, schema
from storage.errors import StoreDamaged
from storage.state import connect_writer


def shape(db):
    """Tables, indexes and triggers as they are defined."""
    return sorted(db.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))


def of_version(path, number):
    db = sqlite3.connect(path, isolation_level=None)
    for step in schema.MIGRATIONS[:number]:
        db.executescript(step)
    db.execute(f"PRAGMA user_version = {number}")
    return db


@pytest.mark.parametrize("number", range(schema.VERSION + 1))
def test_every_earlier_state_is_upgraded(tmp_path, number):
    """From each version on, opening for writing ends in the same tables as a new state has."""
    of_version(tmp_path / "old.db", number).close()
    old = connect_writer(tmp_path / "old.db", "none")
    new = connect_writer(tmp_path / "new.db", "none")
    assert shape(old) == shape(new)
    assert schema.version(old) == schema.VERSION
    old.close()
    new.close()


@pytest.fixture
def next_version(monkeypatch):
    """A program one version on, which adds a column."""
    step = "ALTER TABLE articles ADD COLUMN mood TEXT; UPDATE articles SET mood = 'calm';"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)


def test_an_upgrade_keeps_the_data(store, make, clock, request):
    """What was stored before the upgrade is there after it, and the store goes on."""
    make.publish(store, 1, 2)
    store.close()
    request.getfixturevalue("next_version")
    with pytest.raises(StoreDamaged, match="writing command upgrades"):
        Store.open(store.layout.data, clock=clock, write=False)
    with Store.open(store.layout.data, clock=clock) as upgraded:
        assert upgraded._writer.execute("SELECT DISTINCT mood FROM articles").fetchall() == [("calm",)]
        make.publish(upgraded, 3, 3)
        assert upgraded.articles.count() == 3


def test_a_failed_upgrade_changes_nothing(store, make, clock, monkeypatch):
    """A step that breaks in its middle is rolled back: the older program can still open the state."""
    make.publish(store, 1, 1)
    store.close()
    with monkeypatch.context() as later:
        later.setattr(
            schema, "MIGRATIONS", (*schema.MIGRATIONS, "ALTER TABLE articles ADD COLUMN mood TEXT; SELECT nothing;")
        )
        later.setattr(schema, "VERSION", schema.VERSION + 1)
        with pytest.raises(Exception, match="nothing"):
            Store.open(store.layout.data, clock=clock)
    with Store.open(store.layout.data, clock=clock) as again:
        assert again.articles.count() == 1
        make.publish(again, 2, 2)
