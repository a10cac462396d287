"""Programmes to start from."""

from __future__ import annotations

import click

from plugin.cli.programmes import LANGUAGE
from plugin.messages import Words
from plugin.rules.templates import Benefit, get_template, template_names


@click.command()
@LANGUAGE
def templates(language: str) -> None:
    """List the programmes to start from, each with its name and what it is."""
    words = Words(language)
    for name in template_names():
        notes = get_template(name).notes
        click.echo(f"{name:<36} {words.pick(notes.title)}. {words.pick(notes.about)}")


@click.command()
@click.argument("name")
@click.option("--notes", is_flag=True, help="Print what is known of it: sources, and what becomes of each benefit.")
@LANGUAGE
def template(name: str, notes: bool, language: str) -> None:
    """Print the document of the template NAME, ready to be edited and applied."""
    found = get_template(name)
    if not notes:
        click.echo(found.text, nl=False)
        return
    words, of = Words(language), found.notes
    click.echo(f"{words.pick(of.title)}\n{words.pick(of.about)}\n")
    for benefit in of.benefits:
        click.echo(_line(words, benefit))
    for head, sentences in (("assumptions", of.assumptions), ("before_you_publish", of.before_you_publish)):
        click.echo(f"\n{words.say(f'programme.template.{head}')}")
        for sentence in sentences:
            click.echo(f"- {words.pick(sentence)}")
    click.echo(f"\n{words.say('programme.template.sources', day=of.read_on)}")
    for source in of.sources:
        click.echo(f"{source.id}: {source.where}" + (f" ({source.dated})" if source.dated else ""))


def _line(words: Words, benefit: Benefit) -> str:
    standing = words.say(f"programme.template.{benefit.standing}")
    note = f" {words.pick(benefit.note)}" if benefit.note else ""
    parts = f" [{', '.join(benefit.parts)}]" if benefit.parts else ""
    return f"- {standing}: {words.pick(benefit.what)}.{note}{parts}"
