#!/usr/bin/env python3
"""Lets promtool read what /metrics shows of a server on which something happened: names, units and the text itself must
be as Prometheus wants them.

    .ci/metrics.py --binary .build/release/holdfast --promtool PATH"""

import argparse
import subprocess
import urllib.request

from server import Client, Failure, serving


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--promtool", required=True)
    options = parser.parse_args()
    with serving(options.binary, "--http", "127.0.0.1:0") as server:
        client = Client(server.port)
        held = client.take(op="queue", resource="a")
        client.take(op="queue", resource="a")
        client.take(op="release", ticket=held["ticket"])
        with urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}/metrics", timeout=10) as response:
            text = response.read()
        client.close()
    if b"\nholdfast_grants_total 2\n" not in text:
        raise Failure("two grants are not in /metrics")
    found = subprocess.run([options.promtool, "check", "metrics"], input=text, capture_output=True, timeout=60)
    complaints = (found.stdout + found.stderr).decode()
    if found.returncode != 0 or complaints:
        raise Failure(f"promtool ended with {found.returncode}: {complaints}")
    print(f"promtool has nothing to say about {text.count(b'# TYPE')} metrics")


if __name__ == "__main__":
    main()
