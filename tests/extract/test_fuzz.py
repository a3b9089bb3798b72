"""Whatever a server sends, extraction answers with an article or with the reason why there is none."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Drop
from pipeline.records import Extracted
from pipeline.text.agencies import agencies_in
from pipeline.text.datelines import body_start, read_dateline
from pipeline.text.language import decide, normalise_tag
from tests.extract.making import STORY, html, paragraphs, read

HEADS = [
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","author":[{"name":"AP"}],"datePublished":"2026-03-09"}</script>',
    '<meta property="og:title" content="T"><meta name="author" content="By A and B, AP"><link rel="canonical" href="//x">',
    "<base href='http://['><meta http-equiv='refresh'>",
]
PIECES = st.sampled_from(["<div>", "</div>", "<p>", "<table><td>", "<!--", "-->", "<script>", "</html>", "&#0;", "\x00", "\ud800", "é", "(AP) — ",
                          "Source: ", "©", "<li><a href='", "'>", "<article class='related'>", "\u200f", "<svg><title>"])  # fmt: skip


@given(st.sampled_from(HEADS), st.lists(st.tuples(st.integers(0, 1500), PIECES), max_size=12), st.integers(0, 3000))
@settings(max_examples=150)
def test_a_mangled_page_gives_an_article_or_a_reason(head: str, wounds: list[tuple[int, str]], cut: int) -> None:
    text = html(paragraphs([*STORY, "Source: AFP"]), head=head)
    for place, piece in wounds:
        text = text[:place] + piece + text[place:]
    try:
        found = read(text[: len(text) - cut].encode("utf-8", "surrogatepass"))
    except Drop:
        return
    assert isinstance(found, Extracted)
    found.content_text.encode()  # no lone surrogate travels on
    assert "\n\n" not in found.content_text


@given(st.binary(max_size=3000))
@settings(max_examples=100)
def test_any_bytes_give_an_article_or_a_reason(body: bytes) -> None:
    with contextlib.suppress(Drop):
        assert isinstance(read(b"<html><body>" + body), Extracted)


@given(st.text(max_size=300))
def test_a_dateline_is_a_beginning_of_its_text(text: str) -> None:
    found = read_dateline(text)
    assert 0 <= body_start(text) <= len(text)
    if found:
        assert text[: found.end].strip() == found.text
        assert found.place or found.agency


@given(st.text(max_size=200))
def test_names_and_tags_are_read_of_any_text(text: str) -> None:
    assert len(agencies_in(text)) == len(set(agencies_in(text)))
    tag = normalise_tag(text)
    assert tag is None or tag[:2].isalpha()
    decide(text, (text,))
