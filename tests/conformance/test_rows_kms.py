"""What keys do, one function a promise, through boto3 and checked with OpenSSL where it can be.

What has a test of its own elsewhere is only touched here: sizes in `test_kms_cryptography`, kinds in
`test_kms_asymmetric`, the tutorial's script in `test_tutorial`, memory in `test_in_memory`, keys of AWS in
`test_kms_managed_keys` and, as services use them, in the tests of `services/kms`, Regions that are down in
`test_kms_multi_region`, imports of all kinds in `test_kms_import`.
"""

import base64
import datetime
import hashlib
import json
import urllib.request

import pytest

from harness.clients import client
from harness.server import Server, run
from harness.signed import Connection, error_code

RSA = {"RSA_2048": (214, 190), "RSA_3072": (342, 318), "RSA_4096": (470, 446)}
CURVES = {
    "ECC_NIST_P256": ("ECDSA_SHA_256", "sha256"),
    "ECC_NIST_P384": ("ECDSA_SHA_384", "sha384"),
    "ECC_NIST_P521": ("ECDSA_SHA_512", "sha512"),
    "ECC_SECG_P256K1": ("ECDSA_SHA_256", "sha256"),
}
SYMMETRIC = {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}
DAY = datetime.timedelta(days=1)


def refused(call, **parameters):
    """The code of a call that must fail."""
    with pytest.raises(call.__self__.exceptions.ClientError) as failed:
        call(**parameters)
    return failed.value.response["Error"]["Code"]


class Dev:
    """A server whose clock a test moves, with authorization on, and a client that moves along."""

    def __init__(self):
        self.days = 0

    def __enter__(self):
        self.server = Server("--dev", "--auth", "enforce", data=False).start()
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def advance(self, days):
        """Moves the server's clock and the client's."""
        body = json.dumps({"advance_seconds": days * 86400}).encode()
        urllib.request.urlopen(f"{self.server.endpoint}/_strongroom/dev/clock", data=body).close()
        self.days += days

    def call(self, operation, **parameters):
        """The body of an answer, or the code of an error."""
        connection = Connection(self.server, ahead=self.days * DAY)
        status, _, answer = connection.call(operation, **parameters)
        connection.close()
        return answer if status == 200 else error_code(answer)


def test_kms_01_a_key_has_the_defaults_of_aws(kms):
    key = kms.create_key()["KeyMetadata"]
    shown = [key[name] for name in ("KeySpec", "KeyUsage", "KeyState", "KeyManager", "Origin")]
    assert shown == ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "Enabled", "CUSTOMER", "AWS_KMS"]
    assert key["MultiRegion"] is False
    assert len(bytes.fromhex(key["CurrentKeyMaterialId"])) == 32


def test_kms_02_the_state_of_a_key_decides(kms, key_id):
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    calls = [
        (kms.encrypt, {"KeyId": key_id, "Plaintext": b"x"}),
        (kms.decrypt, {"CiphertextBlob": blob}),
        (kms.generate_data_key, {"KeyId": key_id, "KeySpec": "AES_256"}),
        (kms.re_encrypt, {"CiphertextBlob": blob, "DestinationKeyId": key_id}),
    ]
    for change, code in (
        (kms.disable_key, "DisabledException"),
        (kms.schedule_key_deletion, "KMSInvalidStateException"),
    ):
        change(KeyId=key_id)
        assert {refused(call, **parameters) for call, parameters in calls} == {code}
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
    for call, parameters in calls:
        call(**parameters)


@pytest.mark.parametrize("spec", RSA)
def test_kms_03_an_rsa_key_encrypts_or_signs(kms, key_of, spec):
    encrypting, signing = key_of(spec, "ENCRYPT_DECRYPT"), key_of(spec, "SIGN_VERIFY")
    for bits in ("1", "256"):
        asked = {"KeyId": encrypting, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{bits}"}
        blob = kms.encrypt(Plaintext=b"x", **asked)["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob, **asked)["Plaintext"] == b"x"
        asked["KeyId"] = signing
        assert refused(kms.encrypt, Plaintext=b"x", **asked) == "InvalidKeyUsageException"
    for padding in ("PSS", "PKCS1_V1_5"):
        for bits in ("256", "384", "512"):
            asked = {"KeyId": signing, "SigningAlgorithm": f"RSASSA_{padding}_SHA_{bits}"}
            signature = kms.sign(Message=b"x", **asked)["Signature"]
            assert kms.verify(Message=b"x", Signature=signature, **asked)["SignatureValid"]
            asked["KeyId"] = encrypting
            assert refused(kms.sign, Message=b"x", **asked) == "InvalidKeyUsageException"


@pytest.mark.parametrize("spec", CURVES)
def test_kms_04_a_curve_signs_and_those_of_nist_agree(kms, key_of, openssl, spec):
    algorithm, digest = CURVES[spec]
    key = key_of(spec, "SIGN_VERIFY")
    signature = kms.sign(KeyId=key, Message=b"x", SigningAlgorithm=algorithm)["Signature"]
    public = kms.get_public_key(KeyId=key)["PublicKey"]
    command = ["dgst", f"-{digest}", "-keyform", "DER", "-verify", "key", "-signature", "signature"]
    files = {"key": public, "signature": signature, "message": b"x", "wrong": b"y"}
    assert openssl(*command, "message", **files).returncode == 0
    assert openssl(*command, "wrong").returncode != 0
    if spec == "ECC_SECG_P256K1":
        asked = {"KeySpec": spec, "KeyUsage": "KEY_AGREEMENT"}
        assert refused(kms.create_key, **asked) == "ValidationException"
        return
    one, other = (kms.create_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT") for _ in range(2))
    one, other = one["KeyMetadata"]["KeyId"], other["KeyMetadata"]["KeyId"]
    secrets = {
        kms.derive_shared_secret(
            KeyId=own,
            KeyAgreementAlgorithm="ECDH",
            PublicKey=kms.get_public_key(KeyId=peer)["PublicKey"],
        )["SharedSecret"]
        for own, peer in ((one, other), (other, one))
    }
    assert len(secrets) == 1


def test_kms_05_public_keys_are_der_and_private_ones_stay(kms, key_of, key_id, openssl):
    for spec, usage in (("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P256", "SIGN_VERIFY")):
        shown = kms.get_public_key(KeyId=key_of(spec, usage))
        read = openssl("pkey", "-pubin", "-inform", "DER", "-in", "key", "-text", key=shown["PublicKey"])
        assert read.returncode == 0, read.stderr
        assert b"Public-Key" in read.stdout
        assert not {name for name in shown if "rivate" in name}
        # Its private half would have to be in some answer: none but this one is about the key.
        private = openssl("pkey", "-inform", "DER", "-in", "key", key=shown["PublicKey"])
        assert private.returncode != 0
    assert refused(kms.get_public_key, KeyId=key_id) == "UnsupportedOperationException"


def test_kms_06_a_file_is_encrypted_without_the_server(kms, openssl):
    key = kms.create_key(KeySpec="RSA_4096", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    shown = kms.get_public_key(KeyId=key)
    assert "RSAES_OAEP_SHA_256" in shown["EncryptionAlgorithms"]
    openssl(
        *["pkey", "-pubin", "-inform", "DER", "-in", "public.der", "-out", "public.pem"],
        **{"public.der": shown["PublicKey"], "plain": b"made offline"},
    )
    sealed = openssl(
        *["pkeyutl", "-encrypt", "-pubin", "-inkey", "public.pem", "-in", "plain"],
        *["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"],
        *["-pkeyopt", "rsa_mgf1_md:sha256"],
    )
    assert sealed.returncode == 0, sealed.stderr
    asked = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert kms.decrypt(CiphertextBlob=sealed.stdout, **asked)["Plaintext"] == b"made offline"


@pytest.mark.parametrize("spec", RSA)
def test_kms_07_rsa_plaintexts_have_a_size(kms, key_of, spec):
    key = key_of(spec, "ENCRYPT_DECRYPT")
    for bits, limit in zip(("1", "256"), RSA[spec], strict=True):
        asked = {"KeyId": key, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{bits}"}
        blob = kms.encrypt(Plaintext=b"p" * limit, **asked)["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob, **asked)["Plaintext"] == b"p" * limit
        too_long = b"p" * (limit + 1)
        assert refused(kms.encrypt, Plaintext=too_long, **asked) == "ValidationException"


def test_kms_08_plaintexts_have_at_most_4096_bytes(kms, key_id):
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"p" * 4096)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p" * 4096
    assert refused(kms.encrypt, KeyId=key_id, Plaintext=b"p" * 4097) == "ValidationException"


def test_kms_09_signatures_hold_elsewhere_and_wrong_ones_are_exceptions(kms, key_of, openssl):
    key = key_of("RSA_2048", "SIGN_VERIFY")
    asked = {"KeyId": key, "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"}
    message = b"m" * 4096
    raw = kms.sign(Message=message, **asked)["Signature"]
    digest = hashlib.sha256(message).digest()
    assert kms.sign(Message=digest, MessageType="DIGEST", **asked)["Signature"] == raw
    files = {"key": kms.get_public_key(KeyId=key)["PublicKey"], "message": message, "signature": raw}
    command = ["dgst", "-sha256", "-keyform", "DER", "-verify", "key", "-signature", "signature"]
    assert openssl(*command, "message", **files).returncode == 0
    assert kms.verify(Message=message, Signature=raw, **asked)["SignatureValid"] is True
    wrong = refused(kms.verify, Message=b"another", Signature=raw, **asked)
    assert wrong == "KMSInvalidSignatureException"
    assert refused(kms.sign, Message=b"m" * 4097, **asked) == "ValidationException"
    short = refused(kms.sign, Message=digest[:-1], MessageType="DIGEST", **asked)
    assert short == "ValidationException"


def test_kms_12_keys_are_described_and_listed_in_pages(kms):
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(5)}
    for key in made:
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
    listed, marker = [], {}
    while True:
        page = kms.list_keys(Limit=2, **marker)
        assert len(page["Keys"]) <= 2
        listed += [entry["KeyId"] for entry in page["Keys"]]
        assert page["Truncated"] == ("NextMarker" in page)
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert made <= set(listed)
    assert len(listed) == len(set(listed))
    assert refused(kms.list_keys, Marker="none") == "InvalidMarkerException"


def test_kms_13_a_ciphertext_moves_between_kinds_of_keys(kms, key_of, key_id):
    rsa, other = key_of("RSA_2048", "ENCRYPT_DECRYPT"), kms.create_key()["KeyMetadata"]["KeyId"]
    oaep = "RSAES_OAEP_SHA_256"
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    asked = {"DestinationKeyId": other, "SourceEncryptionContext": {"a": "b"}}
    moved = kms.re_encrypt(CiphertextBlob=blob, **asked)
    assert "Plaintext" not in moved
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"x"
    asked |= {"DestinationKeyId": rsa, "DestinationEncryptionAlgorithm": oaep}
    moved = kms.re_encrypt(CiphertextBlob=blob, **asked)
    there = {"KeyId": rsa, "EncryptionAlgorithm": oaep}
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], **there)["Plaintext"] == b"x"
    back = kms.re_encrypt(
        CiphertextBlob=moved["CiphertextBlob"],
        SourceKeyId=rsa,
        SourceEncryptionAlgorithm=oaep,
        DestinationKeyId=key_id,
    )
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"x"


def test_kms_14_data_keys_come_back_from_their_ciphertext(kms, key_id):
    sizes = [({"KeySpec": "AES_128"}, 16), ({"KeySpec": "AES_256"}, 32)]
    sizes += [({"NumberOfBytes": length}, length) for length in (1, 1024)]
    for size, length in sizes:
        made = kms.generate_data_key(KeyId=key_id, **size)
        assert len(made["Plaintext"]) == length
        assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
        hidden = kms.generate_data_key_without_plaintext(KeyId=key_id, **size)
        assert "Plaintext" not in hidden
        assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == length
    asked = {"KeyId": key_id, "NumberOfBytes": 1025}
    assert refused(kms.generate_data_key, **asked) == "ValidationException"


def test_kms_15_the_encryption_context_is_authenticated(kms, key_id):
    context = {"b": "2", "a": "1", "A": "1"}
    asked = {"KeyId": key_id, "Plaintext": b"x", "EncryptionContext": context}
    blob = kms.encrypt(**asked)["CiphertextBlob"]
    turned = dict(reversed(context.items()))
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=turned)["Plaintext"] == b"x"
    wrong = [{}, {**context, "c": ""}, {"b": "2", "a": "1"}, {"B": "2", "a": "1", "A": "1"}]
    for context in wrong:
        asked = {"CiphertextBlob": blob, "EncryptionContext": context}
        assert refused(kms.decrypt, **asked) == "InvalidCiphertextException"
    for place in range(len(blob) - 32, len(blob)):
        flipped = bytearray(blob)
        flipped[place] ^= 1
        asked = {"CiphertextBlob": bytes(flipped), "EncryptionContext": turned}
        assert refused(kms.decrypt, **asked) == "InvalidCiphertextException"


def test_kms_16_a_ciphertext_names_its_key_unless_it_is_of_rsa(kms, key_of, key_id):
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["KeyId"].endswith(key_id)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert refused(kms.decrypt, CiphertextBlob=blob, KeyId=other) == "IncorrectKeyException"
    rsa = {"KeyId": key_of("RSA_2048", "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    blob = kms.encrypt(Plaintext=b"x", **rsa)["CiphertextBlob"]
    nameless = {"CiphertextBlob": blob, "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    assert refused(kms.decrypt, **nameless) == "ValidationException"
    assert kms.decrypt(CiphertextBlob=blob, **rsa)["Plaintext"] == b"x"


def test_kms_18_aliases_name_keys(kms, key_id, name):
    alias = f"alias/{name}"
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=key_id)
    assert kms.encrypt(KeyId=alias, Plaintext=b"x")["KeyId"].endswith(key_id)
    kms.update_alias(AliasName=alias, TargetKeyId=other)
    assert kms.encrypt(KeyId=alias, Plaintext=b"x")["KeyId"].endswith(other)
    assert [entry["AliasName"] for entry in kms.list_aliases(KeyId=other)["Aliases"]] == [alias]
    reserved = {"AliasName": f"alias/aws/{name}", "TargetKeyId": key_id}
    assert refused(kms.create_alias, **reserved) == "NotAuthorizedException"
    kms.delete_alias(AliasName=alias)
    assert refused(kms.describe_key, KeyId=alias) == "NotFoundException"
    for number in range(50):
        kms.create_alias(AliasName=f"{alias}-{number}", TargetKeyId=key_id)
    one_more = {"AliasName": alias, "TargetKeyId": key_id}
    assert refused(kms.create_alias, **one_more) == "LimitExceededException"


def test_kms_19_an_alias_moves_on_and_old_ciphertexts_still_open(kms, key_id, name):
    alias, new = f"alias/{name}", kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=key_id)
    old = kms.encrypt(KeyId=alias, Plaintext=b"old")["CiphertextBlob"]
    kms.update_alias(AliasName=alias, TargetKeyId=new)
    assert kms.encrypt(KeyId=alias, Plaintext=b"x")["KeyId"].endswith(new)
    assert kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    kms.disable_key(KeyId=key_id)
    assert refused(kms.decrypt, CiphertextBlob=old) == "DisabledException"


def test_kms_20_a_key_rotates_by_itself_and_keeps_its_name():
    with Dev() as dev:
        key = dev.call("CreateKey")["KeyMetadata"]
        dev.call("EnableKeyRotation", KeyId=key["KeyId"], RotationPeriodInDays=90)
        old = dev.call("Encrypt", KeyId=key["KeyId"], Plaintext="eA==")
        dev.advance(90)
        shown = dev.call("DescribeKey", KeyId=key["KeyId"])["KeyMetadata"]
        assert (shown["KeyId"], shown["Arn"]) == (key["KeyId"], key["Arn"])
        assert shown["CurrentKeyMaterialId"] != key["CurrentKeyMaterialId"]
        opened = dev.call("Decrypt", CiphertextBlob=old["CiphertextBlob"])
        assert opened["Plaintext"] == "eA=="
        assert opened["KeyMaterialId"] == key["CurrentKeyMaterialId"]


def test_kms_21_a_key_of_aws_rotates_once_a_year_and_nobody_ends_that():
    with Dev() as dev:
        before = dev.call("DescribeKey", KeyId="alias/aws/redshift")["KeyMetadata"]
        dev.advance(364)
        shown = dev.call("DescribeKey", KeyId=before["KeyId"])["KeyMetadata"]
        assert shown["CurrentKeyMaterialId"] == before["CurrentKeyMaterialId"]
        dev.advance(1)
        after = dev.call("DescribeKey", KeyId="alias/aws/redshift")["KeyMetadata"]
        assert after["KeyId"] == before["KeyId"]
        assert after["CurrentKeyMaterialId"] != before["CurrentKeyMaterialId"]
        refused = dev.call("DisableKeyRotation", KeyId=before["KeyId"])
        assert refused == "AccessDeniedException"
        asked = {"KeyId": before["KeyId"], "RotationPeriodInDays": 90}
        assert dev.call("EnableKeyRotation", **asked) == "AccessDeniedException"
        status = dev.call("GetKeyRotationStatus", KeyId=before["KeyId"])
        assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 365


def test_kms_22_a_key_belongs_to_its_region(server, kms, key):
    elsewhere = client(server, "kms", region="eu-west-1")
    assert refused(elsewhere.describe_key, KeyId=key["KeyId"]) == "NotFoundException"
    assert refused(elsewhere.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "NotFoundException"
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert refused(elsewhere.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    assert key["KeyId"] not in {entry["KeyId"] for entry in elsewhere.list_keys()["Keys"]}


def test_kms_23_related_keys_have_one_material_and_one_rotation(server, kms):
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    assert key["KeyId"].startswith("mrk-") and key["MultiRegion"] is True
    made = kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]
    assert made["KeyId"] == key["KeyId"]
    assert made["Arn"] == key["Arn"].replace("us-east-1", "eu-west-1")
    assert made["CurrentKeyMaterialId"] == key["CurrentKeyMaterialId"]
    there = client(server, "kms", region="eu-west-1")
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    opened = there.decrypt(CiphertextBlob=blob, KeyId=key["KeyId"])
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x", made["Arn"])
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    status = there.get_key_rotation_status(KeyId=key["KeyId"])
    assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 90
    wrong = refused(there.enable_key_rotation, KeyId=key["KeyId"])
    assert wrong == "UnsupportedOperationException"
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    rotated = [it.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for it in (kms, there)]
    assert len({it["CurrentKeyMaterialId"] for it in [key, *rotated]}) == 2
    kms.disable_key(KeyId=key["KeyId"])
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_kms_24_replicas_stand_alone_and_one_key_is_primary(server, kms, name):
    tags = [{"TagKey": "a", "TagValue": "b"}]
    key = kms.create_key(MultiRegion=True, Tags=tags)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    policy["Statement"][0]["Sid"] = "Mine"
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    there = client(server, "kms", region="eu-west-1")
    assert there.list_aliases(KeyId=key)["Aliases"] == []
    assert there.list_resource_tags(KeyId=key)["Tags"] == []
    assert "Mine" not in there.get_key_policy(KeyId=key)["Policy"]
    there.disable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    there.enable_key(KeyId=key)
    kms.update_primary_region(KeyId=key, PrimaryRegion="eu-west-1")
    for shown in (kms, there):
        configuration = shown.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
        assert configuration["PrimaryKey"]["Region"] == "eu-west-1"
        assert [it["Region"] for it in configuration["ReplicaKeys"]] == ["us-east-1"]
    assert there.schedule_key_deletion(KeyId=key)["KeyState"] == "PendingReplicaDeletion"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"


def test_kms_25_imported_material_ends_when_it_was_said_to(openssl):
    with Dev() as dev:
        key = dev.call("CreateKey", Origin="EXTERNAL")["KeyMetadata"]
        assert (key["KeyState"], key["Origin"]) == ("PendingImport", "EXTERNAL")
        right, wrong = b"r" * 32, b"w" * 32

        def put(material, **more):
            kind = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
            asked = dev.call("GetParametersForImport", KeyId=key["KeyId"], **kind)
            wrapped = openssl(
                *["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "public"],
                *["-in", "material", "-pkeyopt", "rsa_padding_mode:oaep"],
                *["-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"],
                public=base64.b64decode(asked["PublicKey"]),
                material=material,
            )
            assert wrapped.returncode == 0, wrapped.stderr
            sealed = base64.b64encode(wrapped.stdout).decode()
            token = {"ImportToken": asked["ImportToken"], "EncryptedKeyMaterial": sealed}
            return dev.call("ImportKeyMaterial", KeyId=key["KeyId"], **token, **more)

        end = datetime.datetime.now(datetime.UTC) + 30 * DAY
        first = put(right, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=end.timestamp())
        blob = dev.call("Encrypt", KeyId=key["KeyId"], Plaintext="eA==")["CiphertextBlob"]
        dev.advance(29)
        assert dev.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == "eA=="
        dev.advance(2)
        assert dev.call("Decrypt", CiphertextBlob=blob) == "KMSInvalidStateException"
        shown = dev.call("DescribeKey", KeyId=key["KeyId"])["KeyMetadata"]
        assert (shown["KeyState"], shown["Enabled"]) == ("PendingImport", False)
        never = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        assert put(wrong, **never) == "IncorrectKeyMaterialException"
        assert put(right, **never) == first
        assert dev.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == "eA=="


def test_kms_28_a_deleted_key_is_gone_at_the_end_of_its_window():
    with Dev() as dev:
        ids = [dev.call("CreateKey")["KeyMetadata"]["KeyId"] for _ in range(2)]
        gone, saved = ids
        blobs = [dev.call("Encrypt", KeyId=key, Plaintext="eA==")["CiphertextBlob"] for key in ids]
        for days in (6, 31):
            asked = {"KeyId": gone, "PendingWindowInDays": days}
            assert dev.call("ScheduleKeyDeletion", **asked) == "ValidationException"
        assert dev.call("ScheduleKeyDeletion", KeyId=gone)["PendingWindowInDays"] == 30
        dev.call("ScheduleKeyDeletion", KeyId=saved, PendingWindowInDays=7)
        dev.call("CancelKeyDeletion", KeyId=saved)
        assert dev.call("DescribeKey", KeyId=saved)["KeyMetadata"]["KeyState"] == "Disabled"
        dev.call("EnableKey", KeyId=saved)
        dev.advance(30)
        assert dev.call("DescribeKey", KeyId=gone) == "NotFoundException"
        assert dev.call("CancelKeyDeletion", KeyId=gone) == "NotFoundException"
        assert dev.call("Decrypt", CiphertextBlob=blobs[0]) == "AccessDeniedException"
        assert dev.call("Decrypt", CiphertextBlob=blobs[1])["Plaintext"] == "eA=="


def test_kms_29_each_use_is_on_record_and_the_last_one_is_told():
    with Server() as server:
        kms = client(server, "kms")
        key = kms.create_key()["KeyMetadata"]
        assert kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"] == {}
        blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
        kms.decrypt(CiphertextBlob=blob)
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=blob, EncryptionContext={"no": "such"})
        last = kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]
        server.stop()
        where = ["--data-dir", server.data_dir]
        tail = run("audit", "tail", "-n", "100", *where)
    events = [json.loads(line) for line in tail.stdout.splitlines()]
    events = [event.get("event", event) for event in events]
    uses = [event for event in events if event["eventName"] in ("Encrypt", "Decrypt")]
    assert [use.get("errorCode") for use in uses] == [None, None, "InvalidCiphertextException"]
    assert uses[1]["resources"][0]["ARN"] == key["Arn"]
    assert last["Operation"] == "Decrypt"
    assert last["CloudTrailEventId"] == uses[1]["eventID"]
    assert last["KmsRequestId"] == uses[1]["requestID"]
