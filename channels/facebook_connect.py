"""Connecting a Facebook Page through facebook-sdk: a code, a person's token, a long-lived one, the Page's own.

A Page's token that was made from a long-lived one does not end by itself. Every step reads the answer by itself, for the
SDK calls some refusals a success.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import facebook

from channels.errors import error_for
from channels.facebook_errors import error_in
from channels.granted import Asking, Begun, Granted
from channels.wire import PinnedSession, WireFault
from db.records import Failure, Outcome

_SDK_HOST: Final = "https://graph.facebook.com"
_WWW: Final = "https://www.facebook.com"
_MOST_PAGES: Final = 20
PERMISSIONS: Final = ("pages_show_list", "pages_read_engagement", "pages_manage_posts", "pages_manage_engagement")
"""What is asked for: see the Pages, read, post, comment."""


def begin(asking: Asking, version: str, app_id: str, app_secret: str, redirect: str, state: str) -> Begun:
    """The address at which Facebook asks the person; nothing is sent."""
    graph = _graph(asking, version)
    address: str = graph.get_auth_url(app_id, redirect, list(PERMISSIONS), state=state, response_type="code")
    host = _WWW if asking.base_url == _SDK_HOST else asking.base_url
    return Begun(host + address.removeprefix(_WWW), {"APP_ID": app_id, "APP_SECRET": app_secret, "REDIRECT": redirect})


def finish(asking: Asking, version: str, values: Mapping[str, str], answer: str, page_id: str) -> Granted:
    """The Page's token, for a code, or for a person's token that was made elsewhere. Raises one of the five errors."""
    graph = _graph(asking, version)
    app = (values["APP_ID"], values["APP_SECRET"])
    if answer.startswith("EAA"):  # as every token of Graph; codes begin otherwise
        graph.access_token = answer
    else:
        told = _made(graph, "the code", lambda: graph.get_access_token_from_code(answer, values["REDIRECT"], *app))
        graph.access_token = _token_in(told)
    told = _made(graph, "the person's token", lambda: graph.extend_access_token(*app))
    graph.access_token = _token_in(told)
    token = _page_token(graph, page_id)
    return Granted({"PAGE_TOKEN": token, "APP_ID": app[0], "APP_SECRET": app[1]})


def _page_token(graph: Any, page_id: str) -> str:
    """The token of one of the Pages that the person runs. Raises ``Rejected`` with the Pages that there are."""
    names: list[str] = []
    after: str | None = None
    for _ in range(_MOST_PAGES):
        asked = {"fields": "id,name,access_token,tasks", "limit": "100"} | ({"after": after} if after else {})
        told = _made(graph, "the person's token", partial(graph.request, f"{graph.version}/me/accounts", asked))
        rows = told.get("data")
        for row in rows if isinstance(rows, list) else ():
            if not isinstance(row, Mapping):
                continue
            if str(row.get("id")) == page_id:
                return _usable(row)
            names.append(f"{row.get('name', '')} ({row.get('id', '')})")
        cursors = (told.get("paging") or {}).get("cursors") or {}
        after = str(cursors.get("after") or "") if (told.get("paging") or {}).get("next") else None
        if not after:
            break
    there = f"They run: {', '.join(names[:20])}." if names else "They run no Page that they let the app see."
    sentence = f"This person does not run the Page {page_id} that the settings name. {there}"
    raise error_for(Failure(Outcome.REJECTED, "no page", sentence))


def _usable(row: Mapping[str, Any]) -> str:
    tasks, token = row.get("tasks"), row.get("access_token")
    if isinstance(tasks, list) and "CREATE_CONTENT" not in tasks:
        sentence = "This person may not post on the Page. Give them the task to create content, then begin anew."
        raise error_for(Failure(Outcome.REJECTED, "no task", sentence))
    if not token:
        sentence = "Facebook gave no token for the Page. Let the app have pages_show_list, then begin anew."
        raise error_for(Failure(Outcome.REJECTED, "no token", sentence))
    return str(token)


def _graph(asking: Asking, version: str) -> Any:
    session = PinnedSession({_SDK_HOST: asking.base_url}, deadline=asking.deadline, mode=asking.mode, bearer=True)
    graph = facebook.GraphAPI(session=session)
    graph.version = version
    return graph


def _token_in(told: Mapping[str, Any]) -> str:
    token = told.get("access_token")
    if not token:
        sentence = "Facebook answered without a token. Begin anew."
        raise error_for(Failure(Outcome.UNCERTAIN, "no token", sentence))
    return str(token)


def _made(graph: Any, what: str, call: Callable[[], object]) -> Mapping[str, Any]:
    session: PinnedSession = graph.session
    session.forget()
    try:
        call()
    except WireFault as fault:
        raise error_for(_wire(what, fault)) from None
    except Exception as error:  # whatever the SDK makes of the answer: the answer itself is what counts
        if session.last is None:
            raise error_for(_wire(what, session.unsendable(error))) from None
    answer = session.last
    content = answer.content() if answer is not None else None
    if answer is not None and answer.status == 200 and isinstance(content, Mapping) and not error_in(answer):
        return content
    status = answer.status if answer is not None else 0
    told = error_in(answer) if answer is not None else None
    if told and status < 500:
        code = told.get("code") if isinstance(told, Mapping) else None
        sentence = f"Facebook did not accept {what} (code {code}). Begin anew."
        raise error_for(Failure(Outcome.REJECTED, f"graph {code}", sentence))
    sentence = f"Facebook gave no clear answer ({status}). Begin anew."
    raise error_for(Failure(Outcome.UNCERTAIN, f"http {status}", sentence))


def _wire(what: str, fault: WireFault) -> Failure:
    if fault.left:
        sentence = f"Facebook gave no clear answer ({fault}), and {what} may be used up. Begin anew."
        return Failure(Outcome.UNCERTAIN, f"wire: {fault.code}", sentence)
    sentence = f"Facebook could not be reached: {fault}. Nothing left this house; try again."
    return Failure(Outcome.UNREACHABLE, f"wire: {fault.code}", sentence)
