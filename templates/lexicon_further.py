"""The words of Japanese, Chinese, Korean and Arabic, and the labels alone of further languages."""

from __future__ import annotations

from collections.abc import Mapping

from db.records import Label
from templates.lexicon_form import Lexicon, labels_of, split_words

JAPANESE = Lexicon(
    labels=labels_of("解説", "オピニオン", "ライブ", "PR"),
    danglers=split_words(
        "彼は, 彼女は, 彼ら, これ, それ, この, その, あの, ここ, そこ, しかし, だが, ただ, また, そして, さらに, 一方, なお, 同氏, 同社, 同市, 同県, このため, そのため, ところが, 同日"
    ),
    reporting=split_words(
        "と述べ, と話し, と語っ, と説明し, と発表し, と明らかにし, と強調し, と指摘し, と主張し, と訴え, と答え, とコメントし, としている, という"
    ),
    according=split_words("によると, によれば"),
    relative=split_words(
        "今日, きょう, 昨日, きのう, 明日, あす, 今朝, 今夜, 先週, 来週, 今週, 先月, 来月, 今月, 昨年, 去年, 今年, 来年, 最近, まもなく"
    ),
    first_person=split_words("私, 僕, 我々, 私たち, あなた"),
    turns=split_words("が、, ない, ただし, 場合, によると"),
    taste=split_words("べきだ, 残念, 素晴らしい"),
)

CHINESE = Lexicon(
    labels=labels_of("分析", "观点", "直播", "赞助内容"),
    danglers=split_words("他, 她, 它, 他们, 她们, 这, 那, 此外, 但是, 但, 然而, 因此, 同时, 而且, 不过, 所以, 其"),
    reporting=split_words("说, 表示, 指出, 称, 认为, 强调, 宣布, 透露, 說, 稱, 認為"),
    according=split_words("根据, 据, 根據, 據"),
    relative=split_words("今天, 昨天, 明天, 今年, 去年, 明年, 最近, 目前, 日前"),
    turns=split_words("但, 不, 没有, 如果, 除非, 據, 据"),
    first_person=split_words("我, 我们, 你, 您"),
)

KOREAN = Lexicon(
    labels=labels_of("분석", "오피니언", "생중계", "협찬"),
    danglers=split_words(
        "그는, 그녀는, 그들은, 이는, 이것, 그것, 이런, 그런, 이에, 그러나, 하지만, 또한, 또, 그리고, 한편, 따라서, 여기"
    ),
    reporting=split_words("말했다, 밝혔다, 전했다, 강조했다, 설명했다, 덧붙였다, 주장했다, 지적했다, 발표했다"),
    according=split_words("에 따르면"),
    relative=split_words("오늘, 어제, 내일, 지난주, 다음 주, 지난해, 올해, 내년, 최근, 곧"),
    turns=split_words("지만, 않, 없, 만약"),
)

ARABIC = Lexicon(
    labels=labels_of("تحليل", "رأي", "مباشر", "محتوى برعاية"),
    danglers=split_words(
        "هو, هي, هم, هذا, هذه, ذلك, تلك, هنا, هناك, لكن, ولكن, كما, وقد, وكان, وكانت, لذلك, ثم, أيضا, أيضًا, ومع ذلك, وأضاف, وأضافت, وتابع, وقال, وقالت, وهو, وهي"
    ),
    reporting=split_words(
        "قال, قالت, أعلن, أعلنت, أكد, أكدت, ذكر, ذكرت, أوضح, أوضحت, أضاف, أضافت, صرح, صرحت, أشار, أشارت"
    ),
    according=split_words("بحسب, وفقا, وفقًا, حسب, نقلا عن, نقلًا عن"),
    relative=split_words("اليوم, أمس, غدا, غدًا, الأسبوع الماضي, العام الماضي, مؤخرا, مؤخرًا, قريبا, قريبًا, الآن"),
    turns=split_words("لكن, لا, لم, لن, إلا, إذا, دون, رغم, بحسب"),
)

OTHER_LABELS: Mapping[str, Mapping[Label, str]] = {
    "tr": labels_of("Analiz", "Görüş", "Canlı", "Sponsorlu"),
    "sv": labels_of("Analys", "Debatt", "Direkt", "Annons"),
    "da": labels_of("Analyse", "Debat", "Live", "Annonce"),
    "nb": labels_of("Analyse", "Debatt", "Direkte", "Annonse"),
    "no": labels_of("Analyse", "Debatt", "Direkte", "Annonse"),
    "fi": labels_of("Analyysi", "Mielipide", "Suora", "Mainos"),
    "cs": labels_of("Analýza", "Názor", "Živě", "Sponzorováno"),
    "uk": labels_of("Аналіз", "Думка", "Наживо", "Реклама"),
    "el": labels_of("Ανάλυση", "Άποψη", "Ζωντανά", "Χορηγούμενο"),
    "he": labels_of("ניתוח", "דעה", "שידור חי", "תוכן ממומן"),
    "hi": labels_of("विश्लेषण", "विचार", "लाइव", "प्रायोजित"),
    "th": labels_of("วิเคราะห์", "ความเห็น", "สด", "สนับสนุนโดย"),
    "vi": labels_of("Phân tích", "Quan điểm", "Trực tiếp", "Tài trợ"),
    "id": labels_of("Analisis", "Opini", "Langsung", "Bersponsor"),
    "hu": labels_of("Elemzés", "Vélemény", "Élő", "Szponzorált"),
    "ro": labels_of("Analiză", "Opinie", "Live", "Sponsorizat"),
}
