"""Tensors as raw little-endian files: f32, or f64 for f64 tensors; row-major."""

import mmap
import os
import sys

from .protocol import wrong_request

if sys.byteorder != "little":
    raise ImportError("tensor files are little-endian")


def file_dtype(tensor):
    """What a tensor is held in on disk: short formats travel as f32."""
    return "f64" if tensor.dtype == "f64" else "f32"


def file_bytes(tensor):
    return tensor.elements * (8 if tensor.dtype == "f64" else 4)


def map_tensor(path, tensor):
    """The bytes of a tensor's file, as a buffer that may be written without changing the file."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != file_bytes(tensor):
                raise wrong_request(
                    "the file of tensor %s has %d bytes instead of %d"
                    % (tensor.id, size, file_bytes(tensor))
                )
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except OSError as error:
        raise wrong_request(
            "the file of tensor %s cannot be read: %s" % (tensor.id, error)
        ) from error


def save_tensor(path, tensor, data):
    """Writes a contiguous buffer of a tensor's values."""
    view = memoryview(data).cast("B")
    if view.nbytes != file_bytes(tensor):
        raise ValueError(
            "tensor %s has %d bytes instead of %d" % (tensor.id, view.nbytes, file_bytes(tensor))
        )
    with open(path, "wb") as file:
        file.write(view)
