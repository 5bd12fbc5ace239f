/*
 * sentences_gates.c - what is said before a method begins: to the wrong server, without a right, under an extension, at
 * the portal.
 */
#include "sentences.h"

static const struct sentence list[] = {
    SENTENCE("This is reached by more paths than can be judged.",
             "Dahin führen mehr Pfade, als sich beurteilen lassen.",
             "Plus de chemins y mènent qu’il n’en peut être examiné.",
             "Llevan hasta aquí más rutas de las que se pueden juzgar.", "通往此处的路径多得无法逐一判断。"),
    /* rights and logins */
    SENTENCE("A user's name and password are needed here.", "Hier sind Name und Passwort eines Benutzers nötig.",
             "Un nom d’utilisateur et son mot de passe sont nécessaires ici.",
             "Aquí se necesitan el nombre y la contraseña de un usuario.", "此处需要用户名和密码。"),
    SENTENCE("No user has this name with this password.", "Kein Benutzer hat diesen Namen mit diesem Passwort.",
             "Aucun utilisateur n’a ce nom avec ce mot de passe.",
             "Ningún usuario tiene este nombre con esta contraseña.", "没有用户使用此用户名和密码。"),
    SENTENCE("This folder is served read-only.", "Dieser Ordner ist nur zum Lesen da.",
             "Ce dossier est servi en lecture seule.", "Esta carpeta se ofrece solo para lectura.",
             "此文件夹仅供读取。"),
    SENTENCE("Reading is allowed here, changing is not. (On an address that others can reach, changes need users, or "
             "--allow-write anyone.)",
             "Lesen ist hier erlaubt, Ändern nicht. (An einer Adresse, die andere erreichen, brauchen Änderungen "
             "Benutzer oder --allow-write anyone.)",
             "Lire est permis ici, modifier ne l’est pas. (À une adresse que d’autres peuvent atteindre, les "
             "modifications demandent des utilisateurs, ou --allow-write anyone.)",
             "Aquí se permite leer, pero no cambiar. (En una dirección a la que llegan otros, los cambios necesitan "
             "usuarios, o --allow-write anyone.)",
             "此处允许读取，不允许更改。（在他人可访问的地址上，更改需要用户，或 --allow-write anyone。）"),
    SENTENCE("Files may be put here, under new names; nothing can be read or listed.",
             "Hier können Dateien unter neuen Namen abgelegt werden; gelesen oder aufgelistet wird nichts.",
             "Vous pouvez déposer ici des fichiers sous de nouveaux noms ; rien ne peut être lu ni listé.",
             "Aquí se pueden dejar archivos con nombres nuevos; no se puede leer ni ver nada.",
             "可以用新名称在此存放文件；但不能读取或列出任何内容。"),
    SENTENCE("Brewing takes a right of its own, which you do not have here.",
             "Zum Brühen braucht es ein eigenes Recht, das Sie hier nicht haben.",
             "Préparer une boisson demande un droit particulier, que vous n’avez pas ici.",
             "Preparar bebidas requiere un derecho propio, que usted no tiene aquí.",
             "冲泡需要单独的权限，您在此处没有该权限。"),
    SENTENCE("Names that begin with a dot are not served here.",
             "Namen, die mit einem Punkt beginnen, gibt es hier nicht.",
             "Les noms qui commencent par un point ne sont pas servis ici.",
             "Los nombres que empiezan por un punto no se ofrecen aquí.", "此处不提供以点开头的名称。"),
    SENTENCE("A page of another site may not change anything here (Sec-Fetch-Site: cross-site).",
             "Die Seite einer anderen Website darf hier nichts ändern (Sec-Fetch-Site: cross-site).",
             "Une page d’un autre site n’a pas le droit de modifier quoi que ce soit ici (Sec-Fetch-Site: cross-site).",
             "Una página de otro sitio no puede cambiar nada aquí (Sec-Fetch-Site: cross-site).",
             "其他网站的页面不得在此更改任何内容（Sec-Fetch-Site: cross-site）。"),
    SENTENCE("A page of another site may not change anything here (Origin).",
             "Die Seite einer anderen Website darf hier nichts ändern (Origin).",
             "Une page d’un autre site n’a pas le droit de modifier quoi que ce soit ici (Origin).",
             "Una página de otro sitio no puede cambiar nada aquí (Origin).",
             "其他网站的页面不得在此更改任何内容（Origin）。"),
    SENTENCE("The Authorization field speaks of another address than the request: its uri has to be the request's "
             "target.",
             "Das Feld Authorization spricht von einer anderen Adresse als die Anfrage: sein uri muss das Ziel der "
             "Anfrage sein.",
             "Le champ Authorization parle d’une autre adresse que la requête : son uri doit être la cible de la "
             "requête.",
             "El campo Authorization habla de otra dirección que la petición: su uri tiene que ser el destino de la "
             "petición.",
             "Authorization 字段所指的地址与请求不同：其 uri 必须是请求的目标。"),
    /* tokens: the sentence goes on behind them (sentences_forms.c) */
    SENTENCE("The token is not valid", "Das Token ist nicht gültig", "Le jeton n’est pas valide",
             "El token no es válido", "令牌无效"),
    SENTENCE("The token is malformed", "Das Token ist fehlerhaft", "Le jeton est mal formé",
             "El token está mal formado", "令牌格式有误"),
    SENTENCE("The token is too long", "Das Token ist zu lang", "Le jeton est trop long", "El token es demasiado largo",
             "令牌过长"),
    SENTENCE("The token is expired", "Das Token ist abgelaufen", "Le jeton a expiré", "El token ha caducado",
             "令牌已过期"),
    SENTENCE("The token does not say when it expires (exp)", "Das Token sagt nicht, wann es abläuft (exp)",
             "Le jeton ne dit pas quand il expire (exp)", "El token no dice cuándo caduca (exp)",
             "令牌没有说明何时过期（exp）"),
    SENTENCE("The token does not count yet (nbf)", "Das Token gilt noch nicht (nbf)",
             "Le jeton n’est pas encore valable (nbf)", "El token aún no vale (nbf)", "令牌尚未生效（nbf）"),
    SENTENCE("The token was made in the future (iat)", "Das Token wurde in der Zukunft gemacht (iat)",
             "Le jeton a été créé dans le futur (iat)", "El token se hizo en el futuro (iat)",
             "令牌的签发时间在将来（iat）"),
    SENTENCE("The token is from another issuer (iss)", "Das Token ist von einem anderen Aussteller (iss)",
             "Le jeton vient d’un autre émetteur (iss)", "El token es de otro emisor (iss)",
             "令牌来自其他签发者（iss）"),
    SENTENCE("The token is for another server (aud)", "Das Token ist für einen anderen Server (aud)",
             "Le jeton est pour un autre serveur (aud)", "El token es para otro servidor (aud)",
             "令牌是给其他服务器的（aud）"),
    SENTENCE("The token does not name a user", "Das Token nennt keinen Benutzer", "Le jeton ne nomme pas d’utilisateur",
             "El token no nombra a ningún usuario", "令牌没有指明用户"),
    SENTENCE("The token's signature is not right", "Die Unterschrift des Tokens stimmt nicht",
             "La signature du jeton n’est pas bonne", "La firma del token no es correcta", "令牌的签名不正确"),
    SENTENCE("The token's key is not known here", "Der Schlüssel des Tokens ist hier nicht bekannt",
             "La clé du jeton n’est pas connue ici", "La clave del token no se conoce aquí", "此处不认识令牌的密钥"),
    SENTENCE("No tokens are read here", "Hier werden keine Token gelesen", "Aucun jeton n’est lu ici",
             "Aquí no se leen tokens", "此处不读取令牌"),
    /* a legal demand */
    SENTENCE(
        "A legal demand keeps this server from answering for this address, whether or not there is anything at it. "
        "Who is concerned by it can turn to who demands it, or to the server's operator.",
        "Eine rechtliche Forderung hindert diesen Server daran, für diese Adresse zu antworten, ob dort etwas ist "
        "oder nicht. Wen das betrifft, der kann sich an den wenden, der es fordert, oder an den Betreiber des "
        "Servers.",
        "Une demande légale empêche ce serveur de répondre pour cette adresse, qu’il s’y trouve quelque chose ou "
        "non. Qui est concerné peut s’adresser à l’auteur de la demande ou à l’exploitant du serveur.",
        "Una exigencia legal impide a este servidor responder por esta dirección, haya algo en ella o no. Quien se "
        "vea afectado puede dirigirse a quien lo exige o al operador del servidor.",
        "由于法律要求，此服务器不能就此地址作答，无论该处是否有内容。相关人士可联系提出要求者或服务器的运营者。"),
    SENTENCE("Demanded by", "Gefordert von", "Demandé par", "Exigido por", "要求者"),
    SENTENCE("Reference", "Aktenzeichen", "Référence", "Referencia", "文号"),
    SENTENCE("Since", "Seit", "Depuis", "Desde", "起始日期"),
    SENTENCE("Holds in", "Gilt in", "S’applique en", "Rige en", "适用地区"),
    /* which server */
    SENTENCE("This address speaks http; it is no proxy for other schemes.",
             "Diese Adresse spricht http; sie vermittelt nichts anderes.",
             "Cette adresse parle http ; elle n’est pas un mandataire pour d’autres schémas.",
             "Esta dirección habla http; no es un intermediario para otros esquemas.",
             "此地址使用 http；不代理其他协议。"),
    SENTENCE("This address speaks plain http, not https.", "Diese Adresse spricht einfaches http, nicht https.",
             "Cette adresse parle http simple, pas https.", "Esta dirección habla http sin cifrar, no https.",
             "此地址使用普通 http，而不是 https。"),
    SENTENCE("This connection was made for another site's name. Connect anew for this one.",
             "Diese Verbindung wurde für den Namen einer anderen Website aufgebaut. Verbinden Sie sich für diese neu.",
             "Cette connexion a été établie pour le nom d’un autre site. Reconnectez-vous pour celui-ci.",
             "Esta conexión se hizo para el nombre de otro sitio. Conéctese de nuevo para este.",
             "此连接是为另一个网站名称建立的。请为此网站重新连接。"),
    SENTENCE("This site asks for a certificate by now. Connect anew and show one.",
             "Diese Website verlangt inzwischen ein Zertifikat. Verbinden Sie sich neu und zeigen Sie eines.",
             "Ce site demande désormais un certificat. Reconnectez-vous et présentez-en un.",
             "Este sitio pide ahora un certificado. Conéctese de nuevo y muestre uno.",
             "此网站现在要求证书。请重新连接并出示证书。"),
    SENTENCE(
        "This name is not served here. Use localhost or an address, or start the server with --host and this name.",
        "Dieser Name wird hier nicht bedient. Nehmen Sie localhost oder eine Adresse, oder starten Sie den Server "
        "mit --host und diesem Namen.",
        "Ce nom n’est pas servi ici. Utilisez localhost ou une adresse, ou démarrez le serveur avec --host et ce "
        "nom.",
        "Este nombre no se sirve aquí. Use localhost o una dirección, o inicie el servidor con --host y este "
        "nombre.",
        "此处不提供该名称的服务。请使用 localhost 或地址，或用 --host 加此名称启动服务器。"),
    SENTENCE("This name is not served here; the server's hosts are named in its configuration.",
             "Dieser Name wird hier nicht bedient; die Namen des Servers stehen in seiner Konfiguration.",
             "Ce nom n’est pas servi ici ; les noms du serveur figurent dans sa configuration.",
             "Este nombre no se sirve aquí; los nombres del servidor están en su configuración.",
             "此处不提供该名称的服务；服务器的名称写在其配置中。"),
    SENTENCE("This name is not known here. Use localhost or an address.",
             "Dieser Name ist hier nicht bekannt. Nehmen Sie localhost oder eine Adresse.",
             "Ce nom n’est pas connu ici. Utilisez localhost ou une adresse.",
             "Este nombre no se conoce aquí. Use localhost o una dirección.",
             "此处不认识该名称。请使用 localhost 或地址。"),
    SENTENCE("There is nothing at this address. Here are /metrics and /health.",
             "Unter dieser Adresse gibt es nichts. Hier sind /metrics und /health.",
             "Il n’y a rien à cette adresse. Ici se trouvent /metrics et /health.",
             "No hay nada en esta dirección. Aquí están /metrics y /health.",
             "此地址没有任何内容。此处有 /metrics 和 /health。"),
    SENTENCE("This port speaks HTTPS, and the request came in plain HTTP.",
             "Dieser Port spricht HTTPS, und die Anfrage kam in einfachem HTTP.",
             "Ce port parle HTTPS, et la requête est arrivée en HTTP simple.",
             "Este puerto habla HTTPS, y la petición llegó en HTTP sin cifrar.",
             "此端口使用 HTTPS，而请求是普通 HTTP。"),
    SENTENCE("This port speaks HTTPS, and what came is neither TLS nor a request of HTTP/1.1.",
             "Dieser Port spricht HTTPS, und was kam, ist weder TLS noch eine Anfrage in HTTP/1.1.",
             "Ce port parle HTTPS, et ce qui est arrivé n’est ni du TLS ni une requête HTTP/1.1.",
             "Este puerto habla HTTPS, y lo que llegó no es ni TLS ni una petición de HTTP/1.1.",
             "此端口使用 HTTPS，而收到的既不是 TLS 也不是 HTTP/1.1 请求。"),
    /* what has moved */
    SENTENCE("This has moved. Repeat the request at its new address, and use that one from now on.",
             "Das ist umgezogen. Wiederholen Sie die Anfrage unter der neuen Adresse und verwenden Sie künftig diese.",
             "Ceci a été déplacé. Répétez la requête à sa nouvelle adresse et utilisez désormais celle-ci.",
             "Esto se ha trasladado. Repita la petición en su nueva dirección y use esa de ahora en adelante.",
             "此内容已移动。请在新地址重复请求，今后也请使用新地址。"),
    SENTENCE(
        "What was here has moved, and no earlier contents are at its old address. Ask for those of its new one.",
        "Was hier war, ist umgezogen, und unter der alten Adresse sind keine früheren Inhalte. Fragen Sie nach "
        "denen der neuen.",
        "Ce qui était ici a été déplacé, et son ancienne adresse n’a pas de contenus antérieurs. Demandez ceux de "
        "la nouvelle.",
        "Lo que había aquí se ha trasladado, y en la dirección antigua no hay contenidos anteriores. Pida los de la "
        "nueva.",
        "原来在此的内容已移动，旧地址没有以前的内容。请查询新地址的。"),
    SENTENCE(
        "What the Destination names has moved. Nothing was changed: repeat the request with the new address as its "
        "Destination.",
        "Was Destination nennt, ist umgezogen. Es wurde nichts geändert: wiederholen Sie die Anfrage mit der neuen "
        "Adresse als Destination.",
        "Ce que nomme Destination a été déplacé. Rien n’a été modifié : répétez la requête avec la nouvelle adresse "
        "comme Destination.",
        "Lo que nombra Destination se ha trasladado. No se cambió nada: repita la petición con la nueva dirección "
        "como Destination.",
        "Destination 所指的内容已移动。未做任何更改：请以新地址作为 Destination 重复请求。"),
    /* extensions (RFC 2774) */
    SENTENCE(
        "A method that begins with M- takes a field that says which extension the request is made under: Man, or "
        "C-Man where Connection lists it. Nothing was done; send it with such a field, or without M-.",
        "Eine Methode, die mit M- beginnt, braucht ein Feld, das sagt, unter welcher Erweiterung die Anfrage "
        "steht: Man, oder C-Man, wenn Connection es nennt. Es wurde nichts getan; senden Sie sie mit einem solchen "
        "Feld oder ohne M-.",
        "Une méthode qui commence par M- demande un champ qui dit sous quelle extension la requête est faite : Man, "
        "ou C-Man si Connection le cite. Rien n’a été fait ; envoyez-la avec un tel champ, ou sans M-.",
        "Un método que empieza por M- necesita un campo que diga bajo qué extensión se hace la petición: Man, o "
        "C-Man si Connection lo nombra. No se hizo nada; envíela con ese campo, o sin M-.",
        "以 M- 开头的方法需要一个字段说明请求依据哪个扩展：Man，或在 Connection 列出时用 C-Man。"
        "未执行任何操作；请带上该字段，或去掉 M- 再发送。"),
    SENTENCE(
        "This method does not look at content, so its digest cannot be compared; send the request without content. "
        "Nothing was done.",
        "Diese Methode sieht sich keinen Inhalt an, also kann seine Prüfsumme nicht verglichen werden; senden Sie "
        "die Anfrage ohne Inhalt. Es wurde nichts getan.",
        "Cette méthode ne regarde pas le contenu, son empreinte ne peut donc pas être comparée ; envoyez la requête "
        "sans contenu. Rien n’a été fait.",
        "Este método no mira el contenido, así que su resumen no se puede comparar; envíe la petición sin "
        "contenido. No se hizo nada.",
        "此方法不查看内容，因此无法比对其摘要；请发送不带内容的请求。未执行任何操作。"),
    SENTENCE(
        "Under the extension integrity content takes a digest: send Content-Digest or Repr-Digest with its sha-256 "
        "or sha-512. Nothing was done.",
        "Unter der Erweiterung integrity braucht Inhalt eine Prüfsumme: senden Sie Content-Digest oder Repr-Digest "
        "mit sha-256 oder sha-512. Es wurde nichts getan.",
        "Sous l’extension integrity, un contenu demande une empreinte : envoyez Content-Digest ou Repr-Digest avec "
        "son sha-256 ou sha-512. Rien n’a été fait.",
        "Con la extensión integrity, el contenido necesita un resumen: envíe Content-Digest o Repr-Digest con su "
        "sha-256 o sha-512. No se hizo nada.",
        "使用扩展 integrity 时内容需要摘要：请发送带 sha-256 或 sha-512 的 Content-Digest 或 Repr-Digest。"
        "未执行任何操作。"),
    SENTENCE(
        "The reason is missing: declare the extension with a prefix (Man: \"urn:samovar:ext:reason\"; ns=16) and say "
        "why in the field with that prefix (16-reason: ...). Nothing was done.",
        "Die Begründung fehlt: deklarieren Sie die Erweiterung mit einem Präfix (Man: \"urn:samovar:ext:reason\"; "
        "ns=16), und sagen Sie im Feld mit diesem Präfix, warum (16-reason: ...). Es wurde nichts getan.",
        "La raison manque : déclarez l’extension avec un préfixe (Man: \"urn:samovar:ext:reason\"; ns=16) et dites "
        "pourquoi dans le champ qui a ce préfixe (16-reason: ...). Rien n’a été fait.",
        "Falta el motivo: declare la extensión con un prefijo (Man: \"urn:samovar:ext:reason\"; ns=16) y diga por qué "
        "en el campo con ese prefijo (16-reason: ...). No se hizo nada.",
        "缺少理由：请以前缀声明扩展（Man: \"urn:samovar:ext:reason\"; ns=16），并在带该前缀的字段中说明原因"
        "（16-reason: ...）。未执行任何操作。"),
    SENTENCE("The reason is longer than 1024 octets; say it more shortly. Nothing was done.",
             "Die Begründung ist länger als 1024 Oktette; fassen Sie sich kürzer. Es wurde nichts getan.",
             "La raison dépasse 1024 octets ; dites-la plus brièvement. Rien n’a été fait.",
             "El motivo tiene más de 1024 octetos; dígalo más brevemente. No se hizo nada.",
             "理由超过 1024 个字节；请说得更简短。未执行任何操作。"),
    SENTENCE("What is at this address", "Was unter dieser Adresse ist,", "Ce qui est à cette adresse",
             "Lo que hay en esta dirección", "此地址的内容"),
    SENTENCE("What is at the destination", "Was am Ziel ist,", "Ce qui est à la destination",
             "Lo que hay en el destino", "目标处的内容"),
    SENTENCE("Something below this folder", "Etwas in diesem Ordner", "Quelque chose dans ce dossier",
             "Algo dentro de esta carpeta", "此文件夹内的某些内容"),
    SENTENCE(", and where it has content the field Content-Digest or Repr-Digest with its sha-256 or sha-512",
             " und bei Inhalt dem Feld Content-Digest oder Repr-Digest mit sha-256 oder sha-512",
             " et, s’il y a un contenu, le champ Content-Digest ou Repr-Digest avec son sha-256 ou sha-512",
             " y, si lleva contenido, el campo Content-Digest o Repr-Digest con su sha-256 o sha-512",
             "，有内容时还要带 sha-256 或 sha-512 的 Content-Digest 或 Repr-Digest 字段"),
    SENTENCE("; ns=16 and 16-reason: why you want it (it is written down)",
             "; ns=16 und 16-reason: warum Sie es wollen (es wird aufgeschrieben)",
             "; ns=16 et 16-reason: pourquoi vous le voulez (c’est noté)",
             "; ns=16 y 16-reason: por qué lo quiere (queda anotado)", "; ns=16 和 16-reason: 您的理由（会被记录）"),
    /* the portal's, to programs and on its way */
    SENTENCE("This network wants you to log in before you use it. Open its login page in a browser:",
             "Dieses Netz möchte, dass Sie sich anmelden, bevor Sie es nutzen. Öffnen Sie seine Anmeldeseite in einem "
             "Browser:",
             "Ce réseau vous demande de vous connecter avant de l’utiliser. Ouvrez sa page de connexion dans un "
             "navigateur :",
             "Esta red pide que usted inicie sesión antes de usarla. Abra su página de inicio de sesión en un "
             "navegador:",
             "使用此网络前需要登录。请在浏览器中打开其登录页面："),
    SENTENCE("This network wants you to log in first.", "Dieses Netz möchte, dass Sie sich zuerst anmelden.",
             "Ce réseau vous demande de vous connecter d’abord.", "Esta red pide que usted inicie sesión primero.",
             "此网络要求您先登录。"),
    SENTENCE("The network is open to you now: ask once more.",
             "Das Netz ist jetzt für Sie offen: fragen Sie noch einmal.",
             "Le réseau vous est maintenant ouvert : demandez encore une fois.",
             "La red ya está abierta para usted: pida otra vez.", "网络现已对您开放：请再次请求。"),
    SENTENCE("The network is open to you now: ask once more, over a new connection.",
             "Das Netz ist jetzt für Sie offen: fragen Sie noch einmal, über eine neue Verbindung.",
             "Le réseau vous est maintenant ouvert : demandez encore une fois, par une nouvelle connexion.",
             "La red ya está abierta para usted: pida otra vez, con una conexión nueva.",
             "网络现已对您开放：请用新的连接再次请求。"),
    SENTENCE("The pages of this network are given over TLS.", "Die Seiten dieses Netzes gibt es über TLS.",
             "Les pages de ce réseau sont données par TLS.", "Las páginas de esta red se dan por TLS.",
             "此网络的页面通过 TLS 提供。"),
    SENTENCE("The login page is at another address.", "Die Anmeldeseite hat eine andere Adresse.",
             "La page de connexion est à une autre adresse.", "La página de inicio de sesión está en otra dirección.",
             "登录页面在另一个地址。"),
    SENTENCE("The page for people is at another address.", "Die Seite für Menschen hat eine andere Adresse.",
             "La page pour les personnes est à une autre adresse.", "La página para personas está en otra dirección.",
             "供人阅读的页面在另一个地址。"),
    SENTENCE("This page is given over TLS.", "Diese Seite gibt es über TLS.", "Cette page est donnée par TLS.",
             "Esta página se da por TLS.", "此页面通过 TLS 提供。"),
    SENTENCE("This is done over TLS only. Open the login page there:",
             "Das geht nur über TLS. Öffnen Sie dort die Anmeldeseite:",
             "Cela ne se fait que par TLS. Ouvrez-y la page de connexion :",
             "Esto solo se hace por TLS. Abra allí la página de inicio de sesión:",
             "此操作只能通过 TLS 进行。请在那里打开登录页面："),
    SENTENCE("There is nothing at this address of the portal.", "Unter dieser Adresse des Portals gibt es nichts.",
             "Il n’y a rien à cette adresse du portail.", "No hay nada en esta dirección del portal.",
             "门户的此地址没有任何内容。"),
    SENTENCE("What came of it stands on the login page.", "Was daraus wurde, steht auf der Anmeldeseite.",
             "Le résultat se trouve sur la page de connexion.", "El resultado está en la página de inicio de sesión.",
             "结果显示在登录页面上。"),
    SENTENCE("Logging in takes the login page's form, that is content of type application/x-www-form-urlencoded.",
             "Zum Anmelden gehört das Formular der Anmeldeseite, also Inhalt vom Typ "
             "application/x-www-form-urlencoded.",
             "Pour se connecter, il faut le formulaire de la page de connexion, donc un contenu de type "
             "application/x-www-form-urlencoded.",
             "Para iniciar sesión se usa el formulario de su página, es decir, contenido de tipo "
             "application/x-www-form-urlencoded.",
             "登录需使用登录页面的表单，即 application/x-www-form-urlencoded 类型的内容。"),
    SENTENCE("The API is given over TLS only. Ask for it there.", "Die API gibt es nur über TLS. Fragen Sie dort.",
             "L’API n’est donnée que par TLS. Demandez-la là.", "La API solo se da por TLS. Pídala allí.",
             "API 仅通过 TLS 提供。请在那里请求。"),
    SENTENCE("The API is given over TLS only, and this server has no certificate. Use the login page.",
             "Die API gibt es nur über TLS, und dieser Server hat kein Zertifikat. Nehmen Sie die Anmeldeseite.",
             "L’API n’est donnée que par TLS, et ce serveur n’a pas de certificat. Utilisez la page de connexion.",
             "La API solo se da por TLS, y este servidor no tiene certificado. Use la página de inicio de sesión.",
             "API 仅通过 TLS 提供，而此服务器没有证书。请使用登录页面。"),
};

const struct sentences sentences_gates = SENTENCES(list);
