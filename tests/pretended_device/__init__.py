"""A device that is pretended, "card": it shows without a GPU that a run keeps everything on its device.

Every tensor on it wraps one of the CPU, which computes the real values, so that whole runs go through. What a
CUDA device would refuse is refused, what waits for the device is noted with its place, and its random numbers
are others than the CPU's for the same seed. Sources of the product are read with "cuda" spelt "card" and
`torch.cuda` spelt `torch.card`; nothing else in them changes. It is for a process of its own, in which
`install` comes before anything of the product is imported; the CPU build of torch is enough.

What it does not show: kernels of CUDA (their speed, rounding, and limits other than those named here),
streams, several devices.
"""

CARD = "card"
"""What the device is called."""
