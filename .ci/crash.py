#!/usr/bin/env python3
"""Kills the server with SIGKILL at random moments under load, starts it again on the same data, and holds what it shows
against what it had acknowledged (rules 18, 23, 26, 27).

    python3 .ci/crash.py --binary .build/release/holdfast --kills 30"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

from books import Book, Wrong, audit, step
from server import Client, Failure, Server

# Small files, so that segments and snapshots are begun and finished all the time.
FILES = ["--segment", "65536", "--snapshot-after", "65536"]


def load(port, book, seed, stop):
    """One client: goes on until the server is gone."""
    generator = random.Random(seed)
    try:
        client = Client(port, timeout=20)
        while not stop.is_set():
            step(client, book, generator)
        client.close()
    except Wrong as problem:
        stop.problem = problem
    except (Failure, OSError):
        # The kill; what it cost shows in the books.
        pass


def new_session(server, book):
    client = Client(server.port)
    session = client.take(op="hello", version=1, session={"grace": 300})["session"]
    book.sessions = (book.sessions + [(session["id"], session["secret"])])[-4:]
    return client


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.kills} kills", flush=True)
    generator = random.Random(options.seed)
    book = Book()
    directory = tempfile.mkdtemp(prefix="holdfast-crash-")
    data = f"{directory}/data"
    slowest = 0
    try:
        for turn in range(options.kills + 1):
            begun = time.monotonic()
            server = Server(options.binary, "--data", data, *FILES)
            slowest = max(slowest, time.monotonic() - begun)
            try:
                audit(server, book)
                if turn == options.kills:
                    break
                keeper = new_session(server, book)
                stop = threading.Event()
                stop.problem = None
                clients = [
                    threading.Thread(target=load, args=(server.port, book, generator.random(), stop)) for _ in range(4)
                ]
                for client in clients:
                    client.start()
                time.sleep(generator.uniform(0.01, 0.4))
                server.process.send_signal(signal.SIGKILL)
                stop.set()
                for client in clients:
                    client.join()
                keeper.close()
                if stop.problem:
                    raise stop.problem
            except Failure as problem:
                problem.add_note(f"turn {turn}, seed {options.seed}, data kept in {data}")
                directory = None
                raise
            finally:
                server.process.kill()
                server.process.communicate()
    except Failure as problem:
        sys.exit(f"FAILED: {problem} ({'; '.join(getattr(problem, '__notes__', []))})")
    finally:
        if directory:
            shutil.rmtree(directory, ignore_errors=True)
    print(
        f"  {book.acknowledged} acknowledged, {len(book.tickets)} live at the end, "
        f"{slowest:.2f} s for the slowest start; nothing was lost"
    )


main()
