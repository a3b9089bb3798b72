"""`group`: an existing corpus, offline."""

import io
import json

import pytest

from pipeline.engines.offline import run
from pipeline.settings import GroupSettings

WIRE = (
    "The harbour of Port Selmar was closed on Tuesday after a freighter carrying grain ran aground at the mouth of the "
    "channel, the coast guard said. Tugs from two neighbouring ports were on their way and hoped to free the ship at high "
    "tide. Nobody was hurt. The harbour master said that forty ships were waiting and that the backlog would take three "
    "days to clear. Traders in the capital said prices of flour would hardly move because the mills hold stock for a month. "
    "The owner of the ship, a company registered in Valdoria, did not answer questions about the last inspection."
)
OTHER = (
    "Parliament in the capital passed the budget for next year with a narrow majority after a debate that lasted until the "
    "early morning. The finance minister called the vote a relief and promised that teachers would be paid on time. The "
    "opposition said that it would take the matter of the road tax to the constitutional court before the end of the month."
)


def record(article_id, text, site, **more):
    return {"id": article_id, "content_text": text, "source": {"domain": site}, **more}


def group(tmp_path, lines, **options):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    out, said = io.BytesIO(), []
    done = run([str(path)], out, GroupSettings(), report=said.append, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()], said, done


def test_copies_share_a_story_and_others_do_not(tmp_path):
    rows, said, done = group(
        tmp_path,
        [
            record("a", WIRE, "one.example", date_published="2024-05-07T08:00:00Z"),
            record("b", OTHER, "two.example", date_published="2024-05-07T09:00:00Z"),
            record("c", "By our staff. " + WIRE, "three.example", date_published="2024-05-07T10:00:00Z"),
        ],
    )
    assert [r["id"] for r in rows] == ["a", "b", "c"]
    assert rows[0]["story_id"] == rows[2]["story_id"] != rows[1]["story_id"]
    assert rows[0]["match_id"] is None
    assert (rows[2]["match_id"], rows[2]["relation"]) == ("a", "near")
    assert rows[2]["similarity"] > 0.9
    assert (said, done.failed, done.stories) == ([], 0, 2)


def test_aliases_and_undated_records_are_read(tmp_path):
    rows, _, _ = group(tmp_path, [{"id": 1, "text": WIRE}, {"id": 2, "text": WIRE, "published": "2019-01-01"}])
    assert rows[0]["story_id"] == rows[1]["story_id"]
    assert [r["id"] for r in rows] == [1, 2]


@pytest.mark.parametrize(
    "bad", ["{not json\n", '{"id": "x"}\n', "[]\n", '{"id": {}, "text": "x"}\n', '{"text": "x"}\n']
)
def test_a_bad_line_is_reported_with_file_and_line_and_skipped(tmp_path, bad):
    rows, said, done = group(tmp_path, [record("a", WIRE, "one.example"), "\n", bad, record("c", OTHER, "two.example")])
    assert [r["id"] for r in rows] == ["a", "c"]
    assert done.failed == 1
    assert len(said) == 1
    assert "in.jsonl:3: " in said[0]


def test_worker_processes_change_nothing(tmp_path):
    lines = [
        record(f"{i}", f"{i} {WIRE if i % 7 == 0 else OTHER + str(i) * 3} {i}", f"s{i}.example") for i in range(400)
    ]
    alone, _, _ = group(tmp_path, lines, workers=1)
    together, _, _ = group(tmp_path, lines, workers=2)
    assert together == alone
