"""Decides whether markup at a text's end is a call or is quoted, shown or discussed. Pure."""

from __future__ import annotations

import re

_STRAY_WORD = re.compile(r" {0,3}(?:[a-z]{1,12}[ \t]*)?")
"""Text allowed before the markup in its line: Opus wrote ``court``, ``call`` and ``count``."""
_FENCE = re.compile(
    r"^(?: {0,3}|[ \t]*(?:[-*+>]|\d+[.)])[ \t]+|[ \t]+)(`{3,}|~{3,})(.*)$", re.MULTILINE
)
_SHOWING_TAGS = (
    "pre|code|examples?|sample|samp|xmp|textarea|blockquote|details|template|script|style|quote|"
    "document|log|output|transcript|result|message|tool_result|function_results?|response|text|"
    "content|svg|html|body|xml|system|reminder|system-reminder"
)
_TAG = re.compile(rf"<(/?)({_SHOWING_TAGS})(?:\s[^<>]*)?>", re.IGNORECASE)
_PREFIX = "ant" + "ml:"
_DISCUSSED = re.compile(
    rf"(?:</?|`)(?:{_PREFIX})?(?:invoke|function_calls|parameter)\b|\binvoke name=|\bparameter name="
    r"|\bfunction_calls\b|\btool_use\b|\binvoke[- ](?:tag|element|block|markup)"
    r"|\btool[- ]?(?:call|use)s?\b[^\n]{0,60}\b(?:leak\w*|texts?|literal\w*|raw|verbatim|markup|xml"
    r"|format|syntax|print\w*|appear\w*|look\w*|example)\b"
    r"|\b(?:leak\w*|literal\w*|raw|verbatim|markup|xml|format|syntax|printed|example\w*)\b[^\n]{0,60}"
    r"\btool[- ]?(?:call|use)s?\b|\bstray (?:word|token)"
    r"|^[#*\s]*(?:(?:actual|expected|observed)(?: (?:behaviou?r|result|output))?|steps to reproduce|"
    r"reproduction|repro)\b[:*\s]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Words of a text that discusses such markup."""
_INTENDS = re.compile(
    r"\b(?:let me|let's|i'll|i will|i'm going|i am going|i need to|i want to|i should|i can|"
    r"we need to|we'll|now to|time to|going to)\b"
    r"|^\W*(?:now |first |next |then )?[a-z]{2,}ing\b(?! (?:is|was|are|were)\b)",
    re.IGNORECASE,
)
"""Phrases of a model that is about to act itself."""
_SHOWS = re.compile(
    r"\b(?:examples?|e\.g|for instance|such as|looks? like|like (?:this|so|these)|the following|"
    r"as follows|wrote|printed|snippet|emitted|pasted)\b",
    re.IGNORECASE,
)
_SHOWS_BEHIND_A_COLON = re.compile(
    r"\b(?:writes?|written|prints?|show(?:s|n|ed)?|emits?|output(?:s|ted)?|said|says|produc(?:es|ed)|"
    r"format|template|documentation|docs|sample|would be|contains?|contained|reads|saw|seen|got|"
    r"returned|received|how to|how it|replied|answered|typed|you (?:can|could|would|should)|"
    r"quot(?:e|es|ed)|call it with|"
    r"xml|markup|syntax|excerpt|log|transcript|message|text|line|body|answer|reply|"
    r"response|request|prompt|code)\b",
    re.IGNORECASE,
)
_DOUBLE_QUOTE = re.compile(r'(?<!\d)"')
"""A quotation mark, not the sign for inches."""
_QUOTES = "\"'`“‘«‹„([{="


def may_begin_line(line: str) -> bool:
    """Return whether markup after ``line``, its line so far, may begin a call."""
    return _STRAY_WORD.fullmatch(line) is not None


def stands_as_call(before: str) -> bool:
    """Return whether calls at the end of the text ``before`` are meant as calls.

    Errs on the side of text: what may be shown to a reader stays unchanged.
    """
    if _in_fence(before) or _DISCUSSED.search(before):
        return False
    if before.rstrip().endswith(tuple(_QUOTES)) or _in_markup(before):
        return False
    if _is_end_of_sentence(before):
        return False
    paragraph = _last_paragraph(before)
    if paragraph.count("`") % 2 or len(_DOUBLE_QUOTE.findall(paragraph)) % 2:
        return False
    if paragraph.count("“") != paragraph.count("”") or before.count('"""') % 2:
        return False
    if _is_indented_or_quoted(before):
        return False
    sentence = _last_sentence(paragraph)
    if _INTENDS.search(sentence):
        return True
    if _SHOWS.search(sentence):
        return False
    return not (sentence.rstrip().endswith(":") and _SHOWS_BEHIND_A_COLON.search(sentence))


def _is_end_of_sentence(before: str) -> bool:
    """Whether the word before the markup ends a sentence wrapped from the line above."""
    lines = before.split("\n")
    return bool(lines[-1].strip()) and len(lines) > 1 and bool(lines[-2].strip())


def _last_paragraph(before: str) -> str:
    """Return the last paragraph with more than a stray word."""
    for paragraph in reversed(re.split(r"\n[ \t]*\n", before)):
        if paragraph.strip() and not _STRAY_WORD.fullmatch(paragraph.strip()):
            return paragraph
    return ""


def _last_sentence(paragraph: str) -> str:
    """Return the sentence before the markup, ignoring a stray word alone in its line."""
    lines = paragraph.strip().splitlines()
    if len(lines) > 1 and _STRAY_WORD.fullmatch(lines[-1].strip()):
        lines.pop()
    return re.split(r"[.!?][ \t]+(?=[A-Z])", " ".join(lines))[-1]


def _in_fence(before: str) -> bool:
    fence = ""
    for found in _FENCE.finditer(before):
        mark, info = found[1], found[2]
        if not fence:
            fence = mark if "`" not in info or mark[0] == "~" else ""
        elif mark[0] == fence[0] and len(mark) >= len(fence) and not info.strip():
            fence = ""
    return bool(fence)


def _in_markup(before: str) -> bool:
    """Whether a quoting element, comment or CDATA section is still open."""
    if "<" not in before:
        return False
    if before.count("<!--") > before.count("-->") or before.count("<![CDATA[") > before.count(
        "]]>"
    ):
        return True
    open_tags: list[str] = []
    for found in _TAG.finditer(before):
        name = found[2].lower()
        if not found[1]:
            if _stands_alone(before, found):
                open_tags.append(name)
        elif name in open_tags:
            while open_tags.pop() != name:
                pass
    return bool(open_tags)


def _stands_alone(before: str, tag: re.Match[str]) -> bool:
    """Whether a tag begins or ends its line; any other is part of a sentence."""
    line = before[before.rfind("\n", 0, tag.start()) + 1 : tag.start()]
    return not line.strip() or before[tag.end() : tag.end() + 1] in ("", "\n", "\r")


def _is_indented_or_quoted(before: str) -> bool:
    """Whether the previous line is code or a quotation that continues."""
    lines = before.splitlines()
    last = lines[-1] if lines and not before.endswith("\n\n") else ""
    return last.startswith((">", "    ", "\t", "|", "$ ", "%", "#!"))
