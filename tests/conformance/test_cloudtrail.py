"""CloudTrail with boto3: what was called is looked up, by whom it may be."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.clients import client
from harness.identities import allow, new_user, policy


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
    made = [{"ResourceType": "AWS::KMS::Key", "ResourceName": key[name]} for name in ("KeyId", "Arn")]
    resources = [event["Resources"] for event in events]
    assert resources == [[], [], [{"ResourceName": key["KeyId"]}], made]
    for event in events:
        assert "a secret" not in event["CloudTrailEvent"]
    found = looked_up(trail, "EventId", events[0]["EventId"])
    assert found == [events[0]]


def test_what_a_call_is_about_is_looked_up_by_its_name(server, trail, name):
    iam = client(server, "iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": server.account},
        },
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    )
    iam.put_role_policy(RoleName=name, PolicyName="none", PolicyDocument=document)
    iam.get_role(RoleName=name)
    user = new_user(server, name, policy(allow("sts:AssumeRole")))
    session = client(server, "sts", user).assume_role(RoleArn=role["Arn"], RoleSessionName=f"s-{name}")
    url = client(server, "sqs").create_queue(QueueName=name)["QueueUrl"]

    def names(event):
        return [(one.get("ResourceType"), one["ResourceName"]) for one in event["Resources"]]

    inline, made = looked_up(trail, "ResourceName", name)[-2:]
    assert (made["EventName"], inline["EventName"]) == ("CreateRole", "PutRolePolicy")
    assert names(made) == [("AWS::IAM::Role", role[key]) for key in ("RoleName", "RoleId", "Arn")]
    assert names(inline) == [("AWS::IAM::Policy", "none"), ("AWS::IAM::Role", name)]
    (assumed,) = looked_up(trail, "ResourceName", f"s-{name}")
    assert sorted(names(assumed)) == sorted([
        ("AWS::IAM::AccessKey", session["Credentials"]["AccessKeyId"]),
        ("AWS::STS::AssumedRole", session["AssumedRoleUser"]["Arn"]),
        ("AWS::STS::AssumedRole", session["AssumedRoleUser"]["AssumedRoleId"]),
        ("AWS::STS::AssumedRole", f"s-{name}"),
        ("AWS::IAM::Role", role["Arn"]),
    ])
    (queue,) = looked_up(trail, "ResourceName", url)
    assert (queue["EventName"], names(queue)) == ("CreateQueue", [("AWS::SQS::Queue", url)])



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
