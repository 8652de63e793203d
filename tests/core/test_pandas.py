"""A run folder opens in pandas with one call."""

import pandas as pd
import pytest

from core.home import StudioHome
from core.runs import RunStore


def test_metrics_open_as_one_table(home: StudioHome) -> None:
    run = RunStore(home).get("classic")
    table = pd.read_json(run.path / "metrics.jsonl", lines=True)
    epochs, steps = table[table["kind"] == "epoch"], table[table["kind"] == "step"]
    assert len(table) == len(epochs) + len(steps)
    assert list(epochs["epoch"]) == list(range(1, run.config.epochs + 1))
    assert list(epochs["val_accuracy"]) == pytest.approx([record["val_accuracy"] for record in run.epochs()])
    assert list(steps["loss"]) == pytest.approx([record["loss"] for record in run.steps()])
    assert steps["step"].is_monotonic_increasing
    assert epochs[["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]].notna().all(axis=None)
    assert steps["val_accuracy"].isna().all()
