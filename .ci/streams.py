#!/usr/bin/env python3
"""Thousands of clients of `/v1/events` look on while locks change hands: all of them stay connected, each is told of
every grant, in order and without a gap, and the hand-overs go on meanwhile.

    .ci/streams.py --binary .build/release/holdfast
    .ci/streams.py --binary .build/release/holdfast --streams 8000 --hand-overs 200"""

import argparse
import json
import re
import select
import socket
import time
import urllib.request

from server import Client, Failure, encode, raise_descriptor_limit, serving

REQUEST = b"GET /v1/events?prefix=shown HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Stream:
    """One browser: what it was told so far."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.sendall(REQUEST)
        self.buffer = b""
        self.has_begun = False
        self.grants = []

    def read(self):
        part = self.socket.recv(1 << 18)
        if not part:
            raise Failure("the server closed a stream")
        self.buffer += part
        if not self.has_begun:
            head, separator, rest = self.buffer.partition(b"\r\n\r\n")
            # The first piece says that events follow: what happens from then on is told.
            if not separator or b"retry:" not in rest:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                raise Failure(f"a stream was answered {head!r}")
            self.has_begun = True
        whole, separator, self.buffer = self.buffer.rpartition(b"\n\n")
        if not separator:
            return
        if b"event: gap" in whole or b"event: goodbye" in whole:
            raise Failure(f"a stream was told {whole[-300:]!r}")
        self.grants += re.findall(rb'"event":"acquired"[^\n]*?"number":(\d+)', whole)


class Crowd:
    def __init__(self, port, count):
        self.poller = select.epoll()
        self.streams = {}
        for _ in range(count):
            stream = Stream(port)
            self.streams[stream.socket.fileno()] = stream
            self.poller.register(stream.socket, select.EPOLLIN)

    def read_until(self, condition, seconds, what):
        """Reads whatever comes, until every stream is so."""
        deadline = time.monotonic() + seconds
        missing = {number for number, stream in self.streams.items() if not condition(stream)}
        while missing:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failure(f"{len(missing)} of {len(self.streams)} streams {what}")
            for number, _ in self.poller.poll(left, 4096):
                self.streams[number].read()
                if condition(self.streams[number]):
                    missing.discard(number)

    def close(self):
        for stream in self.streams.values():
            stream.socket.close()


def metric(port, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        text = response.read().decode()
    return int(float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1)))


def hand_over(server, count):
    """Two clients take turns, each waiting for the other; gives the seconds of one hand-over."""
    clients = [Client(server.port), Client(server.port)]
    request = {"op": "lock", "resource": "shown/lock", "lease": 3600, "notify": "none"}
    tickets = [clients[0].take(**request)["ticket"], None]
    begun = time.monotonic()
    for turn in range(count - 1):
        holder, waiter = turn % 2, (turn + 1) % 2
        clients[waiter].send(request)
        clients[holder].send(encode({"op": "release", "ticket": tickets[holder]}))
        released = clients[holder].reply()
        granted = clients[waiter].reply()
        if not released["ok"] or granted.get("state") != "acquired":
            raise Failure(f"a hand-over went wrong: {released}, {granted}")
        tickets[waiter] = granted["ticket"]
    seconds = (time.monotonic() - begun) / count
    clients[(count - 1) % 2].take(op="release", ticket=tickets[(count - 1) % 2])
    for client in clients:
        client.close()
    return seconds


def check(server, options):
    begun = time.monotonic()
    before = server.resident_bytes
    crowd = Crowd(server.http_port, options.streams)
    crowd.read_until(lambda stream: stream.has_begun, 30, "did not begin")
    opened = time.monotonic() - begun
    each = (server.resident_bytes - before) / options.streams / 1024
    shown = metric(server.http_port, "holdfast_event_streams")
    if shown != options.streams:
        raise Failure(f"the server tells of {shown} streams")
    begun = time.monotonic()
    seconds = hand_over(server, options.hand_overs)
    crowd.read_until(lambda stream: len(stream.grants) >= options.hand_overs, 30, "were not told of every grant")
    told = time.monotonic() - begun
    expected = next(iter(crowd.streams.values())).grants
    if expected != sorted(expected, key=int) or len(set(expected)) != options.hand_overs:
        raise Failure(f"not every grant once and in order: {expected}")
    for stream in crowd.streams.values():
        if stream.grants != expected:
            raise Failure(f"two streams were told differently: {json.dumps([len(stream.grants), len(expected)])}")
    print(f"{options.streams} streams opened in {opened:.1f} s, {each:.1f} KiB of resident memory each")
    print(f"{options.hand_overs} hand-overs of {seconds * 1000:.1f} ms each; all were told {told:.1f} s after the first")
    crowd.close()
    deadline = time.monotonic() + 10
    while metric(server.http_port, "holdfast_event_streams") > 0:
        if time.monotonic() > deadline:
            raise Failure("streams that were closed are still there")
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--hand-overs", type=int, default=50)
    options = parser.parse_args()
    needed = options.streams + 200
    if raise_descriptor_limit() < needed:
        raise Failure(f"this needs {needed} descriptors: raise the limit (ulimit -n)")
    with serving(options.binary, "--http", "127.0.0.1:0") as server:
        check(server, options)


if __name__ == "__main__":
    main()
