"""Presigned GetCallerIdentity URLs, in the style of EKS tokens, and SigV4A."""

import datetime
import time
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ServiceId
from botocore.signers import RequestSigner

from harness.clients import REGION
from harness.signed import JSON, Connection, error_code


def presigned(server, expires=60, headers=None):
    """The URL that `aws eks get-token` would wrap."""
    credentials = Credentials(server.root.access_key, server.root.secret_key)
    events = boto3.Session(region_name=REGION).events
    signer = RequestSigner(ServiceId("STS"), REGION, "sts", "v4", credentials, events)
    request = {
        "method": "GET",
        "url": f"{server.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": headers or {},
        "context": {},
    }
    return signer.generate_presigned_url(
        request, region_name=REGION, expires_in=expires, operation_name=""
    )


def fetch(url, **headers):
    """Status and body of a GET request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_presigned_url_says_who_made_it(server):
    status, body = fetch(presigned(server))
    assert status == 200
    assert f"<Arn>arn:aws:iam::{server.account}:root</Arn>" in body


def test_a_presigned_url_with_a_signed_header_needs_it(server):
    url = presigned(server, headers={"x-k8s-aws-id": "cluster-1"})
    assert fetch(url, **{"x-k8s-aws-id": "cluster-1"})[0] == 200
    assert fetch(url, **{"x-k8s-aws-id": "cluster-2"})[0] == 403
    assert fetch(url)[0] == 403


def test_an_expired_url_is_refused(server):
    url = presigned(server, expires=1)
    time.sleep(2.1)
    status, body = fetch(url)
    assert status == 403
    assert "Signature" in body and "expired" in body


@pytest.mark.parametrize(
    ("find", "replacement"),
    [
        ("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("Action=GetCallerIdentity", "Action=GetSessionToken"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("%2Fsts%2F", "%2Fiam%2F"),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
    ],
)
def test_a_changed_url_is_refused(server, find, replacement):
    url = presigned(server)
    assert find in url
    status, body = fetch(url.replace(find, replacement))
    assert status in {400, 403}, body
    assert "<Error>" in body


def test_sigv4a(server, kms, key_id):
    crt = pytest.importorskip("botocore.crt.auth", reason="awscrt is not needs_terraform")
    host = {"Host": server.endpoint.removeprefix("http://")}
    headers = host | {"X-Amz-Target": "TrentService.DescribeKey", "Content-Type": JSON}
    body = f'{{"KeyId": "{key_id}"}}'.encode()
    request = AWSRequest("POST", server.endpoint + "/", data=body, headers=headers)
    credentials = Credentials(server.root.access_key, server.root.secret_key)
    crt.CrtSigV4AsymAuth(credentials, "kms", REGION).add_auth(request)
    assert "AWS4-ECDSA-P256-SHA256" in request.headers["Authorization"]
    signed = host | dict(request.headers.items())
    connection = Connection(server)
    status, _, answer = connection.send(signed, body)
    assert (status, answer["KeyMetadata"]["KeyId"]) == (200, key_id)
    status, _, answer = connection.send(signed, body.replace(b"}", b" }"))
    assert (status, error_code(answer)) == (400, "InvalidSignatureException")


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_clock_that_is_off_is_refused(server, minutes):
    ahead = datetime.timedelta(minutes=minutes)
    status, _, answer = Connection(server, ahead=ahead).call("ListKeys")
    assert (status, error_code(answer)) == (400, "InvalidSignatureException")
    assert "Signature expired" in str(answer) or "Signature not yet current" in str(answer)
    assert Connection(server, ahead=ahead / 2).call("ListKeys")[0] == 200
