"""What can be drawn: declarations of layers and data sets, their torch modules, and readers of files.

Switches of torch that must be in the environment before it is imported are set here.
"""

import os

# products of matrices with an inner size of 1 would be compiled by Triton, which needs a C compiler
os.environ.setdefault("TORCH_DISABLE_NATIVE_JIT", "1")
