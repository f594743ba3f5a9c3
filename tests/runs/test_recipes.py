"""The recipes of docs/recipes, each started here as far as one machine can: real runs, and every exit code.

`/opt/undercount` and `/srv/undercount`, where the recipes have the program and the cases, are folders of the test.
"""

from __future__ import annotations

import configparser
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.runs.cases import case_folder

pytestmark = pytest.mark.checkout
ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "docs" / "recipes"
BARE = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "somebody"}
WELL, AGAIN, STOP = "well", "again", "a person must look"
VERDICTS = {0: WELL, 1: STOP, 2: STOP, 3: STOP, 4: WELL, 5: AGAIN, 6: STOP}
"""What the exit codes of `undercount run` ask for."""
BUDGET = timedelta(hours=2)


@dataclass(frozen=True)
class Machine:
    """The two folders of a machine, and what its `undercount` was called with."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "opt" / "bin" / "undercount"

    @property
    def case(self) -> Path:
        return self.folder / "srv" / "my-case"

    def recipe(self, name: str) -> str:
        """A recipe with the folders of this machine."""
        text = (RECIPES / name).read_text(encoding="utf-8")
        return text.replace("/opt/undercount", str(self.folder / "opt")).replace(
            "/srv/undercount", str(self.case.parent)
        )

    def install(self, script: str) -> None:
        self.program.write_text(f"#!/bin/sh\n{script}\n")
        self.program.chmod(0o755)

    def stand_in(self, *codes: int) -> None:
        """An `undercount` that ends with these codes, one after the other."""
        (self.folder / "codes").write_text("".join(f"{code}\n" for code in codes))
        self.install(
            f'cd {self.folder}; echo "$@" >>calls; echo it was said\n'
            'code=$(sed -n 1p codes); sed -i 1d codes; exit "$code"'
        )

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    def run(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run something with nothing of this process's environment."""
        variables = BARE | {"HOME": str(self.folder)} | dict(environment or {})
        return subprocess.run(
            ["env", "-i", *(f"{name}={value}" for name, value in variables.items()), *command], cwd=cwd or self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With the real program, and no case yet."""
    found = Machine(tmp_path)
    for folder in (found.program.parent, found.case.parent):
        folder.mkdir(parents=True)
    start = shlex.quote("from undercount.cli.main import main; main()")
    found.install(f'PYTHONPATH={ROOT} exec {sys.executable} -c {start} "$@"')
    return found


@pytest.fixture
def settled(machine: Machine, ran: Path) -> Machine:
    """With the small case, as it was released: a run finds nothing new."""
    shutil.copytree(ran, machine.case, symlinks=True)
    return machine


def events(machine: Machine) -> str:
    return (machine.case / "ledger" / "log.jsonl").read_text()


# cron


def cron_entry(text: str) -> tuple[dict[str, str], str, str]:
    """Variables, time and command of a crontab with one entry, as crontab(5) reads it."""
    variables, entries = {}, []
    for line in text.splitlines():
        if found := re.fullmatch(r"\s*([A-Z_]+)\s*=\s*(.*?)\s*", line):
            variables[found[1]] = found[2]
        elif line.strip() and not line.lstrip().startswith("#"):
            entries.append(line)
    (entry,) = entries
    *when, command = entry.split(maxsplit=5)
    assert "%" not in command, "cron makes a line feed of it"
    assert len(entry) < 1000, "cron cuts a longer line"
    return variables, " ".join(when), command


def test_cron_estimates_and_releases_a_new_case_without_a_word(machine: Machine) -> None:
    case_folder(machine.folder).rename(machine.case)
    variables, when, command = cron_entry(machine.recipe("crontab"))
    assert re.fullmatch(r"[0-9]{1,2} [0-9]{1,2} \* \* \*", when)
    assert variables.pop("MAILTO")
    done = machine.run(["/bin/sh", "-c", command], variables)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (machine.case / "ledger" / "latest" / "summary.json").is_file()
    assert (machine.case / "ledger" / "metrics.prom").is_file()
    assert '"status": "released"' in events(machine)


@pytest.mark.parametrize("codes", [[0], [4], [5, 0], [5, 4], [1], [2], [3], [6], [5, 5], [5, 6]], ids=str)
def test_cron_mails_where_a_person_must_look(machine: Machine, codes: list[int]) -> None:
    machine.stand_in(*codes)
    variables, _, command = cron_entry(machine.recipe("crontab"))
    done = machine.run(["/bin/sh", "-c", command], variables)
    told = f"it was said\nexit code {codes[-1]}\n"
    assert done.stdout + done.stderr == ("" if VERDICTS[codes[-1]] == WELL else told)
    assert machine.calls == ["run ./my-case --time-budget 2h --quiet"] * len(codes)


# systemd


def unit(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def test_systemd_finds_no_fault_in_the_units(machine: Machine) -> None:
    units = [machine.folder / "undercount.service", machine.folder / "undercount.timer"]
    for path in units:
        path.write_text(machine.recipe(path.name))
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_starts_the_run(settled: Machine) -> None:
    service = unit(settled.recipe("undercount.service"))["Service"]
    cache = settled.folder / "cache"
    variables = dict(pair.split("=", 1) for pair in service["Environment"].replace("%C", str(cache)).split())
    done = settled.run(shlex.split(service["ExecStart"]), variables, Path(service["WorkingDirectory"]))
    assert (done.returncode, done.stderr) == (0, "")
    assert "released: run ./my-case:1, nothing is new\n" in done.stdout


def test_systemd_treats_exit_codes_as_they_are_meant() -> None:
    found = unit((RECIPES / "undercount.service").read_text())
    service = found["Service"]
    well = {0, *map(int, service["SuccessExitStatus"].split())}
    stop = {*map(int, service["RestartPreventExitStatus"].split())}
    assert (service["Type"], service["Restart"]) == ("oneshot", "on-failure")
    verdicts = {code: WELL if code in well else STOP if code in stop else AGAIN for code in VERDICTS}
    assert verdicts == VERDICTS
    assert int(found["Unit"]["StartLimitBurst"]) > 1
    assert service["TimeoutStartSec"] == "3h"


# GitHub Actions


@dataclass
class Workflow:
    """A repository with a workflow, whose steps are run by a shell as a runner does."""

    machine: Machine
    content: Mapping[str, Any]
    workspace: Path
    told: tuple[int, str] = (0, "")

    @classmethod
    def of(cls, machine: Machine) -> Workflow:
        text = machine.recipe("github-actions.yml")
        found = cls(machine, yaml.safe_load(text), machine.folder / "workspace")
        origin = machine.folder / "origin.git"
        found.git("init", "--quiet", "--bare", "-b", "main", str(origin), cwd=machine.folder)
        found.git("clone", "--quiet", str(origin), str(found.workspace), cwd=machine.folder)
        (found.workspace / "README.md").write_text("a repository\n")
        found.git("checkout", "--quiet", "-b", "main")
        found.git("add", "--all")
        found.git("commit", "--quiet", "-m", "first")
        found.git("push", "--quiet", "origin", "main")
        return found

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        who = ["-c", "user.name=tester", "-c", "user.email=tester@localhost"]
        done = self.machine.run(["git", *who, *arguments], cwd=cwd or self.workspace)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self) -> int:
        """Run the job in a new checkout; gives the exit code of the step that failed, or 0."""
        shutil.rmtree(self.workspace, ignore_errors=True)
        self.git(
            "clone", "--quiet", str(self.machine.folder / "origin.git"), str(self.workspace), cwd=self.machine.folder
        )
        if self.machine.case.is_dir():
            shutil.copytree(self.machine.case, self.workspace / "my-case", ignore=shutil.ignore_patterns("ledger"))
        outputs, failed = "", 0
        for step in self.content["jobs"]["run"]["steps"]:
            if "run" not in step or step["name"] == "Install" or not self.is_due(step, outputs, failed):
                continue
            file = self.machine.folder / "output"
            file.write_text("")
            environment = {**self.content["env"], **step.get("env", {})}
            environment = {
                name: value.replace("${{ steps.run.outputs.code }}", outputs) for name, value in environment.items()
            }
            environment |= {"GITHUB_OUTPUT": str(file), "GITHUB_STEP_SUMMARY": str(self.machine.folder / "summary")}
            environment["PATH"] = f"{self.machine.program.parent}:{BARE['PATH']}"
            done = self.machine.run(["sh", "-e", "-c", step["run"]], environment, self.workspace)
            self.told = (done.returncode, self.told[1] + done.stdout + done.stderr)
            failed = failed or done.returncode
            if step.get("id") == "run":
                outputs = file.read_text().strip().removeprefix("code=")
        return failed

    @staticmethod
    def is_due(step: Mapping[str, Any], outputs: str, failed: int) -> bool:
        """Whether a step is run, of conditions that ask for inequality of the one output."""
        parts = str(step.get("if", "true")).split(" && ")
        excluded = [found[1] for part in parts if (found := re.fullmatch(r"steps\.run\.outputs\.code != '(.*)'", part))]
        assert len(excluded) == len(parts) or parts == ["true"]
        return not failed and outputs not in (excluded if parts != ["true"] else [])


def test_the_workflow_meets_the_schema_of_github() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run(
        [*command, str(RECIPES / "github-actions.yml")], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout
    content = yaml.safe_load((RECIPES / "github-actions.yml").read_text())
    assert content["concurrency"]["cancel-in-progress"] is False
    assert content["permissions"] == {"contents": "write"}
    assert content["defaults"]["run"]["shell"] == "sh"
    assert timedelta(minutes=content["jobs"]["run"]["timeout-minutes"]) > 2 * BUDGET


def test_the_workflow_goes_on_from_the_store_on_its_branch(settled: Machine) -> None:
    workflow = Workflow.of(settled)
    workflow.git("checkout", "--quiet", "--orphan", "ledger")
    workflow.git("rm", "-rfq", ".")
    shutil.copytree(settled.case / "ledger", workflow.workspace / "my-case", symlinks=True)
    workflow.git("add", "--all")
    workflow.git("commit", "--quiet", "-m", "the store")
    workflow.git("push", "--quiet", "origin", "ledger")
    assert workflow.run() == 0, workflow.told
    assert "released: run ./my-case:1, nothing is new" in (settled.folder / "summary").read_text()
    assert workflow.git("log", "--format=%s", "origin/ledger").splitlines() == ["my-case: exit code 0", "the store"]
    names = workflow.git("ls-tree", "-r", "--name-only", "origin/ledger").splitlines()
    assert {"my-case/latest", "my-case/ledger.sqlite", "my-case/log.jsonl", "my-case/metrics.prom"} <= {*names}


@pytest.mark.parametrize("codes", [[0], [4], [5, 0], [1], [2], [3], [5, 5], [6]], ids=str)
def test_the_workflow_fails_where_a_person_must_look(machine: Machine, codes: list[int]) -> None:
    machine.stand_in(*codes)
    workflow = Workflow.of(machine)
    assert workflow.run() == (0 if VERDICTS[codes[-1]] == WELL else codes[-1]), workflow.told
    assert len(machine.calls) == len(codes)
    branches = workflow.git("ls-remote", "--heads", "origin").split()[1::2]
    assert ("refs/heads/ledger" in branches) == (codes[-1] != 6)
    assert ("::error" in workflow.told[1]) == (VERDICTS[codes[-1]] != WELL)


# Airflow


class FailError(Exception):
    """Stands for an end after which nothing is tried again."""


class SkipError(Exception):
    """Stands for a task with nothing to do."""


class RetryError(Exception):
    """Stands for a failure after which a task is tried again."""


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand-ins for the modules of Airflow that run a task when its DAG is made, and the settings of both."""
    settings: dict[str, Any] = {}

    def keep(**given: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        settings.update(given)
        return lambda function: function

    sdk, exceptions = ModuleType("airflow.sdk"), ModuleType("airflow.sdk.exceptions")
    vars(sdk).update(dag=keep, task=keep)
    vars(exceptions).update(AirflowFailException=FailError, AirflowSkipException=SkipError, AirflowException=RetryError)
    for module in (ModuleType("airflow"), sdk, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return settings


def run_dag(machine: Machine) -> None:
    path = machine.folder / "airflow_dag.py"
    path.write_text(machine.recipe("airflow_dag.py"))
    runpy.run_path(str(path))


def test_airflow_runs_the_case(settled: Machine, airflow: dict[str, Any]) -> None:
    run_dag(settled)
    assert '"is_new": false' in events(settled)
    assert (airflow["catchup"], airflow["max_active_runs"]) == (False, 1)
    assert airflow["retries"] > 0
    assert airflow["execution_timeout"] > BUDGET


@pytest.mark.parametrize("code", VERDICTS)
def test_airflow_tries_again_only_where_that_helps(machine: Machine, airflow: dict[str, Any], code: int) -> None:
    machine.stand_in(code)
    try:
        run_dag(machine)
        ended = None
    except (FailError, SkipError, RetryError) as error:
        ended = type(error)
    assert ended == {WELL: None if code == 0 else SkipError, STOP: FailError, AGAIN: RetryError}[VERDICTS[code]]
    assert airflow["schedule"] == "17 3 * * *"


# Kubernetes


@pytest.fixture(scope="module")
def manifests() -> dict[str, Any]:
    found = yaml.safe_load_all((RECIPES / "cronjob.yaml").read_text(encoding="utf-8"))
    return {manifest["kind"]: manifest for manifest in found}


def test_the_manifests_meet_the_schemas_of_kubernetes(manifests: dict[str, Any]) -> None:
    version = kubernetes_validate.latest_version()
    for manifest in manifests.values():
        kubernetes_validate.validate(manifest, version, strict=True)
    broken = {**manifests["CronJob"], "spec": {**manifests["CronJob"]["spec"], "schedules": "x"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, version, strict=True)


def test_the_cron_job_treats_exit_codes_as_they_are_meant(manifests: dict[str, Any]) -> None:
    spec = manifests["CronJob"]["spec"]
    job = spec["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    assert (spec["concurrencyPolicy"], pod["restartPolicy"]) == ("Forbid", "Never")
    assert timedelta(seconds=job["activeDeadlineSeconds"]) > (1 + job["backoffLimit"]) * BUDGET
    rules = [rule for rule in job["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    assert {rule["onExitCodes"]["containerName"] for rule in rules} == {container["name"]}
    actions = {code: rule["action"] for rule in rules for code in rule["onExitCodes"]["values"]}
    # Ignored: a later pod finds the case free, and then nothing new; what has no rule is tried again, and counted.
    meant = {WELL: "Ignore", STOP: "FailJob", AGAIN: None}
    assert {code: actions.get(code) for code in VERDICTS if code} == {
        code: meant[verdict] for code, verdict in VERDICTS.items() if code
    }
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == {*volumes}
    claim = volumes["cases"]["persistentVolumeClaim"]["claimName"]
    assert claim == manifests["PersistentVolumeClaim"]["metadata"]["name"]


def test_the_container_runs_the_case(settled: Machine, manifests: dict[str, Any]) -> None:
    (container,) = manifests["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    command = shlex.join(container["command"]).replace("/cases", str(settled.case.parent))
    variables = {one["name"]: one["value"].replace("/cases", str(settled.folder)) for one in container["env"]}
    path = f"{settled.program.parent}{os.pathsep}{BARE['PATH']}"
    done = settled.run(["sh", "-c", command], variables | {"PATH": path})
    assert (done.returncode, done.stderr) == (0, "")
    assert ":1, nothing is new\n" in done.stdout
