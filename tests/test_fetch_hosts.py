"""Which hosts may be reached: judged by the address that the socket connects to, whatever the name or the form."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest

from clerk.errors import FetchError, FetchRefusedError
from clerk.fetch.client import Client, Limits
from clerk.fetch.hosts import GuardedBackend, is_public
from tests.fetch_server import Answer, Server, pdf

pytest_plugins = ("tests.fixtures_fetch",)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::1", "192.0.2.1", "198.18.0.1", "no address",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0",
    ],
)
def test_this_machine_is_refused_in_every_spelling(server: Server, host: str) -> None:
    server.pages["/"] = Answer(b"secret")
    client = Client(Limits(timeout=2), sleep=lambda _: None)
    with pytest.raises((FetchRefusedError, FetchError)) as caught:
        client.request("GET", f"http://{host}:{server.port}/")
    # Whether a spelling is an address at all is the resolver's business; none may get through.
    if host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
        assert "is on a private network" in str(caught.value)
    assert server.seen == []


def test_a_redirect_to_this_machine_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.pages["/start"] = Answer(b"", 302, {"Location": f"http://127.0.0.1:{server.port}/secret"})
    server.pages["/secret"] = Answer(b"secret")
    # A "public" name whose address is let through, so that the redirect is reached.
    known = {"town.example": ["93.184.216.34"]}
    monkeypatch.setattr("clerk.fetch.hosts.resolve", lambda host, port: known.get(host, [host]))
    inner = httpcore.SyncBackend()
    monkeypatch.setattr(
        httpcore.SyncBackend,
        "connect_tcp",
        lambda self, host, port, **rest: _connect(inner, host, port, **rest),
    )
    client = Client(Limits(timeout=2), sleep=lambda _: None)
    with pytest.raises(FetchRefusedError, match="private network"):
        client.request("GET", f"http://town.example:{server.port}/start")
    assert server.paths() == ["/start"]


_REAL_CONNECT = httpcore.SyncBackend.connect_tcp


def _connect(backend: httpcore.SyncBackend, host: str, port: int, **rest: Any) -> httpcore.NetworkStream:
    return _REAL_CONNECT(backend, "127.0.0.1", port, **rest)


def test_a_name_is_resolved_once_and_connected_to_where_it_was_judged(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([["93.184.216.34", "10.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def resolver(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in next(answers)]

    tried: list[str] = []

    def connect(self: object, host: str, port: int, **_: object) -> httpcore.NetworkStream:
        tried.append(host)
        raise httpcore.ConnectError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    backend = GuardedBackend(allow_private_hosts=False)
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("town.example", 80)
    assert (asked, tried) == (["town.example"], ["93.184.216.34"])
    with pytest.raises(FetchRefusedError, match=r"town.example is on a private network \(127.0.0.1\)"):
        backend.connect_tcp("town.example", 80)
    assert len(tried) == 1


def test_sockets_of_this_machine_are_no_hosts() -> None:
    with pytest.raises(FetchRefusedError):
        GuardedBackend(allow_private_hosts=True).connect_unix_socket("/run/docker.sock")


def test_proxies_of_the_environment_are_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.pages["/a"] = Answer(pdf())
    client = Client(Limits(timeout=5, allow_private_hosts=True))
    assert client.request("GET", f"{server.url}/a").content == pdf()


def test_a_name_without_an_address_may_have_one_later() -> None:
    client = Client(Limits(timeout=2), sleep=lambda _: None)
    with pytest.raises(FetchError, match="No answer from no-such-host"):
        client.request("GET", "http://no-such-host.invalid/")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_certificates_are_verified(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args: object) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    try:
        limits = Limits(timeout=5, allow_private_hosts=True)
        with pytest.raises(FetchRefusedError, match="localhost has no valid certificate"):
            Client(limits).request("GET", f"https://localhost:{http.server_port}/")
        # The name is verified, though the connection goes to an address.
        trusted = ssl.create_default_context(cafile=str(certificate))
        answer = Client(limits, context=trusted).request("GET", f"https://localhost:{http.server_port}/")
        assert answer.text == "ok"
        with pytest.raises(FetchRefusedError, match="no valid certificate"):
            Client(limits, context=trusted).request("GET", f"https://127.0.0.1:{http.server_port}/")
    finally:
        http.shutdown()
        http.server_close()
