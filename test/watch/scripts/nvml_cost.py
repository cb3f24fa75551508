"""CPU and wall time of each question that the sampler asks of an NVIDIA card, in microseconds.

Statuses other than 0: 3 not supported, 4 no permission, 6 no sample since the last one.
"""

import ctypes
import time

nvml = ctypes.CDLL("libnvidia-ml.so.1")
nvml.nvmlInit_v2()
card = ctypes.c_void_p()
nvml.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(card))
room = ctypes.create_string_buffer(1 << 16)
count = ctypes.c_uint()
last = ctypes.c_ulonglong()


def listing(function):
    def ask():
        count.value = 64
        return function(card, ctypes.byref(count), room)

    return ask


def utilization_by_process():
    count.value = 128
    return nvml.nvmlDeviceGetProcessUtilization(card, room, ctypes.byref(count), last)


QUESTIONS = {
    "utilization": lambda: nvml.nvmlDeviceGetUtilizationRates(card, room),
    "SM clock": lambda: nvml.nvmlDeviceGetClockInfo(card, 1, room),
    "power": lambda: nvml.nvmlDeviceGetPowerUsage(card, room),
    "memory": lambda: nvml.nvmlDeviceGetMemoryInfo(card, room),
    "compute processes": listing(nvml.nvmlDeviceGetComputeRunningProcesses_v3),
    "graphics processes": listing(nvml.nvmlDeviceGetGraphicsRunningProcesses_v3),
    "utilization by process": utilization_by_process,
}

ASKED = 20
for name, ask in QUESTIONS.items():
    wall = cpu = 0
    for _ in range(ASKED):
        time.sleep(0.02)
        begun, begun_cpu = time.perf_counter_ns(), time.thread_time_ns()
        status = ask()
        cpu += time.thread_time_ns() - begun_cpu
        wall += time.perf_counter_ns() - begun
    print("%-24s CPU %7.0f   wall %7.0f   status %d" % (name, cpu / ASKED / 1e3, wall / ASKED / 1e3, status))
