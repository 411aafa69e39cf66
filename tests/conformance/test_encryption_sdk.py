"""The AWS Encryption SDK: messages whose data keys are under keys of several Regions."""

import base64
import json
import os

import aws_encryption_sdk as sdk
import pytest
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError, DecryptKeyError
from aws_encryption_sdk.identifiers import CommitmentPolicy
from aws_encryption_sdk.key_providers.kms import (
    DiscoveryFilter,
    MRKAwareDiscoveryAwsKmsMasterKeyProvider,
    MRKAwareStrictAwsKmsMasterKeyProvider,
)

from harness.clients import client, environment

CONTEXT = {"purpose": "test", "Ünï": "✓"}
MESSAGE = os.urandom(200_000)
# More than two frames, with what else is in an event.
TEXT = os.urandom(5_000).hex()


@pytest.fixture
def messages(server, monkeypatch):
    """The SDK with nothing set but its environment; it makes its clients of KMS by itself."""
    for variable, value in environment(server).items():
        monkeypatch.setenv(variable, value)
    return sdk.EncryptionSDKClient(
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
    )


def encrypted(messages, provider):
    sealed, _ = messages.encrypt(source=MESSAGE, key_provider=provider, encryption_context=CONTEXT)
    assert MESSAGE[:64] not in sealed
    return sealed


def opened(messages, sealed, provider):
    plaintext, header = messages.decrypt(source=sealed, key_provider=provider)
    assert CONTEXT.items() <= header.encryption_context.items()
    return plaintext


def test_any_of_two_keys_opens_a_message(messages, server, kms, key):
    elsewhere = client(server, "kms", region="eu-west-1")
    other = elsewhere.create_key()["KeyMetadata"]
    both = sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key["Arn"], other["Arn"]])
    sealed = encrypted(messages, both)
    for arn in (key["Arn"], other["Arn"]):
        one = sdk.StrictAwsKmsMasterKeyProvider(key_ids=[arn])
        assert opened(messages, sealed, one) == MESSAGE
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    elsewhere.disable_key(KeyId=other["KeyId"])
    assert opened(messages, sealed, both) == MESSAGE
    kms.disable_key(KeyId=key["KeyId"])
    with pytest.raises(DecryptKeyError):
        opened(messages, sealed, both)


def test_a_reader_finds_the_key_and_trusts_one_account(messages, server, key):
    sealed = encrypted(messages, sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key["Arn"]]))
    trusted = DiscoveryFilter(partition="aws", account_ids=[server.account])
    reader = sdk.DiscoveryAwsKmsMasterKeyProvider(discovery_filter=trusted)
    assert opened(messages, sealed, reader) == MESSAGE
    others = DiscoveryFilter(partition="aws", account_ids=["111122223333"])
    reader = sdk.DiscoveryAwsKmsMasterKeyProvider(discovery_filter=others)
    with pytest.raises(AWSEncryptionSDKClientError, match="not allowed"):
        opened(messages, sealed, reader)


def test_a_replica_opens_what_its_primary_key_sealed(messages, server, kms):
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    sealed = encrypted(messages, MRKAwareStrictAwsKmsMasterKeyProvider(key_ids=[key["Arn"]]))
    there = MRKAwareDiscoveryAwsKmsMasterKeyProvider(discovery_region="eu-west-1")
    with pytest.raises(DecryptKeyError):
        opened(messages, sealed, there)
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")
    kms.disable_key(KeyId=key["KeyId"])
    assert opened(messages, sealed, there) == MESSAGE
    replica = key["Arn"].replace("us-east-1", "eu-west-1")
    named = MRKAwareStrictAwsKmsMasterKeyProvider(key_ids=[replica])
    assert opened(messages, sealed, named) == MESSAGE


def test_a_message_whose_context_was_changed_is_refused(messages, key, caplog):
    provider = sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key["Arn"]])
    sealed = bytearray(encrypted(messages, provider))
    place = sealed.index(b"purpose")
    sealed[place] ^= 1
    with pytest.raises(DecryptKeyError):
        opened(messages, bytes(sealed), provider)
    assert "InvalidCiphertextException" in caplog.text


def test_a_dead_letter_of_an_encrypted_bus_opens(messages, server, kms, name):
    account = client(server, "sts").get_caller_identity()["Account"]
    service = {"Service": "events.amazonaws.com"}
    allows = {"Effect": "Allow", "Resource": "*"}
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    used = ["kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"]
    statements = [
        allows | {"Principal": root, "Action": "kms:*"},
        allows | {"Principal": service, "Action": used},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    key = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    sqs, events = client(server, "sqs"), client(server, "events")
    lets = [allows | {"Principal": service, "Action": "sqs:SendMessage"}]
    lets = json.dumps({"Version": "2012-10-17", "Statement": lets})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": lets})["QueueUrl"]
    named = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    queue = named["Attributes"]["QueueArn"]
    bus = events.create_event_bus(Name=name, KmsKeyIdentifier=key)["EventBusArn"]
    events.put_rule(Name=name, EventBusName=name, EventPattern='{"source": ["app"]}')
    # A target that is not there is tried once: the event is a dead letter, and not encrypted.
    target = {"Id": "t", "Arn": f"{queue}-gone", "DeadLetterConfig": {"Arn": queue}}
    events.put_targets(Rule=name, EventBusName=name, Targets=[target])
    detail = json.dumps({"text": TEXT})
    entry = {"EventBusName": name, "Source": "app", "DetailType": "d", "Detail": detail}
    events.put_events(Entries=[entry])

    def dead_letter():
        received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        [message] = received["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return json.loads(message["Body"])

    assert dead_letter()["detail"] == {"text": TEXT}
    statements[1] = allows | {"Principal": service, "Action": used[:2]}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    events.put_events(Entries=[entry])
    event = dead_letter()
    assert event["detail-type"] == "Encrypted Events" and "text" not in event["detail"]
    sealed = base64.b64decode(event["detail"]["encrypted-payload"])
    provider = sdk.StrictAwsKmsMasterKeyProvider(key_ids=[event["detail"]["kms-key-arn"]])
    plaintext, header = messages.decrypt(source=sealed, key_provider=provider)
    assert json.loads(plaintext)["detail"] == {"text": TEXT}
    assert header.encryption_context["aws:events:event-bus:arn"] == bus
