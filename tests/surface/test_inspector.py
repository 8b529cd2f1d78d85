import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "inspector"
SKIPPED = 77


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_inspectors_strict_lint_takes_every_mode_in_both_eras() -> None:
    ran = subprocess.run([SCRIPT, sys.executable], capture_output=True, text=True, check=False)

    if ran.returncode == SKIPPED:
        pytest.skip(ran.stdout.strip())
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("tools/list of ") == 6
