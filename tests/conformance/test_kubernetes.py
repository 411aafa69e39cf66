"""`strongroom k8s-kms`: what a Kubernetes API server asks of a KMS v2 plugin."""

import os
import signal
import stat

import grpc
import pytest
import yaml

from harness.clients import client
from harness.identities import allow, new_user, policy, put_policy
from harness.kubernetes import Plugin
from harness.server import Server, run

SEED = bytes(range(32))
INVALID = grpc.StatusCode.INVALID_ARGUMENT


def credentials(who):
    """The environment of a caller."""
    return {"AWS_ACCESS_KEY_ID": who.access_key, "AWS_SECRET_ACCESS_KEY": who.secret_key}


@pytest.fixture
def house(server, kms, key, name, tmp_path):
    """A key behind an alias, and a plugin that serves it with the permissions that it needs."""
    alias = f"alias/{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    user = new_user(server, name, policy(allow("kms:DescribeKey", "kms:Encrypt", "kms:Decrypt")))
    options = ("--key", alias, "--endpoint", server.endpoint)
    with Plugin(tmp_path, *options, environment=credentials(user)) as plugin:
        plugin.alias = alias
        plugin.user, plugin.user_name = user, name
        yield plugin


def test_what_is_sealed_opens_under_the_key_id_of_the_status(house, kms, key):
    api = house.api_server()
    status = api.status()
    assert (status.version, status.healthz) == ("v2", "ok")
    assert status.key_id == f"{key['Arn']}#{key['CurrentKeyMaterialId']}"
    kept = api.encrypt(SEED)
    assert kept.key_id == status.key_id
    assert SEED not in kept.ciphertext
    # What API servers refuse: more than 1 KiB of ciphertext or key id, 32 KiB of annotations, and
    # annotations that are no domain names.
    assert len(kept.ciphertext) <= 1024 and len(kept.key_id) <= 1024
    assert sum(len(name) + len(value) for name, value in kept.annotations.items()) < 32 * 1024
    assert all("." in name and name == name.lower() for name in kept.annotations)
    assert api.decrypt(kept) == SEED
    # The ciphertext is KMS's own, and bound to the plugin.
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=kept.ciphertext)
    context = {"strongroom:purpose": "kubernetes-kms-v2"}
    opened = kms.decrypt(CiphertextBlob=kept.ciphertext, EncryptionContext=context)
    assert opened["Plaintext"] == SEED


def test_every_rotation_is_a_new_key_id_and_old_ones_open(house, kms, key):
    api = house.api_server()
    kept = [api.encrypt(SEED)]
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert api.status().key_id != kept[0].key_id
    kept.append(api.encrypt(SEED))
    other = kms.create_key()["KeyMetadata"]["Arn"]
    kms.update_alias(AliasName=house.alias, TargetKeyId=other)
    assert api.status().key_id.startswith(f"{other}#")
    kept.append(api.encrypt(SEED))
    assert len({one.key_id for one in kept}) == 3
    assert [api.decrypt(one) for one in kept] == [SEED] * 3


def test_health_follows_the_key_and_the_permissions(house, server, kms, key):
    api = house.api_server()
    kept = api.encrypt(SEED)
    kms.disable_key(KeyId=key["KeyId"])
    status = api.status()
    assert "Disabled" in status.healthz and status.key_id == kept.key_id
    assert api.refusal(api.encrypt, SEED) == grpc.StatusCode.FAILED_PRECONDITION
    assert api.refusal(api.decrypt, kept) == grpc.StatusCode.FAILED_PRECONDITION
    kms.enable_key(KeyId=key["KeyId"])
    assert api.status().healthz == "ok"
    assert api.decrypt(kept) == SEED
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert "PendingDeletion" in api.status().healthz
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    assert api.status().healthz != "ok", "a key is disabled when its deletion is cancelled"
    kms.enable_key(KeyId=key["KeyId"])
    # Enabled, but this caller may no longer encrypt.
    put_policy(server, house.user_name, policy(allow("kms:DescribeKey", "kms:Decrypt")))
    assert "AccessDeniedException" in api.status().healthz
    assert api.refusal(api.encrypt, SEED) == grpc.StatusCode.PERMISSION_DENIED
    assert api.decrypt(kept) == SEED


def test_what_was_not_sealed_here_is_refused(house, kms, key):
    api = house.api_server()
    kept = api.encrypt(SEED)
    other = kms.create_key()["KeyMetadata"]["Arn"]
    gone = f"{key['Arn'][:-12]}{'0' * 12}"
    annotated = dict(kept.annotations)
    wrong = [
        {"ciphertext": kept.ciphertext[:-1]},
        {"ciphertext": kept.ciphertext[:10]},
        {"ciphertext": b""},
        {"ciphertext": b"x" * 6145},
        {"ciphertext": kms.encrypt(KeyId=key["KeyId"], Plaintext=SEED)["CiphertextBlob"]},
        {"key_id": ""},
        {"key_id": "key"},
        {"key_id": other},
        {"key_id": gone},
        {"key_id": f"{key['Arn']}#"},
        {"annotations": {}},
        {"annotations": {name: b"2" for name in annotated}},
        {"annotations": annotated | {"more.example": b"1"}},
    ]
    for changed in wrong:
        assert api.refusal(api.decrypt, kept, **changed) == INVALID, changed
    for plaintext in b"", b"x" * 4097:
        assert api.refusal(api.encrypt, plaintext) == INVALID, len(plaintext)
    huge = {"more.example": b"x" * 100_000}
    assert api.refusal(api.decrypt, kept, annotations=huge) == grpc.StatusCode.OUT_OF_RANGE
    raw = api.channel.unary_unary("/v2.KeyManagementService/Decrypt")
    assert api.refusal(raw, b"\xff" * 40, timeout=30) == grpc.StatusCode.INTERNAL
    raw = api.channel.unary_unary("/v2.KeyManagementService/Destroy")
    assert api.refusal(raw, b"", timeout=30) == grpc.StatusCode.UNIMPLEMENTED
    assert api.decrypt(kept) == SEED
    log = house.log.read_text()
    assert SEED.decode("latin-1") not in log and house.user.secret_key not in log


def test_the_socket_is_private_and_outlives_a_plugin_that_was_killed(house):
    kept = house.api_server().encrypt(SEED)
    found = house.socket.stat()
    assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o600
    # A second one does not push the first aside.
    second = run(*house.arguments[1:], environment=house.environment)
    assert second.returncode == 1 and "listens" in second.stderr
    assert house.api_server().decrypt(kept) == SEED
    house.end(signal.SIGKILL)
    assert house.socket.exists()
    house.start()
    assert house.api_server().decrypt(kept) == SEED
    assert house.end(signal.SIGTERM) == 0
    assert not house.socket.exists()
    house.socket.write_text("no socket")
    refused = run(*house.arguments[1:], environment=house.environment)
    assert refused.returncode == 2 and house.socket.read_text() == "no socket"


def test_a_server_that_is_gone_is_told_and_its_return_seen(tmp_path):
    with Server() as server:
        key = client(server, "kms").create_key()["KeyMetadata"]
        environment = credentials(server.root) | {"STRONGROOM_KEY": key["Arn"]}
        with Plugin(tmp_path, "--endpoint", server.endpoint, environment=environment) as plugin:
            api = plugin.api_server()
            kept = api.encrypt(SEED)
            server.stop()
            assert "no connection to" in api.status().healthz
            assert api.refusal(api.decrypt, kept) == grpc.StatusCode.UNAVAILABLE
            server.listen = f"127.0.0.1:{server.port}"
            server.start()
            assert api.status().healthz == "ok"
            assert api.decrypt(kept) == SEED


def test_credentials_come_from_a_profile_and_change_with_it(server, key, tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[cluster]\naws_access_key_id = AKIDNOBODY0000000000\naws_secret_access_key = x\n")
    environment = {"AWS_PROFILE": "cluster", "AWS_SHARED_CREDENTIALS_FILE": str(path)}
    options = ("--key", key["Arn"], "--endpoint", server.endpoint)
    with Plugin(tmp_path, *options, environment=environment) as plugin:
        api = plugin.api_server()
        assert "UnrecognizedClientException" in api.status().healthz
        path.write_text(
            f"[cluster]\naws_access_key_id = {server.root.access_key}\n"
            f"aws_secret_access_key = {server.root.secret_key}\n"
        )
        assert api.status().healthz == "ok"
        os.remove(path)
        assert "AWS_PROFILE" in api.status().healthz
        assert api.refusal(api.encrypt, SEED) == grpc.StatusCode.UNAUTHENTICATED


def test_the_configuration_is_what_an_api_server_reads(tmp_path):
    printed = run("k8s-kms", "--print-config", "--socket", tmp_path / "a: b.sock")
    assert printed.returncode == 0, printed.stderr
    configuration = yaml.safe_load(printed.stdout)
    assert configuration["kind"] == "EncryptionConfiguration"
    [rule] = configuration["resources"]
    sealed, clear = rule["providers"]
    assert sealed["kms"]["apiVersion"] == "v2"
    assert sealed["kms"]["endpoint"] == f"unix://{tmp_path}/a: b.sock"
    assert (rule["resources"], clear) == (["secrets"], {"identity": {}})


def test_secrets_do_not_cross_a_network_in_clear():
    refused = run("k8s-kms", "--endpoint", "http://192.0.2.1:4566")
    assert refused.returncode == 2 and "--insecure-http" in refused.stderr
