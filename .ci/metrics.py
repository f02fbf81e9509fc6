#!/usr/bin/env python3
"""Lets promtool read what /metrics shows of a server on which something happened: names, units and the text itself must
be as Prometheus wants them.

    .ci/metrics.py --binary .build/release/holdfast --promtool PATH"""

import argparse
import subprocess
import tempfile
import urllib.request

from server import Client, Failure, serving


# What must be there after the traffic below.
least_values = {
    "holdfast_grants_total": 2,
    'holdfast_requests_total{op="queue",outcome="ok"}': 2,
    'holdfast_requests_total{op="queue",outcome="conflict"}': 1,
    'holdfast_ticket_wait_seconds_bucket{le="+Inf"}': 2,
    "holdfast_ticket_hold_seconds_count": 1,
    "holdfast_queue_depth_max": 1,
    "holdfast_journal_batches_total": 1,
    "holdfast_journal_sync_seconds_count": 1,
    'holdfast_loop_lag_seconds_count{loop="0"}': 1,
    "process_resident_memory_bytes": 1_000_000,
}


def scrape_of_a_busy_server(binary, data):
    with serving(binary, "--http", "127.0.0.1:0", "--data", data) as server:
        client = Client(server.port)
        held = client.take(op="queue", resource="a")
        client.take(op="queue", resource="a")
        client.ask(op="queue", resource="a", maxWait=0)
        client.take(op="release", ticket=held["ticket"])
        client.take(op="queue", resource="a")
        with urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}/metrics", timeout=10) as response:
            text = response.read()
        client.close()
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--promtool", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        text = scrape_of_a_busy_server(options.binary, data)
    values = dict(line.rsplit(" ", 1) for line in text.decode().splitlines() if not line.startswith("#"))
    for series, least in least_values.items():
        if float(values.get(series, "-1")) < least:
            raise Failure(f"{series} is {values.get(series)}, not {least} at least")
    found = subprocess.run([options.promtool, "check", "metrics"], input=text, capture_output=True, timeout=60)
    complaints = (found.stdout + found.stderr).decode()
    if found.returncode != 0 or complaints:
        raise Failure(f"promtool ended with {found.returncode}: {complaints}")
    print(f"promtool has nothing to say about {text.count(b'# TYPE')} metrics")


if __name__ == "__main__":
    main()
