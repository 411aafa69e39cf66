"""Key material that a client brings, through boto3; `openssl` makes the keys and wraps them.

OpenSSL knows nothing of the server: what it wraps comes in, and what the imported keys then make
is what OpenSSL makes with the originals.
"""

import datetime
import hmac
import os
import shutil
import subprocess

import pytest

from harness.clients import client
from harness.server import Server

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="skipped: no openssl")

MESSAGE = b"attack at dawn"
OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
KEY_WRAP = ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"]
# The initial value of AES key wrap with padding (RFC 5649).
PADDED = "A65959A6"


@pytest.fixture
def openssl(tmp_path):
    """Runs `openssl` in a folder of its own; `files` are written there first."""

    def run(*arguments, **files):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        ran = subprocess.run([OPENSSL, *arguments], cwd=tmp_path, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run


def private_key(openssl, algorithm, *options):
    """A new private key in PKCS #8, DER."""
    options = [word for option in options for word in ("-pkeyopt", option)]
    made = openssl("genpkey", "-algorithm", algorithm, *options)
    return openssl("pkcs8", "-topk8", "-nocrypt", "-in", "made", "-outform", "DER", made=made)


def external(kms, spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT"):
    made = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    assert made["KeyState"] == "PendingImport"
    return made["KeyId"]


def wrap(openssl, algorithm, public_key, material):
    """Wraps as the developer guide tells users to."""
    digest = "sha1" if algorithm.endswith("SHA_1") else "sha256"

    def oaep(plaintext):
        options = ["rsa_padding_mode:oaep", f"rsa_oaep_md:{digest}", f"rsa_mgf1_md:{digest}"]
        options = [word for option in options for word in ("-pkeyopt", option)]
        command = ["pkeyutl", "-encrypt", "-in", "plaintext", "-pubin", "-keyform", "DER"]
        return openssl(*command, "-inkey", "public", *options, plaintext=plaintext, public=public_key)

    if algorithm in OAEP:
        return oaep(material)
    aes = os.urandom(32)
    command = ["enc", "-id-aes256-wrap-pad", "-K", aes.hex(), "-iv", PADDED, "-in", "material"]
    return oaep(aes) + openssl(*command, material=material)


def import_material(kms, openssl, key, material, algorithm=OAEP[1], spec="RSA_2048", **more):
    asked = {"WrappingAlgorithm": algorithm, "WrappingKeySpec": spec}
    parameters = kms.get_parameters_for_import(KeyId=key, **asked)
    if "ValidTo" not in more:
        more["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE"
    return kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(openssl, algorithm, parameters["PublicKey"], material),
        **more,
    )["KeyMaterialId"]


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", OAEP)
def test_kms_25_a_symmetric_key_is_used_deleted_and_used_again(kms, openssl, algorithm, spec):
    key, material = external(kms), os.urandom(32)
    imported = import_material(kms, openssl, key, material, algorithm, spec)
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert made["KeyMaterialId"] == imported
    assert kms.delete_imported_key_material(KeyId=key)["KeyMaterialId"] == imported
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending import."):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        import_material(kms, openssl, key, os.urandom(32), algorithm, spec)
    assert import_material(kms, openssl, key, material, algorithm, spec) == imported
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]


@pytest.mark.parametrize("algorithm", OAEP)
def test_kms_25_an_hmac_key_makes_what_its_owner_makes(kms, openssl, algorithm):
    key, material = external(kms, "HMAC_384", "GENERATE_VERIFY_MAC"), os.urandom(100)
    import_material(kms, openssl, key, material, algorithm)
    made = kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_384", Message=MESSAGE)["Mac"]
    assert made == hmac.digest(material, MESSAGE, "sha384")


CURVES = {
    "ECC_NIST_P256": ("P-256", "256"),
    "ECC_NIST_P384": ("P-384", "384"),
    "ECC_NIST_P521": ("P-521", "512"),
    "ECC_SECG_P256K1": ("secp256k1", "256"),
}


@pytest.mark.parametrize("algorithm", [*OAEP, *KEY_WRAP])
@pytest.mark.parametrize("spec", CURVES)
def test_kms_25_an_elliptic_curve_key_signs_for_its_owner(kms, openssl, spec, algorithm):
    curve, bits = CURVES[spec]
    pkcs8 = private_key(openssl, "EC", f"ec_paramgen_curve:{curve}")
    key = external(kms, spec, "SIGN_VERIFY")
    import_material(kms, openssl, key, pkcs8, algorithm, "RSA_3072")
    public = openssl("pkey", "-inform", "DER", "-in", "own", "-pubout", "-outform", "DER", own=pkcs8)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == public
    signed = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=f"ECDSA_SHA_{bits}")
    files = {"public": public, "signature": signed["Signature"], "message": MESSAGE}
    command = ["dgst", f"-sha{bits}", "-keyform", "DER", "-verify", "public"]
    verified = openssl(*command, "-signature", "signature", "message", **files)
    assert verified == b"Verified OK\n"


def test_kms_25_an_ed25519_key_comes_in(kms, openssl):
    pkcs8 = private_key(openssl, "ED25519")
    key = external(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    import_material(kms, openssl, key, pkcs8)
    public = openssl("pkey", "-inform", "DER", "-in", "own", "-pubout", "-outform", "DER", own=pkcs8)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == public


@pytest.mark.parametrize("algorithm", KEY_WRAP)
@pytest.mark.parametrize("bits", ["2048", "3072", "4096"])
def test_kms_25_an_rsa_key_decrypts_for_its_owner(kms, openssl, bits, algorithm):
    pkcs8 = private_key(openssl, "RSA", f"rsa_keygen_bits:{bits}")
    key = external(kms, f"RSA_{bits}")
    import_material(kms, openssl, key, pkcs8, algorithm, "RSA_4096")
    sealed = kms.encrypt(KeyId=key, Plaintext=MESSAGE, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    options = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
    options = [word for option in options for word in ("-pkeyopt", option)]
    command = ["pkeyutl", "-decrypt", "-in", "sealed", "-keyform", "DER", "-inkey", "own"]
    opened = openssl(*command, *options, sealed=sealed["CiphertextBlob"], own=pkcs8)
    assert opened == MESSAGE


def test_kms_25_curves_spelled_out_are_refused(kms, openssl):
    pkcs8 = private_key(openssl, "EC", "ec_paramgen_curve:P-256", "ec_param_enc:explicit")
    key = external(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        import_material(kms, openssl, key, pkcs8, KEY_WRAP[1])


def test_kms_25_the_public_key_may_be_left_out_and_compressed(kms, openssl):
    pem = openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout")
    key = external(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    ids = set()
    for options in [[], ["-no_public"], ["-conv_form", "compressed"]]:
        short = openssl("ec", "-in", "own", *options, own=pem)
        pkcs8 = openssl("pkcs8", "-topk8", "-nocrypt", "-in", "short", "-outform", "DER", short=short)
        ids.add(import_material(kms, openssl, key, pkcs8, KEY_WRAP[1]))
    assert len(ids) == 1


def test_kms_25_a_symmetric_key_rotates_to_the_next_material(kms, openssl):
    key = external(kms)
    first = import_material(kms, openssl, key, os.urandom(32), KeyMaterialDescription="first")
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    second = import_material(kms, openssl, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    states = [(entry["KeyMaterialId"], entry["KeyMaterialState"]) for entry in listed]
    assert states == [(first, "CURRENT"), (second, "PENDING_ROTATION")]
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == second
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["KeyMaterialId"] == first


def test_kms_25_expiry_is_said_and_material_survives_a_restart_until_then(openssl):
    with Server("--log", "warn") as server:
        kms = client(server, "kms")
        key = external(kms)
        soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
        import_material(kms, openssl, key, os.urandom(32), ValidTo=soon)
        blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
        asked = {"WrappingAlgorithm": OAEP[1], "WrappingKeySpec": "RSA_2048"}
        parameters = kms.get_parameters_for_import(KeyId=key, **asked)
        server.stop()
        server.start()
        kms = client(server, "kms")
        metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
        assert metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
        assert abs(metadata["ValidTo"] - soon) < datetime.timedelta(seconds=1)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE
        # The token is good after a restart, too: other material is refused for what it is.
        wrapped = wrap(openssl, OAEP[1], parameters["PublicKey"], os.urandom(32))
        with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
            kms.import_key_material(
                KeyId=key,
                ImportToken=parameters["ImportToken"],
                EncryptedKeyMaterial=wrapped,
                ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
            )
