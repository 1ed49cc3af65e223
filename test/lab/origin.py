# SPDX-License-Identifier: Apache-2.0
"""A web server of somebody else, as well or badly behaved as a test wants it: a boot service and its images."""
import http.server
import json
import re
import socketserver
import ssl
import threading
import time


class File:
    """What is at one path. behaviour changes how it is sent:

    ranges      Range and If-Range are honoured
    conditions  If-None-Match and If-Modified-Since are
    cut         after so many octets the connection breaks, as often as cuts says
    pause       seconds between pieces
    chunked     no Content-Length
    status      sent instead of 200, as often as failures says
    changes     after a cut the content is another, with another tag"""

    def __init__(self, content=b"", tag=None, date=None, **behaviour):
        self.content = content
        self.tag = tag
        self.date = date
        self.ranges = behaviour.pop("ranges", True)
        self.conditions = behaviour.pop("conditions", True)
        self.cut = behaviour.pop("cut", None)
        self.cuts = behaviour.pop("cuts", 1)
        self.pause = behaviour.pop("pause", 0)
        self.chunked = behaviour.pop("chunked", False)
        self.status = behaviour.pop("status", 200)
        self.failures = behaviour.pop("failures", -1)
        self.location = behaviour.pop("location", None)
        self.changes = behaviour.pop("changes", None)
        self.wait = behaviour.pop("wait", 0)
        assert not behaviour, behaviour
        self.lock = threading.Lock()


class Origin:
    """The server; asked holds (path, Range, status) of each request in order. machines maps a MAC to what the boot
    service answers: an object, octets, or a function of the request that gives either; none is a 404."""

    def __init__(self, namespace=None, address="127.0.0.1", port=0, tls=None):
        """tls: certificate and key."""
        self.files = {}
        self.machines = {}
        self.asked = []
        self.headers = []
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                origin._answer(self)

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        make = lambda: Server((address, port), Handler)  # noqa: E731
        self.server = namespace.call(make) if namespace else make()
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{address}:{self.port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def count(self, path, status=None):
        return sum(1 for asked, _, got in self.asked if asked == path and status in (None, got))

    def _answer(self, request):
        self.headers.append((request.path, dict(request.headers)))
        machine = re.fullmatch(r".*/v1/boot/([0-9a-f:]+)", request.path)
        if machine:
            self._answer_machine(request, machine[1])
        elif request.path in self.files:
            self._answer_file(request, self.files[request.path])
        else:
            self._send(request, 404, b"nothing here\n")

    def _send(self, request, status, body, **headers):
        self.asked.append((request.path, request.headers.get("Range"), status))
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _answer_machine(self, request, mac):
        answer = self.machines.get(mac)
        if callable(answer):
            answer = answer(request)
        if answer is None:
            self._send(request, 404, b"no such machine\n")
        elif isinstance(answer, int):
            self._send(request, answer, b"trouble\n")
        else:
            self._send(request, 200, answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    def _answer_file(self, request, file):
        time.sleep(file.wait)
        with file.lock:
            if file.status != 200 and file.failures != 0:
                file.failures -= 1
                more = {"Location": file.location} if file.location else {}
                self._send(request, file.status, b"", **more)
                return
            content, tag, cut = file.content, file.tag, None
            if file.cut is not None and file.cuts > 0:
                file.cuts -= 1
                cut = file.cut
                if file.changes is not None:
                    file.content, file.tag = file.changes
        if file.conditions and ((tag and request.headers.get("If-None-Match") == tag) or
                                (not tag and file.date and request.headers.get("If-Modified-Since") == file.date)):
            self._send(request, 304, b"")
            return
        start = self._start(request, file, tag)
        self._stream(request, file, content, tag, start, cut)

    def _start(self, request, file, tag):
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        condition = request.headers.get("If-Range")
        if not asked or not file.ranges or (condition and condition not in (tag, file.date)):
            return 0
        return int(asked[1])

    def _stream(self, request, file, content, tag, start, cut):
        status = 206 if start else 200
        self.asked.append((request.path, request.headers.get("Range"), status))
        request.send_response(status)
        if tag:
            request.send_header("ETag", tag)
        if file.date:
            request.send_header("Last-Modified", file.date)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if file.chunked:
            request.send_header("Transfer-Encoding", "chunked")
        else:
            request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        end = len(content) if cut is None else min(start + cut, len(content))
        for at in range(start, end, 65536):
            piece = content[at: min(at + 65536, end)]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if file.chunked else piece)
            request.wfile.flush()
            time.sleep(file.pause)
        if cut is not None:
            request.connection.shutdown(2)
            request.close_connection = True
        elif file.chunked:
            request.wfile.write(b"0\r\n\r\n")
