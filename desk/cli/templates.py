"""``pressrun templates check``: do all templates work, ours and the newsroom's own?"""

from __future__ import annotations

import typer

from desk.cli.options import AsJson, SettingsFile

templates = typer.Typer(add_completion=False, rich_markup_mode=None)


@templates.callback()
def _templates() -> None:
    """Try the templates on the sample stories.

    \b
    Example:
      pressrun templates check
    """


@templates.command("check")
def check(as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Fill every template, the newsroom's own included, with the sample stories; name each fault's file and line.

    Opens no database and sends nothing. Ends with 2 when a template cannot be used.

    \b
    Example:
      pressrun templates check
    """
    from desk.cli.opening import load_settings, modes_of
    from desk.cli.printing import Page
    from templates.check import check_templates, template_files
    from templates.check_newsletter import check_newsletter
    from templates.style import OURS

    loaded = load_settings(settings).settings
    own = (loaded.teasers.folder,) if loaded.teasers.folder is not None else ()
    page = Page(modes_of(loaded), as_json=as_json)
    problems = (*check_templates(own), *check_newsletter(own))
    for problem in problems:
        page.say(problem.message)
    count = len(template_files((*own, OURS)))
    if not problems:
        whose = f"ours and those in {own[0]}" if own else "ours; [teasers] folder names a place for your own"
        page.say(f"All templates can be used: {count} for teasers and those of the newsletter ({whose}).")
    faults = [{"code": one.code, "sentence": one.message} for one in problems]
    page.give(ok=not problems, folder=str(own[0]) if own else None, templates=count, faults=faults)
    return 2 if problems else 0
