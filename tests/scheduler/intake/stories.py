"""Stories of our own that the tests hand to the readers."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 9, 21, 12, 0, tzinfo=UTC)

PARAGRAPHS = (
    "The harbour council of Westerhaven will close the old swing bridge for eleven weeks from Monday to replace its "
    "bearings, the harbour master said.",
    "“The steel is tired, and so are the people who have to oil it every night,” said Ingrid Solheim, who has run the "
    "bridge since 1998.",
    "Ferries will carry up to 400 passengers an hour between the two quays, and the fare is to stay at two crowns.",
    "Shopkeepers on the north bank fear for their autumn trade. However, the council promised them a rebate.",
)
FOOTER = (
    "Westerhaven Courier is part of the Coastal Papers group",
    "https://courier.example Westerhaven Courier – Harbour and Island News",
    "PLEASE JOIN ON FACEBOOK",
    "https://www.facebook.com/courier.example",
)
NEWSPAPER_FORM = "\n".join(
    [
        "Old Swing Bridge in Westerhaven to Close for Eleven Weeks",
        "Marta Lindqvist, Jon Aker, and Pia Maria Holm",
        "Westerhaven Courier",
        "",
        *PARAGRAPHS,
        "",
        *FOOTER,
    ]
)
GERMAN = (
    "Stadtrat von Köln beschließt größere Brückensperrung\n"
    "Von Jürgen Großmann\n"
    "\n"
    "Der Stadtrat hat am Dienstag beschlossen, die Mülheimer Brücke für größere Arbeiten zu sperren – „so kurz wie "
    "möglich“, sagte die Bürgermeisterin.\n"
)
JAPANESE = (
    "港の橋、十一週間の通行止めへ\n"
    "山田太郎記者\n"
    "\n"
    "市は月曜日から古い橋の工事を始めると発表した。期間は十一週間の予定で、その間は無料の船が運航される。\n"
    "住民からは「早く終わってほしい」との声が上がっている。\n"
)
CHINESE = (
    "海港旧桥将关闭十一周\n"
    "\n"
    "市政府今天宣布，从星期一开始，旧桥将关闭十一周进行维修。记者了解到，期间会有渡船运送市民。\n"
    "一位在桥边工作了二十年的老人说，他希望工程能够早日完成，因为生意会受到影响。\n"
)
