"""Which model of the catalogue a client means by the name it sends. Pure.

Clients say ids as Copilot lists them, their vendor's own spelling of the same model (dashes, dates,
provider prefixes), a bare family, or the default that is built into the tool. What cannot be told
for certain is an error that names the close ids, never a guess.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from proxy_core.errors import Actor, ErrorKind, ModelNotFound, ProxyError
from proxy_core.model import Model

CLAUDE_FAMILIES = ("opus", "sonnet", "haiku")

_GPT_FAMILIES: Mapping[str, re.Pattern[str]] = {
    "gpt": re.compile(r"gpt-\d+(?:\.\d+)?"),
    "gpt-sol": re.compile(r"gpt-\d+(?:\.\d+)?-sol"),
    "gpt-codex": re.compile(r"gpt-\d+(?:\.\d+)?-codex"),
    "gpt-mini": re.compile(r"gpt-\d+(?:\.\d+)?(?:-codex)?-mini"),
}
"""Which ids belong to a family of OpenAI's, for the replacements below only."""

DEFAULT_NAMES: Mapping[str, tuple[str, ...]] = {
    # What Claude Code 2.1 and Anthropic's SDK examples send unasked, and retired names that older
    # tools still carry. A family word stands for its newest enabled model.
    "claude-opus-5-5": ("opus",),
    "claude-opus-5": ("opus",),
    "claude-opus-4-8": ("opus",),
    "claude-sonnet-5-5": ("sonnet",),
    "claude-sonnet-5": ("sonnet",),
    "claude-haiku-5-5": ("haiku",),
    "claude-opus-4": ("opus",),
    "claude-opus-4-1": ("opus",),
    "claude-sonnet-4": ("sonnet",),
    "claude-3-7-sonnet": ("sonnet",),
    "claude-3-5-sonnet": ("sonnet",),
    "claude-3-5-haiku": ("haiku",),
    "claude-3-haiku": ("haiku",),
    "claude-3-opus": ("opus",),
    # What Codex 0.169 and its predecessors send unasked.
    "gpt-6.1-sol": ("gpt-sol", "gpt"),
    "gpt-6-sol": ("gpt-sol", "gpt"),
    "gpt-5.6-sol": ("gpt-sol", "gpt"),
    "gpt-5.5": ("gpt",),
    "gpt-5.4": ("gpt",),
    "gpt-5.2": ("gpt",),
    "gpt-5.1": ("gpt",),
    "gpt-5": ("gpt",),
    "gpt-5.3-codex": ("gpt-codex", "gpt"),
    "gpt-5.2-codex": ("gpt-codex", "gpt"),
    "gpt-5.1-codex-max": ("gpt-codex", "gpt"),
    "gpt-5.1-codex": ("gpt-codex", "gpt"),
    "gpt-5-codex": ("gpt-codex", "gpt"),
    "gpt-5.1-codex-mini": ("gpt-mini", "gpt-codex", "gpt"),
    "codex-mini": ("gpt-mini", "gpt-codex", "gpt"),
    # OpenAI's: what SDK examples and older tools send unasked.
    "gpt-4": ("gpt-4.1", "gpt-4o"),
    "gpt-4-turbo": ("gpt-4.1", "gpt-4o"),
    "gpt-3.5-turbo": ("gpt-4o-mini", "gpt-5-mini", "gpt-4.1"),
    "gpt-4o-mini": ("gpt-5-mini", "gpt-4.1"),
    "gpt-4.1-mini": ("gpt-5-mini", "gpt-4.1"),
}
"""Replacements for a name the catalogue lacks, best first; the first enabled one is taken."""

_DATE = re.compile(r"[-@](20\d{6}|20\d\d-\d\d-\d\d)$")
_BRACKET = re.compile(r"\[([\w.-]+)\]$")
_DOT_BETWEEN_DIGITS = re.compile(r"(?<=\d)\.(?=\d)")
_VERSION = re.compile(r"(?<![a-z\d])(\d{1,3}(?:[.-]\d{1,2})*)(?![a-z\d])")


class ModelDisabled(ProxyError):
    """The catalogue lists the model, but this account may not use it.

    Told like an unknown model: Claude Code then says "pick a different model", and takes a 403 for a
    failed sign-in.
    """

    kind = ErrorKind.MODEL_NOT_FOUND
    http_status = 404
    title = "The model is not available to you"
    actor = Actor.USER


def resolve_model(
    name: str, catalogue: Sequence[Model], aliases: Mapping[str, str] | None = None
) -> Model:
    """Return the model that ``name`` means.

    ``aliases`` are the user's own: an entry counts for the name as it was sent, in any spelling, and
    for the id it came to; it is followed once.

    Raises:
        ModelNotFound: no listed model goes by that name.
        ModelDisabled: the one that does is switched off for this account.
    """
    asked = name.strip()
    chosen = _aliased(asked, aliases or {})
    model = _find(chosen or asked, catalogue)
    if chosen is None and model is not None and aliases and model.id in aliases:
        model = _find(aliases[model.id], catalogue)
    if model is None:
        raise _not_found(chosen or name, catalogue)
    if model.disabled_reason is not None:
        raise ModelDisabled(
            f"The model {model.id} cannot be used: {model.disabled_reason}",
            code="model_disabled",
            param="model",
        )
    return model


def _aliased(asked: str, aliases: Mapping[str, str]) -> str | None:
    if asked in aliases:
        return aliases[asked]
    by_spelling = {_spelling(alias): target for alias, target in aliases.items()}
    return next((by_spelling[each] for each in _spellings(asked) if each in by_spelling), None)


def _find(name: str, catalogue: Sequence[Model]) -> Model | None:
    return _listed(name, catalogue) or _replacement(name, catalogue)


def _listed(name: str, catalogue: Sequence[Model]) -> Model | None:
    """The catalogue's entry under ``name`` or another spelling of it."""
    by_id = {each.id: each for each in catalogue}
    if name in by_id:
        return by_id[name]
    by_spelling: dict[str, Model] = {}
    for each in catalogue:
        by_spelling.setdefault(_spelling(each.id), each)
    return next((by_spelling[each] for each in _spellings(name) if each in by_spelling), None)


def _replacement(name: str, catalogue: Sequence[Model]) -> Model | None:
    """What stands in for a family's bare name or a tool's built-in default."""
    defaults = {_spelling(each): replacements for each, replacements in DEFAULT_NAMES.items()}
    for spelling in _spellings(name):
        words = spelling.removeprefix("claude-").removesuffix("-latest")
        if words in CLAUDE_FAMILIES:
            return newest_of_family(words, catalogue)
        candidates = defaults.get(spelling.removesuffix("-latest"), ())
        for candidate in candidates:
            if candidate in CLAUDE_FAMILIES or candidate in _GPT_FAMILIES:
                model = newest_of_family(candidate, catalogue)
            else:
                model = next((each for each in catalogue if each.id == candidate), None)
            if model is not None and model.disabled_reason is None:
                return model
    return None


def newest_of_family(family: str, catalogue: Iterable[Model]) -> Model | None:
    """Return the enabled model of ``family`` with the highest version.

    Variants (``-fast``, ``-1m``) count only where the plain model of that version is missing, and a
    disabled model only where no other is there: its reason is then what the client is told.
    """
    gpt = _GPT_FAMILIES.get(family)
    members = [
        each
        for each in catalogue
        if (gpt.fullmatch(each.id) if gpt else family in each.id.lower().split("-"))
    ]

    def rank(model: Model) -> tuple[bool, tuple[int, ...], int]:
        return (model.disabled_reason is None, _version(model.id), -len(model.id))

    return max(members, key=rank, default=None)


def _version(model_id: str) -> tuple[int, ...]:
    found = _VERSION.search(model_id.lower())
    return tuple(int(each) for each in re.split(r"[.-]", found[1])) if found else ()


def _spelling(name: str) -> str:
    """One spelling for all: lower case, versions with dashes."""
    return _DOT_BETWEEN_DIGITS.sub("-", name.lower())


def _spellings(name: str) -> list[str]:
    """Every spelling ``name`` may have in the catalogue, the nearest first."""
    spelling = _spelling(name)
    plain = spelling.rsplit("/", 1)[-1]
    found = [spelling, plain]
    bracket = _BRACKET.search(plain)
    if bracket is not None:
        # Claude Code's "opus[1m]": the long-context variant where one is listed, else the model.
        plain = plain[: bracket.start()]
        found += [f"{_DATE.sub('', plain)}-{bracket[1]}", plain]
    undated = _DATE.sub("", plain)
    found.append(undated)
    if undated.endswith("-0"):  # Anthropic's alias "claude-sonnet-4-0"
        found.append(undated.removesuffix("-0"))
    return list(dict.fromkeys(found))


def _not_found(name: str, catalogue: Sequence[Model]) -> ModelNotFound:
    usable = [each.id for each in catalogue if each.disabled_reason is None]
    shown = name if len(name) <= 100 else f"{name[:100]}..."
    close = difflib.get_close_matches(_spellings(shown)[-1], usable, n=3, cutoff=0.5)
    if close:
        hint = f" Close names: {', '.join(close)}."
    elif usable:
        hint = f" Available: {', '.join(usable[:8])}{', ...' if len(usable) > 8 else ''}."
    else:
        hint = " Your account's list of models is empty."
    return ModelNotFound(
        f"The model {shown!r} is not in your GitHub Copilot account's list.{hint}",
        code="model_not_found",
        param="model",
    )
