"""The commands beside `check`: what is known, what holds where, and the server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from smtplint import completion, config, handbook, manual, page, run
from smtplint.checking import Found, configured
from smtplint.cli import HELP, every_command
from smtplint.console import CLEAN, ArgumentError, put
from smtplint.nearest import layers, settings_for
from smtplint.rule import current_names, load_rules
from smtplint.table import load_dialects


@click.command(context_settings=HELP)
@click.argument("name", metavar="RULE|DIALECT")
def explain(name: str) -> int:
    """Explain a RULE (what it says, what happens on the wire, what to do) or a DIALECT (keys, meanings, defaults)."""
    settings = settings_for(Path())
    known, tables = load_rules(settings.rules), load_dialects(settings.dialects)
    rule = known.get(current_names(known).get(name, name))
    if rule is None and name not in tables:
        near = config.suggestion(name, (*known, *tables))
        raise ArgumentError(f"no rule and no dialect is called {name!r}{near}")
    put(page.explain(rule) if rule is not None else manual.explain(tables[name]))
    return CLEAN


@click.group(context_settings=HELP, invoke_without_command=True)
@click.pass_context
def dialects(context: click.Context) -> int:
    """List all products that smtplint knows: dialect, product, protocol, formats, and where its facts were read."""
    if context.invoked_subcommand is None:
        put(manual.dialects(load_dialects(settings_for(Path()).dialects).values()))
    return CLEAN


@dialects.command(name="new", context_settings=HELP)
@click.argument("name")
def new_dialect(name: str) -> int:
    """Print the beginning of a table for a product of your own, every key explained.

    Put it into NAME.toml in a folder that the setting `dialects` names.
    """
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        raise ArgumentError(f"{name!r}: small letters, digits and hyphens name a dialect, such as our-shop")
    if name in load_dialects(settings_for(Path()).dialects):
        raise ArgumentError(f"there is a dialect {name!r} already; smtplint explain {name} shows it")
    put(manual.skeleton(name))
    return CLEAN


@click.command(context_settings=HELP)
@click.option("--output-format", type=click.Choice(("text", "json", "markdown")), default="text", show_default=True)
def rules(output_format: str) -> int:
    """List all rules: severity, whether there is a fix, and what each one says."""
    render = {"text": page.rules, "json": handbook.as_json, "markdown": handbook.markdown}[output_format]
    put(render(load_rules(settings_for(Path()).rules).values()))
    return CLEAN


@click.command(name="facts", context_settings=HELP)
@click.argument("path")
def show_facts(path: str) -> int:
    """Show every mail endpoint under PATH: each field, where it was read, and every fact that follows."""
    settings = settings_for(Path(path))
    workshop = run.Workshop(settings)
    found = Found()
    for endpoint in configured(found.all((path,), settings), workshop):
        put(page.endpoint(endpoint) + "\n")
    return found.code


@click.command(name="config", context_settings=HELP)
@click.argument("path", default=".")
def show_config(path: str) -> int:
    """Show the settings that hold for PATH, and which file says so."""
    settings_for(Path(path))  # complains about what is not understood
    put(page.settings(layers(Path(path)), config.schema()))
    return CLEAN


@click.command(name="completion", context_settings=HELP)
@click.argument("shell", type=click.Choice(completion.SHELLS))
def show_completion(shell: str) -> int:
    """Print what makes a shell complete commands, options and paths.

    In ~/.bashrc or ~/.zshrc: eval "$(smtplint completion bash)"; in fish: smtplint completion fish | source
    """
    put(completion.script(shell, every_command()))
    return CLEAN


@click.command(name="server", context_settings=HELP)
def serve() -> int:
    """Speak with an editor over standard input and output (the Language Server Protocol). docs/editors.md has setups."""
    try:
        from smtplint import server  # only who serves needs its packages
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "smtplint":
            raise
        raise ArgumentError(f"the server needs {error.name}: pip install 'smtplint[server]'") from error
    server.main()
    return CLEAN


COMMANDS: Final[dict[str, click.Command]] = {
    "explain": explain,
    "rules": rules,
    "dialects": dialects,
    "facts": show_facts,
    "config": show_config,
    "completion": show_completion,
    "server": serve,
}
