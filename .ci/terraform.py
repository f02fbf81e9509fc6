#!/usr/bin/env python3
"""Lets the real terraform (or tofu) lock its state here: two applies at once, one that waits, one that died and left its
lock behind, and force-unlock. The state itself is served by this script, as the HTTP backend may have it elsewhere.
What is applied is `terraform_data`, which is part of the program (from 1.4 on), so nothing is downloaded.

    .ci/terraform.py --binary .build/release/holdfast --terraform $(command -v terraform)"""

import argparse
import http.server
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import urllib.request

from server import Failure, serving

# Applying takes until somebody makes the file `go`, so the lock is held for as long as the test wants.
CONFIGURATION = """
terraform {
  backend "http" {
    address        = "%(state)s"
    lock_address   = "%(lock)s"
    unlock_address = "%(lock)s"
    username       = "%(user)s"
    password       = "unused"
    retry_max      = 0
  }
}

variable "value" {
  type = string
}

resource "terraform_data" "thing" {
  input            = var.value
  triggers_replace = var.value

  provisioner "local-exec" {
    command = "touch began; until [ -e go ]; do sleep 0.02; done"
  }
}
"""


class State(http.server.BaseHTTPRequestHandler):
    """Keeps one state."""

    protocol_version = "HTTP/1.1"
    content = None

    def do_GET(self):
        self.reply(404 if State.content is None else 200, State.content or b"")

    def do_POST(self):
        State.content = self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(200, b"")

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Workspace:
    """A checkout of one person, from which terraform is run."""

    def __init__(self, program, folder, **places):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "main.tf").write_text(CONFIGURATION % places)
        self.environment = os.environ | {
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "TF_CLI_CONFIG_FILE": os.devnull,
        }
        self.run("init", "-no-color")

    def start(self, *arguments):
        return subprocess.Popen(
            [self.program, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments, status=0):
        return finish(self.start(*arguments), status)

    def apply(self, value, *arguments):
        return self.start("apply", "-auto-approve", "-no-color", f"-var=value={value}", *arguments)

    def await_lock(self, process):
        """Returns when the apply holds the lock and works."""
        deadline = time.monotonic() + 60
        while not (self.folder / "began").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise Failure(f"apply did not begin: {process.communicate()[0]}")
            time.sleep(0.02)

    def let_go(self):
        (self.folder / "go").touch()


def finish(process, status=0):
    """What it said; fails unless it ended so."""
    try:
        said, _ = process.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Failure(f"{process.args} did not end: {process.communicate()[0]}") from None
    if process.returncode != status:
        raise Failure(f"{process.args} ended with {process.returncode}, not {status}: {said}")
    return said


def holder(server):
    with urllib.request.urlopen(
        f"http://127.0.0.1:{server.http_port}/v1/resources/terraform/network", timeout=10
    ) as answer:
        holders = json.loads(answer.read())["holders"]
    return holders[0] if holders else None


def expect(condition, what):
    if not condition:
        raise Failure(what)


def shown_id(said):
    found = re.search(r"ID:\s+(\S+)", said)
    expect(found, f"no ID of a lock is shown: {said}")
    return found.group(1)


def two_at_once(server, ann, bob):
    first = ann.apply("one")
    ann.await_lock(first)
    held = holder(server)
    expect(held and held["owner"] == "ann", f"the lock is not ann's: {held}")
    said = finish(bob.apply("two", "-lock-timeout=0s"), status=1)
    expect("Error acquiring the state lock" in said, f"another reason: {said}")
    expect("OperationTypeApply" in said, f"what the holder does is not shown: {said}")
    expect(State.content is None or b"two" not in State.content, "the second one wrote the state")
    waiting = bob.apply("two", "-lock-timeout=80s")
    ann.let_go()
    bob.let_go()
    finish(first)
    finish(waiting)
    expect(holder(server) is None, f"still held: {holder(server)}")
    expect(b'"two"' in State.content, "the one that waited wrote nothing")
    print("two applies at once: the second is refused, or waits until the first is done")


def stale(server, ann, bob):
    for workspace in (ann, bob):
        (workspace.folder / "go").unlink()
        (workspace.folder / "began").unlink(missing_ok=True)
    dead = ann.apply("three")
    ann.await_lock(dead)
    os.killpg(dead.pid, 9)
    dead.communicate()
    said = finish(ann.apply("four", "-lock-timeout=0s"), status=1)
    identity = shown_id(said)
    said = ann.run("force-unlock", "-force", "-no-color", identity)
    expect("successfully unlocked" in said, f"not unlocked: {said}")
    expect(holder(server) is None, f"still held: {holder(server)}")
    bob.let_go()
    finish(bob.apply("four"))
    expect(b'"four"' in State.content, "nothing was written after the unlock")
    print("an apply that was killed leaves its lock; force-unlock ends it, and the next apply goes on")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--terraform", required=True, help="the program: terraform or tofu")
    options = parser.parse_args()
    state = http.server.ThreadingHTTPServer(("127.0.0.1", 0), State)
    threading.Thread(target=state.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder, serving(options.binary, "--http", "127.0.0.1:0") as server:
        places = {
            "state": f"http://127.0.0.1:{state.server_port}/state",
            "lock": f"http://127.0.0.1:{server.http_port}/terraform/network",
        }
        people = [Workspace(options.terraform, f"{folder}/{user}", user=user, **places) for user in ("ann", "bob")]
        two_at_once(server, *people)
        stale(server, *people)
    state.shutdown()


if __name__ == "__main__":
    main()
