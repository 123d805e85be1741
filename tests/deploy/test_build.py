"""What a worker is told of its version, and how a bad name of one is refused."""

import pytest
from click.testing import CliRunner
from temporalio.common import VersioningBehavior

from starter.cli.main import main
from workers.deployment.build import Build, this_build
from workers.deployment.version import commit, release
from workers.settings import SettingsError


def test_without_a_deployment_a_worker_is_of_no_version() -> None:
    build = this_build({})
    assert build.deployment is None
    assert build.build_id.startswith(release())
    assert build.versioning(has_workflows=True) == {"build_id": release()}


def test_in_a_deployment_only_those_with_workflows_are_of_a_version_and_move_on_with_the_current_one() -> None:
    build = this_build({"TEMPORAL_DEPLOYMENT_NAME": "shop/homeward", "TEMPORAL_WORKER_BUILD_ID": "v2-4a78bc4"})
    assert build == Build("v2-4a78bc4", "shop/homeward")
    config = build.versioning(has_workflows=True)["deployment_config"]
    assert (config.version.deployment_name, config.version.build_id) == ("shop/homeward", "v2-4a78bc4")
    assert config.use_worker_versioning
    assert config.default_versioning_behavior is VersioningBehavior.AUTO_UPGRADE
    assert build.versioning(has_workflows=False) == {"build_id": release()}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TEMPORAL_DEPLOYMENT_NAME", "shop.homeward"), ("TEMPORAL_WORKER_BUILD_ID", "of today")],
)
def test_a_bad_name_is_refused_and_names_the_variable(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match=variable):
        this_build({variable: value})
    monkeypatch.setenv(variable, value)
    result = CliRunner().invoke(main, ["worker"])
    assert result.exit_code == 2
    assert variable in result.stderr


def test_what_the_image_names_is_the_commit_and_part_of_a_build_id_that_is_not_given() -> None:
    named = {"HOMEWARD_BUILD": "4a78bc4", "TEMPORAL_WORKER_BUILD_ID": "v2"}
    assert (commit(named), this_build(named).build_id) == ("4a78bc4", "v2")
    assert commit({"TEMPORAL_WORKER_BUILD_ID": "v2"}) == "v2"
    assert this_build({"HOMEWARD_BUILD": "4a78bc4"}).build_id == f"{release()}-4a78bc4"


def test_the_command_tells_release_and_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_BUILD", "4a78bc4")
    assert CliRunner().invoke(main, ["--version"]).stdout == f"{release()} (4a78bc4)\n"
    monkeypatch.setenv("HOMEWARD_BUILD", "not a build")
    assert "HOMEWARD_BUILD" in CliRunner().invoke(main, ["worker"]).stderr
