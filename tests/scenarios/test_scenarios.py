"""Runs the scenarios in `cases/`: every file on a server of its own. README.md says how to read them."""

import pathlib

import pytest

from scenarios.player import Player, load

CASES = sorted((pathlib.Path(__file__).parent / "cases").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_scenario(path):
    with Player(load(path)) as player:
        player.play()
