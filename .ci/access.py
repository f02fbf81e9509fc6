#!/usr/bin/env python3
"""Who gets in and who may do what, on the built server and through real sockets: each operation with each right alone
over TCP and HTTP, tokens that others signed, what a reload takes away while somebody waits for it, how often somebody
may ask, and what is written down of all that.

    .ci/access.py --binary .build/release/holdfast

Needs openssl, for keys and signatures."""

import argparse
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from server import Client, Failure, eventually, expect, serving

RIGHTS = ("lock", "read", "steal", "admin")

# The request over TCP, the same over HTTP, and the rights of which one alone is enough.
OPERATIONS = [
    ({"op": "queue", "resource": "PATH"}, ("POST", "/v1/tickets", {"resource": "PATH"}), {"lock"}),
    ({"op": "lock", "resource": "PATH", "wait": 0}, ("POST", "/v1/locks?wait=0", {"resource": "PATH"}), {"lock"}),
    ({"op": "list", "resource": "PATH"}, ("GET", "/v1/resources/PATH", None), {"read"}),
    ({"op": "history", "resource": "PATH"}, ("GET", "/v1/history/PATH", None), {"read"}),
    ({"op": "check", "resource": "PATH", "fence": 1}, None, {"read"}),
    ({"op": "watch", "resource": "PATH"}, None, {"read"}),
    ({"op": "clear", "resource": "PATH"}, ("DELETE", "/v1/resources/PATH", None), {"admin"}),
    ({"op": "status", "ticket": "TICKET"}, ("GET", "/v1/tickets/TICKET", None), {"read"}),
    ({"op": "acquire", "ticket": "TICKET"}, ("POST", "/v1/tickets/TICKET/acquire?wait=0", None), set()),
    ({"op": "renew", "ticket": "TICKET"}, ("POST", "/v1/tickets/TICKET/renew", None), set()),
    ({"op": "release", "ticket": "TICKET"}, ("DELETE", "/v1/tickets/TICKET", None), {"admin"}),
    ({"op": "drain"}, None, set()),
]


def person(name, *roles, **more):
    return {"name": name, "token": "sha256:" + hashlib.sha256(name.encode()).hexdigest(), "roles": roles} | more


def role(name, *rights, **more):
    return {"role": name, "rights": rights} | more


class House:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        os.chmod(path, 0o600)
        return str(path)

    def people(self, *lines):
        return self.write("people", "".join(json.dumps(line) + "\n" for line in lines))

    def serving(self, *arguments):
        return serving(self.binary, "--http", "127.0.0.1:0", *arguments)


def greeted(server, token):
    client = Client(server.port)
    client.take(op="hello", version=1, token=token)
    return client


def over_http(server, token, method, target, body=None, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, target, text, {"Authorization": f"Bearer {token}"} | fields)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def reload(server, words="read again who may do what"):
    server.read_log()
    before = server.log.count(words.encode())
    server.process.send_signal(signal.SIGHUP)

    def is_read():
        server.read_log()
        return server.log.count(words.encode()) > before

    expect(eventually(10, is_read) is not None, f"the server did not say: {words}")


def filled(value, path, ticket):
    text = json.dumps(value).replace("PATH", path).replace("TICKET", ticket)
    return json.loads(text)


def matrix(house):
    """Each operation with each right alone, where it holds and where it does not, over both transports."""
    lines = [role(right, f"{right}:a/**") for right in RIGHTS] + [role("all", "lock:**")]
    people = house.people(*lines, *(person(right, right) for right in RIGHTS), person("holder", "all"))
    count = 0
    with house.serving("--auth", "tokens", "--tokens", people) as server:
        for right in RIGHTS:
            for path in ("a/b", "b/b"):
                for line, web, enough in OPERATIONS:
                    allowed = right in enough and path == "a/b"
                    holder = greeted(server, "holder")
                    ticket = holder.take(op="queue", resource=path + "/held", lease=60)["ticket"]
                    answer = greeted(server, right).ask(**filled(line, path, ticket))
                    code = answer.get("error", {}).get("code")
                    expect((code == "forbidden") != allowed, f"{line} with {right} on {path}: {answer}")
                    count += 1
                    if web:
                        again = holder.take(op="queue", resource=path + "/again", lease=60)["ticket"]
                        status, _, body = over_http(server, right, *filled(web, path, again))
                        expect((status == 403) != allowed, f"{web} with {right} on {path}: {status} {body}")
                        expect(allowed == (status < 400 or status == 409), f"{web} with {right} on {path}: {status}")
                        count += 1
                    holder.take(op="bye")
                    for rest in ("held", "again"):
                        release_all(holder, path + "/" + rest)
        for token in ("", "nearly"):
            client = Client(server.port)
            answer = client.ask(op="hello", version=1, token=token)
            expect(answer["error"]["code"] == "unauthenticated", f"{token!r}: {answer}")
            expect(over_http(server, token, "GET", "/v1/resources/a")[0] == 401, f"{token!r} is let in over HTTP")
    print(f"  {count} requests answered as they should be")


def release_all(client, path):
    answer = client.ask(op="queue", resource=path, ifMine="return", maxWait=0)
    if answer.get("ok"):
        client.ask(op="release", ticket=answer["ticket"])


# Tokens that others signed


def part(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=")


def signed_by_key(house, key, algorithm, claims):
    body = part({"alg": algorithm}) + b"." + part(claims)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=body, cwd=house.folder,
                               check=True, capture_output=True).stdout
    if algorithm == "ES256":
        signature = raw(signature)
    return (body + b"." + part(signature)).decode()


def raw(der):
    """Two numbers of 32 bytes, where openssl writes them in DER."""
    place, numbers = 2, []
    for _ in range(2):
        length = der[place + 1]
        numbers.append(der[place + 2:place + 2 + length].lstrip(b"\0").rjust(32, b"\0"))
        place += 2 + length
    return b"".join(numbers)


def signed_by_others(house):
    script = """
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out RS256.key
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ES256.key
    for name in RS256 ES256; do openssl pkey -in $name.key -pubout -out $name.pub; done
    """
    subprocess.run(["sh", "-ec", script], cwd=house.folder, check=True, stderr=subprocess.DEVNULL)
    roles = house.people(role("all", "lock:**", "read:**"))
    for algorithm in ("RS256", "ES256"):
        public = house.folder / f"{algorithm}.pub"
        arguments = ["--auth", "jwt", "--jwt-key", str(public), "--tokens", roles, "--jwt-audience", "holdfast"]
        with house.serving(*arguments) as server:
            now = int(time.time())
            claims = {"sub": "ann", "exp": now + 600, "roles": ["all"], "aud": "holdfast"}
            good = signed_by_key(house, f"{algorithm}.key", algorithm, claims)
            client = greeted(server, good)
            client.take(op="queue", resource="signed")
            expect(over_http(server, good, "GET", "/v1/resources/signed")[0] == 200, f"{algorithm} is refused over HTTP")
            bad = {
                "over": signed_by_key(house, f"{algorithm}.key", algorithm, claims | {"exp": now - 120}),
                "of somebody else": signed_by_key(house, f"{algorithm}.key", algorithm, claims | {"aud": "other"}),
                "not signed": (part({"alg": "none"}) + b"." + part(claims) + b".").decode(),
                "of another name": good.split(".")[0] + "." + part(claims | {"sub": "bob"}).decode() + "." + good.split(".")[2],
            }
            body = part({"alg": "HS256"}) + b"." + part(claims)
            bad["signed with the public key"] = (body + b"." + part(hmac.digest(public.read_bytes(), body, "sha256"))).decode()
            for what, token in bad.items():
                answer = Client(server.port).ask(op="hello", version=1, token=token)
                expect(answer.get("error", {}).get("code") == "unauthenticated", f"{algorithm}, {what}: {answer}")
                expect(over_http(server, token, "GET", "/v1/resources/signed")[0] == 401, f"{algorithm}, {what}, over HTTP")


# What a reload takes away


def taken_away(house):
    """Somebody waits in every way there is, and may not have it any more when it is free."""
    rest = [role("all", "lock:**", "read:**", "steal:**", "admin:**"), person("bob", "all")]
    people = house.people(*rest, person("ann", "all"), person("cid", "some"), role("some", "lock:**"))
    with house.serving("--auth", "tokens", "--tokens", people) as server:
        bob = greeted(server, "bob")
        names = ("queued", "stolen", "waited", "web", "right")
        tickets = {name: bob.take(op="queue", resource=name, lease=600)["ticket"] for name in names}
        ann, cid = greeted(server, "ann"), greeted(server, "cid")
        ann.take(op="queue", resource="queued", lease=600, pollWithin=600)
        ann.take(op="steal", resource="stolen", lease=600, grace=2, force=True, reason="mine",
                 pollWithin=600)
        ann.send({"op": "lock", "resource": "waited", "lease": 600})
        cid.take(op="queue", resource="right", lease=600, pollWithin=600)
        web = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=20)
        web.request("POST", "/v1/locks?wait=60", '{"resource":"web","lease":600}', {"Authorization": "Bearer ann"})

        def length(name):
            return bob.take(op="list", resource=name)["queueLength"]

        expect(eventually(10, lambda: all(length(name) == 1 for name in names)) is not None, "not all wait")
        house.people(*rest, person("cid", "some"), role("some", "read:**"))
        reload(server)
        expect(eventually(10, lambda: all(length(name) == 0 for name in names)) is not None, "somebody still waits")
        expect(ann.reply()["error"]["code"] == "unauthenticated", "the wait is not refused")
        with contextlib.suppress(http.client.RemoteDisconnected, ConnectionError):
            raise Failure(f"the wait over HTTP was answered {web.getresponse().status}")
        # The time of the grace goes by.
        time.sleep(2.5)
        for name, ticket in tickets.items():
            shown = bob.take(op="list", resource=name)
            expect([one["owner"] for one in shown["holders"]] == ["bob"], f"{name}: {shown['holders']}")
            bob.take(op="release", ticket=ticket)
            expect(bob.take(op="list", resource=name)["holderCount"] == 0, f"{name} was granted to somebody")
        web.close()
        ann.close()
        left = eventually(10, lambda: bob.take(op="stats")["connections"] == 2)
        expect(left is not None, f"{bob.take(op='stats')['connections']} connections instead of 2")


def pace(house):
    """Some ask more often than they may: by the file, by one that was read again, and over both transports."""
    def people(rate):
        return house.people(role("all", "lock:**", "read:**"), person("ann", "all", limits={"requests_per_second": rate}))

    with house.serving("--auth", "tokens", "--tokens", people(10_000)) as server:
        ann = greeted(server, "ann")

        def refused(count):
            ann.send(*({"op": "check", "resource": "x", "fence": 1} for _ in range(count)))
            answers = [ann.reply() for _ in range(count)]
            return [one for one in answers if one.get("error", {}).get("code") == "limit_exceeded"]

        expect(refused(200) == [], "refused below the limit")
        people(5)
        reload(server)
        late = refused(60)
        expect(late and all(one["limit"] == "requests_per_second" for one in late), "a limit of the file does not hold")
        answers = [over_http(server, "ann", "GET", "/v1/resources/x") for _ in range(20)]
        busy = [fields for status, fields, _ in answers if status == 429]
        expect(busy and all(int(fields["Retry-After"]) >= 1 for fields in busy), f"no 429 with Retry-After: {answers[-1]}")


def audit(house):
    """Everything that somebody may have to answer for is written down, and the file can be moved away."""
    people = house.people(role("all", "lock:**", "read:**", "steal:**", "admin:**"), role("some", "lock:**"),
                          person("ann", "all"), person("bob", "some"))
    path = house.folder / "audit"
    with house.serving("--auth", "tokens", "--tokens", people, "--audit", str(path)) as server:
        ann, bob = greeted(server, "ann"), greeted(server, "bob")
        bob.take(op="queue", resource="a", lease=60)
        ann.take(op="steal", resource="a", lease=60, force=True, reason="outage")
        ann.take(op="clear", resource="a", reason="over")
        ticket = bob.take(op="queue", resource="b", lease=60)["ticket"]
        ann.take(op="release", ticket=ticket, reason="gone home")
        held = ann.take(op="queue", resource="c", lease=60)["ticket"]
        expect(bob.ask(op="release", ticket=held)["error"]["code"] == "forbidden", "anybody may release")
        Client(server.port).ask(op="hello", version=1, token="nearly-right")
        reload(server)
        ann.take(op="drain", reason="update")
        ann.take(op="drain", off=True)
        wanted = [("steal", "ann", "acquired"), ("clear", "ann", "done"), ("release", "ann", "done"),
                  ("release", "bob", "forbidden"), ("authentication_failed", None, "unauthenticated"),
                  ("reload", None, "done"), ("drain", "ann", "done"), ("drain", "ann", "done")]

        def told():
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            return [(line["event"], line.get("by"), line["outcome"]) for line in lines]

        expect(eventually(5, lambda: told() == wanted) is not None, f"written down: {told()}")
        expect("nearly-right" not in path.read_text(), "what was shown stands in the file")
        expect(all(line.get("from") for line in map(json.loads, path.read_text().splitlines())
                   if line["event"] != "reload"), "somebody came from nowhere")
        moved = path.rename(house.folder / "audit.1")
        reload(server)
        ann.take(op="clear", resource="c", reason="again")
        expect(eventually(5, lambda: path.exists() and ("clear", "ann", "done") in told()) is not None, "no new file")
        expect("again" not in moved.read_text(), "the file that was moved away still grows")
        events = [one["event"] for one in ann.take(op="history", resource="a")["history"]]
        expect({"stolen", "cleared"} <= set(events), f"history: {events}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    begun = time.monotonic()
    for check in (matrix, signed_by_others, taken_away, pace, audit):
        print(check.__name__, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            check(House(binary, folder))
    print(f"access holds, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
