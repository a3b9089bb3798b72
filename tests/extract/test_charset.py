"""Charsets: header, byte order mark, meta, detection, in the standard's order; and what wrong declarations may not do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.charset import codec_of, decode_html
from tests.extract.languages import BY_LANGUAGE
from tests.extract.making import html, paragraphs, read

LEGACY = [
    ("ar", "windows-1256"), ("ar", "iso-8859-6"), ("zh", "gb18030"), ("zh", "gb2312"), ("ja", "shift_jis"), ("ja", "euc-jp"),
    ("ja", "iso-2022-jp"), ("ko", "euc-kr"), ("ru", "koi8-r"), ("ru", "windows-1251"), ("th", "tis-620"), ("ku", "windows-1254"),
]  # fmt: skip


def legacy(language: str, charset: str, declared: str | None) -> bytes:
    lines = BY_LANGUAGE[language]
    text = html(paragraphs(lines), lang=None, charset=declared)
    return text.encode(charset, "xmlcharrefreplace")


@pytest.mark.parametrize(("language", "charset"), LEGACY)
def test_the_header_is_believed(language: str, charset: str) -> None:
    found = read(legacy(language, charset, None), content_type=f"text/html; charset={charset}")
    assert found.content_text.split("\n") == list(BY_LANGUAGE[language])


@pytest.mark.parametrize(("language", "charset"), LEGACY)
def test_the_meta_element_is_believed_where_the_header_is_silent(language: str, charset: str) -> None:
    assert read(legacy(language, charset, charset)).content_text.split("\n") == list(BY_LANGUAGE[language])


@pytest.mark.parametrize(("language", "charset"), [pair for pair in LEGACY if pair[0] != "ku"])
def test_an_undeclared_charset_is_detected(language: str, charset: str) -> None:
    assert read(legacy(language, charset, None)).content_text.split("\n") == list(BY_LANGUAGE[language])


@pytest.mark.parametrize(
    ("language", "charset"),
    [("ar", "windows-1256"), ("ru", "windows-1251"), ("ko", "euc-kr"), ("zh", "gb18030"), ("ja", "shift_jis")],
)
@pytest.mark.parametrize("wrong", ["utf-8", "iso-8859-1", "windows-1252"])
def test_a_wrong_declaration_survives(language: str, charset: str, wrong: str) -> None:
    """A server's default in the header, another one's template in the meta element."""
    body = legacy(language, charset, wrong)
    found = read(body, content_type=f"text/html; charset={wrong}")
    assert found.content_text.split("\n") == list(BY_LANGUAGE[language])


@pytest.mark.parametrize("wrong", ["iso-8859-1", "windows-1256", "gb2312", "shift_jis", "euc-kr", "koi8-r"])
@pytest.mark.parametrize("language", ["ar", "zh", "ckb", "ru"])
def test_valid_utf_8_is_utf_8_whatever_was_declared(language: str, wrong: str) -> None:
    found = read(legacy(language, "utf-8", wrong), content_type=f"text/html; charset={wrong}")
    assert found.content_text.split("\n") == list(BY_LANGUAGE[language])


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_stands_above_the_header(charset: str) -> None:
    found = read(legacy("ar", charset, None), content_type="text/html; charset=windows-1252")
    assert found.content_text.split("\n") == list(BY_LANGUAGE["ar"])


def test_the_header_stands_above_the_meta_element() -> None:
    found = read(legacy("ru", "koi8-r", "windows-1251"), content_type="text/html; charset=koi8-r")
    assert found.content_text.split("\n") == list(BY_LANGUAGE["ru"])


def test_a_page_cut_within_a_character_is_still_utf_8() -> None:
    body = legacy("ar", "utf-8", "utf-8")
    decoded = decode_html(body[: body.index("مايو".encode()) + 3])
    assert decoded.encoding == "utf-8"
    assert decoded.text.count("\ufffd") <= 1


def test_a_few_stray_bytes_do_not_make_utf_8_western() -> None:
    body = legacy("ru", "utf-8", "utf-8").replace(b"</article>", b"<p>caf\xe9</p></article>")
    assert decode_html(body, "text/html; charset=utf-8").encoding == "utf-8"


def test_windows_letters_under_a_latin_1_label_are_read_as_browsers_do() -> None:
    assert (
        decode_html("<p>“Tom’s” – €5</p>".encode("cp1252"), "text/html; charset=iso-8859-1").text
        == "<p>“Tom’s” – €5</p>"
    )


@pytest.mark.parametrize(("label", "codec"), [("latin1", "cp1252"), ("GB2312", "gb18030"), ("ks_c_5601-1987", "cp949"), ("x-sjis", "cp932"),
                                              ("UTF8", "utf-8"), ("tis-620", "cp874"), ("no such", None), ("", None), (None, None)])  # fmt: skip
def test_labels_mean_what_browsers_take_them_for(label: str | None, codec: str | None) -> None:
    assert codec_of(label) == codec


@given(
    st.binary(max_size=2000),
    st.sampled_from(
        ["", "text/html; charset=utf-8", "text/html; charset=shift_jis", "x; charset=utf-16", "x; charset=\x00"]
    ),
)
def test_decoding_never_fails_and_leaves_no_nul(body: bytes, content_type: str) -> None:
    decoded = decode_html(body, content_type)
    assert "\0" not in decoded.text
