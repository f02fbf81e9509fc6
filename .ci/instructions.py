#!/usr/bin/env python3
"""Counts the instructions of the server for one cycle, and fails where they have become more than what is kept in
Benchmarks/Counting/instructions.json. What is counted does not depend on how busy the machine is.

    .ci/instructions.py --binary .build/release/holdfast            shows and checks
    .ci/instructions.py --binary .build/release/holdfast --update   keeps what was counted

The server runs twice under valgrind, for a few cycles and for many: the difference is the cycles' alone. Needs clang,
and valgrind as Debian has it.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "..", "Benchmarks", "Counting", "instructions.json")
# Words for the generator, words for the server.
SHAPES = {
    "sixteen in flight": (["depth=16"], ["--data", "none"]),
    "one in flight": (["depth=1"], ["--data", "none"]),
    "shared readers": (["depth=16", "shape=shared"], ["--data", "none"]),
    "hand-over": (["shape=hand-over"], ["--data", "none"]),
    "sixteen in flight, durable": (["depth=16"], None),
    "over HTTP": (["depth=1"], ["--data", "none"]),
}
FEW, MANY = 4_000, 16_000
# How the batches fall differs from run to run, and the C library's copies from processor to processor.
TOLERANCE = 1.04


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connected(port, process):
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"the server ended at once with {process.returncode}")
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
    sys.exit("the server does not listen")


def instructions(options, folder, name, cycles):
    """Of a whole run with so many cycles."""
    load, serve = SHAPES[name]
    line, http = free_port(), free_port()
    data = ["--data", os.path.join(folder, f"data-{cycles}")] if serve is None else serve
    log = os.path.join(folder, "valgrind.log")
    server = subprocess.Popen(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", f"--log-file={log}",
         os.path.join(folder, "holdfast"), "serve", "--listen", f"127.0.0.1:{line}",
         "--http", f"127.0.0.1:{http}", "--loops", "1", "--no-polling", *data],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "LD_PRELOAD": os.path.join(folder, "pause.so")},
    )
    try:
        protocol, port = ("http", http) if name == "over HTTP" else ("holdfast", line)
        connected(port, server)
        subprocess.run(
            [os.path.join(folder, "load"), protocol, str(port), "warmup=0", "seconds=120", f"cycles={cycles}", *load],
            check=True, stdout=subprocess.DEVNULL, timeout=150,
        )
        server.terminate()
        server.wait(60)
    finally:
        server.kill()
    with open(log) as file:
        found = re.search(r"I\s+refs:\s+([0-9,]+)", file.read())
    if not found:
        sys.exit(f"{name}: valgrind counted nothing")
    return int(found.group(1).replace(",", ""))


def per_cycle(options, folder, name):
    few, many = (instructions(options, folder, name, cycles) for cycles in (FEW, MANY))
    counted = round((many - few) / (MANY - FEW))
    print(f"  {name:30}{counted:>10} instructions per cycle", flush=True)
    return counted


def read_kept():
    with open(KEPT) as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, help="the release build of holdfast")
    parser.add_argument("--update", action="store_true", help="keep what is counted now")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Valgrind reads debug information that it cannot digest, and does not know how to wait for a signal.
        subprocess.run(["strip", "-g", "-o", os.path.join(folder, "holdfast"), options.binary], check=True)
        subprocess.run(
            ["clang", "-shared", "-fPIC", "-o", os.path.join(folder, "pause.so"), os.path.join(HERE, "pause.c")],
            check=True,
        )
        generator = os.path.join(HERE, "..", "Benchmarks", "Suite", "load.c")
        subprocess.run(["clang", "-O2", "-o", os.path.join(folder, "load"), generator], check=True)
        kept = {} if options.update else read_kept()
        counted = {}
        for name in SHAPES:
            counted[name] = per_cycle(options, folder, name)
            # Other work on the machine lets fewer requests come in one read; it never makes a cycle cheaper.
            for _ in range(2):
                if options.update or counted[name] <= kept[name] * TOLERANCE:
                    break
                counted[name] = min(counted[name], per_cycle(options, folder, name))
    if options.update:
        with open(KEPT, "w") as file:
            json.dump(counted, file, indent=2)
            file.write("\n")
        return
    worse = [
        f"{name}: {counted[name]} instead of {kept[name]}"
        for name in SHAPES if counted[name] > kept[name] * TOLERANCE
    ]
    if worse:
        sys.exit("more instructions than before:\n  " + "\n  ".join(worse))


if __name__ == "__main__":
    main()
