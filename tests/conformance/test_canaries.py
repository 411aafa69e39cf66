"""Over a thousand secrets, through every call that takes or makes one and through everything that can
go wrong with it; none may be anywhere that a secret does not belong."""

import base64
import collections
import json
import shutil
import time
import urllib.request

import pytest

from conformance import hostile_calls, secret_calls
from harness.canaries import Canaries, forms, search
from harness.clients import client
from harness.identities import new_user
from harness.issuer import Issuer
from harness.receivers import openssl
from harness.server import Server
from harness.trails import records

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="skipped: no openssl wraps keys")

# What is in each place for sure: a search that does not find it looked elsewhere.
CONTROL = "alias/control-of-the-canaries"
CONTROLS = {
    "data": b"SQLite format 3",
    "log": b"GenerateDataKeyPair",
    "metrics": b"GenerateDataKeyPair",
    "journal": CONTROL.encode(),
    "history": CONTROL.encode(),
    "targets": CONTROL.encode(),
    "trail": CONTROL.encode(),
    "answers": CONTROL.encode(),
    "temporary": b"what a test left here",
}
# What AWS's own texts repeat to the caller, who sent it; the record must not.
SHOWN_TO_THE_CALLER = (
    "iam.EnableMFADevice.AuthenticationCode1",
    "sts.AssumeRole.TokenCode",
    "sts.DecodeAuthorizationMessage.EncodedMessage",
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The canaries, and the places to search once a server had all of them."""
    folder = tmp_path_factory.mktemp("canaries")
    places = folder / "places"
    for place in CONTROLS:
        (places / place).mkdir(parents=True)
    (places / "temporary/control").write_bytes(CONTROLS["temporary"])
    (folder / "buckets/logs").mkdir(parents=True)
    issuer, canaries = Issuer(folder), Canaries()
    arguments = ["--dev", "--auth", "enforce", "--log", "trace", *issuer.arguments]
    arguments += ["--trail-directory", str(folder / "buckets")]
    arguments += ["--outbound-allow", "127.0.0.0/8", "--outbound-http"]
    environment = {"TMPDIR": str(places / "temporary")}
    with Server(*arguments, environment=environment) as server:
        canaries.keep("root", server.root.secret_key)
        listen(server)
        secret_calls.everything(server, canaries, issuer, wrapper(folder))
        nobody = new_user(server, "nobody")
        canaries.keep("nobody", nobody.secret_key)
        codes = hostile_calls.everything(server, canaries, nobody, places / "answers/answers")
        gather(server, folder, places)
        yield canaries, places, folder, collections.Counter(codes)


def wrapper(folder):
    """Wraps key material as the developer guide of KMS tells users to."""

    def seal(public, material):
        key, plain, sealed = (folder / name for name in ("public", "plain", "sealed"))
        key.write_bytes(public)
        plain.write_bytes(material)
        options = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
        options = [word for option in options for word in ("-pkeyopt", option)]
        files = ["-inkey", key, "-in", plain, "-out", sealed]
        openssl("pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", *options, *files)
        return sealed.read_bytes()

    return seal


def listen(server):
    """A trail, an archive and a rule that get all that services tell EventBridge."""
    trail, bus, logs = (client(server, name) for name in ("cloudtrail", "events", "logs"))
    trail.create_trail(Name="all", S3BucketName="logs", IsMultiRegionTrail=True)
    trail.start_logging(Name="all")
    logs.create_log_group(logGroupName="told")
    arn = f"arn:aws:logs:us-east-1:{server.account}:log-group:told"
    document = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    document |= {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [document]})
    logs.put_resource_policy(policyName="events", policyDocument=document)
    pattern = '{"source":[{"prefix":"aws."}]}'
    default = bus.describe_event_bus()["Arn"]
    bus.create_archive(ArchiveName="told", EventSourceArn=default, EventPattern=pattern)
    bus.put_rule(Name="told", EventPattern=pattern)
    targets = [{"Id": "group", "Arn": arn}]
    assert bus.put_targets(Rule="told", Targets=targets)["FailedEntryCount"] == 0


def gather(server, folder, places):
    """Puts everything that the server says and leaves behind into the places."""
    kms = client(server, "kms")
    with pytest.raises(kms.exceptions.NotFoundException) as refused:
        kms.describe_key(KeyId=CONTROL)
    with (places / "answers/answers").open("a") as answers:
        answers.write(str(refused.value))
    alias = {"AliasName": CONTROL, "TargetKeyId": kms.create_key()["KeyMetadata"]["KeyId"]}
    kms.create_alias(**alias)
    (places / "targets/told").write_text(wait_for(lambda: everything_told(server)))
    archive = client(server, "events").describe_archive(ArchiveName="told")
    assert archive["EventCount"] > 100
    delivered(server, folder, places)
    history = client(server, "cloudtrail").get_paginator("lookup_events").paginate()
    (places / "history/history").write_text("\n".join(e["CloudTrailEvent"] for p in history for e in p["Events"]))
    with urllib.request.urlopen(f"{server.admin}/metrics", timeout=10) as metrics:
        (places / "metrics/metrics").write_bytes(metrics.read())
    # As a crash leaves them, and as an orderly stop does.
    server.kill()
    shutil.copytree(server.data_dir, places / "data/killed")
    server.start()
    assert server.stop() == 0
    shutil.copytree(server.data_dir, places / "data/stopped")
    shutil.copy(server.log, places / "log/log")
    exported = places / "journal/journal"
    place = ["--data-dir", server.data_dir, "--key-file", server.key_file]
    done = server.command("audit", "export", "--output", exported, *place)
    assert done.returncode == 0, done.stderr


def everything_told(server):
    """What the rule's target has got, once the last of it is there."""
    pages = client(server, "logs").get_paginator("filter_log_events").paginate(logGroupName="told")
    text = "\n".join(event["message"] for page in pages for event in page["events"])
    return text if CONTROL in text else None


def delivered(server, folder, places):
    """Lets the trail deliver, and unpacks what it has delivered."""
    def advance():
        body = json.dumps({"advance_seconds": 30}).encode()
        urllib.request.urlopen(f"{server.endpoint}/_strongroom/dev/clock", data=body, timeout=10).close()

    def files():
        text = "\n".join(json.dumps(records(f)) for f in (folder / "buckets/logs").rglob("*/CloudTrail/**/*.gz"))
        return text if CONTROL in text else None

    (places / "trail/trail").write_text(wait_for(files, advance))


def wait_for(value, meanwhile=lambda: None):
    """A value, once there is one."""
    deadline = time.monotonic() + 120
    while not (found := value()):
        assert time.monotonic() < deadline, "it never came"
        meanwhile()
        time.sleep(2)
    return found


def test_a_thousand_secrets_were_planted_and_most_of_it_was_refused(planted):
    canaries, _, _, codes = planted
    assert len(canaries) > 1000
    assert sum(count for code, count in codes.items() if 400 <= code < 500) > 800, codes
    assert all(code < 500 for code in codes), codes


@pytest.mark.parametrize("place", CONTROLS)
def test_no_secret_is_in(planted, place):
    canaries, places, folder, _ = planted
    control = [(CONTROLS[place], "the control")]
    found, size = search(folder, [*canaries.needles(), *control], places / place)
    assert "the control" in {name for name, _ in found}, f"{size} bytes were searched in vain"
    if place == "answers":
        found = [hit for hit in found if not hit[0].startswith(SHOWN_TO_THE_CALLER)]
    leaks = {name.partition("#")[0] for name, _ in found} - {"the control"}
    assert not leaks, "\n".join(sorted(leaks))


def test_every_form_is_found_in_every_place(planted):
    """The same search finds secrets where they are, whatever stands around them."""
    canaries, places, folder, _ = planted
    for place in CONTROLS:
        leaky = folder / "leaky" / place
        shutil.copytree(places / place, leaky)
        last = sorted(path for path in leaky.rglob("*") if path.is_file())[-1]
        needles = dict(list(canaries.needles())[:: len(canaries) // 40])
        with last.open("ab") as file:
            file.write(b"".join(b"noise" + data for data in needles))
        found, _ = search(folder, needles.items(), leaky)
        assert {name for name, _ in found} == {name for data, name in needles.items() if len(data) >= 12}
        shutil.rmtree(leaky)


def test_forms_are_what_encoders_write():
    """Each form is in what an encoder makes of a secret with neighbours."""
    secret = Canaries().text("secret")
    shown = dict(forms(secret))
    for neighbours in (b"", b"a", b"ab", b"abc"):
        text = base64.b64encode(neighbours + secret.encode() + b"tail")
        assert any(form in text for name, form in shown.items() if name.startswith("base64+"))
    around = json.dumps({"a": json.dumps({"b": secret})})
    assert shown["JSON in JSON"] in around.encode()
    assert str(list(secret.encode()))[1:-1].encode() == shown["numbers"]
