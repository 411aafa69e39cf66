"""The AWS port over TLS: clients that trust the certificate work, others refuse the server."""

import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest
from botocore.exceptions import SSLError

from harness.clients import client
from harness.identities import new_user
from harness.kubernetes import Plugin
from harness.server import Server, run

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")

OVER_TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "kms:ListKeys",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    },
}


def make_certificate(folder):
    """A self-signed certificate for 127.0.0.1, as two PEM files."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert]
        + ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
        + ["-addext", "basicConstraints=critical,CA:FALSE"],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


@pytest.fixture
def server(certificate):
    cert, key = certificate
    with Server("--tls-cert", str(cert), "--tls-key", str(key)) as running:
        yield running


def shown_certificate(server, cert):
    """The certificate that a new connection is shown, and the version it speaks."""
    context = ssl.create_default_context(cafile=str(cert))
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            return secure.getpeercert(binary_form=True), secure.version()


def test_a_client_that_trusts_the_certificate_works(server, certificate):
    assert server.endpoint.startswith("https://")
    kms = client(server, "kms", verify=str(certificate[0]))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"over TLS")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"over TLS"
    assert shown_certificate(server, certificate[0])[1] == "TLSv1.3"


def test_a_client_that_does_not_trust_it_refuses_the_server(server):
    with pytest.raises(SSLError):
        client(server, "kms").list_keys()


def test_status_says_that_the_port_speaks_tls(server):
    asked = run("status", "--listen", f"127.0.0.1:{server.port}")
    assert asked.returncode == 5
    assert "does not speak plain HTTP" in asked.stderr


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_plain_http_and_old_tls_get_no_answer(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        plain.sendall(b"GET /_strongroom/health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"HTTP" not in plain.recv(100)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_policies_see_that_the_transport_is_secure(server, certificate):
    verify = str(certificate[0])
    user = new_user(server, "carol", OVER_TLS_ONLY, verify=verify)
    client(server, "kms", user, verify=verify).list_keys()


def test_a_new_certificate_is_read_on_sighup(server, certificate):
    before, _ = shown_certificate(server, certificate[0])
    make_certificate(certificate[0].parent)
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            after, _ = shown_certificate(server, certificate[0])
            break
        except ssl.SSLError:
            time.sleep(0.05)
    assert after != before


def test_half_a_certificate_and_rubbish_are_refused(certificate, tmp_path):
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("not a certificate")
    for arguments in (
        ["--tls-cert", certificate[0]],
        ["--tls-cert", rubbish, "--tls-key", certificate[1]],
        ["--tls-cert", certificate[0], "--tls-key", rubbish],
        ["--tls-cert", tmp_path / "absent.pem", "--tls-key", certificate[1]],
    ):
        ended = run("serve", "--dev", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", *arguments)
        assert ended.returncode == 2, arguments
        assert "tls" in ended.stderr.lower()


def test_the_kubernetes_plugin_trusts_what_it_is_told_to(server, certificate, tmp_path):
    cert = str(certificate[0])
    key = client(server, "kms", verify=cert).create_key()["KeyMetadata"]["Arn"]
    root = {"AWS_ACCESS_KEY_ID": server.root.access_key, "AWS_SECRET_ACCESS_KEY": server.root.secret_key}
    options = ("--key", key, "--endpoint", server.endpoint)
    with Plugin(tmp_path, *options, environment=root) as plugin:
        assert "invalid peer certificate" in plugin.api_server().status().healthz
    with Plugin(tmp_path, *options, environment=root | {"AWS_CA_BUNDLE": cert}) as plugin:
        api = plugin.api_server()
        assert api.decrypt(api.encrypt(b"over TLS")) == b"over TLS"
    missing = root | {"AWS_CA_BUNDLE": str(tmp_path / "none.pem")}
    refused = run("k8s-kms", *options, environment=missing)
    assert refused.returncode == 2 and "AWS_CA_BUNDLE" in refused.stderr
