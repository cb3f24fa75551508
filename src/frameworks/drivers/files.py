"""Tensors as raw little-endian files: f32, or f64 for f64 tensors; row-major."""

import mmap
import os
import sys

from .protocol import wrong_request

if sys.byteorder != "little":
    raise ImportError("tensor files are little-endian")


def file_dtype(tensor):
    """What `read` writes: short formats travel as f32."""
    return "f64" if tensor.dtype == "f64" else "f32"


class TensorFile:
    """A tensor's values as they came: `dtype` is f32 or f64, `data` a buffer that may be written.

    f64 tensors may be filled from f32 values, too: the size of the file tells.
    """

    def __init__(self, path, tensor):
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                self.dtype = self._dtype_of(size, tensor)
                self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        except OSError as error:
            raise wrong_request(
                "the file of tensor %s cannot be read: %s" % (tensor.id, error)
            ) from error

    @staticmethod
    def _dtype_of(size, tensor):
        if size == 8 * tensor.elements and tensor.dtype == "f64":
            return "f64"
        if size != 4 * tensor.elements:
            raise wrong_request(
                "the file of tensor %s has %d bytes, which is not %d values"
                % (tensor.id, size, tensor.elements)
            )
        return "f32"

    def close(self):
        try:
            self.data.close()
        except BufferError:
            pass  # Something looks at it still; it goes with that.


def save_tensor(path, tensor, data):
    """Writes a contiguous buffer of a tensor's values."""
    view = memoryview(data).cast("B")
    expected = tensor.elements * (8 if file_dtype(tensor) == "f64" else 4)
    if view.nbytes != expected:
        raise ValueError("tensor %s has %d bytes, not %d" % (tensor.id, view.nbytes, expected))
    with open(path, "wb") as file:
        file.write(view)
