"""Keys that sign, agree, encapsulate and make MACs, through boto3; and what `openssl` makes of them.

OpenSSL knows nothing of the server: what it verifies, encrypts or derives shows that keys,
signatures and ciphertexts are what the standards say.
"""

import hashlib
import re
import shutil
import subprocess

import pytest

MESSAGE = b"attack at dawn"
OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="skipped: no openssl")

RSA = ["RSA_2048", "RSA_3072", "RSA_4096"]
HASHES = {"256": "sha256", "384": "sha384", "512": "sha512"}
ECDSA = {
    "ECC_NIST_P256": "256",
    "ECC_SECG_P256K1": "256",
    "ECC_NIST_P384": "384",
    "ECC_NIST_P521": "512",
}
ML_DSA = {"ML_DSA_44": 2420, "ML_DSA_65": 3309, "ML_DSA_87": 4627}
ML_KEM = {"ML_KEM_512": 768, "ML_KEM_768": 1088, "ML_KEM_1024": 1568}

def knows(algorithm):
    """Whether this OpenSSL knows a public key algorithm that came late."""
    if OPENSSL is None:
        return False
    listed = subprocess.run(
        [OPENSSL, "list", "-public-key-algorithms"], capture_output=True, text=True, check=False
    )
    return re.search(rf"\b{algorithm}\b", listed.stdout, re.IGNORECASE) is not None


def sign(kms, key, algorithm, message=MESSAGE, kind="RAW"):
    return kms.sign(KeyId=key, SigningAlgorithm=algorithm, Message=message, MessageType=kind)[
        "Signature"
    ]


def public_key(kms, key):
    return kms.get_public_key(KeyId=key)["PublicKey"]


def check_verify(kms, key, algorithm, signature):
    """The server's own Verify, with the right and with a wrong message."""
    asked = {"KeyId": key, "SigningAlgorithm": algorithm, "Signature": signature}
    assert kms.verify(Message=MESSAGE, **asked)["SignatureValid"] is True
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(Message=MESSAGE + b"!", **asked)


@needs_openssl
@pytest.mark.parametrize("kind", ["RAW", "DIGEST"])
@pytest.mark.parametrize("bits", HASHES)
@pytest.mark.parametrize("spec", RSA)
def test_rsa_signatures_verify_in_openssl(kms, key_of, openssl, spec, bits, kind):
    key = key_of(spec, "SIGN_VERIFY")
    name = HASHES[bits]
    message = MESSAGE if kind == "RAW" else hashlib.new(name, MESSAGE).digest()
    pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", f"rsa_pss_saltlen:{int(bits) // 8}"]
    for algorithm, options in (("PKCS1_V1_5", []), ("PSS", [*pss, "-sigopt", f"rsa_mgf1_md:{name}"])):
        algorithm = f"RSASSA_{algorithm}_SHA_{bits}"
        signature = sign(kms, key, algorithm, message, kind)
        check_verify(kms, key, algorithm, signature)
        files = {"key": public_key(kms, key), "signature": signature, "message": MESSAGE}
        command = ["dgst", f"-{name}", "-keyform", "DER", "-verify", "key", *options]
        verified = openssl(*command, "-signature", "signature", "message", **files)
        assert verified.stdout == b"Verified OK\n", (algorithm, verified.stderr)
        forged = openssl(*command, "-signature", "signature", "message", message=b"another")
        assert forged.returncode != 0


@needs_openssl
@pytest.mark.parametrize("kind", ["RAW", "DIGEST"])
@pytest.mark.parametrize("spec", ECDSA)
def test_ecdsa_signatures_verify_in_openssl(kms, key_of, openssl, spec, kind):
    key = key_of(spec, "SIGN_VERIFY")
    name, algorithm = HASHES[ECDSA[spec]], f"ECDSA_SHA_{ECDSA[spec]}"
    message = MESSAGE if kind == "RAW" else hashlib.new(name, MESSAGE).digest()
    signature = sign(kms, key, algorithm, message, kind)
    check_verify(kms, key, algorithm, signature)
    files = {"key": public_key(kms, key), "signature": signature, "message": MESSAGE}
    command = ["dgst", f"-{name}", "-keyform", "DER", "-verify", "key", "-signature", "signature"]
    verified = openssl(*command, "message", **files)
    assert verified.stdout == b"Verified OK\n", verified.stderr
    assert openssl(*command, "message", message=b"another").returncode != 0


@needs_openssl
def test_ed25519_signatures_verify_in_openssl(kms, key_of, openssl):
    key = key_of("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    signature = sign(kms, key, "ED25519_SHA_512")
    check_verify(kms, key, "ED25519_SHA_512", signature)
    files = {"key": public_key(kms, key), "signature": signature, "message": MESSAGE}
    command = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin"]
    command += ["-in", "message", "-sigfile", "signature"]
    assert openssl(*command, **files).returncode == 0
    assert openssl(*command, message=b"another").returncode != 0


def test_ed25519ph_takes_digests_alone(kms, key_of):
    key = key_of("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    digest = hashlib.sha512(MESSAGE).digest()
    signature = sign(kms, key, "ED25519_PH_SHA_512", digest, "DIGEST")
    assert len(signature) == 64
    asked = {"KeyId": key, "SigningAlgorithm": "ED25519_PH_SHA_512", "Signature": signature}
    assert kms.verify(Message=digest, MessageType="DIGEST", **asked)["SignatureValid"]
    with pytest.raises(kms.exceptions.ClientError, match="Message type RAW is incompatible"):
        sign(kms, key, "ED25519_PH_SHA_512")


@pytest.mark.parametrize("spec", ML_DSA)
def test_ml_dsa_signs_messages_and_their_mu(kms, key_of, spec):
    key = key_of(spec, "SIGN_VERIFY")
    public = public_key(kms, key)
    # FIPS 204, algorithms 2 and 7; the key stands behind 22 bytes of its envelope.
    tr = hashlib.shake_256(public[22:]).digest(64)
    mu = hashlib.shake_256(tr + b"\0\0" + MESSAGE).digest(64)
    signatures = [
        sign(kms, key, "ML_DSA_SHAKE_256"),
        sign(kms, key, "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU"),
    ]
    for signature in signatures:
        assert len(signature) == ML_DSA[spec]
        check_verify(kms, key, "ML_DSA_SHAKE_256", signature)
        asked = {"KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256", "Signature": signature}
        assert kms.verify(Message=mu, MessageType="EXTERNAL_MU", **asked)["SignatureValid"]


@pytest.mark.skipif(not knows("ML-DSA-44"), reason="skipped: this openssl knows no ML-DSA")
@pytest.mark.parametrize("spec", ML_DSA)
def test_ml_dsa_signatures_verify_in_openssl(kms, key_of, openssl, spec):
    key = key_of(spec, "SIGN_VERIFY")
    files = {
        "key": public_key(kms, key),
        "signature": sign(kms, key, "ML_DSA_SHAKE_256"),
        "message": MESSAGE,
    }
    command = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin"]
    verified = openssl(*command, "-in", "message", "-sigfile", "signature", **files)
    assert verified.returncode == 0, verified.stderr


@needs_openssl
@pytest.mark.parametrize("bits", ["1", "256"])
@pytest.mark.parametrize("spec", RSA)
def test_openssl_encrypts_for_rsa_keys(kms, key_of, openssl, spec, bits):
    key = key_of(spec, "ENCRYPT_DECRYPT")
    name, algorithm = f"sha{bits}", f"RSAES_OAEP_SHA_{bits}"
    options = ["rsa_padding_mode:oaep", f"rsa_oaep_md:{name}", f"rsa_mgf1_md:{name}"]
    command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "key"]
    command += ["-in", "message"] + [part for option in options for part in ("-pkeyopt", option)]
    blob = openssl(*command, key=public_key(kms, key), message=MESSAGE).stdout
    opened = kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
    assert opened["Plaintext"] == MESSAGE
    assert "KeyMaterialId" not in opened
    sealed = kms.encrypt(KeyId=key, Plaintext=MESSAGE, EncryptionAlgorithm=algorithm)
    assert len(sealed["CiphertextBlob"]) == int(spec[4:]) // 8
    for wrong in (blob[:-1], bytes(len(blob)), blob[:-1] + bytes([blob[-1] ^ 1])):
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(KeyId=key, CiphertextBlob=wrong, EncryptionAlgorithm=algorithm)


@needs_openssl
@pytest.mark.parametrize(
    ("spec", "curve"),
    [("ECC_NIST_P256", "P-256"), ("ECC_NIST_P384", "P-384"), ("ECC_NIST_P521", "P-521")],
)
def test_openssl_derives_the_same_secret(kms, key_of, openssl, spec, curve):
    key = key_of(spec, "KEY_AGREEMENT")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", "own")
    own = openssl("pkey", "-in", "own", "-pubout", "-outform", "DER").stdout
    openssl("pkey", "-pubin", "-inform", "DER", "-in", "der", "-out", "peer", der=public_key(kms, key))
    derived = openssl("pkeyutl", "-derive", "-inkey", "own", "-peerkey", "peer").stdout
    secret = kms.derive_shared_secret(KeyId=key, PublicKey=own, KeyAgreementAlgorithm="ECDH")
    assert secret["SharedSecret"] == derived
    assert secret["KeyOrigin"] == "AWS_KMS"
    with pytest.raises(kms.exceptions.ClientError, match="ValidationException"):
        kms.derive_shared_secret(KeyId=key, PublicKey=own[:-1], KeyAgreementAlgorithm="ECDH")


@needs_openssl
@pytest.mark.parametrize("spec", ["RSA_2048", *ECDSA, "ECC_NIST_EDWARDS25519"])
def test_openssl_reads_data_key_pairs(kms, key_id, openssl, spec):
    made = kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec=spec)
    assert made["KeyPairSpec"] == spec
    opened = kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
    read = openssl(
        "pkey", "-inform", "DER", "-in", "private", "-pubout", "-outform", "DER",
        private=made["PrivateKeyPlaintext"],
    )
    assert read.stdout == made["PublicKey"], read.stderr


@pytest.mark.parametrize("spec", ML_KEM)
def test_ml_kem_secrets_come_back(kms, key_of, key_id, spec):
    key = key_of(spec, "ENCAPSULATE_DECAPSULATE")
    made = kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    blob = made["SharedSecretCiphertextBlob"]
    assert (len(made["SharedSecret"]), len(blob)) == (32, ML_KEM[spec])
    asked = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    opened = kms.decapsulate(SharedSecretCiphertextBlob=blob, **asked)
    assert opened["SharedSecret"] == made["SharedSecret"]
    forged = bytes([blob[0] ^ 1]) + blob[1:]
    noise = kms.decapsulate(SharedSecretCiphertextBlob=forged, **asked)
    assert len(noise["SharedSecret"]) == 32
    assert noise["SharedSecret"] != made["SharedSecret"]
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decapsulate(SharedSecretCiphertextBlob=blob[:-1], **asked)
    pair = kms.generate_data_key_pair_without_plaintext(KeyId=key_id, KeyPairSpec=spec)
    private = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert len(private) == 86


@pytest.mark.parametrize("bits", ["224", "256", "384", "512"])
def test_macs_verify(kms, key_of, bits):
    key = key_of(f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
    asked = {"KeyId": key, "MacAlgorithm": f"HMAC_SHA_{bits}"}
    mac = kms.generate_mac(Message=MESSAGE, **asked)["Mac"]
    assert len(mac) == int(bits) // 8
    assert kms.verify_mac(Message=MESSAGE, Mac=mac, **asked)["MacValid"] is True
    for message, wrong in ((MESSAGE + b"!", mac), (MESSAGE, mac[:-1])):
        with pytest.raises(kms.exceptions.KMSInvalidMacException):
            kms.verify_mac(Message=message, Mac=wrong, **asked)
