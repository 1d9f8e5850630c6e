"""The record: what is asked, of whom, and what came back."""

import os

# Before numpy is loaded. The matrices of a wave are small: a second thread of OpenBLAS waits longer
# than it works, and costs a lock a quarter of its processor time. And one thread adds up in one
# order, whatever machine makes a wave again.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
