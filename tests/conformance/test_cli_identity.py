"""What the AWS CLI adds to the API of IAM and Organizations: files, pages, waiters and its own ways
of showing things."""

import base64
import json

import pytest

from harness.clients import aws, client
from harness.identities import allow, policy
from harness.places import ROOT
from harness.server import Server
from harness.sessions import totp, trust

CERTIFICATES = ROOT / "services/iam/tests/certificates"


@pytest.fixture(scope="module")
def server():
    """A server of its own: an account has one organization."""
    with Server("--log", "warn") as running:
        yield running


def test_the_cli_waits_pages_and_queries(server):
    for number in range(3):
        aws(server, "iam", "create-user", "--user-name", f"paged-{number}", "--path", "/paged/")
    aws(server, "iam", "wait", "user-exists", "--user-name", "paged-0")
    listed = aws(
        server, "iam", "list-users", "--path-prefix", "/paged/", "--page-size", "1",
        "--query", "Users[].UserName",
    )
    assert listed == ["paged-0", "paged-1", "paged-2"]
    some = aws(server, "iam", "list-users", "--path-prefix", "/paged/", "--max-items", "2")
    assert len(some["Users"]) == 2
    rest = aws(
        server, "iam", "list-users", "--path-prefix", "/paged/",
        "--starting-token", some["NextToken"],
    )
    assert [user["UserName"] for user in rest["Users"]] == ["paged-2"]


def test_the_cli_reads_files(server, tmp_path):
    document = tmp_path / "policy.json"
    document.write_text(json.dumps(policy(allow("kms:ListKeys")), indent=2))
    made = aws(
        server, "iam", "create-policy", "--policy-name", "cli", "--policy-document",
        f"file://{document}", "--tags", "Key=team,Value=red",
    )["Policy"]
    version = aws(
        server, "iam", "get-policy-version", "--policy-arn", made["Arn"], "--version-id", "v1"
    )
    assert version["PolicyVersion"]["Document"] == policy(allow("kms:ListKeys"))
    made = aws(
        server, "iam", "upload-server-certificate", "--server-certificate-name", "cli",
        "--certificate-body", f"file://{CERTIFICATES}/leaf.pem",
        "--private-key", f"file://{CERTIFICATES}/leaf-key-pkcs8.pem",
        "--certificate-chain", f"file://{CERTIFICATES}/chain.pem",
    )["ServerCertificateMetadata"]
    assert made["Expiration"].startswith("2120-01-01T00:00:00")
    made = aws(
        server, "iam", "create-saml-provider", "--name", "cli",
        "--saml-metadata-document", f"file://{CERTIFICATES}/saml-metadata.xml",
    )
    shown = aws(server, "iam", "get-saml-provider", "--saml-provider-arn", made["SAMLProviderArn"])
    text = (CERTIFICATES / "saml-metadata.xml").read_text()
    assert shown["SAMLMetadataDocument"].strip() == text.strip()


@pytest.mark.parametrize(
    ("method", "begins"), [("Base32StringSeed", b""), ("QRCodePNG", b"\x89PNG\r\n\x1a\n")]
)
def test_the_cli_writes_second_factors_to_files(server, tmp_path, method, begins):
    out = tmp_path / "seed"
    name = f"cli-{method}"
    made = aws(
        server, "iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", name,
        "--outfile", out, "--bootstrap-method", method,
    )["VirtualMFADevice"]
    assert set(made) == {"SerialNumber"}
    written = out.read_bytes()
    assert written.startswith(begins)
    if method == "Base32StringSeed":
        seed = written.decode()
        assert len(base64.b32decode(seed)) == 40
        aws(server, "iam", "create-user", "--user-name", "factor")
        aws(
            server, "iam", "enable-mfa-device", "--user-name", "factor",
            "--serial-number", made["SerialNumber"],
            "--authentication-code1", totp(seed, step=-1), "--authentication-code2", totp(seed),
        )
        devices = aws(server, "iam", "list-mfa-devices", "--user-name", "factor")["MFADevices"]
        assert [device["SerialNumber"] for device in devices] == [made["SerialNumber"]]


def test_the_cli_shows_reports_and_simulations(server):
    iam = client(server, "iam")
    iam.create_role(
        RoleName="cli", AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"})
    )
    arn = f"arn:aws:iam::{server.account}:role/cli"
    decision = aws(
        server, "iam", "simulate-principal-policy", "--policy-source-arn", arn,
        "--action-names", "kms:Decrypt", "--query", "EvaluationResults[0].EvalDecision",
    )
    assert decision == "implicitDeny"
    aws(server, "iam", "generate-credential-report")
    report = base64.b64decode(aws(server, "iam", "get-credential-report")["Content"])
    assert report.decode().splitlines()[0].startswith("user,arn,user_creation_time,")
    details = aws(server, "iam", "get-account-authorization-details", "--filter", "Role")
    assert "cli" in [role["RoleName"] for role in details["RoleDetailList"]]


def test_the_cli_runs_an_organization(server):
    organization = aws(server, "organizations", "create-organization")["Organization"]
    assert organization["FeatureSet"] == "ALL"
    root = aws(server, "organizations", "list-roots", "--query", "Roots[0].Id")
    made = aws(
        server, "organizations", "create-account", "--email", "cli@example.com",
        "--account-name", "cli", "--tags", "Key=team,Value=red",
    )["CreateAccountStatus"]
    done = aws(
        server, "organizations", "describe-create-account-status",
        "--create-account-request-id", made["Id"],
    )["CreateAccountStatus"]
    assert done["State"] == "SUCCEEDED"
    accounts = aws(
        server, "organizations", "list-accounts-for-parent", "--parent-id", root,
        "--page-size", "1", "--query", "Accounts[].Id",
    )
    assert sorted(accounts) == sorted([server.account, done["AccountId"]])
    tags = aws(server, "organizations", "list-tags-for-resource", "--resource-id", done["AccountId"])
    assert tags["Tags"] == [{"Key": "team", "Value": "red"}]
