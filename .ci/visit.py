"""A visit to the dashboard: a browser at a server, what it takes to look and to act there, and scripts that judge a
page where it stands."""

import contextlib
import http.client
import json
import os
import socket
import threading

from server import Failure

HELD = dict(lease=3_600, pollWithin=3_600)

# Put into every page before its own scripts, so that nothing happens unseen.
WITNESS = """
window.hurt = [];
addEventListener("securitypolicyviolation", (e) => hurt.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
addEventListener("error", (e) => hurt.push(`error: ${e.message}`));
addEventListener("unhandledrejection", (e) => hurt.push(`rejection: ${e.reason}`));
"""


def expect(condition, message):
    if not condition:
        raise Failure(message)


class Visit:
    """A browser at a server, and what it takes to look and to act."""

    def __init__(self, server, browser, pictures):
        self.server, self.browser, self.pictures = server, browser, pictures
        self.base = f"http://127.0.0.1:{server.http_port}"
        self.expected = []

    def open(self, address=""):
        # Another document each time, not only another place in it.
        self.browser.go("about:blank")
        self.browser.go(f"{self.base}/ui/{address}")

    def at(self, address):
        self.browser.run("location.hash = arguments[0]", address)

    def ask(self, method, path, body=None, owner="tester"):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.http_port, timeout=30)
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Authorization": f"Bearer {owner}"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        expect(response.status < 300, f"{method} {path} was answered {response.status} {answer}")
        return answer

    def lock(self, resource, owner="tester", **fields):
        return self.ask("POST", "/v1/tickets", {"resource": resource, **HELD, **fields}, owner)

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def sees(self, selector, text, within=60):
        """Waits until one of these elements shows the text."""
        script = """return [...document.querySelectorAll(arguments[0])]
            .some((node) => node.checkVisibility() && node.innerText.includes(arguments[1]))"""
        self.browser.wait(script, f"{selector} shows {text!r}", selector, text, within=within)

    def sees_not(self, selector, within=60):
        script = "return ![...document.querySelectorAll(arguments[0])].some((node) => node.checkVisibility())"
        self.browser.wait(script, f"{selector} is gone", selector, within=within)

    def fails(self, *parts):
        """From now on the browser may log failures of requests that name these."""
        self.expected += parts

    def picture(self, name):
        if self.pictures:
            self.browser.picture(os.path.join(self.pictures, name + ".png"))

    def hold_to_silence(self):
        hurt = self.browser.run("return window.hurt ?? []")
        expect(not hurt, f"the page was hurt: {hurt}")
        for entry in self.browser.log():
            is_expected = "Failed to load resource" in entry["message"] or "net::ERR" in entry["message"]
            if is_expected and any(part in entry["message"] for part in self.expected):
                continue
            if entry["level"] in ("SEVERE", "WARNING"):
                raise Failure(f"the browser logged {entry['level']}: {entry['message']}")


def tab_to(browser, script, what):
    for _ in range(40):
        browser.press("Tab")
        ring = browser.run("const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.outlineWidth")
        expect("solid" in ring and "0px" not in ring.replace("solid", ""), f"nobody sees the focus: {ring}")
        if browser.run(script):
            return
    raise Failure(f"forty times Tab do not reach {what}")


def fits(visit, width):
    wide = visit.browser.run("return [document.documentElement.scrollWidth, innerWidth]")
    expect(wide[1] == width, f"the window is {wide[1]} wide, not {width}")
    expect(wide[0] <= width, f"at {width} the page is {wide[0]} wide")
    out = too_wide(visit)
    expect(not out, f"at {width} these are cut off: {out}")


def too_wide(visit):
    return visit.browser.run(
        """return [...document.querySelectorAll("main *")].filter((node) => node.checkVisibility()
            && node.getBoundingClientRect().right > innerWidth + 1)
            .map((node) => node.outerHTML.slice(0, 200)).slice(0, 3)"""
    )


class Relay:
    """A wire to the server that can be cut, and mended."""

    def __init__(self, target):
        self.target, self.sockets, self.is_cut = target, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            near = self.listener.accept()[0]
            if self.is_cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    @staticmethod
    def _carry(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.is_cut = True
        for end in self.sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.sockets = []

    def mend(self):
        self.is_cut = False


# Scripts for pages.

# What a screen reader would miss.
OUTLINE = """
const faults = [];
const name = (node) => node.getAttribute("aria-label") || node.innerText?.trim() || node.labels?.[0]?.innerText;
if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
for (const one of ["header", "main", "footer", "[role=search]", "[aria-live=polite]"]) {
    if (document.querySelectorAll(one).length < 1) faults.push(`no ${one}`);
}
for (const node of document.querySelectorAll("button, a[href], input")) {
    if (node.checkVisibility() && !name(node)) faults.push(`no name: ${node.outerHTML}`);
}
for (const node of document.querySelectorAll("table")) if (!node.caption) faults.push("a table without a caption");
for (const node of document.querySelectorAll("img, svg")) {
    const hasWords = node.hasAttribute("alt") || node.hasAttribute("aria-label");
    if (!hasWords && node.checkVisibility()) faults.push("a picture without words");
}
for (const node of document.querySelectorAll("[onclick]")) faults.push("a handler in markup");
const levels = [...document.querySelectorAll("h1, h2, h3")].map((node) => Number(node.tagName[1]));
if (levels[0] !== 1) faults.push("does not begin with h1");
return faults;
"""

# Texts that are hard to read before what is behind them.
CONTRAST = """
const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
const over = ([r, g, b, a = 1], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
const ground = (node) => {
    if (!node) return [255, 255, 255];
    const color = parse(getComputedStyle(node).backgroundColor);
    return color[3] === 0 ? ground(node.parentElement) : over(color, ground(node.parentElement));
};
const light = (color) => {
    const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = color.map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const faults = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility() || node.closest(":disabled")) continue;
    const [back, style] = [ground(node), getComputedStyle(node)];
    const front = over(parse(style.color), back);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faults.add(`${ratio.toFixed(2)} ${node.className} ${text.data.trim().slice(0, 40)}`);
}
return [...faults];
"""
