"""`patroliq ask`: read a plain phrase as a selection, and say what was not understood."""

from __future__ import annotations

import click

from analytics.cli.output import emit, json_option
from analytics.cli.pinned import pin_snapshot
from analytics.settings import Settings


@click.command("ask")
@click.argument("phrase")
@json_option
def command(phrase: str, as_json: bool) -> None:
    """Read a phrase such as "robberies on friday nights in district 11 last summer".

    Prints the selection that it means, for `patroliq query` and the address of a page, and the
    words that are not in it. Dates are read at the last day of the data.
    """
    from analytics.ask.sentences import lack_text
    from analytics.crossfilter.all_but import few_left_out
    from analytics.crossfilter.sentence import sentence

    pinned = pin_snapshot(Settings.from_environment())
    vocabulary = pinned.vocabulary
    reading = pinned.grammar.read(phrase)
    result = {
        "selection": reading.selection.text,
        "sentence": sentence(
            reading.selection,
            pinned.snapshot.manifest,
            vocabulary.names,
            few_left_out(reading.selection, vocabulary),
        ),
        "not_understood": [lack_text(lack, vocabulary) for lack in reading.not_understood],
    }
    lines = [f"Not understood: {lack}" for lack in result["not_understood"]]
    lines += [f'Read "{one.typed}" as "{one.read}".' for one in reading.respelled]
    emit(result, as_json, lambda: [str(result["sentence"]), str(result["selection"]), *lines])
