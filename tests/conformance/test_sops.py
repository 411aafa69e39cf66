"""SOPS, the program: files whose data key is encrypted under keys of two Regions."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.clients import client, environment
from harness.identities import allow, new_user, policy

SOPS = shutil.which("sops", path=Path(sys.executable).parent) or shutil.which("sops")
pytestmark = pytest.mark.skipif(SOPS is None, reason="skipped: no sops")

CONTEXT = ["--encryption-context", "app:web,stage:test"]


@pytest.fixture
def sops(server, tmp_path):
    """Runs SOPS in a folder of its own; its standard output, or the finished process."""
    (tmp_path / "plain.json").write_text(json.dumps({"password": "hunter2", "port": 1}))

    def run(*arguments, credentials=None, check=True):
        done = subprocess.run(
            [SOPS, "--disable-version-check", *arguments],
            cwd=tmp_path,
            env=environment(server, credentials) | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        if not check:
            return done
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.folder = tmp_path
    return run


@pytest.fixture
def elsewhere(server):
    """Keys of another Region, as root."""
    return client(server, "kms", region="eu-west-1")


def sealed(sops, *keys):
    """Encrypts the file under all of these keys, and returns what is in it then."""
    text = sops("encrypt", "--kms", ",".join(keys), *CONTEXT, "plain.json")
    (sops.folder / "sealed.json").write_text(text)
    assert "hunter2" not in text
    return json.loads(text)


def test_any_key_of_two_regions_opens_a_file(sops, kms, elsewhere, key):
    other = elsewhere.create_key()["KeyMetadata"]
    content = sealed(sops, key["Arn"], other["Arn"])
    assert [each["arn"] for each in content["sops"]["kms"]] == [key["Arn"], other["Arn"]]
    plain = {"password": "hunter2", "port": 1}
    assert json.loads(sops("decrypt", "sealed.json")) == plain
    kms.disable_key(KeyId=key["KeyId"])
    assert json.loads(sops("decrypt", "sealed.json")) == plain
    elsewhere.disable_key(KeyId=other["KeyId"])
    failed = sops("decrypt", "sealed.json", check=False)
    assert failed.returncode != 0 and failed.stdout == ""
    assert failed.stderr.count("DisabledException") == 2
    kms.enable_key(KeyId=key["KeyId"])
    assert json.loads(sops("decrypt", "sealed.json")) == plain


def test_a_file_is_changed_and_gets_a_new_data_key(sops, kms, elsewhere, key):
    before = sealed(sops, key["Arn"])
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    sops("set", "sealed.json", '["port"]', "2")
    assert sops("decrypt", "--extract", '["port"]', "sealed.json").strip() == "2"
    other = elsewhere.create_key()["KeyMetadata"]
    sops("rotate", "--in-place", "--add-kms", other["Arn"], "sealed.json")
    after = json.loads((sops.folder / "sealed.json").read_text())
    assert after["sops"]["kms"][0]["enc"] != before["sops"]["kms"][0]["enc"]
    sops("rotate", "--in-place", "--rm-kms", key["Arn"], "sealed.json")
    kms.disable_key(KeyId=key["KeyId"])
    assert json.loads(sops("decrypt", "sealed.json")) == {"password": "hunter2", "port": 2}


def test_the_context_of_a_file_is_authenticated(sops, key):
    content = sealed(sops, key["Arn"])
    content["sops"]["kms"][0]["context"]["app"] = "other"
    (sops.folder / "sealed.json").write_text(json.dumps(content))
    failed = sops("decrypt", "sealed.json", check=False)
    assert failed.returncode != 0
    assert "InvalidCiphertextException" in failed.stderr


def test_who_may_read_a_file_is_a_policy(sops, server, key, name):
    sealed(sops, key["Arn"])
    condition = {"StringEquals": {"kms:EncryptionContext:app": "web"}}
    reading = allow("kms:Decrypt", resource=key["Arn"], Condition=condition)
    reader = new_user(server, f"{name}-reader", policy(reading))
    stranger = new_user(server, f"{name}-stranger")
    assert "hunter2" in sops("decrypt", "sealed.json", credentials=reader)
    refused = ["AccessDeniedException", "not authorized to perform"]
    failed = sops("decrypt", "sealed.json", credentials=stranger, check=False)
    assert failed.returncode != 0 and refused[0] in failed.stderr
    arguments = ["encrypt", "--kms", key["Arn"], *CONTEXT, "plain.json"]
    failed = sops(*arguments, credentials=reader, check=False)
    assert failed.returncode != 0 and all(text in failed.stderr for text in refused)
    sealed_for_another = sops("encrypt", "--kms", key["Arn"], "plain.json")
    (sops.folder / "sealed.json").write_text(sealed_for_another)
    assert sops("decrypt", "sealed.json", credentials=reader, check=False).returncode != 0
    assert "hunter2" in sops("decrypt", "sealed.json")


def test_a_file_names_a_role_that_opens_it(sops, server, iam, key, name):
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{server.account}:root"},
        "Action": "sts:AssumeRole",
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy(trust)))
    using = policy(allow("kms:Encrypt", "kms:Decrypt", resource=key["Arn"]))
    iam.put_role_policy(RoleName=name, PolicyName="use", PolicyDocument=json.dumps(using))
    arn = role["Role"]["Arn"]
    person = new_user(server, f"{name}-person", policy(allow("sts:AssumeRole", resource=arn)))
    text = sops("encrypt", "--kms", f"{key['Arn']}+{arn}", "plain.json", credentials=person)
    (sops.folder / "sealed.json").write_text(text)
    assert "hunter2" in sops("decrypt", "sealed.json", credentials=person)
    iam.delete_role_policy(RoleName=name, PolicyName="use")
    failed = sops("decrypt", "sealed.json", credentials=person, check=False)
    assert failed.returncode != 0 and f"assumed-role/{name}/" in failed.stderr
