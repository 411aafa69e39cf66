"""KMS-17: a file goes through the AWS CLI as in the study notes, byte for byte, also after a crash."""

import os
import subprocess

import pytest

from harness.clients import aws, environment
from harness.places import reference
from harness.server import Credentials, Server

REGION = "eu-west-2"
SECRET = bytes(range(256)) * 15 + "\r\nGeheimnis ✓ \0 no newline at the end".encode()

ENCRYPT = """
aws kms encrypt --key-id alias/tutorial --plaintext fileb://secret --output text \
    --query CiphertextBlob --region eu-west-2 > sealed.base64
base64 --decode < sealed.base64 > sealed
"""
DECRYPT = """
aws kms decrypt --ciphertext-blob fileb://sealed --output text --query Plaintext \
    --region eu-west-2 > opened.base64
base64 --decode < opened.base64 > opened
"""


@pytest.fixture
def tutorial():
    """A server of its own, with the alias that the tutorial uses."""
    with Server("--region", REGION) as server:
        key = aws(server, "kms", "create-key", region=REGION)["KeyMetadata"]["KeyId"]
        alias = ["--alias-name", "alias/tutorial", "--target-key-id", key]
        aws(server, "kms", "create-alias", *alias, region=REGION)
        yield server


def shell(server, script, directory, region=REGION):
    """Runs a script as a user would type it."""
    variables = environment(server, region=region)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=directory,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_kms_17_a_file_round_trips_and_survives_a_crash(tutorial, tmp_path):
    (tmp_path / "secret").write_bytes(SECRET)
    shell(tutorial, ENCRYPT, tmp_path)
    assert SECRET[:64] not in (tmp_path / "sealed").read_bytes()
    shell(tutorial, DECRYPT, tmp_path)
    assert (tmp_path / "opened").read_bytes() == SECRET

    tutorial.kill()
    tutorial.start()
    (tmp_path / "opened").unlink()
    shell(tutorial, DECRYPT, tmp_path)
    assert (tmp_path / "opened").read_bytes() == SECRET


def test_kms_17_the_script_of_the_notes(tutorial, tmp_path):
    script = reference("notes/n2-kms-encrypt-decrypt.sh")
    if script is None:
        pytest.skip("the reference data is not beside the repository")
    lines = [line for line in script.read_text().splitlines() if not line.startswith("certutil")]
    (tmp_path / "ExampleSecretFile.txt").write_bytes(SECRET)
    shell(tutorial, "\n".join(lines), tmp_path)
    assert (tmp_path / "ExampleFileDecrypted.txt").read_bytes() == SECRET


def test_a_wrong_secret_is_refused(tutorial):
    wrong = Credentials(tutorial.root.access_key, "x" * len(tutorial.root.secret_key))
    done = aws(tutorial, "kms", "list-keys", credentials=wrong, check=False)
    assert done.returncode != 0
    assert "(InvalidSignatureException)" in done.stderr
    assert "The request signature we calculated does not match the signature" in done.stderr


def test_an_unknown_access_key_is_refused(tutorial):
    unknown = Credentials("AKIA" + "Q" * 16, tutorial.root.secret_key)
    done = aws(tutorial, "kms", "list-keys", credentials=unknown, check=False)
    assert done.returncode != 0
    assert "(UnrecognizedClientException)" in done.stderr
    assert "The security token included in the request is invalid" in done.stderr


def test_the_printed_environment_is_all_that_a_client_needs(tutorial):
    plain = {"PATH": environment(tutorial)["PATH"], "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(
        ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
        env=plain | tutorial.exports,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == f"arn:aws:iam::{tutorial.account}:root", done.stderr
    assert set(tutorial.exports) == {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
    }
    assert tutorial.exports["AWS_DEFAULT_REGION"] == REGION
