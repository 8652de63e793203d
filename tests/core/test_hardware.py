"""What is said of the machine is true of it, and says nothing of where its files are."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from core import hardware


def test_the_machine_and_its_versions() -> None:
    found = hardware.describe()
    assert json.loads(json.dumps(found)) == found
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["packages"]["numpy"] == np.__version__
    assert {"keras", "onnxruntime", "streamlit"} <= set(found["packages"])
    assert found["processor"]
    assert found["memory_gib"] > 0.5
    assert os.path.expanduser("~") not in json.dumps(found)
    assert os.getcwd() not in json.dumps(found)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system gives a process all cores")
def test_cores_are_those_that_this_process_may_use() -> None:
    code = "import os; from core import hardware; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    code += "print(hardware.cores())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "1"
