"""Paths and bodies the tests of the client share."""

from __future__ import annotations

from tests.unit.upstream.scripted_github import Reply

CHAT = "/chat/completions"
RESPONSES = "/responses"
MESSAGES = "/v1/messages"
HELLO = {"messages": [{"role": "user", "content": "hi"}]}
FORBIDDEN = Reply(403, b"forbidden\n", {"x-github-request-id": "CAFE:1"})
