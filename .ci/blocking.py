#!/usr/bin/env python3
"""No question over HTTP keeps the loop from others: while the largest answers that there are are made, a client of the
line protocol on the same loop is answered again and again.

    .ci/blocking.py --binary .build/release/holdfast

A question that held the loop would let the client wait for as long as it takes itself, in every try; that the machine is
busy with something else shows in some. So the longest wait is held against the time of the question, in the best try.
Of the changes only a clear is long, which ends a whole queue in one step because rule 9 says so."""

import argparse
import selectors
import socket
import time

from server import Client, Failure, encode, in_batches, serving

HELD = 50_000  # resources
WAITING = 50_000  # in the queue of one of them
PER_PRINCIPAL = 25_000
TRIES = 5
# A turn of a loop lasts 20 ms at most, and replies leave at its end: what takes no longer than that is one piece.
TURN = 0.025

QUESTIONS = [
    "GET /v1/resources?limit=1000",
    "GET /v1/resources?limit=1000&prefix=courses/many/gadgets/g4",
    "GET /v1/resources?limit=1000&sort=queue",
    "GET /v1/resources/org/app/deep",
    "GET /v1/history/org/app/deep",
    "GET /sfp/api/locks/org%2Fapp/deep",
    "GET /locks?subject.courseId=many",
    "GET /metrics",
    "GET /openapi.json",
    "GET /v1/check?resource=org/app/deep&fence=1",
]


def taken(answer):
    if not answer["ok"]:
        raise Failure(f"a lock was refused: {answer}")


def principals(port, name, count):
    for number in range(-(-count // PER_PRINCIPAL)):
        client = Client(port, timeout=60)
        client.take(op="hello", version=1, token=f"{name}{number}")
        yield client


def hold_many(port):
    number = 0
    for client in principals(port, "holder", HELD):
        lines = [
            encode({"op": "queue", "resource": f"courses/many/gadgets/g{number + n}", "lease": 3600, "notify": "none"})
            for n in range(PER_PRINCIPAL)
        ]
        in_batches(client, lines, taken)
        number += PER_PRINCIPAL


def queue_up(port):
    line = encode({"op": "queue", "resource": "org/app/deep", "lease": 3600, "pollWithin": 3600, "notify": "none"})
    for client in principals(port, "waiter", WAITING):
        in_batches(client, [line] * PER_PRINCIPAL, taken)


class Question:
    """One request over HTTP and what the line client lived through meanwhile."""

    def __init__(self, server, line, words):
        method, target = words.split(" ", 1)
        self.line = line
        self.http = socket.create_connection(("127.0.0.1", server.http_port), timeout=60)
        self.http.setblocking(False)
        self.request = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer judge\r\n"
        self.request += "SID: judge\r\nConnection: close\r\n\r\n"
        self.received = bytearray()

    def run(self):
        """The seconds that it took, and the longest of the line client."""
        selector = selectors.DefaultSelector()
        selector.register(self.http, selectors.EVENT_READ, self.http)
        selector.register(self.line.socket, selectors.EVENT_READ, self.line.socket)
        self.line.send({"op": "ping"})
        self.line.reply()
        begun = asked = time.monotonic()
        self.http.send(self.request.encode())
        self.line.send({"op": "ping"})
        longest, is_open, deadline = 0.0, True, begun + 60
        while is_open:
            if time.monotonic() > deadline:
                raise Failure("no whole answer within 60 s")
            for key, _ in selector.select(1):
                if key.data is self.line.socket:
                    self.line.reply()
                    now = time.monotonic()
                    longest = max(longest, now - asked)
                    asked = now
                    self.line.send({"op": "ping"})
                else:
                    part = self.http.recv(1 << 18)
                    self.received += part
                    is_open = bool(part)
        took = time.monotonic() - begun
        self.line.reply()
        longest = max(longest, time.monotonic() - asked)
        self.http.close()
        status = bytes(self.received[9:12])
        # Whoever checks a fence that is not current is told so by a status.
        if status not in (b"200", b"403"):
            raise Failure(f"answered {bytes(self.received[:300])!r}")
        return took, longest


def best_try(server, line, words):
    """Ends with the first try in which the line client was served well."""
    for number in range(TRIES):
        question = Question(server, line, words)
        took, longest = question.run()
        if longest <= max(took / 2, TURN):
            size = len(question.received) // 1024
            print(f"  {words}: {took * 1000:.0f} ms for {size} KiB; meanwhile nobody waited longer than "
                  f"{longest * 1000:.1f} ms (try {number + 1})")
            return
    raise Failure(f"{words} took {took * 1000:.0f} ms and kept a line client waiting {longest * 1000:.0f} ms of them, "
                  f"and no less in {TRIES} tries")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    binary = parser.parse_args().binary
    with serving(binary, "--http", "127.0.0.1:0", "--loops", "1") as server:
        line = Client(server.port, timeout=60)
        line.take(op="hello", version=1, token="judge")
        hold_many(server.port)
        queue_up(server.port)
        for words in QUESTIONS:
            best_try(server, line, words)
        line.close()


if __name__ == "__main__":
    main()
