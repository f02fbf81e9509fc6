#!/usr/bin/env python3
"""Does to the built server what nobody well-meaning does, with raw sockets: requests that two readers would read in two
ways, senders that never finish, giants of every kind, connections that are begun and dropped, noise where TLS is
spoken, what a port scanner sends, one principal that asks without end, no descriptors, no memory. After each the
server is the same process, answers a quiet client, and in the end its memory is back.

    .ci/abuse.py --binary .build/release/holdfast"""

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import os
import pathlib
import random
import resource
import select
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time

from server import Client, Failure, Server, encode, eventually, expect, raise_descriptor_limit

MIB = 1 << 20
GROWTH_MAX = 10 * MIB
CERTIFICATE = """
openssl ecparam -name prime256v1 -genkey -noout -out server.key
chmod 600 server.key
openssl req -x509 -key server.key -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -days 2 -out server.pem
"""
PEOPLE = ("quiet", "loud", "other")


class House:
    """A folder with everything that a server of this check is started with."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        subprocess.run(["sh", "-ec", CERTIFICATE], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        lines = ['{"role":"all","rights":["lock:**","read:**"]}']
        for name in PEOPLE:
            digest = hashlib.sha256(name.encode()).hexdigest()
            lines.append(f'{{"name":"{name}","token":"sha256:{digest}","roles":["all"]}}')
        tokens = self.folder / "tokens"
        tokens.write_text("\n".join(lines))
        os.chmod(tokens, 0o600)

    @property
    def access(self):
        return ["--auth", "tokens", "--tokens", str(self.folder / "tokens")]

    @property
    def tls(self):
        return ["--tls-cert", str(self.folder / "server.pem"), "--tls-key", str(self.folder / "server.key")]

    @contextlib.contextmanager
    def serving(self, *arguments, **limits):
        server = Server(self.binary, "--http", "127.0.0.1:0", *arguments, **limits)
        try:
            yield server
        except BaseException:
            server.process.kill()
            _, rest = server.process.communicate()
            print((server.log + rest).decode(errors="replace")[-3000:])
            raise
        server.stop()


def greeted(server, name="quiet", timeout=10.0):
    client = Client(server.port, timeout=timeout)
    client.take(op="hello", version=1, token=name)
    return client


def is_well(server):
    """The same process, and somebody quiet is served on both protocols."""
    server.read_log()
    expect(server.process.poll() is None, f"the server died: {server.log.decode(errors='replace')[-2000:]}")
    client = greeted(server)
    ticket = client.take(op="queue", resource="abuse/quiet")["ticket"]
    client.take(op="release", ticket=ticket)
    client.close()
    expect(b" 200 " in exchange(server.http_port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
           "HTTP is not served")


def opened(port, timeout=15.0):
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def exchange(port, data, *, ends=False, timeout=15.0):
    """What a server answers to bytes until it closes."""
    with opened(port, timeout) as stream:
        # Whoever is refused early may be gone before all is sent.
        with contextlib.suppress(OSError):
            stream.sendall(data)
            if ends:
                stream.shutdown(socket.SHUT_WR)
        return remainder(stream)


def remainder(stream):
    answer = b""
    with contextlib.suppress(ConnectionError):
        while chunk := stream.recv(65536):
            answer += chunk
    return answer


# Two readers of one request


def smuggling(house, server):
    hidden = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
    lines = [
        (b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 4", b"0\r\n\r\n"),
        (b"Content-Length: 0\r\nContent-Length: 36", b""),
        (b"Content-Length: 0, 36", b""),
        (b"Content-Length: +0", b""),
        (b"Content-Length: -0", b""),
        (b"Content-Length: 0x0", b""),
        (b"Content-Length : 0", b""),
        (b"Content-Length:\x0b0", b""),
        (b"Transfer-Encoding: xchunked", b""),
        (b"Transfer-Encoding: chunked, identity", b"0\r\n\r\n"),
        (b"Transfer-Encoding:\x0bchunked", b"0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        (b"Transfer_Encoding: chunked\r\nTransfer-Encoding: chunked\r\nContent-Length: 0", b"0\r\n\r\n"),
        (b"X: y\r\n Content-Length: 36", b""),
        (b"X: y\rContent-Length: 36", b""),
        (b"X: y\nContent-Length: 36", b""),
        (b"X: \x00", b""),
        (b"Host: y", b""),
        (b"Transfer-Encoding: chunked", b"-1\r\n"),
        (b"Transfer-Encoding: chunked", b"0x0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"10000000000000000\r\n"),
        (b"Transfer-Encoding: chunked", b"0\n\n"),
        (b"Transfer-Encoding: chunked", b"1\r\nab\r\n0\r\n\r\n"),
    ]
    for fields, body in lines:
        request = b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n\r\n" + body + hidden
        answer = exchange(server.http_port, request)
        status = answer.split(b" ", 2)[1] if answer.startswith(b"HTTP/1.1 ") else b"none"
        expect(status in (b"400", b"501"), f"{fields!r} was answered {answer[:200]!r}")
        expect(answer.count(b"HTTP/1.1 ") == 1, f"behind {fields!r} a second request was seen: {answer!r}")
    for head in (b"GET /version HTTP/1.1\r\n\r\n", b"GET /version\r\n\r\n", b"GET  /version HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00\r\n\r\n"):
        answer = exchange(server.http_port, head + hidden)
        expect(answer.count(b"HTTP/1.1 ") == 1, f"{head!r} was answered {answer!r}")
        expect(answer.split(b" ", 2)[1][:1] == b"4", f"{head!r} was answered {answer!r}")


# Senders that never finish


class Slow:
    """Connections that began long ago and go on a byte at a time."""

    def __init__(self, server, count):
        self.heads = [opened(server.http_port, 30) for _ in range(count)]
        self.lines = [opened(server.port, 30) for _ in range(count)]
        self.hellos = [opened(server.port, 30) for _ in range(count)]
        for stream in self.heads:
            stream.sendall(b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\nX: ")
        for stream in self.lines:
            stream.sendall(b'{"op":"hello","version":1,"token":"')
        self.begun = time.monotonic()

    def drip(self):
        for stream in self.heads + self.lines:
            with contextlib.suppress(OSError):
                stream.send(b"a")

    def finish(self):
        """Whoever has not finished in time is told so and is gone, however it dripped."""
        for stream in self.heads:
            answer = remainder(stream)
            expect(b" 408 " in answer, f"a slow head was answered {answer!r}")
        for name, streams in (("line", self.lines), ("hello", self.hellos)):
            for stream in streams:
                answer = remainder(stream)
                expect(b'"goodbye"' in answer, f"a slow {name} was answered {answer!r}")
        took = time.monotonic() - self.begun
        for stream in self.heads + self.lines + self.hellos:
            stream.close()
        print(f"  {len(self.heads) * 3} slow senders were gone after {took:.1f} s")


# Giants


def giants(house, server):
    def http(request):
        return exchange(server.http_port, request).split(b"\r\n", 1)[0]

    big = b"a" * MIB
    post = b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\n"
    for name, request, wanted in (
        ("target", b"GET /" + big + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        ("method", big + b" / HTTP/1.1\r\nHost: x\r\n\r\n", b"4"),
        ("field", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + big + b"\r\n\r\n", b"431"),
        ("fields", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100_000 + b"\r\n", b"431"),
        ("length", post + b"Content-Length: 99999999999999999999999999\r\n\r\n", b"4"),
        ("body", post + b"Content-Length: 1099511627776\r\n\r\n" + big, b"413"),
        ("chunk", post + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n" + big, b"4"),
        ("chunks", post + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 200_000, b"413"),
        ("extension", post + b"Transfer-Encoding: chunked\r\n\r\n1;" + big, b"4"),
        ("trailer", post + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + big, b"4"),
        ("host", b"GET / HTTP/1.1\r\nHost: " + big + b"\r\n\r\n", b"431"),
        ("credential", b"GET /v1/resources HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + big + b"\r\n\r\n", b"431"),
    ):
        answer = http(request)
        expect(answer.startswith(b"HTTP/1.1 " + wanted), f"a giant {name} was answered {answer!r}")
    # One below the bound of a head: the longest credential that is looked at.
    token = b"a" * 15_000
    request = b"GET /v1/resources HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token + b"\r\n\r\n"
    expect(http(request).startswith(b"HTTP/1.1 401"), "a long credential is none")
    for name, line in (
        ("line", b"a" * (16 * MIB)),
        ("depth", b'{"op":"hello","version":1,"x":' + b"[" * 60_000 + b"]" * 5 + b"}\n"),
        ("number", b'{"op":"hello","version":1,"x":' + b"9" * 60_000 + b"}\n"),
        ("exponent", b'{"op":"hello","version":1,"x":1e' + b"9" * 60_000 + b"}\n"),
        ("token", b'{"op":"hello","version":1,"token":"' + b"a" * 65_000 + b'"}\n'),
        ("name", b'{"op":"queue","resource":"' + b"a" * 65_000 + b'"}\n'),
        ("members", b'{"op":"ping"' + b',"x":1' * 9_000 + b"}\n"),
        ("words", b'{"op":"' + b"\\u0061" * 10_000 + b'"}\n'),
    ):
        answer = exchange(server.port, line, ends=True)
        expect(answer.startswith(b'{"') and b'"ok":false' in answer, f"a giant {name} was answered {answer[:200]!r}")
        expect(len(answer) < 2_000, f"a giant {name} made an answer of {len(answer)} bytes")
    # Nobody who has not said who it is makes the server keep much for it (answers that it never reads).
    mutes = [opened(server.port) for _ in range(20)]
    before = server.resident_bytes
    for mute in mutes:
        mute.settimeout(0.05)
        with contextlib.suppress(OSError):
            for _ in range(16):
                mute.send(b'{"op":"ping"}\n' * 4_000)
    grown = server.resident_bytes - before
    for mute in mutes:
        mute.settimeout(15)
        answer = remainder(mute)
        mute.close()
        expect(len(answer) < 4_000, f"somebody unknown was told {len(answer)} bytes")
    expect(grown < len(mutes) * MIB // 4, f"{grown} bytes are kept for {len(mutes)} who are unknown")


# Connections begun and dropped


def half_open(house, server):
    reset = struct.pack("ii", 1, 0)
    before = connection_count(server)
    for number in range(3_000):
        stream = opened((server.port, server.http_port)[number % 2])
        if number % 3 == 0:
            stream.sendall(b'{"op":"hello","ver' if number % 2 == 0 else b"GET /v1/res")
        if number % 2 == 0:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        stream.close()
    # As many as there may be are begun, and nothing is said on them.
    idle = []
    try:
        for number in range(1_000):
            idle.append(opened((server.port, server.http_port)[number % 2]))
        is_well(server)
    finally:
        for stream in idle:
            stream.close()
    seconds = eventually(10, lambda: connection_count(server) <= before)
    expect(seconds is not None, f"{connection_count(server)} connections are left")


def cut_waits(house):
    """Clients that are reset while they wait, over HTTP: nothing of them stays, and a stop does not wait for them."""
    reset = struct.pack("ii", 1, 0)
    with house.serving(*house.access) as server:
        holder = greeted(server)
        holder.take(op="queue", resource="abuse/held", lease=300)
        before = holder.take(op="stats")["connections"]
        for number in range(30):
            stream = opened(server.http_port)
            body = b'{"resource":"abuse/held"}'
            lines = (b"POST /v1/locks?wait=60 HTTP/1.1", b"Host: x", b"Authorization: Bearer loud",
                     b"Content-Length: %d" % len(body), b"", body)
            stream.sendall(b"\r\n".join(lines))
            # Some while they wait, some in one breath with the request.
            if number % 2 == 0:
                waits = lambda: holder.take(op="list", resource="abuse/held")["queueLength"] == 1
                expect(eventually(5, waits) is not None, "the request does not wait")
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            stream.close()
            gone = lambda: holder.take(op="list", resource="abuse/held")["queueLength"] == 0
            expect(eventually(5, gone) is not None, "a client that was reset still waits")
        seconds = eventually(10, lambda: holder.take(op="stats")["connections"] <= before)
        expect(seconds is not None, f"{holder.take(op='stats')['connections']} connections instead of {before}")
        holder.close()


def connection_count(server):
    """The sockets of the server: the listeners and what is connected."""
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    ports = {f"{server.port:04X}", f"{server.http_port:04X}"}
    return sum(1 for row in rows if row[1].split(":")[1] in ports and row[3] in ("01", "08"))


# What a port scanner sends


PROBES = [
    b"\r\n\r\n", b"HELP\r\n", b"GET / HTTP/1.0\r\n\r\n", b"OPTIONS / HTTP/1.0\r\n\r\n", b"OPTIONS / RTSP/1.0\r\n\r\n",
    b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\n\r\n", b"EHLO nmap.scanme.org\r\n",
    b"GET /nice%20ports%2C/Tri%6Eity.txt%2ebak HTTP/1.0\r\n\r\n", b"default\n", b"stats\r\nquit\r\n", b"JDWP-Handshake",
    b"SSH-2.0-OpenSSH_9.6\r\n", b"USER anonymous\r\n", b"*1\r\n$4\r\nPING\r\n", b"AUTH x\r\nCONFIG GET *\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT evil:25 HTTP/1.1\r\nHost: evil:25\r\n\r\n", b"TNMP\x04\x00\x00\x00TNME\x00\x00\x04\x00",
    bytes.fromhex("8000002872fe1d130000000000000002000186a00001977c") + b"\x00" * 20,
    bytes.fromhex("001e0006010000010000000000000776657273696f6e0462696e640000100003"),
    bytes.fromhex("000c0000100000000000000000000000"), bytes.fromhex("6c000b000000000000000000"),
    bytes.fromhex("160300006901000065030355") + b"\x1c" * 90, bytes.fromhex("030000130ee00000000000010008000000"),
    b"\x00\x00\x00\xa4\xff\x53\x4d\x42\x72" + b"\x00" * 155, bytes.fromhex("300c020101600702010204008000"),
    b"\x01default", b"\x00" * 64, b"\xff" * 64, bytes(range(256)) * 4, b"\x80\x9e\x01\x03\x01\x00u\x00\x00\x00 ",
]


def scanner(house, server):
    chance = random.Random(7)
    noise = [bytes(chance.randrange(256) for _ in range(chance.randrange(1, 4_000))) for _ in range(200)]
    for port in (server.port, server.http_port):
        for probe in PROBES + noise:
            answer = exchange(port, probe, ends=True)
            expect(len(answer) < 600 + 400 * probe.count(b"\n"), f"{probe[:60]!r} was answered with {len(answer)} bytes")


# Noise where TLS is spoken


def tls_noise(house):
    with house.serving(*house.access, *house.tls) as server:
        context = ssl.create_default_context(cafile=str(house.folder / "server.pem"))

        def quiet():
            server.read_log()
            client = Client(server.port)
            client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
            client.take(op="hello", version=1, token="quiet")
            client.take(op="ping")
            client.close()

        quiet()
        before = server.resident_bytes
        hello = client_hello()
        chance = random.Random(9)
        records = [
            b"\x16\x03\x01\xff\xff" + b"\x00" * 65_535, b"\x16\x03\x01\x00\x00" * 100, b"\x18\x03\x02\x00\x03\x01\x40\x00",
            b"\x17\x03\x03\x00\x20" + b"\x00" * 32, b"\x14\x03\x03\x00\x01\x01" * 50, b"\x15\x03\x03\x00\x02\x02\x28",
            b"\x16\x03\x01\x00\x04\x01\xff\xff\xff", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b'{"op":"ping"}\n', *PROBES,
        ]
        for _ in range(150):
            bad = bytearray(hello)
            for _ in range(chance.randrange(1, 6)):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            records.append(bytes(bad[: chance.randrange(1, len(bad) + 1)]))
        for port in (server.port, server.http_port):
            for record in records:
                exchange(port, record, ends=True)
            server.read_log()
        # Half a handshake each, and gone.
        for number in range(300):
            stream = opened((server.port, server.http_port)[number % 2])
            stream.sendall(hello[: number % len(hello)])
            stream.close()
        quiet()
        settled(server, before, "TLS noise")


def client_hello():
    """The first bytes of a client of this machine's library."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()


# One principal without end


def shout(port, until):
    """Asks as fast as the socket takes it, and reads nothing into anything."""
    stream = socket.create_connection(("127.0.0.1", port))
    stream.sendall(encode({"op": "hello", "version": 1, "token": "loud"}))
    block = b'{"op":"queue","resource":"flood","maxWait":0}\n' * 1_400
    stream.setblocking(False)
    rest = memoryview(block)
    while time.monotonic() < until:
        readable, writable, _ = select.select([stream], [stream], [], 0.1)
        with contextlib.suppress(BlockingIOError):
            if readable and not stream.recv(1 << 20):
                return
        with contextlib.suppress(BlockingIOError):
            if writable:
                rest = rest[stream.send(rest):] or memoryview(block)


def p99_of_quiet(server, count):
    client = greeted(server)
    times = []
    for number in range(count):
        begun = time.perf_counter()
        ticket = client.take(op="queue", resource=f"fair/{number % 8}")["ticket"]
        client.take(op="release", ticket=ticket)
        times.append(time.perf_counter() - begun)
    client.close()
    times.sort()
    return times[len(times) * 99 // 100]


def flood(house):
    with house.serving(*house.access) as server:
        p99_of_quiet(server, 500)
        alone = p99_of_quiet(server, 2_000)
        until = time.monotonic() + 60
        shouters = [multiprocessing.Process(target=shout, args=(server.port, until)) for _ in range(4)]
        for shouter in shouters:
            shouter.start()
        try:
            time.sleep(1)
            flooded = p99_of_quiet(server, 2_000)
        finally:
            for shouter in shouters:
                shouter.kill()
                shouter.join()
        print(f"  p99 of somebody quiet: {alone * 1e6:.0f} µs alone, {flooded * 1e6:.0f} µs beside 4 floods of another, "
              f"{flooded / alone:.1f} times")
        expect(flooded < 0.25, "somebody quiet waits for a flood")
        is_well(server)


# Nothing left to open or to allocate


def descriptors(house):
    with house.serving(*house.access) as server:
        before = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        client = greeted(server, timeout=30)
        held = client.take(op="queue", resource="abuse/held")
        limits = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (before + 6, limits[1]))
        crowd = [opened(server.port, 30) for _ in range(60)]
        begun = server.cpu_seconds
        time.sleep(1)
        expect(server.cpu_seconds - begun < 0.5, "out of descriptors the server spins")
        client.take(op="renew", ticket=held["ticket"])
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limits)
        for stream in crowd:
            stream.sendall(encode({"op": "hello", "version": 1, "token": "other"}))
        for stream in crowd:
            expect(b'"ok":true' in stream.recv(65536), "who came meanwhile is not served afterwards")
            stream.close()
        client.take(op="release", ticket=held["ticket"])
        client.close()
        is_well(server)
    # Fewer than the limit of connections would need: the limit says so itself.
    with house.serving(*house.access, descriptors=100) as server:
        crowd = [opened(server.port) for _ in range(60)]
        wanted = 60 - (100 - 64)

        def refused():
            readable = select.select(crowd, [], [], 0)[0]
            return sum(b'"limit":"connections"' in stream.recv(4_096, socket.MSG_PEEK) for stream in readable)

        expect(eventually(5, lambda: refused() == wanted) is not None, f"past the limit {refused()} were told so")
        for stream in crowd:
            stream.close()
        expect(eventually(10, lambda: connection_count(server) == 0) is not None, "the crowd never left")
        is_well(server)


def memory(house):
    """A limit of data stands for a container's: both are watched in the same way, and this one needs no rights."""
    for data in (["--data", "none"], ["--data", str(house.folder / "small")]):
        with house.serving("--retain", "10", "--max-tickets-per-principal", "4000000", *data, data=96 * MIB) as server:
            fill(server)


def fill(server):
    """Asks for tickets until nothing more is taken, and gives them back."""
    client = Client(server.port, timeout=60)
    held, refused = [], []
    asked = 0
    while not refused:
        expect(asked < 2_000_000, "so many tickets, and memory is not short")
        block = [{"op": "queue", "resource": f"fill/{asked + n}", "lease": 3600, "reason": "r" * 200} for n in range(1_000)]
        client.send(*block)
        asked += len(block)
        for reply in (client.reply() for _ in block):
            held.append(reply["ticket"]) if reply["ok"] else refused.append(reply)
        server.read_log()
    expect(all(r["error"]["code"] == "limit_exceeded" and r["error"]["retryable"] for r in refused), refused[0])
    expect({r["limit"] for r in refused} == {"memory"}, refused[0])
    expect("memory is short" in server.read_log(), "the log does not say so")
    late = Client(server.port)
    late.take(op="renew", ticket=held[0])
    expect(late.ask(op="hello", version=1, session={}).get("error") is not None, "a session is taken")
    late.close()
    body = b'{"resource":"fill/http"}'
    answer = exchange(server.http_port, b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                      + str(len(body)).encode() + b"\r\n\r\n" + body)
    expect(b" 429 " in answer and b"Retry-After" in answer, answer)
    answer = exchange(server.http_port, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    expect(b"\nholdfast_memory_shortage 1\n" in answer, "the metrics do not say so")
    for start in range(0, len(held), 1_000):
        part = held[start : start + 1_000]
        client.send(*[{"op": "renew", "ticket": ticket} for ticket in part])
        expect(all(client.reply()["ok"] for _ in part), "a renewal was refused")
    for start in range(0, len(held), 1_000):
        part = held[start : start + 1_000]
        client.send(*[{"op": "release", "ticket": ticket} for ticket in part])
        expect(all(client.reply()["ok"] for _ in part), "a release was refused")
    took = eventually(30, lambda: client.ask(op="queue", resource="fill/again")["ok"])
    expect(took is not None, f"it takes no tickets again: {server.read_log()[-500:]}")
    expect("there is memory again" in server.read_log(), "the log does not say that there is memory")
    client.close()
    print(f"  {len(held)} tickets until memory was short; taken again {took:.1f} s after they were given back")


# What is shipped


def shipped_example(house):
    """The README's one command, on free ports of the loopback."""
    folder = house.folder
    deploy = pathlib.Path(__file__).parent.parent / "deploy"
    for name in ("holdfast.conf", "tokens.jsonl"):
        (folder / name).write_bytes((deploy / name).read_bytes())
    os.chmod(folder / "tokens.jsonl", 0o600)
    made = subprocess.run([house.binary, "token", "create", "ann", "--role", "operator"], capture_output=True, text=True)
    with open(folder / "tokens.jsonl", "a") as file:
        file.write(made.stdout)
    token = max(made.stderr.split(), key=len)
    os.chdir(folder)
    config = ["--config", "holdfast.conf", "--data", "holdfast-data"]
    with house.serving(*config, "--http", "127.0.0.1:0") as server:
        context = ssl.create_default_context(cafile="server.pem")
        client = Client(server.port)
        client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
        expect(client.take(op="hello", version=1, token=token)["principal"] == "ann", "the token is not ann's")
        client.take(op="clear", resource="shipped", reason="to see")
        client.close()
    line = json.loads((folder / "audit.jsonl").read_text())
    expect((line["event"], line["by"], line["reason"]) == ("clear", "ann", "to see"), f"the audit says {line}")


# What it keeps for itself


def secrets(house):
    """Needs root, who alone may start it as somebody else: what is root's in /proc anyway tells nothing."""
    if os.geteuid() != 0:
        return
    nobody = 65_534
    folder = house.folder / "nobody"
    folder.mkdir()
    tokens = folder / "tokens"
    tokens.write_bytes((house.folder / "tokens").read_bytes())
    program = folder / "holdfast"
    program.write_bytes(pathlib.Path(house.binary).read_bytes())
    for path, mode in ((house.folder, 0o755), (folder, 0o700), (tokens, 0o600), (program, 0o700)):
        os.chmod(path, mode)
    for path in (folder, tokens, program):
        os.chown(path, nobody, nobody)
    for arguments, owner in (([], nobody), (["--auth", "tokens", "--tokens", str(tokens)], 0)):
        process = subprocess.Popen(
            [str(program), "serve", "--listen", "127.0.0.1:0", "--http", "off", "--data", "none", *arguments],
            stderr=subprocess.PIPE, user=nobody, group=nobody, extra_groups=[])
        try:
            line = process.stderr.readline()
            expect(b"holdfast ready" in line, f"it did not start: {line!r}")
            found = os.stat(f"/proc/{process.pid}/environ").st_uid
            expect(found == owner, f"{arguments}: what is in its memory is user {found}'s to look at, not {owner}'s")
            limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
            core = next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6]
            expect(not arguments or core == ["0", "0"], f"a core of {core} bytes may be left")
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=15)


def settled(server, before, what):
    def is_back():
        server.read_log()
        return server.resident_bytes - before < GROWTH_MAX

    seconds = eventually(25, is_back)
    growth = (server.resident_bytes - before) / MIB
    print(f"  after {what} {growth:+.1f} MiB of resident memory")
    expect(seconds is not None, f"{what} left {growth:.1f} MiB behind")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    raise_descriptor_limit()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        house = House(binary, folder)
        with house.serving(*house.access) as server:
            is_well(server)
            before = server.resident_bytes
            slow = Slow(server, 100)
            for check in (smuggling, giants, half_open, scanner):
                print(check.__name__, flush=True)
                check(house, server)
                is_well(server)
                slow.drip()
            print("slow senders", flush=True)
            slow.finish()
            is_well(server)
            settled(server, before, "all that")
        for check in (tls_noise, cut_waits, flood, descriptors, memory, secrets, shipped_example):
            print(check.__name__, flush=True)
            check(house)
    print(f"abused for {time.monotonic() - begun:.0f} s, and well")


if __name__ == "__main__":
    main()
