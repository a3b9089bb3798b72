"""The current state of every story. An id, once published, stays resolvable for ever: merged ids lead to the survivor."""

from collections.abc import Iterator

from storage import codec
from storage.records import Story
from storage.tables.articles import Articles
from storage.tables.base import Commit, Connect, View


class StoriesView(View):
    def get(self, story_id: str) -> Story | None:
        """The story as it is; an id that was merged away gives the story that absorbed it."""
        row = self._db().execute("SELECT line FROM stories WHERE id = ?", (self.resolve(story_id),)).fetchone()
        return codec.story(codec.inflate(row[0])) if row else None

    def resolve(self, story_id: str) -> str:
        """The id under which the story goes on now; unknown ids are their own."""
        row = self._db().execute("SELECT new FROM story_redirects WHERE old = ?", (story_id,)).fetchone()
        return str(row[0]) if row else story_id

    def seq_of(self, story_id: str) -> int | None:
        """The seq of the story's last line; None for one that was merged away or never was."""
        row = self._db().execute("SELECT seq FROM stories WHERE id = ?", (story_id,)).fetchone()
        return int(row[0]) if row else None

    def of(self, article_id: str) -> Story | None:
        """The story that holds the article."""
        row = self._db().execute("SELECT story_id FROM articles WHERE id = ?", (article_id,)).fetchone()
        return self.get(row[0]) if row else None

    def current(self) -> Iterator[Story]:
        """Every story, the one that changed last at the end; a consistent snapshot."""
        return (codec.story(line) for line in self.lines())

    def lines(self) -> Iterator[bytes]:
        """Every story's last published line, in seq order."""
        for (line,) in self._db().execute("SELECT line FROM stories ORDER BY seq"):
            yield codec.inflate(line)

    def latest(self, limit: int | None = None) -> Iterator[Story]:
        """The stories by their last change, newest first."""
        found = self._db().execute(
            "SELECT line FROM stories ORDER BY seq DESC LIMIT ?", (-1 if limit is None else limit,)
        )
        return (codec.story(codec.inflate(line)) for (line,) in found)

    def count(self) -> int:
        return int(self._db().execute("SELECT count(*) FROM stories").fetchone()[0])

    def last_seq(self) -> int:
        """The seq of the last change of any story, 0 if there was none."""
        return int(self._db().execute("SELECT ifnull(max(seq), 0) FROM stories").fetchone()[0])


class Stories(StoriesView):
    def __init__(self, connect: Connect, commit: Commit, articles: Articles) -> None:
        super().__init__(connect)
        self._commit = commit
        self._articles = articles

    def put(self, story: Story) -> int:
        """Publishes one line; the members' ``story_id`` follows, ``merged_from`` resolves here. Returns the line's seq."""
        seq, line = self._commit.publish(story)
        self._commit.promise(seq, self.restore(story, seq, line))
        return seq

    def restore(self, story: Story, seq: int, line: bytes) -> int:
        """Takes over a published line without publishing it again (``put`` and rebuild); returns the row's number."""
        db = self._db()
        number: int
        (number,) = db.execute(
            "INSERT INTO stories (id, seq, members, updated, line) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " seq = excluded.seq, members = excluded.members, updated = excluded.updated, line = excluded.line RETURNING n",
            (story.story_id, seq, len(story.members), codec.seconds(story.date_updated), codec.deflate(line)),
        ).fetchone()
        db.execute("DELETE FROM story_redirects WHERE old = ?", (story.story_id,))
        for absorbed in story.merged_from:
            self._redirect(absorbed, story.story_id)
        self._articles.move(story.members, story.story_id)
        return number

    def _redirect(self, absorbed: str, survivor: str) -> None:
        if absorbed == survivor:
            return
        db = self._db()
        db.execute("UPDATE story_redirects SET new = ? WHERE new = ?", (survivor, absorbed))
        db.execute("REPLACE INTO story_redirects VALUES (?, ?)", (absorbed, survivor))
        db.execute("DELETE FROM stories WHERE id = ?", (absorbed,))
