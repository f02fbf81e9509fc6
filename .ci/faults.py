#!/usr/bin/env python3
"""Drives the real server through every error at every call that concerns its data: the Nth write cut short, the Nth call
answered EIO or ENOSPC, the process killed before or after the Nth call. Then it starts again on the same data without a
fault, and what it had acknowledged must be there (rules 27, 28).

    python3 .ci/faults.py --binary .build/release/holdfast"""

import argparse
import collections
import concurrent.futures
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
# So many that the next life takes a snapshot.
STEPS_BEFORE = 36
SYNCS = ("fdatasync", "fsync")


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

    def calls(self):
        """The names of the calls, in order."""
        try:
            with open(self.log) as file:
                return [line.split()[1] for line in file]
        except FileNotFoundError:
            return []

    def run(self, fault, book, seed, steps=STEPS):
        """Plays the script; gives the exit code of the server and its log."""
        try:
            server = Server(self.binary, "--data", self.data, *FILES, environment=self.environment(fault))
        except Failure as problem:
            return "refused", str(problem)
        generator = random.Random(seed)
        try:
            client = Client(server.port, timeout=20)
            for _ in range(steps):
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


def check_end(kind, code, log, call):
    """A fault is survived, or the server says what it was and ends with an error; a sync that failed is never survived
    and never asked for again (rule 28)."""
    if kind.startswith("kill"):
        return
    # A snapshot for which there is no room is given up, and its file with it.
    if code == "refused" or code == 0 and not (kind == "eio" and call in SYNCS):
        return
    if code != 1 or "journal" not in log:
        raise Failure(f"it ended with {code} and said: {log[-500:]}")


def check_order(calls):
    """Without a fault: what is written is synced, what gets its name was synced before, and then its directory is."""
    if not {"renameat", "unlinkat"} <= set(calls):
        raise Failure("the script reaches no snapshot: nothing was renamed and removed")
    if calls.count("fdatasync") < STEPS:
        raise Failure(f"{calls.count('fdatasync')} syncs for {STEPS} steps")
    for place, call in enumerate(calls):
        if call != "renameat":
            continue
        before = [other for other in calls[:place] if other.startswith("pwrite") or other in SYNCS]
        if before[-1] not in SYNCS or calls[place + 1] != "fsync":
            raise Failure(f"call {place + 1} renames between {before[-1]} and {calls[place + 1]}")
    last = max(place for place, call in enumerate(calls) if call.startswith("pwrite"))
    if "fdatasync" not in calls[last:]:
        raise Failure("what was written last was not synced")


def worth_a_fault(calls):
    """Every call, but of the many writes of a snapshot the first, the last, and a few between."""
    numbers, place = [], 0
    while place < len(calls):
        end = place
        while end < len(calls) and calls[end] == calls[place]:
            end += 1
        numbers += [
            number + 1 for number in range(place, end)
            if number - place < 4 or end - number < 4 or (number - place) % 64 == 0
        ]
        place = end
    return numbers


def lives(options, library, folder, fault, seed):
    """A life without a fault, so that there is something to lose, and one with it."""
    trial = Trial(options.binary, library, folder)
    book = Book()
    trial.run("0:none", book, seed=1, steps=STEPS_BEFORE)
    os.remove(trial.log)
    code, log = trial.run(fault, book, seed=seed)
    return trial, book, code, log


def faultless_calls(options, library):
    with tempfile.TemporaryDirectory(prefix="holdfast-fault-") as folder:
        calls = lives(options, library, folder, "0:none", 1)[0].calls()
    check_order(calls)
    return calls


def try_fault(options, library, number, kind):
    """How the server ended; None where it came to no such call."""
    with tempfile.TemporaryDirectory(prefix="holdfast-fault-") as folder:
        trial, book, code, log = lives(options, library, folder, f"{number}:{kind}", number)
        calls = trial.calls()
        try:
            check_end(kind, code, log, calls[number - 1] if number <= len(calls) else None)
            server = Server(options.binary, "--data", trial.data, *FILES)
            try:
                audit(server, book)
            finally:
                server.process.kill()
                server.process.communicate()
        except Failure as problem:
            sys.exit(f"FAILED: {kind} at call {number}: {problem}")
        return code if number <= len(calls) else None


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
        # The clock was really moved: fences begin at its microseconds.
        if fences[6] - fences[5] < 80_000_000_000:
            raise Failure(f"the wall clock was not a day ahead: {fences}")
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
        calls = faultless_calls(options, library)
        numbers = worth_a_fault(calls)[::options.every]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for kind in options.kind or KINDS:
                ends = list(pool.map(lambda number: try_fault(options, library, number, kind), numbers))
                counts = collections.Counter(code for code in ends if code is not None)
                shown = ", ".join(f"{count} × {ending}" for ending, count in sorted(counts.items(), key=str))
                print(
                    f"  {kind}: {counts.total()} of {len(calls)} calls, the server ended with {shown}; "
                    "nothing acknowledged was lost", flush=True,
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
