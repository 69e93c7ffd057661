"""Uses the upload page as a person does, in a headless Chromium.

    browser.py CHROMIUM URL CAPTURE SERVER PORT [SCREENSHOT [dark]]

Prints what the page shows at the end as one JSON object: `report` (text of the
report, or null), `status` (the line under the form), `errors` (of the browser's
console).
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

LIMIT_SECONDS = 60


class Browser:
    """Speaks the DevTools protocol over two pipes."""

    def __init__(self, program, profile, dark):
        to_child, self.output = os.pipe()
        self.input, from_child = os.pipe()

        def place():
            os.dup2(to_child, 3)
            os.dup2(from_child, 4)

        os.set_inheritable(to_child, True)
        os.set_inheritable(from_child, True)
        arguments = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--no-first-run", "--disable-extensions", "--window-size=1100,900",
                     "--user-data-dir=" + profile, "--remote-debugging-pipe", "about:blank"]
        if dark:
            arguments.insert(1, "--blink-settings=preferredColorScheme=0")
        self.child = subprocess.Popen(arguments, preexec_fn=place, close_fds=False, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self.serial, self.buffer, self.errors, self.session = 0, b"", [], None
        self.deadline = time.monotonic() + LIMIT_SECONDS

    def receive(self):
        while b"\0" not in self.buffer:
            if time.monotonic() > self.deadline:
                raise TimeoutError("the browser does not answer")
            data = os.read(self.input, 65536)
            if not data:
                raise EOFError("the browser has ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.serial += 1
        message = {"id": self.serial, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.serial:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.notice(answer)

    def notice(self, event):
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(event["params"]["exceptionDetails"]["text"])
        elif event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.errors.append(event["params"]["entry"]["text"])

    def evaluate(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression):
        while time.monotonic() < self.deadline:
            if self.evaluate(expression):
                return
            time.sleep(0.1)
        raise TimeoutError("waited in vain for " + expression)


def main():
    program, url, capture, server, port = sys.argv[1:6]
    screenshot = sys.argv[6] if len(sys.argv) > 6 else None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile, len(sys.argv) > 7)
        try:
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "DOM"):
                browser.call(domain + ".enable")
            browser.call("Page.navigate", url=url)
            browser.wait("document.readyState === 'complete' && document.getElementById('send') !== null")
            root = browser.call("DOM.getDocument")["root"]["nodeId"]
            node = browser.call("DOM.querySelector", nodeId=root, selector="#capture")["nodeId"]
            browser.call("DOM.setFileInputFiles", nodeId=node, files=[capture])
            for name, value in (("server", server), ("port", port)):
                browser.evaluate("document.getElementById(%s).value = %s" % (json.dumps(name), json.dumps(value)))
            browser.evaluate("document.getElementById('send').click()")
            browser.wait("!document.getElementById('result').hidden || "
                         "document.getElementById('status').className === 'bad'")
            browser.wait("document.getElementById('result').hidden || "
                         "(document.getElementById('report').contentDocument.body || {}).innerText")
            time.sleep(0.3)
            shown = {
                "report": browser.evaluate("document.getElementById('result').hidden ? null : "
                                           "document.getElementById('report').contentDocument.body.innerText"),
                "status": browser.evaluate("document.getElementById('status').textContent"),
                "save": browser.evaluate("document.getElementById('save').download"),
                "height": browser.evaluate("document.getElementById('report').clientHeight"),
                "errors": browser.errors,
            }
            if screenshot:
                image = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
                with open(screenshot, "wb") as file:
                    file.write(base64.b64decode(image))
            print(json.dumps(shown))
        finally:
            browser.child.kill()
            browser.child.wait()


main()
