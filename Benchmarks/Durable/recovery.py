#!/usr/bin/env python3
"""Measures how long a start takes with many live tickets in the data directory: after `kill -9`, once from the log alone
and once from snapshots, beside reading the same files in the same run.

    swift build -c release
    Benchmarks/Durable/recovery.py --binary .build/release/holdfast --tickets 1000000

Everything listens on 127.0.0.1 and lives in a temporary directory below --directory, which decides the disk."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

CLIENTS = 4
WAITERS = 10
LIMITS = ["--max-tickets-per-principal", "4000000"]


def start(binary, data, *flags):
    """The process, its port, what its ready line says, and the seconds until that."""
    begun = time.monotonic()
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--http", "off", "--data", data, *LIMITS, *flags]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "holdfast ready" in line:
            words = dict(word.split("=", 1) for word in line.split() if "=" in word)
            return process, int(words["tcp"].rsplit(":", 1)[1]), words, time.monotonic() - begun
    sys.exit(f"the server did not start: {process.wait()}")


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def queue(port, first, count, problems):
    """Tickets of one client: each resource has a holder and those who wait for it."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = connection.makefile("rb")
        for begin in range(first, first + count, 500):
            lines = [
                json.dumps({"op": "queue", "resource": f"job/{number // WAITERS}", "lease": 86_400,
                            "pollWithin": 86_400, "holder": f"worker-{number}", "notify": "none"})
                for number in range(begin, min(begin + 500, first + count))
            ]
            connection.sendall("\n".join(lines).encode() + b"\n")
            for _ in lines:
                answer = answers.readline()
                if b'"ok":true' not in answer:
                    problems.append(answer)
                    return


def fill(port, count):
    problems = []
    share = count // CLIENTS
    clients = [threading.Thread(target=queue, args=(port, n * share, share, problems)) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if problems:
        sys.exit(f"a ticket was refused: {problems[0]}")
    return share * CLIENTS


def wait_for_snapshot(data):
    """One that is being written is finished first."""
    for _ in range(300):
        time.sleep(0.1)
        if not any(name.endswith(".tmp") and name.startswith("snapshot") for name in os.listdir(data)):
            return


def reading(data):
    """Bytes of the files, and the seconds of reading them once."""
    begun, total = time.monotonic(), 0
    for name in os.listdir(data):
        with open(os.path.join(data, name), "rb") as file:
            while chunk := file.read(1 << 20):
                total += len(chunk)
    return total, time.monotonic() - begun


def measure(binary, folder, count, title, *flags):
    data = os.path.join(folder, "data")
    process, port, _, _ = start(binary, data, *flags)
    made = fill(port, count)
    wait_for_snapshot(data)
    kill(process)
    size, plain = reading(data)
    names = os.listdir(data)
    files = ", ".join(f"{sum(name.startswith(kind) for name in names)} {kind}s" for kind in ("segment", "snapshot"))
    rounds = []
    for _ in range(3):
        process, _, words, seconds = start(binary, data, "--snapshot-after", str(1 << 40))
        kill(process)
        if int(words["recovered"]) != made:
            sys.exit(f"{made} tickets were acknowledged and {words['recovered']} recovered")
        rounds.append(seconds)
    shutil.rmtree(data)
    seconds = sorted(rounds)[1]
    print(f"{title}: {made} live tickets, {size / 1e6:.0f} MB in {files}: {seconds:.2f} s "
          f"= {seconds / made * 1e6:.2f} us a ticket, {seconds / plain:.0f} times reading the files")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", default=".build/release/holdfast")
    parser.add_argument("--directory", default=".build", help="on the disk that is measured")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="recovery-", dir=options.directory)
    try:
        measure(options.binary, folder, options.tickets, "from the log", "--snapshot-after", str(1 << 40))
        measure(options.binary, folder, options.tickets, "from snapshots and what came after", "--snapshot-after", "16777216")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
