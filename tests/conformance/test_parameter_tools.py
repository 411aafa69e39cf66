"""What people do with parameters on the command line: programs that get them as variables, files that
they come from and go to, differences, and catalogues of AWS's own parameters."""

import json
import stat
import subprocess
import sys

import pytest

from harness.clients import client
from harness.server import Credentials, Server, run

# What quoting goes wrong with.
AWKWARD = "it's \"$HOME\" `id` \\n \\\n# {x}: y\té"
PRINT = "import json, os; print(json.dumps(dict(os.environ)))"


@pytest.fixture(scope="module")
def server():
    """A server whose accounts have no other parameters."""
    with Server("--log", "warn") as running:
        yield running


@pytest.fixture(scope="module")
def ssm(server):
    """boto3 as root."""
    return client(server, "ssm")


@pytest.fixture
def tool(server):
    """Runs a command that asks the server, as root or somebody else."""

    def use(*arguments, who=None, **environment):
        who = who or server.root
        keys = {"AWS_ACCESS_KEY_ID": who.access_key, "AWS_SECRET_ACCESS_KEY": who.secret_key}
        place = {"AWS_ENDPOINT_URL_SSM": f"http://127.0.0.1:{server.port}", "AWS_REGION": "us-east-1"}
        return run(*arguments, environment={**keys, **place, **environment})

    return use


def put(ssm, name, value, kind="SecureString", **more):
    ssm.put_parameter(Name=name, Value=value, Type=kind, **more)


def test_a_command_gets_parameters_as_variables(ssm, tool, name):
    put(ssm, f"/{name}/base/db/url", "base", "String")
    put(ssm, f"/{name}/base/port-1", "1", "String")
    put(ssm, f"/{name}/prod/db/url", AWKWARD)
    paths = ("--path", f"/{name}/base", "--path", f"/{name}/prod/")
    done = tool("exec", *paths, "--prefix", "APP_", "--", sys.executable, "-c", PRINT, KEPT="yes")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["APP_DB_URL"], seen["APP_PORT_1"], seen["KEPT"]) == (AWKWARD, "1", "yes")
    done = tool("exec", *paths, "--pristine", "--", sys.executable, "-c", PRINT, KEPT="yes")
    seen = json.loads(done.stdout)
    assert seen["DB_URL"] == AWKWARD and "KEPT" not in seen and "AWS_SECRET_ACCESS_KEY" not in seen
    one = tool("exec", "--path", f"/{name}/base", "--one-level", "--pristine", "--", sys.executable, "-c", PRINT)
    assert "PORT_1" in json.loads(one.stdout) and "DB_URL" not in json.loads(one.stdout)


def test_a_command_ends_as_it_ends_and_failures_have_their_codes(ssm, tool, name):
    put(ssm, f"/{name}/a", "1", "String")
    path = ("exec", "--path", f"/{name}")
    assert tool(*path, "--", "sh", "-c", "exit 42").returncode == 42
    assert tool(*path, "--", "sh", "-c", "kill -TERM $$").returncode == -15
    assert tool(*path, "--", "no-such-program").returncode == 3
    assert tool("exec", "--path", f"/{name}/none", "--", "true").returncode == 3
    assert tool("exec", "--path", name, "--", "true").returncode == 2
    assert tool(*path, "--", "true", who=Credentials("AKIANOBODY", "secret")).returncode == 4
    put(ssm, f"/{name}/x-y", "1", "String")
    put(ssm, f"/{name}/x/y", "2", "String")
    done = tool(*path, "--", "true")
    assert done.returncode == 1 and "X_Y" in done.stderr


@pytest.mark.parametrize("suffix", ["env", "json", "yaml"])
def test_what_is_exported_is_imported_again(ssm, tool, name, tmp_path, suffix):
    values = {f"/{name}/one/db/password": AWKWARD, f"/{name}/one/url": "https://a/?b=c&d"}
    for path, value in values.items():
        put(ssm, path, value)
    put(ssm, f"/{name}/one/names", "a,b", "StringList")
    file = tmp_path / f"values.{suffix}"
    done = tool("ssm", "export", f"/{name}/one", "--output", str(file))
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    if suffix == "env":
        shell = subprocess.run(["sh", "-c", f'. {file}; printf %s "$DB_PASSWORD"'], capture_output=True, text=True)
        assert shell.stdout == AWKWARD
    same = tool("ssm", "import", str(file), "--path", f"/{name}/one")
    assert same.returncode == 0 and "0 new, 0 changed, 3 the same" in same.stderr
    planned = tool("ssm", "import", str(file), "--path", f"/{name}/two", "--dry-run")
    assert len(planned.stdout.splitlines()) == 3 and "3 new" in planned.stderr
    assert not ssm.get_parameters_by_path(Path=f"/{name}/two", Recursive=True)["Parameters"]
    done = tool("ssm", "import", str(file), "--path", f"/{name}/two")
    assert done.returncode == 0, done.stderr
    assert tool("ssm", "diff", f"/{name}/two", f"file:{file}").returncode == 0
    found = ssm.get_parameters_by_path(Path=f"/{name}/two", Recursive=True, WithDecryption=True)
    assert sorted(it["Value"] for it in found["Parameters"]) == sorted([*values.values(), "a,b"])
    assert {it["Type"] for it in found["Parameters"]} == {"SecureString"}


def test_an_import_changes_only_what_it_may_and_keeps_key_and_tier(server, ssm, tool, name, tmp_path):
    key = client(server, "kms").create_key()["KeyMetadata"]["KeyId"]
    put(ssm, f"/{name}/secret", "old", KeyId=key, Tier="Advanced")
    put(ssm, f"/{name}/plain", "old", "String")
    file = tmp_path / "values.json"
    file.write_text(json.dumps({"secret": "new", "plain": "new", "more": {"type": "String", "value": "1"}}))
    arguments = ("ssm", "import", str(file), "--path", f"/{name}")
    refused = tool(*arguments)
    assert refused.returncode == 1 and "1 new, 2 changed" in refused.stderr
    assert ssm.get_parameter(Name=f"/{name}/plain")["Parameter"]["Value"] == "old"
    done = tool(*arguments, "--overwrite")
    assert done.returncode == 0, done.stderr
    filters = [{"Key": "Path", "Values": [f"/{name}"]}]
    about = {it["Name"].split("/")[-1]: it for it in ssm.describe_parameters(ParameterFilters=filters)["Parameters"]}
    assert (about["secret"]["KeyId"], about["secret"]["Tier"]) == (key, "Advanced")
    assert (about["plain"]["Type"], about["plain"]["Version"], about["more"]["Type"]) == ("String", 2, "String")


def test_a_difference_shows_values_only_when_asked(ssm, tool, name):
    put(ssm, f"/{name}/one/a", "hush1")
    put(ssm, f"/{name}/two/a", "hush2")
    put(ssm, f"/{name}/two/b", "hush3", "String")
    paths = ("ssm", "diff", f"/{name}/one", f"/{name}/two")
    done = tool(*paths)
    assert (done.returncode, done.stdout) == (1, "~ a (SecureString)\n+ b (String)\n")
    assert "hush" not in done.stderr
    done = tool(*paths, "--show-values")
    assert done.stdout == '- a (SecureString) = "hush1"\n+ a (SecureString) = "hush2"\n+ b (String) = "hush3"\n'
    assert tool("ssm", "diff", f"/{name}/one", f"/{name}/one").returncode == 0


# Rows SSM-9: the paths that a catalogue of the operator's own gives values to.
IMAGES = [
    "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
    "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base",
    "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended",
    "/aws/service/eks/optimized-ami/1.30/amazon-linux-2/recommended",
    "/aws/service/deep-learning-amis/latest/ubuntu-22.04",
    "/aws/service/rds/optimized-ami/oracle-ee/19.21.0.0.ru-2023-10.rur-2023-10.r1/x86_64/1",
]


def test_public_parameters_are_known_imported_and_read_only(server, ssm, tool, tmp_path):
    london = "/aws/service/global-infrastructure/regions/eu-west-2"
    assert ssm.get_parameter(Name=f"{london}/longName")["Parameter"]["Value"] == "Europe (London)"
    ohio = client(server, "ssm", region="us-east-2")
    assert ohio.get_parameter(Name=IMAGES[0])["Parameter"]["Value"].startswith("ami-")
    assert ssm.get_parameter(Name=IMAGES[1])["Parameter"]["Value"].startswith("ami-")
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=IMAGES[3])

    entries = [{"name": path, "value": f"ami-{nth:017x}", "source": "own"} for nth, path in enumerate(IMAGES)]
    file = tmp_path / "catalogue.json"
    file.write_text(json.dumps({"sources": {"own": "our image factory"}, "parameters": entries}))
    arguments = ("ssm", "catalogue", "import", str(file))
    assert tool(*arguments, "--dry-run").returncode == 0
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=IMAGES[3])
    done = tool(*arguments)
    assert done.returncode == 0 and "6 public parameters" in done.stderr, done.stderr
    for nth, path in enumerate(IMAGES):
        found = ssm.get_parameter(Name=path)["Parameter"]
        assert found["Value"] == f"ami-{nth:017x}" and found["ARN"] == f"arn:aws:ssm:us-east-1::parameter{path}"
        with pytest.raises(ssm.exceptions.ClientError) as refused:
            ssm.put_parameter(Name=path, Value="x", Type="String", Overwrite=True)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert ssm.get_parameter(Name=f"{london}/longName")["Parameter"]["Value"] == "Europe (London)"

    again = tmp_path / "fetched.json"
    done = tool("ssm", "catalogue", "fetch", "--path", "/aws/service/eks", "--output", str(again))
    assert done.returncode == 0, done.stderr
    fetched = json.loads(again.read_text())["parameters"]
    assert [(it["name"], it["region"]) for it in fetched] == [(IMAGES[3], "us-east-1")]
    assert tool("ssm", "catalogue", "import", str(again), "--dry-run").returncode == 0


def test_only_the_first_root_user_imports_a_catalogue(server, tool, tmp_path):
    iam = client(server, "iam")
    iam.create_user(UserName="importer")
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    iam.put_user_policy(UserName="importer", PolicyName="all", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="importer")["AccessKey"]
    file = tmp_path / "catalogue.json"
    file.write_text('{"sources": {}, "parameters": []}')
    who = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    assert tool("ssm", "catalogue", "import", str(file), who=who).returncode == 4
    file.write_text('{"sources": {}, "parameters": [{"name": "/aws/service/x", "value": "1", "source": "none"}]}')
    refused = tool("ssm", "catalogue", "import", str(file))
    assert refused.returncode == 1 and "does not say what its source" in refused.stderr
