"""What a published line looks like, and that it decodes back."""

import json
from pathlib import Path

import jsonschema
import pytest

from storage import codec
from storage.jsonschema import SCHEMAS

SCHEMA_DIR = Path(__file__).parents[2] / "docs" / "schema"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schemas_are_those_of_the_records(name):
    """docs/schema says what the code writes; ``python -m storage.jsonschema docs/schema`` brings it up to date."""
    assert json.loads((SCHEMA_DIR / name).read_text()) == SCHEMAS[name]()


def test_lines_match_their_schema_and_hold_every_key_in_order(make):
    """Envelope first, then the record's fields as declared; null, never absent, where nothing is known."""
    for kind, record in (("article", make.article()), ("story", make.story())):
        schema = SCHEMAS[f"{kind}.schema.json"]()
        jsonschema.Draft202012Validator.check_schema(schema)
        line = json.loads(codec.line(7, kind, make.START, record))
        jsonschema.Draft202012Validator(schema).validate(line)
        assert list(line) == list(schema["properties"])
        assert list(line)[:5] == ["seq", "type", "schema", "time", "id" if kind == "article" else "story_id"]


def test_a_schema_refuses_what_is_not_a_line(make):
    """A missing key, a wrong type and another stream's line do not validate."""
    validator = jsonschema.Draft202012Validator(SCHEMAS["article.schema.json"]())
    line = json.loads(codec.line(1, "article", make.START, make.article()))
    assert validator.is_valid(line)
    assert not validator.is_valid({**line, "seq": 0})
    assert not validator.is_valid({**line, "type": "story"})
    assert not validator.is_valid({**line, "source": {"name": None}})
    assert not validator.is_valid({key: value for key, value in line.items() if key != "summary"})


def test_a_line_decodes_to_its_record(make):
    """Reading is the inverse of writing."""
    assert codec.article(codec.line(1, "article", make.START, make.article())) == make.article()
    assert codec.story(codec.line(1, "story", make.START, make.story())) == make.story()
    assert codec.seq_of(codec.line(12, "story", make.START, make.story())) == 12
    assert codec.time_of(codec.line(12, "story", make.START, make.story())) == make.START


def test_keys_of_a_later_version_are_ignored(make):
    """A consumer of version 1 reads lines to which keys were added."""
    line = json.loads(codec.line(1, "article", make.START, make.article()))
    assert (
        codec.article(json.dumps({**line, "mood": "calm", "source": {**line["source"], "x": 1}}).encode())
        == make.article()
    )


def test_lone_surrogates_do_not_stop_the_store(make):
    """A broken page's half surrogate becomes U+FFFD instead of an exception; whole pairs are kept."""
    line = codec.line(1, "article", make.START, make.article(text="a\ud800b \U0001f600"))
    assert codec.article(line).content_text == "a\ufffdb \U0001f600"


def test_a_line_is_one_line(make):
    """No text breaks the JSONL framing."""
    nasty = 'a\nb\r\nc\u2028d\x00e\x85f"\\'
    line = codec.line(1, "article", make.START, make.article(text=nasty))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert b"\r" not in line
    assert codec.article(line).content_text == nasty


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"seq":x,"a":1}', b'{"type":"article","seq":1}', b"\0" * 50])
def test_what_is_not_a_line_has_no_seq(raw):
    """A torn or zero-filled tail is told apart from a line."""
    with pytest.raises(ValueError, match="not a line"):
        codec.seq_of(raw)
