"""What programs that sign and seal do with KMS, through boto3: signatures of images, certificates,
and a start-up secret under a key that rotates. OpenSSL, which knows nothing of the server, verifies."""

import hashlib
import os

import pytest

# Key spec, signing algorithm, digest, and the name and options of both in OpenSSL.
SIGNERS = [
    ("ECC_NIST_P256", "ECDSA_SHA_256", "sha256", []),
    ("ECC_NIST_P384", "ECDSA_SHA_384", "sha384", []),
    ("ECC_NIST_P521", "ECDSA_SHA_512", "sha512", []),
    ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", "sha256", []),
    ("RSA_3072", "RSASSA_PSS_SHA_384", "sha384", ["rsa_padding_mode:pss", "rsa_pss_saltlen:digest"]),
]


def run(openssl, *arguments, **files):
    """The standard output of an OpenSSL that succeeds."""
    done = openssl(*arguments, **files)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("spec", "algorithm", "digest", "options"), SIGNERS)
def test_an_image_is_signed_by_its_digest(kms, key_of, openssl, name, spec, algorithm, digest, options):
    """A signer of container images hashes the manifest itself and names its key by alias."""
    alias = f"alias/{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key_of(spec, "SIGN_VERIFY"))
    manifest = os.urandom(100_000)
    hashed = hashlib.new(digest, manifest).digest()
    asked = {"KeyId": alias, "MessageType": "DIGEST", "SigningAlgorithm": algorithm}
    signature = kms.sign(Message=hashed, **asked)["Signature"]
    assert kms.verify(Message=hashed, Signature=signature, **asked)["SignatureValid"]

    shown = kms.get_public_key(KeyId=alias)
    assert shown["KeyUsage"] == "SIGN_VERIFY" and algorithm in shown["SigningAlgorithms"]
    options = [word for option in options for word in ("-sigopt", option)]
    command = ["dgst", f"-{digest}", "-keyform", "DER", "-verify", "public", *options]
    files = {"public": shown["PublicKey"], "signature": signature, "manifest": manifest}
    run(openssl, *command, "-signature", "signature", "manifest", **files)
    changed = manifest[:-1] + bytes([manifest[-1] ^ 1])
    assert openssl(*command, "-signature", "signature", "manifest", manifest=changed).returncode == 1
    hashed = hashlib.new(digest, changed).digest()
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(Message=hashed, Signature=signature, **asked)


def der(tag, *parts):
    """One value of ASN.1."""
    content = b"".join(parts)
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(size)]) + size + content


INTEGER, BITS, TEXT, TIME, SEQUENCE, SET = 2, 3, 12, 24, 48, 49
ECDSA_WITH_SHA256 = der(SEQUENCE, bytes.fromhex("06082a8648ce3d040302"))
# The critical extensions of an authority: it is one, and it signs certificates and lists.
AUTHORITY = der(
    SEQUENCE,
    bytes.fromhex("300f0603551d130101ff040530030101ff"),
    bytes.fromhex("300e0603551d0f0101ff040403020106"),
)


def certificate(issuer, subject, public, sign):
    """A certificate for `public` (RFC 5280), signed by `sign` with ECDSA_SHA_256; all DER."""

    def named(text):
        common_name = bytes.fromhex("0603550403")
        return der(SEQUENCE, der(SET, der(SEQUENCE, common_name, der(TEXT, text.encode()))))

    years = (der(TIME, b"20200101000000Z"), der(TIME, b"21000101000000Z"))
    signed = der(
        SEQUENCE,
        der(0xA0, der(INTEGER, b"\x02")),
        der(INTEGER, b"\x07"),
        ECDSA_WITH_SHA256,
        named(issuer),
        der(SEQUENCE, *years),
        named(subject),
        public,
        *([der(0xA3, AUTHORITY)] if issuer == subject else []),
    )
    return der(SEQUENCE, signed, ECDSA_WITH_SHA256, der(BITS, b"\0", sign(signed)))


def test_an_authority_has_its_key_in_kms(kms, key_of, openssl):
    """An issuer of certificates, as cluster add-ons are: its private key is nowhere else."""
    authority = key_of("ECC_NIST_P256", "SIGN_VERIFY")
    public = kms.get_public_key(KeyId=authority)["PublicKey"]
    service = kms.get_public_key(KeyId=key_of("RSA_2048", "SIGN_VERIFY"))["PublicKey"]

    def sign(signed):
        asked = {"KeyId": authority, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}
        return kms.sign(Message=hashlib.sha256(signed).digest(), **asked)["Signature"]

    made = {
        "root": certificate("kms root", "kms root", public, sign),
        "leaf": certificate("kms root", "service", service, sign),
        "forged": certificate("kms root", "service", service, lambda _: sign(b"another")),
    }
    for name, content in made.items():
        run(openssl, "x509", "-inform", "DER", "-in", "der", "-out", name, der=content)
    verify = ["verify", "-check_ss_sig", "-CAfile", "root"]
    assert run(openssl, *verify, "root") == b"root: OK\n"
    assert run(openssl, *verify, "leaf") == b"leaf: OK\n"
    refused = openssl(*verify, "forged")
    assert refused.returncode != 0 and b"certificate signature failure" in refused.stderr


def test_a_secret_of_32_bytes_is_sealed_while_its_key_rotates(kms, key):
    """What stores that unseal themselves do at each start: KeyId is always given."""
    asked = {"KeyId": key["KeyId"], "EncryptionContext": {"store": "one"}}
    sealed = []
    for rotations in range(4):
        secret = os.urandom(32)
        made = kms.encrypt(Plaintext=secret, **asked)
        assert made["KeyId"] == key["Arn"]
        sealed.append((secret, made["CiphertextBlob"]))
        if rotations < 3:
            kms.rotate_key_on_demand(KeyId=key["KeyId"])
    materials = set()
    for secret, blob in sealed:
        opened = kms.decrypt(CiphertextBlob=blob, **asked)
        assert opened["Plaintext"] == secret
        materials.add(opened["KeyMaterialId"])
    assert len(materials) == 4
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(kms.exceptions.IncorrectKeyException):
        kms.decrypt(CiphertextBlob=sealed[0][1], **asked | {"KeyId": other})
