#!/usr/bin/env python3
"""Looks at the dashboard as people do: in a real browser, at a real server.

    dashboard.py --binary .build/release/holdfast             every check
    dashboard.py --binary … --only reconnect                  one of them
    dashboard.py --binary … --pictures FOLDER                 and what it looked like

Each check has a server of its own. Nothing is decided by how long it takes: what should come to be is waited for.
After each check the browser's log must be empty but for what the check expects, and no policy may have been hurt.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
import traceback

from browser import browsing
from server import Client, Failure, Server
from visit import CONTRAST, HELD, OUTLINE, WITNESS, Relay, Visit, expect, fits, tab_to, too_wide

CROWD = 100_000
BATCH = 500  # below the limit of requests in flight
ROWS_MAX = 400

# What is shown, as it happens.


def live(visit):
    visit.open()
    visit.sees(".welcome", "Nothing is locked")
    visit.sees("#link-text", "Live")
    visit.sees(".chart-held .figure", "0")
    visit.picture("empty")
    visit.lock("deploy/prod", holder="ci-7", reason="release 1.4")
    visit.sees(".summaries .path", "deploy/prod")
    visit.sees(".summaries .who", "ci-7")
    visit.sees_not(".welcome")
    visit.sees(".chart-held .figure", "1")
    visit.lock("deploy/prod", owner="ann", holder="ann@laptop", reason="hotfix")
    visit.sees(".by-wait .path", "deploy/prod")
    visit.sees(".chart-waiting .figure", "1")
    visit.browser.click(".by-queue .path")
    visit.sees("h1", "deploy/prod")
    visit.sees(".holders", "release 1.4")
    visit.sees(".queue", "ann@laptop")
    visit.sees(".queue", "hotfix")
    visit.sees(".timeline", "joined the queue")
    visit.lock("deploy/prod", owner="bob", holder="bob@desk")
    visit.sees(".queue", "bob@desk")
    short = visit.lock("short", lease=0.5)
    visit.at("#/")
    visit.sees(".timeline", "let the lease run out")
    visit.at(f"#/ticket/{short['ticket']}")
    visit.sees(".stages", "Ended: expired")


def words(visit):
    """Whatever somebody calls things, it stays a word."""
    nasty = "<img src=x onerror=document.title='hurt'>"
    name = "a <b>&amp; \"c\" 'd' \\ %2F ?#[] é😀 \u202e"
    for owner in ("<script>alert(1)</script>", "ann"):
        visit.lock(name, owner=owner, holder=nasty, reason=nasty, meta={nasty: nasty})
    visit.open()
    visit.sees(".summaries .path", name)
    visit.browser.click(".summaries .path")
    visit.sees("h1", name)
    visit.sees(".holders", nasty)
    visit.sees(".queue", nasty)
    visit.browser.click(".holders a.who")
    visit.sees(".details", nasty)
    visit.sees(".over", name)
    made = visit.browser.run("return document.querySelectorAll('main img, main script, main b').length")
    expect(made == 0, "a name became markup")
    visit.browser.click(".over a")
    visit.sees("h1", name)


def find(visit):
    for number in range(120):
        visit.lock(f"ci/cache/{number:03}")
    for name in ("deploy", "deploy-x", "deploy/a", "deploying", "other/deploy"):
        visit.lock(name)
    visit.open()
    visit.browser.fill("#find-text", "dep")
    visit.browser.press("Enter")
    visit.sees(".facts", "4 resources")
    visit.browser.fill("#find-text", "deploy")
    visit.browser.press("Enter")
    visit.sees("h1", "deploy")
    visit.sees(".facts", "4 resources")
    visit.browser.fill("#find-text", "ci/")
    visit.browser.press("Enter")
    visit.sees(".facts", "50 resources, and more")
    visit.browser.click(".panel-end button")
    visit.sees(".facts", "100 resources, and more")
    visit.browser.click(".panel-end button")
    visit.sees(".facts", "120 resources")
    visit.at("#/find/nothing")
    visit.sees(".empty", "No resource with a ticket begins like this")
    visit.at("#/find/")
    visit.sees("h1", "All resources")


# Interventions.


def first_sight(visit):
    """A chart has something in it as soon as there is one count to draw."""
    visit.open()
    visit.sees(".chart-held .figure", "0")
    drawn = visit.browser.run(
        "return document.querySelector('.chart-held .line').getAttribute('d').split('L').length"
    )
    expect(drawn >= 2, "the first count draws no line")


def release(visit):
    held = visit.lock("job", owner="ann", holder="ann", reason="first")
    visit.lock("job", owner="bob", holder="bob", reason="second")
    visit.lock("job", owner="eve", holder="eve")
    visit.open("#/resource/job")
    visit.sees(".holders", "first")
    visit.browser.click(".holders button")
    visit.sees("dialog", "Release this lock?")
    visit.picture("release")
    visit.browser.press("Escape")
    visit.sees_not("dialog")
    expect(visit.ask("GET", "/v1/resources/job")["holders"][0]["holder"] == "ann", "Escape released it")
    visit.browser.click(".holders button")
    visit.browser.fill("dialog input", "ann is on holiday")
    visit.browser.click("dialog [type=submit]")
    visit.sees(".holders", "second")
    visit.sees_not("dialog")
    visit.sees(".timeline", "ann is on holiday")
    ticket = visit.ask("GET", f"/v1/tickets/{held['ticket']}", owner="ann")
    expect(ticket["state"] == "released", f"the ticket is {ticket}")
    expect(ticket["endReason"] == "ann is on holiday", f"the ticket is {ticket}")
    visit.sees(".queue", "eve")
    visit.browser.click(".queue .acts button")
    visit.sees("dialog", "out of the queue")
    visit.browser.click("dialog [type=submit]")
    visit.sees(".empty", "Nobody waits.")


def steal(visit):
    held = visit.lock("job", owner="ann", holder="ann", reason="first")
    visit.open("#/resource/job")
    visit.sees(".holders", "first")
    visit.browser.press("s")
    visit.sees("dialog", "Steal job?")
    visit.picture("steal")
    visit.browser.click("dialog [type=submit]")
    visit.sees("dialog", "Steal job?")
    expect(visit.ask("GET", "/v1/resources/job")["holders"][0]["holder"] == "ann", "stolen without a reason")
    visit.fails("/v1/steal")
    visit.browser.fill("dialog input", "it hangs since Monday")
    visit.browser.click("dialog [type=submit]")
    visit.sees("dialog [role=alert]", "Refused")
    visit.picture("refused")
    visit.browser.click("dialog [type=checkbox]")
    visit.browser.click("dialog [type=submit]")
    visit.sees(".pill", "holds")
    visit.sees("h1", "dashboard")
    visit.sees(".stages", "Lease left")
    ticket = visit.ask("GET", f"/v1/tickets/{held['ticket']}", owner="ann")
    expect(ticket["ended"] == "stolen", f"the ticket is {ticket}")
    visit.browser.click(".over a")
    visit.sees(".timeline", "it hangs since Monday")
    visit.browser.click(".holders a.who")
    visit.sees(".stages", "Lease left")
    visit.browser.click(".page-acts button:not([hidden])")
    visit.sees(".stages", "Last renewed")


def clear(visit):
    for owner in ("ann", "bob", "eve"):
        visit.lock("job", owner=owner, holder=owner)
    visit.open("#/resource/job")
    visit.sees(".queue", "eve")
    visit.browser.press("c")
    visit.sees("dialog", "1 holder and 2 waiting")
    visit.browser.fill("dialog input", "all of it is stale")
    visit.browser.click("dialog [type=submit]")
    visit.sees(".empty", "Nobody holds it.")
    visit.sees(".empty", "Nobody waits.")
    visit.sees(".timeline", "all of it is stale")
    visit.sees(".pill", "Free")


def keyboard(visit):
    visit.lock("job", owner="ann", holder="ann")
    visit.lock("job", owner="bob", holder="bob")
    browser = visit.browser
    visit.open()
    visit.sees(".summaries .path", "job")
    browser.press("Tab")
    expect(browser.run("return document.activeElement.id") == "skip", "the first Tab does not skip")
    browser.press("Enter")
    expect(browser.run("return document.activeElement.id") == "main", "the skip link does not skip")
    tab_to(browser, "return document.activeElement.matches('.by-queue .path')", "the resource")
    browser.press("Enter")
    visit.sees(".holders", "ann")
    tab_to(browser, "return document.activeElement.matches('.holders button')", "the button")
    name = browser.run("return document.activeElement.getAttribute('aria-label')")
    expect(name == "Release the lock of ann", f"the button is called {name!r}")
    browser.press("Enter")
    visit.sees("dialog", "Release this lock?")
    browser.press(*"by keyboard", "Enter")
    visit.sees(".holders", "bob")
    visit.sees(".timeline", "by keyboard")
    browser.press("?")
    visit.sees("dialog", "Keys")
    visit.picture("keys")
    browser.press("Escape")
    visit.sees_not("dialog")
    browser.press("o")
    visit.sees("h2", "Hottest resources")
    browser.press("/")
    expect(browser.run("return document.activeElement.id") == "find-text", "/ does not find")
    browser.press(*"so?c")
    expect(browser.run("return document.activeElement.value") == "so?c", "keys do something where one types")


# Rights.

PEOPLE = {
    "ann": ["lock:**", "read:**", "steal:**", "admin:**"],
    "rita": ["read:ci/**"],
    "lou": ["lock:**"],
    "sam": ["lock:ci/**", "read:**", "steal:ci/**"],
}


def token_file(folder):
    """Everybody's token is `token-of-` and the name."""
    path = os.path.join(folder, "tokens.jsonl")
    with open(path, "w") as file:
        for name, rights in PEOPLE.items():
            digest = hashlib.sha256(f"token-of-{name}".encode()).hexdigest()
            print(json.dumps({"role": name, "rights": rights}), file=file)
            print(json.dumps({"name": name, "token": f"sha256:{digest}", "roles": [name]}), file=file)
    os.chmod(path, 0o600)
    return path


def sign_in(visit, token):
    visit.sees(".sign-in", "Sign in")
    visit.browser.fill("#token", token)
    visit.browser.press("Enter")


def rights(visit):
    browser = visit.browser
    visit.fails("/v1/", "/metrics")
    visit.lock("ci/a", owner="token-of-lou", holder="lou's job", reason="nightly")
    visit.lock("secret", owner="token-of-ann", holder="ann")
    visit.open()
    visit.sees("#link-text", "Not signed in")
    visit.picture("sign-in")
    sign_in(visit, "token-of-nobody")
    visit.sees(".sign-in [role=alert]", "The token was not accepted.")

    # Whoever may read a part sees that part.
    sign_in(visit, "token-of-rita")
    visit.sees(".summaries .path", "ci/a")
    visit.sees(".notice", "for those who may read everything")
    visit.sees("#link-text", "Live")
    expect("secret" not in visit.text("main"), "somebody sees what she may not read")
    visit.sees_not(".charts")
    visit.at("#/resource/secret")
    visit.sees(".error", "You may not do this: it needs the right “read”.")
    visit.sees_not(".empty")
    visit.sees("#link-text", "Not live")
    visit.picture("forbidden")
    visit.at("#/resource/ci%2Fa")
    visit.sees(".holders", "lou's job")
    visit.sees("#link-text", "Live")
    visit.sees_not(".holders button")
    browser.click(".holders a.who")
    visit.sees(".stages", "Lease left")
    visit.sees_not(".page-acts button")
    visit.at("#/resource/ci%2Fa")
    visit.sees(".holders", "lou's job")
    # Nobody is offered what would be refused, by a button or by a key.
    for key in "sc":
        visit.sees_not(".page-acts button")
        browser.press(key)
        visit.sees_not("dialog")

    # The token is in the memory of the page, and nowhere else.
    places = browser.run(
        """return { tab: Object.values(sessionStorage), machine: Object.values(localStorage), cookies: document.cookie,
            address: location.href, page: document.documentElement.outerHTML }"""
    )
    for place in ("tab", "machine", "cookies", "address", "page"):
        expect("token-of-rita" not in str(places[place]), f"the token is in the {place}")
    browser.click("#sign-out")
    visit.sees(".sign-in", "Sign in")

    # Who may steal somewhere is offered it there, and only that.
    sign_in(visit, "token-of-sam")
    visit.sees(".holders", "lou's job")
    visit.sees(".page-acts", "Steal…")
    expect("Clear" not in visit.text(".page-acts"), "clear is offered to somebody without the right")
    visit.at("#/resource/secret")
    visit.sees(".holders", "ann")
    visit.sees_not(".page-acts button")
    visit.at("#/resource/ci%2Fa")
    visit.sees(".page-acts", "Steal…")
    browser.press("s")
    visit.sees("dialog", "Your lease in seconds")
    visit.sees_not("dialog [type=checkbox]")
    browser.fill("dialog input", "because")
    browser.click("dialog [type=submit]")
    visit.sees("dialog [role=alert]", "Refused")
    browser.press("Escape")
    visit.sees_not("dialog")
    browser.click("#sign-out")

    # Whoever may read nothing is told so; whoever may do everything can.
    sign_in(visit, "token-of-lou")
    visit.sees("#link-text", "Not live")
    browser.click("#sign-out")
    sign_in(visit, "token-of-ann")
    visit.sees(".holders", "lou's job")
    browser.click(".holders button")
    browser.fill("dialog input", "lou went home")
    browser.click("dialog [type=submit]")
    visit.sees(".timeline", "was cleared by ann")
    visit.sees(".timeline", "lou went home")
    browser.click("#sign-out")
    visit.sees(".sign-in", "Sign in")


# The connection.


def reconnect(visit):
    browser, first = visit.browser, visit.server
    visit.lock("job", owner="ann", holder="ann", reason="first")
    visit.lock("job", owner="bob", holder="bob", reason="second")
    visit.open("#/resource/job")
    visit.sees(".holders", "first")
    visit.fails("/v1/", "/metrics", "/version")
    first.process.kill()
    first.process.wait()
    visit.sees("#banner", "The connection is lost.")
    visit.sees("#banner", "What you see is from")
    visit.sees("#link-text", "Not connected")
    visit.picture("lost")
    browser.click(".holders button")
    browser.click("dialog [type=submit]")
    visit.sees("dialog [role=alert]", "The server did not answer.")
    browser.press("Escape")
    visit.server = Server(
        *visit.start[:1], *changed(visit.start[1:], first.port, first.http_port)
    )
    visit.sees_not("#banner")
    visit.sees("#link-text", "Live")
    visit.sees(".holders", "first")
    visit.sees(".queue", "second")
    visit.lock("job", owner="eve", holder="eve", reason="third")
    visit.sees(".queue", "third")


def resume(visit):
    """What happens while the page is away for a moment is told afterwards, by the same server."""
    relay = Relay(visit.server.http_port)
    visit.lock("job", owner="ann", holder="ann")
    visit.base = f"http://127.0.0.1:{relay.port}"
    visit.open()
    visit.sees(".summaries", "job")
    visit.sees("#link-text", "Live")
    # An event gives the page a mark to go on from.
    visit.lock("other", owner="bob", holder="bob")
    visit.sees(".summaries", "other")
    visit.fails("/v1/", "/metrics")
    relay.cut()
    visit.sees("#banner", "The connection is lost.")
    visit.ask("DELETE", "/v1/resources/job", {"reason": "while you were away"})
    visit.ask("DELETE", "/v1/resources/other", {"reason": "and so was this"})
    visit.browser.click("#banner-retry")
    relay.mend()
    visit.sees_not("#banner")
    visit.sees(".timeline", "while you were away")
    visit.sees(".timeline", "and so was this")
    visit.sees(".welcome", "Nothing is locked")
    # Whoever looks at another part of the page misses nothing of the overview meanwhile.
    visit.lock("third", owner="bob", holder="bob")
    visit.sees(".summaries", "third")
    visit.at("#/resource/job")
    visit.sees("h1", "job")
    visit.ask("DELETE", "/v1/resources/third", {"reason": "while you looked elsewhere"})
    visit.at("#/")
    visit.sees(".timeline", "while you looked elsewhere")
    visit.browser.go("about:blank")
    relay.cut()


def changed(arguments, port, http_port):
    """The same server again, where the first one was."""
    rest = [part for part in arguments if part not in ("--http", "127.0.0.1:0")]
    return [*rest, "--listen", f"127.0.0.1:{port}", "--http", f"127.0.0.1:{http_port}"]


# A crowd.


def crowd(visit):
    browser = visit.browser
    visit.open("#/resource/concert")
    visit.sees(".pill", "Free")
    client = Client(visit.server.port, timeout=60)
    client.take(op="hello", version=1, token="crowd")
    held = client.take(op="queue", resource="concert", holder="box office", **HELD)
    begun = time.monotonic()
    for first in range(0, CROWD, BATCH):
        requests = [
            dict(op="queue", resource="concert", holder=f"visitor {first + n + 1}", notify="none", **HELD)
            for n in range(BATCH)
        ]
        client.send(*requests)
        for _ in requests:
            client.reply()
        most_rows(visit)
    visit.sees(".count", f"{CROWD:,}", within=60)
    print(f"  {CROWD} came in {time.monotonic() - begun:.1f} s while the page was open", flush=True)
    begun = time.monotonic()
    visit.open("#/resource/concert")
    visit.sees(".queue", "visitor 1")
    print(f"  opened with all of them in {time.monotonic() - begun:.2f} s", flush=True)
    visit.sees(".count", f"{CROWD:,}")
    most_rows(visit)
    visit.picture("crowd")
    browser.run("document.querySelector('.scroller').focus()")
    browser.press("End")
    visit.sees(".queue tbody:not([aria-hidden]) tr:last-child", f"visitor {CROWD}")
    most_rows(visit)
    browser.fill("#place", "77777")
    browser.press("Enter")
    visit.sees(".queue", "visitor 77777")
    visit.sees(".queue", "77,777")
    most_rows(visit)
    positions = browser.run(
        """return [...document.querySelectorAll('.queue tbody:not([aria-hidden]) tr')].map((row) =>
            [row.cells[0].innerText.replaceAll(',', ''), row.cells[1].innerText])"""
    )
    for position, who in positions:
        expect(who.splitlines()[0] == f"visitor {position}", f"at {position} stands {who!r}")
    client.take(op="release", ticket=held["ticket"])
    visit.sees(".holders", "visitor 1")
    visit.sees(".count", f"{CROWD - 1:,}")
    browser.run("document.querySelector('.scroller').scrollTop = 0")
    visit.sees(".queue tbody:not([aria-hidden]) tr:first-child", "visitor 2")
    most_rows(visit)
    browser.resize(360, 740)
    visit.sees(".queue", "visitor 2")
    fits(visit, 360)
    visit.picture("crowd-narrow")
    visit.at("#/")
    visit.sees(".summaries", f"{CROWD - 1:,}")
    visit.ask("DELETE", "/v1/resources/concert", {"reason": "sold out"})
    visit.sees(".timeline", "sold out", within=60)
    visit.sees(".welcome", "Nothing is locked", within=60)
    most_rows(visit)


def most_rows(visit):
    rows = visit.browser.run("return document.querySelectorAll('main tr, main li').length")
    expect(rows <= ROWS_MAX, f"{rows} rows are in the page")


# For everybody.

def everybody(visit):
    path = "a/very/long/path/" + "that/nobody/can/read/" * 4 + "x" * 120
    held = visit.lock("job", owner="ann", holder="ann", reason="a long reason " * 15, meta={"k": "v" * 200})
    for owner in ("bob", "eve"):
        visit.lock("job", owner=owner, holder=owner * 30, reason="unbreakable" * 20)
    visit.lock(path)
    visit.open()
    visit.sees("#link-text", "Live")
    visit.lock("short", lease=0.3)
    visit.sees(".timeline", "let the lease run out")
    browser = visit.browser
    pages = {
        "overview": ("#/", ".by-wait", "job"),
        "resource": ("#/resource/job", ".queue", "eve"),
        "long": ("#/resource/" + path.replace("/", "%2F"), ".holders", "tester"),
        "ticket": (f"#/ticket/{held['ticket']}", ".stages", "Lease left"),
        "find": ("#/find/", ".by-path", path),
        "number": ("#/number/2/job", ".stages", "Waits at position 1"),
    }
    browser.prefer(reduced_motion="reduce")
    for name, (address, selector, text) in pages.items():
        visit.at(address)
        visit.sees(selector, text)
        for width in (1280, 768, 390, 320):
            browser.resize(width, 800)
            fits(visit, width)
        for scheme in ("light", "dark"):
            browser.prefer(color_scheme=scheme, reduced_motion="reduce")
            for width in (1280, 390):
                browser.resize(width, 800)
                visit.picture(f"{name}-{scheme}-{width}")
            faults = browser.run(CONTRAST)
            expect(not faults, f"hard to read in the {scheme} on {name}: {faults}")
        faults = browser.run(OUTLINE)
        expect(not faults, f"{name}: {faults}")
    browser.press("?")
    visit.sees("dialog", "Keys")
    expect(browser.run("return document.getAnimations().length") == 0, "it moves although that was not wanted")
    planted = """const node = document.createElement("p");
        node.className = "pill empty";
        node.textContent = "pale";
        node.style.cssText = "color: #ccc; background: #fff; width: 3000px";
        document.querySelector(".page").append(node);"""
    browser.run(planted)
    expect(browser.run(CONTRAST), "what is hard to read is not found")
    expect(too_wide(visit), "what is too wide is not found")


def policy(visit):
    """What the other checks rely on: a page that breaks the policy is stopped and seen."""
    visit.open()
    visit.sees("#link-text", "Live")
    visit.browser.run(
        """const image = document.createElement("img");
        image.src = "http://127.0.0.1:9/x.png";
        document.body.append(image);
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        const style = document.createElement("style");
        style.textContent = "body { color: red }";
        document.head.append(style);"""
    )
    hurt = visit.browser.wait("return window.hurt.length >= 3 && window.hurt", "the policy stops what is not ours")
    for directive in ("img-src", "script-src", "style-src"):
        expect(any(one.startswith(directive) for one in hurt), f"{directive} did not stop it: {hurt}")
    expect(not visit.browser.run("return Boolean(window.ran)"), "a script in the page ran")
    visit.browser.run("window.hurt.length = 0")
    visit.browser.log()


# name: (check, arguments of the server)
CHECKS = {
    "live": (live, []),
    "first sight": (first_sight, []),
    "words": (words, []),
    "find": (find, []),
    "release": (release, []),
    "steal": (steal, []),
    "clear": (clear, []),
    "keyboard": (keyboard, []),
    "rights": (rights, ["--auth", "tokens", "--tokens", "TOKENS"]),
    "reconnect": (reconnect, ["--data", "DATA"]),
    "resume": (resume, []),
    "everybody": (everybody, []),
    "crowd": (crowd, ["--max-tickets-per-principal", "250000"]),
    "policy": (policy, []),
}


def perform(name, options, browser, folder):
    check, arguments = CHECKS[name]
    places = {"DATA": os.path.join(folder, name), "TOKENS": token_file(folder)}
    arguments = [places.get(part, part) for part in arguments]
    start = [options.binary, "--http", "127.0.0.1:0", *arguments]
    server = Server(*start)
    visit = Visit(server, browser, options.pictures)
    visit.start = start
    try:
        browser.resize(1280, 900)
        browser.prefer(color_scheme="light")
        check(visit)
        visit.hold_to_silence()
        browser.go("about:blank")
    except BaseException:
        visit.picture(f"failed-{name}")
        browser.go("about:blank")
        browser.log()
        visit.server.process.kill()
        visit.server.process.wait()
        raise
    visit.server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--only", choices=CHECKS, action="append")
    parser.add_argument("--pictures")
    options = parser.parse_args()
    if options.pictures:
        os.makedirs(options.pictures, exist_ok=True)
    failures = 0
    with browsing() as browser, tempfile.TemporaryDirectory(prefix="holdfast-dashboard-") as folder:
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", {"source": WITNESS})
        for name in options.only or CHECKS:
            print(f"{name}:", flush=True)
            begun = time.monotonic()
            try:
                perform(name, options, browser, folder)
                print(f"  holds, {time.monotonic() - begun:.1f} s", flush=True)
            except (Failure, OSError) as problem:
                where = traceback.extract_tb(problem.__traceback__)[1:]
                lines = " ".join(f"{frame.name}:{frame.lineno}" for frame in where)
                print(f"  FAILED: {problem} ({lines})", file=sys.stderr, flush=True)
                failures += 1
    if failures:
        sys.exit(f"{failures} checks do not hold")


main()
