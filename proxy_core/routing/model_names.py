"""Finds the catalogue's model for the name a client sends.

Pure. Clients send ids as Copilot lists them, their vendor's own spelling of the same model (dashes,
dates, provider prefixes), a bare family, or the tool's built-in default. Built-in defaults may be
newer or older than the catalogue, so there is no table of them: a name of a listed family means the
newest model of that family and form. Any other name is an error that names similar ids, never a
guess.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from proxy_core.canonical.model import Model
from proxy_core.errors import Actor, ErrorKind, ModelNotFound, ProxyError
from proxy_core.routing.model_families import (
    CLAUDE,
    ModelId,
    newest,
    newest_major,
    read_id,
    read_model,
    spelling,
    stand_ins,
    without_date,
)

_RETIRED_NAMES: Mapping[ModelId, ModelId] = {
    # Names from OpenAI's old examples that do not match any family of today.
    read_id("gpt-3.5-turbo"): read_id("gpt-5-mini"),
    read_id("codex-mini"): read_id("gpt-5-codex-mini"),
    read_id("chatgpt-4o"): read_id("gpt-4o"),
}

_BRACKET = re.compile(r"\[([\w.-]+)\]$")


class ModelDisabled(ProxyError):
    """The catalogue lists the model, but this account may not use it.

    Reported as an unknown model: Claude Code then says "pick a different model", while a 403 would
    look like a failed sign-in to it.
    """

    kind = ErrorKind.MODEL_NOT_FOUND
    http_status = 404
    title = "The model is not available to you"
    actor = Actor.USER


def resolve_model(
    name: str, catalogue: Sequence[Model], aliases: Mapping[str, str] | None = None
) -> Model:
    """Return the model that ``name`` means.

    ``aliases`` are the user's own: an entry matches the name as sent, in any spelling, and the id
    it resolved to; it is followed once.

    Raises: ModelNotFound: no listed model has that name. ModelDisabled: the model is disabled for
    this account.
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


def newest_of_family(family: str, catalogue: Iterable[Model]) -> Model | None:
    """Return the newest usable Claude model of ``family`` (a disabled one if there is no other).

    Variants (``-fast``, ``-1m``) do not count.
    """
    return newest(CLAUDE, frozenset({family}), catalogue)


def _aliased(asked: str, aliases: Mapping[str, str]) -> str | None:
    if asked in aliases:
        return aliases[asked]
    by_spelling = {spelling(alias): target for alias, target in aliases.items()}
    return next((by_spelling[each] for each in _spellings(asked) if each in by_spelling), None)


def _find(name: str, catalogue: Sequence[Model]) -> Model | None:
    return _listed(name, catalogue) or _newest_of_its_kind(name, catalogue)


def _listed(name: str, catalogue: Sequence[Model]) -> Model | None:
    """Return the catalogue's entry for ``name`` in any spelling."""
    by_id = {each.id: each for each in catalogue}
    if name in by_id:
        return by_id[name]
    by_spelling: dict[str, Model] = {}
    for each in catalogue:
        by_spelling.setdefault(spelling(each.id), each)
    spellings = _spellings(name)
    found = next((by_spelling[each] for each in spellings if each in by_spelling), None)
    if found is not None:
        return found
    by_content: dict[ModelId, Model] = {}
    for each in catalogue:
        by_content.setdefault(read_model(each), each)
    read = (read_id(each) for each in spellings)
    return next((by_content[each] for each in read if each.version and each in by_content), None)


def _newest_of_its_kind(name: str, catalogue: Sequence[Model]) -> Model | None:
    """Return the newest model of the family and form of ``name``, ignoring its version."""
    asked = read_id(_plain(name))
    asked = _RETIRED_NAMES.get(asked, asked)
    if not asked.forms and not asked.version:
        return None  # "gpt" or "claude" alone is ambiguous.
    if asked.version and asked.version[0] > newest_major(asked.brand, catalogue) + 1:
        return None  # No release skips this many versions: a typing error.
    disabled: Model | None = None
    for forms in stand_ins(asked.brand, asked.forms):
        model = newest(asked.brand, forms, catalogue)
        if model is not None and model.disabled_reason is None:
            return _variant(name, model, catalogue)
        disabled = disabled or model
    return disabled


def _variant(name: str, model: Model, catalogue: Sequence[Model]) -> Model:
    """Return the usable variant of ``model`` named in brackets in ``name``, else ``model`` itself."""
    bracket = _BRACKET.search(name.lower())
    wanted = f"{model.id}-{bracket[1]}" if bracket is not None else ""
    usable = (each for each in catalogue if each.disabled_reason is None)
    return next((each for each in usable if each.id == wanted), model)


def _plain(name: str) -> str:
    """Return ``name`` in one spelling, without prefix, bracket and date."""
    return without_date(_BRACKET.sub("", spelling(name).rsplit("/", 1)[-1]))


def _spellings(name: str) -> list[str]:
    """Return every spelling ``name`` may have in the catalogue, nearest first."""
    spelled = spelling(name)
    plain = spelled.rsplit("/", 1)[-1]
    found = [spelled, plain]
    bracket = _BRACKET.search(plain)
    if bracket is not None:
        # Claude Code's "opus[1m]": the long-context variant where one is listed, else the model.
        plain = plain[: bracket.start()]
        found += [f"{without_date(plain)}-{bracket[1]}", plain]
    undated = without_date(plain)
    found.append(undated)
    if undated.endswith("-0"):  # Anthropic's alias "claude-sonnet-4-0"
        found.append(undated.removesuffix("-0"))
    return list(dict.fromkeys(found))


def _not_found(name: str, catalogue: Sequence[Model]) -> ModelNotFound:
    usable = [each.id for each in catalogue if each.disabled_reason is None]
    shown = name if len(name) <= 100 else f"{name[:100]}..."
    close = _closest(shown, usable)
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


def _closest(name: str, usable: Sequence[str]) -> list[str]:
    """Return up to three similar ids, nearest first; compared in one spelling."""
    by_spelling = {spelling(each): each for each in usable}
    near = difflib.get_close_matches(_plain(name), by_spelling, n=3, cutoff=0.5)
    return [by_spelling[each] for each in near]
