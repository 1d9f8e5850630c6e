"""Node runs the browser's own files, so that one set of test vectors holds on both sides."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
APP = ROOT / "webapp" / "static" / "volunteer"


def node(script: Path, data: object) -> Any:
    """Run a script of the tests on some data.

    Parameters
    ----------
    script : Path
        A module that exports a default function; it is called with the data.
    data : object
        Anything that JSON can carry.

    Returns
    -------
    object
        What the function answers.
    """
    program = shutil.which("node")
    if program is None:
        raise RuntimeError("These tests need Node. Install it: apt-get install nodejs")
    runner = Path(__file__).with_name("node.mjs")
    done = subprocess.run(
        [program, "--no-warnings", runner, script, APP],
        input=json.dumps(data), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
