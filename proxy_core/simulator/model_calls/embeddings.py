"""``/embeddings``: vectors that depend on the words, so that like texts lie near each other."""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from proxy_core.simulator.account.account import copilot_usage
from proxy_core.simulator.behaviour.usage import Usage, tokens_in
from proxy_core.simulator.catalog.catalog import EMBEDDINGS, limits_of
from proxy_core.simulator.faults.faults import REFUSALS
from proxy_core.simulator.http.refusal import JSON, coded, invalid_body
from proxy_core.simulator.model_calls.admission import admit, json_object
from proxy_core.simulator.model_calls.model_call import answer_headers
from proxy_core.simulator.simulation import SIMULATION

DEFAULT_DIMENSIONS = 1536
MOST_TOKENS_PER_INPUT = 8192


async def embed(request: web.Request) -> web.Response:
    """POST; the answer has no top-level ``object`` and no ``model``, as recorded."""
    simulation = request.app[SIMULATION]
    with simulation.open_call():
        admit(simulation, request)
        body = json_object(await request.read())
        called = simulation.faults.called_for(str(body.get("input")), request.headers.get("x-sim"))
        if called in REFUSALS:
            raise REFUSALS[called](simulation.clock())
        model = simulation.catalogue.find(str(body.get("model", "")), EMBEDDINGS)
        texts = _checked_input(body, model)
        if body.get("encoding_format") not in (None, "float") and (
            simulation.profile.refuses_base64_embeddings
        ):
            raise coded(
                400,
                "unsupported_value",
                "encoding_format: only 'float' is supported.",
                param="encoding_format",
            )
        dimensions = _checked_dimensions(body, model)
        tokens = sum(tokens_in(text) for text in texts)
        cost = copilot_usage(model, Usage(prompt=tokens, output=0))
        simulation.account.charge(model, cost, from_person=False)
        answer = {
            "data": [
                {"index": index, "object": "embedding", "embedding": vector(text, dimensions)}
                for index, text in enumerate(texts)
            ],
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            "copilot_usage": cost,
        }
        headers = answer_headers(simulation, simulation.random_of_next_answer())
        return web.Response(
            body=msgspec.json.encode(answer), headers={**headers, "Content-Type": JSON}
        )


def _checked_input(body: Mapping[str, Any], model: Mapping[str, Any]) -> list[str]:
    given = body.get("input")
    if not isinstance(given, list):
        raise invalid_body("Invalid type for 'input': expected an array of strings.")
    if not given:
        raise invalid_body("Invalid 'input': empty array.")
    most = limits_of(model).get("max_inputs")
    if most is not None and len(given) > most:
        raise invalid_body(f"Invalid 'input': array too long. Expected at most {most} elements.")
    texts = []
    for index, each in enumerate(given):
        # A list of token numbers stands for some text; which one is the tokenizer's secret.
        text = " ".join(map(str, each)) if isinstance(each, list) else each
        if not isinstance(text, str) or not text:
            raise invalid_body(f"Invalid 'input[{index}]': expected a non-empty string.")
        if tokens_in(text) > MOST_TOKENS_PER_INPUT:
            raise invalid_body(
                f"Invalid 'input[{index}]': maximum context length is {MOST_TOKENS_PER_INPUT} tokens."
            )
        texts.append(text)
    return texts


def _checked_dimensions(body: Mapping[str, Any], model: Mapping[str, Any]) -> int:
    wanted = body.get("dimensions")
    if wanted is None:
        return DEFAULT_DIMENSIONS
    supports = model["capabilities"].get("supports") or {}
    is_number = isinstance(wanted, int) and not isinstance(wanted, bool)
    if not supports.get("dimensions") or not is_number or not 1 <= wanted <= DEFAULT_DIMENSIONS:
        raise invalid_body("Invalid 'dimensions' for this model.")
    return int(wanted)


def vector(text: str, dimensions: int) -> list[float]:
    """A unit vector: the sum of one fixed random direction for each word."""
    total = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()) or [text]:
        seed = hashlib.sha256(word.encode("utf-8", "replace")).digest()
        # Sixteen places for each word keep long texts cheap and still tell words apart.
        direction = random.Random(seed)
        for _ in range(16):
            total[direction.randrange(dimensions)] += direction.choice((-1.0, 1.0))
    length = math.sqrt(sum(value * value for value in total))
    if length == 0.0:
        return [1.0] + [0.0] * (dimensions - 1)
    return [round(value / length, 8) for value in total]
