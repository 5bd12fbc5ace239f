"""Our own pages in five languages: which one, what they say of it, and in every form."""

import json
import re

from hot import heat, hits
from wire import cases, contains, eq, ok, own_server

FILES = {"ten.txt": b"0123456789", "full/a.bin": b"x" * 1500, "full/b/c": b"", "one/f": b"1"}
OPTIONS = ["--allow-write", "anyone"]

LANGUAGES = ["en", "de", "fr", "es", "zh"]
NOTHING = {"en": "There is nothing at this address.", "de": "Unter dieser Adresse gibt es nichts.",
           "fr": "Il n’y a rien à cette adresse.", "es": "No hay nada en esta dirección.", "zh": "此地址没有任何内容。"}
HEADINGS = {"en": "<h1>Not Found</h1>", "de": "Nicht gefunden", "fr": "Introuvable", "es": "No se encuentra",
            "zh": "未找到"}
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
FORMS = {"text": {}, "html": HTML, "json": JSON}


def words(field):
    return {word.strip().lower() for word in field.split(",")}


def spoken(got, language, may_be_stored=True):
    """It says that it is in this language, and that caches have to mind."""
    eq(got.fields.all("Content-Language"), [language])
    if may_be_stored:
        ok({"accept", "accept-language"} <= words(got.fields["Vary"]), "Vary: %s" % got.fields["Vary"])
    ok("TCN" not in got.fields, "NEG-02: no negotiable resource")
    if got.fields["Content-Type"].startswith("text/html"):
        contains(got.text, '<html lang="%s">' % language)
    return got


def sentence_of(got):
    """What is said in the answer, whatever its form."""
    kind = got.fields["Content-Type"].split(";")[0]
    if kind == "application/problem+json":
        return json.loads(got.text)["detail"]
    if kind == "text/html":
        return re.search(r"<p(?: lang=\"en\")?>(.*?)</p>", got.text).group(1)
    return got.text.split("\n")[1]


# ---- which language ---------------------------------------------------------------------------------


@cases(*[("%s %s" % (form, language), form, language) for form in FORMS for language in LANGUAGES])
def test_a_refusal_is_in_each_language_and_form(server, form, language):
    got = spoken(server.get("/nothing", FORMS[form] | {"Accept-Language": language}), language)
    eq(got.status, 404)
    eq(sentence_of(got), NOTHING[language])
    if form == "text":
        eq(got.text.split("\n")[0], "404 Not Found", "what programs read stays")
    elif form == "json":
        eq(json.loads(got.text)["title"], "Not Found")
    else:
        contains(got.text, HEADINGS[language])
    head = server.head("/nothing", FORMS[form] | {"Accept-Language": language})
    eq(int(head.fields["Content-Length"]), len(got.body))


@cases(("nothing said", None, "en"), ("empty", "", "en"), ("unknown", "pl, tlh;q=0.9", "en"),
       ("weights", "de;q=0.5, fr;q=0.8", "fr"), ("the earlier of equals", "es, de", "es"),
       ("excluded", "de;q=0, es;q=0.1", "es"), ("only excluded", "de;q=0", "en"),
       ("English excluded", "en;q=0, zh;q=0.1", "zh"), ("a region", "de-CH, en;q=0.5", "de"),
       ("a script and a region", "zh-Hans-CN", "zh"), ("anything", "*", "en"),
       ("any but English", "en;q=0, *;q=0.1", "de"), ("upper case", "FR", "fr"), ("malformed", "de;q=x, ;;", "en"),
       ("a list of a browser", "pl-PL,pl;q=0.9,de-DE;q=0.8,de;q=0.7,en-US;q=0.6,en;q=0.5", "de"))
def test_the_language_is_the_best_that_we_speak(server, field, language):
    fields = HTML | ({} if field is None else {"Accept-Language": field})
    eq(sentence_of(spoken(server.get("/nothing", fields), language)), NOTHING[language])
    spoken(server.get("/", fields), language)


def test_two_lines_are_one_list(server):
    got = server.get("/nothing", [("Accept-Language", "pl;q=0.9"), ("Accept-Language", "fr;q=0.2")])
    eq(sentence_of(spoken(got, "fr")), NOTHING["fr"])


# ---- listings ---------------------------------------------------------------------------------------


SHOWN = {
    "en": ["<title>Index of /full/</title>", "1 folder, 1 file, 1.5\xa0KiB", ">Parent folder<", ">Name<", ">Size<",
           ">Modified<", "1\u202f500 bytes", "Times are UTC.", "<code>curl -T FILE</code>", 'aria-label="Folders above"',
           ">Home<"],
    "de": ["<title>Inhalt von /full/</title>", "1 Ordner, 1 Datei, 1,5\xa0KiB", ">Übergeordneter Ordner<", ">Name<",
           ">Größe<", ">Geändert<", "1\u202f500 Byte", "Zeiten in UTC.", "<code>curl -T DATEI</code>"],
    "fr": ["<title>Contenu de /full/</title>", "1 dossier, 1 fichier, 1,5\xa0Kio", ">Dossier parent<", ">Nom<",
           ">Taille<", ">Modifié<", "1\u202f500 octets", "Heures en UTC.", "<code>curl -T FICHIER</code>"],
    "es": ["<title>Contenido de /full/</title>", "1 carpeta, 1 archivo, 1,5\xa0KiB", ">Carpeta superior<", ">Nombre<",
           ">Tamaño<", ">Modificado<", "1\u202f500 bytes", "Horas en UTC.", "<code>curl -T ARCHIVO</code>"],
    "zh": ["<title>文件夹内容：/full/</title>", "1 个文件夹，1 个文件，1.5\xa0KiB", ">上级文件夹<", ">名称<",
           ">大小<", ">修改时间<", "1\u202f500 字节", "时间为 UTC。", "<code>curl -T 文件</code>"]}


@cases(*[(language, language) for language in LANGUAGES])
def test_a_listing_is_in_each_language(server, language):
    got = spoken(server.get("/full/", HTML | {"Accept-Language": language}), language)
    eq(got.status, 200)
    for text in SHOWN[language]:
        contains(got.text, text)
    ok(re.search(r">\d{4}-\d\d-\d\d <span class=\"clock\">\d\d:\d\d<", got.text), "dates are ISO's everywhere")


def test_a_listing_for_programs_has_no_language(server):
    got = server.get("/full/", JSON | {"Accept-Language": "de"})
    eq(got.status, 200)
    ok("Content-Language" not in got.fields, "no word of ours is in it")
    ok({"accept", "accept-language"} <= words(got.fields["Vary"]), "other forms of it have one")
    eq(got.body, server.get("/full/", JSON).body)


@cases(("en", "en", "0 folders, 1 file"), ("de", "de", "0 Ordner, 1 Datei"), ("fr", "fr", "0 dossier, 1 fichier"),
       ("es", "es", "0 carpetas, 1 archivo"), ("zh", "zh", "0 个文件夹，1 个文件"))
def test_plurals_are_those_of_the_language(server, language, text):
    contains(server.get("/one/", HTML | {"Accept-Language": language}).text, text)


def test_an_empty_folder_says_so(server):
    eq(server.request("MKCOL", "/empty-one").status, 201)
    contains(server.get("/empty-one/", HTML | {"Accept-Language": "es"}).text, "Esta carpeta está vacía.")


def test_a_304_of_a_page_says_what_it_depends_on(server):
    got = server.get("/full/", HTML | {"Accept-Language": "fr", "If-None-Match": "*"})
    eq(got.status, 304)
    ok({"accept", "accept-language"} <= words(got.fields["Vary"]), "Vary")


# ---- refusals ---------------------------------------------------------------------------------------


SENTENCES = {
    405: {"de": "Unter dieser Adresse gibt es schon etwas.", "fr": "Il y a déjà quelque chose à cette adresse.",
          "es": "En esta dirección ya hay algo.", "zh": "此地址已有内容。"},
    416: {"de": "Keiner der verlangten Bereiche liegt in der Datei.",
          "fr": "Aucune des plages demandées ne se trouve dans le fichier.",
          "es": "Ninguno de los intervalos pedidos está dentro del archivo.", "zh": "所请求的范围都不在文件之内。"},
    412: {"de": "Eine Bedingung der Anfrage gilt nicht: ", "fr": "Une condition de la requête n’est pas remplie : ",
          "es": "No se cumple una condición de la petición: ", "zh": "请求的条件不成立："},
    308: {"de": "Das ist ein Ordner: ", "fr": "C’est un dossier : ", "es": "Esto es una carpeta: ", "zh": "这是文件夹："},
    409: {"de": "Den Ordner, in dem dieser Name wäre, gibt es nicht.", "fr": "Le dossier où serait ce nom n’existe pas.",
          "es": "La carpeta en la que estaría este nombre no existe.", "zh": "此名称所在的文件夹不存在。"},
    501: {"de": "Diese Methode gibt es hier nicht.", "fr": "Cette méthode n’est pas prise en charge.",
          "es": "Este método no está implementado.", "zh": "未实现此方法。"}}
ASKED = {405: ("MKCOL", "/ten.txt", {}), 416: ("GET", "/ten.txt", {"Range": "bytes=10-"}),
         412: ("PUT", "/ten.txt", {"If-Match": '"other"'}), 308: ("GET", "/full", {}), 409: ("PUT", "/no/such/x", {}),
         501: ("BREW", "/ten.txt", {})}


@cases(*[("%d %s %s" % (status, form, language), status, form, language)
         for status in SENTENCES for form in FORMS for language in SENTENCES[status]])
def test_what_is_refused_is_said_in_each_language(server, status, form, language):
    method, target, fields = ASKED[status]
    got = server.request(method, target, FORMS[form] | fields | {"Accept-Language": language},
                         b"x" if method == "PUT" else None)
    eq(got.status, status)
    spoken(got, language)
    contains(sentence_of(got), SENTENCES[status][language])


def test_a_head_that_is_no_request_is_refused_in_english(server):
    """Its fields are not read."""
    with server.connect() as conn:
        conn.send("GET  /x HTTP/1.1\r\nHost: x\r\nAccept-Language: de\r\n\r\n")
        got = conn.read()
    eq(got.status, 400)
    eq(got.fields.all("Content-Language"), ["en"])


def test_what_is_wrong_with_xml_is_said_with_its_place(server):
    got = server.request("PROPFIND", "/ten.txt", {"Depth": "0", "Accept-Language": "de",
                                                  "Content-Type": "application/xml"}, b"<a>\n<b></a>")
    eq(got.status, 400)
    ok(re.search(r"^Das XML ist nicht wohlgeformt: .* \(Zeile 2\)\.$", sentence_of(got)), sentence_of(got))
    spoken(got, "de")


def test_a_condition_of_webdav_is_in_no_language(server):
    got = server.request("PROPFIND", "/full/", {"Depth": "0", "Accept-Language": "de", "Content-Type": "text/xml"},
                         b'<!DOCTYPE a [<!ENTITY e SYSTEM "e">]><a>&e;</a>')
    eq(got.status, 403)
    contains(got.text, "no-external-entities")
    ok("Content-Language" not in got.fields, "an element has no language")


@own_server(config="""listen = { "127.0.0.1:0" }
site "s" { root = "{root}" read-only = on }
""", files={"f": b"1"})
def test_what_is_not_allowed_is_said_in_each_language(server):
    said = {language: spoken(server.put("/f", b"2", {"Accept-Language": language}), language)
            for language in LANGUAGES}
    eq({got.status for got in said.values()}, {403})
    eq(len({sentence_of(got) for got in said.values()}), len(LANGUAGES))
    eq(sentence_of(said["de"]), "Dieser Ordner ist nur zum Lesen da.")


@own_server("--user", "alice:secret", files={"f": b"1"})
def test_who_has_to_log_in_is_told_in_each_language(server):
    for language in LANGUAGES:
        got = server.put("/f", b"2", HTML | {"Accept-Language": language})
        eq(got.status, 401)
        spoken(got, language)
    contains(got.text, "此处需要用户名和密码。")


# ---- what is not stored, and the short way ----------------------------------------------------------


LIMITED = """listen = { "127.0.0.1:0" }
limit "guests" { rate = "2/h" burst = 2 }
site "s" { root = "{root}" }
"""
LIMIT_SAYS = {"en": "lets one address make 2 requests in an hour, and 2 at once.",
              "de": "Die Grenze „guests“ erlaubt einer Adresse 2 Anfrage(n) in einer Stunde, und 2 auf einmal.",
              "fr": "permet à une adresse 2 requête(s) en une heure, et 2 d’un coup.",
              "es": "permite a una dirección 2 petición(es) en una hora, y 2 de golpe.",
              "zh": "允许一个地址在一小时内发出 2 个请求，一次最多 2 个。"}


@cases(("long way", "/nothing"), ("short way", "/f"))
@own_server(config=LIMITED, files={"f": b"1"})
def test_a_limit_refuses_in_each_language(server, target):
    with server.connect() as conn:
        for _ in range(2):
            conn.ask("GET", target)
        for _ in range(2):  # the second time from what was made at the first
            for form in FORMS:
                for language in LANGUAGES:
                    got = conn.ask("GET", target, FORMS[form] | {"Accept-Language": language})
                    eq(got.status, 429)
                    eq(got.fields["Cache-Control"], "no-store")
                    ok("Vary" not in got.fields, "what nobody stores depends on nothing")
                    spoken(got, language, may_be_stored=False)
                    contains(sentence_of(got).replace("&quot;", '"'), LIMIT_SAYS[language])
                    ok(1 <= int(got.fields["Retry-After"]) <= 3600, "the seconds are filled in")
        got = conn.ask("GET", target)
        spoken(got, "en", may_be_stored=False)


def test_what_is_hot_is_not_touched_by_a_language(server):
    with server.connect() as conn:
        plain = heat(conn, "/ten.txt")
        before = hits(server)
        got = conn.ask("GET", "/ten.txt", {"Accept-Language": "de"})
        eq(got.body, plain.body)
        ok("Content-Language" not in got.fields, "a file's language is its own")
        eq(conn.ask("GET", "/ten.txt", {"Accept-Language": "de", "Range": "bytes=10-"}).fields["Content-Language"], "de")
        eq(conn.ask("GET", "/ten.txt", {"Range": "bytes=10-"}).fields["Content-Language"], "en")
        ok(hits(server) > before, "it came from memory")


# ---- a legal demand ---------------------------------------------------------------------------------


REGISTER = """
demand "told" { paths = { "/told" } authority = "A Court" date = 2026-01-31 text = { "en: Forbidden.", "de: Verboten." } }
demand "plain" { paths = { "/plain" } }
"""


def write_register(server):
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(REGISTER)


@own_server(config="""listen = { "127.0.0.1:0" }
site "s" { root = "{root}" demands = "{tmp}/register" }
""", before=write_register)
def test_a_legal_demand_is_told_in_the_language(server):
    for language in LANGUAGES:
        got = spoken(server.get("/plain", HTML | {"Accept-Language": language}), language)
        eq(got.status, 451)
    got = spoken(server.get("/told", HTML | {"Accept-Language": "de"}), "de")
    for text in ("Eine rechtliche Forderung hindert", '<p lang="de">Verboten.</p>', "<dt>Gefordert von</dt><dd>A Court</dd>",
                 "<dt>Seit</dt>"):
        contains(got.text, text)
    # The operator's text is the most of it: where he has none in the reader's language, the answer is in his.
    got = server.get("/told", HTML | {"Accept-Language": "fr"})
    eq(got.fields.all("Content-Language"), ["en"])
    contains(got.text, '<html lang="fr">')
    contains(got.text, '<p lang="en">Forbidden.</p>')
    ok({"accept", "accept-language"} <= words(got.fields["Vary"]), "Vary")


# ---- earlier contents -------------------------------------------------------------------------------


@own_server("--allow-write", "anyone", "--history", "5", files={"f.txt": b"1"})
def test_earlier_contents_are_told_in_each_language(server):
    eq(server.put("/f.txt", b"22").status, 204)
    shown = {"en": "1 earlier content of <a", "de": "1 früherer Inhalt <a", "fr": "1 contenu antérieur de <a",
             "es": "1 contenido anterior de <a", "zh": "1 个以前的内容：<a"}
    for language in LANGUAGES:
        got = spoken(server.get("/.samovar/versions/f.txt/", HTML | {"Accept-Language": language}), language)
        eq(got.status, 200)
        contains(got.text, shown[language])


# ---- variants ---------------------------------------------------------------------------------------


@own_server(config="""listen = { "127.0.0.1:0" }
site "s" { root = "{root}" negotiate = on }
""", files={"page.en.html": b"en", "page.fr.html": b"fr"})
def test_the_list_of_variants_is_told_in_each_language(server):
    choose = {"en": "There are several variants of this. Choose one:",
              "de": "Davon gibt es mehrere Varianten. Wählen Sie eine:",
              "fr": "Il en existe plusieurs variantes. Choisissez-en une :",
              "es": "Hay varias variantes de esto. Elija una:", "zh": "此内容有多个变体。请选择一个："}
    for language in LANGUAGES:
        got = server.get("/page", HTML | {"Accept-Language": language, "Negotiate": "trans"})
        eq(got.status, 300)
        eq(got.fields.all("Content-Language"), [language])
        ok({"accept", "accept-language"} <= words(got.fields["Vary"]), "Vary: %s" % got.fields["Vary"])
        contains(got.text, '<html lang="%s">' % language)
        contains(got.text, choose[language])
        got = server.get("/page", JSON | {"Accept-Language": language, "Negotiate": "trans"})
        eq(json.loads(got.text)["detail"], choose[language])
    got = server.get("/page", HTML | {"Accept-Language": "de, zh;q=0.5"})
    eq(got.status, 406)
    eq(got.fields.all("Content-Language"), ["de"])
    contains(got.text, "Keine der Varianten ist das, was Ihr Programm verlangt hat.")
