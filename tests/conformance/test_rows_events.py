"""Acceptance: what KMS tells EventBridge of, delivered by a rule to targets of each kind."""

import datetime
import json
import os
import time
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from harness.clients import REGION, client
from harness.identities import allow, policy
from harness.receivers import Authority, Http
from harness.server import Server
from harness.trails import ACCOUNT

GROUP = "/aws/events/keys"
KINDS = ["KMS CMK Deletion", "KMS CMK Rotation", "KMS Imported Key Material Expiration"]


def external_key(kms, until):
    """The ARN of a key whose imported material expires."""
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    given = kms.get_parameters_for_import(
        KeyId=key["KeyId"], WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    wrapped = load_der_public_key(given["PublicKey"]).encrypt(os.urandom(32), oaep)
    kms.import_key_material(
        KeyId=key["KeyId"], ImportToken=given["ImportToken"], EncryptedKeyMaterial=wrapped,
        ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=until,
    )
    return key["Arn"]


def told(event):
    """Kind and key."""
    return event["detail-type"], event["resources"][0]


class LogGroup:
    """A log group that EventBridge writes to."""

    def __init__(self, server):
        self.logs = client(server, "logs", ACCOUNT)
        self.logs.create_log_group(logGroupName=GROUP)
        self.arn = f"arn:aws:logs:{REGION}:{ACCOUNT.access_key}:log-group:{GROUP}"
        services = {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        document = policy(allow(*actions, resource=f"{self.arn}:*", Principal=services))
        self.logs.put_resource_policy(policyName="events", policyDocument=json.dumps(document))

    def found(self):
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
        return [told(json.loads(event["message"])) for page in pages for event in page["events"]]


class Queue:
    """A queue that a service sends to for others that are like `source`."""

    def __init__(self, server, name, service, source):
        self.sqs = client(server, "sqs", ACCOUNT)
        own = {"ArnLike": {"aws:SourceArn": source}}
        document = policy(
            allow("sqs:SendMessage", Principal={"Service": service}, Condition=own)
        )
        attributes = {"Policy": json.dumps(document)}
        self.url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT.access_key}:{name}"
        self.kept = []

    def texts(self):
        """What the messages say that came since the last time."""
        received = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        for message in received.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]

    def found(self):
        self.kept += [told(json.loads(text)) for text in self.texts()]
        return self.kept


class Topic(Queue):
    """A topic that a service publishes to, with a queue that keeps what it hears."""

    def __init__(self, server, name, service, source):
        self.sns = client(server, "sns", ACCOUNT)
        topic = self.sns.create_topic(Name=name)["TopicArn"]
        super().__init__(server, f"{name}-kept", "sns.amazonaws.com", topic)
        own = {"ArnLike": {"aws:SourceArn": source}}
        document = policy(
            allow("sns:Publish", resource=topic, Principal={"Service": service}, Condition=own)
        )
        self.sns.set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(document)
        )
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.arn)
        self.arn = topic

    def texts(self):
        return [json.loads(body)["Message"] for body in super().texts()]


class Webhook(Http):
    """A web server that an API destination calls."""

    def __init__(self, server, authority):
        super().__init__(authority)
        iam, events = client(server, "iam", ACCOUNT), client(server, "events", ACCOUNT)
        principal = {"Service": "events.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        self.role = iam.create_role(
            RoleName="calls", AssumeRolePolicyDocument=json.dumps(policy(trust))
        )["Role"]["Arn"]
        document = json.dumps(policy(allow("events:InvokeApiDestination")))
        iam.put_role_policy(RoleName="calls", PolicyName="own", PolicyDocument=document)
        connection = events.create_connection(
            Name="hook",
            AuthorizationType="BASIC",
            AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": "p"}},
        )["ConnectionArn"]
        self.arn = events.create_api_destination(
            Name="hook", ConnectionArn=connection, InvocationEndpoint=self.url, HttpMethod="POST"
        )["ApiDestinationArn"]

    def read(self, headers, body):
        assert headers["authorization"].startswith("Basic ")
        return [told(json.loads(body))]

    def found(self):
        assert not self.failures
        return list(self.events)


def test_eb_1_what_becomes_of_keys_reaches_the_targets_of_rules(tmp_path):
    authority = Authority(tmp_path)
    reachable = ["--outbound-allow", "127.0.0.0/8", "--outbound-ca", str(authority.cert)]
    with Server("--dev", *reachable, data=False) as server:
        kms, events = (client(server, name, ACCOUNT) for name in ("kms", "events"))
        pattern = json.dumps({"source": ["aws.kms"], "detail-type": KINDS})
        rule = events.put_rule(Name="keys", EventPattern=pattern)["RuleArn"]
        hook = Webhook(server, authority)
        kinds = {
            "log": LogGroup(server),
            "queue": Queue(server, "keys", "events.amazonaws.com", rule),
            "topic": Topic(server, "keys", "events.amazonaws.com", rule),
            "webhook": hook,
        }
        targets = [{"Id": name, "Arn": target.arn} for name, target in kinds.items()]
        targets[-1]["RoleArn"] = hook.role
        assert events.put_targets(Rule="keys", Targets=targets)["FailedEntryCount"] == 0

        rotated = kms.create_key()["KeyMetadata"]["Arn"]
        kms.enable_key_rotation(KeyId=rotated, RotationPeriodInDays=90)
        deleted = kms.create_key()["KeyMetadata"]["Arn"]
        kms.schedule_key_deletion(KeyId=deleted, PendingWindowInDays=7)
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5)
        expired = external_key(kms, until)

        wanted = []
        for days, kind, key in [(6, KINDS[2], expired), (2, KINDS[0], deleted), (83, KINDS[1], rotated)]:
            body = json.dumps({"advance_seconds": days * 86_400}).encode()
            url = f"{server.endpoint}/_strongroom/dev/clock"
            urllib.request.urlopen(url, data=body, timeout=10).close()
            wanted = sorted([*wanted, (kind, key)])
            deadline = time.monotonic() + 60
            for name, target in kinds.items():
                while sorted(target.found()) != wanted:
                    assert time.monotonic() < deadline, (name, target.found(), wanted)
                    time.sleep(0.1)
