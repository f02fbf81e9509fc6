#!/usr/bin/env python3
"""Puts the built server under the loads that it promises to bear, and measures.

    load.py --binary .build/release/holdfast --small     a minute, before a change lands
    load.py --binary .build/release/holdfast --full      the promised sizes
    load.py --binary … --only held --full                one of them

Each check has a server of its own, holds or ends with what it found, and prints its measurements. Times that
decide are generous; what they measure is printed, so that a person sees it drift.
"""

import argparse
import os
import random
import signal
import socket
import struct
import sys
import time
import traceback

from server import BATCH, Client, Failure, encode, eventually, in_batches, raise_descriptor_limit, serving

MIB = 1 << 20
PER_PRINCIPAL = 50_000  # below the default limit of live tickets


def expect(condition, message):
    if not condition:
        raise Failure(message)


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def is_empty(client):
    stats = client.take(op="stats")
    return stats["held"] == 0 and stats["waiting"] == 0


def as_principal(server, name):
    client = Client(server.port, timeout=60)
    client.take(op="hello", version=1, token=name)
    return client


# Garbage in: the documented error, and the server lives.

NESTED = b'{"op":"ping","x":' + b"[" * 15 + b"]" * 15 + b"}\n"
TOO_NESTED = b'{"op":"ping","x":' + b"[" * 16 + b"]" * 16 + b"}\n"

GARBAGE = [
    (b'{"op":"ping"', "bad_request"),
    (b"[1,2]\n", "bad_request"),
    (b"true\n", "bad_request"),
    (b'{"op":"ping"} {}\n', "bad_request"),
    (b"{'op':'ping'}\n", "bad_request"),
    (b'{"op":"ping","x":\xff"}\n', "bad_request"),
    (b'{"op":"ping","x":"\xc0\xaf"}\n', "bad_request"),
    (b'{"op":"ping","x":"\xed\xa0\x80"}\n', "bad_request"),
    (b'{"op":"ping","x":"\\ud800"}\n', "bad_request"),
    (b'{"op":"ping","x":"\\udc00\\ud800"}\n', "bad_request"),
    (b'{"op":"ping","x":1e400}\n', "bad_request"),
    (b'{"op":"ping","x":01}\n', "bad_request"),
    (b'{"op":"ping","x":+1}\n', "bad_request"),
    (b'{"op":"ping","x":.5}\n', "bad_request"),
    (b'{"op":"ping","x":NaN}\n', "bad_request"),
    (b'{"op":"ping","x":"\t"}\n', "bad_request"),
    (b'{"op":"ping","op":"ping"}\n', "bad_request"),
    (TOO_NESTED, "bad_request"),
    (NESTED, None),
    (b'{"op":"ping","x":1,"x":2}\n', None),
    (b'{"op":"ping","x":"\\ud83d\\ude00"}\n', None),
    (b'\r\n\n{"op":"ping"}\r\n', None),
    (b'{"op":"fly"}\n', "unknown_op"),
    (b'{"op":7}\n', "bad_request"),
    (b"{}\n", "bad_request"),
    (b'{"op":"queue"}\n', "bad_request"),
    (b'{"op":"queue","resource":"a//b"}\n', "bad_request"),
    (b'{"op":"queue","resource":"a/../b"}\n', "bad_request"),
    (b'{"op":"queue","resource":"a\\u0007"}\n', "bad_request"),
    (b'{"op":"queue","resource":"a","lease":0.01}\n', "bad_request"),
    (b'{"op":"queue","resource":"a","lease":"30"}\n', "bad_request"),
    (b'{"op":"queue","resource":"a","mode":"permit"}\n', "bad_request"),
    (b'{"op":"queue","resource":"a","bind":"session"}\n', "bad_request"),
    (b'{"op":"release","ticket":"x"}\n', "bad_request or not_found"),
    (b'{"op":"release","ticket":"abcdefghijklmnopqrstuvwx"}\n', "not_found"),
    (b'{"op":"ping","id":1.5}\n', "bad_request"),
    (b'{"op":"ping","id":-1}\n', "bad_request"),
    (b'{"op":"ping","id":9007199254740992}\n', "bad_request"),
    (b'{"op":"ping","id":{}}\n', "bad_request"),
]


def garbage(server, size):
    for sample, expected in GARBAGE:
        client = Client(server.port)
        client.send(sample)
        client.socket.shutdown(socket.SHUT_WR)
        replies = []
        while (line := client.line()) is not None:
            replies.append(line)
        client.close()
        expect(replies, f"{sample!r} was answered by nothing")
        codes = [] if expected is None else expected.split(" or ")
        wanted = [f'"code":"{code}"'.encode() for code in codes] or [b'"ok":true']
        expect(any(part in replies[0] for part in wanted), f"{sample!r} was answered {replies[0]!r}")

    client = Client(server.port)
    client.send(b'{"op":"ping","x":"' + b"a" * (65_536 - 20) + b'"}\r\n')
    expect(client.read().get("ok"), "a line of exactly the limit was refused")
    client.send(b'{"op":"ping","x":"' + b"a" * (65_536 - 19) + b'"}\n')
    expect(client.read()["error"]["code"] == "line_too_long", "a line over the limit passed")
    expect(client.read()["event"] == "goodbye", "closed without a goodbye")
    expect(client.line() is None, "the connection outlived an over-long line")
    client.close()

    client = Client(server.port)
    for byte in b'{"id":"slow","op":"ping"}\n':
        client.send(bytes([byte]))
    expect(client.read()["id"] == "slow", "a line sent byte by byte was not answered")
    client.close()

    chance = random.Random(20_260)
    for _ in range(size):
        client = Client(server.port)
        try:
            client.send(bytes(chance.randrange(256) for _ in range(chance.randrange(2_000))) + b"\n")
            if chance.random() < 0.5:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        client.close()
    client = Client(server.port)
    client.take(op="ping")
    expect(is_empty(client), "garbage took a lock")
    print(f"  {len(GARBAGE)} samples and {size} connections of noise were answered")


# Many connections, each holding a lock and waiting for another.


def connections(server, size):
    clients = []
    for index in range(size):
        client = Client(server.port, timeout=60)
        client.take(op="hello", version=1, session={"grace": 0.5})
        client.take(op="lock", resource=f"ring/{index}", lease=600)
        clients.append(client)
    memory = server.resident_bytes
    for index, client in enumerate(clients):
        client.send({"op": "lock", "resource": f"ring/{(index + 1) % size}", "lease": 600})
    observer = Client(server.port)

    def all_wait():
        stats = observer.take(op="stats")
        return stats["held"] == size and stats["waiting"] == size

    expect(eventually(60, all_wait), f"not all wait: {observer.take(op='stats')}")
    print(f"  {size} connections: {memory / size / 1024:.1f} KiB each of resident memory")
    begun = time.monotonic()
    for client in clients:
        client.close()
    seconds = eventually(30, lambda: is_empty(observer))
    expect(seconds is not None, f"closed connections left {observer.take(op='stats')}")
    print(f"  all their tickets were gone {time.monotonic() - begun:.2f} s after they closed, grace 0.5 s")


# Many held locks, and the memory of the server before, with and after them.


def held(server, size):
    observer = Client(server.port)
    before = server.resident_bytes
    tickets = []
    begun = time.monotonic()
    for first in range(0, size, PER_PRINCIPAL):
        client = as_principal(server, f"p{first}")
        names = range(first, min(first + PER_PRINCIPAL, size))
        mine = []
        requests = [encode({"op": "queue", "resource": f"held/{n}", "lease": 3600}) for n in names]
        in_batches(client, requests, lambda reply: mine.append(reply["ticket"]))
        tickets.append((client, mine))
    seconds = time.monotonic() - begun
    stats = observer.take(op="stats")
    expect(stats["held"] == size, f"not all are held: {stats}")
    each = (server.resident_bytes - before) / size
    print(f"  {size} held locks: {each:.0f} bytes each of resident memory; taken in {seconds:.1f} s")
    for client, mine in tickets:
        requests = [encode({"op": "release", "ticket": ticket}) for ticket in mine]
        in_batches(client, requests, lambda reply: expect(reply["ok"], f"release: {reply}"))
        client.close()
    expect(is_empty(observer), f"something is left: {observer.take(op='stats')}")
    seconds = eventually(90, lambda: server.resident_bytes - before < 10 * MIB)
    left = (server.resident_bytes - before) / MIB
    expect(seconds is not None, f"{left:.1f} MiB above the start after all were released")
    print(f"  {left:.1f} MiB above the start {seconds:.1f} s after the last release")


# A long queue for one lock.


def queue(server, size):
    clients = [as_principal(server, f"p{n}") for n in range(-(-size // PER_PRINCIPAL))]
    tickets = []
    begun = time.monotonic()
    for index, client in enumerate(clients):
        count = min(PER_PRINCIPAL, size - index * PER_PRINCIPAL)
        requests = [encode({"op": "queue", "resource": "long", "lease": 600, "pollWithin": 600, "notify": "none"})]
        in_batches(client, requests * count, lambda reply: tickets.append((client, reply["ticket"])))
    print(f"  a queue of {size} was built in {time.monotonic() - begun:.1f} s")

    def timed(count, body):
        begun = time.monotonic()
        for turn in range(count):
            body(turn)
        return milliseconds((time.monotonic() - begun) / count)

    def ask_position(turn):
        client, ticket = tickets[size // 2 + 1_000 + turn]
        expect(client.take(op="acquire", ticket=ticket)["position"] == size // 2 + 1_000 + turn, "wrong position")

    def cancel(turn):
        client, ticket = tickets[size // 2 + turn]
        expect(client.take(op="release", ticket=ticket)["ended"] == "cancelled", "not cancelled")

    def hand_over(turn):
        client, ticket = tickets[turn]
        expect(client.take(op="release", ticket=ticket)["ended"] == "released", "not released")
        client, ticket = tickets[turn + 1]
        expect(client.take(op="acquire", ticket=ticket)["acquired"], "the next one was not served")

    print(f"  position {timed(500, ask_position)}, cancel in the middle {timed(500, cancel)},", end=" ")
    print(f"hand-over {timed(500, hand_over)}, each with its round trips")
    begun = time.monotonic()
    cleared = clients[0].take(op="clear", resource="long")["cleared"]
    expect(cleared == size - 1_000, f"cleared {cleared}")
    print(f"  clear of {cleared} tickets: {milliseconds(time.monotonic() - begun)}")


# Many waiters that die at once.


def deaths(server, size):
    # Without a pause the release races with the news of the deaths: a grant may still go to one of the dead, and
    # then its lease, 1 s here, has to end. With one there is no excuse.
    for pause, patience in ((1.0, 0.5), (0.0, 10)):
        resource = f"deaths/{pause:.0f}"
        holder = Client(server.port)
        held = holder.take(op="lock", resource=resource, lease=600)["ticket"]
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            waiters = []
            for _ in range(size):
                waiters.append(Client(server.port))
                waiters[-1].send({"op": "lock", "resource": resource, "lease": 1})
            for waiter in waiters:
                waiter.read()  # the event that tells its place
            os.write(writing, b"!")
            signal.pause()
        os.read(reading, 1)
        survivor = Client(server.port, timeout=patience + 1)
        survivor.send({"op": "lock", "resource": resource})
        expect(survivor.read()["position"] == size + 1, "the survivor does not stand at the end")
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        time.sleep(pause)
        begun = time.monotonic()
        holder.send({"op": "release", "ticket": held})
        granted = survivor.reply()
        seconds = time.monotonic() - begun
        expect(granted.get("state") == "acquired", f"the survivor was answered {granted}")
        expect(seconds < patience, f"the survivor waited {seconds:.1f} s")
        print(f"  {size} died {pause:.0f} s before the release: the survivor had it {milliseconds(seconds)} after")
        expect(holder.reply()["ok"], "the release failed")
        survivor.take(op="release", ticket=granted["ticket"])
        expect(eventually(5, lambda: is_empty(holder)), f"left over: {holder.take(op='stats')}")
        expect(
            eventually(5, lambda: holder.take(op="stats")["connections"] <= 2),
            f"left over: {holder.take(op='stats')}",
        )


# A lease that runs out.


def lease(server, size):
    late = []
    for turn in range(size):
        first, second = Client(server.port), Client(server.port)
        # The lease began after this, and before its grant was read.
        asked = time.monotonic()
        first.take(op="lock", resource=f"lease/{turn}", lease=0.5)
        told = time.monotonic()
        granted = second.ask(op="lock", resource=f"lease/{turn}", wait=5)
        ended = time.monotonic()
        late.append(ended - told - 0.5)
        expect(granted["ok"], f"the waiter was answered {granted}")
        expect(ended - asked >= 0.5, f"the lease ended {milliseconds(0.5 - (ended - asked))} early")
        first.close()
        second.close()
    print(f"  leases of 0.5 s ended {milliseconds(min(late))} to {milliseconds(max(late))} late")
    expect(min(late) < 0.05, "every lease ended more than 50 ms late")


# A watcher that does not read.


def watcher(server, size):
    slow = Client(server.port, timeout=60)
    slow.take(op="watch", prefix="watched")
    before = server.resident_bytes
    busy = Client(server.port, timeout=60)
    events = 0
    for first in range(0, size, BATCH):
        tickets = []
        requests = [encode({"op": "queue", "resource": f"watched/{n}"}) for n in range(BATCH)]
        in_batches(busy, requests, lambda reply: tickets.append(reply["ticket"]))
        in_batches(busy, [encode({"op": "release", "ticket": t}) for t in tickets], lambda reply: None)
        events += 2 * BATCH
    grown = (server.resident_bytes - before) / MIB
    expect(grown < 64, f"a watcher that does not read holds {grown:.0f} MiB")
    seq, gaps = 0, 0
    while seq < events:
        event = slow.read()
        if event["event"] == "gap":
            gaps += 1
            seq += event["missed"]
        else:
            seq += 1
            expect(event["seq"] == seq, f"event {event['seq']} came where {seq} was due")
    expect(gaps > 0, "nothing was dropped: send more")
    print(f"  {events} events past a sleeping watcher: {grown:.1f} MiB more, {gaps} gaps, none untold")


# No descriptors left.


def descriptors(server, size):
    clients = []
    for _ in range(400):
        try:
            clients.append(Client(server.port, timeout=5))
        except OSError:
            break
    before = server.cpu_seconds
    time.sleep(1)
    spent = server.cpu_seconds - before
    expect(spent < 0.5, f"it spins: {spent:.2f} s of the processor in one idle second")
    for client in clients:
        client.close()

    def answers():
        try:
            client = Client(server.port, timeout=2)
            client.take(op="ping")
            client.close()
            return True
        except (Failure, OSError):
            return False

    seconds = eventually(10, answers)
    expect(seconds is not None, "it does not answer after the descriptors came back")
    print(f"  {len(clients)} connections to 200 descriptors: {spent:.2f} s idle, back after {seconds:.2f} s")


# name: (check, size in small runs, size in full runs, arguments of the server, its descriptors)
CHECKS = {
    "garbage": (garbage, 200, 5_000, [], None),
    "connections": (connections, 300, 10_000, [], None),
    "held": (held, 20_000, 1_000_000, ["--retain", "2"], None),
    "queue": (queue, 5_000, 100_000, [], None),
    "deaths": (deaths, 300, 10_000, [], None),
    "lease": (lease, 3, 50, [], None),
    "watcher": (watcher, 50_000, 200_000, [], None),
    "descriptors": (descriptors, 1, 1, [], 200),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--only", choices=CHECKS, action="append")
    sizes = parser.add_mutually_exclusive_group(required=True)
    sizes.add_argument("--small", action="store_true")
    sizes.add_argument("--full", action="store_true")
    options = parser.parse_args()
    available = raise_descriptor_limit()
    failures = 0
    for name in options.only or CHECKS:
        check, small, full, arguments, limit = CHECKS[name]
        size = small if options.small else full
        if name in ("connections", "deaths") and size + 100 > available:
            size = available - 100
        print(f"{name}, {size}:", flush=True)
        try:
            with serving(options.binary, *arguments, descriptors=limit) as server:
                check(server, size)
        except (Failure, OSError) as problem:
            where = traceback.extract_tb(problem.__traceback__)[1:]
            lines = " ".join(f"{frame.name}:{frame.lineno}" for frame in where)
            notes = " ".join(getattr(problem, "__notes__", []))
            print(f"  FAILED: {problem} ({lines}) {notes}", file=sys.stderr)
            failures += 1
    if failures:
        sys.exit(f"{failures} checks do not hold")


main()
