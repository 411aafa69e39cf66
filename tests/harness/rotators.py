"""Functions that rotate secrets: those of conformance/rotation_functions, with the drivers they need."""

import importlib.util
import io
import zipfile
from pathlib import Path

from harness import functions
from harness.clients import client
from harness.identities import allow
from harness.places import ROOT

SOURCES = ROOT / "tests/conformance/rotation_functions"
DRIVERS = {
    "for_postgres": ("pg8000", "scramp", "asn1crypto", "dateutil", "six"),
    "for_mariadb": ("pymysql",),
    "for_anything": (),
}
CALLS = ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"]


def package(module):
    """A function's package: its module, the steps, and the driver it needs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (module, "rotation"):
            archive.write(SOURCES / f"{name}.py", f"{name}.py")
        for driver in DRIVERS[module]:
            origin = Path(importlib.util.find_spec(driver).origin)
            single = origin.name != "__init__.py"
            for file in [origin] if single else sorted(origin.parent.rglob("*.py")):
                archive.write(file, file.relative_to(origin.parent if single else origin.parents[1]))
    return out.getvalue()


def create(server, name, module, secret, **variables):
    """Makes a function that rotates one secret, and lets Secrets Manager run it for that; its ARN."""
    lambdas = client(server, "lambda")
    own = [f"secretsmanager:{call}" for call in CALLS]
    statements = [allow(*own, resource=secret), allow("secretsmanager:GetRandomPassword")]
    arn = lambdas.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler=f"{module}.handler",
        Role=functions.role(server, name, functions.WRITES_LOGS, *statements),
        Timeout=30,
        Code={"ZipFile": package(module)},
        Environment={"Variables": {"SECRETS_MANAGER_ENDPOINT": server.endpoint, **variables}},
    )["FunctionArn"]
    lambdas.get_waiter("function_active_v2").wait(FunctionName=name)
    lambdas.add_permission(
        FunctionName=name,
        StatementId="secrets",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceArn=secret,
        SourceAccount=secret.split(":")[4],
    )
    return arn
