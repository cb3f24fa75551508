/** Whether a framework's own name of a device is a CPU: `cpu`, `/device:CPU:0`, `CPUExecutionProvider`. */
export function isCpuDevice(device: string): boolean {
  return /(^|[^a-z])cpu([^a-z]|$)|^CPUExecutionProvider$/i.test(device);
}
