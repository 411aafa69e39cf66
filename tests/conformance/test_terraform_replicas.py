"""Terraform with the unmodified AWS provider: a key and its replica, through two providers."""

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_replicas(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "replicas")
        made = terraform.apply()
        assert made["key_id"] == made["replica_id"] and made["key_id"].startswith("mrk-")
        here, there = (client(server, "kms", region=it) for it in ("us-east-1", "eu-west-1"))
        blob = here.encrypt(KeyId=made["key_id"], Plaintext=b"x")["CiphertextBlob"]
        assert there.decrypt(CiphertextBlob=blob)["KeyId"] == made["replica"]
        status = there.get_key_rotation_status(KeyId=made["key_id"])
        assert status["KeyRotationEnabled"]
        terraform.set(description="changed", is_enabled="false")
        terraform.apply()
        replica = there.describe_key(KeyId=made["replica"])["KeyMetadata"]
        assert replica["Description"] == "changed" and not replica["Enabled"]
        assert here.describe_key(KeyId=made["key_id"])["KeyMetadata"]["Enabled"]
        terraform.destroy()
        for kms, state in (here, "PendingReplicaDeletion"), (there, "PendingDeletion"):
            described = kms.describe_key(KeyId=made["key_id"])["KeyMetadata"]
            assert described["KeyState"] == state
