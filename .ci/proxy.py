#!/usr/bin/env python3
"""Runs a real nginx with the configuration of deploy/ in front of a small store, and holds it to its promise: what is
written comes through with the fence or the ticket of the present holder, and with nothing else.

    .ci/proxy.py --binary .build/release/holdfast"""

import argparse
import http.client
import http.server
import pathlib
import subprocess
import tempfile
import threading
import time

from server import Client, Failure, serving

FOLDER = pathlib.Path(__file__).parent.parent


class Store(http.server.BaseHTTPRequestHandler):
    """Takes whatever comes to it."""

    protocol_version = "HTTP/1.1"
    written = []

    def do_GET(self):
        self.reply(b"what is stored")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Store.written.append(body)
        self.reply(b"written")

    def reply(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def free_port():
    with http.server.socketserver.TCPServer(("127.0.0.1", 0), None) as taken:
        return taken.server_address[1]


def ask(port, method, path, body=None, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): str(value) for name, value in fields.items()})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def expect(found, wanted, what):
    if found != wanted:
        raise Failure(f"{what}: {found}, not {wanted}")


def settings(folder, holdfast, store, port):
    text = (FOLDER / "deploy/nginx.conf").read_text()
    for old, new in (("127.0.0.1:7421", holdfast), ("127.0.0.1:9000", store), ("127.0.0.1:8080", port)):
        if text.count(old) != 1:
            raise Failure(f"deploy/nginx.conf names {old} {text.count(old)} times")
        text = text.replace(old, f"127.0.0.1:{new}")
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = pathlib.Path(folder, "nginx.conf")
    file.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}{text}}}\n"
    )
    return file


def check(holdfast, port):
    client = Client(holdfast.port)
    first = client.take(op="queue", resource="reports/today", lease=60)
    fence = {"X_Holdfast_Fence": first["fence"]}
    ticket = {"X_Holdfast_Ticket": first["ticket"]}
    expect(ask(port, "GET", "/reports/today"), 200, "reading needs no lock")
    expect(ask(port, "PUT", "/reports/today", b"1", **fence), 200, "the holder, by its fence")
    expect(ask(port, "PUT", "/reports/today", b"2", **ticket), 200, "the holder, by its ticket")
    expect(ask(port, "PUT", "/reports/today", b"-"), 403, "nobody in particular")
    expect(ask(port, "PUT", "/reports/today", b"-", X_Holdfast_Fence="x"), 403, "a fence that is none")
    expect(ask(port, "PUT", "/reports/other", b"-", **fence), 403, "the fence of another resource")
    client.take(op="release", ticket=first["ticket"])
    second = client.take(op="queue", resource="reports/today", lease=60)
    expect(ask(port, "PUT", "/reports/today", b"-", **fence), 403, "a holder that lost it")
    expect(ask(port, "PUT", "/reports/today", b"-", **ticket), 403, "a ticket that is over")
    expect(ask(port, "PUT", "/reports/today", b"3", X_Holdfast_Fence=second["fence"]), 200, "the next holder")
    expect(Store.written, [b"1", b"2", b"3"], "what was written")
    client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    store = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=store.serve_forever, daemon=True).start()
    with serving(options.binary, "--http", "127.0.0.1:0") as holdfast, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        file = settings(folder, holdfast.http_port, store.server_address[1], port)
        nginx = subprocess.Popen(["nginx", "-e", f"{folder}/errors", "-c", str(file)])
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    ask(port, "GET", "/")
                    break
                except OSError:
                    if nginx.poll() is not None or time.monotonic() > deadline:
                        raise Failure("nginx did not start") from None
                    time.sleep(0.05)
            check(holdfast, port)
        finally:
            nginx.terminate()
            nginx.wait(10)
    print("nginx lets the present holder through, and nobody else")


if __name__ == "__main__":
    main()
