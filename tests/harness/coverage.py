"""What docs/coverage.md says of each service."""

import re

from harness.places import ROOT


def built(service):
    """The operations of a service that are built."""
    return _listed(service, "Built")


def not_built(service):
    """The operations of a service that are not built."""
    return _listed(service, "Not built")


def _listed(service, kind):
    text = (ROOT / "docs/coverage.md").read_text()
    section = text.partition(f"\n## {service}\n")[2].partition("\n## ")[0]
    return set(re.search(rf"^{kind}: (.+)\.$", section, re.MULTILINE)[1].split(", "))
