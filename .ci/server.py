"""Starts the built server on a free port of the loopback and speaks to it, for the checks of this folder."""

import contextlib
import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import time


BATCH = 500  # below the default limit of requests in flight


class Failure(Exception):
    """A check that does not hold."""


def expect(is_so, what):
    if not is_so:
        raise Failure(what)


class Server:
    """A server process of its own, from its ready line to its exit."""

    def __init__(self, binary, *arguments, descriptors=None, data=None, environment=None):
        """At most so many `descriptors`, and so many bytes of `data`."""

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
            if data:
                resource.setrlimit(resource.RLIMIT_DATA, (data, data))

        usual = {"--listen": "127.0.0.1:0", "--http": "off", "--data": "none"}
        settings = [part for pair in usual.items() if pair[0] not in arguments for part in pair]
        command = [binary, "serve", *settings, *arguments]
        variables = os.environ | (environment or {})
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=limit, env=variables)
        self.log = b""
        self.port = self._wait_until_ready()

    def _wait_until_ready(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if select.select([self.process.stderr], [], [], 0.1)[0]:
                chunk = os.read(self.process.stderr.fileno(), 65536)
                self.log += chunk
                found = re.search(rb"holdfast ready .*tcp=127\.0\.0\.1:(\d+)", self.log)
                if found:
                    return int(found.group(1))
                if not chunk:
                    break
        self.process.kill()
        self.process.wait()
        raise Failure("the server said no ready line: " + self.log.decode(errors="replace"))

    @property
    def http_port(self):
        return int(re.search(rb"http=127\.0\.0\.1:(\d+)", self.log).group(1))

    @property
    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def read_log(self):
        """What it has logged so far; read often enough, else the pipe fills up and whoever logs waits."""
        while select.select([self.process.stderr], [], [], 0)[0]:
            chunk = os.read(self.process.stderr.fileno(), 65536)
            if not chunk:
                break
            self.log += chunk
        return self.log.decode(errors="replace")

    def _threads(self):
        """What each thread is called and where in the kernel it sleeps."""
        folder = f"/proc/{self.process.pid}/task"
        rows = []
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/comm") as comm, open(f"{folder}/{thread}/wchan") as where:
                rows.append(f"{comm.read().strip()} in {where.read()}")
        return ", ".join(sorted(rows))

    def stop(self):
        """Asks it to stop and holds it to exit 0 within its drain timeout."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            _, rest = self.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            threads = self._threads()
            self.process.kill()
            _, rest = self.process.communicate()
            log = (self.log + rest).decode(errors="replace")
            raise Failure(f"the server did not stop within 15 s of SIGTERM: {threads}; its log: {log}") from None
        if self.process.returncode != 0:
            log = (self.log + rest).decode(errors="replace")
            raise Failure(f"the server ended with {self.process.returncode}: {log[-2000:]}")


@contextlib.contextmanager
def serving(binary, *arguments, descriptors=None):
    server = Server(binary, *arguments, descriptors=descriptors)
    try:
        yield server
    except BaseException as problem:
        if isinstance(problem, OSError):
            problem.add_note(f"the server's threads: {server._threads()}")
        server.process.kill()
        server.process.wait()
        raise
    server.stop()


class Client:
    """A connection that sends objects or bytes and reads lines, each within a time."""

    def __init__(self, port, timeout=10.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def send(self, *requests):
        parts = [r if isinstance(r, bytes) else encode(r) for r in requests]
        self.socket.sendall(b"".join(parts))

    def line(self):
        """The next line without its end; None when the server closed the connection."""
        while True:
            end = self.buffer.find(b"\n")
            if end >= 0:
                line = bytes(self.buffer[:end])
                del self.buffer[: end + 1]
                return line
            try:
                chunk = self.socket.recv(1 << 18)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                return None
            self.buffer += chunk

    def read(self):
        line = self.line()
        if line is None:
            raise Failure("the server closed the connection")
        return json.loads(line)

    def reply(self):
        """The next line that is no event."""
        while True:
            line = self.read()
            if "event" not in line:
                return line

    def ask(self, **request):
        self.send(request)
        return self.reply()

    def take(self, **request):
        """Asks, and fails unless the answer is yes."""
        answer = self.ask(**request)
        if not answer.get("ok"):
            raise Failure(f"{request} was answered {answer}")
        return answer

    def close(self):
        self.socket.close()


def encode(request):
    return json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def in_batches(client, requests, handle):
    """Sends requests in batches and hands every reply, in order, to `handle`."""
    for first in range(0, len(requests), BATCH):
        part = requests[first : first + BATCH]
        client.send(*part)
        for _ in part:
            handle(client.reply())


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def eventually(seconds, condition):
    """The seconds until `condition` gave something true, or None when the time was over."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if condition():
            return time.monotonic() - begun
        time.sleep(0.01)
    return None
