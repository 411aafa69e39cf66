"""SM2 keys in China, through boto3; and what `openssl` makes of them."""

import hashlib
import re
import shutil
import subprocess

import pytest

from harness.clients import client
from harness.identities import allow, new_user, policy, put_policy

MESSAGE = b"attack at dawn"
IDENTIFIER = "1234567812345678"
OPENSSL = shutil.which("openssl")
REGIONS = ["cn-north-1", "cn-northwest-1"]
# a, b and the generator of sm2p256v1 (GB/T 32918.5).
CURVE = (
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)


def knows_sm2():
    if OPENSSL is None:
        return False
    listed = subprocess.run([OPENSSL, "ecparam", "-list_curves"], capture_output=True, check=False)
    return b"SM2" in listed.stdout


needs_sm2 = pytest.mark.skipif(not knows_sm2(), reason="skipped: no openssl with SM2")


@pytest.fixture(params=REGIONS)
def china(server, request):
    """boto3 as root in a Chinese region."""
    return client(server, "kms", region=request.param)


@pytest.fixture
def openssl(tmp_path):
    """Runs `openssl` in a folder of its own; `files` are written there first."""

    def run(*arguments, **files):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        ran = subprocess.run([OPENSSL, *arguments], cwd=tmp_path, capture_output=True, check=False)
        return ran

    return run


def key_for(kms, usage):
    """A new key: its ARN and its public key."""
    arn = kms.create_key(KeySpec="SM2", KeyUsage=usage)["KeyMetadata"]["Arn"]
    assert arn.startswith(f"arn:aws-cn:kms:{kms.meta.region_name}:")
    return arn, kms.get_public_key(KeyId=arn)["PublicKey"]


def sm3(*parts):
    return hashlib.new("sm3", b"".join(parts)).digest()


def digest(public_key, message, identifier=IDENTIFIER):
    """What SM2DSA signs (GM/T 0003.2, 5.5): the identifier, the curve and the key go into it."""
    name = identifier.encode()
    signer = sm3((len(name) * 8).to_bytes(2), name, bytes.fromhex(CURVE), public_key[-64:])
    return sm3(signer, message)


def verification(identifier=IDENTIFIER):
    command = ["dgst", "-sm3", "-keyform", "DER", "-verify", "key"]
    return [*command, "-sigopt", f"distid:{identifier}", "-signature", "signature", "message"]


@needs_sm2
def test_messages_are_signed_under_the_default_identifier(china, openssl):
    key, public_key = key_for(china, "SIGN_VERIFY")
    asked = {"KeyId": key, "SigningAlgorithm": "SM2DSA"}
    as_digest = {"Message": digest(public_key, MESSAGE), "MessageType": "DIGEST"}
    for signed, verified in (({"Message": MESSAGE}, as_digest), (as_digest, {"Message": MESSAGE})):
        signature = china.sign(**asked, **signed)["Signature"]
        files = {"key": public_key, "signature": signature, "message": MESSAGE}
        seen = openssl(*verification(), **files)
        assert seen.stdout == b"Verified OK\n", seen.stderr
        assert openssl(*verification("another"), **files).returncode != 0
        assert openssl(*verification(), message=b"another").returncode != 0
        assert china.verify(**asked, **verified, Signature=signature)["SignatureValid"]
        with pytest.raises(china.exceptions.KMSInvalidSignatureException):
            china.verify(**asked, Message=MESSAGE + b"!", Signature=signature)


@needs_sm2
def test_a_digest_may_be_under_another_identifier(china, openssl):
    key, public_key = key_for(china, "SIGN_VERIFY")
    signature = china.sign(
        KeyId=key,
        SigningAlgorithm="SM2DSA",
        MessageType="DIGEST",
        Message=digest(public_key, MESSAGE, "alice@example.com"),
    )["Signature"]
    files = {"key": public_key, "signature": signature, "message": MESSAGE}
    assert openssl(*verification("alice@example.com"), **files).stdout == b"Verified OK\n"
    assert openssl(*verification(), **files).returncode != 0


@needs_sm2
def test_openssl_encrypts_for_sm2_keys(china, openssl):
    key, public_key = key_for(china, "ENCRYPT_DECRYPT")
    asked = {"KeyId": key, "EncryptionAlgorithm": "SM2PKE"}
    command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "key", "-in", "message"]
    for message in (MESSAGE, bytes(range(256)) * 4):
        blob = openssl(*command, key=public_key, message=message).stdout
        opened = china.decrypt(CiphertextBlob=blob, **asked)
        assert opened["Plaintext"] == message
        assert "KeyMaterialId" not in opened
        for wrong in (blob[:-1], bytes(len(blob)), blob[:-1] + bytes([blob[-1] ^ 1])):
            with pytest.raises(china.exceptions.InvalidCiphertextException):
                china.decrypt(CiphertextBlob=wrong, **asked)
    own = china.encrypt(Plaintext=MESSAGE, **asked)["CiphertextBlob"]
    # SEQUENCE { INTEGER x, INTEGER y, OCTET STRING hash, OCTET STRING text }
    read = openssl("asn1parse", "-inform", "DER", "-in", "blob", blob=own).stdout.decode()
    kinds = re.findall(r"prim: (INTEGER|OCTET STRING)", read)
    assert kinds == ["INTEGER", "INTEGER", "OCTET STRING", "OCTET STRING"]
    with pytest.raises(china.exceptions.ClientError, match="larger than 1024 bytes"):
        china.encrypt(Plaintext=bytes(1025), **asked)


def product(number, point):
    """`number` times a point of the curve, after the textbook (GB/T 32918.1, 3.2.3)."""
    prime = int(CURVE[:64], 16) + 3

    def add(one, two):
        if one is None or two is None:
            return one or two
        if one == two:
            slope = 3 * (one[0] ** 2 - 1) * pow(2 * one[1], -1, prime)
        elif one[0] == two[0]:
            return None
        else:
            slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, prime)
        x = (slope**2 - one[0] - two[0]) % prime
        return x, (slope * (one[0] - x) - one[1]) % prime

    total = None
    for bit in f"{number:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


@needs_sm2
def test_the_secret_is_the_coordinate_of_the_shared_point(china, openssl):
    key, public_key = key_for(china, "KEY_AGREEMENT")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", "own")
    own = openssl("pkey", "-in", "own", "-pubout", "-outform", "DER").stdout
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", "own", "-outform", "DER", "-out", "private")
    private = openssl("asn1parse", "-inform", "DER", "-in", "private", "-strparse", "27").stdout
    number = int(private.decode().split("[HEX DUMP]:")[1].split()[0], 16)
    point = int.from_bytes(public_key[-64:-32]), int.from_bytes(public_key[-32:])
    asked = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH"}
    secret = china.derive_shared_secret(PublicKey=own, **asked)
    assert secret["SharedSecret"] == product(number, point)[0].to_bytes(32)
    assert secret["KeyOrigin"] == "AWS_KMS"
    for wrong in (own[:-1], own[:-1] + bytes([own[-1] ^ 1])):
        with pytest.raises(china.exceptions.ClientError, match="ValidationException"):
            china.derive_shared_secret(PublicKey=wrong, **asked)


@needs_sm2
def test_openssl_uses_data_key_pairs(china, openssl):
    symmetric = china.create_key()["KeyMetadata"]["KeyId"]
    made = china.generate_data_key_pair(KeyId=symmetric, KeyPairSpec="SM2")
    opened = china.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
    files = {"private": made["PrivateKeyPlaintext"], "key": made["PublicKey"], "message": MESSAGE}
    read = openssl("pkey", "-inform", "DER", "-in", "private", "-pubout", "-outform", "DER", **files)
    assert read.stdout == made["PublicKey"], read.stderr
    command = ["dgst", "-sm3", "-sign", "private", "-keyform", "DER"]
    options = ["-sigopt", f"distid:{IDENTIFIER}", "message"]
    signature = openssl(*command, *options).stdout
    assert openssl(*verification(), signature=signature).stdout == b"Verified OK\n"


def test_elsewhere_there_is_no_sm2(kms, key_id):
    for usage in ("SIGN_VERIFY", "ENCRYPT_DECRYPT", "KEY_AGREEMENT"):
        with pytest.raises(kms.exceptions.UnsupportedOperationException):
            kms.create_key(KeySpec="SM2", KeyUsage=usage)
    with pytest.raises(kms.exceptions.UnsupportedOperationException):
        kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec="SM2")


def test_policies_decide_in_china(server, name):
    """The default key policy leaves decisions to IAM policies, which name keys of `aws-cn`."""
    root = client(server, "kms", region="cn-north-1")
    arn, _ = key_for(root, "SIGN_VERIFY")
    assert f'"AWS" : "arn:aws-cn:iam::{server.account}:root"' in root.get_key_policy(KeyId=arn)["Policy"]
    kms = client(server, "kms", new_user(server, name), region="cn-north-1")
    asked = {"KeyId": arn, "SigningAlgorithm": "SM2DSA", "Message": MESSAGE}
    for resource, is_allowed in ((arn.replace("aws-cn", "aws"), False), (arn, True)):
        put_policy(server, name, policy(allow("kms:Sign", resource=resource)))
        if is_allowed:
            assert kms.sign(**asked)["KeyId"] == arn
        else:
            with pytest.raises(kms.exceptions.ClientError, match="AccessDeniedException"):
                kms.sign(**asked)


def owned(openssl, *options):
    """A private key in PKCS #8, and its public key."""
    made = openssl("genpkey", "-outform", "DER", *options)
    assert made.returncode == 0, made.stderr
    command = ["pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", "made", "-outform", "DER"]
    pkcs8 = openssl(*command, made=made.stdout).stdout
    command = ["pkey", "-inform", "DER", "-in", "own", "-pubout", "-outform", "DER"]
    return pkcs8, openssl(*command, own=pkcs8).stdout


@needs_sm2
@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("SM2", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"]),
        ("ECC_NIST_P521", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
        ("RSA_2048", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("RSA_4096", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"]),
    ],
)
def test_kms_25_private_keys_come_in_under_an_sm2_key(china, openssl, spec, options):
    material, public_key = owned(openssl, *options)
    made = china.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")
    key = made["KeyMetadata"]["KeyId"]
    asked = {"WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2"}
    parameters = china.get_parameters_for_import(KeyId=key, **asked)
    command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "key"]
    files = {"key": parameters["PublicKey"], "material": material}
    wrapped = openssl(*command, "-in", "material", **files)
    assert wrapped.returncode == 0, wrapped.stderr
    china.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrapped.stdout,
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    assert china.get_public_key(KeyId=key)["PublicKey"] == public_key


def test_kms_25_china_has_no_aes_key_wrap_and_no_other_place_sm2(china, kms):
    refusals = [
        (china, {"WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256", "WrappingKeySpec": "RSA_4096"}),
        (kms, {"WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2"}),
    ]
    for caller, asked in refusals:
        made = caller.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        with pytest.raises(caller.exceptions.UnsupportedOperationException):
            caller.get_parameters_for_import(KeyId=made["KeyMetadata"]["KeyId"], **asked)
