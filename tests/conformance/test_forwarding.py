"""The audit journal arrives where it is forwarded: at least once, in order, across crashes."""

import base64
import json
import shutil
import time
import urllib.request

import pytest

from harness.receivers import Authority, Otlp, Syslog, Webhook
from harness.server import Server, run
from harness.signed import Connection

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def secret_file(folder, content):
    path = folder / "secret"
    path.write_bytes(content + b"\n")
    return str(path)


def journal(server):
    """All events of the journal, oldest first."""
    told = server.command(
        *["audit", "tail", "-n", "100000", "--data-dir", server.data_dir],
        *["--key-file", server.key_file],
    )
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def has_last(server):
    """Whether the newest event of the journal has arrived."""
    last = journal(server)[-1]["eventID"]
    return lambda events: any(event["eventID"] == last for _, event in events)


def check_complete(arrived, server):
    """Every event arrived, as it is in the journal; what came again came again in order."""
    expected = journal(server)
    by_number = dict(arrived)
    assert sorted(by_number) == list(range(1, len(expected) + 1))
    assert [by_number[number] for number in sorted(by_number)] == expected
    reached = 0
    for number, _ in arrived:
        assert number <= reached + 1, "an event came before one that precedes it"
        reached = max(reached, number)


def metrics(server):
    """The numbers of forwarding by name and destination."""
    with urllib.request.urlopen(f"{server.admin}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    found = {}
    for line in lines:
        if line.startswith("strongroom_audit_forward"):
            name, value = line.rsplit(" ", 1)
            found[name.removeprefix("strongroom_audit_")] = int(value)
    return found


def until(condition):
    """Waits until something is so."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it never was")


def make_events(server, count):
    """Calls that succeed and calls that fail."""
    connection = Connection(server)
    for number in range(count):
        if number % 3:
            assert connection.call("ListKeys")[0] == 200
        else:
            assert connection.call("DescribeKey", KeyId="alias/none")[0] == 400


def test_everything_arrives_everywhere_though_the_server_is_killed(authority, tmp_path):
    cert, key = authority.issue("strongroom")
    syslog, otlp, hook = Syslog(authority), Otlp(authority), Webhook(authority)
    receivers = [syslog, otlp, hook]
    arguments = ["--forward-syslog", f"localhost:{syslog.port}"]
    arguments += ["--forward-otlp", f"{otlp.url}/v1/logs", "--forward-webhook", f"{hook.url}/hook"]
    arguments += ["--forward-ca", str(authority.cert)]
    arguments += ["--forward-cert", str(cert), "--forward-key", str(key), "--log", "info"]
    whsec = b"whsec_" + base64.b64encode(Webhook.SECRET)
    environment = {
        "STRONGROOM_FORWARD_WEBHOOK_SECRET_FILE": secret_file(tmp_path, whsec),
        "STRONGROOM_FORWARD_OTLP_HEADERS": "Authorization=Bearer token",
    }
    with Server(*arguments, environment=environment) as server:
        for life in range(3):
            make_events(server, 40)
            if life == 1:
                # Killed with events that nobody takes.
                for receiver in receivers:
                    receiver.refuses = True
                make_events(server, 10)
            server.kill()
            for receiver in receivers:
                receiver.refuses = False
            server.start()
        make_events(server, 5)
        done = has_last(server)
        for receiver in receivers:
            check_complete(receiver.wait(done), server)
            assert not [one for one in receiver.failures if not isinstance(one, OSError)]
        numbers = metrics(server)
        assert {name for name in numbers if name.startswith("forward_lag_events")} == {
            f'forward_lag_events{{destination="{one}"}}' for one in ("syslog", "otlp", "webhook")
        }
        log = server.log.read_text()
        assert Webhook.SECRET.decode() not in log and "Bearer" not in log
        assert server.stop() == 0


def test_a_receiver_that_fails_is_waited_for_and_metrics_tell(tmp_path):
    hook, otlp = Webhook(), Otlp()
    arguments = ["--forward-webhook", hook.url, "--forward-otlp", otlp.url]
    arguments += ["--forward-otlp-headers", "authorization=Bearer token"]
    environment = {
        "STRONGROOM_FORWARD_WEBHOOK_SECRET_FILE": secret_file(tmp_path, Webhook.SECRET)
    }
    hook.refuses = True
    with Server(*arguments, environment=environment) as server:
        make_events(server, 9)
        otlp.wait(has_last(server))
        until(lambda: metrics(server)['forward_failures_total{destination="webhook"}'] >= 2)
        numbers = metrics(server)
        assert numbers['forward_lag_events{destination="webhook"}'] == len(journal(server))
        assert numbers['forward_failures_total{destination="otlp"}'] == 0
        assert "could not be forwarded" in server.log.read_text()
        assert not hook.events
        hook.refuses = False
        check_complete(hook.wait(has_last(server)), server)
        until(lambda: metrics(server).get('forward_lag_events{destination="webhook"}') == 0)
        assert "the journal is forwarded again" in server.log.read_text()
        count = metrics(server)['forwarded_events_total{destination="webhook"}']
        assert count == len(journal(server))


def test_a_batch_that_is_too_large_comes_in_smaller_ones(tmp_path):
    environment = {
        "STRONGROOM_FORWARD_WEBHOOK_SECRET_FILE": secret_file(tmp_path, Webhook.SECRET)
    }
    hook = Webhook(most=4)
    with Server(environment=environment) as server:
        make_events(server, 12)
        assert server.stop() == 0
        server.arguments += ["--forward-webhook", hook.url]
        server.start()
        check_complete(hook.wait(has_last(server)), server)
        assert metrics(server)['forward_failures_total{destination="webhook"}'] > 0


def test_a_syslog_receiver_that_dies_with_a_batch_unread_gets_it_again(authority):
    cert, key = authority.issue("strongroom")
    syslog = Syslog(authority, answers="end of the stream")
    syslog.refuses = True
    arguments = ["--forward-syslog", f"127.0.0.1:{syslog.port}", "--forward-ca", str(authority.cert)]
    arguments += ["--forward-cert", str(cert), "--forward-key", str(key)]
    with Server(*arguments) as server:
        make_events(server, 6)
        until(lambda: metrics(server)['forward_failures_total{destination="syslog"}'])
        assert not syslog.events
        syslog.refuses = False
        check_complete(syslog.wait(has_last(server)), server)


def test_only_certificates_of_the_named_authority_are_believed(authority, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    syslog, hook = Syslog(authority), Webhook(authority)
    arguments = ["--forward-syslog", f"127.0.0.1:{syslog.port}", "--forward-webhook", hook.url]
    arguments += ["--forward-ca", str(Authority(other).cert)]
    environment = {
        "STRONGROOM_FORWARD_WEBHOOK_SECRET_FILE": secret_file(tmp_path, Webhook.SECRET)
    }
    with Server(*arguments, environment=environment) as server:
        make_events(server, 3)
        for destination in ("syslog", "webhook"):
            failures = f'forward_failures_total{{destination="{destination}"}}'
            until(lambda name=failures: metrics(server)[name])
        assert "the certificate is not trusted" in server.log.read_text()
        assert not syslog.events and not hook.events


def test_a_new_destination_may_begin_with_the_next_event(tmp_path):
    environment = {
        "STRONGROOM_FORWARD_WEBHOOK_SECRET_FILE": secret_file(tmp_path, Webhook.SECRET)
    }
    hook = Webhook()
    with Server(environment=environment) as server:
        make_events(server, 6)
        before = len(journal(server))
        assert server.stop() == 0
        server.arguments += ["--forward-webhook", hook.url, "--forward-from", "now"]
        server.start()
        until(lambda: metrics(server).get('forward_lag_events{destination="webhook"}') == 0)
        make_events(server, 3)
        arrived = hook.wait(has_last(server))
        assert [number for number, _ in arrived][0] > before


@pytest.mark.parametrize(
    "arguments,said",
    [
        (["--forward-syslog", "https://siem.example"], "use HOST or HOST:PORT"),
        (["--forward-otlp", "siem.example"], "no URL"),
        (["--forward-webhook", "https://siem.example"], "FORWARD_WEBHOOK_SECRET_FILE"),
        (["--forward-otlp", "https://a.example", "--forward-ca", "/absent"], "/absent"),
        (["--forward-otlp", "https://a.example", "--forward-cert", "x"], "go together"),
        (["--outbound-allow", "10.0.0.1/8"], "10.0.0.1/8"),
        (["--public-url", "https://a.example/path"], "more than a host and a port"),
    ],
)
def test_settings_that_make_no_sense_are_refused(arguments, said):
    ports = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    done = run("serve", "--dev", *ports, *arguments, timeout=20)
    assert done.returncode == 2 and said in done.stderr, done.stderr
