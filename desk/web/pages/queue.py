"""The queue: stories as they come, with what became of them; take, skip, say how urgent; add by address, text or file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from db import articles, log, sections, story_list
from db.records import Article, Priority, Publish, State
from db.story_list import StoryFilter, StoryLine, Which
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page, Reader
from desk.web.pages.taken_told import as_words, came, summary
from scheduler import newsroom
from scheduler.hand_in import HandedIn, hand_in
from scheduler.intake.errors import IntakeError
from scheduler.intake.targets import Said
from scheduler.newsroom import Refused
from scheduler.people.actor import NotAllowed
from scheduler.people.roles import Permission

routes = APIRouter()
ROWS = 40
MOST_IN_BULK = 100
OVER = {State.SENT, State.FAILED, State.EXPIRED, State.CANCELLED, State.UNKNOWN}
"""States of posts that a skip changes nothing of."""
Queuer = Annotated[Visitor, Depends(may(Permission.QUEUE))]


@routes.get("/queue")
def queue(visitor: Reader) -> Response:
    """A page of stories, the newest first."""
    return _page(visitor)


@routes.post("/queue/add")
def add(visitor: Queuer) -> Response:
    """Takes stories in: an address, pasted text, files; what is no story is told, the others are in."""
    form = visitor.form
    address, text = str(form.get("address", "")).strip(), str(form.get("text", "")).replace("\r\n", "\n").strip()
    link, section = str(form.get("link", "")).strip(), str(form.get("section", "")).strip()
    ask = form.get("ask") == "1"
    said = Said(url=link or None, section=section or None, wants_yes=ask)
    alike = Said(section=section or None, wants_yes=ask)
    taken, faults, misread = list[HandedIn](), list[str](), ""

    def into(target: str, content: bytes | None, what: Said) -> None:
        try:
            came, refused = hand_in(visitor.app, target, actor=visitor.actor, said=what, text=content)
        except IntakeError as no:
            faults.append(str(no))
            return
        taken.extend(came)
        faults.extend(one.sentence for one in refused)

    if address:
        if address.lower().startswith(("http://", "https://")):
            into(address, None, alike)
        else:
            misread = visitor.words("queue.no_address", address=address[:80])
    if text:
        into("pasted.txt", text.encode(), said)
    files = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    for file in files:
        name = (file.filename or "file").replace("\\", "/").rpartition("/")[2]
        into(name, file.file.read(), said if len(files) == 1 else alike)
    if not (taken or faults or misread):
        faults.append(visitor.words("queue.nothing_given"))
    if faults or misread:
        status = 200 if taken else 422
        return _page(visitor, faults=faults, misread=misread, taken=taken, text=text, address=address, status=status)
    if len(taken) == 1:
        return visitor.go(f"/story/{taken[0].article.id}", done=f"added_{taken[0].taken.what}")
    return visitor.go("/queue", done="added", **as_words(taken))


@routes.post("/queue/act")
def act(visitor: Queuer) -> Response:
    """One verb for all stories that were ticked, or for the one whose button it is."""
    word, _, number = str(visitor.form.get("verb", "")).partition(":")
    verb = VERBS.get(word)
    ids = [number] if number else [str(one) for one in visitor.form.getlist("row")]
    stories = [int(one) for one in ids if one.isdecimal()][:MOST_IN_BULK]
    back = str(visitor.form.get("back", ""))
    back = back if back == "/queue" or back.startswith("/queue?") else "/queue"
    if verb is None or not stories:
        return visitor.go(back, done="nothing_ticked")
    done, refused = 0, list[str]()
    for one in stories:
        try:
            verb(visitor, one)
            done += 1
        except (Refused, LookupError) as no:
            refused.append(str(no))
        except NotAllowed as no:
            refused.append(str(no))
            break
    if not refused:
        return visitor.go(back, done=f"queue_{word}", n=done)
    return visitor.page("bulk.html", {"done_count": done, "refused": refused, "back": back}, status=409)


def _take(visitor: Visitor, article_id: int) -> None:
    newsroom.take(visitor.app, article_id, actor=visitor.actor)


def _skip(visitor: Visitor, article_id: int) -> None:
    newsroom.skip(visitor.app, article_id, actor=visitor.actor, reason=str(visitor.form.get("reason", "")).strip())


def _urgent(priority: Priority) -> Callable[[Visitor, int], None]:
    def say(visitor: Visitor, article_id: int) -> None:
        newsroom.prioritise(visitor.app, article_id, priority, actor=visitor.actor)

    return say


VERBS: dict[str, Callable[[Visitor, int], None]] = {
    "take": _take,
    "skip": _skip,
    **{priority.value: _urgent(priority) for priority in Priority},
}
"""What may be done with ticked stories."""


def _page(
    visitor: Visitor,
    *,
    faults: list[str] | None = None,
    misread: str = "",
    taken: list[HandedIn] | None = None,
    text: str = "",
    address: str = "",
    status: int = 200,
) -> Response:
    query = visitor.request.query_params
    given = {name: query.get(name, "").strip()[:200] for name in ("which", "text", "section", "source")}
    which = Which(given["which"]) if given["which"] in set(Which) else Which.ALL
    before = query.get("before", "")
    wanted = StoryFilter(which, given["text"], given["section"], given["source"])
    with visitor.app.ground.reading() as tx:
        mark = int(before) if before.isdecimal() and len(before) < 19 else None
        found = story_list.stories(tx, wanted, ROWS + 1, mark)
        more, found = len(found) > ROWS, found[:ROWS]
        ids = [one.id for one in found]
        cells = {row.article_id: row.cells for row in log.matrix(tx, ids, limit=ROWS)}
        states = {one: _states(row, list(visitor.app.outlets)) for one, row in cells.items()}
        pictures = {one.id: _picture(one) for one in articles.several(tx, ids)}
        known = sorted(set(sections.known(tx)), key=str.casefold)
    fits = {one.id: _fitting(one, states.get(one.id, [])) for one in found}
    words = {name: value for name, value in given.items() if value}
    told = as_words(taken) if taken else dict(query) if query.get("done") == "added" else {}
    came_in = came(visitor, told)
    posting = [one for one in visitor.app.outlets.values() if not one.crowd]
    values = {
        "stories": found,
        "states": states,
        "fits": fits,
        "offered": {verb for verbs in fits.values() for verb in verbs},
        "pictures": pictures,
        "given": given,
        "narrowed": bool(words) and words != {"which": Which.ALL.value},
        "which": list(Which),
        "sections": [one for one in known if one],
        "sources": sorted({*visitor.app.sources, "desk"}),
        "next": f"/queue?{urlencode({**words, 'before': found[-1].id})}" if more else "",
        "first": f"/queue?{urlencode(words)}" if mark is not None else "",
        "back": f"/queue?{urlencode(words)}" if words else "/queue",
        "faults": faults or [],
        "misread": misread,
        "came_in": came_in,
        "came_to": summary(visitor, came_in),
        "text": text,
        "typed": address,
        "priorities": list(Priority),
        "by_itself": [one.name for one in posting if one.rules.asks is Publish.AUTO],
        "asking": [one.name for one in posting if one.rules.asks is Publish.APPROVE],
    }
    return visitor.page("queue.html", values, status=status)


def _states(cells: Mapping[str, log.Cell], channels: list[str]) -> list[tuple[State, list[tuple[str, int]]]]:
    """What became of a story: each state once, with the channels that are in it and their deliveries."""
    found: dict[State, list[tuple[str, int]]] = {}
    for channel in channels:
        if (cell := cells.get(channel)) is not None:
            found.setdefault(cell.delivery.state, []).append((channel, cell.delivery.id))
    return list(found.items())


def _fitting(story: StoryLine, states: list[tuple[State, list[tuple[str, int]]]]) -> list[str]:
    """The verbs that a story takes now; how urgent it is may always be said."""
    take = ["take"] if story.in_line or story.skipped_at is not None else []
    return [*take, *(["skip"] if _skippable(story, states) else []), *(one.value for one in Priority)]


def _skippable(story: StoryLine, states: list[tuple[State, list[tuple[str, int]]]]) -> bool:
    """Whether a skip would still keep something of a story from going."""
    if story.skipped_at is not None:
        return False
    return story.in_line or not states or any(state not in OVER for state, _ in states)


def _picture(article: Article) -> str:
    image = article.image
    return f"/media/{image.sha256}" if image is not None and image.path and image.sha256 else ""


PAGE = Page("queue", "/queue", Permission.READ, routes, icon="queue")
