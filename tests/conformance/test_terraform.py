"""Terraform with the unmodified AWS provider: apply, a plan without changes, destroy."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.clients import client, environment
from harness.server import Credentials, Server

CONFIGURATIONS = Path(__file__).parent / "terraform"
PLUGINS = Path(os.environ.get("STRONGROOM_TERRAFORM_PLUGINS", "/opt/tf-plugins"))

pytestmark = pytest.mark.skipif(
    shutil.which("terraform") is None or not PLUGINS.is_dir(),
    reason="Terraform, or the AWS provider in STRONGROOM_TERRAFORM_PLUGINS, is not installed",
)


class Terraform:
    """One configuration in a folder of its own."""

    def __init__(self, server, folder, name, **variables):
        self.folder = folder
        shutil.copytree(CONFIGURATIONS / name, folder, dirs_exist_ok=True)
        self.environment = environment(server) | {
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            # A setting of the machine must not choose where providers come from.
            "TF_CLI_CONFIG_FILE": "/dev/null",
            "AWS_MAX_ATTEMPTS": "3",
        }
        self.environment |= {f"TF_VAR_{key}": value for key, value in variables.items()}
        self.run("init", "-input=false", f"-plugin-dir={PLUGINS}")

    def run(self, *arguments, codes=(0,)):
        """Runs Terraform; its standard output."""
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout

    def apply(self, **variables):
        """Makes what is declared, and finds nothing to change afterwards."""
        self.environment |= {f"TF_VAR_{key}": value for key, value in variables.items()}
        self.run("apply", "-auto-approve", "-input=false")
        # With this option 2 means that the plan has changes.
        self.run("plan", "-detailed-exitcode", "-input=false")
        outputs = json.loads(self.run("output", "-json"))
        return {key: output["value"] for key, output in outputs.items()}

    def destroy(self):
        """Takes everything away."""
        self.run("destroy", "-auto-approve", "-input=false")


def test_identities(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "identity", prefix="tf")
        made = terraform.apply()
        deployer = Credentials(made["key"], made["secret"])
        caller = client(server, "sts", deployer).get_caller_identity()
        assert caller["Arn"] == f"arn:aws:iam::{server.account}:user/programs/tf-deployer"
        # The group's policy counts, the boundary allows it.
        client(server, "kms", deployer).generate_random(NumberOfBytes=16)
        sts = client(server, "sts", deployer)
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=made["role"], RoleSessionName="s1")
        session = sts.assume_role(
            RoleArn=made["role"], RoleSessionName="s1", ExternalId="build-42", DurationSeconds=7200
        )
        assert session["AssumedRoleUser"]["Arn"].endswith(":assumed-role/tf-app/s1")
        terraform.destroy()
        iam = client(server, "iam")
        assert iam.list_users()["Users"] == []
        assert iam.list_policies(Scope="Local")["Policies"] == []
        assert iam.list_account_aliases()["AccountAliases"] == []


def test_organizations(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "organization")
        made = terraform.apply()
        sts = client(server, "sts")
        root = client(server, "iam")
        root.create_user(UserName="admin")
        root.attach_user_policy(
            UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )
        key = root.create_access_key(UserName="admin")["AccessKey"]
        admin = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        sts = client(server, "sts", admin)
        role = f"arn:aws:iam::{made['account']}:role/OrganizationAccountAccessRole"
        entered = sts.assume_role(RoleArn=role, RoleSessionName="s1")["Credentials"]
        member = Credentials(
            entered["AccessKeyId"], entered["SecretAccessKey"], entered["SessionToken"]
        )
        kms = client(server, "kms", member)
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        with pytest.raises(kms.exceptions.ClientError) as refused:
            kms.schedule_key_deletion(KeyId=key_id)
        message = refused.value.response["Error"]["Message"]
        assert "with an explicit deny in a service control policy" in message
        terraform.destroy()


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
        changed = terraform.apply(rotation_period_in_days="90", is_enabled="false")
        assert changed["password"] == made["password"]
        assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
        assert not kms.describe_key(KeyId=made["plain"])["KeyMetadata"]["Enabled"]
        terraform.destroy()
        for listed in kms.list_keys()["Keys"]:
            state = kms.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]["KeyState"]
            assert state == "PendingDeletion"
        assert kms.list_aliases()["Aliases"] == []
