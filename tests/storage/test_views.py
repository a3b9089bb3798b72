"""stories.jsonl is always whole, and rewritten only when there is a reason."""

from storage.codec import story
from storage.views import StoriesFile


def read(store):
    return [story(raw) for raw in store.layout.stories_view.read_bytes().splitlines()]


def test_the_view_holds_every_story_once(store, make):
    """The last line of each story that has not been merged away."""
    make.publish(store, 1, 3)
    with store.transaction() as tx:
        tx.stories.put(make.story(2, members=("art-1", "art-2"), merged_from=("story-1",)))
    assert StoriesFile(store).refresh()
    assert read(store) == list(store.stories.current())
    assert [s.story_id for s in read(store)] == ["story-3", "story-2"]


def test_nothing_is_written_without_a_change_or_too_often(store, make):
    """A refresh that took a second is followed by a rest; force breaks it."""
    now = [100.0]

    def monotonic():
        now[0] += 1.0
        return now[0]

    view = StoriesFile(store, monotonic=monotonic)
    assert view.refresh()
    assert not view.refresh()
    make.publish(store, 1, 1)
    assert not view.refresh()
    now[0] += 60
    assert view.refresh()
    assert len(read(store)) == 1
    make.publish(store, 2, 2)
    assert view.refresh(force=True)
    assert len(read(store)) == 2


def test_a_reader_of_the_old_view_keeps_it(store, make):
    """Replacement, not rewriting: who has the file open reads it to its end."""
    make.publish(store, 1, 1)
    view = StoriesFile(store)
    view.refresh(force=True)
    with store.layout.stories_view.open("rb") as old:
        make.publish(store, 2, 2)
        view.refresh(force=True)
        assert len(old.read().splitlines()) == 1
    assert len(read(store)) == 2
