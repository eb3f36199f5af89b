"""The alarm rules ask for metrics, labels and values that the processes really have."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from gebaeude.config import Settings
from gebaeude.model import Reason
from gebaeude.signin.counts import ACTIONS
from gebaeude.worker.jobs import JOBS

# These define the metrics of all processes.
for _module in ("gebaeude.api.observe", "gebaeude.metrics", "ingest.broker", "ingest.metrics"):
    import_module(_module)

PROMETHEUS = Path(__file__).parents[2] / "deploy" / "prometheus"
DOCS = Path(__file__).parents[2] / "docs" / "monitoring.md"
SUFFIXES = {
    "counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",),
    "gauge": ("",),
}  # fmt: skip
_SELECTOR = re.compile(r"\b(gebaeude_\w+|up)\b(?:\{([^}]*)\})?")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def families() -> dict[str, Any]:
    return {
        family.name + suffix: family
        for family in REGISTRY.collect()
        for suffix in SUFFIXES[family.type]
    }


RULES = {rule["alert"]: rule for rule in rules()}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_asks_for_what_there_is(name: str) -> None:
    known = families()
    asked = _SELECTOR.findall(RULES[name]["expr"])
    assert asked
    for metric, wanted in asked:
        if metric == "up":
            continue
        assert metric in known
        for label, value in re.findall(r'(\w+)="([^"]*)"', wanted):
            values = {sample.labels.get(label) for sample in known[metric].samples}
            assert value in values, f"{metric}: {label}={value}"


def test_every_failure_of_a_job_can_be_seen_from_the_first_on() -> None:
    failed = families()["gebaeude_worker_jobs_total"].samples
    assert {one.labels["job"] for one in failed if one.labels["outcome"] == "failed"} == {*JOBS}


def test_every_reason_can_be_seen_from_the_first_message_on() -> None:
    samples = families()["gebaeude_ingest_quarantined_total"].samples
    assert {one.labels["reason"] for one in samples} >= {*Reason}


def test_every_refusal_can_be_seen_from_the_first_on() -> None:
    samples = families()["gebaeude_web_refused_total"].samples
    assert {one.labels["action"] for one in samples} == {*ACTIONS}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_it_is_about_and_how_bad(name: str) -> None:
    rule = RULES[name]
    assert name.startswith("Gebaeude")
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert len(rule["annotations"]["summary"]) > 15


def test_rules_name_jobs_that_are_scraped_and_settings_that_exist() -> None:
    scraped = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"] for job in scraped["scrape_configs"]}
    expression = RULES["GebaeudeTeilFehlt"]["expr"]
    pattern = expression.partition('job=~"')[2].partition('"')[0]
    assert all(re.fullmatch(pattern, job) for job in jobs)
    assert len(jobs) == 3
    text = (PROMETHEUS / "alerts.yml").read_text(encoding="utf-8")
    settings = {f"GEBAEUDE_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"GEBAEUDE_\w+", text)) <= settings


def test_the_page_lists_every_rule_and_every_metric() -> None:
    page = DOCS.read_text(encoding="utf-8")
    ours = {name for name in families() if name.startswith("gebaeude_")}
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in ours}
    assert {name for name in {*RULES, *shown} if f"`{name}" not in page} == set()


def test_promtool_gets_a_case_that_raises_each_rule() -> None:
    """promtool itself is 19 MB; `promtool test rules` is run by hand after a change."""
    tests = yaml.safe_load((PROMETHEUS / "alerts.test.yml").read_text(encoding="utf-8"))["tests"]
    raised = {
        tried["alertname"]
        for test in tests
        for tried in test["alert_rule_test"]
        if tried.get("exp_alerts")
    }
    assert raised == {*RULES}
    series = [one["series"].partition("{")[0] for test in tests for one in test["input_series"]]
    assert {name for name in series if name != "up"} <= {*families()}
