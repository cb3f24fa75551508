"""What a driver builds from a graph: the part that all frameworks share."""

from .timing import call_ns, group_ns


class Program:
    """One graph on one device.

    Subclasses set `built` (the reply to `build`), `step` (a callable: one iteration) and, where
    they differ, `finish`, `many` and `per_call` as timing.group_ns takes them.
    """

    built = None
    step = None
    finish = None
    many = None
    per_call = 1

    def run(self, iterations, latency):
        wall_ns = group_ns(self.step, self.finish, iterations, latency, self.many, self.per_call)
        return {"wallNs": wall_ns}

    def first_call_ns(self):
        """Time of the first iteration, what it compiles included."""

        def first():
            self.step()
            if self.finish is not None:
                self.finish()

        return call_ns(first)[1]

    def write(self, tensor, data):
        """Fills a tensor from a buffer that files.map_tensor returned, and keeps no part of it."""
        raise NotImplementedError

    def read(self, tensor):
        """The values of a tensor as a contiguous buffer of f32 (f64 for f64 tensors)."""
        raise NotImplementedError

    def trace(self):
        """Where the framework says that each op ran."""
        raise NotImplementedError

    def profile(self, iterations):
        """The time of each step by itself."""
        raise NotImplementedError

    def close(self):
        """Lets go of the tensors."""
