"""Logs: one event, one line, for people and for machines."""

import io
import json
import logging
import re

import pytest

from pipeline.cli import logs
from pipeline.settings import LogSettings

log = logging.getLogger("pipeline.engines.daemon")


@pytest.fixture(autouse=True)
def restored():
    before = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = before
    logging.captureWarnings(capture=False)
    for name in (*logs.OURS, *logs.CHATTY):
        logging.getLogger(name).setLevel(logging.NOTSET)


def written(settings: LogSettings, event, *, verbose: bool = False, service: bool = True) -> list[str]:
    stream = io.StringIO()
    logs.start(settings, verbose=verbose, service=service, stream=stream)
    event()
    return stream.getvalue().splitlines()


def test_a_line_holds_time_level_logger_message_and_fields() -> None:
    [line] = written(LogSettings(), lambda: log.info("polled %d", 3, extra={"url": "http://a.example/", "note": "a b"}))
    assert re.fullmatch(
        r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info pipeline\.engines\.daemon polled 3 url=http://a\.example/ note="a b"',
        line,
    )


def test_an_event_is_one_line_even_with_newlines_and_a_traceback() -> None:
    def event() -> None:
        try:
            int("x\ny")
        except ValueError:
            log.exception("broken\nthing")

    [line] = written(LogSettings(), event)
    assert "broken\\nthing" in line
    assert "ValueError" in line


def test_json_events_are_objects_with_the_same_content() -> None:
    [line] = written(LogSettings(format="json"), lambda: log.warning("late", extra={"feeds": 3, "at": {1}}))
    event = json.loads(line)
    assert (event["level"], event["logger"], event["message"], event["feeds"]) == (
        "warning",
        "pipeline.engines.daemon",
        "late",
        3,
    )


@pytest.mark.parametrize(
    ("level", "verbose", "service", "shown"),
    [
        ("info", False, True, ["info", "warning"]),
        ("warning", False, True, ["warning"]),
        ("info", False, False, ["warning"]),
        ("error", False, False, []),
        ("error", True, False, ["debug", "info", "warning"]),
    ],
)
def test_the_level_is_the_settings_and_one_shot_commands_are_quieter(level, verbose, service, shown) -> None:
    def event() -> None:
        log.debug("debug")
        log.info("info")
        log.warning("warning")

    lines = written(LogSettings(level=level), event, verbose=verbose, service=service)
    assert [line.split()[-1] for line in lines] == shown


def test_libraries_do_not_chatter() -> None:
    def event() -> None:
        logging.getLogger("trafilatura.core").error("empty HTML tree")
        logging.getLogger("httpx").info("GET")

    assert written(LogSettings(), event) == []
