"""GEN-3: nothing readable on disk or in the logs, whatever form one looks for."""

import base64
import json
import secrets
import urllib.parse

import pytest

from harness.clients import client
from harness.identities import allow, policy
from harness.server import Credentials, Server
from harness.sessions import assume, new_mfa, new_role
from harness.signed import Connection

SECRETS = ("password", "second factor", "session secret", "session token")
PASSPHRASE = "canary-passphrase-" + secrets.token_hex(12)


def canary(kind):
    """A text that appears nowhere by chance."""
    return f"canary-{kind}-{secrets.token_hex(12)}"


@pytest.fixture(scope="module")
def planted():
    """A stopped server that was given canaries, at the most talkative log level."""
    environment = {"STRONGROOM_PASSPHRASE": PASSPHRASE}
    arguments = ["--log", "trace", "--seal", "passphrase"]
    with Server(*arguments, environment=environment) as server:
        canaries = plant(server)
        # Once in the write-ahead log and journal of a crash, once after an orderly stop.
        server.kill()
        check(server, canaries)
        server.start()
        plant_again(server, canaries)
        assert server.stop() == 0
        yield server, canaries


def plant(server):
    """Gives the server canaries wherever it takes text."""
    kms, iam = client(server, "kms"), client(server, "iam")
    canaries = {kind: canary(kind) for kind in ("plaintext", "description", "alias", "user", "sid")}
    canaries |= {kind: canary(kind) for kind in ("tag-key", "tag-value", "context", "policy-name")}
    canaries |= {"passphrase": PASSPHRASE, "root secret": server.root.secret_key}
    tags = [{"TagKey": canaries["tag-key"], "TagValue": canaries["tag-value"]}]
    key = kms.create_key(Description=canaries["description"], Tags=tags)["KeyMetadata"]
    canaries["key id"] = key["KeyId"]
    kms.create_alias(AliasName=f"alias/{canaries['alias']}", TargetKeyId=key["KeyId"])
    statement = {**allow("kms:*"), "Sid": "", "Principal": {"AWS": f"arn:aws:iam::{server.account}:root"}}
    statement["Sid"] = canaries["sid"]
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(policy(statement)))
    iam.create_user(UserName=canaries["user"], Tags=[{"Key": "k", "Value": canaries["tag-value"]}])
    iam.put_user_policy(
        UserName=canaries["user"],
        PolicyName=canaries["policy-name"],
        PolicyDocument=json.dumps(policy(allow("kms:*", resource=f"arn:aws:kms:*:*:{canary('x')}"))),
    )
    made = iam.create_access_key(UserName=canaries["user"])["AccessKey"]
    canaries["user secret"] = made["SecretAccessKey"]
    use(server, key["KeyId"], canaries)
    plant_identities(server, canaries)
    return canaries


def plant_identities(server, canaries):
    """Gives the server passwords, second factors, roles and sessions."""
    iam, user = client(server, "iam"), canaries["user"]
    for kind in ("role", "group", "managed policy", "role description"):
        canaries[kind] = canary(kind.replace(" ", "-"))
    canaries["password"] = canary("password") + "A1!"
    iam.create_group(GroupName=canaries["group"])
    iam.add_user_to_group(GroupName=canaries["group"], UserName=user)
    document = json.dumps(policy(allow("kms:*")))
    made = iam.create_policy(PolicyName=canaries["managed policy"], PolicyDocument=document)
    iam.attach_user_policy(UserName=user, PolicyArn=made["Policy"]["Arn"])
    iam.create_login_profile(UserName=user, Password=canaries["password"])
    _, canaries["second factor"] = new_mfa(server, user)
    principal = {"AWS": f"arn:aws:iam::{server.account}:user/{user}"}
    role = new_role(server, canaries["role"], principal, Description=canaries["role description"])
    key = iam.create_access_key(UserName=user)["AccessKey"]
    caller = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    session = assume(server, caller, role)
    canaries["session secret"], canaries["session token"] = session.secret_key, session.token
    client(server, "sts", session).get_caller_identity()


def use(server, key_id, canaries):
    """Calls that see plaintext, with and without success."""
    kms = client(server, "kms")
    context = {"EncryptionContext": {"c": canaries["context"]}}
    blob = kms.encrypt(KeyId=key_id, Plaintext=canaries["plaintext"], **context)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, **context)
    for wrong in ({}, {"EncryptionContext": {"c": canaries["context"] + "x"}}):
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=blob, **wrong)
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.encrypt(KeyId="alias/absent", Plaintext=canaries["plaintext"])
    broken = b'{"KeyId": 1, "Plaintext": "%s"' % canaries["plaintext"].encode()
    assert Connection(server).post("Encrypt", broken)[0] == 400
    made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    canaries["data key"] = made["Plaintext"]
    canaries["random"] = kms.generate_random(NumberOfBytes=32)["Plaintext"]


def plant_again(server, canaries):
    """What is written in a second life of the server."""
    kms = client(server, "kms")
    kms.update_key_description(KeyId=canaries["key id"], Description=canaries["description"])
    use(server, canaries["key id"], canaries)


def forms(secret):
    """The bytes by which a secret would be recognized."""
    data = secret if isinstance(secret, bytes) else secret.encode()
    yield "raw", data
    yield "hex", data.hex().encode()
    yield "HEX", data.hex().upper().encode()
    yield "quoted", urllib.parse.quote(data).encode()
    for shift in range(3):
        # Drop what depends on the neighbours: 4 characters in front, and the last, partial group.
        encoded = base64.b64encode(bytes(shift) + data)[4 : len(data) // 3 * 4]
        yield f"base64+{shift}", encoded
        yield f"base64url+{shift}", encoded.translate(bytes.maketrans(b"+/", b"-_"))
    if isinstance(secret, str):
        yield "utf-16-le", secret.encode("utf-16-le")
        yield "utf-16-be", secret.encode("utf-16-be")


def found(data, canaries):
    """Which canaries are in the bytes, and how."""
    return [
        (kind, how)
        for kind, secret in canaries.items()
        for how, form in forms(secret)
        if form in data
    ]


def check(server, canaries):
    """Looks through every file of the data directory, and at the files' names."""
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) > 10_000
    for path in files:
        assert found(path.read_bytes() + str(path.name).encode(), canaries) == [], path


def test_the_search_finds_what_is_there():
    """A search that finds nothing anywhere proves nothing."""
    secret = canary("search")
    for how, form in forms(secret):
        assert ("s", how) in found(b"noise" + form + b"noise", {"s": secret})
    for neighbours in (b"", b"a", b"ab", b"abc"):
        data = base64.b64encode(neighbours + secret.encode() + b"tail")
        assert found(data, {"s": secret}) != []


def test_gen_3_nothing_readable_is_on_disk(planted):
    check(*planted)


def test_gen_3_the_log_at_trace_level_has_no_secrets(planted):
    server, canaries = planted
    hidden = ("plaintext", "passphrase", "root secret", "user secret", "data key", "random", "context")
    hidden += ("tag-value", "description", "sid", "role description", *SECRETS)
    log = server.log.read_bytes()
    assert server.account.encode() in log
    assert b"GenerateDataKey" in log and b"answered" in log, "calls are not logged at all"
    assert found(log, {kind: canaries[kind] for kind in hidden}) == []


def test_the_record_of_calls_has_no_secrets(planted):
    server, canaries = planted
    place = ["--data-dir", server.data_dir, "--seal", "passphrase"]
    tail = server.command("audit", "tail", "--lines", "100000", *place)
    assert tail.returncode == 0, tail.stderr
    assert canaries["role"] in tail.stdout and "AssumeRole" in tail.stdout
    hidden = ("plaintext", "passphrase", "root secret", "user secret", "data key", "random")
    record = tail.stdout.encode()
    assert found(record, {kind: canaries[kind] for kind in (*hidden, *SECRETS)}) == []


def test_a_wrong_seal_reads_nothing(planted):
    server, _ = planted
    tail = server.command("audit", "tail", "--data-dir", server.data_dir, "--key-file", "/dev/null")
    assert tail.returncode == 5
    assert tail.stdout == ""
