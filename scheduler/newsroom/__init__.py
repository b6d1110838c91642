"""The editor's verbs: what people may do with stories and deliveries. The command line and the desk both call these.

Each verb is one transaction: it checks what may be done, does it, and writes the audit. What may not be done raises
``Refused`` with a sentence that says why and what to do instead.
"""

from scheduler.newsroom.approving import approve, approve_issue
from scheduler.newsroom.calling_off import cancel, skip
from scheduler.newsroom.free_posting import free_post
from scheduler.newsroom.grounds import Changed, Refused
from scheduler.newsroom.repeating import again
from scheduler.newsroom.settling import settle
from scheduler.newsroom.timing import now, schedule
from scheduler.newsroom.wording import edit

__all__ = [
    "Changed",
    "Refused",
    "again",
    "approve",
    "approve_issue",
    "cancel",
    "edit",
    "free_post",
    "now",
    "schedule",
    "settle",
    "skip",
]
