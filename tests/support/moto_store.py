"""An S3 server on loopback that closes and opens again at a word, with what it held.

Run by the Python of the store's environment: port; then ``stop`` and ``start``, a line each, on standard input.
"""

import sys

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False)
server.start()
for line in sys.stdin:
    server.stop() if line == "stop\n" else server.start()
    print("done", flush=True)
