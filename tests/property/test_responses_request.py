"""A Responses request keeps all it says through its own dialect, and through others what both say."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.model import Endpoint, Limits, Model, Supports
from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
    Context,
    DialectName,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Opaque,
    Part,
    Reasoning,
    ReasoningMode,
    RefusalPart,
    Request,
    ResponseFormat,
    Sampling,
    ServerTool,
    SystemMessage,
    SystemRole,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.registry import dialect
from tests.property.request_strategies import (
    EFFORTS,
    base64_texts,
    chat_requests,
    json_objects,
    messages_requests,
    schemas,
)
from tests.property.strategies import names, said

RESPONSES = DialectName.OPENAI_RESPONSES
OURS = dialect(RESPONSES)
ABLE_MODEL = Model(
    "able-model",
    "Able Model",
    "OpenAI",
    endpoints=(Endpoint.RESPONSES,),
    limits=Limits(output=64_000),
    supports=Supports(
        tool_calls=True,
        parallel_tool_calls=True,
        vision=True,
        structured_outputs=True,
        thinking=True,
        web_search=True,
        adaptive_thinking=True,
        min_thinking_budget=1024,
        max_thinking_budget=32_000,
        reasoning_efforts=EFFORTS,
    ),
)
"""Can do all a dialect can say: nothing has to be fitted or left out."""
PLAIN_MODEL = Model("plain", "Plain", "OpenAI", supports=Supports(vision=True, web_search=True))

maybe = st.none() | st.booleans()
marks = st.none() | st.just(CacheMark())
details = st.sampled_from([None, "low", "high"])
images = st.builds(
    ImagePart,
    st.sampled_from(["image/png", "image/gif"]),
    base64_texts,
    detail=details,
    cache=marks,
) | st.builds(ImagePart, url=st.just("https://x/y.png"), detail=details)
documents = st.builds(
    DocumentPart, st.just("application/pdf"), base64_texts, title=said, cache=marks
) | st.builds(DocumentPart, url=st.just("https://x/y.pdf"), title=st.none() | said)
user_parts = st.builds(TextPart, said, marks) | images | documents
natives = st.sampled_from(["web_search_call", "mcp_call", "tool_search_call"]).map(
    lambda kind: NativePart(
        Opaque(RESPONSES, kind, f'{{"type":"{kind}","id":"x_1"}}'),
        "[Called the tool  with {}.]" if kind == "mcp_call" else None,
    )
)
annotations = st.lists(
    st.just(Opaque(RESPONSES, "url_citation", '{"type":"url_citation","url":"https://x"}')),
    max_size=2,
).map(tuple)
thoughts = st.builds(
    lambda text, data, item_id: ThinkingPart(
        text,
        Opaque(RESPONSES, "encrypted_content", data, extra=(("id", "rs_" + item_id),)),
    ),
    said | st.just(""),
    said,
    names,
)
answers = st.builds(TextPart, said, annotations=annotations) | st.builds(RefusalPart, said)


@st.composite
def turns(draw: st.DrawFn) -> list[Message]:
    """User, assistant and instructions; calls of both kinds, each with its result."""
    messages: list[Message] = [
        UserMessage(tuple(draw(st.lists(user_parts, min_size=1, max_size=3))))
    ]
    for turn in range(draw(st.integers(0, 3))):
        calls = [
            ToolCallPart(
                f"call_{turn}_{number}",
                draw(names),
                json.dumps(draw(json_objects)),
                draw(st.sampled_from(ToolKind)),
                draw(st.none() | names),
            )
            for number in range(draw(st.integers(0, 2)))
        ]
        start: list[Part] = draw(st.lists(thoughts | natives, max_size=2))
        texts = draw(st.lists(answers, max_size=2))
        phase = draw(st.sampled_from([None, "commentary", "final_answer"])) if texts else None
        content = (*start, *texts, *calls)
        if content:
            messages.append(AssistantMessage(content, phase=phase))
        messages.extend(
            ToolResultMessage(
                call.id,
                tuple(draw(st.lists(st.builds(TextPart, said) | images, max_size=2))),
                kind=call.kind,
                tool_name=draw(st.none() | names),
            )
            for call in calls
        )
        if draw(st.booleans()):
            role = draw(st.sampled_from(SystemRole))
            messages.append(SystemMessage((draw(st.builds(TextPart, said)),), role))
        messages.append(UserMessage((draw(st.builds(TextPart, said)),)))
    return messages


functions = st.builds(
    Tool,
    names,
    st.none() | said,
    schemas,
    strict=st.booleans(),
    extra=st.just({}) | st.just({"defer_loading": True}),
)
customs = st.builds(
    Tool,
    names,
    st.none() | said,
    kind=st.just(ToolKind.CUSTOM),
    grammar=st.none() | st.just({"syntax": "lark", "definition": "start: /x/"}),
)
searches = st.just(
    ServerTool("web_search", Opaque(RESPONSES, "tool", '{"type":"web_search","filters":null}'))
)


@st.composite
def tools(draw: st.DrawFn) -> tuple[Tool | ServerTool, ...]:
    """Plain tools first, then those of a namespace in one piece, as they are rendered."""
    plain = draw(st.lists(functions | customs, max_size=3, unique_by=lambda tool: tool.name))
    inner = draw(st.lists(functions | customs, max_size=2, unique_by=lambda tool: tool.name))
    namespace = "ns_" + draw(names)
    spaced = [
        Tool(
            each.name,
            each.description,
            each.parameters,
            each.kind,
            each.strict,
            each.grammar,
            namespace,
            extra=each.extra,
            namespace_description="N",
        )
        for each in inner
    ]
    own = (*plain, *spaced)
    # A search alone is refused where the model cannot run it.
    return (*own, *draw(st.lists(searches, max_size=1))) if own else ()


@st.composite
def tool_choices(draw: st.DrawFn, offered: tuple[Tool | ServerTool, ...]) -> ToolChoice | None:
    plain = [each for each in offered if isinstance(each, Tool)]
    kinds = [ToolChoiceKind.AUTO, ToolChoiceKind.NONE, ToolChoiceKind.REQUIRED]
    if not offered or draw(st.booleans()):
        return ToolChoice(draw(st.sampled_from(kinds))) if offered else None
    if not plain:
        return None
    if draw(st.booleans()):
        allowed = tuple(dict.fromkeys(each.name for each in plain))
        return ToolChoice(ToolChoiceKind.ALLOWED, allowed, required=draw(st.booleans()))
    return ToolChoice(ToolChoiceKind.TOOL, (draw(st.sampled_from(plain)).name,))


@st.composite
def requests(draw: st.DrawFn, model: Model = ABLE_MODEL) -> Request:
    prompt = tuple(draw(st.lists(st.builds(TextPart, said), max_size=3)))
    offered = draw(tools())
    reasons = model is ABLE_MODEL
    sampling = st.builds(
        Sampling,
        max_output_tokens=st.none() | st.integers(16, 64_000),
        temperature=st.none() if reasons else st.none() | st.floats(0, 2),
        top_p=st.none() if reasons else st.none() | st.floats(0, 1),
        logprobs=st.sampled_from([None, True]),
        top_logprobs=st.none() | st.integers(0, 20),
        verbosity=st.sampled_from([None, "low", "high"]),
        parallel_tool_calls=maybe,
    )
    summary = st.sampled_from([None, "auto", "detailed"])
    reasoning = (
        st.builds(Reasoning, st.just(ReasoningMode.DISABLED), summary=summary)
        | st.builds(
            Reasoning, st.just(ReasoningMode.EFFORT), st.sampled_from(EFFORTS[1:]), summary=summary
        )
        | st.just(Reasoning(ReasoningMode.EFFORT, summary="auto"))
    )
    formats = st.just(ResponseFormat("json_object")) | st.builds(
        ResponseFormat, st.just("json_schema"), names, schemas, maybe, st.none() | said
    )
    return Request(
        model.id,
        Context(
            prompt,
            tuple(draw(turns())),
            offered,
            draw(st.sampled_from(SystemRole)) if prompt else SystemRole.SYSTEM,
        ),
        RESPONSES,
        sampling=draw(sampling),
        tool_choice=draw(tool_choices(offered)),
        reasoning=draw(st.none() | reasoning) if reasons else None,
        response_format=draw(st.none() | formats),
        user=draw(st.none() | names),
        extra=draw(
            st.just({})
            | st.just({"metadata": {"a": "b"}, "truncation": "auto", "prompt_cache_key": "k"})
            | st.just({"include": ["file_search_call.results"], "max_tool_calls": 3})
        ),
    )


def sent(body: dict[str, Any]) -> dict[str, Any]:
    """The body as it arrives: nothing survives that JSON does not carry."""
    result: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    return result


@given(requests())
def test_a_request_survives_its_own_dialect(request: Request) -> None:
    rendered = OURS.render_request(request, ABLE_MODEL)
    assert rendered.dropped == ()
    assert OURS.parse_request(sent(rendered.body)) == request


@given(requests(PLAIN_MODEL))
def test_sampling_survives_where_the_model_takes_it(request: Request) -> None:
    rendered = OURS.render_request(request, PLAIN_MODEL)
    assert rendered.dropped == ()
    assert OURS.parse_request(sent(rendered.body)) == request


@given(requests())
def test_what_was_rendered_needs_no_further_edits(request: Request) -> None:
    body = OURS.render_request(request, ABLE_MODEL).body
    rendered = OURS.pass_through_request(body, ABLE_MODEL)
    assert rendered.dropped == ()
    assert sent(rendered.body) == sent(body)


@given(requests())
def test_rendering_twice_is_rendering_once(request: Request) -> None:
    first = sent(OURS.render_request(request, ABLE_MODEL).body)
    again = sent(OURS.render_request(OURS.parse_request(first), ABLE_MODEL).body)
    assert again == first


def told(request: Request) -> list[tuple[str, str]]:
    """Texts, calls and results in order: what every dialect can carry."""
    said: list[tuple[str, str]] = []
    for message in request.context.messages:
        for part in message.content:
            if isinstance(part, TextPart):
                who = "result" if isinstance(message, ToolResultMessage) else "text"
                said.append((who, part.text))
            elif isinstance(part, ToolCallPart):
                said.append(("call", f"{part.id} {part.name} {part.arguments or '{}'}"))
    return said


@given(chat_requests() | messages_requests())
def test_other_clients_conversations_arrive(request: Request) -> None:
    body = sent(OURS.render_request(request, ABLE_MODEL).body)
    back = OURS.parse_request(body)
    after = told(back)
    for who, text in told(request):
        assert any(kind == who and text in other for kind, other in after), (who, text)
    prompt = "\n".join(part.text for part in back.context.system_prompt)
    for part in request.context.system_prompt:
        assert part.text in prompt
    asked = [tool.name for tool in request.context.tools]
    assert [tool.name for tool in back.context.tools if isinstance(tool, Tool)] == asked


@given(chat_requests() | messages_requests())
def test_every_call_is_answered_before_anyone_speaks(request: Request) -> None:
    waiting: list[str] = []
    for item in OURS.render_request(request, ABLE_MODEL).body["input"]:
        if item["type"].endswith("_call"):
            waiting.append(item["call_id"])
        elif item["type"].endswith("_call_output"):
            waiting.remove(item["call_id"])
        else:
            assert not waiting or item["type"] == "reasoning", "somebody spoke between"
    assert not waiting


@given(requests())
def test_every_other_dialect_takes_a_responses_conversation(request: Request) -> None:
    for name in (DialectName.OPENAI_CHAT, DialectName.ANTHROPIC_MESSAGES):
        body = sent(dialect(name).render_request(request, ABLE_MODEL).body)
        whole = json.dumps(body, ensure_ascii=False)
        for _, text in told(request):
            if not text.startswith("call_"):
                assert json.dumps(text, ensure_ascii=False)[1:-1] in whole
