#!/usr/bin/env python3
"""Holdfast beside the floor (a C server that does nothing but answer), Redis and etcd, under the same generator and the
same shapes of load, in turn. What counts are ratios of one run; rounds are interleaved: the machine is shared.

    swift build -c release
    Benchmarks/Suite/suite.py --binary .build/release/holdfast --json suite.json --svg suite.svg

Prints a table of ratios, and for each shape cycles per second, the server's CPU per cycle, and the times of a grant (at
hand-over: from the release to the next grant): the median, with the lowest and the highest round. Needs clang; a peer
that is not installed is left out, and named as left out.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import report
import servers as houses

HERE = os.path.dirname(os.path.abspath(__file__))
HOLDFAST = ["holdfast"]
# Each shape with the words for the generator and who is measured under it.
SHAPES = {
    "16 deep": (
        ["depth=16"],
        ["holdfast", "holdfast durable", "holdfast 2 loops", "holdfast http", "floor", "redis", "redis durable"],
    ),
    "1 in flight": (
        ["depth=1"],
        ["holdfast", "holdfast durable", "holdfast asleep", "holdfast http", "floor", "floor awake", "redis",
         "redis durable", "etcd"],
    ),
    "hand-over": (
        ["shape=hand-over"],
        ["holdfast", "holdfast durable", "holdfast asleep", "floor", "floor awake", "redis"],
    ),
    "shared readers": (["shape=shared", "depth=16"], HOLDFAST),
    "semaphore": (["shape=permit", "depth=16"], HOLDFAST),
    "beside 100,000 waiters": (["shape=behind", "depth=16", "keys=100000"], HOLDFAST),
    "1,000 resources": (["depth=16", "keys=1024", "prefix=few"], HOLDFAST),
    # So many are remembered because they were locked a moment ago.
    "1,000,000 resources": (["depth=16", "keys=1000000", "prefix=many"], HOLDFAST),
    "10,000 connections": (["connections=10000", "depth=1", "warmup=1"], ["holdfast", "floor", "redis"]),
    "100,000 leases end": (["shape=expiring", "keys=100000"], HOLDFAST),
}
# Locked once before the first round, so that they are there.
FIRST = {"1,000,000 resources": ["seconds=12"]}
HELD = 1_000_000
# A machine that stood still for a whole round is no answer.
TRIES = 3


def compiled(name, folder):
    program = os.path.join(folder, name)
    subprocess.run(["clang", "-O2", "-o", program, os.path.join(HERE, name + ".c")], check=True)
    return program


def measured(load, server, words, seconds):
    command = [load, server.protocol, str(server.port), f"pid={server.pid}", "warmup=0", f"seconds={seconds}", *words]
    for _ in range(TRIES):
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=seconds + 60)
        told = json.loads(answer.stdout)
        times = told.get("handOver") or told.get("acquire")
        if told["cycles"] and times:
            break
        print(f"{server.name} finished nothing: {' '.join(command)}", file=sys.stderr)
    else:
        sys.exit(f"{server.name} finished nothing in {TRIES} rounds, one after another")
    return {
        "rate": told["cycles"] / told["seconds"],
        "cpu": told["cpu"] * 1e6 / told["cycles"],
        "p50": times["p50"], "p99": times["p99"], "p999": times["p999"],
    }


def summary(rounds):
    return {
        key: {"min": min(values), "median": statistics.median(values), "max": max(values)}
        for key in rounds[0]
        for values in [[one[key] for one in rounds]]
    }


def bytes_per_lock(load, name, protocol, command):
    """Of a fresh server: what it takes for so many locks that are held, once it has come to rest. One round."""
    server = houses.Server(name, protocol, command)
    try:
        before = server.resident()
        subprocess.run(
            [load, protocol, str(server.port), "shape=hold", "depth=16", f"keys={HELD}", "seconds=120"],
            check=True, capture_output=True, timeout=180,
        )
        last = None
        for _ in range(30):
            time.sleep(1)
            now = server.resident()
            if last is not None and now >= last:
                break
            last = now
        return {"bytes": summary([{"bytes": (now - before) / HELD}])["bytes"]}
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, help="the release build of holdfast")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every server and shape (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a measurement (1)")
    parser.add_argument("--only", action="append", metavar="SHAPE", help="this shape alone; may be repeated")
    parser.add_argument("--directory", help="where durable servers write (a temporary directory)")
    parser.add_argument("--json", metavar="PATH", help="write everything there, too")
    parser.add_argument("--svg", metavar="PATH", help="draw a chart there")
    options = parser.parse_args()
    unknown = set(options.only or []) - set(SHAPES) - {"a million held"}
    if unknown:
        parser.error(f"no shape is called {', '.join(unknown)}; there are: {', '.join(SHAPES)}, a million held")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    shapes = {name: shape for name, shape in SHAPES.items() if not options.only or name in options.only}
    with tempfile.TemporaryDirectory(dir=options.directory) as folder:
        load, floor = compiled("load", folder), compiled("floor", folder)
        results = run(load, houses.started(options.binary, floor, folder), shapes, options)
        if not options.only or "a million held" in options.only:
            command = houses.holdfast(options.binary, "none", "--loops", "1", "--http", "off")
            held = {"holdfast": bytes_per_lock(load, "holdfast", "holdfast", command)}
            if houses.shutil.which("redis-server"):
                held["redis"] = bytes_per_lock(load, "redis", "redis", houses.redis(folder, "no"))
            results["a million held"] = held
    print(report.text(results))
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"ratios": report.ratios(results), "figures": results}, file, indent=2)
    if options.svg:
        with open(options.svg, "w") as file:
            file.write(report.svg(results))


def run(load, servers, shapes, options):
    rounds = {
        shape: {name: [] for name in names if name in servers} for shape, (_, names) in shapes.items()
    }
    try:
        for server in servers.values():
            measured(load, server, [], 0.5)
        for shape in shapes:
            if shape in FIRST:
                measured(load, servers["holdfast"], shapes[shape][0] + FIRST[shape], 12)
        for _ in range(options.rounds):
            for shape, (words, _) in shapes.items():
                for name, found in rounds[shape].items():
                    found.append(measured(load, servers[name], words, options.seconds))
    finally:
        for server in servers.values():
            server.stop()
    return {
        shape: {name: summary(told) for name, told in of_shape.items()}
        for shape, of_shape in rounds.items()
    }


if __name__ == "__main__":
    main()
