"""Requests that are broken, hostile or nonsense: each gets its error, and others are served."""

import concurrent.futures
import json
import time

import pytest

from harness.clients import client
from harness.raw import RawConnection, request
from harness.server import Server
from harness.signed import JSON, Connection, error_code, sign

MEBIBYTE = 1024 * 1024
CBOR = {"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}


@pytest.fixture(scope="module")
def server():
    """A server of its own, which must be healthy and small when all is over."""
    with Server("--log", "warn") as running:
        yield running
        status, _, _ = Connection(running).call("ListKeys")
        assert status == 200
        assert "panic" not in running.log.read_text()
        assert running.resident_bytes() < 200 * MEBIBYTE


@pytest.fixture
def connection(server):
    """A new connection as root."""
    opened = Connection(server)
    yield opened
    opened.close()


def refused(answer, status, *codes):
    """Asserts an error with one of the codes."""
    assert answer[0] == status, answer
    assert error_code(answer[2]) in codes, answer[2]


BROKEN_JSON = {
    "cut off": b'{"KeyId": "x"',
    "trailing data": b"{} {}",
    "not an object": b"[]",
    "no JSON": b"hello",
    "not UTF-8": b'{"KeyId": "\xff\xfe"}',
    "lone surrogate": b'{"KeyId": "\\ud800"}',
    "duplicate member": b'{"KeyId": "a", "KeyId": "b"}',
    "duplicate context key": b'{"KeyId":"a","Plaintext":"eA==","EncryptionContext":{"a":"1","a":"2"}}',
    "wrong type": b'{"KeyId": 7, "Plaintext": "eA=="}',
    "no base64": b'{"KeyId": "a", "Plaintext": "***"}',
    "huge number": b'{"KeyId": "a", "Plaintext": "eA==", "DryRun": 1e400}',
    "deep": b'{"x":' * 50_000 + b"1" + b"}" * 50_000,
    "deep lists": b'{"GrantTokens":' + b"[" * 100_000,
    "byte order mark": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("what", BROKEN_JSON)
def test_broken_json_is_a_serialization_error(connection, what):
    refused(connection.post("Encrypt", BROKEN_JSON[what]), 400, "SerializationException")


def test_what_is_missing_is_a_validation_error(connection):
    answer = connection.call("Encrypt")
    refused(answer, 400, "ValidationException")
    message = answer[2].get("message") or answer[2].get("Message")
    assert message.startswith("2 validation errors detected: Value null at '")


@pytest.mark.parametrize("size", [MEBIBYTE + 1, 3 * MEBIBYTE])
def test_a_body_of_more_than_a_mebibyte_is_too_large(server, size):
    """A client must get to see that answer, and not a broken connection."""
    kms = client(server, "kms")
    for _ in range(5):
        with pytest.raises(kms.exceptions.ClientError) as answer:
            kms.encrypt(KeyId="a", Plaintext=bytes(size))
        assert answer.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert Connection(server).post("ListKeys", b"{" + b" " * 100_000 + b"}")[0] == 200


def test_a_length_that_lies_does_not_hold_memory(server):
    signed = sign(server, "kms", {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}, b"")
    with RawConnection(server) as raw:
        raw.send(request(signed | {"Content-Length": "99999999999"}))
        assert raw.status() == 413
    with RawConnection(server) as raw:
        raw.send(request(signed | {"Transfer-Encoding": "chunked"}))
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        for _ in range(20):
            raw.send(chunk)
        assert raw.status() == 413


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data", ""])
def test_a_wrong_content_type_is_no_operation(server, connection, content_type):
    headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": content_type}
    answer = connection.send(sign(server, "kms", headers, b"{}"), b"{}")
    assert 400 <= answer[0] < 500
    assert b"Keys" not in json.dumps(answer[2], default=repr).encode()


@pytest.mark.parametrize(
    "target",
    ["TrentService.Nothing", "TrentService.", "TrentService", ".ListKeys", "Trent.ListKeys", "listkeys"],
)
def test_unknown_targets(server, connection, target):
    signed = sign(server, "kms", {"X-Amz-Target": target, "Content-Type": JSON}, b"{}")
    status, _, answer = connection.send(signed, b"{}")
    assert (status // 100, error_code(answer)) == (4, "UnknownOperationException")


def test_an_operation_that_is_not_built_says_so(connection):
    status, _, answer = connection.call("DescribeCustomKeyStores", Limit=1)
    assert (status // 100, error_code(answer)) == (4, "UnknownOperationException")
    assert "DescribeCustomKeyStores" in (answer.get("message") or answer.get("Message"))


@pytest.mark.parametrize(
    "path", ["/x", "//", "/../../etc/passwd", "/%2e%2e/", "/service/TrentService", "/_strongroom/dev/reset", "/" + "a" * 9000]
)
def test_paths_that_lead_nowhere(server, path):
    signed = sign(server, "kms", {"Content-Type": "application/x-www-form-urlencoded"}, b"", path="/")
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "NONSENSE"):
        with RawConnection(server) as raw:
            raw.send(request(signed | {"Content-Length": "0"}, line=f"{method} {path} HTTP/1.1"))
            assert 400 <= raw.status() < 500


def test_a_request_without_a_signature(connection):
    headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}
    refused(connection.send(headers, b"{}"), 400, "MissingAuthenticationTokenException")


def tampered(server, **changes):
    """A signed ListKeys whose headers were changed afterwards."""
    headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}
    return sign(server, "kms", headers, b"{}") | changes


UNSIGNED = {"X-Amz-Security-Context": "root", "X-Amz-Security-Token": "FwoG", "X-Amz-Content-Sha256": "0"}
TAMPERED = {
    "another target": {"X-Amz-Target": "TrentService.GenerateRandom"},
    "another date": {"X-Amz-Date": "20200101T000000Z"},
    "a date that is none": {"X-Amz-Date": "yesterday"},
    "another algorithm": {"Authorization": "AWS4-HMAC-SHA1 Credential=a/b/c/d/aws4_request"},
    "half an authorization": {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA"},
    "basic authorization": {"Authorization": "Basic cm9vdDpyb290"},
    "another host": {"Host": "kms.us-east-1.amazonaws.com"},
}
REFUSALS = (
    "InvalidSignatureException",
    "IncompleteSignatureException",
    "UnrecognizedClientException",
    "MissingAuthenticationTokenException",
)


@pytest.mark.parametrize("what", TAMPERED)
def test_a_changed_request_is_refused(server, connection, what):
    refused(connection.send(tampered(server, **TAMPERED[what]), b"{}"), 400, *REFUSALS)


@pytest.mark.parametrize("header", UNSIGNED)
def test_an_x_amz_header_that_is_not_signed_is_refused(server, connection, header):
    answer = connection.send(tampered(server, **{header: UNSIGNED[header]}), b"{}")
    refused(answer, 403, "AccessDeniedException")
    assert header.lower() in str(answer[2])


def test_a_changed_body_is_refused(server, connection):
    refused(connection.send(tampered(server), b'{"Limit":1}'), 400, "InvalidSignatureException")


def test_a_signature_for_another_service_or_with_a_broken_scope(server, connection):
    headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}
    for service, region in (("iam", "us-east-1"), ("kms", "../etc"), ("KMS", "us-east-1")):
        signed = sign(server, service, headers, b"{}", region=region)
        refused(connection.send(signed, b"{}"), 400, *REFUSALS)


def test_credentials_in_header_and_query_at_once(server, connection):
    path = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b"
    headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}
    signed = sign(server, "kms", headers, b"{}", path=path)
    refused(connection.send(signed, b"{}", path=path), 400, *REFUSALS)


def test_two_authorization_headers(server):
    signed = tampered(server)
    twice = f"{signed['Authorization']}\r\nAuthorization: {signed['Authorization']}"
    with RawConnection(server) as raw:
        raw.send(request(signed | {"Authorization": twice, "Content-Length": "2"}, b"{}"))
        answer = raw.answer()
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Signature" in answer or b"Authorization" in answer


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: -1",
        "Content-Length: 2, 2, 3",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Content-Length: 2\r\n folded: line",
        "Na me: x\r\nContent-Length: 2",
        "Name: a\0b\r\nContent-Length: 2",
    ],
)
def test_ambiguous_framing_is_refused_and_the_connection_closed(server, framing):
    with RawConnection(server) as raw:
        raw.send(f"POST / HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{{}}".encode("latin-1"))
        raw.send(b"GET /_strongroom/health HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while data := raw.socket.recv(65536):
            received += data
    assert received.count(b"HTTP/1.1 ") <= 1
    assert b" 200 " not in received


@pytest.mark.parametrize(
    "line", ["", "GET", "GET /", "\x16\x03\x01\x02\x00\x01", "GET / HTTP/3.0", "G" * 70_000]
)
def test_what_is_no_http_is_refused(server, line):
    with RawConnection(server) as raw:
        raw.send(line.encode("latin-1") + b"\r\n\r\n\r\n").finish_sending()
        assert raw.status() in {0, 400, 404, 414, 431}


def test_too_many_or_too_long_headers(server):
    many = {f"x-{number}": "y" for number in range(2000)}
    for headers in (many, {"x": "y" * 200_000}):
        with RawConnection(server) as raw:
            raw.send(request(headers))
            assert raw.status() in {0, 400, 431}


CBOR_BOMBS = {
    "deep": b"\x81" * 500_000,
    "deep indefinite": b"\x9f" * 500_000,
    "deep tags": b"\xc0" * 500_000,
    "a list of 2^62": b"\xbf\x6bGrantTokens\x9b\x40\x00\x00\x00\x00\x00\x00\x00",
    "a text of 2^62": b"\xbf\x65KeyId\x7b\x40\x00\x00\x00\x00\x00\x00\x00",
    "cut off": b"\xa1\x65KeyId",
    "no map": b"\x01",
    "empty": b"",
    "duplicate member": b"\xa2\x65KeyId\x61a\x65KeyId\x61b",
    "no UTF-8": b"\xa1\x65KeyId\x62\xff\xfe",
    "trailing data": b"\xa0\xa0",
}


@pytest.mark.parametrize("what", CBOR_BOMBS)
def test_cbor_bombs(server, connection, what):
    path, body = "/service/TrentService/operation/Encrypt", CBOR_BOMBS[what]
    status, _, answer = connection.send(sign(server, "kms", CBOR, body, path=path), body, path)
    assert status == 400
    assert b"SerializationException" in answer or b"ValidationException" in answer


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"Action",
        b"Action=",
        b"Action=Nothing&Version=2010-05-08",
        b"Action=CreateUser&Version=2010-05-08&UserName=%ff",
        b"Action=CreateUser&Version=2010-05-08&UserName=%zz",
        b"Action=CreateUser&Version=2010-05-08&UserName=a&UserName=b",
        b"Action=CreateUser&Version=2010-05-08&Tags.member.99999999999.Key=a",
        b"Action=CreateUser&Version=2010-05-08" + b"&a=b" * 100_000,
        b"Action=CreateUser&Version=2010-05-08&UserName=a" + b".member.1" * 50_000 + b"=x",
    ],
    ids=range(10),
)
def test_broken_forms(server, connection, form):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, answer = connection.send(sign(server, "iam", headers, form), form)
    assert 400 <= status < 500
    assert b"<ErrorResponse" in answer


def test_slow_and_silent_clients_do_not_hold_up_others(server):
    """Two hundred clients that send a byte now and then, or nothing, and one that works."""
    slow = [RawConnection(server) for _ in range(200)]
    try:
        for number, raw in enumerate(slow):
            raw.send(request(tampered(server) | {"Content-Length": "100"})[: 40 + number * 5])
        slow[0].finish_sending()
        connection = Connection(server)
        worst = 0.0
        for _ in range(20):
            began = time.monotonic()
            assert connection.call("ListKeys")[0] == 200
            worst = max(worst, time.monotonic() - began)
            for raw in slow[1:]:
                raw.send(b"x")
        assert worst < 1
    finally:
        for raw in slow:
            raw.socket.close()


def test_many_hostile_bodies_at_once(server):
    """The memory bound of the fixture holds for all of them together."""
    body = b'{"EncryptionContext":{' + b",".join(b'"%d":"x"' % n for n in range(60_000)) + b"}}"
    assert len(body) < MEBIBYTE

    def attack(_):
        return Connection(server).post("Encrypt", body)[0]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert set(pool.map(attack, range(64))) == {400}


def test_a_client_that_goes_away_in_the_middle(server):
    for cut in range(20, 400, 20):
        with RawConnection(server) as raw:
            raw.send(request(tampered(server) | {"Content-Length": "2"}, b"{}")[:cut])
    assert Connection(server).call("ListKeys")[0] == 200


def test_pipelined_requests_are_served(server):
    one = request(tampered(server) | {"Content-Length": "2"}, b"{}")
    with RawConnection(server) as raw:
        raw.send(one * 3)
        received = b""
        while received.count(b'"Truncated"') < 3:
            received += raw.socket.recv(65536)
    assert received.count(b"HTTP/1.1 200") == 3


def test_a_client_that_closes_its_half_after_asking_is_answered(server):
    one = request(tampered(server) | {"Content-Length": "2"}, b"{}")
    for _ in range(20):
        with RawConnection(server) as raw:
            assert raw.send(one).finish_sending().status() == 200
