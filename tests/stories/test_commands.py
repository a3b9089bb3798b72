"""``wirefold stories`` over a real store."""

import json

import pytest


def test_list_shows_the_story_that_changed_last_first(wirefold, world):
    code, out, err = wirefold("list")
    assert (code, err) == (0, "")
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("s-")]
    assert [story.story_id[: len(name)] for name, story in zip(shown, reversed(world.stories), strict=True)] == shown


def test_stories_alone_is_the_list(wirefold):
    assert wirefold() == wirefold("list")


@pytest.mark.parametrize(
    ("options", "count"),
    [((), 6), (("--versions", "2"), 3), (("--source", "ara news"), 1), (("--language", "ckb"), 2), (("--limit", "2"), 2),
     (("--since", "2026-05-13"), 0), (("--since", "2026-05-12T18:59:59"), 6)],
)  # fmt: skip
def test_list_filters(wirefold, options, count):
    code, out, _ = wirefold("list", "--json", *options)
    assert code == 0
    assert len(out.splitlines()) == count


def test_a_cut_list_says_how_many_there_are(wirefold):
    assert "2 of 6 stories; --limit 0 lists all" in wirefold("list", "--limit", "2")[1]


def test_list_json_is_the_stores_own_record(wirefold, data):
    lines = [json.loads(line) for line in wirefold("list", "--json")[1].splitlines()]
    published = [
        json.loads(line)
        for file in sorted((data / "stories").glob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]
    envelope = ("seq", "type", "schema", "time")
    for line, line_published in zip(lines, reversed(published), strict=True):
        assert line == {key: value for key, value in line_published.items() if key not in envelope}


@pytest.mark.parametrize("typed", ["s-dam4aaaaaaaaaaaa", "s-dam4", "a-kir1", "a-ki", "s-old1aaaaaaaaaaaa"])
def test_show_finds_a_story_by_any_id_that_leads_to_it(wirefold, typed):
    """Whole, abbreviated, an article's, or one that was merged away."""
    code, out, _ = wirefold("show", typed, "--json")
    assert (code, json.loads(out)["story_id"]) == (0, "s-dam4aaaaaaaaaaaa")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("s-dam", "'s-dam' is the beginning of 2 ids: s-dam4aaaaaaaaaaaa, s-dam7aaaaaaaaaaaa"), ("s-none", "no story or article with the id 's-none'"), ("", "no story or article")],
)  # fmt: skip
def test_an_id_that_leads_to_none_or_several_is_a_usage_error(wirefold, typed, said):
    code, out, err = wirefold("show", typed)
    assert (code, out) == (2, "")
    assert said in err


def test_show_json_has_changes_and_shared_passages(wirefold):
    page = json.loads(wirefold("show", "s-dam4", "--json")[1])
    ara = next(change for change in page["changes"] if change["article_id"] == "a-ara1")
    assert (ara["based_on"], ara["delay_s"], ara["lead"], ara["headline_changed"]) == (
        "a-nrt1",
        7800.0,
        "replaced",
        True,
    )
    assert ara["paragraphs"] == {"same": 2, "changed": 1, "moved": 1, "added": 2, "removed": 2}
    assert [credit["name"] for credit in ara["credits"]] == ["NRT"]
    (passage,) = page["related_passages"]["s-dam7aaaaaaaaaaaa"]
    assert passage["text"].startswith("We had divers")


def test_show_prints_the_tree(wirefold):
    code, out, _ = wirefold("show", "s-dam4")
    assert code == 0
    assert "└── Kirkuk Now" in out


def test_diff_json_gives_both_texts_back(wirefold, world):
    diff = json.loads(wirefold("diff", "a-nrt1", "a-ara1", "--json")[1])
    sides = {"a": ("same", "removed"), "b": ("same", "added")}
    for side, skipped in (("a", "added"), ("b", "removed")):
        paragraphs = [p for p in diff["paragraphs"] if p["kind"] != skipped]
        paragraphs.sort(key=lambda p: p[f"{side}_start"])
        text = "\n".join("".join(s["text"] for s in p["spans"] if s["kind"] in sides[side]) for p in paragraphs)
        assert text == world.articles[diff[side]].content_text


def test_diff_takes_a_storys_id_for_the_version_that_it_shows(wirefold):
    assert json.loads(wirefold("diff", "s-dam4aaaaaaaaaaaa", "a-hew1", "--json")[1])["a"] == "a-nrt1"


def test_diff_prints_signs(wirefold):
    code, out, _ = wirefold("diff", "a-nrt1", "a-ara1")
    assert code == 0
    assert "2 paragraphs unchanged; headline changed, another lead" in out


def test_an_option_before_the_command_is_not_silently_lost(wirefold, data):
    from pipeline.cli import main

    assert main(["stories", "--json", "list", "--data", str(data)]) == 2


def test_a_bad_date_names_what_was_expected(wirefold):
    code, _, err = wirefold("list", "--since", "yesterday")
    assert code == 2
    assert "--since: expected a date like 2026-05-01" in err


def test_a_folder_without_a_store_is_said_so(tmp_path, monkeypatch, capsys):
    from pipeline.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["stories", "list", "--data", str(tmp_path / "none")]) == 2
    assert "no store" in capsys.readouterr().err


def test_explain_says_why_two_are_together_and_what_they_share(wirefold, data):
    record = json.loads(wirefold("explain", "a-nrt1", "a-ara1", "--json")[1])
    assert (record["a"], record["b"]) == ("a-nrt1", "a-ara1")
    assert max(passage["words"] for passage in record["passages"]) > 20
    code, out, _ = wirefold("explain", "a-nrt1", "a-ara1")
    assert code == 0
    assert "shared passages of twelve words and more" in out


def test_explain_measures_in_the_order_that_was_asked_for(wirefold):
    """Grouping measures the later against the earlier; what the reader called A stays A."""
    there, back = (
        json.loads(wirefold("explain", *pair, "--json")[1]) for pair in (("a-nrt1", "a-kir1"), ("a-kir1", "a-nrt1"))
    )
    assert there["a_in_b"] != there["b_in_a"]
    assert (there["a_in_b"], there["b_in_a"]) == (back["b_in_a"], back["a_in_b"])
    assert there["a_in_b"] < there["b_in_a"]  # the short one stands in the long one


def test_explain_of_two_that_share_nothing_says_so(wirefold):
    record = json.loads(wirefold("explain", "a-nrt1", "a-zho1", "--json")[1])
    assert (record["together"], record["rule"]) == (False, "unrelated")
    out = wirefold("explain", "a-nrt1", "a-zho1")[1]
    assert "not together: nothing in common  (rule: unrelated)" in out
    assert "template" not in out
