"""Command line: one command a file, loaded when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click

EXIT_CODES = """\b
Exit codes, the first that applies:
  130  Ctrl-C, with the report of what was done
    2  wrong usage
    1  a counterexample: a gradient is wrong
    4  a layer or a spec raised
    3  inconclusive: the evidence is too weak
    5  nothing was checked
    0  all pass
"""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is looked up."""

    def __init__(self, *args: object, modules: Mapping[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which they are told."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in self._modules:
            return None
        command = importlib.import_module(self._modules[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one name the known ones and the closest."""
        if not args[0].startswith("-") and args[0] not in self._modules:
            from gradcheck.registry import UnknownName

            ctx.fail(str(UnknownName("command", args[0], self._modules)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error of usage is told in lines of 80 columns."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            from gradcheck.cli._wrapped import wrapped

            told = wrapped(f"Error: {error.format_message()}", "").removeprefix("Error: ")
            raise click.UsageError(told, error.ctx) from None


def _print_versions(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from gradcheck.versions import versions

    for name, version in versions().items():
        click.echo(f"{name}: {version}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    modules={
        "run": "gradcheck.cli.run",
        "check": "gradcheck.cli.check",
        "list": "gradcheck.cli.list_layers",
        "explain": "gradcheck.cli.explain",
        "gate": "gradcheck.cli.gate",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_versions,
    help="Print the versions of gradcheck, python, numpy, torch, hypothesis and the BLAS.",
)
def main() -> None:
    """Check hand-written backward passes against finite differences and autograd."""
