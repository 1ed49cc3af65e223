# SPDX-License-Identifier: Apache-2.0
"""What a program or a serial console said, line by line with the time of each, for tests to wait on."""
import re
import threading
import time

ESCAPE = re.compile(r"\x1b(?:\[[0-9;?=]*[ -/]*[@-~]|[()][0-9A-B]|[=>78cDEHM])|[\r\x00\x07\x0e\x0f]")
UNFINISHED_ESCAPE = re.compile(r"\x1b[\[()]?[0-9;?=]*$")


class LabError(AssertionError):
    """Something did not happen in time, or a program ended that should not have."""


class Line:
    def __init__(self, when, text):
        self.when = when
        self.text = text

    def __repr__(self):
        return self.text


class Transcript:
    """Collects clean lines. The last one may be unfinished, as a prompt is."""

    def __init__(self, name, listener=None):
        self.name = name
        self.lines = []
        self.ended = False
        self._listener = listener
        self._unfinished = ""
        self._raw = ""
        self._changed = threading.Condition()

    def feed(self, data):
        """Takes octets as they come, in pieces of any size."""
        finished = []
        with self._changed:
            self._raw += data.decode(errors="replace")
            cut = UNFINISHED_ESCAPE.search(self._raw)
            ready, self._raw = (self._raw[: cut.start()], self._raw[cut.start() :]) if cut else (self._raw, "")
            *complete, self._unfinished = (self._unfinished + ESCAPE.sub("", ready)).split("\n")
            now = time.monotonic()
            finished = [Line(now, text) for text in complete]
            self.lines += finished
            self._changed.notify_all()
        for line in finished if self._listener else ():
            self._listener(line)

    def end(self):
        with self._changed:
            if self._unfinished:
                self.lines.append(Line(time.monotonic(), self._unfinished))
                self._unfinished = ""
            self.ended = True
            self._changed.notify_all()

    def mark(self):
        """A place to wait from: what is said later."""
        return len(self.lines)

    def find(self, pattern, start=0, unfinished=False):
        """(Line, match) of the first line from start on that the pattern is found in, or None. A line whose end is not
        there yet counts only when asked for, as for a prompt."""
        expression = re.compile(pattern)
        for line in self.lines[start:] + ([Line(time.monotonic(), self._unfinished)] if unfinished else []):
            match = expression.search(line.text)
            if match:
                return line, match
        return None

    def wait_for(self, pattern, timeout, start=0, unfinished=False):
        """Waits until a line has the pattern and returns (Line, match); LabError with the last lines if none does."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = self.find(pattern, start, unfinished)
                if found:
                    return found
                left = deadline - time.monotonic()
                if self.ended or left <= 0:
                    break
                self._changed.wait(left)
        why = "ended" if self.ended else f"said nothing of it in {timeout:g} s"
        raise LabError(f"waiting for /{pattern}/, {self.name} {why}; its last lines:\n{self.tail()}")

    def tail(self, count=40):
        return "\n".join(f"  | {line.text}" for line in self.lines[-count:] + [Line(0, self._unfinished)])

    def text(self, start=0):
        return "\n".join(line.text for line in self.lines[start:]) + "\n" + self._unfinished
