"""Terraform with the unmodified AWS provider: parameters of every type and tier."""

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_parameters(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "parameters")
        outputs = terraform.apply()
        assert outputs["secret"] == "p4ss"
        assert outputs["names"] == [f"/app/prod/{each}" for each in ["hosts", "password", "token", "url"]]
        ssm = client(server, "ssm")
        tiers = {each["Name"]: each["Tier"] for each in ssm.describe_parameters()["Parameters"]}
        assert (tiers["large"], tiers["/app/prod/url"]) == ("Advanced", "Standard")
        # A value changes in place, and so does a type.
        terraform.set(value="two", type="String")
        terraform.apply()
        shown = ssm.get_parameter(Name="/app/prod/url")["Parameter"]
        assert (shown["Value"], shown["Version"]) == ("two", 2)
        shown = ssm.get_parameter(Name="/app/prod/password")["Parameter"]
        assert (shown["Type"], shown["Value"]) == ("String", "p4ss")
        terraform.destroy()
        assert ssm.describe_parameters()["Parameters"] == []
