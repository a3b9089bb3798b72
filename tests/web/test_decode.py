"""The bounded decoder: whatever a body is called, it is read as what it is, and never costs more than its limit."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Reject
from pipeline.web.decode import Decoder

LIMIT = 4 * 1024 * 1024
TEXT = b"<rss>" + b"".join(b"<item>%d</item>" % (n * 7919) for n in range(3000)) + b"</rss>"


def deflate_raw(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(data) + machine.flush()


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


def decode(body: bytes, *codings: str, limit: int = LIMIT, piece: int = 1000) -> tuple[bytes, bool]:
    decoder = Decoder(codings, limit)
    for start in range(0, len(body), piece):
        decoder.feed(body[start : start + piece])
    return decoder.finish()


@given(
    text=st.binary(max_size=3000).map(lambda data: b"<" + data),
    codings=st.lists(st.sampled_from(sorted(CODERS)), max_size=4),
    piece=st.integers(1, 400),
)
def test_any_stack_of_codings_in_any_pieces_comes_off_again(text, codings, piece):
    body = text
    for coding in codings:
        body = CODERS[coding](body)
    assert decode(body, *codings, piece=piece) == (text, True)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd"])
def test_plain_text_under_a_false_label_is_read_as_text(coding):
    assert decode(TEXT, coding) == (TEXT, True)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_compression_that_nobody_announced_is_taken_off(coding):
    assert decode(CODERS[coding](TEXT)) == (TEXT, True)


def test_gzip_twice_but_announced_once_is_taken_off_twice():
    assert decode(gzip.compress(gzip.compress(TEXT)), "gzip") == (TEXT, True)


@pytest.mark.parametrize("label", ["utf-8", "none", "identity", "binary"])
def test_words_that_are_no_coding_are_ignored(label):
    assert decode(TEXT, label) == (TEXT, True)


def test_deflate_without_its_zlib_wrapper_is_understood():
    assert decode(deflate_raw(TEXT), "deflate") == (TEXT, True)


def test_gzip_labelled_as_brotli_is_gzip():
    assert decode(gzip.compress(TEXT), "br") == (TEXT, True)


@pytest.mark.parametrize("piece", [1, 3, 100, 100_000])
def test_all_members_of_a_gzip_file_count_and_what_follows_them_does_not(piece):
    body = gzip.compress(TEXT) + gzip.compress(b"<more>") + b"\0" * 30
    assert decode(body, "gzip", piece=piece) == (TEXT + b"<more>", True)


@pytest.mark.parametrize("piece", [1, 3, 100, 100_000])
def test_all_frames_of_a_zstd_body_count(piece):
    body = zstandard.compress(TEXT) + zstandard.compress(b"<more>") + b"padding"
    assert decode(body, "zstd", piece=piece) == (TEXT + b"<more>", True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_cut_short_keeps_what_came_and_says_so(coding):
    noise = b"<rss>" + bytes(str([n * n * 31337 % 100003 for n in range(60000)]), "ascii")
    body = CODERS[coding](noise)
    text, complete = decode(body[: len(body) * 2 // 3], coding)
    assert not complete
    assert noise.startswith(text)
    if coding != "zstd":  # whose blocks are 128 KiB: the first may not have come
        assert len(text) > 1000


def test_a_wrong_checksum_at_the_end_is_a_body_that_ended_badly():
    body = bytearray(gzip.compress(TEXT))
    body[-6] ^= 0xFF
    text, complete = decode(bytes(body), "gzip")
    assert (text, complete) == (TEXT, False)


def test_an_empty_body_is_empty_whatever_it_is_called():
    assert decode(b"", "gzip") == (b"", True)
    assert decode(b"ab", "gzip") == (b"ab", True)


def test_binary_rubbish_under_a_label_is_undecodable():
    with pytest.raises(Reject, match="undecodable"):
        decode(b"\x93\x11\xfe\x07" * 50, "br")


def test_too_many_layers_are_refused():
    body = TEXT
    for _ in range(7):
        body = gzip.compress(body)
    with pytest.raises(Reject, match="undecodable"):
        decode(body)
    with pytest.raises(Reject, match="undecodable"):
        Decoder(("gzip",) * 6, LIMIT)


def bombs() -> dict[str, bytes]:
    zeros = b"a" * 100_000_000
    return {
        "br": brotli.compress(zeros),
        "zstd": zstandard.compress(zeros),
        "gzip": gzip.compress(zeros, 9),
        "deflate": zlib.compress(zeros, 9),
    }


def test_a_bomb_costs_less_than_twice_the_limit():
    for coding, body in bombs().items():
        tracemalloc.start()
        with pytest.raises(Reject, match="too_large"):
            decode(body, coding, piece=65536)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2 * LIMIT, coding


def test_a_bomb_in_a_bomb_costs_no_more():
    body = gzip.compress(bombs()["gzip"])
    tracemalloc.start()
    with pytest.raises(Reject, match="too_large"):
        decode(body, "gzip", piece=65536)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * LIMIT


def test_a_zstd_window_larger_than_http_allows_is_refused():
    params = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    machine = zstandard.ZstdCompressor(compression_params=params).compressobj()
    body = machine.compress(TEXT * 40) + machine.flush()
    with pytest.raises(Reject, match="undecodable"):
        decode(body, "zstd")


def test_exactly_the_limit_passes_and_one_byte_more_does_not():
    assert decode(gzip.compress(b"<" * 1000), "gzip", limit=1000)[0] == b"<" * 1000
    with pytest.raises(Reject, match="too_large"):
        decode(gzip.compress(b"<" * 1001), "gzip", limit=1000)
