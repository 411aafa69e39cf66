"""Encrypt, Decrypt, ReEncrypt, data keys and randomness through boto3."""

import re

import pytest

CONTEXT = {"purpose": "test", "Ünï": "çödé ✓", "empty": ""}


@pytest.mark.parametrize("size", [1, 16, 4095, 4096])
def test_kms_8_plaintexts_up_to_4096_bytes(kms, key, size):
    plaintext = bytes(number % 251 for number in range(size))
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=plaintext)
    assert sealed["KeyId"] == key["Arn"]
    assert sealed["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert len(sealed["CiphertextBlob"]) <= 6144
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])
    assert opened["Plaintext"] == plaintext
    assert opened["KeyId"] == key["Arn"]
    assert opened["KeyMaterialId"] == key["CurrentKeyMaterialId"]


def test_kms_8_4097_bytes_are_too_many(kms, key_id):
    with pytest.raises(kms.exceptions.ClientError) as refused:
        kms.encrypt(KeyId=key_id, Plaintext=bytes(4097))
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"] == (
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )


def test_kms_15_the_encryption_context_is_authenticated(kms, key_id):
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
    turned = dict(reversed(CONTEXT.items()))
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=turned)["Plaintext"] == b"x"
    wrong = [{}, {**CONTEXT, "more": ""}, {**CONTEXT, "purpose": "Test"}, {"Purpose": "test"}]
    for context in wrong:
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)


def test_kms_15_a_changed_bit_is_refused(kms, key_id):
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    refused = (
        kms.exceptions.InvalidCiphertextException,
        kms.exceptions.IncorrectKeyException,
    )
    for place in range(0, len(blob), 7):
        changed = bytearray(blob)
        changed[place] ^= 1
        with pytest.raises(refused):
            kms.decrypt(CiphertextBlob=bytes(changed), KeyId=key_id)
    for forged in (blob[:-1], blob + b"\0", b"\0", bytes(6144)):
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=forged)


def test_kms_16_a_wrong_key_is_incorrect(kms, key_id):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, KeyId=key_id)["Plaintext"] == b"x"
    with pytest.raises(kms.exceptions.IncorrectKeyException):
        kms.decrypt(CiphertextBlob=blob, KeyId=other)


def test_kms_13_reencrypt_moves_a_ciphertext_to_another_key(kms, key):
    target = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"moved", EncryptionContext=CONTEXT)
    moved = kms.re_encrypt(
        CiphertextBlob=blob["CiphertextBlob"],
        SourceEncryptionContext=CONTEXT,
        DestinationKeyId=target["KeyId"],
        DestinationEncryptionContext={"new": "context"},
    )
    assert moved["SourceKeyId"] == key["Arn"]
    assert moved["KeyId"] == target["Arn"]
    assert moved["SourceKeyMaterialId"] == key["CurrentKeyMaterialId"]
    assert moved["DestinationKeyMaterialId"] == target["CurrentKeyMaterialId"]
    assert moved["SourceEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert moved["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert "Plaintext" not in moved
    opened = kms.decrypt(
        CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"new": "context"}
    )
    assert (opened["Plaintext"], opened["KeyId"]) == (b"moved", target["Arn"])


@pytest.mark.parametrize(
    ("size", "length"),
    [
        ({"KeySpec": "AES_256"}, 32),
        ({"KeySpec": "AES_128"}, 16),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
    ],
)
def test_kms_14_data_keys(kms, key, size, length):
    made = kms.generate_data_key(KeyId=key["KeyId"], EncryptionContext=CONTEXT, **size)
    assert len(made["Plaintext"]) == length
    assert made["KeyId"] == key["Arn"]
    assert made["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], **size)
    assert "Plaintext" not in hidden
    assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == length


@pytest.mark.parametrize(
    "size", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}, {"NumberOfBytes": 1025}]
)
def test_kms_14_data_keys_of_no_or_two_sizes(kms, key_id, size):
    with pytest.raises(kms.exceptions.ClientError) as refused:
        kms.generate_data_key(KeyId=key_id, **size)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_data_keys_and_ciphertexts_never_repeat(kms, key_id):
    keys = {kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")["Plaintext"] for _ in range(20)}
    blobs = {kms.encrypt(KeyId=key_id, Plaintext=b"same")["CiphertextBlob"] for _ in range(20)}
    assert (len(keys), len(blobs)) == (20, 20)


def test_random_bytes(kms):
    made = [kms.generate_random(NumberOfBytes=1024)["Plaintext"] for _ in range(4)]
    assert {len(data) for data in made} == {1024}
    assert len(set(made)) == 4
    # 4096 random bytes have every value: the chance that one of 256 is missing is below 1 in 30000.
    assert len(set(b"".join(made))) >= 250


def test_a_dry_run_does_nothing_and_says_so(kms, key_id):
    says = "The request would have succeeded, but the DryRun option is set."
    for call in (
        lambda: kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True),
        lambda: kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", DryRun=True),
    ):
        with pytest.raises(kms.exceptions.DryRunOperationException, match=re.escape(says)):
            call()
    kms.disable_key(KeyId=key_id)
    with pytest.raises(kms.exceptions.DisabledException):
        kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True)


def test_grant_tokens_that_no_grant_has_are_refused(kms, key_id):
    with pytest.raises(kms.exceptions.InvalidGrantTokenException):
        kms.encrypt(KeyId=key_id, Plaintext=b"x", GrantTokens=["bm90IGEgdG9rZW4="])
