"""`patroliq briefing`: a briefing with cited numbers, as PDF, HTML, Word or PowerPoint."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, warn

if TYPE_CHECKING:
    from analytics.briefing.document import BriefingDocument

DAY = click.DateTime(["%Y-%m-%d"])
NAMES = ["weekly", "monthly", "district"]


@click.group("briefing", invoke_without_command=True)
@click.option("--template", type=click.Choice(NAMES), help="What the briefing has.")
@click.option("--selection", default="", help='Any selection, such as "type=ROBBERY".')
@click.option(
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; its ending says the format: .pdf, .html, .docx or .pptx.",
)
@click.option("--as-of", type=DAY, help="Last day counted. Default: the last complete day.")
@click.option("--paper", type=click.Choice(["letter", "a4"]), default="letter", show_default=True)
@click.option("--title", default="", help="Default: the template's name and its days.")
@click.option("--audience", default="", help="Whom the briefing is for, such as Command staff.")
@json_option
@click.pass_context
def command(context: click.Context, *, file: Path | None, as_json: bool, **given: Any) -> None:
    """Write a briefing, every number of which cites snapshot, selection and method.

    docs/briefing.md says what the templates have.
    """
    if context.invoked_subcommand is not None:
        return
    if given["template"] is None or file is None:
        raise click.UsageError("--template and --out are needed.")
    from analytics.briefing.files import briefing_file, format_of

    made_as = format_of(file.name)
    document = _drafted(given)
    content = briefing_file(document, made_as, given["paper"])
    file.write_bytes(content)
    emit(
        {"file": str(file), **document.as_json(), "sources": list(document.sources)},
        as_json,
        lambda: [f"{file}: {document.title}, {len(document.cards)} cards, "
                 f"{len(document.sources)} sources."],
    )  # fmt: skip


def _drafted(given: dict[str, Any]) -> BriefingDocument:
    from analytics.cli.pinned import pin_snapshot
    from analytics.drafting.draft import draft_briefing
    from analytics.drafting.request import BriefingRequest, Template
    from analytics.services import Services
    from analytics.settings import Settings

    settings = Settings.from_environment()
    as_of: datetime | None = given["as_of"]
    request = BriefingRequest(
        Template(given["template"]), given["selection"], as_of.date() if as_of else None,
        given["title"], given["audience"],
    )  # fmt: skip
    made = draft_briefing(Services(settings), pin_snapshot(settings), request)
    for remark in made.remarks:
        warn(remark)
    return made.document
