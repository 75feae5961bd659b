"""Memory of large arrays."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, numpy as np
from dnaseq.training.allocator import keep_freed_memory
if {keep}:
    keep_freed_memory()
for _ in range(50):
    a = np.ones(500_000); b = np.ones(500_000)
    del a, b
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


def page_faults(keep):
    command = [sys.executable, "-c", FAULTS.format(keep=keep)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told anything")
def test_arrays_of_megabytes_are_not_cleared_by_the_kernel_each_time():
    assert page_faults(keep=True) < page_faults(keep=False) - 20_000  # of 50 times 2,000 pages
