#!/usr/bin/env python3
"""Measures what durability costs: cycles (acquire and release) and syncs per second by connections and pipeline, how many
entries share a batch, beside the raw fdatasync rate of the same disk in the same run, and beside Redis with
`appendfsync always` under the same shape of load, where redis-server and redis-benchmark are installed.

    swift build -c release
    Benchmarks/Durable/durable.py --binary .build/release/holdfast

Everything listens on 127.0.0.1 and lives in a temporary directory below --directory, which decides the disk."""

import argparse
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

SHAPES = [(1, 1), (16, 1), (64, 1), (64, 16)]
HEADER_BYTES = 72
FRAME_BYTES = 32
ENTRIES = 1
# What --check holds it to.
ROUNDS = 5
REDIS_TIMES = 3
SYNCS_MOST = 2


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0


def raw_syncs(folder, seconds=1.0):
    """Microseconds of a write of 128 bytes and an fdatasync into reserved space, as the journal does it."""
    path = os.path.join(folder, "raw")
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.posix_fallocate(file, 0, 64 << 20)
    os.fsync(file)
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        os.pwrite(file, b"x" * 128, len(times) * 128)
        os.fdatasync(file)
        times.append((time.perf_counter() - begun) * 1e6)
    os.close(file)
    os.remove(path)
    return times


def batches(data):
    """Entries of every batch, and how many syncs they shared: those of one sync name the same `durable`."""
    counts, syncs = [], set()
    for name in sorted(os.listdir(data)):
        if not name.startswith("segment-") or name.endswith(".tmp"):
            continue
        with open(os.path.join(data, name), "rb") as file:
            content = file.read()
        offset = HEADER_BYTES
        while offset + FRAME_BYTES <= len(content):
            _, length, _, kind, _, durable = struct.unpack_from("<IIIIQQ", content, offset)
            if kind == 0:
                break
            syncs.add(durable)
            if kind == ENTRIES:
                counts.append(entry_count(content, offset + FRAME_BYTES, length))
            offset += (FRAME_BYTES + length + 7) // 8 * 8
    return counts, len(syncs)


def entry_count(content, start, length):
    place, end, count = start, start + length, 0
    while content[place] & 0x80:
        place += 1
    place += 1
    while place < end:
        place += 3 + int.from_bytes(content[place : place + 3], "little")
        count += 1
    return count


def histogram(counts):
    """How many batches had 1, 2-3, 4-7 … entries."""
    buckets = {}
    for count in counts:
        bucket = 1 << (count.bit_length() - 1)
        buckets[bucket] = buckets.get(bucket, 0) + 1
    return "  ".join(f"{bucket}+: {buckets[bucket]}" for bucket in sorted(buckets))


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def measure(binary, folder, connections, pipeline, seconds):
    data = os.path.join(folder, "data")
    flags = ["--listen", "127.0.0.1:0", "--http", "off", "--data", data, "--snapshot-after", str(1 << 40)]
    server = subprocess.Popen([binary, "serve", *flags], stderr=subprocess.PIPE, text=True)
    try:
        ready = server.stderr.readline()
        words = [word for word in ready.split() if word.startswith("tcp=")]
        if not words:
            sys.exit(f"the server did not start: {ready}")
        load = ["--connections", str(connections), "--pipeline", str(pipeline)]
        result = subprocess.run(
            [binary, "bench", "--server", words[0][4:], *load, "--seconds", str(seconds), "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=seconds + 60)
        outcome = json.loads(result.stdout)
    finally:
        stop(server)
    counts, syncs = batches(data)
    shutil.rmtree(data)
    # The load also ran before the measurement: rates are of what was written per cycle.
    share = outcome["cycles"] / max(1, sum(counts)) * 2
    return outcome, counts, syncs * min(1.0, share) / outcome["seconds"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


RELEASE = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end"


def measure_redis(folder, connections, pipeline, seconds):
    """A cycle is SET NX PX, then a script that deletes what is still one's own: each is one durable write."""
    data = os.path.join(folder, "redis")
    os.mkdir(data)
    port = free_port()
    flags = ["--bind", "127.0.0.1", "--port", str(port), "--dir", data, "--appendonly", "yes",
             "--appendfsync", "always", "--save", ""]
    server = subprocess.Popen(["redis-server", *flags], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        load = ["-p", str(port), "-c", str(connections), "-P", str(pipeline), "-r", "1000000", "--csv"]
        rates = []
        for command in (["set", "lock:__rand_int__", "owner", "NX", "PX", "30000"],
                        ["eval", RELEASE, "1", "lock:__rand_int__", "owner"]):
            trial = rate(load, command, 2_000)
            rates.append(rate(load, command, max(2_000, int(trial * seconds / 2))))
        return 1 / sum(1 / value for value in rates)
    finally:
        stop(server)
        shutil.rmtree(data)


def rate(load, command, count):
    result = subprocess.run(["redis-benchmark", *load, "-n", str(count), *command],
                            stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    return float(result.stdout.strip().splitlines()[-1].rsplit('","', 7)[1])


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("redis-server did not start")


def report(options, folder, shapes, has_redis):
    """One round: how many raw fdatasyncs one connection waits for its grant, and how many times Redis's cycles the last
    shape has; nil without Redis."""
    times = raw_syncs(folder)
    raw = percentile(times, 0.5)
    print(f"raw fdatasync: median {raw:.0f} us, p99 {percentile(times, 0.99):.0f} us, {len(times)}/s")
    waited, ratio = None, None
    for connections, pipeline in shapes:
        outcome, counts, syncs = measure(options.binary, folder, connections, pipeline, options.seconds)
        grant = outcome["acquireMicroseconds"]["p50"]
        if (connections, pipeline) == (1, 1):
            # The disk has become another meanwhile, where others use it.
            raw = (raw + percentile(raw_syncs(folder), 0.5)) / 2
            waited = grant / raw
        print(f"{connections:3} connections x {pipeline:2}: {outcome['cyclesPerSecond']:7} cycles/s, "
              f"{syncs:6.0f} syncs/s, grant {grant:.0f} us = {grant / raw:.1f} raw fdatasyncs")
        print(f"    entries per batch: {histogram(counts)}")
        if has_redis:
            cycles = measure_redis(folder, connections, pipeline, options.seconds)
            ratio = outcome["cyclesPerSecond"] / cycles
            print(f"    redis, appendfsync always: {cycles:.0f} cycles/s; holdfast has {ratio:.1f} times as many")
    return waited, ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", default=".build/release/holdfast")
    parser.add_argument("--directory", default=".build", help="on the disk that is measured")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help=f"fails where the median of {ROUNDS} rounds has less than "
                        f"{REDIS_TIMES} times Redis's cycles, or waits for more than {SYNCS_MOST} fdatasyncs")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="durable-", dir=options.directory)
    has_redis = shutil.which("redis-server") and shutil.which("redis-benchmark")
    try:
        if not options.check:
            report(options, folder, SHAPES, has_redis)
            if not has_redis:
                print("redis-server is not installed: nothing to compare with")
            return
        if not has_redis:
            sys.exit("redis-server is not installed: nothing to compare with")
        rounds = [report(options, folder, [SHAPES[0], SHAPES[-1]], has_redis) for _ in range(ROUNDS)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    waited = percentile([waited for waited, _ in rounds], 0.5)
    ratio = percentile([ratio for _, ratio in rounds], 0.5)
    print(f"median of {ROUNDS} rounds: {ratio:.1f} times Redis's cycles, a grant in {waited:.2f} raw fdatasyncs")
    if ratio < REDIS_TIMES or waited > SYNCS_MOST:
        sys.exit("FAILED: that is not what is promised")


if __name__ == "__main__":
    main()
