"""Whatever was said, upstream gets the next request of a conversation as the last one and more."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given, settings

from proxy_core.canonical.request import (
    AssistantMessage,
    DialectName,
    Request,
    Tool,
    ToolCallPart,
)
from proxy_core.dialects.registry import dialect
from tests.integration.prompt_cache.growing import check_growing
from tests.property.request_strategies import ABLE_MODEL, chat_requests, messages_requests
from tests.property.test_responses_request import requests as responses_requests


def asked(request: Request, client: DialectName) -> bytes:
    """The client's body. Every tool that is called is offered: one that is not must be made up later."""
    context = request.context
    offered = {tool.name for tool in context.tools if isinstance(tool, Tool)}
    called = {
        part.name: part
        for message in context.messages
        if isinstance(message, AssistantMessage)
        for part in message.content
        if isinstance(part, ToolCallPart) and part.name not in offered
    }
    tools = (*context.tools, *(Tool(name, kind=part.kind) for name, part in called.items()))
    request = replace(request, context=replace(context, tools=tools))
    return msgspec.json.encode(dialect(client).render_request(request, ABLE_MODEL).body)


@settings(max_examples=settings().max_examples // 3)
@given(chat_requests())
def test_a_chat_conversation_grows_without_a_change(request: Request) -> None:
    client = DialectName.OPENAI_CHAT
    check_growing(client, asked(request, client))


@settings(max_examples=settings().max_examples // 3)
@given(messages_requests())
def test_a_messages_conversation_grows_without_a_change(request: Request) -> None:
    client = DialectName.ANTHROPIC_MESSAGES
    check_growing(client, asked(request, client))


@settings(max_examples=settings().max_examples // 3)
@given(responses_requests())
def test_a_responses_conversation_grows_without_a_change(request: Request) -> None:
    client = DialectName.OPENAI_RESPONSES
    check_growing(client, asked(request, client))
