"""Which commands are there? Each imports what it needs only when it runs, so that `--help` is quick.

Here are those of admins; those of operators are in `operating`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import operating
from gateway.cli.arguments import DEFAULT, ConfigOption, JsonOption, RevealOption

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
channel_app = typer.Typer(no_args_is_help=True, help="Add channels.")
state_app = typer.Typer(no_args_is_help=True, help="Make, check, copy or recover the gateway's state.")


@app.command()
def run(config: ConfigOption = DEFAULT) -> None:
    """Run as a service: collect, submit, track and reply on schedule until stopped."""
    from gateway.cli import working

    working.run(config)


@app.command()
def sync(
    config: ConfigOption = DEFAULT,
    until_settled: Annotated[bool, typer.Option("--until-settled", help="Go on until nothing is due.")] = False,
    json: JsonOption = False,
) -> None:
    """Make one attempt for whatever is due. Exit status 1 if a channel or LAPOR could not be reached."""
    from gateway.cli import working

    working.sync(config, until_settled=until_settled, as_json=json)


@app.command()
def check(config: ConfigOption = DEFAULT, json: JsonOption = False) -> None:
    """Check the configuration, log in to every channel and to LAPOR, reading only."""
    from gateway.cli import checking

    checking.check(config, as_json=json)


@app.command()
def lint(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]…", help="A configuration, channels, mappings; default: all.")
    ] = None,
    config: ConfigOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Check the files without any network, and run the mappings' examples. Exit status 3 where something is wrong."""
    from gateway.cli import linting

    linting.lint_files(config, files or [], as_json=json)


@app.command()
def discover(
    channel: Annotated[str | None, typer.Argument(help="One that may still lack its table, key or mapping.")] = None,
    config: ConfigOption = DEFAULT,
    connector: Annotated[str | None, typer.Option(help="Without a channel: which kind of source.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, an option; may be repeated.")] = None,
    place: Annotated[str | None, typer.Option(help="Show this folder, table or sheet.")] = None,
    reveal: RevealOption = False,
    json: JsonOption = False,
) -> None:
    """Look what a source holds, reading only, and propose a mapping. Personal data is masked."""
    from gateway.cli import discovering

    discovering.discover(config, channel, connector, settings or [], place, reveal=reveal, as_json=json)


@app.command()
def schema(
    channel: Annotated[bool, typer.Option("--channel", help="Of a file in channels.d.")] = False,
    mapping: Annotated[bool, typer.Option("--mapping", help="Of a mapping.")] = False,
) -> None:
    """Print the JSON Schema of the configuration, for editors that complete and check while you type."""
    from gateway.cli import describing

    describing.schema(channel=channel, mapping=mapping)


@app.command()
def preview(
    channel: str,
    config: ConfigOption = DEFAULT,
    number: Annotated[int, typer.Option("-n", help="How many records to show.")] = 5,
    trace: Annotated[bool, typer.Option("--trace", help="For each field which way its value took.")] = False,
    reveal: RevealOption = False,
    json: JsonOption = False,
) -> None:
    """Show what a channel's records would become. Nothing is stored or sent."""
    from gateway.cli import previewing

    previewing.preview(config, channel, number, trace=trace, reveal=reveal, as_json=json)


@app.command()
def audit(
    config: ConfigOption = DEFAULT,
    remote: Annotated[bool, typer.Option("--remote", help="Compare with LAPOR itself, too.")] = False,
    json: JsonOption = False,
) -> None:
    """Prove that nothing was lost and nothing filed twice. Exit status 5 where something is off."""
    from gateway.cli import proving

    proving.audit(config, remote=remote, as_json=json)


@app.command()
def mock(
    port: Annotated[int, typer.Option(help="0 picks a free one.")] = 8080,
    data: Annotated[Path | None, typer.Option(help="Keep the data in this file.")] = None,
    seed: Annotated[int, typer.Option(help="Makes runs repeatable.")] = 0,
    fault: Annotated[list[str] | None, typer.Option(help="NAME=RATE, e.g. drop_after=0.1; may be repeated.")] = None,
    life: Annotated[str, typer.Option(help="auto: reports live on as the clock advances; manual.")] = "manual",
    token: Annotated[str, typer.Option(help="The token that it accepts.")] = "mock-token",
) -> None:
    """Serve a LAPOR-compatible mock on loopback."""
    from gateway.cli import serving

    serving.mock(port, data, seed, fault or [], life, token)


@app.command()
def demo(
    keep: Annotated[Path | None, typer.Option(help="Work in this folder and leave everything running.")] = None,
) -> None:
    """Show the whole work on loopback: a mailbox, a database and a spreadsheet into a mock LAPOR."""
    from gateway.demo.show import demo as show_all

    show_all(keep)


@channel_app.command("add")
def channel_add(
    name: Annotated[str | None, typer.Argument(help="What it shall be called.")] = None,
    config: ConfigOption = DEFAULT,
    table: Annotated[Path | None, typer.Option("--from", help="A CSV file with a channel a row: all or none.")] = None,
) -> None:
    """Add a channel, asked step by step; it is looked into at once. Or add many out of a table."""
    from gateway.cli import adding

    if table is not None:
        adding.add_many(config, table)
    else:
        adding.add(config, name)


@state_app.command("init")
def state_init(config: ConfigOption = DEFAULT) -> None:
    """Make a new, empty state. Only for a new installation."""
    from gateway.cli import proving

    proving.state_init(config)


@state_app.command("check")
def state_check(config: ConfigOption = DEFAULT) -> None:
    """Have the database check its own file."""
    from gateway.cli import proving

    proving.state_check(config)


@state_app.command("backup")
def state_backup(target: Path, config: ConfigOption = DEFAULT) -> None:
    """Copy the state to a new file, also while the service runs."""
    from gateway.cli import proving

    proving.state_backup(config, target)


@state_app.command("recover")
def state_recover(config: ConfigOption = DEFAULT) -> None:
    """Put a lost or restored state in step with LAPOR, so that nothing is filed twice."""
    from gateway.cli import proving

    proving.state_recover(config)


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    typer.echo(installed("lapor-gateway"))


app.add_typer(operating.app)
app.add_typer(channel_app, name="channel")
app.add_typer(state_app, name="state")
