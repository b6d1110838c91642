"""The command line. This file holds the table of commands and imports nothing of ours, so that help is quick."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One line of ``pressrun --help``, and where its code lies until somebody calls it.

    ``place`` is ``module:name``. The name is a function with Typer's annotations, or a ``typer.Typer`` for a
    command with commands under it.
    """

    place: str
    sentence: str


COMMANDS: dict[str, Command] = {
    "init": Command("desk.cli.starting:init", "Make a newsroom's folder that works as it is."),
    "demo": Command("desk.cli.demo:demo", "Show the main job on sample stories."),
    "settings": Command("desk.cli.checking:settings", "Check the settings file."),
    "channels": Command("desk.cli.channels:channels", "Show the channels, or check what they may do."),
    "live": Command("desk.cli.going_live:live", "Take a channel live, or back to rehearsal."),
    "secrets": Command("desk.cli.sealing:secrets", "Seal the secrets in the database with a fresh key."),
    "shadow": Command("desk.cli.shadowing:shadow", "Compare a rehearsal with what people posted."),
    "sources": Command("desk.cli.sources:sources", "Show the sources, or read them without storing."),
    "webhooks": Command("desk.cli.webhooks:webhooks", "Show the webhooks; test, pause or replay one."),
    "templates": Command("desk.cli.templates:templates", "Try all templates on the sample stories."),
    "rules": Command("desk.cli.rules:rules", "Show the rules about stories, or try them on one."),
    "doctor": Command("desk.cli.checking:doctor", "Tell what needs a person, and the command for it."),
    "add": Command("desk.cli.handing_in:add", "Take stories in from files, web pages or a pipe."),
    "queue": Command("desk.cli.queue:queue", "Show what is still to come, and when."),
    "preview": Command("desk.cli.previewing:preview", "Show exactly what would be sent for a story."),
    "teaser": Command("desk.cli.teasing:teaser", "Write teasers for stories that come as JSON lines."),
    "edit": Command("desk.cli.wording:edit", "Change the words of a story on one channel."),
    "address": Command("desk.cli.addressing:address", "Say where readers find a story."),
    "approve": Command("desk.cli.deciding:approve", "Say yes to exactly the posts that wait."),
    "schedule": Command("desk.cli.deciding:schedule", "Give a story's posts an exact moment."),
    "now": Command("desk.cli.deciding:now", "Let a story's posts go at once."),
    "skip": Command("desk.cli.calling_off:skip", "Make nothing more of a story."),
    "cancel": Command("desk.cli.calling_off:cancel", "Call one delivery off."),
    "hold": Command("desk.cli.holding:hold", "Keep a delivery, story, section or channel from going."),
    "release": Command("desk.cli.holding:release", "Let what was held go again."),
    "pause": Command("desk.cli.holding:pause", "Pause everything, with a reason that everybody sees."),
    "resume": Command("desk.cli.holding:resume", "End a pause without a burst."),
    "stop": Command("desk.cli.taking_back:stop", "Show what of a story can still be stopped, and stop it."),
    "takedown": Command("desk.cli.taking_back:takedown", "Take one post down."),
    "kill": Command("desk.cli.taking_back:kill", "Take a whole story back everywhere."),
    "revive": Command("desk.cli.taking_back:revive", "Take a kill back."),
    "embargo": Command("desk.cli.urgency:embargo", "Set, move or lift a story's embargo."),
    "breaking": Command("desk.cli.urgency:breaking", "Declare a story breaking, or take that back."),
    "correct": Command("desk.cli.correcting:correct", "Correct a story that is out."),
    "again": Command("desk.cli.ordering:again", "Post a story once more, in other words."),
    "retry": Command("desk.cli.ordering:retry", "Try posts that failed once more."),
    "evergreen": Command("desk.cli.evergreens:evergreen", "Let a story come again by rule, or show what does."),
    "post": Command("desk.cli.ordering:post", "Post your own words, without a story."),
    "settle": Command("desk.cli.calling_off:settle", "Settle an uncertain delivery, or leave a failed one."),
    "run": Command("desk.cli.working:run", "Do the day's work, and hand in the day's sheet."),
    "serve": Command("desk.cli.working:serve", "Stay and work until told to stop."),
    "tick": Command("desk.cli.working:tick", "Do one step, or show what it would send."),
    "log": Command("desk.cli.reading_log:log", "Answer where a story went and what was said."),
    "show": Command("desk.cli.showing:show", "Show a story, or a delivery with every attempt."),
    "issue": Command("desk.cli.issue:issue", "Show, test, send, stop or correct newsletter issues."),
    "lists": Command("desk.cli.readers:lists", "Show the lists; import or export readers."),
    "subscribers": Command("desk.cli.subscribers:subscribers", "Show, add, remove or erase readers."),
    "suppress": Command("desk.cli.suppressing:suppress", "Lay or lift orders not to write."),
    "bounces": Command("desk.cli.bounces:bounces", "Show what came back from readers, or take it in."),
    "people": Command("desk.cli.people:people", "Show who may come into the desk; add, change."),
    "rehearse": Command("desk.cli.keeping:rehearse", "Leave the rehearsal platforms running."),
    "backup": Command("desk.cli.keeping:backup", "Copy the database while others work."),
    "upgrade": Command("desk.cli.keeping:upgrade", "Bring the database to the newest schema."),
    "adopt": Command("desk.cli.keeping:adopt", "Go on from a restored or moved database."),
}
"""Every command by its name, in the order in which help lists them."""
