"""Runs a command in a terminal of its own, for tests: terminal.py KEYS COMMAND... types KEYS when the command prints ready."""
import os, pty, sys, time, select, struct, fcntl, termios
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 33, 101, 0, 0))
keys = sys.argv[1].encode().decode('unicode_escape').encode()
out = b''; sent = False; end = time.time() + 30
while time.time() < end:
    r, _, _ = select.select([fd], [], [], 0.2)
    if r:
        try: data = os.read(fd, 65536)
        except OSError: break
        if not data: break
        out += data
        if not sent and b'ready' in out:
            sent = True; os.write(fd, keys)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(out)
print('CODE', os.waitstatus_to_exitcode(status))
