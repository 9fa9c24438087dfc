"""Repairs a conversation that upstream refuses because of its history.

An image, a signature or an interrupted tool call stays in a client's history: once refused, the
session fails at every turn unless it is removed (github/copilot-cli#3523,
openclaw/openclaw#110075). ``read_complaint`` (``vendor_rules.complaints``) knows the exact texts of
such refusals, ``repair`` removes what they refer to. Everything is pure, works on the canonical
conversation, and names what it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from proxy_core.canonical.model import Supports
from proxy_core.canonical.request import (
    AssistantMessage,
    Context,
    ImagePart,
    Message,
    NativePart,
    Part,
    Reasoning,
    ReasoningMode,
    Request,
    ServerTool,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolResultMessage,
)
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.reasoning_effort import budget_of_effort, effort_of_budget
from proxy_core.dialects.shared.tool_turns import settle_tool_turns
from proxy_core.dialects.vendor_rules.complaints import Complaint, ComplaintKind

WEB_SEARCH = "web_search"
"""The one tool of the vendor's that some models of Copilot run."""
LEAST_OUTPUT_ROOM = 1024
"""In tokens: with less room a response is not useful, and the client should compact."""

IMAGE_LEFT_OUT = "[An image was left out: {reason}.]"
COMPACTED_LEFT_OUT = "[An earlier part of this conversation could not be read any more.]"


@dataclass(frozen=True, slots=True)
class Repaired:
    """A request to send instead; ``notes`` describe the changes."""

    request: Request
    notes: tuple[str, ...]


def repair(request: Request, complaint: Complaint) -> Repaired | None:
    """Return the request without what was refused, or None if it cannot be repaired."""
    repair_complaint = _REPAIRS.get(complaint.kind)
    return repair_complaint(request, complaint) if repair_complaint is not None else None


def settle_turns(request: Request) -> Repaired | None:
    """Pair every tool call with its result; None if they already pair up."""
    messages, notes = settle_tool_turns(request.context.messages)
    if tuple(messages) == request.context.messages:
        return None
    word = client_field_name(request.dialect, "messages")
    return Repaired(_with_messages(request, messages), tuple(notes) or (f"{word} (reordered)",))


def without_images(request: Request, reason: str) -> Repaired | None:
    """Replace every image by a text that says why it is missing."""
    return _replace_images(request, reason, keep=0)


def image_count(request: Request) -> int:
    return sum(
        isinstance(part, ImagePart)
        for message in request.context.messages
        for part in message.content
    )


def _settle(request: Request, complaint: Complaint) -> Repaired | None:
    del complaint
    return settle_turns(request)


def _drop_thinking(request: Request, complaint: Complaint) -> Repaired | None:
    """Drop all thinking: a refusal names one block, but its neighbours are of the same origin."""
    del complaint
    word = client_field_name(request.dialect, "thinking_part")

    def edit(part: Part) -> Part | None:
        if isinstance(part, ThinkingPart):
            return None
        if isinstance(part, ToolCallPart) and part.opaque is not None:
            return replace(part, opaque=None)
        return part

    return _edit_assistant(
        request,
        edit,
        f"{client_field_name(request.dialect, 'messages')}[].{word} (refused by the model)",
    )


def _drop_encrypted(request: Request, complaint: Complaint) -> Repaired | None:
    """Drop encrypted content: reasoning, and a compaction that upstream can no longer decrypt."""
    del complaint

    def edit(part: Part) -> Part | None:
        if isinstance(part, ThinkingPart):
            return None
        if isinstance(part, NativePart) and part.item.kind == "compaction":
            return TextPart(COMPACTED_LEFT_OUT)
        return part

    word = client_field_name(request.dialect, "thinking_part")
    where = client_field_name(request.dialect, "messages")
    return _edit_assistant(request, edit, f"{where}[].{word} (could not be decrypted)")


def _stop_thinking(request: Request, complaint: Complaint) -> Repaired | None:
    del complaint
    if request.reasoning is None or request.reasoning.mode is ReasoningMode.DISABLED:
        return None
    silent = replace(request, reasoning=Reasoning(ReasoningMode.DISABLED))
    word = client_field_name(request.dialect, "reasoning")
    return Repaired(silent, (f"{word} (the tool loop came back without its thinking)",))


def _think_adaptively(request: Request, complaint: Complaint) -> Repaired | None:
    del complaint
    asked = request.reasoning
    if asked is None or asked.mode is not ReasoningMode.BUDGET:
        return None
    effort = asked.effort or effort_of_budget(asked.budget_tokens or 0)
    adaptive = replace(asked, mode=ReasoningMode.ADAPTIVE, effort=effort, budget_tokens=None)
    word = client_field_name(request.dialect, "reasoning")
    return Repaired(replace(request, reasoning=adaptive), (f"{word} (adaptive, no budget)",))


def _think_on_a_budget(request: Request, complaint: Complaint) -> Repaired | None:
    del complaint
    asked = request.reasoning
    if asked is None or asked.mode not in (ReasoningMode.ADAPTIVE, ReasoningMode.EFFORT):
        return None
    budget = budget_of_effort(asked.effort or "medium", Supports())
    limited = replace(asked, mode=ReasoningMode.BUDGET, budget_tokens=budget)
    word = client_field_name(request.dialect, "reasoning")
    return Repaired(replace(request, reasoning=limited), (f"{word} (a budget, not adaptive)",))


def _images_refused(request: Request, complaint: Complaint) -> Repaired | None:
    del complaint
    return without_images(request, "it may not be shown to this model")


def _images_unreadable(request: Request, complaint: Complaint) -> Repaired | None:
    """Replace all images: a refusal seldom says which one it is, and every further turn would fail."""
    del complaint
    return without_images(request, "it could not be read")


def _fewer_images(request: Request, complaint: Complaint) -> Repaired | None:
    """Keep the newest images: an agent works with its latest screenshots."""
    keep = complaint.limit if complaint.limit is not None else _images_of_last_turn(request)
    return _replace_images(request, "there were more than this model takes", keep)


def _smaller_body(request: Request, complaint: Complaint) -> Repaired | None:
    """Replace older images, which make a body too large; those just sent by the user stay."""
    del complaint
    keep = _images_of_last_turn(request)
    return _replace_images(request, "the request was too large with it", keep)


def _images_of_last_turn(request: Request) -> int:
    count = 0
    for message in reversed(request.context.messages):
        if isinstance(message, AssistantMessage):
            break
        count += sum(isinstance(part, ImagePart) for part in message.content)
    return count


def _drop_blank_text(request: Request, complaint: Complaint) -> Repaired | None:
    del complaint

    def edit(part: Part) -> Part | None:
        is_blank = isinstance(part, TextPart) and not part.text.strip()
        return None if is_blank else part

    note = f"{client_field_name(request.dialect, 'messages')}[] (blank text)"
    messages, changed = _edit_parts(request.context.messages, edit)
    system = tuple(part for part in request.context.system_prompt if part.text.strip())
    if not changed and system == request.context.system_prompt:
        return None
    remaining = [each for each in messages if each.content or isinstance(each, ToolResultMessage)]
    context = replace(request.context, messages=tuple(remaining), system_prompt=system)
    return Repaired(replace(request, context=context), (note,))


def _reduce_output_limit(request: Request, complaint: Complaint) -> Repaired | None:
    """Reduce the output limit to what still fits after the prompt."""
    wanted, room = request.sampling.max_output_tokens, complaint.limit
    if wanted is None or room is None or not LEAST_OUTPUT_ROOM <= room < wanted:
        return None
    sampling = replace(request.sampling, max_output_tokens=room)
    word = client_field_name(request.dialect, "max_output_tokens")
    return Repaired(replace(request, sampling=sampling), (f"{word} ({room} instead of {wanted})",))


def _plain_tools(request: Request, complaint: Complaint) -> Repaired | None:
    """Convert OpenAI's own tools, calls and items to functions and words, as for other vendors.

    Tools that the vendor runs are left out, and so are items that have no words.
    """
    del complaint
    notes: list[str] = []
    tools: list[Tool | ServerTool] = []
    for tool in request.context.tools:
        if isinstance(tool, Tool):
            tools.append(replace(tool, native=None, is_found=False))
        elif tool.kind == WEB_SEARCH:
            tools.append(tool)
        else:
            notes.append(f"tools[] ({tool.kind})")

    def edit(part: Part) -> Part | None:
        if isinstance(part, ToolCallPart):
            return replace(part, native=None)
        if not isinstance(part, NativePart) or part.item.kind == "compaction":
            return part
        if part.description is None:
            notes.append(f"input[] ({part.item.kind})")
        return TextPart(part.description) if part.description is not None else None

    plain = [
        replace(each, native=None) if isinstance(each, ToolResultMessage) else each
        for each in request.context.messages
    ]
    messages, changed = _edit_parts(plain, edit)
    if not changed and tuple(tools) == request.context.tools:
        return None
    kept = tuple(each for each in messages if each.content or isinstance(each, ToolResultMessage))
    context = replace(request.context, messages=kept, tools=tuple(tools))
    found = tuple(dict.fromkeys(notes)) or ("tools (as functions)",)
    return Repaired(replace(request, context=context), found)


_REPAIRS: dict[ComplaintKind, Callable[[Request, Complaint], Repaired | None]] = {
    ComplaintKind.TOOL_TURNS: _settle,
    ComplaintKind.SIGNATURE: _drop_thinking,
    ComplaintKind.THOUGHT_SIGNATURE: _drop_thinking,
    ComplaintKind.MISSING_THINKING: _stop_thinking,
    ComplaintKind.ONLY_ADAPTIVE: _think_adaptively,
    ComplaintKind.ONLY_BUDGET: _think_on_a_budget,
    ComplaintKind.ENCRYPTED_CONTENT: _drop_encrypted,
    ComplaintKind.NO_VISION: _images_refused,
    ComplaintKind.UNREADABLE_IMAGE: _images_unreadable,
    ComplaintKind.TOO_MANY_IMAGES: _fewer_images,
    ComplaintKind.BODY_TOO_LARGE: _smaller_body,
    ComplaintKind.BLANK_TEXT: _drop_blank_text,
    ComplaintKind.OUTPUT_ROOM: _reduce_output_limit,
    ComplaintKind.VENDOR_TOOLS: _plain_tools,
}


def _replace_images(request: Request, reason: str, keep: int) -> Repaired | None:
    """Replace all images but the last ``keep`` ones."""
    surplus = image_count(request) - keep
    if surplus <= 0:
        return None
    left = surplus

    def edit(part: Part) -> Part | None:
        nonlocal left
        if not isinstance(part, ImagePart) or left == 0:
            return part
        left -= 1
        return TextPart(IMAGE_LEFT_OUT.format(reason=reason), part.cache)

    messages, _ = _edit_parts(request.context.messages, edit)
    where = client_field_name(request.dialect, "messages")
    note = f"{where}[].content ({surplus} image{'s' if surplus > 1 else ''}: {reason})"
    return Repaired(_with_messages(request, messages), (note,))


def _edit_assistant(
    request: Request, edit: Callable[[Part], Part | None], note: str
) -> Repaired | None:
    messages, changed = _edit_parts(request.context.messages, edit)
    if not changed:
        return None
    # A turn that consisted only of thinking is empty now.
    remaining = [
        each for each in messages if each.content or not isinstance(each, AssistantMessage)
    ]
    return Repaired(_with_messages(request, remaining), (note,))


def _edit_parts(
    messages: Iterable[Message], edit: Callable[[Part], Part | None]
) -> tuple[list[Message], bool]:
    edited: list[Message] = []
    changed = False
    for message in messages:
        content = tuple(new for part in message.content if (new := edit(part)) is not None)
        if content == message.content:
            edited.append(message)
        else:
            edited.append(replace(message, content=content))
            changed = True
    return edited, changed


def _with_messages(request: Request, messages: Iterable[Message]) -> Request:
    context: Context = replace(request.context, messages=tuple(messages))
    return replace(request, context=context)
