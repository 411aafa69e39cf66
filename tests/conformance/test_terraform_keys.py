"""Terraform with the unmodified AWS provider: keys, aliases, ciphertexts, grants and keys whose material
is brought."""

import base64
import datetime
import os

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_keys(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "keys")
        made = terraform.apply()
        kms = client(server, "kms")
        key = made["key"]
        arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        assert made["found"] == made["target"] == arn
        assert made["password"] == "correct horse battery staple"
        assert made["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
        status = kms.get_key_rotation_status(KeyId=key)
        assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 180
        assert not kms.get_key_rotation_status(KeyId=made["plain"])["KeyRotationEnabled"]
        # What was encrypted before a rotation stays readable, and nothing is to be changed.
        kms.rotate_key_on_demand(KeyId=key)
        terraform.set(rotation_period_in_days="90", is_enabled="false")
        changed = terraform.apply()
        assert changed["password"] == made["password"]
        assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
        assert not kms.describe_key(KeyId=made["plain"])["KeyMetadata"]["Enabled"]
        terraform.destroy()
        for listed in kms.list_keys()["Keys"]:
            state = kms.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]["KeyState"]
            assert state == "PendingDeletion"
        # Those that AWS predefines have no keys.
        assert not [alias for alias in kms.list_aliases()["Aliases"] if "TargetKeyId" in alias]


def test_external_keys(tmp_path):
    with Server("--log", "warn") as server:
        material = base64.b64encode(os.urandom(32)).decode()
        terraform = Terraform(server, tmp_path, "external_keys", material=material)
        made = terraform.apply()
        kms = client(server, "kms")

        def metadata(which):
            return kms.describe_key(KeyId=made[which])["KeyMetadata"]

        assert metadata("empty")["KeyState"] == "PendingImport"
        assert metadata("filled")["KeyState"] == "Enabled"
        assert metadata("filled")["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
        blob = kms.encrypt(KeyId=made["filled"], Plaintext=b"x")["CiphertextBlob"]
        # The provider imports the same material again, with its end.
        soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
        terraform.set(valid_to=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
        assert terraform.apply() == made
        assert metadata("filled")["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        terraform.set(is_enabled="false")
        assert terraform.apply() == made
        assert metadata("filled")["KeyState"] == "Disabled"
        terraform.destroy()
        for listed in kms.list_keys()["Keys"]:
            state = kms.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]["KeyState"]
            assert state == "PendingDeletion"


def test_grants(tmp_path):
    with Server("--log", "warn") as server:
        kms = client(server, "kms")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        terraform = Terraform(server, tmp_path, "grant", key_id=key_id)
        made = terraform.apply()
        grants = kms.list_grants(KeyId=key_id)["Grants"]
        assert sorted(made["grant_ids"]) == sorted(grant["GrantId"] for grant in grants)
        terraform.destroy()
        assert kms.list_grants(KeyId=key_id)["Grants"] == []
