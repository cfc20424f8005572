"""Slack on loopback: the methods of its Web API that messages need, and an incoming webhook, as strict as Slack's.

Source: docs.slack.dev/reference/methods, docs.slack.dev/reference/block-kit.
"""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TOKEN = "xoxb-loopback-token"  # pragma: allowlist secret
WEBHOOK_PATH = "/services/T0/B0/loopback"
CHANNELS = ("#revenue", "C0REVENUE")

LONGEST = {"text": 3000, "header": 150, "alt_text": 2000}


class Slack:
    """A workspace with one channel and what was posted there."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.complete: set[str] = set()
        self.looks = 0
        self.ready_after = 1
        self.faults: dict[str, list[str]] = {}
        self.calls: list[str] = []
        self.accepted = threading.Event()
        self.let_go = threading.Event()
        slack = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                slack.answer(self, body)

            def do_GET(self) -> None:
                slack.answer(self, self.path.partition("?")[2].encode())

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(self, method: str, *faults: str) -> None:
        """Let the next calls of a method fail.

        Args:
            method: such as chat.postMessage, or webhook.
            faults: lost_before and lost_after (the request is answered by a reset, and not done, or done), hang_after,
                a status such as 429, or an error of Slack's.
        """
        self.faults.setdefault(method, []).extend(faults)

    @property
    def messages(self) -> list[str]:
        """What people read in each post: the text of its blocks."""
        return ["\n".join(texts(post["blocks"])) for post in self.posts]

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        path = handler.path.partition("?")[0]
        method = "webhook" if path == WEBHOOK_PATH else path.removeprefix("/api/").removeprefix("/")
        self.calls.append(method)
        fault = self.faults.get(method, [])[:1]
        del self.faults.get(method, [])[:1]
        if fault == ["lost_before"]:
            return _reset(handler)
        if fault and fault[0].isdecimal():
            return _send(handler, {"ok": False, "error": "ratelimited" if fault == ["429"] else "x"}, int(fault[0]))
        if fault and not fault[0].startswith(("lost", "hang")):
            is_webhook = method == "webhook"
            return _send(
                handler, fault[0] if is_webhook else {"ok": False, "error": fault[0]}, 403 if is_webhook else 200
            )
        reply = self._do(method, handler, body)
        if fault == ["lost_after"]:
            return _reset(handler)
        if fault == ["hang_after"]:
            self.accepted.set()
            self.let_go.wait(60)
        return _send(handler, reply, 200 if method != "webhook" or reply == "ok" else 400)

    def _do(self, method: str, handler: BaseHTTPRequestHandler, body: bytes) -> Any:
        if method.startswith("upload/"):
            self.files[method.removeprefix("upload/")] = body
            return "OK"
        if method == "webhook":
            return self._post(json.loads(body), from_webhook=True)
        if handler.headers.get("authorization") != f"Bearer {TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        if method == "chat.postMessage":
            return self._post(json.loads(body))
        form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        if method == "files.getUploadURLExternal":
            file_id = f"F0LOOPBACK{len(self.files)}"
            self.files[file_id] = b""
            return {"ok": True, "upload_url": f"{self.url}/upload/{file_id}", "file_id": file_id}
        if method == "files.completeUploadExternal":
            assert "channel_id" not in form, "the picture alone would be a message of its own"
            done = json.loads(form["files"])
            self.complete |= {one["id"] for one in done}
            return {"ok": True, "files": [{"id": one["id"]} for one in done]}
        if method == "files.info":
            self.looks += 1
            is_ready = self.looks >= self.ready_after
            return {"ok": True, "file": {"id": form["file"], "mimetype": "image/png" if is_ready else ""}}
        return {"ok": False, "error": "unknown_method"}

    def _post(self, message: dict[str, Any], *, from_webhook: bool = False) -> Any:
        problem = self._problem(message, from_webhook=from_webhook)
        if problem is not None:
            return problem["error"] if from_webhook else {"ok": False, **problem}
        self.posts.append(message)
        return "ok" if from_webhook else {"ok": True, "ts": f"1750000000.{len(self.posts):06}", "channel": "C0REVENUE"}

    def _problem(self, message: dict[str, Any], *, from_webhook: bool) -> dict[str, Any] | None:
        if not from_webhook and message.get("channel") not in CHANNELS:
            return {"error": "channel_not_found"}
        blocks = message.get("blocks") or []
        wrong = [f"{where}" for block in blocks for where in wrong_in(block)]
        pictures = [block["slack_file"]["id"] for block in blocks if block["type"] == "image"]
        wrong += ["invalid slack file" for one in pictures if from_webhook or one not in self.complete]
        if pictures and self.looks < self.ready_after:
            wrong.append("invalid slack file [json-pointer:/blocks/0/slack_file]")
        if len(blocks) > 50 or wrong or not message.get("text"):
            return {"error": "invalid_blocks", "errors": wrong}
        if sum(map(len, texts(blocks))) > 13_000:
            return {"error": "msg_blocks_too_long"}
        return None


@dataclass
class Mailbox:
    """What an SMTP server has taken; `faults` are replies to the next mails, or lost_after."""

    mails: list[Any] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def texts(node: Any) -> list[str]:
    """Return what people read of blocks, in order."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for value in node.values() for text in texts(value)]
    return [text for item in node for text in texts(item)] if isinstance(node, list) else []


def wrong_in(block: dict[str, Any]) -> list[str]:
    """Return what Slack would refuse in a block, as far as messages use blocks."""
    if block["type"] == "header":
        kind, text = block["text"]["type"], block["text"]["text"]
        return [] if kind == "plain_text" and 0 < len(text) <= LONGEST["header"] else ["header"]
    if block["type"] == "image":
        return [] if 0 < len(block["alt_text"]) <= LONGEST["alt_text"] else ["alt_text"]
    if block["type"] != "rich_text":
        return [f"block {block['type']}"]
    wrong = []
    for part in block["elements"]:
        sections = part["elements"] if part["type"] == "rich_text_list" else [part]
        for section in sections:
            if section["type"] not in {"rich_text_section", "rich_text_preformatted"} or not section["elements"]:
                wrong.append(f"section {section['type']}")
            wrong += [f"element {one}" for one in section["elements"] if not _is_element(one)]
    return wrong


def _is_element(one: dict[str, Any]) -> bool:
    if one["type"] == "emoji":
        return one["name"] in {"large_green_circle", "red_circle", "white_circle"}
    is_known = one["type"] in {"text", "link"} and set(one) <= {"type", "text", "url", "style"}
    return is_known and 0 < len(one["text"]) <= LONGEST["text"]


def _send(handler: BaseHTTPRequestHandler, reply: Any, status: int = 200) -> None:
    body = reply.encode() if isinstance(reply, str) else json.dumps(reply).encode()
    handler.send_response(status)
    handler.send_header("content-type", "text/plain" if isinstance(reply, str) else "application/json")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
