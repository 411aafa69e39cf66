"""The AWS CLI on keys that come from elsewhere, live in several Regions, or sign; and on quotas.

The scripts are what the developer guide of KMS tells people to type, OpenSSL's part included.
"""

import datetime
import json
import os
import shutil
import subprocess

import pytest

from harness.clients import aws, environment
from harness.server import Server

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="skipped: no openssl")


@pytest.fixture
def shell(server, tmp_path):
    """Runs a script in a folder of its own; the lines it writes."""

    def run(script, where=server, check=True):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environment(where),
            capture_output=True,
            text=True,
        )
        if not check:
            return done
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    run.folder = tmp_path
    return run


PARAMETERS = """
aws kms get-parameters-for-import --key-id $KEY --wrapping-algorithm {algorithm} \
    --wrapping-key-spec RSA_3072 --output text --query '[PublicKey, ImportToken]' > parameters
cut -f 1 parameters | base64 --decode > public.der
cut -f 2 parameters | base64 --decode > token
openssl rsa -pubin -inform DER -in public.der -out public.pem 2> /dev/null
"""
OAEP = """
openssl pkeyutl -encrypt -in {material} -pubin -inkey public.pem -pkeyopt rsa_padding_mode:oaep \
    -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 -out wrapped
"""
IMPORT = """
aws kms import-key-material --key-id $KEY --encrypted-key-material fileb://wrapped \
    --import-token fileb://token {more} --output text --query KeyMaterialId
"""
NEVER = "--expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE"


def imported(key, material, more=NEVER, algorithm="RSAES_OAEP_SHA_256", wrap=OAEP):
    """The script that imports the file `material`."""
    script = PARAMETERS.format(algorithm=algorithm) + wrap + IMPORT
    return f"KEY={key}" + script.replace("{material}", material).replace("{more}", more)


def test_kms_25_a_key_is_brought_taken_away_and_brought_again(server, shell):
    [key] = shell("aws kms create-key --origin EXTERNAL --query KeyMetadata.KeyId --output text")
    shell("openssl rand -out mine 32; openssl rand -out other 32")
    [material] = shell(imported(key, "mine"))
    assert len(bytes.fromhex(material)) == 32
    shell(
        f"echo -n hello > plain; aws kms encrypt --key-id {key} --plaintext fileb://plain "
        "--query CiphertextBlob --output text | base64 --decode > sealed"
    )
    opened = "aws kms decrypt --ciphertext-blob fileb://sealed --query Plaintext --output text"
    assert shell(opened) == ["aGVsbG8="]
    deleted = aws(server, "kms", "delete-imported-key-material", "--key-id", key)
    assert deleted["KeyMaterialId"] == material
    failed = shell(opened, check=False)
    assert failed.returncode == 255
    assert "(KMSInvalidStateException)" in failed.stderr and "is pending import." in failed.stderr
    failed = shell(imported(key, "other"), check=False)
    assert "(IncorrectKeyMaterialException)" in failed.stderr
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=364)
    until = f"--valid-to {end:%Y-%m-%dT%H:%M:%SZ}"
    assert shell(imported(key, "mine", until)) == [material]
    assert shell(opened) == ["aGVsbG8="]
    shown = aws(server, "kms", "describe-key", "--key-id", key)["KeyMetadata"]
    assert shown["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert shown["ValidTo"] == int(end.timestamp())


def test_kms_25_an_rsa_key_is_wrapped_in_two_steps(server, shell):
    made = ["--origin", "EXTERNAL", "--key-spec", "RSA_2048", "--key-usage", "SIGN_VERIFY"]
    key = aws(server, "kms", "create-key", *made)["KeyMetadata"]["KeyId"]
    shell(
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out own.pem 2> /dev/null;"
        "openssl pkcs8 -topk8 -nocrypt -in own.pem -outform DER -out own.der"
    )
    steps = """
    openssl rand -out aes 32
    openssl enc -id-aes256-wrap-pad -K "$(od -An -tx1 -v aes | tr -d ' \\n')" -iv A65959A6 \
        -in {material} -out second
    """
    wrap = steps + OAEP.format(material="aes") + "cat second >> wrapped"
    shell(imported(key, "own.der", NEVER, "RSA_AES_KEY_WRAP_SHA_256", wrap))
    shell(
        f"echo -n hello > message; aws kms sign --key-id {key} --message fileb://message "
        "--signing-algorithm RSASSA_PKCS1_V1_5_SHA_256 --query Signature --output text "
        "| base64 --decode > theirs; openssl dgst -sha256 -sign own.pem -out ours message;"
        "cmp ours theirs"
    )


def test_kms_23_a_key_in_two_regions(server, shell):
    key = aws(server, "kms", "create-key", "--multi-region")["KeyMetadata"]
    made = ["kms", "replicate-key", "--key-id", key["KeyId"], "--replica-region", "eu-west-1"]
    replica = aws(server, *made, "--tags", "TagKey=a,TagValue=b", "--description", "there")
    assert replica["ReplicaKeyMetadata"]["Arn"] == key["Arn"].replace("us-east-1", "eu-west-1")
    assert replica["ReplicaTags"] == [{"TagKey": "a", "TagValue": "b"}]
    assert json.loads(replica["ReplicaPolicy"])["Id"] == "key-default-1"
    secret = os.urandom(64)
    (shell.folder / "plain").write_bytes(secret)
    shell(
        f"aws kms encrypt --key-id {key['Arn']} --plaintext fileb://plain --output text "
        "--query CiphertextBlob | base64 --decode > sealed;"
        "aws kms decrypt --region eu-west-1 --ciphertext-blob fileb://sealed --output text "
        "--query Plaintext | base64 --decode > opened"
    )
    assert (shell.folder / "opened").read_bytes() == secret
    moved = ["kms", "update-primary-region", "--key-id", key["KeyId"]]
    assert aws(server, *moved, "--primary-region", "eu-west-1") is None
    query = "KeyMetadata.MultiRegionConfiguration.[MultiRegionKeyType, PrimaryKey.Region]"
    shown = aws(server, "kms", "describe-key", "--key-id", key["KeyId"], "--query", query)
    assert shown == ["REPLICA", "eu-west-1"]


def test_kms_9_a_digest_is_signed_and_openssl_verifies(server, shell):
    made = ["--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY"]
    key = aws(server, "kms", "create-key", *made)["KeyMetadata"]["KeyId"]
    verified = shell(f"""
    openssl rand -out message 10000
    openssl dgst -sha256 -binary -out digest message
    aws kms sign --key-id {key} --message fileb://digest --message-type DIGEST \
        --signing-algorithm ECDSA_SHA_256 --query Signature --output text | base64 --decode > signature
    aws kms get-public-key --key-id {key} --query PublicKey --output text | base64 --decode > public
    openssl dgst -sha256 -keyform DER -verify public -signature signature message
    aws kms verify --key-id {key} --message fileb://digest --message-type DIGEST \
        --signing-algorithm ECDSA_SHA_256 --signature fileb://signature --query SignatureValid
    """)
    assert verified == ["Verified OK", "true"]


def test_quo_3_a_quota_is_raised(shell):
    with Server("--log", "warn", quotas=None) as server:
        code = "--service-code kms --quota-code L-32B67F4A"
        value = f"aws service-quotas get-service-quota {code} --query Quota.Value --output text"
        assert shell(value, server) == ["5.0"]
        raised = f"aws service-quotas request-service-quota-increase {code} --desired-value 500"
        [status] = shell(f"{raised} --query RequestedQuota.Status --output text", server)
        assert status == "APPROVED"
        assert shell(value, server) == ["500.0"]
        listed = "aws service-quotas list-requested-service-quota-change-history --service-code kms"
        [entry] = shell(f"{listed} --query RequestedQuotas[].DesiredValue --output text", server)
        assert entry == "500.0"
        failed = shell(raised.replace("500", "5"), server, check=False)
        assert failed.returncode == 255 and "(IllegalArgumentException)" in failed.stderr
