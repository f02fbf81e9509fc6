#!/usr/bin/env python3
"""Runs the examples of the documentation against the built server: what a reader copies works as printed.

    examples.py --binary .build/release/holdfast README.md Sources

Reads Markdown files, and folders for those below them. Two kinds of code block are run, each on a server that
remembers nothing of the blocks before it:

- Lines that begin with "> " are sent by nc, one connection per letter before the sign ("A> "); lines that begin
  with "< " are what must come back on that connection. Texts may be "…" (any), or "…name" (the same wherever the
  name stands again); a sent "ticket":"…" is the connection's last. ",…" ends an object that has more fields.
- Blocks fenced as `console`: lines that begin with "$ " are run by bash, and what follows must be their output,
  where "…" stands for anything. Ports 7420 and 7421 are the free ports of this run.

Each server speaks all that it can: below /plone as Plone does, which takes a flag.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from server import Client, Failure, encode, serving

ANY = "…"
SETTINGS = ["--http", "127.0.0.1:0", "--at-lock", "nick=/", "--at-lock", "plone=/plone"]
# Numbers that depend on when the example is run.
VOLATILE = {
    "fence", "remaining", "waited", "time", "at", "number", "uptime", "expiresAt", "createdAt", "acquiredAt",
    "renewedAt", "endedAt", "oldestWait", "age", "requests", "bytesIn", "bytesOut",
}


def blocks(text):
    """The code blocks of a Markdown text: (line number, language, lines)."""
    block, language, fence, first = [], None, None, 0
    for number, line in enumerate(text.split("\n") + [""], 1):
        if fence:
            if line.strip() == fence:
                yield first, language, block
                block, fence = [], None
            else:
                block.append(line)
        elif line.startswith("```"):
            fence, language, first, block = "```", line[3:].strip(), number + 1, []
        elif line.startswith("    ") or (block and not line.strip()):
            if not block:
                first = number
            block.append(line[4:])
        elif block:
            yield first, "", block
            block = []


# Protocol examples.

EXCHANGE = re.compile(r"^([A-Z]?)([<>]) (.*)$")


class Connection:
    def __init__(self, port):
        self.process = subprocess.Popen(
            ["nc", "-N", "127.0.0.1", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.unmatched = []
        self.last_ticket = None

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure("the connection ended")
        raw = line.decode().rstrip("\n")
        found = json.loads(raw)
        if encode(found).decode() != raw + "\n" and json.dumps(found, separators=(",", ":")) != raw:
            raise Failure(f"white space or unusual form in {raw}")
        if "id" in found and next(iter(found)) != "id":
            raise Failure(f"id is not first in {raw}")
        self.last_ticket = found.get("ticket", self.last_ticket)
        return found

    def expect(self, pattern, names):
        for index, found in enumerate(self.unmatched):
            if matches(pattern, found, names):
                return self.unmatched.pop(index)
        while True:
            found = self.read()
            if matches(pattern, found, names):
                return found
            self.unmatched.append(found)
            if "event" not in found and "event" not in pattern:
                raise Failure(f"expected {json.dumps(pattern, ensure_ascii=False)}\n     found {json.dumps(found)}")

    def close(self):
        self.process.kill()
        self.process.wait()


def pattern_of(text):
    text = re.sub(r",\s*…\s*}", ',"…":0}', text)
    text = text.replace("{…}", '{"…":0}').replace("[…]", '["…"]')
    return json.loads(text)


def matches(pattern, found, names, key=None):
    if isinstance(pattern, str) and pattern.startswith(ANY):
        name = pattern[1:]
        if not name:
            return True
        return names.setdefault(name, found) == found
    if isinstance(pattern, dict):
        if not isinstance(found, dict):
            return False
        fields = {k: v for k, v in pattern.items() if k != ANY}
        if ANY not in pattern and set(fields) != set(found):
            return False
        return all(k in found and matches(v, found[k], names, k) for k, v in fields.items())
    if isinstance(pattern, list):
        if pattern == [ANY]:
            return isinstance(found, list)
        return (
            isinstance(found, list)
            and len(found) == len(pattern)
            and all(matches(p, f, names) for p, f in zip(pattern, found))
        )
    if key in VOLATILE:
        return type(pattern) is type(found) or {type(pattern), type(found)} == {int, float}
    return pattern == found and type(pattern) is type(found)


def run_exchange(lines, port):
    connections, names, count = {}, {}, 0
    try:
        for line in lines:
            exchange = EXCHANGE.match(line)
            if not exchange:
                if line.strip():
                    raise Failure(f"not a line of an exchange: {line}")
                continue
            name, direction, text = exchange.groups()
            if name not in connections:
                connections[name] = Connection(port)
            connection = connections[name]
            count += 1
            if direction == "<":
                connection.expect(pattern_of(text), names)
            else:
                for known, value in sorted(names.items(), reverse=True):
                    text = text.replace(f'"…{known}"', json.dumps(value))
                connection.send(text.replace('"…"', json.dumps(connection.last_ticket)))
        for connection in connections.values():
            if connection.unmatched:
                raise Failure(f"came unexpected: {connection.unmatched}")
    finally:
        for connection in connections.values():
            connection.close()
    return count


# Shell examples.


def run_console(lines, server, folder, path):
    port = str(server.port)
    commands = []
    for line in lines:
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif commands:
            if commands[-1][0].endswith("\\"):
                commands[-1] = (commands[-1][0] + "\n" + line, [])
            else:
                commands[-1][1].append(line)
    mark = "--end-of-output--"
    script = "".join(
        f"{command}\n__status=$?; printf '%s\\n' '{mark}'; (exit $__status)\n" for command, _ in commands
    ).replace("7420", port).replace("7421", str(server.http_port))
    environment = {"PATH": path, "HOME": folder, "LC_ALL": "C.UTF-8", "HOLDFAST_SERVER": f"127.0.0.1:{port}"}
    # As in a clone, where whoever reads this begins.
    pathlib.Path(folder, "deploy").symlink_to(pathlib.Path(__file__).resolve().parent.parent / "deploy")
    run = subprocess.run(
        ["bash", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        timeout=60,
    )
    outputs = run.stdout.decode().replace(port, "7420").split(mark + "\n")
    for (command, expected), output in zip(commands, outputs):
        wanted = "\n".join(expected).strip("\n")
        pattern = ".*".join(re.escape(part) for part in wanted.split(ANY))
        if not re.fullmatch(pattern, output.strip("\n"), re.DOTALL):
            raise Failure(f"$ {command}\nexpected:\n{wanted}\nfound:\n{output}")
    return len(commands)


def forget_everything(port):
    client = Client(port)
    for row in client.take(op="resources", limit=1000)["resources"]:
        client.take(op="clear", resource=row["resource"])
    client.close()


def documents(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    binary = pathlib.Path(options.binary).resolve()
    path = f"{binary.parent}:/usr/local/bin:/usr/bin:/bin"
    failures, total = 0, 0
    for document in documents(options.paths):
        count = 0
        for first, language, lines in blocks(document.read_text()):
            is_exchange = any(EXCHANGE.match(line) for line in lines) and language in ("", "json")
            if not is_exchange and language != "console":
                continue
            folder = tempfile.mkdtemp(prefix="holdfast-examples-")
            try:
                with serving(str(binary), *SETTINGS) as server:
                    if is_exchange:
                        count += run_exchange(lines, server.port)
                    else:
                        count += run_console(lines, server, folder, path)
                    forget_everything(server.port)
            except (Failure, subprocess.TimeoutExpired, json.JSONDecodeError) as problem:
                print(f"{document}:{first}: {problem}", file=sys.stderr)
                failures += 1
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        if count:
            print(f"{document}: {count} lines of examples")
        total += count
    if failures or not total:
        sys.exit(f"{failures} examples do not work as printed" if total else "no example was found")


main()
