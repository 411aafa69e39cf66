"""`Recipient` through boto3: documents that `openssl` signs, answers that `openssl` opens."""

import shutil

import pytest
from botocore.exceptions import ClientError

from harness.clients import client
from harness.enclave import Enclave
from harness.identities import new_user
from harness.server import Server

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="skipped: no openssl")

IMAGE = bytes(range(48))
REGISTERS = {0: IMAGE, **{number: bytes([number] * 48) for number in range(1, 16)}}


@pytest.fixture(scope="module")
def enclave(tmp_path_factory):
    return Enclave(tmp_path_factory.mktemp("enclave"))


@pytest.fixture(scope="module")
def server(enclave):
    with Server("--log", "warn", "--attestation-root", str(enclave.root)) as running:
        yield running


@pytest.fixture(scope="module")
def kms(server):
    return client(server, "kms")


def test_every_operation_answers_the_enclave_alone(kms, enclave, key_id):
    to = enclave.recipient(REGISTERS)
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"a secret")["CiphertextBlob"]
    answer = kms.decrypt(CiphertextBlob=blob, Recipient=to)
    assert enclave.open(answer["CiphertextForRecipient"]) == b"a secret"
    assert "Plaintext" not in answer and "KeyMaterialId" not in answer

    answer = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", Recipient=to)
    plain = kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"]
    assert enclave.open(answer["CiphertextForRecipient"]) == plain
    assert "Plaintext" not in answer

    answer = kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec="RSA_3072", Recipient=to)
    plain = kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert enclave.open(answer["CiphertextForRecipient"]) == plain
    assert "PrivateKeyPlaintext" not in answer

    answer = kms.generate_random(NumberOfBytes=1000, Recipient=to)
    assert len(enclave.open(answer["CiphertextForRecipient"])) == 1000
    assert "Plaintext" not in answer

    pair = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]
    asked = {
        "KeyId": pair["KeyId"],
        "KeyAgreementAlgorithm": "ECDH",
        "PublicKey": kms.get_public_key(KeyId=pair["KeyId"])["PublicKey"],
    }
    answer = kms.derive_shared_secret(**asked, Recipient=to)
    plain = kms.derive_shared_secret(**asked)["SharedSecret"]
    assert enclave.open(answer["CiphertextForRecipient"]) == plain
    assert "SharedSecret" not in answer


def test_a_policy_lets_one_image_decrypt(server, kms, enclave, key_id, name):
    statement = {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {
            "StringEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": IMAGE.hex()}
        },
    }
    policy = {"Version": "2012-10-17", "Statement": statement}
    alice = client(server, "kms", new_user(server, name, policy))
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"a secret")["CiphertextBlob"]
    answer = alice.decrypt(CiphertextBlob=blob, Recipient=enclave.recipient(REGISTERS))
    assert enclave.open(answer["CiphertextForRecipient"]) == b"a secret"
    others = [
        {"Recipient": enclave.recipient({**REGISTERS, 0: bytes(48)})},
        {"Recipient": enclave.recipient(REGISTERS, "nitrotpm_pcrs")},
        {},
    ]
    for other in others:
        with pytest.raises(ClientError) as refused:
            alice.decrypt(CiphertextBlob=blob, **other)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_documents_of_strangers_are_refused(kms, enclave, tmp_path):
    stranger = Enclave(tmp_path).recipient(REGISTERS)
    forged = enclave.recipient(REGISTERS)
    document = forged["AttestationDocument"]
    forged["AttestationDocument"] = document[:-1] + bytes([document[-1] ^ 1])
    random = {**forged, "AttestationDocument": bytes(5000)}
    for recipient in (stranger, forged, random):
        with pytest.raises(ClientError) as refused:
            kms.generate_random(NumberOfBytes=1, Recipient=recipient)
        assert refused.value.response["Error"]["Code"] == "ValidationException"
