"""Arrays in files, told by their first bytes: NumPy, HDF5, MATLAB, safetensors or IDX.

Each format is a store (`store.py`): headers, what is refused and why, and rows, which stay on disk where the
format lets them be found. What arrays mean is found above the formats and alike for all: roles, axes, what
targets stand for, values that are no number. Of an HDF5 file nothing but itself is read, its chunks are
unpacked here within their size, and the library is told to load no filter.
"""
