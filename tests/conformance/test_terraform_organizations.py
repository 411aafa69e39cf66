"""Terraform with the unmodified AWS provider: everything of Organizations that it knows, and quotas."""

import json

import pytest

from harness.clients import client
from harness.server import Credentials, Server
from harness.sessions import assume
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_organizations(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "organization")
        made = terraform.apply()
        check_organization(made["read"])
        root = client(server, "iam")
        root.create_user(UserName="admin")
        root.attach_user_policy(
            UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )
        key = root.create_access_key(UserName="admin")["AccessKey"]
        admin = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        role = f"arn:aws:iam::{made['account']}:role/OrganizationAccountAccessRole"
        kms = client(server, "kms", assume(server, admin, role))
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        assert "service control policy" in refusal(kms.schedule_key_deletion, KeyId=key_id)

        terraform.set(changed="true")
        changed = terraform.apply()
        assert changed["read"] == made["read"] | {
            "types": ["BACKUP_POLICY", *made["read"]["types"]],
            "services": ["cloudtrail.amazonaws.com", "config.amazonaws.com", "iam.amazonaws.com"],
            "units": ["workloads-renamed"],
            "units_below": ["prod", "workloads-renamed"],
            "statement": "kms:DisableKey",
            "tags": {"team": "blue"},
        }
        assert "service control policy" in refusal(kms.disable_key, KeyId=key_id)
        kms.schedule_key_deletion(KeyId=key_id)
        terraform.set(known=json.dumps(changed["known"]))
        terraform.take_in()
        terraform.destroy()
        organizations = client(server, "organizations")
        with pytest.raises(organizations.exceptions.AWSOrganizationsNotInUseException):
            organizations.describe_organization()


def check_organization(read):
    """What the data sources tell of what was declared."""
    # The management account has no name here unless it was made with one.
    for accounts in ["accounts", "accounts_below"]:
        assert len(read[accounts]) == 2 and "payments" in read[accounts]
    assert len(read["accounts_at"]) == 1
    unnamed = {"accounts", "accounts_below", "accounts_at"}
    assert {name: value for name, value in read.items() if name not in unnamed} == {
        "types": ["RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY"],
        "services": ["cloudtrail.amazonaws.com", "iam.amazonaws.com"],
        "prod": True,
        "units": ["workloads"],
        "units_below": ["prod", "workloads"],
        "tag_policies": 1,
        "bound": True,
        "managed": True,
        "statement": "kms:ScheduleKeyDeletion",
        "administrators": ["payments"],
        "delegated": ["cloudtrail.amazonaws.com"],
        "tags": {"team": "red"},
    }


def refusal(call, **parameters):
    """The text of a call that must fail."""
    with pytest.raises(call.__self__.exceptions.ClientError) as refused:
        call(**parameters)
    return refused.value.response["Error"]["Message"]


def test_quotas(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "quotas")
        made = terraform.apply()
        quotas = client(server, "service-quotas")
        quota = {"ServiceCode": "kms", "QuotaCode": "L-C2F1777E"}
        shown = quotas.get_service_quota(**quota)["Quota"]
        assert made["keys"] == {
            "name": "Customer Master Keys (CMKs)",
            "value": 200000,
            "default": 100000,
            "arn": shown["QuotaArn"],
        }
        assert made["rate"] == {"code": "L-32B67F4A", "value": 5, "adjustable": True}
        assert shown["Value"] == 200000
        terraform.set(keys="300000")
        assert terraform.apply()["keys"]["value"] == 300000
        terraform.destroy()
        # AWS lowers no quota because a configuration has forgotten it.
        assert quotas.get_service_quota(**quota)["Quota"]["Value"] == 300000
