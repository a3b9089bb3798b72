"""The locator finds the line of a key in whatever TOML a person writes."""

import tomllib

import pytest

from pipeline.configuration.locate import line_of

TEXT = '''\
# [fetch] in a comment
title = "a [table] = in a string"
[fetch]   # with a comment
timeout_s = 3
networks = [
  "10.0.0.0/8",  # ] and [ in a comment
  "timeout_s = 9",
]
prose = """
[not.a.table]
timeout_s = 4
"""
"quoted key" = 1
dotted.inner = 2
table = { x = 1, y = "}" }
after = true

[fetch.resolve]
"a.example" = "127.0.0.1:1"

[[feeds]]
url = "one"

[[feeds]]
name = 'it''s'
url = "two"

[feeds.headers]
Cookie = "x=y"
'''.replace("it''s", "its")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("fetch",), 3),
        (("fetch", "timeout_s"), 4),
        (("fetch", "networks"), 5),
        (("fetch", "prose"), 9),
        (("fetch", "quoted key"), 13),
        (("fetch", "dotted", "inner"), 14),
        (("fetch", "table"), 15),
        (("fetch", "after"), 16),
        (("fetch", "resolve", "a.example"), 19),
        (("feeds",), 21),
        (("feeds", 0, "url"), 22),
        (("feeds", 1), 24),
        (("feeds", 1, "url"), 26),
        (("feeds", 1, "headers", "Cookie"), 29),
        (("fetch", "absent"), 3),
        (("feeds", 1, "absent"), 24),
        (("absent",), None),
    ],
)
def test_a_key_is_found_on_its_line_and_an_absent_one_at_the_nearest_table(path: tuple, line: int | None) -> None:
    tomllib.loads(TEXT)
    assert line_of(TEXT, path) == line


def test_windows_line_ends_change_nothing() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert line_of(text, ("feeds", 1, "url")) == 26
