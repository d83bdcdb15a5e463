"""Through real servers on loopback; a network namespace plays the public internet."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emotoon.core.safe_http import FetchFailed, FetchLimits, FetchRefused, fetch
from tests.file_server import FileServer, Served, file_server

ROOT = Path(__file__).parents[3]
LIMITS = FetchLimits(bytes=100_000, seconds=5, connect_seconds=2, silence_seconds=1)


@pytest.fixture
def server():
    with file_server() as site:
        yield site


def body(server: FileServer, path: str, limits: FetchLimits = LIMITS, **options) -> bytes:
    with fetch(f"{server.address}/{path}", limits=limits, trusted=server.address, **options) as answer:
        return b"".join(answer.chunks())


def refusal(url: str, **options):
    with pytest.raises((FetchRefused, FetchFailed)) as caught, fetch(url, **{"limits": LIMITS, **options}):
        pass
    return caught.value


def test_a_trusted_origin_is_read_in_pieces(server):
    server.files["a"] = Served(bytes(range(256)) * 300)
    assert body(server, "a") == bytes(range(256)) * 300
    server.files["b"] = Served(b"chunked" * 1000, chunked=True)
    assert body(server, "b") == b"chunked" * 1000


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/a", "fetch_not_https"),
        ("https://127.0.0.1/a", "fetch_private"),
        ("https://localhost/a", "fetch_private"),
        ("https://[::1]/a", "fetch_private"),
        ("https://127.1/a", "fetch_private"),
        ("https://2130706433/a", "fetch_private"),
        ("https://0.0.0.0/a", "fetch_private"),
        ("https://10.1.2.3/a", "fetch_private"),
        ("https://172.16.0.1/a", "fetch_private"),
        ("https://192.168.0.1/a", "fetch_private"),
        ("https://169.254.169.254/latest/meta-data/", "fetch_private"),
        ("https://100.64.0.1/a", "fetch_private"),
        ("https://[fe80::1]/a", "fetch_private"),
        ("https://[fd00::1]/a", "fetch_private"),
        ("https://[::ffff:127.0.0.1]/a", "fetch_private"),
        ("https://[64:ff9b::7f00:1]/a", "fetch_private"),
        ("https://224.0.0.1/a", "fetch_private"),
        ("ftp://example.com/a", "fetch_address"),
        ("file:///etc/passwd", "fetch_address"),
        ("https://good.example@127.0.0.1/a", "fetch_address"),
        ("https:///a", "fetch_address"),
        ("https://example.com:99999/a", "fetch_address"),
        ("no address", "fetch_address"),
    ],
)
def test_what_is_not_fetched(url, code):
    assert refusal(url).code == code


def test_trust_is_for_one_origin_only(server):
    server.files["a"] = Served(b"secret")
    assert refusal(f"{server.address}/a").code == "fetch_not_https"
    other = server.address.replace("127.0.0.1", "localhost")
    assert refusal(f"{server.address}/a", trusted=other).code == "fetch_not_https"
    with file_server() as neighbour:
        assert refusal(f"{server.address}/a", trusted=neighbour.address).code == "fetch_not_https"
    assert server.requests == []


def test_redirects_are_checked_like_the_first_address(server):
    server.files["a"] = Served(status=302, headers={"Location": "/b"})
    server.files["b"] = Served(b"here")
    assert body(server, "a") == b"here"
    for target, code in {
        "https://127.0.0.1:1/": "fetch_private",
        "http://example.com/": "fetch_not_https",
        "https://169.254.169.254/": "fetch_private",
        "file:///etc/passwd": "fetch_address",
    }.items():
        server.files["a"] = Served(status=307, headers={"Location": target})
        assert refusal(f"{server.address}/a", trusted=server.address).code == code


def test_redirects_end(server):
    server.files["a"] = Served(status=302, headers={"Location": "/a"})
    assert refusal(f"{server.address}/a", trusted=server.address).code == "fetch_redirects"
    assert len(server.requests) == LIMITS.redirects + 1


def test_a_name_that_resolves_differently_a_moment_later_gains_nothing(server, monkeypatch):
    """DNS rebinding: the first answer is public, every later one is our loopback server."""
    port = int(server.address.rpartition(":")[2])
    system, asked = socket.getaddrinfo, []

    def resolve(host, *arguments, **options):
        if host != "rebind.test":
            return system(host, *arguments, **options)
        asked.append(host)
        return system("192.0.9.1" if len(asked) == 1 else "127.0.0.1", *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    server.files["a"] = Served(b"secret")
    limits = FetchLimits(bytes=100, seconds=1, connect_seconds=0.3, silence_seconds=0.3)
    error = refusal(f"https://rebind.test:{port}/a", limits=limits)
    assert error.code in {"fetch_unreachable", "fetch_timeout"}
    assert len(asked) == 1
    assert server.requests == []
    assert refusal(f"https://rebind.test:{port}/a", limits=limits).code == "fetch_private"


def test_a_body_that_is_too_large_is_not_read(server):
    server.files["a"] = Served(b"x" * (LIMITS.bytes + 1))
    server.files["b"] = Served(b"x" * (LIMITS.bytes + 1), chunked=True)  # says nothing about its length
    for path in ("a", "b"):
        with pytest.raises(FetchRefused) as caught:
            body(server, path)
        assert caught.value.code == "fetch_too_large"


def test_a_body_that_breaks_off_is_no_body(server):
    server.files["a"] = Served(b"x" * 1000, breaks_after=600)
    with pytest.raises(FetchFailed) as caught:
        body(server, "a")
    assert caught.value.code == "fetch_unreachable"
    assert not caught.value.permanent


@pytest.mark.parametrize("served", [Served(b"x" * 1000, byte_every_s=0.02), Served(header_every_s=0.02)])
def test_what_drips_in_ends_with_the_time(server, served):
    """Every byte arrives within the silence allowed; only the whole takes too long."""
    server.files["a"] = served
    started = time.monotonic()
    with pytest.raises(FetchFailed) as caught:
        body(server, "a", FetchLimits(bytes=10_000, seconds=0.5, silence_seconds=5))
    assert caught.value.code == "fetch_timeout"
    assert time.monotonic() - started < 5


def test_silence_ends(server):
    server.files["a"] = Served(b"x" * 10, byte_every_s=3)
    with pytest.raises(FetchFailed) as caught:
        body(server, "a", FetchLimits(bytes=100, seconds=20, silence_seconds=0.3))
    assert caught.value.code == "fetch_timeout"


@pytest.mark.parametrize(
    ("status", "permanent"), [(404, True), (403, True), (500, False), (503, False), (429, False)]
)
def test_the_status_is_said(server, status, permanent):
    server.files["a"] = Served(status=status)
    error = refusal(f"{server.address}/a", trusted=server.address)
    assert error.code == "fetch_status"
    assert error.params["status"] == status
    assert error.permanent is permanent


def test_packed_answers_are_refused(server):
    server.files["a"] = Served(b"x", headers={"Content-Encoding": "gzip"})
    assert refusal(f"{server.address}/a", trusted=server.address).code == "fetch_encoding"


def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert refusal(f"{address}/a", trusted=address).code == "fetch_unreachable"


def test_no_proxy_and_no_netrc_are_used(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    server.files["a"] = Served(b"direct")
    assert body(server, "a") == b"direct"


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return paths


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    with file_server(tls=certificate(tmp_path, "weights.test")) as server:
        server.files["a"] = Served(b"x")
        assert refusal(f"{server.address}/a", trusted=server.address).code == "fetch_unreachable"


IN_A_NETWORK_OF_ITS_OWN = """
import pathlib, socket, sys
import certifi
certificate, key = map(pathlib.Path, sys.argv[1:3])
certifi.where = lambda: str(certificate)  # before requests reads it: this network has one authority
import django
from django.conf import settings
settings.configure(USE_I18N=False)
from emotoon.core.safe_http import FetchFailed, FetchLimits, FetchRefused, fetch
from tests.file_server import Served, file_server

system = socket.getaddrinfo
names = {"weights.test": "93.184.216.34", "other.test": "93.184.216.34"}
socket.getaddrinfo = lambda host, *rest, **options: system(names.get(host, host), *rest, **options)
limits = FetchLimits(bytes=100_000, seconds=5)

def code(url):
    try:
        with fetch(url, limits=limits):
            return "answered"
    except (FetchFailed, FetchRefused) as error:
        return error.code

with file_server(host="93.184.216.34", port=443, tls=(certificate, key)) as public:
    public.files["a"] = Served(b"public" * 100)
    public.files["inwards"] = Served(status=302, headers={"Location": "http://127.0.0.1/"})
    public.files["inwards-tls"] = Served(status=302, headers={"Location": "https://localhost/"})
    public.files["onwards"] = Served(status=302, headers={"Location": "https://weights.test/a"})
    public.files["slow"] = Served(b"x" * 1000, byte_every_s=0.02)
    with fetch("https://weights.test/a", limits=limits) as answer:
        assert b"".join(answer.chunks()) == b"public" * 100
    with fetch("https://weights.test/onwards", limits=limits) as answer:
        assert b"".join(answer.chunks()) == b"public" * 100
    assert code("https://weights.test/inwards") == "fetch_not_https"
    assert code("https://weights.test/inwards-tls") == "fetch_private"
    assert code("https://other.test/a") == "fetch_unreachable"  # the certificate is for another name
    try:
        with fetch("https://weights.test/slow", limits=FetchLimits(bytes=9999, seconds=0.5)) as answer:
            b"".join(answer.chunks())
        raise AssertionError("the deadline did not hold through TLS")
    except FetchFailed as error:
        assert error.code == "fetch_timeout", error.code
print("all as it should be")
"""


def test_public_addresses_with_their_certificates(tmp_path):
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("no unshare or ip: fetching from a public address over TLS is NOT checked")
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespaces here: fetching from a public address over TLS is NOT checked")
    certificate(tmp_path, "weights.test")
    script = tmp_path / "script.py"
    script.write_text(IN_A_NETWORK_OF_ITS_OWN)
    steps = f"ip link set lo up && ip addr add 93.184.216.34/32 dev lo && exec {sys.executable} {script} "
    steps += f"{tmp_path / 'certificate.pem'} {tmp_path / 'key.pem'}"
    done = subprocess.run(
        ["unshare", "-rn", "sh", "-c", steps],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/sbin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.strip() == "all as it should be", done.stderr
