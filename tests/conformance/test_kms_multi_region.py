"""Multi-Region keys with boto3, and a Region that is not there."""

import pytest
from botocore.exceptions import ClientError

from harness.clients import client
from harness.server import Server

HERE, THERE, FAR = "us-east-1", "eu-west-1", "ap-southeast-2"


def family(kms, *regions):
    """Makes a multi-Region key with replicas; its id."""
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    for region in regions:
        kms.replicate_key(KeyId=key, ReplicaRegion=region)
    return key


def test_replicas_are_made_moved_and_deleted(server):
    here, there, far = (client(server, "kms", region=it) for it in (HERE, THERE, FAR))
    key = family(here, THERE, FAR)
    assert key.startswith("mrk-") and len(key) == 36
    blob = far.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    for kms in here, there, far:
        opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})
        assert opened["Plaintext"] == b"x"
    with pytest.raises(here.exceptions.AlreadyExistsException):
        here.replicate_key(KeyId=key, ReplicaRegion=THERE)
    with pytest.raises(there.exceptions.UnsupportedOperationException):
        there.replicate_key(KeyId=key, ReplicaRegion="eu-central-1")

    here.update_primary_region(KeyId=key, PrimaryRegion=THERE)
    configuration = here.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    assert configuration["MultiRegionKeyType"] == "REPLICA"
    assert configuration["PrimaryKey"]["Region"] == THERE
    assert [it["Region"] for it in configuration["ReplicaKeys"]] == [FAR, HERE]
    scheduled = there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert scheduled["KeyState"] == "PendingReplicaDeletion" and "DeletionDate" not in scheduled
    there.cancel_key_deletion(KeyId=key)
    assert there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


def test_kms_23_a_region_decrypts_while_another_one_is_down():
    with Server() as server:
        here, there = (client(server, "kms", region=it) for it in (HERE, THERE))
        key = family(here, THERE)
        blob = here.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        server.stop()
        server.arguments += ["--regions", THERE]
        server.start()
        here, there = (client(server, "kms", region=it) for it in (HERE, THERE))
        with pytest.raises(ClientError) as refused:
            here.decrypt(CiphertextBlob=blob)
        error = refused.value.response["Error"]
        assert error["Code"] == "UnknownEndpointException"
        assert HERE in error["Message"] and "--regions" in error["Message"]
        assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        # What is in no Region is still there.
        assert client(server, "iam").list_users()["Users"] == []
        with pytest.raises(there.exceptions.UnsupportedOperationException):
            there.update_primary_region(KeyId=key, PrimaryRegion=THERE)


def test_the_primary_key_does_not_go_where_nobody_answers():
    with Server() as server:
        here, there = (client(server, "kms", region=it) for it in (HERE, THERE))
        key = family(here, THERE)
        server.stop()
        server.arguments += ["--regions", HERE]
        server.start()
        here = client(server, "kms", region=HERE)
        with pytest.raises(here.exceptions.NotFoundException):
            here.update_primary_region(KeyId=key, PrimaryRegion=THERE)
        shown = here.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
        assert shown["PrimaryKey"]["Region"] == HERE


def test_a_list_of_regions_has_to_name_regions():
    server = Server("--regions", "eu-west-1,nowhere")
    try:
        with pytest.raises(Exception):
            server.start()
        assert "`nowhere` in the option `regions` is no Region" in server.log.read_text()
    finally:
        server.kill()
