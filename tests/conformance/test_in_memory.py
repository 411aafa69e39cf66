"""Nothing of a secret stays in the server's memory once it is answered."""

import base64
import secrets
from pathlib import Path

import pytest

from harness.clients import client
from harness.memory import count
from harness.server import Server
from harness.signed import Connection


@pytest.fixture(scope="module")
def quiet():
    """A server that logs all it has to say."""
    with Server("--log", "trace") as server:
        yield server


def forms(name, secret):
    """The bytes by which a secret is recognized in memory: itself, and what went over the wire."""
    encoded = base64.b64encode(secret)
    return {f"{name} raw": secret, f"{name} base64": encoded[: len(encoded) // 4 * 4 - 4]}


def test_the_search_finds_what_is_there(quiet):
    """A search that finds nothing anywhere proves nothing."""
    account = quiet.account.encode()
    found = count(quiet, {"account": account, "noise": secrets.token_bytes(16)})
    assert found["account"] > 0
    assert found["noise"] == 0


def test_sec_c9_no_core_is_written(quiet):
    """A core file would hold every key."""
    limits = Path(f"/proc/{quiet.process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert line.split()[4:6] == ["0", "0"], line


def test_sec_c9_kms_30_no_data_key_stays_in_memory(quiet):
    kms = client(quiet, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    needles = {}
    for number in range(20):
        made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        needles |= forms(f"data key {number}", made["Plaintext"])
        opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
        assert opened["Plaintext"] == made["Plaintext"]
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    needles |= forms("private key", pair["PrivateKeyPlaintext"][36:68])
    needles |= forms("random", kms.generate_random(NumberOfBytes=48)["Plaintext"])
    found = count(quiet, needles)
    assert {name: times for name, times in found.items() if times} == {}
    log = quiet.log.read_bytes()
    assert b"GenerateDataKey" in log
    assert [name for name, needle in needles.items() if needle in log] == []
