"""Rotation without a function (row SM-5): the server changes the password of a database's user and tries
it; drivers of other people see what became of it."""

import json
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

from harness import logins
from harness.clients import REGION, client
from harness.identities import allow, new_user, policy, put_policy
from harness.proxies import Proxy
from harness.server import Credentials, Server

REACHABLE = ["--log", "warn", "--outbound-allow", "127.0.0.1"]
ENGINES = ["postgres", "mariadb", "redis"]
SECONDS = 60
# Of a server for development, which knows no others.
ACCOUNT = Credentials("123456789012", "anything")
# Characters that mean something in connection strings.
NOT_IN_PASSWORDS = set(":/@\"'\\")


@pytest.fixture(scope="module")
def server():
    """A server that may reach databases on this machine, and trusts their certificates."""
    with Server(*REACHABLE) as running:
        yield running


@pytest.fixture(scope="module")
def secrets(server):
    """boto3 as root."""
    return client(server, "secretsmanager")


@pytest.fixture(params=ENGINES)
def database(request):
    """Each of the database servers that there are."""
    return request.getfixturevalue(request.param)


def user_of(name):
    """A name that every engine takes."""
    return name.replace("-", "_")


def create(secrets, name, login):
    """Makes a secret of a login; the ARN."""
    return secrets.create_secret(Name=name, SecretString=json.dumps(login))["ARN"]


def read(secrets, name, stage="AWSCURRENT"):
    """The login that a version tells."""
    return json.loads(secrets.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"])


def until(is_so, seconds=SECONDS):
    """What `is_so` returns once it holds."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, is_so
        time.sleep(0.05)
    return found


def stages(secrets, name):
    """Versions by staging label."""
    found = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
    return {stage: version for version, labels in found.items() for stage in labels}


def rotate(secrets, name, **more):
    """Rotates, and returns the id of the new version once it is the current one."""
    version = secrets.rotate_secret(SecretId=name, **more)["VersionId"]
    until(lambda: ended(secrets, name, version))
    return version


def ended(secrets, name, version):
    """Whether the rotation that made a version has come to its end."""
    labels = stages(secrets, name)
    return labels.get("AWSCURRENT") == version and "AWSPENDING" not in labels


def on_record(server, arn, credentials=None):
    """What is on record of the rotations of a secret, the first event first."""
    pages = client(server, "cloudtrail", credentials).get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "secretsmanager.amazonaws.com"}]
    )
    events = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]
    about = {"SecretId": arn}
    return [event for event in reversed(events) if event.get("additionalEventData") == about]


def recorded(server, arn, *names, credentials=None):
    """Waits until these events, and no others, are on record."""

    def are_there():
        events = on_record(server, arn, credentials)
        return events if len(events) >= len(names) else None

    events = until(are_there)
    assert [event["eventName"] for event in events] == list(names)
    return events


def test_sm_5_a_user_gets_a_new_password(server, secrets, database, name):
    login = logins.new_user(database, user_of(name))
    held = logins.enter(login)
    arn = create(secrets, name, {**login, "port": str(login["port"]), "team": "red"})
    before = stages(secrets, name)["AWSCURRENT"]
    version = rotate(secrets, name, RotationRules={"AutomaticallyAfterDays": 10})

    after = read(secrets, name)
    unchanged = {**login, "port": str(login["port"]), "team": "red"}
    assert {**after, "password": login["password"]} == unchanged
    assert len(after["password"]) == 32 and not NOT_IN_PASSWORDS & set(after["password"])
    assert logins.works({**after, "port": login["port"]})
    assert not logins.works(login), "the old password still works"
    assert held.ask().split("@")[0] == login["username"], "a connection was closed"
    held.close()
    assert read(secrets, name, "AWSPREVIOUS")["password"] == login["password"]
    assert stages(secrets, name) == {"AWSCURRENT": version, "AWSPREVIOUS": before}

    shown = until(lambda: "LastRotatedDate" in (told := secrets.describe_secret(SecretId=name)) and told)
    assert shown["RotationEnabled"] is True and "RotationLambdaARN" not in shown
    assert shown["RotationRules"] == {"AutomaticallyAfterDays": 10}
    days = (shown["NextRotationDate"].date() - shown["LastRotatedDate"].date()).days
    assert days == 10, shown
    started, succeeded = recorded(server, arn, "RotationStarted", "RotationSucceeded")
    for event in started, succeeded:
        assert event["eventSource"] == "secretsmanager.amazonaws.com"
        assert event["userIdentity"] == {
            "accountId": server.account,
            "invokedBy": "secretsmanager.amazonaws.com",
        }
        assert event["eventType"] == "AwsServiceEvent" and event["requestID"] == f"Rotation-{arn}-{version}"
        assert login["password"] not in json.dumps(event)
    log = server.log.read_text()
    assert login["password"] not in log and after["password"] not in log


def test_sm_5_two_users_take_turns(secrets, database, name):
    user = user_of(name)
    login = logins.new_user(database, user)
    logins.keep(login, 1)
    superuser = create(secrets, f"{name}/superuser", logins.superuser(database))
    create(secrets, name, {**login, "masterarn": superuser})

    rotate(secrets, name)
    clone = read(secrets, name)
    assert clone["username"] == f"{user}_clone" and clone["masterarn"] == superuser
    logins.keep(clone, 2)
    assert logins.works(login), "whoever has not asked again is locked out"
    rotate(secrets, name)
    third = read(secrets, name)
    assert third["username"] == user
    logins.keep(third, 3)
    assert logins.works(clone) and not logins.works(login)
    rotate(secrets, name)
    logins.keep(read(secrets, name), 4)
    assert logins.works(third) and not logins.works(clone)


def test_sm_5_only_with_tls(mariadb, name):
    if not mariadb.certificate.exists():
        pytest.skip("skipped: no openssl")
    login = logins.new_user(mariadb, user_of(name)) | {"ssl": True}
    session = logins.enter(logins.superuser(mariadb))
    session.ask(f"alter user {login['username']}@'127.0.0.1' require ssl")
    session.close()
    with Server(*REACHABLE, "--outbound-ca", str(mariadb.certificate)) as server:
        secrets = client(server, "secretsmanager")
        create(secrets, name, login)
        rotate(secrets, name)
        after = read(secrets, name)
    assert logins.works(after, mariadb.certificate) and not logins.works(login, mariadb.certificate)
    assert not logins.works(after)


def test_sm_5_who_may_not_read_the_superuser_does_not_use_them(server, secrets, postgres, name):
    login = logins.new_user(postgres, user_of(name))
    superuser = create(secrets, f"{name}/superuser", logins.superuser(postgres))
    arn = create(secrets, name, {**login, "masterarn": superuser})
    theirs = client(server, "secretsmanager", new_user(server, name, policy(allow("kms:*"))))

    def refused():
        with pytest.raises(ClientError) as failure:
            theirs.rotate_secret(SecretId=arn)
        error = failure.value.response["Error"]
        assert error["Code"] == "AccessDeniedException", error
        return error["Message"]

    assert "secretsmanager:RotateSecret" in refused()
    both = ["secretsmanager:RotateSecret", "secretsmanager:GetSecretValue"]
    put_policy(server, name, policy(allow("kms:*"), allow(*both, resource=arn)))
    assert "secretsmanager:GetSecretValue" in refused()
    assert "RotationEnabled" not in secrets.describe_secret(SecretId=name)
    put_policy(server, name, policy(allow("kms:*"), allow(*both, resource=[arn, superuser])))
    theirs.rotate_secret(SecretId=arn)
    until(lambda: read(secrets, name)["username"] == f"{login['username']}_clone")


def test_sm_5_what_tells_no_database_has_no_managed_rotation(secrets, name):
    for value in ["plain", '{"password": "p"}', '{"engine": "oracle", "username": "u", "password": "p"}']:
        secrets.create_secret(Name=f"{name}/{len(value)}", SecretString=value)
        with pytest.raises(ClientError) as refused:
            secrets.rotate_secret(SecretId=f"{name}/{len(value)}")
        error = refused.value.response["Error"]
        assert error["Code"] == "InvalidRequestException"
        assert error["Message"] == "No Lambda rotation function ARN is associated with this secret."


class Days:
    """A server whose clock a test moves, and a queue for what EventBridge tells of rotations."""

    def __init__(self, buckets):
        (buckets / "logs").mkdir()
        arguments = ["--dev", *REACHABLE, "--trail-directory", str(buckets)]
        self.server = Server(*arguments, data=False).start()
        # What is on record comes to EventBridge where a trail logs it.
        trails = client(self.server, "cloudtrail", ACCOUNT)
        trails.create_trail(Name="trail", S3BucketName="logs")
        trails.start_logging(Name="trail")
        self.secrets = client(self.server, "secretsmanager", ACCOUNT)
        self.sqs, events = (client(self.server, name, ACCOUNT) for name in ("sqs", "events"))
        pattern = {"source": ["aws.secretsmanager"], "detail-type": ["AWS Service Event via CloudTrail"]}
        rule = events.put_rule(Name="rotations", EventPattern=json.dumps(pattern))["RuleArn"]
        allowed = allow("sqs:SendMessage", Principal={"Service": "events.amazonaws.com"})
        allowed["Condition"] = {"ArnEquals": {"aws:SourceArn": rule}}
        queue = self.sqs.create_queue(QueueName="told", Attributes={"Policy": json.dumps(policy(allowed))})
        self.queue = queue["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT.access_key}:told"
        assert events.put_targets(Rule="rotations", Targets=[{"Id": "t", "Arn": arn}])["FailedEntryCount"] == 0

    def advance(self, seconds):
        """Moves the clock, which makes the server do what is due."""
        body = json.dumps({"advance_seconds": int(seconds)}).encode()
        url = f"{self.server.endpoint}/_strongroom/dev/clock"
        urllib.request.urlopen(url, data=body, timeout=10).close()

    def told(self, *names):
        """Waits for these events, in this order, and returns them."""
        events, deadline = [], time.monotonic() + SECONDS
        while len(events) < len(names):
            assert time.monotonic() < deadline, events
            answer = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=5)
            for message in answer.get("Messages", []):
                events.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        events.sort(key=lambda event: names.index(event["detail"]["eventName"]))
        assert [event["detail"]["eventName"] for event in events] == list(names)
        return events


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """A server whose clock a test moves."""
    days = Days(tmp_path_factory.mktemp("buckets"))
    yield days
    days.server.__exit__()


def test_sm_5_rotation_waits_for_its_window(days, mariadb, name):
    secrets, login = days.secrets, logins.new_user(mariadb, user_of(name))
    arn = create(secrets, name, login)
    first = stages(secrets, name)["AWSCURRENT"]
    rules = {"ScheduleExpression": "cron(0 4 * * ? *)", "Duration": "2h"}
    secrets.rotate_secret(SecretId=name, RotateImmediately=False, RotationRules=rules)
    days.told("TestRotationStarted", "TestRotationSucceeded")
    assert stages(secrets, name) == {"AWSCURRENT": first} and logins.works(login)

    shown = secrets.describe_secret(SecretId=name)
    closes = shown["NextRotationDate"]
    assert (closes.hour, closes.minute, closes.second) in [(5, 59, 59)], closes
    assert "LastRotatedDate" not in shown
    opens = closes.timestamp() + 1 - 2 * 3600
    days.advance(opens - time.time() - 60)
    assert stages(secrets, name) == {"AWSCURRENT": first}, "the window was not open"
    days.advance(120)
    for event in days.told("RotationStarted", "RotationSucceeded"):
        assert event["detail"]["additionalEventData"] == {"SecretId": arn}
        assert event["account"] == ACCOUNT.access_key
    shown = secrets.describe_secret(SecretId=name)
    assert opens <= shown["LastRotatedDate"].timestamp() < closes.timestamp()
    assert shown["NextRotationDate"].timestamp() == closes.timestamp() + 86_400
    assert logins.works(read(secrets, name)) and not logins.works(login)
    secrets.cancel_rotate_secret(SecretId=name)
    assert "NextRotationDate" not in secrets.describe_secret(SecretId=name)


def test_sm_5_a_database_that_is_down_fails_a_rotation_until_it_is_back(days, postgres, name):
    secrets, login = days.secrets, logins.new_user(postgres, user_of(name))
    with Proxy(postgres.port) as proxy:
        proxy.is_open = False
        arn = create(secrets, name, {**login, "port": proxy.port})
        first = stages(secrets, name)["AWSCURRENT"]
        pending = secrets.rotate_secret(SecretId=name)["VersionId"]
        _, failed = days.told("RotationStarted", "RotationFailed")
        text = failed["detail"]["errorMessage"]
        assert text.startswith("Managed rotation failed during setSecret step: "), text
        assert stages(secrets, name) == {"AWSCURRENT": first, "AWSPENDING": pending}
        assert logins.works(read(secrets, name) | {"port": postgres.port})
        assert "LastRotatedDate" not in secrets.describe_secret(SecretId=name)
        with pytest.raises(ClientError, match="A previous rotation isn't complete. That rotation will be reattempted"):
            secrets.rotate_secret(SecretId=name)
        days.told("RotationStarted", "RotationFailed")

        proxy.is_open = True
        days.advance(300)
        days.told("RotationStarted", "RotationSucceeded")
        assert stages(secrets, name) == {"AWSCURRENT": pending, "AWSPREVIOUS": first}
        assert logins.works(read(secrets, name)) and not logins.works(login)
    names = ["RotationStarted", "RotationFailed"] * 2 + ["RotationStarted", "RotationSucceeded"]
    recorded(days.server, arn, *names, credentials=ACCOUNT)
