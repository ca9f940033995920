"""The `patroliq` command. Each subcommand is a module here, imported when called."""

from __future__ import annotations

import importlib
import sys

import click

from analytics import logs, private
from analytics.cli.output import report_crash, report_failure
from analytics.errors import PatrolIQError

COMMANDS = {
    "ask": "Read a plain phrase as a selection.",
    "alerts": "Check watch lists, and say what is done about alerts.",
    "addresses": "Decide which places are default addresses.",
    "audit": "Verify, export and look after the audit log.",
    "briefing": "Write a briefing as PDF, HTML, Word or PowerPoint.",
    "backup": "Copy the home folder while it is in use.",
    "bench": "Measure the product against its peers.",
    "boundaries": "Add or list area outlines and their residents.",
    "calls": "Summarize calls for service.",
    "changes": "Tell which counts of a period differ from what was expected.",
    "cluster": "Run a worker that scans for other machines.",
    "compact": "Move the rows of many small loads into a few folders.",
    "compstat": "Count the CompStat table, each number tested.",
    "demo": "Build the synthetic demo city.",
    "doctor": "Check the installation and the data.",
    "evaluate": "Compare methods with what happened later.",
    "fetch": "Fetch incidents from an open-data portal.",
    "ingest": "Read an agency's files into a new snapshot.",
    "interventions": "Record what was done, and tell what changed with it.",
    "jobs": "List, queue or cancel jobs.",
    "layers": "Add, list or remove streets, water and places of the maps.",
    "models": "List, compare, check, promote or roll back models.",
    "plan": "Plan where units patrol in a shift.",
    "quarantine": "List or export refused rows.",
    "query": "Count the incidents of a selection in one view.",
    "restore": "Copy a backup to an empty home folder.",
    "retention": "Remove what is older than the rules keep it.",
    "retract": "Remove sealed or expunged incidents for good.",
    "series": "Propose candidate series, and say what is decided about them.",
    "serve": "Serve the app with gunicorn.",
    "snapshots": "List, verify, renew, roll back, push or pull snapshots.",
    "sync": "Load what has arrived since the last run.",
    "tokens": "Create, list or revoke tokens of programs.",
    "train": "Train models, run their promotion checks and register them.",
    "uploads": "List, understand, load or remove files sent with the browser.",
    "users": "Add, list, disable or reset accounts.",
    "visits": "Import visits of officers, and compare them with a plan.",
    "worker": "Run queued jobs until stopped.",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"analytics.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="patroliq")
def patroliq() -> None:
    """Crime analysis on your agency's own machine.

    Exit codes: 0 done, 1 failed, 2 input not valid, 3 busy, 4 damaged data, 5 no connection,
    6 done, but much of the input was refused.
    """


def main() -> None:
    """Entry point of the console script."""
    private.set_umask()
    logs.configure_command()
    try:
        patroliq(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except PatrolIQError as error:
        report_failure(error)
        sys.exit(error.exit_code)
    except Exception as error:
        report_crash(error)
        sys.exit(PatrolIQError.exit_code)
