"""The lines around a story, as patterns: what each kind of them looks like in the languages we read.

Every pattern is matched against one cleaned line of at most ``LONGEST`` characters, so none can run away.
Order matters: the first kind that matches names the line.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 400
"""A longer line is a paragraph of the story, whatever it begins with (corrections excepted)."""

_NETS = (
    r"(?:twitter|x|facebook|instagram|threads|bluesky|mastodon|telegram|whatsapp|linkedin|youtube|tiktok|google news)"
)
_AGENCY = (
    r"(?:reuters|ap|associated press|the associated press|afp|agence france-presse|dpa|upi|tass|efe|ansa|xinhua|"
    r"kyodo(?: news)?|jiji(?: press)?|bloomberg|ani|pti|ians|yonhap|apa|sda|keystone-sda|epd|kna|sid|afp/dpa|"
    r"(?:own|staff) (?:report|correspondent)|agencies|news agencies|wire services|bernama|interfax|dpa-afx|"
    r"lusa|belga|ntb|tt|ritzau)"
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


WHOLE_LINES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "correction",
        _any(
            r"(?:correction|corrections|clarification|update|editor['’]?s['’]? note|editors['’] note|"
            r"note to readers|korrektur|"
            r"berichtigung|richtigstellung|anmerkung der redaktion|anm\. d\. red\.|rectificatif|correction|"
            r"erratum|corrección|"
            r"fe de erratas|nota de la redacción|rettifica|correção|お詫びと訂正|訂正|"
            r"更正)\s*(?:\([^)]{1,40}\))?\s*[:：–—-].*",
            r"(?:an? )?(?:earlier|previous) versions? of (?:this|the) (?:article|story|post|report|headline|"
            r"piece|column)\b.*",
            r"this (?:article|story|post|report|piece) (?:was|has been) (?:amended|corrected|updated|changed|"
            r"edited)\b.*",
            r"in einer früheren (?:version|fassung)\b.*",
        ),
    ),
    (
        "read-more",
        _any(
            r"[\W_]{0,4}(?:read|see|watch|listen)(?: also| more| next| the full \w+| full \w+)?\s*[:|：>»–—]\s*.*",
            r"[\W_]{0,4}(?:also read|read also|see also|read more|read next|more on this(?: story| topic)?|"
            r"more from|recommended|"
            r"related(?: (?:articles?|stor(?:y|ies)|links?|posts?|content|coverage|topics?|news))?|"
            r"don['’]t miss|you may also like|"
            r"must read|most read|trending(?: now)?|up next|what to read next)(?:\s*[:|：>»–—].*|\W{0,3})",
            r"[\W_]{0,4}(?:continue reading|click here|tap here|read the full (?:story|article|report)|"
            r"read more (?:here|at|on)|"
            r"keep reading|story continues|article continues|scroll (?:down )?(?:to|for))\b.{0,120}",
            r"the post .{1,250} (?:appeared first on|first appeared on) .{1,80}",
            r"[\W_]{0,4}(?:lesen sie auch|mehr zum thema|mehr dazu|mehr über|weiterlesen|zum thema|"
            r"auch interessant|das könnte sie auch "
            r"interessieren|siehe auch|lire aussi|à lire aussi|lire la suite|voir aussi|sur le même sujet|"
            r"lea también|lee también|"
            r"leer más|te puede interesar|leggi anche|leia também|leia mais|lees ook|läs också|les også|"
            r"læs også)(?:\s*[:|：>»–—].*|\W{0,3}|\s.{0,100}[^.!?])",
            r"[\W_]{0,4}(?:関連記事|あわせて読みたい|続きを読む|もっと読む|こちらもおすすめ|相关阅读|相关新闻|"
            r"延伸阅读|阅读全文|관련기사).{0,150}",
        ),
    ),
    (
        "follow",
        _any(
            rf"[\W_]{{0,4}}(?:please )?(?:follow|join|like|find|connect with|friend|add|subscribe to) (?:us|"
            rf"me|our|@\w+)\b"
            rf".{{0,60}}\b{_NETS}\b.{{0,100}}",
            rf"[\W_]{{0,4}}(?:please )?follow (?:[\w.'’-]+ ){{1,6}}on {_NETS}\b[^.!?]{{0,60}}\W{{0,2}}",
            rf"(?:please )?(?:join|follow|like)(?: us)? (?:on|at) .{{0,30}}{_NETS}\W*",
            r"[\W_]{0,4}(?:follow|join|like|find) us\b.{0,60}",
            rf"(?:folgen sie|folge) (?:uns|mir)\b.{{0,120}}|suivez[- ]nous\b.{{0,120}}|síguenos\b.{{0,120}}|"
            rf"seguici\b.{{0,120}}|siga-nos\b.{{0,120}}|{_NETS}\s*[:：]\s*@?\S+",
            r"[\W_]{0,4}(?:sign up|subscribe|register|get|enter your email|want more|support (?:us|our)|"
            r"become a (?:member|supporter|subscriber)|donate|"
            r"download (?:the|our))\b.{0,100}\b(?:newsletters?|inbox|alerts?|app|podcast|updates|journalism|"
            r"email|subscription|mailing list)\b.{0,120}",
            r"(?:share this|share on|share|tweet|tweet this|email this|print|print this|comments?|"
            r"leave a comment|copy link|save|"
            r"share this (?:article|story|post)|teilen|drucken|partager|compartir|condividi|シェア|"
            r"分享)\W*(?:[:：].{0,120})?",
            r"(?:@\w{2,30}[\s,|·/]*)+",
            r".{0,40}(?:フォロー|関注|关注我们|公众号).{0,60}",
        ),
    ),
    (
        "credit",
        _any(
            r"[(\[]?\s*(?:photos?|photograph|image|picture|pic|video|graphic|illustration|cover image|"
            r"featured image|file photo|photo credit|image credit|"
            r"credit|courtesy|foto|fotos|bild|titelbild|symbolbild|grafik|photographie|imagen|immagine|imagem|"
            r"写真|画像|撮影|图片|图片来源|图源|사진)"
            r"s?\s*(?:credit|source|courtesy|quelle|crédit|提供)?s?\s*(?:by\b|via\b|[:：=＝/©])\s*.{1,160}",
            r"(?:©|\(c\)|copyright|picture alliance|getty images|shutterstock|unsplash|istock|alamy)\b.{0,200}",
            r"©.{0,200}",
            r"\(?(?:ap|reuters|afp|dpa|getty|epa|upi|file) (?:photos?|images?|pictures?)(?:/.{1,60})?\)?",
            r".{10,300}\((?i:file|file photo|file picture|fp|gp|archive|archivbild|archivfoto)\)\.?",
        ),
    ),
    (
        "stamp",
        _any(
            r"(?:last |first )?(?:updated?|published|posted|modified|aktualisiert|veröffentlicht|stand|publié|"
            r"mis à jour|publicado|actualizado|"
            r"aggiornato|pubblicato|atualizado|更新|公開|発布|发布时间|发布)\s*(?:on|at|am|um|le|el|"
            r"il)?\s*[:：]?\s*(?:\w{3,12}[.,]?\s+)?[^a-z]{0,6}\d.{0,80}",
            r"(?:\d{1,3}|\w+)[ -]?(?:min(?:ute)?s?|minuten|minutos)\W? ?(?:read|lesezeit|de lecture|"
            r"de lectura|ago)\W*",
            r"\W*\d{1,2}[:.h]\d{2}\s*(?:[ap]\.?m\.?|gmt|utc|bst|cet|cest|e[sd]t|uhr|jst)?\W*",
            r"(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,?\s+)?(?:\d{1,2}(?:st|nd|rd|"
            r"th)?[. ]{1,2})?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
            r"(?:\s+\d{1,2}(?:st|nd|rd|th)?)?,?\s+\d{4}(?:[\s,|•·–—-]+(?:at )?\d{1,2}[:.]\d{2}.{0,20})?",
            r"(?:(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|"
            r"sonntag),?\s+)?(?:den\s+)?\d{1,2}\.\s?(?:\d{1,2}\.|januar|februar|märz|april|mai|juni|juli|"
            r"august|september|"
            r"oktober|november|dezember)\s?\d{4}(?:[\s,|•·–—-]+(?:um )?\d{1,2}[:.]\d{2}.{0,20})?",
            r"\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?(?:\W.{0,30})?",
        ),
    ),
    (
        "advertisement",
        _any(
            r"\W*(?:advertise?ments?|ad|anzeige|werbung|publicité|publicidad|pubblicità|sponsored|広告|广告|"
            r"スポンサーリンク)\W*"
        ),
    ),
    (
        "agency",
        _any(
            rf"[(\[—–-]*\s*{_AGENCY}(?:\s*[/,&]\s*{_AGENCY})*\s*[)\]]?\.?",
            r"(?:source|sources|quelle|quellen|fuente|fonte|来源|出典)\s*[:：]\s*.{1,80}",
            r"(?:with|mit|avec) (?:inputs|material|reporting|files|agency inputs|informations?|"
            r"additional reporting)\b.{0,40}\b(?:from|by|von|de|agencies)\b.{0,120}",
            r"[（(]\s*(?:共同通信(?:社)?|時事(?:通信)?|新华社|新華社|ロイター|中新社|연합뉴스)\s*[）)]?",
        ),
    ),
    (
        "link",
        _any(
            r"[\W_]{0,4}(?:https?://|www\.)\S+(?:\s+[^.!?。]{1,160})?",
            r"[^.!?。]{1,80}[:：–—|]\s*(?:https?://|www\.)\S+",
            r"(?:website|web site|web|site|homepage|e-?mail|contact|tel|phone|kontakt|"
            r"ホームページ)\s*[:：]\s*\S+(?:\s+\S+){0,4}",
        ),
    ),
    (
        "end",
        _any(r"\W*(?:ends?|-30-|###|\*\*\*|o{3}|以上|（完）|\(完\)|完)\W*", r"(?:[*#=_~•·–—-] ?){2,}"),
    ),
)
"""What is out of a teaser wherever it stands, by kind, each pattern matching a whole line."""

FOOTER: Final = _any(
    r"[^.!?]{2,90}\b(?:is|are)\b [^.!?]{0,30}\b(?:part|members?|division|publications?|subsidiary|trademarks?|"
    r"brands?|titles?|products?|service|property)\b"
    r" of\b [^.!?]{0,80}\b(?:group|network|family|company|media|holdings?|publications?|publishing|inc|ltd|"
    r"llc|gmbh|ag|plc|corporation|press|times)\b\W{0,3}[^.!?]{0,40}\.?",
    r"\(?\s*(?:additional )?(?:reporting|writing|editing|compiled|edited|written|reported|translated|posted|"
    r"filed|produced|contributed) (?:by|in|from)\b.{2,250}",
    r".{2,120}\b(?:contributed (?:to this|reporting)|can be (?:reached|contacted)|tweets (?:at|as|@))\b.{0,120}",
    r"all rights reserved\b.{0,200}|.{0,120}\ball rights reserved\W*|alle rechte vorbehalten.{0,100}|"
    r"tous droits réservés.{0,100}|無断転載.{0,60}|版权所有.{0,60}",
    r"(?:this (?:article|story|column|piece|post) (?:was )?(?:(?:originally|first) (?:published|appeared)|"
    r"is republished|is part of))\b.{0,250}",
    r"(?:about the (?:author|writer)s?|über (?:den|die) autor\w*|à propos de l['’]auteur)\W*.{0,300}",
    r"(?:the (?:writer|author)s?|the views expressed|views expressed|opinions expressed|the opinions)\b.{0,300}",
    r"(?:tags?|filed under|categories|topics|keywords|schlagworte|themen|mots-clés|etiquetas|タグ|标签|"
    r"キーワード)\s*[:：].{1,250}",
    r"\(?[a-z]{2,5}(?:/[a-z]{2,6}){1,4}(?:\s*\([^)]{2,30}\))?\)?",
)
"""What is footer when nothing of the story follows it: group sentence, sign-off, rights, about the author."""

NEAR_FOOTER: Final = _any(
    rf"[^.!?]{{0,60}}\b{_NETS}\b[^.!?]{{0,60}}",
    r"[^.!?。]{2,70}",
    r"[^.!?]{2,90}\b(?:is|are) (?:a |an |the )?[^.!?]{0,60}\b(?:of|at|for|with)\b[^.!?]{2,90}\.?",
)
"""Weak: part of the footer only when a sure footer line follows it and another one leads it."""

DATELINE: Final = re.compile(
    r"(?:"
    # LONDON (Reuters) -   NEW YORK, May 3 (AP) —   BERLIN (dpa/lno) -
    r"[^\W\d_][\w .'’/,&-]{1,60}?(?:,\s*\w{3,9}\.? \d{1,2}(?:,? \d{4})?)?\s*\((?:[A-Z][\w ./&-]{1,30}|"
    r"[a-z]{2,5}(?:[/-][a-z]{2,6})*)\)\s*(?:[-–—:]{1,2}|\|)\s+"
    # LONDON, May 3 —   TOKYO —
    r"|(?:[A-Z][A-Z.'’-]+(?:[ /][A-Z][A-Z.'’-]+){0,3})(?:,\s*(?:[A-Z][\w.]+)(?: [A-Z][\w.]+)?)?(?:,\s*\w{3,9}\.? \d{1,2}(?:,? \d{4})?)?\s*(?:[–—]|--|\s-)\s+"
    # (Reuters) -
    r"|\((?:[A-Z][\w ./&-]{1,30}|[a-z]{2,5}(?:/[a-z]{2,6})*)\)\s*(?:[-–—]{1,2})\s+"
    # 【東京共同】 【ワシントン＝山田太郎】 （ロンドン＝ロイター）
    r"|[【\[](?:[^】\]\d]{2,14}(?:共同|時事|ロイター|[=＝・][^】\]]{1,16}))[】\]]\s*"
    # 新华社北京5月3日电（记者 李明）
    r"|(?:新华社|中新社|中新网|人民网|"
    r"央视网)[\u4e00-\u9fff\d]{1,20}[电訊讯](?:\s*[（(][^）)]{1,30}[）)])?\s*[，：:]?\s*"
    r")(?=\S)"
)
"""Where and by whom a story was filed, at the head of its first paragraph."""

STAMP_HEAD: Final = re.compile(
    r"(?:\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?|GMT|UTC|BST|CE?ST|CET|E[SD]T|Uhr|JST)?\s*[:|–—-]\s*)(?=\S)", re.IGNORECASE
)
"""A live blog's time at the head of a paragraph: "14:05 GMT – ", "10.42 Uhr: "."""

SIGN_OFF: Final = re.compile(
    r"\s*[—–-]{1,2}\s*(?:Reuters|AP|AFP|dpa|Bernama|Xinhua|ANI|PTI|IANS|Kyodo|Jiji|Bloomberg|UPI|TNS)\.?$"
)
"""An agency's name behind the last sentence: "… he said. — Reuters"."""
