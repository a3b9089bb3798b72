"""The JSON half: described, paged, tagged; what it says is what the store says."""

import json

import jsonschema
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from pipeline.serve.web.openapi import description
from storage.store import Store
from tests.serve.made import NOON

pytestmark = pytest.mark.xdist_group("serve")

api = schemathesis.openapi.from_dict(description())


OPERATIONS = [row.ok() for row in api.get_all_operations()]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.mark.parametrize(
    ("operation", "mode"),
    # What has no parameters cannot be asked for wrongly.
    [(one, mode) for one in OPERATIONS for mode in MODES if one.path != "/api/v1/status" or mode is MODES[0]],
    ids=lambda one: getattr(one, "value", None) or one.path,
)
def test_generated_requests_are_answered_as_described(server, told, operation, mode):
    """Schemathesis: valid and invalid values, unknown methods, headers left out; every check that it has."""
    ids = [version["article_id"] for version in told["versions"]]
    known = {"story_id": [told["story_id"]], "article_id": ids, "a": ids, "b": ids}
    seen = 0

    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(mode))
    def run(case):
        nonlocal seen
        seen += 1
        if mode is GenerationMode.POSITIVE and seen % 2:  # half of the requests ask for what exists
            for place in (case.path_parameters or {}, case.query or {}):
                for name in set(place) & set(known):
                    place[name] = known[name][seen // 2 % len(known[name])]
        case.call_and_validate(base_url=server.base)

    run()
    assert seen


def test_answers_hold_to_their_schemas(server, told):
    paths = {
        "/api/v1/stories?limit=5": "StoryList",
        f"/api/v1/stories/{told['story_id']}": "StoryView",
        "/api/v1/sources?period=all": "SourceList",
        "/api/v1/feeds": "FeedList",
        "/api/v1/entries?slug=not_found": "EntryList",
        "/api/v1/status": "Status",
        "/api/v1/nothing": "Problem",
    }
    schemas = description()["components"]["schemas"]
    for path, name in paths.items():
        answer = server.get(path)
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        jsonschema.validate(answer.json(), schema)


def test_the_cursor_walks_over_all_stories_and_each_is_what_the_store_holds(server):
    seen, cursor = [], ""
    while cursor is not None:
        page = server.json(f"/api/v1/stories?limit=7&cursor={cursor}")
        seen += page["stories"]
        cursor = page["next"]
    with Store.open(server.data, clock=lambda: NOON, write=False) as store:
        held = {story.story_id: story for story in store.stories.current()}
        assert sorted(held) == sorted(card["story_id"] for card in seen)
        for card in seen:
            story = held[card["story_id"]]
            assert card["title"] == story.title
            assert card["versions"] == len(story.members)
            assert card["seq"] == store.stories.seq_of(story.story_id)
        article = store.articles.get(seen[0]["canonical"])
        assert server.json(f"/api/v1/articles/{article.id}") == json.loads(msgspec.json.encode(article))


def test_a_story_lists_every_version_below_what_it_is_built_on(told):
    place = {version["article_id"]: n for n, version in enumerate(told["versions"])}
    for version in told["versions"]:
        if version["based_on"]:
            parent = told["versions"][place[version["based_on"]]]
            assert place[parent["article_id"]] < place[version["article_id"]]
            assert version["depth"] == parent["depth"] + 1
            assert version["changes"]


def test_a_diff_gives_back_both_texts(server, told):
    copy = next(one for one in told["versions"] if one["based_on"] and one["relation"] != "exact")
    found = server.json(f"/api/v1/diff?a={copy['based_on']}&b={copy['article_id']}")
    paragraphs = [paragraph for run in found["runs"] for paragraph in run["paragraphs"]]
    for side, numbers, out in (("a", "a_number", {"added", "now"}), ("b", "b_number", {"removed", "was"})):
        text = server.json(f"/api/v1/articles/{found[side]['article_id']}")["content_text"]
        ours = sorted((p for p in paragraphs if p[numbers]), key=lambda p: p[numbers])
        lines = ["".join(span["text"] for span in p["spans"] if span["kind"] not in out) for p in ours]
        assert "\n".join(lines).split() == text.split()


def test_two_versions_are_together_and_two_stories_are_not(server, told):
    copy = next(one for one in told["versions"] if one["based_on"])
    one = server.json(f"/api/v1/explain?a={copy['based_on']}&b={copy['article_id']}")
    assert (one["known"], one["together"]) == (True, True)
    assert any(measure["passed"] for measure in one["measures"])
    cards = server.json("/api/v1/stories")["stories"]
    other = next(card for card in cards if card["story_id"] != told["story_id"])
    two = server.json(f"/api/v1/explain?a={copy['article_id']}&b={other['canonical']}")
    assert (two["known"], two["together"]) == (True, False)
    assert two["sentences"]


def test_problems_are_rfc_9457(server):
    answer = server.get("/api/v1/stories?limit=0")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == 400
    assert "limit" in answer.json()["detail"]
