"""The feed list: what it may say, and edits that leave the operator's text alone."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.configuration import load_settings
from pipeline.configuration.edit import add_feeds, block, remove_feeds
from pipeline.configuration.feedlist import same_feed
from pipeline.errors import ConfigError
from pipeline.settings import FeedSettings

THREE = """\
# My feeds.

# --- Agencies ---

# The first one,
# explained.
[[feeds]]
url = "https://a.example/feed"   # inline
name = "A"

[[feeds]]
url = "https://b.example/feed"
headers = { Accept-Language = "ckb" }

# About c.
[[feeds]]
url = "https://c.example/feed"

[feeds.headers]
X = "y"

# The end.
"""


def mistakes(config_dir: Path, text: str) -> list[str]:
    (config_dir / "feeds.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(config_dir, {})
    return str(caught.value).splitlines()


def test_every_key_of_a_feed_is_read(config_dir: Path) -> None:
    (config_dir / "feeds.toml").write_text(
        '[[feeds]]\nurl = "https://a.example/"\nname = "A"\ninterval_minutes = 5\n'
        'headers = { Cookie = "x" }\nhttp2 = false\nfull_text = true\n'
    )
    [feed] = load_settings(config_dir, {}).feeds
    wanted = FeedSettings(
        url="https://a.example/", name="A", interval_minutes=5.0, headers={"Cookie": "x"}, http2=False, full_text=True
    )
    assert feed == wanted


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[feeds]]\nname = 'x'\n", 1, "feeds.url: missing"),
        ("[[feeds]]\nurl = 'a.example/feed'\n", 2, "did you mean https://a.example/feed?"),
        ("[[feeds]]\nurl = 'ftp://a.example/feed'\n", 2, "expected an http:// or https:// URL"),
        ("[[feeds]]\nurl = 'http://a.example:99999/'\n", 2, "expected an http:// or https:// URL"),
        ("[[feeds]]\nurl = 'http://[a/'\n", 2, "expected an http:// or https:// URL"),
        ("[[feeds]]\nurl = 'http://a.example/a b'\n", 2, "expected an http:// or https:// URL"),
        ("[[feeds]]\nurl = 3\n", 2, "feeds.url: expected text, not 3"),
        ("[[feeds]]\nurl = 'http://a.example/'\nintervall_minutes = 3\n", 3, "did you mean interval_minutes?"),
        ("[[feeds]]\nurl = 'http://a.example/'\ninterval_minutes = 0\n", 3, "expected a number greater than 0"),
        ("[[feeds]]\nurl = 'http://a.example/'\nheaders = { 'a b' = 'c' }\n", 3, "expected header names such as"),
        ('[[feeds]]\nurl = "http://a.example/"\nheaders = { A = "b\\nc" }\n', 3, "expected a header value on one line"),
        ("[[feed]]\nurl = 'http://a.example/'\n", 1, "feed: no such section; did you mean feeds?"),
        ("[feeds]\nurl = 'http://a.example/'\n", 1, "feeds: expected [[feeds]] blocks"),
        ("[fetch]\ntimeout_s = 3\n", 1, "settings stand in pipeline.toml"),
    ],
)
def test_a_mistake_names_file_line_key_and_what_was_expected(config_dir: Path, text: str, line: int, said: str) -> None:
    [found] = mistakes(config_dir, text)
    assert found.startswith(f"{config_dir / 'feeds.toml'}:{line}: ")
    assert said in found


def test_a_feed_listed_twice_is_named_with_both_places(config_dir: Path) -> None:
    [found] = mistakes(config_dir, "[[feeds]]\nurl='http://a.example'\n[[feeds]]\nurl='HTTP://A.example:80/#x'\n")
    assert f"{config_dir / 'feeds.toml'}:4: feeds.url" in found
    assert f"already listed at {config_dir / 'feeds.toml'}:2" in found


def test_two_lists_are_one_too_many_and_the_remedy_is_named(config_dir: Path) -> None:
    (config_dir / "feeds.opml").write_text("<opml version='2.0'><body/></opml>")
    [found] = mistakes(config_dir, "")
    assert "wirefold feeds import" in found


class TestEdits:
    @pytest.fixture
    def path(self, config_dir: Path) -> Path:
        path = config_dir / "feeds.toml"
        path.write_text(THREE, encoding="utf-8")
        return path

    def urls(self, path: Path) -> list[str]:
        return [feed.url for feed in load_settings(path.parent, {}).feeds]

    def test_a_new_feed_goes_below_what_stands_there(self, path: Path) -> None:
        add_feeds(path, [FeedSettings(url="https://d.example/", name="ڕووداو")])
        text = path.read_text(encoding="utf-8")
        assert text.startswith(THREE.rstrip("\n"))
        assert text.endswith('\n[[feeds]]\nurl = "https://d.example/"\nname = "ڕووداو"\n')

    def test_a_known_feed_is_not_added_again(self, path: Path) -> None:
        assert add_feeds(path, [FeedSettings(url="HTTPS://a.example:443/feed")]) == []
        assert path.read_text(encoding="utf-8") == THREE

    def test_the_file_and_its_folder_are_made_where_there_are_none(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "feeds.toml"
        add_feeds(path, [FeedSettings(url="https://a.example/")])
        assert self.urls(path) == ["https://a.example/"]

    def test_a_removed_feed_takes_the_comment_directly_above_it_along_and_nothing_else(self, path: Path) -> None:
        assert remove_feeds(path, ["https://a.example/feed"]) == ["https://a.example/feed"]
        text = path.read_text(encoding="utf-8")
        assert text == THREE.replace(THREE[THREE.index("# The first") : THREE.index('[[feeds]]\nurl = "https://b')], "")

    def test_the_last_feed_goes_with_its_sub_table_and_the_closing_comment_stays(self, path: Path) -> None:
        remove_feeds(path, ["https://c.example/feed"])
        text = path.read_text(encoding="utf-8")
        assert "About c" not in text
        assert text.endswith("# The end.\n")
        assert self.urls(path) == ["https://a.example/feed", "https://b.example/feed"]

    def test_several_feeds_go_at_once(self, path: Path) -> None:
        remove_feeds(path, ["https://c.example/feed", "https://a.example/feed", "https://none.example/"])
        assert self.urls(path) == ["https://b.example/feed"]

    def test_adding_and_removing_again_leaves_the_same_feeds_and_every_line(self, path: Path) -> None:
        add_feeds(path, [FeedSettings(url="https://d.example/")])
        remove_feeds(path, ["https://d.example/"])
        assert path.read_text(encoding="utf-8").rstrip() == THREE.rstrip()

    def test_a_layout_that_cannot_be_edited_safely_is_left_alone(self, path: Path) -> None:
        text = 'feeds = [{ url = "https://a.example/" }, { url = "https://b.example/" }]\n'
        path.write_text(text)
        with pytest.raises(ConfigError, match="by hand"):
            remove_feeds(path, ["https://a.example/"])
        assert path.read_text() == text

    def test_an_opml_list_is_not_edited(self, config_dir: Path) -> None:
        (config_dir / "feeds.opml").write_text("<opml/>")
        with pytest.raises(ConfigError, match="OPML"):
            add_feeds(config_dir / "feeds.toml", [FeedSettings(url="https://a.example/")])


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(string.ascii_letters + "-", min_size=1, max_size=10)
values = st.text(string.printable.replace("\n", "").replace("\r", ""), max_size=10)
feeds = st.builds(
    FeedSettings,
    url=st.integers(0, 10**6).map(lambda n: f"https://h{n}.example/feed?n={n}"),
    name=st.none() | texts,
    interval_minutes=st.none() | st.floats(min_value=0.1, max_value=1e5),
    headers=st.dictionaries(names, values, max_size=2),
    http2=st.booleans(),
    full_text=st.booleans(),
)


@given(feeds=st.lists(feeds, max_size=5, unique_by=lambda feed: feed.url), data=st.data())
def test_whatever_is_added_is_read_back_the_same_and_whatever_is_removed_is_gone(tmp_path_factory, feeds, data) -> None:
    path = tmp_path_factory.mktemp("config") / "feeds.toml"
    add_feeds(path, feeds)
    assert list(load_settings(path.parent, {}).feeds) == feeds
    gone = data.draw(st.lists(st.sampled_from([feed.url for feed in feeds]), unique=True)) if feeds else []
    remove_feeds(path, gone)
    assert list(load_settings(path.parent, {}).feeds) == [feed for feed in feeds if feed.url not in gone]


def test_a_block_says_only_what_differs_from_the_defaults() -> None:
    assert block(FeedSettings(url="https://a.example/")) == '[[feeds]]\nurl = "https://a.example/"\n'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example", "http://A.example:80/", True),
        ("https://a.example/f", "https://a.example:443/f#top", True),
        ("https://a.example/f", "http://a.example/f", False),
        ("https://a.example/f", "https://a.example/F", False),
        ("https://a.example/f?x=1", "https://a.example/f?x=2", False),
        ("https://a.example:8443/f", "https://a.example/f", False),
    ],
)
def test_two_addresses_are_one_feed_exactly_if_the_web_would_say_so(one: str, other: str, same: bool) -> None:
    assert (same_feed(one) == same_feed(other)) is same
