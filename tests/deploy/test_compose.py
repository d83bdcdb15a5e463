"""compose.yaml is well formed, and agrees with what it names; no engine is at hand to start it."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from emotoon.core.environment import SETTINGS
from tests.deploy.prove_dockerfile import instructions
from tests.deploy.stack import ROOT

SERVICE_WORDS = {
    "build", "image", "restart", "environment", "command", "volumes", "ports", "healthcheck", "depends_on",
    "stop_grace_period",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_services_use_known_words(compose):
    assert set(compose["services"]) == {"db", "s3", "bucket", "web", "worker", "nginx"}
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_WORDS, name
        assert "image" in service


def test_what_services_wait_for_exists(compose):
    for service in compose["services"].values():
        wanted = service.get("depends_on", [])
        assert set(wanted) <= set(compose["services"])
        for name, condition in wanted.items() if isinstance(wanted, dict) else ():
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in compose["services"][name]


def test_settings_are_ours(compose):
    known = {row.name for row in SETTINGS} | {"EMOTOON_NO_MULE"}
    for name in ("web", "worker"):
        given = {key for key in compose["services"][name]["environment"] if key.startswith("EMOTOON_")}
        assert given <= known


def test_nginx_templates_are_filled(compose):
    template = (ROOT / "nginx" / "site.conf.template").read_text()
    wanted = set(re.findall(r"\$\{(EMOTOON_\w+)\}", template))
    assert wanted == {
        key for key in compose["services"]["nginx"]["environment"] if key.startswith("EMOTOON_")
    }


def test_files_and_volumes_that_are_mounted_exist(compose):
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_file()
            else:
                assert source in compose["volumes"]


def test_no_secret_is_written_down(compose):
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "SECRET")):
                assert value.startswith("${"), name


def test_the_dockerfile_copies_what_exists_and_starts_as_somebody_else():
    steps = list(instructions((ROOT / "Dockerfile").read_text()))
    for name, rest in steps:
        if name == "COPY":
            assert all((ROOT / source).exists() for source in rest.split()[:-1])
    names = [name for name, _ in steps]
    assert names.index("USER") < names.index("CMD")
    assert json.loads(dict(steps)["CMD"])[:2] == ["sh", "-c"]
