#!/usr/bin/env python3
"""Lets schemathesis try what the OpenAPI document of a running server allows and forbids: no answer may be an error of
the server, and every answer has the status, the type and the shape that the document tells of.

One check is left out: that everything the schemas allow is taken. A path segment "..", a ticket that has ended (410) or
`permits` without mode "permit" are refused for reasons that JSON Schema cannot say.

    .ci/contract.py --binary .build/release/holdfast --schemathesis VENV/bin/schemathesis"""

import argparse
import subprocess
import sys

from server import serving


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--schemathesis", required=True)
    parser.add_argument("--examples", type=int, default=8)
    options = parser.parse_args()
    with serving(options.binary, "--http", "127.0.0.1:0") as server:
        command = [
            options.schemathesis,
            "run",
            f"http://127.0.0.1:{server.http_port}/openapi.json",
            # A stream of events does not end.
            "--exclude-path=/v1/events",
            "--exclude-checks=positive_data_acceptance",
            f"--max-examples={options.examples}",
            # Chains of requests mostly wait for locks that nobody gives back.
            "--phases=examples,coverage,fuzzing",
            "--request-timeout=310",
            "--generation-deterministic",
            "--no-color",
        ]
        status = subprocess.run(command, timeout=600).returncode
    sys.exit(status)


if __name__ == "__main__":
    main()
