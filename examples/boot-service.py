#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A boot service for `api: http://HOST:8000` of muster.yaml, as small as one can be: which machine boots what, in a table.
Files beside it are served, too.

usage: boot-service.py [PORT]"""
import http.server
import json
import sys

INSTALLER = {"kernel": "/linux", "initrd": ["/initrd.gz"],
             "cmdline": 'auto=true priority=critical url={{ URL "/preseed.cfg" }}'}
MACHINES = {
    "52:54:00:00:00:01": INSTALLER,
    "52:54:00:00:00:02": {"kernel": "https://boot.netboot.xyz/ipxe/netboot.xyz.lkrn"},
}


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if not self.path.startswith("/v1/boot/"):
            super().do_GET()
            return
        machine = MACHINES.get(self.path.removeprefix("/v1/boot/"))
        # What is said with a 404 is shown on the machine's screen.
        body = json.dumps(machine).encode() if machine else b"this machine is not in the table\n"
        self.send_response(200 if machine else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Handler).serve_forever()
