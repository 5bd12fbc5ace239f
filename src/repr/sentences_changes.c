/*
 * sentences_changes.c - of methods that write: PUT, PATCH, DELETE, MKCOL, COPY, MOVE, LOCK, PROPPATCH.
 */
#include "sentences.h"

static const struct sentence list[] = {
    /* who may change it, and knowing what (change_guard.c, if_scope.c) */
    SENTENCE(
        "A folder is changed here only by who knows what is in it. Lock it, or ask for its DAV:sync-token, and "
        "repeat the request with that token in the field If. Nothing was changed.",
        "Einen Ordner ändert hier nur, wer weiß, was darin ist. Sperren Sie ihn, oder fragen Sie nach seinem "
        "DAV:sync-token, und wiederholen Sie die Anfrage mit diesem Token im Feld If. Es wurde nichts geändert.",
        "Un dossier n’est modifié ici que par qui sait ce qu’il contient. Verrouillez-le, ou demandez son "
        "DAV:sync-token, et répétez la requête avec ce jeton dans le champ If. Rien n’a été modifié.",
        "Aquí solo cambia una carpeta quien sabe lo que hay en ella. Bloquéela, o pida su DAV:sync-token, y repita "
        "la petición con ese token en el campo If. No se cambió nada.",
        "在此只有了解文件夹内容者才能更改它。请锁定它，或获取其 DAV:sync-token，并在 If "
        "字段中带上该令牌重复请求。未做任何更改。"),
    SENTENCE(
        "A delta is for one version of the file, which has to be named. Repeat the request with the field If-Match "
        "and the ETag of the version that the delta was made from. Nothing was changed.",
        "Ein Delta gilt für eine Fassung der Datei, die genannt werden muss. Wiederholen Sie die Anfrage mit dem "
        "Feld If-Match und dem ETag der Fassung, aus der das Delta gemacht wurde. Es wurde nichts geändert.",
        "Un delta vaut pour une version du fichier, qui doit être nommée. Répétez la requête avec le champ If-Match "
        "et l’ETag de la version dont le delta a été tiré. Rien n’a été modifié.",
        "Un delta es para una versión del archivo, que hay que nombrar. Repita la petición con el campo If-Match y "
        "el ETag de la versión de la que se hizo el delta. No se cambió nada.",
        "增量针对文件的某一个版本，必须指明。请带上 If-Match 字段和生成增量所用版本的 ETag "
        "重复请求。未做任何更改。"),
    SENTENCE(
        "What is here is changed only by who says which version he knows, so that nobody's work is lost. Fetch it, "
        "then repeat the request with the field If-Match and the ETag that came with it (or lock it). Nothing was "
        "changed.",
        "Was hier ist, ändert nur, wer sagt, welche Fassung er kennt, damit niemandes Arbeit verloren geht. Holen "
        "Sie es, und wiederholen Sie die Anfrage dann mit dem Feld If-Match und dem ETag, das dabei war (oder "
        "sperren Sie es). Es wurde nichts geändert.",
        "Ce qui est ici n’est modifié que par qui dit quelle version il connaît, pour que le travail de personne ne "
        "soit perdu. Récupérez-le, puis répétez la requête avec le champ If-Match et l’ETag reçu (ou "
        "verrouillez-le). Rien n’a été modifié.",
        "Lo que hay aquí solo lo cambia quien dice qué versión conoce, para que no se pierda el trabajo de nadie. "
        "Obténgalo y repita la petición con el campo If-Match y el ETag que lo acompañaba (o bloquéelo). No se "
        "cambió nada.",
        "此处的内容只能由说明所知版本者更改，以免他人的工作丢失。请先获取它，再带上 If-Match 字段和随附的 ETag "
        "重复请求（或锁定它）。未做任何更改。"),
    SENTENCE("This is locked, and the request does not submit the lock's token.",
             "Das ist gesperrt, und die Anfrage legt das Token der Sperre nicht vor.",
             "Ceci est verrouillé, et la requête ne présente pas le jeton du verrou.",
             "Esto está bloqueado, y la petición no presenta el token del bloqueo.",
             "此内容已被锁定，而请求没有提交锁的令牌。"),
    SENTENCE(
        "A condition of the request does not hold: the resource is not as the client believes. Nothing was "
        "changed. Fetch it again, then repeat.",
        "Eine Bedingung der Anfrage gilt nicht: die Ressource ist nicht so, wie das Programm glaubt. Es wurde "
        "nichts geändert. Holen Sie sie neu und wiederholen Sie es dann.",
        "Une condition de la requête n’est pas remplie : la ressource n’est pas comme le client le croit. Rien n’a "
        "été modifié. Récupérez-la à nouveau, puis recommencez.",
        "No se cumple una condición de la petición: el recurso no es como el cliente cree. No se cambió nada. "
        "Obténgalo de nuevo y repita.",
        "请求的条件不成立：资源与客户端所认为的不同。未做任何更改。请重新获取后再试。"),
    SENTENCE("The field If is malformed. Nothing was changed.", "Das Feld If ist fehlerhaft. Es wurde nichts geändert.",
             "Le champ If est mal formé. Rien n’a été modifié.", "El campo If está mal formado. No se cambió nada.",
             "If 字段格式有误。未做任何更改。"),
    SENTENCE("What the field If says does not hold: the resource is not as the client believes, or a lock is no longer "
             "there.",
             "Was das Feld If sagt, gilt nicht: die Ressource ist nicht so, wie das Programm glaubt, oder eine Sperre "
             "ist nicht mehr da.",
             "Ce que dit le champ If n’est pas vrai : la ressource n’est pas comme le client le croit, ou un verrou "
             "n’existe plus.",
             "Lo que dice el campo If no se cumple: el recurso no es como el cliente cree, o un bloqueo ya no existe.",
             "If 字段所述不成立：资源与客户端所认为的不同，或某个锁已不存在。"),
    /* contents that are stored (put.c, put_edit.c, put_stretch.c, patch.c, gather.c) */
    SENTENCE("An address that ends in a slash is a folder's; a file's has none.",
             "Eine Adresse, die mit einem Schrägstrich endet, ist die eines Ordners; die einer Datei hat keinen.",
             "Une adresse qui se termine par une barre oblique est celle d’un dossier ; celle d’un fichier n’en a pas.",
             "Una dirección que termina en una barra es de una carpeta; la de un archivo no la lleva.",
             "以斜杠结尾的地址是文件夹的；文件的地址没有斜杠。"),
    SENTENCE("There is a folder at this address; a file cannot take its place.",
             "Unter dieser Adresse ist ein Ordner; eine Datei kann nicht an seine Stelle treten.",
             "Il y a un dossier à cette adresse ; un fichier ne peut pas prendre sa place.",
             "En esta dirección hay una carpeta; un archivo no puede ocupar su lugar.",
             "此地址是文件夹；文件不能取代它。"),
    SENTENCE("There is a folder at this address; it has no content to be changed.",
             "Unter dieser Adresse ist ein Ordner; er hat keinen Inhalt, der zu ändern wäre.",
             "Il y a un dossier à cette adresse ; il n’a pas de contenu à modifier.",
             "En esta dirección hay una carpeta; no tiene contenido que cambiar.",
             "此地址是文件夹；没有可更改的内容。"),
    SENTENCE("The content is larger than this server takes. Nothing was stored.",
             "Der Inhalt ist größer, als dieser Server annimmt. Es wurde nichts gespeichert.",
             "Le contenu est plus grand que ce que ce serveur accepte. Rien n’a été enregistré.",
             "El contenido es más grande de lo que este servidor admite. No se guardó nada.",
             "内容超过了此服务器接受的大小。未存储任何内容。"),
    SENTENCE("The content is larger than this method takes.", "Der Inhalt ist größer, als diese Methode annimmt.",
             "Le contenu est plus grand que ce que cette méthode accepte.",
             "El contenido es más grande de lo que este método admite.", "内容超过了此方法接受的大小。"),
    SENTENCE("Content is stored as it is; send it without Content-Encoding.",
             "Inhalt wird gespeichert, wie er ist; senden Sie ihn ohne Content-Encoding.",
             "Le contenu est enregistré tel quel ; envoyez-le sans Content-Encoding.",
             "El contenido se guarda tal cual; envíelo sin Content-Encoding.",
             "内容按原样存储；请不要带 Content-Encoding 发送。"),
    SENTENCE(
        "The file was changed by somebody else meanwhile: it is no longer the version that the request names. "
        "Nothing was changed. Fetch it again, then repeat.",
        "Jemand anderes hat die Datei inzwischen geändert: sie ist nicht mehr die Fassung, die die Anfrage nennt. "
        "Es wurde nichts geändert. Holen Sie sie neu und wiederholen Sie es dann.",
        "Quelqu’un d’autre a modifié le fichier entre-temps : ce n’est plus la version que nomme la requête. Rien "
        "n’a été modifié. Récupérez-le à nouveau, puis recommencez.",
        "Otra persona cambió el archivo entretanto: ya no es la versión que nombra la petición. No se cambió nada. "
        "Obténgalo de nuevo y repita.",
        "文件其间已被他人更改：不再是请求所指的版本。未做任何更改。请重新获取后再试。"),
    SENTENCE("The file was changed by somebody else while this came in. Nothing was changed; send it again, best with "
             "If-Match and the ETag of the version that it belongs to.",
             "Jemand anderes hat die Datei geändert, während dies ankam. Es wurde nichts geändert; senden Sie es noch "
             "einmal, am besten mit If-Match und dem ETag der Fassung, zu der es gehört.",
             "Quelqu’un d’autre a modifié le fichier pendant l’arrivée de ceci. Rien n’a été modifié ; renvoyez-le, de "
             "préférence avec If-Match et l’ETag de la version correspondante.",
             "Otra persona cambió el archivo mientras llegaba esto. No se cambió nada; envíelo de nuevo, mejor con "
             "If-Match y el ETag de la versión a la que pertenece.",
             "在接收期间文件被他人更改。未做任何更改；请重新发送，最好带上 If-Match 和所属版本的 ETag。"),
    SENTENCE("There is nothing at this address that could be changed; a whole content can be stored here by PUT.",
             "Unter dieser Adresse gibt es nichts zu ändern; ein ganzer Inhalt kann hier mit PUT gespeichert werden.",
             "Il n’y a rien à modifier à cette adresse ; un contenu entier peut y être enregistré par PUT.",
             "En esta dirección no hay nada que cambiar; un contenido entero se puede guardar aquí con PUT.",
             "此地址没有可更改的内容；可以用 PUT 在此存储完整内容。"),
    SENTENCE("The file would become larger than this server takes. Nothing was changed.",
             "Die Datei würde größer, als dieser Server annimmt. Es wurde nichts geändert.",
             "Le fichier deviendrait plus grand que ce que ce serveur accepte. Rien n’a été modifié.",
             "El archivo sería más grande de lo que este servidor admite. No se cambió nada.",
             "文件将超过此服务器接受的大小。未做任何更改。"),
    SENTENCE("This part begins behind the end of the file, and would leave a gap. Nothing was changed.",
             "Dieser Teil beginnt hinter dem Ende der Datei und ließe eine Lücke. Es wurde nichts geändert.",
             "Cette partie commence après la fin du fichier et laisserait un vide. Rien n’a été modifié.",
             "Esta parte empieza después del final del archivo y dejaría un hueco. No se cambió nada.",
             "此部分始于文件末尾之后，会留下空隙。未做任何更改。"),
    SENTENCE(
        "With this part the file would not have the length that Content-Range says: it is not the one that the "
        "client believes. Nothing was changed; look at it again, or send the whole content without Content-Range.",
        "Mit diesem Teil hätte die Datei nicht die Länge, die Content-Range sagt: sie ist nicht die, für die das "
        "Programm sie hält. Es wurde nichts geändert; sehen Sie neu nach, oder senden Sie den ganzen Inhalt ohne "
        "Content-Range.",
        "Avec cette partie, le fichier n’aurait pas la longueur que dit Content-Range : ce n’est pas celui que "
        "croit le client. Rien n’a été modifié ; regardez-le à nouveau, ou envoyez le contenu entier sans "
        "Content-Range.",
        "Con esta parte el archivo no tendría la longitud que dice Content-Range: no es el que el cliente cree. No "
        "se cambió nada; mírelo de nuevo, o envíe el contenido entero sin Content-Range.",
        "加上此部分后，文件长度与 Content-Range 所述不符：它不是客户端所认为的文件。未做任何更改；"
        "请重新查看，或不带 Content-Range 发送全部内容。"),
    SENTENCE("The content has not as many octets as Content-Range says. Nothing was changed.",
             "Der Inhalt hat nicht so viele Oktette, wie Content-Range sagt. Es wurde nichts geändert.",
             "Le contenu n’a pas autant d’octets que le dit Content-Range. Rien n’a été modifié.",
             "El contenido no tiene tantos octetos como dice Content-Range. No se cambió nada.",
             "内容的字节数与 Content-Range 所述不符。未做任何更改。"),
    SENTENCE("A part of a file cannot be stored by PUT: the whole content is needed, without Content-Range.",
             "Ein Teil einer Datei kann mit PUT nicht gespeichert werden: es braucht den ganzen Inhalt, ohne "
             "Content-Range.",
             "Une partie d’un fichier ne peut pas être enregistrée par PUT : il faut le contenu entier, sans "
             "Content-Range.",
             "Una parte de un archivo no se puede guardar con PUT: hace falta el contenido entero, sin Content-Range.",
             "不能用 PUT 存储文件的一部分：需要全部内容，且不带 Content-Range。"),
    SENTENCE(
        "Content-Range does not say which part of the file this is, as in \"bytes 500-999/1000\" or \"bytes "
        "500-999/*\". Nothing was changed.",
        "Content-Range sagt nicht, welcher Teil der Datei das ist, wie in \"bytes 500-999/1000\" oder \"bytes "
        "500-999/*\". Es wurde nichts geändert.",
        "Content-Range ne dit pas de quelle partie du fichier il s’agit, comme dans \"bytes 500-999/1000\" ou "
        "\"bytes 500-999/*\". Rien n’a été modifié.",
        "Content-Range no dice qué parte del archivo es esta, como en \"bytes 500-999/1000\" o \"bytes 500-999/*\". "
        "No se cambió nada.",
        "Content-Range 没有说明这是文件的哪一部分，例如 \"bytes 500-999/1000\" 或 \"bytes "
        "500-999/*\"。未做任何更改。"),
    SENTENCE(
        "A change of a file is a delta here: application/vcdiff (RFC 3284) or application/gdiff, said in "
        "Content-Type. Nothing was changed.",
        "Die Änderung einer Datei ist hier ein Delta: application/vcdiff (RFC 3284) oder application/gdiff, in "
        "Content-Type genannt. Es wurde nichts geändert.",
        "Une modification de fichier est ici un delta : application/vcdiff (RFC 3284) ou application/gdiff, indiqué "
        "dans Content-Type. Rien n’a été modifié.",
        "Aquí el cambio de un archivo es un delta: application/vcdiff (RFC 3284) o application/gdiff, dicho en "
        "Content-Type. No se cambió nada.",
        "在此对文件的更改是增量：application/vcdiff（RFC 3284）或 application/gdiff，写在 Content-Type "
        "中。未做任何更改。"),
    SENTENCE("The field OC-Checksum is malformed. Nothing was stored.",
             "Das Feld OC-Checksum ist fehlerhaft. Es wurde nichts gespeichert.",
             "Le champ OC-Checksum est mal formé. Rien n’a été enregistré.",
             "El campo OC-Checksum está mal formado. No se guardó nada.", "OC-Checksum 字段格式有误。未存储任何内容。"),
    /* folders and names (delete.c, mkcol.c, transfer.c, destination.c) */
    SENTENCE("There is something at this address already.", "Unter dieser Adresse gibt es schon etwas.",
             "Il y a déjà quelque chose à cette adresse.", "En esta dirección ya hay algo.", "此地址已有内容。"),
    SENTENCE("The name is taken by something that cannot be shown here, such as a pipe or a link that leads nowhere.",
             "Der Name ist von etwas belegt, das hier nicht gezeigt werden kann, etwa einer Pipe oder einem Link ins "
             "Leere.",
             "Le nom est pris par quelque chose qui ne peut pas être montré ici, comme un tube ou un lien qui ne mène "
             "nulle part.",
             "El nombre lo ocupa algo que aquí no se puede mostrar, como una tubería o un enlace que no lleva a ningún "
             "sitio.",
             "该名称已被此处无法显示的内容占用，例如管道或失效的链接。"),
    SENTENCE("Another volume is mounted here; it cannot be deleted.",
             "Hier ist ein anderer Datenträger eingehängt; er kann nicht gelöscht werden.",
             "Un autre volume est monté ici ; il ne peut pas être supprimé.",
             "Aquí está montado otro volumen; no se puede borrar.", "此处挂载了另一个卷；不能删除。"),
    SENTENCE("A folder is deleted with all that is in it: Depth can only be infinity.",
             "Ein Ordner wird mit allem gelöscht, was darin ist: Depth kann nur infinity sein.",
             "Un dossier est supprimé avec tout ce qu’il contient : Depth ne peut être que infinity.",
             "Una carpeta se borra con todo lo que contiene: Depth solo puede ser infinity.",
             "删除文件夹会连同其中所有内容：Depth 只能是 infinity。"),
    SENTENCE("The folder that is served cannot be deleted.",
             "Der Ordner, den der Server zeigt, kann nicht gelöscht werden.",
             "Le dossier servi ne peut pas être supprimé.", "La carpeta que se sirve no se puede borrar.",
             "不能删除所服务的根文件夹。"),
    SENTENCE("The field Depth is malformed.", "Das Feld Depth ist fehlerhaft.", "Le champ Depth est mal formé.",
             "El campo Depth está mal formado.", "Depth 字段格式有误。"),
    SENTENCE("There is something at the destination, and Overwrite: F says to leave it. Nothing was changed.",
             "Am Ziel gibt es etwas, und Overwrite: F sagt, dass es bleiben soll. Es wurde nichts geändert.",
             "Il y a quelque chose à la destination, et Overwrite: F dit de le laisser. Rien n’a été modifié.",
             "En el destino hay algo, y Overwrite: F dice que se deje. No se cambió nada.",
             "目标处已有内容，而 Overwrite: F 要求保留它。未做任何更改。"),
    SENTENCE("The destination is there, and Overwrite: F says to leave it.",
             "Das Ziel gibt es schon, und Overwrite: F sagt, dass es bleiben soll.",
             "La destination existe, et Overwrite: F dit de la laisser.",
             "El destino ya existe, y Overwrite: F dice que se deje.", "目标已存在，而 Overwrite: F 要求保留它。"),
    SENTENCE("The destination is the resource itself.", "Das Ziel ist die Ressource selbst.",
             "La destination est la ressource elle-même.", "El destino es el recurso mismo.", "目标就是该资源本身。"),
    SENTENCE("A folder cannot be moved into itself.", "Ein Ordner kann nicht in sich selbst verschoben werden.",
             "Un dossier ne peut pas être déplacé dans lui-même.", "Una carpeta no se puede mover dentro de sí misma.",
             "文件夹不能移动到自身之内。"),
    SENTENCE("Another volume is mounted here; it stays where it is.",
             "Hier ist ein anderer Datenträger eingehängt; er bleibt, wo er ist.",
             "Un autre volume est monté ici ; il reste où il est.",
             "Aquí está montado otro volumen; se queda donde está.", "此处挂载了另一个卷；它不能移动。"),
    SENTENCE("Depth of a COPY can be 0 or infinity.", "Depth eines COPY kann 0 oder infinity sein.",
             "Depth d’un COPY peut être 0 ou infinity.", "Depth de un COPY puede ser 0 o infinity.",
             "COPY 的 Depth 可以是 0 或 infinity。"),
    SENTENCE("A folder is moved with all that is in it: Depth can only be infinity.",
             "Ein Ordner wird mit allem verschoben, was darin ist: Depth kann nur infinity sein.",
             "Un dossier est déplacé avec tout ce qu’il contient : Depth ne peut être que infinity.",
             "Una carpeta se mueve con todo lo que contiene: Depth solo puede ser infinity.",
             "移动文件夹会连同其中所有内容：Depth 只能是 infinity。"),
    SENTENCE("The folder that is served can be neither moved nor copied.",
             "Der Ordner, den der Server zeigt, kann weder verschoben noch kopiert werden.",
             "Le dossier servi ne peut être ni déplacé ni copié.",
             "La carpeta que se sirve no se puede mover ni copiar.", "所服务的根文件夹既不能移动也不能复制。"),
    SENTENCE("The destination is a folder above the resource; it cannot take its place.",
             "Das Ziel ist ein Ordner über der Ressource; sie kann nicht an seine Stelle treten.",
             "La destination est un dossier au-dessus de la ressource ; elle ne peut pas prendre sa place.",
             "El destino es una carpeta que contiene el recurso; este no puede ocupar su lugar.",
             "目标是该资源的上级文件夹；不能取代它。"),
    SENTENCE("You may not read this, so you may not move it to where you may.",
             "Sie dürfen das nicht lesen, also auch nicht dorthin verschieben, wo Sie es dürften.",
             "Vous n’avez pas le droit de le lire, ni donc de le déplacer là où vous l’auriez.",
             "Usted no puede leer esto, así que tampoco moverlo adonde podría.",
             "您无权读取此内容，因此不能把它移动到您能读取的地方。"),
    SENTENCE("The field Overwrite is malformed: it is T or F.", "Das Feld Overwrite ist fehlerhaft: es ist T oder F.",
             "Le champ Overwrite est mal formé : c’est T ou F.", "El campo Overwrite está mal formado: es T o F.",
             "Overwrite 字段格式有误：应为 T 或 F。"),
    SENTENCE("COPY and MOVE take no content.", "COPY und MOVE nehmen keinen Inhalt an.",
             "COPY et MOVE n’acceptent pas de contenu.", "COPY y MOVE no admiten contenido.",
             "COPY 和 MOVE 不接受内容。"),
    SENTENCE("COPY takes no content.", "COPY nimmt keinen Inhalt an.", "COPY n’accepte pas de contenu.",
             "COPY no admite contenido.", "COPY 不接受内容。"),
    SENTENCE("The destination is on another server or site; nothing was changed.",
             "Das Ziel liegt auf einem anderen Server oder einer anderen Website; es wurde nichts geändert.",
             "La destination est sur un autre serveur ou site ; rien n’a été modifié.",
             "El destino está en otro servidor o sitio; no se cambió nada.",
             "目标在另一台服务器或网站上；未做任何更改。"),
    SENTENCE("The field Destination says where to: it must be there, once.",
             "Das Feld Destination sagt, wohin: es muss da sein, einmal.",
             "Le champ Destination dit où : il doit être présent, une fois.",
             "El campo Destination dice adónde: tiene que estar, una vez.",
             "Destination 字段指明去处：必须有且仅有一个。"),
    SENTENCE("The field Destination is malformed: it takes a URL or an absolute path.",
             "Das Feld Destination ist fehlerhaft: es nimmt eine URL oder einen absoluten Pfad.",
             "Le champ Destination est mal formé : il prend une URL ou un chemin absolu.",
             "El campo Destination está mal formado: lleva una URL o una ruta absoluta.",
             "Destination 字段格式有误：应为 URL 或绝对路径。"),
    SENTENCE("The address has empty segments in it.", "Die Adresse hat leere Abschnitte.",
             "L’adresse contient des segments vides.", "La dirección tiene segmentos vacíos.",
             "该地址含有空的路径段。"),
    SENTENCE("A user's name and password are needed for this destination.",
             "Für dieses Ziel sind Name und Passwort eines Benutzers nötig.",
             "Un nom d’utilisateur et son mot de passe sont nécessaires pour cette destination.",
             "Para este destino se necesitan el nombre y la contraseña de un usuario.", "此目标需要用户名和密码。"),
    SENTENCE("You may not change what is at the destination.", "Sie dürfen nicht ändern, was am Ziel ist.",
             "Vous n’avez pas le droit de modifier ce qui est à la destination.",
             "Usted no puede cambiar lo que hay en el destino.", "您无权更改目标处的内容。"),
    SENTENCE("This destination is the server's own.", "Dieses Ziel gehört dem Server selbst.",
             "Cette destination appartient au serveur lui-même.", "Este destino es del propio servidor.",
             "此目标属于服务器自身。"),
    /* locks (lock.c, lock_refresh.c, unlock.c) */
    SENTENCE("An address that ends in a slash is a folder's, and there is none.",
             "Eine Adresse, die mit einem Schrägstrich endet, ist die eines Ordners, und es gibt keinen.",
             "Une adresse qui se termine par une barre oblique est celle d’un dossier, et il n’y en a pas.",
             "Una dirección que termina en una barra es de una carpeta, y no la hay.",
             "以斜杠结尾的地址是文件夹的，而那里没有文件夹。"),
    SENTENCE("Another lock is in the way.", "Eine andere Sperre ist im Weg.", "Un autre verrou l’empêche.",
             "Otro bloqueo lo impide.", "另有一个锁挡住了。"),
    SENTENCE("There are too many locks. Give back some that are not needed any more, or wait until they end.",
             "Es gibt zu viele Sperren. Geben Sie welche zurück, die nicht mehr gebraucht werden, oder warten Sie, bis "
             "sie enden.",
             "Il y a trop de verrous. Rendez ceux qui ne servent plus, ou attendez qu’ils expirent.",
             "Hay demasiados bloqueos. Devuelva los que ya no hagan falta, o espere a que terminen.",
             "锁过多。请释放不再需要的锁，或等待它们到期。"),
    SENTENCE("Depth of a lock is 0 or infinity.", "Depth einer Sperre ist 0 oder infinity.",
             "Depth d’un verrou est 0 ou infinity.", "Depth de un bloqueo es 0 o infinity.",
             "锁的 Depth 是 0 或 infinity。"),
    SENTENCE("No lock with this token covers this address.", "Keine Sperre mit diesem Token gilt für diese Adresse.",
             "Aucun verrou avec ce jeton ne couvre cette adresse.",
             "Ningún bloqueo con este token cubre esta dirección.", "没有使用此令牌的锁覆盖该地址。"),
    SENTENCE("This is another user's lock.", "Das ist die Sperre eines anderen Benutzers.",
             "C’est le verrou d’un autre utilisateur.", "Este bloqueo es de otro usuario.", "这是另一个用户的锁。"),
    SENTENCE("A lock is made by a DAV:lockinfo in the content, or refreshed by a field If with its token, one alone; "
             "this is neither.",
             "Eine Sperre entsteht durch ein DAV:lockinfo im Inhalt, oder wird durch ein Feld If mit ihrem Token "
             "verlängert, genau einem; das ist beides nicht.",
             "Un verrou se crée par un DAV:lockinfo dans le contenu, ou se prolonge par un champ If avec son jeton, un "
             "seul ; ceci n’est ni l’un ni l’autre.",
             "Un bloqueo se crea con un DAV:lockinfo en el contenido, o se renueva con un campo If con su token, uno "
             "solo; esto no es ni lo uno ni lo otro.",
             "锁由内容中的 DAV:lockinfo 创建，或由带有其令牌（仅一个）的 If 字段续期；此请求两者都不是。"),
    SENTENCE("UNLOCK takes no content.", "UNLOCK nimmt keinen Inhalt an.", "UNLOCK n’accepte pas de contenu.",
             "UNLOCK no admite contenido.", "UNLOCK 不接受内容。"),
    SENTENCE("The field Lock-Token says which lock: <urn:uuid:...>, once.",
             "Das Feld Lock-Token sagt, welche Sperre: <urn:uuid:...>, einmal.",
             "Le champ Lock-Token dit quel verrou : <urn:uuid:...>, une fois.",
             "El campo Lock-Token dice qué bloqueo: <urn:uuid:...>, una vez.",
             "Lock-Token 字段指明是哪个锁：<urn:uuid:...>，一次。"),
    /* earlier contents (versions.c, versions_copy.c) */
    SENTENCE(
        "Earlier contents can only be read. To get one back, COPY it from here to the file's own address, or to any "
        "other; to be rid of them, delete the file.",
        "Frühere Inhalte können nur gelesen werden. Um einen zurückzuholen, kopieren Sie ihn mit COPY von hier an "
        "die Adresse der Datei oder an eine andere; um sie loszuwerden, löschen Sie die Datei.",
        "Les contenus antérieurs ne peuvent être que lus. Pour en rétablir un, copiez-le par COPY d’ici vers "
        "l’adresse du fichier, ou vers une autre ; pour vous en défaire, supprimez le fichier.",
        "Los contenidos anteriores solo se pueden leer. Para recuperar uno, cópielo con COPY de aquí a la dirección "
        "del archivo, o a otra; para deshacerse de ellos, borre el archivo.",
        "以前的内容只能读取。要恢复其中之一，请用 COPY 将其从此处复制到文件自己的地址或其他地址；"
        "要清除它们，请删除文件。"),
    SENTENCE(
        "This is a collection of earlier contents, which cannot be copied as a whole. COPY one of them: its address "
        "ends in its number.",
        "Das ist eine Sammlung früherer Inhalte, die nicht als Ganzes kopiert werden kann. Kopieren Sie mit COPY "
        "einen davon: seine Adresse endet mit seiner Nummer.",
        "C’est une collection de contenus antérieurs, qui ne peut pas être copiée en entier. Copiez-en un par "
        "COPY : son adresse se termine par son numéro.",
        "Esto es una colección de contenidos anteriores, que no se puede copiar entera. Copie uno con COPY: su "
        "dirección termina en su número.",
        "这是以前内容的集合，不能整体复制。请用 COPY 复制其中之一：其地址以编号结尾。"),
    SENTENCE("There is no earlier content with this number. Nothing was changed.",
             "Einen früheren Inhalt mit dieser Nummer gibt es nicht. Es wurde nichts geändert.",
             "Il n’y a pas de contenu antérieur portant ce numéro. Rien n’a été modifié.",
             "No hay ningún contenido anterior con este número. No se cambió nada.",
             "没有此编号的以前内容。未做任何更改。"),
    SENTENCE(
        "There is a folder at the destination, and a file's earlier content does not take its place. Delete it "
        "first, or name another destination.",
        "Am Ziel ist ein Ordner, und der frühere Inhalt einer Datei tritt nicht an seine Stelle. Löschen Sie ihn "
        "zuerst, oder nennen Sie ein anderes Ziel.",
        "Il y a un dossier à la destination, et le contenu antérieur d’un fichier ne prend pas sa place. "
        "Supprimez-le d’abord, ou nommez une autre destination.",
        "En el destino hay una carpeta, y el contenido anterior de un archivo no ocupa su lugar. Bórrela primero, o "
        "nombre otro destino.",
        "目标处是文件夹，文件的以前内容不能取代它。请先删除它，或指定其他目标。"),
    /* properties */
    SENTENCE("The answer is too long. Ask for the properties to see what was done.",
             "Die Antwort ist zu lang. Fragen Sie nach den Eigenschaften, um zu sehen, was getan wurde.",
             "La réponse est trop longue. Demandez les propriétés pour voir ce qui a été fait.",
             "La respuesta es demasiado larga. Pida las propiedades para ver qué se hizo.",
             "答复过长。请查询属性以了解已执行的操作。"),
    /* BIND, UNBIND, REBIND (bind.c; gate/binding.c) */
    SENTENCE(
        "The body names no segment: the name in the folder.", "Der Inhalt nennt kein segment: den Namen im Ordner.",
        "Le contenu ne nomme pas de segment : le nom dans le dossier.",
        "El contenido no nombra ningún segment: el nombre en la carpeta.", "内容没有指明 segment，即文件夹中的名称。"),
    SENTENCE("The body has no href: what is to have that name.",
             "Der Inhalt hat kein href: was diesen Namen bekommen soll.",
             "Le contenu n’a pas de href : ce qui doit recevoir ce nom.",
             "El contenido no tiene href: lo que ha de recibir ese nombre.", "内容没有 href，即应获得该名称的资源。"),
    SENTENCE("A user's name and password are needed for this.",
             "Dafür werden Name und Kennwort eines Benutzers gebraucht.",
             "Il faut pour cela le nom et le mot de passe d’un utilisateur.",
             "Para esto se necesitan el nombre y la contraseña de un usuario.", "为此需要用户名和密码。"),
    SENTENCE("The href is malformed: it takes a URL or an absolute path.",
             "Das href ist fehlerhaft: es nimmt eine URL oder einen absoluten Pfad.",
             "Le href est mal formé : il prend une URL ou un chemin absolu.",
             "El href es incorrecto: admite una URL o una ruta absoluta.", "href 格式有误：应为 URL 或绝对路径。"),
    SENTENCE("The href leads to another server or site; nothing was changed.",
             "Das href führt auf einen anderen Server oder Auftritt; es wurde nichts geändert.",
             "Le href mène à un autre serveur ou site ; rien n’a été modifié.",
             "El href lleva a otro servidor o sitio; no se cambió nada.",
             "href 指向另一台服务器或另一个站点；未做任何更改。"),
    SENTENCE("The segment is no name that a member of a folder can have.",
             "Das segment ist kein Name, den etwas in einem Ordner haben kann.",
             "Le segment n’est pas un nom que le membre d’un dossier puisse porter.",
             "El segment no es un nombre que pueda tener un miembro de una carpeta.",
             "segment 不是文件夹成员可以使用的名称。"),
    SENTENCE("What the href names is the server's own.", "Was das href nennt, gehört dem Server selbst.",
             "Ce que le href nomme appartient au serveur lui-même.", "Lo que nombra el href es del propio servidor.",
             "href 所指的是服务器自己的内容。"),
    SENTENCE("You may not do this with what the request's content names.",
             "Sie dürfen das mit dem, was der Inhalt der Anfrage nennt, nicht tun.",
             "Vous n’avez pas le droit de faire cela avec ce que nomme le contenu de la requête.",
             "No puede hacer esto con lo que nombra el contenido de la petición.",
             "您不可对请求内容所指的资源这样做。"),
    SENTENCE(
        "What the request's content names has moved. Nothing was changed: repeat the request with the new address.",
        "Was der Inhalt der Anfrage nennt, ist umgezogen. Es wurde nichts geändert: wiederholen Sie die Anfrage mit "
        "der "
        "neuen Adresse.",
        "Ce que nomme le contenu de la requête a déménagé. Rien n’a été modifié : répétez la requête avec la nouvelle "
        "adresse.",
        "Lo que nombra el contenido de la petición se ha trasladado. No se cambió nada: repita la petición con la "
        "nueva dirección.",
        "请求内容所指的资源已移动。未做任何更改：请用新地址重复请求。"),
    SENTENCE("A folder cannot be put below itself here.", "Ein Ordner kann hier nicht unter sich selbst kommen.",
             "Un dossier ne peut pas être placé ici sous lui-même.",
             "Aquí una carpeta no puede ponerse debajo de sí misma.", "在此不能把文件夹放到其自身之下。"),
    SENTENCE("The folder that is served cannot have another name.",
             "Der ausgelieferte Ordner kann keinen weiteren Namen haben.",
             "Le dossier servi ne peut pas avoir un autre nom.", "La carpeta servida no puede tener otro nombre.",
             "所提供的根文件夹不能有其他名称。"),
    SENTENCE("The name is taken, and Overwrite: F says to leave it. Nothing was changed.",
             "Der Name ist vergeben, und Overwrite: F heißt, es dabei zu lassen. Es wurde nichts geändert.",
             "Le nom est pris, et Overwrite: F dit de le laisser. Rien n’a été modifié.",
             "El nombre está ocupado, y Overwrite: F dice que se deje. No se cambió nada.",
             "该名称已被占用，而 Overwrite: F 要求保留它。未做任何更改。"),
    SENTENCE("The name stands for this resource already.", "Der Name steht schon für diese Ressource.",
             "Le nom désigne déjà cette ressource.", "El nombre ya designa este recurso.", "该名称已经指向此资源。"),
    SENTENCE("There is nothing that could be bound or unbound so.",
             "Da ist nichts, was so gebunden oder gelöst werden könnte.",
             "Il n’y a rien qui puisse être lié ou délié ainsi.", "No hay nada que pueda enlazarse o desenlazarse así.",
             "没有可以这样绑定或解除绑定的资源。"),
    SENTENCE("This cannot have one more name.", "Das kann keinen weiteren Namen bekommen.",
             "Ceci ne peut pas recevoir un nom de plus.", "Esto no puede recibir un nombre más.",
             "此资源不能再有更多名称。"),
    SENTENCE("This is a file; only folders have names in them.", "Das ist eine Datei; nur Ordner haben Namen in sich.",
             "Ceci est un fichier ; seuls les dossiers contiennent des noms.",
             "Esto es un archivo; solo las carpetas contienen nombres.", "这是文件；只有文件夹中才有名称。"),
};

const struct sentences sentences_changes = SENTENCES(list);
