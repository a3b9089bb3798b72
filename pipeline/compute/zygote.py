"""Imported by the fork server, and nowhere else, before the modules it preloads.

A stop signal goes to the whole process group (Ctrl-C) or control group (systemd): the fork server and its workers leave
the decision to the parent, whose end they do not outlive. numpy must not start threads in a process that will fork.
"""

import os
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
