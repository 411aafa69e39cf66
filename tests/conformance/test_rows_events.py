"""Acceptance: what KMS tells EventBridge of, delivered by rules to a target."""

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


def logged(logs):
    """The events that reached the log group, by kind and key."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
    events = [json.loads(event["message"]) for page in pages for event in page["events"]]
    return sorted((event["detail-type"], event["resources"][0]) for event in events)


def test_eb_1_what_becomes_of_keys_reaches_the_targets_of_rules():
    with Server("--dev", data=False) as server:
        kms, events, logs = (client(server, name, ACCOUNT) for name in ("kms", "events", "logs"))
        logs.create_log_group(logGroupName=GROUP)
        group = f"arn:aws:logs:{REGION}:{ACCOUNT.access_key}:log-group:{GROUP}"
        services = {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        document = policy(allow(*actions, resource=f"{group}:*", Principal=services))
        logs.put_resource_policy(policyName="events", policyDocument=json.dumps(document))
        pattern = json.dumps({"source": ["aws.kms"], "detail-type": KINDS})
        events.put_rule(Name="keys", EventPattern=pattern)
        events.put_targets(Rule="keys", Targets=[{"Id": "log", "Arn": group}])

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
            while logged(logs) != wanted:
                assert time.monotonic() < deadline, (logged(logs), wanted)
                time.sleep(0.1)
