#!/usr/bin/env python3
"""Drives the real server through every error at every call that concerns its data: the Nth write cut short, the Nth call
answered EIO or ENOSPC, the process killed before or after the Nth call. Then it starts again on the same data without a
fault, and what it had acknowledged must be there (rules 27, 28).

    python3 .ci/faults.py --binary .build/release/holdfast"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

from books import Book, audit, step
from server import Client, Failure, Server

KINDS = ["eio", "enospc", "short", "kill-before", "kill-after"]
FILES = ["--segment", "4096", "--snapshot-after", "4096", "--loops", "1"]
STEPS = 14


class Trial:
    """One life of a server with a fault in it."""

    def __init__(self, binary, library, folder):
        self.binary, self.library, self.folder = binary, library, folder
        self.data = os.path.join(folder, "data")
        self.log = os.path.join(folder, "calls")

    def environment(self, fault):
        return {
            "LD_PRELOAD": self.library,
            "HOLDFAST_FAULT": fault,
            "HOLDFAST_FAULT_DIR": self.data,
            "HOLDFAST_FAULT_LOG": self.log,
        }

    def call_count(self):
        try:
            with open(self.log) as file:
                return sum(1 for _ in file)
        except FileNotFoundError:
            return 0

    def run(self, fault, book, seed):
        """Plays the script; gives the exit code of the server and its log."""
        try:
            server = Server(self.binary, "--data", self.data, *FILES, environment=self.environment(fault))
        except Failure as problem:
            return "refused", str(problem)
        generator = random.Random(seed)
        try:
            client = Client(server.port, timeout=20)
            for _ in range(STEPS):
                step(client, book, generator)
            client.close()
        except (Failure, OSError):
            pass
        if server.process.poll() is None:
            server.process.terminate()
        try:
            _, rest = server.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.communicate()
            raise Failure("the server neither served nor ended") from None
        return server.process.returncode, (server.log + rest).decode(errors="replace")


def check_end(kind, code, log):
    """A fault is survived, or the server says what it was and ends with an error."""
    if kind.startswith("kill"):
        return
    if code in (0, "refused"):
        return
    if code != 1 or "journal" not in log:
        raise Failure(f"it ended with {code} and said: {log[-500:]}")


def try_fault(options, library, number, kind):
    with tempfile.TemporaryDirectory(prefix="holdfast-fault-") as folder:
        trial = Trial(options.binary, library, folder)
        book = Book()
        # A first life without a fault, so that there is something to lose.
        trial.run("0:none", book, seed=1)
        os.remove(trial.log)
        code, log = trial.run(f"{number}:{kind}", book, seed=number)
        reached = trial.call_count()
        check_end(kind, code, log)
        server = Server(options.binary, "--data", trial.data, *FILES)
        try:
            audit(server, book)
        finally:
            server.process.kill()
            server.process.communicate()
        return reached, code


def move_clocks(options, library):
    """Rule 18: a wall clock that goes back between two starts repeats no fence."""
    with tempfile.TemporaryDirectory(prefix="holdfast-clock-") as folder:
        data, fences = os.path.join(folder, "data"), []
        for seconds in (0, -86_400, 86_400, -3_600):
            environment = {"LD_PRELOAD": library, "HOLDFAST_WALL_SECONDS": str(seconds)}
            server = Server(options.binary, "--data", data, *FILES, environment=environment)
            client = Client(server.port)
            for _ in range(3):
                reply = client.take(op="queue", resource="clock")
                client.take(op="release", ticket=reply["ticket"])
                fences.append(reply["fence"])
            client.close()
            server.stop()
        if fences != sorted(set(fences)):
            raise Failure(f"fences do not rise when the wall clock moves: {fences}")
        print(f"  wall clock moved 0, -24 h, +24 h, -1 h between starts: {len(fences)} fences rise")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--every", type=int, default=1, help="only every so many calls")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="holdfast-shim-")
    library = os.path.join(folder, "faults.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.c")
    compiler = shutil.which("clang") or "cc"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-w", "-o", library, source, "-ldl"], check=True)
    try:
        move_clocks(options, library)
        for kind in options.kind or KINDS:
            number, endings = 1, {}
            while True:
                try:
                    reached, code = try_fault(options, library, number, kind)
                except Failure as problem:
                    sys.exit(f"FAILED: {kind} at call {number}: {problem}")
                if reached < number:
                    break
                endings[code] = endings.get(code, 0) + 1
                number += options.every
            shown = ", ".join(f"{count} × {ending}" for ending, count in sorted(endings.items(), key=str))
            print(f"  {kind}: {number - 1} calls, the server ended with {shown}; nothing acknowledged was lost", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
