"""What an operator does: starting, stopping, asking, configuring, and getting it wrong."""

import datetime
import http.client
import json
import os
import signal
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

from harness.clients import client
from harness.identities import new_user
from harness.places import binary
from harness.server import Credentials, Server, run
from harness.signed import Connection, error_code

UNUSED = "127.0.0.1:9"
PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="module")
def server():
    """A server that these tests only ask."""
    with Server("--region", "eu-west-2") as running:
        yield running


@pytest.fixture
def stopped():
    """A server that has run once and is stopped."""
    with Server() as running:
        Connection(running).call("CreateKey")
        assert running.stop() == 0
        yield running


def get(url):
    """Status and text of a GET request."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def post(url, **body):
    """Status and JSON of a POST request."""
    data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(url, data=data, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def address(server):
    """HOST:PORT of the AWS listener."""
    return server.endpoint.removeprefix("http://")


def refusal(*arguments, environment=None, cwd=None):
    """Exit code and standard error of `serve` with options that must not work."""
    ports = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    listens = any(str(argument).startswith("--listen") for argument in arguments)
    ports = ports[2:] if listens else ports
    done = run("serve", *ports, *arguments, environment=environment, cwd=cwd, timeout=20)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_it_is_ready_soon(server):
    assert server.startup_seconds < 1


def test_status_and_env(server):
    status = server.command("status", "--listen", address(server))
    assert status.returncode == 0
    for part in ("ok", server.endpoint, "enforce", "eu-west-2", "kms"):
        assert part in status.stdout
    env = server.command("env", "--listen", address(server))
    assert env.returncode == 0
    assert f"export AWS_ENDPOINT_URL={server.endpoint}\n" in env.stdout
    assert "export AWS_DEFAULT_REGION=eu-west-2\n" in env.stdout
    assert server.root.secret_key not in env.stdout
    absent = run("status", "--listen", UNUSED)
    assert absent.returncode == 5
    assert UNUSED in absent.stderr and absent.stdout == ""


def test_health(server):
    status, text = get(f"{server.endpoint}/_strongroom/health")
    health = json.loads(text)
    assert (status, health["status"], health["auth"]) == (200, "ok", "enforce")
    assert set(health["services"]) >= {"kms", "iam", "sts"}
    status, text = get(f"{server.endpoint}/_localstack/health")
    assert (status, json.loads(text)["services"]["kms"]) == (200, "running")


def test_the_admin_listener(server):
    Connection(server).call("ListKeys")
    assert get(f"{server.admin}/livez")[0] == 200
    assert get(f"{server.admin}/readyz")[0] == 200
    status, text = get(f"{server.admin}/metrics")
    assert status == 200
    assert 'service="kms",operation="ListKeys"' in text
    assert text.endswith("# EOF\n")
    assert get(f"{server.admin}/_strongroom/health")[0] == 404
    assert get(f"{server.endpoint}/metrics")[0] != 200


def test_development_paths_exist_in_development_alone(server):
    assert post(f"{server.endpoint}/_strongroom/dev/reset")[0] == 404
    assert post(f"{server.endpoint}/_strongroom/dev/clock", advance_seconds=1)[0] == 404


def test_completions_and_man():
    completions = run("completions", "bash")
    assert completions.returncode == 0
    subprocess.run(["bash", "-n"], input=completions.stdout, text=True, check=True)
    assert "--admin-listen" in completions.stdout
    manual = run("man")
    assert manual.returncode == 0
    assert manual.stdout.startswith((".ie", ".TH", "'\\\""))
    assert run("--version").stdout.startswith("strongroom ")
    assert run("nonsense").returncode == 2
    assert run("serve", "--nonsense").returncode == 2


def test_the_audit_journal_holds_allowed_and_denied_calls_without_plaintext():
    with Server() as server:
        root = Connection(server)
        _, _, made = root.call("CreateKey")
        key = made["KeyMetadata"]["Arn"]
        context = {"purpose": "audit"}
        status, headers, _ = root.call(
            "Encrypt", KeyId=key, Plaintext="Y2FuYXJ5IGluIGEgY29hbG1pbmU=", EncryptionContext=context
        )
        assert status == 200
        denied = Connection(server, new_user(server, "mallory")).call("DescribeKey", KeyId=key)
        assert error_code(denied[2]) == "AccessDeniedException"
        server.stop()
        where = ["--data-dir", server.data_dir, "--key-file", server.key_file]
        verified = run("audit", "verify", *where)
        assert verified.returncode == 0, verified.stderr
        tail = run("audit", "tail", "-n", "100", *where)
    assert "Y2FuYXJ5" not in tail.stdout and "canary" not in tail.stdout
    events = [json.loads(line) for line in tail.stdout.splitlines()]
    [encrypt] = [event for event in events if event["eventName"] == "Encrypt"]
    assert encrypt["requestID"] == headers["x-amzn-RequestId"]
    assert encrypt["eventSource"] == "kms.amazonaws.com"
    assert encrypt["requestParameters"]["encryptionContext"] == context
    assert encrypt["resources"][0]["ARN"] == key
    assert encrypt["userIdentity"]["type"] == "Root"
    [describe] = [event for event in events if event["eventName"] == "DescribeKey"]
    assert describe["errorCode"] == "AccessDenied"
    assert describe["userIdentity"]["userName"] == "mallory"


def test_a_changed_journal_is_noticed(stopped):
    [segment, *_] = sorted((stopped.data_dir / "journal").iterdir())
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    where = ["--data-dir", stopped.data_dir, "--key-file", stopped.key_file]
    verified = run("audit", "verify", *where)
    assert verified.returncode == 1
    assert "damaged" in verified.stderr


def test_audit_on_no_data_directory(tmp_path):
    assert run("audit", "verify", "--data-dir", tmp_path / "absent").returncode == 3


def test_development_reset_and_clock():
    with Server("--dev", "--auth", "enforce", data=False) as server:
        root = Connection(server)
        key = root.call("CreateKey")[2]["KeyMetadata"]["KeyId"]
        blob = root.call("Encrypt", KeyId=key, Plaintext="eA==")[2]["CiphertextBlob"]
        root.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=30)
        clock = f"{server.endpoint}/_strongroom/dev/clock"
        assert post(clock, advance_seconds=29 * 86400)[0] == 200
        assert signed_later(server, 29, "DescribeKey", KeyId=key)[0] == 200
        assert post(clock, advance_seconds=86401)[0] == 200
        status, _, answer = signed_later(server, 30, "DescribeKey", KeyId=key)
        assert (status, error_code(answer)) == (400, "NotFoundException")
        status, _, answer = signed_later(server, 30, "Decrypt", CiphertextBlob=blob)
        assert (status, error_code(answer)) == (400, "AccessDeniedException")
        assert post(f"{server.endpoint}/_strongroom/dev/reset")[0] == 200


def signed_later(server, days, operation, **parameters):
    """A call by a client whose clock was advanced too."""
    return Connection(server, ahead=datetime.timedelta(days=days)).call(operation, **parameters)


def from_a_page(url, data, kind):
    """Status of a POST request that a browser sends for a page of another site without asking."""
    headers = {"Origin": "http://example.com", "Content-Type": kind}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("auth", ["off", "enforce"])
def test_sec_s23_no_web_page_calls_a_development_server(auth):
    with Server("--dev", "--auth", auth, data=False) as server:
        iam = client(server, "iam")
        iam.create_user(UserName="kept")
        form = b"Action=DeleteUser&Version=2010-05-08&UserName=kept"
        kind = "application/x-www-form-urlencoded"
        assert from_a_page(server.endpoint, form, kind) == 403
        for path, body in [("reset", b""), ("clock", b'{"advance_seconds":1}')]:
            url = f"{server.endpoint}/_strongroom/dev/{path}"
            assert from_a_page(url, body, "text/plain") == 403, path
        assert [user["UserName"] for user in iam.list_users()["Users"]] == ["kept"]


def test_development_without_authorization_accepts_any_credentials():
    with Server("--dev", data=False) as server:
        anyone = Credentials("123456789012", "anything")
        identity = client(server, "sts", anyone).get_caller_identity()
        assert identity["Account"] == "123456789012"
        kms = client(server, "kms", anyone)
        assert kms.create_key()["KeyMetadata"]["AWSAccountId"] == "123456789012"
        other = client(server, "kms", Credentials("test", "test"))
        assert other.list_keys()["Keys"] == []
        assert post(f"{server.endpoint}/_strongroom/dev/reset")[0] == 200
        assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_exits_with_0(kind):
    with Server() as server:
        running = threading.Event()
        outcomes = []

        def work():
            connection = Connection(server)
            running.set()
            try:
                while True:
                    outcomes.append(connection.call("CreateKey")[0])
            except (http.client.HTTPException, ConnectionError):
                pass

        worker = threading.Thread(target=work)
        worker.start()
        running.wait()
        time.sleep(0.3)
        assert server.end(kind) == 0
        worker.join()
        assert set(outcomes) == {200}
        server.start()
        keys = [
            key
            for page in client(server, "kms").get_paginator("list_keys").paginate()
            for key in page["Keys"]
        ]
        assert len(keys) >= len(outcomes)


def test_a_signal_right_after_the_ready_line_is_not_lost():
    with Server() as server:
        for _ in range(20):
            assert server.stop() == 0
            server.start()


def test_a_wrong_key_file(stopped, tmp_path):
    with Server() as other:
        wrong = other.key_file.read_text()
    (tmp_path / "wrong.key").write_text(wrong)
    where = ["--data-dir", stopped.data_dir, "--key-file"]
    code, said = refusal(*where, tmp_path / "wrong.key")
    assert code == 5 and "wrong.key" in said
    code, said = refusal(*where, tmp_path / "absent.key")
    assert code == 5 and "absent.key" in said and "does not exist" in said
    (tmp_path / "garbage.key").write_text("hello\n")
    code, said = refusal(*where, tmp_path / "garbage.key")
    assert code == 5 and "garbage.key" in said
    assert "panic" not in said
    stopped.start()


def test_a_passphrase(tmp_path):
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    environment = {"STRONGROOM_PASSPHRASE_FILE": str(secret)}
    with Server("--seal", "passphrase", environment=environment) as server:
        Connection(server).call("CreateKey")
        server.stop()
        assert not server.key_file.exists()
        server.start()
        assert len(Connection(server).call("ListKeys")[2]["Keys"]) == 1
        server.stop()
        where = ["--data-dir", server.data_dir, "--seal", "passphrase"]
        wrong = {"STRONGROOM_PASSPHRASE": PASSPHRASE + "!"}
        code, said = refusal(*where, environment=wrong)
        assert code == 5 and "passphrase" in said and PASSPHRASE not in said
        assert refusal(*where)[0] == 2
        assert refusal("--data-dir", server.data_dir)[0] == 5
    code, _ = refusal("--seal", "passphrase", "--data-dir", tmp_path / "new", "--passphrase", "short")
    assert code == 2


def test_a_second_server_on_the_same_directory_is_refused(server):
    code, said = refusal("--data-dir", server.data_dir, "--key-file", server.key_file)
    assert code == 5
    assert str(server.data_dir) in said
    assert Connection(server).call("ListKeys")[0] == 200


def test_a_port_in_use_is_said(server, tmp_path):
    code, said = refusal("--listen", address(server), "--data-dir", tmp_path / "data")
    assert code == 1 and address(server) in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--listen", "0.0.0.0:0"],
        ["--listen", "[::]:0"],
        ["--auth", "off"],
        ["--account-id", "12345"],
        ["--account-id", "12345678901x"],
        ["--root-access-key-id", "AKIAQQQQQQQQQQQQQQQQ"],
        ["--log", "=="],
        ["--config", "/nonexistent.toml"],
        ["--key-file", "data/inside.key"],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_settings_that_are_refused(tmp_path, arguments):
    code, said = refusal("--data-dir", "data", *arguments, cwd=tmp_path)
    assert code == 2, said
    *_, last = [line for line in said.splitlines() if line.startswith(("strongroom: ", "error: "))]
    assert len(last) > 30


def test_precedence_of_settings(tmp_path):
    """The command line wins, then the environment, then its file, then the configuration."""
    config = tmp_path / "config.toml"
    config.write_text('region = "config-region-1"\naccount-id = "111111111111"\nlog = "warn"\n')
    (tmp_path / "region").write_text("file-region-1\n")
    layers = [
        ([], {}, "config-region-1"),
        ([], {"STRONGROOM_REGION_FILE": str(tmp_path / "region")}, "file-region-1"),
        ([], {"STRONGROOM_REGION_FILE": "/nowhere", "STRONGROOM_REGION": "env-region-1"}, "env-region-1"),
        (["--region", "flag-region-1"], {"STRONGROOM_REGION": "env-region-1"}, "flag-region-1"),
    ]
    for arguments, environment, expected in layers:
        with Server("--config", str(config), *arguments, environment=environment) as server:
            assert server.exports["AWS_DEFAULT_REGION"] == expected
            assert server.account == "111111111111"
    config.write_text('regoin = "x"\n')
    code, said = refusal("--config", config, "--data-dir", tmp_path / "data")
    assert code == 2 and "regoin" in said


def test_a_root_access_key_of_choice():
    secret = "a-secret-of-my-own-choice"
    environment = {
        "STRONGROOM_ROOT_ACCESS_KEY_ID": "AKIAMYOWNROOTKEY0000",
        "STRONGROOM_ROOT_SECRET_ACCESS_KEY": secret,
    }
    with Server("--account-id", "222233334444", environment=environment) as server:
        own = Credentials("AKIAMYOWNROOTKEY0000", secret)
        identity = client(server, "sts", own).get_caller_identity()
        assert identity["Arn"] == "arn:aws:iam::222233334444:root"


def test_the_root_key_is_printed_once():
    with Server() as server:
        first = server.root
        server.stop()
        server.exports.clear()
        server.start()
        assert server.exports == {}
        assert client(server, "sts", first).get_caller_identity()["Account"] == server.account


def test_file_modes_under_any_umask():
    with Server(umask=0) as server:
        Connection(server).call("CreateKey")
        client(server, "iam").create_user(UserName="someone")
        assert stat.S_IMODE(server.key_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
        for folder, folders, files in os.walk(server.data_dir):
            for each in folders:
                assert stat.S_IMODE(os.stat(os.path.join(folder, each)).st_mode) == 0o700, each
            for each in files:
                assert stat.S_IMODE(os.stat(os.path.join(folder, each)).st_mode) == 0o600, each


def test_a_hangup_reads_the_log_filter_again(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('log = "error"\n')
    with Server("--config", str(config)) as server:
        config.write_text('log = "info"\n')
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while "read again" not in server.log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "read again" in server.log.read_text()
        assert Connection(server).call("ListKeys")[0] == 200


def test_servers_on_free_ports_do_not_fight_for_the_admin_port(tmp_path):
    """With `--listen ..:0` alone, the admin port is free too: two servers start side by side."""
    started = []
    try:
        for name in ("one", "two"):
            command = [binary(), "serve", "--listen", "127.0.0.1:0", "--data-dir", tmp_path / name]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            started.append(process)
            assert any("is ready at" in line for line in iter(process.stdout.readline, ""))
    finally:
        for process in started:
            process.terminate()
            assert process.wait(timeout=40) == 0
            process.stdout.close()
