"""Amazon SQS as boto3 and the AWS CLI use it."""

import threading
import time

import pytest
from botocore.exceptions import ClientError

from harness.clients import aws, client
from harness.identities import new_user
from harness.server import Server


@pytest.fixture(scope="module")
def sqs(server):
    """boto3 as root."""
    return client(server, "sqs")


@pytest.fixture
def queue(sqs, name):
    """The URL of a new queue."""
    return sqs.create_queue(QueueName=name)["QueueUrl"]


def code_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_messages_are_sent_received_and_deleted(sqs, queue):
    attributes = {
        "text": {"DataType": "String", "StringValue": "é"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
    }
    # boto3 compares the MD5 sums of messages with its own.
    sent = sqs.send_message(QueueUrl=queue, MessageBody="body é", MessageAttributes=attributes)
    received = sqs.receive_message(
        QueueUrl=queue, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    )
    [message] = received["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "body é"
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert shown["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_receiver_is_woken_by_a_sender(sqs, queue):
    sender = threading.Timer(0.5, sqs.send_message, kwargs={"QueueUrl": queue, "MessageBody": "m"})
    sender.start()
    began = time.monotonic()
    received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    assert received["Messages"][0]["Body"] == "m"
    assert time.monotonic() - began < 15
    sender.join()


def test_many_senders_and_receivers_lose_and_double_nothing(sqs, queue):
    def send(start):
        for first in range(start, start + 40, 10):
            entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(first, first + 10)]
            answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
            assert len(answer["Successful"]) == 10

    seen = []

    def receive():
        while len(seen) < 160:
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            messages = answer.get("Messages", [])
            seen.extend(message["Body"] for message in messages)
            entries = [
                {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
                for n, message in enumerate(messages)
            ]
            if entries:
                sqs.delete_message_batch(QueueUrl=queue, Entries=entries)

    threads = [threading.Thread(target=send, args=(start,)) for start in range(0, 160, 40)]
    threads += [threading.Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, seen)) == list(range(160))


def test_fifo_queues_keep_order_and_send_once(sqs, name):
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    queue = sqs.create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"]
    for body in ["1", "2", "2", "3"]:
        sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId="g")
    bodies = []
    while messages := sqs.receive_message(QueueUrl=queue).get("Messages"):
        bodies.append(messages[0]["Body"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
    assert bodies == ["1", "2", "3"]


def test_messages_under_a_key_end_with_it(sqs, kms, name):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    attributes = {"KmsMasterKeyId": key}
    queue = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="m")
    kms.disable_key(KeyId=key)
    assert code_of(sqs.receive_message, QueueUrl=queue) == "KMS.DisabledException"
    with pytest.raises(sqs.exceptions.KmsDisabled):
        sqs.send_message(QueueUrl=queue, MessageBody="m")
    kms.enable_key(KeyId=key)
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "m"


def test_errors_have_the_codes_of_old_and_the_names_of_new(sqs, queue):
    absent = queue + "x"
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refused:
        sqs.send_message(QueueUrl=absent, MessageBody="m")
    error = refused.value.response["Error"]
    assert error["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert error["Message"] == "The specified queue does not exist."
    assert error["QueryErrorCode"] == "QueueDoesNotExist"
    assert code_of(sqs.receive_message, QueueUrl=queue, MaxNumberOfMessages=11) == (
        "InvalidParameterValue"
    )


def test_a_denial_has_the_code_of_old(server, queue, name):
    nobody = client(server, "sqs", new_user(server, name))
    with pytest.raises(ClientError) as refused:
        nobody.send_message(QueueUrl=queue, MessageBody="m")
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert "is not authorized to perform: sqs:SendMessage on resource: arn:" in error["Message"]


def test_the_command_line_reaches_a_queue_by_its_url(server, name):
    def sqs(*arguments):
        # Of all services this one has its endpoint from the command line alone.
        return aws(server, "--endpoint-url", server.endpoint, "sqs", *arguments)

    url = sqs("create-queue", "--queue-name", name)["QueueUrl"]
    sqs("send-message", "--queue-url", url, "--message-body", "m")
    received = sqs("receive-message", "--queue-url", url)
    assert received["Messages"][0]["Body"] == "m"


def test_messages_outlive_the_program(name):
    with Server() as server:
        queue = client(server, "sqs").create_queue(QueueName=name)["QueueUrl"]
        client(server, "sqs").send_message(QueueUrl=queue, MessageBody="kept")
        server.kill()
        server.start()
        again = client(server, "sqs")
        url = again.get_queue_url(QueueName=name)["QueueUrl"]
        assert again.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"
