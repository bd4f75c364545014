"""Tells text from scrambled letters where there is no dictionary: by the commonest words, or by the vowels.

A third of the words of running text are among the few dozen commonest of its language; of letters that a
damaged font maps wrongly, or of bad recognition, hardly any is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

NAMES = {
    "spa": "Spanish", "fra": "French", "por": "Portuguese", "ita": "Italian", "deu": "German", "nld": "Dutch",
    "pol": "Polish", "ron": "Romanian", "vie": "Vietnamese", "tgl": "Tagalog", "hat": "Haitian Creole",
    "swe": "Swedish", "dan": "Danish", "fin": "Finnish", "tur": "Turkish", "ind": "Indonesian", "rus": "Russian",
    "ukr": "Ukrainian", "ell": "Greek", "ara": "Arabic", "heb": "Hebrew", "hye": "Armenian", "kor": "Korean",
    "zho": "Chinese", "jpn": "Japanese",
}  # fmt: skip

_WORDS = {
    "spa": """
        de la que el en los del se las por un para con no una su al lo como más pero sus le ya o este sí porque
        esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni
        contra otros ese eso ante ellos esto antes algunos unos otro otras otra tanto esa estos mucho nada cual
        poco ella estar estas alguna algo nosotros es son fue ser ha sido han era están está será puede pueden
        debe cada según así mismo parte año años día ciudad concejo consejo reunión acta actas orden sesión
        junta comisión público pública públicos alcalde alcaldesa miembro miembros voto votos moción aprobó
        aprobar comentarios distrito calle estado proyecto plan presupuesto información""",
    "fra": """
        de la le les et des en du un une que est pour dans qui par sur au pas plus ne se avec ce il sont ou aux
        son sa ses cette mais comme tout nous vous été être ont leur fait elle ces si ainsi entre sans lors
        conseil séance ville maire procès verbal réunion""",
    "por": """
        de que do da em um para com não uma os no se na por mais as dos como mas ao ele das seu sua ou quando
        muito nos já também só pelo pela até isso ela entre depois sem mesmo aos seus são foi está ser cidade
        reunião conselho câmara""",
    "ita": """
        di che il la per un in del non una si le con dei da al della sono più gli alla nel come anche ma su lo
        dal delle ha questo se essere nella ai degli loro stato tra suo sua consiglio comune seduta""",
    "deu": """
        der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus
        er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder zur
        durch sitzung stadt rat""",
    "nld": """
        de van een het en in is dat op te zijn met voor niet aan er om ook als dan maar bij of uit door naar
        heeft hij ze wordt deze nog over worden kan tot meer gemeente raad vergadering""",
    "pol": """
        w i na z do się nie że jest o od za to po jak przez dla oraz są ale tak co czy tego lub ze być jego był
        przy może które który która tym miasta rady sesji""",
    "ron": """
        de și în la a cu pe din nu un o se pentru că este al mai sau ale care prin fi au fost sunt lui ca dar
        după între acest această către""",
    "vie": """
        và của là có các được cho trong không một người với này những để khi đã từ về đến ra tại theo như sẽ
        phải hay hoặc quý vị công thành phố hội đồng cuộc họp trên cũng nếu làm""",
    "tgl": """
        ang ng sa na mga ay at para hindi kung may ito siya nang mula lahat isang dito rin din lamang ni kay
        niya kanilang inyong ating ating bilang upang ayon pulong lungsod konseho""",
    "hat": """
        la a nan yo ak pou yon ki se li pa te sou nou ou gen ka fè si tout sa mwen men lè kote oswa plis moun
        ap reyinyon vil konsèy""",
    "swe": """
        och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan
        när skall eller ska""",
    "dan": """
        og i at det er en til på som med for af den de har ikke der et om var fra men kan vi skal eller sig
        også""",
    "fin": """
        ja on ei että se hän joka oli mutta ovat kun niin myös kuin ole tai sekä sen mukaan jos olla voi
        kaupungin kokous""",
    "tur": """
        ve bir bu için ile da de olarak daha olan çok en gibi sonra kadar ne ise ya veya her değil olduğu
        belediye""",
    "ind": """
        yang dan di dengan untuk pada dari dalam ini tidak itu adalah akan oleh ke telah atau sebagai kepada
        juga dapat bahwa tersebut""",
    "rus": """
        и в не на что с по как к за из для от о это его но а у же все или при до бы так то мы они был была были
        если может есть также города совета заседания""",
    "ukr": """
        і в не на що з по як та до за із для від про це його але у же всі або при так ми вони був була були
        якщо може є також міста ради засідання""",
    "ell": "και το να του η της με που την από για είναι στο των ο οι τα στην θα τον σε δεν τη ένα μια τους ως",
    "ara": """
        في من على إلى أن هذا هذه عن التي مع الذي ما لا كان بعد أو كل بين قد ذلك هو هي كما تم غير حتى مجلس
        المدينة""",
    "heb": "של את על לא כי עם זה אל הוא היא או גם כל אם אשר היה יש אין בין לפי זו מועצת העיר",
    "hye": "և է որ են ի մեջ հետ համար այս պետք կամ չի ու եւ մի իր նաև քաղաքի խորհրդի",
}  # fmt: skip
_SIGNS = {
    "zho": """
        的一是不了在人有我他这这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可
        她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已
        老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力
        机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军
        产入先山五太水万市议會議這來國個們為時後沒對發開長經動現將與進實話業間問關請区區委员員席案城众參
        参""",
    "jpn": "のにはをたがでとしれさあいもなかっらりるこそてだすまきくよわうえおけせつどみめやんじ",
    "kor": "이다의는에을하고가를은지한사로기도인대자시서어나회정안리구의있수일원제위공주해",
}
COMMON = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_COMMON_SIGNS = {code: frozenset(signs) - {"\n", " "} for code, signs in _SIGNS.items()}

# A single Latin letter says nothing; in other scripts it often is a word.
_TOKEN = re.compile("[^\\W\\d_]{2,}|[\u0250-\u2fff]")
_WORD = re.compile(r"[^\W\d_]{3,}")
_CONSONANTS = re.compile(r"[^aeiouyœæøı\W\d_]{6}")
_VOWELS = frozenset("aeiouyœæøı")
_LATIN_END = 0x250
_MOST = 20_000
NEEDED = 0.15
_DIFFERENT = 4
_FEWEST_VOWELS, _MOST_VOWELS = 0.31, 0.62
_CLOTTED = 0.08


def spoken(text: str, needed: float = NEEDED) -> tuple[str, float]:
    """The language whose commonest words (or signs) make up most of `text`, and their share; "" where none does.

    `needed` is the least share; and four words must be different ones.
    """
    tokens = Counter(token.lower() for token in _TOKEN.findall(text[:_MOST]))
    signs = Counter(sign for sign in text[:_MOST] if ord(sign) >= 0x3000)
    best = max(
        [(code, *_share(tokens, words)) for code, words in COMMON.items()]
        + [(code, *_share(signs, common)) for code, common in _COMMON_SIGNS.items()],
        key=lambda found: found[1] if found[2] >= _DIFFERENT else 0.0,
    )
    code, share, different = best
    return (code, share) if share >= needed and different >= _DIFFERENT else ("", share)


def foreign(text: str) -> float:
    """Share of the letters of `text` that are not Latin ones."""
    letters = [letter for letter in text[:_MOST] if letter.isalpha()]
    return sum(ord(letter) >= _LATIN_END for letter in letters) / len(letters) if letters else 0.0


def unsound(text: str) -> str:
    """The reason why words in Latin letters cannot be of any language, or "": vowels are a third to six tenths."""
    words = [
        word.lower() for word in _WORD.findall(unicodedata.normalize("NFD", text[:_MOST]).translate(_MARKS))
    ]
    letters = [letter for word in words for letter in word if ord(letter) < _LATIN_END]
    if len(letters) < 100:
        return ""
    vowels = sum(letter in _VOWELS for letter in letters) / len(letters)
    if not _FEWEST_VOWELS <= vowels <= _MOST_VOWELS:
        return f"{vowels:.0%} of the letters are vowels, as in no language"
    clotted = sum(bool(_CONSONANTS.search(word)) for word in words) / len(words)
    return f"{clotted:.0%} of the words hold six consonants in a row" if clotted > _CLOTTED else ""


_MARKS = dict.fromkeys(range(0x300, 0x370))


def _share(tokens: Counter[str], common: frozenset[str]) -> tuple[float, int]:
    total = tokens.total()
    known = {token: count for token, count in tokens.items() if token in common}
    return (sum(known.values()) / total if total else 0.0), len(known)
