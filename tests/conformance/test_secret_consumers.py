"""Programs that consume secrets: as parameters, as variables, from files, and from the agent's cache."""

import base64
import contextlib
import http.client
import http.server
import json
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from botocore.exceptions import ClientError

from harness.clients import aws, client
from harness.identities import allow, new_user, policy, put_policy
from harness.places import binary
from harness.server import Credentials, clean_environment, run

# What quoting goes wrong with.
AWKWARD = "it's \"$HOME\" `id` \\n \\\n# {x}: y\té"
PRINT = "import json, os; print(json.dumps(dict(os.environ)))"
TOKEN = "t0ken-of-the-agent"


@pytest.fixture(scope="module")
def secrets(server):
    """boto3 as root."""
    return client(server, "secretsmanager")


@pytest.fixture(scope="module")
def ssm(server):
    """boto3 as root."""
    return client(server, "ssm")


def surroundings(server, who=None, endpoint=None):
    """The environment of a command that asks the server."""
    who = who or server.root
    keys = {"AWS_ACCESS_KEY_ID": who.access_key, "AWS_SECRET_ACCESS_KEY": who.secret_key}
    return {**keys, "AWS_ENDPOINT_URL": endpoint or server.endpoint, "AWS_REGION": "us-east-1"}


@pytest.fixture
def tool(server):
    """Runs a command that asks the server, as root or somebody else."""

    def use(*arguments, who=None, **environment):
        return run(*arguments, environment={**surroundings(server, who), **environment})

    return use


def error_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


# Row SSM-10


def test_ssm_10_a_secret_is_read_as_a_parameter(server, secrets, ssm, name):
    first = secrets.create_secret(Name=f"{name}/db", SecretString="one")
    secrets.put_secret_value(SecretId=f"{name}/db", SecretString="two")
    path = f"/aws/reference/secretsmanager/{name}/db"
    found = ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]
    assert (found["Name"], found["Type"], found["Value"]) == (path, "SecureString", "two")
    source = json.loads(found["SourceResult"])
    assert (found["ARN"], source["ARN"], source["SecretString"]) == (first["ARN"], first["ARN"], "two")
    shown = aws(server, "ssm", "get-parameter", "--name", f"{path}:AWSPREVIOUS", "--with-decryption")["Parameter"]
    assert (shown["Value"], shown["Selector"]) == ("one", ":AWSPREVIOUS")
    by_id = ssm.get_parameter(Name=f"{path}:{first['VersionId']}", WithDecryption=True)["Parameter"]
    assert (by_id["Value"], by_id["Name"]) == ("one", path)
    several = ssm.get_parameters(Names=[path, f"{path}x"], WithDecryption=True)
    assert several["Parameters"][0]["Value"] == "two" and several["InvalidParameters"] == [f"{path}x"]
    said = "WithDecryption flag must be True for retrieving a Secret Manager secret."
    assert error_of(ssm.get_parameter, Name=path) == ("ValidationException", said)
    code, said = error_of(ssm.get_parameter, Name=f"{path}x", WithDecryption=True)
    assert code == "ParameterNotFound" and said.endswith(f"when referencing Secrets Manager: Secret {path}x not found.")


def test_ssm_10_needs_both_permissions(server, secrets, name):
    secrets.create_secret(Name=name, SecretString="v")
    arguments = {"Name": f"/aws/reference/secretsmanager/{name}", "WithDecryption": True}
    who = new_user(server, name)
    reader = client(server, "ssm", who)

    def let(*actions):
        put_policy(server, name, policy(allow(*actions)))

    let("ssm:GetParameter")
    code, said = error_of(reader.get_parameter, **arguments)
    assert code == "AccessDeniedException" and "secretsmanager:GetSecretValue" in said
    let("secretsmanager:GetSecretValue")
    assert error_of(reader.get_parameter, **arguments)[0] == "AccessDeniedException"
    let("ssm:GetParameter", "secretsmanager:GetSecretValue")
    assert reader.get_parameter(**arguments)["Parameter"]["Value"] == "v"


# Programs


def variables(tool, *arguments, **more):
    """The variables of a program that `exec` runs."""
    done = tool("exec", *arguments, "--pristine", "--", sys.executable, "-c", PRINT, **more)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    found.pop("LC_CTYPE", None)
    return found


def test_a_command_gets_secrets_as_variables(secrets, ssm, tool, name):
    made = secrets.create_secret(
        Name=f"{name}/db", SecretString=json.dumps({"user": "u", "db-password": AWKWARD, "port": 5432, "tls": True})
    )
    secrets.create_secret(Name=f"{name}/key", SecretString="plain")
    db, key = ("--secret", f"{name}/db"), ("--secret", f"{name}/key")
    whole = f"{name}/key".upper().replace("-", "_").replace("/", "_")
    assert variables(tool, *db) == {"USER": "u", "DB_PASSWORD": AWKWARD, "PORT": "5432", "TLS": "true"}
    assert variables(tool, *key, "--prefix", "P_") == {f"P_{whole}": "plain"}
    assert variables(tool, "--secret", f"{made['ARN']}:user=WHO") == {"WHO": "u"}
    assert json.loads(variables(tool, "--secret", f"{name}/db:=ALL")["ALL"])["port"] == 5432
    ssm.put_parameter(Name=f"/{name}/user", Value="of the path", Type="String")
    ssm.put_parameter(Name=f"/{name}/more", Value="more", Type="String")
    both = variables(tool, "--secret", f"{name}/db:user", "--path", f"/{name}")
    assert both == {"USER": "u", "MORE": "more"}


def test_a_command_without_its_secret_does_not_run(secrets, tool, name):
    secrets.create_secret(Name=name, SecretString='{"a-b":"hush","a/b":"hush","deep":["hush"]}')
    secrets.create_secret(Name=f"{name}-binary", SecretBinary=b"\0\xff")
    for choice, code in [
        (f"{name}/none", 3), (f"{name}:none", 3), (f"{name}:deep", 1), (name, 1), (f"{name}-binary", 1), (":a", 2),
    ]:  # fmt: skip
        done = tool("exec", "--secret", choice, "--", "echo", "it ran")
        assert (done.returncode, done.stdout) == (code, ""), (choice, done.stderr)
        assert "hush" not in done.stderr
    done = tool("exec", "--secret", name, "--", "true", who=Credentials("AKIANOBODY", "secret"))
    assert done.returncode == 4
    assert tool("exec", "--", "true").returncode == 2


# Files


@pytest.mark.parametrize("suffix", ["env", "json", "yaml"])
def test_secrets_are_exported_and_imported_again(secrets, tool, name, tmp_path, suffix):
    for relative, value in [("db/password", AWKWARD), ("url", "https://a/?b=c&d")]:
        secrets.create_secret(Name=f"{name}/one/{relative}", SecretString=value)
    file = tmp_path / f"values.{suffix}"
    done = tool("secrets", "export", f"{name}/one", "--output", file)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    same = tool("secrets", "import", file, "--prefix", f"{name}/one")
    assert same.returncode == 0 and "0 new, 0 changed, 2 the same" in same.stderr, same.stderr
    planned = tool("secrets", "import", file, "--prefix", f"{name}/two", "--dry-run")
    assert len(planned.stdout.splitlines()) == 2 and "2 new" in planned.stderr
    listed = {"Filters": [{"Key": "name", "Values": [f"{name}/two/"]}]}
    assert not secrets.list_secrets(**listed)["SecretList"]
    done = tool("secrets", "import", file, "--prefix", f"{name}/two/")
    assert done.returncode == 0, done.stderr
    names = [each["Name"] for each in secrets.list_secrets(**listed)["SecretList"]]
    assert len(names) == 2
    values = {secrets.get_secret_value(SecretId=each)["SecretString"] for each in names}
    assert values == {AWKWARD, "https://a/?b=c&d"}


def test_an_import_changes_only_what_it_may(server, secrets, tool, name, tmp_path):
    key = client(server, "kms").create_key()["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name=f"{name}/a", SecretString="old")
    file = tmp_path / "values.json"
    file.write_text(json.dumps({"a": "new", "b": "1"}))
    arguments = ("secrets", "import", file, "--prefix", name, "--key-id", key)
    refused = tool(*arguments)
    assert refused.returncode == 1 and "1 new, 1 changed" in refused.stderr
    assert secrets.get_secret_value(SecretId=f"{name}/a")["SecretString"] == "old"
    planned = tool(*arguments, "--overwrite", "--dry-run")
    assert planned.stdout == "~ a\n+ b\n"
    assert tool(*arguments, "--overwrite").returncode == 0
    assert secrets.get_secret_value(SecretId=f"{name}/a")["SecretString"] == "new"
    assert secrets.describe_secret(SecretId=f"{name}/b")["KmsKeyId"] == key
    assert "KmsKeyId" not in secrets.describe_secret(SecretId=f"{name}/a")


def test_the_keys_of_one_secret_are_exported_and_imported(secrets, tool, name, tmp_path):
    file = tmp_path / "prod.env"
    file.write_text("DB_USER=u\nDB_PASSWORD='a b'\n")
    for expected in ("2 new", "2 the same"):
        done = tool("secrets", "import", file, "--secret", name)
        assert done.returncode == 0 and expected in done.stderr, done.stderr
    assert json.loads(secrets.get_secret_value(SecretId=name)["SecretString"]) == {"DB_USER": "u", "DB_PASSWORD": "a b"}
    assert len(secrets.list_secret_version_ids(SecretId=name)["Versions"]) == 1
    more = tmp_path / "more.json"
    more.write_text('{"DB_USER": "v", "port": "1"}')
    assert tool("secrets", "import", more, "--secret", name).returncode == 1
    assert tool("secrets", "import", more, "--secret", name, "--overwrite").returncode == 0
    done = tool("secrets", "export", "--secret", name, "--format", "json")
    assert json.loads(done.stdout) == {"DB_USER": "v", "DB_PASSWORD": "a b", "port": "1"}


def test_a_directory_has_a_file_for_each_secret(secrets, tool, name, tmp_path):
    secrets.create_secret(Name=f"{name}/db/password", SecretString=AWKWARD)
    secrets.create_secret(Name=f"{name}/raw", SecretBinary=b"\0\xff")
    place = tmp_path / "secrets"
    assert tool("secrets", "export", name, "--directory", place).returncode == 0
    assert (place / "db/password").read_text() == AWKWARD and (place / "raw").read_bytes() == b"\0\xff"
    assert stat.S_IMODE((place / "raw").stat().st_mode) == 0o600
    done = tool("secrets", "import", place, "--prefix", f"{name}-again")
    assert done.returncode == 0 and "2 new" in done.stderr, done.stderr
    assert secrets.get_secret_value(SecretId=f"{name}-again/raw")["SecretBinary"] == b"\0\xff"
    # A binary secret is in base64 where a file has place for types, and refused elsewhere.
    text = tool("secrets", "export", name, "--format", "json").stdout
    assert json.loads(text)["raw"] == {"type": "SecretBinary", "value": base64.b64encode(b"\0\xff").decode()}
    file = tmp_path / "values.json"
    file.write_text(text)
    assert "2 the same" in tool("secrets", "import", file, "--prefix", name).stderr
    assert tool("secrets", "export", name).returncode == 1
    secrets.create_secret(Name=f"{name}/../../out", SecretString="x")
    assert tool("secrets", "export", name, "--directory", place).returncode == 1
    assert not (tmp_path.parent / "out").exists()


# The agent


class Middle:
    """Stands between the agent and the server: counts calls, holds them up, and breaks off."""

    def __init__(self, server):
        self.calls, self.broken, self.open = [], False, threading.Event()
        self.open.set()
        middle, port = self, server.port

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                middle.calls.append(self.headers.get("X-Amz-Target", body.decode()[:64]))
                middle.open.wait(20)
                if middle.broken:
                    self.close_connection = True
                    return
                onward = http.client.HTTPConnection("127.0.0.1", port)
                onward.request("POST", "/", body, dict(self.headers))
                answer = onward.getresponse()
                text = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.web.server_address[1]}"


class Agent:
    """A running agent."""

    def __init__(self, middle, server, place, config="", who=None, **environment):
        place.mkdir(exist_ok=True)
        (place / "agent.toml").write_text(f"http_port = 0\n{config}")
        self.log = place / "log"
        around = surroundings(server, who, middle.endpoint)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [binary(), "agent", "--config", place / "agent.toml"], stdin=subprocess.DEVNULL, text=True,
                stdout=subprocess.PIPE, stderr=log, env={**clean_environment(), **around, "AWS_TOKEN": TOKEN, **environment},
            )  # fmt: skip
        line = self.process.stdout.readline()
        assert line.startswith("strongroom agent is ready at http://127.0.0.1:"), self.log.read_text()
        self.url = line.split()[-1]

    def get(self, path, token=TOKEN, method="GET", **headers):
        """The status and the body of an answer."""
        if token is not None:
            headers.setdefault("X-Aws-Parameters-Secrets-Token", token)
        request = urllib.request.Request(self.url + path, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def secret(self, name, **more):
        """A secret as the agent answers it."""
        query = urllib.parse.urlencode({"secretId": name, **more})
        status, body = self.get(f"/secretsmanager/get?{query}")
        assert status == 200, body
        return json.loads(body)

    def end(self):
        """SIGTERM. Returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        return self.process.wait(20)


@pytest.fixture(scope="module")
def middle(server):
    """What the agents ask."""
    made = Middle(server)
    yield made
    made.web.shutdown()


@pytest.fixture(scope="module")
def agent(middle, server, tmp_path_factory):
    """An agent as it is without a configuration, but for its port."""
    made = Agent(middle, server, tmp_path_factory.mktemp("agent"), 'log_level = "DEBUG"\n')
    yield made
    assert made.end() == 0
    log = made.log.read_text()
    assert "Bad Token" in log and TOKEN not in log and "value of" not in log


def test_sm_10_the_agent_answers_as_aws_does(secrets, ssm, agent, name):
    made = secrets.create_secret(Name=f"{name}/db", SecretString="value of é")
    got = secrets.get_secret_value(SecretId=f"{name}/db")
    seen = agent.secret(f"{name}/db")
    assert list(seen) == ["ARN", "Name", "VersionId", "SecretString", "VersionStages", "CreatedDate"]
    assert (seen["ARN"], seen["SecretString"], seen["VersionStages"]) == (made["ARN"], "value of é", ["AWSCURRENT"])
    assert float(seen["CreatedDate"]) == pytest.approx(got["CreatedDate"].timestamp())
    assert json.loads(agent.get(f"/v1/{name}/db")[1]) == seen
    assert json.loads(agent.get(f"/v1/{made['ARN']}")[1]) == seen
    assert agent.secret(f"{name}/db", versionId=made["VersionId"]) == seen
    secrets.create_secret(Name=f"{name}/raw", SecretBinary=b"\0\xff")
    assert base64.b64decode(agent.secret(f"{name}/raw")["SecretBinary"]) == b"\0\xff"
    ssm.put_parameter(Name=f"/{name}/p", Value="value of p", Type="SecureString")
    # The extension's URL, with the slash that its documentation has and without.
    for slash in ("/", ""):
        get = f"/systemsmanager/parameters/get{slash}?name=%2F{name}%2Fp"
        shown = json.loads(agent.get(f"{get}&withDecryption=true")[1])["Parameter"]
        assert (shown["Name"], shown["Value"], shown["Version"]) == (f"/{name}/p", "value of p", 1)
        assert json.loads(agent.get(get)[1])["Parameter"]["Value"] != "value of p"
    assert json.loads(agent.get(f"{get}&version=1&withDecryption=true")[1])["Parameter"]["Selector"] == ":1"


def test_sm_10_errors_are_those_of_the_agent(agent, name):
    status, body = agent.get(f"/secretsmanager/get?secretId={name}")
    said = {"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find the specified secret."}
    assert (status, json.loads(body)) == (400, said)
    for path, answer in [
        ("/secretsmanager/get", (400, "missing parameter secretId")),
        ("/secretsmanager/get?secretId=a&x=1", (400, "unknown parameter: x")),
        ("/secretsmanager/get?secretId=a&refreshNow=2", (400, "invalid refreshNow value")),
        ("/v1/", (400, "missing secret ID")),
        ("/other", (404, "Not found")),
    ]:
        assert agent.get(path) == answer, path
    assert agent.get("/secretsmanager/get?secretId=a", method="POST") == (405, "Not allowed")
    assert agent.get("/ping", token=None) == (200, "healthy")


def test_sm_10_nobody_is_answered_without_the_token(middle, secrets, agent, name):
    secrets.create_secret(Name=name, SecretString="value of it")
    path, before = f"/secretsmanager/get?secretId={name}", len(middle.calls)
    for token in (None, "", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper()):
        assert agent.get(path, token=token) == (403, "Bad Token"), token
    assert agent.get(path, **{"X-Forwarded-For": "127.0.0.1"}) == (400, "Forwarded")
    assert agent.get(path, Host="rebound.example.com") == (403, "Bad Host")
    assert len(middle.calls) == before
    assert agent.get(path, token=None, **{"X-Vault-Token": TOKEN})[0] == 200
    assert agent.get(path, Host="localhost:2773")[0] == 200


def test_sm_10_values_are_kept_and_refreshed_when_asked(middle, secrets, agent, name):
    secrets.create_secret(Name=name, SecretString="value of one")
    before = len(middle.calls)
    assert [agent.secret(name)["SecretString"] for _ in range(5)] == ["value of one"] * 5
    assert middle.calls[before:] == ["secretsmanager.GetSecretValue"]
    secrets.put_secret_value(SecretId=name, SecretString="value of two")
    assert agent.secret(name)["SecretString"] == "value of one"
    assert agent.secret(name, versionStage="AWSPREVIOUS")["SecretString"] == "value of one"
    assert agent.secret(name, refreshNow="true")["SecretString"] == "value of two"
    assert agent.secret(name)["SecretString"] == "value of two"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert agent.get(f"/secretsmanager/get?secretId={name}&refreshNow=1")[0] == 400
    assert agent.get(f"/secretsmanager/get?secretId={name}")[0] == 400


def test_sm_10_many_who_ask_at_once_make_one_call(middle, secrets, agent, name):
    secrets.create_secret(Name=name, SecretString="value of it")
    before, found = len(middle.calls), []
    middle.open.clear()
    try:
        asking = [threading.Thread(target=lambda: found.append(agent.secret(name)["SecretString"])) for _ in range(20)]
        for thread in asking:
            thread.start()
        # Whoever comes later than the call finds it kept: either way there is one.
        while len(middle.calls) == before:
            time.sleep(0.01)
    finally:
        middle.open.set()
    for thread in asking:
        thread.join(20)
    assert found == ["value of it"] * 20 and len(middle.calls) == before + 1


def test_sm_10_an_older_value_is_given_while_the_server_is_away(middle, server, secrets, name, tmp_path):
    secrets.create_secret(Name=name, SecretString="value of it")
    path = f"/secretsmanager/get?secretId={name}"
    patient = Agent(middle, server, tmp_path / "patient", "ttl_seconds = 1\n")
    strict = Agent(middle, server, tmp_path / "strict", "ttl_seconds = '1'\nignore_transient_errors = false\n")
    with contextlib.ExitStack() as ends:
        ends.callback(strict.end)
        ends.callback(patient.end)
        for one in (patient, strict):
            assert one.secret(name)["SecretString"] == "value of it"
        middle.broken = True
        ends.callback(setattr, middle, "broken", False)
        time.sleep(1.1)
        assert patient.secret(name)["SecretString"] == "value of it"
        assert patient.get(f"{path}&refreshNow=true")[0] == 502
        status, body = strict.get(path)
        assert (status, json.loads(body)["__type"]) == (502, "ConnectionError")


def test_sm_10_tokens_come_from_files_that_nobody_else_may_read(middle, server, secrets, name, tmp_path):
    secrets.create_secret(Name=name, SecretString="value of it")
    file = tmp_path / "awssmatoken"
    file.write_text("from-a-file\n")
    file.chmod(0o640)
    config = 'ssrf_headers = ["X-Mine"]\nssrf_env_variables = ["MINE"]\npath_prefix = "/s/"\nttl_seconds = 0\n'
    running = Agent(middle, server, tmp_path / "a", config, MINE=f"file://{file}")
    try:
        assert running.get(f"/s/{name}", token=None, **{"X-Mine": "from-a-file"})[0] == 200
        assert running.get(f"/s/{name}", token="from-a-file")[0] == 403
        secrets.put_secret_value(SecretId=name, SecretString="at once")
        answer = running.get(f"/s/{name}", token=None, **{"X-Mine": "from-a-file"})
        assert json.loads(answer[1])["SecretString"] == "at once"
    finally:
        assert running.end() == 0
    file.chmod(0o644)
    around = {**surroundings(server), "AWS_TOKEN": f"file://{file}"}
    done = run("agent", environment=around)
    assert done.returncode == 2 and "chmod" in done.stderr and "from-a-file" not in done.stderr


def test_sm_10_an_agent_that_cannot_work_does_not_start(server, tmp_path):
    config = tmp_path / "agent.toml"
    config.write_text("http_port = 0\n")
    around = {**surroundings(server), "AWS_TOKEN": TOKEN}
    wrong = {**around, "AWS_SECRET_ACCESS_KEY": "wrong"}
    assert run("agent", "--config", config, environment=wrong).returncode == 4
    assert run("agent", "--config", config, environment=surroundings(server)).returncode == 2
    for line in ('http_address = "0.0.0.0"', "http_port = 80", "log_to_file = true", "unknown = 1", "ttl_seconds = 3601"):
        config.write_text(line)
        done = run("agent", "--config", config, environment=around)
        assert done.returncode == 2 and line.split()[0] in done.stderr, done.stderr
