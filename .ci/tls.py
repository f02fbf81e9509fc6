#!/usr/bin/env python3
"""Speaks TLS with the built server as others do: Python's ssl, the openssl command, curl and the command's own client.
What is right comes through, and every way to be wrong is refused with words that help. Certificates are made anew.

    .ci/tls.py --binary .build/release/holdfast"""

import argparse
import base64
import concurrent.futures
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import warnings

from server import Client, Failure, Server, eventually, expect

MAKE = """
key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; chmod 600 $1.key; }
authority() { key $1; openssl req -x509 -key $1.key -subj /CN=$1 -days 2 -out $1.pem; }
sign() {
    key $1
    openssl req -new -key $1.key -subj "$3" -out $1.csr
    printf 'subjectAltName=%s\\n' "$4" > $1.ext
    openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -extfile $1.ext -days $5 -out $1.pem 2>/dev/null
}
authority ours
authority others
sign server ours /CN=server DNS:localhost,IP:127.0.0.1 2
sign newer ours /CN=newer DNS:localhost,IP:127.0.0.1 2
sign elsewhere ours /CN=localhost DNS:elsewhere.example 2
sign expired ours /CN=server DNS:localhost,IP:127.0.0.1 -1
sign named ours /CN=ci-7 DNS:ci.example 2
sign nameless ours /O=nobody IP:127.0.0.1 2
sign stranger others /CN=ci-7 DNS:ci.example 2
openssl req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=rsa -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -days 2 -out rsa.pem 2>/dev/null
chmod 600 rsa.key
"""


class House:
    """A server with certificates, and ways to speak to it."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        #: The token of somebody who may read everything.
        self.eye = "eye"

    def path(self, name):
        return str(self.folder / name)

    def flags(self, name, *more):
        return ["--tls-cert", self.path(f"{name}.pem"), "--tls-key", self.path(f"{name}.key"), *more]

    @contextlib.contextmanager
    def serving(self, *arguments):
        server = Server(self.binary, "--http", "127.0.0.1:0", *arguments)
        try:
            yield server
        except BaseException:
            server.process.kill()
            server.process.wait()
            raise
        server.stop()

    def context(self, authority="ours", client=None, oldest=None, newest=None, protocols=None):
        context = ssl.create_default_context(cafile=self.path(f"{authority}.pem"))
        if client:
            context.load_cert_chain(self.path(f"{client}.pem"), self.path(f"{client}.key"))
        if oldest:
            context.minimum_version = oldest
        if newest:
            context.maximum_version = newest
        if protocols:
            context.set_alpn_protocols(protocols)
        return context

    def client(self, server, host="localhost", **how):
        client = Client(server.port)
        client.socket = self.context(**how).wrap_socket(client.socket, server_hostname=host)
        return client

    def take_list(self, server, resource):
        client = self.client(server, client="named")
        client.take(op="hello", version=1, token=self.eye)
        found = client.take(op="list", resource=resource)
        client.close()
        return found

    def command(self, *arguments, environment=None, seconds=30):
        return subprocess.run(
            [self.binary, *arguments],
            capture_output=True,
            text=True,
            timeout=seconds,
            env=os.environ | (environment or {}),
        )


def logs(server, words):
    expect(eventually(5, lambda: words in server.read_log()), f"the log does not say '{words}': {server.read_log()}")


def reads(connection, wanted):
    """Whether these bytes come before the end."""
    found = b""
    while wanted not in found:
        chunk = connection.recv(65536)
        if not chunk:
            return False
        found += chunk
    return True


# What is right


def versions(house, server):
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        client = house.client(server, oldest=version, newest=version)
        expect(client.socket.version() == name, f"{client.socket.version()}, not {name}")
        expect(client.socket.compression() is None, "it compresses")
        client.take(op="ping")
        client.close()
    context = house.context()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        # The module, too, would rather not.
        warnings.simplefilter("ignore")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost")
    except ssl.SSLError as error:
        expect("alert" in str(error).lower(), f"TLS 1.1 fails on this side: {error}")
    else:
        raise Failure("TLS 1.1 is spoken")


def locks(house, server):
    """The protocol itself, with a half-close at its end."""
    client = house.client(server)
    ticket = client.take(op="queue", resource="tls/lock", lease=60)
    client.take(op="release", ticket=ticket["ticket"])
    many = [{"op": "queue", "resource": f"tls/many/{n}", "reason": "r" * 200} for n in range(900)]
    client.send(*many)
    expect(all(client.reply()["ok"] for _ in many), "not all of many requests were answered")
    client.send({"op": "lock", "resource": "tls/many/1", "wait": 60})
    # Of the connection below, as nc does it: the module's own would give up TLS, too.
    socket.socket.shutdown(client.socket, socket.SHUT_WR)
    while (line := client.line()) is not None:
        answer = json.loads(line)
    expect(answer["error"]["code"] == "timed_out", f"a wait whose client ended its input was answered {answer}")


def s_client(house, server):
    for flag in ("-tls1_2", "-tls1_3"):
        process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", flag, "-quiet", "-verify_return_error",
             "-CAfile", house.path("ours.pem"), "-verify_hostname", "localhost", "-servername", "localhost"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(b'{"id":1,"op":"ping"}\n')
        process.stdin.flush()
        ready = select.select([process.stdout], [], [], 10)[0]
        line = process.stdout.readline() if ready else b""
        process.kill()
        _, errors = process.communicate()
        expect(line.startswith(b'{"id":1,"ok":true'), f"openssl s_client {flag}: {line} {errors}")


def curl(house, server):
    def run(*arguments):
        return subprocess.run(["curl", "-sS", "--max-time", "10", *arguments], capture_output=True, text=True)

    port = server.http_port
    secure = ["--cacert", house.path("ours.pem")]
    for flag in ("--http2", "--http1.1", "--tls-max 1.2"):
        result = run(*secure, *flag.split(), f"https://localhost:{port}/openapi.json")
        expect(result.returncode == 0, f"curl {flag}: {result.stderr}")
        expect("openapi" in json.loads(result.stdout), "the document came otherwise")
    result = run(*secure, "-v", "--http2", f"https://localhost:{port}/openapi.json")
    expect("ALPN: server accepted http/1.1" in result.stderr, f"no ALPN: {result.stderr}")
    plain = run("-i", f"http://localhost:{port}/openapi.json")
    expect("400 Bad Request" in plain.stdout and "https://" in plain.stdout, f"plain HTTP: {plain}")
    unknown = run("--cacert", house.path("others.pem"), f"https://localhost:{port}/")
    expect(unknown.returncode == 60, f"curl believed an unknown authority: {unknown}")
    try:
        house.context(protocols=["h2"]).wrap_socket(
            socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")
    except ssl.SSLError:
        pass
    else:
        raise Failure("a client that speaks nothing but h2 was let in")


def own_client(house, server):
    address = f"localhost:{server.port}"
    ours = ["--tls-ca", house.path("ours.pem")]
    for host in ("localhost", "127.0.0.1"):
        result = house.command("ping", "--server", f"{host}:{server.port}", "--tls", *ours)
        expect(result.returncode == 0, f"ping at {host}: {result.stderr}")
    told = {"HOLDFAST_TLS": "true", "HOLDFAST_TLS_CA": house.path("ours.pem")}
    result = house.command("run", "tls/run", "--server", address, "--", "true", environment=told)
    expect(result.returncode == 0, f"run: {result.stderr}")
    bench = house.command("bench", "--server", address, *ours, "--connections", "20", "--seconds", "1")
    expect(bench.returncode == 0, f"bench: {bench.stderr}")
    for arguments, words in (
        (["--tls"], "no known authority vouches for it"),
        (["--tls-ca", house.path("others.pem")], "no known authority vouches for it"),
    ):
        result = house.command("ping", "--server", address, *arguments)
        expect(result.returncode == 69 and words in result.stderr, f"ping {arguments}: {result}")
    result = house.command("ping", "--server", address, "--tls-ca", "/nowhere.pem")
    expect(result.returncode == 2 and "/nowhere.pem" in result.stderr, f"a file that is not there: {result}")


# What is wrong


def wrong_certificates(house):
    for name, words in (("elsewhere", "it is not for this host name"), ("expired", "it has expired")):
        with house.serving(*house.flags(name)) as server:
            result = house.command("ping", "--server", f"localhost:{server.port}", "--tls-ca", house.path("ours.pem"))
            expect(result.returncode == 69 and words in result.stderr, f"{name}: {result}")
            try:
                house.client(server)
            except ssl.SSLCertVerificationError:
                pass
            else:
                raise Failure(f"Python believed the certificate '{name}'")
            logs(server, "no TLS with 127.0.0.1:")
            if name == "expired":
                logs(server, "is expired")


def plain_text(house, server):
    client = Client(server.port)
    client.send(b'{"op":"ping"}\n')
    answer = client.read()
    expect("TLS is spoken here" in answer["error"]["message"], f"plain text was answered {answer}")
    expect(client.line() is None, "and the connection went on")
    logs(server, "the other side does not speak TLS")
    # Records that are none, and a hello that never ends.
    for garbage in (b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x01\x40\x00" + b"\x01" * 16384, b"\x16" * 70000):
        # The handshake is given up after 10 s.
        stream = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        with contextlib.suppress(ConnectionError):
            stream.sendall(garbage)
            while stream.recv(65536):
                pass
        stream.close()
    result = house.command("ping", "--server", f"localhost:{server.port}")
    expect(result.returncode == 69, f"a client of plain text: {result}")


def tls_on_a_plain_port(house):
    with house.serving() as server:
        client = Client(server.port)
        client.send(b"\x16\x03\x01\x02\x00\x01 no line of JSON\n")
        expect(client.read()["error"]["code"] == "bad_request", "it was answered otherwise")
        client.close()
        result = house.command(
            "ping", "--server", f"localhost:{server.port}", "--tls-ca", house.path("ours.pem"), "--timeout", "2")
        expect(result.returncode == 69 and "TLS" in result.stderr, f"TLS on a plain port: {result}")
        Client(server.port).take(op="ping")


def client_certificates(house):
    audit = house.folder / "audit"
    flags = house.flags("server", "--tls-client-ca", house.path("ours.pem"), "--audit", str(audit))
    with house.serving(*flags) as server:
        for how in ({}, {"client": "stranger"}):
            for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                try:
                    client = house.client(server, newest=newest, **how)
                    client.send({"op": "ping"})
                    answer = client.line()
                except (ssl.SSLError, ConnectionError):
                    answer = None
                expect(answer is None, f"{how} was let in")
        lines = [json.loads(line) for line in audit.read_text().splitlines()]
        expect(len(lines) == 4 and all(line["event"] == "authentication_failed" for line in lines), f"audit: {lines}")
        expect(all("certificate" in line["reason"] for line in lines), f"audit: {lines}")
        nameless = house.client(server, client="nameless")
        for line in ({"op": "queue", "resource": "tls/nameless"}, {"op": "hello", "version": 1, "token": "root"}):
            answer = nameless.ask(**line)
            expect(answer.get("error", {}).get("code") == "unauthenticated", f"nobody may ask: {answer}")
        nameless.close()
        # Whoever has proved a name takes its time for a first line; whoever has not, does not.
        patient, silent = house.client(server, client="named"), house.client(server, client="nameless")
        silent.socket.settimeout(60)
        silent.send(b"{")
        goodbye = silent.read()
        expect(goodbye == {"event": "goodbye", "reason": "unauthenticated"}, f"somebody silent is told {goodbye}")
        patient.take(op="ping")
        for client in (patient, silent):
            client.close()
        client = house.client(server, client="named")
        ticket = client.take(op="queue", resource="tls/own", lease=60)
        owner = client.take(op="status", ticket=ticket["ticket"])["owner"]
        expect(owner == "ci-7", f"the client is called {owner}")
        client.close()
        client = house.client(server, client="named")
        answer = client.ask(op="hello", version=1, token="root")
        expect(answer["error"]["code"] == "unauthenticated", f"it calls itself somebody else: {answer}")
        greeting = client.take(op="hello", version=1)
        expect(greeting["principal"] == "ci-7", "hello names somebody else")
        expect(greeting["limits"].get("requests_per_second") == 50_000, f"its pace is unbounded: {greeting}")
        client.close()
        own = ["--tls-ca", house.path("ours.pem")]
        address = ["--server", f"localhost:{server.port}"]
        shown = ["--tls-cert", house.path("named.pem"), "--tls-key", house.path("named.key")]
        result = house.command("queue", "tls/command", *address, *own, *shown)
        expect(result.returncode == 0, f"the command with a certificate: {result}")
        result = house.command("queue", "tls/command", *address, *own)
        expect(result.returncode == 69 and "certificate required" in result.stderr, f"without one: {result}")
        web = ["curl", "-sS", "--max-time", "10", "--cacert", house.path("ours.pem")]
        shown = ["--cert", house.path("named.pem"), "--key", house.path("named.key")]
        url = f"https://localhost:{server.http_port}/openapi.json"
        expect(subprocess.run([*web, url], capture_output=True).returncode != 0, "curl was let in without one")
        expect(subprocess.run([*web, *shown, url], capture_output=True).returncode == 0, "curl was not let in")


def tokens(house):
    """A certificate stands for the person of its name; a token says more than it."""
    lines = [
        {"name": name, "token": "sha256:" + hashlib.sha256(name.encode()).hexdigest(), "roles": ["all"]}
        for name in ("ci-7", "ann")
    ] + [{"role": "all", "rights": ["lock:**", "read:**"]}]
    file = house.folder / "tokens"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    os.chmod(file, 0o600)
    arguments = house.flags("server", "--auth", "tokens", "--tokens", str(file))
    with house.serving(*arguments, "--tls-client-ca", house.path("ours.pem")) as server:
        for token, name in ((None, "ci-7"), ("ann", "ann")):
            client = house.client(server, client="named")
            found = client.take(op="hello", version=1, token=token)["principal"]
            expect(found == name, f"with {token} it is {found}, not {name}")
            client.take(op="queue", resource="tls/tokens", ifMine="return")
            client.close()
        shown = ["--cacert", house.path("ours.pem"), "--cert", house.path("named.pem"), "--key", house.path("named.key")]
        url = f"https://localhost:{server.http_port}/v1/tickets"
        for more, wanted in (([], 2), (["-H", "Authorization: Bearer ann"], 2), (["-H", "Authorization: Bearer x"], 4)):
            status = subprocess.run(
                ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10", *shown, *more, "-X", "POST",
                 "-H", "Content-Type: application/json", "-d", '{"resource":"tls/web"}', url], capture_output=True, text=True).stdout
            expect(status.startswith(str(wanted)), f"{more} was answered {status}")
    with house.serving(*arguments) as server:
        client = house.client(server, client="named")
        expect(not client.ask(op="queue", resource="tls/none").get("ok"), "an unasked certificate was believed")
        client.close()


def reload(house):
    for ending in ("pem", "key"):
        (house.folder / f"live.{ending}").write_bytes((house.folder / f"server.{ending}").read_bytes())
    os.chmod(house.path("live.key"), 0o600)
    with house.serving(*house.flags("live", "--audit", str(house.folder / "reloads"))) as server:
        def shown(client):
            return dict(pair[0] for pair in client.socket.getpeercert()["subject"])["commonName"]

        old = house.client(server)
        expect(shown(old) == "server", shown(old))
        for ending in ("pem", "key"):
            (house.folder / f"live.{ending}").write_bytes((house.folder / f"newer.{ending}").read_bytes())
        server.process.send_signal(signal.SIGHUP)
        logs(server, "read the certificate again")
        lines = [json.loads(line) for line in (house.folder / "reloads").read_text().splitlines()]
        expect([(line["what"], line["outcome"]) for line in lines] == [("certificate", "done")], f"audit: {lines}")
        new = house.client(server)
        expect(shown(new) == "newer", f"still {shown(new)} is shown")
        old.take(op="ping")
        (house.folder / "live.pem").write_text("broken")
        server.process.send_signal(signal.SIGHUP)
        logs(server, "the certificate stays as it was")
        third = house.client(server)
        expect(shown(third) == "newer", "a broken file was taken")
        for client in (old, new, third):
            client.take(op="ping")
            client.close()


def write_secret(path, text):
    path.write_text(text)
    os.chmod(path, 0o600)


def people_file(people, rights):
    """`people` are names and their tokens, of which a certificate needs none."""
    lines = [{"name": name, "roles": ["all"]} | ({"token": "sha256:" + hashlib.sha256(token.encode()).hexdigest()} if token else {})
             for name, token in people]
    return "".join(json.dumps(line) + "\n" for line in [*lines, {"role": "all", "rights": rights}])


def is_over(house, server, client, resource):
    """Whoever was here is refused, and what its session held is free."""
    def is_free():
        listed = house.take_list(server, resource)
        return listed["holderCount"] == 0 and listed["recent"][0]["ended"] == "session_ended"

    expect(eventually(5, is_free) is not None, f"{resource} is still held")
    answer = client.ask(op="ping")
    expect(answer.get("error", {}).get("code") == "unauthenticated", f"it is still heard: {answer}")


def reload_people(house):
    """Somebody by certificate, somebody by token, and a right, are taken away one after another."""
    file = house.folder / "people"
    everything = ["lock:**", "read:**"]
    write_secret(file, people_file([("ci-7", None), ("ann", "old"), ("eye", "eye")], everything))
    arguments = house.flags("server", "--auth", "tokens", "--tokens", str(file))
    with house.serving(*arguments, "--tls-client-ca", house.path("ours.pem")) as server:
        def hold(token, resource):
            client = house.client(server, client="named")
            client.take(op="hello", version=1, token=token, session={"grace": 300})
            client.take(op="queue", resource=resource, lease=3600)
            return client

        def reload(text, count):
            write_secret(file, text)
            server.process.send_signal(signal.SIGHUP)
            words = "read again who may do what"
            expect(eventually(5, lambda: server.read_log().count(words) == count), server.read_log())

        by_certificate, by_token, eye = hold(None, "people/ci-7"), hold("old", "people/ann"), hold("eye", "people/eye")
        reload(people_file([("ann", "old"), ("eye", "eye")], everything), 1)
        is_over(house, server, by_certificate, "people/ci-7")
        again = house.client(server, client="named")
        expect(not again.ask(op="queue", resource="people/ci-7").get("ok"), "a certificate without a person is let in")
        again.close()
        told = "showed a token or a certificate that is not known here"
        expect(eventually(5, lambda: server.read_log().count(told) == 1) is not None, "nobody is told of it")
        status = subprocess.run(
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10",
             "--cacert", house.path("ours.pem"), "--cert", house.path("named.pem"), "--key", house.path("named.key"),
             f"https://localhost:{server.http_port}/v1/resources"], capture_output=True, text=True).stdout
        expect(status == "401", f"a certificate without a person gets {status} over HTTP")
        expect(eventually(5, lambda: server.read_log().count(told) == 2) is not None, "nobody is told of it over HTTP")
        by_token.take(op="ping")
        reload(people_file([("ann", "new"), ("eye", "eye")], everything), 2)
        is_over(house, server, by_token, "people/ann")
        reload(people_file([("ann", "new"), ("eye", "eye")], ["read:**"]), 3)
        answer = eye.ask(op="queue", resource="people/more")
        expect(answer["right"] == "lock", f"a right that was taken away still holds: {answer}")
        expect(eye.take(op="list", resource="people/eye")["holderCount"] == 1, "with a right a session was taken away")
        for client in (by_certificate, by_token, eye):
            client.close()


def reload_keys(house):
    """The key that vouched for somebody is exchanged."""
    def text(part):
        return base64.urlsafe_b64encode(part).rstrip(b"=")

    def token(name, secret):
        claims = json.dumps({"sub": name, "exp": int(time.time()) + 3600, "roles": ["all"]}).encode()
        body = text(b'{"alg":"HS256"}') + b"." + text(claims)
        return (body + b"." + text(hmac.digest(secret.encode(), body, "sha256"))).decode()

    def keys(*secrets):
        return json.dumps({"keys": [{"kty": "oct", "k": text(secret.encode()).decode()} for secret in secrets]})

    key, roles = house.folder / "keys", house.folder / "roles"
    first, second = "1" * 32, "2" * 32
    write_secret(key, keys(first, second))
    write_secret(roles, people_file([], ["lock:**", "read:**"]))
    with house.serving(*house.flags("server", "--auth", "jwt", "--jwt-key", str(key), "--tokens", str(roles))) as server:
        house.eye = token("eye", second)
        clients = []
        for secret in (first, second):
            client = house.client(server)
            client.take(op="hello", version=1, token=token("ann", secret), session={"grace": 300})
            client.take(op="queue", resource=f"keys/{secret[0]}", lease=3600)
            clients.append(client)
        write_secret(key, keys(second))
        server.process.send_signal(signal.SIGHUP)
        is_over(house, server, clients[0], "keys/1")
        expect(clients[1].take(op="list", resource="keys/2")["holderCount"] == 1, "the other key's went, too")
        answer = house.client(server).ask(op="hello", version=1, token=token("ann", first))
        expect(answer["error"]["code"] == "unauthenticated", f"the old key is believed: {answer}")


def crowd(house, server):
    before = server.resident_bytes

    def one(number):
        client = house.client(server)
        client.take(op="queue", resource=f"tls/crowd/{number}")
        return client

    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        clients = list(pool.map(one, range(200)))
    took = time.monotonic() - begun
    each = (server.resident_bytes - before) // 200
    print(f"  200 connections in {took:.1f} s, {each // 1024} KiB each")
    expect(each < 128 * 1024, f"{each} bytes a connection")
    for client in clients:
        client.take(op="ping")
        client.close()


def stalled(house, server, silent):
    """They began long ago, and said nothing or too little."""
    for stream in silent:
        stream.settimeout(30)
        with contextlib.suppress(ConnectionError):
            while stream.recv(65536):
                pass
        stream.close()
    logs(server, "handshake took too long")


def stop_while_one_stalls(house):
    with house.serving(*house.flags("server")) as server:
        silent = [socket.create_connection(("127.0.0.1", port)) for port in (server.port, server.http_port)]
        silent[0].sendall(b"\x16\x03\x01")
        house.client(server).take(op="ping")
        begun = time.monotonic()
        server.stop()
        expect(time.monotonic() - begun < 5, "whoever stalls in the handshake holds up the stop")


# What is refused at the start


def refusals(house):
    def check(words, *arguments, environment=None, command="check-config"):
        result = house.command(command, "--data", "none", *arguments, environment=environment)
        expect(result.returncode != 0 and words in result.stderr, f"{arguments}: not '{words}' but {result}")

    os.chmod(house.path("newer.key"), 0o644)
    check(f"chmod 600 {house.path('newer.key')}", *house.flags("newer"))
    check("chmod 600", *house.flags("newer"), command="serve")
    check("--tls-cert needs --tls-key", "--tls-cert", house.path("server.pem"))
    check("--tls-client-ca needs", "--tls-client-ca", house.path("ours.pem"))
    check("not the key of the certificate", "--tls-cert", house.path("server.pem"), "--tls-key", house.path("named.key"))
    check("No such file", "--tls-cert", "/nowhere.pem", "--tls-key", house.path("named.key"))
    check("without authentication and TLS", "--listen", "0.0.0.0:0", *house.flags("server"))
    check("without authentication and TLS", "--http", "0.0.0.0:0", *house.flags("server"))
    open_to_all = house.flags("server", "--tls-client-ca", house.path("ours.pem"), "--listen", "0.0.0.0:0")
    expect(house.command("check-config", *open_to_all).returncode == 0, "certificates of clients are no proof")
    tokens = ["--auth", "tokens", "--tokens", house.path("tokens")]
    check("without authentication and TLS", "--listen", "0.0.0.0:0", *tokens)
    known = house.command("check-config", "--listen", "0.0.0.0:0", *house.flags("server"), *tokens)
    expect(known.returncode == 0, f"tokens under TLS are no proof: {known}")
    # A library that is none, before those of the system.
    bare = pathlib.Path(house.folder, "bare")
    bare.mkdir()
    (bare / "libcrypto.so.3").write_bytes(b"")
    without = {"LD_LIBRARY_PATH": str(bare)}
    check("apt install libssl3", *house.flags("server"), environment=without)
    check("apt install libssl3", *house.flags("server"), environment=without, command="serve")
    expect(house.command("check-config", environment=without).returncode == 0, "OpenSSL is needed without TLS")
    result = house.command("ping", "--tls", environment=without)
    expect(result.returncode == 2 and "apt install libssl3" in result.stderr, f"a client without OpenSSL: {result}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["sh", "-ec", MAKE], cwd=folder, check=True)
        house = House(binary, folder)
        with house.serving(*house.flags("server")) as server:
            silent = [socket.create_connection(("127.0.0.1", port)) for port in (server.port, server.http_port)]
            silent[0].sendall(b"\x16\x03\x01\x02\x00\x01")
            for check in (versions, locks, s_client, curl, own_client, plain_text, crowd):
                print(check.__name__, flush=True)
                check(house, server)
            print("stalled", flush=True)
            stalled(house, server, silent)
        for check in (wrong_certificates, tls_on_a_plain_port, client_certificates, tokens, reload, reload_people,
                      reload_keys, stop_while_one_stalls, refusals):
            print(check.__name__, flush=True)
            check(house)
    print("TLS holds")


if __name__ == "__main__":
    main()
