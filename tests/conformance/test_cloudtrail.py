"""CloudTrail with boto3: what was called is looked up, by whom it may be."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.clients import client
from harness.identities import new_user


@pytest.fixture(scope="module")
def trail(server):
    """boto3 as root."""
    return client(server, "cloudtrail")


def looked_up(trail, key, value):
    """All events with an attribute, in pages of two."""
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}],
        PaginationConfig={"PageSize": 2},
    )
    return [event for page in pages for event in page["Events"]]


def test_gen_5_every_call_is_looked_up(kms, key, trail):
    context = {"Dept": "IT"}
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"a secret", EncryptionContext=context)
    kms.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=context)
    with pytest.raises(ClientError):
        kms.decrypt(CiphertextBlob=blob["CiphertextBlob"])

    events = looked_up(trail, "ResourceName", key["Arn"])
    assert [event["EventName"] for event in events] == ["Decrypt", "Decrypt", "Encrypt", "CreateKey"]
    assert {event["EventSource"] for event in events} == {"kms.amazonaws.com"}
    assert [event["ReadOnly"] for event in events] == ["true", "true", "true", "false"]
    refused, decrypted, encrypted, _ = (json.loads(event["CloudTrailEvent"]) for event in events)
    assert refused["errorCode"] == "InvalidCiphertextException"
    assert decrypted["additionalEventData"]["keyMaterialId"] == key["CurrentKeyMaterialId"]
    assert encrypted["requestParameters"]["encryptionContext"] == context
    for event in events:
        assert event["Resources"] == [{"ResourceType": "AWS::KMS::Key", "ResourceName": key["Arn"]}]
        assert "a secret" not in event["CloudTrailEvent"]
    found = looked_up(trail, "EventId", events[0]["EventId"])
    assert found == [events[0]]


def test_gen_5_who_is_refused_is_looked_up(server, trail, name):
    someone = new_user(server, name)
    with pytest.raises(ClientError, match="AccessDenied"):
        client(server, "cloudtrail", someone).lookup_events()
    (event,) = looked_up(trail, "Username", name)
    assert event["EventName"] == "LookupEvents"
    assert json.loads(event["CloudTrailEvent"])["errorCode"] == "AccessDenied"
    assert looked_up(trail, "AccessKeyId", event["AccessKeyId"]) == [event]


def test_a_token_is_good_for_its_request_alone(trail):
    first = trail.lookup_events(MaxResults=1)
    with pytest.raises(trail.exceptions.InvalidNextTokenException):
        trail.lookup_events(MaxResults=1, NextToken=first["NextToken"][:-4] + "AAAA")
    other = [{"AttributeKey": "ReadOnly", "AttributeValue": "true"}]
    with pytest.raises(trail.exceptions.InvalidNextTokenException):
        trail.lookup_events(LookupAttributes=other, NextToken=first["NextToken"])
