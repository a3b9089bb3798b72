"""Metrics, health, the process and its service manager."""

import re
import signal
import socket
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.cli import main
from pipeline.engines.notify import notify
from tests.serve.made import Corpus, article
from tests.serve.running import serving, until

pytestmark = pytest.mark.xdist_group("serve")


def test_metrics_have_the_names_and_units_that_prometheus_asks_for(server):
    server.get("/nowhere/at/all")
    server.http.request("BREW", "/")
    families = list(text_string_to_metric_families(server.get("/metrics").text))
    values = {sample.name: sample.value for family in families for sample in family.samples}
    assert values["wirefold_store_up"] == 1
    assert values["wirefold_store_articles"] == server.json("/api/v1/status")["articles"]
    assert values["wirefold_store_lines_total"] == server.json("/api/v1/status")["last_seq"]
    for family in families:
        assert re.fullmatch(r"(wirefold|process)_[a-z0-9_]+", family.name)
        assert family.documentation
        assert not re.search(r"_(ms|millis|minutes|kb)$", family.name)


def test_labels_are_closed_sets(server):
    for number in range(5):
        server.get(f"/stories/s-{number}")
        server.get(f"/nowhere/{number}")
    names = {"route": set(), "method": set(), "status": set(), "slug": set(), "health": set(), "le": set()}
    for family in text_string_to_metric_families(server.get("/metrics").text):
        for sample in family.samples:
            for name, value in sample.labels.items():
                names[name].add(value)
    assert names["method"] <= {"GET", "HEAD", "other"}
    assert {"/stories/{story_id}", "other"} <= names["route"]
    assert not [route for route in names["route"] if re.search(r"s-\d|nowhere", route)]


def test_it_lives_at_once_and_is_ready_when_the_lists_are(tmp_path):
    corpus = Corpus(tmp_path / "data")
    corpus.add(article(1))
    with serving(corpus.data, "--index", str(tmp_path / "elsewhere.db")) as running:
        assert running.get("/livez").text == "ok\n"
        until(lambda: running.get("/readyz").status_code == 200)
        assert (tmp_path / "elsewhere.db").exists()
        assert not (corpus.data / "state" / "serve.db").exists()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=20) == 0
        running.log.seek(0)
        log = running.log.read()
    assert "answered method=GET path=/livez status=200" in log
    assert "Traceback" not in log


def test_the_service_manager_is_told(tmp_path):
    corpus = Corpus(tmp_path / "data")
    corpus.add(article(1))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        with serving(corpus.data, env={"NOTIFY_SOCKET": str(tmp_path / "notify")}):
            assert manager.recv(100) == b"READY=1"


def test_telling_nobody_or_the_dead_is_no_error(tmp_path, monkeypatch):
    for path in ("", "relative", str(tmp_path / "nobody"), "@wirefold-nobody"):
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        notify("READY=1")


def test_without_a_store_it_says_so_and_ends_with_2(tmp_path, capsys):
    assert main(["serve", "--data", str(tmp_path / "typo")]) == 2
    assert "no store" in capsys.readouterr().err


def test_a_taken_port_is_said_and_ends_with_2(server, capsys):
    port = server.base.rsplit(":", 1)[1]
    assert main(["serve", "--data", str(server.data), "--port", port]) == 2
    assert "address already in use" in capsys.readouterr().err


@pytest.mark.parametrize("unit", ["wirefold.service", "wirefold-serve.service"])
def test_the_units_are_valid(repository, tmp_path, unit):
    """systemd's own check, where systemd is; the program's path is replaced by one that exists."""
    text = (repository / "deploy" / unit).read_text()
    for key in ("Type=notify", "NoNewPrivileges=yes", "ProtectSystem=strict", "Restart="):
        assert key in text
    (tmp_path / unit).write_text(
        re.sub(r"/opt/wirefold/bin/wirefold", "/bin/true", text).replace("wirefold.service", "")
    )
    try:
        done = subprocess.run(
            ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("no systemd on this machine")
    complaints = [line for line in done.stderr.splitlines() if unit in line]
    assert not complaints, done.stderr
