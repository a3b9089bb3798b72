"""HTTP/2 over TLS where it is offered, with a switch per request; a certificate that is wrong is an outcome."""

import asyncio
import shutil
import ssl
import subprocess

import h2.config
import h2.connection
import h2.events
import pytest

from pipeline.errors import Retry
from pipeline.records import Request
from pipeline.settings import FetchSettings
from pipeline.web.client import HttpWeb

BODY = b"<rss>" + b"x" * 100_000


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for a.test, made by the openssl command."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=a.test"]
    command += ["-addext", "subjectAltName=DNS:a.test", "-addext", "basicConstraints=critical,CA:TRUE"]
    subprocess.run(command, check=True, capture_output=True)
    return key, cert


class TlsServer(asyncio.Protocol):
    """Answers every request with BODY, in whichever protocol was negotiated."""

    spoken: list[str]

    def __init__(self):
        self.h2 = None

    def connection_made(self, transport):
        self.transport = transport
        if transport.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
            self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            self.h2.initiate_connection()
            transport.write(self.h2.data_to_send())

    def data_received(self, data):
        if self.h2 is None:
            TlsServer.spoken.append("http/1.1")
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)
            return
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                TlsServer.spoken.append("h2")
                self.h2.send_headers(event.stream_id, [(":status", "200"), ("etag", '"h2"')])
                self.waiting = {event.stream_id: BODY}
                self._pump(event.stream_id)
            elif isinstance(event, h2.events.WindowUpdated):
                for stream in list(getattr(self, "waiting", {})):
                    self._pump(stream)
        self.transport.write(self.h2.data_to_send())

    def _pump(self, stream):
        body = self.waiting[stream]
        while body and (room := min(self.h2.local_flow_control_window(stream), 16384)) > 0:
            self.h2.send_data(stream, body[:room])
            body = body[room:]
        self.waiting[stream] = body
        if not body:
            del self.waiting[stream]
            self.h2.end_stream(stream)


@pytest.fixture
def secure(clock, certificate):
    """Runs ``scene(web, port)`` against the TLS server; ``trusted``: whether the client knows the certificate."""

    def run(scene, *, trusted=True, **wishes):
        async def main():
            TlsServer.spoken = []
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate[1], certificate[0])
            context.set_alpn_protocols(["h2", "http/1.1"])
            server = await asyncio.get_running_loop().create_server(TlsServer, "127.0.0.1", 0, ssl=context)
            port = server.sockets[0].getsockname()[1]
            names = dict.fromkeys(("a.test", "other.test"), f"127.0.0.1:{port}")
            settings = FetchSettings(
                per_host_delay_s=0.0, allow_private_networks=("127.0.0.0/8",), resolve=names, **wishes
            )
            tls = ssl.create_default_context(cafile=str(certificate[1])) if trusted else None
            web = HttpWeb(settings, clock, _NoHosts(), tls=tls)
            try:
                await scene(web, port)
            finally:
                await web.aclose()
                server.close()
                await asyncio.sleep(0.01)

        asyncio.run(main())

    return run


class _NoHosts:
    def get(self, host):
        return None

    def put(self, state):
        pass


def test_http2_is_spoken_where_offered_and_can_be_switched_off_for_one_request(secure):
    async def scene(web, port):
        first = await web.get(Request(url="https://a.test/feed", kind="feed"))
        assert (first.status, first.body, first.headers["etag"]) == (200, BODY, '"h2"')
        second = await web.get(Request(url="https://a.test/feed", kind="feed", http2=False))
        assert second.body == BODY
        assert TlsServer.spoken == ["h2", "http/1.1"]

    secure(scene)


def test_the_setting_switches_it_off_for_all(secure):
    async def scene(web, port):
        await web.get(Request(url="https://a.test/feed", kind="feed"))
        assert TlsServer.spoken == ["http/1.1"]

    secure(scene, http2=False)


def test_many_requests_at_once_share_one_connection_and_all_arrive(secure):
    async def scene(web, port):
        request = Request(url="https://a.test/feed", kind="feed")
        await web.get(request)
        answers = await asyncio.gather(*[web.get(request) for _ in range(8)])
        assert all(answer.body == BODY for answer in answers)

    secure(scene, per_host_concurrency=4)


def test_an_unknown_certificate_and_a_wrong_name_are_tls_failures(secure):
    async def unknown(web, port):
        with pytest.raises(Retry, match="tls_failure"):
            await web.get(Request(url="https://a.test/feed", kind="feed"))

    async def wrong_name(web, port):
        with pytest.raises(Retry, match="tls_failure"):
            await web.get(Request(url="https://other.test/feed", kind="feed"))

    secure(unknown, trusted=False)
    secure(wrong_name)


def test_plain_http_on_the_tls_port_and_tls_on_a_plain_port_have_names(secure, play):
    async def plain(web, port):
        with pytest.raises(Retry):
            await web.get(Request(url=f"http://127.0.0.1:{port}/", kind="feed"))

    async def tls_to_plain(wire):
        with pytest.raises(Retry, match="tls_failure"):
            await wire.get(f"https://127.0.0.1:{wire.port}/")

    secure(plain)
    play(tls_to_plain, timeout_s=3.0, connect_timeout_s=2.0)
