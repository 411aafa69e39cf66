"""Terraform with the unmodified AWS provider: everything of IAM and Organizations that it knows is
made, read, changed in place, taken in by name and destroyed, and no plan finds a difference."""

import base64
import datetime
import json
import os

import pytest

from harness.clients import client
from harness.identities import allow, policy
from harness.places import ROOT
from harness.server import Credentials, Server
from harness.sessions import assume
from harness.terraform import Terraform, needs_terraform

CERTIFICATES = ROOT / "services/iam/tests/certificates"

pytestmark = needs_terraform


def test_identities(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(
            server, tmp_path, "identity", prefix="tf", certificates=str(CERTIFICATES)
        )
        made = terraform.apply()
        check_read(server, made["read"])
        deployer = Credentials(made["key"], made["secret"])
        check_deployer(server, deployer, made["role"])

        terraform.set(changed="true")
        changed = terraform.apply()
        check_changed(server, made, changed["read"])
        sts = client(server, "sts", deployer)
        with pytest.raises(sts.exceptions.ClientError, match="InvalidClientTokenId"):
            sts.get_caller_identity()

        iam = client(server, "iam")
        intrude(iam)
        assert terraform.changes() == {
            "aws_iam_group_membership.people": ["update"],
            "aws_iam_group_policies_exclusive.people": ["update"],
            "aws_iam_role_policies_exclusive.shared": ["update"],
            "aws_iam_role_policy_attachments_exclusive.shared": ["update"],
            "aws_iam_user_policy_attachments_exclusive.person": ["update"],
        }
        terraform.run("apply", "-input=false", "planned")
        terraform.take_in()
        terraform.destroy()
        assert iam.list_users()["Users"] == []
        assert iam.list_groups()["Groups"] == []
        assert iam.list_roles()["Roles"] == []
        assert iam.list_instance_profiles()["InstanceProfiles"] == []
        assert iam.list_policies(Scope="Local")["Policies"] == []
        assert iam.list_account_aliases()["AccountAliases"] == []
        assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []
        assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
        assert iam.list_saml_providers()["SAMLProviderList"] == []
        assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def check_read(server, read):
    """What the data sources tell of what was declared."""
    iam = client(server, "iam")
    chain = (CERTIFICATES / "chain.pem").read_text().strip()
    policy_arn = f"arn:aws:iam::{server.account}:policy/teams/tf-read-keys"
    policy_id = iam.get_policy(PolicyArn=policy_arn)["Policy"]["PolicyId"]
    assert read == {
        "alias": "tf-alias",
        "people": ["tf-person-0", "tf-person-1"],
        "profile_role": "tf-machine",
        "profiles": ["tf-machine"],
        "policy_id": policy_id,
        "policy_id_by_name": policy_id,
        "policy_tags": {"team": "red"},
        "policy_of_aws": "arn:aws:iam::aws:policy/SecurityAudit",
        "role_description": "What the program runs as.",
        "roles": ["tf-shared"],
        "user_arn": f"arn:aws:iam::{server.account}:user/programs/tf-deployer",
        "users": ["tf-person-0", "tf-person-1"],
        "issuer": f"arn:aws:iam::{server.account}:role/programs/tf-app",
        "keys": ["Active"],
        "certificate": "/cloudfront/sites/",
        "certificate_chain": chain,
        "clients": ["sts.amazonaws.com", "tests"],
        "thumbprints": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
        "saml_until": "2100-01-01T00:00:00Z",
        "ssh_key": "Active",
        "decisions": {
            "kms:DescribeKey": "allowed",
            "kms:GenerateRandom": "allowed",
            "kms:ScheduleKeyDeletion": "explicitDeny",
        },
    }


def check_changed(server, made, read):
    """What the data sources tell after the change: the same things, otherwise declared."""
    assert read == made["read"] | {
        "people": ["tf-person-0", "tf-person-1", "tf-person-2-renamed"],
        "profile_role": "tf-app",
        "policy_tags": {"team": "blue", "stage": "prod"},
        "role_description": "",
        "user_arn": f"arn:aws:iam::{server.account}:user/machines/tf-deployer",
        "keys": ["Inactive"],
        "clients": ["deploys", "sts.amazonaws.com"],
        "thumbprints": ["d89e3bd43d5d909b47a18977aa9d5ce36cee184c"],
        "saml_until": "2101-01-01T00:00:00Z",
        "ssh_key": "Inactive",
        "decisions": {
            "kms:DescribeKey": "allowed",
            "kms:GenerateRandom": "explicitDeny",
            "kms:ScheduleKeyDeletion": "explicitDeny",
        },
    }


def check_deployer(server, deployer, role):
    """The access key works, within what the policies say."""
    sts = client(server, "sts", deployer)
    arn = f"arn:aws:iam::{server.account}:user/programs/tf-deployer"
    assert sts.get_caller_identity()["Arn"] == arn
    # The group's policy counts, the boundary allows it.
    client(server, "kms", deployer).generate_random(NumberOfBytes=16)
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="s1")
    session = sts.assume_role(
        RoleArn=role, RoleSessionName="s1", ExternalId="build-42", DurationSeconds=7200
    )
    assert session["AssumedRoleUser"]["Arn"].endswith(":assumed-role/tf-app/s1")


def intrude(iam):
    """Adds to everything that Terraform owns as a whole."""
    document = json.dumps(policy(allow("kms:ListKeys")))
    audit = "arn:aws:iam::aws:policy/SecurityAudit"
    iam.add_user_to_group(GroupName="tf-people", UserName="tf-deployer")
    iam.put_group_policy(GroupName="tf-people", PolicyName="more", PolicyDocument=document)
    iam.put_role_policy(RoleName="tf-shared", PolicyName="more", PolicyDocument=document)
    iam.attach_role_policy(RoleName="tf-shared", PolicyArn=audit)
    admin = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_user_policy(UserName="tf-person-1", PolicyArn=admin)


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
