#!/usr/bin/env python3
"""Holdfast beside the floor (a C server that does nothing but answer) and beside Redis, under the same generator and
the same shapes of load, in turn. What counts are ratios of one run; rounds are interleaved: the machine is shared.

    swift build -c release
    Benchmarks/Suite/suite.py --binary .build/release/holdfast

Prints, for each shape, cycles per second, server CPU per cycle, and p50 of a grant or a hand-over: the median, with
the lowest and the highest round, and Holdfast's ratio to each of the others. With --json PATH the same as JSON. Needs
clang; Redis is left out, and named as left out, where redis-server is not installed. Everything listens on 127.0.0.1.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPES = {
    "16 deep": ["depth=16"],
    "1 in flight": ["depth=1"],
    "hand-over": ["shape=hand-over"],
}
# Shapes that are mostly waking up: there it is told how it is with and without a look before the sleep.
WAKING = ("1 in flight", "hand-over")
TICK = os.sysconf("SC_CLK_TCK")


def compiled(name, folder):
    program = os.path.join(folder, name)
    subprocess.run(["clang", "-O2", "-o", program, os.path.join(HERE, name + ".c")], check=True)
    return program


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server under test: how it is started, and what the generator calls its language."""

    def __init__(self, name, protocol, command, shapes=tuple(SHAPES)):
        self.name, self.protocol, self.port, self.shapes = name, protocol, free_port(), shapes
        self.process = subprocess.Popen(
            command(str(self.port)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.wait()

    def wait(self):
        for _ in range(200):
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended at once with {self.process.returncode}")
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{self.name} does not listen")

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            words = file.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / TICK

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def measured(load, server, words, seconds):
    before = server.cpu()
    answer = subprocess.run(
        [load, server.protocol, str(server.port), "warmup=0", f"seconds={seconds}"] + words,
        check=True, capture_output=True, text=True, timeout=seconds + 30,
    )
    told = json.loads(answer.stdout)
    times = told["handOver"] if "handOver" in told else told["acquire"]
    return {
        "cyclesPerSecond": told["cycles"] / told["seconds"],
        "cpuMicroseconds": (server.cpu() - before) * 1e6 / max(told["cycles"], 1),
        "p50": times["p50"], "p99": times["p99"], "p999": times["p999"],
    }


def summary(rounds):
    return {
        key: {"min": min(values), "median": statistics.median(values), "max": max(values)}
        for key in rounds[0]
        for values in [[one[key] for one in rounds]]
    }


def spread(value, scale=1.0, digits=1):
    low, middle, high = (value[name] / scale for name in ("min", "median", "max"))
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def table(results, subject):
    lines = []
    for shape, servers in results.items():
        lines.append(f"\n{shape}")
        lines.append(f"  {'':18}{'k cycles/s':>22}{'CPU us/cycle':>22}{'p50 us':>22}   {subject} to it")
        for name, told in servers.items():
            # Durable is set against durable.
            own = servers[f"{subject} durable" if name.endswith("durable") else subject]
            ratios = " ".join(
                f"{word} {own[key]['median'] / told[key]['median']:.2f}x"
                for word, key in (("cycles", "cyclesPerSecond"), ("CPU", "cpuMicroseconds"), ("p50", "p50"))
                if told[key]["median"] > 0
            )
            lines.append(
                f"  {name:18}{spread(told['cyclesPerSecond'], 1000):>22}"
                f"{spread(told['cpuMicroseconds'], 1, 2):>22}{spread(told['p50']):>22}   {ratios}"
            )
    return "\n".join(lines)


def started(options, floor, folder):
    """Every server that this machine has, with what is left out said."""
    data = os.path.join(folder, "data")

    def holdfast(store, *more):
        return lambda port: [
            options.binary, "serve", "--listen", f"127.0.0.1:{port}", "--http", "off", "--data", store,
            "--loops", str(options.loops), *more,
        ]

    def redis(keeps):
        directory = os.path.join(folder, "redis-" + keeps)
        os.makedirs(directory)
        return lambda port: [
            "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", directory,
            "--appendonly", keeps, "--appendfsync", "always",
        ]

    servers = [
        Server("holdfast", "holdfast", holdfast("none")),
        Server("holdfast durable", "holdfast", holdfast(data)),
        Server("holdfast asleep", "holdfast", holdfast("none", "--no-polling"), WAKING),
        Server("floor", "floor", lambda port: [floor, port]),
        Server("floor awake", "floor", lambda port: [floor, port, "50"], WAKING),
    ]
    if shutil.which("redis-server"):
        servers.append(Server("redis", "redis", redis("no")))
        servers.append(Server("redis durable", "redis", redis("yes")))
    else:
        print("redis-server is not installed: left out")
    return servers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, help="the release build of holdfast")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every server and shape (5)")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a measurement (1.5)")
    parser.add_argument("--loops", type=int, default=1, help="loops of holdfast (1, as the others have one thread)")
    parser.add_argument("--directory", help="where durable servers write (a temporary directory)")
    parser.add_argument("--json", metavar="PATH", help="write everything there, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory) as folder:
        load, floor = compiled("load", folder), compiled("floor", folder)
        servers = started(options, floor, folder)
        try:
            rounds = {
                shape: {server.name: [] for server in servers if shape in server.shapes}
                for shape in SHAPES
            }
            for server in servers:
                measured(load, server, [], 0.5)
            for _ in range(options.rounds):
                for shape, words in SHAPES.items():
                    for server in servers:
                        if shape not in server.shapes:
                            continue
                        told = measured(load, server, words, options.seconds)
                        rounds[shape][server.name].append(told)
        finally:
            for server in servers:
                server.stop()
    results = {
        shape: {name: summary(told) for name, told in of_shape.items()}
        for shape, of_shape in rounds.items()
    }
    print(table(results, "holdfast"))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=2)
    print()


if __name__ == "__main__":
    main()
