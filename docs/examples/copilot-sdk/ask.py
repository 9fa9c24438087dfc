"""Asks one question in a session of GitHub's Copilot SDK whose model traffic goes through the proxy.

    COPILOT_CLI_PATH=.../copilot-linux-x64/copilot \\
        python ask.py URL KEY "Call get_weather for Oslo" [--model gpt-4.1] [--dialect completions]

KEY is the proxy's local key. The model may call one tool, ``get_weather``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile

from copilot import CopilotClient, RuntimeConnection
from copilot.session import PermissionHandler
from copilot.tools import Tool, ToolInvocation, ToolResult

from proxy_core.integrations.copilot_sdk import ProxyRequestHandler, provider


async def get_weather(invocation: ToolInvocation) -> ToolResult:
    print(f"tool: {invocation.arguments}", flush=True)
    return ToolResult(text_result_for_llm="sunny", result_type="success")


async def ask(options: argparse.Namespace, runtime: str, home: str) -> int:
    handler = ProxyRequestHandler(options.url, options.key)
    client = CopilotClient(
        connection=RuntimeConnection.for_stdio(path=runtime),
        mode="empty",
        use_logged_in_user=False,
        env={"PATH": os.environ["PATH"], "HOME": home},
        base_directory=f"{home}/runtime",
        working_directory=home,
        request_handler=handler,
    )
    pieces = 0

    def count(event: object) -> None:
        nonlocal pieces
        kind = getattr(event, "type", None)  # an enumeration, or a word the SDK does not know
        pieces += getattr(kind, "value", kind) == "assistant.message_delta"

    await client.start()
    try:
        session = await client.create_session(
            model=options.model,
            streaming=True,
            tools=[
                Tool(
                    name="get_weather",
                    description="The weather of a city",
                    handler=get_weather,
                    parameters={"type": "object", "properties": {"city": {"type": "string"}}},
                )
            ],
            available_tools=["custom:get_weather"],
            # The handler sends it to the proxy wherever it points.
            provider=provider(
                "https://copilot.invalid", "none", options.dialect, websocket=options.websocket
            ),
            system_message={"mode": "replace", "content": "You are terse."},
            infinite_sessions={"enabled": False},
            enable_session_telemetry=False,
            on_permission_request=PermissionHandler.approve_all,
            on_event=count,
        )
        asking = asyncio.create_task(session.send_and_wait(options.question, timeout=600))
        try:
            done, _ = await asyncio.wait({asking}, timeout=options.give_up_after)
            if not done:
                await session.abort()
                await asyncio.wait({asking})
                print(f"given up: {asking.exception()}")
                return 1
            answer = asking.result()
            print(f"answer in {pieces} pieces: {answer.data.content if answer else ''}")
            return 0
        finally:
            await session.disconnect()
            await client.delete_session(session.session_id)  # or the prompt stays on disk
    finally:
        await client.stop()
        await handler.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("key")
    parser.add_argument("question")
    parser.add_argument("--model", default="gpt-4.1")
    parser.add_argument(
        "--dialect", choices=("completions", "responses", "messages"), default="completions"
    )
    parser.add_argument("--websocket", action="store_true")
    parser.add_argument("--give-up-after", type=float, metavar="SECONDS")
    runtime = os.environ.get("COPILOT_CLI_PATH")
    if not runtime:
        print("COPILOT_CLI_PATH must name the runtime: the SDK would download one", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as home:
        return asyncio.run(ask(parser.parse_args(), runtime, home))


if __name__ == "__main__":
    sys.exit(main())
