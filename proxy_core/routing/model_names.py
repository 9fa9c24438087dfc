"""Finds the catalogue's model for the name a client sends.

Pure. Clients send ids as Copilot lists them, their vendor's own spelling of the same model (dashes,
dates, provider prefixes), a bare family, or the tool's built-in default. A default may be newer than
the catalogue: a version ahead of all that its line (family and form) lists means the newest of that
line. A version that the list has passed was retired, and a line that is not listed is another model:
both are errors that name what to use, never a guess (docs/decisions/retired-model-names.md).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from proxy_core.canonical.model import Model
from proxy_core.errors import Actor, ErrorKind, ModelNotFound, ProxyError, translatable
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

_SUCCESSORS: Mapping[ModelId, ModelId] = {
    # Names from OpenAI's old examples that do not match any family of today; for the error's text.
    read_id("gpt-3.5-turbo"): read_id("gpt-5-mini"),
    read_id("codex-mini"): read_id("gpt-5-codex-mini"),
    read_id("chatgpt-4o"): read_id("gpt-4o"),
}

_OTHER_TOOLS = "-customtools"
"""Google's name for the same model with another liking for tools; Gemini CLI 0.61 asks for it by itself
where it compacts a session, and no list of Copilot's has it."""

_BRACKET = re.compile(r"\[([\w.-]+)\]$")


class ModelDisabled(ProxyError):
    """The catalogue lists the model, but this account may not use it.

    Reported as an unknown model: Claude Code then says "pick a different model", while a 403 would
    look like a failed sign-in to it.
    """

    kind = ErrorKind.MODEL_NOT_FOUND
    http_status = 404
    title: str = translatable("The model is not available to you")
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
    if not aliases:
        return None
    if asked in aliases:
        return aliases[asked]
    by_spelling = {spelling(alias): target for alias, target in aliases.items()}
    return next((by_spelling[each] for each in _spellings(asked) if each in by_spelling), None)


def _find(name: str, catalogue: Sequence[Model]) -> Model | None:
    return _listed(name, catalogue) or _newest_of_its_line(name, catalogue)


def _listed(name: str, catalogue: Sequence[Model]) -> Model | None:
    """Return the catalogue's entry for ``name`` in any spelling."""
    for each in catalogue:
        if each.id == name:
            return each
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


def _newest_of_its_line(name: str, catalogue: Sequence[Model]) -> Model | None:
    """Return the newest of the line of ``name`` if that has no version, or one ahead of the list."""
    asked = read_id(_plain(name))
    if not asked.forms and not asked.version:
        return None  # "gpt" or "claude" alone is ambiguous.
    if _skips_versions(asked, catalogue):
        return None
    model = newest(asked.brand, asked.forms, catalogue)
    if model is None or (asked.version and not _is_ahead(asked, catalogue)):
        return None
    return model if model.disabled_reason is not None else _variant(name, model, catalogue)


def _is_ahead(asked: ModelId, catalogue: Sequence[Model]) -> bool:
    """Return whether every listed model of the line is older, disabled and hidden ones too.

    Not where the brand is a whole version further: the name's line was ended, and its last models went.
    """
    if asked.version[0] < newest_major(asked.brand, catalogue):
        return False
    read = (read_model(each) for each in catalogue if each.kind == "chat")
    line = (each for each in read if (each.brand, each.forms) == (asked.brand, asked.forms))
    return all(each.version < asked.version for each in line)


def _skips_versions(asked: ModelId, catalogue: Iterable[Model]) -> bool:
    """No release skips a whole version: a typing error."""
    return bool(asked.version) and asked.version[0] > newest_major(asked.brand, catalogue) + 1


def _successor(name: str, catalogue: Sequence[Model]) -> Model | None:
    """Return what to use in place of a name that is not listed: of its own line, else the nearest
    line; there the same version if it is listed, else the newest."""
    asked = read_id(_plain(name))
    asked = _SUCCESSORS.get(asked, asked)
    if not asked.forms and not asked.version:
        return None
    if _skips_versions(asked, catalogue):
        return None
    usable = [each for each in catalogue if each.disabled_reason is None]
    for forms in stand_ins(asked.brand, asked.forms):
        same = ModelId(asked.brand, forms, asked.version)
        found = next((each for each in usable if read_model(each) == same), None)
        found = found or newest(asked.brand, forms, usable)
        if found is not None:
            return found
    return None


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
    if undated.endswith(_OTHER_TOOLS):
        found.append(undated.removesuffix(_OTHER_TOOLS))
    if undated.endswith("-0"):  # Anthropic's alias "claude-sonnet-4-0"
        found.append(undated.removesuffix("-0"))
    return list(dict.fromkeys(found))


def _not_found(name: str, catalogue: Sequence[Model]) -> ModelNotFound:
    usable = [each.id for each in catalogue if each.disabled_reason is None]
    shown = name if len(name) <= 100 else f"{name[:100]}..."
    successor = _successor(shown, catalogue)
    use = f" Use {successor.id} instead." if successor is not None else ""
    close = [each for each in _closest(shown, usable) if successor is None or each != successor.id]
    if close:
        hint = f"{use} Close names: {', '.join(close)}."
    elif use:
        hint = use
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
