"""Which rule applies to which vendor and endpoint: one table, and the function that applies it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.vendor_rules import (
    cache_marks,
    call_ids,
    client_items,
    content_parts,
    conversation_end,
    custom_tools,
    image_limits,
    media_types,
    personal_data,
    sampling,
    system_messages,
    thinking,
    thought_signatures,
    tool_arguments,
    tool_choice,
    tool_history,
)
from proxy_core.dialects.vendor_rules.outgoing import (
    FittedRequest,
    OutgoingBody,
    Rule,
    Target,
    VendorFamily,
)
from proxy_core.dialects.vendor_rules.schemas import structured_output, tool_schemas, unique_tools

# The order matters, because rules depend on each other's output: roles and parts first, then tools
# and ids, then rules on the whole conversation; marks last, since they are put on the final
# messages.

_CHAT_CONTENT = (
    custom_tools.CHAT_CUSTOM_TOOLS,
    content_parts.CHAT_PARTS,
    content_parts.CHAT_RESULT_IMAGES,
    media_types.MEDIA_TYPES,
    tool_arguments.CHAT_ARGUMENTS,
)
_ANY_CHAT_END = (
    personal_data.OPENAI_IDENTIFIERS,
    tool_choice.CHAT_TOOL_CHOICE,
    sampling.LEAST_LIMIT,
    content_parts.SYSTEM_ROLE,
    tool_schemas.REDUCED_TOOLS,
    structured_output.FORMAT_IN_WORDS,
    thinking.NO_EFFORT,
    thinking.NO_THINKING,
    conversation_end.USER_END,
)
_CHAT_END = (*_ANY_CHAT_END, call_ids.PLAIN_IDS)

OPENAI_CHAT = (
    *_CHAT_CONTENT,
    thought_signatures.FOREIGN_PROOFS,
    thought_signatures.NO_THINKING_BACK,
    tool_schemas.OPENAI_TOOLS,
    tool_schemas.STRICT_TOOLS,
    call_ids.OPENAI_CHAT_IDS,
    structured_output.CHAT_FORMAT,
    *_CHAT_END,
    cache_marks.CHAT_MARK_WORDS,
)
CLAUDE_ON_CHAT = (
    *_CHAT_CONTENT,
    image_limits.IMAGE_LIMIT,
    sampling.NO_LOGPROBS,
    thought_signatures.FOREIGN_PROOFS,
    tool_history.TOOL_HISTORY,
    unique_tools.UNIQUE_TOOLS,
    tool_schemas.CLAUDE_TOOLS,
    tool_schemas.STRICT_TOOLS,
    call_ids.CLAUDE_IDS,
    structured_output.CHAT_FORMAT,
    conversation_end.CLAUDE_END,
    *_CHAT_END,
    conversation_end.USER_TURN,
    thinking.FORCED_TOOL_ON_CHAT,
    sampling.ONE_SAMPLING,
    sampling.NO_SAMPLING,
    cache_marks.OPENAI_MARKS,
    cache_marks.CHAT_MARK_WORDS,
    cache_marks.CHAT_MARK_LIMIT,
    cache_marks.CHAT_MARKS_SET,
)
GEMINI_ON_CHAT = (
    *_CHAT_CONTENT,
    image_limits.IMAGE_LIMIT,
    thought_signatures.FOREIGN_PROOFS,
    thought_signatures.SIGNED_CALLS,
    thought_signatures.CALLS_IN_WORDS,
    unique_tools.UNIQUE_TOOLS,
    tool_schemas.GEMINI_TOOLS,
    structured_output.CHAT_FORMAT,
    *_CHAT_END,
    conversation_end.USER_TURN,
    cache_marks.OPENAI_MARKS,
    cache_marks.CHAT_MARK_WORDS,
)
KIMI_ON_CHAT = (
    *_CHAT_CONTENT,
    thought_signatures.FOREIGN_PROOFS,
    tool_schemas.OPENAI_TOOLS,
    tool_schemas.STRICT_TOOLS,
    call_ids.KIMI_IDS,
    structured_output.CHAT_FORMAT,
    sampling.KIMI_NUMBERS,
    *_ANY_CHAT_END,
    cache_marks.OPENAI_MARKS,
    cache_marks.CHAT_MARK_WORDS,
)
OTHERS_ON_CHAT = (
    *_CHAT_CONTENT,
    thought_signatures.FOREIGN_PROOFS,
    tool_schemas.OPENAI_TOOLS,
    tool_schemas.STRICT_TOOLS,
    call_ids.OPENAI_CHAT_IDS,
    structured_output.CHAT_FORMAT,
    *_CHAT_END,
    cache_marks.OPENAI_MARKS,
    cache_marks.CHAT_MARK_WORDS,
)
RESPONSES = (
    client_items.HOISTED_TOOLS,
    client_items.FLAT_NAMESPACES,
    client_items.RESULT_IMAGES,
    content_parts.FILE_NAMES,
    media_types.MEDIA_TYPES,
    tool_arguments.RESPONSES_ARGUMENTS,
    tool_schemas.OPENAI_TOOLS,
    tool_schemas.STRICT_TOOLS,
    call_ids.OPENAI_IDS,
    call_ids.UNIQUE_ITEM_IDS,
    structured_output.RESPONSES_FORMAT,
    personal_data.OPENAI_IDENTIFIERS,
    tool_choice.RESPONSES_TOOL_CHOICE,
    content_parts.SYSTEM_ROLE,
    content_parts.DOCUMENTS_IN_WORDS,
    tool_schemas.REDUCED_TOOLS,
    structured_output.FORMAT_IN_WORDS,
    tool_choice.PLAIN_TOOL_CHOICE,
    call_ids.PLAIN_IDS,
    thinking.NO_EFFORT,
)
CLAUDE_ON_MESSAGES = (
    system_messages.SYSTEM_MESSAGES,
    media_types.MEDIA_TYPES,
    image_limits.IMAGE_LIMIT,
    tool_arguments.CLAUDE_INPUT,
    tool_history.TOOL_HISTORY,
    unique_tools.UNIQUE_TOOLS,
    tool_schemas.CLAUDE_TOOLS,
    tool_schemas.STRICT_TOOLS,
    call_ids.CLAUDE_IDS,
    structured_output.CLAUDE_FORMAT,
    personal_data.CLAUDE_USER_ID,
    thinking.CLAUDE_EFFORT,
    thinking.FORCED_TOOL,
    sampling.LEAST_LIMIT,
    content_parts.DOCUMENTS_IN_WORDS,
    tool_schemas.REDUCED_TOOLS,
    structured_output.FORMAT_IN_WORDS,
    call_ids.PLAIN_IDS,
    thinking.NO_EFFORT,
    thinking.NO_THINKING,
    sampling.SAMPLING_WITH_THINKING,
    sampling.ONE_SAMPLING,
    sampling.NO_SAMPLING,
    conversation_end.USER_TURN,
    conversation_end.CLAUDE_END,
    conversation_end.USER_END,
    cache_marks.CLAUDE_MARKS,
    cache_marks.CLAUDE_MARKS_SET,
)

TABLE: Mapping[tuple[VendorFamily, Endpoint], tuple[Rule, ...]] = {
    (VendorFamily.OPENAI, Endpoint.CHAT_COMPLETIONS): OPENAI_CHAT,
    (VendorFamily.ANTHROPIC, Endpoint.CHAT_COMPLETIONS): CLAUDE_ON_CHAT,
    (VendorFamily.GOOGLE, Endpoint.CHAT_COMPLETIONS): GEMINI_ON_CHAT,
    (VendorFamily.MOONSHOT, Endpoint.CHAT_COMPLETIONS): KIMI_ON_CHAT,
    (VendorFamily.OTHER, Endpoint.CHAT_COMPLETIONS): OTHERS_ON_CHAT,
    **{(family, Endpoint.RESPONSES): RESPONSES for family in VendorFamily},
    (VendorFamily.ANTHROPIC, Endpoint.MESSAGES): CLAUDE_ON_MESSAGES,
}


MEMBERS = frozenset(name for rules in TABLE.values() for rule in rules for name in rule.members)
"""What decides, beside the model, which rules are looked at for a body."""


@functools.lru_cache(maxsize=512)
def rules_for(
    family: VendorFamily, endpoint: Endpoint, refused: frozenset[str], present: frozenset[str]
) -> tuple[Rule, ...]:
    """Return the rules that may apply where ``present`` are those of ``MEMBERS`` that a body has."""
    return tuple(
        rule
        for rule in TABLE.get((family, endpoint), ())
        if (not rule.when_refused or rule.name in refused)
        and (not rule.members or not present.isdisjoint(rule.members))
    )


def fit_request(members: Mapping[str, Any], target: Target) -> FittedRequest:
    """Return the body as ``target`` accepts it; unchanged raw values are the same objects.

    Idempotent. Raises BadRequest for a member that is not JSON.
    """
    body = OutgoingBody(members, target)
    family, endpoint, refused = target.family, target.endpoint, target.refused
    changed: dict[str, None] = {}
    present = MEMBERS.intersection(members)
    rules = list(rules_for(family, endpoint, refused, present))
    for rule in rules:
        if not rule.may_apply(body):
            continue
        before = body.changes
        rule.apply(body)
        if body.changes == before:
            continue
        changed[rule.name] = None
        if not present.issuperset(now := MEMBERS.intersection(body.names)):
            # A member was added, which rules further down may have to look at.
            present |= now
            later = rules_for(family, endpoint, refused, present)
            rules[rules.index(rule) + 1 :] = later[later.index(rule) + 1 :]
    return body.result(tuple(changed))
