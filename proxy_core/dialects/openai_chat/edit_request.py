"""Edits a chat completion request for pass-through, without rebuilding it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.dialects.conversation_outline import Outline, outline_of
from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.openai_chat.inspect_turns import tool_calls_are_paired
from proxy_core.dialects.openai_chat.render_messages import supports_developer_role
from proxy_core.dialects.openai_chat.render_request import (
    UPSTREAM_STREAM_OPTIONS,
    check_tool_count,
)
from proxy_core.dialects.openai_chat.schema import (
    IMAGE_DETAILS,
    MAX_STOP_SEQUENCES,
    OTHER_DETAILS,
)
from proxy_core.dialects.shared.json_members import (
    decode_raw,
    edit_items_as_spelled,
    refuse,
    wrong_type,
)
from proxy_core.dialects.shared.opaque_envelope import PREFIX, PREFIX_BYTES, unpack_thinking
from proxy_core.dialects.shared.raw_body import (
    check_tools,
    has_illegal_tool_name,
    last_turn,
    model_name,
    raw_bytes,
    wants_stream,
)

_IMAGE = b'"image_url"'
"""Within a string the quotes are escaped, so a match is a part's type or member."""
_FILE = re.compile(rb'"type"\s*:\s*"file"')
_ODD_DETAIL = re.compile(rb'"detail"\s*:\s*"(?!(?:low|high)")')
_CUSTOM_TOOL = re.compile(rb'"type"\s*:\s*"custom"')
"""Upstream knows functions only (``vendor_rules/custom_tools.py``): the answer is converted back."""
_LEGACY_MEMBERS = frozenset({"functions", "function_call"})


def inspect_request(body: Mapping[str, Any]) -> RequestFacts:
    """It is a user's turn if the last message is the user's (copilot-protocol.md 3.3)."""
    outline = outline_of(body.get("messages"))
    messages = outline.text
    turn = last_turn(messages)
    check_tools(body)
    return RequestFacts(
        model=model_name(body),
        stream=wants_stream(body),
        is_user_turn=turn.role == "user",
        has_images=_IMAGE in messages,
        include_usage=_wants_usage(body),
        must_translate=_has_odd_tools(body) or _states_functions(body),
        needs_repair=not tool_calls_are_paired(messages),
        has_documents=b'"file"' in messages and _FILE.search(messages) is not None,
        outline=outline,
    )


def _has_odd_tools(body: Mapping[str, Any]) -> bool:
    """Whether upstream knows no such tool, or not under its name."""
    if "tools" not in body:
        return False
    return has_illegal_tool_name(body) or _CUSTOM_TOOL.search(raw_bytes(body, "tools")) is not None


def _states_functions(body: Mapping[str, Any]) -> bool:
    if _LEGACY_MEMBERS.isdisjoint(body):
        return False
    return any(raw_bytes(body, name) not in (b"", b"null") for name in _LEGACY_MEMBERS)


def _wants_usage(body: Mapping[str, Any]) -> bool:
    options = decode_raw(body, "stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        wrong_type("stream_options", "an object", options)
    return options.get("include_usage") is True


def pass_through_request(
    body: Mapping[str, Any], model: Model, outline: Outline | None = None
) -> RenderedRequest:
    edited = dict(body)
    edited.pop("stream", None)
    edited["model"] = model.id
    options = decode_raw(body, "stream_options")
    more = options if isinstance(options, dict) else {}
    edited["stream_options"] = {**more, **UPSTREAM_STREAM_OPTIONS}
    dropped: list[str] = []
    outline = outline_of(body.get("messages"), outline)
    edit = _MessageEdit(model, dropped)
    if edit.may_need(outline.text):
        edited["messages"] = edit_items_as_spelled(
            body, "messages", outline, edit.may_need, edit.edited
        )
    check_tool_count(edited)
    if (decode_raw(edited, "n") or 1) != 1 and "anthropic" in model.vendor.lower():
        # Claude returns one choice whatever ``n`` is, without an error.
        refuse("n", "only one answer at a time is possible with this model")
    enforced = _fit_stop(edited, dropped)
    return RenderedRequest(edited, tuple(dropped), enforced)


def _fit_stop(edited: dict[str, Any], dropped: list[str]) -> tuple[str, ...]:
    """Send as many stop sequences as upstream takes; the rest is kept where the answer is relayed."""
    stop = decode_raw(edited, "stop")
    if not isinstance(stop, list) or len(stop) <= MAX_STOP_SEQUENCES:
        return ()
    edited["stop"] = stop[:MAX_STOP_SEQUENCES]
    dropped.append(f"stop[{MAX_STOP_SEQUENCES}:]")
    return ("stop",)


class _MessageEdit:
    """What a message needs to be taken by ``model``; what is lost is noted in ``dropped``."""

    def __init__(self, model: Model, dropped: list[str]) -> None:
        self._model = model
        self._dropped = dropped
        self._takes_developers = supports_developer_role(model)

    def may_need(self, text: bytes) -> bool:
        """Whether JSON text of a message, or of all, may hold something to edit; never false in vain."""
        return (
            b'"reasoning_content"' in text
            or PREFIX_BYTES in text
            or (not self._takes_developers and b'"developer"' in text)
            or _ODD_DETAIL.search(text) is not None
        )

    def edited(self, message: Any) -> Any:
        if isinstance(message, dict):
            _return_thinking(message, self._model, self._dropped)
            if not self._takes_developers and message.get("role") == "developer":
                message["role"] = "system"
            _correct_details(message)
        return message


def _correct_details(message: dict[str, Any]) -> None:
    content = message.get("content")
    for part in content if isinstance(content, list) else ():
        image = part.get("image_url") if isinstance(part, dict) else None
        if not isinstance(image, dict) or image.get("detail") in (None, *IMAGE_DETAILS):
            continue
        other = OTHER_DETAILS.get(str(image.pop("detail")))
        if other is not None:
            image["detail"] = other


def _return_thinking(message: dict[str, Any], model: Model, dropped: list[str]) -> None:
    """Return thinking to its issuing model under upstream's member name.

    Clients echo ``reasoning_content``, as we sent it; Gemini refuses the next turn unless
    ``reasoning_text`` and ``reasoning_opaque`` both come back (opencode #4468).
    """
    text = message.pop("reasoning_content", None)
    if isinstance(text, str) and text:
        message.setdefault("reasoning_text", text)
    opaque = message.get("reasoning_opaque")
    if isinstance(opaque, str) and opaque.startswith(PREFIX):
        _open_envelope(message, opaque, model)
        if "reasoning_opaque" not in message:
            dropped.append("messages[].reasoning_opaque (issued by another model)")


def _open_envelope(message: dict[str, Any], sealed: str, model: Model) -> None:
    text = message.pop("reasoning_text", "")
    del message["reasoning_opaque"]
    own = [
        (part.text, part.opaque.data)
        for part in unpack_thinking(text, sealed, DialectName.OPENAI_CHAT, "reasoning_opaque")
        if part.opaque is not None
        and part.opaque.dialect is DialectName.OPENAI_CHAT
        and part.opaque.kind == "reasoning_opaque"
        and part.opaque.model in (None, model.id)
    ]
    if own:
        message["reasoning_text"] = "".join(text for text, _ in own)
        message["reasoning_opaque"] = "".join(data for _, data in own)
