"""Terraform with the unmodified AWS provider, over the configurations in conformance/terraform."""

import json
import os
import re
import shutil
import subprocess
import weakref
from pathlib import Path

import pytest

from harness.clients import environment
from harness.places import ROOT

CONFIGURATIONS = ROOT / "tests/conformance/terraform"
PLUGINS = Path(os.environ.get("STRONGROOM_TERRAFORM_PLUGINS", "/opt/tf-plugins"))

needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None or not PLUGINS.is_dir(),
    reason="Terraform, or the AWS provider in STRONGROOM_TERRAFORM_PLUGINS, is not installed",
)


# A command ends before its memory matters. The provider stays, and would log every schema it knows.
COMMAND = {"GOGC": "off", "GOMEMLIMIT": "2GiB"}
PROVIDER = {"GOGC": "200", "TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER": "OFF"}
REATTACH = re.compile("TF_REATTACH_PROVIDERS='(?P<where>.*)'")


class Terraform:
    """One configuration in a folder of its own."""

    def __init__(self, server, folder, name, **variables):
        self.folder, self.name = folder, name
        shutil.copytree(CONFIGURATIONS / name, folder, dirs_exist_ok=True)
        self.environment = environment(server) | {
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            # A setting of the machine must not choose where providers come from.
            "TF_CLI_CONFIG_FILE": "/dev/null",
            "AWS_MAX_ATTEMPTS": "3",
        }
        self.set(**variables)
        self.run("init", "-input=false", f"-plugin-dir={PLUGINS}")
        blocks = "".join(file.read_text() for file in folder.glob("*.tf")).count('provider "aws" {')
        # A provider that stays has one set of settings: two Regions need two processes.
        if blocks == 1:
            self.keep_provider()

    def keep_provider(self):
        """Starts the provider for all commands at once, in the mode it has for debuggers.

        Every command starts it two or three times otherwise, which is most of what it costs.
        """
        (program,) = PLUGINS.rglob("terraform-provider-aws_*")
        provider = subprocess.Popen(
            [program, "-debug"],
            env=self.environment | PROVIDER,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        weakref.finalize(self, end, provider)
        said = (REATTACH.search(line) for line in provider.stdout)
        self.environment["TF_REATTACH_PROVIDERS"] = next(filter(None, said))["where"]

    def set(self, **variables):
        """Gives the variables of the configuration these values from now on."""
        self.environment |= {f"TF_VAR_{key}": value for key, value in variables.items()}

    def run(self, *arguments):
        """Runs Terraform; its standard output."""
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self.folder,
            env=self.environment | COMMAND,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def apply(self, *plan):
        """Makes what is declared or planned, and finds nothing to change afterwards."""
        self.run("apply", "-auto-approve", "-input=false", *plan)
        # With this option 2 means that the plan has changes.
        self.run("plan", "-detailed-exitcode", "-input=false")
        outputs = json.loads(self.run("output", "-json"))
        return {key: output["value"] for key, output in outputs.items()}

    def change(self, **variables):
        """Applies new values of variables, which must replace nothing."""
        self.set(**variables)
        changes = self.changes()
        assert changes and all(actions == ["update"] for actions in changes.values()), changes
        return self.apply("planned")

    def changes(self):
        """The actions of a plan by resource, the resources without any left out."""
        self.run("plan", "-input=false", "-out=planned")
        planned = json.loads(self.run("show", "-json", "planned"))
        actions = {each["address"]: each["change"]["actions"] for each in planned["resource_changes"]}
        return {
            address: done
            for address, done in actions.items()
            if done not in (["no-op"], ["read"])
        }

    def take_in(self):
        """Forgets resources and imports them again by their names, which must change nothing."""
        imports = CONFIGURATIONS / "imports" / f"{self.name}.tf"
        resources = re.findall(r"to = (\S+)", imports.read_text())
        self.run("state", "rm", *resources)
        shutil.copy(imports, self.folder / "imports.tf")
        summary = self.run("apply", "-auto-approve", "-input=false")
        wanted = f"Resources: {len(resources)} imported, 0 added, 0 changed, 0 destroyed."
        assert wanted in summary, summary

    def destroy(self):
        """Takes everything away."""
        self.run("destroy", "-auto-approve", "-input=false")


def end(provider):
    """Ends the provider and forgets what it says."""
    provider.kill()
    provider.wait()
    provider.stdout.close()
