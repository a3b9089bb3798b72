"""Telling the service manager how we are (sd_notify(3), ``Type=notify``); nothing happens where there is none."""

import os
import socket


def notify(state: str) -> None:
    """Sends ``READY=1``, ``WATCHDOG=1``, ``STOPPING=1``, ``STATUS=…``. Never fails: a run matters more than its telling."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.connect("\0" + path[1:] if path.startswith("@") else path)
            manager.sendall(state.encode())
    except OSError:
        return
