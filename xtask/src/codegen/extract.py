"""Prints one service's API model from a botocore wheel, members as a list so that order survives.

Usage: extract.py WHEEL SERVICE
"""

import gzip
import json
import sys
import zipfile

wheel, service = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    prefix = f"botocore/data/{service}/"
    names = [
        name
        for name in archive.namelist()
        if name.startswith(prefix) and name.endswith(("service-2.json", "service-2.json.gz"))
    ]
    data = archive.read(max(names))
if names[-1].endswith(".gz"):
    data = gzip.decompress(data)
model = json.loads(data)
for shape in model["shapes"].values():
    shape.pop("documentation", None)
    if "members" in shape:
        shape["members"] = [
            {"name": name, **reference} for name, reference in shape["members"].items()
        ]
for operation in model["operations"].values():
    operation.pop("documentation", None)
json.dump(model, sys.stdout)
