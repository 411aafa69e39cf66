"""Where the program, the repository and the reference data are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary():
    """The program under test: STRONGROOM_BINARY, or the debug build."""
    path = pathlib.Path(os.environ.get("STRONGROOM_BINARY", ROOT / "target/debug/strongroom"))
    if not path.exists():
        raise FileNotFoundError(f"{path}: build it with `cargo build --package server`")
    return path


def reference(name):
    """A file of the reference data beside the repository, or None where there is none."""
    for folder in (ROOT, *ROOT.parents):
        path = folder.parent / "shared/data" / name
        if path.exists():
            return path
    return None
