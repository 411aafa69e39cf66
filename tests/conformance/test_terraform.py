"""Terraform with the unmodified AWS provider: everything of IAM and Organizations that it knows is
made, read, changed in place, taken in by name and destroyed, and no plan finds a difference."""

import base64
import datetime
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.clients import client, environment
from harness.identities import allow, policy
from harness.places import ROOT
from harness.server import Credentials, Server
from harness.sessions import assume

CONFIGURATIONS = Path(__file__).parent / "terraform"
CERTIFICATES = ROOT / "services/iam/tests/certificates"
PLUGINS = Path(os.environ.get("STRONGROOM_TERRAFORM_PLUGINS", "/opt/tf-plugins"))

pytestmark = pytest.mark.skipif(
    shutil.which("terraform") is None or not PLUGINS.is_dir(),
    reason="Terraform, or the AWS provider in STRONGROOM_TERRAFORM_PLUGINS, is not installed",
)


class Terraform:
    """One configuration in a folder of its own."""

    def __init__(self, server, folder, name, **variables):
        self.folder, self.name = folder, name
        shutil.copytree(CONFIGURATIONS / name, folder, dirs_exist_ok=True)
        self.environment = environment(server) | {
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            # A setting of the machine must not choose where providers come from.
            "TF_CLI_CONFIG_FILE": "/dev/null",
            "AWS_MAX_ATTEMPTS": "3",
        }
        self.set(**variables)
        self.run("init", "-input=false", f"-plugin-dir={PLUGINS}")

    def set(self, **variables):
        """Gives the variables of the configuration these values from now on."""
        self.environment |= {f"TF_VAR_{key}": value for key, value in variables.items()}

    def run(self, *arguments):
        """Runs Terraform; its standard output."""
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def apply(self):
        """Makes what is declared, and finds nothing to change afterwards."""
        self.run("apply", "-auto-approve", "-input=false")
        # With this option 2 means that the plan has changes.
        self.run("plan", "-detailed-exitcode", "-input=false")
        outputs = json.loads(self.run("output", "-json"))
        return {key: output["value"] for key, output in outputs.items()}

    def changes(self):
        """The actions of a plan by resource, the resources without any left out."""
        self.run("plan", "-input=false", "-out=planned")
        planned = json.loads(self.run("show", "-json", "planned"))
        actions = {each["address"]: each["change"]["actions"] for each in planned["resource_changes"]}
        return {
            address: done
            for address, done in actions.items()
            if done not in (["no-op"], ["read"])
        }

    def take_in(self):
        """Forgets resources and imports them again by their names, which must change nothing."""
        imports = CONFIGURATIONS / "imports" / f"{self.name}.tf"
        resources = re.findall(r"to = (\S+)", imports.read_text())
        self.run("state", "rm", *resources)
        shutil.copy(imports, self.folder / "imports.tf")
        summary = self.run("apply", "-auto-approve", "-input=false")
        wanted = f"Resources: {len(resources)} imported, 0 added, 0 changed, 0 destroyed."
        assert wanted in summary, summary

    def destroy(self):
        """Takes everything away."""
        self.run("destroy", "-auto-approve", "-input=false")


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


def test_queues(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "queues")
        terraform.apply()
        sqs = client(server, "sqs")
        queue = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
        shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        assert shown["VisibilityTimeout"] == "45"
        assert "events.amazonaws.com" in shown["Policy"]
        terraform.set(visibility="50")
        terraform.apply()
        shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        assert shown["VisibilityTimeout"] == "50"
        terraform.destroy()
        assert "QueueUrls" not in sqs.list_queues()


def test_parameters(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "parameters")
        outputs = terraform.apply()
        assert outputs["secret"] == "p4ss"
        assert outputs["names"] == [f"/app/prod/{each}" for each in ["hosts", "password", "token", "url"]]
        ssm = client(server, "ssm")
        tiers = {each["Name"]: each["Tier"] for each in ssm.describe_parameters()["Parameters"]}
        assert (tiers["large"], tiers["/app/prod/url"]) == ("Advanced", "Standard")
        # A value changes in place, and so does a type.
        terraform.set(value="two", type="String")
        terraform.apply()
        shown = ssm.get_parameter(Name="/app/prod/url")["Parameter"]
        assert (shown["Value"], shown["Version"]) == ("two", 2)
        shown = ssm.get_parameter(Name="/app/prod/password")["Parameter"]
        assert (shown["Type"], shown["Value"]) == ("String", "p4ss")
        terraform.destroy()
        assert ssm.describe_parameters()["Parameters"] == []


def test_logs(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "logs")
        group = terraform.apply()["group"]
        logs = client(server, "logs")
        [shown] = logs.describe_log_groups()["logGroups"]
        assert (shown["logGroupArn"], shown["retentionInDays"]) == (group, 14)
        assert shown["kmsKeyId"].startswith("arn:aws:kms:")
        assert shown["metricFilterCount"] == 1
        [filter] = logs.describe_subscription_filters(logGroupName="/app/one")["subscriptionFilters"]
        [destination] = logs.describe_destinations()["destinations"]
        assert filter["destinationArn"] == destination["arn"]
        assert "444455556666" in destination["accessPolicy"]
        terraform.set(days="30")
        terraform.apply()
        [shown] = logs.describe_log_groups()["logGroups"]
        assert shown["retentionInDays"] == 30
        terraform.destroy()
        assert logs.describe_log_groups()["logGroups"] == []
        assert logs.describe_destinations()["destinations"] == []
