"""Regions and services of AWS as botocore knows them, from its wheel, as JSON on standard output."""

import gzip
import json
import sys
import zipfile

# The partitions whose regions AWS lists in its examples of these parameters.
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
DEFAULT_HOST = "{service}.{region}.{dnsSuffix}"


def newest(archive):
    """The newest model of each service, by the service's name in botocore."""
    found = {}
    for name in archive.namelist():
        parts = name.split("/")
        if parts[:2] == ["botocore", "data"] and parts[-1] == "service-2.json.gz":
            found[parts[2]] = max(found.get(parts[2], ""), name)
    return found


def regions(partitions):
    """Each region with its name, partition and domain."""
    return {
        region: {"name": about["description"], "partition": partition["partition"], "domain": partition["dnsSuffix"]}
        for partition in partitions
        for region, about in partition["regions"].items()
    }


def hosts(partitions, prefix):
    """The hosts of a service by region."""
    found = {}
    for partition in partitions:
        service = partition["services"].get(prefix, {})
        defaults = {**partition["defaults"], **service.get("defaults", {})}
        for region, about in service.get("endpoints", {}).items():
            if region in partition["regions"] and not about.get("deprecated"):
                host = about.get("hostname", defaults.get("hostname", DEFAULT_HOST))
                found[region] = host.format(service=prefix, region=region, dnsSuffix=partition["dnsSuffix"])
    return found


def main(wheel):
    with zipfile.ZipFile(wheel) as archive:
        partitions = json.loads(archive.read("botocore/data/endpoints.json"))["partitions"]
        partitions = [partition for partition in partitions if partition["partition"] in PARTITIONS]
        known = regions(partitions)
        services = {}
        for service, path in sorted(newest(archive).items()):
            about = json.loads(gzip.decompress(archive.read(path)))["metadata"]
            found = hosts(partitions, about["endpointPrefix"])
            prefix = about["endpointPrefix"]
            if not any(prefix in partition["services"] for partition in partitions):
                continue
            entry = {"name": about["serviceFullName"], "regions": " ".join(sorted(found))}
            usual = {region: f"{prefix}.{region}.{known[region]['domain']}" for region in found}
            entry["prefix"] = prefix
            entry["hosts"] = {region: host for region, host in sorted(found.items()) if host != usual[region]}
            services[service] = {key: value for key, value in entry.items() if value}
    lines = lambda table: ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(table.items()))
    print('{\n  "regions": {\n' + lines(known) + '\n  },\n  "services": {\n' + lines(services) + "\n  }\n}")


main(sys.argv[1])
