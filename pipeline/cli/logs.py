"""Logging: one event a line on stderr, for people (``line``) or for collectors (``json``). Stdlib ``logging`` only.

Fields go into ``extra``: ``log.info("polled", extra={"url": url, "outcome": "ok"})`` → ``… polled url=… outcome=ok``.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from pipeline.settings import LogSettings

OURS = ("pipeline", "storage")
CHATTY = ("trafilatura", "htmldate", "courlan", "readability", "httpx", "httpcore", "apscheduler", "asyncio")
"""Libraries that log what is a counted outcome here, or a line per request."""
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def start(settings: LogSettings, *, verbose: bool, service: bool, stream: TextIO | None = None) -> None:
    """Sends all logs to ``stream`` (stderr). A command that is no service keeps to warnings unless ``verbose``."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.format == "json" else LineFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    if verbose:
        level = logging.DEBUG
    elif not service:
        level = max(level, logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING if verbose else logging.CRITICAL)


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as ``extra``."""
    return {name: value for name, value in vars(record).items() if name not in _OWN_FIELDS}


class LineFormatter(logging.Formatter):
    """``2026-01-31T12:00:00.123Z info pipeline.engines.daemon message key=value``, always on one line."""

    def format(self, record: logging.LogRecord) -> str:
        words = [_time(record), record.levelname.lower(), record.name, record.getMessage()]
        words += [f"{name}={_plain(value)}" for name, value in fields(record).items()]
        if record.exc_info:
            words.append(f"exception={_plain(self.formatException(record.exc_info))}")
        return " ".join(words).replace("\r", "\\r").replace("\n", "\\n")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, then the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields(record),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False, default=str)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(c.isspace() or c in '"=' for c in text) else text
