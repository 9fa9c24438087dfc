"""Completions for bash, zsh and fish, made from the program's own commands."""

from __future__ import annotations

from collections.abc import Iterator

from release.command_texts.command_tree import Command, Option

NAME = "g-copilot-proxy"
HELP_LENGTH = 90


def all_commands(tree: Command) -> Iterator[Command]:
    for each in tree.commands:
        yield each
        yield from all_commands(each)


def flags_of(command: Command) -> list[str]:
    return [flag for option in command.options for flag in option.flags]


def with_value(command: Command) -> list[Option]:
    return [each for each in command.options if each.flags and each.value]


# --- bash ---------------------------------------------------------------------------------------


def bash(tree: Command) -> str:
    """The words so far that name a command are joined; what may follow is looked up by them."""
    names = "|".join(f'"{each.name}"' for each in all_commands(tree))
    lines = [
        f"# bash completion for {NAME}",
        "_g_copilot_proxy() {",
        "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}",
        '    local path="" word tried',
        '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
        '        tried="${path:+$path }$word"',
        f'        case "$tried" in {names}) path=$tried ;; esac',
        "    done",
        '    case "$path:$previous" in',
    ]
    for command in (tree, *all_commands(tree)):
        for option in with_value(command):
            pattern = "|".join(f'"{command.name}:{flag}"' for flag in option.flags)
            lines.append(f"        {pattern}) {_bash_value(option)}; return ;;")
    lines += ["    esac", '    case "$path" in']
    for command in (tree, *all_commands(tree)):
        words = [each.name.rpartition(" ")[2] for each in command.commands]
        words += [word for each in command.options if not each.flags for word in each.words]
        words += flags_of(command)
        takes_file = any(each.takes_file for each in command.options if not each.flags)
        files = " -o default" if takes_file else ""
        lines.append(
            f'        "{command.name}") mapfile -t COMPREPLY < '
            f'<(compgen{files and " -f"} -W "{" ".join(words)}" -- "$current") ;;'
        )
    lines += ["    esac", "}", f"complete -F _g_copilot_proxy {NAME}", ""]
    return "\n".join(lines)


def _bash_value(option: Option) -> str:
    if option.choices:
        return f'mapfile -t COMPREPLY < <(compgen -W "{" ".join(option.choices)}" -- "$current")'
    if option.takes_file:
        return 'mapfile -t COMPREPLY < <(compgen -f -- "$current")'
    return "COMPREPLY=()"


# --- zsh ----------------------------------------------------------------------------------------


def zsh(tree: Command) -> str:
    lines = [f"#compdef {NAME}", ""]
    for command in (tree, *all_commands(tree)):
        lines += [f"{_zsh_function(command)}() {{", *_zsh_body(command), "}", ""]
    lines += [f'{_zsh_function(tree)} "$@"', ""]
    return "\n".join(lines)


def _zsh_function(command: Command) -> str:
    return "_" + "_".join([NAME, *command.name.split()]).replace("-", "_")


def _zsh_body(command: Command) -> list[str]:
    specs = [_zsh_spec(option, flag) for option in command.options for flag in option.flags]
    if not command.commands:
        places = [each for each in command.options if not each.flags]
        specs += [_zsh_place(each, number) for number, each in enumerate(places, 1)]
        return [
            "    _arguments -s \\",
            *(f"        {each} \\" for each in specs),
            "        && return",
        ]
    lines = ["    local context state line", "    _arguments -C -s \\"]
    lines += [f"        {each} \\" for each in specs]
    lines += ["        '1: :->command' '*:: :->rest'", "    case $state in", "    command)"]
    named = [
        f"{_zsh_quoted(each.name.rpartition(' ')[2] + ':' + _short(each.help))}"
        for each in command.commands
    ]
    lines += ["        local -a known", f"        known=({' '.join(named)})"]
    lines += ["        _describe command known ;;", "    rest)", "        case $line[1] in"]
    lines += [
        f"        {each.name.rpartition(' ')[2]}) {_zsh_function(each)} ;;"
        for each in command.commands
    ]
    return [*lines, "        esac ;;", "    esac"]


def _zsh_spec(option: Option, flag: str) -> str:
    text = f"{flag}[{_zsh_escaped(_short(option.help))}]"
    return _zsh_quoted(text + (f":{_zsh_value(option)}" if option.value else ""))


def _zsh_place(option: Option, number: int) -> str:
    return _zsh_quoted(f"{'*' if option.repeats else number}:{_zsh_value(option)}")


def _zsh_value(option: Option) -> str:
    if option.words:
        return f"{option.value.lower()}:({' '.join(option.words)})"
    return f"{option.value.lower()}:{'_files' if option.takes_file else ' '}"


def _zsh_escaped(text: str) -> str:
    return "".join("\\" + each if each in "[]:\\" else each for each in text)


def _zsh_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# --- fish ---------------------------------------------------------------------------------------


def fish(tree: Command) -> str:
    lines = [f"# fish completion for {NAME}", f"complete -c {NAME} -f"]
    for command in (tree, *all_commands(tree)):
        where = _fish_condition(command)
        for each in command.commands:
            word, text = each.name.rpartition(" ")[2], _fish_quoted(_short(each.help))
            lines.append(f"complete -c {NAME} -n {_fish_quoted(where)} -a {word} -d {text}")
        for option in command.options:
            lines += [_fish_option(option, flag, where) for flag in option.flags or ("",)]
    return "\n".join([*(each for each in lines if each), ""])


def _fish_condition(command: Command) -> str:
    words = command.name.split()
    seen = [f"__fish_seen_subcommand_from {each}" for each in words]
    below = " ".join(each.name.rpartition(" ")[2] for each in command.commands)
    if below:
        seen.append(f"not __fish_seen_subcommand_from {below}")
    return "; and ".join(seen)


def _fish_option(option: Option, flag: str, where: str) -> str:
    values = f"-a {_fish_quoted(' '.join(option.words))}" if option.words else ""
    if not flag:
        if option.takes_file:
            return f"complete -c {NAME} -n {_fish_quoted(where)} -F"
        return f"complete -c {NAME} -n {_fish_quoted(where)} {values}" if values else ""
    kind = "-l" if flag.startswith("--") else "-s"
    needs = "" if not option.value else ("-r -F" if option.takes_file else "-x")
    parts = [
        "complete",
        "-c",
        NAME,
        "-n",
        _fish_quoted(where),
        kind,
        flag.lstrip("-"),
        needs,
        values,
    ]
    return " ".join([*(each for each in parts if each), "-d", _fish_quoted(_short(option.help))])


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _short(text: str) -> str:
    first = text.partition(";")[0].partition(" (")[0]
    return first if len(first) <= HELP_LENGTH else first[: HELP_LENGTH - 3].rstrip() + "..."
