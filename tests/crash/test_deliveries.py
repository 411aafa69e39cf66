"""Kills the server while it delivers events, and looks for each event that was acknowledged.

A rule sends to a queue and to a webhook, which does not always answer well. However often the server
is killed, every event that PutEvents acknowledged comes to both: to the queue once, since the message
is committed with the delivery's end; to the webhook at least once.
"""

import json
import os
import random
import threading
import time

from harness.clients import REGION, client
from harness.receivers import Authority, Http
from harness.server import Server

CYCLES = int(os.environ.get("STRONGROOM_DELIVERY_CRASH_CYCLES", "20"))
SEED = int(os.environ.get("STRONGROOM_CRASH_SEED", random.SystemRandom().randrange(10**9)))
SECONDS = 120


class Hooks(Http):
    """A webhook that sometimes fails."""

    def __init__(self, authority, chance):
        self.chance = chance
        super().__init__(authority)

    @property
    def refuses(self):
        """Whether the next request is answered with 503."""
        return self.chance.random() < 0.2

    @refuses.setter
    def refuses(self, _):
        pass

    def read(self, headers, body):
        assert headers["authorization"].startswith("Basic ")
        return [json.loads(body)["detail"]["n"]]


class Putter(threading.Thread):
    """Puts events until the server is gone."""

    def __init__(self, server, first):
        super().__init__(daemon=True)
        self.events = client(server, "events")
        self.next = first
        self.told = []

    def run(self):
        try:
            while True:
                numbers = [self.next, self.next + 1]
                self.next += 2
                entries = [
                    {"Source": "app", "DetailType": "d", "Detail": json.dumps({"n": number})}
                    for number in numbers
                ]
                answer = self.events.put_events(Entries=entries)
                assert answer["FailedEntryCount"] == 0
                self.told += numbers
        except Exception:
            # The server was killed in the middle of a call: that one was not acknowledged.
            pass


def allow(principal, action):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    if principal:
        statement["Principal"] = {"Service": principal}
        if action.startswith("sts:"):
            del statement["Resource"]
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def furnish(server, url):
    """A rule with a queue and a webhook; the URL of the queue."""
    events, sqs, iam = (client(server, name) for name in ("events", "sqs", "iam"))
    policy = allow("events.amazonaws.com", "sqs:SendMessage")
    queue = sqs.create_queue(QueueName="q", Attributes={"Policy": policy})["QueueUrl"]
    trust = allow("events.amazonaws.com", "sts:AssumeRole")
    role = iam.create_role(RoleName="calls", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    invokes = allow(None, "events:InvokeApiDestination")
    iam.put_role_policy(RoleName="calls", PolicyName="p", PolicyDocument=invokes)
    connection = events.create_connection(
        Name="c",
        AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": "p"}},
    )["ConnectionArn"]
    destination = events.create_api_destination(
        Name="d",
        ConnectionArn=connection,
        InvocationEndpoint=url,
        HttpMethod="POST",
        InvocationRateLimitPerSecond=300,
    )["ApiDestinationArn"]
    events.put_rule(Name="r", EventPattern='{"source": ["app"]}')
    arn = f"arn:aws:sqs:{REGION}:{server.account}:q"
    targets = [
        {"Id": "queue", "Arn": arn},
        {"Id": "webhook", "Arn": destination, "RoleArn": role},
    ]
    assert events.put_targets(Rule="r", Targets=targets)["FailedEntryCount"] == 0
    return queue


def drain(server, queue, found, wanted):
    """Receives until all that is wanted was there."""
    sqs, end = client(server, "sqs"), time.monotonic() + SECONDS
    while not wanted <= set(found):
        assert time.monotonic() < end, sorted(wanted - set(found))[:10]
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            found.append(json.loads(message["Body"])["detail"]["n"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def test_each_acknowledged_event_arrives(tmp_path):
    print(f"STRONGROOM_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    authority = Authority(tmp_path)
    hooks = Hooks(authority, chance)
    arguments = ["--outbound-allow", "127.0.0.0/8", "--outbound-ca", str(authority.cert)]
    with Server("--log", "warn", *arguments) as server:
        queue = furnish(server, hooks.url)
        told, first = set(), 0
        for _ in range(CYCLES):
            putter = Putter(server, first)
            putter.start()
            time.sleep(chance.uniform(0.05, 0.4))
            server.kill()
            putter.join(timeout=30)
            assert not putter.is_alive()
            told |= set(putter.told)
            first = putter.next
            server.start()
        queue = queue.replace(queue.split("/")[2], server.endpoint.split("/")[2])
        found = []
        drain(server, queue, found, told)
        assert len(found) == len(set(found)), "an event came to the queue twice"
        hooks.wait(lambda events: told <= set(events), SECONDS)
        assert not hooks.failures
        print(f"{len(told)} events, {len(hooks.events)} requests")
