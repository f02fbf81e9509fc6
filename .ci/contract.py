#!/usr/bin/env python3
"""Lets schemathesis try what OpenAPI documents allow and forbid, on a running server: its own document, with every
check but one, and the document that the sfp server publishes of its lock API, which tells of no refusal, with those
about the shape of what comes.

The check that is left out is that everything the schemas allow is taken: a path segment "..", a ticket that has ended
(410) or `permits` without mode "permit" are refused for reasons that JSON Schema cannot say.

    .ci/contract.py --binary .build/release/holdfast --schemathesis VENV/bin/schemathesis"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

from server import serving

FOLDER = pathlib.Path(__file__).resolve().parent


def attempt(options, *arguments):
    command = [
        str(pathlib.Path(options.schemathesis).absolute()),
        "run",
        *arguments,
        f"--max-examples={options.examples}",
        # Chains of requests mostly wait for locks that nobody gives back.
        "--phases=examples,coverage,fuzzing",
        "--request-timeout=10",
        "--generation-deterministic",
        "--no-color",
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "contract_hooks", "PYTHONPATH": str(FOLDER)}
    print("schemathesis", *command[1:], flush=True)
    # It leaves notes of its own behind.
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, env=environment, cwd=folder, timeout=900).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--schemathesis", required=True)
    parser.add_argument("--examples", type=int, default=8)
    options = parser.parse_args()
    settings = ("--http", "127.0.0.1:0", "--at-lock", "nick=/,plone=/plone")
    with serving(options.binary, *settings) as server:
        address = f"http://127.0.0.1:{server.http_port}"
        own = attempt(
            options,
            f"{address}/openapi.json",
            # A stream of events does not end; at the root is the dashboard, too, which is no API.
            "--exclude-path=/v1/events",
            "--exclude-path=/",
            "--exclude-checks=positive_data_acceptance",
        )
        sfp = attempt(
            options,
            str(FOLDER / "sfp-openapi.json"),
            f"--url={address}",
            "--header=Authorization: Bearer ann",
            "--checks=not_a_server_error,response_schema_conformance,content_type_conformance",
        )
    sys.exit(0 if own and sfp else 1)


if __name__ == "__main__":
    main()
