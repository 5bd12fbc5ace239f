/*
 * sentences_forms.c - sentences with a number, a name or another of our texts in them; see sentences.h for {} and [1].
 *
 * Those that could be taken for one another are tried in this order.
 */
#include "sentences.h"

static const struct sentence list[] = {
    /* limits (gate/limit_answer.c) */
    SENTENCE(
        "The limit \"{}\" lets {} make {} request{} in {}, and {} at once. This one was more, and nothing was done; "
        "send it again after as many seconds as Retry-After says.",
        "Die Grenze „{1}“ erlaubt [2] {3} Anfrage(n) in [5], und {6} auf einmal. Diese war eine zu viel, und es wurde "
        "nichts getan; senden Sie sie nach so vielen Sekunden noch einmal, wie Retry-After sagt.",
        "La limite « {1} » permet [2] {3} requête(s) en [5], et {6} d’un coup. Celle-ci était de trop, et rien n’a "
        "été fait ; renvoyez-la après autant de secondes que l’indique Retry-After.",
        "El límite «{1}» permite [2] {3} petición(es) en [5], y {6} de golpe. Esta fue demasiado, y no se hizo nada; "
        "envíela de nuevo pasados los segundos que indica Retry-After.",
        "限制“{1}”允许[2]在[5]内发出 {3} 个请求，一次最多 {6} 个。此请求已超出，未执行任何操作；"
        "请在 Retry-After 所示的秒数之后重新发送。"),
    SENTENCE(
        "The limit \"{}\" lets {} send and fetch {} bytes in {}. This one was more, and nothing was done; send it "
        "again after as many seconds as Retry-After says.",
        "Die Grenze „{1}“ erlaubt [2] {3} Byte in [4] zu senden und zu holen. Diese Anfrage war mehr, und es wurde "
        "nichts getan; senden Sie sie nach so vielen Sekunden noch einmal, wie Retry-After sagt.",
        "La limite « {1} » permet [2] d’envoyer et de récupérer {3} octets en [4]. Cette requête était de trop, et "
        "rien n’a été fait ; renvoyez-la après autant de secondes que l’indique Retry-After.",
        "El límite «{1}» permite [2] enviar y obtener {3} bytes en [4]. Esta petición fue demasiado, y no se hizo "
        "nada; envíela de nuevo pasados los segundos que indica Retry-After.",
        "限制“{1}”允许[2]在[4]内收发 {3} 字节。此请求已超出，未执行任何操作；"
        "请在 Retry-After 所示的秒数之后重新发送。"),
    SENTENCE(
        "The limit \"{}\" lets {} have {} request{} under way at one time. This one was more, and nothing was done; "
        "send it again after as many seconds as Retry-After says.",
        "Die Grenze „{1}“ erlaubt [2] {3} Anfrage(n) zur selben Zeit. Diese war eine zu viel, und es wurde "
        "nichts getan; senden Sie sie nach so vielen Sekunden noch einmal, wie Retry-After sagt.",
        "La limite « {1} » permet [2] {3} requête(s) en cours à la fois. Celle-ci était de trop, et rien n’a été "
        "fait ; renvoyez-la après autant de secondes que l’indique Retry-After.",
        "El límite «{1}» permite [2] {3} petición(es) en curso a la vez. Esta fue demasiado, y no se hizo nada; "
        "envíela de nuevo pasados los segundos que indica Retry-After.",
        "限制“{1}”允许[2]同时进行 {3} 个请求。此请求已超出，未执行任何操作；"
        "请在 Retry-After 所示的秒数之后重新发送。"),
    SENTENCE("one user", "einem Benutzer", "à un utilisateur", "a un usuario", "一个用户"),
    SENTENCE("one address", "einer Adresse", "à une adresse", "a una dirección", "一个地址"),
    SENTENCE("all", "allen zusammen", "à tous ensemble", "a todos juntos", "所有人"),
    SENTENCE("{} with one kind of method", "[1] mit einer Art von Methode", "[1] avec une sorte de méthode",
             "[1] con una clase de método", "[1]用一类方法"),
    SENTENCE("{} for one path", "[1] für einen Pfad", "[1] pour un chemin", "[1] para una ruta", "[1]对一个路径"),
    SENTENCE("a day", "einem Tag", "un jour", "un día", "一天"),
    SENTENCE("an hour", "einer Stunde", "une heure", "una hora", "一小时"),
    SENTENCE("a minute", "einer Minute", "une minute", "un minuto", "一分钟"),
    SENTENCE("a second", "einer Sekunde", "une seconde", "un segundo", "一秒"),
    SENTENCE("a millisecond", "einer Millisekunde", "une milliseconde", "un milisegundo", "一毫秒"),
    SENTENCE("{} days", "{1} Tagen", "{1} jours", "{1} días", " {1} 天"),
    SENTENCE("{} hours", "{1} Stunden", "{1} heures", "{1} horas", " {1} 小时"),
    SENTENCE("{} minutes", "{1} Minuten", "{1} minutes", "{1} minutos", " {1} 分钟"),
    SENTENCE("{} milliseconds", "{1} Millisekunden", "{1} millisecondes", "{1} milisegundos", " {1} 毫秒"),
    SENTENCE("{} seconds", "{1} Sekunden", "{1} secondes", "{1} segundos", " {1} 秒"),
    /* codings (method/get_coding.c) */
    SENTENCE("The request takes this in none of the codings that there are of it: {}. Let Accept-Encoding name one of "
             "them.",
             "Die Anfrage nimmt das in keiner der Codierungen an, die es davon gibt: {1}. Nennen Sie eine davon in "
             "Accept-Encoding.",
             "La requête n’accepte ceci dans aucun des codages disponibles : {1}. Nommez-en un dans Accept-Encoding.",
             "La petición no admite esto en ninguna de las codificaciones que hay: {1}. Nombre una de ellas en "
             "Accept-Encoding.",
             "请求不接受此内容现有的任何编码：{1}。请在 Accept-Encoding 中写明其中之一。"),
    /* logins */
    SENTENCE(
        "Too many wrong names and passwords came from your address. Wait for {} second{}, then log in with the "
        "right ones.",
        "Von Ihrer Adresse kamen zu viele falsche Namen und Passwörter. Warten Sie {1} s und melden Sie sich dann "
        "mit den richtigen an.",
        "Trop de noms et de mots de passe erronés sont venus de votre adresse. Attendez {1} s, puis connectez-vous "
        "avec les bons.",
        "De su dirección llegaron demasiados nombres y contraseñas equivocados. Espere {1} s y entre con los "
        "correctos.",
        "来自您地址的错误用户名和密码过多。请等待 {1} 秒，然后用正确的登录。"),
    SENTENCE("{}. Ask whoever gave it to you for a new one.",
             "[1]. Bitten Sie den, von dem Sie es haben, um ein neues.",
             "[1]. Demandez-en un nouveau à qui vous l’a donné.", "[1]. Pida uno nuevo a quien se lo dio.",
             "[1]。请向给您令牌的一方索取新的。"),
    /* which server */
    SENTENCE("This port speaks HTTPS, and the request came in plain HTTP. Try https://{}{}",
             "Dieser Port spricht HTTPS, und die Anfrage kam in einfachem HTTP. Versuchen Sie https://{1}{2}",
             "Ce port parle HTTPS, et la requête est arrivée en HTTP simple. Essayez https://{1}{2}",
             "Este puerto habla HTTPS, y la petición llegó en HTTP sin cifrar. Pruebe https://{1}{2}",
             "此端口使用 HTTPS，而请求是普通 HTTP。请试试 https://{1}{2}"),
    /* extensions (gate/extension.c) */
    SENTENCE(
        "A request with Man or C-Man has a method that begins with M-: send M-{}, or leave that field out. Nothing "
        "was done.",
        "Eine Anfrage mit Man oder C-Man hat eine Methode, die mit M- beginnt: senden Sie M-{1}, oder lassen Sie "
        "das Feld weg. Es wurde nichts getan.",
        "Une requête avec Man ou C-Man a une méthode qui commence par M- : envoyez M-{1}, ou omettez ce champ. Rien "
        "n’a été fait.",
        "Una petición con Man o C-Man tiene un método que empieza por M-: envíe M-{1}, o quite ese campo. No se "
        "hizo nada.",
        "带 Man 或 C-Man 的请求，其方法以 M- 开头：请发送 M-{1}，或去掉该字段。未执行任何操作。"),
    SENTENCE("The extension \"{}\" is not known here, and nothing was done. Known are \"{}\" and \"{}\".",
             "Die Erweiterung „{1}“ ist hier nicht bekannt, und es wurde nichts getan. Bekannt sind „{2}“ und „{3}“.",
             "L’extension « {1} » n’est pas connue ici, et rien n’a été fait. Sont connues « {2} » et « {3} ».",
             "La extensión «{1}» no se conoce aquí, y no se hizo nada. Se conocen «{2}» y «{3}».",
             "此处不认识扩展“{1}”，未执行任何操作。已知的有“{2}”和“{3}”。"),
    SENTENCE("{} is only for requests under the extension \"{}\", and nothing was done. Send it as M-{}, with Man: "
             "\"{}\"{}.",
             "[1] ist nur für Anfragen unter der Erweiterung „{2}“ da, und es wurde nichts getan. Senden Sie sie als "
             "M-{3}, mit Man: \"{4}\"[5].",
             "[1] n’est que pour les requêtes sous l’extension « {2} », et rien n’a été fait. Envoyez-la comme M-{3}, "
             "avec Man: \"{4}\"[5].",
             "[1] es solo para peticiones con la extensión «{2}», y no se hizo nada. Envíela como M-{3}, con Man: "
             "\"{4}\"[5].",
             "[1]仅供使用扩展“{2}”的请求，未执行任何操作。请以 M-{3} 发送，并带 Man: \"{4}\"[5]。"),
    /* variants (method/negotiate.c) */
    SENTENCE(
        "The variant that fits this request, {}, is a choice between variants itself, so that nothing can be sent. "
        "The server's operator has to name a file in its place: samovar check finds such loops.",
        "Die Variante, die zu dieser Anfrage passt, {1}, ist selbst eine Auswahl von Varianten; so kann nichts "
        "gesendet werden. Der Betreiber des Servers muss an ihrer Stelle eine Datei nennen: samovar check findet "
        "solche Schleifen.",
        "La variante qui convient à cette requête, {1}, est elle-même un choix entre variantes, de sorte que rien "
        "ne peut être envoyé. L’exploitant du serveur doit nommer un fichier à sa place : samovar check trouve de "
        "telles boucles.",
        "La variante que conviene a esta petición, {1}, es a su vez una elección entre variantes, así que no se "
        "puede enviar nada. El operador del servidor tiene que nombrar un archivo en su lugar: samovar check "
        "encuentra esos bucles.",
        "适合此请求的变体 {1} 本身又是变体之间的选择，因此无法发送任何内容。"
        "服务器的运营者须改为指定一个文件：samovar check 可以找出这样的循环。"),
    SENTENCE(
        "The type map {}, which lists the variants of this, cannot be used: {}. The server's operator has to mend "
        "it.",
        "Die Variantenliste {1} hierzu ist nicht zu gebrauchen: {2}. Der Betreiber des Servers muss sie berichtigen.",
        "La liste de variantes {1} de ceci est inutilisable : {2}. L’exploitant du serveur doit la corriger.",
        "La lista de variantes {1} de esto no se puede usar: {2}. El operador del servidor tiene que corregirla.",
        "列出其变体的类型映射 {1} 无法使用：{2}。须由服务器的运营者修正。"),
    /* contents and parts */
    SENTENCE(
        "The field {} has a value that is no digest: sha-256 is 32 octets and sha-512 is 64, in base64 between "
        "colons. Nothing was done.",
        "Das Feld {1} hat einen Wert, der keine Prüfsumme ist: sha-256 hat 32 Oktette und sha-512 64, in Base64 "
        "zwischen Doppelpunkten. Es wurde nichts getan.",
        "Le champ {1} a une valeur qui n’est pas une empreinte : sha-256 a 32 octets et sha-512 64, en base64 entre "
        "deux-points. Rien n’a été fait.",
        "El campo {1} tiene un valor que no es un resumen: sha-256 tiene 32 octetos y sha-512 tiene 64, en base64 "
        "entre dos puntos. No se hizo nada.",
        "字段 {1} 的值不是摘要：sha-256 为 32 个字节，sha-512 为 64 个，用 base64 写在冒号之间。未执行任何操作。"),
    SENTENCE(
        "The content is not what the field {} says; it was damaged on its way, or is another. Nothing was done: "
        "send it again.",
        "Der Inhalt ist nicht das, was das Feld {1} sagt; er wurde unterwegs beschädigt oder ist ein anderer. Es "
        "wurde nichts getan: senden Sie ihn noch einmal.",
        "Le contenu n’est pas ce que dit le champ {1} ; il a été endommagé en chemin, ou c’en est un autre. Rien "
        "n’a été fait : renvoyez-le.",
        "El contenido no es lo que dice el campo {1}; se dañó en el camino, o es otro. No se hizo nada: envíelo de "
        "nuevo.",
        "内容与字段 {1} 所述不符；可能在途中损坏，或是别的内容。未执行任何操作：请重新发送。"),
    SENTENCE("The file has {} octets: a part of it begins there at the latest, so that no gap is left. Nothing was "
             "changed.",
             "Die Datei hat {1} Oktette: spätestens dort beginnt ein Teil von ihr, damit keine Lücke bleibt. Es wurde "
             "nichts geändert.",
             "Le fichier a {1} octets : une partie commence là au plus tard, pour ne pas laisser de vide. Rien n’a été "
             "modifié.",
             "El archivo tiene {1} octetos: una parte empieza ahí a más tardar, para no dejar un hueco. No se cambió "
             "nada.",
             "文件有 {1} 个字节：其中一部分最晚从那里开始，以免留下空隙。未做任何更改。"),
    SENTENCE(
        "The delta cannot be applied. {}. Nothing was changed; the whole content can be sent by PUT.",
        "Das Delta lässt sich nicht anwenden ({1}). Es wurde nichts geändert; der ganze Inhalt kann mit PUT gesendet "
        "werden.",
        "Le delta ne peut pas être appliqué ({1}). Rien n’a été modifié ; le contenu entier peut être envoyé par "
        "PUT.",
        "El delta no se puede aplicar ({1}). No se cambió nada; el contenido entero se puede enviar con PUT.",
        "无法应用此增量（{1}）。未做任何更改；可以用 PUT 发送全部内容。"),
    SENTENCE("This pot can add: {}.", "Diese Kanne kann dazugeben: {1}.", "Cette cafetière peut ajouter : {1}.",
             "Esta cafetera puede añadir: {1}.", "此壶可以添加：{1}。"),
    /* XML and heads */
    SENTENCE("The body's element has to be {} in the namespace DAV:.",
             "Das Element des Inhalts muss {1} im Namensraum DAV: sein.",
             "L’élément du contenu doit être {1} dans l’espace de noms DAV:.",
             "El elemento del contenido tiene que ser {1} en el espacio de nombres DAV:.",
             "内容的元素必须是命名空间 DAV: 中的 {1}。"),
    SENTENCE("The XML is not well-formed: {} (line {}).", "Das XML ist nicht wohlgeformt: {1} (Zeile {2}).",
             "Le XML n’est pas bien formé : {1} (ligne {2}).", "El XML no está bien formado: {1} (línea {2}).",
             "XML 格式不正确：{1}（第 {2} 行）。"),
    SENTENCE("{} (Line {}.)", "[1] (Zeile {2}.)", "[1] (Ligne {2}.)", "[1] (Línea {2}.)", "[1]（第 {2} 行。）"),
    SENTENCE("{} The field is: {}", "[1] Das Feld ist: {2}", "[1] Le champ est : {2}", "[1] El campo es: {2}",
             "[1]该字段是：{2}"),
};

const struct sentences sentences_forms = SENTENCES(list);
