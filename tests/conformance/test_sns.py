"""Amazon SNS as boto3 and the AWS CLI use it, and as receivers of messages verify them."""

import base64
import http.server
import json
import queue
import threading
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from harness.clients import aws, client
from harness.identities import new_user
from harness.server import Server

# The web server is on this machine, where endpoints are not by themselves.
REACHABLE = ["--log", "warn", "--outbound-allow", "127.0.0.0/8", "--outbound-http"]
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


class WebServer:
    """Keeps headers and bodies of what it is sent, in order of arrival."""

    def __enter__(self):
        self.messages = queue.Queue()
        messages = self.messages

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                messages.put((dict(self.headers.items()), body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    def next(self):
        return self.messages.get(timeout=60)


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def verify(said):
    """As the developer guide says, with a library that knows nothing of the server."""
    certificate = x509.load_pem_x509_certificate(get(said["SigningCertURL"]))
    certificate.verify_directly_issued_by(certificate)
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token"]
    names += ["TopicArn", "Type"]
    text = "".join(f"{name}\n{said[name]}\n" for name in names if name in said)
    algorithm = HASHES[said["SignatureVersion"]]()
    signature = base64.b64decode(said["Signature"])
    key = certificate.public_key()
    key.verify(signature, text.encode(), padding.PKCS1v15(), algorithm)
    with pytest.raises(InvalidSignature):
        key.verify(signature, (text + "x").encode(), padding.PKCS1v15(), algorithm)


@pytest.fixture(scope="module")
def sns(server):
    """boto3 as root."""
    return client(server, "sns")


@pytest.fixture
def topic(sns, name):
    """The ARN of a new topic."""
    return sns.create_topic(Name=name)["TopicArn"]


def new_queue(server, name, topic):
    """URL and ARN of a queue that takes what the topic sends."""
    sqs = client(server, "sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": shown["Attributes"]["QueueArn"],
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, shown["Attributes"]["QueueArn"]


def receive(server, url):
    sqs = client(server, "sqs")
    received = sqs.receive_message(
        QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"]
    )
    [message] = received["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_queue_gets_signed_messages(server, sns, topic, name, version):
    url, arn = new_queue(server, name, topic)
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version
    )
    attributes = {"bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}}
    sent = sns.publish(
        TopicArn=topic, Message='é "quoted"\n', Subject="s", MessageAttributes=attributes
    )
    said = json.loads(receive(server, url)["Body"])
    assert (said["MessageId"], said["Message"]) == (sent["MessageId"], 'é "quoted"\n')
    assert said["MessageAttributes"] == {"bytes": {"Type": "Binary", "Value": "AAE="}}
    assert said["SignatureVersion"] == version
    verify(said)
    assert said["UnsubscribeURL"].endswith(f"/?Action=Unsubscribe&SubscriptionArn={subscription}")


def test_raw_messages_keep_their_attributes(server, sns, topic, name):
    url, arn = new_queue(server, name, topic)
    raw = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"n": [{"numeric": [">", 1]}]})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    number = lambda text: {"n": {"DataType": "Number", "StringValue": text}}  # noqa: E731
    entries = [
        {"Id": text, "Message": text, "MessageAttributes": number(text)} for text in ["1", "2"]
    ]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["1", "2"]
    assert answer["Failed"] == []
    message = receive(server, url)
    assert message["Body"] == "2"
    assert message["MessageAttributes"] == number("2")


def test_a_web_server_confirms_by_its_link():
    with WebServer() as web, Server(*REACHABLE) as server:
        sns = client(server, "sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        asked = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
        assert asked["SubscriptionArn"] == "pending confirmation"
        headers, body = web.next()
        assert headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
        said = json.loads(body)
        verify(said)
        [pending] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert pending["SubscriptionArn"] == "PendingConfirmation"
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(said["SubscribeURL"].replace("Token=", "Token=0"))
        assert refused.value.code == 400
        confirmed = get(said["SubscribeURL"]).decode()
        [subscription] = sns.list_subscriptions()["Subscriptions"]
        assert f"<SubscriptionArn>{subscription['SubscriptionArn']}<" in confirmed
        sns.publish(TopicArn=topic, Message="m")
        headers, body = web.next()
        said = json.loads(body)
        verify(said)
        assert headers["x-amz-sns-subscription-arn"] == subscription["SubscriptionArn"]
        assert said["Message"] == "m"
        get(said["UnsubscribeURL"])
        headers, body = web.next()
        assert headers["x-amz-sns-message-type"] == "UnsubscribeConfirmation"
        verify(json.loads(body))


def test_sec_s24_links_lead_where_the_operator_says():
    def other_host(request, **_):
        request.headers["Host"] = "evil.example"

    url = "https://sns.example.com:8443"
    with WebServer() as web, Server(*REACHABLE, "--public-url", f"{url}/") as server:
        sns = client(server, "sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.meta.events.register("before-sign.sns.Subscribe", other_host)
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
        _, body = web.next()
        said = json.loads(body)
        assert b"evil.example" not in body
        assert said["SubscribeURL"].startswith(f"{url}/?Action=ConfirmSubscription&")
        assert said["SigningCertURL"].startswith(f"{url}/SimpleNotificationService-")


def test_a_certificate_is_known_after_a_restart(name):
    with Server() as server:
        topic = client(server, "sns").create_topic(Name=name)["TopicArn"]
        url, arn = new_queue(server, name, topic)
        client(server, "sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        client(server, "sns").publish(TopicArn=topic, Message="one")
        first = json.loads(receive(server, url)["Body"])
        server.kill()
        server.start()
        client(server, "sns").publish(TopicArn=topic, Message="two")
        second = json.loads(receive(server, url)["Body"])
        path = first["SigningCertURL"].split("/")[-1]
        assert second["SigningCertURL"].split("/")[-1] == path
        verify(first | {"SigningCertURL": f"{server.endpoint}/{path}"})


def test_who_may_publish(server, topic, name):
    user = new_user(server, name)
    with pytest.raises(ClientError) as refused:
        client(server, "sns", user).publish(TopicArn=topic, Message="m")
    assert refused.value.response["Error"]["Code"] == "AuthorizationError"
    assert "because no identity-based policy allows the SNS:Publish action" in str(refused.value)


def test_the_command_line(server, name):
    def sns(*arguments):
        return aws(server, "--endpoint-url", server.endpoint, "sns", *arguments)

    topic = sns("create-topic", "--name", name, "--tags", "Key=a,Value=b")["TopicArn"]
    tags = sns("list-tags-for-resource", "--resource-arn", topic)["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]
    assert "MessageId" in sns("publish", "--topic-arn", topic, "--message", "m")
