"""The editor's verbs: what people may do with stories and deliveries. The command line and the desk both call these.

Each verb is one transaction: it checks what may be done, does it, and writes the audit. What may not be done raises
``Refused`` with a sentence that says why and what to do instead.
"""

from scheduler.newsroom.approving import approve, approve_issue
from scheduler.newsroom.arranging import arrange_issue, leave_out, order_next, word_next
from scheduler.newsroom.calling_off import cancel, skip
from scheduler.newsroom.carrying_out import carry_out
from scheduler.newsroom.correcting import correct
from scheduler.newsroom.correcting_mail import MailCorrected, correct_mail
from scheduler.newsroom.embargoing import Embargoed, embargo, lift_embargo
from scheduler.newsroom.evergreening import Evergreen, end_evergreen, evergreen_stories, mark_evergreen
from scheduler.newsroom.foreseeing_mail import Foreseen, foresee_mail
from scheduler.newsroom.free_posting import free_post
from scheduler.newsroom.going_live import Readiness, go_back, go_live, is_live, readiness, same_account
from scheduler.newsroom.grounds import Changed, Refused
from scheduler.newsroom.holding import Laid, Reach, hold
from scheduler.newsroom.issuing import alert_now, cut_now, pin, recompose, send_issue
from scheduler.newsroom.killing import Killed, kill, revive
from scheduler.newsroom.linking import give_address, go_without_link
from scheduler.newsroom.moving import InTheWay, move
from scheduler.newsroom.picturing import given_pictures, keep_upload, may_carry
from scheduler.newsroom.queueing import prioritise, take
from scheduler.newsroom.releasing import Proposal, Resumption, Way, propose, resume
from scheduler.newsroom.repeating import again, retry, tried_again_as
from scheduler.newsroom.rushing import Rushed, declare_breaking, undo_breaking
from scheduler.newsroom.settling import leave, settle
from scheduler.newsroom.taking_back import Did, TakenBack, take_down
from scheduler.newsroom.timing import now, schedule
from scheduler.newsroom.trying_out import try_out
from scheduler.newsroom.whole_story import Whole, cancel_story, take_story_down, whole
from scheduler.newsroom.wording import Overtaken, edit

__all__ = [
    "Changed",
    "Did",
    "Embargoed",
    "Evergreen",
    "Foreseen",
    "InTheWay",
    "Killed",
    "Laid",
    "MailCorrected",
    "Overtaken",
    "Proposal",
    "Reach",
    "Readiness",
    "Refused",
    "Resumption",
    "Rushed",
    "TakenBack",
    "Way",
    "Whole",
    "again",
    "alert_now",
    "approve",
    "approve_issue",
    "arrange_issue",
    "cancel",
    "cancel_story",
    "carry_out",
    "correct",
    "correct_mail",
    "cut_now",
    "declare_breaking",
    "edit",
    "embargo",
    "end_evergreen",
    "evergreen_stories",
    "foresee_mail",
    "free_post",
    "give_address",
    "given_pictures",
    "go_back",
    "go_live",
    "go_without_link",
    "hold",
    "is_live",
    "keep_upload",
    "kill",
    "leave",
    "leave_out",
    "lift_embargo",
    "mark_evergreen",
    "may_carry",
    "move",
    "now",
    "order_next",
    "pin",
    "prioritise",
    "propose",
    "readiness",
    "recompose",
    "resume",
    "retry",
    "revive",
    "same_account",
    "schedule",
    "send_issue",
    "settle",
    "skip",
    "take",
    "take_down",
    "take_story_down",
    "tried_again_as",
    "try_out",
    "undo_breaking",
    "whole",
    "word_next",
]
