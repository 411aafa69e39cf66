"""What LookupEvents tells of calls, member by member, as AWS's guides show it (row GEN-5)."""

import json
import re

import pytest
from botocore.exceptions import ClientError

from harness.clients import client
from harness.identities import allow, new_user, policy
from harness.server import Credentials

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
OBLIGATORY = {
    "awsRegion", "eventCategory", "eventID", "eventName", "eventSource", "eventTime", "eventType",
    "eventVersion", "managementEvent", "readOnly", "recipientAccountId", "requestID",
    "requestParameters", "responseElements", "sourceIPAddress", "userAgent", "userIdentity",
}


@pytest.fixture
def admin(server, name):
    """The credentials of a user who may do everything, and whose calls nobody else's join."""
    return new_user(server, name, policy(allow("*")))


def events_of(server, credentials, event_name):
    """The events of one operation that these credentials called, the last one first."""
    pages = client(server, "cloudtrail").get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "AccessKeyId", "AttributeValue": credentials.access_key}]
    )
    events = [event for page in pages for event in page["Events"]]
    records = [json.loads(event["CloudTrailEvent"]) for event in events]
    for event, record in zip(events, records):
        assert OBLIGATORY <= record.keys()
        assert record["eventVersion"] == "1.11"
        assert (event["EventName"], event["EventId"]) == (record["eventName"], record["eventID"])
        assert event["ReadOnly"] == json.dumps(record["readOnly"])
    return [record for record in records if record["eventName"] == event_name]


def test_gen_5_what_changes_a_key_names_it(server, admin):
    kms = client(server, "kms", admin)
    made = kms.create_key()
    key = made["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])
    kms.schedule_key_deletion(KeyId=key["KeyId"])

    (created,) = events_of(server, admin, "CreateKey")
    assert created["requestID"] == made["ResponseMetadata"]["RequestId"]
    assert created["requestParameters"] == {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "description": "",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
    }
    told = created["responseElements"]["keyMetadata"]
    assert told["aWSAccountId"] == key["AWSAccountId"]
    assert TIME.fullmatch(told["creationDate"])
    (disabled,) = events_of(server, admin, "DisableKey")
    assert disabled["responseElements"] == {"keyId": key["Arn"]}
    (scheduled,) = events_of(server, admin, "ScheduleKeyDeletion")
    assert scheduled["responseElements"]["keyState"] == "PendingDeletion"
    assert TIME.fullmatch(scheduled["responseElements"]["deletionDate"])


def test_gen_5_what_is_encrypted_is_on_no_record(server, admin):
    kms = client(server, "kms", admin)
    key = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["Arn"], Plaintext=b"a secret")["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob)
    (encrypted,) = events_of(server, admin, "Encrypt")
    expected = {"keyId": key["Arn"], "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert encrypted["requestParameters"] == expected
    (decrypted,) = events_of(server, admin, "Decrypt")
    assert decrypted["requestParameters"] == {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    for event in (encrypted, decrypted):
        assert event["responseElements"] is None
        assert event["resources"] == [
            {"accountId": key["AWSAccountId"], "type": "AWS::KMS::Key", "ARN": key["Arn"]}
        ]


def test_gen_5_iam_errors_have_the_names_of_exceptions(server, admin):
    iam = client(server, "iam", admin)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName="absent")
    (event,) = events_of(server, admin, "GetRole")
    assert event["errorCode"] == "NoSuchEntityException"
    assert event["errorMessage"] == "The role with name absent cannot be found."
    assert (event["readOnly"], event["responseElements"]) == (True, None)


def test_gen_5_a_refusal_is_on_record_once(server, name):
    nobody = new_user(server, name)
    with pytest.raises(ClientError, match="AccessDenied"):
        client(server, "kms", nobody).list_keys(Limit=7)
    (event,) = events_of(server, nobody, "ListKeys")
    assert event["errorCode"] == "AccessDenied"
    assert "is not authorized to perform: kms:ListKeys" in event["errorMessage"]
    assert event["requestParameters"] is None
    assert event["userIdentity"]["userName"] == name


def test_gen_5_a_session_tells_where_it_comes_from(server, admin, name):
    iam = client(server, "iam", admin)
    account = client(server, "sts", admin).get_caller_identity()["Account"]
    trust = {**allow("sts:AssumeRole"), "Principal": {"AWS": account}}
    del trust["Resource"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy(trust)))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy(allow("kms:*"))))
    begun = client(server, "sts", admin).assume_role(RoleArn=role["Arn"], RoleSessionName="build")
    given = begun["Credentials"]
    session = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    client(server, "kms", session).list_keys()

    (assumed,) = events_of(server, admin, "AssumeRole")
    credentials = assumed["responseElements"]["credentials"]
    assert credentials["accessKeyId"] == given["AccessKeyId"]
    assert TIME.fullmatch(credentials["expiration"])
    assert "secretAccessKey" not in credentials
    (listed,) = events_of(server, session, "ListKeys")
    identity = listed["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == begun["AssumedRoleUser"]["Arn"]
    context = identity["sessionContext"]
    assert context["sessionIssuer"] == {
        "type": "Role",
        "principalId": role["RoleId"],
        "arn": role["Arn"],
        "accountId": account,
        "userName": name,
    }
    assert context["attributes"]["mfaAuthenticated"] == "false"


def test_gen_5_what_is_done_with_data_is_in_no_history(server, admin, name):
    sqs = client(server, "sqs", admin)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="a secret")
    sqs.receive_message(QueueUrl=queue)
    entry = {"Source": "mine", "DetailType": "t", "Detail": '{"a":"a secret"}'}
    client(server, "events", admin).put_events(Entries=[entry])
    assert len(events_of(server, admin, "CreateQueue")) == 1
    for operation in ("SendMessage", "ReceiveMessage", "PutEvents"):
        assert events_of(server, admin, operation) == [], operation


def test_kms_29_each_use_of_a_key_is_looked_up_and_the_last_one_agrees(server, admin):
    kms = client(server, "kms", admin)
    key = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
    kms.decrypt(CiphertextBlob=blob)
    last = kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]
    for used in ("Encrypt", "GenerateDataKey", "Decrypt"):
        (event,) = events_of(server, admin, used)
        assert event["resources"][0]["ARN"] == key["Arn"]
        assert event["additionalEventData"]["keyMaterialId"] == key["CurrentKeyMaterialId"]
    assert last["Operation"] == "Decrypt"
    assert last["CloudTrailEventId"] == event["eventID"]
    assert last["KmsRequestId"] == event["requestID"]
