"""The manifests for Kubernetes are well formed, as far as can be said without a cluster, and fit the code.

Kinds of Kubernetes itself are checked by its own schemas, for the release that is named here; those of
temporal-worker-controller by the fields of theirs that we use, written down from its documentation.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
from ruamel.yaml import YAML
from temporalio import workflow

from workers.main import WORKFLOWS
from workers.setting_values import Role
from workers.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
RELEASE = "1.34"
CONTROLLERS = "temporal.io/v1alpha1"
NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
NAMED = {"type": "object", "properties": {"name": NAME}, "required": ["name"], "additionalProperties": False}
DURATION = {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h))+$"}


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


#: What stands under ``spec``.
THEIRS = {
    "Connection": _closed(
        ["hostPort"],
        hostPort={"type": "string", "pattern": r"^[a-zA-Z0-9.-]+:[0-9]+$"},
        mutualTLSSecretRef=NAMED,
        apiKeySecretRef=_closed(["name", "key"], name=NAME, key={"type": "string"}),
    ),
    "WorkerDeployment": _closed(
        ["template", "rollout", "sunset", "workerOptions"],
        replicas={"type": "integer"},
        template={"type": "object"},
        minReadySeconds={"type": "integer"},
        workerOptions=_closed(
            ["connectionRef", "temporalNamespace"], connectionRef=NAMED, temporalNamespace={"minLength": 1}
        ),
        rollout=_closed(
            ["strategy"],
            strategy={"enum": ["Manual", "AllAtOnce", "Progressive"]},
            gate=_closed(["workflowType"], workflowType={"type": "string"}),
            steps={
                "type": "array",
                "minItems": 1,
                "items": _closed(
                    ["rampPercentage", "pauseDuration"],
                    rampPercentage={"type": "integer", "minimum": 1, "maximum": 99},
                    pauseDuration=DURATION,
                ),
            },
        ),
        sunset=_closed([], scaledownDelay=DURATION, deleteDelay=DURATION),
    ),
    "WorkerResourceTemplate": _closed(
        ["workerDeploymentRef", "template"], workerDeploymentRef=NAMED, template={"type": "object"}
    ),
}
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    (path.name, document)
    for path in sorted(FOLDER.glob("*.yaml"))
    for document in YAML(typ="safe").load_all(path.read_text())
]
OBJECTS = [document for name, document in DOCUMENTS if name != "kustomization.yaml"]
[KUSTOMIZATION] = [document for name, document in DOCUMENTS if name == "kustomization.yaml"]


def by_kind(kind: str) -> list[dict[str, Any]]:
    return [document for document in OBJECTS if document["kind"] == kind]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """The template of each pod, by what makes it."""
    for document in OBJECTS:
        if "template" in document["spec"] and "containers" in document["spec"]["template"].get("spec", {}):
            yield document["metadata"]["name"], document["spec"]["template"]


def filled_in(name: str, template: dict[str, Any]) -> dict[str, Any]:
    """What the controller makes of the template of a resource."""
    spec = dict(template["spec"])
    if spec.get("scaleTargetRef") == {}:
        spec["scaleTargetRef"] = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return {**template, "metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize("document", OBJECTS, ids=lambda one: f"{one['kind']}/{one['metadata']['name']}")
def test_each_object_follows_the_schema_of_its_kind(document: dict[str, Any]) -> None:
    if document["apiVersion"] != CONTROLLERS:
        kubernetes_validate.validate(document, RELEASE, strict=True)
        return
    jsonschema.validate(document["spec"], THEIRS[document["kind"]])
    template, name = document["spec"].get("template"), document["metadata"]["name"]
    if document["kind"] == "WorkerResourceTemplate":
        kubernetes_validate.validate(filled_in(name, template), RELEASE, strict=True)
    elif document["kind"] == "WorkerDeployment":
        labels = {"matchLabels": template["metadata"]["labels"]}
        deployed = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}}
        kubernetes_validate.validate(
            {**deployed, "spec": {"selector": labels, "template": template}}, RELEASE, strict=True
        )


def test_a_field_that_there_is_not_is_refused() -> None:
    [job] = by_kind("Job")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**job, "spec": {**job["spec"], "backofLimit": 5}}, RELEASE, strict=True)


def test_every_file_is_applied() -> None:
    assert {*KUSTOMIZATION["resources"], "kustomization.yaml"} == {path.name for path in FOLDER.iterdir()}


def test_every_role_is_served_and_those_with_workflows_by_versions() -> None:
    served = {name: re.findall(r"--role (\S+)", " ".join(pod["spec"]["containers"][0]["args"])) for name, pod in pods()}
    assert sorted(role for roles in served.values() for role in roles) == sorted(role.value for role in Role)
    assert set(served["homeward"]) == {role.value for role in WORKFLOWS}


def test_the_gate_is_a_workflow_of_each_role_that_has_workflows() -> None:
    [deployment] = by_kind("WorkerDeployment")
    gate = deployment["spec"]["rollout"]["gate"]["workflowType"]
    for role, classes in WORKFLOWS.items():
        assert gate in {workflow._Definition.must_from_class(one).name for one in classes}, role


def test_every_setting_is_one_that_there_is() -> None:
    known = {f"HOMEWARD_{field.upper()}" for field in Settings.model_fields}
    named = {literal.partition("=")[0] for literal in KUSTOMIZATION["configMapGenerator"][0]["literals"]}
    named |= {one["name"] for _, pod in pods() for one in pod["spec"]["containers"][0].get("env", [])}
    assert {name for name in named if name.startswith("HOMEWARD_")} - known == set()


def test_every_setting_can_be_given() -> None:
    """A secret in the Secret, any other in the ConfigMap: each container gets all of both."""
    for name, pod in pods():
        [container] = pod["spec"]["containers"]
        assert container["envFrom"] == [{"configMapRef": {"name": "homeward"}}, {"secretRef": {"name": "homeward"}}], (
            name
        )


@pytest.mark.parametrize(("name", "pod"), list(pods()), ids=lambda one: one if isinstance(one, str) else "")
def test_no_container_may_do_more_than_it_needs(name: str, pod: dict[str, Any]) -> None:
    [container] = pod["spec"]["containers"]
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"], name
    assert container["resources"]["limits"]["memory"], name


def test_whatever_runs_for_long_is_asked_whether_it_lives_and_is_ready_and_has_time_to_stop() -> None:
    literals = dict(one.split("=", 1) for one in KUSTOMIZATION["configMapGenerator"][0]["literals"])
    assert literals["HOMEWARD_HEALTH_HOST"] == "0.0.0.0"  # noqa: S104 (a pod's own; policies stand before it)
    for name, pod in pods():
        if name == "homeward-schema":
            continue
        [container] = pod["spec"]["containers"]
        ports = {one["name"]: str(one["containerPort"]) for one in container["ports"]}
        assert ports["health"] == literals["HOMEWARD_HEALTH_PORT"], name
        assert container["livenessProbe"]["httpGet"]["port"] in ports, name
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz", name
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz", name
        assert pod["spec"]["terminationGracePeriodSeconds"] > float(literals["HOMEWARD_SHUTDOWN_SECONDS"]), name


def test_each_deployment_scales_and_is_not_disrupted_as_a_whole() -> None:
    deployments = {one["metadata"]["name"] for one in by_kind("Deployment")}
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in by_kind("HorizontalPodAutoscaler")}
    kept = {one["metadata"]["name"] for one in by_kind("PodDisruptionBudget")}
    assert deployments == scaled == kept
    for document in (*by_kind("Deployment"), *by_kind("WorkerDeployment")):
        assert "replicas" not in document["spec"], "each apply would undo what the autoscaler has done"


def test_policies_select_components_that_there_are() -> None:
    components = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for _, pod in pods()}
    for policy in by_kind("NetworkPolicy"):
        for expression in policy["spec"]["podSelector"].get("matchExpressions", []):
            assert set(expression["values"]) <= components, policy["metadata"]["name"]
