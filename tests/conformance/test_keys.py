"""`strongroom keys`: public keys for other programs, and keys with fixed ids for tests."""

import base64
import json
import shutil
import subprocess

import pytest

from harness.clients import client
from harness.identities import new_user
from harness.server import Credentials, Server, run

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = "2234abcd-12ab-34cd-56ef-1234567890ab"
ANYBODY = Credentials("000000000000", "dev")


def keys(server, *arguments, who=None):
    """Runs `strongroom keys` as root or somebody else."""
    who = who or server.root
    environment = {"AWS_ACCESS_KEY_ID": who.access_key, "AWS_SECRET_ACCESS_KEY": who.secret_key}
    return run("keys", *arguments, "--endpoint", server.endpoint, environment=environment)


@pytest.fixture(scope="module")
def development():
    """A server with --dev."""
    with Server("--dev", data=False) as running:
        running.exports |= {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "dev"}
        yield running


@pytest.fixture
def pair(kms):
    """The id of a new key pair for signatures."""
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return made["KeyMetadata"]["KeyId"]


def test_a_public_key_is_written_in_three_forms(server, kms, pair, tmp_path):
    spki = kms.get_public_key(KeyId=pair)["PublicKey"]
    pem = keys(server, "export-public", "--key-id", pair).stdout
    head, *body, end = pem.splitlines()
    assert (head, end) == ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")
    assert base64.b64decode("".join(body)) == spki
    path = tmp_path / "key.der"
    written = keys(server, "export-public", "--key-id", pair, "--format", "der", "--output", path)
    assert (written.returncode, written.stdout, path.read_bytes()) == (0, "", spki)
    jwk = json.loads(keys(server, "export-public", "--key-id", pair, "--format", "jwk").stdout)
    assert (jwk["kty"], jwk["crv"], jwk["kid"], jwk["use"]) == ("EC", "P-256", pair, "sig")
    x, y = (base64.urlsafe_b64decode(jwk[name] + "=") for name in "xy")
    assert spki.endswith(b"\x04" + x + y)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl verifies")
def test_an_exported_key_verifies_elsewhere(server, kms, pair, tmp_path):
    message, signature, public = (tmp_path / name for name in ("message", "signature", "pem"))
    message.write_bytes(b"verify me")
    signed = kms.sign(KeyId=pair, Message=b"verify me", SigningAlgorithm="ECDSA_SHA_256")
    signature.write_bytes(signed["Signature"])
    assert keys(server, "export-public", "--key-id", pair, "--output", public).returncode == 0
    verify = ["openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, message]
    assert subprocess.run(verify, capture_output=True).returncode == 0
    message.write_bytes(b"verify you")
    assert subprocess.run(verify, capture_output=True).returncode != 0


def test_refusals_have_exit_codes(server, key_id, pair, name):
    gone = keys(server, "export-public", "--key-id", f"alias/{name}")
    assert gone.returncode == 3 and "NotFoundException" in gone.stderr
    symmetric = keys(server, "export-public", "--key-id", key_id)
    assert symmetric.returncode == 1 and "UnsupportedOperationException" in symmetric.stderr
    nobody = new_user(server, name)
    denied = keys(server, "export-public", "--key-id", pair, who=nobody)
    assert denied.returncode == 4 and "AccessDeniedException" in denied.stderr
    unreachable = run("keys", "list", "--endpoint", "http://127.0.0.1:1", environment={
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"})
    assert unreachable.returncode == 5, unreachable.stderr
    without = run("keys", "list", "--endpoint", server.endpoint, environment={"HOME": "/nowhere"})
    assert without.returncode == 2 and "AWS_ACCESS_KEY_ID" in without.stderr


def test_keys_are_listed_with_their_aliases(server, kms, key, name):
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])
    lines = keys(server, "list").stdout.splitlines()
    assert f"{key['Arn']}\talias/{name}" in lines
    assert len(lines) == len([one for page in kms.get_paginator("list_keys").paginate() for one in page["Keys"]])


def test_a_seed_is_made_once_and_again_changes_what_changed(development, tmp_path):
    material = bytes(range(32))
    file = tmp_path / "seed.toml"
    seed = f"""
        [[key]]
        id = "{ID}"
        account = "111122223333"
        region = "eu-west-2"
        description = "first"
        material = "hex:{material.hex()}"
        aliases = ["alias/seeded", "short"]
        tags = {{ stage = "test" }}

        [[key]]
        id = "{OTHER}"
        spec = "HMAC_256"
        usage = "GENERATE_VERIFY_MAC"
        material = "{base64.b64encode(material).decode()}"
    """
    file.write_text(seed)
    arn = f"arn:aws:kms:eu-west-2:111122223333:key/{ID}"
    printed = [arn, f"arn:aws:kms:us-east-1:000000000000:key/{OTHER}"]
    for text in seed, seed, seed.replace("first", "second"):
        file.write_text(text)
        seeded = keys(development, "seed", file)
        assert seeded.stdout.splitlines() == printed, seeded.stderr
    kms = client(development, "kms", Credentials("111122223333", "dev"), region="eu-west-2")
    assert kms.describe_key(KeyId="alias/short")["KeyMetadata"]["Arn"] == arn
    assert kms.describe_key(KeyId="alias/seeded")["KeyMetadata"]["Description"] == "second"
    assert {"TagKey": "stage", "TagValue": "test"} in kms.list_resource_tags(KeyId=ID)["Tags"]
    changed = seed.replace("HMAC_256", "HMAC_512")
    file.write_text(changed)
    refused = keys(development, "seed", file)
    assert refused.returncode == 1 and OTHER in refused.stderr and "HMAC_256" in refused.stderr


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the key")
@pytest.mark.parametrize("kind", ["rsa", "ec", "ed25519"])
def test_a_private_key_in_pem_is_seeded(development, tmp_path, kind):
    make = {
        "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "ed25519": ["-algorithm", "ed25519"],
    }[kind]
    spec = {"rsa": "RSA_2048", "ec": "ECC_NIST_P256", "ed25519": "ECC_NIST_EDWARDS25519"}[kind]
    private = subprocess.run(["openssl", "genpkey", *make], check=True, capture_output=True).stdout
    public = subprocess.run(
        ["openssl", "pkey", "-pubout"], input=private, check=True, capture_output=True
    ).stdout.decode()
    key = f"{ {'rsa': 3, 'ec': 4, 'ed25519': 5}[kind] }234abcd-12ab-34cd-56ef-1234567890ab"
    file = tmp_path / "seed.json"
    entry = {"id": key, "spec": spec, "usage": "SIGN_VERIFY", "material": private.decode()}
    file.write_text(json.dumps({"key": [entry]}))
    seeded = keys(development, "seed", file)
    assert seeded.returncode == 0, seeded.stderr
    assert keys(development, "export-public", "--key-id", key).stdout == public


def test_other_servers_take_no_seed(server, kms, tmp_path):
    file = tmp_path / "seed.toml"
    file.write_text(f'[[key]]\nid = "{ID}"\n')
    refused = keys(server, "seed", file)
    assert refused.returncode == 1 and "--dev" in refused.stderr
    # The tags mean nothing there.
    made = kms.create_key(Tags=[{"TagKey": "strongroom:key-id", "TagValue": ID}])["KeyMetadata"]
    assert made["KeyId"] != ID


@pytest.mark.parametrize(
    "text, said",
    [
        ("[[key]]\nid = 'x'\n", "field `id`"),
        (f"[[key]]\nid = '{ID}'\n\ncolour = 'red'\n", "line 4"),
        (f"[[key]]\nid = '{ID}'\naccount = '1'\n", "field `account`"),
        (f"[[key]]\nid = '{ID}'\nmaterial = 'hex:0'\n", "field `material`"),
        (f"[[key]]\nid = '{ID}'\npolicy = '{{'\n", "field `policy`"),
        ("[[key]]\n", "`id`"),
    ],
)
def test_mistakes_are_named_and_material_is_not(development, tmp_path, text, said):
    file = tmp_path / "seed.toml"
    file.write_text(text)
    refused = keys(development, "seed", file)
    assert refused.returncode == 2 and said in refused.stderr, refused.stderr
    file.write_text(f"[[key]]\nid = '{ID}'\nmaterial = 'c2VjcmV0 unfinished\n")
    broken = keys(development, "seed", file)
    assert broken.returncode == 2 and "line 3" in broken.stderr and "c2VjcmV0" not in broken.stderr


def test_the_tags_that_tests_already_have_work(development):
    kms = client(development, "kms", ANYBODY)
    key = "6234abcd-12ab-34cd-56ef-1234567890ab"
    tags = [{"TagKey": "_custom_id_", "TagValue": key}]
    tags += [{"TagKey": "_custom_key_material_", "TagValue": base64.b64encode(b"k" * 32).decode()}]
    assert kms.create_key(Tags=tags)["KeyMetadata"]["KeyId"] == key
    assert kms.list_resource_tags(KeyId=key)["Tags"] == tags[:1]
