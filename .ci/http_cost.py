#!/usr/bin/env python3
"""Measures what a cycle of acquire and release costs the server over HTTP, against the same over TCP: the time of its
processors, not the time that passes. Rounds of both alternate, because the machine changes while they run. The client
is a program in C: the server looks around for a moment before it sleeps, so a client that lets it wait would be
measured, too.

    .ci/http_cost.py --binary .build/release/holdfast
    .ci/http_cost.py --binary .build/release/holdfast --rounds 30 --connections 64

Fails when the median of the ratios of the rounds is above --limit, and is so again each time that it is measured anew:
others on the machine take caches away for a minute or more, which makes what needs more of them dearer by more."""

import argparse
import os
import statistics
import subprocess
import tempfile
import time

from server import Failure, serving

ATTEMPTS = 3
# Seconds between them.
PAUSE = 15


def build(folder):
    program = os.path.join(folder, "http_cost")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "http_cost.c")
    subprocess.run(["clang", "-O2", "-Wall", "-D_GNU_SOURCE", "-o", program, source], check=True, timeout=60)
    return program


def cost(server, program, kind, options):
    """Microseconds of processor time for each cycle."""
    port = server.port if kind == "tcp" else server.http_port
    begun = server.cpu_seconds
    command = [program, kind, str(port), str(options.connections), str(options.cycles)]
    made = subprocess.run(command, timeout=120, capture_output=True, text=True)
    if made.returncode != 0:
        raise Failure(f"the client ended with {made.returncode}: {made.stderr}")
    return (server.cpu_seconds - begun) / options.cycles * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--cycles", type=int, default=50_000)
    parser.add_argument("--limit", type=float, default=2.0)
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        program = build(folder)
        with serving(options.binary, "--http", "127.0.0.1:0", "--loops", "1") as server:
            for kind in ("tcp", "http"):
                cost(server, program, kind, options)
            for attempt in range(ATTEMPTS):
                if attempt > 0:
                    time.sleep(PAUSE)
                found.append(measured(server, program, options))
                if found[-1] <= options.limit:
                    return
    raise Failure(f"a cycle over HTTP costs {' and '.join(f'{ratio:.2f}' for ratio in found)} times one over TCP")


def measured(server, program, options):
    """The median of the ratios of all rounds."""
    begun = time.monotonic()
    tcp, http = [], []
    for _ in range(options.rounds):
        tcp.append(cost(server, program, "tcp", options))
        http.append(cost(server, program, "http", options))
    ratios = [one / other for one, other in zip(http, tcp)]
    for name, values in (("TCP, µs a cycle", tcp), ("HTTP, µs a cycle", http), ("ratio", ratios)):
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"{name:18} min {low:6.2f}  median {middle:6.2f}  max {high:6.2f}")
    seconds = time.monotonic() - begun
    print(f"{options.rounds} rounds of {options.cycles} cycles, {options.connections} connections, {seconds:.0f} s")
    return statistics.median(ratios)


if __name__ == "__main__":
    main()
