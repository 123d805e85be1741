"""What a worker is told of its version, and how a bad name of one is refused."""

import pytest
from click.testing import CliRunner
from temporalio.common import VersioningBehavior

from starter.cli.main import main
from workers.deployment.build import Build, release, this_build
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
