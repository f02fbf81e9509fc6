"""The servers under test: how each is started, on which port it listens, and what it has cost so far.

Every one listens on 127.0.0.1, keeps what it writes in a folder that goes away, and is ended by its own process id.
What a machine does not have is left out, and said to be.
"""

import os
import shutil
import socket
import subprocess
import sys
import time

PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process under test, and what the generator calls its language."""

    def __init__(self, name, protocol, command):
        self.name, self.protocol, self.port = name, protocol, free_port()
        self.process = subprocess.Popen(
            command(self.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.pid = self.process.pid
        self.wait()

    def wait(self):
        for _ in range(400):
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended at once with {self.process.returncode}")
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{self.name} does not listen")

    def resident(self):
        with open(f"/proc/{self.pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Door:
    """Another port of a server that runs already."""

    def __init__(self, name, protocol, server, port):
        self.name, self.protocol, self.port = name, protocol, port
        self.pid, self.resident = server.pid, server.resident

    def stop(self):
        pass


def holdfast(binary, store, *more):
    return lambda port: [
        binary, "serve", "--listen", f"127.0.0.1:{port}", "--data", store,
        "--max-tickets-per-principal", "3000000", *(more or ["--http", "off"]),
    ]


def redis(folder, keeps):
    directory = os.path.join(folder, "redis-" + keeps)
    os.makedirs(directory, exist_ok=True)
    return lambda port: [
        "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory,
        "--appendonly", keeps, "--appendfsync", "always",
    ]


def etcd(folder):
    peer = free_port()
    return lambda port: [
        "etcd", "--data-dir", os.path.join(folder, "etcd"), "--log-level", "error",
        "--listen-client-urls", f"http://127.0.0.1:{port}",
        "--advertise-client-urls", f"http://127.0.0.1:{port}",
        "--listen-peer-urls", f"http://127.0.0.1:{peer}",
        "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
        "--initial-cluster", f"default=http://127.0.0.1:{peer}",
    ]


def started(binary, floor, folder):
    """By name; each has one loop, as the others have one thread, but for the one that says otherwise."""
    web = free_port()
    one, both = ("--loops", "1"), ("--loops", "2")
    off = ("--http", "off")
    memory = Server(
        "holdfast", "holdfast", holdfast(binary, "none", *one, "--http", f"127.0.0.1:{web}")
    )
    servers = [
        memory,
        Door("holdfast http", "http", memory, web),
        Server(
            "holdfast durable", "holdfast",
            holdfast(binary, os.path.join(folder, "data"), *one, *off),
        ),
        Server("holdfast asleep", "holdfast", holdfast(binary, "none", *one, *off, "--no-polling")),
        Server("holdfast 2 loops", "holdfast", holdfast(binary, "none", *both, *off)),
        Server("floor", "floor", lambda port: [floor, str(port)]),
        Server("floor awake", "floor", lambda port: [floor, str(port), "50"]),
    ]
    if shutil.which("redis-server"):
        servers.append(Server("redis", "redis", redis(folder, "no")))
        servers.append(Server("redis durable", "redis", redis(folder, "yes")))
    else:
        print("redis-server is not installed: left out")
    if shutil.which("etcd"):
        servers.append(Server("etcd", "etcd", etcd(folder)))
    else:
        print("etcd is not installed: left out")
    return {server.name: server for server in servers}
