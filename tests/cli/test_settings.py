"""Settings: what is read, in which order, and how a mistake is named."""

import contextlib
import dataclasses
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.configuration import load_settings
from pipeline.configuration.checks import toml_value
from pipeline.configuration.load import SECTIONS, setting_names
from pipeline.errors import ConfigError
from pipeline.settings import Settings


def write(config_dir: Path, text: str, name: str = "pipeline.toml") -> Path:
    path = config_dir / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(config_dir: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(config_dir, environ or {})
    return str(caught.value).splitlines()


def test_an_absent_folder_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "nowhere", {}) == Settings()


def test_a_file_overrides_the_defaults_and_the_environment_the_file_and_the_command_line_both(config_dir: Path) -> None:
    write(config_dir, "[fetch]\ntimeout_s = 7\nconcurrency = 9\nper_host_concurrency = 3\n")
    environ = {"WIREFOLD_FETCH__CONCURRENCY": "11", "WIREFOLD_FETCH__PER_HOST_CONCURRENCY": "4"}
    settings = load_settings(config_dir, environ, {"fetch.per_host_concurrency": 5})
    assert settings.fetch.timeout_s == 7.0
    assert settings.fetch.concurrency == 11
    assert settings.fetch.per_host_concurrency == 5


def test_a_whole_number_is_read_as_the_float_that_a_setting_is(config_dir: Path) -> None:
    write(config_dir, "[fetch]\ntimeout_s = 7\n")
    assert isinstance(load_settings(config_dir, {}).fetch.timeout_s, float)


def test_a_byte_order_mark_is_no_mistake(config_dir: Path) -> None:
    (config_dir / "pipeline.toml").write_bytes(b"\xef\xbb\xbf[fetch]\ntimeout_s = 7\n")
    assert load_settings(config_dir, {}).fetch.timeout_s == 7.0


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[fetch]\n\ntimeout = 3\n", 3, "fetch.timeout: no such setting; did you mean timeout_s?"),
        ("[fetch]\ntimeout_s = 'x'\n", 2, 'fetch.timeout_s: expected a number greater than 0, not "x"'),
        ("[fetch]\ntimeout_s = inf\n", 2, "fetch.timeout_s: expected a number greater than 0, not inf"),
        ("[fetch]\ntimeout_s = nan\n", 2, "fetch.timeout_s: expected a number greater than 0, not nan"),
        ("[fetch]\nhttp2 = 1\n", 2, "fetch.http2: expected true or false, not 1"),
        ("[fetch]\nconcurrency = 0\n", 2, "fetch.concurrency: expected a whole number from 1 to 1000, not 0"),
        ("[fetch]\nconcurrency = 2.5\n", 2, "fetch.concurrency: expected a whole number from 1 to 1000, not 2.5"),
        ("[fetch]\nconcurrency = true\n", 2, "fetch.concurrency: expected a whole number from 1 to 1000, not true"),
        ("[fetch]\nuser_agent = ''\n", 2, 'fetch.user_agent: expected text that is not empty, not ""'),
        ("[schedule]\njitter = 2\n", 2, "schedule.jitter: expected a number from 0 to 1, not 2"),
        ("[store]\nfsync = 'yes'\n", 2, 'store.fsync: expected one of "batch", "none", not "yes"'),
        ("[store]\ntimeout_s = 3\n", 2, "store.timeout_s: no such setting; it belongs to [fetch]"),
        ("[fetsch]\ntimeout_s = 3\n", 1, "fetsch: no such section; did you mean fetch?"),
        ("timeout_s = 3\n", 1, "timeout_s: no such setting; it belongs to [fetch]"),
        ("fetch = 3\n", 1, "fetch: expected a section [fetch], not 3"),
        ("[[feeds]]\nurl='http://a.example/'\n", 1, "feeds: feeds stand in feeds.toml (or feeds.opml), not here"),
        ("[fetch]\nallow_private_networks = '10.0.0.0/8'\n", 2, "expected a list of texts, not"),
        ("[fetch]\nallow_private_networks = [\n  '10.0.0.1/8',\n]\n", 2, "did you mean 10.0.0.0/8?"),
        ("[fetch]\nallow_private_networks = ['home']\n", 2, 'such as 127.0.0.0/8 or fd00::/8, not "home"'),
        (
            "[fetch.resolve]\n'a.example' = 'localhost:1'\n",
            1,
            "expected address:port such as 127.0.0.1:8080 for a.example",
        ),
        ("[group]\nbands = 100\n", 2, "group.bands: expected bands x rows <= num_perm, not 100 x 2 > 128"),
        ("[schedule]\nmin_interval_minutes = 60\n", 2, "expected min <= default <= max"),
        ("[fetch]\nconcurrency = 1\n", 2, "fetch.concurrency: expected at most fetch.concurrency (1), not 2"),
    ],
)
def test_a_mistake_names_file_line_key_and_what_was_expected(config_dir: Path, text: str, line: int, said: str) -> None:
    path = write(config_dir, text)
    [found] = mistakes(config_dir)
    assert found.startswith(f"{path}:{line}: ")
    assert said in found


def test_all_mistakes_are_named_at_once(config_dir: Path) -> None:
    write(config_dir, "[fetch]\ntimeout = 1\nhttp2 = 2\n")
    write(config_dir, "[[feeds]]\nurl = 'x'\n", "feeds.toml")
    assert len(mistakes(config_dir, {"WIREFOLD_FETCH__CONCURRENCY": "many"})) == 4


def test_broken_toml_names_file_and_line(config_dir: Path) -> None:
    path = write(config_dir, "[fetch]\ntimeout_s = = 3\n")
    [found] = mistakes(config_dir)
    assert found.startswith(f"{path}: not valid TOML")
    assert "line 2" in found


def test_a_file_that_is_not_utf8_is_named(config_dir: Path) -> None:
    (config_dir / "pipeline.toml").write_bytes(b"[fetch]\nuser_agent = '\xff'\n")
    [found] = mistakes(config_dir)
    assert "expected UTF-8 text" in found


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("FETCH__TIMEOUT_S", "2.5", 2.5),
        ("FETCH__USER_AGENT", "plain text/1.0 (+https://x.example)", "plain text/1.0 (+https://x.example)"),
        ("FETCH__USER_AGENT", '"quoted"', "quoted"),
        ("FETCH__USER_AGENT", "17", "17"),
        ("FETCH__ALLOW_PRIVATE_NETWORKS", '["127.0.0.0/8"]', ("127.0.0.0/8",)),
        ("FETCH__ALLOW_PRIVATE_NETWORKS", "127.0.0.0/8, fd00::/8", ("127.0.0.0/8", "fd00::/8")),
        ("FETCH__ALLOW_PRIVATE_NETWORKS", "", ()),
        ("FETCH__RESOLVE", '{ "a.example" = "127.0.0.1:80" }', {"a.example": "127.0.0.1:80"}),
        ("FETCH__HTTP2", "false", False),
        ("STORE__FSYNC", "none", "none"),
        ("STORE__DATA", "/var/lib/wirefold", "/var/lib/wirefold"),
    ],
)
def test_the_environment_speaks_toml_and_plain_text(tmp_path: Path, name: str, text: str, value: object) -> None:
    settings = load_settings(tmp_path, {f"WIREFOLD_{name}": text})
    section, key = name.lower().split("__")
    assert getattr(getattr(settings, section), key) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "WIREFOLD_FETCH__TIMEOUT",
            "3",
            "WIREFOLD_FETCH__TIMEOUT: fetch.timeout: no such setting; did you mean timeout_s?",
        ),
        ("WIREFOLD_FETCH__TIMEOUT_S", "soon", "WIREFOLD_FETCH__TIMEOUT_S: fetch.timeout_s: expected a number"),
        ("WIREFOLD_FETCH_TIMEOUT_S", "3", "did you mean WIREFOLD_FETCH__TIMEOUT_S?"),
        ("WIREFOLD_FOO", "1", "WIREFOLD_FOO: no such setting; settings are WIREFOLD_<SECTION>__<KEY>"),
        ("WIREFOLD_USER_AGENT", "me", "no such setting; did you mean WIREFOLD_FETCH__USER_AGENT?"),
        ("WIREFOLD_TIMEOUT", "3", "no such setting; did you mean WIREFOLD_FETCH__TIMEOUT_S?"),
        ("WIREFOLD_NET__X", "3", "WIREFOLD_NET__X: net: no such section"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path, name: str, text: str, said: str) -> None:
    [found] = mistakes(tmp_path, {name: text})
    assert said in found


def test_other_variables_are_left_alone(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"WIREFOLDING": "1", "PATH": "y"}) == Settings()


def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_setting(tmp_path: Path) -> None:
    environ = {
        "WIREFOLD_PORT": "tcp://10.0.0.1:8080",
        "WIREFOLD_PORT_8080_TCP": "tcp://10.0.0.1:8080",
        "WIREFOLD_PORT_8080_TCP_ADDR": "10.0.0.1",
        "WIREFOLD_SERVICE_HOST": "10.0.0.1",
        "WIREFOLD_SERVICE_PORT": "8080",
        "WIREFOLD_SERVICE_PORT_HTTP": "8080",
        "WIREFOLD_SERVE_SERVICE_HOST": "10.0.0.1",
    }
    assert load_settings(tmp_path, environ) == Settings()


def test_toml_values_read_back_as_what_they_were() -> None:
    values = {
        "text": 'a "b" \\ \n \x7f ڕ', "flag": True, "whole": 3, "part": 0.25, "large": 1e22, "empty": (), "none": {},
        "list": ("a", "b"), "table": {"a.example": "127.0.0.1:80", "b-c": "x"},
    }  # fmt: skip
    for value in values.values():
        read = tomllib.loads(f"value = {toml_value(value)}")["value"]
        assert read == (list(value) if isinstance(value, tuple) else value)


class TestTheShippedConfiguration:
    """``config/`` is the documentation of the settings, so it must be whole and true."""

    @pytest.fixture
    def text(self, repository: Path) -> str:
        return (repository / "config" / "pipeline.toml").read_text(encoding="utf-8")

    def test_the_shipped_file_equals_the_defaults(self, repository: Path) -> None:
        shipped = load_settings(repository / "config", {})
        assert dataclasses.replace(shipped, feeds=()) == Settings()

    def test_the_shipped_file_holds_every_setting_and_no_other(self, text: str) -> None:
        document = tomllib.loads(text)
        assert [f"{section}.{key}" for section in document for key in document[section]] == setting_names()

    def test_every_setting_and_section_is_explained_right_where_it_stands(self, text: str) -> None:
        lines = text.splitlines()
        unexplained, explained = [], False
        for index, line in enumerate(lines):
            if re.match(r"\w+ =", line) and not explained:
                unexplained.append(line)
            if line.startswith("[") and not lines[index + 1].startswith("# "):
                unexplained.append(line)
            # One comment may explain two settings that stand directly below each other.
            explained = line.startswith("#") or (explained and bool(line.strip()) and not line.startswith("["))
        assert unexplained == []

    def test_the_shipped_feed_list_is_good_and_varied(self, repository: Path) -> None:
        feeds = load_settings(repository / "config", {}).feeds
        assert len(feeds) >= 60
        assert all(feed.name for feed in feeds)
        assert sum(not feed.name.isascii() for feed in feeds if feed.name) >= 5


@given(
    section=st.sampled_from(sorted(SECTIONS)), value=st.none() | st.binary() | st.dictionaries(st.text(), st.floats())
)
def test_no_value_whatsoever_makes_loading_fail_otherwise_than_with_a_config_error(section: str, value: object) -> None:
    names = [name for name in setting_names() if name.startswith(f"{section}.")]
    for name in names:
        with contextlib.suppress(ConfigError):
            load_settings(Path("nowhere"), {}, {name: value})
