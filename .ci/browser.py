"""A real browser, driven over the WebDriver protocol with what Python brings along."""

import base64
import contextlib
import http.client
import json
import re
import shutil
import subprocess
import tempfile
import time

from server import Failure

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "End": "\ue010", "Shift": "\ue008"}


class Browser:
    """Chromium without a screen, in a profile of its own that is gone afterwards."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="holdfast-browser-")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.session = None
        try:
            self.port = self._port()
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self):
        arguments = [
            "--headless=new",
            # As root, in a container, the sandbox cannot be made; what is shown here is our own page.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--hide-scrollbars",
            f"--user-data-dir={self.profile}",
        ]
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "binary": shutil.which("chromium")},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 60_000, "pageLoad": 60_000},
        }
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = f"/session/{answer['sessionId']}"

    def _port(self):
        for line in self.driver.stdout:
            found = re.search(r"successfully on port (\d+)", line)
            if found:
                return int(found.group(1))
        raise Failure("chromedriver ended before it was ready")

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
        with contextlib.closing(connection):
            text = json.dumps(body or {}) if method == "POST" else None
            connection.request(method, path, text, {"Content-Type": "application/json"})
            response = connection.getresponse()
            value = json.loads(response.read())["value"]
        if response.status != 200:
            raise Failure(f"{path}: {value['error']}: {value['message'].splitlines()[0]}")
        return value

    def _do(self, path, **body):
        return self._ask("POST", self.session + path, body)

    def go(self, url):
        self._do("/url", url=url)

    def run(self, script, *arguments):
        """Runs the body of a function in the page and gives what it returns."""
        return self._do("/execute/sync", script=script, args=list(arguments))

    def find(self, selector):
        return self._do("/element", using="css selector", value=selector)[ELEMENT]

    def click(self, selector):
        """Clicks the first that there is; a page that is just being drawn may put another in its place."""
        for attempt in range(5):
            try:
                return self._do(f"/element/{self.find(selector)}/click")
            except Failure as failure:
                if attempt == 4 or "stale element" not in str(failure):
                    raise

    def fill(self, selector, text):
        element = self.find(selector)
        self._do(f"/element/{element}/clear")
        self._do(f"/element/{element}/value", text=text)

    def press(self, *keys):
        """Presses keys one after the other, wherever the focus is."""
        steps = []
        for key in keys:
            value = KEYS.get(key, key)
            steps += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self._do("/actions", actions=[{"type": "key", "id": "keys", "actions": steps}])

    def resize(self, width, height):
        """Sets what the page has for itself, as a phone does; a window cannot be so narrow."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, **features):
        """Sets what the person prefers: `color_scheme="dark"`."""
        pairs = [{"name": "prefers-" + name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.devtools("Emulation.setEmulatedMedia", {"features": pairs})

    def devtools(self, command, parameters):
        return self._do("/goog/cdp/execute", cmd=command, params=parameters)

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._ask("GET", self.session + "/screenshot")))

    def log(self):
        """What the browser had to say since it was last asked."""
        return self._do("/se/log", type="browser")

    def wait(self, script, what, *arguments, within=60):
        """Waits until the body of a function returns something that is true, and gives it."""
        deadline = time.monotonic() + within
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > deadline:
                text = self.run("return document.body.innerText")
                raise Failure(f"not within {within} s: {what}; the page says: {text[:2_000]}")
            time.sleep(0.05)

    def close(self):
        with contextlib.suppress(Failure, OSError):
            if self.session:
                self._ask("DELETE", self.session)
        self.driver.terminate()
        self.driver.wait(timeout=15)
        shutil.rmtree(self.profile, ignore_errors=True)


@contextlib.contextmanager
def browsing():
    browser = Browser()
    try:
        yield browser
    finally:
        browser.close()
