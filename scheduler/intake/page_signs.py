"""What pages say when they do not show the story: missing, walled off, or asking whether we are a robot."""

from __future__ import annotations

import re

_MISSING = re.compile(
    r"(?:error\s*)?\b(?:404|410)\b(?:\s*[|–—:.-].*|\s*error.*|\s*not found.*)?$|"
    r"^(?:sorry[,.]? )?(?:the |this |your |that )?(?:requested )?(?:page|article|story|content|post|url)\b.{0,40}"
    r"(?:not found|(?:does not|doesn['’]t|no longer) exist|(?:can(?:not|['’]t)|could ?n(?:ot|['’]t)) be found|"
    r"(?:is )?(?:no longer|not) available|has been removed)|"
    r"^(?:page |article )?not found\b|^nothing found\b|^oops\b.{0,60}$|"
    r"(?:seite|artikel|beitrag)\b.{0,30}(?:nicht gefunden|existiert nicht|nicht (?:mehr )?verfügbar)|"
    r"(?:page|article)\b.{0,20}(?:introuvable|n['’]existe (?:pas|plus))|página no encontrada|pagina non trovata|"
    r"página não encontrada|pagina niet gevonden|(?:ページ|記事).{0,16}(?:見つかりません|存在しません|削除)|"
    r"(?:页面|頁面|文章).{0,8}(?:不存在|找不到|未找到|已删除)",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    r"^(?:just a moment|attention required|access denied|are you (?:a )?(?:human|robot)|verify(?:ing)? you are human|"
    r"please verify|security check|ddos protection|robot check|pardon our interruption|checking your browser|"
    r"403 forbidden|one more step|bot verification|before you continue)\b",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"\b(?:subscribe|sign in|log in|register|become a (?:member|subscriber))\b.{0,60}\b(?:to (?:continue|read|"
    r"keep reading|unlock|access)|"
    r"continue reading|full (?:story|article|access))\b|"
    r"\bthis (?:article|story|content) is (?:for|reserved for|only available to|"
    r"exclusive to) (?:our )?(?:paid |premium )?(?:subscribers|members)|"
    r"\b(?:you have|you['’]ve) (?:reached|read) (?:your|all)\b.{0,40}\b(?:limit|free articles?)|"
    r"\b(?:weiterlesen mit|jetzt (?:abonnieren|freischalten)|nur für abonnent|exklusiv für abonnent|"
    r"diesen artikel freischalten)|"
    r"\b(?:cet article est réservé|réservé aux abonnés|il vous reste \d+)|\bexclusivo para suscriptores|"
    r"\bsolo per abbonati|"
    r"この記事は(?:有料|会員限定)|会員限定|続きを読むには|(?:订阅|登录)后.{0,6}阅读",
    re.IGNORECASE,
)


def is_missing_page(title: str) -> bool:
    """True for a title or heading that says the page is not there, although the server said 200."""
    return bool(_MISSING.search(title[:200].strip()))


def is_robot_check(title: str) -> bool:
    """True for the title of a page that stands before the story to keep robots out."""
    return bool(_ROBOT.search(title[:200].strip()))


def says_paywall(line: str) -> bool:
    """True for a line that asks readers to pay or register before they may read on."""
    return len(line) < 600 and bool(_PAYWALL.search(line))
