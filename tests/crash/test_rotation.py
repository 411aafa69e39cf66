"""Kills the server while it changes the password of a database's user, or has a function do so, at each
message that counts and wherever it happens to be.

However a rotation was interrupted, the password of one of its versions works, and the labels say which:
the current one, or else the pending one. Once the server is back, the rotation comes to its end with the
version that it began with.
"""

import json
import os
import random
import time

import pytest

from harness import databases, functions, logins, rotators
from harness.clients import client
from harness.proxies import Proxy, Stop
from harness.server import Server

CYCLES = int(os.environ.get("STRONGROOM_ROTATION_CRASH_CYCLES", "4"))
SEED = int(os.environ.get("STRONGROOM_CRASH_SEED", random.SystemRandom().randrange(10**9)))
SECONDS = 60

# The first connection finds that the pending password is not set yet, the second one sets it, the third
# one tries it. A message that nothing is in is any, and with `answer` it has arrived.
STOPS = {
    "postgres": {
        "a pending version": Stop(1, b""),
        "a login to set": Stop(2, b""),
        "a password about to be set": Stop(2, b"ALTER ROLE"),
        "a password set": Stop(2, b"ALTER ROLE", answer=True),
        "a login to test": Stop(3, b""),
        "a password tried": Stop(3, b"SELECT", answer=True),
    },
    "mariadb": {
        "a password about to be set": Stop(2, b"SET PASSWORD"),
        "a password set": Stop(2, b"SET PASSWORD", answer=True),
    },
    "redis": {
        "a password about to be set": Stop(2, b"SETUSER"),
        "a password set": Stop(2, b"SETUSER", answer=True),
    },
}

# A function tries the pending password, then the current one, which sets the new one then.
STOPS_OF_A_FUNCTION = {
    "a pending version": Stop(1, b""),
    "a password about to be set": Stop(3, b"alter user"),
    "a password set": Stop(3, b"alter user", answer=True),
    "a login to test": Stop(4, b""),
}
# Where the new password is the one that works.
IS_SET = ("a password set", "a login to test", "a password tried")


class Rotated:
    """A secret of a user, whose database is behind a proxy."""

    def __init__(self, server, proxy, database):
        self.server, self.proxy, self.port = server, proxy, database.port
        self.login = logins.new_user(database, "app") | {"port": proxy.port, "ssl": False}
        secrets = client(server, "secretsmanager")
        self.arn = secrets.create_secret(Name="app", SecretString=json.dumps(self.login))["ARN"]
        self.function = {}

    def stages(self):
        """Versions by staging label."""
        secrets = client(self.server, "secretsmanager")
        found = secrets.describe_secret(SecretId="app")["VersionIdsToStages"]
        return {stage: version for version, labels in found.items() for stage in labels}

    def read(self, stage):
        """The login that a version tells; none where there is no such version, or nothing in it."""
        secrets = client(self.server, "secretsmanager")
        try:
            value = secrets.get_secret_value(SecretId="app", VersionStage=stage)
        except secrets.exceptions.ResourceNotFoundException:
            return None
        return json.loads(value["SecretString"])

    def rotate(self):
        """Begins a rotation; the id of its version."""
        secrets = client(self.server, "secretsmanager")
        return secrets.rotate_secret(SecretId="app", **self.function)["VersionId"]

    def kill(self):
        """Kills the server, and starts it where it waits for the database."""
        self.server.kill()
        self.proxy.prepare(None)
        self.proxy.goes_on.clear()
        self.server.start()

    def works(self, login):
        """Whether the database takes a login."""
        return logins.works({**login, "port": self.port})

    def check_labels(self, version):
        """That whoever reads the current version can log in, or else the pending one."""
        stages = self.stages()
        assert version in (stages["AWSCURRENT"], stages.get("AWSPENDING")), stages
        known = [self.read(stage) for stage in ("AWSCURRENT", "AWSPENDING")]
        works = [login is not None and self.works(login) for login in known]
        assert works in ([True, False], [False, True]) or stages.get("AWSPENDING") is None and works[0], works
        return stages

    def is_finished(self, version):
        """Whether the version is the current one, and none is pending but that."""
        stages = self.stages()
        return stages["AWSCURRENT"] == version and stages.get("AWSPENDING", version) == version

    def finish(self, version):
        """Waits until the rotation has come to its end."""
        self.proxy.goes_on.set()
        end = time.monotonic() + SECONDS
        while not self.is_finished(version):
            assert time.monotonic() < end, (self.stages(), self.server.log.read_text()[-2000:])
            time.sleep(0.05)
        login = self.read("AWSCURRENT")
        assert self.works(login) and not self.works(self.login)
        self.login = login


@pytest.fixture(params=STOPS)
def rotated(request):
    """A secret of a user of each database that there is."""
    program = {"postgres": "postgres", "mariadb": "mariadbd", "redis": "redis-server"}[request.param]
    if databases.find(program) is None:
        pytest.skip(f"skipped: no {program}")
    reachable = ["--log", "warn", "--outbound-allow", "127.0.0.1"]
    with getattr(databases, request.param)() as database, Proxy(database.port) as proxy:
        with Server(*reachable) as server:
            yield Rotated(server, proxy, database)


@pytest.fixture
def rotated_by_function():
    """The same of PostgreSQL, with a function that changes the password."""
    if databases.find("postgres") is None:
        pytest.skip("skipped: no postgres")
    with databases.postgres() as database, Proxy(database.port) as proxy, functions.server() as server:
        # Where the function looks for it after a restart.
        server.listen = f"127.0.0.1:{server.port}"
        rotated = Rotated(server, proxy, database)
        function = rotators.create(server, "rotator", "for_postgres", rotated.arn)
        rotated.function = {"RotationLambdaARN": function}
        yield rotated


def interrupt(rotated, stops):
    """Kills the server at each of these messages."""
    for told, stop in stops.items():
        rotated.proxy.prepare(stop)
        version = rotated.rotate()
        assert rotated.proxy.stopped.wait(SECONDS), told
        rotated.kill()
        stages = rotated.check_labels(version)
        assert stages["AWSPENDING"] == version, told
        assert rotated.works(rotated.login) == (told not in IS_SET), told
        rotated.finish(version)


def test_an_interrupted_rotation_is_finished(rotated):
    interrupt(rotated, STOPS[rotated.login["engine"]])


@functions.needs_python
def test_a_rotation_by_a_function_is_finished(rotated_by_function):
    interrupt(rotated_by_function, STOPS_OF_A_FUNCTION)


def test_a_rotation_is_finished_wherever_it_was(rotated):
    print(f"STRONGROOM_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    for _ in range(CYCLES):
        version = rotated.rotate()
        time.sleep(chance.uniform(0, 0.15))
        rotated.kill()
        rotated.check_labels(version)
        rotated.finish(version)
