"""Rotation of keys as clients see it: by the clock, on demand, and across a restart."""

import datetime
import json
import urllib.request

import pytest

from harness.clients import client
from harness.server import Server
from harness.signed import Connection


def test_rotation_on_demand_and_the_last_use(server):
    kms = client(server, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == {}
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == key
    now = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert now != made["KeyMaterialId"]
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert opened["Plaintext"] == made["Plaintext"]
    assert opened["KeyMaterialId"] == made["KeyMaterialId"]
    usage = kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
    assert usage["Operation"] == "Decrypt"
    assert usage["KmsRequestId"] == opened["ResponseMetadata"]["RequestId"]

    pages = kms.get_paginator("list_key_rotations")
    pages = pages.paginate(
        KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", PaginationConfig={"PageSize": 1}
    )
    listed = [entry for page in pages for entry in page["Rotations"]]
    assert [entry["KeyMaterialId"] for entry in listed] == [made["KeyMaterialId"], now]
    assert [entry.get("RotationType") for entry in listed] == [None, "ON_DEMAND"]


def test_only_symmetric_keys_rotate(server):
    kms = client(server, "kms")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    for call in kms.enable_key_rotation, kms.disable_key_rotation, kms.rotate_key_on_demand:
        with pytest.raises(kms.exceptions.UnsupportedOperationException):
            call(KeyId=key)


def test_a_year_later_new_material_encrypts_and_the_old_decrypts():
    with Server("--dev", "--auth", "enforce", data=False) as server:
        kms = client(server, "kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=key)
        status = kms.get_key_rotation_status(KeyId=key)
        assert status["RotationPeriodInDays"] == 365
        blob = Connection(server).call("Encrypt", KeyId=key, Plaintext="eA==")[2]["CiphertextBlob"]
        first = material(server, key, 0)
        advance(server, 364)
        assert material(server, key, 364) == first
        advance(server, 1)
        assert material(server, key, 365) != first
        later = Connection(server, ahead=datetime.timedelta(days=365))
        opened = later.call("Decrypt", CiphertextBlob=blob)[2]
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == ("eA==", first)


def test_rotations_outlive_the_process():
    with Server() as server:
        kms = client(server, "kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
        made = []
        for _ in range(3):
            made.append(kms.generate_data_key(KeyId=key, KeySpec="AES_256"))
            kms.rotate_key_on_demand(KeyId=key)
        status = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
        usage = kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
        # The last rotation is still to be completed.
        server.kill()
        server.start()
        kms = client(server, "kms")
        assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == status
        assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == usage
        assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 3
        for key_made in made:
            opened = kms.decrypt(CiphertextBlob=key_made["CiphertextBlob"])
            assert opened["Plaintext"] == key_made["Plaintext"]
            assert opened["KeyMaterialId"] == key_made["KeyMaterialId"]


def advance(server, days):
    """Moves the server's clock."""
    body = json.dumps({"advance_seconds": days * 86400}).encode()
    urllib.request.urlopen(f"{server.endpoint}/_strongroom/dev/clock", data=body).close()


def material(server, key, days):
    """What a new data key is made with, for a client whose clock was advanced too."""
    later = Connection(server, ahead=datetime.timedelta(days=days))
    status, _, answer = later.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    assert status == 200, answer
    return answer["KeyMaterialId"]
