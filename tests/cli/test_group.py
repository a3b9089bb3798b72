"""``wirefold group``: whose line is whose."""

import json
from pathlib import Path

import pytest

TEXT = (
    "The council of the river town voted on Monday to rebuild the old bridge after years of argument about money. " * 3
)


def corpus(path: Path, *ids: object) -> Path:
    path.write_text("".join(json.dumps({"id": id_, "content_text": f"{TEXT} {n}"}) + "\n" for n, id_ in enumerate(ids)))
    return path


@pytest.mark.parametrize(("again", "shown"), [("1", '"1"'), (1, "1")])
def test_a_repeated_id_is_a_bad_line_that_names_its_first_use(
    wirefold, tmp_path: Path, again: object, shown: str
) -> None:
    """Ids are compared as text: 1 and "1" are one id, for a story's members are text."""
    path = corpus(tmp_path / "in.jsonl", 1, "b", again)
    ran = wirefold("group", path)
    assert ran.code == 1
    assert f"{path}:3: the id {shown} was used before, at {path}:1" in ran.err
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == [1, "b"]
    assert "1 line skipped" in ran.err


def test_a_file_that_is_named_twice_gives_each_record_once(wirefold, tmp_path: Path) -> None:
    path = corpus(tmp_path / "in.jsonl", "a", "b")
    ran = wirefold("group", path, path)
    assert ran.code == 1
    assert ran.err.count("was used before") == 2
    assert len(ran.out.splitlines()) == 2


def test_ids_keep_the_type_that_they_came_with(wirefold, tmp_path: Path) -> None:
    ran = wirefold("group", corpus(tmp_path / "in.jsonl", 7, "8"))
    assert ran.code == 0
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == [7, "8"]
